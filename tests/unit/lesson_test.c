/* SPDX-License-Identifier: MIT */
/*
 * The lesson layout: whole screens cell for cell, in both skins, from models filled by hand; the
 * roles of their cells; the squint test; models at their limits.
 */
#include "tui/lesson.h"

#include "unit/tui_fixture.h"
#include "unit/unit.h"

#include <string.h>

static struct lesson_model m;
static struct grid g;
static struct str want, have;

static void setup(void)
{
	grid_init(&g, LESSON_WIDTH, LESSON_HEIGHT);
	want = have = (struct str){0};
}

static void teardown(void)
{
	grid_fini(&g);
	str_free(&want);
	str_free(&have);
}

static const char *screen(enum skin skin)
{
	str_clear(&have);
	grid_text(&g, skin, &have);
	return str_get(&have);
}

static const char *spans(enum role r)
{
	str_clear(&have);
	grid_spans(&g, r, &have);
	return str_get(&have);
}

static void draw_lesson(u32 event)
{
	fixture_lesson(&m, event);
	lesson_draw(&m, event == 13 ? fixture_finding_keys : fixture_quiet_keys, &g);
}

START_TEST(screen_lesson_1)
{
	draw_lesson(9);
	fixture_check_golden("lesson-1", screen(SKIN_UNICODE));
}
END_TEST

START_TEST(screen_lesson_2)
{
	draw_lesson(12);
	fixture_check_golden("lesson-2", screen(SKIN_UNICODE));
}
END_TEST

START_TEST(screen_lesson_3)
{
	draw_lesson(13);
	fixture_check_golden("lesson-3", screen(SKIN_UNICODE));
	fixture_check_golden("lesson-3-ascii", screen(SKIN_ASCII));
}
END_TEST

START_TEST(screen_swiotlb)
{
	fixture_swiotlb(&m);
	lesson_draw(
	    &m, " w why  e explain  t same line on arm64-soc  c compare  p back  ? keys  q quit",
	    &g);
	fixture_check_golden("swiotlb", screen(SKIN_UNICODE));
}
END_TEST

/* The golden screen has rows 1 to 13 only. */
START_TEST(screen_edge)
{
	const char *p;

	fixture_edge(&m);
	lesson_draw(&m, "", &g);
	p = strchr(screen(SKIN_UNICODE), '\n') + 1;
	fixture_golden("edge", &want);
	have.s[p - have.s + (long)want.n] = '\0';
	fixture_same_lines(p, str_get(&want));
}
END_TEST

START_TEST(screen_small)
{
	grid_resize(&g, 60, 15);
	small_draw(20, 13, true, &g);
	fixture_check_golden("small", screen(SKIN_UNICODE));
}
END_TEST

START_TEST(small_at_all_sizes)
{
	grid_resize(&g, 39, 20);
	small_draw(20, 13, true, &g);
	ck_assert_ptr_nonnull(strstr(screen(SKIN_UNICODE), "80 columns and 24 rows."));
	ck_assert_ptr_null(strstr(screen(SKIN_UNICODE), "q   quit"));
	for (u32 w = 1; w < 120; w++) {
		for (u32 h = 1; h < 24; h++) {
			grid_resize(&g, w, h);
			small_draw(0, 0, false, &g);
			ck_assert_ptr_nonnull(strstr(screen(SKIN_ASCII), "d"));
			if (w >= 40 && h >= 8)
				ck_assert_ptr_nonnull(strstr(screen(SKIN_ASCII), "kept: event 0."));
		}
	}
	grid_resize(&g, 3, 1);
	small_draw(20, 13, true, &g);
	ck_assert_str_eq(screen(SKIN_ASCII), "dma\n");
}
END_TEST

struct roles_at {
	enum role role;
	const char *spans;
};

static void check_roles(const struct roles_at *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ck_assert_str_eq(spans(r[i].role), r[i].spans);
}

START_TEST(roles_of_lesson_1)
{
	static const struct roles_at at[] = {
	    {ROLE_STALE, ""},
	    {ROLE_WALL, ""},
	    {ROLE_NEWEST, ""},
	    {ROLE_OLD, ""},
	    {ROLE_FINDING, ""},
	    {ROLE_CURSOR, "3:14-15 4:14-16 4:63-63 6:14-16 6:63-63 8:14-16 8:63-63"},
	    {ROLE_ACT, "14:25-25 14:27-27"},
	    {ROLE_POS, "14:26-26"},
	    {ROLE_CURRENT, "20:0-57"},
	    {ROLE_DEV, "2:21-27 10:21-27"},
	};

	draw_lesson(9);
	check_roles(at, ARRAY_LEN(at));
}
END_TEST

