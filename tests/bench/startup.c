/* SPDX-License-Identifier: MIT */
/*
 * Start-up: CPU time, of the child, of a whole process that does next to nothing, against an
 * interpreter that does nothing.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

enum { RUNS = 40 }; /* a round */

#define SMALL "scenarios/lessons/01-rx-packet-read-too-early.yaml"

/* CPU time of one run in µs; -1 if it cannot be run or fails. */
static double once(const char *const argv[])
{
	const struct child c = {.argv = argv};

	return bench_child(&c);
}

static void row(const char *what, const char *const argv[], const char *const peer[], double goal)
{
	double mine[ROUNDS] = {0}, its[ROUNDS] = {0}, a, b;

	if (once(argv) < 0) {
		printf("  %-22s cannot be run here, or does not end with status 0.\n", what);
		return;
	}
	for (u32 r = 0; r < ROUNDS; r++)
		for (u32 i = 0; i < RUNS; i++) {
			mine[r] += once(argv) / RUNS;
			its[r] += once(peer) / RUNS;
		}
	a = bench_median(mine);
	b = bench_median(its);
	printf("  %-22s %8.0f %8.0f %6.2fx  <= %.0fx\n", what, a, b, a / b, goal);
	fflush(stdout);
}

void bench_startup(void)
{
	const char *at = getenv("DMALAB");
	char prog[4096];
	const char *const peer[] = {"lua5.4", "-e", "", NULL};
	const char *const version[] = {prog, "--version", NULL, NULL};
	const char *const small[] = {prog, "run", SMALL, NULL};

	snprintf(prog, sizeof prog, "%s", at ? at : "build/dmalab");
	printf("Start-up: CPU time of a process in microseconds, against lua5.4 -e ''.\n\n");
	fflush(stdout);
	if (once(peer) < 0) {
		printf("  lua5.4 is not installed: not measured.\n\n");
		return;
	}
	printf("  %-22s %8s %8s %7s  %s\n", "", "dmalab", "lua5.4", "ratio", "goal");
	row("--version", version, peer, 2);
	row("run, a small scenario", small, peer, 6);
	printf("\n");
}
