/* SPDX-License-Identifier: MIT */
/*
 * Several CPUs, and what hardware holds back: whole runs of small drivers. Under random schedules
 * every transition can be undone and done again byte for byte, the hash follows, and the same
 * answers give the same journal.
 */
#include <string.h>

#include "explore/explore.h"
#include "scenario/scenario.h"
#include "unit/machine.h"
#include "unit/scenario_help.h"
#include "unit/unit.h"

static const struct scenario_options options = {.data_dir = "scenarios"};

#define HEAD                                                                                       \
	"schema: 1\n"                                                                              \
	"id: t\n"                                                                                  \
	"title: t\n"                                                                               \
	"platforms: [arm64-soc, x86-64, classroom]\n"                                              \
	"devices:\n"                                                                               \
	"  nic: {address_bits: 32}\n"                                                              \
	"header: |\n"                                                                              \
	"  #define REG 0x00\n"                                                                     \
	"  struct box { u32 a; u32 b; u32 pad[14]; u32 c; };\n"

struct loaded {
	struct scenario *s;
	struct err_list errs;
	struct machine_config cfg;
	struct program *prog;
};

static bool read_text(struct loaded *l, const char *text, const char *platform)
{
	*l = (struct loaded){.errs = {.file = "t"}};
	l->s = scenario_parse(text, strlen(text), &options, &l->errs);
	return l->s && scenario_compile(l->s, NULL, platform, NULL, &l->cfg, &l->prog, &l->errs);
}

static void must_load(struct loaded *l, const char *text, const char *platform)
{
	struct str brief = {0};
	bool ok = read_text(l, text, platform);

	err_brief(&l->errs, &brief);
	ck_assert_msg(ok, "%s", str_get(&brief));
	str_free(&brief);
}

static void unload(struct loaded *l)
{
	program_free(l->prog);
	scenario_free(l->s);
	err_free(&l->errs);
}

/* What a run of a driver on a platform shows. */
struct seen_run {
	enum outcome outcome;
	u32 hang_line;
	u32 n;
	struct {
		u8 id;
		u32 line;
	} f[16];
	struct str trace; /* names of the events asked for, as "cpu:name" */
};

static struct loaded *running;

static void hear(void *ctx, const struct finding *f)
{
	struct seen_run *t = ctx;

	ck_assert_uint_lt(t->n, ARRAY_LEN(t->f));
	t->f[t->n].id = f->id;
	t->f[t->n++].line = running->prog->stmt[f->stmt].line;
}

static bool says(const struct seen_run *t, enum diag_id id)
{
	for (u32 i = 0; i < t->n; i++)
		if (t->f[i].id == id)
			return true;
	return false;
}

static void run(const char *driver, const char *platform, u64 kinds, struct seen_run *t)
{
	struct str text = {0};
	struct loaded l;
	struct engine *e;

	str_printf(&text, "%s%s", HEAD, driver);
	must_load(&l, str_get(&text), platform);
	running = &l;
	*t = (struct seen_run){0};
	e = engine_new(&l.cfg, l.prog, NULL);
	oracle_sink(&e->oracle, hear, t);
	t->outcome = engine_run(e, NULL, NULL);
	t->hang_line = l.prog->stmt[engine_hang_stmt(e)].line;
	for (u32 i = 1; i <= engine_events(e); i++) {
		const struct event *v = event_get(e->w->log, i);

		if (kinds >> v->kind & 1)
			str_printf(&t->trace, "%s%u:%s", t->trace.n ? " " : "",
				   party_is_cpu(v->party, l.cfg.hw.devs)
				       ? party_cpu(v->party, l.cfg.hw.devs)
				       : 9,
				   event_info(v->kind)->name);
	}
	engine_free(e);
	unload(&l);
	str_free(&text);
}

#define K(id) (1ull << EV_##id)
static const u64 works = K(WORK_QUEUE) | K(WORK_BEGIN) | K(WORK_END);

/* ---- work ---- */

