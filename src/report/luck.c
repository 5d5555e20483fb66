/* SPDX-License-Identifier: MIT */
/*
 * Where the luck of a violation ends: the shortest schedule on the same platform that corrupts
 * data. First among those with one deviation from calm, then with two, and so on: most luck ends
 * with one, and such searches are short.
 */
#include <string.h>

#include "report/matrix.h"
#include "report/schedules.h"
#include "report/text.h"

/* ---- what it was ---- */

static bool is_load(u32 kind)
{
	return kind == EV_LOAD_CACHE || kind == EV_LOAD_MEMORY;
}

/* The CPU's line of that byte was fetched by the access itself: there was no copy to be old. */
static bool was_empty(const struct run *r, const struct finding *f)
{
	const struct event_log *log = r->names.log;
	u64 line = f->pa & ~(u64)(r->in.cfg->hw.line - 1);

	if (f->told != TOLD_RULE || !names_is_cpu(&r->names, f->party) || !f->event ||
	    !is_load(event_get(log, f->event)->kind))
		return false;
	for (u32 k = f->event - 1; k; k--) {
		const struct event *e = event_get(log, k);

		if (e->stmt != f->at_stmt || e->kind == EV_LOAD_CACHE)
			return false;
		if (e->kind == EV_FILL && e->f[0] == line)
			return true;
	}
	return false;
}

static enum luck_why why_of(const struct run *r)
{
	for (u32 i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i].f;

		if (f->severity != SEVERITY_VIOLATION)
			continue;
		if (f->lucky)
			return LUCK_WHY_EQUAL;
		if (was_empty(r, f))
			return LUCK_WHY_EMPTY;
	}
	return LUCK_WHY_UNKNOWN;
}

/* ---- with what it ends ---- */

enum deed {
	DEED_FILL,
	DEED_DROP,
	DEED_WRITE_BACK,
	DEED_DRAIN,
	DEED_OLDER,
	DEED_CPU,
	DEED_CORE,
	DEED_IRQ,
	DEED_DEVICE,
	DEED_ARRIVE,
	DEED_LAND,
	DEED_FLUSH,
	DEEDS
};

/* many: of what is counted; what puts calm's choice off is one deed however long it lasts. */
static const struct {
	const char *one, *many;
} deeds[DEEDS] = {
    [DEED_FILL] = {"one prefetch", "prefetches"},
    [DEED_DROP] = {"one line that is dropped", "lines that are dropped"},
    [DEED_WRITE_BACK] = {"one early write-back", "early write-backs"},
    [DEED_DRAIN] = {"one store that leaves early", "stores that leave early"},
    [DEED_OLDER] = {"one load of an older value", "loads of older values"},
    [DEED_CPU] = {"the CPU going first", NULL},
    [DEED_CORE] = {"another CPU going first", NULL},
    [DEED_IRQ] = {"an interrupt taken first", NULL},
    [DEED_DEVICE] = {"the device going first", NULL},
    [DEED_ARRIVE] = {"a register write that arrives first", NULL},
    [DEED_LAND] = {"a write of the device that lands first", NULL},
    [DEED_FLUSH] = {"the IOMMU's timer going first", NULL},
};

static enum deed deed_of(const struct action *a)
{
	static const enum deed of[] = {
	    [ACT_CPU] = DEED_CPU,
	    [ACT_IRQ] = DEED_IRQ,
	    [ACT_DEVICE] = DEED_DEVICE,
	    [ACT_DRAIN] = DEED_DRAIN,
	    [ACT_WRITE_BACK] = DEED_WRITE_BACK,
	    [ACT_DROP] = DEED_DROP,
	    [ACT_FILL] = DEED_FILL,
	    [ACT_ARRIVE] = DEED_ARRIVE,
	    [ACT_LAND] = DEED_LAND,
	    [ACT_CORE] = DEED_CORE,
	    [ACT_FLUSH] = DEED_FLUSH,
	};

	return a->kind == ACT_CPU && a->age ? DEED_OLDER : of[a->kind];
}

struct followed {
	const struct schedule *s;
	u32 at, count[DEEDS];
};

static u32 follow(void *ctx, struct engine *e, const struct action_list *l)
{
	struct followed *f = ctx;
	u32 v = schedule_at(f->s, engine_choices(e) + 1, &f->at);

	if (!v || v >= l->n)
		return 0;
	f->count[deed_of(&l->v[v])]++;
	return v;
}

