/* SPDX-License-Identifier: MIT */
/* scenario/lex: tokens, and texts that C would read differently. */
#include <string.h>

#include "scenario/lex.h"
#include "scenario/limits.h"
#include "scenario_help.h"
#include "unit.h"

/* All tokens as they are described, separated by spaces; or the error. */
static void expect(const char *text, bool comments, const char *want)
{
	struct lexed tokens = {0};
	struct str got = {0};
	struct text_case t;
	u32 i;

	text_case_open(&t, text);
	if (lex_text(&t.arena, text, t.src.n, &t.map, comments, &tokens, &t.errs)) {
		for (i = 0; i + 1 < tokens.n; i++)
			str_printf(&got, "%s%s", i ? " " : "",
				   lex_describe(&tokens.v[i], &t.arena));
		ck_assert_int_eq(tokens.v[tokens.n - 1].kind, TOK_END);
		ck_assert_uint_eq(t.errs.n, 0);
	} else {
		err_brief(&t.errs, &got);
		ck_assert_uint_eq(t.errs.n, 1);
	}
	ck_assert_str_eq(str_get(&got), want);
	str_free(&got);
	vec_free(&tokens);
	text_case_close(&t);
}

START_TEST(cuts_operators_longest_first)
{
	expect("a->b", false, "'a' '->' 'b'");
	expect("a - -b--", false, "'a' '-' '-' 'b' '--'");
	expect("a<<=b>>=c<<d>>e<=f>=g<h>i", false,
	       "'a' '<<=' 'b' '>>=' 'c' '<<' 'd' '>>' 'e' '<=' 'f' '>=' 'g' '<' 'h' '>' 'i'");
	expect("== = != ! && & || | += -= |= &= ^= *= /= %= ++ -- ~ ^ % / ? : ; , . # { }", false,
	       "'==' '=' '!=' '!' '&&' '&' '||' '|' '+=' '-=' '|=' '&=' '^=' '*=' '/=' '%=' '++' "
	       "'--' '~' '^' '%' '/' '?' ':' ';' ',' '.' '#' '{' '}'");
	expect("", false, "");
	expect("  \t\n", false, "");
}
END_TEST

static u64 number(const char *text)
{
	struct lexed tokens = {0};
	struct text_case t;
	u64 v;

	text_case_open(&t, text);
	ck_assert(lex_text(&t.arena, text, t.src.n, &t.map, false, &tokens, &t.errs));
	ck_assert_int_eq(tokens.v[0].kind, TOK_NUMBER);
	v = tokens.v[0].number;
	vec_free(&tokens);
	text_case_close(&t);
	return v;
}

START_TEST(reads_numbers)
{
	ck_assert_uint_eq(number("0"), 0);
	ck_assert_uint_eq(number("4096"), 4096);
	ck_assert_uint_eq(number("0x1fF"), 511);
	ck_assert_uint_eq(number("18446744073709551615"), UINT64_MAX);
	ck_assert_uint_eq(number("0xffffffffffffffff"), UINT64_MAX);
	expect("x = 18446744073709551616", false, "1:5+20 a number has at most 64 bits");
	expect("0x10000000000000000", false, "1:1+19 a number has at most 64 bits");
	expect("x = 0x", false,
	       "1:5+2 a number is decimal or 0x and hexadecimal digits = "
	       "write digits alone: 4096, or 0x1000");
	expect("1UL", false,
	       "1:1+3 a number is decimal or 0x and hexadecimal digits = "
	       "write digits alone: 4096, or 0x1000");
	expect("1.5", false,
	       "1:1+3 a number is decimal or 0x and hexadecimal digits = "
	       "write digits alone: 4096, or 0x1000");
	expect("f(4KiB)", false,
	       "1:3+4 a statement has no numbers with a unit = "
	       "units in a statement are the kernel's: SZ_4K, PAGE_SIZE");
	expect("x = 010", false,
	       "1:5+3 a number that begins with 0 is octal in C = "
	       "write it in decimal or as 0x...");
}
END_TEST

