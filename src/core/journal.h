/* SPDX-License-Identifier: MIT */
/*
 * The journal of old bytes: a window of fixed size, used as a ring. A record is (offset, length);
 * the bytes lie beside it. A record of length 0 is a boundary: the end of an event. Stepping back
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
	u64 at;	      /* where the saved bytes are: counted for ever, modulo the ring */
};

struct journal {
	struct jrec *rec;    /* owned ring of WINDOW_RECORDS */
	u8 *bytes;	     /* owned ring of WINDOW_BYTES */
	u64 tail, pos, head; /* records: oldest kept, present position, end (> pos after undo) */
	u64 btail, bpos;     /* bytes, counted for ever: oldest kept, next free */
	bool on;
	u8 *dirty; /* owned by the keyframes, or NULL: one byte a block page, set when written */
};

void journal_init(struct journal *j);
void journal_fini(struct journal *j);
void journal_save_slow(struct journal *j, const u8 *block, u32 off, u32 len);
void journal_boundary(struct journal *j);
/* Undoes, redoes one record at the present position. */
void journal_step_back(struct journal *j, u8 *block);
void journal_step_forward(struct journal *j, u8 *block);

static inline void journal_save(struct journal *j, const u8 *block, u32 off, u32 len)
{
	if (j->on)
		journal_save_slow(j, block, off, len);
}

#endif
