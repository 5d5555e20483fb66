/* SPDX-License-Identifier: MIT */
/* Scenario files as the commands take them: a path, "-", or the id of a lesson. */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include "base/mem.h"
#include "cli/cli.h"
#include "report/run.h"
#include "scenario/scenario.h"

struct loaded {
	struct scenario *s; /* owned */
	char *file;	    /* owned: its path */
	const char *asked;  /* as the user wrote it */
};

/* A file that cannot be run: how the user named it, and what was said of it. */
struct unloaded {
	char *asked, *said; /* owned */
};

struct loads {
	VEC(struct loaded)
	struct {
		VEC(struct unloaded)
	} bad;
	bool apart; /* set before: the good ones are run even if there are bad ones */
};

/*
 * Loads all files. All mistakes of all of them are printed on the standard error; then false, and
 * the status is EXIT_USAGE. l begins as zeros, or with apart set; loads_free() in any case.
 */
bool loads_read(const struct command *c, char **words, int n, struct loads *l);
void loads_free(struct loads *l);

/* Reads "NAME=VALUE" of --set. False: a message was printed. */
struct sets {
	struct param_set v[SETS_MAX];
	char name[SETS_MAX][64];
	u32 n;
	struct str words; /* " --set A=1 ...", owned */
};
bool sets_read(const struct command *c, const struct given *g, struct sets *out);
void sets_free(struct sets *s);

/* A compiled scenario, ready to run: one variant on one platform. */
struct ready {
	struct machine_config *cfg; /* owned */
	struct program *prog;	    /* owned */
	const struct doc_expect *expect;
	const char *variant; /* NULL: the file has none */
};

/* variant NULL: the first. False: mistakes were printed; and put into l->bad, if that is asked. */
bool ready_make(const struct loaded *l, const char *variant, const char *platform,
		const struct sets *sets, struct ready *out, struct loads *all);
/* The same, in silence: the first mistake, in one line, is appended to why. */
bool ready_try(const struct loaded *l, const char *variant, const char *platform,
	       const struct sets *sets, struct ready *out, struct str *why);
void ready_free(struct ready *r);

#endif