START_TEST(work_is_done_in_order)
{
	struct seen_run t;

	run("functions:\n"
	    "  f():\n"
	    "    - n = n + 1\n"
	    "  g():\n"
	    "    - n = n * 10\n"
	    "driver:\n"
	    "  - n = 1\n"
	    "  - schedule_work_on(1, f)\n"
	    "  - schedule_work_on(1, g)\n"
	    "  - flush_work(g)\n"
	    "  - assert(n == 20)\n",
	    "x86-64", works, &t);
	ck_assert_int_eq(t.outcome, OUTCOME_ENDED);
	ck_assert_uint_eq(t.n, 0);
	ck_assert_str_eq(str_get(&t.trace), "0:work-queue 0:work-queue 1:work-begin 1:work-end "
					    "1:work-begin 1:work-end");
	str_free(&t.trace);
}
END_TEST

/* Queued twice is done once; a flush of what nobody gave returns; the end waits for what is left.
 */
START_TEST(pending_work_is_not_queued_twice)
{
	struct seen_run t;

	run("functions:\n"
	    "  f():\n"
	    "    - n = n + 1\n"
	    "    - assert(n == 1)\n"
	    "  g():\n"
	    "    - n = 100\n"
	    "driver:\n"
	    "  - n = 0\n"
	    "  - flush_work(g)\n"
	    "  - schedule_work_on(1, f)\n"
	    "  - schedule_work_on(1, f)\n",
	    "arm64-soc", works, &t);
	ck_assert_int_eq(t.outcome, OUTCOME_ENDED);
	ck_assert_uint_eq(t.n, 0);
	ck_assert_str_eq(str_get(&t.trace), "0:work-queue 0:work-queue 1:work-begin 1:work-end");
	str_free(&t.trace);
}
END_TEST

/* Given again while it runs it waits for itself, and flush_work() for both. */
START_TEST(running_work_can_be_queued_again)
{
	struct seen_run t;

	run("functions:\n"
	    "  f():\n"
	    "    - n = n + 1\n"
	    "    - wait_event(go)\n"
	    "driver:\n"
	    "  - n = 0\n"
	    "  - go = 0\n"
	    "  - schedule_work_on(1, f)\n"
	    "  - wait_event(n == 1)\n"
	    "  - schedule_work_on(1, f)\n"
	    "  - go = 1\n"
	    "  - flush_work(f)\n"
	    "  - assert(n == 2)\n",
	    "arm64-soc", works, &t);
	ck_assert_int_eq(t.outcome, OUTCOME_ENDED);
	ck_assert_uint_eq(t.n, 0);
	str_free(&t.trace);
}
END_TEST

/* The statement that waits in vain is the work's, whoever waits for the work. */
START_TEST(hang_is_where_the_work_waits)
{
	static const char *const ends[] = {"  - flush_work(f)\n", "  - n = 2\n"};

	for (u32 i = 0; i < ARRAY_LEN(ends); i++) {
		struct str driver = {0};
		struct seen_run t;

		str_printf(&driver,
			   "functions:\n"
			   "  f():\n"
			   "    - wait_event(n == 1)\n"
			   "driver:\n"
			   "  - n = 0\n"
			   "  - schedule_work_on(1, f)\n%s",
			   ends[i]);
		run(str_get(&driver), "x86-64", 0, &t);
		ck_assert_int_eq(t.outcome, OUTCOME_HANG);
		ck_assert_uint_eq(t.n, 1);
		ck_assert_int_eq(t.f[0].id, DIAG_HANG);
		ck_assert_uint_eq(t.f[0].line, 12);
		str_free(&driver);
	}
}
END_TEST

