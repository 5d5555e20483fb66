/* SPDX-License-Identifier: MIT */
/*
 * What stands for a state. On random walks through scenarios the hash, both halves of it and the
 * whole bytes agree on which states are one; each bit of a real state that counts changes all
 * three; what does not count (the way of a line) changes none.
 */
#include <string.h>

#include "base/prng.h"
#include "core/know_int.h"
#include "explore/visited.h"
#include "hw/cache_int.h"
#include "scenario/scenario.h"
#include "unit/unit.h"

struct sample {
	const char *file, *variant, *platform;
};

static const struct sample samples[] = {
    {"tests/spin/cache.yaml", "broken", "k-lines"},
    {"scenarios/lessons/05-dirty-line-over-dma-data.yaml", "broken", "arm64-soc"},
    {"scenarios/lessons/07-valid-before-payload.yaml", "broken", "arm64-soc"},
    {"scenarios/lessons/08-completion-without-dma-rmb.yaml", "broken", "arm64-soc"},
    {"scenarios/lessons/06-speculative-refill.yaml", "broken", "armv7-pl310"},
    {"scenarios/diagnoses/two-cpus-flag-before-data.yaml", "broken", "arm64-soc"},
    {"tests/scenarios/page-pool-publish-first.yaml", "broken", "arm64-soc"},
    {"tests/scenarios/stop-held-past-unmap.yaml", "broken", "arm64-soc"},
};

/* Whole blocks are hashed from nothing: with sanitizers all samples where blocks are small. */
#if defined(DMALAB_DEBUG) && !defined(DMALAB_TINY)
enum { SAMPLES = 2 };
#else
enum { SAMPLES = ARRAY_LEN(samples) };
#endif

/* A scenario at work, and what stands for the state it is in. */
struct rig {
	struct scenario *s;
	struct err_list errs;
	struct program *prog;
	struct machine_config cfg;
	struct engine *e;
	struct action_list list;
	struct prng dice;
	struct mark start;
	u32 length; /* transitions of the first walk */
};

enum { WALKS = 12, STEPS_MAX = 400 };

/* One transition at random; false: there is none. */
static bool step(struct rig *r)
{
	engine_actions(r->e, &r->list);
	if (!r->list.n)
		return false;
	engine_apply(r->e, &r->list.v[prng_below(&r->dice, r->list.n)]);
	return true;
}

/* Somewhere on another walk from the start. */
static void go_somewhere(struct rig *r)
{
	u32 n = 1 + prng_below(&r->dice, r->length);

	world_undo(r->e->w, &r->start);
	while (n-- && step(r))
		;
}

static void rig_open(struct rig *r, const struct sample *from)
{
	static const struct scenario_options options = {.data_dir = "scenarios"};
	static const struct engine_options search = {.no_events = true};

	memset(r, 0, sizeof *r);
	r->s = scenario_load(from->file, &options, &r->errs);
	ck_assert_msg(r->s != NULL, "%s does not load", from->file);
	ck_assert_msg(scenario_compile(r->s, from->variant, from->platform, NULL, &r->cfg, &r->prog,
				       &r->errs),
		      "%s does not compile", from->file);
	r->e = engine_new(&r->cfg, r->prog, &search);
	engine_start(r->e);
	world_hash_wide(r->e->w);
	r->dice = (struct prng){7};
	r->start = world_mark(r->e->w);
	while (r->length < STEPS_MAX && step(r))
		r->length++;
	world_undo(r->e->w, &r->start);
}

static void rig_close(struct rig *r)
{
	vec_free(&r->list);
	engine_free(r->e);
	program_free(r->prog);
	scenario_free(r->s);
	err_free(&r->errs);
}

/* ---- hash and bytes agree ---- */

struct sets {
	struct visited half, whole, exact;
	struct state_bytes bytes;
	u64 met;
};

static void same_answer(struct rig *r, struct sets *s, const char *where)
{
	struct world *w = r->e->w;
	u64 h = world_hash(w), h2 = world_hash2(w);
	bool fresh;

	ck_assert_uint_ne(h, h2);
	ck_assert_uint_eq(h, world_hash_scratch(w));
	ck_assert_uint_eq(h2, world_hash2_scratch(w));
	s->bytes.n = 0;
	world_state(w, &s->bytes);
	ck_assert_uint_eq(world_hash(w), h);
	/* Of whole states the hash is cut short: the bytes must tell them apart. */
	fresh = visited_add(&s->half, h, 0, NULL, 0);
	ck_assert_msg(visited_add(&s->whole, h2, h, NULL, 0) == fresh, "%s: second half", where);
	ck_assert_msg(visited_add(&s->exact, h2 & 0x3ff, 0, s->bytes.v, s->bytes.n) == fresh,
		      "%s: whole states", where);
	s->met += !fresh;
}

