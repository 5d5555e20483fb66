/* SPDX-License-Identifier: MIT */
#include "report/bug.h"

#include <ctype.h>
#include <string.h>

#include "report/collect.h"
#include "report/json_int.h"

enum { YEAR_FIRST = 1990, YEAR_LAST = 2099 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '#';
}

u32 bug_year(const char *text)
{
	for (const char *p = text; p && *p; p++) {
		u32 n = 0, v = 0;

		if (!is_digit(*p) || (p > text && is_word(p[-1])))
			continue;
		while (is_digit(p[n]) && n < 5)
			v = 10 * v + (u32)(p[n++] - '0');
		if (n == 4 && !is_word(p[4]) && v >= YEAR_FIRST && v <= YEAR_LAST)
			return v;
		p += n - 1;
	}
	return 0;
}

void bug_number(const char *id, struct str *out)
{
	size_t n = 1;

	while (id[0] == 'b' && is_digit(id[n]))
		n++;
	if (n > 1 && (id[n] == '-' || !id[n]))
		str_printf(out, "B%.*s", (int)(n - 1), id + 1);
}

/* ---- those that are left out ---- */

enum { COLUMN_NUMBER, COLUMN_YEAR, COLUMN_TITLE, COLUMN_SOURCE, COLUMN_REASON, COLUMNS };

/* A copy without blanks at its ends, safe to show. */
static char *column(const char *s, size_t n)
{
	struct str safe = {0};
	char *copy;

	while (n && *s == ' ')
		s++, n--;
	while (n && s[n - 1] == ' ')
		n--;
	str_safe(&safe, s, n);
	copy = mem_strdup(str_get(&safe));
	str_free(&safe);
	return copy;
}

bool bug_left_out_read(const char *line, size_t n, struct bug_left_out *out)
{
	char *v[COLUMNS] = {0};
	u32 count = 0;
	bool ok;

	if (!n || line[0] == '#')
		return false;
	for (const char *p = line; p && count < COLUMNS;) {
		size_t left = n - (size_t)(p - line);
		const char *bar = count + 1 < COLUMNS ? memchr(p, '|', left) : NULL;

		v[count++] = column(p, bar ? (size_t)(bar - p) : left);
		p = bar ? bar + 1 : NULL;
	}
	ok = count == COLUMNS && v[COLUMN_NUMBER][0] == 'B';
	*out = (struct bug_left_out){v[COLUMN_NUMBER], ok ? bug_year(v[COLUMN_YEAR]) : 0,
				     v[COLUMN_TITLE], v[COLUMN_SOURCE], v[COLUMN_REASON]};
	mem_free(v[COLUMN_YEAR]);
	if (!ok)
		bug_left_out_free(out);
	return ok;
}

void bug_left_out_free(struct bug_left_out *b)
{
	mem_free(b->number);
	mem_free(b->title);
	mem_free(b->source);
	mem_free(b->reason);
	*b = (struct bug_left_out){0};
}

/* ---- what it shows ---- */

bool bug_is_broken(const struct doc_expect *x)
{
	return !x->variant.text || strncmp(x->variant.text, "fixed", 5) != 0;
}

static void ids_text(const struct doc_ids *l, struct str *out)
{
	for (u32 i = 0; i < l->n; i++) {
		str_add(out, i ? ", " : "");
		finding_expected(&l->v[i], out);
	}
}

void bug_shows(const struct doc_expect *x, struct str *out)
{
	size_t was = out->n;

	ids_text(&x->calm, out);
	if (x->some.n) {
		str_add(out, out->n > was ? "; " : "");
		ids_text(&x->some, out);
		str_add(out, " on some schedule");
	}
	if (out->n == was)
		str_add(out, "nothing");
	if (x->outcome != DOC_ENDED)
		str_printf(out, "; outcome %s", doc_outcome_text(x->outcome));
}

/* ---- JSON ---- */

static json_t *ids_json(const struct doc_ids *l)
{
	json_t *a = json_array();

	for (u32 i = 0; i < l->n; i++) {
		struct str s = {0};

		finding_expected(&l->v[i], &s);
		js_add(a, js_text(str_get(&s)));
		str_free(&s);
	}
	return a;
}

static json_t *expect_json(const struct scenario_doc *d)
{
	json_t *a = json_array();

	for (u32 i = 0; i < d->expects; i++) {
		const struct doc_expect *x = &d->expect[i];
		json_t *o = json_object();

		js_set(o, "variant", js_text(x->variant.text));
		js_set(o, "platform", js_text(x->platform.text));
		js_set(o, "calm", ids_json(&x->calm));
		js_set(o, "some", ids_json(&x->some));
		js_set(o, "outcome", json_string(doc_outcome_text(x->outcome)));
		js_add(a, o);
	}
	return a;
}

static json_t *begin(const char *number, const char *id, u32 year, const char *title,
		     const char *source)
{
	json_t *o = js_line("bug");

	js_set(o, "number", js_text(number));
	js_set(o, "id", js_text(id));
	js_set(o, "year", year ? js_number(year) : json_null());
	js_set(o, "title", js_text(title));
	js_set(o, "source", js_text(source));
	return o;
}

void bug_json(const struct scenario_doc *d, struct str *out)
{
	struct str number = {0};
	json_t *o;

	bug_number(d->id.text, &number);
	o = begin(str_get(&number), d->id.text, bug_year(d->source), d->title, d->source);
	js_set(o, "reproduced", json_true());
	js_set(o, "reason", json_null());
	js_set(o, "expect", expect_json(d));
	js_set(o, "lesson", js_text(d->lesson));
	js_put(o, out);
	str_free(&number);
}

void bug_left_out_json(const struct bug_left_out *b, struct str *out)
{
	json_t *o = begin(b->number, NULL, b->year, b->title, b->source);

	js_set(o, "reproduced", json_false());
	js_set(o, "reason", js_text(b->reason));
	js_set(o, "expect", json_array());
	js_set(o, "lesson", json_null());
	js_put(o, out);
}
