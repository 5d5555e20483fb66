/* SPDX-License-Identifier: MIT */
#include "explore/footprint.h"

static struct touched *line_of(struct footprint *f, u64 line, u32 level)
{
	for (u32 i = 0; i < f->n; i++)
		if (f->v[i].line == line && f->v[i].level == level)
			return &f->v[i];
	vec_push(f, (struct touched){.line = line, .level = level});
	return &f->v[f->n - 1];
}

void footprint_add(struct footprint *f, const struct engine *e, u64 pa, u64 len, u32 how)
{
	u64 size = e->w->line;

	for (u64 line = align_down(pa, size); len && line < pa + len; line += size)
		line_of(f, line, LEVEL_L1)->how |= how;
}

u32 footprint_how(const struct footprint *f, u64 line)
{
	u32 how = 0;

	for (u32 i = 0; i < f->n; i++)
		if (f->v[i].line == line)
			how |= f->v[i].how;
	return how;
}

/* A store that left the buffer is in the cache, or in memory. */
static u32 drained(const struct engine *e, u64 pa)
{
	bool cached =
	    e->cfg->hw.l1.sets && cache_line(&e->hw, LEVEL_L1, align_down(pa, e->w->line)).present;

	return cached && !e->cfg->hw.l1.write_through ? TOUCH_STORE
						      : TOUCH_STORE | TOUCH_MEMORY_WRITE;
}

void footprint_event(struct footprint *f, const struct engine *e, const struct event *ev)
{
	const u64 *v = ev->f;

	switch ((enum event_kind)ev->kind) {
	case EV_LOAD_CACHE:
	case EV_LOAD_BUFFER:
	case EV_LOAD_EARLY:
		footprint_add(f, e, v[0], v[1], TOUCH_LOAD);
		break;
	case EV_LOAD_MEMORY:
		footprint_add(f, e, v[0], v[1], TOUCH_LOAD | TOUCH_MEMORY_READ);
		break;
	case EV_STORE_BUFFERED:
		footprint_add(f, e, v[0], v[1], TOUCH_BUFFER);
		break;
	case EV_STORE_CACHE:
		footprint_add(f, e, v[0], v[1], TOUCH_STORE);
		break;
	case EV_STORE_MEMORY:
		footprint_add(f, e, v[0], v[1], TOUCH_STORE | TOUCH_MEMORY_WRITE);
		break;
	case EV_DRAIN:
	case EV_DRAIN_EARLY:
		footprint_add(f, e, v[0], v[1], drained(e, v[0]));
		break;
	case EV_WRITE_BACK:
	case EV_DROP:
		line_of(f, v[0], (u32)v[1])->how |= TOUCH_CROWDED;
		break;
	case EV_CLEAN:
	case EV_INVALIDATE:
		footprint_add(f, e, v[0], 1, TOUCH_OPERATION);
		break;
	case EV_DMA_READ:
		footprint_add(f, e, v[1], v[2], TOUCH_MEMORY_READ);
		break;
	case EV_DMA_WRITE:
	case EV_LAB_PRESET:
		footprint_add(f, e, v[ev->kind == EV_DMA_WRITE], v[1 + (ev->kind == EV_DMA_WRITE)],
			      TOUCH_MEMORY_WRITE);
		break;
	case EV_COPY_IN:
		footprint_add(f, e, v[0], v[2], TOUCH_LOAD);
		footprint_add(f, e, v[1], v[2], TOUCH_STORE | TOUCH_MEMORY_WRITE);
		break;
	case EV_COPY_OUT:
		footprint_add(f, e, v[0], v[2], TOUCH_LOAD);
		footprint_add(f, e, v[1], v[2], TOUCH_STORE | TOUCH_MEMORY_WRITE);
		break;
	case EV_MAP:
		footprint_add(f, e, v[0], v[1], TOUCH_CALL);
		if (v[4])
			footprint_add(f, e, v[4], v[1], TOUCH_CALL);
		break;
	case EV_UNMAP:
	case EV_SYNC_CPU:
	case EV_SYNC_DEVICE:
		footprint_add(f, e, v[0], v[1], TOUCH_CALL);
		break;
	case EV_ALLOC:
	case EV_FREE:
	case EV_COHERENT_ALLOC:
	case EV_COHERENT_FREE:
		footprint_add(f, e, v[0], v[2], TOUCH_CALL);
		break;
	default:
		break;
	}
}
