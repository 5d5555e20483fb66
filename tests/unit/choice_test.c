/* SPDX-License-Identifier: MIT */
/* Schedules and their tokens: there and back, by hand and at random, and what is no token. */
#include "core/choice.h"
#include "unit/machine.h"

static void ends_as(struct schedule *s, const char *token)
{
	struct str out = {0};

	schedule_token(s, &out);
	ck_assert_str_eq(str_get(&out), token);
	str_free(&out);
}

START_TEST(test_by_hand)
{
	struct schedule s = {0};
	u32 at = 0;

	ends_as(&s, "v1:");
	schedule_add(&s, 3, 0); /* calm is not kept */
	ends_as(&s, "v1:");
	schedule_add(&s, 5, 1);
	schedule_add(&s, 37, 2);
	schedule_add(&s, 38, 33);
	ends_as(&s, "v1:5.10-2.1-11");
	ck_assert_uint_eq(schedule_at(&s, 1, &at), 0);
	ck_assert_uint_eq(schedule_at(&s, 5, &at), 1);
	ck_assert_uint_eq(schedule_at(&s, 36, &at), 0);
	ck_assert_uint_eq(schedule_at(&s, 37, &at), 2);
	ck_assert_uint_eq(schedule_at(&s, 38, &at), 33);
	ck_assert_uint_eq(schedule_at(&s, 39, &at), 0);
	schedule_free(&s);
}
END_TEST

START_TEST(test_points_must_rise)
{
	struct schedule s = {0};

	schedule_add(&s, 5, 1);
	schedule_add(&s, 5, 2);
}
END_TEST

START_TEST(test_round_trip)
{
	struct rng r = rng_seed("tokens", 8000);

	for (u32 run = 0; run < 3000; run++) {
		struct schedule s = {0}, back;
		struct str out = {0}, again = {0};
		const char *why = NULL;
		u64 point = 0;

		for (u32 n = rng_below(&r, 12); n-- > 0;) {
			point += 1 + (rng_next(&r) >> (34 + rng_below(&r, 30)));
			schedule_add(&s, point, 1 + ((u32)rng_next(&r) >> rng_below(&r, 32)) % ~0u);
		}
		schedule_token(&s, &out);
		HOLDS(schedule_parse(str_get(&out), &back, &why));
		HOLDS(back.n == s.n);
		for (u32 i = 0; i < s.n; i++) {
			HOLDS(back.v[i].point == s.v[i].point);
			HOLDS(back.v[i].value == s.v[i].value);
		}
		schedule_token(&back, &again);
		HOLDS(strcmp(str_get(&out), str_get(&again)) == 0);
		str_free(&out);
		str_free(&again);
		schedule_free(&s);
		schedule_free(&back);
	}
}
END_TEST

static const char *const bad[] = {
    "",
    "v",
    "v1",
    "v2:5",
    "V1:5",
    " v1:5",
    "v1:5 ",
    "v1:.",
    "v1:5.",
    "v1:.5",
    "v1:5..6",
    "v1:0",
    "v1:5-",
    "v1:5-0",
    "v1:-2",
    "v1:5-2-3",
    "v1:5.0",
    "v1:i",
    "v1:l",
    "v1:o",
    "v1:u",
    "v1:5-i",
    "v1:A",
    "v1:5,6",
    "v1:5\n",
    "v1:\xff",
    "v1:5-4000000",
    "v1:1111111111111",
    "v1:5-1111111111111",
    "v1:zzzzzzzzzzzz-zzzzzzzzzzzz",
};

START_TEST(test_refused)
{
	struct schedule s;
	const char *why = NULL;

	if (schedule_parse(bad[_i], &s, &why))
		ck_abort_msg("\"%s\" was taken for a token", bad[_i]);
	ck_assert_ptr_nonnull(why);
	ck_assert_uint_eq(s.n, 0);
	ck_assert_ptr_null(s.v);
}
END_TEST

START_TEST(test_largest)
{
	struct schedule s;
	const char *why;

	ck_assert(schedule_parse("v1:5-3zzzzzz", &s, &why));
	ck_assert_uint_eq(s.v[0].value, 0xffffffffu);
	schedule_free(&s);
	ck_assert(schedule_parse("v1:", &s, &why));
	ck_assert_uint_eq(s.n, 0);
}
END_TEST

/* Many parts of the largest step: the points must not come round and fall. */
START_TEST(test_sum_of_steps)
{
	struct str t = {0};
	struct schedule s;
	const char *why;

	str_add(&t, "v1:zzzzzzzzzzzz");
	for (u32 i = 0; i < 40; i++)
		str_add(&t, ".zzzzzzzzzzzz");
	if (schedule_parse(str_get(&t), &s, &why))
		for (u32 i = 1; i < s.n; i++)
			ck_assert_uint_lt(s.v[i - 1].point, s.v[i].point);
	schedule_free(&s);
	str_free(&t);
}
END_TEST

static Suite *choice_suite(void)
{
	Suite *s = suite_create("choice");
	TCase *t = tcase_create("tokens");

	tcase_add_test(t, test_by_hand);
	tcase_add_exit_test(t, test_points_must_rise, 4);
	tcase_add_test(t, test_round_trip);
	tcase_add_loop_test(t, test_refused, 0, ARRAY_LEN(bad));
	tcase_add_test(t, test_largest);
	tcase_add_test(t, test_sum_of_steps);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(choice_suite)
