/* SPDX-License-Identifier: MIT */
/* The cell grid: clipping, cutting, folding, hostile text, both skins, spans and differences. */
#include "base/grid.h"

#include "unit/unit.h"

static struct grid g;
static struct str out;

static void setup(void)
{
	grid_init(&g, 8, 2);
	out = (struct str){0};
}

static void teardown(void)
{
	grid_fini(&g);
	str_free(&out);
}

static const char *text(enum skin skin)
{
	str_clear(&out);
	grid_text(&g, skin, &out);
	return str_get(&out);
}

static const char *spans(enum role r)
{
	str_clear(&out);
	grid_spans(&g, r, &out);
	return str_get(&out);
}

START_TEST(blank_at_first)
{
	ck_assert_str_eq(text(SKIN_UNICODE), "        \n        \n");
	ck_assert_str_eq(spans(ROLE_TEXT), "0:0-7 1:0-7");
	ck_assert_str_eq(spans(ROLE_STALE), "");
}
END_TEST

START_TEST(put_is_clipped)
{
	ck_assert_uint_eq(grid_put(&g, 0, 5, ROLE_WALL, "abcdef"), 11);
	ck_assert_uint_eq(grid_put(&g, 2, 0, ROLE_WALL, "below"), 5);
	ck_assert_uint_eq(grid_put(&g, 1, 90, ROLE_WALL, "x"), 91);
	ck_assert_str_eq(text(SKIN_UNICODE), "     abc\n        \n");
	ck_assert_str_eq(spans(ROLE_WALL), "0:5-7");
	grid_fill(&g, 1, 6, UINT32_MAX, ROLE_RULE, GLYPH_RULE);
	ck_assert_str_eq(text(SKIN_UNICODE), "     abc\n      ──\n");
	grid_paint(&g, 0, 6, 100, ROLE_OLD);
	grid_paint(&g, 7, 0, 1, ROLE_OLD);
	ck_assert_str_eq(spans(ROLE_OLD), "0:6-7");
	ck_assert_str_eq(spans(ROLE_RULE), "1:6-7");
}
END_TEST

START_TEST(printf_formats)
{
	ck_assert_uint_eq(grid_printf(&g, 1, 1, ROLE_TEXT, "e%u of %u", 3, 17), 9);
	ck_assert_str_eq(text(SKIN_UNICODE), "        \n e3 of 1\n");
}
END_TEST

START_TEST(cut_and_fold)
{
	ck_assert_uint_eq(grid_put_cut(&g, 0, 0, 6, ROLE_TEXT, "abcdef"), 6);
	ck_assert_uint_eq(grid_put_cut(&g, 1, 0, 6, ROLE_TEXT, "abcdefg"), 6);
	ck_assert_str_eq(text(SKIN_UNICODE), "abcdef  \nabcd..  \n");
	grid_clear(&g);
	ck_assert_uint_eq(grid_put_fold(&g, 0, 0, 8, ROLE_TEXT, "rx_desc_3"), 8);
	ck_assert_uint_eq(grid_put_fold(&g, 1, 0, 5, ROLE_TEXT, "×23456"), 5);
	ck_assert_str_eq(text(SKIN_UNICODE), "rx_..c_3\n×2..6   \n");
	grid_clear(&g);
	ck_assert_uint_eq(grid_put_cut(&g, 0, 0, 1, ROLE_TEXT, "abc"), 1);
	ck_assert_uint_eq(grid_put_fold(&g, 1, 0, 4, ROLE_TEXT, "abcdefg"), 4);
	ck_assert_str_eq(text(SKIN_UNICODE), ".       \nab..    \n");
}
END_TEST

