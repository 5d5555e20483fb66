/* SPDX-License-Identifier: MIT */
/*
 * The lesson layout: the frame around the truths. Texts of a model that are too long are cut here
 * with "..", so that no row ever moves another.
 */
#include "tui/lesson.h"

#include "base/bug.h"
#include "tui/lesson_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	ROW_LOWER_END = 13, /* the last row of the truths */
	ROW_STRIP = 14,
	ROW_SENTENCE = 15,
	ROW_DRIVER = 17, /* its rule */
	COL_ARROW = 1,
	COL_NUMBER = 2,
	COL_STATEMENT = 8,
	COL_RANGE = 9,
	RANGE_WIDTH = 11,
	COL_FREE = 21,
	COL_LOSS = 32,
};

void lesson_set(char *field, size_t size, const char *text)
{
	size_t n = strlen(text);

	if (n >= size) {
		n = size - 1;
		while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(field, text, n);
	field[n] = '\0';
}

void lesson_setf(char *field, size_t size, const char *fmt, ...)
{
	char text[4 * LESSON_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	lesson_set(field, size, text);
}

void put_right(struct grid *g, u32 row, u32 first, u32 last, enum role role, const char *text)
{
	u32 room = last >= first ? last - first + 1 : 0;
	u32 n = grid_columns(text);

	grid_put_cut(g, row, last + 1 - (n < room ? n : room), room, role, text);
}

void pane_rule(struct grid *g, u32 row, const char *name, const char *state)
{
	u32 end = LESSON_WIDTH - 2; /* the last column before the closing dash */
	u32 n = grid_columns(state);

	grid_fill(g, row, 0, LESSON_WIDTH, ROLE_RULE, GLYPH_RULE);
	if (n > LESSON_WIDTH / 2)
		n = LESSON_WIDTH / 2;
	if (n) {
		grid_put(g, row, end, ROLE_TEXT, " ");
		grid_put(g, row, end - n - 1, ROLE_TEXT, " ");
		grid_put_cut(g, row, end - n, n, ROLE_TEXT, state);
		end -= n + 2;
	}
	if (name[0]) {
		u32 col;

		grid_put(g, row, 1, ROLE_TITLE, " ");
		col = grid_put_cut(g, row, 2, end - 3, ROLE_TITLE, name);
		grid_put(g, row, col, ROLE_TITLE, " ");
	}
}

static void title_draw(const struct lesson_model *m, struct grid *g)
{
	char place[96], rest[2 * LESSON_NAME + 16];
	u32 room, col;

	if (m->line)
		snprintf(place, sizeof place, "line %u  event %u/%u", m->line, m->event, m->events);
	else
		snprintf(place, sizeof place, "event %u/%u", m->event, m->events);
	snprintf(rest, sizeof rest, "%s%s  on %s", m->variant[0] ? "  " : "", m->variant,
		 m->platform);
	grid_fill(g, 0, 0, LESSON_WIDTH, ROLE_TITLE, ' ');
	put_right(g, 0, 1, LESSON_WIDTH - 2, ROLE_TITLE, place);
	room = LESSON_WIDTH - 4 - (u32)strlen(place);
	/* a long name of the scenario gives way, down to 12 columns, before the rest is cut */
	col = grid_columns(rest) + 12 < room ? room - grid_columns(rest) : 12;
	col = grid_put_fold(g, 0, 1, col, ROLE_TITLE, m->scenario);
	col = grid_put_cut(g, 0, col, room + 1 - col, ROLE_TITLE, rest);
	/* whole or not at all: a piece of a token is none */
	if (m->schedule[0] && col + 2 + grid_columns(m->schedule) <= room)
		grid_printf(g, 0, col, ROLE_TITLE, "  %s", m->schedule);
}

static void if_draw(const struct lesson_lower *l, struct grid *g, u32 row)
{
	static const char *const what[] = {
	    [IF_WRITTEN_BACK] = "written back",
	    [IF_DROPPED] = "dropped",
	    [IF_INVALIDATED] = "invalidated",
	};
	u32 col;

	BUG_ON(l->happens >= ARRAY_LEN(what));
	col = grid_printf(g, row, 1, ROLE_LABEL, "if line %u is %s now:", l->number,
			  what[l->happens]);
	col = col < COL_LOSS ? COL_LOSS : col + 1;
	grid_put_cut(g, row, col, LESSON_WIDTH - col, l->loses ? ROLE_FINDING : ROLE_TEXT, l->text);
}

static void free_draw(const struct lesson_lower *l, struct grid *g, u32 row)
{
	BUG_ON(l->spans > LESSON_SPANS);
	grid_put_cut(g, row, 0, LESSON_WIDTH, ROLE_TEXT, l->text);
	for (u32 i = 0; i < l->spans; i++)
		grid_paint(g, row, l->span[i].col, l->span[i].count, (enum role)l->span[i].role);
}

static void lower_draw(const struct lesson_lower *l, struct grid *g, u32 row)
{
	u32 col;

	switch ((enum lesson_lower_kind)l->kind) {
	case LOWER_EMPTY:
		return;
	case LOWER_FOLD:
		col = grid_put_fold(g, row, COL_RANGE, RANGE_WIDTH, ROLE_LABEL, l->range) + 2;
		grid_put_cut(g, row, col, LESSON_WIDTH - col, ROLE_LABEL, l->text);
		return;
	case LOWER_BYTE:
		grid_put(g, row, 1, ROLE_LABEL, "byte");
		grid_put_fold(g, row, COL_RANGE, RANGE_WIDTH, ROLE_TEXT, l->range);
		grid_put_cut(g, row, COL_FREE, LESSON_WIDTH - COL_FREE, ROLE_TEXT, l->text);
		return;
	case LOWER_LINE:
		line_draw(&l->line, g, row);
		return;
	case LOWER_IF:
		if_draw(l, g, row);
		return;
	case LOWER_RULE:
		pane_rule(g, row, l->range, l->text);
		return;
	case LOWER_TEXT:
		free_draw(l, g, row);
		return;
	}
	BUG_ON("a kind that is not in enum lesson_lower_kind");
}

u32 overlay_row(const struct lesson_model *m)
{
	return m->bytes && m->has_owners ? 10 : 9;
}

static void lowers_draw(const struct lesson_model *m, struct grid *g)
{
	u32 row = overlay_row(m);

	BUG_ON(m->lowers > LESSON_LOWER);
	for (u32 i = 0; i < m->lowers && row + i <= ROW_LOWER_END; i++)
		lower_draw(&m->lower[i], g, row + i);
}

static void sentences_draw(const struct lesson_model *m, struct grid *g)
{
	enum role role = note_role(m->sentence_note, ROLE_TEXT);

	if (role == ROLE_FINDING && m->sentence_harmless)
		role = ROLE_VIOLATION;
	grid_put_cut(g, ROW_SENTENCE, 1, LESSON_WIDTH - 1, role, m->sentence[0]);
	grid_put_cut(g, ROW_SENTENCE + 1, 1, LESSON_WIDTH - 1, ROLE_TEXT, m->sentence[1]);
}

static void statement_draw(const struct lesson_driver_line *d, bool current, struct grid *g,
			   u32 row)
{
	enum role role = d->missing ? ROLE_MISSING : current ? ROLE_CURRENT : ROLE_TEXT;
	u32 note = d->note[0] ? grid_columns(d->note) + 2 : 0;
	char number[16] = "";
	u32 room, col;

	if (role == ROLE_TEXT && d->margin == '!')
		grid_put(g, row, 0, ROLE_FINDING, "!");
	else
		grid_printf(g, row, 0, role, "%c", d->margin ? d->margin : ' ');
	grid_fill(g, row, COL_ARROW, 1, role, current ? (u32)GLYPH_HERE : ' ');
	if (d->number)
		snprintf(number, sizeof number, "%4u", d->number);
	grid_fill(g, row, COL_NUMBER, COL_STATEMENT - COL_NUMBER, role, ' ');
	col = grid_put(g, row, COL_NUMBER, role, number) + 1;
	col = col < COL_STATEMENT ? COL_STATEMENT : col;
	room = LESSON_WIDTH - col;
	room = note < room / 2 ? room - note : room / 2;
	col = grid_put_cut(g, row, col, room, role, d->text);
	if (!note)
		return;
	grid_put(g, row, col, ROLE_TEXT, "  ");
	grid_put_cut(g, row, col + 2, LESSON_WIDTH - col - 2,
		     d->missing ? ROLE_MISSING : ROLE_FINDING, d->note);
}

/* The lines around the current one: it has a quarter of the rows below it, three quarters above. */
static void driver_draw(const struct lesson_model *m, struct grid *g)
{
	u32 rows = g->h - 1 - (ROW_DRIVER + 1);
	u32 current = m->current < m->drivers ? m->current : 0;
	u32 below = rows / 4;
	u32 first = current + below + 1 > rows ? current + below + 1 - rows : 0;

	BUG_ON(m->drivers > LESSON_DRIVER);
	if (m->drivers > rows && first > m->drivers - rows)
		first = m->drivers - rows;
	else if (m->drivers <= rows)
		first = 0;
	pane_rule(g, ROW_DRIVER, "driver", m->file);
	for (u32 i = 0; i < rows && first + i < m->drivers; i++)
		statement_draw(&m->driver[first + i], first + i == m->current, g,
			       ROW_DRIVER + 1 + i);
}

void lesson_draw(const struct lesson_model *m, const char *keys, struct grid *g)
{
	BUG_ON(g->w < LESSON_WIDTH || g->h < LESSON_HEIGHT);
	grid_clear(g);
	title_draw(m, g);
	truths_draw(m, g);
	lowers_draw(m, g);
	strip_draw(m, g, ROW_STRIP);
	sentences_draw(m, g);
	driver_draw(m, g);
	grid_put_cut(g, g->h - 1, 0, LESSON_WIDTH, ROLE_TITLE, keys);
}

void small_draw(u32 line, u32 event, bool has_plain, struct grid *g)
{
	enum { WIDEST = 40, LINES = 8, MARGIN = 4 };
	u32 spare = g->w > WIDEST ? g->w - WIDEST : 0;
	u32 col = spare < MARGIN ? spare : MARGIN;
	u32 row = g->h > LINES ? g->h - LINES : 0;

	grid_clear(g);
	if (g->w < 40 || g->h < 5) {
		grid_put(g, 0, 0, ROLE_TEXT, "dmalab needs 80 columns and 24 rows.");
		return;
	}
	if (row > g->h / 3)
		row = g->h / 3;
	grid_put(g, row++, col, ROLE_TITLE, "dmalab needs 80 columns and 24 rows.");
	grid_printf(g, row++, col, ROLE_TEXT, "This window has %u columns and %u rows.", g->w,
		    g->h);
	grid_put(g, ++row, col, ROLE_TEXT, "Make it larger, or press:");
	if (has_plain)
		grid_put(g, ++row, col, ROLE_TEXT, "l   the same place as plain lines");
	grid_put(g, ++row, col, ROLE_TEXT, "q   quit");
	row += 2;
	if (line)
		grid_printf(g, row, col, ROLE_TEXT, "Your place is kept: line %u, event %u.", line,
			    event);
	else
		grid_printf(g, row, col, ROLE_TEXT, "Your place is kept: event %u.", event);
}

void overlay_box(struct grid *g, u32 first, const char *name, const char *state)
{
	u32 last = g->h - 2, right = LESSON_WIDTH - 1;

	BUG_ON(first >= last);
	pane_rule(g, first, "", "");
	for (u32 row = first + 1; row < last; row++) {
		grid_fill(g, row, 0, LESSON_WIDTH, ROLE_TEXT, ' ');
		grid_fill(g, row, 0, 1, ROLE_RULE, GLYPH_BAR);
		grid_fill(g, row, right, 1, ROLE_RULE, GLYPH_BAR);
	}
	grid_fill(g, last, 0, LESSON_WIDTH, ROLE_RULE, GLYPH_RULE);
	grid_fill(g, first, 0, 1, ROLE_RULE, GLYPH_TOP_LEFT);
	grid_fill(g, first, right, 1, ROLE_RULE, GLYPH_TOP_RIGHT);
	grid_fill(g, last, 0, 1, ROLE_RULE, GLYPH_BOTTOM_LEFT);
	grid_fill(g, last, right, 1, ROLE_RULE, GLYPH_BOTTOM_RIGHT);
	grid_printf(g, first, 2, ROLE_TITLE, " %s ", name);
	if (state[0]) {
		u32 n = grid_columns(state);

		grid_put(g, first, right - 3 - n, ROLE_TEXT, " ");
		grid_put(g, first, right - 2 - n, ROLE_TEXT, state);
		grid_put(g, first, right - 2, ROLE_TEXT, " ");
	}
}
