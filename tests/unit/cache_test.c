/* SPDX-License-Identifier: MIT */
/*
 * The caches against a naive model that carries data: the same bytes come out, and the same fills,
 * write-backs and drops happen, in the same order. And what the hash sees of a cached line.
 */
#include "unit/machine.h"

enum { BASE = 0x8000, SPAN = 1 << 14, NONE = -1 };

/* ---- the model: plain arrays, searched from the start ---- */

struct level {
	u32 sets, ways;
	u64 tag[16][8]; /* line address + 1, 0: free; [0] is the newest */
	bool dirty[16][8];
	u8 data[16][8][LINE_MAX_BYTES];
};

struct naive {
	u32 line;
	bool write_through, two;
	struct level l[2];
	u8 mem[SPAN];
	u64 seen[64]; /* what the last act did: kind << 32 | line << 1 | level */
	u32 n;
};

static void saw(struct naive *c, enum event_kind kind, u64 line, u32 level)
{
	HOLDS(c->n < ARRAY_LEN(c->seen));
	c->seen[c->n++] = (u64)kind << 32 | line << 1 | level;
}

static u32 set_of(const struct naive *c, u32 level, u64 pa)
{
	return (u32)(pa / c->line) % c->l[level].sets;
}

static s32 way_of(const struct naive *c, u32 level, u64 pa)
{
	const struct level *l = &c->l[level];

	for (u32 i = 0; l->sets && i < l->ways; i++)
		if (l->tag[set_of(c, level, pa)][i] == pa + 1)
			return (s32)i;
	return NONE;
}

/* Way i of a set becomes the newest. */
static void newest(struct naive *c, u32 level, u32 set, u32 i)
{
	struct level *l = &c->l[level];
	u64 tag = l->tag[set][i];
	bool dirty = l->dirty[set][i];
	u8 data[LINE_MAX_BYTES];

	memcpy(data, l->data[set][i], c->line);
	for (; i > 0; i--) {
		l->tag[set][i] = l->tag[set][i - 1];
		l->dirty[set][i] = l->dirty[set][i - 1];
		memcpy(l->data[set][i], l->data[set][i - 1], c->line);
	}
	l->tag[set][0] = tag;
	l->dirty[set][0] = dirty;
	memcpy(l->data[set][0], data, c->line);
}

static void naive_out(struct naive *c, u32 level, u32 set, u32 i)
{
	struct level *l = &c->l[level];
	u64 pa = l->tag[set][i] - 1;
	s32 o = level ? NONE : way_of(c, 1, pa);

	if (o != NONE) {
		memcpy(c->l[1].data[set_of(c, 1, pa)][o], l->data[set][i], c->line);
		c->l[1].dirty[set_of(c, 1, pa)][o] = true;
	} else {
		memcpy(c->mem + (pa - BASE), l->data[set][i], c->line);
	}
	l->dirty[set][i] = false;
}

static void naive_put(struct naive *c, u32 level, u64 pa, const u8 *data)
{
	struct level *l = &c->l[level];
	u32 set = set_of(c, level, pa), i = 0;

	while (i < l->ways && l->tag[set][i])
		i++;
	if (i == l->ways) {
		u64 out = l->tag[set][--i] - 1;

		if (l->dirty[set][i]) {
			naive_out(c, level, set, i);
			saw(c, EV_WRITE_BACK, out, level);
		}
		saw(c, EV_DROP, out, level);
	}
	l->tag[set][i] = pa + 1;
	l->dirty[set][i] = false;
	memcpy(l->data[set][i], data, c->line);
	newest(c, level, set, i);
	saw(c, EV_FILL, pa, level);
}

/* The line comes in and is the newest of its set. */
static void naive_fill(struct naive *c, u64 pa)
{
	const u8 *from = c->mem + (pa - BASE);
	s32 i = way_of(c, 0, pa), o;

	if (i != NONE) {
		newest(c, 0, set_of(c, 0, pa), (u32)i);
		return;
	}
	o = way_of(c, 1, pa);
	if (c->two && o == NONE) {
		naive_put(c, 1, pa, from);
		o = way_of(c, 1, pa);
	}
	if (c->two)
		from = c->l[1].data[set_of(c, 1, pa)][o];
	naive_put(c, 0, pa, from);
}

