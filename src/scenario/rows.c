/* SPDX-License-Identifier: MIT */
#include "scenario/rows.h"

#include <string.h>

#include "base/bug.h"

void rows_split(struct rows *l, struct arena *arena, const char *text, size_t len)
{
	size_t at = 0;

	*l = (struct rows){.arena = arena};
	while (at < len) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t n = nl ? (size_t)(nl - text) - at : len - at;

		rows_put(l, l->n, text + at, n, l->n + 1);
		at += n + 1;
	}
}

void rows_copy(struct rows *to, const struct rows *from)
{
	*to = (struct rows){.arena = from->arena};
	for (u32 i = 0; i < from->n; i++)
		vec_push(to, from->v[i]);
}

void rows_free(struct rows *l)
{
	vec_free(l);
}

void rows_join(const struct rows *l, struct str *out)
{
	for (u32 i = 0; i < l->n; i++) {
		str_addn(out, l->v[i].s, l->v[i].n);
		str_add(out, "\n");
	}
}

void rows_cut(struct rows *l, u32 from, u32 to)
{
	BUG_ON(from > to || to > l->n);
	if (to > from)
		memmove(l->v + from, l->v + to, (l->n - to) * sizeof *l->v);
	l->n -= to - from;
}

void rows_put(struct rows *l, u32 at, const char *s, size_t n, u32 origin)
{
	struct row line = {arena_strndup(l->arena, s, n), (u32)n, origin};

	BUG_ON(at > l->n);
	vec_push(l, line);
	memmove(l->v + at + 1, l->v + at, (l->n - 1 - at) * sizeof *l->v);
	l->v[at] = line;
}

void rows_put_all(struct rows *l, u32 at, const struct rows *from, u32 a, u32 b)
{
	BUG_ON(from == l || b > from->n);
	for (u32 i = a; i < b; i++)
		rows_put(l, at + i - a, from->v[i].s, from->v[i].n, from->v[i].origin);
}

void rows_replace(struct rows *l, u32 at, u32 byte, u32 n, const char *s)
{
	struct row *line = &l->v[at];
	struct str t = {0};

	BUG_ON(byte > line->n || n > line->n - byte);
	str_addn(&t, line->s, byte);
	str_add(&t, s);
	str_addn(&t, line->s + byte + n, line->n - byte - n);
	line->s = arena_strndup(l->arena, str_get(&t), t.n);
	line->n = (u32)t.n;
	str_free(&t);
}

u32 rows_indent(const struct row *l)
{
	u32 n = 0;

	while (n < l->n && l->s[n] == ' ')
		n++;
	return n;
}

bool rows_is_blank(const struct row *l)
{
	u32 n = rows_indent(l);

	return n == l->n || l->s[n] == '\r';
}

bool rows_is_comment(const struct row *l)
{
	u32 n = rows_indent(l);

	return n < l->n && l->s[n] == '#';
}

u32 rows_byte(const struct row *l, u32 col)
{
	u32 i = 0;

	for (u32 c = 1; i < l->n && c < col; c++)
		do
			i++;
		while (i < l->n && ((u8)l->s[i] & 0xc0) == 0x80);
	return i;
}

u32 rows_block_end(const struct rows *l, u32 at, u32 indent)
{
	u32 end = at + 1;

	for (u32 i = at + 1; i < l->n; i++) {
		if (rows_is_blank(&l->v[i]))
			continue;
		if (rows_indent(&l->v[i]) <= indent)
			break;
		end = i + 1;
	}
	return end;
}