/* A poll that gives up after some looks leaves the other CPU time between them. */
START_TEST(a_poll_lets_others_work)
{
	struct seen_run t;

	run("functions:\n"
	    "  f():\n"
	    "    - WRITE_ONCE(p->a, 1)\n"
	    "driver:\n"
	    "  - struct box *p = kzalloc(sizeof(*p), GFP_KERNEL)\n"
	    "  - schedule_work_on(1, f)\n"
	    "  - err = poll(READ_ONCE(p->a), 10)\n"
	    "  - assert(err == 0)\n",
	    "arm64-soc", 0, &t);
	ck_assert_int_eq(t.outcome, OUTCOME_ENDED);
	ck_assert_uint_eq(t.n, 0);
}
END_TEST

/* While the driver sleeps the others go on as far as they can. */
START_TEST(sleeping_lets_others_work)
{
	struct seen_run t;

	run("functions:\n"
	    "  f():\n"
	    "    - p->a = 1\n"
	    "    - p->b = 2\n"
	    "    - n = 3\n"
	    "driver:\n"
	    "  - n = 0\n"
	    "  - struct box *p = kzalloc(sizeof(*p), GFP_KERNEL)\n"
	    "  - schedule_work_on(1, f)\n"
	    "  - assert(n == 0)\n"
	    "  - msleep(10)\n"
	    "  - assert(n == 3)\n",
	    "arm64-soc", 0, &t);
	ck_assert_int_eq(t.outcome, OUTCOME_ENDED);
	ck_assert_uint_eq(t.n, 0);
}
END_TEST

START_TEST(calls_of_both_cpus_go_on_side_by_side)
{
	struct seen_run t;

	run("functions:\n"
	    "  f():\n"
	    "    - q = kzalloc(64, GFP_KERNEL)\n"
	    "    - g = dma_map_single(nic, q, 64, DMA_TO_DEVICE)\n"
	    "    - e = dma_mapping_error(nic, g)\n"
	    "    - dma_unmap_single(nic, g, 64, DMA_TO_DEVICE)\n"
	    "driver:\n"
	    "  - schedule_work_on(1, f)\n"
	    "  - p = kzalloc(64, GFP_KERNEL)\n"
	    "  - h = dma_map_single(nic, p, 64, DMA_TO_DEVICE)\n"
	    "  - d = dma_mapping_error(nic, h)\n"
	    "  - dma_unmap_single(nic, h, 64, DMA_TO_DEVICE)\n"
	    "  - flush_work(f)\n",
	    "arm64-soc", K(MAP) | K(UNMAP), &t);
	ck_assert_int_eq(t.outcome, OUTCOME_ENDED);
	ck_assert_uint_eq(t.n, 0);
	ck_assert_str_eq(str_get(&t.trace), "0:map 0:unmap 1:map 1:unmap");
	str_free(&t.trace);
}
END_TEST

/* ---- what is held ---- */

#define HELD_STORE                                                                                 \
	"driver:\n"                                                                                \
	"  - struct box *p = dma_alloc_coherent(nic, sizeof(*p), &h, GFP_KERNEL)\n"                \
	"  - hw: hold(STORES)\n"                                                                   \
	"  - p->a = 1\n"

/* What goes although it is held, as somebody must wait for it; and what does not. */
START_TEST(held_stores_go_when_somebody_waits)
{
	static const struct {
		const char *then;
		bool stays;
	} rows[] = {
	    {"  - udelay(1)\n", true},
	    {"  - dma_wmb()\n", true},
	    {"  - writel_relaxed(1, nic.regs + REG)\n", true},
	    {"  - wmb()\n", false},
	    {"  - mb()\n", false},
	    {"  - writel(1, nic.regs + REG)\n", false},
	    {"  - nic: x = dma_read(h, 4)\n", false},
	    {"  - hw: 'release(STORES, p, 4)'\n", false},
	    {"  - for (i = 0; i < 9; i++): p->b = i\n", false}, /* there is no more room */
	};

	for (u32 i = 0; i < ARRAY_LEN(rows); i++) {
		struct str driver = {0};
		struct seen_run t;

		str_printf(&driver, "%s%s  - assert(in_store_buffer(p) == %d)\n", HELD_STORE,
			   rows[i].then, rows[i].stays);
		run(str_get(&driver), "arm64-soc", K(HOLD) | K(RELEASE), &t);
		ck_assert_msg(!says(&t, DIAG_ASSERT), "after %s", rows[i].then);
		ck_assert_int_eq(t.outcome, OUTCOME_ENDED);
		/* at the end of the driver at the latest it is over */
		ck_assert_str_eq(str_get(&t.trace), "0:hold 0:release");
		str_free(&t.trace);
		str_free(&driver);
	}
}
END_TEST

