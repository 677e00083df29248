/* base/siphash: the vectors of its authors. */
#include "config.h"

#include "check.h"

#include "base/siphash.h"

static void hashes_as_its_authors_do(void **state)
{
	static const struct siphash_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
	static const struct {
		size_t n; /* the bytes 0, 1, 2, ... */
		uint64_t hash;
	} rows[] = {
	    {0, 0x726fdb47dd0e0e31u},
	    {1, 0x74f839c593dc67fdu},
	    {7, 0xab0200f58b01d137u},
	    {8, 0x93f5f5799a932462u},
	    {15, 0xa129ca6149be45e5u},
	    {16, 0x3f2acc7f57c29bdbu},
	    {63, 0x958a324ceb064572u},
	};
	char bytes[64];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)i;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(siphash(&key, (struct str){bytes, rows[i].n}), rows[i].hash);
}

static void depends_on_each_half_of_the_key(void **state)
{
	static const struct siphash_key keys[] = {{1, 2}, {1, 3}, {2, 2}};

	(void)state;
	for (size_t i = 1; i < COUNT(keys); i++)
		assert_int_not_equal(siphash(&keys[0], STR("x")), siphash(&keys[i], STR("x")));
}

static void the_empty_slice_has_a_hash(void **state)
{
	static const struct siphash_key key = {1, 2};

	(void)state;
	assert_int_equal(siphash(&key, (struct str){NULL, 0}), siphash(&key, STR("")));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hashes_as_its_authors_do),
	    cmocka_unit_test(depends_on_each_half_of_the_key),
	    cmocka_unit_test(the_empty_slice_has_a_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
