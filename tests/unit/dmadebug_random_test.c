/* SPDX-License-Identifier: MIT */
/*
 * Random sequences of calls, right and wrong, held against a model of dma-debug that is as simple
 * as it can be: a list of mappings in the order of their maps, looked through from the start each
 * time. What is compared after every call: how many errors were counted, and how many mappings are
 * known.
 */
#include "unit/dmadebug_rig.h"

enum { RUNS = 400, CALLS = 120, LIVE_MAX = CALLS * 4, LINES = 1 << 12 };
enum { AREA = 0x40000 }; /* 32 buckets, from address 0 on */

struct mapping {
	u64 addr, size, ents;
	u32 dev, dir, type, mapped;
	bool unchecked;
};

static struct mapping live[LIVE_MAX];
static u32 lives;
static s32 overlap[LINES]; /* by line: -1 not active */
static u64 errors;
static u64 seed, state;
static bool is_7;

static u32 below(u32 n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (u32)(state >> 11) % n;
}

/* ---- the model ---- */

static bool fits(const struct mapping *m, const struct mapping *ref)
{
	return m->size == ref->size && m->type == ref->type && m->dir == ref->dir &&
	       m->ents == ref->ents;
}

/* Of those that match, the first perfect one, else the only one; -1. */
static s32 choose(const struct mapping *ref, bool (*match)(const struct mapping *, const void *),
		  const void *how)
{
	s32 only = -1;
	u32 n = 0;

	for (u32 i = 0; i < lives; i++) {
		if (live[i].dev != ref->dev || !match(&live[i], how))
			continue;
		if (fits(&live[i], ref))
			return (s32)i;
		only = (s32)i;
		n++;
	}
	return n == 1 ? only : -1;
}

static bool starts_at(const struct mapping *m, const void *addr)
{
	return m->addr == *(const u64 *)addr;
}

struct range {
	u64 from, to, bucket;
};

static bool holds(const struct mapping *m, const void *range)
{
	const struct range *r = range;

	return m->addr / 8192 == r->bucket && m->addr <= r->from && m->addr + m->size >= r->to;
}

static void model_checked(u32 dev, u64 addr)
{
	for (u32 i = 0; i < lives; i++)
		if (live[i].dev == dev && live[i].addr == addr && live[i].unchecked) {
			live[i].unchecked = false;
			return;
		}
}

static void model_map(struct mapping m, bool skip)
{
	s32 *line = &overlap[m.addr / 64];

	live[lives++] = m;
	if (m.dir == TO)
		return;
	if (*line >= 0 && !skip)
		errors++;
	if (*line < 7)
		++*line;
}

static void model_unmap(struct mapping ref)
{
	s32 i = choose(&ref, starts_at, &ref.addr);
	struct mapping m;

	if (i < 0) {
		model_checked(ref.dev, ref.addr);
		errors++;
		return;
	}
	m = live[i];
	errors += m.size != ref.size;
	errors += m.type != ref.type;
	errors += ref.type == DEBUG_SG && m.ents != ref.ents;
	errors += m.dir != ref.dir;
	errors += m.unchecked;
	lives--;
	for (u32 k = (u32)i; k < lives; k++)
		live[k] = live[k + 1];
	if (m.dir != TO && overlap[m.addr / 64] >= 0)
		overlap[m.addr / 64]--;
}

static void model_sync(struct mapping ref, bool to_cpu)
{
	struct range r = {ref.addr, ref.addr + ref.size, 0};
	s32 i = -1;

	for (s64 b = (s64)(ref.addr / 8192); b >= 0 && i < 0; b--) {
		r.bucket = (u64)b;
		i = choose(&ref, holds, &r);
	}
	if (i < 0) {
		errors++;
		return;
	}
	if (live[i].dir == BIDI)
		return;
	errors += live[i].dir != ref.dir;
	errors += to_cpu && live[i].dir == TO && ref.dir != TO;
	errors += !to_cpu && live[i].dir == FROM && ref.dir != FROM;
	errors += ref.type == DEBUG_SG && live[i].ents != ref.ents;
}

static u32 model_segments(const struct mapping *ref)
{
	s32 i = choose(ref, starts_at, &ref->addr);

	return i < 0 ? 0 : live[i].mapped;
}

/* ---- the calls ---- */

/* An address from a few, so that they meet; sizes likewise. */
static u64 place(void)
{
	return below(4) ? below(6) * 0x30ull + below(3) * 0x2000 : below(AREA / 64 - 64) * 64ull;
}

static u64 size(void)
{
	static const u64 sizes[] = {16, 64, 128, 0x2800};

	return sizes[below(ARRAY_LEN(sizes))];
}

static u32 single(void)
{
	return is_7 ? DEBUG_PHY : DEBUG_SINGLE;
}

/* Something that is mapped, or nearly, or nothing of the kind. */
static struct mapping wanted(void)
{
	struct mapping m = {place(), size(), 0, below(2), below(3), single(), 0, false};