START_TEST(roles_of_lesson_2)
{
	static const struct roles_at at[] = {
	    {ROLE_STALE, ""},
	    {ROLE_WALL, "5:2-11 5:14-27 5:63-67"},
	    {ROLE_NEWEST, "6:14-28 6:63-67 8:14-28 8:63-67"},
	    {ROLE_NEWEST_DEV, "6:14-28 6:63-67 8:14-28 8:63-67"},
	    {ROLE_OLD, "2:64-78 4:14-28 4:63-67"},
	    {ROLE_CURSOR, "3:14-15"},
	    {ROLE_ACT, "8:0-9 14:34-34 14:36-36"},
	    {ROLE_POS, "14:35-35"},
	    {ROLE_CURRENT, "21:0-33"},
	    {ROLE_DEV, "2:21-27 10:21-27 14:26-26"},
	};

	draw_lesson(12);
	check_roles(at, ARRAY_LEN(at));
}
END_TEST

START_TEST(roles_of_lesson_3)
{
	static const struct roles_at at[] = {
	    {ROLE_STALE, "4:14-28 4:63-67"},
	    {ROLE_WALL, "5:2-11 5:14-27 5:63-67"},
	    {ROLE_NEWEST, "6:14-28 6:63-67 8:14-28 8:63-67"},
	    {ROLE_OLD, ""},
	    {ROLE_CURSOR, "3:14-15"},
	    {ROLE_ACT, "4:0-8 14:37-37 14:39-39"},
	    {ROLE_POS, "14:38-38"},
	    {ROLE_FINDING, "2:65-78 15:1-71 21:26-40"},
	    {ROLE_MISSING, "20:0-60 20:63-72"},
	    {ROLE_CURRENT, "21:0-23"},
	    {ROLE_DEV, "2:21-27 10:21-27 14:26-26"},
	};

	draw_lesson(13);
	check_roles(at, ARRAY_LEN(at));
}
END_TEST

START_TEST(roles_of_swiotlb)
{
	static const struct roles_at at[] = {
	    {ROLE_STALE, "4:14-28 4:63-67"},
	    {ROLE_WALL, "7:2-12 7:14-27 7:63-67"},
	    {ROLE_NEWEST, "8:14-28 8:63-67 13:42-55"},
	    {ROLE_OLD, "6:14-28 6:63-67 13:20-33"},
	    {ROLE_CURSOR, "3:14-15"},
	    {ROLE_ACT, "4:0-8 14:45-45 14:47-47"},
	    {ROLE_POS, "14:46-46"},
	    {ROLE_FINDING, "2:65-78 15:1-71 21:26-40"},
	    {ROLE_MISSING, "20:0-60 20:63-72"},
	    {ROLE_CURRENT, "21:0-23"},
	    {ROLE_CPU, "14:58-58"},
	};

	fixture_swiotlb(&m);
	lesson_draw(&m, "", &g);
	check_roles(at, ARRAY_LEN(at));
}
END_TEST

START_TEST(roles_of_edge)
{
	static const struct roles_at at[] = {
	    {ROLE_STALE, ""},
	    {ROLE_WALL, "6:2-11 6:14-15 6:38-51 6:63-63 6:71-75"},
	    {ROLE_NEWEST, "5:14-37 5:63-70 7:38-52 7:71-75 9:38-52 9:71-75"},
	    {ROLE_NEWEST_CPU, "5:14-37 5:63-70"},
	    {ROLE_OLD, "2:62-78 5:38-52 5:71-75 7:14-37 7:63-70 9:14-37 9:63-70"},
	    {ROLE_CURSOR, "4:14-15"},
	    {ROLE_FINDING, "12:32-79 13:32-79"},
	    {ROLE_CPU, "3:14-36"},
	    {ROLE_DEV, "2:21-27 3:38-60"},
	};

	fixture_edge(&m);
	lesson_draw(&m, "", &g);
	check_roles(at, ARRAY_LEN(at));
}
END_TEST

