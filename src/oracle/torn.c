/* SPDX-License-Identifier: MIT */
/*
 * Fields that a device sees half new (linux-dma: torn-store): an assignment to memory that both
 * sides see, of at most 8 bytes, that took two accesses, or one that a device on a narrow bus read
 * in two. Nobody was told that the field is there yet, so no half is stale; but the value is one
 * that nobody ever wrote.
 *
 * Only reads of at most 8 bytes count: who fetches a whole descriptor looks at its owner bit first.
 */
#include "core/know.h"
#include "oracle/oracle_int.h"

static const struct oracle_numbers *numbers(const struct oracle *o)
{
	return world_at(o->w, o->numbers);
}

static void tell(struct oracle *o, u64 home, u32 n, u32 stmt, u32 dev)
{
	struct finding f = finding_at(o, DIAG_TORN_STORE, home, n);

	f.party = (u8)(PARTY_DEVICE + dev);
	f.dev = dev + 1;
	if (stmt)
		f.stmt = stmt;
	report_now(o, &f);
}

static void forget_split(struct oracle *o, u64 home, u64 n)
{
	for (u32 i = 0; i < TORN_FIELDS; i++) {
		const struct split_field *s = &orules(o)->split[i];

		if (s->hi && s->lo < home + n && home < s->lo + s->hi)
			W_SET(o->w, *s, (struct split_field){0});
	}
}

/* Takes a free place, else the first one: the oldest fields are the least likely to be looked at
 * for the first time now. */
static void add_split(struct oracle *o, u64 lo, u64 mid, u64 hi)
{
	const struct split_field *s = orules(o)->split;
	u32 i = 0;

	while (i < TORN_FIELDS && s[i].hi)
		i++;
	W_SET(o->w, s[i % TORN_FIELDS],
	      ((struct split_field){.lo = lo, .mid = (u8)(mid - lo), .hi = (u8)(hi - lo)}));
}

/* What a device has read the first half of is written. */
static void touch_reads(struct oracle *o, u64 home, u64 n)
{
	for (u32 d = 0; d < o->hw->cfg->devs; d++) {
		const struct half *r = &orules(o)->read[d];

		if (r->hi && !r->flag && r->lo < home + n && home < r->hi)
			W_SET(o->w, r->flag, (u16)1);
	}
}

void torn_store(struct oracle *o, const struct event *e)
{
	const struct half *was = &orules(o)->store;
	u64 home = link_home(o->w, e->f[0]), end = home + e->f[1];
	u32 step = world_now(o->w)->step;
	bool drained = e->kind == EV_DRAIN || e->kind == EV_DRAIN_EARLY;
	struct half now = {0};

	if (!o->w->knows || !shared_memory(o, home))
		return;
	if (e->kind != EV_STORE_BUFFERED)
		touch_reads(o, home, e->f[1]);
	if (drained)
		return;
	forget_split(o, home, e->f[1]);
	if (was->hi == home && home % 8 == 0 && numbers(o)->half_step == step &&
	    was->stmt == e->stmt && end - was->lo <= 8) {
		add_split(o, was->lo, home, end);
		if (was->flag)
			tell(o, was->lo, (u32)(end - was->lo), e->stmt, was->flag - 1u);
	} else if (end % 8 == 0 && e->f[1] < 8) {
		now = (struct half){.lo = home, .hi = end, .stmt = e->stmt};
		W_SET(o->w, numbers(o)->half_step, step);
	}
	if (memcmp(was, &now, sizeof now) != 0)
		W_SET(o->w, *was, now);
}

/* A half-done store: its first half was seen, and what comes behind it with it. */
static void saw_first_half(struct oracle *o, const struct event *e, u64 home, const struct view *v)
{
	const struct half *s = &orules(o)->store;

	if (!s->hi || s->flag || numbers(o)->half_step != world_now(o->w)->step || home >= s->hi ||
	    home + v->n <= s->hi || home + 8 < s->hi)
		return;
	if (!(v->old >> (s->hi - 1 - home) & 1))
		W_SET(o->w, s->flag, (u16)(e->arg + 1));
}

static void saw_split(struct oracle *o, const struct event *e, u64 home, const struct view *v)
{
	for (u32 i = 0; i < TORN_FIELDS; i++) {
		const struct split_field *s = &orules(o)->split[i];
		u64 mid = s->lo + s->mid;
		u32 k, old;
		u16 rec;

		if (!s->hi || home >= mid || home + v->n <= mid)
			continue;
		k = (u32)(mid - home); /* where the second half begins in what was read */
		old = (u32)(v->old >> (k - 1)) & 3;
		if (old == 0 || old == 3)
			continue; /* both halves of one age */
		rec = v->wid[old == 2 ? k - 1 : k];
		tell(o, s->lo, s->hi, rec ? know_record(o->w, rec)->stmt : 0, e->arg);
	}
}

/*
 * The second beat of a field: the CPU's one store to both halves came in between. A beat ends where
 * the device's width does; reads that end elsewhere are of neighbours.
 */
static void saw_second_beat(struct oracle *o, const struct event *e, u64 home, const struct view *v)
{
	const struct half *was = &orules(o)->read[e->arg];
	u64 beat = min_u64(o->hw->cfg->dev[e->arg].beat, o->w->line);
	struct half now = {0};

	if (was->hi == home && home % beat == 0 && was->flag && was->stmt == e->stmt && v->wid[0]) {
		const struct record *r = know_record(o->w, v->wid[0]);
		struct view first;

		dma_peek(o->hw, e->arg, e->f[1] - 1, 1, &first);
		if (is_cpu(o, r->writer) && first.wid[0] == v->wid[0])
			tell(o, was->lo, (u32)(home + v->n - was->lo), r->stmt, e->arg);
	}
	if (v->n < 8 && (home + v->n) % 8)
		now = (struct half){.lo = home, .hi = home + v->n, .stmt = e->stmt};
	if (memcmp(was, &now, sizeof now) != 0)
		W_SET(o->w, *was, now);
}

void torn_read(struct oracle *o, const struct event *e, const struct view *v)
{
	u64 home = link_home(o->w, e->f[1]);

	if (!o->w->knows || !shared_memory(o, home))
		return;
	if (v->n <= 8) {
		saw_first_half(o, e, home, v);
		saw_split(o, e, home, v);
	}
	saw_second_beat(o, e, home, v);
}
