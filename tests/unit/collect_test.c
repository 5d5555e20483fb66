/* SPDX-License-Identifier: MIT */
/* Findings of a run: keys, pieces of one access, precedence, and the comparison with `expect`. */
#include <string.h>

#include "report/collect.h"
#include "unit/unit.h"

static struct assert_info asserts[] = {{"the packet", 7}, {"other", 8}};
static const struct program prog = {.assert = asserts, .asserts = 2};

static struct finding make(u32 id, u32 stmt, u32 alloc, u32 event)
{
	return (struct finding){
	    .id = (u8)id,
	    .severity = (u8)(id < DIAG_ASSERT ? diag_info(id)->severity : SEVERITY_VIOLATION),
	    .stmt = stmt,
	    .at_stmt = stmt,
	    .alloc = alloc,
	    .event = event,
	    .step = event,
	    .n = 8};
}

static void add(struct findings *l, struct finding f)
{
	findings_add(l, &f);
}

START_TEST(test_one_for_each_key)
{
	struct findings l = {0};
	struct finding f = make(DIAG_CPU_STALE_READ, 3, 1, 10);

	add(&l, f);
	f.step = 11;
	add(&l, f); /* the same again */
	f.step = 12;
	add(&l, f);
	f.map_stmt = 2; /* another mapping */
	add(&l, f);
	add(&l, make(DIAG_ASSERT, 4, 0, 13));
	f = make(DIAG_ASSERT, 4, 0, 14);
	f.index = 1; /* another assert of the same statement */
	add(&l, f);
	ck_assert_uint_eq(l.n, 4);
	ck_assert_uint_eq(l.v[0].f.count, 3);
	ck_assert_uint_eq(l.v[0].f.event, 10);
	ck_assert_uint_eq(l.v[1].f.count, 1);
	findings_free(&l);
}
END_TEST

START_TEST(test_pieces_of_one_access)
{
	struct findings l = {0};
	struct finding f = make(DIAG_CPU_STALE_READ, 3, 1, 10);

	f.shown = 8;
	memset(f.got, 0xaa, 8);
	f.n = 3;
	f.shown = 3;
	for (f.off = 5; f.off < 17; f.off += 3) {
		add(&l, f);
		f.event++;
	}
	ck_assert_uint_eq(l.n, 1);
	ck_assert_uint_eq(l.v[0].f.off, 5);
	ck_assert_uint_eq(l.v[0].f.n, 12);
	ck_assert_uint_eq(l.v[0].f.count, 1);
	ck_assert_uint_eq(l.v[0].f.event, 10);
	ck_assert_uint_eq(l.v[0].f.shown, 8);
	ck_assert_uint_eq(l.v[0].f.got[7], 0xaa);
	f.off = 40; /* behind a gap: still the same access, but not these bytes */
	add(&l, f);
	ck_assert_uint_eq(l.v[0].f.n, 12);
	ck_assert_uint_eq(l.v[0].f.count, 1);
	f.off = 17; /* a later turn begins where the first ended */
	f.step++;
	add(&l, f);
	ck_assert_uint_eq(l.v[0].f.n, 12);
	ck_assert_uint_eq(l.v[0].f.count, 2);
	f.off = 20; /* and its second piece is no third occurrence */
	add(&l, f);
	ck_assert_uint_eq(l.v[0].f.count, 2);
	findings_free(&l);
}
END_TEST

START_TEST(test_worse_one_is_kept)
{
	struct findings l = {0};
	struct finding f = make(DIAG_MISSING_DMA_WMB, 3, 1, 10);

	f.severity = SEVERITY_VIOLATION;
	f.lucky = 1;
	add(&l, f);
	f.severity = SEVERITY_CORRUPTION;
	f.lucky = 0;
	f.event = f.step = 20;
	add(&l, f);
	f.severity = SEVERITY_VIOLATION;
	f.event = f.step = 30;
	add(&l, f);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_uint_eq(l.v[0].f.severity, SEVERITY_CORRUPTION);
	ck_assert_uint_eq(l.v[0].f.event, 20);
	ck_assert_uint_eq(l.v[0].f.lucky, 0);
	ck_assert_uint_eq(l.v[0].f.count, 3);
	findings_free(&l);
}
END_TEST

