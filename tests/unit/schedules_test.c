/* SPDX-License-Identifier: MIT */
/* A search told: classes of findings, what it answers, what hardware does, the terms of a proof. */
#include "report/schedules.h"

#include "report_help.h"

/* Two buffers of one kind: the same finding at two lines, with as many deviations. */
static const char two[] = "schema: 1\n"
			  "id: two\n"
			  "title: \"Two buffers, read too early\"\n"
			  "platforms: [arm64-soc]\n"
			  "variants: [broken, fixed]\n"
			  "params: {N: 5}\n"
			  "devices: {nic: {address_bits: 32}}\n"
			  "driver:\n"
			  "  - a = kzalloc(64, GFP_KERNEL)\n"
			  "  - b = kzalloc(64, GFP_KERNEL)\n"
			  "  - h = dma_map_single(nic, a, 64, DMA_FROM_DEVICE)\n"
			  "  - if (dma_mapping_error(nic, h)): return -ENOMEM\n"
			  "  - k = dma_map_single(nic, b, 64, DMA_FROM_DEVICE)\n"
			  "  - if (dma_mapping_error(nic, k)): return -ENOMEM\n"
			  "  - nic: dma_write(h, \"hello\")\n"
			  "  - nic: dma_write(k, \"world\")\n"
			  "  - if (fixed): dma_sync_single_for_cpu(nic, h, 64, DMA_FROM_DEVICE)\n"
			  "  - if (fixed): dma_sync_single_for_cpu(nic, k, 64, DMA_FROM_DEVICE)\n"
			  "  - x = read(a, N)\n"
			  "  - y = read(b, N)\n"
			  "  - dma_unmap_single(nic, h, 64, DMA_FROM_DEVICE)\n"
			  "  - dma_unmap_single(nic, k, 64, DMA_FROM_DEVICE)\n"
			  "  - kfree(a)\n"
			  "  - kfree(b)\n"
			  "expect:\n"
			  "  broken: {all: {calm: [], some: [speculative-refill-stale]}}\n"
			  "  fixed: {all: []}\n";

enum { LINE_A = 19, LINE_B = 20 };

struct searched {
	struct one_run one;
	struct explored x;
	struct explore_options opt;
	struct arena params;
	struct told_search told;
};

static void search(struct searched *s, const char *variant)
{
	*s = (struct searched){.opt = {.max_deviations = EXPLORE_NO_BOUND}};
	one_run_open(&s->one, two, variant, NULL, false);
	explored_do(&s->x, &s->one.run.in, &s->opt);
	s->told.x = &s->x;
	s->told.opt = &s->opt;
	s->told.params = scenario_params(s->one.s, variant, NULL, NULL, &s->params);
}

static void search_end(struct searched *s)
{
	explored_free(&s->x);
	one_run_close(&s->one);
	arena_free(&s->params);
}

static u32 line_of(const struct searched *s, u32 i)
{
	return s->one.prog->stmt[s->x.found.v[i].f.stmt].line;
}

static const struct style plain = {.width = 80, .ascii = true, .plain = true};

START_TEST(test_classes)
{
	struct told_classes c = {0};
	struct searched s;

	search(&s, "broken");
	ck_assert_uint_eq(s.x.found.n, 2);
	classes_make(&c, &s.x);
	ck_assert_uint_eq(c.n, 1);
	ck_assert_uint_eq(c.v[0].n, 2);
	ck_assert_uint_ne(line_of(&s, 0), line_of(&s, 1));
	classes_free(&c);

	/* The shorter one stands first, wherever it was met. */
	for (u32 first = 0; first < 2; first++) {
		s.x.result->found.v[s.x.witness.v[first]].deviations = 1;
		s.x.result->found.v[s.x.witness.v[!first]].deviations = 3;
		c = (struct told_classes){0};
		classes_make(&c, &s.x);
		ck_assert_uint_eq(c.v[0].v[0], first);
		classes_free(&c);
	}
	/* Another severity is another class. */
	s.x.found.v[0].f.severity = SEVERITY_VIOLATION;
	c = (struct told_classes){0};
	classes_make(&c, &s.x);
	ck_assert_uint_eq(c.n, 2);
	classes_free(&c);
	search_end(&s);
}
END_TEST

