/* SPDX-License-Identifier: MIT */
/*
 * Over a long search: a line that says how far it is, a bound of time, and Ctrl-C, which ends the
 * search with what it has; a second one ends the program. The one place that looks at a clock.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "explore/explore.h"

struct watch {
	double seconds;	  /* the bound of time of one search; 0: none */
	bool told;	  /* a line of progress is wanted, and the standard error is a terminal */
	const char *what; /* what is being done, for the line; NULL: as a search tells */
	/* Inside. */
	double began, said, before;
	u64 states; /* when it was last said */
	double rate;
	bool shown, late;
};

enum watch_end { WATCH_NONE, WATCH_TIME, WATCH_SIGNAL };

/* From here on SIGINT and SIGTERM stop searches; watch_close() gives them back. progress false: no
 * line. */
void watch_open(struct watch *w, double seconds, bool progress);
void watch_close(struct watch *w);
/* Before each search. */
void watch_begin(struct watch *w);
/* explore_options.go_on; ctx is a struct watch. */
bool watch_go_on(void *ctx, const struct explore_progress *p);
/* After each search: the line is gone. Says what ended it, if it was the watch. */
enum watch_end watch_end(struct watch *w);
/* A signal came: nothing more is to be begun. */
bool watch_stopped(void);

#endif
