/* SPDX-License-Identifier: MIT */
/*
 * The driver pane: the statements of the file that this variant has, by line. Once a finding is
 * reached, the calls that only the other variant has stand there too, as missing.
 */
#include "tui/source_int.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading the program ---- */

static int by_place(const void *a, const void *b)
{
	const struct stmt_info *const *x = a, *const *y = b;

	if ((*x)->line != (*y)->line)
		return (*x)->line < (*y)->line ? -1 : 1;
	return (*x)->col < (*y)->col ? -1 : (*x)->col > (*y)->col;
}

/* Who does it, where the statement does not say so: "nic: dma_write(h, "hello")". */
static void actor(const struct run_source *s, const struct stmt_info *i, struct str *out)
{
	if (i->actor == 0)
		return;
	if (i->actor == ACTOR_HW)
		str_add(out, "hw: ");
	else if (i->actor == ACTOR_LAB)
		str_add(out, "lab: ");
	else
		str_printf(out, "%s: ", names_device(s->names, i->actor - 1u));
}

/* What stands on one line: "if (dma_mapping_error(nic, h)): return -ENOMEM". */
static void add_line(struct run_source *s, const struct stmt_info *const *v, u32 n, bool missing)
{
	/* A missing call stands where the condition stands that leaves it out here. */
	u16 depth = (u16)(v[0]->depth - (missing && v[0]->depth));
	struct str text = {0};

	actor(s, v[0], &text);
	for (u32 i = 0; i < n; i++) {
		if (i && v[i]->col == v[i - 1]->col)
			continue; /* the header of a loop is several statements */
		str_add(&text, i ? ": " : "");
		str_safe(&text, v[i]->text ? v[i]->text : "", strlen(v[i]->text ? v[i]->text : ""));
	}
	vec_push(&s->lines, (struct source_line){v[0]->line, depth,
						 arena_strndup(&s->arena, str_get(&text), text.n),
						 missing, false, false});
	str_free(&text);
}

static bool has_line(const struct program *p, u32 line)
{
	for (u32 i = 1; i < p->stmts; i++)
		if (p->stmt[i].line == line)
			return true;
	return false;
}

/* The statements of p by line; with `without`, only those on lines that it has not. */
static void read_program(struct run_source *s, const struct program *p,
			 const struct program *without)
{
	struct {
		VEC(const struct stmt_info *)
	} v = {0};

	for (u32 i = 1; i < p->stmts; i++)
		if (p->stmt[i].line && !(without && has_line(without, p->stmt[i].line)))
			vec_push(&v, &p->stmt[i]);
	if (v.n)
		qsort(v.v, v.n, sizeof *v.v, by_place);
	for (u32 i = 0, n; i < v.n; i += n) {
		for (n = 1; i + n < v.n && v.v[i + n]->line == v.v[i]->line;)
			n++;
		add_line(s, (const struct stmt_info *const *)(v.v + i), n, without != NULL);
	}
	vec_free(&v);
}

/* The call that the worst finding names as missing, where no other variant has it. */
static void read_fix(struct run_source *s)
{
	const struct finding *f = s->findings->n ? &s->findings->v[0].f : NULL;
	struct fix x;
	u32 line;

	for (u32 i = 0; i < s->findings->n; i++)
		if (s->findings->v[i].f.severity > f->severity)
			f = &s->findings->v[i].f;
	if (!f)
		return;
	fix_make(&x, s->names, f);
	if (x.edits == 1 && x.edit[0].action <= FIX_BEHIND) {
		line = names_line(s->names, x.edit[0].stmt) + (x.edit[0].action == FIX_BEHIND);
		if (str_get(&x.call)[x.call.n - 1] == ';')
			x.call.s[--x.call.n] = '\0';
		/* between two lines of the file: it has no number of its own */
		vec_push(&s->lines,
			 (struct source_line){line, 0,
					      arena_strndup(&s->arena, str_get(&x.call), x.call.n),
					      true, false, true});
	}
	fix_free(&x);
}

