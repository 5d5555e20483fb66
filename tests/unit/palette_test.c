/* SPDX-License-Identifier: MIT */
/*
 * The palette table: every role is there, contrast is computed from xterm's colours and held
 * against the limits, and reverse video is spent on one role only.
 *
 * The limits are for 256 colours: 7 for stale bytes, walls and findings, 4.5 for all the rest. The
 * 16 colours are what a terminal says they are, and pure red on black is below 7 already, so they
 * are held to 4.5 throughout.
 */
#include "tui/palette.h"

#include "unit/unit.h"

#include <math.h>

struct rgb {
	u32 r, g, b;
};

static struct rgb xterm(u32 n)
{
	static const struct rgb low[] = {
	    {0, 0, 0},	     {205, 0, 0},   {0, 205, 0},   {205, 205, 0},
	    {0, 0, 238},     {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
	    {127, 127, 127}, {255, 0, 0},   {0, 255, 0},   {255, 255, 0},
	    {92, 92, 255},   {255, 0, 255}, {0, 255, 255}, {255, 255, 255},
	};
	static const u32 step[] = {0, 95, 135, 175, 215, 255};

	if (n < 16)
		return low[n];
	if (n >= 232)
		return (struct rgb){8 + 10 * (n - 232), 8 + 10 * (n - 232), 8 + 10 * (n - 232)};
	n -= 16;
	return (struct rgb){step[n / 36], step[n / 6 % 6], step[n % 6]};
}

static double linear(u32 v)
{
	double c = v / 255.0;

	return c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(u32 n)
{
	struct rgb c = xterm(n);

	return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

static double contrast(u32 a, u32 b)
{
	double x = luminance(a), y = luminance(b);

	return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

static double limit(enum role r, u32 colours)
{
	if (colours < 256)
		return 4.5;
	return r == ROLE_STALE || r == ROLE_WALL || r == ROLE_FINDING || r == ROLE_VIOLATION ? 7
											     : 4.5;
}

START_TEST(contrast_is_enough)
{
	static const u32 depth[] = {16, 256};

	for (u32 p = 0; p < PALETTE_MONO; p++) {
		for (u32 i = 0; i < 2; i++) {
			for (u32 r = 0; r < ROLE_COUNT; r++) {
				struct style s =
				    palette_style((enum palette)p, depth[i], (enum role)r);
				double have = contrast(s.fg, s.bg);

				ck_assert_msg(have >= limit((enum role)r, depth[i]),
					      "%s, %u colours, %s: %u on %u has only %.2f",
					      palette_name((enum palette)p), depth[i],
					      role_name((enum role)r), s.fg, s.bg, have);
			}
		}
	}
}
END_TEST

/* The formula itself, against values worked out elsewhere. */
START_TEST(contrast_formula)
{
	ck_assert_double_eq_tol(contrast(16, 231), 21, 0.001);
	ck_assert_double_eq_tol(contrast(231, 124), 7.4, 0.05);
	ck_assert_double_eq_tol(contrast(203, 16), 7.1, 0.05);
	ck_assert_double_eq_tol(contrast(94, 231), 5.7, 0.05);
	ck_assert_double_eq_tol(contrast(250, 16), 11.1, 0.05);
}
END_TEST

/* A role that somebody forgot in the table would be black on black: 0 on the ground 0. */
START_TEST(every_role_is_in_the_table)
{
	for (u32 r = 0; r < ROLE_COUNT; r++) {
		struct style s = palette_style(PALETTE_DEFAULT, 256, (enum role)r);

		ck_assert_msg(s.fg != s.bg && s.fg != 0, "%s", role_name((enum role)r));
	}
}
END_TEST

START_TEST(reverse_is_spent_once)
{
	for (u32 r = 0; r < ROLE_COUNT; r++) {
		struct style s = palette_style(PALETTE_MONO, 256, (enum role)r);

		ck_assert_int_eq(!!(s.attr & ATTR_REVERSE), r == ROLE_STALE);
	}
	for (u32 p = 0; p < PALETTE_MONO; p++) {
		struct style text = palette_style((enum palette)p, 256, ROLE_TEXT);

		for (u32 r = 0; r < ROLE_COUNT; r++) {
			struct style s = palette_style((enum palette)p, 256, (enum role)r);

			ck_assert_int_eq(s.bg != text.bg, r == ROLE_STALE);
		}
	}
}
END_TEST

/* The marks say it first, but without colour and marks these still differ by attribute. */
START_TEST(mono_tells_them_apart)
{
	static const enum role apart[] = {ROLE_STALE, ROLE_NEWEST_DEV, ROLE_OLD, ROLE_TEXT};

	for (u32 i = 0; i < ARRAY_LEN(apart); i++)
		for (u32 k = 0; k < i; k++)
			ck_assert_int_ne(palette_style(PALETTE_MONO, 0, apart[i]).attr,
					 palette_style(PALETTE_MONO, 0, apart[k]).attr);
}
END_TEST

START_TEST(newest_has_its_writers_colour)
{
	for (u32 p = 0; p < PALETTE_MONO; p++) {
		for (u32 colours = 16; colours <= 256; colours *= 16) {
			enum palette pal = (enum palette)p;

			ck_assert_int_eq(palette_style(pal, colours, ROLE_NEWEST_CPU).fg,
					 palette_style(pal, colours, ROLE_CPU).fg);
			ck_assert_int_eq(palette_style(pal, colours, ROLE_NEWEST_DEV).fg,
					 palette_style(pal, colours, ROLE_DEV).fg);
			ck_assert_int_ne(palette_style(pal, colours, ROLE_CPU).fg,
					 palette_style(pal, colours, ROLE_DEV).fg);
		}
	}
}
END_TEST

START_TEST(found_by_name)
{
	enum palette p = PALETTE_DEFAULT;

	for (u32 i = 0; i < PALETTE_COUNT; i++) {
		ck_assert(palette_find(palette_name((enum palette)i), &p));
		ck_assert_uint_eq(p, i);
	}
	ck_assert(!palette_find("sepia", &p));
	ck_assert_uint_eq(p, PALETTE_MONO);
	ck_assert_ptr_null(palette_names()[PALETTE_COUNT]);
}
END_TEST

static Suite *palette_suite(void)
{
	Suite *s = suite_create("palette");
	TCase *t = tcase_create("table");

	tcase_add_test(t, contrast_is_enough);
	tcase_add_test(t, contrast_formula);
	tcase_add_test(t, every_role_is_in_the_table);
	tcase_add_test(t, reverse_is_spent_once);
	tcase_add_test(t, mono_tells_them_apart);
	tcase_add_test(t, newest_has_its_writers_colour);
	tcase_add_test(t, found_by_name);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(palette_suite)