/* In order, a store of a range takes with it what it must not overtake; weakly, it goes alone. */
START_TEST(a_range_goes_first)
{
	struct seen_run t;

	run("driver:\n"
	    "  - p = kzalloc(128, GFP_KERNEL)\n"
	    "  - mb()\n"
	    "  - hw: hold(STORES)\n"
	    "  - memset(p, 1, 1)\n"
	    "  - memset(p + 64, 3, 1)\n"
	    "  - hw: 'release(STORES, p + 64, 1)'\n"
	    "  - assert(in_store_buffer(p) == 1 && in_store_buffer(p + 64) == 0)\n",
	    "arm64-soc", 0, &t);
	ck_assert_uint_eq(t.n, 0);
	run("driver:\n"
	    "  - p = kzalloc(128, GFP_KERNEL)\n"
	    "  - mb()\n"
	    "  - hw: hold(STORES)\n"
	    "  - memset(p, 1, 1)\n"
	    "  - memset(p + 64, 3, 1)\n"
	    "  - hw: 'release(STORES, p + 64, 1)'\n"
	    "  - assert(in_store_buffer(p) == 0 && in_store_buffer(p + 64) == 0)\n",
	    "x86-64", 0, &t);
	ck_assert_uint_eq(t.n, 0);
}
END_TEST

/* A register read, a wait with nothing else to come: what is held is not held for ever. */
START_TEST(held_writes_and_interrupts_come_in_the_end)
{
	struct seen_run t;

	run("functions:\n"
	    "  f():\n"
	    "    - taken = 1\n"
	    "driver:\n"
	    "  - taken = 0\n"
	    "  - request_irq(nic.irq, f)\n"
	    "  - hw: hold(IRQ)\n"
	    "  - nic: raise_irq()\n"
	    "  - udelay(1)\n"
	    "  - assert(taken == 0)\n"
	    "  - wait_event(taken)\n"
	    "  - hw: hold(MMIO)\n"
	    "  - writel(5, nic.regs + REG)\n"
	    "  - x = readl(nic.regs + REG)\n"
	    "  - assert(x == 5)\n"
	    "  - hw: release(MMIO)\n",
	    "arm64-soc", K(IRQ_ENTER) | K(MMIO_ARRIVE) | K(MMIO_READ) | K(RELEASE), &t);
	ck_assert_int_eq(t.outcome, OUTCOME_ENDED);
	ck_assert_uint_eq(t.n, 0);
	ck_assert_str_eq(str_get(&t.trace),
			 "0:irq-enter 9:mmio-arrive 0:mmio-read 0:release 0:release");
	str_free(&t.trace);
}
END_TEST

/* ---- barriers between CPUs ---- */

#define TWO_STORES(writer, reader)                                                                 \
	"functions:\n"                                                                             \
	"  f():\n"                                                                                 \
	"    - p->c = 1\n" writer "    - WRITE_ONCE(p->a, 1)\n"                                    \
	"driver:\n"                                                                                \
	"  - struct box *p = kzalloc(sizeof(*p), GFP_KERNEL)\n"                                    \
	"  - schedule_work_on(1, f)\n"                                                             \
	"  - poll(READ_ONCE(p->a))\n" reader "  - x = p->c\n"                                      \
	"  - assert(x == 1)\n"

