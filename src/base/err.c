/* SPDX-License-Identifier: MIT */
/*
 * The list of a user's mistakes and its form on a terminal. A quoted line is first turned into
 * cells, one per character, so that caret and text stay below each other whatever is escaped or
 * cut. Characters that a terminal draws two cells wide are counted as one.
 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void err_add(struct err_list *l, struct pos at, const char *hint, const char *fmt, ...)
{
	struct err e = {.pos = at};
	char text[512];
	va_list ap;

	if (l->n >= ERR_MAX) {
		l->dropped++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	e.message = arena_strndup(&l->arena, text, strlen(text));
	if (hint)
		e.hint = arena_strndup(&l->arena, hint, strlen(hint));
	vec_push(l, e);
}

void err_free(struct err_list *l)
{
	vec_free(l);
	arena_free(&l->arena);
	l->dropped = 0;
}

/* One line of the source made safe, with the offset in out where each of its characters begins. */
struct quoted {
	struct str text;
	struct {
		VEC(u32)
	} start; /* start.v[i]: where character i is in text; one more entry for the end */
};

static const char *find_line(const struct err_list *l, u32 line, size_t *len)
{
	const char *p = l->text, *end = p + l->text_len, *nl;

	for (; line > 1; line--) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			return NULL;
		p = nl + 1;
	}
	nl = memchr(p, '\n', (size_t)(end - p));
	*len = (size_t)((nl ? nl : end) - p);
	while (*len && p[*len - 1] == '\r')
		--*len;
	return p;
}

static void quote_line(struct quoted *q, const char *s, size_t n)
{
	size_t i = 0, k;
	u32 cp;

	while (i < n) {
		vec_push(&q->start, (u32)q->text.n);
		k = str_utf8_next(s + i, n - i, &cp);
		if (k == 1 && cp == '\t')
			str_add(&q->text, " ");
		else
			str_safe(&q->text, s + i, k ? k : 1);
		i += k ? k : 1;
	}
	vec_push(&q->start, (u32)q->text.n);
}

static u32 count_cells(const char *s, size_t n)
{
	u32 cells = 0;
	size_t i;

	for (i = 0; i < n; i++)
		cells += ((u8)s[i] & 0xc0) != 0x80;
	return cells;
}

/* The byte of s, n bytes long, where cell number cell begins; n if there are fewer. */
static size_t cell_offset(const char *s, size_t n, u32 cell)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (((u8)s[i] & 0xc0) != 0x80 && !cell--)
			return i;
	return n;
}

static void add_repeated(struct str *out, char c, u32 n)
{
	while (n--)
		str_addn(out, &c, 1);
}

/* The part of a long line that is shown, in cells: [first, last), with ".." where it is cut. */
struct window {
	u32 first, last;
};

static struct window choose_window(u32 total, u32 caret, u32 caret_len, u32 room)
{
	struct window w = {0, total};
	u32 span = caret_len;

	if (total <= room)
		return w;
	if (caret + caret_len + 2 <= room) { /* the beginning of the line is enough */
		w.last = room - 2;
		return w;
	}
	room -= 4;
	if (span > room)
		span = room;
	w.first = caret - (room - span) / 2;
	if (w.first > caret)
		w.first = 0;
	if (w.first + room + 2 >= total) /* nothing is cut at the end */
		w.first = total - room - 2;
	if (w.first > caret) /* a caret behind the last character */
		w.first = caret;
	w.last = w.first + room;
	if (w.last + 2 >= total)
		w.last = total;
	return w;
}

static void print_window(struct str *out, const struct quoted *q, struct window w, u32 total)
{
	const char *s = str_get(&q->text);
	size_t n = q->text.n;
	size_t a = cell_offset(s, n, w.first), b = cell_offset(s, n, w.last);

	if (w.first)
		str_add(out, "..");
	str_addn(out, s + a, b - a);
	if (w.last < total)
		str_add(out, "..");
	str_add(out, "\n");
}

