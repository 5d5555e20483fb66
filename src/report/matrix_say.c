/* SPDX-License-Identifier: MIT */
/* What a table of verdicts says, in sentences: sums, luck, what was not as expected, what not run.
 */
#include <string.h>

#include "report/matrix.h"

struct saying {
	const struct matrix *m;
	const struct style *s;
	struct str *out, line;
};

/* What begins with a mark has its further lines behind it. */
static void flush(struct saying *y)
{
	if (y->line.n)
		style_wrap(y->s, 0, strchr("#?-", y->line.s[0]) ? 2 : 0, str_get(&y->line), y->out);
	str_clear(&y->line);
}

static const char *s_of(u32 n)
{
	return n == 1 ? "" : "s";
}

/* Of a verb in the third person: "1 forgives", "2 forgive". */
static const char *verb_s(u32 n)
{
	return n == 1 ? "s" : "";
}

static const struct matrix_cell *cell_at(const struct matrix *m, u32 row, u32 column)
{
	return &m->rows.v[row].cells.v[column];
}

/* ---- sums ---- */

static void sum_corruption(const struct matrix_sums *k, u32 ran, struct str *out)
{
	u32 bad = k->of[MARK_CORRUPTION] - k->defects;

	if (bad)
		str_printf(out, "%u of %u platform%s corrupt%s data", bad, ran, s_of(ran),
			   verb_s(bad));
	else if (k->of[MARK_VIOLATION])
		str_printf(out,
			   ran == 1 ? "the one platform corrupts no data"
				    : "none of %u platforms corrupts data",
			   ran);
	if (k->defects)
		str_printf(out, "%s%u corrupt%s it by a defect of %s own kernel port",
			   out->n ? "; " : "", k->defects, verb_s(k->defects),
			   k->defects == 1 ? "its" : "their");
}

static void sum_part(u32 n, const char *one, const char *many, struct str *out)
{
	if (n)
		str_printf(out, "%s%u %s", out->n ? "; " : "", n, n == 1 ? one : many);
}

/* A column in which all is correct needs no words. */
static void sums(struct saying *y, u32 column)
{
	struct matrix_sums k = {0};
	struct str t = {0};
	u32 ran;

	matrix_count(y->m, column, &k);
	ran = y->m->rows.n - k.of[MARK_NOT_RUN];
	if (k.of[MARK_CORRECT] + k.of[MARK_NOT_RUN] == y->m->rows.n)
		return;
	sum_corruption(&k, ran, &t);
	sum_part(k.stopped, "stops the device", "stop the device", &t);
	sum_part(k.of[MARK_VIOLATION] - k.stopped, "forgives it", "forgive it", &t);
	sum_part(k.of[MARK_COST], "only costs", "only cost", &t);
	sum_part(k.of[MARK_CORRECT], "is correct", "are correct", &t);
	sum_part(k.of[MARK_LIMIT], "has no verdict", "have no verdict", &t);
	if (y->m->variants.v[column])
		str_printf(&y->line, "%s: ", y->m->variants.v[column]);
	else if (t.s[0] >= 'a' && t.s[0] <= 'z') /* it begins the sentence */
		t.s[0] = (char)(t.s[0] - 'a' + 'A');
	str_printf(&y->line, "%s.", str_get(&t));
	flush(y);
	str_free(&t);
}

/* ---- luck ---- */

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Platforms that owe it to the same are told of together; each has run a schedule of its own. */
static bool same_luck(const struct luck *a, const struct luck *b)
{
	if (a->state != b->state)
		return false;
	if (a->state == LUCK_HOLDS)
		return a->complete == b->complete &&
		       (a->complete || a->deviations == b->deviations);
	return a->why == b->why && same(a->with, b->with) && same(a->id, b->id);
}

/* What is told of the luck of a cell: that a fault stopped the device was none, and that what is
 * correct stays so is no news. */
static const struct luck *luck_at(const struct matrix *m, u32 row, u32 column)
{
	static const struct luck none;
	const struct matrix_cell *c = cell_at(m, row, column);
	bool holds = c->luck.state == LUCK_HOLDS;

	return holds && (c->mark != MARK_VIOLATION || matrix_stopped(c)) ? &none : &c->luck;
}

/* "a, b and c": the platforms of a column whose luck is like that of `like`. Their number. */
static u32 who(const struct matrix *m, u32 column, const struct luck *like, struct str *out)
{
	u32 n = 0, said = 0;

	for (u32 pass = 0; pass < 2; pass++)
		for (u32 i = 0; i < m->rows.n; i++) {
			if (!same_luck(luck_at(m, i, column), like))
				continue;
			if (!pass) {
				n++;
				continue;
			}
			said++;
			str_printf(out, "%s%s",
				   said == 1   ? ""
				   : said == n ? " and "
					       : ", ",
				   m->rows.v[i].platform);
		}
	return n;
}

