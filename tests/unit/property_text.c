/* SPDX-License-Identifier: MIT */
/* Random drivers as scenarios, their mutants, and making those that fail shorter. */
#include <stdio.h>
#include <string.h>

#include "unit/property_gen.h"

static const char *const dir_name[] = {
    [GEN_BIDI] = "DMA_BIDIRECTIONAL", [GEN_TO] = "DMA_TO_DEVICE", [GEN_FROM] = "DMA_FROM_DEVICE"};

/* bytes("11*4 22*8"): what [off, off + n) must hold. */
static void print_bytes(struct str *o, const u8 *val, u32 off, u32 n)
{
	str_add(o, "bytes(\"");
	for (u32 i = off; i < off + n;) {
		u32 k = 1;

		while (i + k < off + n && val[i + k] == val[i])
			k++;
		str_printf(o, "%s%02x*%u", i == off ? "" : " ", val[i], k);
		i += k;
	}
	str_add(o, "\")");
}

struct gen_piece gen_entry(u32 entries, u32 off, u32 n, u32 k)
{
	u32 lo = n * k / entries, hi = n * (k + 1) / entries;

	return (struct gen_piece){off + lo, hi - lo};
}

static void print_alloc(struct str *out, const struct gen_driver *d, const struct gen_op *o,
			bool again)
{
	const struct gen_buf *b = &d->buf[o->buf];
	const char *type = again ? "" : "u8 *";
	u32 i = o->buf;

	if (b->entries && !again)
		str_printf(out, "  - struct scatterlist sg%u[%u]\n", i, b->entries);
	if (b->memory == GEN_PAGE)
		str_printf(out,
			   "  - pg%u = alloc_page(GFP_KERNEL)\n  - if (!pg%u): return -ENOMEM\n"
			   "  - %sb%u = page_address(pg%u)\n",
			   i, i, type, i, i);
	else
		str_printf(out, "  - %sb%u = %s(%u, GFP_KERNEL)\n  - if (!b%u): return -ENOMEM\n",
			   type, i, b->memory == GEN_KZALLOC ? "kzalloc" : "kmalloc", b->size, i);
}

static void print_list(struct str *out, const struct gen_driver *d, const struct gen_op *o)
{
	u32 i = o->buf, entries = d->buf[i].entries;

	str_printf(out, "  - sg_init_table(sg%u, %u)\n", i, entries);
	for (u32 k = 0; k < entries; k++) {
		struct gen_piece e = gen_entry(entries, o->off, o->n, k);

		if (d->buf[i].memory == GEN_PAGE)
			str_printf(out, "  - sg_set_page(&sg%u[%u], pg%u, %u, %u)\n", i, k, i, e.n,
				   e.off);
		else
			str_printf(out, "  - sg_set_buf(&sg%u[%u], b%u + %u, %u)\n", i, k, i, e.off,
				   e.n);
	}
	str_printf(out, "  - n%u = dma_map_sg(nic, sg%u, %u, %s)\n", i, i, entries,
		   dir_name[o->dir]);
	str_printf(out, "  - if (!n%u): return -ENOMEM\n", i);
}

static void print_map(struct str *out, const struct gen_driver *d, const struct gen_op *o)
{
	u32 i = o->buf;

	if (d->buf[i].entries) {
		print_list(out, d, o);
		return;
	}
	if (d->buf[i].memory == GEN_PAGE)
		str_printf(out, "  - h%u = dma_map_page(nic, pg%u, %u, %u, %s)\n", i, i, o->off,
			   o->n, dir_name[o->dir]);
	else
		str_printf(out, "  - h%u = dma_map_single(nic, b%u + %u, %u, %s)\n", i, i, o->off,
			   o->n, dir_name[o->dir]);
	str_printf(out, "  - if (dma_mapping_error(nic, h%u)): return -ENOMEM\n", i);
}

