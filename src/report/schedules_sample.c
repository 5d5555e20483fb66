/* SPDX-License-Identifier: MIT */
/* A sample of schedules in words: how they were drawn, and how much of all there is they cover. */
#include "report/narrate.h"
#include "report/schedules.h"

void schedules_drawn(const struct told_search *t, struct str *out)
{
	const struct sample_result *s = t->x->sample;

	narrate_count(s->runs, "run", out);
	if (s->how == SAMPLE_FEW)
		str_printf(out, " with at most %u answer%s that %s not calm's", s->deviations,
			   s->deviations == 1 ? "" : "s", s->deviations == 1 ? "is" : "are");
	else
		str_printf(out, " of %s hardware", sample_name(s->how));
	if (s->runs > 1)
		str_printf(out, ", seeds %llu to %llu", (unsigned long long)s->seed,
			   (unsigned long long)(s->seed + s->runs - 1));
	else
		str_printf(out, ", seed %llu", (unsigned long long)s->seed);
}

/* (1 - 1 / k)^n = 0.05 for n = 2.996 k. */
static u64 one_in(u64 runs)
{
	return runs * 1000 / 2996;
}

/* Good and Turing's: who was alone is how many are still to come. */
static void estimates(const struct sample_result *s, struct str *out)
{
	double runs = (double)s->runs;

	str_add(out, " A finding that no other run showed came in ");
	narrate_count(s->new_find, "run", out);
	if (!s->uncounted)
		str_printf(out, ", such a state in %llu", (unsigned long long)s->new_state);
	str_printf(out,
		   ": one run more brings a new finding with a chance of "
		   "about %.3g %%",
		   100 * (double)s->new_find / runs);
	if (!s->uncounted)
		str_printf(out, ", a new state with about %.3g %%",
			   100 * (double)s->new_state / runs);
	str_add(out, ".");
}

static void bound(const struct sample_result *s, struct str *out)
{
	double p = sample_bound(s);

	if (p <= 0)
		return;
	str_printf(
	    out,
	    " A schedule of at most %u such answer%s at the first %llu points with a choice, "
	    "each among at most %u, is drawn by one run with a chance of at least 1 in "
	    "%.*g, by all of them with %.3g %%.",
	    s->deviations, s->deviations == 1 ? "" : "s", (unsigned long long)s->points, s->choices,
	    1 / p < 1e9 ? 10 : 3, 1 / p, 100 * sample_once(p, s->runs));
}

void schedules_covered(const struct told_search *t, struct str *out)
{
	const struct sample_result *s = t->x->sample;

	narrate_count(t->x->found.n, "finding", out);
	str_printf(out, "; %llu of ", (unsigned long long)s->showing);
	narrate_count(s->runs, "run", out);
	str_add(out, " showed something.");
	if (s->runs > 1)
		estimates(s, out);
	if (one_in(s->runs) > 1)
		str_printf(out, " What one run in %llu shows has been met with a chance of 95 %%.",
			   (unsigned long long)one_in(s->runs));
	bound(s, out);
	str_printf(out,
		   " That proves nothing; --seed %llu draws others, and without --sample all "
		   "schedules are searched.",
		   (unsigned long long)(s->seed + s->runs));
}
