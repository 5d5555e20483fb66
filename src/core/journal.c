/* SPDX-License-Identifier: MIT */
#include "core/journal.h"

#include "base/bug.h"
#include "base/mem.h"

enum { RECORD_MASK = WINDOW_RECORDS - 1 };

/* Large pages for all but the begin of a ring: a small run gets no further. */
static void fill_late(void *ring, size_t bytes)
{
	size_t small = 1 << 20;

	if (bytes > small)
		mem_will_fill((u8 *)ring + small, bytes - small);
}

void journal_init(struct journal *j)
{
	memset(j, 0, sizeof *j);
	j->rec = mem_reserve((size_t)WINDOW_RECORDS * sizeof *j->rec);
	j->bytes = mem_reserve(WINDOW_BYTES);
	fill_late(j->rec, (size_t)WINDOW_RECORDS * sizeof *j->rec);
	fill_late(j->bytes, WINDOW_BYTES);
	journal_restart(j);
	j->on = true;
}

void journal_fini(struct journal *j)
{
	mem_release(j->rec, (size_t)WINDOW_RECORDS * sizeof *j->rec);
	mem_release(j->bytes, WINDOW_BYTES);
}

/*
 * Gives up the oldest records until one more and len bytes fit, if they do not fit now; and some
 * more than that, so that the next ones are saved inline.
 */
static void make_room(struct journal *j, u32 len)
{
	if (j->pos - j->tail < WINDOW_RECORDS && j->bpos + len - j->btail <= WINDOW_BYTES)
		return;
	while (j->tail < j->pos && (j->pos - j->tail > WINDOW_RECORDS - WINDOW_SLACK ||
				    j->bpos + len + WINDOW_SLACK * 16 - j->btail > WINDOW_BYTES))
		j->btail += j->rec[j->tail++ & RECORD_MASK].len;
}

static void mark_dirty(const struct journal *j, u32 off, u32 len)
{
	if (j->dirty && len)
		for (u32 p = off >> DIRTY_SHIFT; p <= (off + len - 1) >> DIRTY_SHIFT; p++)
			j->dirty[p] = 1;
}

static u32 ring_at(u64 at)
{
	return (u32)(at & (WINDOW_BYTES - 1));
}

/* How many of len bytes from at on come before the end of the ring; the rest is at its begin. */
static u32 first_part(u64 at, u32 len)
{
	return (u32)min_u64(WINDOW_BYTES - ring_at(at), len);
}

void journal_bytes(const struct journal *j, u64 at, u8 *out, u32 len)
{
	u32 k = first_part(at, len);

	memcpy(out, j->bytes + ring_at(at), k);
	memcpy(out + k, j->bytes, len - k);
}

/* What the inline way may take without looking: whole in the ring and in the window. */
static void set_inline(struct journal *j)
{
	j->inline_recs = (u32)(WINDOW_RECORDS - (j->pos - j->tail));
	j->inline_bytes =
	    (u32)min_u64(WINDOW_BYTES - (j->bpos - j->btail), WINDOW_BYTES - ring_at(j->bpos));
}

void journal_restart(struct journal *j)
{
	j->pos = j->head = j->tail = 0;
	j->bpos = j->btail = 0;
	set_inline(j);
}

void journal_save_slow(struct journal *j, const u8 *block, u32 off, u32 len)
{
	u32 k = first_part(j->bpos, len);

	BUG_ON(len == 0 || len > WINDOW_BYTES / 4);
	make_room(j, len);
	j->rec[j->pos++ & RECORD_MASK] = (struct jrec){off, len};
	memcpy(j->bytes + ring_at(j->bpos), block + off, k);
	memcpy(j->bytes, block + off + k, len - k);
	j->bpos += len;
	j->head = j->pos; /* what was undone is given up as soon as something else is written */
	mark_dirty(j, off, len);
	set_inline(j);
}

void journal_boundary_slow(struct journal *j)
{
	make_room(j, 0);
	j->rec[j->pos++ & RECORD_MASK] = (struct jrec){0, 0};
	j->head = j->pos;
	mark_dirty(j, j->counter, 4);
	set_inline(j);
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

/* bpos is that of the record's first byte. */
static void swap_record(struct journal *j, u8 *block, const struct jrec *r)
{
	u32 k = first_part(j->bpos, r->len);

	swap_bytes(block + r->off, j->bytes + ring_at(j->bpos), k);
	swap_bytes(block + r->off + k, j->bytes, r->len - k);
	mark_dirty(j, r->off, r->len);
}

static void count(const struct journal *j, u8 *block, u32 by)
{
	u32 n;

	if (!j->counter)
		return;
	memcpy(&n, block + j->counter, sizeof n);
	n += by;
	memcpy(block + j->counter, &n, sizeof n);
	mark_dirty(j, j->counter, sizeof n);
}

void journal_step_back(struct journal *j, u8 *block)
{
	const struct jrec *r;

	BUG_ON(j->pos == j->tail);
	r = &j->rec[--j->pos & RECORD_MASK];
	j->bpos -= r->len;
	j->inline_recs = 0; /* the next save looks at what there is to redo */
	if (r->len)
		swap_record(j, block, r);
	else
		count(j, block, ~0u);
}

void journal_undo(struct journal *j, u8 *block, u64 to)
{
	u32 events = 0;

	BUG_ON(to > j->pos || to < j->tail);
	while (j->pos > to) {
		const struct jrec *r = &j->rec[--j->pos & RECORD_MASK];

		j->bpos -= r->len;
		if (!r->len)
			events++;
		else if (ring_at(j->bpos) + r->len <= WINDOW_BYTES)
			journal_copy(block + r->off, j->bytes + ring_at(j->bpos), r->len);
		else
			journal_bytes(j, j->bpos, block + r->off, r->len);
		mark_dirty(j, r->off, r->len);
	}
	if (events)
		count(j, block, 0 - events);
	j->head = j->pos;
	set_inline(j);
}

void journal_step_forward(struct journal *j, u8 *block)
{
	const struct jrec *r = &j->rec[j->pos & RECORD_MASK];

	BUG_ON(j->pos == j->head);
	if (r->len)
		swap_record(j, block, r);
	else
		count(j, block, 1);
	j->bpos += r->len;
	j->pos++;
}
