/* SPDX-License-Identifier: MIT */
/* Chance, and random drivers that keep the contract. */
#include "unit/property_gen.h"

#include <string.h>

bool prng_chance(struct prng *p, u32 in100)
{
	return prng_below(p, 100) < in100;
}

/* ---- making one ---- */

struct making {
	struct gen_driver *d;
	struct prng *p;
	const struct gen_options *opt;
	struct contract c;
	u8 val;
};

static bool put(struct making *m, struct gen_op o)
{
	if (m->d->n == GEN_OPS || (!o.n && o.kind >= GEN_MAP) || !contract_allows(&m->c, m->d, &o))
		return false;
	if (o.kind == GEN_CPU_WRITE || o.kind == GEN_DEV_WRITE)
		m->val = m->val % 254 + 1;
	o.val = m->val;
	o.form = (u8)prng_below(m->p, 4);
	contract_apply(&m->c, m->d, &o);
	m->d->op[m->d->n++] = o;
	return true;
}

/* A part of [off, off + n): all of it, whole lines, or any bytes. */
static void part(struct making *m, struct gen_op *o, u32 off, u32 n)
{
	u32 how = prng_below(m->p, 4), a = prng_below(m->p, n), b = prng_below(m->p, n);
	u32 lo = a < b ? a : b, hi = (a < b ? b : a) + 1, step = how == 1 ? m->d->line : 16;

	if (how == 1 || how == 2) {
		lo = lo / step * step;
		hi = (hi + step - 1) / step * step;
	}
	if (how == 0 || hi > n)
		hi = n;
	if (how == 0)
		lo = 0;
	o->off = (u16)(off + lo);
	o->n = (u16)(hi - lo);
}

static const struct gen_op *last_map(const struct making *m, u32 buf)
{
	for (u32 i = m->d->n; i-- > 0;)
		if (m->d->op[i].kind == GEN_MAP && m->d->op[i].buf == buf)
			return &m->d->op[i];
	return NULL;
}

/* Small drivers keep one direction and range, so that one buffer bounces always or never. */
static struct gen_op a_map(struct making *m, u32 buf)
{
	struct gen_op o = {.kind = GEN_MAP, .buf = (u8)buf, .dir = (u8)prng_below(m->p, 3)};
	const struct gen_op *was = last_map(m, buf);

	if (m->opt->small && was) {
		o = *was;
	} else if (m->opt->small || prng_chance(m->p, 70)) {
		o.n = m->d->buf[buf].size;
	} else {
		part(m, &o, 0, m->d->buf[buf].size);
	}
	return o;
}

/* A run of bytes of buffer buf that an operation of this kind may be allowed on, around one byte.
 */
static bool fits(const struct contract_buf *b, u32 kind, u32 i)
{
	switch (kind) {
	case GEN_SYNC_DEV:
		return contract_in_map(b, i) && (b->held[i] || b->dir == GEN_TO);
	case GEN_DEV_WRITE:
		return contract_in_map(b, i);
	case GEN_DEV_READ:
		return contract_in_map(b, i) && b->def[i] && !b->held[i];
	case GEN_CPU_READ:
		return b->def[i] && (!contract_in_map(b, i) || b->held[i] || b->dir == GEN_TO);
	case GEN_CPU_WRITE:
		return !contract_in_map(b, i) || b->held[i];
	default:
		return contract_in_map(b, i);
	}
}

static void range(struct making *m, struct gen_op *o)
{
	const struct contract_buf *b = &m->c.b[o->buf];
	u32 size = m->d->buf[o->buf].size, at = prng_below(m->p, size), lo = at, hi = at;

	while (hi < size && fits(b, o->kind, hi))
		hi++;
	while (lo > 0 && fits(b, o->kind, lo - 1))
		lo--;
	if (lo < hi)
		part(m, o, lo, hi - lo);
	/* Few stores at a time: a search tries every order in which they may leave the core. */
	if (m->opt->small && o->kind == GEN_CPU_WRITE && o->n > 16)
		o->n = 16;
}

static struct gen_op proposal(struct making *m, u32 buf)
{
	static const u8 free_kinds[] = {GEN_CPU_WRITE, GEN_CPU_WRITE, GEN_CPU_READ, GEN_MAP,
					GEN_MAP,       GEN_MAP,	      GEN_MAP,	    GEN_MAP};
	static const u8 mapped_kinds[] = {GEN_DEV_WRITE, GEN_DEV_WRITE, GEN_DEV_READ,  GEN_DEV_READ,
					  GEN_SYNC_CPU,	 GEN_SYNC_CPU,	GEN_SYNC_DEV,  GEN_SYNC_DEV,
					  GEN_CPU_READ,	 GEN_CPU_READ,	GEN_CPU_WRITE, GEN_UNMAP};
	const struct contract_buf *b = &m->c.b[buf];
	struct gen_op o = {.buf = (u8)buf, .dir = b->dir};

