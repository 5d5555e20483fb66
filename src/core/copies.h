/* SPDX-License-Identifier: MIT */
/*
 * Copies of bytes and what is known of them.
 *
 * A cell is a line-sized piece of bytes somewhere (memory line, cache line): a key, the data, and
 * two bits per byte: old ("a newer write to this byte exists") and undefined. A memory cell also
 * marks its home bytes: discardable, and left (handed back without having been written). With
 * knowledge on, each byte of a copy names the record of the write it holds (wid) and of the write
 * that made it old (sup); 0 stands for a write that all parties know.
 *
 * One primitive moves bytes, bits and names together: copies_move(). One records a write by a
 * party: copies_write(). The layers below the oracle call these and never read a bit.
 *
 * A byte is lost when a copy that was not old goes away and every copy that is left is old; the
 * observer is told then (semantics: "lost").
 */
#ifndef CORE_COPIES_H
#define CORE_COPIES_H

#include "base/bug.h"
#include "core/world.h"

enum copy_kind { COPY_MEMORY, COPY_CACHE, COPY_OUTER, COPY_BUFFER, COPY_PAST };

/* Bytes [skip, skip + n) of a range, as one copy of them: block offsets of each plane. */
struct copyref {
	u32 obj;	    /* start of the object that holds the copy */
	u32 data, old, und; /* of the first byte; old and und are bytes of bits */
	u32 wid, sup;	    /* 0 without knowledge */
	u8 bit;		    /* first bit in old and und */
	u8 skip, n;
	u8 kind;  /* enum copy_kind */
	u16 link; /* 1 + index of the bounce link if it lies in a slot; 0 at the home address */
};

/* What a reader got, byte by byte. */
struct view {
	u8 n;
	u8 from; /* enum copy_kind of the first byte */
	u8 data[64];
	u8 latch; /* 1 + latch of the device that keeps what it read; 0: it acts on it at once */
	u64 old, und; /* bit i: byte i */
	u16 wid[64], sup[64];
};

/* Worst case: each place has memory, two caches and all store-buffer entries; past versions, and
 * what other CPUs have, may be cut in four. */
enum {
	COPIES_MAX = (LINKS_PER_BYTE_MAX + 1) * (3 + STORE_BUFFER_MAX) + 4 * PAST_MAX +
		     (CPUS_MAX - 1) * 4 * (STORE_BUFFER_MAX + PAST_MAX)
};

/* The bytes of one access: without a call of memcpy() for the usual sizes. */
static inline void copy_small(void *to, const void *from, u32 n)
{
	switch (n) {
	case 8:
		memcpy(to, from, 8);
		break;
	case 4:
		memcpy(to, from, 4);
		break;
	case 1:
		memcpy(to, from, 1);
		break;
	default:
		memcpy(to, from, n);
	}
}

/* A copyref for bytes [pos, pos+n) of the cell at off. */
static inline struct copyref copies_cell(const struct world *w, u32 off, u32 pos, u32 n,
					 enum copy_kind kind)
{
	const struct cell_geom *g = &w->cell;

	BUG_ON(pos + n > w->line || n > 64);
	return (struct copyref){
	    .obj = off,
	    .data = off + 8 + pos,
	    .old = off + g->old + pos / 8,
	    .und = off + g->und + pos / 8,
	    .wid = g->wid ? off + g->wid + 2 * pos : 0,
	    .sup = g->sup ? off + g->sup + 2 * pos : 0,
	    .bit = pos % 8,
	    .n = (u8)n,
	    .kind = (u8)kind,
	};
}

/*
 * n <= 64 bits from bit `bit` of the plane at off, as a word; and back (journaled, hashed). The
 * inline halves are for the bits of one granule, which lie in one byte.
 */
u64 bits_get_far(const struct world *w, u32 plane, u32 bit, u32 n);
void bits_set_far(struct world *w, u32 obj, u32 plane, u32 bit, u32 n, u64 value);

static inline u64 bits_get(const struct world *w, u32 plane, u32 bit, u32 n)
{
	if (bit + n > 8)
		return bits_get_far(w, plane, bit, n);
	return (u64)(*(const u8 *)world_at(w, plane) >> bit) & ((1u << n) - 1);
}

static inline void bits_set(struct world *w, u32 obj, u32 plane, u32 bit, u32 n, u64 value)
{
	u32 m, was, now;

	if (bit + n > 8) {
		bits_set_far(w, obj, plane, bit, n, value);
		return;
	}
	m = ((1u << n) - 1) << bit;
	was = *(const u8 *)world_at(w, plane);
	now = (was & ~m) | ((u32)(value << bit) & m);
	if (now != was)
		*(u8 *)world_mut_obj(w, obj, plane, 1) = (u8)now;
}

/* Puts the bytes of a copy into a view, from index at on. */
void copies_view(const struct world *w, const struct copyref *c, struct view *v, u32 at);

