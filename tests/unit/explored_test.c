/* SPDX-License-Identifier: MIT */
/*
 * report/explored: the union of all schedules after precedence, its witnesses, and what is said of
 * it, with all schedules seen and with some.
 */
#include "report/explored.h"

#include "unit/report_help.h"

static struct one_run o;
static struct explored x;
static struct str text;

/* RX_TEXT with another expectation. max_states 0: all. */
static void explore_expecting(const char *expect, const char *variant, const char *platform,
			      u64 max_states)
{
	struct explore_options opt = {.max_states = max_states, .max_deviations = EXPLORE_NO_BOUND};

	str_clear(&text);
	str_addn(&text, RX_TEXT, (size_t)(strstr(RX_TEXT, "expect:\n") - RX_TEXT));
	str_add(&text, expect);
	one_run_open(&o, str_get(&text), variant, platform, false);
	explored_do(&x, &o.run.in, &opt);
}

static void explore_close(void)
{
	explored_free(&x);
	one_run_close(&o);
}

/* The ids of a list, with commas. */
static void lists(const struct id_list *l, const char *want)
{
	struct str s = {0};

	for (u32 i = 0; i < l->n; i++)
		str_printf(&s, "%s%s", i ? ", " : "", l->v[i]);
	ck_assert_str_eq(str_get(&s), want);
	str_free(&s);
}

static void extends(const char *want)
{
	struct str s = {0};

	explored_extent(&x, &s);
	ck_assert_msg(strncmp(str_get(&s), want, strlen(want)) == 0, "%s, not %s", str_get(&s),
		      want);
	str_free(&s);
}

#define ALL(answer) "expect: {broken: {all: " answer "}, fixed: {all: []}}\n"
#define STALE	    "cpu-stale-read, \"assert:it\""

/* Of two on one culprit line the first of the list stands for both; its witness shows it. */
START_TEST(the_union_after_precedence)
{
	const struct explore_find *w;

	explore_expecting(ALL("[" STALE "]"), "broken", "arm64-soc", 0);
	lists(&x.verdict.found, "assert:it, speculative-refill-stale");
	lists(&x.verdict.surprising, "speculative-refill-stale");
	/* the calm run's id is outranked on another schedule, and so does not have to be there */
	lists(&x.verdict.missing, "");
	ck_assert(!x.verdict.as_expected && !x.verdict.limit && !explored_proved(&x));
	ck_assert_uint_eq(x.found.n, x.witness.n);
	for (u32 i = 0; i < x.found.n; i++) {
		struct engine *e = engine_new(o.cfg, o.prog, NULL);
		struct findings l = {0};
		bool seen = false;
		u32 matched;

		w = &x.result->found.v[x.witness.v[i]];
		ck_assert_uint_eq(w->f.id, x.found.v[i].f.id);
		oracle_sink(&e->oracle, findings_add, &l);
		engine_replay(e, &w->witness, &matched);
		for (u32 k = 0; k < l.n; k++)
			seen |= l.v[k].f.id == w->f.id;
		ck_assert(seen && matched == w->witness.n);
		findings_free(&l);
		engine_free(e);
	}
	extends("complete, ");
	explore_close();
}
END_TEST

START_TEST(what_some_names)
{
	explore_expecting(ALL("{calm: [" STALE "], some: [speculative-refill-stale]}"), "broken",
			  "arm64-soc", 0);
	ck_assert(x.verdict.as_expected && !explored_proved(&x));
	lists(&x.verdict.expected, "cpu-stale-read, assert:it, speculative-refill-stale");
	explore_close();

	explore_expecting(ALL("{calm: [" STALE "], some: [speculative-refill-stale, torn-store]}"),
			  "broken", "arm64-soc", 0);
	lists(&x.verdict.missing, "torn-store");
	ck_assert(!x.verdict.as_expected && !x.verdict.limit);
	explore_close();

	/* under a bounce no line comes back by itself; and what is outranked is not counted */
	explore_expecting(ALL("{calm: [" STALE "], some: [speculative-refill-stale]}"), "broken",
			  "x86-64-swiotlb-force", 0);
	lists(&x.verdict.missing, "speculative-refill-stale");
	explore_close();
	explore_expecting(ALL("{calm: [speculative-refill-stale, \"assert:it\"], "
			      "some: [cpu-stale-read]}"),
			  "broken", "arm64-soc", 0);
	lists(&x.verdict.missing, "cpu-stale-read");
	explore_close();
}
END_TEST

