/* SPDX-License-Identifier: MIT */
/* The question that a story answers, and the answer. */
#include "report/why_int.h"

#include <ctype.h>
#include <string.h>

#include "core/addr.h"
#include "report/narrate.h"

static u32 line_of(const struct look *l, u32 event)
{
	return names_line(l->n, event_get(l->n->log, event)->stmt);
}

/* ", line 15, e2" */
static void when(const struct look *l, u32 event, struct str *out)
{
	if (line_of(l, event))
		str_printf(out, ", line %u", line_of(l, event));
	str_printf(out, ", e%u", event);
}

/* The party that wrote: "the kernel", where it zeroed what it gave out. */
static const char *writer(const struct look *l, u32 event)
{
	const struct named_buffer *b = l->w->asked.buf;
	const struct event *e = event_get(l->n->log, event);

	if (e->kind == EV_LAB_PRESET)
		return "the laboratory";
	if (b && event < b->from)
		return "the kernel";
	return names_party(l->n, e->party);
}

/* 68 65 6c 6c 6f "hello", aa aa aa aa .. */
static void hex_and_text(const u8 *v, u32 n, bool mixed, struct str *out)
{
	bool text = n > 1 && mixed && n <= 16;

	for (u32 i = 0; i < n && text; i++)
		text = v[i] >= 0x20 && v[i] < 0x7f;
	for (u32 i = 0; i < n && i < (n <= 6 ? 6u : 4u); i++)
		str_printf(out, "%s%02x", i ? " " : "", v[i]);
	str_add(out, n > 6 ? " .." : "");
	if (text) {
		str_add(out, " \"");
		str_addn(out, (const char *)v, n);
		str_add(out, "\"");
	}
}

static void seen_text(const struct why_seen *x, u32 n, struct str *out)
{
	hex_and_text(x->value, n, x->mixed, out);
}

/* Ends a sentence, and begins the next. */
static void stop(struct str *out)
{
	narrate_stop(out);
	str_add(out, " ");
}

static const char *many(const struct why_story *s)
{
	return s->n == 1 ? "it" : "them";
}

static bool is_old(const struct why_seen *x)
{
	return x->there && (x->mark == '~' || x->mark == '!');
}

/* ---- where the newest are ---- */

static void places(const struct look *l, const struct why_story *s, struct str *out)
{
	static const char *const words[] = {
	    [WHY_IN_BUFFER] = "the CPU's store buffer", [WHY_IN_CACHE] = "the cache",
	    [WHY_IN_OUTER] = "the outer cache",		[WHY_IN_MEMORY] = "memory",
	    [WHY_IN_SLOT] = "the bounce slot",
	};
	u32 told = 0, all = 0;

	_Static_assert(ARRAY_LEN(words) == WHY_PLACES, "each place has its words");
	for (u32 i = 0; i < WHY_PLACES; i++)
		all += s->places >> i & 1;
	for (u32 i = 0; i < WHY_PLACES; i++)
		if (s->places >> i & 1) {
			str_add(out, !told ? "" : told + 1 < all ? ", " : " and ");
			str_add(out, i == WHY_IN_BUFFER && l->n->prog->cpus > 1 ? "a store buffer"
										: words[i]);
			told++;
		}
}

/* "The newest bytes are 68 .. "hello", written by nic at e12; they are in memory." */
static void newest(const struct look *l, const struct why_story *s, struct str *out)
{
	struct str at = {0};

	str_printf(out, "The newest byte%s ", s->n == 1 ? " is" : "s are");
	hex_and_text(s->newest, s->n, s->newest_mixed, out);
	if (s->written)
		str_printf(out, ", written by %s at e%u", writer(l, s->written), s->written);
	places(l, s, &at);
	if (at.n)
		str_printf(out, "; %s in %s", s->n == 1 ? "it is" : "they are", str_get(&at));
	str_add(out, ". ");
	str_free(&at);
}

/* ---- why a party is behind ---- */

static u32 last_event(const struct look *l, const struct why_story *s, u64 kinds)
{
	for (u32 i = l->touch.n; i-- > 0;)
		if ((kinds >> l->touch.v[i].kind & 1) && touch_covers(&l->touch.v[i], s->pa))
			return l->touch.v[i].event;
	return 0;
}

static u8 cpu_from(const struct look *l, const struct why_story *s)
{
	struct truths t;

	if (s->state == WHY_STALE && s->f && !s->again)
		return s->f->source;
	oracle_truths(&l->r->e->oracle, s->pa, ~0u, &t);
	return t.cpu.from;
}