/* "one prefetch and 2 early write-backs": what the answers of a schedule do. */
static void deeds_of(const struct run *r, const struct schedule *schedule, struct str *out)
{
	struct engine_options opt = {.no_oracle = true, .max_accesses = r->in.max_accesses};
	struct engine *e = engine_new(r->in.cfg, r->in.prog, &opt);
	struct followed f = {.s = schedule};
	u32 left = 0;

	engine_run(e, follow, &f);
	engine_free(e);
	for (u32 i = 0; i < DEEDS; i++)
		left += f.count[i] != 0;
	if (!left)
		str_add(out, "calm hardware");
	for (u32 i = 0; i < DEEDS; i++) {
		if (!f.count[i])
			continue;
		if (f.count[i] == 1 || !deeds[i].many)
			str_add(out, deeds[i].one);
		else
			str_printf(out, "%u %s", f.count[i], deeds[i].many);
		left--;
		str_add(out, left > 1 ? ", " : left ? " and " : "");
	}
}

/* ---- the search ---- */

/* The first that corrupts data: the driver's own fault, and told by more than an assert if there is
 * such. ~0u: none does. */
static u32 corruption_in(const struct explored *x)
{
	u32 best = ~0u;

	for (u32 i = 0; i < x->found.n; i++) {
		const struct finding *f = &x->found.v[i].f;

		if (f->severity != SEVERITY_CORRUPTION || f->id == DIAG_PLATFORM_DEFECT)
			continue;
		if (best == ~0u ||
		    (finding_is_beside(&x->found.v[best].f) && !finding_is_beside(f)))
			best = i;
	}
	return best;
}

/* Runs the schedule of that finding. False: it does not show it after all. */
static bool prove(struct luck *l, const struct explored *x, u32 i)
{
	const struct explore_find *find = shown_find(x, i);
	struct str id = {0}, with = {0}, command = {0};
	struct shown shown;
	bool ok;

	shown_make(&shown, x, i);
	ok = shown.nr && shown.run.found.v[shown.nr - 1].f.severity == SEVERITY_CORRUPTION;
	if (ok) {
		finding_id(x->in.prog, &shown.run.found.v[shown.nr - 1].f, &id);
		deeds_of(&shown.run, &find->witness, &with);
		text_command(&shown.run, "run", &command);
		l->state = LUCK_ENDS;
		l->deviations = find->deviations;
		l->schedule = mem_strdup(str_get(&shown.run.token));
		l->command = mem_strdup(str_get(&command));
		l->with = mem_strdup(str_get(&with));
		l->id = mem_strdup(str_get(&id));
	}
	shown_free(&shown);
	str_free(&id);
	str_free(&with);
	str_free(&command);
	return ok;
}

/* All schedules with at most so many deviations. False: nothing more is to be looked for. */
static bool seek(struct luck *l, const struct run *r, const struct luck_options *opt,
		 u32 deviations)
{
	struct explore_options o = {.max_deviations = deviations,
				    .max_states = opt->states,
				    .max_accesses = r->in.max_accesses,
				    .go_on = opt->go_on,
				    .ctx = opt->ctx};
	struct explored x;
	u32 at, seen;
	bool more;

	explored_do(&x, &r->in, &o);
	at = corruption_in(&x);
	l->complete = x.result->end == EXPLORE_COMPLETE;
	seen = x.result->layers ? x.result->layers - 1 : 0;
	if (seen > l->deviations)
		l->deviations = seen > deviations ? deviations : seen;
	more = x.result->end == EXPLORE_DEVIATED;
	if (at != ~0u && prove(l, &x, at))
		more = false;
	explored_free(&x);
	return more;
}

void luck_seek(struct luck *l, const struct run *r, const struct luck_options *opt)
{
	*l = (struct luck){.why = why_of(r)};
	if (!opt->deviations)
		return;
	l->state = LUCK_HOLDS;
	for (u32 k = 1; k <= opt->deviations; k++)
		if (!seek(l, r, opt, k))
			break;
}

void luck_free(struct luck *l)
{
	mem_free(l->with);
	mem_free(l->schedule);
	mem_free(l->command);
	mem_free(l->id);
}