static void print_sync(struct str *out, const struct gen_driver *d, const struct gen_op *o, u32 at)
{
	const char *to = o->kind == GEN_SYNC_CPU ? "cpu" : "device";

	if (d->buf[o->buf].entries) {
		str_printf(out, "  - dma_sync_sg_for_%s(nic, sg%u, %u, %s)\n", to, o->buf,
			   d->buf[o->buf].entries, dir_name[o->dir]);
		return;
	}
	if (o->form & 1)
		str_printf(out, "  - dma_sync_single_range_for_%s(nic, h%u, %u, %u, %s)\n", to,
			   o->buf, at, o->n, dir_name[o->dir]);
	else
		str_printf(out, "  - dma_sync_single_for_%s(nic, h%u + %u, %u, %s)\n", to, o->buf,
			   at, o->n, dir_name[o->dir]);
}

static void print_store(struct str *out, const struct gen_op *o)
{
	if (o->n == 1 && (o->form & 1))
		str_printf(out, "  - b%u[%u] = 0x%02x\n", o->buf, o->off, o->val);
	else if (o->form & 2)
		str_printf(out, "  - memcpy(b%u + %u, bytes(\"%02x*%u\"), %u)\n", o->buf, o->off,
			   o->val, o->n, o->n);
	else
		str_printf(out, "  - memset(b%u + %u, 0x%02x, %u)\n", o->buf, o->off, o->val, o->n);
}

static void print_check(struct str *out, const struct contract_buf *b, const struct gen_op *o,
			u32 i, bool byte)
{
	const char *var = o->kind == GEN_DEV_READ ? "w" : byte ? "y" : "x";

	for (u32 k = o->off; k < (u32)o->off + o->n; k++)
		if (!b->def[k])
			return; /* only in mutants: it may be anything */
	str_printf(out, "  - assert(%s == ", var);
	if (byte)
		str_printf(out, "0x%02x", b->val[o->off]);
	else
		print_bytes(out, b->val, o->off, o->n);
	str_printf(out, ", \"read %u\")\n", i);
}

/* The device accesses what the operation names, at bytes behind a handle: h, or an entry's. */
static void print_dma(struct str *out, const struct contract_buf *b, const struct gen_op *o, u32 i,
		      const char *entry, u32 at)
{
	char handle[64];

	if (entry)
		snprintf(handle, sizeof handle, "sg_dma_address(&%s)", entry);
	else
		snprintf(handle, sizeof handle, "h%u", o->buf);
	if (o->kind == GEN_DEV_WRITE) {
		str_printf(out, "  - nic: dma_write(%s + %u, bytes(\"%02x*%u\"))\n", handle, at,
			   o->val, o->n);
		return;
	}
	str_printf(out, "  - nic: w = dma_read(%s + %u, %u)\n", handle, at, o->n);
	print_check(out, b, o, i, false);
}

/* The part of it that lies in each entry of a list. */
static void print_pieces(struct str *out, const struct gen_driver *d, const struct contract_buf *b,
			 const struct gen_op *o, u32 i)
{
	u32 entries = d->buf[o->buf].entries;

	for (u32 k = 0; k < entries; k++) {
		struct gen_piece e = gen_entry(entries, b->moff, b->mlen, k);
		u32 lo = o->off > e.off ? o->off : e.off, end = (u32)o->off + o->n;
		u32 hi = end < e.off + e.n ? end : e.off + e.n;
		struct gen_op part = *o;
		char entry[32];

		if (lo >= hi)
			continue;
		part.off = (u16)lo;
		part.n = (u16)(hi - lo);
		snprintf(entry, sizeof entry, "sg%u[%u]", o->buf, k);
		print_dma(out, b, &part, i, entry, lo - e.off);
	}
}

