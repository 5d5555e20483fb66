/* SPDX-License-Identifier: MIT */
/* What the bytes are behind each step of a chain, in a few words. */
#include "report/why_int.h"

#include <string.h>

#include "core/addr.h"

static bool old(const struct truth *t)
{
	return t->state == TRUTH_KNOWN && (t->mark == '~' || t->mark == '!');
}

static bool cached(const struct look *l, u64 pa)
{
	u64 line = align_down(pa, l->n->cfg->hw.line);

	return cache_line(&l->r->e->hw, LEVEL_L1, line).present ||
	       cache_line(&l->r->e->hw, LEVEL_OUTER, line).present;
}

/* Whether a bounced byte has come as far as its slot, for whoever looks there: a device. */
static bool slot_has(const struct look *l, u64 pa)
{
	const struct world *w = l->r->e->w;
	struct copyref c[COPIES_MAX];
	u32 n = hw_copies(w, pa, 1, c, COPIES_MAX);
	bool snoops = l->n->cfg->hw.devs && l->n->cfg->hw.dev[0].coherent;

	for (u32 i = 0; i < n; i++) {
		bool seen = c[i].kind == COPY_MEMORY || (snoops && c[i].kind != COPY_BUFFER);

		if (c[i].link && seen && !bits_get(w, c[i].old, c[i].bit, 1))
			return true;
	}
	return false;
}

static void so_write(const struct look *l, u64 pa, const struct truths *t, u32 kind,
		     struct str *out)
{
	if (kind == EV_DMA_WRITE && t->bounced && old(&t->cpu))
		str_add(out, "the buffer is old");
	else if (kind == EV_DMA_WRITE && old(&t->cpu))
		str_add(out, cached(l, pa) ? "the copy is old" : "the CPU's is old");
	else if (kind == EV_STORE_BUFFERED)
		str_add(out, "newest; it waits");
	else if (kind == EV_STORE_CACHE && old(&t->memory))
		str_add(out, "memory is old");
	else
		str_add(out, "newest");
}

static void so_given(const struct look *l, const struct event *e, struct str *out)
{
	bool to = e->kind == EV_MAP || e->kind == EV_SYNC_DEVICE;

	if (to)
		str_printf(out, "CPU: %s", e->f[3] == DMA_TO_DEVICE ? "read only" : "hands off");
	else if (e->kind == EV_UNMAP)
		str_printf(out, "%s: hands off", names_device(l->n, e->arg));
	else
		str_add(out, "CPU: may look");
}

static void so_kind(const struct look *l, u64 pa, const struct truths *t, const struct event *e,
		    struct str *out)
{
	switch ((enum event_kind)e->kind) {
	case EV_FILL:
	case EV_SPEC_FILL:
		str_add(out, "makes a copy");
		break;
	case EV_DRAIN:
	case EV_DRAIN_EARLY:
		str_add(out, cached(l, pa) ? "the copy is newest" : "memory has it");
		break;
	case EV_CLEAN:
	case EV_WRITE_BACK:
		str_add(out,
			old(&t->memory) && !t->bounced ? "memory is old now" : "copy = memory");
		break;
	case EV_DROP:
	case EV_INVALIDATE:
		str_add(out, e->kind == EV_INVALIDATE && e->f[2] ? "its bytes are gone"
								 : "the copy is gone");
		break;
	case EV_COPY_IN:
		str_add(out, slot_has(l, pa) ? "slot = buffer" : "waits; slot is old");
		break;
	case EV_COPY_OUT:
		str_add(out, "buffer = slot");
		break;
	case EV_MAP:
	case EV_UNMAP:
	case EV_SYNC_CPU:
	case EV_SYNC_DEVICE:
		so_given(l, e, out);
		break;
	default:
		break;
	}
}

/* The last event of the group that is about the first byte. */
static u32 last_of(const struct look *l, u32 event, u64 pa)
{
	u32 last = event, group = 0;

	for (u32 i = 0; i < l->touch.n; i++) {
		if (l->touch.v[i].event == event)
			group = l->touch.v[i].group;
		if (group && l->touch.v[i].group == group && touch_covers(&l->touch.v[i], pa))
			last = l->touch.v[i].event;
	}
	return last;
}

void why_so(struct look *l, const struct why_story *s, struct cause_step *step)
{
	struct touch *t = step->event ? touch_of(l, step->event) : NULL;
	bool told = t && touch_gives(t) && !strstr(step->text, " gave ");
	struct truths truths;
	struct str so = {0};

	if (t && touch_reads(t) && t->event == l->at) {
		str_add(&so, s->state == WHY_STALE ? "! stale" : "");
	} else if (t && !told && t->lo < s->pa + s->n && s->pa < t->hi) {
		why_goto(l, last_of(l, step->event, s->pa));
		oracle_truths(&l->r->e->oracle, s->pa, ~0u, &truths);
		if (touch_writes(t))
			so_write(l, s->pa, &truths, t->kind, &so);
		else
			so_kind(l, s->pa, &truths, event_get(l->n->log, step->event), &so);
	}
	if (s->state == WHY_LOST && s->f && why_step(l, &s->chain, s->f->event) == step) {
		str_clear(&so);
		str_add(&so, "! lost");
	}
	if (so.n)
		step->so = mem_strdup(str_get(&so));
	str_free(&so);
}
