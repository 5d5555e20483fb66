/* SPDX-License-Identifier: MIT */
/*
 * Bounce links: while one lives, each byte of a slot is a copy of a byte of the original, at any
 * offset; one original may have several slots, a slot has one original. And the list of all copies
 * of a range: at its home address and in every slot that is linked to it.
 */
#include "hw/cpu_int.h"

#include "base/bug.h"

/*
 * Most accesses touch no page that a link has to do with: the pages of all links are counted, by
 * the low bits of their number. What is looked for is mostly what came last: searches go down.
 */
enum { PAGE_BYTES = 4096, COUNTS = 1024 };

struct links {
	u32 live; /* first: the short way of stores looks at it */
	u32 high; /* slots of the table that are used, and those before them */
	struct link l[LINKS_MAX];
	u32 homes[COUNTS], slots[COUNTS]; /* links that touch such a page */
};

u64 links_bytes(void)
{
	return sizeof(struct links);
}

static const struct links *links(const struct hw *h)
{
	return world_at(h->w, h->link);
}

/* Counts the pages of [pa, pa + len) up or down. */
static void count(struct hw *h, const u32 *counts, u64 pa, u64 len, u32 by)
{
	for (u64 p = pa / PAGE_BYTES; p <= (pa + len - 1) / PAGE_BYTES; p++)
		W_SET(h->w, counts[p % COUNTS], counts[p % COUNTS] + by);
}

static bool counted(const u32 *counts, u64 pa)
{
	return counts[pa / PAGE_BYTES % COUNTS] != 0;
}

/* Live links that have bytes of [pa, pa + len) of an original, up to max. */
static u32 of_home(const struct links *k, u64 pa, u64 len, u32 max)
{
	u32 n = 0;

	for (u32 i = k->high; i-- > 0 && n < max;)
		n += k->l[i].len && pa < k->l[i].home + k->l[i].len && k->l[i].home < pa + len;
	return n;
}

/* An entry that is not used; LINKS_MAX: none. */
static u32 unused(const struct links *k)
{
	u32 i = 0;

	if (k->live == k->high)
		return k->high;
	while (k->l[i].len)
		i++;
	return i;
}

static bool any_home(const struct links *k, u64 pa, u64 len)
{
	for (u64 p = pa / PAGE_BYTES; p <= (pa + len - 1) / PAGE_BYTES; p++)
		if (k->homes[p % COUNTS])
			return true;
	return false;
}

u16 link_begin(struct hw *h, phys_addr_t home, phys_addr_t slot, u64 len)
{
	const struct links *k = links(h);
	u32 i = unused(k);
	struct link *l;

	BUG_ON(len == 0);
	copies_garbage(h->w, slot.pa, len);
	if (any_home(k, home.pa, len) &&
	    of_home(k, home.pa, len, LINKS_PER_BYTE_MAX) == LINKS_PER_BYTE_MAX)
		return 0;
	if (i == LINKS_MAX) {
		world_limit(h->w, LIMIT_LINKS);
		return 0;
	}
	l = world_mut(h->w, world_off(h->w, &k->l[i]), sizeof *l);
	*l = (struct link){home.pa, slot.pa, len};
	W_SET(h->w, k->live, k->live + 1);
	if (i >= k->high)
		W_SET(h->w, k->high, i + 1);
	count(h, k->homes, home.pa, len, 1);
	count(h, k->slots, slot.pa, len, 1);
	return (u16)(i + 1);
}

void link_end(struct hw *h, u16 link)
{
	const struct links *k = links(h);
	const struct link *l = &k->l[link - 1];
	u32 high = k->high;

	BUG_ON(link == 0 || l->len == 0);
	copies_unlink(h->w, l->home, l->len, link);
	count(h, k->homes, l->home, l->len, ~0u);
	count(h, k->slots, l->slot, l->len, ~0u);
	memset(world_mut(h->w, world_off(h->w, l), sizeof *l), 0, sizeof *l);
	W_SET(h->w, k->live, k->live - 1);
	while (high && !k->l[high - 1].len)
		high--;
	W_SET(h->w, k->high, high);
}

u64 link_home_far(const struct world *w, u64 pa)
{
	const struct links *k = links(w->ops.ctx);

	if (!counted(k->slots, pa))
		return pa;
	for (u32 i = k->high; i-- > 0;)
		if (k->l[i].len && pa >= k->l[i].slot && pa - k->l[i].slot < k->l[i].len)
			return k->l[i].home + (pa - k->l[i].slot);
	return pa;
}

