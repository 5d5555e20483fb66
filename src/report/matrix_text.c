/* SPDX-License-Identifier: MIT */
/*
 * The table as text: letters say all, colour only repeats it. Where the terminal is too narrow,
 * names of findings are cut first, then facts of platforms are left out (`dmalab explain` has
 * them), then the variants stand below each other.
 */
#include <stdio.h>
#include <string.h>

#include "base/grid.h"
#include "report/matrix.h"
#include "report/text.h"

enum { GAP = 2, MARK = 3, CELL_MIN = MARK + 8, FACTS = 3 };

static const char *const facts[FACTS] = {"coherent", "line", "path"};

struct table {
	const struct matrix *m;
	const struct style *s;
	u32 name, fact[FACTS]; /* columns; 0: it is left out */
	u32 first, last;       /* variants that are shown: [first, last) */
	u32 *cell;	       /* columns of each, owned */
	struct id_list cut;    /* names that did not fit */
};

static const char *variant_name(const struct matrix *m, u32 i)
{
	return m->variants.v[i] ? m->variants.v[i] : "verdict";
}

/* " +1": one more diagnosis. Asserts that fail are what comes of them. */
static void cell_more(const struct matrix_cell *c, struct str *out)
{
	if (c->diagnoses > 1)
		str_printf(out, " +%u", c->diagnoses - 1);
}

static const char *fact_of(const struct matrix_row *r, u32 which, char *room, size_t size)
{
	snprintf(room, size, "%u", r->line);
	if (!r->line)
		return "-";
	return which == 0 ? r->coherent : which == 1 ? room : r->path;
}

static u32 at_least(u32 a, u32 b)
{
	return a > b ? a : b;
}

/* ---- columns ---- */

static u32 cell_needs(const struct matrix *m, u32 column)
{
	u32 need = grid_columns(variant_name(m, column));
	struct str s = {0};

	for (u32 i = 0; i < m->rows.n; i++) {
		const struct matrix_cell *c = &m->rows.v[i].cells.v[column];

		str_clear(&s);
		str_add(&s, matrix_cell_name(c));
		cell_more(c, &s);
		need = at_least(need, s.n ? MARK + grid_columns(str_get(&s)) : 1);
	}
	str_free(&s);
	return need;
}

static u32 left_width(const struct table *t)
{
	u32 n = t->name;

	for (u32 i = 0; i < FACTS; i++)
		n += t->fact[i] ? GAP + t->fact[i] : 0;
	return n;
}

static u32 least(u32 need)
{
	return need < CELL_MIN ? need : CELL_MIN;
}

/* Columns that variants [first, last) take: as they need, or as little as they can do with. */
static u32 cells_width(const struct table *t, u32 first, u32 last, bool little)
{
	u32 n = 0;

	for (u32 i = first; i < last; i++)
		n += GAP + (little ? least(cell_needs(t->m, i)) : cell_needs(t->m, i));
	return n;
}

static void measure(struct table *t)
{
	const struct matrix *m = t->m;
	char room[16];

	t->name = sizeof "platform" - 1;
	for (u32 k = 0; k < FACTS; k++)
		t->fact[k] = (u32)strlen(facts[k]);
	for (u32 i = 0; i < m->rows.n; i++) {
		t->name = at_least(t->name, grid_columns(m->rows.v[i].platform));
		for (u32 k = 0; k < FACTS; k++)
			t->fact[k] = at_least(
			    t->fact[k], (u32)strlen(fact_of(&m->rows.v[i], k, room, sizeof room)));
	}
	/* The line goes first, then the path, then whether it is coherent. */
	for (u32 k = 0; k < FACTS; k++)
		if (left_width(t) + cells_width(t, 0, m->variants.n, true) > t->s->width)
			t->fact[(k + 1) % FACTS] = 0;
}

