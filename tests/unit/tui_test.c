/* SPDX-License-Identifier: MIT */
/* The loop without a terminal: scripts, keys, the command line, the list of actions, sizes. */
#include "tui/tui.h"

#include "tui/session.h"
#include "unit/tui_fixture.h"
#include "unit/unit.h"

#include <string.h>

static struct session s;
static struct grid g;
static struct str out, why;

static void setup(void)
{
	session_init(&s, fixture_source(), (struct tui_size){80, 24}, 0, false);
	grid_init(&g, 0, 0);
	out = why = (struct str){0};
}

static void teardown(void)
{
	session_fini(&s);
	grid_fini(&g);
	str_free(&out);
	str_free(&why);
}

static const char *script(const char *words)
{
	str_clear(&out);
	ck_assert_msg(tui_script(fixture_source(), words, (struct tui_size){80, 24}, SKIN_UNICODE,
				 0, false, &out, &why),
		      "%s", str_get(&why));
	return str_get(&out);
}

static void type_keys(const char *keys)
{
	for (; *keys; keys++)
		ck_assert_int_eq(session_key(&s, (u32)*keys), WISH_NONE);
}

static const char *row(u32 i)
{
	session_draw(&s, &g);
	str_clear(&out);
	grid_text(&g, SKIN_ASCII, &out);
	ck_assert_uint_lt(i, g.h);
	out.s[(i + 1) * (g.w + 1) - 1] = '\0';
	return out.s + i * (g.w + 1);
}

START_TEST(golden_finding)
{
	fixture_check_golden("script-finding", script("next-finding"));
}
END_TEST

START_TEST(golden_help)
{
	fixture_check_golden("script-help", script("goto:12 help down down down"));
}
END_TEST

START_TEST(golden_start)
{
	fixture_check_golden("script-start", script(""));
}
END_TEST

/* At every position: forward and back, back and forward, and there by three ways. */
START_TEST(back_is_exactly_before)
{
	struct grid before;

	grid_init(&before, 0, 0);
	for (u32 e = 0; e <= 17; e++) {
		struct keys_step there = {.action = ACTION_GOTO, .place = {PLACE_EVENT, e}};

		session_step(&s, &there);
		session_draw(&s, &before);
		if (e < 17) {
			type_keys("n");
			session_draw(&s, &g);
			ck_assert_uint_gt(grid_diff_count(&g, &before), 0);
			type_keys("p");
			session_draw(&s, &g);
			ck_assert_uint_eq(grid_diff_count(&g, &before), 0);
		}
		if (e > 0) {
			type_keys("pn");
			session_draw(&s, &g);
			ck_assert_uint_eq(grid_diff_count(&g, &before), 0);
		}
		type_keys("?");
		session_key(&s, KEYCODE_DOWN);
		session_key(&s, KEYCODE_ESC);
		session_draw(&s, &g);
		ck_assert_uint_eq(grid_diff_count(&g, &before), 0);
	}
	grid_fini(&before);
}
END_TEST

START_TEST(every_way_to_move)
{
	static const struct {
		const char *keys;
		u32 position;
	} ways[] = {
	    {"n", 1},	      {"nnn", 3},     {"nnnp", 2},
	    {"N", 1},	      {"NNN", 6},     {"NNNnP", 6},
	    {"NNNP", 2},      {".", 13},      {"G", 17},
	    {"G,", 13},	      {"Gg", 0},      {":12\r", 12},
	    {":e7\r", 7},     {":l16\r", 6},  {":50%\r", 8},
	    {":l20\rl", 14},  {":13\rh", 12}, {":next-finding\r", 13},
	    {":4x\177\r", 4}, {":4\033", 0},  {":9\177\177n", 1},
	};

	for (u32 i = 0; i < ARRAY_LEN(ways); i++) {
		type_keys("g");
		type_keys(ways[i].keys);
		ck_assert_msg(s.view.position == ways[i].position, "%s: %u", ways[i].keys,
			      s.view.position);
	}
}
END_TEST

