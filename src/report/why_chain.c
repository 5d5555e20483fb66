/* SPDX-License-Identifier: MIT */
/*
 * The history of some bytes as a chain of causes: back from the event to the oldest write of which
 * some copy is left. Of what moved the bytes the last of each kind stands there, and the steps of
 * the finding, if there is one: the call that is missing among them.
 */
#include "report/why_int.h"

#include <string.h>

#include "core/addr.h"
#include "core/maphow.h"
#include "report/narrate.h"

enum { STEPS_MAX = 14, STEPS_FIRST = 4, LONG_FILL = 8 };

const char *why_who(const struct look *l, u32 party)
{
	const char *who = names_party(l->n, party);

	return strncmp(who, "the ", 4) == 0 ? who + 4 : who;
}

void why_value(const u8 *v, u32 n, bool mixed, struct str *out)
{
	bool fill = n > 1 && !mixed && (v[0] < 0x20 || v[0] > 0x7e || n > LONG_FILL);

	if (fill)
		str_printf(out, "%02x", v[0]);
	else if (memchr(v, ' ', n < 64 ? n : 64)) /* where would it end without quotes? */
		narrate_bytes(v, n < 64 ? n : 64, n, out);
	else
		narrate_plain_bytes(v, n < 64 ? n : 64, n, out);
}

/* ---- which events ---- */

/* A write that is the value of some copy, or the newest. */
static bool matters(const struct why_story *s, u32 group)
{
	return group == s->group || group == s->cpu.group || group == s->memory.group ||
	       (s->device.there && group == s->device.group) ||
	       (s->bounced && group == s->slot.group);
}

static bool in_story(const struct touch *t, const struct why_story *s)
{
	return t->lo < s->pa + s->n && s->pa < t->hi;
}

/* Whether the story tells of it: a write of any of its bytes, what moved or gave its first one. */
static bool is_about(const struct touch *t, const struct why_story *s)
{
	return touch_writes(t) ? in_story(t, s) : touch_covers(t, s->pa);
}

/* Kinds of which the later one takes the place of the earlier. */
static u64 class_of(u32 kind)
{
	u64 bit = 1ull << kind;
	static const u64 classes[] = {
	    EVENT_BIT(FILL) | EVENT_BIT(SPEC_FILL), EVENT_BIT(DROP) | EVENT_BIT(INVALIDATE),
	    EVENT_BIT(CLEAN) | EVENT_BIT(WRITE_BACK), EVENT_BIT(DRAIN) | EVENT_BIT(DRAIN_EARLY)};
	static const u64 others = EVENT_BIT(COPY_IN) | EVENT_BIT(COPY_OUT) | EVENT_BIT(MAP) |
				  EVENT_BIT(UNMAP) | EVENT_BIT(SYNC_CPU) | EVENT_BIT(SYNC_DEVICE) |
				  EVENT_BIT(DMA_POSTED);

	for (u32 i = 0; i < ARRAY_LEN(classes); i++)
		if (classes[i] & bit)
			return classes[i];
	return others & bit;
}

/* The entries to tell of, last first: one of each group. */
struct picked {
	VEC(u32) /* of the list of touches */
};

static bool in_pool(const struct look *l, const struct touch *t)
{
	return names_in_pool(l->n, event_get(l->n->log, t->event)->f[0], t->event);
}

/* What caches do with the lines of a bounce slot: only what takes bytes to the device counts. */
static bool is_slots_own(const struct look *l, const struct why_story *s, const struct touch *t)
{
	u64 class = class_of(t->kind);

	if (!(class & (EVENT_BIT(FILL) | EVENT_BIT(DROP) | EVENT_BIT(CLEAN) | EVENT_BIT(DRAIN))) ||
	    !in_pool(l, t))
		return false;
	return !(class & EVENT_BIT(CLEAN)) || !s->device.there || s->device.mark == ' ' ||
	       s->device.mark == '*';
}

