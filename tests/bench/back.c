/* SPDX-License-Identifier: MIT */
/* One step back at event 10^3 and at 10^7; and what 10^7 events take in memory. */
#include "bench/bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EARLY = 1000, LATE = 10000000, STEPS = 500, TURNS = 200 };

/* Runs a pattern until at least `events` events are there. */
static void run_to(struct rig *r, enum pattern p, u32 events)
{
	u32 n = events < 100000 ? events : 1 << 16, *trace = trace_new(p, n);

	/* An access makes at least one event, so that a thousand of them are no more than asked. */
	while (world_now(r->e->w)->event - r->first < events)
		rig_run(r, trace, min_u64(n, events - (world_now(r->e->w)->event - r->first)));
	trace_free(trace);
}

/* ---- one step back ---- */

static double step_back(struct rig *r)
{
	struct world *w = r->e->w;
	u64 spent = 0;

	for (u32 t = 0; t < TURNS; t++) {
		u64 begin = bench_cpu_ns();

		for (u32 i = 0; i < STEPS; i++)
			if (!world_back(w))
				bench_fail("a step back is beyond the window");
		spent += bench_cpu_ns() - begin;
		for (u32 i = 0; i < STEPS; i++)
			if (!world_forward(w))
				bench_fail("a step forward is lost");
	}
	return (double)spent / TURNS / STEPS;
}

void bench_back(void)
{
	printf(
	    "One step back, %u steps %u times, ns of CPU time each. No goal but that it does not\n"
	    "grow with the run.\n\n  %-22s %12s %12s %8s\n",
	    (unsigned)STEPS, (unsigned)TURNS, "pattern", "event 10^3", "event 10^7", "ratio");
	for (u32 p = 0; p < PATTERNS; p++) {
		double early[ROUNDS], late[ROUNDS], a, b;
		struct rig near, far;

		rig_start(&near, true);
		rig_start(&far, true);
		run_to(&near, (enum pattern)p, EARLY);
		run_to(&far, (enum pattern)p, LATE);
		for (u32 i = 0; i < ROUNDS; i++) {
			early[i] = step_back(&near);
			late[i] = step_back(&far);
		}
		a = bench_median(early);
		b = bench_median(late);
		printf("  %-22s %12.1f %12.1f %7.2fx\n", pattern_name((enum pattern)p), a, b,
		       b / a);
		fflush(stdout);
		rig_stop(&near);
		rig_stop(&far);
	}
	printf("\n");
}

/* ---- memory ---- */

struct sizes {
	u64 events, world, log, keys, peak_kib;
};

static void child(int fd, enum pattern p)
{
	struct sizes s = {0};
	struct rusage u;
	struct rig r;

	rig_start(&r, true);
	run_to(&r, p, LATE);
	s.events = r.e->w->log->n;
	s.world = r.e->w->used;
	s.log = (u64)r.e->w->log->chunks * LOG_CHUNK * (sizeof(struct event) + sizeof(u32));
	s.keys = r.e->keys.bytes;
	getrusage(RUSAGE_SELF, &u);
	s.peak_kib = (u64)u.ru_maxrss;
	if (write(fd, &s, sizeof s) != (ssize_t)sizeof s)
		_exit(1);
	_exit(0);
}

static struct sizes in_child(enum pattern p)
{
	struct sizes s;
	int fd[2], status;
	pid_t pid;

	fflush(stdout);
	if (pipe(fd) != 0 || (pid = fork()) < 0)
		bench_fail("no process for measuring memory");
	if (pid == 0)
		child(fd[1], p);
	close(fd[1]);
	if (read(fd[0], &s, sizeof s) != (ssize_t)sizeof s)
		bench_fail("the process that measures memory ended early");
	close(fd[0]);
	waitpid(pid, &status, 0);
	return s;
}

void bench_memory(void)
{
	printf("Memory at 10^7 events, all kept, with journal and keyframes; MiB. Peak RSS of a\n"
	       "process of its own, goal 1024; in it the world, the log of events, the keyframes, "
	       "and\n"
	       "the journal's window (%u).\n\n  %-22s %10s %8s %8s %8s %8s %8s\n",
	       (unsigned)((WINDOW_BYTES + WINDOW_RECORDS * sizeof(struct jrec)) >> 20), "pattern",
	       "events", "peak", "of goal", "world", "log", "keys");
	for (u32 p = 0; p < PATTERNS; p++) {
		struct sizes s = in_child((enum pattern)p);
		double mib = (double)s.peak_kib / 1024;

		printf("  %-22s %10llu %8.0f %7.2fx %8llu %8llu %8llu\n",
		       pattern_name((enum pattern)p), (unsigned long long)s.events, mib, mib / 1024,
		       (unsigned long long)s.world >> 20, (unsigned long long)s.log >> 20,
		       (unsigned long long)s.keys >> 20);
		fflush(stdout);
	}
	printf("\n");
}