/* The CPU reads, or would, something old. */
static void cpu_behind(const struct look *l, const struct why_story *s, bool reads, struct str *out)
{
	const char *who = names_subject(l->n, reads ? s->reader : PARTY_CPU);
	u32 fill = last_event(l, s, EVENT_BIT(FILL) | EVENT_BIT(SPEC_FILL));
	const char *verb = reads ? "read" : "would read";

	switch (s->bounced ? COPY_MEMORY : cpu_from(l, s)) {
	case COPY_CACHE:
	case COPY_OUTER:
		str_printf(out, "%s %s its own copy", who, verb);
		if (fill)
			str_printf(out, " from e%u", fill);
		str_add(out, ", which nothing has dropped. ");
		break;
	case COPY_BUFFER:
		str_printf(out, "%s %s its own older store, which has not left the store buffer. ",
			   who, verb);
		break;
	case COPY_PAST:
		str_printf(out,
			   "%s may load early: it took what was there before, and no barrier "
			   "stands between. ",
			   who);
		break;
	default:
		if (s->bounced)
			str_printf(out, "%s %s the buffer; nothing has copied the slot back. ", who,
				   verb);
		else
			str_printf(out, "%s %s memory, and they are not there yet. ", who, verb);
	}
}

static void device_behind(const struct look *l, const struct why_story *s, bool reads,
			  struct str *out)
{
	u32 in = last_event(l, s, EVENT_BIT(COPY_IN));

	str_printf(out, "%s %s ", names_device(l->n, reads ? s->reader - PARTY_DEVICE : s->dev),
		   reads ? "read" : "would read");
	if (s->bounced && in)
		str_printf(out, "the bounce slot; nothing has copied them into it since e%u. ", in);
	else if (s->bounced)
		str_add(out, "the bounce slot; nothing has copied them into it. ");
	else
		str_printf(out, "memory; %s. ",
			   s->places & 1 << WHY_IN_BUFFER
			       ? "nothing has let them out of the store buffer"
			       : "nothing has written the cache's line back");
}

/* ---- each state ---- */

static void said_stale(struct look *l, struct why_story *s)
{
	bool cpu = names_is_cpu(l->n, s->reader);

	str_printf(&s->title, "why does %s read ", names_party(l->n, s->reader));
	seen_text(cpu ? &s->cpu : &s->device, s->n, &s->title);
	str_add(&s->title, "?");
	newest(l, s, &s->answer);
	(cpu ? cpu_behind : device_behind)(l, s, true, &s->answer);
}

/* Whether somebody who may look now would get something old. */
static bool is_due(const struct why_story *s)
{
	return (s->cpu.there && s->cpu.mark == '!') || (s->device.there && s->device.mark == '!');
}

/* Who is behind, and what it would get: the CPU first, then the device, then memory. */
static const struct why_seen *behind(const struct look *l, const struct why_story *s,
				     struct str *title)
{
	u32 cpu = party_of_cpu(names_cpu_at(l->n, l->at), l->n->cfg->hw.devs);

	if (is_old(&s->cpu)) {
		str_printf(title, "why would %s read ", names_party(l->n, cpu));
		return &s->cpu;
	}
	if (is_old(&s->device)) {
		str_printf(title, "why would %s read ", names_device(l->n, s->dev));
		return &s->device;
	}
	str_add(title, "why does memory hold ");
	return &s->memory;
}

static void said_old(struct look *l, struct why_story *s)
{
	const struct why_seen *x = behind(l, s, &s->title);
	bool same = x->mixed == s->newest_mixed && memcmp(x->value, s->newest, s->shown) == 0;

	if (same)
		str_add(&s->title, "an old copy of ");
	seen_text(x, s->n, &s->title);
	str_add(&s->title, "?");
	newest(l, s, &s->answer);
	if (is_old(&s->cpu))
		cpu_behind(l, s, false, &s->answer);
	if (is_old(&s->device))
		device_behind(l, s, false, &s->answer);
	if (x == &s->memory)
		str_printf(&s->answer, "Memory gets %s when the %s. ", many(s),
			   s->places & 1 << WHY_IN_BUFFER ? "store buffer lets go"
							  : "cache writes its line back");
	if (same)
		str_add(&s->answer, "The old copy has the same value. ");
	str_add(&s->answer,
		is_due(s) ? "Whoever reads them now reads them stale. " : "Nothing is wrong yet. ");
}

/* "At e43 the cache wrote its whole line over it; no copy is left." */
static void lost_at(struct look *l, struct why_story *s)
{
	const struct cause_step *last = s->f ? why_step(l, &s->chain, s->f->event) : NULL;

	if (last)
		str_printf(&s->answer, "At e%u %s; no copy is left. ", s->f->event, last->text);
	else
		str_add(&s->answer, "No copy is left. ");
}