START_TEST(a_proof)
{
	explore_expecting(ALL("[" STALE "]"), "fixed", "arm64-soc", 0);
	ck_assert(x.verdict.as_expected && explored_proved(&x));
	ck_assert_uint_eq(x.found.n, 0);
	extends("proved, ");
	explore_close();

	explore_expecting(ALL("[" STALE "]"), "fixed", "arm64-soc", 5);
	ck_assert(x.verdict.as_expected && !x.verdict.limit && !explored_proved(&x));
	extends("searched to 5 states");
	explore_close();
}
END_TEST

/* All states but one: the reading before its time was seen, and the search is not complete. */
static void explore_nearly(const char *expect)
{
	u64 states;

	explore_expecting(expect, "broken", "x86-64", 0);
	ck_assert_int_eq(x.result->end, EXPLORE_COMPLETE);
	states = x.result->states;
	explore_close();
	explore_expecting(expect, "broken", "x86-64", states - 1);
	ck_assert_int_eq(x.result->end, EXPLORE_STATES);
	lists(&x.verdict.found, "cpu-touch-device-owned-read");
}

START_TEST(a_search_that_was_cut)
{
	/* what did not come so far may come */
	explore_nearly(ALL("{calm: [cpu-touch-device-owned-read], some: [torn-store]}"));
	lists(&x.verdict.missing, "torn-store");
	lists(&x.verdict.surprising, "");
	ck_assert(x.verdict.limit && !x.verdict.as_expected);
	ck_assert_str_eq(verdict_name(&x.verdict), "limit");
	explore_close();

	/* what is not expected is so whatever comes, */
	explore_nearly(ALL("{calm: [], some: [info-leak-partial-write]}"));
	lists(&x.verdict.surprising, "cpu-touch-device-owned-read");
	lists(&x.unsettled, "");
	ck_assert(!x.verdict.limit && !x.verdict.as_expected);
	explore_close();

	/* unless the file names what outranks it. */
	explore_nearly(ALL("{calm: [], some: [missing-dma-wmb]}"));
	lists(&x.verdict.surprising, "");
	lists(&x.unsettled, "cpu-touch-device-owned-read");
	ck_assert(x.verdict.limit && !x.verdict.as_expected);
	explore_close();
	explore_expecting(ALL("{calm: [], some: [missing-dma-wmb]}"), "broken", "x86-64", 0);
	lists(&x.verdict.surprising, "cpu-touch-device-owned-read");
	lists(&x.verdict.missing, "missing-dma-wmb");
	lists(&x.unsettled, "");
	ck_assert(!x.verdict.limit && !x.verdict.as_expected);
	explore_close();
}
END_TEST

START_TEST(without_an_expectation)
{
	explore_expecting("", "broken", "x86-64", 0);
	lists(&x.verdict.surprising, "cpu-touch-device-owned-read");
	ck_assert(!x.verdict.expects && !x.verdict.as_expected && !x.verdict.limit);
	explore_close();
	explore_expecting("", "fixed", "x86-64", 0);
	ck_assert(x.verdict.as_expected && explored_proved(&x));
	explore_close();
}
END_TEST

/* A poll of the CPU's own old copy: for ever, unless the line happens to go. */
#define POLL                                                                                       \
	"schema: 1\nid: t\ntitle: T\nplatforms: [arm64-soc]\ndevices: {nic: {address_bits: 32}}\n" \
	"driver:\n"                                                                                \
	"  - u8 *buf = kzalloc(64, GFP_KERNEL)\n"                                                  \
	"  - h = dma_map_single(nic, buf, 64, DMA_FROM_DEVICE)\n"                                  \
	"  - if (dma_mapping_error(nic, h)): return -ENOMEM\n"                                     \
	"  - x = buf[0]\n"                                                                         \
	"  - nic: dma_write(h, \"x\")\n"                                                           \
	"  - poll(buf[0] != 0)\n"                                                                  \
	"  - dma_unmap_single(nic, h, 64, DMA_FROM_DEVICE)\n"                                      \
	"  - kfree(buf)\n"

/* A poll of what nobody will write. */
#define FOR_EVER                                                                                   \
	"schema: 1\nid: t\ntitle: T\nplatforms: [arm64-soc]\ndevices: {nic: {address_bits: 32}}\n" \
	"driver:\n"                                                                                \
	"  - u8 *buf = kzalloc(64, GFP_KERNEL)\n"                                                  \
	"  - poll(buf[0] != 0)\n"                                                                  \
	"  - kfree(buf)\n"

static void explore_poll(const char *steps, const char *expect, u32 outcomes)
{
	static const struct explore_options all = {.max_deviations = EXPLORE_NO_BOUND};

	str_clear(&text);
	str_printf(&text, "%sexpect: {all: %s}\n", steps, expect);
	one_run_open(&o, str_get(&text), NULL, NULL, false);
	explored_do(&x, &o.run.in, &all);
	ck_assert_uint_eq(x.result->outcomes, outcomes);
}

