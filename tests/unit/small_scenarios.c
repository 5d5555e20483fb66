/* SPDX-License-Identifier: MIT */
#include "unit/small_scenarios.h"

#include <stdio.h>
#include <string.h>

/*
 * OP(id, actors, weights by memory): who can do it (bits of 1 << enum small_actor), and how often
 * it is taken in each memory: kmalloc, two, placed, coherent, both.
 */
#define CPUS   (1 << SMALL_DRIVER | 1 << SMALL_HANDLER | 1 << SMALL_WORK)
#define DRIVER (1 << SMALL_DRIVER)
#define CALLS  (1 << SMALL_DRIVER | 1 << SMALL_HANDLER)
#define DEVICE (1 << SMALL_DEVICE)
#define OPS_TABLE                                                                                  \
	OP(STORE, CPUS, 8, 8, 8, 8, 8)                                                             \
	OP(LOAD, CPUS, 8, 8, 8, 8, 8)                                                              \
	OP(INDEXED, CPUS, 1, 0, 1, 2, 2)                                                           \
	OP(FILL, CPUS, 2, 2, 2, 1, 1)                                                              \
	OP(NEIGHBOUR, CPUS, 0, 6, 0, 0, 0)                                                         \
	OP(MAP, DRIVER, 6, 6, 0, 0, 5)                                                             \
	OP(UNMAP, CALLS, 5, 5, 0, 0, 4)                                                            \
	OP(SYNC_CPU, CALLS, 4, 4, 0, 0, 3)                                                         \
	OP(SYNC_DEV, CALLS, 4, 4, 0, 0, 3)                                                         \
	OP(FREE, DRIVER, 1, 1, 0, 0, 1)                                                            \
	OP(CLEAN, CPUS, 0, 0, 5, 0, 0)                                                             \
	OP(BARRIER, CPUS, 1, 1, 2, 5, 4)                                                           \
	OP(DOORBELL, CALLS, 3, 3, 5, 4, 3)                                                         \
	OP(STATUS, CALLS, 1, 1, 1, 2, 2)                                                           \
	OP(POLL, DRIVER, 1, 1, 2, 3, 3)                                                            \
	OP(POLL_STATUS, DRIVER, 1, 1, 1, 2, 1)                                                     \
	OP(WAIT, DRIVER, 2, 2, 3, 3, 3)                                                            \
	OP(IRQ_OFF, DRIVER, 1, 1, 1, 1, 1)                                                         \
	OP(WORK, DRIVER, 2, 1, 2, 2, 1)                                                            \
	OP(FLUSH, DRIVER, 1, 1, 1, 1, 1)                                                           \
	OP(DEV_READ, DEVICE, 5, 5, 5, 5, 5)                                                        \
	OP(DEV_WRITE, DEVICE, 6, 6, 6, 6, 6)                                                       \
	OP(DEV_WAIT, DEVICE, 2, 2, 3, 2, 2)                                                        \
	OP(DEV_POLL, DEVICE, 0, 0, 1, 2, 2)                                                        \
	OP(DEV_STATUS, DEVICE, 1, 1, 1, 2, 2)                                                      \
	OP(DEV_IRQ, DEVICE, 2, 2, 3, 3, 3)

enum op_kind {
#define OP(id, ...) OP_##id,
	OPS_TABLE
#undef OP
	    OP_KINDS
};

static const struct op_row {
	u8 actors, weight[SMALL_MEMORIES];
} op_row[] = {
#define OP(id, a, k, t, p, c, b) {a, {k, t, p, c, b}},
    OPS_TABLE
#undef OP
};

static bool chance(struct prng *p, u32 in100)
{
	return prng_below(p, 100) < in100;
}

/* ---- making ---- */

