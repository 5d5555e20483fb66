/* SPDX-License-Identifier: MIT */
/*
 * A grid of text cells: what a view draws into, and what a terminal, a golden test or an exporter
 * shows. A cell is one code point of one column and a role; roles become colours in tui/palette.
 *
 * There is one grid for both skins: cells hold the Unicode shape, and the ASCII skin is a column
 * of glyph.def that is looked up when a cell is shown.
 *
 * Model: one code point, one column. Control, wide, combining and bidi characters become '?', so
 * that no text from a file can move what stands beside it.
 */
#ifndef BASE_GRID_H
#define BASE_GRID_H

#include "base/str.h"
#include "base/types.h"

enum glyph {
#define G(NAME, CP, ASCII) GLYPH_##NAME = (CP),
#include "base/glyph.def"
#undef G
};

enum role {
#define R(NAME, TEXT) ROLE_##NAME,
#include "base/role.def"
#undef R
	ROLE_COUNT
};

enum skin {
	SKIN_UNICODE,
	SKIN_ASCII,
};

struct cell {
	u32 cp; /* code point, one column wide; never a control character */
	u8 role;
};

enum { GRID_SIDE_MAX = 1000 }; /* columns or rows; a larger terminal is used up to here */

struct grid {
	u32 w, h;	   /* columns, rows */
	struct cell *cell; /* owned: h rows of w cells */
};

/* A blank grid of w columns and h rows, each at most GRID_SIDE_MAX. */
void grid_init(struct grid *g, u32 w, u32 h);
/* Gives g a new size, in cells, and makes it blank. */
void grid_resize(struct grid *g, u32 w, u32 h);
void grid_clear(struct grid *g);			  /* all cells blank, ROLE_TEXT */
void grid_copy(struct grid *to, const struct grid *from); /* to is initialised; takes from's size */
void grid_fini(struct grid *g);

/* The cell at row, col, which must lie inside. */
const struct cell *grid_at(const struct grid *g, u32 row, u32 col);

/* Columns that a UTF-8 text takes: its code points, a broken byte counting as one. */
u32 grid_columns(const char *text);

/*
 * Draws UTF-8 text from row, col to the right and returns the column behind it, as if nothing was
 * cut. What lies outside the grid is not drawn.
 */
u32 grid_put(struct grid *g, u32 row, u32 col, enum role role, const char *text);
u32 grid_printf(struct grid *g, u32 row, u32 col, enum role role, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* As grid_put in at most width columns: longer text ends in "..". */
u32 grid_put_cut(struct grid *g, u32 row, u32 col, u32 width, enum role role, const char *text);

/* As grid_put in at most width columns: longer text has its middle folded to "..". */
u32 grid_put_fold(struct grid *g, u32 row, u32 col, u32 width, enum role role, const char *text);

/* n cells of one code point. */
void grid_fill(struct grid *g, u32 row, u32 col, u32 n, enum role role, u32 cp);

/* Gives n cells a role and leaves what they show. */
void grid_paint(struct grid *g, u32 row, u32 col, u32 n, enum role role);

/* What a cell shows in a skin: its code point, or the ASCII column of glyph.def ('?' if none). */
u32 grid_cell_show(struct cell c, enum skin skin);

/* Appends the grid as UTF-8 text: h lines of exactly w columns, each ended by a newline. */
void grid_text(const struct grid *g, enum skin skin, struct str *out);

/*
 * Appends the runs of cells with role r as "4:14-28 4:63-67" (row:first-last column, from 0), a
 * blank between two runs. With ROLE_NEWEST all three roles of newest bytes are meant.
 */
void grid_spans(const struct grid *g, enum role r, struct str *out);

/* The name of a role in role.def; the value must be a role. */
const char *role_name(enum role r);

/*
 * Goes through the cells in which two grids of one size differ: finds the first at or behind *at
 * (an index, row * w + col), stores it in *at and returns true. Begin with *at = 0, go on with
 * *at + 1.
 */
bool grid_diff_next(const struct grid *a, const struct grid *b, u32 *at);
/* The number of cells that differ. */
u32 grid_diff_count(const struct grid *a, const struct grid *b);

#endif
