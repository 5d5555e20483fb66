/* SPDX-License-Identifier: MIT */
/* Which stories the bytes have: what became of each byte, and which neighbours share that. */
#include "report/why_int.h"

#include <string.h>

#include "core/addr.h"

const char *why_state_name(enum why_state s)
{
	static const char *const names[] = {
	    [WHY_FINE] = "fine",       [WHY_STALE] = "stale",	   [WHY_OLD] = "old",
	    [WHY_LOST] = "lost",       [WHY_BROKEN] = "finding",   [WHY_STOPPED] = "stopped",
	    [WHY_LOOSE] = "droppable", [WHY_LEFT] = "not-written", [WHY_UNWRITTEN] = "undefined",
	    [WHY_NOT_YET] = "not-yet", [WHY_FREED] = "freed",
	};

	_Static_assert(ARRAY_LEN(names) == WHY_STATES, "each state has a name");
	return names[s];
}

void why_goto(struct look *l, u32 event)
{
	engine_look_as(l->r->e, 0);
	engine_goto(l->r->e, event);
	engine_look_as(l->r->e, names_cpu_at(l->n, event));
}

/* ---- what touched them ---- */

/* The first event of the call that made the buffer: the kernel may have zeroed it. */
static u32 first_of(const struct names *n, const struct named_buffer *b)
{
	u32 k = b->from;

	while (k > 1 && event_step(n->log, k - 1) == event_step(n->log, b->from))
		k--;
	return k;
}

/* Events of one kind, party and turn of a statement go together; others may come between. */
static u32 group_of(const struct look *l, const struct touch *t)
{
	enum { FAR = 4096 };
	u32 step = event_step(l->n->log, t->event);

	for (u32 i = l->touch.n; i-- > 0 && l->touch.n - i < FAR;) {
		const struct touch *o = &l->touch.v[i];

		if (o->kind == t->kind && o->party == t->party &&
		    event_step(l->n->log, o->event) == step)
			return o->group;
	}
	return t->event;
}

static void find_touches(struct look *l)
{
	const struct why_bytes *a = &l->w->asked;

	for (u32 k = l->start; k <= l->at; k++) {
		const struct event *e = event_get(l->n->log, k);
		struct touch t = {.event = k, .kind = e->kind, .party = e->party};

		if (!touched_by(l->n, k, &t.lo, &t.hi) || t.lo >= a->pa + a->len || t.hi <= a->pa)
			continue;
		t.group = group_of(l, &t);
		vec_push(&l->touch, t);
	}
}

/* ---- one byte ---- */

/*
 * The three truths of a byte. Where devices snoop, the memory row is what a snooping party gets,
 * also while nothing is mapped: a dirty line is no news there.
 */
static void truths_at(const struct look *l, u64 pa, struct truths *t)
{
	const struct engine *e = l->r->e;
	bool quiet = ((copies_discardable(e->w, pa, 1) | copies_leftover(e->w, pa, 1)) & 1) != 0;
	struct view v = {0};

	oracle_truths(&e->oracle, pa, ~0u, t);
	if (t->device.state == TRUTH_KNOWN || !e->cfg->hw.devs || !e->cfg->hw.dev[0].coherent)
		return;
	dma_peek(&e->hw, 0, pa, 1, &v);
	t->memory.value = v.data[0];
	t->memory.behind = v.old & 1;
	t->memory.mark = v.old & 1 && !quiet ? '~' : ' ';
	t->snooped = true;
	if (t->memory.mark == ' ' && t->cpu.mark == '*')
		t->cpu.mark = ' ';
}

static bool is_old(const struct truth *t)
{
	return t->state == TRUTH_KNOWN && (t->mark == '~' || t->mark == '!');
}

/* The write that gave a copy its value: of an old one, one before the newest. */
static void origin(struct look *l, u64 pa, bool old, struct why_seen *x)
{
	struct touch *w = touch_last_write(l, pa, l->touch.n);

	if (w && old)
		w = touch_last_write(l, pa, (u32)(w - l->touch.v));
	while (w && touch_value(l, w, pa) != x->value[0])
		w = touch_last_write(l, pa, (u32)(w - l->touch.v));
	x->event = w ? w->event : 0;
	x->group = w ? w->group : 0;
}