START_TEST(agree)
{
	struct rig r;
	struct sets s = {.met = 0};

	rig_open(&r, &samples[_i]);
	visited_init(&s.half, PRINT_64);
	visited_init(&s.whole, PRINT_128);
	visited_init(&s.exact, PRINT_EXACT);
	for (u32 walk = 0; walk < WALKS; walk++) {
		u32 n = 0;

		do
			same_answer(&r, &s, samples[_i].file);
		while (++n < STEPS_MAX && step(&r));
		world_undo(r.e->w, &r.start);
	}
	printf("%-60s %6lu states, met again %6lu, %6lu bytes each\n", samples[_i].file,
	       (unsigned long)visited_count(&s.half), (unsigned long)s.met,
	       (unsigned long)(s.exact.used / visited_count(&s.exact)));
	ck_assert_uint_gt(visited_count(&s.half), 100);
	ck_assert_uint_gt(s.met, 10);
	visited_free(&s.half);
	visited_free(&s.whole);
	visited_free(&s.exact);
	vec_free(&s.bytes);
	rig_close(&r);
}
END_TEST

/* ---- every bit that counts ---- */

struct stand {
	u64 h, h2;
	struct state_bytes bytes;
};

static void stand(struct world *w, struct stand *s)
{
	s->h = world_hash(w);
	s->h2 = world_hash2(w);
	s->bytes.n = 0;
	world_state(w, &s->bytes);
}

static bool same_bytes(const struct stand *a, const struct stand *b)
{
	return a->bytes.n == b->bytes.n && memcmp(a->bytes.v, b->bytes.v, a->bytes.n) == 0;
}

struct flips {
	struct world *w;
	struct stand was, is;
	u32 n;
};

/* Turns one bit, and back: all three must follow, or none. */
static void flip(struct flips *f, u32 off, u32 bit, bool counts, const char *what)
{
	u8 b = *(const u8 *)world_at(f->w, off) ^ (u8)(1u << bit);

	world_write(f->w, world_at(f->w, off), &b, 1);
	stand(f->w, &f->is);
	ck_assert_msg((f->is.h != f->was.h) == counts, "%s at %u: hash", what, off);
	ck_assert_msg((f->is.h2 != f->was.h2) == counts, "%s at %u: second half", what, off);
	ck_assert_msg(same_bytes(&f->is, &f->was) != counts, "%s at %u: bytes", what, off);
	b ^= (u8)(1u << bit);
	world_write(f->w, world_at(f->w, off), &b, 1);
	f->n++;
}

static void flip_all(struct flips *f, u32 off, u32 n, bool counts, const char *what)
{
	for (u32 i = 0; i < n; i++)
		flip(f, off + i, (f->n + i) % 8, counts, what);
}

/* Cells and chunks that hold something, and the first of each region that holds nothing. */
static void flip_region(struct flips *f, const struct region *r)
{
	u32 end = (u32)min_u64((u64)r->off + r->len, f->w->used), seen = 0;
	static const u8 zero[CHUNK];

	for (u32 off = r->off; r->kind != REGION_UNHASHED && off + r->stride <= end && seen < 40;
	     off += r->stride) {
		bool empty = memcmp(world_at(f->w, off), zero, 8) == 0;

		if (r->kind == REGION_RAW && memcmp(world_at(f->w, off), zero, CHUNK) == 0 &&
		    off != r->off)
			continue;
		if (r->kind == REGION_CELL && empty)
			continue; /* below */
		flip_all(f, off, r->hashed, true, r->name);
		if (r->kind == REGION_CELL &&
		    f->w->cell.wid) /* names: knowledge says what counts */
			flip_all(f, off + r->hashed, 4, false, r->name);
		seen++;
	}
	if (r->kind == REGION_CELL && memcmp(world_at(f->w, r->off), zero, 8) == 0)
		flip_all(f, r->off + 8, r->hashed - 8, false, "an absent cell");
	if (r->kind == REGION_UNHASHED && end > r->off)
		flip_all(f, r->off, 64, false, r->name);
}

static void flip_threads(struct flips *f, const struct engine *e)
{
	for (u32 i = 0; i < engine_threads(e); i++) {
		const struct thread *t = engine_thread(e, i);
		u32 off = world_off(f->w, &t->pc);
		u32 len = (u32)((const u8 *)&t->stack[t->sp] - (const u8 *)&t->pc);

		for (u32 k = 0; k < len; k++)
			if (k < 4 || k >= 8) /* not sp, which says how far to look */
				flip(f, off + k, k % 8, true, "a thread");
		if (t->sp)
			flip(f, off + 4, t->sp & 1 ? 0 : 1, true, "sp");
		flip_all(f, world_off(f->w, &t->last), 8, false, "what events are stamped with");
		flip_all(f, off + len, 8, false, "behind the stack");
	}
}