/* Does a student see the stale byte before reading a word? */
START_TEST(squint)
{
	draw_lesson(9);
	str_clear(&have);
	ck_assert_double_lt(fixture_squint(&g, &have), 2);
	draw_lesson(12);
	str_clear(&have);
	ck_assert_double_gt(fixture_squint(&g, &have), 4);
	ck_assert_str_eq(str_get(&have), "5");
	draw_lesson(13);
	str_clear(&have);
	ck_assert_double_gt(fixture_squint(&g, &have), 4);
	ck_assert_str_eq(str_get(&have), "4 5");
	fixture_swiotlb(&m);
	lesson_draw(&m, "", &g);
	str_clear(&have);
	fixture_squint(&g, &have);
	ck_assert_str_eq(str_get(&have), "4 7");
}
END_TEST

/* Rows 0 to 16 and columns 0 to 79 are the same at every size; more rows show more of the driver.
 */
START_TEST(larger_keeps_the_corner)
{
	struct grid big;

	draw_lesson(12);
	grid_init(&big, 132, 40);
	lesson_draw(&m, fixture_quiet_keys, &big);
	for (u32 row = 0; row <= 17; row++)
		for (u32 col = 0; col < LESSON_WIDTH; col++)
			ck_assert(grid_at(&g, row, col)->cp == grid_at(&big, row, col)->cp &&
				  grid_at(&g, row, col)->role == grid_at(&big, row, col)->role);
	str_clear(&have);
	grid_text(&big, SKIN_UNICODE, &have);
	ck_assert_ptr_nonnull(strstr(str_get(&have), "buf = kmalloc(128, GFP_KERNEL)"));
	ck_assert_ptr_nonnull(strstr(str_get(&have), "dma_unmap_single("));
	grid_fini(&big);
}
END_TEST

/* The current line is on the screen wherever it stands in the driver. */
START_TEST(current_line_is_shown)
{
	fixture_lesson(&m, 13);
	for (m.drivers = 0; m.drivers < LESSON_DRIVER; m.drivers++) {
		struct lesson_driver_line *d = &m.driver[m.drivers];

		*d = (struct lesson_driver_line){.number = m.drivers + 1};
		lesson_setf(d->text, sizeof d->text, "<%u>", m.drivers);
	}
	for (m.current = 0; m.current < m.drivers; m.current++) {
		char want_text[16];

		lesson_draw(&m, "", &g);
		snprintf(want_text, sizeof want_text, "<%u>", m.current);
		ck_assert_ptr_nonnull(strstr(screen(SKIN_UNICODE), want_text));
		ck_assert_ptr_nonnull(strstr(spans(ROLE_CURRENT), ":0-"));
	}
}
END_TEST

START_TEST(closed_and_veiled)
{
	fixture_lesson(&m, 9);
	for (u32 i = 0; i < LESSON_BYTES; i++) {
		m.device.byte[i] = (struct lesson_byte){
		    .value = 'l',
		    .state = i < 4 ? BYTE_KNOWN : BYTE_UNREACHABLE,
		    .mark = i < 4 ? 'x' : ' ',
		};
		m.under.wall[i] = WALL_CLOSED;
		m.cpu.byte[i].state = i < 2 ? BYTE_VEILED : BYTE_KNOWN;
	}
	lesson_set(m.under.what, sizeof m.under.what, "no entry");
	m.upper.wall[0] = m.upper.wall[1] = WALL_VEILED;
	lesson_draw(&m, "", &g);
	ck_assert_str_eq(spans(ROLE_STALE), "8:14-25 8:63-66");
	ck_assert_str_eq(spans(ROLE_WALL), "5:2-11 7:2-11 7:14-60 7:63-78");
	ck_assert_str_eq(spans(ROLE_VEIL), "4:14-19 4:63-64 5:14-18 5:63-64");
	ck_assert_ptr_nonnull(strstr(screen(SKIN_UNICODE), " CPU reads    ?? ?? aa aa "));
	ck_assert_ptr_nonnull(strstr(screen(SKIN_UNICODE), "6cx6cx6cx6cx-- -- "));
	ck_assert_ptr_nonnull(strstr(screen(SKIN_UNICODE), "llll------------ "));
	ck_assert_ptr_nonnull(strstr(screen(SKIN_UNICODE), "  X no entry  XXXXXX"));
}
END_TEST