START_TEST(nowhere_to_go)
{
	type_keys("p");
	ck_assert_ptr_nonnull(strstr(row(23), " previous-event: not now: before the first event"));
	type_keys("G");
	ck_assert_ptr_nonnull(strstr(row(23), "? keys  q quit "));
	type_keys("n");
	ck_assert_ptr_nonnull(strstr(row(23), " next-event: not now: the last event"));
	type_keys(".");
	ck_assert_ptr_nonnull(strstr(row(23), " next-finding: not now: no finding ahead"));
	type_keys(":99\r");
	ck_assert_ptr_nonnull(strstr(row(23), " there is no event 99: the run has 17 "));
	type_keys(":l19\r");
	ck_assert_ptr_nonnull(strstr(row(23), " line 19 does not run here"));
	type_keys(":nxet-event\r");
	ck_assert_ptr_nonnull(strstr(row(23), "did you mean \"next-event\"?"));
	ck_assert_uint_eq(s.view.position, 17);
	type_keys(":\r");
	ck_assert_ptr_nonnull(strstr(row(23), "? keys  q quit "));
	type_keys(":l1");
	ck_assert_ptr_nonnull(strstr(row(23), " :l1 "));
	ck_assert_int_eq(grid_at(&g, 23, 4)->role, ROLE_CURSOR);
}
END_TEST

/* The list leaves the bytes and the key row alone; Enter runs what is chosen. */
START_TEST(list_of_actions)
{
	struct grid without;

	grid_init(&without, 0, 0);
	type_keys(":12\r");
	session_draw(&s, &without);
	type_keys("?");
	ck_assert_ptr_nonnull(strstr(row(9), "+- actions ---"));
	for (u32 r = 0; r < 9; r++)
		for (u32 c = 0; c < 80; c++)
			ck_assert_uint_eq(grid_at(&g, r, c)->cp, grid_at(&without, r, c)->cp);
	ck_assert_str_eq(
	    row(22),
	    "+------------------------------------------------------------------------------+");
	ck_assert_ptr_nonnull(strstr(row(23), " j k choose  Enter run  Esc close "));
	ck_assert_ptr_nonnull(strstr(row(11), "| >next-event "));
	type_keys("jj");
	ck_assert_ptr_nonnull(strstr(row(13), "| >next-line "));
	type_keys("k");
	session_key(&s, KEYCODE_ENTER);
	ck_assert(!s.view.help);
	ck_assert_uint_eq(s.view.position, 11);
	type_keys("?q");
	ck_assert(!s.view.help);
	type_keys("?");
	for (u32 i = 0; i < ACTION_COUNT + 3; i++)
		type_keys("j");
	ck_assert_ptr_nonnull(strstr(row(21), ">plain "));
	ck_assert_ptr_nonnull(strstr(row(21), "not here: no plain lines"));
	grid_fini(&without);
}
END_TEST

/* Every row of the list, chosen and run, does something definite: none is a dead entry. */
START_TEST(every_row_runs)
{
	for (u32 i = 0; i < ACTION_COUNT; i++) {
		struct keys_step help = {.action = ACTION_HELP};
		enum session_wish wish;

		session_step(&s, &help);
		s.view.chosen = i;
		wish = session_key(&s, KEYCODE_ENTER);
		ck_assert_int_eq(wish == WISH_QUIT, i == ACTION_QUIT);
		ck_assert_int_eq(wish == WISH_SUSPEND, i == ACTION_SUSPEND);
		ck_assert_int_eq(wish == WISH_REDRAW, i == ACTION_REDRAW);
		ck_assert_int_eq(s.view.help, i == ACTION_HELP);
		session_draw(&s, &g);
		s.view.help = false;
		s.asks = false;
	}
}
END_TEST

START_TEST(ways_out)
{
	ck_assert_int_eq(session_key(&s, 'q'), WISH_QUIT);
	ck_assert_int_eq(session_key(&s, KEYCODE_CTRL_C), WISH_QUIT);
	ck_assert_int_eq(session_key(&s, KEYCODE_CTRL_Z), WISH_SUSPEND);
	ck_assert_int_eq(session_key(&s, KEYCODE_CTRL_L), WISH_REDRAW);
	type_keys("?");
	ck_assert_int_eq(session_key(&s, KEYCODE_CTRL_C), WISH_QUIT);
	type_keys("q:");
	ck_assert_int_eq(session_key(&s, KEYCODE_CTRL_C), WISH_QUIT);
}
END_TEST

START_TEST(too_small_and_back)
{
	type_keys(".");
	s.size = (struct tui_size){60, 15};
	ck_assert_ptr_nonnull(strstr(row(5), "dmalab needs 80 columns and 24 rows."));
	ck_assert_ptr_nonnull(strstr(row(11), "Your place is kept: line 20, event 13."));
	type_keys("nl");
	ck_assert_uint_eq(s.view.position, 13);
	s.has_plain = true;
	ck_assert_int_eq(session_key(&s, 'l'), WISH_PLAIN);
	ck_assert_int_eq(session_key(&s, 'q'), WISH_QUIT);
	s.size = (struct tui_size){80, 24};
	ck_assert_ptr_nonnull(strstr(row(14), "-[!]-"));
}
END_TEST

