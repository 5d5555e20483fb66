/* SPDX-License-Identifier: MIT */
/* Which object, which bytes of it and which device a screen is about. */
#include "tui/source_int.h"

#include "base/bug.h"

bool event_home(const struct names *n, u32 k, u64 *pa, u64 *len)
{
	if (!event_place(event_get(n->log, k), n->cfg->hw.line, pa, len))
		return false;
	*pa = names_home(n, *pa, k);
	return true;
}

/* The buffer that event k is about, and its bytes in it. NULL: none. */
static const struct named_buffer *object_of(const struct names *n, u32 k, u64 *pa, u64 *len)
{
	const struct named_buffer *b;
	u64 end;

	if (!event_home(n, k, pa, len) || !*len)
		return NULL;
	b = names_buffer(n, *pa, k);
	if (!b)
		b = names_buffer_in(n, *pa, *len, k);
	if (!b)
		return NULL;
	end = min_u64(*pa + *len, b->pa + b->len);
	*pa = max_u64(*pa, b->pa);
	*len = end - *pa;
	return b;
}

static u32 device_of(const struct sight *g)
{
	const struct names *n = g->s->names;
	const struct named_buffer *b = g->buf;
	const struct named_map *m = names_map_of(n, g->focus, g->at);

	if (g->ev && !names_is_cpu(n, g->ev->party) && g->ev->kind == EV_DMA_WRITE)
		return g->ev->arg;
	if (g->ev && !names_is_cpu(n, g->ev->party) && g->ev->kind == EV_DMA_READ)
		return g->ev->arg;
	if (m)
		return m->dev;
	if (b->coherent)
		return b->dev;
	/* Not mapped now: the device that had it last or gets it next, so that the row has a name.
	 */
	for (u32 i = n->maps.n; i-- > 0;)
		if (n->maps.v[i].pa < b->pa + b->len &&
		    b->pa < n->maps.v[i].pa + n->maps.v[i].len && n->maps.v[i].from <= g->at)
			return n->maps.v[i].dev;
	for (u32 i = 0; i < n->maps.n; i++)
		if (n->maps.v[i].pa < b->pa + b->len && b->pa < n->maps.v[i].pa + n->maps.v[i].len)
			return n->maps.v[i].dev;
	return n->cfg->hw.devs ? 0 : ~0u;
}

/* Nothing to tell: what the CPU had there may be dropped, and nobody has written since. */
static bool is_quiet(const struct world *w, u64 pa)
{
	return ((copies_discardable(w, pa, 1) | copies_leftover(w, pa, 1)) & 1) != 0;
}

bool truths_differ(const struct truths *t)
{
	const struct truth *three[] = {&t->cpu, &t->memory, &t->device};

	for (u32 i = 0; i < ARRAY_LEN(three); i++)
		if (three[i]->state == TRUTH_KNOWN &&
		    (three[i]->mark == '~' || three[i]->mark == '!'))
			return true;
	return false;
}

bool truths_loose(const struct truths *t)
{
	if (truths_differ(t))
		return false;
	return t->cpu.value != t->memory.value ||
	       (t->device.state == TRUTH_KNOWN && t->device.value != t->memory.value);
}

/*
 * The three truths of a byte. On a path that snoops the memory row is what a snooping party gets,
 * also while nothing is mapped: a dirty line is no news there.
 */
static void look(const struct sight *g, u64 pa, struct truths *t)
{
	const struct engine *e = g->s->e;
	struct view v;

	oracle_truths(&e->oracle, pa, g->dev, t);
	if (g->dev == ~0u || t->snooped || !e->cfg->hw.dev[g->dev].coherent)
		return;
	dma_peek(&e->hw, g->dev, pa, 1, &v);
	t->memory.value = v.data[0];
	t->memory.from = v.from;
	t->snooped = true;
	if (is_quiet(e->w, pa))
		return;
	t->memory.mark = v.old & 1 ? '~' : '*';
	if (truths_differ(t))
		return;
	t->cpu.mark = t->memory.mark = t->device.mark = ' ';
}

const struct truths *sight_at(const struct sight *g, u64 pa)
{
	BUG_ON(pa < g->from || pa - g->from >= g->seen);
	return &g->t[pa - g->from];
}

const struct source_finding *found_at(const struct run_source *s, u32 at)
{
	const struct source_finding *best = NULL;

	for (u32 i = 0; i < s->found.n; i++) {
		const struct source_finding *x = &s->found.v[i];

		if (x->f->event > at || x->last < at || !x->f->event)
			continue;
		if (!best || x->f->severity > best->f->severity)
			best = x;
	}
	return best;
}

/* The row that is opened: 16 bytes in memory, cut to the object. */
static void open_row(struct sight *g, u64 pa)
{
	u64 end;

	g->row = max_u64(align_down(pa, ROW_BYTES), g->buf->pa);
	end = min_u64(align_down(pa, ROW_BYTES) + ROW_BYTES, g->buf->pa + g->buf->len);
	g->n = (u32)(end - g->row);
}

/* Of many bytes the first that differ; of an access its first byte. */
static u64 first_of(const struct sight *g, u64 pa, u64 len)
{
	u64 end = min_u64(pa + len, g->from + g->seen);

	if (len > ROW_BYTES)
		for (u64 a = max_u64(pa, g->from); a < end; a++)
			if (truths_differ(sight_at(g, a)))
				return a;
	return pa;
}

/* The part of the object that is looked at: all of it, or a part around the focus. */
static void look_around(struct sight *g)
{
	u64 end = g->buf->pa + g->buf->len;

	g->from = g->buf->len <= SEEN_MAX ? g->buf->pa
					  : max_u64(g->buf->pa, align_down(g->focus, SEEN_MAX));
	end = min_u64(end, align_down(g->from, SEEN_MAX) + SEEN_MAX);
	if (g->buf->len <= SEEN_MAX)
		end = g->buf->pa + g->buf->len;
	g->seen = (u32)(end - g->from);
	for (u32 i = 0; i < g->seen; i++)
		look(g, g->from + i, &g->t[i]);
}

void sight_find(struct sight *g)
{
	const struct names *n = g->s->names;
	u64 pa = 0, len = 0;
	const struct finding *f;

	g->found = found_at(g->s, g->at);
	for (u32 k = g->at; k > 0 && !g->buf; k--)
		g->buf = object_of(n, k, &pa, &len);
	f = g->found && g->found->f->n ? g->found->f : NULL;
	if (f && names_buffer(n, f->pa, g->at)) {
		g->buf = names_buffer(n, f->pa, g->at);
		pa = f->pa;
		len = min_u64(f->n, ROW_BYTES);
	}
	if (!g->buf)
		return;
	g->focus = pa;
	g->dev = device_of(g);
	look_around(g);
	g->focus = first_of(g, pa, len);
	open_row(g, g->focus);
}
