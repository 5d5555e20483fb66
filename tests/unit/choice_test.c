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

START_TEST(test_alike)
{
	struct schedule s = {0};

	schedule_add(&s, 2, 3);
	schedule_add(&s, 4, 3);
	ends_as(&s, "v1:2-3+1"); /* the mark where it is shorter */
	schedule_add(&s, 6, 3);
	schedule_add(&s, 7, 3);
	ends_as(&s, "v1:2-3+2.1-3");
	schedule_add(&s, 8, 1);
	schedule_add(&s, 9, 1);
	ends_as(&s, "v1:2-3+2.1-3.1.1");
	schedule_add(&s, 10, 1);
	ends_as(&s, "v1:2-3+2.1-3.1+2");
	schedule_free(&s);
	for (u32 i = 1; i <= 1000; i++)
		schedule_add(&s, i, 1);
	ends_as(&s, "v1:1+z7");
	schedule_free(&s);
}
END_TEST

static void signed_with(u32 n, const char *token)
{
	struct schedule s = {0};

	for (u32 i = 1; i <= n; i++)
		schedule_add_marked(&s, i, 1, 1 + i % 32);
	ends_as(&s, token);
	if (n > 1)
		s.v[1].mark = 0;
	if (n > 1)
		ends_as(&s, "v1:1.1"); /* one that is not known: no checks */
	schedule_free(&s);
}

/* A digit for each of 16 answers, then one for several. */
START_TEST(test_checks)
{
	struct schedule s;
	const char *why;

	signed_with(1, "v1:1=1");
	signed_with(2, "v1:1.1=12");
	ck_assert_uint_eq(schedule_stride(0), 1);
	ck_assert_uint_eq(schedule_stride(16), 1);
	ck_assert_uint_eq(schedule_stride(17), 2);
	ck_assert_uint_eq(schedule_stride(32), 2);
	ck_assert_uint_eq(schedule_stride(33), 3);
	/* 17 answers, two to a digit: 9 digits. */
	ck_assert(schedule_parse("v1:1+g=123456789", &s, &why));
	ck_assert_uint_eq(s.n, 17);
	ck_assert_uint_eq(s.checks, 9);
	ends_as(&s, "v1:1+g=123456789");
	schedule_free(&s);
}
END_TEST

static void add_at_random(struct rng *r, struct schedule *s)
{
	u64 point = 0, step = 1;
	u32 value = 1, marked = rng_below(r, 3);

	for (u32 n = rng_below(r, 1 + (64u >> rng_below(r, 4))); n-- > 0;) {
		if (rng_below(r, 3)) /* else one like the last */
			step = 1 + (rng_next(r) >> (34 + rng_below(r, 30)));
		if (rng_below(r, 3))
			value = 1 + ((u32)rng_next(r) >> rng_below(r, 32)) % ~0u;
		point += step;
		schedule_add_marked(s, point, value, marked ? 1 + rng_below(r, 32) : 0);
	}
}

START_TEST(test_round_trip)
{
	struct rng r = rng_seed("tokens", 8000);

	for (u32 run = 0; run < 20000; run++) {
		struct schedule s = {0}, back;
		struct str out = {0}, again = {0};
		const char *why = NULL;

		add_at_random(&r, &s);
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
    "v1:1+",
    "v1:1+0",
    "v1:+3",
    "v1:1+2+2",
    "v1:1+2-2",
    "v1:1+i",
    "v1:=1", /* nothing to check */
    "v1:1=",
    "v1:1=11",
    "v1:1.1=1",
    "v1:1=i",
    "v1:1.=1",
    "v1:1=1.1",
    "v1:1=1=1",
    "v1:1+f=1234567890abcdefg", /* 17 digits for 16 answers */
    "v1:1+g=1234567890abcdefg",
    "v1:1+fzzzzz", /* more answers than fit */
    "v1:1+zzzzzzzzzzzz",
    "v1:1+zzzzzzzzzzzzz",
    "v1:7zzzzzzzzzzz+7zzzz",
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

/* What few letters stand for is bounded, in one part and in all together. */
START_TEST(test_bombs)
{
	struct str t = {0};
	struct schedule s;
	const char *why = NULL;

	str_add(&t, "v1:1");
	for (u32 i = 0; i < 300; i++)
		str_add(&t, ".1+zzz");
	ck_assert(!schedule_parse(str_get(&t), &s, &why));
	ck_assert_str_eq(why, "it stands for too many answers");
	ck_assert(!schedule_parse("v1:7zzzzzzzzzzz+zz", &s, &why));
	ck_assert_str_eq(why, "its choice points lie beyond 64 bits");
	str_free(&t);
}
END_TEST

/* Bytes at random, and tokens with a letter changed: read or refused, and then the same again. */
START_TEST(test_hostile)
{
	static const char letters[] = "v1:0123456789abcdefghjkmnpqrstvwxyz..--++==vilou \xff";
	struct rng r = rng_seed("hostile tokens", 8100);
	u32 taken = 0;

	for (u32 run = 0; run < 50000; run++) {
		struct str t = {0}, again = {0};
		struct schedule s = {0}, back = {0};
		const char *why = NULL;
		bool ok;

		add_at_random(&r, &s);
		schedule_token(&s, &t);
		for (u32 n = rng_below(&r, 3); n-- > 0;)
			t.s[rng_below(&r, (u32)t.n)] = letters[rng_below(&r, sizeof letters - 1)];
		if (rng_below(&r, 4) == 0)
			t.s[rng_below(&r, (u32)t.n)] = 0;
		schedule_free(&s);
		ok = schedule_parse(str_get(&t), &s, &why);
		HOLDS(ok == !why);
		if (ok) {
			HOLDS(s.n <= SCHEDULE_ANSWERS);
			schedule_token(&s, &again);
			HOLDS(schedule_parse(str_get(&again), &back, &why));
			HOLDS(back.n == s.n && back.checks == s.checks);
			HOLDS(!s.n || memcmp(back.v, s.v, s.n * sizeof *s.v) == 0);
			taken++;
		}
		str_free(&t);
		str_free(&again);
		schedule_free(&s);
		schedule_free(&back);
	}
	ck_assert_uint_gt(taken, 1000);
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
	tcase_add_test(t, test_alike);
	tcase_add_test(t, test_checks);
	tcase_add_test(t, test_round_trip);
	tcase_add_loop_test(t, test_refused, 0, ARRAY_LEN(bad));
	tcase_add_test(t, test_largest);
	tcase_add_test(t, test_bombs);
	tcase_add_test(t, test_hostile);
	tcase_add_test(t, test_sum_of_steps);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(choice_suite)
