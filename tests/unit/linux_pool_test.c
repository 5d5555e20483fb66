/* SPDX-License-Identifier: MIT */
/* DMA pools: geometry, the list inside free blocks, the checks, what a damaged list does. */
#include "unit/linux_fixture.h"

static struct box b;
static const struct lx_text name = {0, 3};

static void setup(void)
{
	box_config(&b);
}

static void teardown(void)
{
	box_stop(&b);
}

static u64 start(u32 dev, u64 size, u64 align, u64 boundary)
{
	u64 pool;

	box_start(&b);
	b.lx.texts = (const u8 *)"orc";
	pool = lx_dma_pool_create(&b.lx, dev, &name, size, align, boundary);
	ck_assert_uint_ne(pool, 0);
	return pool;
}

struct block {
	cpu_addr_t va;
	dma_addr_t h;
};

static struct block taken(enum lx_level level)
{
	struct block k;

	ck_assert(lx_result(&b.lx, level, &k.va, &k.h));
	return k;
}

static struct block alloc(u64 pool)
{
	ck_assert_int_eq(lx_dma_pool_alloc(&b.lx, LX_DRIVER, pool, GFP_BIT_DIRECT_RECLAIM), LX_OK);
	box_run(&b, LX_DRIVER);
	return taken(LX_DRIVER);
}

static void give(u64 pool, struct block k)
{
	ck_assert_int_eq(lx_dma_pool_free(&b.lx, LX_DRIVER, pool, k.va, k.h), LX_OK);
	box_run(&b, LX_DRIVER);
}

static u64 word(u64 va)
{
	u64 v = 0;

	for (u32 i = 0; i < 8; i++)
		v |= (u64)box_load(&b, (cpu_addr_t){va + i}) << (8 * i);
	return v;
}

/* Steps until it is idle or dead. */
static enum lx_step finish(enum lx_level level)
{
	enum lx_step r;

	do {
		r = lx_step(&b.lx, level);
		ck_assert_int_ne(r, LX_BLOCKED);
	} while (r == LX_RAN);
	return r;
}

/* ---- geometry ---- */

static const struct {
	u64 size, align, boundary;
	u64 second, third; /* offsets; second 0: no pool */
} shape[] = {
    {20, 16, 0, 32, 64},      {100, 64, 256, 128, 256}, {8, 0, 0, 16, 32},
    {96, 32, 256, 96, 256},   {1, 1, 0, 16, 32},	{20, 0, 0, 20, 40},
    {2048, 0, 0, 2048, 0},    {17, 16, 16, 0, 0},	{64, 3, 0, 0, 0},
    {0, 16, 0, 0, 0},	      {64, 64, 300, 0, 0},	{100, 64, 64, 0, 0},
    {1ull << 31, 0, 0, 0, 0}, {128, 64, 128, 128, 256},
};

START_TEST(blocks_lie_as_asked)
{
	struct block k[3];
	u64 pool;

	box_start(&b);
	pool = lx_dma_pool_create(&b.lx, DEV_COH, &name, shape[_i].size, shape[_i].align,
				  shape[_i].boundary);
	ck_assert_uint_eq(pool != 0, shape[_i].second != 0);
	if (!pool)
		return;
	for (u32 i = 0; i < 3; i++)
		k[i] = alloc(pool);
	ck_assert_uint_eq(k[0].h.bus % LX_PAGE, 0);
	ck_assert_uint_eq(k[1].h.bus - k[0].h.bus, shape[_i].second);
	ck_assert_uint_eq(k[1].va.va - k[0].va.va, shape[_i].second);
	if (shape[_i].third)
		ck_assert_uint_eq(k[2].h.bus - k[0].h.bus, shape[_i].third);
	else /* of another chunk */
		ck_assert_uint_eq(k[2].h.bus % LX_PAGE, 0);
}
END_TEST

START_TEST(a_block_larger_than_a_page)
{
	u64 pool = start(DEV_COH, 5000, 0, 0);
	struct block k = alloc(pool), other = alloc(pool);

	ck_assert_uint_eq(k.h.bus % (2 * LX_PAGE), 0); /* 5000 bytes take two pages, aligned */
	ck_assert_uint_ne(k.h.bus, other.h.bus);
}
END_TEST

/* ---- the list ---- */

START_TEST(free_blocks_hold_the_list)
{
	u64 pool = start((u32)_i, 64, 64, 0);
	struct block k = alloc(pool);

	/* of the one behind: its successor, and its own bus address */
	ck_assert_uint_eq(word(k.va.va + 64), k.va.va + 128);
	ck_assert_uint_eq(word(k.va.va + 72), k.h.bus + 64);
	ck_assert_uint_eq(word(k.va.va + 63 * 64), 0);
	give(pool, k);
	ck_assert_uint_eq(word(k.va.va), k.va.va + 64);
	ck_assert_uint_eq(word(k.va.va + 8), k.h.bus);
	ck_assert_uint_eq(alloc(pool).va.va, k.va.va);
}
END_TEST

