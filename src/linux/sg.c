/* SPDX-License-Identifier: MIT */
/*
 * Scatterlists without mapping: include/linux/scatterlist.h, lib/scatterlist.c. An entry is a
 * variable of the simulated driver, not memory: nobody but the driver and the kernel sees it.
 *
 * An entry exists from its declaration, or from sg_alloc_table() on, and holds nothing that can be
 * used until sg_init_table() has seen it. Between lists lies an entry that does not exist, so that
 * walking over an end is noticed.
 *
 * Model: the entries of a table are one piece (the kernel chains pieces of 128); they take no
 * memory of the machine.
 */
#include "linux/sg_map.h"

enum { EINVAL_VALUE = 22 };
enum { SG_HERE = 1, SG_SET = 2, SG_LAST = 4, SG_HEAP = 8, SG_BOUNCED = 16, SG_ASSIGNED = 64 };

static const struct lx_sg *entries(const struct lx *l)
{
	return world_at(l->w, l->sgs);
}

static const struct lx_sgt *tables(const struct lx *l)
{
	return world_at(l->w, l->sgts);
}

void lx_sg_claim(struct lx *l, u32 lists, u32 tables)
{
	l->sg_first = lists;
	l->sg_total = lists + (tables ? SG_HEAP_MAX : 0);
	l->sgt_total = tables;
	if (l->sg_total)
		l->sgs = world_region(l->w, "scatterlists", l->sg_total * sizeof(struct lx_sg),
				      CHUNK, REGION_RAW, NULL);
	if (tables)
		l->sgts = world_region(l->w, "sg tables", tables * sizeof(struct lx_sgt), CHUNK,
				       REGION_RAW, NULL);
}

/* ---- entries ---- */

static bool is_here(const struct lx *l, u64 sg)
{
	return sg && sg <= l->sg_total && (entries(l)[sg - 1].flags & SG_HERE);
}

static void put(struct lx *l, u64 sg, struct lx_sg entry)
{
	world_write(l->w, &entries(l)[sg - 1], &entry, sizeof entry);
}

void lx_sg_declare(struct lx *l, u64 first, u32 n)
{
	for (u32 i = 0; i < n; i++)
		put(l, first + i, (struct lx_sg){.flags = SG_HERE});
}

enum lx_rc lx_sg_entry(const struct lx *l, u64 sg, const struct lx_sg **out)
{
	if (!is_here(l, sg))
		return LX_BUG_SG;
	*out = &entries(l)[sg - 1];
	return (*out)->flags & SG_SET ? LX_OK : LX_BUG_SG_UNSET;
}

enum lx_rc lx_sg_set(struct lx *l, u64 sg, enum lx_sg_field f, u64 v)
{
	const struct lx_sg *at;
	enum lx_rc rc = lx_sg_entry(l, sg, &at);

	if (rc != LX_OK)
		return rc;
	switch (f) {
	case SG_LENGTH:
		W_SET(l->w, at->length, (u32)v);
		break;
	case SG_OFFSET:
		W_SET(l->w, at->offset, (u32)v);
		break;
	case SG_DMA_ADDRESS:
		W_SET(l->w, at->dma, v);
		W_SET(l->w, at->flags, at->flags | SG_ASSIGNED);
		break;
	}
	return LX_OK;
}

u32 lx_sg_dma_len(const struct lx *l, const struct lx_sg *entry)
{
	return l->cfg->one_sg_length ? entry->length : entry->dma_length;
}

bool lx_sg_is_given(const struct lx_sg *entry, bool address)
{
	return entry->flags & (SG_MAPPED | (address ? (u32)SG_ASSIGNED : 0));
}

enum lx_rc lx_sg_init_table(struct lx *l, u64 sg, u64 n)
{
	if (!n || n > l->sg_total)
		return LX_BUG_SG;
	for (u64 i = 0; i < n; i++)
		if (!is_here(l, sg + i))
			return LX_BUG_SG;
	for (u64 i = 0; i < n; i++) {
		u32 heap = entries(l)[sg + i - 1].flags & SG_HEAP;

		put(l, sg + i,
		    (struct lx_sg){.flags =
				       SG_HERE | SG_SET | heap | (i + 1 == n ? (u32)SG_LAST : 0)});
	}
	return LX_OK;
}

enum lx_rc lx_sg_set_page(struct lx *l, u64 sg, u64 page, u32 len, u32 offset)
{
	const struct lx_sg *at;
	enum lx_rc rc = lx_sg_entry(l, sg, &at);
	struct lx_sg entry;

	if (rc != LX_OK)
		return rc;
	entry = *at;
	entry.page = page;
	entry.length = len;
	entry.offset = offset;
	put(l, sg, entry);
	return LX_OK;
}

enum lx_rc lx_sg_set_buf(struct lx *l, u64 sg, cpu_addr_t p, u32 len)
{
	return lx_sg_set_page(l, sg, lx_virt_to_page(l, p).pa | 1, len, (u32)(p.va % LX_PAGE));
}

enum lx_rc lx_sg_init_one(struct lx *l, u64 sg, cpu_addr_t p, u32 len)
{
	enum lx_rc rc = lx_sg_init_table(l, sg, 1);

	return rc == LX_OK ? lx_sg_set_buf(l, sg, p, len) : rc;
}

enum lx_rc lx_sg_next(const struct lx *l, u64 sg, u64 *next)
{
	const struct lx_sg *at;
	enum lx_rc rc = lx_sg_entry(l, sg, &at);