static void print_op(struct str *out, const struct gen_driver *d, const struct contract *c, u32 i,
		     bool again)
{
	const struct gen_op *o = &d->op[i];
	const struct contract_buf *b = &c->b[o->buf];
	u32 at = (u32)o->off - b->moff;
	bool byte = o->kind == GEN_CPU_READ && o->n == 1 && (o->form & 1);

	switch ((enum gen_kind)o->kind) {
	case GEN_ALLOC:
		print_alloc(out, d, o, again);
		break;
	case GEN_FREE:
		str_printf(out,
			   d->buf[o->buf].memory == GEN_PAGE ? "  - __free_page(pg%u)\n"
							     : "  - kfree(b%u)\n",
			   o->buf);
		break;
	case GEN_MAP:
		print_map(out, d, o);
		break;
	case GEN_UNMAP:
		if (d->buf[o->buf].entries) {
			str_printf(out, "  - dma_unmap_sg(nic, sg%u, %u, %s)\n", o->buf,
				   d->buf[o->buf].entries, dir_name[o->dir]);
			break;
		}
		str_printf(out, "  - dma_unmap_%s(nic, h%u, %u, %s)\n",
			   d->buf[o->buf].memory == GEN_PAGE ? "page" : "single", o->buf, o->n,
			   dir_name[o->dir]);
		break;
	case GEN_SYNC_CPU:
	case GEN_SYNC_DEV:
		print_sync(out, d, o, at);
		break;
	case GEN_CPU_WRITE:
		print_store(out, o);
		break;
	case GEN_CPU_READ:
		str_printf(out, byte ? "  - y = b%u[%u]\n" : "  - x = read(b%u + %u, %u)\n", o->buf,
			   o->off, o->n);
		print_check(out, b, o, i, byte);
		break;
	case GEN_DEV_WRITE:
	case GEN_DEV_READ:
		if (d->buf[o->buf].entries)
			print_pieces(out, d, b, o, i);
		else
			print_dma(out, b, o, i, NULL, at);
		break;
	default:
		break;
	}
}

/* What a handler may do: nothing that allocates, no map, whose failure it would have to tell. */
u32 driver_handled(const struct gen_driver *d, u32 i)
{
	u32 n = 0;

	if (!d->irq || d->op[i].kind < GEN_DEV_WRITE)
		return 0;
	while (i + n + 1 < d->n && d->op[i + n + 1].kind >= GEN_UNMAP &&
	       d->op[i + n + 1].kind < GEN_DEV_WRITE)
		n++;
	return n;
}

/* Each line of text, six columns further in. */
static void indent(struct str *out, const char *text)
{
	for (const char *end; *text; text = end) {
		end = strchr(text, '\n') + 1;
		str_add(out, "      ");
		str_addn(out, text, (size_t)(end - text));
	}
}

struct printing {
	const struct gen_driver *d;
	struct contract c;
	bool seen[GEN_BUFS];
};

static void print_next(struct printing *p, u32 i, struct str *out)
{
	const struct gen_op *o = &p->d->op[i];

	print_op(out, p->d, &p->c, i, p->seen[o->buf]);
	p->seen[o->buf] = true;
	contract_apply(&p->c, p->d, o);
}

/* n operations behind the i-th one, for the irqs-th interrupt. */
static void print_handler(struct printing *p, u32 i, u32 n, u32 irqs, struct str *out)
{
	struct str part = {0};

	for (u32 k = 1; k <= n; k++)
		print_next(p, i + k, &part);
	str_printf(out, "    - if (irqs == %u):\n", irqs);
	indent(out, str_get(&part));
	str_free(&part);
}

void driver_print(const struct gen_driver *d, const char *platforms, struct str *out)
{
	struct printing p = {.d = d};
	struct str driver = {0}, handler = {0};
	u32 irqs = 0;

	for (u32 i = 0; i < d->n; i++) {
		u32 n = driver_handled(d, i);

		print_next(&p, i, &driver);
		if (!n)
			continue;
		print_handler(&p, i, n, irqs++, &handler);
		str_printf(&driver, "  - nic: raise_irq()\n  - wait_event(irqs == %u)\n", irqs);
		i += n;
	}
	str_printf(out,
		   "schema: 1\nid: random-driver\ntitle: A random driver\nplatforms: %s\n"
		   "devices:\n  nic: {address_bits: 32}\n",
		   platforms);
	if (irqs)
		str_printf(out,
			   "functions:\n  done():\n%s    - irqs++\ndriver:\n  - irqs = 0\n"
			   "  - request_irq(nic.irq, done)\n%s  - free_irq(nic.irq)\n",
			   str_get(&handler), str_get(&driver));
	else
		str_printf(out, "driver:\n%s", str_get(&driver));
	str_free(&driver);
	str_free(&handler);
}

/* ---- rings ---- */

void ring_make(struct gen_ring *r, struct prng *p)
{
	*r = (struct gen_ring){.slots = 1 + prng_below(p, 3), .n = 8u << prng_below(p, 5)};
	for (u32 i = 0; i < r->slots; i++)
		r->dir[i] = (u8)prng_below(p, 3);
	r->kick = prng_chance(p, 50);
	r->read_once = prng_chance(p, 50);
	r->irq = prng_chance(p, 50);
}

