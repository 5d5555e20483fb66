/* SPDX-License-Identifier: MIT */
/*
 * Events of one kind and party whose bytes follow each other (or, for whole lines, any lines) are
 * one item. What a store drags behind it (its line fetched, its way out of the store buffer) is
 * part of its item when it happens in the same turn.
 */
#include "report/summary_int.h"

#include "core/addr.h"

enum shape shape_of(u32 kind)
{
	switch ((enum event_kind)kind) {
	case EV_STORE_BUFFERED:
	case EV_STORE_CACHE:
	case EV_STORE_MEMORY:
	case EV_LOAD_CACHE:
	case EV_LOAD_MEMORY:
	case EV_LOAD_BUFFER:
	case EV_DRAIN:
	case EV_DMA_READ:
	case EV_DMA_WRITE:
	case EV_COPY_IN:
	case EV_COPY_OUT:
		return SHAPE_RANGE;
	case EV_FILL:
	case EV_SPEC_FILL:
	case EV_WRITE_BACK:
	case EV_DROP:
	case EV_CLEAN:
	case EV_INVALIDATE:
		return SHAPE_LINES;
	case EV_CALL:
	case EV_SG_UNMAP: /* and of its entries other events tell */
	case EV_SG_SYNC:
		return SHAPE_NOISE; /* the statement itself says it */
	default:
		return SHAPE_ONE;
	}
}

struct span {
	u64 at, value;
	u32 len;
};

static struct span span_of(const struct event *e)
{
	switch ((enum event_kind)e->kind) {
	case EV_DMA_READ:
	case EV_DMA_WRITE:
		return (struct span){e->f[1], e->f[3], (u32)e->f[2]};
	case EV_COPY_IN:
		return (struct span){e->f[0], e->f[3], (u32)e->f[2]};
	case EV_COPY_OUT:
		return (struct span){e->f[1], e->f[3], (u32)e->f[2]};
	default:
		return (struct span){e->f[0], e->f[2], (u32)e->f[1]};
	}
}

static void take_bytes(struct item *i, const struct span *s)
{
	u32 known = s->len < 8 ? s->len : 8;

	for (u32 k = 0; k < known; k++) {
		u8 b = (u8)(s->value >> (8 * k));

		i->fill &= !i->heads || b == i->head[0];
		if (i->heads == i->end - i->at + k && i->heads < sizeof i->head)
			i->head[i->heads++] = b;
	}
	i->fill &= s->len <= 8;
	i->end += s->len;
}

static struct item *mergeable(struct items *l, const struct event *e, const struct span *s)
{
	for (u32 k = l->n; k-- > 0;) {
		struct item *i = &l->v[k];

		if (i->kind == e->kind && i->party == e->party && i->arg == e->arg &&
		    (!s || i->end == s->at))
			return i;
		/* Accesses stay in order: what was stored may not move before what was read. */
		if (shape_of(i->kind) == SHAPE_ONE)
			return NULL;
	}
	return NULL;
}

/* What put bytes on their way that an event about [at, at + len) carries on. */
static struct item *stored_by(struct items *l, u64 at, u64 len)
{
	for (u32 k = l->n; k-- > 0;) {
		struct item *i = &l->v[k];
		bool copy = i->kind == EV_COPY_IN || i->kind == EV_COPY_OUT;
		u64 from = copy ? i->to : i->at;

		if (!copy && i->kind != EV_STORE_BUFFERED && i->kind != EV_STORE_CACHE)
			continue;
		if (at < from + (i->end - i->at) && from < at + len)
			return i;
	}
	return NULL;
}

/* Whether what drains may be what the item stored: an older store to the same place goes first. */
static bool is_of(const struct item *i, const struct span *s)
{
	u64 from = i->kind == EV_COPY_IN || i->kind == EV_COPY_OUT ? i->to : i->at;

	if (s->at < from || i->extra + s->len > i->end - i->at)
		return false;
	for (u32 k = 0; k < s->len && k < 8; k++) {
		u64 at = s->at - from + k;

		if (i->fill ? (u8)(s->value >> (8 * k)) != i->head[0]
			    : at < i->heads && (u8)(s->value >> (8 * k)) != i->head[at])
			return false;
	}
	return true;
}

