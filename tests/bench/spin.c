/* SPDX-License-Identifier: MIT */
/*
 * The explorer against Spin, on the models of tests/spin/: the time to the whole verdict, against
 * pan's run alone; the time from the file to the shortest failure, against all that Spin needs for
 * it (each as it counts: dmalab by deviations, then by transitions, pan by transitions); and beside
 * it, without goals of time, what a state and a transition cost without reduction.
 *
 * Spin is built as its manual says for models without liveness, its partial-order reduction off, as
 * that saves nothing here. What dmalab finds must be what the models' rule says.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "explore/explore.h"
#include "scenario/scenario.h"

#define MODEL "tests/spin/cache.yaml"

struct model {
	u32 n, k, fix;
	const char *slots; /* pan's -w: log2 of the slots of its hash table */
};

struct place {
	char dir[4096];	  /* where Spin works, owned by the bench */
	char model[4096]; /* cache.pml, from the root */
};

/* ---- Spin ---- */

static double shell(const struct place *p, const char *command, const char *out)
{
	const char *const argv[] = {"sh", "-c", command, NULL};
	const struct child c = {argv, p->dir, out, 0};

	return bench_child(&c);
}

/* The verifier, for all failures or breadth first; CPU time of making it. */
static double make_pan(const struct place *p, const struct model *m, bool breadth_first, bool run)
{
	char text[8192];

	snprintf(text, sizeof text,
		 "spin -DN=%u -DK=%u -DFIX=%u -a '%s' && gcc -O2 -DSAFETY %s -o pan pan.c%s", m->n,
		 m->k, m->fix, p->model, breadth_first ? "-DBFS" : "-DNOREDUCE",
		 run ? " && ./pan -E" : "");
	return shell(p, text, "pan.out");
}

static double run_pan(const struct place *p, const struct model *m)
{
	char text[80];

	snprintf(text, sizeof text, "./pan -E -c0 -m20000 -w%s", m->slots);
	return shell(p, text, "pan.out");
}

/* The number before a phrase in what pan printed; 0: it is not there. */
static double pan_said(const struct place *p, const char *phrase)
{
	char path[4200], line[512];
	double value = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/pan.out", p->dir);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof line, f))
		if (strstr(line, phrase))
			value = strtod(line, NULL);
	if (f)
		fclose(f);
	return value;
}

/* ---- dmalab ---- */

struct subject {
	struct scenario *s;
	struct err_list errs;
	struct machine_config cfg;
	struct program *prog;
};

static void subject_open(struct subject *u, const struct model *m)
{
	static const struct scenario_options opt = {"scenarios"};
	const struct param_set sets[] = {{"N", m->n}, {"K", m->k}, {"FIX", m->fix}};
	const struct param_sets all = {sets, 3};

	*u = (struct subject){0};
	u->s = scenario_load(MODEL, &opt, &u->errs);
	if (!u->s || !scenario_compile(u->s, NULL, NULL, &all, &u->cfg, &u->prog, &u->errs))
		bench_fail(MODEL " does not compile");
}

static void subject_close(struct subject *u)
{
	program_free(u->prog);
	scenario_free(u->s);
	err_free(&u->errs);
}

static void check_verdict(const struct subject *u, const struct explore_result *r, u32 fix)
{
	bool completion = false, descriptor = false, payload = false;

	for (u32 i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i].f;
		const char *name = f->id == DIAG_ASSERT ? u->prog->assert[f->index].name : "";

		completion |= strcmp(name, "completion") == 0;
		descriptor |= strcmp(name, "descriptor") == 0;
		payload |= strcmp(name, "payload") == 0;
	}
	if (r->end != EXPLORE_COMPLETE || completion != ((fix & 9) != 9) ||
	    descriptor != !(fix & 4) || payload != !(fix & 2))
		bench_fail(MODEL ": the verdict is not the model's");
}

struct verdict {
	double us;
	u64 states, transitions, bytes;
};

/* From the file to the verdict: as pan, without a trail of each failure. */
static struct verdict verdict(const struct model *m, bool unreduced)
{
	const struct explore_options opt = {.max_deviations = EXPLORE_NO_BOUND,
					    .no_witnesses = true,
					    .unreduced = unreduced,
					    .max_states = 1ull << 32,
					    .max_bytes = 4ull << 30};
	u64 begin = bench_cpu_ns();
	struct explore_result *r;
	struct verdict v;
	struct subject u;

	subject_open(&u, m);
	r = explore_run(&u.cfg, u.prog, &opt);
	v = (struct verdict){(double)(bench_cpu_ns() - begin) / 1e3, r->states, r->transitions,
			     r->bytes};
	check_verdict(&u, r, m->fix);
	explore_free(r);
	subject_close(&u);
	return v;
}

/* A whole process. */
static double first_failure(const struct model *m)
{
	const char *at = getenv("DMALAB");
	char n[20], k[20], fix[20];
	const char *const argv[] = {at ? at : "build/dmalab",
				    "explore",
				    MODEL,
				    "--set",
				    n,
				    "--set",
				    k,
				    "--set",
				    fix,
				    "--first",
				    NULL};
	const struct child c = {argv, NULL, NULL, 1 << 0 | 1 << 1 | 1 << 3};

	snprintf(n, sizeof n, "N=%u", m->n);
	snprintf(k, sizeof k, "K=%u", m->k);
	snprintf(fix, sizeof fix, "FIX=%u", m->fix);
	return bench_child(&c);
}

/* ---- the tables ---- */

static const char *met(double ratio, double goal)
{
	return ratio >= goal ? "" : "   missed";
}