/* Escape sequences, bidi, wide, combining, broken and overlong UTF-8: one '?' for each. */
START_TEST(hostile_text_moves_nothing)
{
	ck_assert_uint_eq(grid_put(&g, 0, 0, ROLE_TEXT, "\033[1m\n\t\x7f"), 7);
	ck_assert_uint_eq(grid_put(&g, 1, 0, ROLE_TEXT, "\u202e漢e\u0301\u00ad\u200b|"), 7);
	ck_assert_str_eq(text(SKIN_UNICODE), "?[1m??? \n??e???| \n");
	grid_clear(&g);
	ck_assert_uint_eq(grid_columns("\xff\xc0\xaf"), 3);
	ck_assert_uint_eq(grid_put(&g, 0, 0, ROLE_TEXT, "\xe2\x96"), 2);
	ck_assert_uint_eq(grid_put(&g, 1, 0, ROLE_TEXT, "\xed\xa0\x80 é"), 5);
	ck_assert_str_eq(text(SKIN_UNICODE), "\ufffd\ufffd      \n\ufffd\ufffd\ufffd é   \n");
}
END_TEST

START_TEST(both_skins_have_one_width)
{
	static const u32 all[] = {
#define G(NAME, CP, ASCII) GLYPH_##NAME,
#include "base/glyph.def"
#undef G
	};

	for (u32 i = 0; i < ARRAY_LEN(all); i++) {
		struct cell c = {.cp = all[i], .role = ROLE_TEXT};
		u32 ascii = grid_cell_show(c, SKIN_ASCII);

		ck_assert_uint_eq(grid_cell_show(c, SKIN_UNICODE), all[i]);
		ck_assert_msg(ascii > ' ' && ascii < 0x7f && ascii != '?', "U+%04x", all[i]);
		grid_fill(&g, 0, 0, 1, ROLE_TEXT, all[i]);
		ck_assert_uint_eq(grid_at(&g, 0, 0)->cp, all[i]);
	}
	grid_clear(&g);
	grid_put(&g, 0, 0, ROLE_TEXT, "─►▓░é×▼");
	ck_assert_str_eq(text(SKIN_ASCII), "->#:?xv \n        \n");
}
END_TEST

START_TEST(differences)
{
	struct grid other;
	u32 at = 0;

	grid_init(&other, 3, 3);
	grid_put(&g, 0, 2, ROLE_TEXT, "ab");
	grid_copy(&other, &g);
	ck_assert_uint_eq(grid_diff_count(&g, &other), 0);
	grid_put(&other, 1, 7, ROLE_TEXT, "z");
	grid_paint(&other, 0, 3, 1, ROLE_STALE);
	ck_assert_uint_eq(grid_diff_count(&g, &other), 2);
	ck_assert(grid_diff_next(&g, &other, &at));
	ck_assert_uint_eq(at, 3);
	at++;
	ck_assert(grid_diff_next(&g, &other, &at));
	ck_assert_uint_eq(at, 15);
	at++;
	ck_assert(!grid_diff_next(&g, &other, &at));
	grid_fini(&other);
}
END_TEST

START_TEST(newest_is_three_roles)
{
	grid_paint(&g, 0, 0, 1, ROLE_NEWEST);
	grid_paint(&g, 0, 1, 1, ROLE_NEWEST_CPU);
	grid_paint(&g, 0, 2, 1, ROLE_NEWEST_DEV);
	ck_assert_str_eq(spans(ROLE_NEWEST), "0:0-2");
	ck_assert_str_eq(spans(ROLE_NEWEST_DEV), "0:2-2");
}
END_TEST

START_TEST(resize_makes_blank)
{
	grid_put(&g, 0, 0, ROLE_OLD, "x");
	grid_resize(&g, 2, 1);
	ck_assert_str_eq(text(SKIN_UNICODE), "  \n");
	grid_resize(&g, 0, 0);
	ck_assert_str_eq(text(SKIN_UNICODE), "");
}
END_TEST

static Suite *grid_suite(void)
{
	Suite *s = suite_create("grid");
	TCase *t = tcase_create("cells");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, blank_at_first);
	tcase_add_test(t, put_is_clipped);
	tcase_add_test(t, printf_formats);
	tcase_add_test(t, cut_and_fold);
	tcase_add_test(t, hostile_text_moves_nothing);
	tcase_add_test(t, both_skins_have_one_width);
	tcase_add_test(t, differences);
	tcase_add_test(t, newest_is_three_roles);
	tcase_add_test(t, resize_makes_blank);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(grid_suite)