static void make_machine(struct small_machine *m, struct prng *p)
{
	static const char *const arch[] = {"arm64",	"arm64",   "riscv",  "mips-24k",
					   "mips-r10k", "powerpc", "xtensa", "armv7-pl310"};

	m->arch = arch[prng_below(p, 8)];
	m->coherent = chance(p, 20);
	m->speculates = chance(p, 40);
	m->sets = 1 + (u8)prng_below(p, 2);
	m->ways = 1 + (u8)prng_below(p, 2);
	m->choice = chance(p, 40);
	m->through = chance(p, 12);
	m->outer_ways =
	    strcmp(m->arch, "armv7-pl310") == 0 || chance(p, 8) ? 1 + (u8)prng_below(p, 2) : 0;
	m->entries = (u8)prng_below(p, 3);
	m->weak = m->entries && chance(p, 50);
	m->early_loads = chance(p, 25);
	m->passes = (u8)prng_below(p, 2);
	m->bounce = chance(p, 12);
	m->cpus = 1;
}

static u8 pick_kind(const struct small *s, u32 actor, struct prng *p)
{
	u32 all = 0, at;

	for (u32 k = 0; k < OP_KINDS; k++)
		if (op_row[k].actors >> actor & 1)
			all += op_row[k].weight[s->memory];
	at = prng_below(p, all);
	for (u32 k = 0; k < OP_KINDS; k++) {
		u32 w = op_row[k].actors >> actor & 1 ? op_row[k].weight[s->memory] : 0;

		if (at < w)
			return (u8)k;
		at -= w;
	}
	return OP_LOAD;
}

static u32 bytes_of(const struct small *s)
{
	return s->memory == SMALL_TWO ? 8 : s->memory == SMALL_BOTH ? 16 : 32;
}

/* Few places, so that they meet. */
static u8 pick_off(const struct small *s, struct prng *p)
{
	static const u8 places[] = {0, 0, 1, 8, 16, 16, 17, 15};

	return places[prng_below(p, 8)] % (u8)bytes_of(s);
}

/* All of it, a line, or a part. */
static void pick_range(const struct small *s, struct small_op *o, struct prng *p)
{
	static const u8 parts[] = {1, 8, 16, 24};
	u32 all = bytes_of(s);

	o->off = 0;
	o->n = (u8)all;
	if (chance(p, 60))
		return;
	o->off = chance(p, 50) ? 0 : 16 % (u8)all;
	o->n = parts[prng_below(p, 4)];
	if (o->off + o->n > (u8)all)
		o->n = (u8)(all - o->off);
}

static u32 pick_actor(const struct small *s, u32 i, struct prng *p)
{
	u32 r = prng_below(p, 100);

	if (r < 35)
		return SMALL_DEVICE;
	if (r < 42 && i > 2)
		return SMALL_HANDLER;
	if (r < 50 && i > 2 && s->m.cpus > 1)
		return SMALL_WORK;
	return SMALL_DRIVER;
}

static struct small_op make_op(const struct small *s, u32 i, u8 dir, struct prng *p)
{
	struct small_op o = {.actor = (u8)pick_actor(s, i, p)};

	o.kind = pick_kind(s, o.actor, p);
	/* Nothing can be handed over before it is mapped. */
	if (i == 0 && op_row[OP_MAP].weight[s->memory]) {
		o.kind = OP_MAP;
		o.actor = SMALL_DRIVER;
	}
	if ((o.kind >= OP_MAP && o.kind <= OP_SYNC_DEV) || o.kind == OP_CLEAN)
		pick_range(s, &o, p);
	else
		o.off = pick_off(s, p), o.n = chance(p, 30) ? 8 : 1;
	if (o.off + o.n > bytes_of(s))
		o.n = (u8)(bytes_of(s) - o.off);
	o.val = 1 + (u8)prng_below(p, 2);
	o.dir = chance(p, 80) ? dir : (u8)prng_below(p, 3);
	o.form = (u8)prng_below(p, 256);
	o.flag = s->memory == SMALL_BOTH && chance(p, 50);
	if (o.flag && o.off + o.n > 8)
		o.off = o.off % 2, o.n = 1;
	return o;
}