START_TEST(the_last_that_came_goes_first)
{
	u64 pool = start(DEV_COH, 64, 64, 0);
	struct block k[3] = {alloc(pool), alloc(pool), alloc(pool)};

	give(pool, k[1]);
	give(pool, k[0]);
	ck_assert_uint_eq(alloc(pool).va.va, k[0].va.va);
	ck_assert_uint_eq(alloc(pool).va.va, k[1].va.va);
	ck_assert_uint_eq(alloc(pool).va.va, k[2].va.va + 64);
}
END_TEST

/* Words that no 8-byte access holds, in the CPU's own order. */
START_TEST(blocks_at_any_address)
{
	struct block k[3];
	u64 pool;

	b.hc.big_endian = _i;
	b.hc.store_entries = 1;
	pool = start(DEV_NC, 20, 0, 0);
	for (u32 i = 0; i < 3; i++) {
		k[i] = alloc(pool);
		ck_assert_uint_eq(k[i].h.bus - k[0].h.bus, 20 * i);
	}
	give(pool, k[1]);
	give(pool, k[2]);
	ck_assert_uint_eq(alloc(pool).h.bus, k[2].h.bus);
	ck_assert_uint_eq(alloc(pool).h.bus, k[1].h.bus);
	ck_assert_uint_eq(alloc(pool).h.bus, k[0].h.bus + 60);
}
END_TEST

START_TEST(zeroed_if_asked)
{
	u64 pool = start(DEV_COH, 64, 64, 0);
	struct block k = alloc(pool);

	give(pool, k);
	ck_assert_int_eq(
	    lx_dma_pool_alloc(&b.lx, LX_DRIVER, pool, GFP_BIT_DIRECT_RECLAIM | GFP_BIT_ZERO),
	    LX_OK);
	box_run(&b, LX_DRIVER);
	ck_assert_uint_eq(taken(LX_DRIVER).va.va, k.va.va);
	for (u64 i = 0; i < 64; i += 8)
		ck_assert_uint_eq(word(k.va.va + i), 0);
}
END_TEST

/* spin_lock_irqsave(): from the first look at the list until the block is out. */
START_TEST(no_handler_comes_while_the_list_changes)
{
	u64 pool = start(DEV_COH, 64, 64, 0);
	struct block first = alloc(pool);

	ck_assert_uint_eq(lx_dma_pool_locked(&b.lx, pool), 0);
	ck_assert_int_eq(lx_dma_pool_alloc(&b.lx, LX_DRIVER, pool, GFP_BIT_DIRECT_RECLAIM), LX_OK);
	ck_assert_int_eq(lx_step(&b.lx, LX_DRIVER), LX_RAN); /* half of what it has to read */
	ck_assert_uint_eq(lx_dma_pool_locked(&b.lx, pool), 1);
	ck_assert_uint_eq(hw_cpu(&b.hw)->irq_off, IRQ_OFF_LOCK);
	ck_assert_int_eq(finish(LX_DRIVER), LX_IDLE);
	ck_assert_uint_eq(taken(LX_DRIVER).va.va, first.va.va + 64);
	ck_assert_uint_eq(lx_dma_pool_locked(&b.lx, pool), 0);
	ck_assert_uint_eq(hw_cpu(&b.hw)->irq_off, 0);
	give(pool, first);
	ck_assert_uint_eq(lx_dma_pool_locked(&b.lx, pool), 0);
	ck_assert_uint_eq(hw_cpu(&b.hw)->irq_off, 0);
}
END_TEST

START_TEST(a_handler_comes_while_a_page_is_allocated)
{
	u64 pool = start(DEV_COH, 2048, 0, 0);

	ck_assert_int_eq(lx_dma_pool_alloc(&b.lx, LX_DRIVER, pool, GFP_BIT_DIRECT_RECLAIM), LX_OK);
	ck_assert_uint_eq(hw_cpu(&b.hw)->irq_off, 0);
	ck_assert_int_eq(lx_dma_pool_alloc(&b.lx, LX_HANDLER, pool, 0), LX_OK);
	ck_assert_int_eq(finish(LX_HANDLER), LX_IDLE);
	ck_assert_uint_eq(taken(LX_HANDLER).h.bus % LX_PAGE, 0);
	ck_assert_int_eq(finish(LX_DRIVER), LX_IDLE); /* of a chunk of its own */
	ck_assert_uint_eq(taken(LX_DRIVER).h.bus % LX_PAGE, 0);
	ck_assert_uint_eq(box_count(&b, EV_COHERENT_ALLOC), 2);
}
END_TEST