/* As many variants from t->first on as there is room for, at least one; the widest give way. */
static void share(struct table *t)
{
	u32 left = left_width(t), room, sum = 0;

	t->last = t->first + 1;
	while (t->last < t->m->variants.n &&
	       left + cells_width(t, t->first, t->last + 1, true) <= t->s->width)
		t->last++;
	room = t->s->width > left ? t->s->width - left : 0;
	for (u32 i = t->first; i < t->last; i++) {
		t->cell[i] = cell_needs(t->m, i);
		sum += GAP + t->cell[i];
	}
	while (sum > room) {
		u32 widest = t->first;

		for (u32 i = t->first; i < t->last; i++)
			if (t->cell[i] > t->cell[widest])
				widest = i;
		if (t->cell[widest] <= CELL_MIN)
			break;
		t->cell[widest]--;
		sum--;
	}
}

/* ---- lines ---- */

static void end_line(struct str *out)
{
	while (out->n && out->s[out->n - 1] == ' ')
		out->n--;
	str_add(out, "\n");
}

static void put(const char *text, u32 width, struct str *out)
{
	u32 n = grid_columns(text);

	str_add(out, text);
	style_pad(n < width ? width - n : 0, out);
}

/* Numbers stand at the right. */
static void put_fact(const struct table *t, u32 which, const char *text, bool right,
		     struct str *out)
{
	if (!t->fact[which])
		return;
	style_pad(GAP, out);
	if (right)
		style_pad(t->fact[which] - (u32)strlen(text), out);
	put(text, right ? 0 : t->fact[which], out);
}

static void put_cut(const char *text, u32 width, struct str *out)
{
	struct style narrow = {.width = width};
	struct str s = {0};

	style_cut(&narrow, 0, text, &s);
	if (s.n)
		s.s[--s.n] = 0; /* its newline */
	put(str_get(&s), width, out);
	str_free(&s);
}

static void put_joined(const char *a, const char *b, u32 width, struct str *out)
{
	struct str s = {0};

	str_printf(&s, "%s%s", a, b);
	put_cut(str_get(&s), width, out);
	str_free(&s);
}

static void put_cell(struct table *t, const struct matrix_cell *c, u32 width, struct str *out)
{
	enum attr a = c->mark == MARK_CORRUPTION ? ATTR_STALE : ATTR_NONE;
	bool odd = c->expects && !c->as_expected && c->mark != MARK_LIMIT;
	u32 room = width > MARK ? width - MARK : 1;
	struct str more = {0};

	style_on(t->s, a, out);
	str_printf(out, "%c", mark_letter(c->mark));
	style_off(t->s, a, out);
	style_on(t->s, odd ? ATTR_BOLD : ATTR_NONE, out);
	str_add(out, odd ? "#" : " ");
	style_off(t->s, odd ? ATTR_BOLD : ATTR_NONE, out);
	str_add(out, " ");
	cell_more(c, &more);
	if (grid_columns(matrix_cell_name(c)) + more.n > room)
		id_list_add(&t->cut, matrix_cell_name(c));
	/* What is cut is the name: that there is more is not. */
	if (grid_columns(matrix_cell_name(c)) + more.n > room && room > more.n + 4) {
		put_cut(matrix_cell_name(c), room - (u32)more.n, out);
		str_add(out, str_get(&more));
	} else {
		put_joined(matrix_cell_name(c), str_get(&more), room, out);
	}
	str_free(&more);
}

static void put_head(const struct table *t, struct str *out)
{
	put("platform", t->name, out);
	for (u32 k = 0; k < FACTS; k++)
		put_fact(t, k, facts[k], false, out);
	for (u32 i = t->first; i < t->last; i++) {
		style_pad(GAP, out);
		put_cut(variant_name(t->m, i), at_least(t->cell[i], 4), out);
	}
	end_line(out);
}