/* Whether the access of the finding has the byte at the event that is asked for. */
static bool accessed(const struct look *l, const struct finding *f, u64 pa)
{
	const struct event *e = event_get(l->n->log, l->at);
	struct touch *t = l->touch.n ? &l->touch.v[l->touch.n - 1] : NULL;

	if (!f->n || pa < f->pa || pa - f->pa >= f->n)
		return false;
	if (f->event == l->at)
		return true;
	return f->event < l->at && t && t->event == l->at && touch_covers(t, pa) &&
	       e->party == f->party && event_step(l->n->log, l->at) == f->step;
}

/* What is to be told of the byte here: worst first; NULL: nothing was found. */
static const struct finding *finding_of(const struct look *l, u64 pa)
{
	const struct finding *best = NULL;

	for (u32 i = 0; i < l->r->found.n; i++) {
		const struct finding *f = &l->r->found.v[i].f;

		if (!finding_is_beside(f) && accessed(l, f, pa) &&
		    (!best || f->severity > best->severity))
			best = f;
	}
	return best;
}

/* The finding of an earlier turn of the statement that now does the same; NULL: none. */
static const struct finding *same_before(const struct look *l, u64 pa, enum told told)
{
	const struct event *e = event_get(l->n->log, l->at);

	for (u32 i = 0; i < l->r->found.n; i++) {
		const struct finding *f = &l->r->found.v[i].f;

		if (f->told == told && f->event < l->at && f->at_stmt == e->stmt &&
		    f->party == e->party && f->n && pa - f->pa < f->n)
			return f;
	}
	return NULL;
}

/* The last finding that says that the byte is lost. */
static const struct finding *lost_before(const struct look *l, u64 pa)
{
	const struct finding *best = NULL;

	for (u32 i = 0; i < l->r->found.n; i++) {
		const struct finding *f = &l->r->found.v[i].f;

		if (f->told == TOLD_LOST && f->event <= l->at && f->event >= l->start &&
		    pa - f->pa < f->n && (!best || f->event > best->event))
			best = f;
	}
	return best;
}

/* The event is a device's access through a handle of these bytes that did not come to them. */
static bool stopped(const struct look *l, u64 pa)
{
	const struct event *e = event_get(l->n->log, l->at);
	const struct named_map *m;
	u64 len = e->f[1] ? e->f[1] : 1;

	if (e->kind != EV_IOMMU_FAULT && e->kind != EV_DMA_ABORT)
		return false;
	m = names_map(l->n, e->arg, e->f[0], l->at);
	return m && pa - (m->pa + (e->f[0] - m->bus)) < len;
}

static bool is_read_now(const struct look *l, u64 pa)
{
	const struct touch *t = l->touch.n ? &l->touch.v[l->touch.n - 1] : NULL;

	return t && t->event == l->at && touch_reads(t) && touch_covers(t, pa);
}

static bool stale_now(const struct look *l, const struct truths *t, u64 pa)
{
	bool cpu = names_is_cpu(l->n, event_get(l->n->log, l->at)->party);

	return is_read_now(l, pa) && (cpu ? &t->cpu : &t->device)->mark == '!';
}

static enum why_state after_life(const struct look *l)
{
	const struct named_buffer *b = l->w->asked.buf;

	if (b && l->at < b->from)
		return WHY_NOT_YET;
	return b && b->to && l->at > b->to ? WHY_FREED : WHY_FINE;
}

static enum why_state by_finding(const struct finding *f)
{
	return f->told == TOLD_STALE ? WHY_STALE : f->told == TOLD_LOST ? WHY_LOST : WHY_BROKEN;
}

static enum why_state state_of(const struct look *l, const struct truths *t, u64 pa,
			       struct why_story *s)
{
	const struct world *w = l->r->e->w;
	enum why_state over = after_life(l);
	u8 value;
	u16 rec;