static void luck_why(const struct luck *l, u32 n, struct str *out)
{
	if (l->why == LUCK_WHY_EMPTY)
		str_add(out, n == 1 ? ": its cache was empty" : ": their caches were empty");
	else if (l->why == LUCK_WHY_EQUAL)
		str_add(out, ": the old bytes were the same as the new ones");
}

static void luck_ends(struct saying *y, const struct luck *l, u32 n, const struct str *names)
{
	str_printf(&y->line, "%s forgive%s by luck", str_get(names), verb_s(n));
	luck_why(l, n, &y->line);
	str_printf(&y->line, ". With %s %s not (%s):", l->with, n == 1 ? "it does" : "they do",
		   l->id);
	flush(y);
	/* A command stays on one line, however long, so that it can be copied. */
	str_printf(y->out, "  %s\n", l->command);
}

static void luck_holds(struct saying *y, const struct luck *l, u32 n, const struct str *names)
{
	str_printf(&y->line, "%s forgive%s it on every schedule", str_get(names), verb_s(n));
	if (!l->complete && l->deviations)
		str_printf(&y->line, " with at most %u deviation%s from calm hardware",
			   l->deviations, s_of(l->deviations));
	else if (!l->complete)
		str_add(&y->line, " that a search within its bounds saw");
	str_add(&y->line, ".");
	flush(y);
}

/* Platforms that owe it to the same luck are told of together, by the first of them. */
static void luck(struct saying *y, u32 column, enum luck_state state)
{
	const struct matrix *m = y->m;

	for (u32 i = 0; i < m->rows.n; i++) {
		const struct luck *l = luck_at(m, i, column);
		struct str names = {0};
		bool told = false;
		u32 n;

		for (u32 k = 0; k < i && !told; k++)
			told = same_luck(luck_at(m, k, column), l);
		if (told || l->state != state)
			continue;
		n = who(m, column, l, &names);
		if (state == LUCK_ENDS)
			luck_ends(y, l, n, &names);
		else
			luck_holds(y, l, n, &names);
		str_free(&names);
	}
}

/* Nobody in the catalogue corrupts data by this fault, as far as was seen. */
static void no_end(struct saying *y, u32 column)
{
	bool violation = false;

	for (u32 i = 0; i < y->m->rows.n; i++) {
		const struct matrix_cell *c = cell_at(y->m, i, column);

		if (c->mark == MARK_CORRUPTION || c->luck.state == LUCK_ENDS)
			return;
		violation |= luck_at(y->m, i, column)->state == LUCK_HOLDS;
	}
	if (!violation)
		return;
	str_add(&y->line, "Where this luck would end was not found on these platforms.");
	flush(y);
}

/* ---- the rest ---- */

static void ids(const struct id_list *l, struct str *out)
{
	for (u32 i = 0; i < l->n; i++)
		str_printf(out, "%s%s", i ? ", " : "", l->v[i]);
}

static void where(struct saying *y, u32 row, u32 column)
{
	if (y->m->variants.v[column])
		str_printf(&y->line, "%s on ", y->m->variants.v[column]);
	str_printf(&y->line, "%s: ", y->m->rows.v[row].platform);
}

static void unexpected(struct saying *y, u32 row, u32 column)
{
	const struct matrix_cell *c = cell_at(y->m, row, column);

	if (!c->expects || c->as_expected || c->mark == MARK_LIMIT)
		return;
	str_add(&y->line, "# ");
	where(y, row, column);
	if (c->missing.n) {
		str_add(&y->line, "expected ");
		ids(&c->missing, &y->line);
		str_add(&y->line, ", which did not come");
	}
	if (c->surprising.n) {
		str_add(&y->line, c->missing.n ? "; found " : "found ");
		ids(&c->surprising, &y->line);
		str_add(&y->line, ", which was not expected");
	}
	if (c->outcome != c->expected_outcome)
		str_printf(&y->line, "%sthe outcome is %s, not %s",
			   c->missing.n + c->surprising.n ? "; " : "", doc_outcome_text(c->outcome),
			   doc_outcome_text(c->expected_outcome));
	str_add(&y->line, ".");
	flush(y);
}

