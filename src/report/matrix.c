/* SPDX-License-Identifier: MIT */
#include "report/matrix.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"

static const struct {
	char letter;
	const char *name;
} marks[MARKS] = {
    [MARK_NOT_RUN] = {'-', "not-run"},
    [MARK_CORRECT] = {'=', "correct"},
    [MARK_COST] = {'$', "cost"},
    [MARK_VIOLATION] = {'~', "violation"},
    [MARK_CORRUPTION] = {'!', "corruption"},
    [MARK_LIMIT] = {'?', "limit"},
};

char mark_letter(enum matrix_mark m)
{
	return marks[m].letter;
}

const char *mark_name(enum matrix_mark m)
{
	return marks[m].name;
}

/* ---- platforms ---- */

struct matrix_row *matrix_row(struct matrix *m, const char *platform)
{
	struct matrix_row row = {0};

	BUG_ON(strlen(platform) > NAME_MAX_LEN);
	memcpy(row.platform, platform, strlen(platform) + 1);
	vec_push(&m->rows, row);
	return &m->rows.v[m->rows.n - 1];
}

/* How the bytes of this device's mappings go: what the kernel does with every one of them. */
static const char *path_of(const struct machine_config *cfg, const struct device_config *d)
{
	bool offset = false;

	for (u32 i = 0; i < d->maps; i++)
		offset |= d->map[i].cpu_base != d->map[i].bus_base;
	if (d->translated)
		return d->untrusted ? "iommu+bounce" : "iommu";
	if (cfg->lx.swiotlb.force)
		return "bounce";
	return offset ? "offset" : "direct";
}

static void put_fact(char *fact, const char *text)
{
	if (!fact[0])
		snprintf(fact, MATRIX_FACT, "%s", text);
	else if (strcmp(fact, text) != 0)
		snprintf(fact, MATRIX_FACT, "mixed");
}

void matrix_facts(struct matrix_row *row, const struct machine_config *cfg)
{
	if (row->line)
		return;
	row->line = cfg->hw.line;
	for (u32 i = 0; i < cfg->hw.devs; i++) {
		put_fact(row->coherent, cfg->hw.dev[i].coherent ? "yes" : "no");
		put_fact(row->path, path_of(cfg, &cfg->hw.dev[i]));
	}
}

/* ---- cells ---- */

static enum matrix_mark mark_of(const struct finding *f)
{
	return f->severity == SEVERITY_CORRUPTION  ? MARK_CORRUPTION
	       : f->severity == SEVERITY_VIOLATION ? MARK_VIOLATION
						   : MARK_COST;
}

/* The worst first; of equals what is no assert, hang or death first; else as they came. */
static u32 rank(const struct finding *f)
{
	return 2 * (SEVERITY_CORRUPTION - f->severity) + finding_is_beside(f);
}

static void take_findings(struct matrix_cell *c, const struct findings *l,
			  const struct program *prog)
{
	struct str s = {0};
	u32 had;

	for (u32 want = 0; want < 2 * (SEVERITY_CORRUPTION + 1); want++)
		for (u32 i = 0; i < l->n; i++) {
			const struct finding *f = &l->v[i].f;

			if (rank(f) != want)
				continue;
			if (!c->found.n) {
				c->mark = mark_of(f);
				c->defect = f->id == DIAG_PLATFORM_DEFECT;
			}
			str_clear(&s);
			finding_id(prog, f, &s);
			had = c->found.n;
			id_list_add(&c->found, str_get(&s));
			c->diagnoses += c->found.n > had && !finding_is_beside(f);
		}
	str_free(&s);
}

static void take_verdict(struct matrix_cell *c, const struct verdict *v)
{
	c->expects = v->expects;
	c->as_expected = v->as_expected;
	c->outcome = v->outcome;
	c->expected_outcome = v->expected_outcome;
	c->refused = v->outcome == DOC_REFUSED;
	for (u32 i = 0; i < v->expected.n; i++)
		id_list_add(&c->expected, v->expected.v[i]);
	if (!v->expects)
		return;
	for (u32 i = 0; i < v->missing.n; i++)
		id_list_add(&c->missing, v->missing.v[i]);
	for (u32 i = 0; i < v->surprising.n; i++)
		id_list_add(&c->surprising, v->surprising.v[i]);
}