/* Whether it is the first of its group about the story's bytes, or of reads that of the event. */
static bool stands_for(const struct look *l, const struct why_story *s, u32 i)
{
	const struct touch *t = &l->touch.v[i];

	if (touch_reads(t))
		return t->event == l->at;
	for (u32 k = i; k-- > 0 && l->touch.v[k].event >= t->group;)
		if (l->touch.v[k].group == t->group && is_about(&l->touch.v[k], s))
			return false;
	return true;
}

/* Where the story begins: at the oldest write that matters; of an old copy at its fetch at least.
 */
static u32 beginning(const struct look *l, const struct why_story *s)
{
	bool old = s->cpu.mark == '~' || s->cpu.mark == '!', fetched = false;
	u32 oldest = ~0u;

	for (u32 i = l->touch.n; i-- > 0;) {
		const struct touch *t = &l->touch.v[i];
		bool fetch = (class_of(t->kind) & EVENT_BIT(FILL)) && is_about(t, s) &&
			     !is_slots_own(l, s, t);

		if ((matters(s, t->group) || (fetch && old && !fetched)) && t->group < oldest)
			oldest = t->group;
		fetched |= fetch;
	}
	return oldest == ~0u ? 0 : oldest;
}

static void pick(const struct look *l, const struct why_story *s, struct picked *p)
{
	u32 oldest = beginning(l, s);
	u64 had = 0;

	for (u32 i = l->touch.n; i-- > 0 && l->touch.v[i].event >= oldest;) {
		const struct touch *t = &l->touch.v[i];

		if (!is_about(t, s) || !stands_for(l, s, i) || is_slots_own(l, s, t))
			continue;
		if (touch_writes(t)) {
			if (!matters(s, t->group))
				continue;
			had = 0;
		} else if (!touch_reads(t) && (!class_of(t->kind) || (had & class_of(t->kind)))) {
			continue;
		}
		had |= class_of(t->kind);
		vec_push(p, i);
	}
}

/* ---- their words ---- */

/* The bytes of the story that the group wrote, as it wrote them. */
static void written(struct chain *h, struct look *l, const struct why_story *s, u32 group)
{
	u8 v[64];
	u32 n = 0;
	bool mixed = false;

	for (u64 pa = s->pa; pa < s->pa + s->n && n < sizeof v; pa++) {
		struct touch *w = NULL;

		for (u32 i = l->touch.n; i-- > 0 && l->touch.v[i].event >= group && !w;)
			if (l->touch.v[i].group == group && touch_covers(&l->touch.v[i], pa))
				w = &l->touch.v[i];
		if (!w)
			continue;
		v[n] = touch_value(l, w, pa);
		mixed |= v[n++] != v[0];
	}
	why_value(v, n, mixed, &h->s);
}

static bool in_slot(const struct look *l, const struct event *e, u32 k)
{
	return names_in_pool(l->n, e->f[1], k);
}

static void said_write(struct chain *h, struct look *l, const struct why_story *s,
		       const struct touch *t, const struct event *e)
{
	bool kernel = l->w->asked.buf && t->event < l->w->asked.buf->from;

	str_printf(&h->s, "%s ",
		   kernel		      ? "the kernel"
		   : t->kind == EV_LAB_PRESET ? "the laboratory"
					      : names_party(l->n, t->party));
	str_add(&h->s, "wrote ");
	written(h, l, s, t->group);
	if (t->kind == EV_DMA_WRITE)
		str_add(&h->s, in_slot(l, e, t->event) ? " to the bounce slot" : " to memory");
}

static void said_line(struct chain *h, struct look *l, const struct touch *t, const struct event *e)
{
	str_add(&h->s, e->f[1] == LEVEL_OUTER ? "the outer cache " : "the cache ");
	switch ((enum event_kind)t->kind) {
	case EV_FILL:
	case EV_SPEC_FILL:
		str_add(&h->s, "fetched line ");
		names_byte(l->n, e->f[0], t->event, &h->s);
		str_add(&h->s, t->kind == EV_SPEC_FILL ? " by itself" : "");
		break;
	case EV_CLEAN:
		str_printf(&h->s, "wrote %s to memory, kept it", in_pool(l, t) ? "the slot" : "it");
		break;
	case EV_WRITE_BACK:
		str_printf(&h->s, "wrote its line %sback to memory",
			   in_pool(l, t) ? "of the slot " : "");
		break;
	default:
		str_add(&h->s, "dropped line ");
		names_byte(l->n, e->f[0], t->event, &h->s);
	}
}

