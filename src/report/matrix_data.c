/* SPDX-License-Identifier: MIT */
/* The table for other programs: JSON Lines, CSV, Markdown. Nothing is cut. */
#include <string.h>

#include "report/json_int.h"
#include "report/matrix.h"

/* "as-expected", "not-as-expected", "limit", "not-said", "not-run". */
static const char *verdict_of(const struct matrix_cell *c)
{
	if (c->mark == MARK_LIMIT || c->mark == MARK_NOT_RUN)
		return mark_name(c->mark);
	return !c->expects ? "not-said" : c->as_expected ? "as-expected" : "not-as-expected";
}

/* ---- JSON ---- */

static json_t *json_luck(const struct luck *l)
{
	static const char *const why[] = {
	    [LUCK_WHY_UNKNOWN] = NULL, [LUCK_WHY_EMPTY] = "empty", [LUCK_WHY_EQUAL] = "equal"};
	json_t *o;

	if (l->state == LUCK_NOT_SOUGHT)
		return json_null();
	o = json_object();
	js_set(o, "ends", json_boolean(l->state == LUCK_ENDS));
	js_set(o, "why", js_text(why[l->why]));
	js_set(o, "deviations", js_number(l->deviations));
	js_set(o, "complete", json_boolean(l->complete));
	js_set(o, "found", js_text(l->id));
	js_set(o, "with", js_text(l->with));
	js_set(o, "schedule", js_text(l->schedule));
	js_set(o, "command", js_text(l->command));
	return o;
}

static void json_cell(const struct matrix *m, const struct matrix_row *r, u32 column,
		      struct str *out)
{
	const struct matrix_cell *c = &r->cells.v[column];
	bool ran = c->mark != MARK_NOT_RUN;
	json_t *o = js_line("cell");

	js_set(o, "scenario", js_text(m->doc->id.text));
	js_set(o, "platform", js_text(r->platform));
	js_set(o, "variant", js_text(m->variants.v[column]));
	js_set(o, "coherent", js_text(r->line ? r->coherent : NULL));
	js_set(o, "line", r->line ? js_number(r->line) : json_null());
	js_set(o, "path", js_text(r->line ? r->path : NULL));
	js_set(o, "defective", ran ? json_boolean(c->defective) : json_null());
	js_set(o, "mark", json_string(mark_name(c->mark)));
	js_set(o, "verdict", json_string(verdict_of(c)));
	js_set(o, "outcome", ran ? json_string(doc_outcome_text(c->outcome)) : json_null());
	js_set(o, "found", js_ids(&c->found));
	js_set(o, "expected", c->expects ? js_ids(&c->expected) : json_null());
	js_set(o, "missing", js_ids(&c->missing));
	js_set(o, "surprising", js_ids(&c->surprising));
	js_set(o, "schedule", js_text(c->schedule));
	js_set(o, "luck", json_luck(&c->luck));
	js_set(o, "reason", js_text(c->reason));
	js_put(o, out);
}

void matrix_json(const struct matrix *m, struct str *out)
{
	struct matrix_sums k = {0};
	json_t *o, *sums;

	for (u32 i = 0; i < m->rows.n; i++)
		for (u32 v = 0; v < m->variants.n; v++)
			json_cell(m, &m->rows.v[i], v, out);
	matrix_count_all(m, &k);
	o = js_line("matrix");
	js_set(o, "scenario", js_text(m->doc->id.text));
	js_set(o, "title", js_text(m->doc->title));
	js_set(o, "hardware", js_text(m->how ? m->how : "calm"));
	js_set(o, "platforms", js_number(m->rows.n));
	js_set(o, "variants", js_number(m->variants.n));
	sums = json_object();
	for (u32 i = 0; i < MARKS; i++)
		js_set(sums, mark_name((enum matrix_mark)i), js_number(k.of[i]));
	js_set(o, "marks", sums);
	js_set(o, "defects", js_number(k.defects));
	js_set(o, "as-expected", js_number(k.expected));
	js_set(o, "not-as-expected", js_number(k.unexpected));
	js_set(o, "not-said", js_number(k.said_nothing));
	js_put(o, out);
}

/* ---- CSV ---- */

/* In quotes where a reader would take it for more than one field. */
static void csv_field(const char *text, bool last, struct str *out)
{
	text = text ? text : "";
	if (strpbrk(text, ",\"\r\n") || text[0] == ' ') {
		str_add(out, "\"");
		for (; *text; text++)
			str_printf(out, *text == '"' ? "\"\"" : "%c", *text);
		str_add(out, "\"");
	} else {
		str_add(out, text);
	}
	str_add(out, last ? "\n" : ",");
}

static void join(const struct id_list *l, const char *between, struct str *out)
{
	for (u32 i = 0; i < l->n; i++)
		str_printf(out, "%s%s", i ? between : "", l->v[i]);
}

