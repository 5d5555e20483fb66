/* SPDX-License-Identifier: MIT */
#include "unit/small_try.h"

#include <check.h>
#include <stdio.h>

#include "report/collect.h"

static const struct scenario_options options = {.data_dir = "scenarios"};

void tried_open(struct tried *t, const char *text)
{
	struct str why = {0};

	*t = (struct tried){.cfg = mem_zalloc(1, sizeof *t->cfg), .errs.file = "small.yaml"};
	str_add(&t->text, text);
	t->s = scenario_parse(str_get(&t->text), t->text.n, &options, &t->errs);
	if (t->s && scenario_compile(t->s, NULL, NULL, NULL, t->cfg, &t->prog, &t->errs))
		return;
	err_print(&t->errs, 100, &why);
	ck_abort_msg("this is no scenario:\n%s\n%s", str_get(&why), text);
}

void tried_file(struct tried *t, const char *file)
{
	FILE *f = fopen(file, "r");
	struct str text = {0};
	char part[1000];

	ck_assert_msg(f != NULL, "%s cannot be read", file);
	while (fgets(part, sizeof part, f))
		str_add(&text, part);
	fclose(f);
	tried_open(t, str_get(&text));
	str_free(&text);
}

void tried_small(struct tried *t, const struct small *s)
{
	struct str text = {0};

	small_print(s, &text);
	tried_open(t, str_get(&text));
	str_free(&text);
}

void tried_close(struct tried *t)
{
	program_free(t->prog);
	scenario_free(t->s);
	err_free(&t->errs);
	mem_free(t->cfg);
	str_free(&t->text);
}

/* ---- what was found, as a set ---- */

struct key_set {
	VEC(struct finding)
};

/* Of one key the worst is kept. */
static void add_key(struct key_set *l, const struct finding *f)
{
	for (u32 i = 0; i < l->n; i++)
		if (brute_same_key(&l->v[i], f)) {
			if (f->severity > l->v[i].severity)
				l->v[i] = *f;
			return;
		}
	vec_push(l, *f);
}

static void keys_of(const struct explore_result *r, struct key_set *l)
{
	for (u32 i = 0; i < r->found.n; i++)
		add_key(l, &r->found.v[i].f);
}

static void keys_of_brute(const struct brute *b, struct key_set *l)
{
	for (u32 i = 0; i < b->found.n; i++)
		add_key(l, &b->found.v[i].f);
}

static void tell(const struct tried *t, const struct finding *f, struct str *out)
{
	finding_id(t->prog, f, out);
	str_printf(out, "/%s, line %u, allocation %u, mapping of line %u",
		   severity_name((enum severity)f->severity), t->prog->stmt[f->stmt].line, f->alloc,
		   f->map_stmt ? t->prog->stmt[f->map_stmt].line : 0);
}

/* Says what of a is not in b. */
static bool lacks(const struct tried *t, const struct key_set *a, const struct key_set *b,
		  const char *what, struct str *why)
{
	bool any = false;

	for (u32 i = 0; i < a->n; i++) {
		bool there = false;

		for (u32 k = 0; k < b->n && !there; k++)
			there = brute_same_key(&a->v[i], &b->v[k]) &&
				a->v[i].severity == b->v[k].severity;
		if (there)
			continue;
		any = true;
		str_printf(why, "%s: ", what);
		tell(t, &a->v[i], why);
		str_add(why, "\n");
	}
	return any;
}

/* The ids after precedence, each once, as a text in order of the table. */
static void settled(const struct tried *t, const struct key_set *l, struct str *out)
{
	struct findings all = {0};

	for (u32 i = 0; i < l->n; i++)
		findings_add(&all, &l->v[i]);
	findings_settle(&all);
	for (u32 id = 0; id < DIAGS; id++)
		for (u32 index = 0; index < (id == DIAG_ASSERT ? t->prog->asserts : 1); index++)
			for (u32 i = 0; i < all.n; i++)
				if (all.v[i].f.id == id &&
				    (id != DIAG_ASSERT || all.v[i].f.index == index)) {
					finding_id(t->prog, &all.v[i].f, out);
					str_printf(out, "/%u ", all.v[i].f.severity);
				}
	findings_free(&all);
}

static bool same(const struct tried *t, struct key_set *got, struct key_set *want, u32 got_outcomes,
		 u32 want_outcomes, struct str *why)
{
	struct str a = {0}, b = {0};
	bool differs = lacks(t, want, got, "not found", why);

	differs |= lacks(t, got, want, "found, and there is none", why);
	settled(t, got, &a);
	settled(t, want, &b);
	if (!differs && strcmp(str_get(&a), str_get(&b)) != 0) {
		str_printf(why, "after precedence: %s, and not %s\n", str_get(&a), str_get(&b));
		differs = true;
	}
	if (got_outcomes != want_outcomes)
		str_printf(why, "outcomes: 0x%x, and not 0x%x\n", got_outcomes, want_outcomes);
	str_free(&a);
	str_free(&b);
	vec_free(got);
	vec_free(want);
	return !differs && got_outcomes == want_outcomes;
}

