/* SPDX-License-Identifier: MIT */
/*
 * A random walk over all calls, stopped anywhere between two transitions: going back gives the very
 * bytes, the hash follows, and nothing escapes the journal. The seed is printed; LINUX_SEED gives
 * it.
 */
#include "unit/linux_fixture.h"

#include <string.h>

#include "base/mem.h"

enum { MEMORIES = 8, MAPPINGS = 8, BACKS = 8, STEPS = 1500 };

static struct box b;
static u64 seed;

static u32 rnd(u32 n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (u32)(seed >> 33) % n;
}

/* What the driver holds: variables of the walk, which go back with the world. */
struct vars {
	cpu_addr_t mem[MEMORIES];
	struct {
		u64 h, size, dir, dev;
	} map[MAPPINGS];
};

static struct vars v;

static void allocate(void)
{
	u32 i = rnd(MEMORIES);

	if (v.mem[i].va) {
		ck_assert_int_eq(lx_kfree(&b.lx, v.mem[i]), LX_OK);
		v.mem[i].va = 0;
	} else {
		ck_assert_int_eq(lx_kmalloc(&b.lx, LX_DRIVER, 1 + rnd(300),
					    rnd(2) ? GFP_BIT_ZERO : 0, &v.mem[i]),
				 LX_OK);
	}
}

static void map_or_unmap(void)
{
	u32 i = rnd(MAPPINGS), m = rnd(MEMORIES), attrs = rnd(4) ? 0 : ATTR_SKIP_CPU_SYNC;
	dma_addr_t h = {v.map[i].h};

	if (v.map[i].size) {
		ck_assert_int_eq(lx_dma_unmap(&b.lx, LX_DRIVER, (u32)v.map[i].dev, h, v.map[i].size,
					      (u32)v.map[i].dir, attrs),
				 LX_OK);
		v.map[i].size = 0;
	} else if (v.mem[m].va) {
		u64 size = 1 + rnd(200);
		u32 dev = rnd(2), dir = rnd(3);

		ck_assert_int_eq(
		    lx_dma_map_single(&b.lx, LX_DRIVER, dev, v.mem[m], size, dir, attrs, &h),
		    LX_OK);
		if (h.bus != DMA_MAPPING_ERROR) {
			v.map[i].h = h.bus;
			v.map[i].size = size;
			v.map[i].dir = dir;
			v.map[i].dev = dev;
		}
	}
}

static void sync_one(void)
{
	u32 i = rnd(MAPPINGS);
	dma_addr_t h = {v.map[i].h};

	if (!v.map[i].size)
		return;
	if (rnd(2))
		lx_dma_sync_for_cpu(&b.lx, LX_DRIVER, (u32)v.map[i].dev, h, v.map[i].size,
				    (u32)v.map[i].dir);
	else
		lx_dma_sync_for_device(&b.lx, LX_DRIVER, (u32)v.map[i].dev, h, v.map[i].size,
				       (u32)v.map[i].dir);
}

static void coherent(void)
{
	cpu_addr_t va;
	dma_addr_t h;

	lx_dma_alloc_attrs(&b.lx, LX_DRIVER, rnd(2), 1 + rnd(64), GFP_BIT_DIRECT_RECLAIM, 0, &va,
			   &h);
	while (!lx_idle(&b.lx, LX_DRIVER) && lx_step(&b.lx, LX_DRIVER) != LX_IDLE)
		if (lx_blocked(&b.lx, LX_DRIVER))
			buffer_drain(&b.hw, (u32)__builtin_ctz(buffer_ready(&b.hw)));
	ck_assert_int_eq(lx_dma_free_attrs(&b.lx, DEV_NC, 8, va, h, 0), LX_OK);
}

static void touch(void)
{
	u32 i = rnd(MEMORIES);
	u8 x = (u8)rnd(256);

	if (v.mem[i].va && !cpu_store_blocked(&b.hw, v.mem[i]))
		ck_assert_int_eq(cpu_store(&b.hw, (cpu_addr_t){v.mem[i].va + rnd(8)}, 1, &x, false),
				 ACCESS_OK);
	i = rnd(MAPPINGS);
	if (v.map[i].size)
		ck_assert(
		    dma_write(&b.hw, (u32)v.map[i].dev, (dma_addr_t){v.map[i].h}, 1, &x, false));
}

