/* SPDX-License-Identifier: MIT */
/*
 * Policies: who answers the choices of a run when neither a schedule nor a search does. Each is a
 * function of the state, the seed and its own past answers, so a run repeats; and what was
 * answered is in the engine's schedule, so a run repeats without the policy as well.
 *
 * Hostile is the answer that enlarges the set of bytes marked `!` most, the lowest of equals, where
 * nothing enlarges it calm's. It tries each answer, looks, and takes it back. Looked at one step
 * ahead nearly every fault needs two answers, of which the first does no harm yet (a line fetched
 * today is old tomorrow), so it looks as far as that set grows in some futures behind the answer,
 * and takes the answer that gets there soonest; bytes that are used old or lost on the way count
 * too. A search sees all futures, this sees four of them, some hundred steps long.
 */
#ifndef EXPLORE_POLICY_H
#define EXPLORE_POLICY_H

#include "base/prng.h"
#include "engine/engine.h"

enum policy {
#define POLICY(id, name, offered, text) POLICY_##id,
#include "explore/policies.def"
#undef POLICY
	POLICIES
};

const char *policy_name(enum policy how);
const char *policy_text(enum policy how);
/* The one of that name that is offered to users. False: there is none. */
bool policy_find(const char *name, enum policy *out);
/* "calm, hostile or random": appended. */
void policy_names(struct str *out);

/* Bytes that their reader may look at and would get old: allocation, offset and whether a device
 * is the reader, in one number each, rising. */
struct stale_bytes {
	VEC(u64)
};

/* What one run's policy remembers. */
struct policy_state {
	enum policy how;
	struct prng chance;
	struct {
		VEC(struct action)
	} done;	    /* sweeps: since the last step of calm */
	u32 pushed; /* hostile: answers since the last one that was calm's */
	struct stale_bytes before, all, now, spare; /* hostile: scratch */
	struct action_list list;
	struct {
		VEC(u64)
	} found; /* which findings there were */
	u32 hurt, looked;
};

void policy_begin(struct policy_state *p, enum policy how, u64 seed);
void policy_end(struct policy_state *p);
/*
 * An answer: a place in the list that engine_actions() gave for e. e must keep no events; hostile
 * tries the answers on it, and leaves it as it was.
 */
u32 policy_answer(struct policy_state *p, struct engine *e, const struct action_list *l);

/*
 * Runs e to the end as engine_run() does. Whether e keeps events or has its oracle on makes no
 * difference to what is answered.
 */
enum outcome policy_run(struct engine *e, enum policy how, u64 seed);

#endif
