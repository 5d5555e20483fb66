/* SPDX-License-Identifier: MIT */
/* base/err: the form of a mistake on a terminal, to the character. */
#include <string.h>

#include "base/err.h"
#include "unit.h"

static struct err_list list;
static struct str out;

static void setup(void)
{
	list = (struct err_list){.file = "rx.yaml"};
	out = (struct str){0};
}

static void teardown(void)
{
	err_free(&list);
	str_free(&out);
}

static void use_text(const char *text)
{
	list.text = text;
	list.text_len = strlen(text);
}

START_TEST(prints_the_form_of_the_screens)
{
	use_text("schema: 1\nplatform: [arm64-soc, x86-64]\n");
	err_add(&list, (struct pos){2, 1, 8}, "did you mean \"platforms\"?",
		"there is no key \"%s\" here", "platform");
	err_print(&list, 80, &out);
	ck_assert_str_eq(str_get(&out), "rx.yaml:2:1: error: there is no key \"platform\" here\n"
					"  2 | platform: [arm64-soc, x86-64]\n"
					"    | ^~~~~~~~\n"
					"    = did you mean \"platforms\"?\n"
					"\n"
					"1 error. Nothing was run.\n");
}
END_TEST

START_TEST(sorts_by_position_and_keeps_ties)
{
	use_text("a\nb\nc\n");
	err_add(&list, (struct pos){3, 1, 1}, NULL, "third");
	err_add(&list, (struct pos){1, 2, 1}, NULL, "second");
	err_add(&list, (struct pos){1, 1, 1}, NULL, "first");
	err_add(&list, (struct pos){1, 1, 1}, NULL, "first again");
	err_add(&list, (struct pos){0}, NULL, "the whole file");
	err_print(&list, 80, &out);
	ck_assert_str_eq(str_get(&out), "rx.yaml: error: the whole file\n\n"
					"rx.yaml:1:1: error: first\n  1 | a\n    | ^\n\n"
					"rx.yaml:1:1: error: first again\n  1 | a\n    | ^\n\n"
					"rx.yaml:1:2: error: second\n  1 | a\n    |  ^\n\n"
					"rx.yaml:3:1: error: third\n  3 | c\n    | ^\n\n"
					"5 errors. Nothing was run.\n");
}
END_TEST

START_TEST(keeps_the_caret_below_its_character)
{
	/* A tab and a letter of two bytes count one; an escape sequence takes four cells. */
	use_text("\tgr\xc3\xbc\xc3\x9f \x1b[1m bad\r\n");
	err_add(&list, (struct pos){1, 12, 3}, NULL, "x");
	err_print(&list, 80, &out);
	ck_assert_str_eq(str_get(&out), "rx.yaml:1:12: error: x\n"
					"  1 |  gr\xc3\xbc\xc3\x9f \\x1b[1m bad\n"
					"    |               ^~~\n\n"
					"1 error. Nothing was run.\n");
}
END_TEST

START_TEST(makes_everything_safe)
{
	use_text("x\n");
	list.file = "a\x1b.yaml";
	err_add(&list, (struct pos){1, 1, 1}, "hint \x1b[2J", "message \xe2\x80\xae");
	err_print(&list, 80, &out);
	ck_assert_str_eq(str_get(&out), "a\\x1b.yaml:1:1: error: message \\xe2\\x80\\xae\n"
					"  1 | x\n    | ^\n    = hint \\x1b[2J\n\n"
					"1 error. Nothing was run.\n");
}
END_TEST

START_TEST(wraps_a_long_hint)
{
	use_text("abc\n");
	err_add(&list, (struct pos){1, 1, 1}, "one two three four five six seven", "far");
	err_add(&list, (struct pos){1, 2, 1}, "onetwothreefourfivesixseven eight", "too");
	err_print(&list, 26, &out);
	ck_assert_str_eq(str_get(&out), "rx.yaml:1:1: error: far\n  1 | abc\n    | ^\n"
					"    = one two three four\n      five six seven\n\n"
					"rx.yaml:1:2: error: too\n  1 | abc\n    |  ^\n"
					"    = onetwothreefourfives\n      ixseven eight\n\n"
					"2 errors. Nothing was run.\n");
}
END_TEST