static void add_range(struct items *l, const struct event *e, u32 number)
{
	struct span s = span_of(e);
	struct item *i = e->kind == EV_DRAIN ? stored_by(l, s.at, s.len) : NULL;

	if (i && is_of(i, &s)) {
		i->extra += s.len;
		return;
	}
	i = mergeable(l, e, &s);
	if (!i) {
		vec_push(l, (struct item){.first = number,
					  .last = number,
					  .kind = e->kind,
					  .party = e->party,
					  .arg = e->arg,
					  .at = s.at,
					  .end = s.at,
					  .fill = true,
					  .to = e->kind == EV_COPY_IN ? e->f[1] : s.at});
		i = &l->v[l->n - 1];
	}
	i->count++;
	i->last = number;
	take_bytes(i, &s);
}

static void add_line(struct items *l, const struct names *n, const struct event *e, u32 number)
{
	struct item *i = e->kind == EV_FILL ? stored_by(l, e->f[0], n->cfg->hw.line) : NULL;

	if (i) {
		i->fills++;
		return;
	}
	i = mergeable(l, e, NULL);
	if (!i) {
		vec_push(l, (struct item){.first = number,
					  .last = number,
					  .kind = e->kind,
					  .party = e->party,
					  .arg = e->arg,
					  .at = e->f[0]});
		i = &l->v[l->n - 1];
	}
	i->count++;
	i->last = number;
	i->level[e->f[1] == LEVEL_OUTER]++;
	i->extra += e->kind == EV_INVALIDATE && e->f[2];
}

/* A segment that is one entry of its list, of which was told. */
static bool is_entry(const struct event *e)
{
	return e->kind == EV_SG_MAP && e->f[6] >> 32 == e->f[1];
}

static void gather(const struct names *n, u32 first, u32 last, struct items *l)
{
	for (u32 k = first; k <= last; k++) {
		const struct event *e = event_get(n->log, k);

		switch (shape_of(e->kind)) {
		case SHAPE_RANGE:
			add_range(l, e, k);
			break;
		case SHAPE_LINES:
			add_line(l, n, e, k);
			break;
		default:
			vec_push(l, (struct item){.first = k,
						  .last = k,
						  .count = 1,
						  .kind = e->kind,
						  .party = e->party,
						  .arg = e->arg,
						  .silent = is_entry(e)});
		}
	}
}

/* A store's line that was fetched just before it (no store buffer) belongs to its sentence. */
static void hush(struct items *l, u32 line)
{
	bool other = false, call = false;

	for (u32 k = 0; k < l->n; k++) {
		struct item *i = &l->v[k];

		other |= shape_of(i->kind) != SHAPE_NOISE;
		call |= i->kind == EV_CALL;
		i->kernel = call;
		if (i->kind != EV_FILL)
			continue;
		for (u32 j = k + 1; j < l->n && !i->silent; j++)
			i->silent = l->v[j].kind == EV_STORE_CACHE &&
				    i->at - (l->v[j].at & ~(u64)(line - 1)) <
					l->v[j].end - l->v[j].at + line;
	}
	for (u32 k = 0; k < l->n; k++)
		if (shape_of(l->v[k].kind) == SHAPE_NOISE)
			l->v[k].silent = other;
		else if (l->v[k].kind == EV_BARRIER) /* part of what the kernel does */
			l->v[k].silent = call;
}

/* A word of the list of free blocks in a page of a pool, stored or let out. */
static bool is_link(const struct names *n, const struct item *i)
{
	bool drain = i->kind == EV_DRAIN || i->kind == EV_DRAIN_EARLY;
	const struct named_buffer *b;

	if (!drain && !(i->kernel && (i->kind == EV_STORE_BUFFERED || i->kind == EV_STORE_CACHE ||
				      i->kind == EV_STORE_MEMORY)))
		return false;
	b = i->end - i->at <= 16 ? names_buffer(n, i->at, i->first) : NULL;
	return b && b->chunk;
}

/* A fresh page of a pool gets its list block by block: many of them are one item. */
static void hush_list(const struct names *n, struct items *l)
{
	enum { FEW = 6 };

	for (u32 k = 0; k < l->n; k++) {
		u32 j = k, stores = 0, kind = l->v[k].kind;

		for (;
		     j < l->n && (l->v[j].silent || (l->v[j].kind == kind && is_link(n, &l->v[j])));
		     j++)
			stores += l->v[j].silent ? 0 : l->v[j].count;
		if (l->v[k].silent || stores < FEW)
			continue;
		l->v[k].list = stores;
		while (++k < j)
			l->v[k].silent = true;
		k--;
	}
}

void items_gather(const struct names *n, u32 first, u32 last, struct items *out)
{
	gather(n, first, last, out);
	hush(out, n->cfg->hw.line);
	hush_list(n, out);
}