/*
 * What is to be remembered of a write: that the compiler may move it, that it may not (marked, as
 * by WRITE_ONCE()), or nothing, as all parties know it.
 */
enum write_kind { WRITE_PLAIN, WRITE_MARKED, WRITE_KNOWN };

/*
 * Party p writes self->n <= 64 bytes at physical pa into the copy self: sets the data, and every
 * other copy that holds a write which p knows becomes old.
 */
void copies_write(struct world *w, u8 p, u64 pa, const struct copyref *self, const u8 *data,
		  enum write_kind kind);

/*
 * Moves dst->n bytes with all that is known of them: dst becomes what the view holds from index
 * `at` on (a register or a store-buffer entry that holds a move). pa is dst's address.
 */
void copies_move(struct world *w, u64 pa, const struct copyref *dst, const struct view *v, u32 at);
/*
 * The same into a store-buffer entry of the same CPU: by program order it will replace what the
 * other copies at that place hold, so what is lost by it is lost now.
 */
void copies_move_ahead(struct world *w, u64 pa, const struct copyref *self, const struct view *v);
/* The same into a place that held nothing, without judging: a past version. */
void copies_move_fresh(struct world *w, const struct copyref *dst, const struct view *v);
/* The bits of 64 bytes at once, for lines of that length. */
static inline u64 word_at(const struct world *w, u32 off)
{
	u64 v;

	memcpy(&v, world_at(w, off), 8);
	return v;
}

void copies_fill_names(struct world *w, u32 dst, u32 src);
/*
 * A whole line of the same address into a place that held nothing: a fill. Nothing can be lost. The
 * cell gets that key.
 */
static inline void copies_fill_line(struct world *w, u32 dst, u32 src, u64 key)
{
	/* Key, data, old and undefined bits lie together in both cells. */
	u32 len = w->truth ? w->line + 2 * (w->line / 8) : w->line;
	u8 *to;

	if (len == 80) { /* lines of 64 bytes: no call */
		to = world_mut_obj(w, dst, dst, 88);
		memcpy(to + 8, world_at(w, src + 8), 80);
	} else {
		to = world_mut_obj(w, dst, dst, len + 8);
		memcpy(to + 8, world_at(w, src + 8), len);
	}
	memcpy(to, &key, 8);
	if (w->knows)
		copies_fill_names(w, dst, src);
}
/* The same over what was there: a write-back. */
void copies_move_line(struct world *w, u64 line_pa, u32 dst_cell, u32 src_cell,
		      enum copy_kind dst_kind);

/* The copy c of bytes at pa, or the line in cell, goes away; the caller makes it absent. */
void copies_drop(struct world *w, u64 pa, const struct copyref *c);
/*
 * Whether the line of memory at `mem` (0: none) holds each write that the cache line in `cell`
 * holds, so that the latter can go without more ado. False also where that is not easily said.
 */
static inline bool copies_held(const struct world *w, u32 cell, u32 mem)
{
	if (!w->truth)
		return true;
	return w->line == 64 && !w->knows && mem &&
	       !(~word_at(w, cell + w->cell.old) & word_at(w, mem + w->cell.old));
}
void copies_drop_line(struct world *w, u64 line_pa, u32 cell, enum copy_kind kind);
/* The same without judging: an entry that was moved elsewhere, a past version that is forgotten. */
void copies_forget(struct world *w, const struct copyref *c);

/* Bytes are given out again: no copy is old, all contents are undefined. Touches the memory. */
void copies_reset(struct world *w, u64 pa, u64 len);
/* All copies of that range hold defined bytes (a laboratory presets them). */
void copies_defined(struct world *w, u64 pa, u64 len);
/* A bounce slot is about to be linked: until something is moved in, it holds nothing's copy. */
void copies_garbage(struct world *w, u64 slot_pa, u64 len);
/* Bounce link number `link` (1 + index) to [home_pa, +len) ends: the check for lost writes. */
void copies_unlink(struct world *w, u64 home_pa, u64 len, u16 link);

/* Marks of home bytes (semantics: discardable, undefined). Ranges of any length. */
void copies_discard(struct world *w, u64 pa, u64 len);
/* Handed back: what is still discardable was not written; it is left over, undefined. */
void copies_handback(struct world *w, u64 pa, u64 len);
/* Bits of n <= 64 bytes at pa: still discardable; left over. */
void copies_marks(const struct world *w, u64 pa, u32 n, u64 *discardable, u64 *leftover);
u64 copies_discardable(const struct world *w, u64 pa, u32 n);
u64 copies_leftover(const struct world *w, u64 pa, u32 n);

/* Whether two copies of the same length hold the same bytes with the same bits and names. */
bool copies_same(const struct world *w, const struct copyref *a, const struct copyref *b);

/* The newest value of a byte: that of a copy that is not old (memory first). False: none is. */
bool copies_newest(const struct world *w, u64 pa, u8 *value, u16 *rec);

#endif