	s->f = finding_of(l, pa);
	if (stopped(l, pa))
		return WHY_STOPPED;
	if (s->f)
		return by_finding(s->f);
	if (over != WHY_FINE)
		return over;
	if (stale_now(l, t, pa)) {
		s->f = same_before(l, pa, TOLD_STALE);
		s->again = s->f != NULL;
		return WHY_STALE;
	}
	if (copies_leftover(w, pa, 1) & 1)
		return WHY_LEFT;
	if (copies_discardable(w, pa, 1) & 1)
		return WHY_LOOSE;
	if (!copies_newest(w, pa, &value, &rec)) {
		s->f = lost_before(l, pa);
		return WHY_LOST;
	}
	if (is_old(&t->cpu) || is_old(&t->memory) || is_old(&t->device))
		return WHY_OLD;
	return touch_last_write(l, pa, l->touch.n) ? WHY_FINE : WHY_UNWRITTEN;
}

static void seen(struct look *l, struct why_seen *x, u64 pa, const struct truth *t, bool there)
{
	x->there = there;
	x->mark = there ? t->mark : ' ';
	x->behind = there && t->behind;
	x->value[0] = t->value;
	if (there)
		origin(l, pa, is_old(t), x);
}

/* What a stale read at the event itself got: a weak core's early load is not what is there. */
static void really_read(struct look *l, struct why_story *s)
{
	struct touch *t = is_read_now(l, s->pa) ? &l->touch.v[l->touch.n - 1] : NULL;
	struct why_seen *x;

	s->reader = t ? t->party : s->f ? s->f->party : event_get(l->n->log, l->at)->party;
	x = names_is_cpu(l->n, s->reader) ? &s->cpu : &s->device;
	if (t && s->pa - t->lo < 8)
		x->value[0] = touch_value(l, t, s->pa);
	else if (s->f && !s->again && s->pa - s->f->pa < s->f->shown)
		x->value[0] = s->f->got[s->pa - s->f->pa];
	origin(l, s->pa, true, x);
	x->mark = '!';
	x->there = true;
}

/* Where there is a copy that is not old. */
static u32 places_of(const struct look *l, u64 pa)
{
	const struct world *w = l->r->e->w;
	struct copyref c[COPIES_MAX];
	u32 n = hw_copies(w, pa, 1, c, COPIES_MAX), has = 0;

	for (u32 i = 0; i < n; i++) {
		u32 at = c[i].kind == COPY_BUFFER  ? WHY_IN_BUFFER
			 : c[i].link		   ? WHY_IN_SLOT
			 : c[i].kind == COPY_CACHE ? WHY_IN_CACHE
			 : c[i].kind == COPY_OUTER ? WHY_IN_OUTER
						   : WHY_IN_MEMORY;

		if (c[i].kind != COPY_PAST && !bits_get(w, c[i].old, c[i].bit, 1))
			has |= 1u << at;
	}
	return has;
}

static void one_byte(struct look *l, u64 pa, struct why_story *s)
{
	struct truths t;
	struct touch *w;

	*s = (struct why_story){.pa = pa, .n = 1, .shown = 1, .reader = ~0u};
	truths_at(l, pa, &t);
	s->state = state_of(l, &t, pa, s);
	s->bounced = t.bounced;
	s->snooped = t.snooped;
	s->dev = t.dev;
	if (s->state == WHY_NOT_YET || s->state == WHY_FREED)
		return;
	seen(l, &s->cpu, pa, &t.cpu, true);
	seen(l, &s->memory, pa, &t.memory, true);
	seen(l, &s->device, pa, &t.device, t.device.state == TRUTH_KNOWN);
	seen(l, &s->slot, pa, &t.slot, t.bounced);
	/* What a device only writes has no mark: it is as old as where the device looks. */
	if (s->device.there && !s->bounced && t.device.value == t.memory.value)
		s->device.event = s->memory.event, s->device.group = s->memory.group;
	why_goto(l, l->at);
	s->places = places_of(l, pa);
	w = touch_last_write(l, pa, l->touch.n);
	s->written = w ? w->event : 0;
	s->group = w ? w->group : 0;
	if (w)
		s->newest[0] = touch_value(l, w, pa);
	if (s->state == WHY_STALE)
		really_read(l, s);
	if (s->state == WHY_BROKEN)
		s->reader = s->f->party;
}

/* ---- stories ---- */

static bool same_seen(const struct why_seen *a, const struct why_seen *b)
{
	return a->there == b->there && a->mark == b->mark && a->group == b->group;
}