const struct link *link_of_home(const struct hw *h, u64 pa)
{
	const struct links *k = links(h);

	if (!counted(k->homes, pa))
		return NULL;
	for (u32 i = k->high; i-- > 0;)
		if (k->l[i].len && pa >= k->l[i].home && pa - k->l[i].home < k->l[i].len)
			return &k->l[i];
	return NULL;
}

struct list {
	struct copyref *out;
	u32 n, max;
};

static void add(struct list *l, struct copyref c, u32 skip, u16 link)
{
	BUG_ON(l->n == l->max);
	c.skip = (u8)skip;
	c.link = link;
	l->out[l->n++] = c;
}

/* Of a CPU's own: what waits in its store buffer, and what its loads may still return. */
static void copies_in(const struct hw *h, u32 cpu, u64 pa, u32 n, u32 skip, u16 link,
		      struct list *out)
{
	const struct cpu_state *c = hw_core(h, cpu);
	u64 first = align_down(pa, 8);

	for (u32 i = 0; i < c->entries + c->pasts; i++) {
		bool past = i >= c->entries;
		u64 at = past ? c->past[i - c->entries].pa : c->sb[i].pa;
		u8 mask = past ? c->past[i - c->entries].mask : c->sb[i].mask;

		if (at < first || at >= pa + n)
			continue;
		for (u32 b = 0; b < 8;) { /* runs of held bytes inside the range */
			u32 e = b;

			while (e < 8 && (mask >> e & 1) && at + e >= pa && at + e < pa + n)
				e++;
			if (e > b)
				add(out,
				    past ? past_copy(h, cpu, i - c->entries, b, e - b)
					 : buffer_copy(h, cpu, i, b, e - b),
				    skip + (u32)(at + b - pa), link);
			b = e > b ? e : b + 1;
		}
	}
}

/* Copies at one place: [pa, pa+n) lies in one line. */
static void copies_at(const struct hw *h, u64 pa, u32 n, u32 skip, u16 link, struct list *out)
{
	const struct world *w = h->w;
	u64 line = align_down(pa, w->line);
	u32 pos = (u32)(pa - line), cell = memory_cell_at(w, line);
	struct line_info l;

	if (cell)
		add(out, copies_cell(w, cell, pos, n, COPY_MEMORY), skip, link);
	if (h->cfg->l1.sets && (l = cache_line(h, LEVEL_L1, line)).present)
		add(out, copies_cell(w, l.cell, pos, n, COPY_CACHE), skip, link);
	if (h->cfg->outer.sets && (l = cache_line(h, LEVEL_OUTER, line)).present)
		add(out, copies_cell(w, l.cell, pos, n, COPY_OUTER), skip, link);
	for (u32 k = 0; k < h->cpus; k++)
		copies_in(h, k, pa, n, skip, link, out);
}

static void copies_cut(const struct hw *h, u64 pa, u32 n, u32 skip, u16 link, struct list *out)
{
	for (u32 i = 0; i < n;) {
		u64 at = pa + i;
		u32 k = (u32)(min_u64(align_down(at, h->w->line) + h->w->line, pa + n) - at);

		copies_at(h, at, k, skip + i, link, out);
		i += k;
	}
}

/* All copies of home bytes [pa, pa+n): here, and in all slots that are linked to them. */
static void copies_home(const struct hw *h, u64 pa, u32 n, u32 skip, struct list *out)
{
	const struct links *k = links(h);

	copies_cut(h, pa, n, skip, 0, out);
	if (!n || !any_home(k, pa, n))
		return;
	for (u32 i = 0; i < k->high; i++) {
		const struct link *l = &k->l[i];
		u64 from = max_u64(pa, l->home), to = min_u64(pa + n, l->home + l->len);

		if (l->len && from < to)
			copies_cut(h, l->slot + (from - l->home), (u32)(to - from),
				   skip + (u32)(from - pa), (u16)(i + 1), out);
	}
}

u32 hw_copies(const struct world *w, u64 pa, u32 n, struct copyref *out, u32 max)
{
	const struct hw *h = w->ops.ctx;
	const struct links *k = links(h);
	struct list l = {out, 0, max};

	if (!k->live) {
		copies_cut(h, pa, n, 0, 0, &l);
		return l.n;
	}
	for (u32 i = 0; i < n;) { /* runs with one relation to their home */
		u64 home = link_home(w, pa + i);
		u32 e = i + 1;

		while (e < n && link_home(w, pa + e) - home == e - i)
			e++;
		copies_home(h, home, e - i, i, &l);
		i = e;
	}
	return l.n;
}
