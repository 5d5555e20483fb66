/* SPDX-License-Identifier: MIT */
/*
 * Schedules: the answers at choice points that were not 0, and their short form, a token.
 *
 * A token is "v1:" and then one part per answer, joined by ".": the distance from the answer
 * before (in choice points, base 32 without easily confused letters), and, if it is not 1, "-" and
 * the answer. "v1:" alone is the calm run.
 */
#ifndef CORE_CHOICE_H
#define CORE_CHOICE_H

#include "base/mem.h"
#include "base/str.h"

#define SCHEDULE_VERSION 1

struct answer {
	u64 point; /* number of the choice point, from 1 */
	u32 value; /* the answer, never 0 */
};

struct schedule {
	VEC(struct answer)
};

/* Appends an answer; 0 is not kept. Points must rise. */
void schedule_add(struct schedule *s, u64 point, u32 value);
/* The answer at a point, 0 if none; *at is a cursor that only moves forward, from 0. */
u32 schedule_at(const struct schedule *s, u64 point, u32 *at);
void schedule_token(const struct schedule *s, struct str *out);
/* Parses; false and a reason (static text) if it is no token of this version. */
bool schedule_parse(const char *token, struct schedule *out, const char **why);
void schedule_free(struct schedule *s);

#endif