static int by_line(const void *a, const void *b)
{
	const struct source_line *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return y->missing - x->missing;
}

void driver_read(struct run_source *s, const struct program *other)
{
	u32 own;

	read_program(s, s->prog, NULL);
	own = s->lines.n;
	for (u32 i = 0; other && i < own; i++)
		s->lines.v[i].alone = !has_line(other, s->lines.v[i].line);
	if (other)
		read_program(s, other, s->prog);
	if (s->lines.n == own)
		read_fix(s);
	if (s->lines.n)
		qsort(s->lines.v, s->lines.n, sizeof *s->lines.v, by_line);
}

/* ---- showing it ---- */

static const char *remark(const struct finding *f)
{
	if (finding_is_stale(f))
		return "reads old bytes";
	if (finding_is_lost(f))
		return "loses bytes";
	switch ((enum diag_id)f->id) {
	case DIAG_ASSERT:
		return "does not hold";
	case DIAG_HANG:
		return "waits for ever";
	case DIAG_KERNEL_BUG:
		return "stops here";
	default:
		return "breaks a rule";
	}
}

/*
 * An assert has no event of its own: it belongs to the one before, and is reached when that is
 * left behind.
 */
static bool is_reached(const struct sight *g, const struct finding *f)
{
	const struct event_log *log = g->s->names->log;

	if (f->event != g->at || f->id != DIAG_ASSERT || !g->at || g->at == log->n)
		return f->event <= g->at;
	return g->ev->stmt == f->at_stmt;
}

/* The worst finding of a line that the position has reached. */
static const struct finding *reached_on(const struct sight *g, u32 line)
{
	const struct finding *best = NULL;

	for (u32 i = 0; i < g->s->findings->n; i++) {
		const struct finding *f = &g->s->findings->v[i].f;

		if (is_reached(g, f) && names_line(g->s->names, f->at_stmt) == line &&
		    (!best || f->severity > best->severity))
			best = f;
	}
	return best;
}

static bool any_reached(const struct sight *g)
{
	for (u32 i = 0; i < g->s->findings->n; i++)
		if (is_reached(g, &g->s->findings->v[i].f))
			return true;
	return false;
}

/* The other variant may have the same elsewhere, or something else here. */
static const char *missing_note(const struct run_source *s, const struct source_line *l)
{
	const struct source_line *first = s->lines.v, *end = first + s->lines.n;

	for (const struct source_line *x = first; x < end; x++)
		if (x->alone && strcmp(x->text, l->text) == 0)
			return "<- belongs here";
	if ((l > first && l[-1].alone) || (l + 1 < end && l[1].alone))
		return "<- instead";
	return "<- missing";
}

static void show_line(struct sight *g, const struct source_line *l)
{
	struct lesson_model *m = g->m;
	struct lesson_driver_line *d = &m->driver[m->drivers++];
	const struct finding *f = l->missing ? NULL : reached_on(g, l->line);
	u32 indent = l->depth < 8 ? 2u * l->depth : 16;
	d->number = l->nowhere ? 0 : l->line;
	M_SETF(d->text, "%*s%s", (int)indent, "", l->text);
	if (l->missing) {
		d->missing = true;
		d->margin = '+';
		M_SET(d->note, missing_note(g->s, l));
	} else if (f) {
		d->margin = '!';
		M_SET(d->note, remark(f));
	}
	if (!l->missing && l->line == m->line)
		m->current = m->drivers - 1;
}

void fill_driver(struct sight *g)
{
	const struct run_source *s = g->s;
	bool missed = any_reached(g);
	u32 current = 0, first, n = 0;

	for (u32 i = 0; i < s->lines.n && s->lines.v[i].line <= g->m->line; i++)
		current = i;
	first = current > LESSON_DRIVER / 2 ? current - LESSON_DRIVER / 2 : 0;
	g->m->current = LESSON_DRIVER;
	for (u32 i = first; i < s->lines.n && n < LESSON_DRIVER; i++) {
		if (s->lines.v[i].missing && !missed)
			continue;
		show_line(g, &s->lines.v[i]);
		n++;
	}
}
