/* SPDX-License-Identifier: MIT */
/*
 * The three truths: rows of bytes in the order in which bytes travel, with a seam between two
 * rows. Where the sides of a seam differ a wall stands in it, exactly below the bytes, and once
 * more below their characters.
 */
#include "tui/lesson_int.h"

#include "base/bug.h"
#include "tui/lesson.h"

#include <stdio.h>

enum {
	COL_LABEL = 1,
	COL_SEAM = 2, /* the seam's sign */
	COL_WHAT = 4, /* what lies in the seam */
	COL_RANGE = 9,
	COL_BYTES = 14, /* three columns a byte: two digits and a mark */
	COL_BADGE = 21,
	COL_CACHED = 45,
	COL_TEXT = 63, /* one column a byte */
	LABEL_WIDTH = 12,
	WHAT_WIDTH = 10,
	RIGHTS_WIDTH = 16,
};

static const struct {
	const char *text;
	char letter; /* in the owner row */
	enum role role;
} badges[] = {
    [BADGE_NOT_SHOWN] = {"", ' ', ROLE_TEXT},	     [BADGE_CPU] = {"[CPU]", 'c', ROLE_CPU},
    [BADGE_CPU_MAPPED] = {"[CPU+h]", 'h', ROLE_CPU}, [BADGE_DEV_R] = {"<DEV r>", 'r', ROLE_DEV},
    [BADGE_DEV_W] = {"<DEV w>", 'w', ROLE_DEV},	     [BADGE_DEV_RW] = {"<DEV rw>", 'x', ROLE_DEV},
    [BADGE_SHARED] = {"{BOTH}", 'b', ROLE_SHARED},   [BADGE_NONE] = {"(free)", '.', ROLE_TEXT},
};

static const char *const cached_signs[] = {
    [CACHED_NOT_SHOWN] = "", [CACHED_EMPTY] = " . ",	[CACHED_CLEAN] = "(C)",
    [CACHED_DIRTY] = "[D]",  [CACHED_UNCACHED] = "(U)", [CACHED_FILLING] = ">F<",
};

static const char *const verbs[] = {
    [VERB_NONE] = "",	   [VERB_HOLDS] = " holds", [VERB_READS] = " reads",
    [VERB_READ] = " READ", [VERB_WROTE] = " WROTE",
};

/* How a wall looks. Stronger walls stand later in enum lesson_wall. */
static const struct {
	u32 cp;
	enum role role, label;
} walls[] = {
    [WALL_NONE] = {'=', ROLE_LABEL, ROLE_LABEL},
    [WALL_LIGHT] = {GLYPH_LIGHT_WALL, ROLE_LABEL, ROLE_LABEL},
    [WALL_FULL] = {GLYPH_WALL, ROLE_WALL, ROLE_WALL},
    [WALL_CLOSED] = {'X', ROLE_WALL, ROLE_WALL},
    [WALL_VEILED] = {'?', ROLE_VEIL, ROLE_WALL},
};

enum role note_role(u8 note, enum role quiet)
{
	return note == NOTE_FINDING ? ROLE_FINDING : note == NOTE_BEHIND ? ROLE_OLD : quiet;
}

void line_draw(const struct lesson_line *l, struct grid *g, u32 row)
{
	u32 col = grid_printf(g, row, COL_LABEL, ROLE_LABEL, "line %u", l->number) + 1;

	BUG_ON(l->owner >= ARRAY_LEN(badges) || l->cached >= ARRAY_LEN(cached_signs));
	col = col < COL_RANGE ? COL_RANGE : col;
	col = grid_put_fold(g, row, col, COL_BADGE - 1 - col, ROLE_TEXT, l->range);
	col = grid_put(g, row, COL_BADGE, badges[l->owner].role, badges[l->owner].text) + 1;
	/* {BOTH} is a column shorter and what follows stands a column nearer */
	grid_put_cut(g, row, col, RIGHTS_WIDTH, ROLE_TEXT, l->rights);
	col = grid_put(g, row, COL_CACHED, ROLE_TEXT, cached_signs[l->cached]) + 1;
	if (l->cached)
		col = grid_put_cut(g, row, col, LESSON_WIDTH - 1 - col, ROLE_TEXT, l->where) + 1;
	put_right(g, row, col, LESSON_WIDTH - 2, note_role(l->note_kind, ROLE_LABEL), l->note);
}