static void no_verdict(struct saying *y, u32 row, u32 column)
{
	const struct matrix_cell *c = cell_at(y->m, row, column);

	if (c->mark != MARK_LIMIT)
		return;
	str_add(&y->line, "? ");
	where(y, row, column);
	str_printf(&y->line, "%s.", c->reason ? c->reason : "no verdict");
	flush(y);
}

/* Why the first cell of a row that was not run was not, of "it": whatever the platform is called.
 * False: all were run. */
static bool reason_of(const struct matrix_row *r, struct str *out)
{
	const char *why = NULL, *at;

	str_clear(out);
	for (u32 k = 0; k < r->cells.n && !why; k++)
		if (r->cells.v[k].mark == MARK_NOT_RUN)
			why = r->cells.v[k].reason;
	if (!why)
		return false;
	for (; (at = strstr(why, r->platform)) != NULL; why = at + strlen(r->platform)) {
		str_addn(out, why, (size_t)(at - why));
		str_add(out, "it");
	}
	str_add(out, why);
	return true;
}

/* Platforms that are left out for the same reason are told of together. */
static void not_run(struct saying *y)
{
	const struct matrix *m = y->m;
	struct str why = {0}, other = {0};

	for (u32 i = 0; i < m->rows.n; i++) {
		bool told = !reason_of(&m->rows.v[i], &why);
		u32 n = 0;

		for (u32 k = 0; k < i && !told; k++)
			told = reason_of(&m->rows.v[k], &other) &&
			       strcmp(str_get(&why), str_get(&other)) == 0;
		if (told)
			continue;
		str_add(&y->line, "- cannot be run on ");
		for (u32 k = i; k < m->rows.n; k++)
			if (reason_of(&m->rows.v[k], &other) &&
			    strcmp(str_get(&why), str_get(&other)) == 0)
				str_printf(&y->line, "%s%s", n++ ? ", " : "",
					   m->rows.v[k].platform);
		str_printf(&y->line, ": %s.", str_get(&why));
		flush(y);
	}
	str_free(&why);
	str_free(&other);
}

static void totals(struct saying *y)
{
	struct matrix_sums k = {0};
	u32 judged;

	matrix_count_all(y->m, &k);
	judged = k.expected + k.unexpected;
	if (judged && !k.unexpected)
		str_printf(&y->line, "%u verdict%s as the file expects", k.expected,
			   k.expected == 1 ? " is" : "s are");
	else if (judged)
		str_printf(&y->line, "%u of %u verdicts %s NOT as the file expects", k.unexpected,
			   judged, k.unexpected == 1 ? "is" : "are");
	if (k.said_nothing)
		str_printf(&y->line,
			   judged ? "; for %u it expects nothing"
		       : k.said_nothing == 1 ? "For %u verdict the file expects nothing"
					     : "For %u verdicts the file expects nothing",
			   k.said_nothing);
	if (y->line.n)
		str_add(&y->line, ".");
	flush(y);
}

void matrix_say(const struct matrix *m, const struct style *s, struct str *out)
{
	struct saying y = {.m = m, .s = s, .out = out};

	for (u32 v = 0; v < m->variants.n; v++) {
		sums(&y, v);
		luck(&y, v, LUCK_ENDS);
		luck(&y, v, LUCK_HOLDS);
		no_end(&y, v);
	}
	for (u32 v = 0; v < m->variants.n; v++)
		for (u32 i = 0; i < m->rows.n; i++) {
			unexpected(&y, i, v);
			no_verdict(&y, i, v);
		}
	not_run(&y);
	totals(&y);
	str_free(&y.line);
}

void matrix_say_files(u32 files, const struct matrix_sums *k, const struct style *s,
		      struct str *out)
{
	struct str t = {0};
	u32 all = 0;

	for (u32 i = 0; i < MARKS; i++)
		all += k->of[i];
	str_printf(&t, "%u file%s, %u verdict%s: %u corruption, %u violation, %u cost, %u correct",
		   files, s_of(files), all - k->of[MARK_NOT_RUN], s_of(all - k->of[MARK_NOT_RUN]),
		   k->of[MARK_CORRUPTION], k->of[MARK_VIOLATION], k->of[MARK_COST],
		   k->of[MARK_CORRECT]);
	if (k->of[MARK_LIMIT])
		str_printf(&t, ", %u limit", k->of[MARK_LIMIT]);
	if (k->of[MARK_NOT_RUN])
		str_printf(&t, "; %u cannot be run", k->of[MARK_NOT_RUN]);
	str_printf(&t, ". %u as the files expect, %u not; for %u they expect nothing.", k->expected,
		   k->unexpected, k->said_nothing);
	style_wrap(s, 0, 0, str_get(&t), out);
	str_free(&t);
}