START_TEST(test_precedence)
{
	struct findings l = {0};

	/* The violation comes first and loses; of equals the table's first wins. */
	add(&l, make(DIAG_CPU_TOUCH_DEVICE_OWNED_READ, 3, 1, 10));
	add(&l, make(DIAG_CPU_STALE_READ, 3, 1, 11));
	add(&l, make(DIAG_SPECULATIVE_REFILL_STALE, 3, 1, 12));
	/* Other allocation, other statement: their own. */
	add(&l, make(DIAG_CPU_TOUCH_DEVICE_OWNED_READ, 3, 2, 13));
	add(&l, make(DIAG_CPU_TOUCH_DEVICE_OWNED_READ, 4, 1, 9));
	/* Beside: neither wins nor loses. */
	add(&l, make(DIAG_ASSERT, 3, 1, 14));
	add(&l, make(DIAG_HANG, 3, 1, 15));
	add(&l, make(DIAG_KERNEL_BUG, 3, 1, 16));
	findings_settle(&l);
	ck_assert_uint_eq(l.n, 6);
	ck_assert_uint_eq(l.v[0].f.event, 9); /* in order of events */
	ck_assert_uint_eq(l.v[1].f.id, DIAG_SPECULATIVE_REFILL_STALE);
	for (u32 id = 0; id < DIAGS; id++)
		ck_assert_int_eq(diag_set_has(&l.v[1].f.also, id),
				 id == DIAG_CPU_STALE_READ ||
				     id == DIAG_CPU_TOUCH_DEVICE_OWNED_READ);
	ck_assert_uint_eq(l.v[2].f.event, 13);
	ck_assert_uint_eq(l.v[2].f.also.bit[0] | l.v[2].f.also.bit[1], 0);
	ck_assert_uint_eq(l.v[3].f.id, DIAG_ASSERT);
	ck_assert_uint_eq(l.v[4].f.id, DIAG_HANG);
	ck_assert_uint_eq(l.v[5].f.id, DIAG_KERNEL_BUG);
	findings_free(&l);
}
END_TEST

START_TEST(test_same_id_by_two_mappings)
{
	struct findings l = {0};
	struct finding f = make(DIAG_CPU_STALE_READ, 3, 1, 10);

	f.map_stmt = 1;
	add(&l, f);
	f.map_stmt = 2;
	f.event = 5;
	add(&l, f);
	findings_settle(&l);
	ck_assert_uint_eq(l.n, 1);
	ck_assert_uint_eq(l.v[0].f.map_stmt, 1);
	ck_assert_uint_eq(l.v[0].f.count, 2);
	ck_assert_uint_eq(l.v[0].f.also.bit[0], 0);
	findings_free(&l);
}
END_TEST

START_TEST(test_bound)
{
	struct findings l = {0};

	for (u32 i = 0; i < FINDINGS_MAX + 5; i++)
		add(&l, make(DIAG_CPU_STALE_READ, i + 1, 1, i + 1));
	ck_assert_uint_eq(l.n, FINDINGS_MAX);
	ck_assert_uint_eq(l.dropped, 5);
	findings_free(&l);
}
END_TEST

/* ---- against an expectation ---- */

static struct doc_id ids[4];

static struct doc_expect expect(u32 calm, u32 some)
{
	ids[0] = (struct doc_id){.id = "cpu-stale-read", .severity = DOC_ANY};
	ids[1] = (struct doc_id){.id = "assert", .assert_name = "the packet"};
	ids[2] = (struct doc_id){.id = "speculative-refill-stale"};
	return (struct doc_expect){.calm = {ids, calm}, .some = {ids + 2, some}};
}

static void held(struct verdict *v, u32 found, enum outcome o, const struct doc_expect *x,
		 bool calm)
{
	static const u32 kinds[] = {DIAG_CPU_STALE_READ, DIAG_ASSERT,
				    DIAG_SPECULATIVE_REFILL_STALE};
	struct findings l = {0};

	for (u32 i = 0; i < 3; i++)
		if (found >> i & 1)
			add(&l, make(kinds[i], i + 1, 1, i + 1));
	findings_settle(&l);
	verdict_make(v, &l, &prog, o, x, calm, NULL);
	findings_free(&l);
}