void small_make(struct small *s, u64 seed)
{
	struct prng p = {seed};
	u8 dir;

	*s = (struct small){0};
	s->memory = (u8)prng_below(&p, SMALL_MEMORIES);
	make_machine(&s->m, &p);
	s->program = s->memory >= SMALL_PLACED ? chance(&p, 80) : chance(&p, 40);
	s->relaxed = chance(&p, 50);
	s->asserts = seed % 5 == 0;
	s->m.cpus = 1 + chance(&p, 12);
	s->zeroed = chance(&p, 60);
	s->n = 3 + prng_below(&p, SMALL_OPS - 2);
	dir = (u8)prng_below(&p, 3);
	/* In the order in which the driver would have them: what is driven by hand stands there. */
	for (u32 i = 0; i < s->n; i++)
		s->op[i] = make_op(s, i, dir, &p);
}

void small_leave_out(struct small *s, u32 i)
{
	memmove(&s->op[i], &s->op[i + 1], (--s->n - i) * sizeof s->op[0]);
}

/* ---- printing ---- */

struct printing {
	const struct small *s;
	struct str part[SMALL_ACTORS];
	bool started; /* the device's program knows where to look */
	u32 mapped;   /* maps so far: the handle is set */
	bool irq_off;
};

static const char *const dir_name[] = {"DMA_BIDIRECTIONAL", "DMA_TO_DEVICE", "DMA_FROM_DEVICE"};

static const char *base(const struct small_op *o)
{
	return o->flag ? "c" : "b";
}

static void print_machine(const struct small_machine *m, struct str *out)
{
	static const char *const yes[] = {"false", "true"};

	str_printf(out,
		   "platforms:\n  - small: {like: classroom, arch: %s, coherent: %s, cpus: %u,\n",
		   m->coherent ? "arm64" : m->arch, yes[m->coherent], m->cpus);
	str_printf(out, "            cache: {line: 16, sets: %u, ways: %u, replacement: %s%s},\n",
		   m->sets, m->ways, m->choice ? "choice" : "lru",
		   m->through ? ", write: through" : "");
	if (m->outer_ways)
		str_printf(out, "            outer_cache: {sets: 1, ways: %u, replacement: lru},\n",
			   m->outer_ways);
	str_printf(out, "            store_buffer: {entries: %u, order: %s, mmio_passes: %u},\n",
		   m->entries, m->weak ? "weak" : "tso", m->passes);
	str_printf(
	    out,
	    "            speculates: %s, early_loads: %s, dma_minalign: 8, l1_cache_bytes: 8,\n"
	    "            swiotlb: %s}\n",
	    yes[m->speculates], yes[m->early_loads],
	    m->bounce ? "{size: 64KiB, force: true}" : "none");
}

/* What the device's address of byte 0 is, in its own steps. */
static void print_dev_op(struct printing *p, const struct small_op *o, u32 i)
{
	struct str *out = &p->part[SMALL_DEVICE];

	switch ((enum op_kind)o->kind) {
	case OP_DEV_READ:
		str_printf(out, "      - w = m[%u]\n", o->off);
		if (o->form & 1)
			str_printf(out, "      - assert(w == %u, \"device %u\")\n", o->val, i);
		if ((o->form & 6) == 6)
			str_printf(out, "      - if (w == %u): m[%u] = 3\n", o->val, o->off ^ 1);
		break;
	case OP_DEV_WRITE:
		if (o->n > 1 || p->s->relaxed)
			str_printf(out, "      - dma_write(at + %u, bytes(\"%02x*%u\")%s)\n",
				   o->off, o->val, o->n,
				   p->s->relaxed && o->form & 1 ? ", RELAXED" : "");
		else
			str_printf(out, "      - m[%u] = %u\n", o->off, o->val);
		break;
	case OP_DEV_WAIT:
		str_printf(out, "      - wait_event(regs[GO] >= %u)\n", o->val);
		break;
	case OP_DEV_POLL:
		str_printf(out, "      - poll(m[%u] == %u)\n", o->off, o->val);
		break;
	case OP_DEV_STATUS:
		str_printf(out, "      - regs[STATUS] = %u\n", o->val);
		break;
	default:
		str_add(out, "      - raise_irq()\n");
		break;
	}
}