START_TEST(no_memory)
{
	cpu_addr_t va;
	dma_addr_t h;
	u64 pool;

	b.lc.dev[DEV_COH].coherent_mask = 0xfff; /* below all memory */
	pool = start(DEV_COH, 64, 64, 0);
	ck_assert_int_eq(lx_dma_pool_alloc(&b.lx, LX_DRIVER, pool, GFP_BIT_DIRECT_RECLAIM), LX_OK);
	ck_assert(lx_idle(&b.lx, LX_DRIVER));
	ck_assert(!lx_result(&b.lx, LX_DRIVER, &va, &h));
	ck_assert_uint_eq(va.va, 0);
}
END_TEST

/* ---- damage ---- */

START_TEST(a_late_write_is_followed)
{
	u64 pool = start((u32)_i, 64, 64, 0);
	struct block k = alloc(pool);

	give(pool, k);
	box_dma_write(&b, (u32)_i, k.h.bus, 0x55, 8);
	ck_assert_uint_eq(alloc(pool).va.va, k.va.va); /* its pointer is read, not followed */
	ck_assert_int_eq(lx_dma_pool_alloc(&b.lx, LX_DRIVER, pool, GFP_BIT_DIRECT_RECLAIM), LX_OK);
	ck_assert_int_eq(finish(LX_DRIVER), LX_OOPS);
}
END_TEST

START_TEST(a_late_write_gives_another_handle)
{
	u64 pool = start(DEV_COH, 64, 64, 0);
	struct block k = alloc(pool), again;

	give(pool, k);
	box_dma_write(&b, DEV_COH, k.h.bus + 8, 0x10, 1);
	again = alloc(pool);
	ck_assert_uint_eq(again.va.va, k.va.va);
	ck_assert_uint_eq(again.h.bus, (k.h.bus & ~0xffull) | 0x10);
}
END_TEST

START_TEST(twice_is_two_owners)
{
	u64 pool = start(DEV_COH, 64, 64, 0);
	struct block k = alloc(pool);

	give(pool, k);
	give(pool, k);
	ck_assert_uint_eq(alloc(pool).va.va, k.va.va);
	ck_assert_uint_eq(alloc(pool).va.va, k.va.va);
	give(pool, k);
	give(pool, k);
	ck_assert_int_eq(lx_dma_pool_destroy(&b.lx, pool), LX_OK); /* one less than none are out */
	ck_assert_str_eq(box_log(&b, 0), "coh coh.0: dma_pool_destroy orc busy");
}
END_TEST

START_TEST(a_wrong_handle_stays)
{
	u64 pool = start(DEV_COH, 64, 64, 0);
	struct block k = alloc(pool);

	give(pool, (struct block){k.va, {k.h.bus + 64}});
	ck_assert_uint_eq(alloc(pool).h.bus, k.h.bus + 64);
}
END_TEST

/* ---- DMAPOOL_DEBUG ---- */

static u64 start_checked(u32 dev)
{
	b.lc.dmapool_debug = true;
	return start(dev, 64, 64, 0);
}

START_TEST(checked_blocks_are_poisoned)
{
	u64 pool = start_checked((u32)_i);
	struct block k = alloc(pool);

	ck_assert_uint_eq(word(k.va.va), 0xa9a9a9a9a9a9a9a9);
	ck_assert_uint_eq(word(k.va.va + 56), 0xa9a9a9a9a9a9a9a9);
	give(pool, k);
	ck_assert_uint_eq(word(k.va.va + 8), k.h.bus);
	ck_assert_uint_eq(word(k.va.va + 16), 0xa7a7a7a7a7a7a7a7);
	ck_assert_uint_eq(word(k.va.va + 56), 0xa7a7a7a7a7a7a7a7);
	alloc(pool);
	ck_assert_str_eq(box_log(&b, 0), "");
}
END_TEST

START_TEST(a_touched_block_is_dumped)
{
	u64 pool = start_checked(DEV_COH);
	struct block k = alloc(pool);

	give(pool, k);
	box_dma_write(&b, DEV_COH, k.h.bus + 18, 'A', 2);
	ck_assert_uint_eq(alloc(pool).va.va, k.va.va);
	ck_assert_str_eq(box_log(&b, 0),
			 "coh coh.0: pool_check_block orc, (____ptrval____) (corrupted)");
	ck_assert_str_eq(box_log(&b, 2), "00000010: a7 a7 41 41 a7 a7 a7 a7 a7 a7 a7 a7 a7 a7 a7 "
					 "a7  ..AA............");
	ck_assert_ptr_nonnull(strstr(box_log(&b, 4), "00000030: a7"));
	ck_assert_str_eq(box_log(&b, 5), "");
	ck_assert_uint_eq(word(k.va.va + 16), 0xa9a9a9a9a9a9a9a9);
}
END_TEST