static void one_step(void)
{
	u32 ready;

	if (!lx_idle(&b.lx, LX_DRIVER)) {
		ck_assert_int_ne(lx_step(&b.lx, LX_DRIVER), LX_OOPS);
		ready = buffer_ready(&b.hw);
		if (ready && (lx_blocked(&b.lx, LX_DRIVER) || !rnd(8)))
			ck_assert_int_eq(buffer_drain(&b.hw, (u32)__builtin_ctz(ready)), ACCESS_OK);
		return;
	}
	switch (rnd(8)) {
	case 0:
		lx_dma_set_mask(&b.lx, rnd(2), rnd(2) ? ~0ull : 0xffffffff);
		break;
	case 1:
		if (!rnd(8))
			coherent();
		break;
	case 2:
		touch();
		break;
	case 3:
		sync_one();
		break;
	case 4:
	case 5:
		allocate();
		break;
	default:
		map_or_unmap();
	}
}

struct back {
	struct mark mark;
	struct vars vars;
	u8 *bytes; /* owned */
	u32 used;
	u64 hash;
};

static void keep(struct back *k)
{
	*k = (struct back){.hash = world_hash(b.w), .vars = v, .used = b.w->used};
	k->mark = world_mark(b.w);
	k->bytes = mem_zalloc(k->used, 1);
	memcpy(k->bytes, b.w->rd, k->used);
}

/* Whether the journal still reaches back to it: MODE=tiny has a small window. */
static bool reachable(const struct back *k)
{
	return k->mark.rec >= b.w->jn.tail;
}

static void go_back(struct back *k)
{
	ck_assert_int_eq(world_escaped(b.w, &k->mark, k->bytes, k->used), -1);
	world_undo(b.w, &k->mark);
	ck_assert_int_eq(memcmp(k->bytes, b.w->rd, k->used), 0);
	ck_assert_uint_eq(world_hash(b.w), k->hash);
	v = k->vars;
}

/* Goes back if that is still possible. */
static u32 end(struct back *k)
{
	bool can = reachable(k);

	if (can)
		go_back(k);
	mem_free(k->bytes);
	return can;
}

START_TEST(back_from_anywhere)
{
	struct back k[BACKS];
	u32 kept = 0, went = 0;

	box_config(&b);
	b.lc.arch = arch_row((enum arch_id)(_i % ARCH_IDS));
	b.hc.l1 = (struct cache_config){.sets = 4, .ways = 2};
	b.hc.dir_slots = 64;
	b.lc.cache_alignment = _i % 2 ? 8 : 64;
	b.lc.kmalloc_bounce = _i % 3 == 0;
	b.lc.swiotlb.base = 0x4000000;
	b.lc.swiotlb.slots = 128;
	b.lc.swiotlb.force = _i % 3 == 1;
	b.hc.store_entries = _i % 4 ? 4 : 0;
	b.hc.order = ORDER_WEAK;
	box_start(&b);
	event_log_free(b.w->log);
	b.w->log = NULL; /* after going back, other events follow */
	memset(&v, 0, sizeof v);
	seed = (getenv("LINUX_SEED") ? strtoull(getenv("LINUX_SEED"), NULL, 0) : 1) + (u64)_i;
	printf("linux_undo: seed %llu\n", (unsigned long long)seed);
	world_hash_on(b.w);
	for (u32 i = 0; i < STEPS; i++) {
		one_step();
		if (kept < BACKS && rnd(24) == 0)
			keep(&k[kept++]);
		if (kept && rnd(48) == 0)
			went += end(&k[--kept]);
		if (i % 100 == 0)
			ck_assert_uint_eq(world_hash(b.w), world_hash_scratch(b.w));
	}
	while (kept)
		went += end(&k[--kept]);
	ck_assert_uint_gt(went, 0);
	ck_assert_uint_eq(world_hash(b.w), world_hash_scratch(b.w));
	box_stop(&b);
}
END_TEST

START_TEST(a_call_that_is_over_leaves_no_trace)
{
	u64 page, h, before;

	box_config(&b);
	b.lc.arch = arch_row(ARCH_ID_MIPS_24K);
	box_start(&b);
	page = box_kmalloc(&b, 4096);
	world_hash_on(b.w);
	before = world_hash(b.w);
	h = box_map(&b, DEV_NC, page, 200, DMA_TO_DEVICE, 0);
	box_unmap(&b, DEV_NC, h, 200, DMA_TO_DEVICE, 0);
	ck_assert_uint_eq(world_hash(b.w), before);
	box_stop(&b);
}
END_TEST

static Suite *linux_undo_suite(void)
{
	Suite *s = suite_create("linux/undo");
	TCase *t = tcase_create("undo");

	tcase_add_loop_test(t, back_from_anywhere, 0, 24);
	tcase_add_test(t, a_call_that_is_over_leaves_no_trace);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(linux_undo_suite)