static u8 naive_load(struct naive *c, u64 at)
{
	u64 pa = at - at % c->line;

	naive_fill(c, pa);
	return c->l[0].data[set_of(c, 0, pa)][0][at - pa];
}

static void naive_store(struct naive *c, u64 at, u8 value)
{
	u64 pa = at - at % c->line;
	u32 set = set_of(c, 0, pa);
	s32 o;

	if (!c->write_through || way_of(c, 0, pa) != NONE) {
		naive_fill(c, pa);
		c->l[0].data[set][0][at - pa] = value;
		c->l[0].dirty[set][0] = !c->write_through;
	}
	if (!c->write_through)
		return;
	o = c->two ? way_of(c, 1, pa) : NONE;
	if (o == NONE) {
		c->mem[at - BASE] = value;
		return;
	}
	/* What L1 passes on, the outer cache holds, if it has the line. */
	c->l[1].data[set_of(c, 1, pa)][o][at - pa] = value;
	c->l[1].dirty[set_of(c, 1, pa)][o] = true;
}

static void naive_clean(struct naive *c, u32 level, u64 pa)
{
	s32 i = way_of(c, level, pa);

	if (i == NONE)
		return;
	if (c->l[level].dirty[set_of(c, level, pa)][i])
		naive_out(c, level, set_of(c, level, pa), (u32)i);
	saw(c, EV_CLEAN, pa, level);
}

static void naive_invalidate(struct naive *c, u32 level, u64 pa)
{
	s32 i = way_of(c, level, pa);
	struct level *l = &c->l[level];
	u32 set;

	if (i == NONE)
		return;
	saw(c, EV_INVALIDATE, pa, level);
	/* the hole goes to the end */
	for (set = set_of(c, level, pa); (u32)i + 1 < l->ways; i++) {
		l->tag[set][i] = l->tag[set][i + 1];
		l->dirty[set][i] = l->dirty[set][i + 1];
		memcpy(l->data[set][i], l->data[set][i + 1], c->line);
	}
	l->tag[set][i] = 0;
}

/* ---- side by side ---- */

static bool of_cache(u32 kind)
{
	return kind >= EV_FILL && kind <= EV_INVALIDATE;
}

static void compare(struct machine *m, struct naive *c, u32 from)
{
	u32 n = 0;

	for (u32 i = from; i <= m->w->log->n; i++) {
		const struct event *e = event_get(m->w->log, i);

		if (!of_cache(e->kind))
			continue;
		HOLDS(n < c->n);
		HOLDS(c->seen[n++] == ((u64)e->kind << 32 | e->f[0] << 1 | e->f[1]));
	}
	HOLDS(n == c->n);
	c->n = 0;
}

static void act(struct machine *m, struct naive *c, struct rng *r, u32 span)
{
	u64 at = BASE + rng_below(r, span), pa = at - at % c->line;
	u32 what = rng_below(r, 20), level = c->two ? what & 1 : 0, from = m->w->log->n + 1;
	u8 value = (u8)rng_next(r);

	if (what < 10) {
		HOLDS(load(m, at) == naive_load(c, at));
	} else if (what < 18) {
		store(m, at, value);
		naive_store(c, at, value);
	} else if (rng_below(r, 2)) {
		cache_clean(&m->hw, (enum cache_level)level, pa);
		naive_clean(c, level, pa);
	} else {
		cache_invalidate(&m->hw, (enum cache_level)level, pa);
		naive_invalidate(c, level, pa);
	}
	compare(m, c, from);
}