/* What the engine does for one descriptor: looks, reads, writes, says that it is done. */
static void print_engine(const struct gen_ring *r, u32 i, struct str *out)
{
	if (r->kick)
		str_printf(out, "      - wait_event(regs[KICK] > %u)\n", i);
	else
		str_printf(out, "      - poll(d[%u].flags & VALID)\n", i);
	if (r->dir[i] != GEN_FROM)
		str_printf(out,
			   "      - w = dma_read(d[%u].addr, %u)\n"
			   "      - assert(w == bytes(\"%02x*%u\"), \"payload %u\")\n",
			   i, r->n, 0x10 + i, r->n, i);
	str_printf(out, "      - len = d[%u].len\n      - assert(len == %u, \"length %u\")\n", i,
		   r->n, i);
	if (r->dir[i] != GEN_TO)
		str_printf(out, "      - dma_write(d[%u].addr, bytes(\"%02x*%u\"))\n", i, 0x80 + i,
			   r->n);
	str_printf(out, "      - d[%u].status = DONE\n", i);
	if (r->irq)
		str_add(out, "      - raise_irq()\n");
}

static void print_slot(const struct gen_ring *r, u32 i, struct str *out)
{
	const char *dir = dir_name[r->dir[i]];

	str_printf(out, "  - u8 *b%u = kmalloc(%u, GFP_KERNEL)\n  - if (!b%u): return -ENOMEM\n", i,
		   r->n, i);
	if (r->dir[i] != GEN_FROM)
		str_printf(out, "  - memset(b%u, 0x%02x, %u)\n", i, 0x10 + i, r->n);
	str_printf(out,
		   "  - h%u = dma_map_single(engine, b%u, %u, %s)\n"
		   "  - if (dma_mapping_error(engine, h%u)): return -ENOMEM\n"
		   "  - d[%u].addr = cpu_to_le64(h%u)\n  - d[%u].len = cpu_to_le32(%u)\n",
		   i, i, r->n, dir, i, i, i, i, r->n);
	if (r->kick)
		str_printf(out, "  - writel(%u, engine.regs + KICK)\n", i + 1);
	else
		str_printf(out, "  - dma_wmb()\n  - d[%u].flags = cpu_to_le32(VALID)\n", i);
}

void ring_print(const struct gen_ring *r, const char *platforms, struct str *out)
{
	str_printf(out,
		   "schema: 1\nid: random-ring\ntitle: A random ring\nplatforms: %s\nheader: |\n"
		   "  #define VALID BIT(0)\n  #define DONE BIT(1)\n  #define RING 0x00\n"
		   "  #define GO 0x08\n  #define KICK 0x10\n  struct desc {\n      __le64 addr;\n"
		   "      __le32 len;\n      __le32 flags;\n      __le64 status;\n  };\n"
		   "devices:\n  engine:\n    address_bits: 32\n    program:\n"
		   "      - wait_event(regs[GO] > 0)\n      - struct desc *d = regs[RING]\n",
		   platforms);
	for (u32 i = 0; i < r->slots; i++)
		print_engine(r, i, out);
	/* A wire may be faster than the data: the status is looked at all the same. */
	str_printf(out,
		   "%sdriver:\n%s"
		   "  - struct desc *d = dma_alloc_coherent(engine, %u * sizeof(*d), &ring, "
		   "GFP_KERNEL)\n  - if (!d): return -ENOMEM\n"
		   "  - writel(lower_32_bits(ring), engine.regs + RING)\n"
		   "  - writel(1, engine.regs + GO)\n",
		   r->irq ? "functions:\n  done():\n    - irqs++\n" : "",
		   r->irq ? "  - irqs = 0\n  - request_irq(engine.irq, done)\n" : "", r->slots);
	for (u32 i = 0; i < r->slots; i++)
		print_slot(r, i, out);
	for (u32 i = 0; i < r->slots; i++) {
		if (r->irq)
			str_printf(out, "  - wait_event(irqs > %u)\n", i);
		str_printf(out,
			   r->read_once ? "  - poll(le64_to_cpu(READ_ONCE(d[%u].status)) & DONE)\n"
					: "  - poll(le64_to_cpu(d[%u].status) & DONE)\n",
			   i);
		str_printf(out, "  - dma_rmb()\n  - dma_unmap_single(engine, h%u, %u, %s)\n", i,
			   r->n, dir_name[r->dir[i]]);
		str_printf(out,
			   "  - x = read(b%u, %u)\n  - assert(x == bytes(\"%02x*%u\"), "
			   "\"buffer %u\")\n  - kfree(b%u)\n",
			   i, r->n, (r->dir[i] == GEN_TO ? 0x10 : 0x80) + i, r->n, i, i);
	}
	if (r->irq)
		str_add(out, "  - free_irq(engine.irq)\n");
	str_printf(out, "  - dma_free_coherent(engine, %u * sizeof(*d), d, ring)\n", r->slots);
}

