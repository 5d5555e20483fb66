/* SPDX-License-Identifier: MIT */
#include "core/journal.h"

#include "base/bug.h"
#include "base/mem.h"

enum { RECORD_MASK = WINDOW_RECORDS - 1, PAGE_SHIFT = 12 };

void journal_init(struct journal *j)
{
	memset(j, 0, sizeof *j);
	j->rec = mem_reserve((size_t)WINDOW_RECORDS * sizeof *j->rec);
	j->bytes = mem_reserve(WINDOW_BYTES);
	j->on = true;
}

void journal_fini(struct journal *j)
{
	mem_release(j->rec, (size_t)WINDOW_RECORDS * sizeof *j->rec);
	mem_release(j->bytes, WINDOW_BYTES);
}

/* What was undone is given up as soon as something else is written. */
static void forget_redo(struct journal *j)
{
	if (j->pos != j->head) {
		j->bpos = j->rec[j->pos & RECORD_MASK].at;
		j->head = j->pos;
	}
}

/* Gives up the oldest records until one record and bytes up to bend (counted for ever) fit. */
static void make_room(struct journal *j, u64 bend)
{
	while (j->tail < j->pos &&
	       (j->pos - j->tail >= WINDOW_RECORDS || bend - j->btail > WINDOW_BYTES)) {
		j->tail++;
		j->btail = j->tail < j->pos ? j->rec[j->tail & RECORD_MASK].at : j->bpos;
	}
}

static void mark_dirty(struct journal *j, u32 off, u32 len)
{
	if (j->dirty && len)
		for (u32 p = off >> PAGE_SHIFT; p <= (off + len - 1) >> PAGE_SHIFT; p++)
			j->dirty[p] = 1;
}

void journal_save_slow(struct journal *j, const u8 *block, u32 off, u32 len)
{
	struct jrec *r;
	u32 at;

	BUG_ON(len == 0 || len > WINDOW_BYTES / 4);
	forget_redo(j);
	at = (u32)(j->bpos % WINDOW_BYTES);
	if (at + len > WINDOW_BYTES) { /* a record's bytes lie together */
		j->bpos += WINDOW_BYTES - at;
		at = 0;
	}
	if (j->pos - j->tail >= WINDOW_RECORDS || j->bpos + len - j->btail > WINDOW_BYTES)
		make_room(j, j->bpos + len);
	r = &j->rec[j->pos++ & RECORD_MASK];
	*r = (struct jrec){off, len, j->bpos};
	memcpy(j->bytes + at, block + off, len);
	j->bpos += len;
	j->head = j->pos;
	mark_dirty(j, off, len);
}

void journal_boundary(struct journal *j)
{
	if (!j->on)
		return;
	forget_redo(j);
	if (j->pos - j->tail >= WINDOW_RECORDS)
		make_room(j, j->bpos);
	j->rec[j->pos++ & RECORD_MASK] = (struct jrec){0, 0, j->bpos};
	j->head = j->pos;
}

static void swap_bytes(u8 *a, u8 *b, u32 n)
{
	u8 tmp[256];

	for (u32 i = 0; i < n;) {
		u32 k = n - i < sizeof tmp ? n - i : (u32)sizeof tmp;

		memcpy(tmp, a + i, k);
		memcpy(a + i, b + i, k);
		memcpy(b + i, tmp, k);
		i += k;
	}
}

static void swap_record(struct journal *j, u8 *block, const struct jrec *r)
{
	swap_bytes(block + r->off, j->bytes + r->at % WINDOW_BYTES, r->len);
	mark_dirty(j, r->off, r->len);
}

void journal_step_back(struct journal *j, u8 *block)
{
	BUG_ON(j->pos == j->tail);
	j->pos--;
	swap_record(j, block, &j->rec[j->pos & RECORD_MASK]);
}

void journal_step_forward(struct journal *j, u8 *block)
{
	BUG_ON(j->pos == j->head);
	swap_record(j, block, &j->rec[j->pos & RECORD_MASK]);
	j->pos++;
}