static void expect_bytes(const char *text, const char *bytes, u32 n)
{
	struct lexed tokens = {0};
	struct text_case t;

	text_case_open(&t, text);
	ck_assert(lex_text(&t.arena, text, t.src.n, &t.map, false, &tokens, &t.errs));
	ck_assert_int_eq(tokens.v[0].kind, TOK_STRING);
	ck_assert_uint_eq(tokens.v[0].n, n);
	ck_assert_int_eq(memcmp(tokens.v[0].text, bytes, n), 0);
	vec_free(&tokens);
	text_case_close(&t);
}

START_TEST(reads_strings)
{
	expect_bytes("\"\"", "", 0);
	expect_bytes("\"a b\"", "a b", 3);
	expect_bytes("\"\\n\\t\\0\\\\\\\"\\x00\\xfF\"", "\n\t\0\\\"\0\xff", 7);
	expect_bytes("\"\xc3\xa4\"", "\xc3\xa4", 2);
	expect("f(\"abc", false,
	       "1:3+4 this string never ends = close it; if it holds ': ' or ' #', "
	       "put the whole statement in single quotes");
	expect("\"a\\", false, "1:3+2 no such escape = there are \\n \\t \\0 \\\\ \\\" and \\xHH");
	expect("\"\\q\"", false,
	       "1:2+2 no such escape = there are \\n \\t \\0 \\\\ \\\" and \\xHH");
	expect("\"\\x4\"", false, "1:2+2 \\x takes two hexadecimal digits");
	expect("\"\\x414\"", false,
	       "1:2+5 in C \\x takes all hexadecimal digits that follow = "
	       "escape the character that follows as well");
	expect("\"\\01\"", false,
	       "1:2+3 in C digits after \\0 belong to an octal escape = "
	       "write \\x00 and escape the digit too, as \\x31");
}
END_TEST

START_TEST(knows_comments_where_they_are_allowed)
{
	expect("a /* b\n c */ d // e\nf", true, "'a' 'd' 'f'");
	expect("a /* b */ c", false,
	       "1:3+2 a statement holds no C comment = "
	       "YAML's comments begin with ' #'");
	expect("a // b", false,
	       "1:3+2 a statement holds no C comment = "
	       "YAML's comments begin with ' #'");
	expect("a\n/* b", true, "2:1+2 this comment never ends");
	expect("/*/", true, "1:1+2 this comment never ends");
	expect("a / b", false, "'a' '/' 'b'");
}
END_TEST

START_TEST(marks_the_first_token_of_a_line)
{
	struct lexed tokens = {0};
	struct text_case t;
	static const bool first[] = {true, false, true, true, true};
	u32 i;

	text_case_open(&t, "a b\nc /* \n */ d");
	ck_assert(lex_text(&t.arena, t.src.text, t.src.n, &t.map, true, &tokens, &t.errs));
	ck_assert_uint_eq(tokens.n, 5);
	for (i = 0; i < tokens.n; i++)
		ck_assert_int_eq(tokens.v[i].first, first[i]);
	vec_free(&tokens);
	text_case_close(&t);
}
END_TEST

START_TEST(refuses_other_characters)
{
	char name[LIMIT_NAME + 2];

	expect("a @ b", false, "1:3+1 this character has no place in a statement");
	expect("\xc3\xa4 $", false, "1:1+1 this character has no place in a statement");
	expect("x = 'a'", false,
	       "1:5+1 there are no character constants = "
	       "write the number, or a string in double quotes");
	expect("#define A 1 \\\n", true,
	       "1:13+1 no line is continued here = "
	       "put the definition on one line");
	memset(name, 'n', sizeof name - 1);
	name[LIMIT_NAME + 1] = '\0';
	expect(name, false, "1:1+64 a name has at most 63 characters");
}
END_TEST

static Suite *lex_suite(void)
{
	Suite *s = suite_create("lex");
	TCase *t = tcase_create("all");

	tcase_add_test(t, cuts_operators_longest_first);
	tcase_add_test(t, reads_numbers);
	tcase_add_test(t, reads_strings);
	tcase_add_test(t, knows_comments_where_they_are_allowed);
	tcase_add_test(t, marks_the_first_token_of_a_line);
	tcase_add_test(t, refuses_other_characters);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(lex_suite)
