/*
 * map: keys are bytes, the first value stays, and growing loses nothing.
 */
#include "config.h"

#include "check.h"

#include "base/map.h"

static void an_empty_map_has_nothing(void **state)
{
	struct arena *a = arena_new(0);
	struct map *m = map_new(a, 0);

	(void)state;
	assert_null(map_get(m, STR("a")));
	assert_null(map_get(m, (struct str){0}));
	arena_free(a);
}

static void the_first_value_stays(void **state)
{
	struct arena *a = arena_new(0);
	struct map *m = map_new(a, 0);
	int one = 1, two = 2;

	(void)state;
	assert_null(map_add(m, STR("key"), &one));
	assert_ptr_equal(map_add(m, STR("key"), &two), &one);
	assert_ptr_equal(map_get(m, STR("key")), &one);
	arena_free(a);
}

static void keys_are_bytes(void **state)
{
	static const struct str keys[] = {
	    {"", 0},
	    {"\0", 1},
	    {"a", 1},
	    {"A", 1},
	    {"a\0", 2},
	    {"a\0b", 3},
	    {"\xff", 1},
	};
	struct arena *a = arena_new(0);
	struct map *m = map_new(a, COUNT(keys));
	int values[COUNT(keys)];

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		assert_null(map_add(m, keys[i], &values[i]));
	for (size_t i = 0; i < COUNT(keys); i++)
		assert_ptr_equal(map_get(m, keys[i]), &values[i]);
	assert_null(map_get(m, STR("ab")));
	arena_free(a);
}

static void growing_loses_nothing(void **state)
{
	static const size_t hints[] = {0, 10, 5000, 100000};

	(void)state;
	for (size_t h = 0; h < COUNT(hints); h++) {
		struct arena *a = arena_new(0);
		struct map *m = map_new(a, hints[h]);
		static int values[5000];

		for (int i = 0; i < 5000; i++)
			assert_null(map_add(m, arena_printf(a, "key-%d", i), &values[i]));
		for (int i = 0; i < 5000; i++)
			assert_ptr_equal(map_get(m, arena_printf(a, "key-%d", i)), &values[i]);
		assert_null(map_get(m, STR("key-5000")));
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_map_has_nothing),
	    cmocka_unit_test(the_first_value_stays),
	    cmocka_unit_test(keys_are_bytes),
	    cmocka_unit_test(growing_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