/* The same, driven by hand, in the driver's order. */
static void print_hand_op(struct printing *p, const struct small_op *o, u32 i)
{
	struct str *out = &p->part[SMALL_DRIVER];

	switch ((enum op_kind)o->kind) {
	case OP_DEV_READ:
		if (!p->mapped)
			break;
		str_printf(out, "  - dev: w = dma_read(h + %u, %u)\n", o->off, o->n);
		if (o->form & 1)
			str_printf(out, "  - assert(w == bytes(\"%02x*%u\"), \"device %u\")\n",
				   o->val, o->n, i);
		break;
	case OP_DEV_WRITE:
		if (p->mapped)
			str_printf(out, "  - dev: dma_write(h + %u, bytes(\"%02x*%u\")%s)\n",
				   o->off, o->val, o->n,
				   p->s->relaxed && o->form & 1 ? ", RELAXED" : "");
		break;
	case OP_DEV_STATUS:
		str_printf(out, "  - dev: regs[STATUS] = %u\n", o->val);
		break;
	case OP_DEV_IRQ:
		str_add(out, "  - dev: raise_irq()\n");
		break;
	default:
		break;
	}
}

static void print_doorbell(struct printing *p, const struct small_op *o, const char *in,
			   struct str *out)
{
	const char *how = p->s->relaxed && (o->form & 1) ? "_relaxed" : "";

	if (p->s->program && !p->started && p->mapped)
		str_printf(out, "%s- writel%s(lower_32_bits(h), dev.regs + AT)\n", in, how);
	else
		str_printf(out, "%s- writel%s(%u, dev.regs + GO)\n", in, how, o->val);
	p->started |= p->mapped > 0;
}

static void print_call(struct printing *p, const struct small_op *o, const char *in,
		       struct str *out)
{
	static const char *const clean[] = {"dcache_clean_poc", "dcache_inval_poc",
					    "dcache_clean_inval_poc"};
	static const char *const barrier[] = {"dma_wmb", "dma_rmb", "wmb", "rmb", "mb", "smp_wmb"};

	switch ((enum op_kind)o->kind) {
	case OP_MAP:
		str_printf(out, "%s- h = dma_map_single(dev, b + %u, %u, %s)\n", in, o->off, o->n,
			   dir_name[o->dir]);
		if (o->form & 3)
			str_printf(out, "%s- if (dma_mapping_error(dev, h)): return -ENOMEM\n", in);
		p->mapped++;
		break;
	case OP_UNMAP:
		if (p->mapped)
			str_printf(out, "%s- dma_unmap_single(dev, h, %u, %s)\n", in, o->n,
				   dir_name[o->dir]);
		break;
	case OP_SYNC_CPU:
	case OP_SYNC_DEV:
		if (p->mapped)
			str_printf(out, "%s- dma_sync_single_for_%s(dev, h + %u, %u, %s)\n", in,
				   o->kind == OP_SYNC_CPU ? "cpu" : "device", o->off, o->n,
				   dir_name[o->dir]);
		break;
	case OP_FREE:
		str_printf(out, "%s- kfree(b)\n", in);
		break;
	case OP_CLEAN:
		str_printf(out, "%s- %s(b + %u, b + %u)\n", in, clean[o->form % 3], o->off,
			   o->off + o->n);
		break;
	case OP_BARRIER:
		str_printf(out, "%s- %s()\n", in, barrier[o->form % 6]);
		break;
	case OP_DOORBELL:
		print_doorbell(p, o, in, out);
		break;
	case OP_STATUS:
		str_printf(out, "%s- v = readl%s(dev.regs + STATUS)\n", in,
			   p->s->relaxed && (o->form & 1) ? "_relaxed" : "");
		break;
	default:
		break;
	}
}

