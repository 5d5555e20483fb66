/* SPDX-License-Identifier: MIT */
/*
 * Whole runs of the shipped scenarios: time travel is exact, nothing escapes the journal, the
 * oracle changes no event, equal bytes are not taken for newest ones.
 */
#include <glob.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "explore/explore.h"
#include "scenario/scenario.h"
#include "unit/unit.h"

/*
 * Of the scenarios, every so many. The tests that read whole blocks take each in MODE=tiny, where a
 * block is a few MB; those that run everything twice take each in the fast build.
 */
#ifdef DMALAB_TINY
enum { BLOCKS = 1, RUNS = 6 };
#elif defined(DMALAB_DEBUG)
enum { BLOCKS = 40, RUNS = 12 };
#else
enum { BLOCKS = 6, RUNS = 1 };
#endif

static const struct scenario_options options = {.data_dir = "scenarios"};
static glob_t files;

struct loaded {
	struct scenario *s;
	struct err_list errs;
	struct machine_config cfg;
	struct program *prog;
};

static void load_text(struct loaded *l, const char *name, const char *text)
{
	memset(l, 0, sizeof *l);
	l->errs.file = name;
	l->s = scenario_parse(text, strlen(text), &options, &l->errs);
	ck_assert_msg(l->s != NULL, "%s does not load", name);
}

static void load(struct loaded *l, const char *file)
{
	memset(l, 0, sizeof *l);
	l->s = scenario_load(file, &options, &l->errs);
	ck_assert_msg(l->s != NULL, "%s does not load", file);
}

static void compile(struct loaded *l, u32 variant, u32 platform)
{
	const struct scenario_doc *d = l->s->doc;

	ck_assert(scenario_compile(l->s, d->variants ? d->variant[variant].name.text : NULL,
				   d->platform[platform].name.text, NULL, &l->cfg, &l->prog,
				   &l->errs));
}

static void unload(struct loaded *l)
{
	program_free(l->prog);
	scenario_free(l->s);
	err_free(&l->errs);
}

/*
 * A seeded walk over a finished run: the block at an event is what it was on the way, by a hash of
 * all its bytes. Copies of the block would be tens of MB of fresh pages for each scenario, and to
 * hash it at each event of a long run takes minutes: some 24 of them, all of a short one.
 */
static void walk(struct engine *e, u32 moves)
{
	u32 n = engine_events(e), x = 1, stride = n / 24 + 1;
	u64 *was = mem_zalloc(n / stride + 1, sizeof *was);
	u32 used = e->w->used;

	for (u32 i = 0; i <= n; i++) {
		engine_goto(e, i);
		ck_assert_uint_eq(engine_position(e), i);
		if (i % stride == 0)
			was[i / stride] = XXH3_64bits(e->w->rd, used);
	}
	for (u32 m = 0; m < moves; m++) {
		u32 at;

		x = x * 1664525 + 1013904223;
		at = (x >> 8) % (n / stride + 1);
		engine_goto(e, at * stride);
		ck_assert_msg(was[at] == XXH3_64bits(e->w->rd, used), "event %u of %u differs",
			      at * stride, n);
	}
	mem_free(was);
}

START_TEST(travel)
{
	struct loaded l;
	struct engine *e;

	load(&l, files.gl_pathv[_i * BLOCKS]);
	compile(&l, 0, 0);
	e = engine_new(&l.cfg, l.prog, NULL);
	engine_run(e, NULL, NULL);
	if (engine_events(e) < 100)
		walk(e, 24);
	engine_free(e);
	unload(&l);
}
END_TEST

/*
 * After every few transitions: the block undone on a copy is the block before; also doubly mapped.
 * Each proof reads the whole block, so that one for every transition would take minutes.
 */
START_TEST(nothing_escapes)
{
	enum { TRANSITIONS = 40, A_PROOF = 8 };
	u8 *shadow = mem_zalloc(64u << 20, 1); /* one for all: its pages are made once */
	struct loaded l;
	const struct scenario_doc *d;

	load(&l, files.gl_pathv[_i * BLOCKS]);
	d = l.s->doc;
	for (u32 p = _i % 2; p < d->platforms; p += 2) {
		struct engine_options opt = {.doubled = true};
		struct engine *e;
		struct action a;
		bool more = true;

		compile(&l, 0, p);
		e = engine_new(&l.cfg, l.prog, &opt);
		world_hash_on(e->w);
		for (u32 steps = 0; more && steps < TRANSITIONS; steps += A_PROOF) {
			struct mark m = world_mark(e->w);
			u32 used = e->w->used;
			s64 bad;

			ck_assert_uint_le(used, 64u << 20);
			memcpy(shadow, e->w->rd, used);
			for (u32 i = 0; i < A_PROOF && (more = engine_calm(e, &a)); i++)
				engine_apply(e, &a);
			if (m.rec < e->w->jn.tail) /* the window of MODE=tiny is small */
				continue;
			bad = world_escaped(e->w, &m, shadow, used);
			ck_assert_msg(bad < 0, "byte %ld escaped the journal", (long)bad);
			ck_assert_uint_eq(world_hash(e->w), world_hash_scratch(e->w));
		}
		engine_free(e);
		program_free(l.prog);
		l.prog = NULL;
	}
	mem_free(shadow);
	unload(&l);
}
END_TEST

static void same_events(const struct engine *a, const struct engine *b)
{
	ck_assert_uint_eq(engine_events(a), engine_events(b));
	for (u32 i = 1; i <= engine_events(a); i++)
		ck_assert_mem_eq(event_get(a->w->log, i), event_get(b->w->log, i),
				 sizeof(struct event));
	ck_assert_uint_eq(event_log_hash(a->w->log), event_log_hash(b->w->log));
}