START_TEST(checks_refuse)
{
	u64 pool = start_checked(DEV_COH);
	struct block k = alloc(pool), other = alloc(pool);

	give(pool, (struct block){k.va, {k.h.bus + 8192}});
	ck_assert_str_eq(box_log(&b, 0), "coh coh.0: pool_block_err orc, "
					 "(____ptrval____)/0x0000000000102000 (bad dma)");
	give(pool, (struct block){k.va, {k.h.bus + 64}}); /* of the same page: taken */
	give(pool, other);
	give(pool, k); /* found behind the other */
	ck_assert_str_eq(box_log(&b, 1),
			 "coh coh.0: pool_block_err orc, dma 0x0000000000100000 already free");
	ck_assert_int_eq(lx_dma_pool_destroy(&b.lx, pool), LX_OK);
	ck_assert_str_eq(box_log(&b, 2), "");
}
END_TEST

START_TEST(a_check_walks_a_damaged_list)
{
	u64 pool = start_checked(DEV_COH);
	struct block k = alloc(pool), other = alloc(pool);

	give(pool, k);
	box_dma_write(&b, DEV_COH, k.h.bus, 0x55, 8);
	ck_assert_int_eq(lx_dma_pool_free(&b.lx, LX_DRIVER, pool, other.va, other.h), LX_OK);
	ck_assert_int_eq(finish(LX_DRIVER), LX_OOPS);
}
END_TEST

/* ---- the end ---- */

START_TEST(destroy_gives_the_pages_back)
{
	u64 pool = start(DEV_COH, 2048, 0, 0), page;
	struct block k[3] = {alloc(pool), alloc(pool), alloc(pool)};

	page = k[0].h.bus;
	for (u32 i = 0; i < 3; i++)
		give(pool, k[i]);
	box_events(&b);
	ck_assert_int_eq(lx_dma_pool_destroy(&b.lx, pool), LX_OK);
	/* the youngest first */
	ck_assert_str_eq(box_events(&b), "free-coherent(101000 ffff000000101000 1000 101000) "
					 "free-coherent(100000 ffff000000100000 1000 100000)");
	ck_assert_uint_eq(box_kmalloc(&b, 4096), page);
	ck_assert_int_eq(lx_dma_pool_destroy(&b.lx, pool), LX_BUG_POOL);
	ck_assert_int_eq(lx_dma_pool_alloc(&b.lx, LX_DRIVER, pool, 0), LX_BUG_POOL);
	ck_assert_int_eq(lx_dma_pool_free(&b.lx, LX_DRIVER, pool, k[0].va, k[0].h), LX_BUG_POOL);
	ck_assert_int_eq(lx_dma_pool_destroy(&b.lx, 0), LX_OK);
}
END_TEST

START_TEST(a_busy_pool_keeps_its_page)
{
	u64 pool = start(DEV_COH, 64, 64, 0);
	struct block k = alloc(pool);

	ck_assert_int_eq(lx_dma_pool_destroy(&b.lx, pool), LX_OK);
	ck_assert_str_eq(box_log(&b, 0), "coh coh.0: dma_pool_destroy orc busy");
	ck_assert_uint_ne(box_kmalloc(&b, 4096), k.h.bus);
	ck_assert_uint_eq(box_count(&b, EV_COHERENT_FREE), 0);
}
END_TEST

static Suite *linux_pool_suite(void)
{
	Suite *s = suite_create("linux/pool");
	TCase *c = tcase_create("pool");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, blocks_lie_as_asked, 0, ARRAY_LEN(shape));
	tcase_add_test(c, a_block_larger_than_a_page);
	tcase_add_loop_test(c, free_blocks_hold_the_list, 0, 2);
	tcase_add_test(c, the_last_that_came_goes_first);
	tcase_add_loop_test(c, blocks_at_any_address, 0, 2);
	tcase_add_test(c, zeroed_if_asked);
	tcase_add_test(c, no_handler_comes_while_the_list_changes);
	tcase_add_test(c, a_handler_comes_while_a_page_is_allocated);
	tcase_add_test(c, no_memory);
	tcase_add_loop_test(c, a_late_write_is_followed, 0, 2);
	tcase_add_test(c, a_late_write_gives_another_handle);
	tcase_add_test(c, twice_is_two_owners);
	tcase_add_test(c, a_wrong_handle_stays);
	tcase_add_loop_test(c, checked_blocks_are_poisoned, 0, 2);
	tcase_add_test(c, a_touched_block_is_dumped);
	tcase_add_test(c, checks_refuse);
	tcase_add_test(c, a_check_walks_a_damaged_list);
	tcase_add_test(c, destroy_gives_the_pages_back);
	tcase_add_test(c, a_busy_pool_keeps_its_page);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(linux_pool_suite)
