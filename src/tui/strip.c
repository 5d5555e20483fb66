/* SPDX-License-Identifier: MIT */
/*
 * The timeline: one mark per event, or per run of events where they are many, so that the whole
 * run is always in one row and a mark keeps its place while the position moves.
 */
#include "tui/lesson_int.h"

#include "base/bug.h"
#include "tui/lesson.h"

#include <stdio.h>
#include <string.h>

enum { STRIP_FIRST = 2, STRIP_GAP_MIN = 2, STRIP_GAP_MAX = 4, STRIP_MARGIN = 3 };

/* The last column a mark may have: left of the widest counter this run can need. */
static u32 last_column(u32 events)
{
	char widest[64];

	snprintf(widest, sizeof widest, " e%u of %u -", events, events);
	return LESSON_WIDTH - (u32)strlen(widest) - STRIP_MARGIN;
}

void lesson_strip_begin(struct lesson_model *m, bool show_ahead)
{
	u32 room = (last_column(m->events) - STRIP_FIRST) / STRIP_GAP_MIN + 1;
	struct lesson_strip *s = &m->strip;

	BUG_ON(m->event > m->events);
	*s = (struct lesson_strip){.shows_ahead = show_ahead, .at = LESSON_NO_MARK};
	s->marks = (u32)min_u64(m->events, min_u64(room, LESSON_STRIP));
	memset(s->mark, '.', s->marks);
	if (m->event)
		s->at = (u32)((u64)(m->event - 1) * s->marks / m->events);
}

static u32 rank(u8 mark)
{
	static const char order[] = "!><|.";
	const char *p = strchr(order, mark);

	BUG_ON(!mark || !p);
	return (u32)(p - order);
}

void lesson_strip_mark(struct lesson_model *m, u32 event, char mark)
{
	struct lesson_strip *s = &m->strip;
	u32 i = (u32)((u64)(event - 1) * s->marks / m->events);

	BUG_ON(event < 1 || event > m->events);
	if (event > m->event && !s->shows_ahead && (mark == '!' || mark == '<'))
		mark = '.';
	if (event == m->event)
		s->own = true;
	else if (i == s->at && s->own)
		return;
	if (event == m->event || rank((u8)mark) < rank(s->mark[i]))
		s->mark[i] = (u8)mark;
}

static void mark_draw(struct grid *g, u32 row, u32 col, u8 mark, bool here)
{
	u32 cp = mark == '|' ? (u32)GLYPH_TEE_LEFT : mark == '.' ? (u32)GLYPH_DOT : mark;
	enum role role = mark == '!'   ? ROLE_FINDING
			 : mark == '>' ? ROLE_DEV
			 : mark == '<' ? ROLE_CPU
				       : ROLE_RULE;

	grid_fill(g, row, col, 1, here ? ROLE_POS : role, cp);
	if (here) {
		grid_put(g, row, col - 1, ROLE_ACT, "[");
		grid_put(g, row, col + 1, ROLE_ACT, "]");
	}
}

void strip_draw(const struct lesson_model *m, struct grid *g, u32 row)
{
	const struct lesson_strip *s = &m->strip;
	u32 room = last_column(m->events) - STRIP_FIRST;
	u32 gap = STRIP_GAP_MAX;
	char counter[64];

	BUG_ON(s->marks > LESSON_STRIP);
	while (gap > STRIP_GAP_MIN && s->marks && (s->marks - 1) * gap > room)
		gap--;
	grid_fill(g, row, 0, LESSON_WIDTH, ROLE_RULE, GLYPH_RULE);
	for (u32 i = 0; i < s->marks; i++)
		mark_draw(g, row, STRIP_FIRST + i * gap, s->mark[i], i == s->at);
	snprintf(counter, sizeof counter, " e%u of %u ", m->event, m->events);
	put_right(g, row, 0, LESSON_WIDTH - 2, ROLE_LABEL, counter);
}
