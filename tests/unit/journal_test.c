/* SPDX-License-Identifier: MIT */
/*
 * The journal of old bytes: random walks of undo and redo over a machine at work, at every position
 * of which the block equals a copy taken on the way there.
 */
#include "base/bug.h"
#include "unit/machine.h"

enum { STEPS = 400, MOVES = 10000, WHOLE = 1000, KINDS = 7 };

/* The block, all of it, without the pages that hold nothing but zeros. */
struct copy {
	u8 **page; /* NULL: zeros */
	u32 used;
	u32 event;
	u64 hash;
};

static const u8 zeros[BLOCK_PAGE];
static u8 dirty[BLOCK_BYTES / BLOCK_PAGE]; /* pages that the journal saw written */
static u32 compared;

static struct copy take(struct machine *m)
{
	u32 pages = m->w->used / BLOCK_PAGE;
	struct copy c = {mem_zalloc(pages, sizeof *c.page), m->w->used, world_now(m->w)->event, 0};

	for (u32 p = 0; p < pages; p++) {
		const u8 *from = m->w->rd + (size_t)p * BLOCK_PAGE;

		if (memcmp(from, zeros, BLOCK_PAGE) != 0)
			c.page[p] = memcpy(mem_zalloc(BLOCK_PAGE, 1), from, BLOCK_PAGE);
	}
	if (m->w->hashing)
		c.hash = world_hash(m->w);
	return c;
}

/*
 * Compares the block with a copy: pages that the journal ever saw each time, all pages every
 * WHOLE-th time, as most of the block is room for records that never comes to use. Memory that was
 * touched later is zero at an earlier position.
 */
static void same(struct machine *m, const struct copy *c)
{
	HOLDS(m->w->used >= c->used);
	HOLDS(world_now(m->w)->event == c->event);
	compared++;
	for (u32 p = 0; p < m->w->used / BLOCK_PAGE; p++) {
		const u8 *is = m->w->rd + (size_t)p * BLOCK_PAGE, *was = zeros;

		if (!m->w->jn.dirty[p] && compared % WHOLE)
			continue;
		if (p < c->used / BLOCK_PAGE && c->page[p])
			was = c->page[p];
		if (memcmp(is, was, BLOCK_PAGE) != 0)
			ck_abort_msg("event %u: page %u of the block differs, in %s", c->event, p,
				     m->w->region[m->w->region_of_page[p] - 1].name);
	}
	if (m->w->hashing) {
		HOLDS(world_hash(m->w) == c->hash);
		HOLDS(world_hash_scratch(m->w) == c->hash);
	}
}

static void free_copies(struct copy *c, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		for (u32 p = 0; p < c[i].used / BLOCK_PAGE; p++)
			mem_free(c[i].page[p]);
		mem_free(c[i].page);
	}
}

/* Which machine: bit 0 a second device, 1 the hash on, 2 an outer cache, 3 in order. */
static void set_up(struct machine *m, int row)
{
	static const u8 kinds[] = {1, 2, 3, 6, 7, 11, 15};
	u32 kind = kinds[row];

	_Static_assert(sizeof kinds == KINDS, "");
	machine_config(m);
	m->cfg.devs = kind & 1 ? 2 : 1;
	if (kind & 4)
		m->cfg.outer = (struct cache_config){.sets = 4, .ways = 2};
	if (kind & 8) {
		m->cfg.order = ORDER_TSO;
		m->cfg.early_loads = false;
		m->cfg.l1.write_through = kind & 4;
	}
	machine_start(m);
	if (kind & 2)
		world_hash_on(m->w);
	m->w->jn.dirty = dirty;
}

/*
 * Steps over events: STEPS acts, then single steps back and forth at random, MOVES on the largest
 * machine, each compared with the copy of that event.
 */
START_TEST(test_walk_over_events)
{
	struct rng r = rng_seed("walk over events", 1000 + (u64)_i);
	struct copy c[STEPS + 1];
	struct machine m;
	u32 *at_event = mem_zalloc(STEPS * 64, sizeof *at_event);
	u32 moves = 0, back = 0;

	set_up(&m, _i);
	for (u32 i = 0; i <= STEPS; i++) {
		if (i)
			walk_step(&m, &r);
		c[i] = take(&m);
		HOLDS(c[i].event < STEPS * 64);
		at_event[c[i].event] = i + 1;
	}
	for (u32 i = 0; i < (_i == 4 ? MOVES : MOVES / 10); i++) {
		/* runs, so that the walk gets away from the end */
		bool b = (moves / 37 + rng_below(&r, 3)) % 2;
		u32 e = world_now(m.w)->event, at;

		moves++;
		if (b ? world_back(m.w) : world_forward(m.w)) {
			back += b;
			HOLDS(world_now(m.w)->event == (b ? e - 1 : e + 1));
		}
		at = at_event[world_now(m.w)->event];
		if (at)
			same(&m, &c[at - 1]);
		else if (m.w->hashing)
			HOLDS(world_hash(m.w) == world_hash_scratch(m.w));
	}
	ck_assert_uint_gt(back, MOVES / 50);
	while (world_forward(m.w))
		;
	same(&m, &c[STEPS]);
	free_copies(c, STEPS + 1);
	mem_free(at_event);
	machine_stop(&m);
}
END_TEST

