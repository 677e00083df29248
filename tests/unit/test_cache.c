/*
 * cache: a reply is found while it is true, memory stays within its bound, and
 * no reference is lost or kept.
 */
#include "config.h"

#include "check.h"

#include "serve/cache.h"

#include <stdatomic.h>

#define KB ((size_t)1024)

static struct blob *blob_of(size_t n, char c)
{
	struct buf b = {0};

	buf_fill(&b, c, n);
	return blob_take(&b);
}

static unsigned refs(struct blob *b)
{
	return atomic_load(&b->refs);
}

static void put(struct cache *c, const char *key, struct blob *b)
{
	cache_put(c, str_of(key), &(struct cache_value){b, 20, 100, 0});
}

static void a_reply_is_found_again(void **state)
{
	struct cache *c = cache_new(64 * KB);
	struct blob *b = blob_of(10, 'x');
	const struct cache_value *v;

	(void)state;
	assert_null(cache_get(c, STR("gopher /"), 50, 0));
	cache_put(c, STR("gopher /"), &(struct cache_value){b, 51, 100, 7});
	v = cache_get(c, STR("gopher /"), 50, 7);
	assert_non_null(v);
	assert_ptr_equal(v->blob, b);
	assert_int_equal(v->status, 51);
	assert_null(cache_get(c, STR("gopher /x"), 50, 7));
	assert_null(cache_get(c, STR("gopher "), 50, 7));
	assert_int_equal(refs(b), 2);
	cache_free(c);
	assert_int_equal(refs(b), 1);
	blob_unref(b);
	cache_free(NULL);
}

static void it_is_true_until_it_expires_and_for_its_stamp(void **state)
{
	struct cache *c = cache_new(64 * KB);
	struct blob *b = blob_of(10, 'x');

	(void)state;
	cache_put(c, STR("k"), &(struct cache_value){b, 20, 100, 7});
	assert_non_null(cache_get(c, STR("k"), 99, 7));
	assert_null(cache_get(c, STR("k"), 100, 7));
	assert_null(cache_get(c, STR("k"), 101, 7));
	assert_null(cache_get(c, STR("k"), 50, 8));
	assert_non_null(cache_get(c, STR("k"), 50, 7));
	blob_unref(b);
	cache_free(c);
}

static void the_new_takes_the_place_of_the_old(void **state)
{
	struct cache *c = cache_new(64 * KB);
	struct blob *old = blob_of(10, 'x'), *new = blob_of(20, 'y');

	(void)state;
	put(c, "k", old);
	put(c, "k", new);
	assert_int_equal(refs(old), 1);
	assert_ptr_equal(cache_get(c, STR("k"), 50, 0)->blob, new);
	put(c, "k", new); /* itself */
	assert_int_equal(refs(new), 2);
	cache_clear(c);
	assert_int_equal(refs(new), 1);
	assert_null(cache_get(c, STR("k"), 50, 0));
	blob_unref(old);
	blob_unref(new);
	cache_free(c);
}

static void the_key_is_copied(void **state)
{
	struct cache *c = cache_new(64 * KB);
	struct blob *b = blob_of(10, 'x');
	char key[] = "key";

	(void)state;
	put(c, key, b);
	key[0] = 'x';
	assert_non_null(cache_get(c, STR("key"), 50, 0));
	blob_unref(b);
	cache_free(c);
}

static void what_is_too_large_is_not_kept(void **state)
{
	struct cache *c = cache_new(64 * KB), *none = cache_new(0);
	struct blob *fits = blob_of(16 * KB - 1, 'x'), *large = blob_of(16 * KB, 'x');

	(void)state;
	put(c, "a", fits);
	put(c, "b", large); /* with its key, over a quarter */
	assert_non_null(cache_get(c, STR("a"), 50, 0));
	assert_null(cache_get(c, STR("b"), 50, 0));
	put(none, "a", fits);
	assert_null(cache_get(none, STR("a"), 50, 0));
	assert_int_equal(refs(fits), 2);
	assert_int_equal(refs(large), 1);
	blob_unref(fits);
	blob_unref(large);
	cache_free(c);
	cache_free(none);
}

static void it_stays_within_its_bytes(void **state)
{
	struct cache *c = cache_new(64 * KB);
	struct blob *blobs[500];
	size_t held = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(blobs); i++) {
		char key[32];

		snprintf(key, sizeof key, "/page/%zu", i);
		blobs[i] = blob_of(1 * KB + i, 'x');
		put(c, key, blobs[i]);
		assert_non_null(cache_get(c, str_of(key), 50, 0)); /* the newcomer is there */
		held = 0;
		for (size_t k = 0; k <= i; k++)
			held += refs(blobs[k]) == 2 ? blobs[k]->n : 0;
		assert_true(held <= 64 * KB);
	}
	assert_true(held > 32 * KB); /* and it is used */
	cache_free(c);
	for (size_t i = 0; i < COUNT(blobs); i++) {
		assert_int_equal(refs(blobs[i]), 1);
		blob_unref(blobs[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_reply_is_found_again),
	    cmocka_unit_test(it_is_true_until_it_expires_and_for_its_stamp),
	    cmocka_unit_test(the_new_takes_the_place_of_the_old),
	    cmocka_unit_test(the_key_is_copied),
	    cmocka_unit_test(what_is_too_large_is_not_kept),
	    cmocka_unit_test(it_stays_within_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
