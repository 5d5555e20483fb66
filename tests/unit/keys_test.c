/* SPDX-License-Identifier: MIT */
/* The table of actions: keys, key bar, refusals; the words of --keys. */
#include "tui/keys.h"

#include "base/grid.h"
#include "unit/unit.h"

#include <string.h>

static struct str out;

static void setup(void)
{
	out = (struct str){0};
}

static void teardown(void)
{
	str_free(&out);
}

static const char *bar(struct keys_now now)
{
	str_clear(&out);
	keys_bar(&now, &out);
	return str_get(&out);
}

START_TEST(keys_run_actions)
{
	static const struct {
		enum keys_mode mode;
		u32 code;
		enum action want;
	} is[] = {
	    {KEYS_MAIN, 'n', ACTION_NEXT_EVENT},
	    {KEYS_MAIN, KEYCODE_RIGHT, ACTION_NEXT_EVENT},
	    {KEYS_MAIN, 'l', ACTION_NEXT_EVENT},
	    {KEYS_MAIN, 'h', ACTION_PREVIOUS_EVENT},
	    {KEYS_MAIN, KEYCODE_PAGE_DOWN, ACTION_NEXT_LINE},
	    {KEYS_MAIN, KEYCODE_SHIFT_LEFT, ACTION_PREVIOUS_LINE},
	    {KEYS_MAIN, '.', ACTION_NEXT_FINDING},
	    {KEYS_MAIN, ',', ACTION_PREVIOUS_FINDING},
	    {KEYS_MAIN, 'g', ACTION_FIRST_EVENT},
	    {KEYS_MAIN, KEYCODE_END, ACTION_LAST_EVENT},
	    {KEYS_MAIN, ':', ACTION_GOTO},
	    {KEYS_MAIN, '?', ACTION_HELP},
	    {KEYS_MAIN, 'q', ACTION_QUIT},
	    {KEYS_MAIN, KEYCODE_CTRL_L, ACTION_REDRAW},
	    {KEYS_LIST, 'q', ACTION_CLOSE},
	    {KEYS_LIST, KEYCODE_ESC, ACTION_CLOSE},
	    {KEYS_LIST, KEYCODE_CTRL_C, ACTION_QUIT},
	    {KEYS_LIST, 'k', ACTION_UP},
	    {KEYS_SMALL, 'l', ACTION_PLAIN},
	    {KEYS_SMALL, 'q', ACTION_QUIT},
	};
	enum action a;

	for (u32 i = 0; i < ARRAY_LEN(is); i++) {
		ck_assert_msg(keys_find(is[i].mode, is[i].code, &a), "key %u", is[i].code);
		ck_assert_str_eq(action_row(a)->name, action_row(is[i].want)->name);
	}
	ck_assert(!keys_find(KEYS_MAIN, 'Z', &a));
	ck_assert(!keys_find(KEYS_SMALL, 'n', &a));
	ck_assert(!keys_find(KEYS_LIST, 'n', &a));
	ck_assert(!keys_find(KEYS_MAIN, KEYCODE_NONE, &a));
}
END_TEST

/* A key that stood in two rows of one mode would make the second row unreachable by it. */
START_TEST(no_key_twice)
{
	for (u32 i = 0; i < ACTION_COUNT; i++) {
		const struct action_row *r = action_row((enum action)i);
		u32 words = 1, found = 0;

		for (const char *p = r->keys; *p; p++)
			words += *p == ' ';
		for (u32 code = 1; code <= KEYCODE_F1; code++) {
			enum action a;

			if (code == 0x80)
				code = KEYCODE_SPECIAL;
			found += keys_find(r->mode, code, &a) && a == (enum action)i;
		}
		ck_assert_msg(found == words, "%s: %u keys of %u", r->name, found, words);
		ck_assert_uint_gt(strlen(r->help), 0);
		ck_assert_uint_le(strlen(r->help), 33);
		ck_assert_uint_le(strlen(r->name), 17);
	}
}
END_TEST

START_TEST(bar_says_what_works)
{
	ck_assert_str_eq(
	    bar((struct keys_now){.finding_after = true}),
	    " n next  p back  N P by line  . finding  : go to  g G ends  ? keys  q quit");
	ck_assert_str_eq(bar((struct keys_now){.at_start = true}),
			 " n next  N by line  : go to  G end  ? keys  q quit");
	ck_assert_str_eq(bar((struct keys_now){
			     .at_finding = true, .finding_before = true, .finding_after = true}),
			 " p back  n next  , . findings  N P by line  : go to  g G ends  ? keys  "
			 "q quit");
	ck_assert_str_eq(bar((struct keys_now){.at_end = true, .finding_before = true}),
			 " p back  P by line  , finding  : go to  g start  ? keys  q quit");
	ck_assert_str_eq(bar((struct keys_now){.mode = KEYS_LIST}),
			 " j k choose  Enter run  Esc close");
}
END_TEST