bool matrix_stopped(const struct matrix_cell *c)
{
	return c->mark == MARK_VIOLATION && c->outcome == DOC_FAULT;
}

const char *matrix_cell_name(const struct matrix_cell *c)
{
	if (c->found.n)
		return c->found.v[0];
	if (c->luck.state == LUCK_ENDS)
		return c->luck.id;
	return c->mark == MARK_CORRECT && c->outcome != DOC_ENDED ? doc_outcome_text(c->outcome)
								  : "";
}

static struct matrix_cell *add(struct matrix_row *row, const struct matrix_cell *c)
{
	vec_push(&row->cells, *c);
	return &row->cells.v[row->cells.n - 1];
}

static bool is_defective(const struct machine_config *cfg)
{
	return cfg->defect || cfg->lx.quirks;
}

struct matrix_cell *matrix_add_run(struct matrix_row *row, const struct run *r)
{
	struct matrix_cell c = {.mark = MARK_CORRECT, .defective = is_defective(r->in.cfg)};
	struct str why = {0};

	matrix_facts(row, r->in.cfg);
	take_findings(&c, &r->found, r->in.prog);
	take_verdict(&c, &r->verdict);
	if (r->e->schedule.n)
		c.schedule = mem_strdup(str_get(&r->token));
	if (r->verdict.limit) {
		c.mark = MARK_LIMIT;
		run_no_verdict(r, &why);
		c.reason = mem_strdup(str_get(&why));
	}
	str_free(&why);
	return add(row, &c);
}

struct matrix_cell *matrix_add_search(struct matrix_row *row, const struct explored *x)
{
	struct matrix_cell c = {.mark = MARK_CORRECT, .defective = is_defective(x->in.cfg)};
	struct str why = {0};

	matrix_facts(row, x->in.cfg);
	take_findings(&c, &x->found, x->in.prog);
	take_verdict(&c, &x->verdict);
	if (x->verdict.limit || (!x->found.n && !x->result->outcomes)) {
		c.mark = MARK_LIMIT;
		explored_extent(x, &why);
		c.reason = mem_strdup(str_get(&why));
	}
	str_free(&why);
	return add(row, &c);
}

void matrix_seek(struct matrix_cell *c, const struct run *r, const struct luck_options *opt)
{
	if (c->mark != MARK_VIOLATION && c->mark != MARK_CORRECT && c->mark != MARK_COST)
		return;
	luck_seek(&c->luck, r, opt);
	if (c->luck.state == LUCK_ENDS)
		c->mark = MARK_VIOLATION;
}

struct matrix_cell *matrix_add_none(struct matrix_row *row, const char *reason)
{
	struct matrix_cell c = {.mark = MARK_NOT_RUN, .reason = mem_strdup(reason)};

	return add(row, &c);
}

static void cell_free(struct matrix_cell *c)
{
	id_list_free(&c->found);
	id_list_free(&c->expected);
	id_list_free(&c->missing);
	id_list_free(&c->surprising);
	mem_free(c->reason);
	mem_free(c->schedule);
	luck_free(&c->luck);
}

void matrix_free(struct matrix *m)
{
	for (u32 i = 0; i < m->rows.n; i++) {
		for (u32 k = 0; k < m->rows.v[i].cells.n; k++)
			cell_free(&m->rows.v[i].cells.v[k]);
		vec_free(&m->rows.v[i].cells);
	}
	vec_free(&m->rows);
	vec_free(&m->variants);
}

/* ---- sums ---- */

void matrix_count(const struct matrix *m, u32 column, struct matrix_sums *add)
{
	for (u32 i = 0; i < m->rows.n; i++) {
		const struct matrix_cell *c = &m->rows.v[i].cells.v[column];

		add->of[c->mark]++;
		add->stopped += matrix_stopped(c);
		add->defects += c->mark == MARK_CORRUPTION && c->defect;
		if (c->mark == MARK_NOT_RUN || c->mark == MARK_LIMIT)
			continue;
		add->said_nothing += !c->expects;
		add->expected += c->expects && c->as_expected;
		add->unexpected += c->expects && !c->as_expected;
	}
}

void matrix_count_all(const struct matrix *m, struct matrix_sums *add)
{
	for (u32 i = 0; i < m->variants.n; i++)
		matrix_count(m, i, add);
}
