/* SPDX-License-Identifier: MIT */
/* The parts of the lesson layout, for tui/lesson.c only. */
#ifndef TUI_LESSON_INT_H
#define TUI_LESSON_INT_H

#include "base/grid.h"
#include "tui/model.h"

/* Text whose last column is 'last', cut so that it does not begin before 'first'. */
void put_right(struct grid *g, u32 row, u32 first, u32 last, enum role role, const char *text);

/* Rows 1 to 8, or to 9 with an owner row. */
void truths_draw(const struct lesson_model *m, struct grid *g);

/* The header of a cache line. */
void line_draw(const struct lesson_line *l, struct grid *g, u32 row);

/* The timeline, which is also the rule below the truths. */
void strip_draw(const struct lesson_model *m, struct grid *g, u32 row);

enum role note_role(u8 note, enum role quiet);

#endif