	*next = rc != LX_OK || (at->flags & SG_LAST) ? 0 : sg + 1;
	return rc;
}

/* sg_dma_mark_swiotlb(), sg_dma_is_swiotlb() */
void lx_sg_bounced(struct lx *l, u64 sg, bool bounced)
{
	const struct lx_sg *at = is_here(l, sg) ? &entries(l)[sg - 1] : NULL;

	if (at)
		W_SET(l->w, at->flags, (at->flags & ~(u32)SG_BOUNCED) | (bounced ? SG_BOUNCED : 0));
}

bool lx_sg_is_bounced(const struct lx *l, u64 sg)
{
	return is_here(l, sg) && (entries(l)[sg - 1].flags & SG_BOUNCED);
}

/* ---- tables ---- */

void lx_sgt_declare(struct lx *l, u64 t)
{
	W_SET(l->w, tables(l)[t - 1], (struct lx_sgt){.is_here = 1});
}

enum lx_rc lx_sgt_table(const struct lx *l, u64 t, const struct lx_sgt **out)
{
	if (!t || t > l->sgt_total || !tables(l)[t - 1].is_here)
		return LX_BUG_SG;
	*out = &tables(l)[t - 1];
	return (*out)->is_set ? LX_OK : LX_BUG_SG_UNSET;
}

enum lx_rc lx_sgt_set(struct lx *l, u64 t, enum lx_sgt_field f, u64 v)
{
	struct lx_sgt table;

	if (!t || t > l->sgt_total || !tables(l)[t - 1].is_here)
		return LX_BUG_SG;
	table = tables(l)[t - 1];
	table.is_set = 1;
	if (f == SGT_SGL)
		table.sgl = v;
	else if (f == SGT_NENTS)
		table.nents = (u32)v;
	else
		table.orig_nents = (u32)v;
	W_SET(l->w, tables(l)[t - 1], table);
	return LX_OK;
}

/* n entries that nobody has, behind one that does not exist; 0: there are none. */
static u64 heap_take(struct lx *l, u64 n)
{
	u32 run = 0;

	for (u32 i = l->sg_first; i < l->sg_total; i++) {
		run = entries(l)[i].flags ? 0 : run + 1;
		if (run <= n)
			continue;
		lx_sg_declare(l, i + 2 - n, (u32)n);
		for (u64 k = i + 1 - n; k <= i; k++)
			W_SET(l->w, entries(l)[k].flags, (u32)(SG_HERE | SG_HEAP));
		return i + 2 - n;
	}
	return 0;
}

enum lx_rc lx_sg_alloc_table(struct lx *l, u64 t, u64 n, int *result)
{
	enum lx_rc rc = lx_sgt_set(l, t, SGT_SGL, 0);
	u64 first;

	if (rc != LX_OK)
		return rc;
	lx_sgt_set(l, t, SGT_NENTS, 0);
	lx_sgt_set(l, t, SGT_ORIG_NENTS, 0);
	*result = -EINVAL_VALUE;
	if (!n || n > UINT32_MAX)
		return LX_OK;
	*result = -LX_ENOMEM;
	first = heap_take(l, n);
	if (!first) {
		EMIT(l->w, ALLOC_FAIL, hw_party(l->hw), 0, n * sizeof(struct lx_sg));
		return LX_OK;
	}
	*result = 0;
	lx_sgt_set(l, t, SGT_SGL, first);
	lx_sgt_set(l, t, SGT_NENTS, n);
	lx_sgt_set(l, t, SGT_ORIG_NENTS, n);
	return lx_sg_init_table(l, first, n);
}

enum lx_rc lx_sg_free_table(struct lx *l, u64 t)
{
	const struct lx_sgt *at;
	enum lx_rc rc = lx_sgt_table(l, t, &at);

	if (rc != LX_OK || !at->sgl)
		return rc;
	for (u64 sg = at->sgl; is_here(l, sg); sg++) {
		if (!(entries(l)[sg - 1].flags & SG_HEAP))
			return LX_BUG_FREE;
		put(l, sg, (struct lx_sg){0});
	}
	return lx_sgt_set(l, t, SGT_SGL, 0);
}

/* How many of the pages from the first on follow each other in memory. */
static u64 run_of(const u64 *page, u64 n)
{
	u64 i = 1;

	while (i < n && page[i] == page[i - 1] + LX_PAGE && i * LX_PAGE < SG_SEGMENT_MAX)
		i++;
	return i;
}

enum lx_rc lx_sg_alloc_table_from_pages(struct lx *l, u64 t, const u64 *page, u64 n, u64 offset,
					u64 size, int *result)
{
	u64 chunks = 0, sg;
	enum lx_rc rc;

	for (u64 i = 0; i < n; i += run_of(page + i, n - i))
		chunks++;
	rc = lx_sg_alloc_table(l, t, chunks, result);
	if (rc != LX_OK || *result)
		return rc;
	sg = tables(l)[t - 1].sgl;
	for (u64 i = 0, run; i < n; i += run, sg++) {
		u64 room;

		run = run_of(page + i, n - i);
		room = run * LX_PAGE - offset;
		lx_sg_set_page(l, sg, page[i], (u32)min_u64(size, room), (u32)offset);
		size -= min_u64(size, room);
		offset = 0;
	}
	return LX_OK;
}