static void said_call(struct chain *h, struct look *l, const struct touch *t, const struct event *e)
{
	str_add(&h->s, "the kernel gave ");
	names_phys(l->n, e->f[0], e->f[1], t->event, &h->s);
	if (t->kind == EV_MAP || t->kind == EV_SYNC_DEVICE)
		str_printf(&h->s, " to %s, %s", names_device(l->n, e->arg), names_rights(e->f[3]));
	else
		str_add(&h->s, " back to the CPU");
}

static void said_read(struct chain *h, struct look *l, const struct touch *t, const struct event *e)
{
	static const char *const from[] = {[EV_LOAD_CACHE] = "the copy in its cache",
					   [EV_LOAD_MEMORY] = "memory",
					   [EV_LOAD_BUFFER] = "its own store buffer",
					   [EV_LOAD_EARLY] = "them early, before the change"};

	str_printf(&h->s, "%s read %s", names_party(l->n, t->party),
		   t->kind == EV_DMA_READ ? in_slot(l, e, t->event) ? "the bounce slot" : "memory"
					  : from[t->kind]);
}

static void said(struct chain *h, struct look *l, const struct why_story *s, const struct touch *t)
{
	const struct event *e = event_get(l->n->log, t->event);

	if (touch_writes(t)) {
		said_write(h, l, s, t, e);
	} else if (touch_reads(t)) {
		said_read(h, l, t, e);
	} else if (t->kind == EV_DRAIN || t->kind == EV_DRAIN_EARLY) {
		str_printf(&h->s, "%s let it out of its store buffer", names_party(l->n, t->party));
	} else if (t->kind == EV_COPY_IN || t->kind == EV_COPY_OUT) {
		str_printf(&h->s, "the kernel copied it %s slot ",
			   t->kind == EV_COPY_IN ? "into" : "out of");
		names_slot(l->n, t->kind == EV_COPY_IN ? e->f[1] : e->f[0], &h->s);
	} else if (t->kind == EV_DMA_POSTED) {
		str_printf(&h->s, "%s sent them; they are on their way",
			   names_device(l->n, e->arg));
	} else if (t->kind == EV_MAP || t->kind == EV_UNMAP || t->kind == EV_SYNC_CPU ||
		   t->kind == EV_SYNC_DEVICE) {
		said_call(h, l, t, e);
	} else {
		said_line(h, l, t, e);
	}
}

/* ---- the chain ---- */

/* The function of the fix, where a call is missing: "dma_sync_single_for_cpu()". */
static bool missing_call(const struct look *l, const struct finding *f, struct str *out)
{
	struct fix x;
	size_t n;

	fix_make(&x, l->n, f);
	n = strcspn(str_get(&x.call), "(");
	if (x.call.n > n && x.edits &&
	    (x.edit[0].action == FIX_BEFORE || x.edit[0].action == FIX_BEHIND))
		str_printf(out, "%.*s()", (int)n, str_get(&x.call));
	fix_free(&x);
	return out->n != 0;
}

struct cause_step *why_step(struct look *l, const struct cause *c, u32 event)
{
	struct touch *t = event ? touch_of(l, event) : NULL, *o;

	for (u32 i = 0; i < c->n && event; i++) {
		o = t && c->v[i].event ? touch_of(l, c->v[i].event) : NULL;
		if (c->v[i].event == event || (o && o->group == t->group))
			return &c->v[i];
	}
	return NULL;
}