static void run(struct rng *r, u32 row)
{
	struct machine m;
	struct naive *c = mem_zalloc(1, sizeof *c);
	u32 span;

	machine_config(&m);
	m.cfg.store_entries = 0;
	m.cfg.early_loads = false;
	m.cfg.line = 16u << row % 4;
	m.cfg.l1.sets = 1u << rng_below(r, 5);
	m.cfg.l1.ways = 1 + rng_below(r, 8);
	m.cfg.l1.write_through = row % 3 == 2;
	if (row % 2)
		m.cfg.outer = (struct cache_config){.sets = 1u << rng_below(r, 5),
						    .ways = 1 + rng_below(r, 8)};
	m.ignorant = row % 5 != 0; /* short ways and general ways */
	m.blind = row % 7 == 3;
	machine_start(&m);
	c->line = m.cfg.line;
	c->write_through = m.cfg.l1.write_through;
	c->two = m.cfg.outer.sets;
	c->l[0].sets = m.cfg.l1.sets;
	c->l[0].ways = m.cfg.l1.ways;
	c->l[1].sets = m.cfg.outer.sets;
	c->l[1].ways = m.cfg.outer.ways;
	/* about twice what the first level holds */
	span = c->line * c->l[0].sets * c->l[0].ways * 2;
	span = span < SPAN ? span : SPAN;
	for (u32 i = 0; i < 1500; i++)
		act(&m, c, r, span);
	for (u32 i = 0; i < span; i++)
		HOLDS(memory(&m, BASE + i) == c->mem[i]);
	machine_stop(&m);
	mem_free(c);
}

START_TEST(test_against_naive)
{
	struct rng r = rng_seed("caches against the naive model", 7000);

	for (u32 row = 0; row < 60; row++)
		run(&r, row);
}
END_TEST

/* ---- the hash ---- */

static struct machine lru(u32 ways, enum replacement how)
{
	struct machine m;

	machine_config(&m);
	m.cfg.l1 = (struct cache_config){.sets = 1, .ways = ways, .replacement = how};
	m.cfg.store_entries = 0;
	m.cfg.early_loads = false;
	m.ignorant = true;
	machine_start(&m);
	return m;
}

static void start(struct machine *m)
{
	m->w->ops.ctx = &m->hw; /* the struct was copied */
	m->hw.cfg = &m->cfg;
	world_hash_on(m->w);
}

static void fill(struct machine *m, u64 pa)
{
	u32 cell;

	ck_assert_int_eq(cache_fill(&m->hw, pa, true, &cell), ACCESS_OK);
}

