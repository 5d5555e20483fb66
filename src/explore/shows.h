/* SPDX-License-Identifier: MIT */
/*
 * What an access can tell of what hardware did just before it: the rules of the reduction
 * (explore/moves.h), each asked in the state before the access, of its footprint. Only
 * shows_notice() changes anything, and that is a note.
 */
#ifndef EXPLORE_SHOWS_H
#define EXPLORE_SHOWS_H

#include "explore/moves.h"

/* The line that entry i of a CPU's store buffer is for. */
u64 shows_entry_line(const struct moves *m, u32 cpu, u32 i);
/* Whether the access can tell that hardware did h just before it. l: all that may be done. */
bool shows_act(const struct moves *m, const struct footprint *f, const struct action_list *l,
	       const struct action *h);
/* Whether h before the access can do all that the access alone could, and more. */
bool shows_more(const struct moves *m, const struct footprint *f, const struct action *h);
/* Whether h drops a line that would have to be fetched again, and would be what it was. */
bool shows_undone(const struct moves *m, const struct footprint *f, const struct action *h);
/* What concerns the bytes of a line without moving them may change what is said of a move. */
bool shows_at_stake(const struct moves *m, const struct footprint *f, const struct action *h);
/* A store that leaves for a line with old bytes: what would then be lost is not told by it alone.
 */
bool shows_stain(const struct moves *m, const struct action *h);
/* A store that nobody will look for: whether it leaves now or later makes no difference. */
bool shows_leaves_idly(const struct moves *m, u32 cpu, const struct action *a);
/* Whether the line of h may go to make room in its set, or another one stands for it. */
bool shows_may_go(const struct moves *m, const struct action_list *l, const struct action *h);
/* Notes in m->full whether the access finds a set full. */
void shows_notice(struct moves *m, const struct footprint *f);

#endif
