/* SPDX-License-Identifier: MIT */
/* The options that say which run is meant: of `run`, `why` and whoever shows one run. */
#ifndef CLI_SELECT_H
#define CLI_SELECT_H

#include "cli/cli.h"
#include "cli/load.h"
#include "explore/policy.h"

/* Their rows, for the table of a command. */
#define SELECT_OPTIONS                                                                             \
	{0, "set", "NAME=NUMBER", "the value of a param of the file; may come often"},             \
	    {0, "hw", "calm|hostile|random", "what hardware does where it is free to; else calm"}, \
	    {0, "seed", "N", "what random hardware draws from; else 1"},                           \
	    {0, "schedule", "TOKEN", "what hardware does, answer for answer, as v1:..."},          \
	{                                                                                          \
		0, "limit", "N", "accesses after which a run is ended; else 10 million"            \
	}

struct selection {
	const char *platform, *variant; /* NULL: the first of the file */
	struct sets sets;
	struct schedule schedule;
	bool has_schedule;
	enum policy hw;
	u64 limit, seed;
};

/* Reads them. False: a message was printed. selection_free() in any case. */
bool selection_read(const struct command *c, const struct given *g, struct selection *s);
void selection_free(struct selection *s);
/* What is to be run; borrows from all three. */
struct run_input selection_input(const struct selection *s, const struct loaded *l,
				 const struct ready *ready);

#endif