START_TEST(test_verdicts)
{
	static const struct {
		u32 found, calm, some;
		bool is_calm, good;
		u32 missing, surprising;
	} t[] = {
	    {3, 2, 0, true, true, 0, 0},
	    {1, 2, 0, true, false, 1, 0},
	    {3, 1, 0, true, false, 0, 1},
	    {0, 0, 0, true, true, 0, 0},
	    {4, 0, 0, true, false, 0, 1},
	    /* calm may not find what only a search should find; a schedule may, and may find less
	     */
	    {7, 2, 1, true, false, 0, 1},
	    {7, 2, 1, false, true, 0, 0},
	    {0, 2, 1, false, true, 0, 0},
	    {4, 2, 0, false, false, 0, 1},
	};

	for (u32 i = 0; i < ARRAY_LEN(t); i++) {
		struct doc_expect x = expect(t[i].calm, t[i].some);
		struct verdict v;

		held(&v, t[i].found, OUTCOME_ENDED, &x, t[i].is_calm);
		ck_assert_msg(v.as_expected == t[i].good, "row %u", i);
		ck_assert_msg(v.missing.n == t[i].missing, "row %u", i);
		ck_assert_msg(v.surprising.n == t[i].surprising, "row %u", i);
		ck_assert_str_eq(verdict_name(&v), t[i].good ? "as-expected" : "not-as-expected");
		verdict_free(&v);
	}
}
END_TEST

START_TEST(test_severity_and_outcome)
{
	struct doc_expect x = expect(1, 0);
	struct verdict v;

	ids[0].severity = DOC_CORRUPTION;
	held(&v, 1, OUTCOME_ENDED, &x, true);
	ck_assert(v.as_expected);
	ck_assert_str_eq(v.expected.v[0], "cpu-stale-read/corruption");
	ck_assert_str_eq(v.found.v[0], "cpu-stale-read");
	verdict_free(&v);

	ids[0].severity = DOC_VIOLATION;
	held(&v, 1, OUTCOME_ENDED, &x, true);
	ck_assert(!v.as_expected);
	ck_assert_str_eq(v.missing.v[0], "cpu-stale-read/violation");
	ck_assert_str_eq(v.surprising.v[0], "cpu-stale-read/corruption");
	verdict_free(&v);

	x = expect(0, 0);
	held(&v, 0, OUTCOME_REFUSED, &x, true);
	ck_assert(!v.as_expected);
	verdict_free(&v);
	x.outcome = DOC_REFUSED;
	held(&v, 0, OUTCOME_REFUSED, &x, true);
	ck_assert(v.as_expected);
	verdict_free(&v);
	held(&v, 0, OUTCOME_LIMIT, &x, true);
	ck_assert(v.limit && !v.as_expected);
	ck_assert_str_eq(verdict_name(&v), "limit");
	verdict_free(&v);
}
END_TEST

START_TEST(test_no_expectation)
{
	struct findings l = {0};
	struct finding f = make(DIAG_CPU_STALE_READ, 1, 1, 1);
	struct verdict v;

	held(&v, 0, OUTCOME_ENDED, NULL, true);
	ck_assert(v.as_expected && !v.expects);
	verdict_free(&v);
	held(&v, 1, OUTCOME_ENDED, NULL, true);
	ck_assert(!v.as_expected);
	verdict_free(&v);
	f.severity = SEVERITY_COST; /* what only costs is no fault */
	add(&l, f);
	findings_settle(&l);
	verdict_make(&v, &l, &prog, OUTCOME_ENDED, NULL, true, NULL);
	ck_assert(v.as_expected);
	ck_assert_uint_eq(v.found.n, 1);
	verdict_free(&v);
	findings_free(&l);
}
END_TEST

static Suite *collect_suite(void)
{
	Suite *s = suite_create("collect");
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_one_for_each_key);
	tcase_add_test(t, test_pieces_of_one_access);
	tcase_add_test(t, test_worse_one_is_kept);
	tcase_add_test(t, test_precedence);
	tcase_add_test(t, test_same_id_by_two_mappings);
	tcase_add_test(t, test_bound);
	tcase_add_test(t, test_verdicts);
	tcase_add_test(t, test_severity_and_outcome);
	tcase_add_test(t, test_no_expectation);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(collect_suite)
