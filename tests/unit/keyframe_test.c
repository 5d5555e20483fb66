/* SPDX-License-Identifier: MIT */
/*
 * Keyframes: a position of a long run is reached again by restoring one and running on, with the
 * same block as the first time. Frames hold only pages that were written, and are merged in pairs.
 */
#include "core/keyframe.h"
#include "unit/machine.h"

enum { ACTS = 600 };

/* What an act began from, and the block after it, without what is not the machine's. */
struct past_act {
	struct rng before;
	u32 event; /* after it */
	u64 hash;  /* of all pages of the block, in order */
	u64 state;
};

static u64 block_hash(const struct machine *m)
{
	static const u8 zeros[BLOCK_PAGE];
	u64 h = 0;

	for (u32 p = 0; p < m->w->used / BLOCK_PAGE; p++) {
		const u8 *at = m->w->rd + (size_t)p * BLOCK_PAGE;

		if (memcmp(at, zeros, BLOCK_PAGE) != 0) /* memory may have grown since */
			h ^= world_hash_bytes(at, BLOCK_PAGE, p);
	}
	return h;
}

/* Runs n acts, a frame at each `every` events; a[0] is the state before all. */
static void run(struct machine *m, struct keyframes *k, struct past_act *a, u32 n, u32 every)
{
	struct rng r = rng_seed("keyframes", 12000);

	machine_config(m);
	machine_start(m);
	world_hash_on(m->w);
	keyframes_start(k, m->w);
	k->every = every;
	a[0] = (struct past_act){r, 0, block_hash(m), world_hash(m->w)};
	for (u32 i = 1; i <= n; i++) {
		a[i].before = r;
		walk_step(m, &r);
		keyframes_tick(k, m->w);
		a[i].event = world_now(m->w)->event;
		a[i].hash = block_hash(m);
		a[i].state = world_hash(m->w);
	}
}

static u32 act_of(const struct past_act *a, u32 n, u32 event)
{
	for (u32 i = 0; i <= n; i++)
		if (a[i].event == event)
			return i;
	ck_abort_msg("no act ended at event %u", event);
	return 0;
}

/* Restores for the event of act i, runs on to it, and compares at every act on the way. */
static void reach(struct machine *m, struct keyframes *k, const struct past_act *a, u32 n, u32 i)
{
	u32 at;

	keyframes_restore(k, m->w, a[i].event);
	HOLDS(world_now(m->w)->event <= a[i].event);
	at = act_of(a, n, world_now(m->w)->event);
	HOLDS(block_hash(m) == a[at].hash);
	HOLDS(world_hash(m->w) == a[at].state);
	while (at < i) {
		struct rng r = a[++at].before;

		walk_step(m, &r); /* the log holds each event to the first time's */
		HOLDS(world_now(m->w)->event == a[at].event);
	}
	HOLDS(block_hash(m) == a[i].hash);
	HOLDS(world_hash(m->w) == a[i].state);
	HOLDS(world_hash_scratch(m->w) == a[i].state);
}

START_TEST(test_every_act)
{
	struct past_act *a = mem_zalloc(ACTS + 1, sizeof *a);
	struct keyframes k;
	struct machine m;

	run(&m, &k, a, ACTS, 32);
	ck_assert_uint_gt(k.list.n, 10);
	for (u32 i = 0; i <= ACTS; i += 3)
		reach(&m, &k, a, ACTS, i);
	for (u32 i = ACTS + 1; i-- > 0; i -= i < 7 ? i : 7)
		reach(&m, &k, a, ACTS, i);
	/* there is a window again, from the frame on */
	reach(&m, &k, a, ACTS, ACTS - 1);
	ck_assert(world_back(m.w));
	ck_assert_uint_eq(world_now(m.w)->event, a[ACTS - 1].event - 1);
	ck_assert(world_forward(m.w));
	ck_assert_uint_eq(block_hash(&m), a[ACTS - 1].hash);
	keyframes_free(&k);
	machine_stop(&m);
	mem_free(a);
}
END_TEST

/* A frame has the pages that were written since the one before, and no others. */
START_TEST(test_pages)
{
	struct keyframes k;
	struct machine m;
	u32 first;

	machine_config(&m);
	machine_start(&m);
	keyframes_start(&k, m.w);
	k.every = 1;
	ck_assert_uint_eq(k.list.n, 1);
	ck_assert_uint_lt(k.list.v[0].n, 20); /* what start-up wrote: not the room for records */
	EMIT(m.w, LAB_PRESET, 0, 0, 0, 0);
	keyframes_tick(&k, m.w);
	ck_assert_uint_eq(k.list.n, 2);
	ck_assert_uint_eq(k.list.v[1].n, 1); /* the number of the event */
	first = k.list.v[1].v[0].page;
	ck_assert_uint_eq(first, m.w->now_off / BLOCK_PAGE);
	keyframes_tick(&k, m.w);
	ck_assert_uint_eq(k.list.n, 2); /* no event since */
	keyframes_free(&k);
	machine_stop(&m);
}
END_TEST

/* What is undone counts as written: a frame taken after steps back is right too. */
START_TEST(test_after_undo)
{
	struct keyframes k;
	struct machine m;
	struct mark mark;
	u64 h;

	machine_config(&m);
	machine_start(&m);
	event_log_free(m.w->log);
	m.w->log = NULL;
	store(&m, 0x1000, 1);
	keyframes_start(&k, m.w);
	k.every = 1;
	mark = world_mark(m.w);
	store(&m, 0x1000, 2);
	keyframes_tick(&k, m.w); /* frame 1: with the store */
	world_undo(m.w, &mark);
	EMIT(m.w, LAB_PRESET, 0, 0, 0, 0);
	EMIT(m.w, LAB_PRESET, 0, 0, 0, 0);
	h = block_hash(&m);
	keyframes_tick(&k, m.w); /* frame 2: without */
	ck_assert_uint_eq(k.list.n, 3);
	store(&m, 0x1000, 3);
	keyframes_restore(&k, m.w, k.list.v[2].event);
	ck_assert_uint_eq(block_hash(&m), h);
	ck_assert_uint_eq(load(&m, 0x1000), 1);
	keyframes_free(&k);
	machine_stop(&m);
}
END_TEST

#ifdef DMALAB_TINY
/* The bound is met: every second frame goes, its pages do not, and all acts are reached still. */
START_TEST(test_merged)
{
	enum { LONG = 1500 };
	struct past_act *a = mem_zalloc(LONG + 1, sizeof *a);
	struct keyframes k;
	struct machine m;

	run(&m, &k, a, LONG, 1);
	ck_assert_uint_gt(k.every, 1);
	ck_assert_uint_lt(k.list.n, LONG);
	ck_assert_uint_le(k.bytes, KEYFRAME_BYTES + (1u << 20));
	ck_assert_uint_eq(k.list.v[0].event, 0);
	for (u32 i = 0; i <= LONG; i += 11)
		reach(&m, &k, a, LONG, i);
	reach(&m, &k, a, LONG, 0);
	keyframes_free(&k);
	machine_stop(&m);
	mem_free(a);
}
END_TEST
#endif

static Suite *keyframe_suite(void)
{
	Suite *s = suite_create("keyframe");
	TCase *t = tcase_create("keyframes");

	tcase_add_test(t, test_every_act);
	tcase_add_test(t, test_pages);
	tcase_add_test(t, test_after_undo);
#ifdef DMALAB_TINY
	tcase_add_test(t, test_merged);
#endif
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(keyframe_suite)
