/* SPDX-License-Identifier: MIT */
/*
 * The moves of a state: all that may be done in it, each a short sequence of transitions.
 *
 * Unreduced a move is one entry of engine_actions(). Reduced, a move is an access (of a CPU, a
 * device, the kernel; an arrival, an interrupt) after what hardware may do just before it, on the
 * lines that it touches and where it can tell: drains and write-backs before memory is read or
 * written, drops of copies that differ before a CPU looks, fetches before memory is written, and
 * what makes room for them. Whatever hardware does to a line before nobody touches it can as well
 * be done later, right before somebody does: the states between are the same but for that line.
 * So no finding is missed; tests/unit holds the reduced search against brute force.
 *
 * What the rule needs beside it:
 * - A CPU that waits for room, or for its store buffer, makes hardware act: those are moves.
 * - An assert that looks into the hardware can tell everything of the lines that it looks at.
 * - A poll that expires asks whether anything was still on its way, and whether anything changed
 *   while it looked: a program with such a poll is not reduced.
 * - A thread that sleeps in a poll wakes when something changes: hardware may act on what it would
 *   look at.
 * - A copy that was fetched before memory is written can still be dropped before anybody looks; so
 *   a search that is after states, not after short schedules (thorough), asks only for the fetch,
 *   for one line after the other, and not for a drop that this fetch would undo.
 * - Before an access to very many lines there are too many sets of acts for one move. Then each act
 *   is a move of its own, and the state behind it one like others: nothing is left out.
 * - Calls of the kernel and the end of a run end what was at stake: before them hardware acts
 *   where that shows (a write-back that loses a device's data is a finding of its own).
 *
 * Which transitions touch which lines is seen by doing them and taking them back.
 */
#ifndef EXPLORE_MOVES_H
#define EXPLORE_MOVES_H

#include "explore/footprint.h"
#include "explore/lines.h"

/* One transition of a move: what was done, and what calm would have done there. */
struct step {
	struct action did, calm;
	u32 maker; /* lines_step() */
};

struct act_list {
	VEC(struct action)
};

struct hashes {
	VEC(u64)
};

struct moves {
	struct engine *e;
	struct lines *lines; /* borrowed */
	bool unreduced;
	bool alike;    /* what differs only in what calm would do next is alike */
	bool crowds;   /* some set of the cache fills up: the order of drains counts */
	bool full;     /* set: somebody wanted room in a full set, so crowds should be true */
	bool thorough; /* leave out also what only postpones, or what nobody will look at */
	bool calm_too; /* calm's own choice is a move even where the reduction would leave it out */
	/* Called in the state behind each move, which is taken back afterwards; the moves of a
	 * state always come in the same order. steps says how it was reached. */
	void (*each)(void *ctx);
	void *ctx;
	struct {
		VEC(struct step)
	} steps;	 /* of the move that is being made */
	u64 transitions; /* done so far */
	u64 told;	 /* moves made so far */
	u64 laboured;	 /* states that moves went through, where one access has very many */
	u64 news;	 /* raised by the owner at each new finding: what shows is no idle act */
	bool muted;	 /* now is only looked ahead: findings are none */

	struct footprint *recording; /* what the next events are added to, or NULL */
	struct {
		VEC(struct action_list)
	} list; /* by depth */
	struct {
		VEC(struct footprint)
	} print; /* by depth */
	struct {
		VEC(struct act_list)
	} shown;	    /* by depth */
	struct hashes met;  /* of the states that the present access was made ready in */
	struct hashes over; /* of those that stores leave for where all is over */
	bool restless;	    /* stores may leave at any time: the cache crowds */
	bool expires;	    /* some poll has a limit: then nothing is left out */
};

/* e must be started, with its hash on and its observer calling moves_event(). */
void moves_init(struct moves *m, struct engine *e, struct lines *lines);
void moves_free(struct moves *m);
/* Every event of the world, in order. */
void moves_event(struct moves *m, const struct event *ev);
/* An assert looks at bytes, past all that moves them. */
void moves_saw(struct moves *m, u64 pa, u64 len);
/* A hand-over of home bytes begins, which no event tells. */
void moves_handed(struct moves *m, u64 pa, u64 len);
/* All moves of the present state. Returns how many; 0: nobody can go on. */
u32 moves_expand(struct moves *m);
/* Does the transitions of a move again. */
void moves_redo(struct moves *m, const struct step *s, u32 n);

#endif
