/* SPDX-License-Identifier: MIT */
/* Mistakes of layout that libyaml notices lines later, or in words that do not help. */
#include <string.h>

#include "base/str.h"
#include "scenario/yaml_words.h"

/* A line of the text, without what ends it. */
struct line {
	const char *s;
	u32 n, indent, number;
};

static struct line line_at(const char *text, size_t off, u32 number)
{
	struct line l = {.number = number};

	while (off && text[off - 1] != '\n')
		off--;
	l.s = text + off;
	l.n = (u32)strcspn(l.s, "\r\n");
	l.indent = (u32)strspn(l.s, " ");
	if (l.indent > l.n)
		l.indent = l.n;
	return l;
}

static bool is_item(const struct line *l)
{
	return l->n > l->indent + 1 && strncmp(l->s + l->indent, "- ", 2) == 0;
}

/* The line above l that says something; false: l is the first. */
static bool line_above(const char *text, struct line *l)
{
	while (l->s > text) {
		*l = line_at(text, (size_t)(l->s - text) - 1, l->number - 1);
		if (l->indent < l->n && l->s[l->indent] != '#')
			return true;
	}
	return false;
}

/* "- for (i = 0; i < 4; i++)": a header of control flow that ends without its ':'. */
static bool is_bare_header(const struct line *l)
{
	static const char *const words[] = {"if", "while", "for"};
	const char *s = l->s + l->indent + 2;
	u32 i, n;

	if (!is_item(l))
		return false;
	for (i = 0; i < ARRAY_LEN(words); i++) {
		n = (u32)strlen(words[i]);
		if (strncmp(s, words[i], n) == 0 && s[n + strspn(s + n, " ")] == '(')
			break;
	}
	for (n = l->n; n > l->indent && l->s[n - 1] == ' ';)
		n--;
	return i < ARRAY_LEN(words) && l->s[n - 1] == ')';
}

static u32 chars(const char *s, u32 n)
{
	u32 i, all = 0;

	for (i = 0; i < n; i++)
		all += ((u8)s[i] & 0xc0) != 0x80;
	return all;
}

/* The columns in which the lists around l have their '- ', as words. False: that of l is one. */
static bool list_columns(const char *text, struct line l, struct str *out)
{
	u32 limit = UINT32_MAX, own = l.indent;

	while (limit && line_above(text, &l)) {
		if (l.indent >= limit)
			continue;
		limit = l.indent;
		if (is_item(&l) && l.indent == own)
			return false;
		if (is_item(&l))
			str_printf(out, "%s%u", out->n ? " or " : "", l.indent + 1);
	}
	return out->n > 0;
}

static bool refuse_column(const char *text, const struct line *l, struct pos at,
			  struct err_list *errs)
{
	struct str columns = {0};
	bool told = list_columns(text, *l, &columns);

	if (told)
		err_add(errs, at,
			arena_printf(&errs->arena, "begin it in column %s, as the steps above do",
				     str_get(&columns)),
			"this '- ' is in column %u, where no list has its steps", at.col);
	str_free(&columns);
	return told;
}

/* The step that holds l, if it is a header without its ':'. */
static bool refuse_bare_header(const char *text, const struct line *l, struct err_list *errs)
{
	struct line above = *l;
	struct pos at;

	while (line_above(text, &above) && above.indent >= l->indent)
		;
	if (above.indent >= l->indent || !is_bare_header(&above))
		return false;
	at = (struct pos){above.number, above.indent + 3,
			  chars(above.s + above.indent + 2, above.n - above.indent - 2)};
	err_add(errs, at, "end it with ':'; its steps stand below, or one behind it",
		"this header has no ':'");
	return true;
}

bool yaml_refuse_layout(const char *text, size_t off, struct pos at, struct err_list *errs)
{
	struct line l = line_at(text, off, at.line);
	bool at_item = is_item(&l) && off == (size_t)(l.s - text) + l.indent;

	if (!at_item && strncmp(text + off, ":", 1) != 0)
		return false;
	if (is_item(&l) && refuse_bare_header(text, &l, errs))
		return true;
	if (at_item)
		return refuse_column(text, &l, at, errs);
	if (is_item(&l) || strchr(" \t#", *l.s))
		return false;
	err_add(errs, at, "put the whole text in double quotes", "YAML sees a second ': ' here");
	return true;
}