/* With the oracle off all events are the same, and so is the journal's hash. */
START_TEST(oracle_only_watches)
{
	struct loaded l;
	const struct scenario_doc *d;

	load(&l, files.gl_pathv[_i * RUNS]);
	d = l.s->doc;
	for (u32 v = 0; v < (d->variants ? d->variants : 1); v++)
		for (u32 p = 0; p < d->platforms; p++) {
			struct engine_options off = {.no_oracle = true};
			struct engine *a, *b;
			enum outcome seen, unseen;

			compile(&l, v, p);
			a = engine_new(&l.cfg, l.prog, NULL);
			b = engine_new(&l.cfg, l.prog, &off);
			seen = engine_run(a, NULL, NULL);
			unseen = engine_run(b, NULL, NULL);
			if (seen != OUTCOME_LIMIT) { /* the oracle's tables have limits, too */
				ck_assert_int_eq(seen, unseen);
				same_events(a, b);
			}
			engine_free(a);
			engine_free(b);
			program_free(l.prog);
			l.prog = NULL;
		}
	unload(&l);
}
END_TEST

/*
 * Model A at N=1 K=2 with a device that writes the byte which is there: only who wrote when tells
 * a stale read or a lost write from a good one. FIX 8 leaves out flush, cleans of payload and of
 * descriptor; values alone, or ranks among the live copies, would find nothing about C.
 */
static const char equal_value[] =
    "schema: 1\n"
    "id: equal-value\n"
    "title: \"The device writes the byte that is there\"\n"
    "platforms:\n"
    "  - k-lines: {like: classroom, cache: {line: 64, sets: 1, ways: 2, replacement: choice},\n"
    "              store_buffer: {entries: 0}, speculates: true}\n"
    "header: |\n"
    "  #define DOORBELL 0x00\n"
    "  #define BASE 0x10000\n"
    "  struct line { u32 v; } __aligned(64);\n"
    "devices:\n"
    "  dev:\n"
    "    address_bits: 64\n"
    "    coherent: false\n"
    "    program:\n"
    "      - struct line *m = BASE\n"
    "      - wait_event(regs[DOORBELL] > 0)\n"
    "      - d = m[2].v\n"
    "      - p = m[1].v\n"
    "      - m[0].v = 0\n"
    "      - raise_irq()\n"
    "functions:\n"
    "  done(): irqs++\n"
    "driver:\n"
    "  - irqs = 0\n"
    "  - lab: struct line *m = place(3 * sizeof(*m), BASE)\n"
    "  - request_irq(dev.irq, done)\n"
    "  - m[0].v = 0\n"
    "  - m[1].v = 0\n"
    "  - m[2].v = 0\n"
    "  - if (clean): dcache_clean_inval_poc(m, m + 3)\n"
    "  - writel(1, dev.regs + DOORBELL)\n"
    "  - wait_event(irqs > 0)\n"
    "  - dcache_inval_poc(m, m + 1)\n"
    "  - c = m[0].v\n"
    "  - free_irq(dev.irq)\n"
    "oracle: data\n"
    "variants: [dirty, clean]\n"
    "expect: {dirty: {all: []}, clean: {all: []}}\n";

static bool about(const struct explore_result *r, const struct program *prog, u32 off, bool lost)
{
	(void)prog;
	for (u32 i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i].f;
		bool loss = f->id == DIAG_DMA_WRITE_LOST_EVICTION ||
			    f->id == DIAG_CACHELINE_SHARE_NEIGHBOUR;

		if (f->off / 64 == off && loss == lost && f->lucky)
			return true;
	}
	return false;
}

static const struct explore_options every_schedule = {.max_deviations = EXPLORE_NO_BOUND};

START_TEST(equal_values_are_told_apart)
{
	struct loaded l;
	struct explore_result *r;

	load_text(&l, "equal-value.yaml", equal_value);
	compile(&l, 0, 0);
	r = explore_run(&l.cfg, l.prog, &every_schedule);
	ck_assert_int_eq(r->end, EXPLORE_COMPLETE);
	ck_assert_msg(about(r, l.prog, 0, true), "the lost completion was not seen");
	ck_assert_msg(about(r, l.prog, 1, false), "the stale payload was not seen");
	ck_assert_msg(about(r, l.prog, 2, false), "the stale descriptor was not seen");
	for (u32 i = 0; i < r->found.n; i++) /* equal bytes are luck, never corruption */
		ck_assert_int_eq(r->found.v[i].f.severity, SEVERITY_VIOLATION);
	explore_free(r);
	program_free(l.prog);
	compile(&l, 1, 0);
	r = explore_run(&l.cfg, l.prog, &every_schedule);
	ck_assert_int_eq(r->end, EXPLORE_COMPLETE);
	ck_assert_uint_eq(r->found.n, 0);
	explore_free(r);
	unload(&l);
}
END_TEST

static Suite *engine_suite(void)
{
	Suite *s = suite_create("engine");
	TCase *c = tcase_create("runs");

	glob("scenarios/lessons/*.yaml", 0, NULL, &files);
	glob("scenarios/diagnoses/*.yaml", GLOB_APPEND, NULL, &files);
	glob("tests/scenarios/*.yaml", GLOB_APPEND, NULL, &files);
	tcase_add_loop_test(c, travel, 0, ((int)files.gl_pathc - 1) / BLOCKS + 1);
	tcase_add_loop_test(c, nothing_escapes, 0, ((int)files.gl_pathc - 1) / BLOCKS + 1);
	tcase_add_loop_test(c, oracle_only_watches, 0, ((int)files.gl_pathc - 1) / RUNS + 1);
	tcase_add_test(c, equal_values_are_told_apart);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(engine_suite)
