/* SPDX-License-Identifier: MIT */
#include "cli/watch.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/grid.h"
#include "cli/cli.h"

/* Seconds: until a line is shown at all, and between two of them. */
#define FIRST_LINE 0.3
#define NEXT_LINE  0.1

static volatile sig_atomic_t stopped;
static const int signals[] = {SIGINT, SIGTERM};
static struct sigaction former[2];

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool dumb(void)
{
	const char *term = getenv("TERM");

	return !term || !term[0] || strcmp(term, "dumb") == 0;
}

void watch_open(struct watch *w, double seconds, bool progress)
{
	/* Back to the default at once: the second of them ends the program. */
	struct sigaction once = {.sa_handler = stop, .sa_flags = (int)SA_RESETHAND};

	*w = (struct watch){.seconds = seconds};
	w->told = progress && isatty(STDERR_FILENO) == 1 && !dumb();
	sigemptyset(&once.sa_mask);
	for (u32 i = 0; i < ARRAY_LEN(signals); i++) {
		sigaction(signals[i], NULL, &former[i]);
		/* Who was started to ignore it (nohup, a job behind &) goes on ignoring it. */
		if (former[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &once, NULL);
	}
}

void watch_close(struct watch *w)
{
	(void)w;
	for (u32 i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i], &former[i], NULL);
}

void watch_begin(struct watch *w)
{
	w->began = w->before = now();
	w->said = w->began + FIRST_LINE - NEXT_LINE;
	w->states = 0;
	w->rate = 0;
	w->shown = w->late = false;
}

bool watch_stopped(void)
{
	return stopped;
}

/* "1234", "56.7k", "8.9M". */
static void amount(double n, struct str *out)
{
	static const char *const units[] = {"", "k", "M", "G"};
	u32 u = 0;

	while (u + 1 < ARRAY_LEN(units) && n >= (u ? 1000 : 10000)) {
		n /= 1000;
		u++;
	}
	str_printf(out, u ? "%.1f%s" : "%.0f%s", n, units[u]);
}

static void line(struct watch *w, const struct explore_progress *p, double at, struct str *out)
{
	if (at > w->before && p->states >= w->states)
		w->rate = (double)(p->states - w->states) / (at - w->before);
	w->states = p->states;
	w->before = at;
	if (w->what)
		str_printf(out, "%s: ", w->what);
	else if (p->pass == 2)
		str_printf(out, "shortest schedules, %u deviation%s: ", p->deviations,
			   p->deviations == 1 ? "" : "s");
	else
		str_add(out, "all schedules: ");
	amount((double)p->states, out);
	str_add(out, " states, ");
	amount(w->rate, out);
	str_add(out, "/s, ");
	if (p->depth)
		str_printf(out, "depth %u, ", p->depth);
	str_printf(out, "%u found, %llu MiB, %.0f s", p->found,
		   (unsigned long long)(p->bytes >> 20), at - w->began);
}

static void say(struct watch *w, const struct explore_progress *p, double at)
{
	u32 room = output_columns(STDERR_FILENO) - 1; /* in the last column it might wrap */
	struct str s = {0};

	line(w, p, at, &s);
	fprintf(stderr, "\r%.*s\033[K", (int)room, str_get(&s));
	fflush(stderr);
	w->said = at;
	w->shown = true;
	str_free(&s);
}

bool watch_go_on(void *ctx, const struct explore_progress *p)
{
	struct watch *w = ctx;
	double at;

	if (stopped)
		return false;
	if (!w->told && w->seconds <= 0)
		return true;
	at = now();
	if (w->told && at - w->said >= NEXT_LINE)
		say(w, p, at);
	w->late = w->seconds > 0 && at - w->began >= w->seconds;
	return !w->late;
}

enum watch_end watch_end(struct watch *w)
{
	if (w->shown) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	w->shown = false;
	return stopped ? WATCH_SIGNAL : w->late ? WATCH_TIME : WATCH_NONE;
}