	if (lives && below(5))
		m = live[below(lives)];
	if (!below(6))
		m.size = size();
	if (!below(6))
		m.dir = below(3);
	if (!below(12))
		m.dev ^= 1;
	return m;
}

static void some_map(void)
{
	struct mapping m = {place(), size(), 0, below(2), below(3), single(), 0, true};
	bool skip = !below(5);

	model_checked(m.dev, m.addr); /* the kernel asks before it keeps the new one */
	model_map(m, skip);
	map_how(m.dev, m.addr, m.size, m.dir, m.addr, skip ? SKIP_CPU_SYNC : 0, HOW_PAGE);
	if (below(3)) {
		model_checked(m.dev, m.addr);
		check(m.dev, m.addr);
	}
}

static void some_coherent(void)
{
	struct mapping m = {place(), 4096, 0, below(2), BIDI, DEBUG_COHERENT, 0, false};

	model_map(m, false);
	coherent(m.dev, m.addr, m.size, 0);
}

static void some_list(void)
{
	struct mapping m = {below(8) * 0x1000ull,
			    size() % 4096,
			    2 + below(3),
			    below(2),
			    below(3),
			    DEBUG_SG,
			    0,
			    false};

	m.mapped = (u32)m.ents;
	for (u32 i = 0; i < m.ents; i++) {
		struct mapping e = m;

		e.addr += 4096ull * i;
		model_map(e, false);
	}
	sg_map(m.dev, m.addr, (u32)m.ents, m.size, m.dir);
}

static void some_unmap(void)
{
	struct mapping m = wanted();

	if (m.type == DEBUG_COHERENT && below(4)) {
		m.dir = BIDI;
		model_unmap(m);
		coherent_free(m.dev, m.addr, m.size, m.addr, 0);
		return;
	}
	m.type = single();
	m.ents = 0;
	model_unmap(m);
	unmap(m.dev, m.addr, m.size, m.dir);
}

static void some_list_unmap(void)
{
	struct mapping m = wanted();
	u32 n = 1 + below(4), known;

	m.type = DEBUG_SG;
	m.ents = n;
	known = model_segments(&m);
	for (u32 i = 0; i < n && (!known || i < known); i++) {
		struct mapping e = m;

		e.addr += 4096ull * i;
		model_unmap(e);
	}
	sg_unmap(m.dev, m.addr, n, m.size, m.dir);
}

static void some_sync(void)
{
	struct mapping m = wanted();
	bool to_cpu = below(2);

	if (!below(3)) {
		m.addr += 8;
		m.size -= 8;
	}
	m.type = DEBUG_SINGLE;
	m.ents = 0;
	model_sync(m, to_cpu);
	sync(m.dev, m.addr, m.size, m.dir, to_cpu);
}

static void some_list_sync(void)
{
	struct mapping m = wanted();
	u32 n = 1 + below(4), known;
	bool to_cpu = below(2);

	m.type = DEBUG_SG;
	m.ents = n;
	known = model_segments(&m);
	for (u32 i = 0; i < n && i < known; i++) {
		struct mapping e = m;

		e.addr += 4096ull * i;
		model_sync(e, to_cpu);
	}
	sg_sync(m.dev, m.addr, n, m.size, m.dir, to_cpu);
}

START_TEST(as_the_simplest_model_says)
{
	static void (*const calls[])(void) = {some_map,	  some_map,	 some_coherent,	  some_list,
					      some_unmap, some_unmap,	 some_list_unmap, some_sync,
					      some_sync,  some_list_sync};
	u64 told = 0;

	for (u32 run = 0; run < RUNS; run++) {
		seed = state = 0x9e3779b97f4a7c15ull * (run + 1);
		is_7 = run % 2;
		configure(is_7);
		start();
		dmadebug_set(&d, DEBUG_FILE_ALL_ERRORS, 0);
		lives = 0;
		errors = 0;
		memset(overlap, 0xff, sizeof overlap);
		for (u32 i = 0; i < CALLS; i++) {
			calls[below(ARRAY_LEN(calls))]();
			ck_assert_msg(
			    number(DEBUG_FILE_ERROR_COUNT) == errors &&
				DEBUG_PREALLOC - number(DEBUG_FILE_NUM_FREE) == lives,
			    "seed %llx, call %u: %llu errors and not %llu, %llu mappings "
			    "and not %u",
			    (unsigned long long)seed, i,
			    (unsigned long long)number(DEBUG_FILE_ERROR_COUNT),
			    (unsigned long long)errors,
			    (unsigned long long)(DEBUG_PREALLOC - number(DEBUG_FILE_NUM_FREE)),
			    lives);
		}
		told += errors;
		stop();
	}
	ck_assert_uint_gt(told, 10000); /* enough went wrong for the comparison to mean something */
}
END_TEST

static Suite *dmadebug_random_suite(void)
{
	Suite *s = suite_create("dmadebug_random");
	TCase *c = tcase_create("all");

	tcase_add_test(c, as_the_simplest_model_says);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(dmadebug_random_suite)