/* All who look see the same value. */
static bool agrees(const struct why_story *s)
{
	return s->cpu.value[0] == s->memory.value[0] &&
	       (!s->device.there || s->device.value[0] == s->cpu.value[0]);
}

/* Of bytes of which there is no chain to tell only what is said of them must be the same. */
static bool same_calm(const struct why_story *a, const struct why_story *b)
{
	return a->group == b->group && a->device.there == b->device.there &&
	       (!a->device.there || a->dev == b->dev);
}

static bool same_story(const struct why_story *a, const struct why_story *b)
{
	bool calm = a->state == WHY_FINE || a->state == WHY_UNWRITTEN ||
		    (a->state == WHY_LOOSE && agrees(a));

	if (a->state == b->state && a->f == b->f && calm)
		return same_calm(a, b) && agrees(b);
	return a->state == b->state && a->f == b->f && a->again == b->again &&
	       a->bounced == b->bounced && a->snooped == b->snooped && a->dev == b->dev &&
	       a->group == b->group && a->reader == b->reader && a->places == b->places &&
	       same_seen(&a->cpu, &b->cpu) && same_seen(&a->memory, &b->memory) &&
	       same_seen(&a->device, &b->device) && same_seen(&a->slot, &b->slot);
}

static void add_seen(struct why_seen *x, u32 at, const struct why_seen *b)
{
	x->mixed |= b->value[0] != x->value[0];
	if (at < sizeof x->value)
		x->value[at] = b->value[0];
}

static void add_byte(struct why_story *s, const struct why_story *b)
{
	u32 at = s->n++;

	add_seen(&s->cpu, at, &b->cpu);
	add_seen(&s->memory, at, &b->memory);
	add_seen(&s->device, at, &b->device);
	add_seen(&s->slot, at, &b->slot);
	s->newest_mixed |= b->newest[0] != s->newest[0];
	if (at < sizeof s->newest)
		s->newest[s->shown++] = b->newest[0];
}

/* Of too many stories the mildest go, the last of them first; the rest stays in order. */
static void drop_mildest(struct why *w)
{
	for (u32 state = WHY_STATES; state-- > 0 && w->n > WHY_STORIES_MAX;) {
		u32 of = 0, kept = 0, to = 0, excess = w->n - WHY_STORIES_MAX;

		for (u32 i = 0; i < w->n; i++)
			of += w->v[i].state == (enum why_state)state;
		for (u32 i = 0; i < w->n; i++) {
			if (w->v[i].state == (enum why_state)state && kept++ + excess >= of)
				w->beyond++;
			else
				w->v[to++] = w->v[i];
		}
		w->n = to;
	}
}

static void find_stories(struct look *l)
{
	struct why *w = l->w;
	struct why_story *last = NULL, next;

	for (u64 i = 0; i < w->asked.len; i++) {
		why_goto(l, l->at);
		one_byte(l, w->asked.pa + i, &next);
		if (last && same_story(last, &next)) {
			add_byte(last, &next);
			continue;
		}
		vec_push(w, next);
		last = &w->v[w->n - 1];
	}
	drop_mildest(w);
}

void why_make(struct why *w, struct run *r, const struct why_bytes *asked)
{
	struct look l = {.w = w, .r = r, .n = &r->names, .at = asked->event};

	*w = (struct why){.r = r, .asked = *asked};
	if (w->asked.len > WHY_BYTES_MAX) {
		w->skipped = w->asked.len - WHY_BYTES_MAX;
		w->asked.len = WHY_BYTES_MAX;
	}
	l.start = asked->buf ? first_of(l.n, asked->buf) : 1;
	find_touches(&l);
	find_stories(&l);
	for (u32 i = 0; i < w->n; i++) {
		why_chain(&l, &w->v[i]);
		why_goto(&l, l.at);
		why_said(&l, &w->v[i]);
	}
	engine_look_as(r->e, 0);
	for (u32 i = 0; i < l.touch.n; i++)
		mem_free(l.touch.v[i].value);
	vec_free(&l.touch);
}

void why_free(struct why *w)
{
	for (u32 i = 0; i < w->n; i++) {
		cause_free(&w->v[i].chain);
		str_free(&w->v[i].title);
		str_free(&w->v[i].answer);
	}
	vec_free(w);
}