START_TEST(every_bit)
{
	struct rig r;
	struct flips f = {0};
	bool knows;

	rig_open(&r, &samples[_i]);
	f.w = r.e->w;
	knows = f.w->knows;
	for (u32 stop = 0; stop < 3; stop++) {
		go_somewhere(&r);
		/* Knowledge looks for copies through what is turned here: it has its own test. */
		world_hash(f.w);
		f.w->knows = false;
		stand(f.w, &f.was);
		for (u32 k = 1; k < f.w->regions; k++)
			if (f.w->region[k].kind != REGION_CUSTOM &&
			    strcmp(f.w->region[k].name, "now") != 0)
				flip_region(&f, &f.w->region[k]);
		flip_threads(&f, r.e);
		f.w->knows = knows;
	}
	printf("%-60s %6u bits\n", samples[_i].file, f.n);
	ck_assert_uint_gt(f.n, 1000);
	vec_free(&f.was.bytes);
	vec_free(&f.is.bytes);
	rig_close(&r);
}
END_TEST

/* ---- knowledge ---- */

static void flip_record(struct flips *f, const struct record *r)
{
	u32 off = world_off(f->w, r);

	flip(f, off + (u32)offsetof(struct record, stmt), 0, true, "stmt");
	flip(f, off + (u32)offsetof(struct record, plain), 0, true, "plain");
	flip(f, off + (u32)offsetof(struct record, arm), 2, true, "arm");
	flip(f, off + (u32)offsetof(struct record, arm_plain), 0, true, "arm_plain");
	flip(f, off + (u32)offsetof(struct record, arm_party), 1, true, "arm_party");
	flip(f, off + (u32)offsetof(struct record, arm_stmt) + 1, 3, true, "arm_stmt");
	flip(f, off + (u32)offsetof(struct record, pa), 6, true, "pa");
	flip(f, off + (u32)offsetof(struct record, pa) + 5, 1, true, "pa");
	flip(f, off + (u32)offsetof(struct record, refs), 7, false, "refs");
}

/* Who holds the write, and which write made a copy old, wherever it lies. */
static void flip_holders(struct flips *f, u16 id, const struct record *r)
{
	struct copyref c[COPIES_MAX];
	u32 n = f->w->ops.copies(f->w, r->pa, r->n, c, COPIES_MAX);
	const u16 none = 0;

	for (u32 i = 0; i < n; i++)
		for (u32 b = 0; b < 2u * c[i].n; b++) {
			u32 off = (b < c[i].n ? c[i].wid : c[i].sup) + b % c[i].n * 2;

			if (memcmp(world_at(f->w, off), &id, 2) != 0)
				continue;
			world_write(f->w, world_at(f->w, off), &none, 2);
			stand(f->w, &f->is);
			ck_assert_msg(f->is.h != f->was.h && f->is.h2 != f->was.h2 &&
					  !same_bytes(&f->is, &f->was),
				      "a byte that names a write");
			world_write(f->w, world_at(f->w, off), &id, 2);
			f->n++;
		}
}

static u32 known_to_all(const struct world *w, u32 q)
{
	u32 n = ~0u;

	for (u32 p = 0; p < w->parties; p++)
		n = kn(w)->vc[p][q] < n ? kn(w)->vc[p][q] : n;
	return n;
}

/* Whether the write still has a record: of others nobody can ask who knows them. */
static bool recorded(const struct world *w, u32 q, u32 seq)
{
	for (u16 id = kn(w)->first[q]; id; id = know_record(w, id)->next)
		if (know_record(w, id)->seq == seq)
			return true;
	return false;
}

/* That a party knows one write more; and, of a clock in flight, that it is there at all. */
static void flip_clocks(struct flips *f)
{
	for (u32 q = 0; q < f->w->parties; q++)
		for (u32 p = 0; p < f->w->parties; p++) {
			const u32 *vc = &kn(f->w)->vc[p][q];
			u32 was = *vc, more = *vc + 1;

			if (known_to_all(f->w, q) == was || more > kn(f->w)->vc[q][q])
				continue; /* what counts would be another set */
			world_write(f->w, vc, &more, 4);
			stand(f->w, &f->is);
			ck_assert((f->is.h != f->was.h) == recorded(f->w, q, more));
			ck_assert((f->is.h2 != f->was.h2) == recorded(f->w, q, more));
			ck_assert(same_bytes(&f->is, &f->was) != recorded(f->w, q, more));
			world_write(f->w, vc, &was, 4);
			f->n++;
		}
	for (u32 d = 0; d < know_shared(f->w); d++)
		for (u32 s = 0; s < CLOCKS_PER_DEVICE; s++)
			flip(f, know_flight_off(f->w, d, s), 0, true, "a clock in flight");
}

