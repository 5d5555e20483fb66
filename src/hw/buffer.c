/* SPDX-License-Identifier: MIT */
/*
 * The store buffer: entries in program order, each with the bytes of one store in one 8-byte
 * granule. In order (TSO) only the oldest may leave; on a weak core any, except past an older
 * entry of the same granule or one from before a barrier. An entry is a copy with bits of its own;
 * the kernel's copies put moves in it. Entries are not merged.
 */
#include "hw/cpu_int.h"

#include "base/bug.h"

struct copyref buffer_copy(const struct hw *h, u32 cpu, u32 entry, u32 at, u32 n)
{
	const struct store_entry *e = &hw_core(h, cpu)->sb[entry];
	u32 off = world_off(h->w, e);
	bool knows = h->w->knows;

	return (struct copyref){
	    .obj = world_object(h->w, off),
	    .data = off + (u32)offsetof(struct store_entry, data) + at,
	    .old = off + (u32)offsetof(struct store_entry, old),
	    .und = off + (u32)offsetof(struct store_entry, und),
	    .wid = knows ? cpu_name_off(h, cpu, entry) + 2 * at : 0,
	    .sup = knows ? cpu_name_off(h, cpu, entry) + 16 + 2 * at : 0,
	    .bit = (u8)at,
	    .n = (u8)n,
	    .kind = COPY_BUFFER,
	};
}

/* A fresh entry at the end, still without bytes; the offset of its first byte in the granule. */
static u32 append(struct hw *h, u64 pa, enum memtype type, u32 n)
{
	const struct cpu_state *c = hw_cpu(h);
	u32 i = c->entries, at = (u32)(pa & 7);
	struct store_entry *e;

	BUG_ON(i == h->cfg->store_entries);
	e = world_mut(h->w, world_off(h->w, &c->sb[i]), sizeof *e);
	*e = (struct store_entry){
	    .pa = pa - at,
	    .mask = (u8)(((1u << n) - 1) << at),
	    .type = (u8)type,
	    .group = (u8)c->group,
	    .smp = (u8)c->smp,
	    .stmt = world_now(h->w)->stmt,
	};
	W_SET(h->w, c->entries, i + 1);
	return at;
}

enum access buffer_store(struct hw *h, u64 pa, enum memtype type, u32 n, const u8 *data,
			 enum store_how how)
{
	struct copyref c;
	u64 value = 0;
	u32 at;

	if (hw_cpu(h)->entries == h->cfg->store_entries)
		return ACCESS_BLOCKED;
	at = append(h, pa, type, n);
	c = buffer_copy(h, h->self, hw_cpu(h)->entries - 1, at, n);
	copies_write(h->w, hw_party(h), pa, &c, data, store_write(how));
	past_stored(h, pa, n);
	memcpy(&value, data, n);
	EMIT(h->w, STORE_BUFFERED, hw_party(h), how == STORE_ONCE, pa, n, value);
	return ACCESS_OK;
}

void buffer_move(struct hw *h, u64 pa, const struct view *v)
{
	u32 at = append(h, pa, MEM_CACHED, v->n);
	struct copyref c = buffer_copy(h, h->self, hw_cpu(h)->entries - 1, at, v->n);

	copies_move_ahead(h->w, pa, &c, v);
}

u32 buffer_ready(const struct hw *h)
{
	const struct cpu_state *c = hw_cpu(h);
	u32 ready = c->entries ? 1 : 0;

	if (h->cfg->order == ORDER_TSO)
		return ready;
	for (u32 i = 1; i < c->entries; i++) {
		bool behind = c->sb[i].group != c->sb[0].group;

		for (u32 j = 0; j < i && !behind; j++)
			behind = c->sb[j].pa == c->sb[i].pa ||
				 (c->sb[j].smp != c->sb[i].smp && c->sb[i].type == MEM_CACHED);
		if (!behind)
			ready |= 1u << i;
	}
	return ready;
}

bool buffer_drain_blocked(const struct hw *h, u32 i)
{
	const struct store_entry *e = &hw_cpu(h)->sb[i];

	return e->type == MEM_CACHED && h->cfg->l1.sets &&
	       h->cfg->l1.replacement == REPLACE_CHOICE && !h->cfg->l1.write_through &&
	       !cache_has_room(h, align_down(e->pa, h->w->line));
}

static void remove_entry(struct hw *h, u32 i)
{
	const struct cpu_state *c = hw_cpu(h);
	u32 after = c->entries - i - 1;
	struct store_entry *sb =
	    world_mut(h->w, world_off(h->w, &c->sb[i]), (after + 1) * (u32)sizeof *sb);

	memmove(sb, sb + 1, after * sizeof *sb);
	memset(sb + after, 0, sizeof *sb);
	if (h->w->knows) { /* the names move along; their counts stay */
		u8 *names = world_mut(h->w, cpu_name_off(h, h->self, i), (after + 1) * 32);

		memmove(names, names + 32, after * 32);
		memset(names + after * 32, 0, 32);
	}
	W_SET(h->w, c->entries, c->entries - 1);
	/* Groups count from the oldest entry, so that equal buffers are equal states. */
	if (c->entries == 0) {
		W_SET(h->w, c->group, 0u);
		W_SET(h->w, c->smp, 0u);
	} else if (c->sb[0].group || c->sb[0].smp) {
		u8 base = c->sb[0].group, smp = c->sb[0].smp;

		W_SET(h->w, c->group, c->group - base);
		W_SET(h->w, c->smp, c->smp - smp);
		for (u32 k = 0; k < c->entries; k++) {
			W_SET(h->w, c->sb[k].group, (u8)(c->sb[k].group - base));
			W_SET(h->w, c->sb[k].smp, (u8)(c->sb[k].smp - smp));
		}
	}
}

enum access buffer_drain(struct hw *h, u32 i)
{
	struct store_entry e = hw_cpu(h)->sb[i];
	u32 at = (u32)__builtin_ctz(e.mask), n = (u32)__builtin_popcount(e.mask);
	struct copyref from, to;
	struct view v = {.n = (u8)n};
	enum access a;
	u64 value = 0;

	BUG_ON(!(buffer_ready(h) >> i & 1));
	a = cpu_place(h, e.pa + at, (enum memtype)e.type, n, &to);
	if (a != ACCESS_OK)
		return a;
	from = buffer_copy(h, h->self, i, at, n);
	copies_view(h->w, &from, &v, 0);
	for (u32 b = 0; b < n; b++) /* held while the entry goes */
		know_ref(h->w, v.wid[b], 1), know_ref(h->w, v.sup[b], 1);
	copies_forget(h->w, &from);
	remove_entry(h, i);
	past_of_others(h, e.pa + at, n);
	copies_move(h->w, e.pa + at, &to, &v, 0);
	for (u32 b = 0; b < n; b++)
		know_unref(h->w, v.wid[b], 1), know_unref(h->w, v.sup[b], 1);
	cpu_placed(h, e.pa + at, &to);
	memcpy(&value, v.data, n);
	h->drained = e.stmt;
	if (i)
		EMIT(h->w, DRAIN_EARLY, hw_party(h), 0, e.pa + at, n, value, i);
	else
		EMIT(h->w, DRAIN, hw_party(h), 0, e.pa + at, n, value);
	h->drained = 0;
	return ACCESS_OK;
}
