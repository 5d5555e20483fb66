/* SPDX-License-Identifier: MIT */
/*
 * The journal of old bytes: a window of fixed size, used as a ring. A record is (offset, length);
 * the bytes lie beside it. A record of length 0 is a boundary: the end of an event; it counts one
 * word of the block up, the number of events, so that no record is needed for that. Stepping back
 * swaps the saved bytes with the block's, so the same record then holds what stepping forward
 * needs: one mechanism for undo, redo and "what changed".
 */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include <string.h>

#include "base/types.h"
#include "core/limits.h"

struct jrec {
	u32 off, len; /* in the block; len 0: an event ended here */
};

struct journal {
	struct jrec *rec;    /* owned ring of WINDOW_RECORDS */
	u8 *bytes;	     /* owned ring of WINDOW_BYTES: saved bytes, record after record */
	u64 tail, pos, head; /* records: oldest kept, present position, end (> pos after undo) */
	u64 btail, bpos;     /* bytes, counted for ever: before the oldest kept, before pos */
	u32 counter;	     /* offset in the block of the u32 that boundaries count; 0: none */
	u32 inline_recs, inline_bytes; /* what may be saved before the window must be looked at */
	bool on;
	u8 *dirty; /* owned by the keyframes, or NULL: one byte a block page, set when written */
};

enum {
	DIRTY_SHIFT = 12,
	WINDOW_SLACK = 64, /* records, and 16 times as many bytes, that a full window may lack */
};
_Static_assert((WINDOW_BYTES & (WINDOW_BYTES - 1)) == 0, "a ring by mask");

void journal_init(struct journal *j);
void journal_fini(struct journal *j);
void journal_restart(struct journal *j); /* empty, at the present state of the block */
void journal_save_slow(struct journal *j, const u8 *block, u32 off, u32 len);
void journal_boundary_slow(struct journal *j);
/* Back to record `to`, for good: what came after it cannot be redone. */
void journal_undo(struct journal *j, u8 *block, u64 to);
/* Undoes, redoes one record at the present position. */
void journal_step_back(struct journal *j, u8 *block);
void journal_step_forward(struct journal *j, u8 *block);
/* Copies saved bytes that begin at `at` (as bpos counts) out of the ring. */
void journal_bytes(const struct journal *j, u64 at, u8 *out, u32 len);

/* Mostly a word or two: without a call, and without an instruction that is slow to begin. */
static inline void journal_copy(u8 *to, const u8 *from, u32 n)
{
	if (n >= 16) {
		for (u32 i = 0; i + 16 < n; i += 16)
			memcpy(to + i, from + i, 16);
		memcpy(to + n - 16, from + n - 16, 16);
	} else if (n >= 8) {
		memcpy(to, from, 8);
		memcpy(to + n - 8, from + n - 8, 8);
	} else if (n >= 4) {
		memcpy(to, from, 4);
		memcpy(to + n - 4, from + n - 4, 4);
	} else {
		for (u32 i = 0; i < n; i++)
			to[i] = from[i];
	}
}

/* Puts the old bytes [off, off+len) of the block away. Inline: it is in the way of every store. */
static inline void journal_save(struct journal *j, const u8 *block, u32 off, u32 len)
{
	if (!j->on)
		return;
	if (len - 1 >= 4096 || len > j->inline_bytes || !j->inline_recs) {
		journal_save_slow(j, block, off, len);
		return;
	}
	j->rec[j->pos & (WINDOW_RECORDS - 1)] = (struct jrec){off, len};
	journal_copy(j->bytes + (j->bpos & (WINDOW_BYTES - 1)), block + off, len);
	j->inline_recs--;
	j->inline_bytes -= len;
	j->bpos += len;
	j->head = ++j->pos;
	if (j->dirty)
		j->dirty[off >> DIRTY_SHIFT] = j->dirty[(off + len - 1) >> DIRTY_SHIFT] = 1;
}

/* An event ends here; whoever says so has counted it. */
static inline void journal_boundary(struct journal *j)
{
	if (!j->on)
		return;
	if (!j->inline_recs) {
		journal_boundary_slow(j);
		return;
	}
	j->rec[j->pos & (WINDOW_RECORDS - 1)] = (struct jrec){0, 0};
	j->inline_recs--;
	j->head = ++j->pos;
	if (j->dirty)
		j->dirty[j->counter >> DIRTY_SHIFT] = 1;
}

#endif
