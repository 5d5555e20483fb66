/* SPDX-License-Identifier: MIT */
/*
 * Every row of the table of diagnoses is reached and nearly reached: `fires` shows the id on some
 * platform, in calm or, as its file says and the search holds, on some schedule; `near` shows it on
 * none; and the two differ by at most two statements of the compiled programs.
 */
#include <stdio.h>
#include <string.h>

#include "report/run.h"
#include "scenario/expectation.h"
#include "scenario/scenario.h"
#include "unit/unit.h"

enum { STMTS = 256 };

/* A column of the table: a scenario file and one of its variants. */
struct shown {
	char file[200];
	const char *variant; /* NULL: the file has none */
	struct scenario *s;
	struct err_list errs;
};

static void open_shown(struct shown *x, const char *column, const char *id)
{
	struct scenario_options options = {.data_dir = "scenarios"};
	const char *colon = strrchr(column, ':');
	size_t n = colon ? (size_t)(colon - column) : strlen(column);

	ck_assert_msg(n && n < sizeof x->file, "%s: no scenario", id);
	*x = (struct shown){.variant = colon ? colon + 1 : NULL};
	memcpy(x->file, column, n);
	x->s = scenario_load(x->file, &options, &x->errs);
	ck_assert_msg(x->s != NULL, "%s: %s does not load", id, x->file);
	if (!x->variant && x->s->doc->variants)
		x->variant = x->s->doc->variant[0].name.text;
}

static void close_shown(struct shown *x)
{
	scenario_free(x->s);
	err_free(&x->errs);
}

static struct program *compiled(struct shown *x, u32 platform, struct machine_config *cfg)
{
	struct program *p = NULL;
	const char *name = x->s->doc->platform[platform].name.text;

	ck_assert_msg(scenario_compile(x->s, x->variant, name, NULL, cfg, &p, &x->errs),
		      "%s: no variant %s on %s", x->file, x->variant ? x->variant : "-", name);
	return p;
}

static bool on_some_schedule(const struct doc_expect *e, const char *id)
{
	for (u32 i = 0; e && i < e->some.n; i++)
		if (expectation_matches(&e->some.v[i], id, NULL, e->some.v[i].severity))
			return true;
	return false;
}

/* On which of its platforms the id shows: how many. */
static u32 shows(struct shown *x, u32 diag)
{
	const struct scenario_doc *doc = x->s->doc;
	u32 n = 0;

	for (u32 p = 0; p < doc->platforms; p++) {
		struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
		struct program *prog = compiled(x, p, cfg);
		const struct doc_expect *e =
		    scenario_expect(x->s, x->variant, doc->platform[p].name.text);
		struct run_input in = {.file = x->file,
				       .asked = x->file,
				       .doc = doc,
				       .prog = prog,
				       .cfg = cfg,
				       .variant = x->variant,
				       .expect = e};
		bool found = on_some_schedule(e, diag_info(diag)->name);
		struct run r;

		run_do(&r, &in);
		for (u32 i = 0; i < r.found.n; i++)
			found |= r.found.v[i].f.id == diag;
		n += found;
		run_free(&r);
		program_free(prog);
		mem_free(cfg);
	}
	return n;
}

/* The longest common subsequence of two lists of statements. */
static u32 common(const struct program *a, const struct program *b)
{
	static u16 best[STMTS + 1][STMTS + 1];

	ck_assert(a->stmts <= STMTS && b->stmts <= STMTS);
	memset(best, 0, sizeof best);
	for (u32 i = a->stmts; i-- > 1;)
		for (u32 k = b->stmts; k-- > 1;) {
			const struct stmt_info *s = &a->stmt[i], *t = &b->stmt[k];
			u16 skip =
			    best[i + 1][k] > best[i][k + 1] ? best[i + 1][k] : best[i][k + 1];
			bool same = s->actor == t->actor && strcmp(s->text, t->text) == 0;

			best[i][k] = same ? (u16)(best[i + 1][k + 1] + 1) : skip;
			if (best[i][k] < skip)
				best[i][k] = skip;
		}
	return best[1][1];
}