/* ---- mutants ---- */

static void leave_out(struct gen_driver *d, u32 i)
{
	memmove(&d->op[i], &d->op[i + 1], (--d->n - i) * sizeof d->op[0]);
}

/* Moves operation i to stand where operation k stands. */
static void move(struct gen_driver *d, u32 i, u32 k)
{
	struct gen_op o = d->op[i];

	for (; i < k; i++)
		d->op[i] = d->op[i + 1];
	for (; i > k; i--)
		d->op[i] = d->op[i - 1];
	d->op[k] = o;
}

bool driver_mutant(const struct gen_driver *d, u32 i, struct gen_driver *out, enum gen_fault *f)
{
	u32 k = i;

	*out = *d;
	switch ((enum gen_kind)d->op[i].kind) {
	case GEN_SYNC_CPU:
	case GEN_SYNC_DEV:
		*f = d->op[i].kind == GEN_SYNC_CPU ? GEN_NO_SYNC_CPU : GEN_NO_SYNC_DEV;
		leave_out(out, i);
		return true;
	case GEN_UNMAP:
		*f = GEN_LATE_UNMAP;
		while (++k < d->n &&
		       (d->op[k].buf != d->op[i].buf || d->op[k].kind < GEN_CPU_WRITE))
			if (d->op[k].buf == d->op[i].buf)
				return false; /* freed or mapped before anybody looks */
		break;
	case GEN_MAP:
		*f = GEN_EARLY_MAP;
		while (k-- > 0 && (d->op[k].buf != d->op[i].buf || d->op[k].kind != GEN_CPU_WRITE))
			if (d->op[k].buf == d->op[i].buf && d->op[k].kind != GEN_CPU_READ)
				return false; /* not stored to since it was there or mapped */
		break;
	default:
		return false;
	}
	if (k >= d->n)
		return false;
	move(out, i, k);
	return true;
}

/* ---- shorter ---- */

static bool better(struct gen_driver *d, const struct gen_driver *t,
		   bool (*fails)(void *ctx, const struct gen_driver *d), void *ctx)
{
	if (!t->n || t->n == d->n || !contract_kept(t) || !fails(ctx, t))
		return false;
	*d = *t;
	return true;
}

/* Without what is done to the buffer of operation i from there to operation k: a transfer, say. */
static void leave_out_all(struct gen_driver *d, u32 i, u32 k)
{
	u8 buf = d->op[i].buf;

	for (u32 at = k + 1; at-- > i;)
		if (d->op[at].buf == buf)
			leave_out(d, at);
}

/* The longest that can go from operation i on; else it and a later one. */
static bool shorten_at(struct gen_driver *d, u32 i,
		       bool (*fails)(void *ctx, const struct gen_driver *d), void *ctx)
{
	struct gen_driver t;

	for (u32 k = d->n; k-- > i;) {
		if (d->op[k].buf != d->op[i].buf)
			continue;
		t = *d;
		leave_out_all(&t, i, k);
		if (better(d, &t, fails, ctx))
			return true;
		t = *d;
		leave_out(&t, k);
		if (k > i)
			leave_out(&t, i);
		if (better(d, &t, fails, ctx))
			return true;
	}
	return false;
}

void driver_shorten(struct gen_driver *d, bool (*fails)(void *ctx, const struct gen_driver *d),
		    void *ctx)
{
	for (bool again = true; again;) {
		again = false;
		for (u32 i = d->n; i-- > 0;)
			if (i < d->n)
				again |= shorten_at(d, i, fails, ctx);
	}
}