static void owners_draw(const struct lesson_model *m, struct grid *g, u32 row)
{
	grid_put(g, row, COL_LABEL, ROLE_LABEL, "owner");
	for (u32 i = 0; i < m->bytes; i++) {
		u8 owner = m->owners[i];
		bool joined =
		    i + 1 < m->bytes && badges[owner].role == badges[m->owners[i + 1]].role;

		BUG_ON(owner >= ARRAY_LEN(badges));
		grid_fill(g, row, COL_BYTES + 3 * i, 1, badges[owner].role,
			  (u8)badges[owner].letter);
		grid_paint(g, row, COL_BYTES + 3 * i + 1, joined ? 2 : 1, badges[owner].role);
	}
	grid_put_cut(g, row, COL_TEXT, LESSON_WIDTH - 1 - COL_TEXT, ROLE_LABEL, m->owners_key);
}

/* A field: its name, a line, and its end below the last digit of its last byte. */
static void field_draw(const struct lesson_model *m, const struct lesson_field *f, struct grid *g,
		       u32 row)
{
	u32 col = COL_BYTES + 3 * f->first - (f->first > 0);
	u32 end = COL_BYTES + 3 * (f->first + f->count) - 2;

	BUG_ON(f->count == 0 || f->first + f->count > LESSON_BYTES);
	if (f->first == m->cursor)
		col = COL_BYTES + 3 * f->first + 3;
	if (col > end)
		return;
	col = grid_put_cut(g, row, col, end - col, ROLE_LABEL, f->name) + 1;
	if (col < end)
		grid_fill(g, row, col, end - col, ROLE_LABEL, GLYPH_RULE);
	grid_fill(g, row, end, 1, ROLE_LABEL, GLYPH_TEE_RIGHT);
}

static void ruler_draw(const struct lesson_model *m, struct grid *g, u32 row)
{
	grid_put_fold(g, row, COL_LABEL, LABEL_WIDTH, ROLE_TEXT, m->base);
	BUG_ON(m->fields > LESSON_FIELDS);
	for (u32 i = 0; i < m->fields; i++)
		field_draw(m, &m->field[i], g, row);
	for (u32 i = 0; i < m->bytes; i++) {
		if (i == m->cursor)
			grid_fill(g, row, COL_BYTES + 3 * i, 2, ROLE_CURSOR, GLYPH_DOWN);
		else if (m->fields == 0)
			grid_printf(g, row, COL_BYTES + 3 * i, ROLE_LABEL, "+%x", i);
	}
	grid_put_cut(g, row, COL_TEXT, LESSON_BYTES, ROLE_LABEL, m->as);
}

static enum role byte_role(const struct lesson_byte *b, bool chosen)
{
	if (b->state == BYTE_VEILED)
		return ROLE_VEIL;
	switch (b->mark) {
	case '!':
	case 'x':
		return ROLE_STALE;
	case '~':
		return ROLE_OLD;
	case '*':
		return b->writer == SIDE_CPU   ? ROLE_NEWEST_CPU
		       : b->writer == SIDE_DEV ? ROLE_NEWEST_DEV
					       : ROLE_NEWEST;
	default:
		BUG_ON(b->mark && b->mark != ' ');
		return chosen ? ROLE_CURSOR : ROLE_TEXT;
	}
}

static void byte_draw(const struct lesson_byte *b, bool chosen, struct grid *g, u32 row, u32 i)
{
	enum role role = byte_role(b, chosen);
	char digits[3] = "--";
	char shown = '-';

	if (b->state == BYTE_KNOWN) {
		snprintf(digits, sizeof digits, "%02x", b->value);
		shown = b->value >= 0x20 && b->value < 0x7f ? (char)b->value : '.';
	} else if (b->state == BYTE_VEILED) {
		digits[0] = digits[1] = shown = '?';
	}
	grid_printf(g, row, COL_BYTES + 3 * i, role, "%s%c", digits, b->mark ? b->mark : ' ');
	grid_printf(g, row, COL_TEXT + i, role, "%c", shown);
}