static u32 search(const char *driver, const char *platform, u32 *findings)
{
	struct explore_options o = {.max_deviations = EXPLORE_NO_BOUND};
	struct str text = {0};
	struct explore_result *r;
	struct loaded l;
	u32 seen = 0;

	str_printf(&text, "%s%s", HEAD, driver);
	must_load(&l, str_get(&text), platform);
	r = explore_run(&l.cfg, l.prog, &o);
	ck_assert_msg(r->end == EXPLORE_COMPLETE, "%s", explore_end_text(r->end));
	for (u32 i = 0; i < r->found.n; i++)
		seen |= r->found.v[i].f.id == DIAG_MISSING_SMP_BARRIER ? 1
			: r->found.v[i].f.id == DIAG_ASSERT	       ? 2
								       : 4;
	*findings = r->found.n;
	explore_free(r);
	unload(&l);
	str_free(&text);
	return seen;
}

START_TEST(both_sides_need_their_barrier)
{
	static const struct {
		const char *driver, *platform;
		u32 seen;
	} rows[] = {
	    {TWO_STORES("", ""), "arm64-soc", 3},
	    {TWO_STORES("    - smp_wmb()\n", ""), "arm64-soc", 3},
	    {TWO_STORES("", "  - smp_rmb()\n"), "arm64-soc", 3},
	    {TWO_STORES("    - smp_wmb()\n", "  - smp_rmb()\n"), "arm64-soc", 0},
	    {TWO_STORES("    - smp_mb()\n", "  - smp_mb()\n"), "arm64-soc", 0},
	    {TWO_STORES("    - dma_wmb()\n", "  - dma_rmb()\n"), "arm64-soc", 0},
	    {TWO_STORES("", ""), "x86-64", 0},
	};

	for (u32 i = 0; i < ARRAY_LEN(rows); i++) {
		struct seen_run t;
		u32 n;

		ck_assert_msg(search(rows[i].driver, rows[i].platform, &n) == rows[i].seen,
			      "row %u", i);
		run(rows[i].driver, rows[i].platform, 0, &t); /* a calm run shows none of it */
		ck_assert_uint_eq(t.n, 0);
	}
}
END_TEST

/* Each stores, then loads what the other stores: only smp_mb() keeps both from reading 0. */
#define STORE_LOAD(inner, outer)                                                                   \
	"oracle: asserts\n"                                                                        \
	"functions:\n"                                                                             \
	"  f():\n"                                                                                 \
	"    - WRITE_ONCE(p->a, 1)\n" inner "    - y = READ_ONCE(p->c)\n"                          \
	"driver:\n"                                                                                \
	"  - y = 0\n"                                                                              \
	"  - struct box *p = kzalloc(sizeof(*p), GFP_KERNEL)\n"                                    \
	"  - schedule_work_on(1, f)\n"                                                             \
	"  - WRITE_ONCE(p->c, 1)\n" outer "  - x = READ_ONCE(p->a)\n"                              \
	"  - flush_work(f)\n"                                                                      \
	"  - assert(x == 1 || y == 1)\n"

START_TEST(only_a_full_barrier_keeps_store_and_load_apart)
{
	static const char *const platforms[] = {"x86-64", "arm64-soc"};
	u32 n;

	for (u32 i = 0; i < ARRAY_LEN(platforms); i++) {
		ck_assert_uint_eq(search(STORE_LOAD("", ""), platforms[i], &n), 2);
		ck_assert_uint_eq(
		    search(STORE_LOAD("    - smp_mb()\n", "  - smp_mb()\n"), platforms[i], &n), 0);
	}
}
END_TEST

/* What a CPU stored before it gave work, set a variable, or ended its work, is there. */
START_TEST(giving_work_and_waiting_order_memory)
{
	u32 n;

	ck_assert_uint_eq(search("functions:\n"
				 "  f():\n"
				 "    - x = p->a\n"
				 "    - assert(x == 1)\n"
				 "    - wait_event(go)\n"
				 "    - y = p->c\n"
				 "    - assert(y == 2)\n"
				 "    - p->b = 3\n"
				 "driver:\n"
				 "  - go = 0\n"
				 "  - struct box *p = kzalloc(sizeof(*p), GFP_KERNEL)\n"
				 "  - p->a = 1\n"
				 "  - schedule_work_on(1, f)\n"
				 "  - p->c = 2\n"
				 "  - go = 1\n"
				 "  - flush_work(f)\n"
				 "  - z = p->b\n"
				 "  - assert(z == 3)\n",
				 "arm64-soc", &n),
			  0);
}
END_TEST

