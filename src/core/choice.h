/* SPDX-License-Identifier: MIT */
/*
 * Schedules: the answers at choice points that were not 0, and their short form, a token.
 *
 *	token  = "v1:" [part *("." part)] ["=" checks]
 *	part   = distance ["-" answer] ["+" more]
 *
 * Numbers are in base 32, digits 0-9 and a-z without i, l, o and u: nothing to confuse when a token
 * is read aloud or copied by hand, and nothing that a shell would take for its own. A part is one
 * answer: its distance from the answer before in choice points (the first: from 0), and the answer,
 * if it is not 1; "+" means that so many more like it follow, the same distance apart. "v1:" alone
 * is the calm run. "v1:5.3-2+1" answers 1 at choice point 5, and 2 at the points 8 and 11.
 *
 * The checks are a digit for each answer, which tells what the hardware did then: in an edited file
 * the same answer may exist and mean something else. With more than 16 answers a digit stands for
 * several of them. They may be left out.
 */
#ifndef CORE_CHOICE_H
#define CORE_CHOICE_H

#include "base/mem.h"
#include "base/str.h"
#include "core/limits.h"

#define SCHEDULE_VERSION 1

enum {
	SCHEDULE_CHECKS = 16,			    /* digits behind "=", at most */
	SCHEDULE_ANSWERS = LIM(1u << 20, 1u << 10), /* of a token, at most: what "+" stands for
						       must fit in memory */
	MARK_BITS = 5,				    /* one digit */
};

struct answer {
	u64 point; /* number of the choice point, from 1 */
	u32 value; /* the answer, never 0 */
	u32 mark;  /* 1 + MARK_BITS that tell what it did; 0: not known */
};

struct schedule {
	VEC(struct answer)
	u8 check[SCHEDULE_CHECKS]; /* of a token that was read */
	u32 checks;		   /* 0: it had none */
};

/* Appends an answer; 0 is not kept. Points must rise. mark: 0, or 1 + MARK_BITS. */
void schedule_add(struct schedule *s, u64 point, u32 value);
void schedule_add_marked(struct schedule *s, u64 point, u32 value, u32 mark);
/* The answer at a point, 0 if none; *at is a cursor that only moves forward, from 0. */
u32 schedule_at(const struct schedule *s, u64 point, u32 *at);
/* Appends the token. With checks if all answers have marks, or as they were read. */
void schedule_token(const struct schedule *s, struct str *out);
/*
 * Parses; false and a reason (static text) if it is no token of this version. What is read is freed
 * with schedule_free(); after false there is nothing to free.
 */
bool schedule_parse(const char *token, struct schedule *out, const char **why);
void schedule_free(struct schedule *s);
/* Frees what *to held. */
void schedule_copy(struct schedule *to, const struct schedule *from);

/* How many answers one digit of n answers' checks stands for. */
u32 schedule_stride(u32 n);
/* The check of several answers from their marks, one after the other, beginning with 0. */
static inline u32 schedule_fold(u32 check, u32 mark)
{
	return ((check << 1 | check >> (MARK_BITS - 1)) ^ (mark - 1)) & ((1u << MARK_BITS) - 1);
}

#endif