	if (!b->there)
		return (struct gen_op){.kind = GEN_ALLOC, .buf = (u8)buf};
	if (!b->live && !m->opt->small && prng_chance(m->p, 5))
		return (struct gen_op){.kind = GEN_FREE, .buf = (u8)buf};
	o.kind = b->live ? mapped_kinds[prng_below(m->p, sizeof mapped_kinds)]
			 : free_kinds[prng_below(m->p, sizeof free_kinds)];
	if (o.kind == GEN_MAP)
		return a_map(m, buf);
	if (o.kind == GEN_UNMAP ||
	    (m->d->buf[buf].entries && (o.kind == GEN_SYNC_CPU || o.kind == GEN_SYNC_DEV)))
		o.off = b->moff, o.n = b->mlen;
	else
		range(m, &o);
	return o;
}

/* Reads what means something in [lo, hi), in one piece each. */
static void read_all(struct making *m, u32 buf, u32 lo, u32 hi)
{
	const bool *def = m->c.b[buf].def;

	for (u32 i = lo; i < hi; i++) {
		u32 from = i;

		while (i < hi && def[i])
			i++;
		if (i > from)
			put(m, (struct gen_op){.kind = GEN_CPU_READ,
					       .buf = (u8)buf,
					       .off = (u16)from,
					       .n = (u16)(i - from)});
	}
}

/* What was stored goes to the device, the mapping ends, and what came back is read. */
static void finish(struct making *m, u32 buf)
{
	struct contract_buf *b = &m->c.b[buf];
	u32 end = (u32)b->moff + b->mlen;

	for (u32 i = b->moff; b->live && b->dir != GEN_TO && i < end; i++) {
		u32 from = i;

		while (i < end && b->held[i])
			i++;
		if (i > from && gen_any(b->dirty, from, i))
			put(m, (struct gen_op){.kind = GEN_SYNC_DEV,
					       .buf = (u8)buf,
					       .dir = b->dir,
					       .off = (u16)from,
					       .n = (u16)(i - from)});
	}
	if (b->live)
		put(m, (struct gen_op){.kind = GEN_UNMAP,
				       .buf = (u8)buf,
				       .dir = b->dir,
				       .off = b->moff,
				       .n = b->mlen});
	if (b->there) {
		read_all(m, buf, 0, m->d->buf[buf].size);
		put(m, (struct gen_op){.kind = GEN_FREE, .buf = (u8)buf});
	}
}

static void choose_buffers(struct making *m)
{
	static const u16 sizes[] = {8, 16, 24, 32, 48, 64, 96, 100, 128, 160, 192, 256, 300, 384};
	struct gen_driver *d = m->d;

	d->bufs = m->opt->small ? 1 : 1 + prng_below(m->p, GEN_BUFS);
	for (u32 i = 0; i < d->bufs; i++) {
		struct gen_buf *b = &d->buf[i];

		b->size = sizes[prng_below(m->p, m->opt->small ? 6 : ARRAY_LEN(sizes))];
		b->memory = m->opt->small ? prng_below(m->p, 4) ? GEN_KMALLOC : GEN_PAGE
					  : (u8)prng_below(m->p, 3);
		if (m->opt->lists && prng_chance(m->p, 40))
			b->entries = (u8)(1 + prng_below(m->p, 4));
		/* A neighbour is of the same bucket, so that it lies beside the buffer. */
		if (i && prng_chance(m->p, 30)) {
			*b = d->buf[i - 1];
			b->unmapped = 1;
		}
	}
}

void driver_make(struct gen_driver *d, struct prng *p, const struct gen_options *opt)
{
	struct making m = {.d = d, .p = p, .opt = opt};
	u32 maps = 0, tries = 0;

	memset(d, 0, sizeof *d);
	choose_buffers(&m);
	d->lazy = prng_chance(p, 25);
	d->irq = prng_chance(p, opt->small ? 20 : 40);
	d->line = prng_chance(p, 20) ? 32 : prng_chance(p, 50) ? 64 : GEN_LINE;
	while (d->n < opt->ops && tries++ < opt->ops * 20) {
		u32 buf = prng_below(p, d->bufs);
		struct gen_op o = proposal(&m, buf);

		if (d->n && o.kind == GEN_MAP && opt->small && maps == 2)
			continue;
		if (!put(&m, o))
			continue;
		maps += o.kind == GEN_MAP;
		if ((o.kind == GEN_SYNC_CPU || o.kind == GEN_UNMAP) && prng_chance(p, 60))
			read_all(&m, buf, o.off, (u32)o.off + o.n);
	}
	for (u32 i = 0; i < d->bufs; i++)
		finish(&m, i);
}