/* ---- the machinery ---- */

#define BOTH                                                                                       \
	"functions:\n"                                                                             \
	"  irq():\n"                                                                               \
	"    - seen = seen + 1\n"                                                                  \
	"  f():\n"                                                                                 \
	"    - hw: hold(STORES)\n"                                                                 \
	"    - p->c = 7\n"                                                                         \
	"    - q = kmalloc(64, GFP_KERNEL)\n"                                                      \
	"    - memcpy(q, p, 20)\n"                                                                 \
	"    - WRITE_ONCE(p->a, 1)\n"                                                              \
	"    - nic: dma_write(h, \"NEW\", RELAXED)\n"                                              \
	"    - done = 1\n"                                                                         \
	"driver:\n"                                                                                \
	"  - seen = 0\n"                                                                           \
	"  - done = 0\n"                                                                           \
	"  - struct box *p = kmalloc(sizeof(*p), GFP_KERNEL)\n"                                    \
	"  - memset(p, 0, sizeof(*p))\n"                                                           \
	"  - c = dma_alloc_coherent(nic, 64, &h, GFP_KERNEL)\n"                                    \
	"  - request_irq(nic.irq, irq)\n"                                                          \
	"  - schedule_work_on(1, f)\n"                                                             \
	"  - hw: hold(IRQ)\n"                                                                      \
	"  - hw: hold(DMA)\n"                                                                      \
	"  - hw: hold(MMIO)\n"                                                                     \
	"  - writel_relaxed(3, nic.regs + REG)\n"                                                  \
	"  - nic:\n"                                                                               \
	"      - dma_write(h, \"OLD\")\n"                                                          \
	"      - raise_irq()\n"                                                                    \
	"  - p->b = 9\n"                                                                           \
	"  - x = READ_ONCE(p->a)\n"                                                                \
	"  - hw: release(IRQ)\n"                                                                   \
	"  - y = read(p, 8)\n"                                                                     \
	"  - wait_event(done)\n"                                                                   \
	"  - hw: 'release(DMA, c, 1)'\n"                                                           \
	"  - z = p->c\n"                                                                           \
	"  - flush_work(f)\n"

struct walker {
	struct rng r;
	u8 *before, *after;
	u32 steps;
};

/* Any answer; the transition is undone and done again on the way. */
static u32 stumble(void *ctx, struct engine *e, const struct action_list *l)
{
	struct walker *k = ctx;
	u32 pick = rng_below(&k->r, l->n), used = e->w->used, after;
	struct mark m = world_mark(e->w);
	struct action a = l->v[pick];
	u64 hash = world_hash(e->w);

	memcpy(k->before, e->w->rd, used);
	engine_apply(e, &a);
	after = e->w->used;
	if (k->steps % 4 == 0)
		ck_assert_uint_eq(world_hash(e->w), world_hash_scratch(e->w));
	ck_assert_int_lt(world_escaped(e->w, &m, k->before, used), 0);
	memcpy(k->after, e->w->rd, after);
	world_undo(e->w, &m);
	ck_assert_uint_eq(world_hash(e->w), hash);
	ck_assert_int_eq(memcmp(e->w->rd, k->before, used), 0);
	engine_apply(e, &a);
	ck_assert_int_eq(memcmp(e->w->rd, k->after, after), 0);
	world_undo(e->w, &m);
	k->steps++;
	return pick;
}

static u64 journal_of(const struct loaded *l, const struct schedule *s)
{
	struct engine *e = engine_new(&l->cfg, l->prog, NULL);
	u32 matched;
	u64 h;

	engine_replay(e, s, &matched);
	ck_assert_uint_eq(matched, s->n);
	h = event_log_hash(e->w->log);
	engine_free(e);
	return h;
}