/* Long names and texts are cut in their place; nothing beside them moves. */
START_TEST(long_texts)
{
	static char longest[2 * LESSON_TEXT];

	memset(longest, 'w', sizeof longest - 1);
	fixture_lesson(&m, 13);
	lesson_set(m.scenario, sizeof m.scenario, longest);
	lesson_set(m.file, sizeof m.file, longest);
	lesson_set(m.object, sizeof m.object, longest);
	lesson_set(m.base, sizeof m.base, longest);
	lesson_set(m.device.who, sizeof m.device.who, longest);
	lesson_set(m.upper.what, sizeof m.upper.what, longest);
	lesson_set(m.line_head.range, sizeof m.line_head.range, longest);
	lesson_set(m.sentence[0], sizeof m.sentence[0], longest);
	lesson_set(m.driver[m.current].text, sizeof m.driver[0].text, longest);
	ck_assert_uint_eq(strlen(m.scenario), LESSON_NAME - 1);
	lesson_draw(&m, "", &g);
	ck_assert_ptr_nonnull(strstr(screen(SKIN_UNICODE), "w  broken  on arm64-soc  line 20  "
							   "event 13/17 \n"));
	ck_assert_ptr_nonnull(strstr(screen(SKIN_UNICODE), " ww..ww reads 68*65*"));
	ck_assert_ptr_nonnull(strstr(screen(SKIN_UNICODE), "  ▓ www..ww e3▓▓▓▓"));
	ck_assert_ptr_nonnull(strstr(screen(SKIN_UNICODE), "w..  reads old bytes\n"));
	ck_assert_str_eq(spans(ROLE_STALE), "4:14-28 4:63-67");
}
END_TEST

START_TEST(set_cuts_between_characters)
{
	char field[6];

	lesson_set(field, sizeof field, "ab×××");
	ck_assert_str_eq(field, "ab×");
	lesson_set(field, sizeof field, "abc×");
	ck_assert_str_eq(field, "abc×");
	lesson_setf(field, sizeof field, "%s%u", "line", 12);
	ck_assert_str_eq(field, "line1");
}
END_TEST

START_TEST(nothing_allocated_yet)
{
	m = (struct lesson_model){.events = 3};
	lesson_set(m.object_note, sizeof m.object_note, "no memory is allocated yet");
	lesson_strip_begin(&m, false);
	lesson_draw(&m, "", &g);
	ck_assert_ptr_nonnull(strstr(screen(SKIN_ASCII), "\n no memory is allocated yet  "));
	ck_assert_ptr_nonnull(strstr(screen(SKIN_ASCII), "\n- three truths -----"));
	ck_assert_ptr_nonnull(strstr(screen(SKIN_ASCII), "\n--.---.---.----"));
	ck_assert_ptr_nonnull(strstr(screen(SKIN_ASCII), "- e0 of 3 -\n"));
	ck_assert_str_eq(spans(ROLE_POS), "");
}
END_TEST

static void strip_for(u32 event, u32 events, bool ahead)
{
	m = (struct lesson_model){.event = event, .events = events};
	lesson_strip_begin(&m, ahead);
}

/* Event numbers grow; what lies in the seam is still told. */
START_TEST(late_copy)
{
	fixture_lesson(&m, 13);
	m.upper.copied = 104;
	lesson_draw(&m, "", &g);
	ck_assert_ptr_nonnull(strstr(screen(SKIN_UNICODE), " cache e104"));
	m.upper.copied = 1042;
	lesson_draw(&m, "", &g);
	ck_assert_ptr_nonnull(strstr(screen(SKIN_UNICODE), " cache     "));
	ck_assert_ptr_null(strstr(screen(SKIN_UNICODE), "e1042"));
}
END_TEST
/* Whatever the length of the run, every mark has its rule cells and the counter its place. */
START_TEST(strip_of_any_length)
{
	static const u32 lengths[] = {1,  2,  14, 15, 16,  17,	 23,	   24,
				      25, 31, 32, 33, 100, 9999, 10000000, UINT32_MAX};

	for (u32 i = 0; i < ARRAY_LEN(lengths); i++) {
		u32 n = lengths[i];

		strip_for(n, n, true);
		lesson_strip_mark(&m, 1, '|');
		lesson_strip_mark(&m, n, '!');
		ck_assert_uint_eq(m.strip.at, m.strip.marks - 1);
		lesson_draw(&m, "", &g);
		str_clear(&want);
		str_printf(&want, "[!]-");
		ck_assert_ptr_nonnull(strstr(screen(SKIN_ASCII), str_get(&want)));
		str_clear(&want);
		str_printf(&want, "-- e%u of %u -\n", n, n);
		ck_assert_ptr_nonnull(strstr(screen(SKIN_ASCII), str_get(&want)));
	}
}
END_TEST

