/* SPDX-License-Identifier: MIT */
/*
 * How sentence, chain of causes and fix of a finding are put together from those of each family.
 * Internal to report/.
 */
#ifndef REPORT_CAUSE_INT_H
#define REPORT_CAUSE_INT_H

#include "report/cause.h"

/* While one chain is made. */
struct chain {
	struct cause *c;
	const struct names *n;
	const struct finding *f;
	const struct named_map *m; /* may be NULL */
	struct str s;
};

/* The step of an event, whose text is in h->s; no second one of the same event. */
void chain_push(struct chain *h, u32 event);
/* A call that should stand before, or behind, what event `at` is part of. */
void chain_missing(struct chain *h, u32 at, bool behind, const char *text);
/* Puts the steps in the order of their events. */
void cause_sort(struct cause *c);
/* Appends "buf+05" to h->s. */
void chain_where(struct chain *h, u64 pa, u32 at);

/*
 * Steps found by looking backwards from event `before`; their event, 0 if there is none. why is
 * appended to the text.
 */
u32 step_store(struct chain *h, u32 before, u64 pa, u64 len, const char *why);
u32 step_device_write(struct chain *h, u32 before, u64 pa, u64 len, const char *why);
u32 step_given(struct chain *h, u32 before);
void step_cached(struct chain *h, u32 before, const char *why);
/* The step of the finding's own event. */
void step_access(struct chain *h, const char *text);
/* The same, of an access: who it was, then text. */
void step_by(struct chain *h, const char *text);
/* "the CPU", "CPU 1": who did event k; the finding's CPU if there is none. */
const char *who_did(const struct chain *h, u32 k);

/* ---- report/chains.c ---- */
void chain_stale_cpu(struct chain *h);
void chain_stale_device(struct chain *h);
void chain_order_device(struct chain *h);
void chain_order_cpu(struct chain *h);
void chain_irq(struct chain *h);
void chain_sync(struct chain *h);
void chain_alias(struct chain *h);
void chain_lost(struct chain *h);
void chain_touched(struct chain *h);
void chain_by_device(struct chain *h);
void chain_leak(struct chain *h);

/* ---- findings about calls, addresses and context ---- */
/* report/sentence_calls.c: appends the sentence. False: the finding is none of these. */
/* sentence_sg.c */
void sentence_wrong_count(const struct names *n, const struct finding *f, struct str *out);
void sentence_empty_field(const struct names *n, const struct finding *f, struct str *out);
void sentence_too_early(const struct names *n, const struct finding *f, struct str *out);
void sentence_count_misused(const struct names *n, const struct finding *f, struct str *out);
void sentence_wrong_function(const struct names *n, const struct finding *f, struct str *out);
void sentence_segment(const struct names *n, const struct finding *f, struct str *out);
bool sentence_of_call(const struct names *n, const struct finding *f, struct str *out);
/* report/fix_calls.c: call and place of the fix, where there is one statement that does it. */
void fix_of_call(struct fix *x, const struct names *n, const struct finding *f);
/* report/chains_calls.c: the steps. */
void chain_of_call(struct chain *h);

/* ---- report/fix_put.c ---- */
/*
 * The edit whose text is x->call, at that statement, and x->where that says so, unless it is said
 * already. Nothing if there is no call, or the statement has no line.
 */
void fix_place(struct fix *x, const struct names *n, enum fix_action action, u32 stmt);
/* One more edit with that text. False: the statement has no line, or there are too many. */
bool fix_add(struct fix *x, const struct names *n, enum fix_action action, u32 stmt,
	     const char *text);
/* The statement itself, as the driver wrote it: dropped, or moved before or behind `to`. */
bool fix_drop(struct fix *x, const struct names *n, u32 stmt);
bool fix_move(struct fix *x, const struct names *n, enum fix_action action, u32 stmt, u32 to);
/* fn(dev, handle, size, direction) of a mapping, to stand near statement `at` (0: anywhere);
 * nothing if no variable has the handle. */
void fix_call(const struct names *n, const struct named_map *m, const char *fn, u32 at,
	      struct str *out);
/* An argument of the map call as the driver wrote it, else what it was worth. */
void fix_argument(const struct names *n, const struct named_map *m, u32 i, const char *value,
		  struct str *out);
/*
 * What names the handle of a mapping, as the driver writes it; nothing if nothing does. Of an array
 * the element that statement `at` is about: "h[next]" where it reads buf[next]; 0: as at the map.
 */
void fix_handle(const struct names *n, const struct named_map *m, u32 at, struct str *out);
/* Appends the statement with the first `what` in it replaced; nothing if there is none. */
void fix_other_word(const struct names *n, u32 stmt, const char *what, const char *by,
		    struct str *out);
/* Appends the statement, one call of the DMA API, with its i-th argument replaced. False: it is no
 * such call, or has fewer. */
bool fix_other_argument(const struct names *n, u32 stmt, u32 i, const char *by, struct str *out);
/* Which argument of a call that maps, unmaps or syncs is the direction. */
u32 fix_direction_at(const char *call);
/* The name of the call that ends a mapping of a single buffer. */
const char *fix_unmap_name(const struct names *n, const struct named_map *m);

/* ---- report/fix_turn.c ---- */
/*
 * The direction (enum dma_dir) that a mapping should have: what its syncs and its unmap say, if the
 * device did no more; else what the device did. Its own where nothing speaks against it.
 */
u32 fix_meant(const struct names *n, const struct named_map *m);
/* Edits that give it that direction: map, syncs and unmap. False: one of them cannot be written. */
bool fix_turn(struct fix *x, const struct names *n, const struct named_map *m, u32 dir);
/* The same with the direction that is meant. False, and x as it was: it has that one, or m is NULL.
 */
bool fix_direction(struct fix *x, const struct names *n, const struct named_map *m);

/* sentence_pools.c */
void sentence_block_used(const struct names *n, const struct finding *f, struct str *out);
void sentence_block_twice(const struct names *n, const struct finding *f, struct str *out);
void sentence_pool_busy(const struct names *n, const struct finding *f, struct str *out);
void sentence_unsynced(const struct names *n, const struct finding *f, struct str *out);
void sentence_warned(const struct names *n, const struct finding *f, struct str *out);
/* A block that is given back in another way than it came. False: it is none. */
bool sentence_of_block(const struct names *n, const struct finding *f, struct str *out);

#endif