/* The position goes anywhere and back: the same bytes. */
static void travel(struct engine *e, struct rng *r)
{
	u32 n = engine_events(e), used = e->w->used;
	u64 *sum = mem_zalloc(n + 1, sizeof *sum);

	for (u32 i = 0; i <= n; i++) {
		engine_goto(e, i);
		sum[i] = world_hash_bytes(e->w->rd, used, 0);
	}
	for (u32 m = 0; m < 60; m++) {
		u32 at = rng_below(r, n + 1);

		engine_goto(e, at);
		ck_assert_msg(world_hash_bytes(e->w->rd, used, 0) == sum[at], "event %u of %u", at,
			      n);
	}
	mem_free(sum);
}

/* Whole blocks are copied at every step: with sanitizers where they are small. */
#if defined(DMALAB_TINY)
enum { WALKS = 2 };
#elif defined(DMALAB_DEBUG)
enum { WALKS = 0 };
#else
enum { WALKS = 1 };
#endif

START_TEST(every_step_is_undone_and_done_again)
{
	static const char *const platforms[] = {"arm64-soc", "x86-64"};
	struct walker k = {.r = rng_seed("walk", 7700 + (u64)_i)};
	struct engine_options quiet = {.no_events = true};
	struct schedule answers = {0};
	struct loaded l;
	struct engine *e;

	must_load(&l, HEAD BOTH, platforms[_i % 2]);
	e = engine_new(&l.cfg, l.prog, &quiet);
	k.before = mem_zalloc(64u << 20, 1);
	k.after = mem_zalloc(64u << 20, 1);
	world_hash_on(e->w);
	ck_assert_int_eq(engine_run(e, stumble, &k), OUTCOME_ENDED);
	ck_assert_uint_gt(k.steps, 60);
	for (u32 i = 0; i < e->schedule.n; i++)
		vec_push(&answers, e->schedule.v[i]);
	engine_free(e);
	ck_assert_uint_eq(journal_of(&l, &answers), journal_of(&l, &answers));
	e = engine_new(&l.cfg, l.prog, NULL);
	engine_replay(e, &answers, NULL);
	travel(e, &k.r);
	engine_free(e);
	schedule_free(&answers);
	mem_free(k.before);
	mem_free(k.after);
	unload(&l);
}
END_TEST

/* With and without the oracle the events are the same; a run without works uses one CPU. */
START_TEST(only_who_works_is_there)
{
	struct loaded l;
	struct engine *e;

	must_load(&l, HEAD "driver:\n  - n = 1\n", "arm64-soc");
	ck_assert_uint_eq(l.cfg.hw.cpus, 2);
	ck_assert_uint_eq(l.prog->cpus, 1);
	e = engine_new(&l.cfg, l.prog, NULL);
	ck_assert_uint_eq(engine_threads(e), 2);
	ck_assert_uint_eq(e->w->parties, 2);
	engine_free(e);
	unload(&l);
	must_load(&l, HEAD BOTH, "arm64-soc");
	ck_assert_uint_eq(l.prog->cpus, 2);
	ck_assert_uint_eq(l.prog->works, 1);
	for (u32 i = 0; i < 2; i++) {
		struct engine_options o = {.no_oracle = i};
		static u64 hash;

		e = engine_new(&l.cfg, l.prog, &o);
		engine_run(e, NULL, NULL);
		ck_assert(!i || hash == event_log_hash(e->w->log));
		hash = event_log_hash(e->w->log);
		engine_free(e);
	}
	unload(&l);
}
END_TEST

/* ---- mistakes ---- */