START_TEST(strip_does_not_spoil)
{
	strip_for(2, 4, false);
	lesson_strip_mark(&m, 3, '!');
	lesson_strip_mark(&m, 4, '<');
	lesson_strip_mark(&m, 2, '|');
	lesson_strip_mark(&m, 1, '<');
	ck_assert_int_eq(memcmp(m.strip.mark, "<|..", 4), 0);
	strip_for(2, 4, true);
	lesson_strip_mark(&m, 3, '!');
	ck_assert_int_eq(memcmp(m.strip.mark, "..!.", 4), 0);
}
END_TEST

/* Of events with one mark the strongest is shown, but at the position its own event. */
START_TEST(strip_shares_marks)
{
	strip_for(320, 320, false);
	ck_assert_uint_lt(m.strip.marks, 320);
	for (u32 e = 1; e <= 320; e++)
		lesson_strip_mark(&m, e, e == 7 ? '!' : e == 320 ? '>' : e == 319 ? '!' : '|');
	ck_assert_int_eq(m.strip.mark[0], '!');
	ck_assert_int_eq(m.strip.mark[1], '|');
	ck_assert_int_eq(m.strip.mark[m.strip.marks - 1], '>');
}
END_TEST

/* A text is broken between words, a word that has no room anywhere, and the end says so. */
START_TEST(page_breaks_text)
{
	static const char page[] = "why: x\n"
				   "here\tone two\n"
				   "long\t0123456789 0123456789 0123456789 0123456789 0123456789 "
				   "0123456789 0123456789\n"
				   "none\t\n"
				   "word\t0123456789012345678901234567890123456789"
				   "0123456789012345678901234567890123456789\n";
	static const char *const rows[] = {
	    "+- why: x ",
	    "| here         one two ",
	    "| long         0123456789 0123456789 0123456789 0123456789 0123456789          |",
	    "|              0123456789 0123456789 ",
	    "| none     ",
	    "| word         012345678901234567890123456789012345678901234567890123456789012 |",
	    "|              34567890123456789 "};
	struct str text = {0};

	page_draw(page, 9, &g);
	screen(SKIN_ASCII);
	for (u32 r = 0; r < ARRAY_LEN(rows); r++)
		ck_assert_msg(!strncmp(str_get(&have) + (9 + r) * (LESSON_WIDTH + 1), rows[r],
				       strlen(rows[r])),
			      "row %u\n%s", r, str_get(&have));
	ck_assert_ptr_null(strstr(str_get(&have), ".. more"));
	str_add(&text, "t\n");
	for (u32 i = 0; i < 13; i++)
		str_printf(&text, "l%u\ttext\n", i);
	page_draw(str_get(&text), 9, &g);
	ck_assert_ptr_nonnull(strstr(screen(SKIN_ASCII), "l10          text"));
	ck_assert_ptr_null(strstr(str_get(&have), "l11"));
	ck_assert_ptr_nonnull(strstr(str_get(&have), "|              .. more "));
	str_free(&text);
}
END_TEST

static Suite *lesson_suite(void)
{
	Suite *s = suite_create("lesson");
	TCase *t = tcase_create("screens");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, screen_lesson_1);
	tcase_add_test(t, screen_lesson_2);
	tcase_add_test(t, screen_lesson_3);
	tcase_add_test(t, screen_swiotlb);
	tcase_add_test(t, screen_edge);
	tcase_add_test(t, screen_small);
	tcase_add_test(t, small_at_all_sizes);
	tcase_add_test(t, roles_of_lesson_1);
	tcase_add_test(t, roles_of_lesson_2);
	tcase_add_test(t, roles_of_lesson_3);
	tcase_add_test(t, roles_of_swiotlb);
	tcase_add_test(t, roles_of_edge);
	tcase_add_test(t, squint);
	tcase_add_test(t, larger_keeps_the_corner);
	tcase_add_test(t, current_line_is_shown);
	tcase_add_test(t, closed_and_veiled);
	tcase_add_test(t, long_texts);
	tcase_add_test(t, set_cuts_between_characters);
	tcase_add_test(t, nothing_allocated_yet);
	tcase_add_test(t, late_copy);
	tcase_add_test(t, strip_of_any_length);
	tcase_add_test(t, strip_does_not_spoil);
	tcase_add_test(t, strip_shares_marks);
	tcase_add_test(t, page_breaks_text);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(lesson_suite)