/* The quoted line and the caret below it. gutter: the width of "  10 | ". */
void err_quote(const struct err_list *l, struct pos at, u32 width, struct str *out)
{
	u32 digits = (u32)snprintf(NULL, 0, "%u", at.line), gutter = digits + 5;
	u32 n, from, to, total, a, b, room;
	struct quoted q = {0};
	struct window w;
	size_t len;
	const char *s = find_line(l, at.line, &len);

	if (!s)
		return;
	quote_line(&q, s, len);
	n = q.start.n - 1;
	from = at.col ? at.col - 1 : 0;
	from = from < n ? from : n;
	to = at.len > n - from ? n : from + at.len;
	total = count_cells(str_get(&q.text), q.text.n);
	a = count_cells(str_get(&q.text), q.start.v[from]);
	b = count_cells(str_get(&q.text), q.start.v[to]);
	room = width > gutter + 20 ? width - gutter : width ? 20 : UINT32_MAX;
	w = choose_window(total, a, b > a ? b - a : 1, room);
	if (b > w.last)
		b = w.last;
	str_printf(out, "  %u | ", at.line);
	print_window(out, &q, w, total);
	add_repeated(out, ' ', digits + 3);
	str_add(out, "| ");
	add_repeated(out, ' ', a - w.first + (w.first ? 2 : 0));
	str_add(out, "^");
	add_repeated(out, '~', b > a + 1 ? b - a - 1 : 0);
	str_add(out, "\n");
	str_free(&q.text);
	vec_free(&q.start);
}

/* "   = the hint", its further lines below its first letter; width 0: all on one line. */
static void print_hint(const char *hint, u32 indent, u32 width, struct str *out)
{
	u32 room = width > indent + 22 ? width - indent - 2 : width ? 20 : UINT32_MAX;
	struct str safe = {0};
	const char *s;
	bool first = true;

	str_safe(&safe, hint, strlen(hint));
	for (s = str_get(&safe); first || *s; first = false) {
		size_t n = strlen(s), end = cell_offset(s, n, room), cut = end;

		while (end < n && cut && s[cut] != ' ')
			cut--;
		end = end < n && cut ? cut : end;
		add_repeated(out, ' ', indent);
		str_add(out, first ? "= " : "  ");
		str_addn(out, s, end);
		str_add(out, "\n");
		for (s += end; *s == ' '; s++)
			;
	}
	str_free(&safe);
}

static void print_one(const struct err_list *l, const struct err *e, u32 width, struct str *out)
{
	u32 indent = 2;

	str_safe(out, l->file, strlen(l->file));
	if (e->pos.line)
		str_printf(out, ":%u:%u", e->pos.line, e->pos.col);
	str_add(out, ": error: ");
	str_safe(out, e->message, strlen(e->message));
	str_add(out, "\n");
	if (e->pos.line && l->text) {
		err_quote(l, e->pos, width, out);
		indent = (u32)snprintf(NULL, 0, "%u", e->pos.line) + 3;
	}
	if (e->hint) {
		print_hint(e->hint, indent, width, out);
	}
	str_add(out, "\n");
}

/* Position first; then the order of adding, which the addresses within the list give. */
static int compare(const void *a, const void *b)
{
	const struct err *x = *(const struct err *const *)a, *y = *(const struct err *const *)b;

	if (x->pos.line != y->pos.line)
		return x->pos.line < y->pos.line ? -1 : 1;
	if (x->pos.col != y->pos.col)
		return x->pos.col < y->pos.col ? -1 : 1;
	return x < y ? -1 : x > y;
}

void err_print(const struct err_list *l, u32 width, struct str *out)
{
	const struct err **order = mem_zalloc(l->n, sizeof(*order));
	u32 i, all = l->n + l->dropped;

	for (i = 0; i < l->n; i++)
		order[i] = &l->v[i];
	if (l->n)
		qsort(order, l->n, sizeof(*order), compare);
	for (i = 0; i < l->n; i++)
		print_one(l, order[i], width, out);
	mem_free(order);
	str_printf(out, "%u error%s", all, all == 1 ? "" : "s");
	if (l->dropped)
		str_printf(out, ", %u of them shown", l->n);
	str_add(out, l->apart ? ". This file was not run.\n" : ". Nothing was run.\n");
}