/* What only the driver itself does. */
static void print_wait(struct printing *p, const struct small_op *o, struct str *out)
{
	switch ((enum op_kind)o->kind) {
	case OP_POLL:
		str_printf(out, "  - poll(%s[%u] == %u%s)\n", base(o), o->off, o->val,
			   o->form & 1 ? ", 2" : "");
		break;
	case OP_POLL_STATUS:
		str_printf(out, "  - poll(readl%s(dev.regs + STATUS) == %u%s)\n",
			   p->s->relaxed && (o->form & 2) ? "_relaxed" : "", o->val,
			   o->form & 1 ? ", 2" : "");
		break;
	case OP_WAIT:
		str_add(out, "  - wait_event(irqs > 0)\n");
		break;
	case OP_IRQ_OFF:
		str_printf(out, "  - local_irq_%s()\n", p->irq_off ? "enable" : "disable");
		p->irq_off = !p->irq_off;
		break;
	case OP_WORK:
		if (p->s->m.cpus > 1)
			str_add(out, "  - schedule_work_on(1, work)\n");
		break;
	default:
		if (p->s->m.cpus > 1)
			str_add(out, "  - flush_work(work)\n");
		break;
	}
}

static void print_cpu_op(struct printing *p, const struct small_op *o, u32 i)
{
	struct str *out = &p->part[o->actor];
	const char *in = o->actor == SMALL_DRIVER ? "  " : "    ", *b = base(o);

	switch ((enum op_kind)o->kind) {
	case OP_STORE:
		str_printf(out, "%s- %s[%u] = %u\n", in, b, o->off, o->val);
		break;
	case OP_LOAD:
		str_printf(out, "%s- x = %s[%u]\n", in, b, o->off);
		if (o->form & 1)
			str_printf(out, "%s- assert(x == %u, \"read %u\")\n", in, o->val, i);
		break;
	case OP_INDEXED:
		str_printf(out, "%s- i = %s[%u]\n%s- x = b[i & 1]\n", in, b, o->off, in);
		break;
	case OP_FILL:
		str_printf(out, "%s- memset(%s + %u, %u, %u)\n", in, b, o->off, o->val, o->n);
		break;
	case OP_NEIGHBOUR:
		if (o->form & 1)
			str_printf(out, "%s- a[%u] = %u\n", in, o->off, o->val);
		else
			str_printf(out, "%s- x = a[%u]\n", in, o->off);
		break;
	case OP_POLL:
	case OP_POLL_STATUS:
	case OP_WAIT:
	case OP_IRQ_OFF:
	case OP_WORK:
	case OP_FLUSH:
		print_wait(p, o, out);
		break;
	default:
		print_call(p, o, in, out);
		break;
	}
}

/* Allocations; the handle, where it is known from the start. */
static void print_memory(struct printing *p, struct str *out)
{
	const char *alloc = p->s->zeroed ? "kzalloc" : "kmalloc";

	switch ((enum small_memory)p->s->memory) {
	case SMALL_KMALLOC:
		str_printf(out, "  - u8 *b = %s(32, GFP_KERNEL)\n", alloc);
		break;
	case SMALL_TWO:
		str_printf(out, "  - u8 *b = %s(8, GFP_KERNEL)\n", alloc);
		str_add(out, "  - u8 *a = kzalloc(8, GFP_KERNEL)\n");
		break;
	case SMALL_PLACED:
		str_add(out, "  - lab: u8 *b = place(32, 0x10000)\n"
			     "  - h = (dma_addr_t)virt_to_phys(b)\n");
		p->mapped = 1;
		break;
	case SMALL_COHERENT:
		str_add(out, "  - u8 *b = dma_alloc_coherent(dev, 32, &h, GFP_KERNEL)\n");
		p->mapped = 1;
		break;
	default:
		str_printf(out, "  - u8 *b = %s(16, GFP_KERNEL)\n", alloc);
		str_add(out, "  - u8 *c = dma_alloc_coherent(dev, 8, &ch, GFP_KERNEL)\n");
		break;
	}
}

