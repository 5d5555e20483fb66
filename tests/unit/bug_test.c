/* SPDX-License-Identifier: MIT */
/* What is read out of the files of real bugs: years, numbers, lines of those that are left out. */
#include "report/bug.h"
#include "unit/unit.h"

#include <string.h>

START_TEST(test_years)
{
	static const struct {
		const char *text;
		u32 year;
	} t[] = {
	    {"torvalds/linux d760117060cf, net, Amazon ENA, 2023", 2023},
	    {"netdev, review, 2019-11-16 (fixes 02c1889166b4)", 2019},
	    {"raspberrypi/linux, issue 3509 (2020): dwc2", 2020},
	    {"freebsd/freebsd-src, pull request 2408 (2026)", 2026},
	    {"report lkml 2022/2/20/240", 2022},
	    {"commit 2021abcd, and 20219, v2020", 0},
	    {"issue #2019, in 2021", 2021},
	    {"1989 and 2100", 0},
	    {"", 0},
	    {NULL, 0},
	};

	for (u32 i = 0; i < ARRAY_LEN(t); i++)
		ck_assert_msg(bug_year(t[i].text) == t[i].year, "%s: %u", t[i].text,
			      bug_year(t[i].text));
}
END_TEST

static void number_is(const char *id, const char *number)
{
	struct str s = {0};

	bug_number(id, &s);
	ck_assert_str_eq(str_get(&s), number);
	str_free(&s);
}

START_TEST(test_numbers)
{
	number_is("b013-xdp-before-sync", "B013");
	number_is("b007", "B007");
	number_is("b01x-odd", "");
	number_is("bounce", "");
	number_is("", "");
}
END_TEST

static bool reads(const char *line, struct bug_left_out *b)
{
	return bug_left_out_read(line, strlen(line), b);
}

START_TEST(test_left_out)
{
	struct bug_left_out b;

	ck_assert(reads("B055 | 2025 |  a title | where, 2024 | why | and more ", &b));
	ck_assert_str_eq(b.number, "B055");
	ck_assert_uint_eq(b.year, 2025);
	ck_assert_str_eq(b.title, "a title");
	ck_assert_str_eq(b.source, "where, 2024");
	ck_assert_str_eq(b.reason, "why | and more");
	bug_left_out_free(&b);
	ck_assert(reads("B1|x|\033[2J|||", &b)); /* no year, nothing that a terminal obeys */
	ck_assert_uint_eq(b.year, 0);
	ck_assert_str_eq(b.title, "\\x1b[2J");
	bug_left_out_free(&b);
	ck_assert(!reads("# B055 | 2025 | t | s | r", &b));
	ck_assert(!reads("", &b));
	ck_assert(!reads("B055 | 2025 | t | s", &b));
	ck_assert(!reads("055 | 2025 | t | s | r", &b));
}
END_TEST

static Suite *bug_suite(void)
{
	Suite *s = suite_create("bug");
	TCase *c = tcase_create("bug");

	tcase_add_test(c, test_years);
	tcase_add_test(c, test_numbers);
	tcase_add_test(c, test_left_out);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(bug_suite)