START_TEST(test_answers)
{
	struct searched s;

	search(&s, "fixed");
	ck_assert_int_eq(s.x.result->end, EXPLORE_COMPLETE);
	ck_assert_int_eq(schedules_answer(&s.x), ANSWER_EXPECTED);
	ck_assert_str_eq(schedules_end(&s.told), "complete");
	/* Nothing was found, but not all was seen. */
	s.x.result->end = EXPLORE_MEMORY;
	ck_assert_int_eq(schedules_answer(&s.x), ANSWER_OPEN);
	ck_assert_str_eq(schedules_end(&s.told), "memory");
	s.x.result->end = EXPLORE_STOPPED;
	s.told.end = "time";
	ck_assert_str_eq(schedules_end(&s.told), "time");
	search_end(&s);

	search(&s, "broken");
	ck_assert_int_eq(schedules_answer(&s.x), ANSWER_EXPECTED);
	s.x.result->end = EXPLORE_STATES;
	ck_assert_int_eq(schedules_answer(&s.x), ANSWER_OPEN);
	/* What must not come has come: that is so whatever is not seen. */
	s.x.verdict.as_expected = false;
	ck_assert_int_eq(schedules_answer(&s.x), ANSWER_UNEXPECTED);
	search_end(&s);
}
END_TEST

/* What is told of a finding is told of the run of its token. */
START_TEST(test_shown)
{
	struct schedule again = {0};
	const char *why = NULL;
	struct searched s;

	search(&s, "broken");
	for (u32 i = 0; i < s.x.found.n; i++) {
		struct said said = {0};
		struct shown shown;

		shown_make(&shown, &s.x, i);
		ck_assert_uint_ne(shown.nr, 0);
		ck_assert_uint_eq(shown.run.found.v[shown.nr - 1].f.stmt, s.x.found.v[i].f.stmt);
		ck_assert(schedule_parse(str_get(&shown.run.token), &again, &why));
		ck_assert_uint_eq(again.n, shown_find(&s.x, i)->witness.n);
		schedule_free(&again);

		/* A line must come back by itself, and was fetched for nothing. */
		said_make(&said, &shown.run, &shown_find(&s.x, i)->witness);
		ck_assert_uint_ge(said.n, 1);
		ck_assert_msg(strstr(said.v[said.n - 1], "by itself") != NULL, "%s",
			      said.v[said.n - 1]);
		said_free(&said);
		shown_free(&shown);
	}
	search_end(&s);
}
END_TEST

START_TEST(test_text)
{
	struct told_classes c = {0};
	struct writer w = {0};
	struct searched s;

	search(&s, "broken");
	schedules_text(&s.told, &plain, &w);
	says(&w, "! FINDING 1  speculative-refill-stale  corruption");
	hides(&w, "! FINDING 2");
	classes_make(&c, &s.x);
	ck_assert_uint_eq(line_of(&s, c.v[0].v[0]) + line_of(&s, c.v[0].v[1]), LINE_A + LINE_B);
	says(&w,
	     line_of(&s, c.v[0].v[1]) == LINE_A ? "Elsewhere: line 19: " : "Elsewhere: line 20: ");
	classes_free(&c);
	says(&w, "More: dmalab tui t.yaml --schedule v1:");
	says(&w, "2 findings; every schedule was seen.");
	hides(&w, "Proved");
	hides(&w, "None shows more than calm hardware does");
	writer_end(&w);
	search_end(&s);
}
END_TEST

/* "Proved" stands with all that it depends on, and not without. */
START_TEST(test_proof)
{
	struct writer w = {0};
	struct searched s;

	search(&s, "fixed");
	schedules_text(&s.told, &plain, &w);
	says(&w, "Proved: no schedule of fixed on arm64-soc breaks it.");
	says(&w, "Scenario: t.yaml, variant fixed, N=5");
	says(&w, "Platform: arm64-soc, ");
	says(&w, "lines of 64 bytes");
	says(&w, "Stores: 8 wait, and leave in any order");
	says(&w, "an aligned access of at most 8 bytes");
	says(&w, "one beat of a device (nic: 64 bytes)");
	says(&w, " states, ");
	says(&w, "64-bit fingerprints");
	says(&w, "Left out: ");
	hides(&w, "Judged");
	writer_end(&w);

	w = (struct writer){0};
	s.x.result->end = EXPLORE_STATES;
	schedules_text(&s.told, &plain, &w);
	says(&w, "No verdict: the bound of states was reached.");
	hides(&w, "Proved");
	writer_end(&w);
	search_end(&s);
}
END_TEST

static Suite *schedules_suite(void)
{
	Suite *s = suite_create("schedules");
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_classes);
	tcase_add_test(t, test_answers);
	tcase_add_test(t, test_shown);
	tcase_add_test(t, test_text);
	tcase_add_test(t, test_proof);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(schedules_suite)
