/* SPDX-License-Identifier: MIT */
/* A text over the rows below the open truths: labels on the left, text broken between words. */
#include "tui/lesson.h"

#include <string.h>

enum { COL_LABEL = 2, COL_TEXT = 15, TEXT_WIDTH = LESSON_WIDTH - 2 - COL_TEXT };

/* How many bytes of s go on one row: as many whole words as fit, at least one character. */
static size_t row_of(const char *s, size_t n)
{
	size_t end = 0, blank = 0;

	for (u32 columns = 0; end < n && columns < TEXT_WIDTH; columns++) {
		if (s[end] == ' ')
			blank = end;
		do
			end++;
		while (end < n && ((unsigned char)s[end] & 0xc0) == 0x80);
	}
	return end == n || s[end] == ' ' ? end : blank ? blank : end;
}

/* One label with its text, from row on; returns the row behind it. */
static u32 item_draw(const char *s, size_t n, u32 row, u32 last, struct grid *g)
{
	const char *tab = memchr(s, '\t', n);
	const char *text = tab ? tab + 1 : s;
	size_t rest = (size_t)(s + n - text);
	struct str piece = {0};

	if (tab) {
		str_addn(&piece, s, (size_t)(tab - s));
		grid_put_cut(g, row, COL_LABEL, COL_TEXT - COL_LABEL - 1, ROLE_LABEL,
			     str_get(&piece));
	}
	do {
		size_t take = row_of(text, rest);

		str_clear(&piece);
		str_addn(&piece, text, take);
		if (row <= last)
			grid_put(g, row, COL_TEXT, ROLE_TEXT, str_get(&piece));
		row++;
		while (take < rest && text[take] == ' ')
			take++;
		text += take;
		rest -= take;
	} while (rest);
	str_free(&piece);
	return row;
}

void page_draw(const char *text, u32 first, struct grid *g)
{
	const char *end = strchr(text, '\n');
	u32 row = first + 1, last = g->h - 3;
	struct str name = {0};

	if (!end)
		return;
	str_addn(&name, text, (size_t)(end - text));
	overlay_box(g, first, str_get(&name), "");
	str_free(&name);
	for (text = end + 1; row <= last && *text; text = end + 1) {
		end = strchr(text, '\n');
		if (!end)
			return;
		row = item_draw(text, (size_t)(end - text), row, last, g);
	}
	if (row > last + 1 || *text) {
		grid_fill(g, last, COL_LABEL, LESSON_WIDTH - COL_LABEL - 1, ROLE_TEXT, ' ');
		grid_put(g, last, COL_TEXT, ROLE_LABEL, ".. more");
	}
}