START_TEST(bar_fits_and_ends)
{
	for (u32 bits = 0; bits < 64; bits++) {
		struct keys_now now = {
		    .mode = bits & 32 ? KEYS_LIST : KEYS_MAIN,
		    .at_start = bits & 1,
		    .at_end = bits & 2,
		    .at_finding = bits & 4,
		    .finding_before = bits & 8,
		    .finding_after = bits & 16,
		};
		const char *b = bar(now);
		const char *end = bits & 32 ? "  Esc close" : "  ? keys  q quit";

		ck_assert_uint_le(grid_columns(b), 80);
		ck_assert_str_eq(b + strlen(b) - strlen(end), end);
	}
}
END_TEST

START_TEST(refusals)
{
	struct keys_now now = {.at_end = true};

	ck_assert_str_eq(action_refusal(ACTION_NEXT_EVENT, &now), "not now: the last event");
	ck_assert_ptr_null(action_refusal(ACTION_PREVIOUS_EVENT, &now));
	ck_assert_str_eq(action_refusal(ACTION_NEXT_FINDING, &now), "not now: no finding ahead");
	ck_assert_ptr_nonnull(action_refusal(ACTION_DOWN, &now));
	ck_assert_ptr_nonnull(action_refusal(ACTION_PLAIN, &now));
	now = (struct keys_now){.mode = KEYS_SMALL, .has_plain = true, .at_start = true};
	ck_assert_ptr_null(action_refusal(ACTION_PLAIN, &now));
	ck_assert_ptr_nonnull(action_refusal(ACTION_FIRST_EVENT, &now));
	ck_assert_ptr_null(action_refusal(ACTION_QUIT, &now));
}
END_TEST

START_TEST(places)
{
	static const char *const bad[] = {"",	  "l",	 "e", "x3",  "3x",	   "-1", "+1",
					  "101%", "l5%", "%", "1 2", "4294967296", "ll3"};
	struct place p = {PLACE_LINE, 77};

	for (u32 i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!place_parse(bad[i], &p), "%s", bad[i]);
	ck_assert_uint_eq(p.n, 77);
	ck_assert(place_parse("13", &p) && p.kind == PLACE_EVENT && p.n == 13);
	ck_assert(place_parse("e0", &p) && p.kind == PLACE_EVENT && p.n == 0);
	ck_assert(place_parse("l20", &p) && p.kind == PLACE_LINE && p.n == 20);
	ck_assert(place_parse("100%", &p) && p.kind == PLACE_PERCENT && p.n == 100);
	ck_assert(place_parse("4294967295", &p) && p.n == UINT32_MAX);
}
END_TEST

START_TEST(script)
{
	struct keys_script s;

	ck_assert(keys_parse("  next-finding goto:l20\tscreen  quit ", &s, &out));
	ck_assert_uint_eq(s.n, 4);
	ck_assert_int_eq(s.v[0].action, ACTION_NEXT_FINDING);
	ck_assert_int_eq(s.v[1].action, ACTION_GOTO);
	ck_assert_int_eq(s.v[1].place.kind, PLACE_LINE);
	ck_assert_uint_eq(s.v[1].place.n, 20);
	ck_assert(s.v[2].is_screen);
	ck_assert(!s.v[3].is_screen);
	ck_assert_int_eq(s.v[3].action, ACTION_QUIT);
	ck_assert_str_eq(str_get(&out), "");
	vec_free(&s);
	ck_assert(keys_parse("", &s, &out));
	ck_assert_uint_eq(s.n, 0);
	for (u32 i = 0; i < ACTION_COUNT; i++)
		if (i != ACTION_GOTO) {
			ck_assert(keys_parse(action_row((enum action)i)->name, &s, &out));
			ck_assert_uint_eq(s.v[0].action, i);
			vec_free(&s);
		}
}
END_TEST

/* All that is wrong at once, with the nearest name, and nothing of it can reach the terminal raw.
 */
START_TEST(script_errors)
{
	struct keys_script s;

	ck_assert(!keys_parse("next-finding nxt-finding screeen goto goto:x \033[2J", &s, &out));
	ck_assert_uint_eq(s.n, 0);
	ck_assert_ptr_nonnull(
	    strstr(str_get(&out), "\"nxt-finding\"; did you mean \"next-finding\"?\n"));
	ck_assert_ptr_nonnull(strstr(str_get(&out), "\"screeen\"; did you mean \"screen\"?\n"));
	ck_assert_ptr_nonnull(strstr(str_get(&out), "\"goto\": goto takes an event"));
	ck_assert_ptr_nonnull(strstr(str_get(&out), "\"goto:x\": goto takes an event"));
	ck_assert_ptr_null(strchr(str_get(&out), '\033'));
	str_clear(&out);
	ck_assert(!keys_parse(
	    "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww", &s, &out));
	ck_assert_ptr_nonnull(strstr(str_get(&out), "as long as \"wwwwwwwwwwwwwwwwwwww...\""));
}
END_TEST

static Suite *keys_suite(void)
{
	Suite *s = suite_create("keys");
	TCase *t = tcase_create("table");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, keys_run_actions);
	tcase_add_test(t, no_key_twice);
	tcase_add_test(t, bar_says_what_works);
	tcase_add_test(t, bar_fits_and_ends);
	tcase_add_test(t, refusals);
	tcase_add_test(t, places);
	tcase_add_test(t, script);
	tcase_add_test(t, script_errors);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(keys_suite)
