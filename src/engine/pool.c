/* SPDX-License-Identifier: MIT */
/*
 * Bytes that a program holds: constants of the program, or in a pool of the world. Between
 * transitions what nobody holds any more is given back and the rest moves together, in the order of
 * the variables, so that equal contents are equal states.
 */
#include "engine/vm_int.h"

#include "base/bug.h"

const u8 *vm_bytes(const struct engine *e, const struct value *v)
{
	if (v->v & BYTES_CONST)
		return e->prog->pool + (v->v & ~BYTES_CONST);
	return vm_pool(e)->bytes + v->v;
}

u32 vm_pool_take(struct engine *e, u32 n)
{
	const struct pool *p = vm_pool(e);
	u32 at = p->used;

	if (n > POOL_BYTES - p->used) {
		world_limit(e->w, LIMIT_BYTES);
		return 0;
	}
	W_SET(e->w, p->used, at + n);
	W_SET(e->w, p->dirty, 1u);
	return at;
}

void pool_op(struct engine *e, const struct insn *i)
{
	struct value b = vm_pop(e), a = vm_pop(e);
	const u8 *pa = vm_bytes(e, &a), *pb;
	bool found = false;

	switch (i->op) {
	case OP_BYTES_EQ:
		vm_push(e, a.len == b.len && memcmp(pa, vm_bytes(e, &b), a.len) == 0);
		return;
	case OP_BYTES_SKIP:
		if (b.v > a.len) {
			vm_bug(e, "more bytes are skipped than there are");
			return;
		}
		vm_push_value(e, (struct value){a.v + b.v, a.len - (u32)b.v, a.dep});
		return;
	default:
		pb = vm_bytes(e, &b);
		for (u32 k = 0; k + b.len <= a.len && !found; k++)
			found = memcmp(pa + k, pb, b.len) == 0;
		vm_push(e, found);
	}
}

struct roots {
	u8 buf[POOL_BYTES];
	u32 used;
	u32 from[64], to[64], len[64]; /* moved already: values may share bytes */
	u32 moved;
};

static void move_root(struct engine *e, struct roots *r, u32 off)
{
	const struct value *v = world_at(e->w, off);
	struct value now = *v;

	if (!v->len || (v->len & HANDLE_TAG) || (v->v & BYTES_CONST)) /* VALUE_UNSET has it, too */
		return;
	for (u32 i = 0; i < r->moved; i++)
		if (v->v >= r->from[i] && v->v + v->len <= r->from[i] + r->len[i]) {
			now.v = r->to[i] + (v->v - r->from[i]);
			world_write(e->w, v, &now, sizeof now);
			return;
		}
	if (v->len > POOL_BYTES - r->used) {
		world_limit(e->w, LIMIT_BYTES);
		return;
	}
	memcpy(r->buf + r->used, vm_bytes(e, v), v->len);
	if (r->moved < ARRAY_LEN(r->from)) {
		r->from[r->moved] = (u32)v->v;
		r->to[r->moved] = r->used;
		r->len[r->moved++] = v->len;
	}
	now.v = r->used;
	r->used += v->len;
	world_write(e->w, v, &now, sizeof now);
}

void vm_pool_compact(struct engine *e)
{
	const struct pool *p = vm_pool(e);
	struct roots *r;
	u32 slots = e->prog->global_slots;

	if (!p->dirty)
		return;
	for (u32 t = 0; t < engine_threads(e); t++)
		if (engine_thread(e, t)->cursor)
			return; /* a long instruction holds an offset */
	r = mem_zalloc(1, sizeof *r);
	for (u32 d = 0; d < e->cfg->hw.devs; d++)
		slots += e->prog->device[d].slots;
	for (u32 i = 0; i < slots; i++)
		move_root(e, r, e->vars + i * (u32)sizeof(struct value));
	for (u32 t = 0; t < engine_threads(e); t++)
		for (u32 i = 0; i < engine_thread(e, t)->sp; i++)
			move_root(e, r, world_off(e->w, &engine_thread(e, t)->stack[i]));
	if (p->used) { /* bytes behind the used ones are zero: equal pools are equal states */
		u32 had = p->used;

		if (memcmp(p->bytes, r->buf, had) != 0)
			memcpy(world_mut(e->w, e->pool + (u32)offsetof(struct pool, bytes), had),
			       r->buf, had);
		W_SET(e->w, p->used, r->used);
	}
	W_SET(e->w, p->dirty, 0u);
	mem_free(r);
}