START_TEST(underlines_no_further_than_the_line)
{
	use_text("abc\n");
	err_add(&list, (struct pos){1, 2, UINT32_MAX}, NULL, "far");
	err_add(&list, (struct pos){1, 9, 4}, NULL, "behind");
	err_add(&list, (struct pos){7, 1, 1}, "h", "no such line");
	err_print(&list, 80, &out);
	ck_assert_str_eq(str_get(&out), "rx.yaml:1:2: error: far\n  1 | abc\n    |  ^~\n\n"
					"rx.yaml:1:9: error: behind\n  1 | abc\n    |    ^\n\n"
					"rx.yaml:7:1: error: no such line\n    = h\n\n"
					"3 errors. Nothing was run.\n");
}
END_TEST

/* The second line of the output (the quote) and the third (the caret). */
static void get_quote(char *quote, char *caret, size_t size)
{
	const char *q = strchr(str_get(&out), '\n') + 1, *c = strchr(q, '\n') + 1;

	ck_assert_uint_lt((size_t)(c - q), size);
	snprintf(quote, size, "%.*s", (int)(c - q - 1), q);
	snprintf(caret, size, "%.*s", (int)(strchr(c, '\n') - c), c);
}

START_TEST(cuts_long_lines_around_the_caret)
{
	char text[302], quote[400], caret[400];
	u32 col;

	memset(text, '.', 300);
	memcpy(text + 300, "\n", 2);
	for (col = 1; col <= 300; col++) {
		use_text(text);
		memset(text, '-', 300);
		memcpy(text + col - 1, "#####", col > 296 ? 301 - col : 5);
		err_add(&list, (struct pos){1, col, 5}, NULL, "x");
		err_print(&list, 60, &out);
		get_quote(quote, caret, sizeof quote);
		ck_assert_uint_le(strlen(quote), 60);
		/* The caret stands below the first '#', and its tail below the others. */
		ck_assert_ptr_nonnull(strchr(quote, '#'));
		ck_assert_int_eq(strchr(quote, '#') - quote, strchr(caret, '^') - caret);
		ck_assert_uint_eq(strspn(strchr(quote, '#'), "#"), strlen(strchr(caret, '^')));
		if (col == 1)
			ck_assert_str_eq(quote,
					 "  1 | #####"
					 "-----------------------------------------------..");
		if (col == 300)
			ck_assert_str_eq(quote, "  1 | ..-------------------------"
						"--------------------------#");
		err_free(&list);
		str_clear(&out);
	}
}
END_TEST

START_TEST(cuts_nothing_when_all_fits)
{
	use_text("0123456789012345678901234567890123456789");
	err_add(&list, (struct pos){1, 40, 1}, NULL, "x");
	err_print(&list, 46, &out);
	ck_assert_ptr_nonnull(
	    strstr(str_get(&out), "| 0123456789012345678901234567890123456789\n"));
	str_clear(&out);
	err_print(&list, 45, &out);
	ck_assert_ptr_nonnull(strstr(str_get(&out), "| ..3456789012345678901234567890123456789\n"));
	str_clear(&out);
	err_print(&list, 0, &out);
	ck_assert_ptr_nonnull(
	    strstr(str_get(&out), "| 0123456789012345678901234567890123456789\n"));
}
END_TEST

START_TEST(counts_what_is_not_kept)
{
	u32 i;

	for (i = 0; i < ERR_MAX + 5; i++)
		err_add(&list, (struct pos){0}, NULL, "e%u", i);
	ck_assert_uint_eq(list.n, ERR_MAX);
	ck_assert_uint_eq(list.dropped, 5);
	err_print(&list, 80, &out);
	ck_assert_ptr_nonnull(
	    strstr(str_get(&out), "205 errors, 200 of them shown. Nothing was run.\n"));
}
END_TEST

static Suite *err_suite(void)
{
	Suite *s = suite_create("err");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, prints_the_form_of_the_screens);
	tcase_add_test(t, sorts_by_position_and_keeps_ties);
	tcase_add_test(t, keeps_the_caret_below_its_character);
	tcase_add_test(t, makes_everything_safe);
	tcase_add_test(t, underlines_no_further_than_the_line);
	tcase_add_test(t, wraps_a_long_hint);
	tcase_add_test(t, cuts_long_lines_around_the_caret);
	tcase_add_test(t, cuts_nothing_when_all_fits);
	tcase_add_test(t, counts_what_is_not_kept);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(err_suite)