bool same_found(const struct tried *t, const struct explore_result *r, const struct brute *b,
		struct str *why)
{
	struct key_set got = {0}, want = {0};

	keys_of(r, &got);
	keys_of_brute(b, &want);
	return same(t, &got, &want, r->outcomes, b->outcomes, why);
}

bool same_result(const struct tried *t, const struct explore_result *r,
		 const struct explore_result *other, struct str *why)
{
	struct key_set got = {0}, want = {0};

	keys_of(r, &got);
	keys_of(other, &want);
	return same(t, &got, &want, r->outcomes, other->outcomes, why);
}

bool same_brute(const struct tried *t, const struct brute *b, const struct brute *other,
		struct str *why)
{
	struct key_set got = {0}, want = {0};

	keys_of_brute(b, &got);
	keys_of_brute(other, &want);
	return same(t, &got, &want, b->outcomes, other->outcomes, why);
}

/* ---- witnesses ---- */

struct replay {
	const struct engine *e;
	const struct explore_find *of;
	bool seen;
	u64 after; /* transitions when it was first seen */
};

static void on_finding(void *ctx, const struct finding *f)
{
	struct replay *p = ctx;

	if (p->seen || !brute_same_key(f, &p->of->f) || f->severity != p->of->f.severity)
		return;
	p->seen = true;
	p->after = engine_choices(p->e);
}

static bool shows(const struct tried *t, const struct explore_find *f, struct str *why)
{
	struct engine *e = engine_new(t->cfg, t->prog, NULL);
	struct replay p = {.e = e, .of = f};
	u32 matched = 0;
	bool well;

	oracle_sink(&e->oracle, on_finding, &p);
	engine_replay(e, &f->witness, &matched);
	well = p.seen && matched == f->witness.n && (!f->transitions || p.after == f->transitions);
	if (!well) {
		str_add(why, "the witness ");
		schedule_token(&f->witness, why);
		str_add(why, " of ");
		tell(t, &f->f, why);
		str_printf(why, ": %u of %u answers asked for; %s after %lu transitions, not %lu\n",
			   matched, f->witness.n, p.seen ? "it shows" : "it does not show",
			   (unsigned long)p.after, (unsigned long)f->transitions);
	}
	engine_free(e);
	return well;
}

bool witnesses_show(const struct tried *t, const struct explore_result *r, struct str *why)
{
	bool well = true;

	for (u32 i = 0; i < r->found.n; i++)
		well &= shows(t, &r->found.v[i], why);
	return well;
}

/* ---- smaller ---- */

static bool better(struct small *s, const struct small *t,
		   bool (*fails)(void *ctx, const struct small *s), void *ctx)
{
	if (!fails(ctx, t))
		return false;
	*s = *t;
	return true;
}

/* A plainer machine, one thing at a time. */
static bool plainer(struct small *s, u32 what)
{
	struct small_machine *m = &s->m, was = *m;

	switch (what) {
	case 0:
		m->bounce = false;
		break;
	case 1:
		m->outer_ways = 0;
		break;
	case 2:
		m->through = false;
		break;
	case 3:
		m->choice = false;
		break;
	case 4:
		m->speculates = false;
		break;
	case 5:
		m->early_loads = false;
		break;
	case 6:
		m->weak = false;
		break;
	case 7:
		m->entries = 0;
		m->weak = false;
		break;
	case 8:
		m->ways = 1;
		break;
	case 9:
		m->sets = 1;
		break;
	case 10:
		m->cpus = 1;
		break;
	case 11:
		m->arch = "arm64";
		break;
	case 12:
		m->passes = 0;
		break;
	default:
		s->relaxed = false;
		return true;
	}
	return memcmp(&was, m, sizeof was) != 0;
}

void small_shorten(struct small *s, bool (*fails)(void *ctx, const struct small *s), void *ctx)
{
	for (bool again = true; again;) {
		struct small t;

		again = false;
		for (u32 i = s->n; i-- > 0;) {
			t = *s;
			small_leave_out(&t, i);
			again |= better(s, &t, fails, ctx);
		}
		for (u32 i = 0; i < 14; i++) {
			bool was = s->relaxed;

			t = *s;
			if (plainer(&t, i) && (i < 13 || was))
				again |= better(s, &t, fails, ctx);
		}
	}
}