/* Statements that are in one and not in the other; one that is replaced counts once. */
static u32 differences(struct shown *a, struct shown *b)
{
	struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
	struct program *p = compiled(a, 0, cfg), *q = compiled(b, 0, cfg);
	u32 most = p->stmts > q->stmts ? p->stmts : q->stmts, n;

	n = most - 1 - common(p, q);
	program_free(p);
	program_free(q);
	mem_free(cfg);
	return n;
}

START_TEST(row)
{
	const struct diag_info *d = diag_info((u32)_i);
	struct shown fires, near;

	open_shown(&fires, d->fires, d->name);
	open_shown(&near, d->near, d->name);
	ck_assert_msg(shows(&fires, (u32)_i) > 0, "%s: %s does not show it", d->name, d->fires);
	ck_assert_msg(shows(&near, (u32)_i) == 0, "%s: %s shows it", d->name, d->near);
	ck_assert_msg(differences(&fires, &near) <= 2, "%s: %s and %s differ by %u statements",
		      d->name, d->fires, d->near, differences(&fires, &near));
	close_shown(&fires);
	close_shown(&near);
}
END_TEST

/* Sentences: they begin with a capital, a name of code or a number, and end in a full stop. */
static void check_sentence(const struct diag_info *d, const char *column, const char *text)
{
	ck_assert_msg(text && strlen(text) > 10, "%s: %s is empty", d->name, column);
	ck_assert_msg(text[strlen(text) - 1] == '.', "%s: %s has no end: %s", d->name, column,
		      text);
	ck_assert_msg(strchr(text, '\n') == NULL && strstr(text, "  ") == NULL, "%s: %s: %s",
		      d->name, column, text);
}

/* Lines of '-', '+' or ' ' and C; something goes or comes, and each fits on a page. */
static void check_edit(const struct diag_info *d)
{
	enum { ROOM = 80 - 13 };
	bool changes = false;

	for (const char *line = d->edit; *line;) {
		u32 at = 0;

		ck_assert_msg(strchr("-+ ", *line) != NULL, "%s: edit: %s", d->name, line);
		changes |= *line != ' ';
		for (line++; *line && *line != '\n'; line++)
			at = *line == '\t' ? (at / 8 + 1) * 8 : at + 1;
		ck_assert_msg(at && at <= ROOM, "%s: edit: a line of %u columns", d->name, at);
		line += *line != 0;
	}
	ck_assert_msg(changes, "%s: edit changes nothing", d->name);
}

static u32 parts(const char *list)
{
	u32 n = 1;

	for (; *list; list++)
		n += *list == ';';
	return n;
}

START_TEST(columns)
{
	const struct diag_info *d = diag_info((u32)_i);

	check_sentence(d, "mechanism", d->mechanism);
	check_sentence(d, "rule", d->rule);
	check_sentence(d, "effect", d->effect);
	check_sentence(d, "fix", d->fix);
	if (d->where[0])
		check_sentence(d, "where", d->where);
	check_edit(d);
	ck_assert_msg(strlen(d->dma_debug) > 10, "%s: what does dma-debug say?", d->name);
	ck_assert_msg(d->places && d->places < 1u << PLACES, "%s: where does it show?", d->name);
	/* Everywhere is everywhere: no other place besides. */
	ck_assert_msg(!(d->places & SHOWS_ALL) || d->places == SHOWS_ALL, "%s: places", d->name);
	ck_assert_msg(parts(d->sources) >= 2, "%s: where to read on: %s", d->name, d->sources);
	ck_assert_msg(strstr(d->sources, "; ;") == NULL && strstr(d->sources, "  ") == NULL, "%s",
		      d->name);
}
END_TEST

static Suite *diags_suite(void)
{
	Suite *s = suite_create("diags");
	TCase *c = tcase_create("rows");

	tcase_add_loop_test(c, row, 0, DIAG_ASSERT);
	tcase_add_loop_test(c, columns, 0, DIAG_ASSERT);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(diags_suite)