/*
 * Marks: a path of marks is undone to a random one and grows anew from there with other acts, as a
 * search does; what is undone is sometimes redone first, record by record.
 */
START_TEST(test_walk_over_marks)
{
	struct rng r = rng_seed("walk over marks", 2000 + (u64)_i);
	struct copy c[64];
	struct mark mark[64];
	struct machine m;
	u32 n = 0, undone = 0;

	set_up(&m, _i);
	event_log_free(m.w->log); /* other acts mean other events under the same numbers */
	m.w->log = NULL;
	mark[n] = world_mark(m.w);
	c[n++] = take(&m);
	for (u32 i = 0; i < 2000; i++) {
		u32 to, end;

		if (n < ARRAY_LEN(c) && rng_below(&r, 5) > 1) {
			walk_act(&m, &r);
			mark[n] = world_mark(m.w);
			c[n++] = take(&m);
			continue;
		}
		to = rng_below(&r, n);
		end = n - 1;
		undone += end - to;
		if (rng_below(&r, 3) == 0) {
			while (m.w->jn.pos > mark[to].rec)
				journal_step_back(&m.w->jn, m.w->wr);
			if (m.w->hashing)
				world_hash_on(m.w);
			same(&m, &c[to]);
			while (m.w->jn.pos < mark[end].rec)
				journal_step_forward(&m.w->jn, m.w->wr);
			if (m.w->hashing)
				world_hash_on(m.w);
			same(&m, &c[end]);
			continue;
		}
		world_undo(m.w, &mark[to]);
		same(&m, &c[to]);
		free_copies(c + to + 1, end - to);
		n = to + 1;
	}
	ck_assert_uint_gt(undone, 1000);
	free_copies(c, n);
	machine_stop(&m);
}
END_TEST

/* A small journal by hand, over a block of its own. */
struct small {
	struct journal j;
	u8 block[4096];
};

static void put(struct small *s, u32 off, u8 value, u32 len)
{
	journal_save(&s->j, s->block, off, len);
	memset(s->block + off, value, len);
}

START_TEST(test_records_swap)
{
	struct small *s = mem_zalloc(1, sizeof *s);

	journal_init(&s->j);
	put(s, 10, 1, 4);
	put(s, 12, 2, 4); /* overlaps: undo walks back, redo forward */
	journal_boundary(&s->j);
	journal_step_back(&s->j, s->block);
	ck_assert_uint_eq(s->block[12], 2); /* the boundary changes nothing */
	journal_step_back(&s->j, s->block);
	ck_assert_uint_eq(s->block[12], 1);
	ck_assert_uint_eq(s->block[14], 0);
	journal_step_back(&s->j, s->block);
	ck_assert_uint_eq(s->block[10], 0);
	ck_assert_uint_eq(s->j.pos, 0);
	ck_assert_uint_eq(s->j.head, 3);
	for (u32 i = 0; i < 3; i++)
		journal_step_forward(&s->j, s->block);
	ck_assert_uint_eq(s->block[10], 1);
	ck_assert_uint_eq(s->block[12], 2);
	ck_assert_uint_eq(s->block[15], 2);
	journal_fini(&s->j);
	mem_free(s);
}
END_TEST

START_TEST(test_writing_gives_up_redo)
{
	struct small *s = mem_zalloc(1, sizeof *s);

	journal_init(&s->j);
	put(s, 0, 1, 8);
	put(s, 0, 2, 8);
	journal_step_back(&s->j, s->block);
	put(s, 100, 3, 16);
	ck_assert_uint_eq(s->j.pos, s->j.head);
	ck_assert_uint_eq(s->j.pos, 2);
	journal_step_back(&s->j, s->block);
	ck_assert_uint_eq(s->block[100], 0);
	ck_assert_uint_eq(s->block[0], 1);
	journal_step_back(&s->j, s->block);
	ck_assert_uint_eq(s->block[0], 0);
	journal_fini(&s->j);
	mem_free(s);
}
END_TEST