static void said_lost(struct look *l, struct why_story *s)
{
	const struct why_seen *left = s->snooped ? &s->cpu : &s->memory;

	str_printf(&s->title, "where %s ", s->n == 1 ? "is" : "are");
	hex_and_text(s->newest, s->n, s->newest_mixed, &s->title);
	str_add(&s->title, "?");
	if (s->written && event_get(l->n->log, s->written)->kind != EV_LAB_PRESET)
		str_printf(&s->answer, "%s wrote %s at e%u. ",
			   names_subject(l->n, event_get(l->n->log, s->written)->party), many(s),
			   s->written);
	lost_at(l, s);
	str_add(&s->answer, "What is there now is older: ");
	seen_text(left, s->n, &s->answer);
	if (left->event) {
		str_printf(&s->answer, ", by %s", writer(l, left->event));
		when(l, left->event, &s->answer);
	}
	stop(&s->answer);
}

static void said_broken(struct look *l, struct why_story *s)
{
	str_printf(&s->title, "%s: %s.",
		   s->f->severity == SEVERITY_COST ? "the bytes are right, at a price"
						   : "a rule is broken here",
		   diag_info(s->f->id)->name);
	finding_message(l->n, s->f, &s->answer);
	str_add(&s->answer, " ");
	if (is_old(&s->cpu) || is_old(&s->memory) || is_old(&s->device))
		newest(l, s, &s->answer);
}

static void said_stopped(struct look *l, struct why_story *s)
{
	const struct event *e = event_get(l->n->log, l->at);

	str_printf(&s->title, "why does %s not %s %s?", names_device(l->n, e->arg),
		   e->f[2] ? "write" : "read", s->n == 1 ? "it" : "them");
	if (s->f)
		finding_message(l->n, s->f, &s->answer);
	else
		narrate_event(l->n, &l->r->e->lx, l->at, &s->answer);
	str_add(&s->answer, " What the bytes held is as it was. ");
}

/* ", line 13, e2" of what opened or closed the buffer. */
static void said_life(struct look *l, struct why_story *s)
{
	const struct named_buffer *b = l->w->asked.buf;

	if (s->state == WHY_NOT_YET) {
		str_printf(&s->title, "there is no %s yet.", b->name);
		str_add(&s->answer, "It is made by ");
		str_printf(&s->answer, "line %u, e%u. ", line_of(l, b->from), b->from);
	} else {
		str_printf(&s->title, "%s is freed", b->name);
		when(l, b->to, &s->title);
		str_add(&s->title, ".");
		str_add(&s->answer, "Nobody owns these bytes");
		if (names_buffer(l->n, s->pa, l->at)) {
			str_clear(&s->answer);
			str_add(&s->answer, "The memory is given out again: it is now ");
			names_byte(l->n, s->pa, l->at, &s->answer);
		}
		str_add(&s->answer, ". ");
	}
}

static void said_unwritten(struct look *l, struct why_story *s)
{
	const struct named_buffer *b = l->w->asked.buf;

	str_add(&s->title, "nobody has written ");
	str_printf(&s->title, "%s%s.", s->n == 1 ? "it" : "them", b ? " since it was made" : "");
	if (b) {
		str_clear(&s->title);
		str_printf(&s->title, "nobody has written %s since %s was made",
			   s->n == 1 ? "it" : "them", b->name);
		when(l, b->from, &s->title);
		str_add(&s->title, ".");
	}
	seen_text(&s->cpu, s->n, &s->answer);
	str_printf(&s->answer, " %s what happened to be there. ", s->n == 1 ? "is" : "are");
}

/* The event is a device's access that went elsewhere. */
static void said_elsewhere(struct look *l, struct why_story *s)
{
	u32 kind = event_get(l->n->log, l->at)->kind;

	if (kind != EV_IOMMU_FAULT && kind != EV_DMA_ABORT)
		return;
	str_add(&s->answer, "The event is about other bytes: ");
	narrate_event(l->n, &l->r->e->lx, l->at, &s->answer);
	str_add(&s->answer, " ");
}

/* "nothing is wrong. aa by the CPU, line 15, e2; all three agree." */
static void said_fine(struct look *l, struct why_story *s)
{
	str_add(&s->title, "nothing is wrong.");
	if (s->cpu.mixed || s->n == 1)
		narrate_bytes(s->cpu.value, s->n < 64 ? s->n : 64, s->n, &s->answer);
	else
		str_printf(&s->answer, "%02x", s->cpu.value[0]);
	if (s->written) {
		str_printf(&s->answer, " by %s", writer(l, s->written));
		when(l, s->written, &s->answer);
	}
	str_add(&s->answer, s->device.there
				? "; all three agree. "
				: "; CPU and memory agree, and no device has a mapping. ");
	said_elsewhere(l, s);
}

