/* SPDX-License-Identifier: MIT */
#include "core/keyframe.h"

#include "base/bug.h"

enum { PAGES_MAX = BLOCK_BYTES / BLOCK_PAGE };

enum { SLAB_PAGES = 512 };

/* Pages come from slabs that are filled from end to end, so that large pages may back them. */
static u8 *page_new(struct keyframes *k)
{
	if (!k->spare.n) {
		u8 *slab = mem_reserve((size_t)SLAB_PAGES * BLOCK_PAGE);

		if (k->slab.n) /* a small run needs but a part of the first */
			mem_will_fill(slab, (size_t)SLAB_PAGES * BLOCK_PAGE);
		vec_push(&k->slab, slab);
		for (u32 i = SLAB_PAGES; i-- > 0;)
			vec_push(&k->spare, slab + (size_t)i * BLOCK_PAGE);
	}
	k->bytes += BLOCK_PAGE;
	return k->spare.v[--k->spare.n];
}

static void page_free(struct keyframes *k, u8 *page)
{
	k->bytes -= BLOCK_PAGE;
	vec_push(&k->spare, page);
}

static void take(struct keyframes *k, struct world *w)
{
	struct keyframe f = {.event = world_now(w)->event, .used = w->used};

	for (u32 p = 0; p < w->used / BLOCK_PAGE; p++) {
		u8 *copy;

		if (!k->dirty[p])
			continue;
		k->dirty[p] = 0;
		copy = page_new(k);
		memcpy(copy, w->rd + (size_t)p * BLOCK_PAGE, BLOCK_PAGE);
		vec_push(&f, (struct key_page){p, copy});
	}
	vec_push(&k->list, f);
}

/* Whether a page holds nothing but zeros: of most it is so, and this is much of a small run. */
static bool empty(const u8 *page)
{
	u64 first;

	memcpy(&first, page, sizeof first);
	return !first && memcmp(page, page + sizeof first, BLOCK_PAGE - sizeof first) == 0;
}

void keyframes_start(struct keyframes *k, struct world *w)
{
	*k = (struct keyframes){.every = KEYFRAME_EVENTS};
	k->dirty = mem_reserve(PAGES_MAX);
	for (u32 p = 0; p < w->used / BLOCK_PAGE; p++)
		k->dirty[p] = !empty(w->rd + (size_t)p * BLOCK_PAGE);
	take(k, w);
	w->jn.dirty = k->dirty;
}

static bool has_page(const struct keyframe *f, u32 page)
{
	u32 lo = 0, hi = f->n;

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (f->v[mid].page < page)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < f->n && f->v[lo].page == page;
}

/* Merges frame i into the one after it: pages that it alone has move there. */
static void merge(struct keyframes *k, u32 i)
{
	struct keyframe *a = &k->list.v[i], *b = &k->list.v[i + 1], out = {0};
	u32 j = 0;

	out.event = b->event;
	out.used = b->used;
	for (u32 n = 0; n < a->n; n++) {
		if (has_page(b, a->v[n].page)) {
			page_free(k, a->v[n].bytes);
			continue;
		}
		while (j < b->n && b->v[j].page < a->v[n].page) {
			vec_push(&out, b->v[j]);
			j++;
		}
		vec_push(&out, a->v[n]);
	}
	for (; j < b->n; j++)
		vec_push(&out, b->v[j]);
	vec_free(a);
	vec_free(b);
	*b = out;
	memmove(a, a + 1, (k->list.n - i - 1) * sizeof *a);
	k->list.n--;
}

void keyframes_tick(struct keyframes *k, struct world *w)
{
	u32 now = world_now(w)->event;

	if (!k->list.n || now < k->list.v[k->list.n - 1].event + k->every)
		return;
	take(k, w);
	if (k->bytes <= KEYFRAME_BYTES || k->list.n < 4)
		return;
	for (u32 i = 1; i + 2 < k->list.n; i++) /* the first and the last stay */
		merge(k, i);
	k->every *= 2;
}

void keyframes_restore(struct keyframes *k, struct world *w, u32 event)
{
	u32 i = k->list.n;
	u8 *done;

	while (i > 0 && k->list.v[i - 1].event > event)
		i--;
	BUG_ON(i == 0);
	i--;
	done = mem_zalloc(PAGES_MAX, 1);
	for (u32 f = i + 1; f-- > 0;)
		for (u32 n = 0; n < k->list.v[f].n; n++) {
			const struct key_page *p = &k->list.v[f].v[n];

			if (!done[p->page])
				memcpy(w->wr + (size_t)p->page * BLOCK_PAGE, p->bytes, BLOCK_PAGE);
			done[p->page] = 1;
		}
	/* A page that no frame up to here has was all zero then. */
	for (u32 p = 0; p < w->used / BLOCK_PAGE; p++)
		if (!done[p])
			memset(w->wr + (size_t)p * BLOCK_PAGE, 0, BLOCK_PAGE);
	mem_free(done);
	memset(k->dirty, 0, PAGES_MAX);
	journal_restart(&w->jn);
	if (w->hashing)
		world_rehash(w);
}

void keyframes_free(struct keyframes *k)
{
	for (u32 i = 0; i < k->list.n; i++)
		vec_free(&k->list.v[i]);
	vec_free(&k->list);
	for (u32 i = 0; i < k->slab.n; i++)
		mem_release(k->slab.v[i], (size_t)SLAB_PAGES * BLOCK_PAGE);
	vec_free(&k->slab);
	vec_free(&k->spare);
	if (k->dirty)
		mem_release(k->dirty, PAGES_MAX);
	*k = (struct keyframes){0};
}
