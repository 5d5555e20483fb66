/* SPDX-License-Identifier: MIT */
/*
 * The lesson layout and the screen of a window that is too small for it. Both are pure functions
 * of what they are given: the same model gives the same grid.
 *
 * Rows: 0 title, 1 to 13 truths, 14 timeline, 15 and 16 sentences, 17 rule, from 18 driver, last
 * row keys. Rows 0 to 16 and columns 0 to 79 are the same at every size.
 */
#ifndef TUI_LESSON_H
#define TUI_LESSON_H

#include "base/grid.h"
#include "tui/model.h"

enum {
	LESSON_WIDTH = 80, /* the least window, and the width that is drawn */
	LESSON_HEIGHT = 24,
};

/*
 * Draws m and the key bar keys into g, which is LESSON_WIDTH x LESSON_HEIGHT or more. More rows
 * show more driver lines; more columns stay blank.
 */
void lesson_draw(const struct lesson_model *m, const char *keys, struct grid *g);

/*
 * Draws what a window below LESSON_WIDTH x LESSON_HEIGHT shows. The place is kept: line (0: none)
 * and event. has_plain offers the key that goes on as plain lines.
 */
void small_draw(u32 line, u32 event, bool has_plain, struct grid *g);

/* Row 'row' of g as a pane's rule: its name on the left, its state on the right; both may be "". */
void pane_rule(struct grid *g, u32 row, const char *name, const char *state);

/* An empty overlay: a box from row first to the last row but one, name and state in its rule. */
void overlay_box(struct grid *g, u32 first, const char *name, const char *state);

/*
 * An overlay from row first on with a text: its name, then "label\ttext" for each row; text is
 * broken between words. What does not fit is cut, and its last row says so.
 */
void page_draw(const char *text, u32 first, struct grid *g);

/* The first row that an overlay may take: behind the open truths of m. */
u32 overlay_row(const struct lesson_model *m);

#endif
