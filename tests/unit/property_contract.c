/* SPDX-License-Identifier: MIT */
/* The contract of streaming mappings: which operation it allows next, and what that means. */
#include <string.h>

#include "unit/property_gen.h"

/* The lines of so many bytes that [off, off + n) touches: from *lo to *hi. */
static void lines_of(u32 line, u32 off, u32 n, u32 *lo, u32 *hi)
{
	*lo = off / line * line;
	*hi = (off + n + line - 1) / line * line;
	if (*hi > GEN_BYTES)
		*hi = GEN_BYTES;
}

bool gen_any(const bool *v, u32 lo, u32 hi)
{
	for (u32 i = lo; i < hi; i++)
		if (v[i])
			return true;
	return false;
}

static bool all(const bool *v, u32 lo, u32 hi)
{
	for (u32 i = lo; i < hi; i++)
		if (!v[i])
			return false;
	return true;
}

static u32 spans(const bool *v, u32 n)
{
	u32 k = 0;

	for (u32 i = 0; i < n; i++)
		k += v[i] && (!i || !v[i - 1]);
	return k;
}

bool contract_in_map(const struct contract_buf *b, u32 i)
{
	return b->live && i >= b->moff && i < (u32)b->moff + b->mlen;
}

/* Bytes that nobody mapped, in a line that the device may write to. */
static bool beside_map(const struct contract_buf *b, u32 line, u32 i)
{
	u32 lo, hi;

	lines_of(line, b->moff, b->mlen, &lo, &hi);
	return b->live && b->dir != GEN_TO && !contract_in_map(b, i) && i >= lo && i < hi;
}

static bool cpu_may(const struct gen_driver *d, const struct contract_buf *b,
		    const struct gen_op *o, bool write)
{
	for (u32 i = o->off; i < (u32)o->off + o->n; i++) {
		if (beside_map(b, d->line, i) || (!write && !b->def[i]))
			return false;
		if (!contract_in_map(b, i))
			continue;
		if (write ? !b->held[i] || b->dir == GEN_FROM : !b->held[i] && b->dir != GEN_TO)
			return false;
	}
	return true;
}

/* A line in which the CPU keeps something must not be dropped, nor written by the device. */
static bool map_may(const struct gen_driver *d, const struct contract_buf *b,
		    const struct gen_op *o)
{
	u32 lo, hi, end = (u32)o->off + o->n;

	lines_of(d->line, o->off, o->n, &lo, &hi);
	return !b->live &&
	       (o->dir == GEN_TO || (!gen_any(b->def, lo, o->off) && !gen_any(b->def, end, hi)));
}

static bool sync_may(const struct gen_driver *d, const struct contract_buf *b,
		     const struct gen_op *o)
{
	u32 lo, hi, end = (u32)o->off + o->n;

	lines_of(d->line, o->off, o->n, &lo, &hi);
	if (!b->live || o->dir != b->dir || o->off < b->moff || end > (u32)b->moff + b->mlen)
		return false;
	if (d->buf[o->buf].entries && o->n != b->mlen) /* a list is synced as a whole */
		return false;
	if (o->kind == GEN_SYNC_CPU) /* it would drop what the CPU stored */
		return spans(b->held, GEN_BYTES) < GEN_SPANS &&
		       (b->dir == GEN_TO || !gen_any(b->dirty, lo, hi));
	return b->dir == GEN_TO || all(b->held, o->off, end);
}

static bool device_may(const struct gen_driver *d, const struct contract_buf *b,
		       const struct gen_op *o)
{
	u32 lo, hi, end = (u32)o->off + o->n;

	lines_of(d->line, o->off, o->n, &lo, &hi);
	if (!b->live || o->off < b->moff || end > (u32)b->moff + b->mlen)
		return false;
	if (o->kind == GEN_DEV_READ)
		return b->dir != GEN_FROM && all(b->def, o->off, end) &&
		       !gen_any(b->held, o->off, end);
	return b->dir == GEN_FROM && d->lazy ? true : b->dir != GEN_TO && !gen_any(b->held, lo, hi);
}

bool contract_allows(const struct contract *c, const struct gen_driver *d, const struct gen_op *o)
{
	const struct contract_buf *b = &c->b[o->buf];

	if (o->kind == GEN_ALLOC)
		return !b->there;
	if (!b->there || (o->n && (u32)o->off + o->n > d->buf[o->buf].size))
		return false;
	switch ((enum gen_kind)o->kind) {
	case GEN_FREE:
		return !b->live;
	case GEN_MAP:
		return !d->buf[o->buf].unmapped && map_may(d, b, o);
	case GEN_UNMAP:
		return b->live && o->off == b->moff && o->n == b->mlen && o->dir == b->dir &&
		       (b->dir == GEN_TO || !gen_any(b->dirty, 0, GEN_BYTES));
	case GEN_SYNC_CPU:
	case GEN_SYNC_DEV:
		return sync_may(d, b, o);
	case GEN_CPU_WRITE:
	case GEN_CPU_READ:
		return cpu_may(d, b, o, o->kind == GEN_CPU_WRITE);
	default:
		return device_may(d, b, o);
	}
}

void contract_apply(struct contract *c, const struct gen_driver *d, const struct gen_op *o)
{
	struct contract_buf *b = &c->b[o->buf];

	switch ((enum gen_kind)o->kind) {
	case GEN_ALLOC:
		memset(b, 0, sizeof *b);
		b->there = true;
		memset(b->def, d->buf[o->buf].memory == GEN_KZALLOC, d->buf[o->buf].size);
		break;
	case GEN_FREE:
		b->there = false;
		break;
	case GEN_MAP:
		b->live = true;
		b->dir = o->dir;
		b->moff = o->off;
		b->mlen = o->n;
		memset(b->held, 0, sizeof b->held);
		memset(b->dirty, 0, sizeof b->dirty);
		if (o->dir == GEN_FROM)
			memset(b->def + o->off, 0, o->n);
		break;
	case GEN_UNMAP:
		b->live = false;
		break;
	case GEN_SYNC_CPU:
		memset(b->held + o->off, 1, o->n);
		break;
	case GEN_SYNC_DEV:
		memset(b->held + o->off, 0, o->n);
		memset(b->dirty + o->off, 0, o->n);
		if (o->dir == GEN_FROM)
			memset(b->def + o->off, 0, o->n);
		break;
	case GEN_CPU_WRITE:
	case GEN_DEV_WRITE:
		memset(b->val + o->off, o->val, o->n);
		memset(b->def + o->off, 1, o->n);
		for (u32 i = o->off; i < (u32)o->off + o->n; i++) {
			b->held[i] &= o->kind == GEN_CPU_WRITE;
			b->dirty[i] |= o->kind == GEN_CPU_WRITE && contract_in_map(b, i);
		}
		break;
	default:
		break;
	}
}

bool contract_kept(const struct gen_driver *d)
{
	struct contract c = {0};

	for (u32 i = 0; i < d->n; i++) {
		if (!contract_allows(&c, d, &d->op[i]))
			return false;
		contract_apply(&c, d, &d->op[i]);
	}
	for (u32 i = 0; i < d->bufs; i++)
		if (c.b[i].live)
			return false;
	return true;
}
