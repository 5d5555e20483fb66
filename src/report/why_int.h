/* SPDX-License-Identifier: MIT */
/* What the files why*.c share: never included elsewhere. */
#ifndef REPORT_WHY_INT_H
#define REPORT_WHY_INT_H

#include "report/cause_int.h"
#include "report/why.h"

/* An event that touched bytes that are asked for. */
struct touch {
	u32 event, group; /* group: its first event; those of one kind, party and statement turn */
	u8 kind, party;
	u64 lo, hi; /* home bytes [lo, hi), perhaps more than are asked for */
	u8 *value;  /* of a long write: of all its bytes, once they were looked up; owned */
};

/* While it is told. */
struct look {
	struct why *w;
	struct run *r;
	const struct names *n;
	u32 at;
	u32 start; /* first event of the call that made the buffer */
	struct {
		VEC(struct touch)
	} touch; /* by event, from start to at */
};

/* The state after an event, as the CPU sees it that made it. */
void why_goto(struct look *l, u32 event);
/* Home bytes [*lo, *hi) that event k touches. False: none. */
bool touched_by(const struct names *n, u32 k, u64 *lo, u64 *hi);
bool touch_writes(const struct touch *t); /* it makes a value, and moves none */
bool touch_reads(const struct touch *t);
bool touch_gives(const struct touch *t); /* a sync or unmap: a finding may say what was wrong */
bool touch_covers(const struct touch *t, u64 pa);
/* The value that a write gave byte pa. Moves the engine the first time. */
u8 touch_value(struct look *l, struct touch *t, u64 pa);
/* The last write of byte pa before that entry of the list (n: of all); NULL: none. */
struct touch *touch_last_write(const struct look *l, u64 pa, u32 before);
/* Its entry of that event, NULL: it is about other bytes. */
struct touch *touch_of(struct look *l, u32 event);

/* The history of a story's bytes as a chain, its finding's own steps among them. */
void why_chain(struct look *l, struct why_story *s);
/* The step that tells of an event, or of what goes together with it; NULL: none. */
struct cause_step *why_step(struct look *l, const struct cause *c, u32 event);
/* What the bytes are behind that step of the story's chain. */
void why_so(struct look *l, const struct why_story *s, struct cause_step *step);
/* Title and answer. */
void why_said(struct look *l, struct why_story *s);

/* Appends "aa" for a fill, else the n bytes as findings have them; v has up to 64 of them. */
void why_value(const u8 *v, u32 n, bool mixed, struct str *out);
/* "CPU", "CPU 1", "nic". */
const char *why_who(const struct look *l, u32 party);

#endif
