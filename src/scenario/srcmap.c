/* SPDX-License-Identifier: MIT */
/*
 * From the decoded text of a scalar back to the file. YAML changes only white space and escapes, so
 * both texts are walked side by side: what is no white space must come in the same order.
 */
#include <string.h>

#include "base/str.h"
#include "scenario/yaml.h"

bool ynode_is_empty(const struct ynode *n)
{
	return n->kind == YNODE_SCALAR && n->style == YSTYLE_PLAIN && !n->len;
}

struct ynode *ynode_get(const struct ynode *map, const char *key)
{
	u32 i;

	for (i = 0; i < map->n; i++)
		if (strcmp(map->pair[i].key->text, key) == 0)
			return map->pair[i].value;
	return NULL;
}

/* A place in the source that moves forward one character at a time. */
struct walk {
	const char *p, *end;
	struct src_place at;
};

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void step(struct walk *w)
{
	if (w->p >= w->end)
		return;
	if (*w->p == '\n')
		w->at = (struct src_place){w->at.line + 1, 0};
	do
		w->p++;
	while (w->p < w->end && ((u8)*w->p & 0xc0) == 0x80);
	w->at.col++;
}

static void skip_white(struct walk *w)
{
	while (w->p < w->end && is_white(*w->p))
		step(w);
}

/* How many characters of the source an escape takes, the backslash included. */
static u32 escape_chars(char c)
{
	return c == 'x' ? 4 : c == 'u' ? 6 : c == 'U' ? 10 : 2;
}

/* A backslash at the end of a line joins it with the next and stands for nothing. */
static void skip_joins(struct walk *w)
{
	while (w->end - w->p > 1 && w->p[0] == '\\' && (w->p[1] == '\n' || w->p[1] == '\r')) {
		step(w);
		skip_white(w);
	}
}

static void step_char(struct walk *w, enum ynode_style style)
{
	u32 n = 1;

	if (style == YSTYLE_DOUBLE && *w->p == '\\' && w->end - w->p > 1)
		n = escape_chars(w->p[1]);
	else if (style == YSTYLE_SINGLE && *w->p == '\'')
		n = 2;
	while (n--)
		step(w);
}

/* Places the decoded character c (its first byte); the source moves behind it. */
static struct src_place take(struct walk *w, enum ynode_style style, char c)
{
	struct src_place at;

	if (style == YSTYLE_DOUBLE)
		skip_joins(w);
	if (!is_white(c) && w->p < w->end && is_white(*w->p)) {
		skip_white(w);
		if (style == YSTYLE_DOUBLE)
			skip_joins(w);
	}
	at = w->at;
	if (w->p >= w->end)
		return at;
	/* White space that was folded has no character of its own: stay before the line's end. */
	if (!is_white(c) || *w->p == c || (style == YSTYLE_DOUBLE && *w->p == '\\'))
		step_char(w, style);
	return at;
}

void ynode_map(const char *text, const struct ynode *n, struct srcmap *map)
{
	struct walk w = {text + n->start, text + n->end, {n->at.line, n->at.col}};
	u32 i = 0;

	map->n = 0;
	if (n->style == YSTYLE_LITERAL || n->style == YSTYLE_FOLDED) {
		while (w.p < w.end && *w.p != '\n')
			step(&w);
		step(&w);
	} else if (n->style != YSTYLE_PLAIN) {
		step(&w);
	}
	while (i < n->len) {
		struct src_place at = take(&w, n->style, n->text[i]);

		do
			vec_push(map, at);
		while (++i < n->len && ((u8)n->text[i] & 0xc0) == 0x80);
	}
	vec_push(map, w.at);
}

struct pos srcmap_pos(const struct srcmap *map, u32 from, u32 to)
{
	struct src_place a = map->v[from < map->n ? from : map->n - 1], b;

	if (to <= from)
		return (struct pos){a.line, a.col, 1};
	b = map->v[to - 1 < map->n ? to - 1 : map->n - 1];
	if (b.line != a.line)
		return (struct pos){a.line, a.col, UINT32_MAX};
	return (struct pos){a.line, a.col, b.col >= a.col ? b.col - a.col + 1 : 1};
}
