/* SPDX-License-Identifier: MIT */
/*
 * Copies and knowledge against a slow model that keeps, per byte, the number of the write that each
 * copy holds, the set of writes that each party knows and the set of writes that are newer than
 * each: the same bytes are old, stale to the same parties, and lost at the same acts.
 *
 * The places are the test's own: six cells of one line, of which memory is always there.
 */
#include <stdarg.h>

#include "unit/machine.h"

enum { LINE = 16, PLACES = 6, WRITES = 64, PARTIES = 3 };

struct model {
	u32 parties, writes; /* write 0: what was there at first, known to all */
	u64 known[PARTIES];  /* by party: set of writes */
	u64 knew[WRITES];    /* what the writer knew then, itself included */
	u64 newer[LINE][WRITES];
	u8 holds[PLACES][LINE];
	bool present[PLACES];
	u16 fresh; /* bytes of which some present copy is not old */
};

struct lab {
	struct world *w;
	u32 cells;
	struct model m;
	u16 lost; /* bytes reported lost by the act */
	char story[4096];
};

static const u8 kinds[PLACES] = {COPY_MEMORY, COPY_CACHE,  COPY_OUTER,
				 COPY_BUFFER, COPY_BUFFER, COPY_BUFFER};

static u32 cell(const struct lab *l, u32 place)
{
	return l->cells + place * l->w->cell.stride;
}

static struct copyref ref(const struct lab *l, u32 place, u32 at, u32 n)
{
	return copies_cell(l->w, cell(l, place), at, n, (enum copy_kind)kinds[place]);
}

static u32 lab_copies(const struct world *w, u64 pa, u32 n, struct copyref *out, u32 max)
{
	const struct lab *l = w->ops.ctx;
	u32 k = 0;

	HOLDS(max >= PLACES);
	for (u32 i = 0; i < PLACES; i++)
		if (l->m.present[i])
			out[k++] = ref(l, i, (u32)(pa % LINE), n);
	return k;
}

static u64 lab_home(const struct world *w, u64 pa)
{
	(void)w;
	return pa;
}

static u32 lab_memory_at(const struct world *w, u64 line_pa)
{
	(void)line_pa;
	return cell(w->ops.ctx, 0);
}

static u32 lab_memory(struct world *w, u64 line_pa)
{
	return lab_memory_at(w, line_pa);
}

static void lab_lost(void *ctx, struct world *w, u64 pa, u32 n, const u8 *was, const u8 *who)
{
	struct lab *l = ctx;

	(void)w, (void)was, (void)who;
	for (u32 i = 0; i < n; i++) {
		HOLDS(!(l->lost >> (pa % LINE + i) & 1)); /* once */
		l->lost |= (u16)(1u << (pa % LINE + i));
	}
}

static void lab_start(struct lab *l, u32 parties)
{
	struct world *w = world_new(false);

	memset(l, 0, sizeof *l);
	l->w = w;
	world_set_cells(w, LINE, true, true, parties);
	know_init(w);
	l->cells = world_region(w, "places", (u64)PLACES * w->cell.stride, w->cell.stride,
				REGION_CELL, NULL);
	world_start(w);
	w->ops = (struct world_ops){l, lab_home, lab_copies, lab_memory, lab_memory_at};
	w->obs.ctx = l;
	w->obs.lost = lab_lost;
	l->m.parties = parties;
	l->m.writes = 1;
	l->m.present[0] = true;
	l->m.fresh = 0xffff;
	for (u32 p = 0; p < PARTIES; p++)
		l->m.known[p] = 1;
	l->m.knew[0] = 1;
}

/* ---- the acts, on both sides ---- */

static void say(struct lab *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct lab *l, const char *fmt, ...)
{
	size_t n = strlen(l->story);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->story + n, sizeof l->story - n, fmt, ap);
	va_end(ap);
}

static void act_write(struct lab *l, u8 p, u32 place, u32 at, u32 n)
{
	struct copyref c = ref(l, place, at, n);
	struct model *m = &l->m;
	u32 id = m->writes++;
	u8 data[LINE];

	say(l, " P%u writes w%u to %u[%u+%u];", p, id, place, at, n);
	memset(data, (int)(id & 1), sizeof data); /* equal values: verdicts are of writes */
	copies_write(l->w, p, at, &c, data, true);
	for (u32 b = at; b < at + n; b++) {
		for (u32 u = 0; u < id; u++)
			if (m->known[p] >> u & 1)
				m->newer[b][u] |= 1ull << id;
		m->holds[place][b] = (u8)id;
	}
	m->known[p] |= 1ull << id;
	m->knew[id] = m->known[p];
}

/* A drain: it decides which of two unordered writes is the older one. */
static void act_move(struct lab *l, u32 to, u32 from, u32 at, u32 n)
{
	struct copyref c = ref(l, from, at, n), d = ref(l, to, at, n);
	struct model *m = &l->m;
	struct view v = {.n = (u8)n};

	say(l, " move %u to %u [%u+%u];", from, to, at, n);
	copies_view(l->w, &c, &v, 0);
	copies_move(l->w, at, &d, &v, 0);
	for (u32 b = at; b < at + n; b++) {
		u8 x = m->holds[from][b], was = m->holds[to][b];

		if (!m->newer[b][x] && was != x)
			m->newer[b][was] |= 1ull << x;
		m->holds[to][b] = x;
	}
}

