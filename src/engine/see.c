/* SPDX-License-Identifier: MIT */
/* What asserts look at: the three truths. Nothing is loaded, filled or learned. */
#include "base/bug.h"
#include "engine/vm_int.h"

static void saw(struct engine *e, u64 pa)
{
	if (e->saw)
		e->saw(e->saw_ctx, pa, 1);
}

static bool resolve(struct engine *e, u64 va, phys_addr_t *pa, enum memtype *type)
{
	if (va_translate(&e->hw, (cpu_addr_t){va}, pa, type)) {
		saw(e, pa->pa);
		return true;
	}
	vm_bug(e, "an assert looks at an address where no memory is mapped");
	return false;
}

static bool look(struct engine *e, u64 va, u8 *out, u32 n, bool cpu)
{
	for (u32 i = 0; i < n; i++) {
		enum memtype type;
		phys_addr_t pa;
		struct view v;

		if (!resolve(e, va + i, &pa, &type))
			return false;
		if (cpu) {
			cpu_peek(&e->hw, pa.pa, type, 1, &v);
			out[i] = v.data[0];
		} else {
			memory_peek(&e->hw, pa.pa, &out[i], 1);
		}
	}
	return true;
}

static bool device_look(struct engine *e, u32 dev, u64 bus, u8 *out, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		phys_addr_t pa;
		struct view v;

		if (bus_to_phys(&e->hw, dev, (dma_addr_t){bus + i}, &pa) &&
		    memory_is_ram(&e->hw, pa.pa, 1)) {
			saw(e, pa.pa);
			dma_peek(&e->hw, dev, pa.pa, 1, &v);
			out[i] = v.data[0];
		} else {
			out[i] = 0xff;
		}
	}
	return true;
}

static void bytes(struct engine *e, const struct insn *i)
{
	u64 n = vm_pop(e).v, at = vm_pop(e).v;
	u64 dev = i->a == SEE_DEVICE ? vm_pop(e).v : 0;
	u32 base;
	u8 *room;
	bool ok;

	if (n > 64u << 10) {
		vm_bug(e, "an assert looks at more than 64 KiB at once");
		return;
	}
	base = vm_pool_take(e, (u32)n);
	if (world_now(e->w)->limit || n == 0) {
		vm_push_value(e, (struct value){0, 0, 0});
		return;
	}
	room = world_mut(e->w, e->pool + (u32)offsetof(struct pool, bytes) + base, (u32)n);
	ok = i->a == SEE_DEVICE ? device_look(e, (u32)dev, at, room, (u32)n)
				: look(e, at, room, (u32)n, i->a == SEE_CPU);
	if (ok)
		vm_push_value(e, (struct value){base, (u32)n, 0});
}

static void number(struct engine *e, const struct insn *i)
{
	u64 va = vm_pop(e).v, x = 0;
	u8 data[8] = {0};

	if (!look(e, va, data, i->size, i->a == SEE_CPU_INT))
		return;
	memcpy(&x, data, 8);
	if (e->cfg->hw.big_endian)
		x = __builtin_bswap64(x) >> (64 - 8 * i->size);
	vm_push(e, x);
}

static void line(struct engine *e, const struct insn *i)
{
	enum memtype type;
	phys_addr_t pa;
	struct line_info l = {0};
	bool buffered = false;

	if (!resolve(e, vm_pop(e).v, &pa, &type))
		return;
	if (e->cfg->hw.l1.sets)
		l = cache_line(&e->hw, LEVEL_L1, align_down(pa.pa, e->w->line));
	for (u32 k = 0; k < hw_cpu(&e->hw)->entries; k++) {
		const struct store_entry *s = &hw_cpu(&e->hw)->sb[k];

		buffered |= s->pa == align_down(pa.pa, 8) && (s->mask >> (pa.pa & 7) & 1);
	}
	vm_push(e, i->a == SEE_CACHED ? l.present : i->a == SEE_DIRTY ? l.dirty : buffered);
}

static void push_text(struct engine *e, const char *s, u32 n)
{
	u32 base = vm_pool_take(e, n);

	if (!world_now(e->w)->limit)
		memcpy(world_mut(e->w, e->pool + (u32)offsetof(struct pool, bytes) + base, n), s,
		       n);
	vm_push_value(e, (struct value){base, n, 0});
}

static void owner(struct engine *e)
{
	static const char *const names[] = {"none",   "cpu",	"cpu",	 "device",
					    "device", "device", "shared"};
	const char *s = names[0]; /* also of a pointer whose page is gone */
	enum memtype type;
	phys_addr_t pa;
	u32 map;

	if (va_translate(&e->hw, (cpu_addr_t){vm_pop(e).v}, &pa, &type))
		s = names[oracle_owner(&e->oracle, pa.pa, &map)];
	push_text(e, s, (u32)strlen(s));
}

static u64 file(const struct engine *e, enum debugfs_file f)
{
	switch (f) {
	case FILE_POOL_SLOTS:
		return lx_slots_total(&e->lx);
	case FILE_POOL_USED:
		return lx_slots_used(&e->lx);
	case FILE_POOL_MOST:
		return lx_slots_most(&e->lx);
	case FILE_POOL_TRANSIENT:
		return lx_slots_transient(&e->lx);
	default:
		return twin_number(e, f);
	}
}

static void file_text(struct engine *e, enum debugfs_file f)
{
	struct str s = {0};

	twin_text(e, f, &s);
	if (s.n)
		push_text(e, s.s, (u32)s.n);
	else
		vm_push_value(e, (struct value){0});
	str_free(&s);
}

void vm_see(struct engine *e, const struct insn *i)
{
	struct value text;
	phys_addr_t pa;
	u64 bus;

	switch ((enum see)i->a) {
	case SEE_CPU:
	case SEE_MEMORY:
	case SEE_DEVICE:
		bytes(e, i);
		break;
	case SEE_CPU_INT:
	case SEE_MEMORY_INT:
		number(e, i);
		break;
	case SEE_CACHED:
	case SEE_DIRTY:
	case SEE_IN_STORE_BUFFER:
		line(e, i);
		break;
	case SEE_OWNER:
		owner(e);
		break;
	case SEE_BUS_TO_PHYS:
		bus = vm_pop(e).v;
		bus_to_phys(&e->hw, (u32)vm_pop(e).v, (dma_addr_t){bus}, &pa);
		vm_push(e, pa.pa);
		break;
	case SEE_LOG:
		text = vm_pop(e);
		vm_push(e, lx_log_count(&e->lx, vm_bytes(e, &text), text.len));
		break;
	case SEE_FILE:
		if (debugfs_is_text((enum debugfs_file)i->b))
			file_text(e, (enum debugfs_file)i->b);
		else
			vm_push(e, file(e, (enum debugfs_file)i->b));
		break;
	}
}

bool engine_variable(const struct engine *e, u32 slot, u64 *value)
{
	const struct value *v;

	BUG_ON(slot >= e->prog->global_slots);
	v = world_at(e->w, e->vars + slot * (u32)sizeof *v);
	*value = v->v;
	return v->len != VALUE_UNSET;
}