static void row_draw(const struct lesson_model *m, const struct lesson_row *r, struct grid *g,
		     u32 row)
{
	enum role role = r->acts ? ROLE_ACT : ROLE_LABEL;
	u32 verb, col;

	BUG_ON(r->verb >= ARRAY_LEN(verbs));
	verb = grid_columns(verbs[r->verb]);
	if (r->acts)
		grid_fill(g, row, 0, 1, ROLE_ACT, GLYPH_HERE);
	col = grid_put_fold(g, row, COL_LABEL, LABEL_WIDTH - verb, role, r->who);
	grid_put(g, row, col, role, verbs[r->verb]);
	for (u32 i = 0; i < m->bytes; i++)
		byte_draw(&r->byte[i], i == m->cursor, g, row, i);
	if (r->text[0]) {
		grid_fill(g, row, COL_TEXT, LESSON_BYTES, ROLE_TEXT, ' ');
		grid_put_cut(g, row, COL_TEXT, LESSON_BYTES, note_role(r->text_note, ROLE_TEXT),
			     r->text);
	}
}

/* What lies in the seam; the event of its copy only where it hides bytes. */
static void seam_label(const struct lesson_seam *s, u8 strongest, struct grid *g, u32 row)
{
	enum role role = walls[strongest].label;
	char copied[16] = "";
	u32 col, width;

	if (!s->what[0] && strongest == WALL_NONE)
		return;
	if (s->copied && s->copied < 1000 && strongest != WALL_NONE) /* else no room to say what */
		snprintf(copied, sizeof copied, " e%u", s->copied);
	width = grid_columns(copied);
	width = width < WHAT_WIDTH ? WHAT_WIDTH - width : 0;
	grid_fill(g, row, COL_SEAM, 1, role, walls[strongest].cp);
	grid_fill(g, row, COL_SEAM + 1, 1, role, ' ');
	col = grid_put_fold(g, row, COL_WHAT, width, role, s->what);
	grid_put(g, row, col, role, copied);
}

static void seam_draw(const struct lesson_model *m, const struct lesson_seam *s, struct grid *g,
		      u32 row)
{
	u8 strongest = WALL_NONE;

	for (u32 i = 0; i < m->bytes; i++) {
		u8 w = s->wall[i];
		/* a wall runs on to the next byte if that has the same one */
		u32 n = i + 1 < m->bytes && s->wall[i + 1] == w ? 3 : 2;

		BUG_ON(w >= ARRAY_LEN(walls));
		if (w == WALL_NONE)
			continue;
		grid_fill(g, row, COL_BYTES + 3 * i, n, walls[w].role, walls[w].cp);
		if (!s->text[0])
			grid_fill(g, row, COL_TEXT + i, 1, walls[w].role, walls[w].cp);
		strongest = w > strongest ? w : strongest;
	}
	if (s->text[0])
		grid_put_cut(g, row, COL_TEXT, LESSON_BYTES, walls[strongest].role, s->text);
	seam_label(s, strongest, g, row);
}

void truths_draw(const struct lesson_model *m, struct grid *g)
{
	char name[2 * LESSON_NAME + 32] = "three truths";
	u32 row = 2;

	BUG_ON(m->bytes > LESSON_BYTES);
	if (m->bytes)
		snprintf(name, sizeof name, "three truths of %s: %s", m->object, m->object_note);
	pane_rule(g, 1, name, m->verdict);
	if (!m->bytes) {
		grid_put_cut(g, row, COL_LABEL, LESSON_WIDTH - 1, ROLE_LABEL, m->object_note);
		return;
	}
	line_draw(&m->line_head, g, row++);
	if (m->has_owners)
		owners_draw(m, g, row++);
	ruler_draw(m, g, row++);
	row_draw(m, &m->cpu, g, row++);
	seam_draw(m, &m->upper, g, row++);
	row_draw(m, &m->memory, g, row++);
	seam_draw(m, &m->under, g, row++);
	row_draw(m, &m->device, g, row);
}