#define TOUCH "cpu-touch-device-owned-read"
#define SYNC  "some: [missing-sync-for-cpu/violation"

START_TEST(how_runs_end)
{
	const u32 both = 1u << OUTCOME_ENDED | 1u << OUTCOME_HANG;

	/* a hang is a finding: one schedule need not show what another does */
	explore_poll(POLL, "{outcome: hang, calm: [" TOUCH ", hang], " SYNC "]}", both);
	lists(&x.verdict.surprising, "");
	lists(&x.verdict.missing, "");
	ck_assert(x.verdict.as_expected);
	explore_close();
	explore_poll(POLL, "{calm: [" TOUCH "], " SYNC ", hang]}", both);
	ck_assert(x.verdict.as_expected);
	explore_close();
	/* the calm run may show it, but not end so */
	explore_poll(POLL, "{calm: [" TOUCH ", hang], " SYNC "]}", both);
	ck_assert(!x.verdict.as_expected);
	ck_assert_int_eq(x.verdict.outcome, DOC_HANG);
	ck_assert_int_eq(x.verdict.expected_outcome, DOC_ENDED);
	explore_close();
	/* no run ends as the file says */
	explore_poll(POLL, "{outcome: refused, calm: [" TOUCH "], " SYNC ", hang]}", both);
	ck_assert(!x.verdict.as_expected && !x.verdict.limit);
	ck_assert_int_eq(x.verdict.expected_outcome, DOC_REFUSED);
	explore_close();
	explore_poll(FOR_EVER, "{calm: [], some: [hang]}", 1u << OUTCOME_HANG);
	ck_assert(!x.verdict.as_expected && !x.verdict.limit);
	ck_assert_int_eq(x.verdict.expected_outcome, DOC_ENDED);
	explore_close();
	explore_poll(FOR_EVER, "{outcome: hang, calm: [hang]}", 1u << OUTCOME_HANG);
	ck_assert(x.verdict.as_expected);
	explore_close();
}
END_TEST

/* Without the calm run, which would go on to the limit of accesses. */
static void explore_loop(const char *expect)
{
	static const struct explore_options all = {.max_deviations = EXPLORE_NO_BOUND};
	struct scenario_options opt = {.data_dir = "scenarios"};
	struct run_input in = {.file = "t.yaml", .asked = "t.yaml"};

	str_clear(&text);
	str_printf(&text,
		   "schema: 1\nid: t\ntitle: T\nplatforms: [x86-64]\n"
		   "devices: {nic: {address_bits: 32}}\n"
		   "driver:\n  - u8 *buf = kzalloc(64, GFP_KERNEL)\n"
		   "  - while (1): buf[0] = 1\n"
		   "expect: {all: %s}\n",
		   expect);
	o = (struct one_run){.cfg = mem_zalloc(1, sizeof *o.cfg), .errs.file = "t.yaml"};
	o.s = scenario_parse(str_get(&text), text.n, &opt, &o.errs);
	ck_assert(o.s && scenario_compile(o.s, NULL, NULL, NULL, o.cfg, &o.prog, &o.errs));
	in.doc = o.s->doc;
	in.prog = o.prog;
	in.cfg = o.cfg;
	in.expect = scenario_expect(o.s, NULL, o.cfg->platform);
	explored_do(&x, &in, &all);
	ck_assert_int_eq(x.result->end, EXPLORE_COMPLETE);
	ck_assert(!explored_proved(&x));
}

static void loop_close(void)
{
	explored_free(&x);
	program_free(o.prog);
	mem_free(o.cfg);
	scenario_free(o.s);
	err_free(&o.errs);
}

/* All of its states are seen, and no run ends: that is the limit, and no proof. */
START_TEST(a_loop_without_end)
{
	explore_loop("[]");
	ck_assert(x.verdict.limit && !x.verdict.as_expected);
	ck_assert_int_eq(x.verdict.outcome, DOC_LIMIT);
	loop_close();
	explore_loop("{outcome: limit, calm: []}");
	ck_assert(!x.verdict.limit && x.verdict.as_expected);
	loop_close();
	explore_loop("{outcome: refused, calm: []}");
	ck_assert(!x.verdict.as_expected);
	loop_close();
}
END_TEST

static Suite *explored_suite(void)
{
	Suite *s = suite_create("explored");
	TCase *c = tcase_create("all");

	tcase_add_test(c, the_union_after_precedence);
	tcase_add_test(c, what_some_names);
	tcase_add_test(c, a_proof);
	tcase_add_test(c, a_search_that_was_cut);
	tcase_add_test(c, without_an_expectation);
	tcase_add_test(c, how_runs_end);
	tcase_add_test(c, a_loop_without_end);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(explored_suite)