static void put_row(struct table *t, const struct matrix_row *r, struct str *out)
{
	char room[16];

	put(r->platform, t->name, out);
	for (u32 k = 0; k < FACTS; k++)
		put_fact(t, k, fact_of(r, k, room, sizeof room), k == 1, out);
	for (u32 i = t->first; i < t->last; i++) {
		style_pad(GAP, out);
		put_cell(t, &r->cells.v[i], t->cell[i], out);
	}
	end_line(out);
}

/* Below the table they stand in full. */
static void say_cut(const struct id_list *cut, const struct style *s, struct str *out)
{
	struct str line = {0};

	for (u32 i = 0; i < cut->n; i++)
		str_printf(&line, "%s%s", i ? ", " : "Cut here: ", cut->v[i]);
	if (line.n) {
		str_add(out, "\n");
		style_wrap(s, 0, 0, str_get(&line), out);
	}
	str_free(&line);
}

static void table(const struct matrix *m, const struct style *s, struct str *out)
{
	struct table t = {.m = m, .s = s, .cell = mem_zalloc(m->variants.n, sizeof *t.cell)};

	measure(&t);
	for (t.first = 0; t.first < m->variants.n; t.first = t.last) {
		share(&t);
		str_add(out, "\n");
		put_head(&t, out);
		for (u32 i = 0; i < m->rows.n; i++)
			put_row(&t, &m->rows.v[i], out);
	}
	say_cut(&t.cut, s, out);
	id_list_free(&t.cut);
	mem_free(t.cell);
}

/* A line for each verdict, in words. */
static void lines(const struct matrix *m, const struct style *s, struct str *out)
{
	struct str t = {0};

	for (u32 i = 0; i < m->rows.n; i++)
		for (u32 k = 0; k < m->variants.n; k++) {
			const struct matrix_cell *c = &m->rows.v[i].cells.v[k];

			str_clear(&t);
			str_add(&t, m->rows.v[i].platform);
			if (m->variants.v[k])
				str_printf(&t, ", %s", m->variants.v[k]);
			str_printf(&t, ": %s", mark_name(c->mark));
			for (u32 f = 0; f < c->found.n; f++)
				str_printf(&t, "%s%s", f ? ", " : ": ", c->found.v[f]);
			if (c->mark == MARK_CORRECT && c->outcome != DOC_ENDED)
				str_printf(&t, ", %s", doc_outcome_text(c->outcome));
			if (c->expects && !c->as_expected && c->mark != MARK_LIMIT)
				str_add(&t, "; not as the file expects");
			style_wrap(s, 0, 2, str_get(&t), out);
		}
	str_free(&t);
}

/* Entries are not broken. */
static void legend(const struct matrix *m, const struct style *s, struct str *out)
{
	static const char *const entries[] = {
	    "!  corruption",	    "~  violation, forgiven here", "$  cost",	"=  correct",
	    "?  limit, no verdict", "#  not as the file expects",  "-  not run"};
	struct matrix_sums sums = {0};
	u32 at = 0, n = ARRAY_LEN(entries);

	matrix_count_all(m, &sums);
	n -= !sums.of[MARK_NOT_RUN];
	for (u32 i = 0; i < n; i++) {
		u32 len = (u32)strlen(entries[i]);
		bool fresh = !at || i == 4 || at + 3 + len > s->width;

		str_add(out, fresh ? "\n" : "   ");
		at = fresh ? len : at + 3 + len;
		str_add(out, entries[i]);
	}
	str_add(out, "\n\n");
}

void matrix_text(const struct matrix *m, const struct style *s, struct str *out)
{
	struct run_input in = {.doc = m->doc};
	struct str t = {0};

	text_title(&in, s, out);
	if (m->how) {
		str_printf(&t, "Hardware: %s", m->how);
		style_wrap(s, 0, 0, str_get(&t), out);
	}
	str_free(&t);
	if (s->plain) {
		lines(m, s, out);
		str_add(out, "\n");
	} else {
		table(m, s, out);
		legend(m, s, out);
	}
	matrix_say(m, s, out);
}