static const struct {
	const char *platform, *driver, *want;
} mistakes[] = {
    {"arm64-soc", "schedule_work_on(2, f)", "16:22+1 'arm64-soc' has CPU 0 to CPU 1"},
    {"arm64-soc", "schedule_work_on(0, f)",
     "16:22+1 CPU 0 runs the driver: work on it is not modelled = give it to CPU 1"},
    {"classroom", "schedule_work_on(1, f)",
     "16:22+1 'classroom' has one CPU, which runs the driver = "
     "'own: {like: classroom, cpus: 2}' under platforms has two"},
    {"arm64-soc", "schedule_work_on(1, g)",
     "16:25+1 'g' has parameters: it cannot be given to a CPU"},
    {"arm64-soc", "flush_work(nothing)",
     "16:16+7 argument 1 of flush_work is a function; 'nothing' is none"},
    {"arm64-soc", "hw: hold(TLB)",
     "16:14+3 hold() takes STORES, MMIO, IRQ, DMA or IOTLB; 'TLB' is none of them"},
    {"arm64-soc", "hw: hold(EVERYTHING)",
     "16:14+10 hold() takes STORES, MMIO, IRQ, DMA or IOTLB; 'EVERYTHING' is none of them"},
    {"arm64-soc", "hw: 'release(STORES, n)'", "16:10+18 release(what) or release(what, p, n)"},
    {"arm64-soc", "hold(STORES)", "16:5+4 hold() is the hardware's: write '- hw: ...'"},
};

START_TEST(mistake_is_named)
{
	struct str text = {0}, brief = {0};
	struct loaded l;

	str_printf(&text,
		   "%sfunctions:\n  f():\n    - n = 2\n  g(int a):\n    - n = a\ndriver:\n"
		   "  - %s\n  - n = 1\n",
		   HEAD, mistakes[_i].driver);
	ck_assert(!read_text(&l, str_get(&text), mistakes[_i].platform));
	err_brief(&l.errs, &brief);
	ck_assert_str_eq(str_get(&brief), mistakes[_i].want);
	scenario_free(l.s);
	err_free(&l.errs);
	str_free(&text);
	str_free(&brief);
}
END_TEST

/* A number that is only known in the run. */
START_TEST(no_such_cpu_in_the_run)
{
	struct seen_run t;

	run("functions:\n"
	    "  f():\n"
	    "    - n = 2\n"
	    "driver:\n"
	    "  - n = 5\n"
	    "  - schedule_work_on(n, f)\n",
	    "arm64-soc", 0, &t);
	ck_assert_int_eq(t.outcome, OUTCOME_DIED);
	ck_assert_uint_eq(t.n, 1);
	ck_assert_int_eq(t.f[0].id, DIAG_KERNEL_BUG);
	ck_assert_uint_eq(t.f[0].line, 15);
}
END_TEST

static Suite *smp_suite(void)
{
	Suite *s = suite_create("smp");
	TCase *t = tcase_create("smp");

	tcase_add_test(t, work_is_done_in_order);
	tcase_add_test(t, pending_work_is_not_queued_twice);
	tcase_add_test(t, running_work_can_be_queued_again);
	tcase_add_test(t, hang_is_where_the_work_waits);
	tcase_add_test(t, a_poll_lets_others_work);
	tcase_add_test(t, sleeping_lets_others_work);
	tcase_add_test(t, calls_of_both_cpus_go_on_side_by_side);
	tcase_add_test(t, held_stores_go_when_somebody_waits);
	tcase_add_test(t, a_range_goes_first);
	tcase_add_test(t, held_writes_and_interrupts_come_in_the_end);
	tcase_add_test(t, both_sides_need_their_barrier);
	tcase_add_test(t, only_a_full_barrier_keeps_store_and_load_apart);
	tcase_add_test(t, giving_work_and_waiting_order_memory);
	tcase_add_loop_test(t, every_step_is_undone_and_done_again, 0, WALKS);
	tcase_add_test(t, only_who_works_is_there);
	tcase_add_loop_test(t, mistake_is_named, 0, ARRAY_LEN(mistakes));
	tcase_add_test(t, no_such_cpu_in_the_run);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(smp_suite)