static void name(const struct model *m)
{
	printf("  N=%u K=%u FIX=%-3u", m->n, m->k, m->fix);
}

static void row_verdict(const struct place *p, const struct model *m)
{
	double mine[ROUNDS], its[ROUNDS], a, b;
	struct verdict v = {0};

	if (make_pan(p, m, false, false) < 0) {
		name(m);
		printf(" Spin's verifier cannot be built here: not measured.\n");
		return;
	}
	for (u32 i = 0; i < ROUNDS; i++) {
		v = verdict(m, false);
		mine[i] = v.us;
		its[i] = run_pan(p, m);
		if (its[i] < 0)
			bench_fail("pan does not run");
	}
	a = bench_median(mine) / 1e3;
	b = bench_median(its) / 1e3;
	name(m);
	printf(" %10.1f %10.1f %8.1fx  >= 20x%s\n", a, b, b / a, met(b / a, 20));
	printf("  %16s %10llu %10.0f states\n", "", (unsigned long long)v.states,
	       pan_said(p, "states, stored"));
	fflush(stdout);
}

static void row_failure(const struct place *p, const struct model *m)
{
	double mine[ROUNDS], its[ROUNDS], a, b;

	for (u32 i = 0; i < ROUNDS; i++) {
		mine[i] = first_failure(m);
		its[i] = make_pan(p, m, true, true);
		if (mine[i] < 0 || its[i] < 0) {
			name(m);
			printf(" %s does not run here: not measured.\n",
			       mine[i] < 0 ? "dmalab explore" : "Spin");
			return;
		}
	}
	a = bench_median(mine) / 1e3;
	b = bench_median(its) / 1e3;
	name(m);
	printf(" %10.1f %10.1f %8.1fx  >= 50x%s\n", a, b, b / a, met(b / a, 50));
	fflush(stdout);
}

static void unreduced(const struct place *p)
{
	static const struct model own = {3, 2, 0, NULL}, its = {4, 3, 0, "24"};
	double us[ROUNDS], pan[ROUNDS], a, b, n, moves;
	struct verdict v = {0};

	if (make_pan(p, &its, false, false) < 0)
		return;
	for (u32 i = 0; i < ROUNDS; i++) {
		v = verdict(&own, true);
		us[i] = v.us;
		pan[i] = run_pan(p, &its);
	}
	a = bench_median(us) / 1e6;
	b = bench_median(pan) / 1e6;
	n = pan_said(p, "states, stored");
	moves = pan_said(p, "transitions (=");
	printf("  %-26s %12s %12s %9s\n", "", "dmalab", "Spin", "ratio");
	printf("  %-26s %12s %12s\n", "", "N=3 K=2", "N=4 K=3");
	printf("  %-26s %12llu %12.0f\n", "states", (unsigned long long)v.states, n);
	printf("  %-26s %12.0f %12.0f %8.2fx  > 1x%s\n", "states a second", (double)v.states / a,
	       n / b, (double)v.states / a / (n / b), met((double)v.states / a / (n / b), 1));
	printf("  %-26s %12.0f %12.0f %8.2fx  > 1x%s\n", "transitions a second",
	       (double)v.transitions / a, moves / b, (double)v.transitions / a / (moves / b),
	       met((double)v.transitions / a / (moves / b), 1));
	printf("  %-26s %12.1f %12.1f   (Spin: with its hash table %.1f)\n", "bytes a state",
	       (double)v.bytes / (double)v.states,
	       pan_said(p, "actual memory usage for states") * 0x1p20 / n,
	       pan_said(p, "total actual memory usage") * 0x1p20 / n);
}

static bool place_open(struct place *p)
{
	const char *tmp = getenv("TMPDIR");
	char here[4000];

	snprintf(p->dir, sizeof p->dir, "%s/dmalab-bench-XXXXXX", tmp ? tmp : "/tmp");
	if (!getcwd(here, sizeof here) || !mkdtemp(p->dir))
		return false;
	snprintf(p->model, sizeof p->model, "%s/tests/spin/cache.pml", here);
	return true;
}

static void place_close(const struct place *p)
{
	DIR *d = opendir(p->dir);
	char path[8192];

	for (struct dirent *f = d ? readdir(d) : NULL; f; f = readdir(d)) {
		snprintf(path, sizeof path, "%s/%s", p->dir, f->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(p->dir);
}

void bench_spin(void)
{
	static const struct model verdicts[] = {{4, 3, 0, "24"}, {8, 3, 15, "26"}};
	static const struct model failures[] = {{4, 3, 0, NULL}, {8, 3, 7, NULL}};
	const char *const probe[] = {"spin", "-V", NULL};
	const struct child spin = {.argv = probe};
	struct place p;

	printf(
	    "The explorer against Spin, on the ring of tests/spin/: CPU time in milliseconds.\n\n");
	fflush(stdout);
	if (bench_child(&spin) < 0 || !place_open(&p)) {
		printf("  Spin (Debian: spin) is not installed: not measured.\n\n");
		return;
	}
	printf("  %-16s %10s %10s %9s  %s\n", "the whole verdict", "dmalab", "pan", "ratio",
	       "goal");
	for (u32 i = 0; i < ARRAY_LEN(verdicts); i++)
		row_verdict(&p, &verdicts[i]);
	printf("\n  %-16s %10s %10s %9s  %s\n", "shortest failure", "dmalab", "spin to pan",
	       "ratio", "goal");
	for (u32 i = 0; i < ARRAY_LEN(failures); i++)
		row_failure(&p, &failures[i]);
	printf("\n  Without reduction, FIX=0:\n\n");
	unreduced(&p);
	place_close(&p);
	printf("\n");
}