static bool does(const struct small *s, u32 actor)
{
	for (u32 i = 0; i < s->n; i++)
		if (s->op[i].actor == actor)
			return true;
	return false;
}

static bool waits_for_irq(const struct small *s)
{
	for (u32 i = 0; i < s->n; i++)
		if (s->op[i].kind == OP_DEV_IRQ || s->op[i].kind == OP_WAIT)
			return true;
	return does(s, SMALL_HANDLER);
}

void small_print(const struct small *s, struct str *out)
{
	struct printing p = {.s = s};
	struct str memory = {0};
	bool irq = waits_for_irq(s);

	print_memory(&p, &memory);
	for (u32 i = 0; i < s->n; i++)
		if (s->op[i].actor != SMALL_DEVICE)
			print_cpu_op(&p, &s->op[i], i);
		else if (s->program)
			print_dev_op(&p, &s->op[i], i);
		else
			print_hand_op(&p, &s->op[i], i);
	str_add(out, "schema: 1\nid: small\ntitle: A small scenario\n");
	print_machine(&s->m, out);
	str_add(out, "header: |\n  #define GO 0x00\n  #define AT 0x08\n  #define STATUS 0x10\n");
	if (s->program && does(s, SMALL_DEVICE)) {
		str_add(out, "devices:\n  dev:\n    address_bits: 32\n    program:\n");
		str_add(out, s->memory == SMALL_PLACED
				 ? "      - at = 0x10000\n"
				 : "      - wait_event(regs[AT] != 0)\n      - at = regs[AT]\n");
		str_printf(out, "      - u8 *m = at\n%s", str_get(&p.part[SMALL_DEVICE]));
	} else {
		str_add(out, "devices:\n  dev: {address_bits: 32}\n");
	}
	if (irq || s->m.cpus > 1)
		str_add(out, "functions:\n");
	if (irq)
		str_printf(out, "  done():\n%s    - irqs++\n", str_get(&p.part[SMALL_HANDLER]));
	if (s->m.cpus > 1)
		str_printf(out, "  work():\n    - works++\n%s", str_get(&p.part[SMALL_WORK]));
	str_printf(out, "driver:\n  - irqs = 0\n  - works = 0\n%s%s%s", str_get(&memory),
		   irq ? "  - request_irq(dev.irq, done)\n" : "", str_get(&p.part[SMALL_DRIVER]));
	if (s->asserts)
		str_add(out, "oracle: asserts\n");
	for (u32 k = 0; k < SMALL_ACTORS; k++)
		str_free(&p.part[k]);
	str_free(&memory);
}

/* ---- what was made ---- */

void small_count(struct small_cover *c, const struct small *s)
{
	c->n++;
	c->coherent += s->m.coherent;
	c->speculates += s->m.speculates;
	c->weak += s->m.weak;
	c->bounce += s->m.bounce;
	c->outer += s->m.outer_ways > 0;
	c->through += s->m.through;
	c->choice += s->m.choice;
	c->program += s->program;
	c->cpus += s->m.cpus > 1;
	c->memory[s->memory]++;
}

void small_cover_print(const struct small_cover *c)
{
	printf("%u scenarios: %u coherent, %u speculating, %u weak, %u bouncing, %u with an outer "
	       "cache, %u write-through, %u with replacement by choice, %u with a program, %u with "
	       "two CPUs; %u kmalloc, %u two in one line, %u placed, %u coherent memory, %u both\n",
	       c->n, c->coherent, c->speculates, c->weak, c->bounce, c->outer, c->through,
	       c->choice, c->program, c->cpus, c->memory[0], c->memory[1], c->memory[2],
	       c->memory[3], c->memory[4]);
}