START_TEST(one_screen_per_word)
{
	u32 screens = 0;

	for (const char *p = script("next-event screen next-event screen quit next-event screen");
	     (p = strstr(p, "─ three truths")); p++)
		screens++;
	ck_assert_uint_eq(screens, 2);
	ck_assert_ptr_nonnull(strstr(str_get(&out), "event 1/17"));
	ck_assert_ptr_nonnull(strstr(str_get(&out), "event 2/17"));
	ck_assert_ptr_nonnull(strstr(str_get(&out), "   \n\n rx-missing-sync  broken"));
}
END_TEST

START_TEST(wrong_words_run_nothing)
{
	ck_assert(!tui_script(fixture_source(), "screen next-evnt", (struct tui_size){80, 24},
			      SKIN_ASCII, 0, false, &out, &why));
	ck_assert_str_eq(str_get(&out), "");
	ck_assert_str_eq(str_get(&why),
			 "there is no action \"next-evnt\"; did you mean \"next-event\"?\n");
}
END_TEST

START_TEST(sizes)
{
	static const char *const bad[] = {
	    "",	      "80",	"80x",	  "x24",     "0x24",	       "80x0",
	    "80x24x", "80 x24", "-80x24", "1001x24", "80x99999999999", "080x24"};
	struct tui_size size = {1, 2};

	for (u32 i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!tui_size_parse(bad[i], &size), "%s", bad[i]);
	ck_assert(size.w == 1 && size.h == 2);
	ck_assert(tui_size_parse("160x48", &size) && size.w == 160 && size.h == 48);
	ck_assert(tui_size_parse("1000x1", &size) && size.w == 1000 && size.h == 1);
}
END_TEST

/* Where --at begins; what is no place says why and leaves the position alone. */
START_TEST(places)
{
	static const struct {
		const char *text;
		u32 position;
	} good[] = {{"0", 0},	  {"12", 12},  {"e12", 12},	{"l20", 13}, {"50%", 8},
		    {"100%", 17}, {"end", 17}, {"finding", 13}, {"e17", 17}, {"finding:1", 13}};
	static const struct {
		const char *text, *why;
	} bad[] = {{"18", "18: the run has 17 events"},
		   {"l99", "l99: that line does not run here"},
		   {"finding:2", "finding:2: the run has 1 place with a finding"},
		   {"finding:0", "finding:0 is no place: "},
		   {"finding:1x", "finding:1x is no place: "},
		   {"101%", "101% is no place: "},
		   {"", " is no place: "}};

	for (u32 i = 0; i < ARRAY_LEN(good); i++) {
		u32 position = 99;

		ck_assert_msg(tui_place(fixture_source(), good[i].text, &position, &why), "%s",
			      good[i].text);
		ck_assert_uint_eq(position, good[i].position);
		ck_assert_str_eq(str_get(&why), "");
	}
	for (u32 i = 0; i < ARRAY_LEN(bad); i++) {
		u32 position = 99;

		str_clear(&why);
		ck_assert_msg(!tui_place(fixture_source(), bad[i].text, &position, &why), "%s",
			      bad[i].text);
		ck_assert_uint_eq(position, 99);
		ck_assert_msg(!strncmp(str_get(&why), bad[i].why, strlen(bad[i].why)), "%s",
			      str_get(&why));
	}
}
END_TEST

static Suite *tui_suite(void)
{
	Suite *suite = suite_create("tui");
	TCase *t = tcase_create("loop");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, golden_start);
	tcase_add_test(t, golden_finding);
	tcase_add_test(t, golden_help);
	tcase_add_test(t, back_is_exactly_before);
	tcase_add_test(t, every_way_to_move);
	tcase_add_test(t, nowhere_to_go);
	tcase_add_test(t, list_of_actions);
	tcase_add_test(t, every_row_runs);
	tcase_add_test(t, ways_out);
	tcase_add_test(t, too_small_and_back);
	tcase_add_test(t, one_screen_per_word);
	tcase_add_test(t, wrong_words_run_nothing);
	tcase_add_test(t, sizes);
	tcase_add_test(t, places);
	suite_add_tcase(suite, t);
	return suite;
}

UNIT_MAIN(tui_suite)