/*
 * The ring: many more bytes, or many more records, than the window holds. What is kept is still
 * right, and no more than the window is kept.
 */
START_TEST(test_window_wraps)
{
	struct small *s = mem_zalloc(1, sizeof *s);
	struct rng r = rng_seed("window", 3000 + (u64)_i);
	u32 len = _i ? 1 : 1000;
	u64 steps = _i ? WINDOW_RECORDS + WINDOW_RECORDS / 2 : 2ull * WINDOW_BYTES / 1000;
	u64 kept = 0;
	u8 *past = mem_zalloc(steps + 1, 1);

	journal_init(&s->j);
	for (u64 i = 1; i <= steps; i++) {
		u32 n = len - (_i ? 0 : rng_below(&r, 300));

		past[i] = (u8)rng_next(&r);
		put(s, 0, past[i], n);
		if (i % 3 == 0)
			journal_boundary(&s->j);
		HOLDS(s->j.pos - s->j.tail <= WINDOW_RECORDS);
		HOLDS(s->j.bpos - s->j.btail <= WINDOW_BYTES);
	}
	ck_assert_uint_gt(s->j.tail, 0);
	for (u64 i = steps; s->j.pos > s->j.tail; kept++) {
		bool boundary = s->j.rec[(s->j.pos - 1) & (WINDOW_RECORDS - 1)].len == 0;

		HOLDS(s->block[0] == past[i]);
		journal_step_back(&s->j, s->block);
		i -= !boundary;
	}
	/* nearly all of the ring is used */
	if (_i)
		ck_assert_uint_ge(kept, WINDOW_RECORDS - WINDOW_SLACK);
	else
		ck_assert_uint_ge(kept * 1000, WINDOW_BYTES - 2000 - WINDOW_SLACK * 16);
	for (u64 i = s->j.pos; i < s->j.head; i++)
		journal_step_forward(&s->j, s->block);
	ck_assert_uint_eq(s->block[0], past[steps]);
	journal_fini(&s->j);
	mem_free(past);
	mem_free(s);
}
END_TEST

/*
 * A run longer than the window (in MODE=tiny; with the normal window it never leaves it): steps
 * back end at a whole event, and all that is reached is right.
 */
START_TEST(test_walk_beyond_window)
{
	struct rng r = rng_seed("beyond the window", 4000);
	enum { LONG = 3000, KEEP = 300 };
	struct copy *c = mem_zalloc(LONG + 1, sizeof *c);
	struct machine m;
	u32 reached = 0, i;

	set_up(&m, 0);
	for (i = 1; i <= LONG; i++) {
		walk_step(&m, &r);
		if (i + KEEP > LONG)
			c[i] = take(&m);
	}
	for (i = LONG;;) {
		while (i > 0 && c[i].event > world_now(m.w)->event)
			i--;
		if (!c[i].page)
			break;
		if (c[i].event == world_now(m.w)->event) {
			same(&m, &c[i]);
			reached++;
		}
		if (!world_back(m.w))
			break;
	}
	ck_assert_uint_gt(reached, 20);
#ifdef DMALAB_TINY
	ck_assert_uint_gt(m.w->jn.tail, 0);
	while (world_back(m.w))
		;
	ck_assert_uint_gt(world_now(m.w)->event, 1);
#endif
	while (world_forward(m.w))
		;
	same(&m, &c[LONG]);
	free_copies(c, LONG + 1);
	mem_free(c);
	machine_stop(&m);
}
END_TEST

START_TEST(test_undo_beyond_window_is_a_bug)
{
	struct small *s = mem_zalloc(1, sizeof *s);

	journal_init(&s->j);
	put(s, 0, 1, 8);
	journal_step_back(&s->j, s->block);
	journal_step_back(&s->j, s->block);
}
END_TEST

static Suite *journal_suite(void)
{
	Suite *s = suite_create("journal");
	TCase *t = tcase_create("records");

	tcase_add_test(t, test_records_swap);
	tcase_add_test(t, test_writing_gives_up_redo);
	tcase_add_loop_test(t, test_window_wraps, 0, 2);
	tcase_add_exit_test(t, test_undo_beyond_window_is_a_bug, 4);
	suite_add_tcase(s, t);
	t = tcase_create("walks");
	tcase_add_loop_test(t, test_walk_over_events, 0, KINDS);
	tcase_add_loop_test(t, test_walk_over_marks, 0, KINDS);
	tcase_add_test(t, test_walk_beyond_window);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(journal_suite)