void matrix_csv_head(struct str *out)
{
	str_add(out, "scenario,platform,variant,coherent,line,path,mark,verdict,outcome,found,"
		     "schedule,luck,reason\n");
}

static void csv_cell(const struct matrix *m, const struct matrix_row *r, u32 column,
		     struct str *out)
{
	const struct matrix_cell *c = &r->cells.v[column];
	struct str t = {0};

	csv_field(m->doc->id.text, false, out);
	csv_field(r->platform, false, out);
	csv_field(m->variants.v[column], false, out);
	csv_field(r->coherent, false, out);
	if (r->line)
		str_printf(out, "%u", r->line);
	str_add(out, ",");
	csv_field(r->path, false, out);
	csv_field(mark_name(c->mark), false, out);
	csv_field(verdict_of(c), false, out);
	csv_field(c->mark == MARK_NOT_RUN ? "" : doc_outcome_text(c->outcome), false, out);
	join(&c->found, ";", &t);
	csv_field(str_get(&t), false, out);
	csv_field(c->schedule, false, out);
	csv_field(c->luck.schedule, false, out);
	csv_field(c->reason, true, out);
	str_free(&t);
}

void matrix_csv(const struct matrix *m, struct str *out)
{
	for (u32 i = 0; i < m->rows.n; i++)
		for (u32 v = 0; v < m->variants.n; v++)
			csv_cell(m, &m->rows.v[i], v, out);
}

/* ---- Markdown ---- */

/* What would begin or end something is escaped. */
static void md_text(const char *text, struct str *out)
{
	for (; text && *text; text++)
		str_printf(out, strchr("|\\`*_<>[]~", *text) ? "\\%c" : "%c", *text);
}

static void md_cell(const struct matrix_cell *c, struct str *out)
{
	bool odd = c->expects && !c->as_expected && c->mark != MARK_LIMIT;

	str_printf(out, " `%c%s`", mark_letter(c->mark), odd ? "#" : "");
	for (u32 i = 0; i < c->found.n; i++) {
		str_add(out, i ? ", " : " ");
		md_text(c->found.v[i], out);
	}
	if (!c->found.n && c->mark == MARK_CORRECT && c->outcome != DOC_ENDED)
		str_printf(out, " %s", doc_outcome_text(c->outcome));
	str_add(out, " |");
}

static void md_table(const struct matrix *m, struct str *out)
{
	str_add(out, "\n| platform | coherent | line | path |");
	for (u32 v = 0; v < m->variants.n; v++) {
		str_add(out, " ");
		md_text(m->variants.v[v] ? m->variants.v[v] : "verdict", out);
		str_add(out, " |");
	}
	str_add(out, "\n|---|---|--:|---|");
	for (u32 v = 0; v < m->variants.n; v++)
		str_add(out, "---|");
	str_add(out, "\n");
	for (u32 i = 0; i < m->rows.n; i++) {
		const struct matrix_row *r = &m->rows.v[i];

		str_printf(out, "| %s | %s |", r->platform, r->coherent);
		if (r->line)
			str_printf(out, " %u", r->line);
		str_printf(out, " | %s |", r->path);
		for (u32 v = 0; v < m->variants.n; v++)
			md_cell(&r->cells.v[v], out);
		str_add(out, "\n");
	}
}

/* Each sentence is a point of a list, a command below it a block of code. */
static void md_say(const struct matrix *m, struct str *out)
{
	struct style wide = {.width = UINT32_MAX, .ascii = true};
	struct str s = {0};
	const char *line, *end;

	matrix_say(m, &wide, &s);
	str_add(out, s.n ? "\n" : "");
	for (line = str_get(&s); *line; line = end + 1) {
		end = strchr(line, '\n');
		if (line[0] == ' ') {
			str_add(out, "\n  ```sh\n");
			str_addn(out, line, (size_t)(end - line) + 1);
			str_add(out, "  ```\n");
			continue;
		}
		str_add(out, "- ");
		if (strncmp(line, "- ", 2) ==
		    0) /* the mark of what was not run is the point itself */
			line += 2;
		for (; line < end; line++)
			str_printf(out, strchr("|\\`*_<>[]~#", *line) ? "\\%c" : "%c", *line);
		str_add(out, "\n");
	}
	str_free(&s);
}

void matrix_markdown(const struct matrix *m, struct str *out)
{
	str_add(out, "### ");
	md_text(m->doc->id.text, out);
	if (m->doc->title) {
		str_add(out, m->doc->id.text ? ": " : "");
		md_text(m->doc->title, out);
	}
	str_add(out, "\n");
	if (m->how)
		str_printf(out, "\nHardware: %s\n", m->how);
	md_table(m, out);
	str_add(out, "\n`!` corruption, `~` violation, forgiven here, `$` cost, `=` correct, `?` "
		     "limit, no verdict, `#` not as the file expects, `-` not run\n");
	md_say(m, out);
}