START_TEST(test_hash_without_way)
{
	struct machine a = lru(4, REPLACE_CHOICE), b = lru(4, REPLACE_CHOICE);

	start(&a);
	start(&b);
	fill(&a, 0x1000);
	fill(&a, 0x1040);
	fill(&b, 0x1040);
	fill(&b, 0x1000);
	ck_assert_uint_eq(world_hash(a.w), world_hash(b.w));
	cache_drop(&a.hw, LEVEL_L1, 0x1000);
	ck_assert_uint_ne(world_hash(a.w), world_hash(b.w));
	cache_drop(&b.hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(world_hash(a.w), world_hash(b.w)); /* way 1 of a, way 0 of b */
	machine_stop(&a);
	machine_stop(&b);
}
END_TEST

/* LRU: the order of addresses counts, and nothing else of the order. */
START_TEST(test_hash_of_order)
{
	struct machine a = lru(4, REPLACE_LRU), b = lru(4, REPLACE_LRU);

	start(&a);
	start(&b);
	fill(&a, 0x1000);
	fill(&a, 0x1040);
	fill(&b, 0x1040);
	fill(&b, 0x1000);
	ck_assert_uint_ne(world_hash(a.w), world_hash(b.w));
	load(&a, 0x1000);
	ck_assert_uint_eq(world_hash(a.w), world_hash(b.w));
	/* ways that hold nothing have no place in it */
	fill(&a, 0x1080);
	cache_drop(&a.hw, LEVEL_L1, 0x1080);
	fill(&b, 0x1080);
	load(&b, 0x1040);
	cache_drop(&b.hw, LEVEL_L1, 0x1080);
	load(&b, 0x1000);
	ck_assert_uint_eq(world_hash(a.w), world_hash(b.w));
	ck_assert_uint_eq(world_hash(a.w), world_hash_scratch(a.w));
	machine_stop(&a);
	machine_stop(&b);
}
END_TEST

/* Dirty and clean are two states, and so are filled before and after the last operation. */
START_TEST(test_hash_of_state)
{
	struct machine m = lru(4, REPLACE_CHOICE);
	u64 clean, dirty;

	start(&m);
	fill(&m, 0x1000);
	clean = world_hash(m.w);
	store(&m, 0x1000, 0);
	dirty = world_hash(m.w);
	ck_assert_uint_ne(clean, dirty);
	cache_write_back(&m.hw, LEVEL_L1, 0x1000);
	ck_assert_uint_eq(world_hash(m.w), clean);
	cache_clean(&m.hw, LEVEL_L1, 0x1000);
	ck_assert_uint_ne(world_hash(m.w), clean);
	ck_assert(!cache_line(&m.hw, LEVEL_L1, 0x1000).refilled);
	machine_stop(&m);
}
END_TEST

/*
 * Two worlds of one hash have one future: also where hardware chooses, and in the outer cache,
 * whose victim nobody is asked for.
 */
START_TEST(test_equal_hash_equal_victim)
{
	struct machine m[2];
	u64 lines[2][2], line;
	struct cache_place at;
	u32 n;

	for (u32 i = 0; i < 2; i++) {
		machine_config(&m[i]);
		m[i].cfg.l1 = (struct cache_config){.sets = 16, .ways = 2};
		m[i].cfg.outer =
		    (struct cache_config){.sets = 1, .ways = 2, .replacement = REPLACE_CHOICE};
		m[i].cfg.early_loads = false;
		machine_start(&m[i]);
		world_hash_on(m[i].w);
		fill(&m[i], i ? 0x1040 : 0x1000);
		fill(&m[i], i ? 0x1000 : 0x1040);
	}
	ck_assert_uint_eq(world_hash(m[0].w), world_hash(m[1].w));
	for (u32 i = 0; i < 2; i++) {
		fill(&m[i], 0x1080);
		at = (struct cache_place){0, 0};
		n = 0;
		while (cache_next(&m[i].hw, LEVEL_OUTER, &at, &line))
			lines[i][n++ & 1] = line;
		ck_assert_uint_eq(n, 2);
	}
	/* The ways that they lie in may differ. */
	ck_assert_uint_eq(lines[0][0] + lines[0][1], lines[1][0] + lines[1][1]);
	ck_assert_uint_eq(world_hash(m[0].w), world_hash(m[1].w));
	machine_stop(&m[0]);
	machine_stop(&m[1]);
}
END_TEST

/* A full set blocks where hardware chooses the victim. */
START_TEST(test_choice_blocks)
{
	struct machine m = lru(2, REPLACE_CHOICE);
	u32 cell;

	start(&m);
	fill(&m, 0x1000);
	fill(&m, 0x1040);
	store(&m, 0x1000, 0);
	ck_assert(!cache_has_room(&m.hw, 0x1080));
	ck_assert(cache_has_room(&m.hw, 0x1000));
	ck_assert_int_eq(cache_fill(&m.hw, 0x1080, false, &cell), ACCESS_BLOCKED);
	ck_assert(cpu_load_blocked(&m.hw, va(&m, 0x1080)));
	ck_assert_uint_eq(cache_victim(&m.hw, 0x1080), 0x1040); /* clean ones first */
	cache_drop(&m.hw, LEVEL_L1, 0x1040);
	ck_assert(!cpu_load_blocked(&m.hw, va(&m, 0x1080)));
	fill(&m, 0x1080);
	machine_stop(&m);
}
END_TEST

static Suite *cache_suite(void)
{
	Suite *s = suite_create("cache");
	TCase *t = tcase_create("model");

	tcase_add_test(t, test_against_naive);
	suite_add_tcase(s, t);
	t = tcase_create("hash");
	tcase_add_test(t, test_hash_without_way);
	tcase_add_test(t, test_hash_of_order);
	tcase_add_test(t, test_hash_of_state);
	tcase_add_test(t, test_equal_hash_equal_victim);
	tcase_add_test(t, test_choice_blocks);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(cache_suite)