static void act_line(struct lab *l, u32 to, u32 from)
{
	say(l, " line %u to %u;", from, to);
	copies_move_line(l->w, 0, cell(l, to), cell(l, from), (enum copy_kind)kinds[to]);
	memcpy(l->m.holds[to], l->m.holds[from], LINE);
}

static void act_fill(struct lab *l, u32 to, u32 from)
{
	struct copyref d = ref(l, to, 0, LINE);

	say(l, " fill %u from %u;", to, from);
	/* it held nothing: garbage that nobody misses */
	bits_set(l->w, cell(l, to), cell(l, to) + l->w->cell.old, 0, LINE, ~0ull);
	copies_forget(l->w, &d);
	l->m.present[to] = true;
	act_line(l, to, from);
}

static void act_drop(struct lab *l, u32 place)
{
	struct copyref c = ref(l, place, 0, LINE);

	say(l, " drop %u;", place);
	copies_drop(l->w, 0, &c);
	l->m.present[place] = false;
}

static void act_read(struct lab *l, u8 p, u32 place, u32 b)
{
	struct copyref c = ref(l, place, b, 1);
	struct view v = {.n = 1};

	say(l, " P%u reads %u[%u]=w%u;", p, place, b, l->m.holds[place][b]);
	copies_view(l->w, &c, &v, 0);
	know_learn_read(l->w, p, v.wid[0], true);
	l->m.known[p] |= l->m.knew[l->m.holds[place][b]];
}

static void act_tell(struct lab *l, u8 p, u8 q)
{
	say(l, " P%u tells P%u;", q, p);
	know_learn_party(l->w, p, q, EDGE_HAND, 1);
	l->m.known[p] |= l->m.known[q];
}

/* ---- the comparison ---- */

static void compare(struct lab *l, bool write)
{
	struct model *m = &l->m;
	u16 fresh = 0;

	for (u32 i = 0; i < PLACES; i++)
		for (u32 b = 0; m->present[i] && b < LINE; b++) {
			struct copyref c = ref(l, i, b, 1);
			struct view v = {.n = 1};
			u64 newer = m->newer[b][m->holds[i][b]];

			copies_view(l->w, &c, &v, 0);
			fresh |= (u16)(newer ? 0 : 1u << b);
			if ((v.old & 1) != (newer != 0))
				ck_abort_msg("place %u byte %u: old is %u:%s", i, b,
					     (u32)(v.old & 1), l->story);
			for (u8 p = 0; p < m->parties; p++) {
				bool is = (v.old & 1) && know_knows(l->w, p, v.sup[0]);

				if (is != ((newer & m->known[p]) != 0))
					ck_abort_msg("place %u byte %u: stale to P%u is %u:%s", i,
						     b, p, is, l->story);
				if (know_knows(l->w, p, v.wid[0]) !=
				    (m->known[p] >> m->holds[i][b] & 1))
					ck_abort_msg("place %u byte %u: P%u knows it:%s", i, b, p,
						     l->story);
			}
		}
	if (l->lost != (write ? 0 : (m->fresh & ~fresh)))
		ck_abort_msg("lost %x, not %x:%s", l->lost, m->fresh & ~fresh, l->story);
	m->fresh = fresh;
	l->lost = 0;
}

static u32 present(const struct lab *l, struct rng *r)
{
	u32 i;

	do
		i = rng_below(r, PLACES);
	while (!l->m.present[i]);
	return i;
}

static void act(struct lab *l, struct rng *r)
{
	u32 at = rng_below(r, 4), n = 1 + rng_below(r, 2), i = present(l, r), j;
	u8 p = (u8)rng_below(r, l->m.parties);
	u32 what = rng_below(r, 10);

	if (what < 4) {
		act_write(l, p, i, at, n);
		compare(l, true);
		return;
	}
	for (j = 0; j < PLACES && l->m.present[j];)
		j++;
	if (what == 4)
		act_move(l, i, present(l, r), at, n);
	else if (what == 5)
		act_line(l, i, present(l, r));
	else if (what == 6 && j < PLACES)
		act_fill(l, j, i);
	else if (what == 7 && i)
		act_drop(l, i);
	else if (what == 8)
		act_read(l, p, i, at);
	else
		act_tell(l, p, (u8)rng_below(r, l->m.parties));
	compare(l, false);
}

/* Short runs first, so that a difference shows in few acts. */
START_TEST(test_same_verdicts)
{
	u32 parties = (u32)_i;
	struct rng r = rng_seed("copies against the model", 6000 + (u64)_i);

	for (u32 run = 0; run < 6000; run++) {
		struct lab l;
		u32 acts = 3 + run / 80;

		lab_start(&l, parties);
		for (u32 i = 0; i < acts && l.m.writes < WRITES; i++)
			act(&l, &r);
		world_free(l.w);
	}
}
END_TEST

static Suite *copies_oracle_suite(void)
{
	Suite *s = suite_create("copies_oracle");
	TCase *t = tcase_create("model");

	tcase_add_loop_test(t, test_same_verdicts, 2, PARTIES + 1);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(copies_oracle_suite)