/* What the kernel copied into the slot of the byte has not left the CPU that copied it. */
static bool slot_waits(const struct look *l, u64 pa)
{
	const struct world *w = l->r->e->w;
	struct copyref c[COPIES_MAX];
	u32 n = hw_copies(w, pa, 1, c, COPIES_MAX);

	for (u32 i = 0; i < n; i++)
		if (c[i].link && c[i].kind == COPY_BUFFER && !bits_get(w, c[i].old, c[i].bit, 1))
			return true;
	return false;
}

/* "The CPU would read aa aa, memory holds the same, the bounce slot 00 00." */
static void said_each(const struct look *l, const struct why_story *s, struct str *out)
{
	bool same = memcmp(s->cpu.value, s->memory.value, s->shown) == 0;

	str_add(out, "The CPU would read ");
	seen_text(&s->cpu, s->n, out);
	str_add(out, ", memory holds ");
	if (same)
		str_add(out, "the same");
	else
		seen_text(&s->memory, s->n, out);
	if (s->slot.there) {
		str_add(out, ", the bounce slot ");
		seen_text(&s->slot, s->n, out);
		if (s->slot.behind && slot_waits(l, s->pa))
			str_add(out, ": what was copied into it waits in the store buffer");
	}
	stop(out);
}

/* The device to which the call that the event belongs to will give them; NULL: none. */
static const char *next_owner(const struct look *l, const struct why_story *s)
{
	const struct event_log *log = l->n->log;

	for (u32 k = l->at + 1; k <= log->n && event_step(log, k) == event_step(log, l->at); k++) {
		const struct event *e = event_get(log, k);
		u64 lo, hi;

		if ((e->kind == EV_MAP || e->kind == EV_SYNC_DEVICE) &&
		    touched_by(l->n, k, &lo, &hi) && s->pa >= lo && s->pa < hi)
			return names_device(l->n, e->arg);
	}
	return NULL;
}

/* Of bytes that a device is to write: nobody is behind, whatever is there. */
static void said_loose(struct look *l, struct why_story *s)
{
	u32 k = last_event(l, s, EVENT_BIT(MAP) | EVENT_BIT(SYNC_DEVICE));
	const char *next = s->device.there ? NULL : next_owner(l, s);

	if (!s->chain.n) {
		said_fine(l, s);
	} else {
		str_add(&s->title, "nothing is wrong, though not all agree.");
		said_each(l, s, &s->answer);
	}
	if (next) {
		str_printf(&s->answer,
			   "The call is about to give %s to %s, to write: what is there may be dropped. ",
			   many(s), next);
		return;
	}
	str_printf(&s->answer, "%s is to write %s",
		   s->device.there ? names_device(l->n, s->dev) : "A device", many(s));
	if (k)
		str_printf(&s->answer, " since e%u", k);
	str_add(&s->answer, ": what is there may be dropped. ");
}

static void said_left(struct look *l, struct why_story *s)
{
	(void)l;
	str_add(&s->title, "handed back unwritten.");
	str_printf(&s->answer,
		   "%s given away to be written, and nobody did. What the CPU finds there now "
		   "depends on the platform: whoever uses %s uses a leftover. ",
		   s->n == 1 ? "It was" : "They were", many(s));
}

/* How a handle by which the bytes were named stands. */
static void said_handle(struct look *l, struct why_story *s)
{
	const struct named_map *m = l->w->asked.map;

	if (!m || s->state == WHY_FREED)
		return;
	if (m->from > l->at) {
		str_printf(&s->answer, "%s is not mapped yet", m->name);
		str_printf(&s->answer, ": line %u, e%u. ", line_of(l, m->from), m->from);
	} else if (m->to && m->to < l->at) {
		str_printf(&s->answer, "%s is no mapping any more", m->name);
		when(l, m->to, &s->answer);
		str_add(&s->answer, ". ");
	}
}

void why_said(struct look *l, struct why_story *s)
{
	static void (*const told[])(struct look *, struct why_story *) = {
	    [WHY_FINE] = said_fine,    [WHY_STALE] = said_stale,   [WHY_OLD] = said_old,
	    [WHY_LOST] = said_lost,    [WHY_BROKEN] = said_broken, [WHY_STOPPED] = said_stopped,
	    [WHY_LOOSE] = said_loose,  [WHY_LEFT] = said_left,	   [WHY_UNWRITTEN] = said_unwritten,
	    [WHY_NOT_YET] = said_life, [WHY_FREED] = said_life,
	};

	told[s->state](l, s);
	said_handle(l, s);
	while (s->answer.n && s->answer.s[s->answer.n - 1] == ' ')
		s->answer.s[--s->answer.n] = 0;
}