static u32 flip_known(struct rig *r, struct flips *f)
{
	u32 records = 0;

	for (u32 stop = 0; stop < 40; stop++) {
		go_somewhere(r);
		stand(f->w, &f->was);
		for (u32 q = 0; q < f->w->parties; q++)
			for (u16 id = kn(f->w)->first[q]; id; id = know_record(f->w, id)->next)
				if (know_record(f->w, id)->seq > known_to_all(f->w, q)) {
					flip_record(f, know_record(f->w, id));
					flip_holders(f, id, know_record(f->w, id));
					records++;
				}
		flip_clocks(f);
	}
	return records;
}

START_TEST(every_bit_of_knowledge)
{
	u32 records = 0;

	for (u32 i = 0; i < ARRAY_LEN(samples); i++) {
		struct rig r;
		struct flips f = {0};

		rig_open(&r, &samples[i]);
		f.w = r.e->w;
		if (f.w->knows)
			records += flip_known(&r, &f);
		printf("%-60s %6u bits, %u records so far\n", samples[i].file, f.n, records);
		vec_free(&f.was.bytes);
		vec_free(&f.is.bytes);
		rig_close(&r);
	}
	ck_assert_uint_gt(records, 50);
}
END_TEST

/* ---- what does not count ---- */

static void swap(struct world *w, u32 a, u32 b, u32 n)
{
	u8 x[1024], y[1024];

	ck_assert_uint_le(n, sizeof x);
	memcpy(x, world_at(w, a), n);
	memcpy(y, world_at(w, b), n);
	world_write(w, world_at(w, a), y, n);
	world_write(w, world_at(w, b), x, n);
}

/* Two lines of one set change their ways; the order of use names ways, so they do there too. */
static bool swap_ways(struct engine *e, u32 level)
{
	const struct cache_geom *g = &e->hw.geom[level];

	for (u32 s = 0; g->present && s <= g->set_mask; s++) {
		u32 head = e->hw.head[level] + s * g->head_stride;
		u32 cell = e->hw.cell[level] + s * g->set_stride, stride = e->w->cell.stride;
		const u64 *tag = world_at(e->w, head);
		const u8 *order = (const u8 *)(tag + g->ways);

		if (g->ways < 2 || tag[0] == tag[1])
			continue;
		swap(e->w, head, head + 8, 8);
		swap(e->w, cell, cell + stride, stride);
		for (u32 i = 0; i < g->ways; i++)
			if (order[i] < 2) {
				u8 other = !order[i];

				world_write(e->w, &order[i], &other, 1);
			}
		return true;
	}
	return false;
}

/* Under LRU, the same lines used in another order are another state. */
static void swap_order(struct rig *r, u32 level, const struct stand *was, struct stand *is)
{
	const struct cache_geom *g = &r->e->hw.geom[level];

	for (u32 s = 0; g->present && s <= g->set_mask; s++) {
		u32 head = r->e->hw.head[level] + s * g->head_stride;
		const u64 *tag = world_at(r->e->w, head);
		const u8 *order = (const u8 *)(tag + g->ways);

		if (g->ways < 2 || !tag[order[0]] || !tag[order[1]])
			continue;
		swap(r->e->w, world_off(r->e->w, order), world_off(r->e->w, order + 1), 1);
		stand(r->e->w, is);
		swap(r->e->w, world_off(r->e->w, order), world_off(r->e->w, order + 1), 1);
		ck_assert((is->h != was->h) == g->lru);
		ck_assert((is->h2 != was->h2) == g->lru);
		ck_assert(same_bytes(is, was) != g->lru);
	}
}

START_TEST(ways_do_not_count)
{
	struct rig r;
	struct stand was = {0}, is = {0};
	u32 swapped = 0;

	rig_open(&r, &samples[_i]);
	for (u32 stop = 0; stop < 30; stop++) {
		go_somewhere(&r);
		stand(r.e->w, &was);
		for (u32 level = 0; level < 2; level++) {
			swap_order(&r, level, &was, &is);
			swapped += swap_ways(r.e, level);
		}
		stand(r.e->w, &is);
		ck_assert_uint_eq(is.h, was.h);
		ck_assert_uint_eq(is.h2, was.h2);
		ck_assert(same_bytes(&is, &was));
	}
	printf("%-60s %6u swapped\n", samples[_i].file, swapped);
	vec_free(&was.bytes);
	vec_free(&is.bytes);
	rig_close(&r);
}
END_TEST

static Suite *state_suite(void)
{
	Suite *s = suite_create("state");
	TCase *c = tcase_create("state");

	tcase_set_timeout(c, 120);
	tcase_add_loop_test(c, agree, 0, SAMPLES);
	tcase_add_loop_test(c, every_bit, 0, SAMPLES);
	tcase_add_test(c, every_bit_of_knowledge);
	tcase_add_loop_test(c, ways_do_not_count, 0, ARRAY_LEN(samples));
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(state_suite)
