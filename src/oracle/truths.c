/* SPDX-License-Identifier: MIT */
/* The three truths of one byte (semantics: the three truths, exactly), and their marks. */
#include "core/know.h"
#include "core/memkind.h"
#include "oracle/oracle_int.h"

static struct truth from_view(const struct view *v)
{
	return (struct truth){.value = v->data[0],
			      .state = TRUTH_KNOWN,
			      .mark = v->old & 1 ? '~' : ' ',
			      .from = v->from,
			      .undefined = v->und & 1,
			      .behind = v->old & 1,
			      .rec = v->wid[0]};
}

static enum memtype cpu_type(const struct oracle *o, u64 pa)
{
	u32 a = oracle_alloc_at(o, pa);

	return a && oracle_alloc(o, a - 1)->uncached ? MEM_UNCACHED : MEM_CACHED;
}

/* The device's way to home byte pa: the mapping, and where the byte is for it. */
static bool device_path(const struct oracle *o, u64 pa, u32 *dev, u32 *map, u64 *at)
{
	u32 alloc = oracle_alloc_at(o, pa);

	for (u32 i = track_live(o, pa, oracle_maps(o)); i; i = track_live(o, pa, i - 1)) {
		const struct omap *m = oracle_map(o, i - 1);

		if (*dev != ~0u && m->dev != *dev)
			continue;
		*dev = m->dev;
		*map = i;
		*at = m->slot ? m->slot + (pa - m->pa) : pa;
		return true;
	}
	if (!alloc)
		return false;
	if (!alloc_is_coherent(oracle_alloc(o, alloc - 1)) &&
	    oracle_alloc(o, alloc - 1)->kind != KIND_PLACED)
		return false;
	if (*dev == ~0u)
		*dev = oracle_alloc(o, alloc - 1)->dev;
	*map = 0;
	*at = pa;
	return *dev < o->hw->cfg->devs;
}

static bool old_for(const struct oracle *o, u8 party, const struct view *v)
{
	return (v->old & 1) && (!o->w->knows || know_knows(o->w, party, v->sup[0]));
}

static bool cpu_may_read(enum owner w)
{
	return w == OWNER_CPU || w == OWNER_CPU_MAPPED || w == OWNER_BOTH || w == OWNER_DEV_R;
}

/* What comes through a mapping that the device only writes is never stale for it. */
static bool device_would_read(const struct oracle *o, enum owner w, u32 map)
{
	return w != OWNER_CPU_MAPPED && (!map || oracle_map(o, map - 1)->dir != DMA_FROM_DEVICE);
}

u32 oracle_stale(const struct oracle *o, u64 pa)
{
	u32 owner_map, map = 0, dev = ~0u, stale = 0;
	enum owner owner = oracle_owner(o, pa, &owner_map);
	struct view v;
	u64 at = pa;

	if ((copies_discardable(o->w, pa, 1) | copies_leftover(o->w, pa, 1)) & 1)
		return 0;
	if (cpu_may_read(owner)) {
		cpu_peek(o->hw, pa, cpu_type(o, pa), 1, &v);
		stale |= old_for(o, hw_party(o->hw), &v) ? STALE_CPU : 0;
	}
	if (device_path(o, pa, &dev, &map, &at) && device_would_read(o, owner, map)) {
		dma_peek(o->hw, dev, at, 1, &v);
		stale |= old_for(o, (u8)(PARTY_DEVICE + dev), &v) ? STALE_DEVICE : 0;
	}
	return stale;
}

void oracle_truths(const struct oracle *o, u64 pa, u32 dev, struct truths *t)
{
	struct view cpu, mem, d;
	u32 map = 0, owner_map;
	enum owner owner = oracle_owner(o, pa, &owner_map);
	bool quiet, behind;
	u64 at = pa;

	memset(t, 0, sizeof *t);
	cpu_peek(o->hw, pa, cpu_type(o, pa), 1, &cpu);
	t->cpu = from_view(&cpu);
	t->device.state = TRUTH_UNMAPPED;
	t->device.mark = ' ';
	memset(&mem, 0, sizeof mem);
	memory_view(o->hw, pa, &mem);
	if (device_path(o, pa, &dev, &map, &at)) {
		t->dev = (u8)dev;
		t->map = map;
		t->snooped = o->hw->cfg->dev[dev].coherent;
		dma_peek(o->hw, dev, at, 1, &d);
		t->device = from_view(&d);
		if (at != pa) {
			t->bounced = true;
			t->slot = t->device;
		}
		if (t->snooped)
			dma_peek(o->hw, dev, pa, 1, &mem);
	}
	t->memory = from_view(&mem);
	quiet = ((copies_discardable(o->w, pa, 1) | copies_leftover(o->w, pa, 1)) & 1) != 0;
	if (quiet)
		t->cpu.mark = t->memory.mark = t->device.mark = t->slot.mark = ' ';
	if (!quiet && cpu_may_read(owner) && old_for(o, hw_party(o->hw), &cpu))
		t->cpu.mark = '!';
	if (!quiet && t->device.state == TRUTH_KNOWN && device_would_read(o, owner, map) &&
	    old_for(o, (u8)(PARTY_DEVICE + dev), &d))
		t->device.mark = '!';
	if (t->device.state == TRUTH_KNOWN && map &&
	    oracle_map(o, map - 1)->dir == DMA_FROM_DEVICE && t->device.mark != ' ')
		t->device.mark = ' ';
	behind = t->cpu.mark != ' ' || t->memory.mark != ' ' || t->device.mark != ' ';
	if (behind) {
		if (t->cpu.mark == ' ' && !(cpu.old & 1))
			t->cpu.mark = '*';
		if (t->memory.mark == ' ' && !(mem.old & 1))
			t->memory.mark = '*';
		if (t->device.state == TRUTH_KNOWN && t->device.mark == ' ' && !(d.old & 1))
			t->device.mark = '*';
		if (t->bounced && t->slot.mark == ' ')
			t->slot.mark = t->device.mark;
	}
}