/* The finding's own steps: what is missing, and whatever else it names. */
static void add_finding(struct look *l, const struct why_story *s, struct cause *c)
{
	struct cause own;

	cause_make(&own, l->n, s->f);
	for (u32 i = 0; i < own.n; i++) {
		struct cause_step *o = &own.v[i], *mine = why_step(l, c, o->event);
		struct touch *t = o->event ? touch_of(l, o->event) : NULL;
		bool its = t && touch_gives(t) && !strstr(o->text, " gave ");
		struct str call = {0};

		if (s->again && !o->missing)
			continue;
		if (mine && !its && !(s->state == WHY_LOST && o->event == s->f->event))
			continue;
		if (mine) {
			mem_free(mine->text);
			mine->text = mem_strdup(o->text);
			mine->event = o->event;
			mine->order = o->order;
			continue;
		}
		if (s->again) {
			o->order = 2ull * l->at - 1;
			o->line = names_line(l->n, event_get(l->n->log, l->at)->stmt);
		}
		vec_push(c, *o);
		if (o->missing && missing_call(l, s->f, &call)) {
			mem_free(o->text);
			c->v[c->n - 1].text = mem_strdup(str_get(&call));
		}
		o->text = o->so = NULL;
		str_free(&call);
	}
	cause_free(&own);
}

/* Of many steps the middle goes. */
static void shorten(struct cause *c)
{
	u32 gone = c->n > STEPS_MAX ? c->n - STEPS_MAX + 1 : 0;
	struct str s = {0};

	if (!gone)
		return;
	for (u32 i = 0; i < gone; i++) {
		mem_free(c->v[STEPS_FIRST + i].text);
		mem_free(c->v[STEPS_FIRST + i].so);
	}
	str_printf(&s, "(%u more steps)", gone);
	c->v[STEPS_FIRST] =
	    (struct cause_step){.order = c->v[STEPS_FIRST].order, .text = mem_strdup(str_get(&s))};
	memmove(&c->v[STEPS_FIRST + 1], &c->v[STEPS_FIRST + gone],
		(c->n - STEPS_FIRST - gone) * sizeof *c->v);
	c->n -= gone - 1;
	str_free(&s);
}

/* What stopped the device. */
static void add_stop(struct chain *h, struct look *l)
{
	const struct event *e = event_get(l->n->log, l->at);

	if (e->kind == EV_IOMMU_FAULT)
		str_printf(&h->s, "the IOMMU stopped %s: %s", names_device(l->n, e->arg),
			   iommu_why_text((u32)e->f[3]));
	else
		str_printf(&h->s, "%s got no answer at bus 0x%llx", names_device(l->n, e->arg),
			   (unsigned long long)e->f[0]);
	chain_push(h, l->at);
}

/* Whether all who can look see the same values. */
static bool all_agree(const struct why_story *s)
{
	return memcmp(s->cpu.value, s->memory.value, s->shown) == 0 &&
	       (!s->device.there || memcmp(s->cpu.value, s->device.value, s->shown) == 0);
}

void why_chain(struct look *l, struct why_story *s)
{
	struct finding none = {.pa = s->pa, .n = s->n, .event = l->at};
	struct chain h = {.c = &s->chain, .n = l->n, .f = s->f ? s->f : &none};
	struct picked p = {0};

	if (s->state == WHY_FINE || s->state == WHY_UNWRITTEN || s->state == WHY_NOT_YET ||
	    s->state == WHY_FREED || (s->state == WHY_LOOSE && all_agree(s)))
		return;
	pick(l, s, &p);
	for (u32 i = p.n; i-- > 0;) {
		said(&h, l, s, &l->touch.v[p.v[i]]);
		chain_push(&h, l->touch.v[p.v[i]].event);
	}
	if (s->state == WHY_STOPPED)
		add_stop(&h, l);
	if (s->f)
		add_finding(l, s, &s->chain);
	cause_sort(&s->chain);
	shorten(&s->chain);
	for (u32 i = 0; i < s->chain.n; i++)
		why_so(l, s, &s->chain.v[i]);
	vec_free(&p);
	str_free(&h.s);
}
