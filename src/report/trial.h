/* SPDX-License-Identifier: MIT */
/*
 * Mutants on trial: each runs on all platforms, calm at first, then over more and more of its
 * schedules, until it shows what the correct program does not show there on any schedule (a
 * corruption, a violation, a failed assert, another outcome): it is killed. One that shows nothing
 * on any schedule of any platform is proved equivalent. If a bound ends a search before, it has
 * survived.
 */
#ifndef REPORT_TRIAL_H
#define REPORT_TRIAL_H

#include "report/collect.h"
#include "scenario/mutate.h"

enum trial_end { TRIAL_KILLED, TRIAL_EQUIVALENT, TRIAL_SURVIVED };
const char *trial_end_name(enum trial_end end);

enum trial_how { TRIAL_CALM, TRIAL_HOSTILE, TRIAL_SEARCH };
const char *trial_how_name(enum trial_how how);

struct trial {
	enum trial_end end;
	/* Killed: where and how, what was found that is new, the worst first; the schedule. */
	const char *platform; /* borrowed from the court */
	enum trial_how how;
	struct id_list found;
	enum outcome outcome; /* RUNNING: it was not the outcome */
	struct str token;     /* owned; calm and hostile: what to pass to --hw */
	bool named;	      /* one of found is in what the mutation should bring */
	u64 states;	      /* of all searches */
	u32 complete;	      /* platforms, all of whose schedules were seen */
	/* Survived: the platform where the search was cut first, and by what. */
	const char *cut, *bound;
};
void trial_free(struct trial *t);

/* What the correct program shows on a platform. */
struct trial_before {
	bool known, complete;
	struct id_list ids;
	u32 outcomes; /* bit set of enum outcome */
	u64 states;
};

struct court {
	struct mutants *m; /* borrowed */
	const char *data_dir;
	u64 max_states; /* of the last search, on each platform */
	bool own;	/* only the file's own platforms, and the last search left out */
	struct arena arena;
	const char *const *names; /* all platforms: the file's, then the others; ends with NULL */
	u32 platforms;
	struct trial_before *before; /* one for each */
};

/*
 * Makes ready for the mutants of m; s is the file that they are of. others: further platforms, ends
 * with NULL; those on which the correct program is none are left out. platform: only that one, or
 * NULL. False: there is no such platform. court_close() in any case.
 */
bool court_open(struct court *c, struct mutants *m, const struct scenario *s,
		const char *const *others, const char *platform, u64 max_states);
void court_close(struct court *c);
/* Tries mutant i. trial_free() afterwards. */
void court_try(struct court *c, u32 i, struct trial *out);

#endif
