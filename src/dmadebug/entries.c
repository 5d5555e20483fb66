/* SPDX-License-Identifier: MIT */
/*
 * Entries: their memory, the hash by DMA address, and which entry a call is about.
 *
 * The order counts: within a bucket entries stand as they were mapped, and buckets follow bits 13
 * to 26 of the address, so that is the order of the dump and of the search for leaks.
 */
#include "dmadebug/dmadebug_int.h"

/* ---- memory ---- */

/* dma_debug_create_entries(): a page full. False: there is no memory. */
static bool make_page(struct dmadebug *d)
{
	const struct debug_state *s = st(d);

	if (s->total + ENTRIES_PER_PAGE > DEBUG_ENTRIES_MAX)
		return false;
	W_SET(d->w, s->total, s->total + ENTRIES_PER_PAGE);
	W_SET(d->w, s->num_free, s->num_free + ENTRIES_PER_PAGE);
	return true;
}

static u32 take(struct dmadebug *d)
{
	const struct debug_state *s = st(d);
	u32 link = s->free;

	if (link) {
		W_SET(d->w, s->free, entry_at(d, link)->next);
	} else {
		link = s->made + 1;
		W_SET(d->w, s->made, link);
	}
	W_SET(d->w, s->num_free, s->num_free - 1);
	if (s->num_free < s->min_free)
		W_SET(d->w, s->min_free, s->num_free);
	return link;
}

u32 entry_alloc(struct dmadebug *d, u8 party, const struct entry *what)
{
	const struct debug_state *s = st(d);
	struct entry e = *what;
	bool grown = false;
	u32 link;

	if (!s->num_free) {
		if (!make_page(d)) {
			W_SET(d->w, s->disabled, 1u);
			KLOG(d->w, DEBUG_FULL, party, 0, 0);
			return 0;
		}
		grown = true;
	}
	link = take(d);
	if (grown && s->total % s->prealloc < ENTRIES_PER_PAGE)
		KLOG(d->w, DEBUG_GROWN, party, 0, s->total, s->total / s->prealloc);
	e.used = 1;
	e.next = 0;
	world_write(d->w, entry_at(d, link), &e, sizeof e);
	return link;
}

void entry_free(struct dmadebug *d, u32 link)
{
	const struct debug_state *s = st(d);
	struct entry free = {.next = s->free};

	line_remove(d, entry_at(d, link));
	world_write(d->w, entry_at(d, link), &free, sizeof free);
	W_SET(d->w, s->free, link);
	W_SET(d->w, s->num_free, s->num_free + 1);
}

/* ---- the hash ---- */

void entry_hash(struct dmadebug *d, u32 link)
{
	const u32 *at = bucket(d, bucket_of(entry_at(d, link)->addr));

	while (*at)
		at = &entry_at(d, *at)->next;
	W_SET(d->w, *at, link);
}

void entry_unhash(struct dmadebug *d, u32 link)
{
	const u32 *at = bucket(d, bucket_of(entry_at(d, link)->addr));

	while (*at != link)
		at = &entry_at(d, *at)->next;
	W_SET(d->w, *at, entry_at(d, link)->next);
}

static bool exact_match(const struct entry *ref, const struct entry *e)
{
	return e->addr == ref->addr && e->dev == ref->dev;
}

static bool containing_match(const struct entry *ref, const struct entry *e)
{
	return e->dev == ref->dev && e->addr <= ref->addr &&
	       e->addr + e->size >= ref->addr + ref->size;
}

/* __hash_bucket_find(): the one that fits in everything, or the only one that matches at all. */
static u32 find(const struct dmadebug *d, u32 i, const struct entry *ref,
		bool (*match)(const struct entry *ref, const struct entry *e))
{
	u32 matches = 0, only = 0;

	for (u32 link = *bucket(d, i); link; link = entry_at(d, link)->next) {
		const struct entry *e = entry_at(d, link);

		if (!match(ref, e))
			continue;
		if (e->size == ref->size && e->type == ref->type && e->dir == ref->dir &&
		    e->sg_call == ref->sg_call)
			return link;
		if (matches++ == 0)
			only = link;
	}
	return matches == 1 ? only : 0;
}

u32 entry_exact(const struct dmadebug *d, const struct entry *ref)
{
	return find(d, bucket_of(ref->addr), ref, exact_match);
}

/* From the range's bucket down, 8 KiB at a time. */
u32 entry_containing(const struct dmadebug *d, const struct entry *ref)
{
	u64 steps = min_u64(HASH_SIZE, (ref->addr >> HASH_SHIFT) + 1);

	for (u64 i = 0; i < steps; i++) {
		u32 link = find(d, bucket_of(ref->addr - (i << HASH_SHIFT)), ref, containing_match);

		if (link)
			return link;
	}
	return 0;
}

void entry_checked(struct dmadebug *d, u32 dev, u64 addr)
{
	struct entry ref = {.addr = addr, .dev = (u16)dev};

	for (u32 link = *bucket(d, bucket_of(addr)); link; link = entry_at(d, link)->next) {
		const struct entry *e = entry_at(d, link);

		if (exact_match(&ref, e) && e->err == ERR_NOT_CHECKED) {
			W_SET(d->w, e->err, (u8)ERR_CHECKED);
			return;
		}
	}
}
