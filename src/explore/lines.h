/* SPDX-License-Identifier: MIT */
/*
 * Which lines can matter, to whom, and until when.
 *
 * Evictions, fills and early drains matter only of lines that a device touches in some run; older
 * versions only of those that a CPU loads from. Of any other line the CPU sees its own bytes,
 * wherever they are, and nobody else sees any.
 *
 * A party has done with a line when it touches it no more in any run. Its place in time is how many
 * transitions it has made, looks of polls apart; what is learnt is the last such place at which it
 * touched the line in any run.
 *
 * A party that a loop keeps at it as long as others do not act has no such place: each search would
 * find a later one. When it has moved on too often its steps are no longer counted, and it will
 * touch for ever what it touches at all: that leaves less out.
 *
 * All of it is learnt while searching: a search that meets something new begins again, so the last
 * one has asked for all that its own runs make matter. That is enough: a run that was left out
 * would, up to its first step of something new, be like one that was made.
 */
#ifndef EXPLORE_LINES_H
#define EXPLORE_LINES_H

#include "engine/engine.h"

struct line_use {
	u64 line;
	bool dma, loads;       /* a device touches it; a CPU loads from it */
	bool wild;	       /* a device touches it where nothing gives it leave to */
	bool seen;	       /* an assert looks at it */
	bool cached;	       /* it is in a cache at times */
	u32 last[PARTIES_MAX]; /* by party: transitions made, after the last one that touched it */
	u32 by_hand;  /* transitions of CPU 0, after the last one that touched it as a device */
	u32 operated; /* the same, after the last cache operation on it */
};

struct lines {
	VEC(struct line_use)	/* sorted by line */
	u32 made[PARTIES_MAX];	/* transitions of each party in the present run */
	u32 maker;		/* of the last transition, if it was counted */
	bool grew;		/* something new since this was set to false */
	u32 later;		/* bits: parties whose last place moved on since then */
	u32 moved[PARTIES_MAX]; /* searches in which it did */
	u32 endless;		/* bits: parties whose steps are not counted */
};

enum { NOBODY_MADE = ~0u };

/* Has an engine ask for those lines only. l must outlive it. */
void lines_ask(const struct lines *l, struct engine *e);
/* A transition is going to be made: counts it. Who made it, for lines_unstep(), or NOBODY_MADE. */
u32 lines_step(struct lines *l, const struct engine *e, const struct action *a);
static inline void lines_unstep(struct lines *l, u32 party)
{
	if (party != NOBODY_MADE)
		l->made[party]--;
}
/* What an event tells; it belongs to the transition counted last. */
void lines_event(struct lines *l, const struct engine *en, const struct event *e);
/* A search that met something new ends, and another one will begin. */
void lines_again(struct lines *l);
void lines_free(struct lines *l);

/* An assert looks at bytes: nothing of their lines is idle. */
void lines_saw(struct lines *l, const struct engine *e, u64 pa, u64 len);
/* Whether a CPU, a device will still touch a line. */
bool lines_cpu_needs(const struct lines *l, const struct engine *e, const struct line_use *u);
bool lines_device_needs(const struct lines *l, const struct engine *e, const struct line_use *u);
/* NULL: nobody ever touches it. */
const struct line_use *lines_of(const struct lines *l, u64 line);

#endif
