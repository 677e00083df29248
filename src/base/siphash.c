#include "config.h"

#include "base/siphash.h"

struct state {
	uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void rounds(struct state *s, int n)
{
	while (n-- > 0) {
		s->a += s->b;
		s->c += s->d;
		s->b = rotate(s->b, 13) ^ s->a;
		s->d = rotate(s->d, 16) ^ s->c;
		s->a = rotate(s->a, 32);
		s->c += s->b;
		s->a += s->d;
		s->b = rotate(s->b, 17) ^ s->c;
		s->d = rotate(s->d, 21) ^ s->a;
		s->c = rotate(s->c, 32);
	}
}

static void absorb(struct state *s, uint64_t word)
{
	s->d ^= word;
	rounds(s, 2);
	s->a ^= word;
}

/* Up to 8 bytes, little-endian. */
static uint64_t word_of(struct str s)
{
	uint64_t word = 0;

	for (size_t i = s.n; i-- > 0;)
		word = word << 8 | (unsigned char)s.p[i];
	return word;
}

uint64_t siphash(const struct siphash_key *key, struct str s)
{
	/* "somepseudorandomlygeneratedbytes" */
	struct state st = {
	    key->low ^ 0x736f6d6570736575u,
	    key->high ^ 0x646f72616e646f6du,
	    key->low ^ 0x6c7967656e657261u,
	    key->high ^ 0x7465646279746573u,
	};
	uint64_t length = (uint64_t)s.n << 56;

	for (; s.n >= 8; s = str_skip(s, 8))
		absorb(&st, word_of(str_sub(s, 0, 8)));
	absorb(&st, length | word_of(s));
	st.c ^= 0xff;
	rounds(&st, 4);
	return st.a ^ st.b ^ st.c ^ st.d;
}
