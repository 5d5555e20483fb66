/* SPDX-License-Identifier: MIT */
/* The small search on Model A, a ring on a non-coherent machine: CPU time of a transition. */
#include "bench/bench.h"

#include <stdio.h>

#include "explore/search.h"
#include "scenario/scenario.h"

#define MODEL "tests/data/drafts/spin-model-a.yaml"

struct sample {
	double ns; /* CPU time of the whole search */
	u64 states, transitions;
	bool complete;
};

static struct sample once(const struct machine_config *cfg, const struct program *prog)
{
	u64 begin = bench_cpu_ns();
	struct search_result *r = search_run(cfg, prog, NULL);
	struct sample s = {(double)(bench_cpu_ns() - begin), r->states, r->transitions,
			   r->complete};

	search_free(r);
	return s;
}

/* The median of five; of what takes long, one. */
static void row(const struct scenario *s, struct err_list *errs, s64 n, s64 k, s64 fix)
{
	struct param_set sets[] = {{"N", n}, {"K", k}, {"FIX", fix}};
	const struct param_sets all = {sets, ARRAY_LEN(sets)};
	struct machine_config cfg;
	struct program *prog;
	double ns[ROUNDS], mid;
	struct sample first;

	if (!scenario_compile(s, NULL, NULL, &all, &cfg, &prog, errs))
		bench_fail(MODEL " does not compile");
	first = once(&cfg, prog);
	mid = ns[0] = first.ns;
	for (u32 i = 1; i < ROUNDS && first.ns < 5e9; i++) {
		struct sample more = once(&cfg, prog);

		if (more.states != first.states || more.transitions != first.transitions)
			bench_fail("two searches of the same program differ");
		ns[i] = more.ns;
		if (i + 1 == ROUNDS)
			mid = bench_median(ns);
	}
	printf("  N=%-2lld K=%-2lld FIX=%-5lld %12llu %12llu %10.3f %10.1f%s\n", (long long)n,
	       (long long)k, (long long)fix, (unsigned long long)first.states,
	       (unsigned long long)first.transitions, mid / 1e9, mid / (double)first.transitions,
	       first.complete ? "" : "  (not complete)");
	fflush(stdout);
	program_free(prog);
}

void bench_search(void)
{
	const struct scenario_options opt = {"scenarios"};
	struct err_list errs = {0};
	struct scenario *s = scenario_load(MODEL, &opt, &errs);

	printf("The small search on Model A (" MODEL "), every schedule.\n\n");
	if (!s) {
		printf("  " MODEL " cannot be read here: not measured.\n\n");
		err_free(&errs);
		return;
	}
	printf("  %-17s %12s %12s %10s %10s\n", "", "states", "transitions", "CPU s", "ns each");
	row(s, &errs, 2, 2, 0);
	row(s, &errs, 2, 2, 15);
	row(s, &errs, 3, 2, 0);
	scenario_free(s);
	err_free(&errs);
	printf("\n");
}
