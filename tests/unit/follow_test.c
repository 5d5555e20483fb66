/* SPDX-License-Identifier: MIT */
/*
 * A schedule that is followed on another version of the file: what does not matter keeps it, what
 * matters is told with its place, and the run goes on calmly from there.
 */
#include <string.h>

#include "explore/policy.h"
#include "scenario/scenario.h"
#include "unit/unit.h"

#define HEAD                                                                                       \
	"schema: 1\n"                                                                              \
	"id: t\n"                                                                                  \
	"title: T\n"                                                                               \
	"platforms: [arm64-soc, classroom]\n"                                                      \
	"devices:\n"                                                                               \
	"  nic: {address_bits: 32}\n"                                                              \
	"driver:\n"

/* Line 8 is the first of the driver. */
#define DRIVER                                                                                     \
	"  - buf = kmalloc(64, GFP_KERNEL)\n"                                                      \
	"  - h = dma_map_single(nic, buf, 64, DMA_FROM_DEVICE)\n"                                  \
	"  - nic: dma_write(h, \"hello\")\n"                                                       \
	"  - x = read(buf, 5)\n"                                                                   \
	"  - dma_unmap_single(nic, h, 64, DMA_FROM_DEVICE)\n"                                      \
	"  - y = read(buf, 5)\n"                                                                   \
	"  - kfree(buf)\n"

struct loaded {
	struct scenario *s;
	struct err_list errs;
	struct machine_config cfg;
	struct program *prog;
};

static void load(struct loaded *l, const char *text, const char *platform)
{
	static const struct scenario_options options = {.data_dir = "scenarios"};

	*l = (struct loaded){.errs = {.file = "t"}};
	l->s = scenario_parse(text, strlen(text), &options, &l->errs);
	ck_assert_msg(l->s != NULL, "%s", l->errs.n ? l->errs.v[0].message : "?");
	ck_assert(scenario_compile(l->s, NULL, platform, NULL, &l->cfg, &l->prog, &l->errs));
}

static void unload(struct loaded *l)
{
	program_free(l->prog);
	scenario_free(l->s);
	err_free(&l->errs);
}

/* A token of a random run; appended. */
static u32 token_of(const char *text, const char *platform, u64 seed, struct str *out)
{
	struct engine *e;
	struct loaded l;
	u32 n;

	load(&l, text, platform);
	e = engine_new(&l.cfg, l.prog, NULL);
	policy_run(e, POLICY_RANDOM, seed);
	n = e->schedule.n;
	schedule_token(&e->schedule, out);
	engine_free(e);
	unload(&l);
	return n;
}

struct followed {
	struct stray stray;
	u32 line;	      /* of the driver, there */
	struct schedule done; /* owned */
	enum outcome outcome;
};

static void follow(const char *text, const char *platform, const char *token, struct followed *f)
{
	const char *why = NULL;
	struct schedule s;
	struct engine *e;
	struct loaded l;

	*f = (struct followed){.line = 0};
	ck_assert_msg(schedule_parse(token, &s, &why), "%s: %s", token, why);
	load(&l, text, platform);
	e = engine_new(&l.cfg, l.prog, NULL);
	f->outcome = engine_follow(e, &s, &f->stray);
	f->line = l.prog->stmt[f->stray.stmt].line;
	schedule_copy(&f->done, &e->schedule);
	ck_assert_uint_eq(f->done.n, f->stray.matched);
	for (u32 i = 0; i < f->done.n; i++) {
		ck_assert_uint_eq(f->done.v[i].point, s.v[i].point);
		ck_assert_uint_eq(f->done.v[i].value, s.v[i].value);
	}
	ck_assert(f->stray.why ? f->stray.matched < s.n : f->stray.matched == s.n);
	engine_free(e);
	unload(&l);
	schedule_free(&s);
}

/* Names, comments, notes, messages, asserts and questions are nothing to a schedule. */
START_TEST(what_does_not_matter)
{
	static const char same[] =
	    HEAD "  # what follows is a comment\n"
		 "  - packet = kmalloc(64, GFP_KERNEL)\n"
		 "  - note: \"a note\"\n"
		 "  - handle = dma_map_single(nic, packet, 64, DMA_FROM_DEVICE)\n"
		 "  - counter = 3\n"
		 "  - nic: dma_write(handle, \"olleh\")\n"
		 "  - text = read(packet, 5)\n"
		 "  - assert(counter == 3, \"the counter\")\n"
		 "  - dma_unmap_single(nic, handle, 64, DMA_FROM_DEVICE)\n"
		 "  - if (counter == 3): again = read(packet, 5)\n"
		 "  - kfree(packet)\n";

	for (u64 seed = 1; seed <= 60; seed++) {
		struct str token = {0};
		struct followed f;

		token_of(HEAD DRIVER, "arm64-soc", seed, &token);
		follow(HEAD DRIVER, "arm64-soc", str_get(&token), &f);
		ck_assert_int_eq(f.stray.why, STRAY_NOT);
		schedule_free(&f.done);
		follow(same, "arm64-soc", str_get(&token), &f);
		ck_assert_msg(f.stray.why == STRAY_NOT, "seed %u: %s, answer %u, line %u",
			      (u32)seed, str_get(&token), f.stray.last, f.line);
		schedule_free(&f.done);
		str_free(&token);
	}
}
END_TEST

/* The answer is one that is not there: the second of two is the last. */
START_TEST(fewer)
{
	struct followed f;

	follow(HEAD DRIVER, "arm64-soc", "v1:8.1-zz.1", &f);
	ck_assert_int_eq(f.stray.why, STRAY_FEWER);
	ck_assert_uint_eq(f.stray.first, 2);
	ck_assert_uint_eq(f.stray.last, 2);
	ck_assert_uint_eq(f.stray.point, 9);
	ck_assert_uint_eq(f.stray.value, 1023);
	ck_assert_uint_gt(f.stray.choices, 1);
	ck_assert_uint_eq(f.stray.matched, 1);
	ck_assert_uint_ge(f.line, 8);
	ck_assert_int_eq(f.outcome, OUTCOME_ENDED);
	schedule_free(&f.done);
}
END_TEST

START_TEST(ended)
{
	struct followed f;

	follow(HEAD DRIVER, "arm64-soc", "v1:8.zz", &f);
	ck_assert_int_eq(f.stray.why, STRAY_ENDED);
	ck_assert_uint_eq(f.stray.last, 2);
	ck_assert_uint_eq(f.stray.point, 1031);
	ck_assert_uint_lt(f.stray.points, 1024);
	ck_assert_uint_gt(f.stray.points, 4);
	schedule_free(&f.done);
}
END_TEST

/* Without checks a schedule is followed as far as its numbers go. */
START_TEST(unsigned_ones)
{
	struct followed f;
	struct str t = {0};

	token_of(HEAD DRIVER, "arm64-soc", 3, &t);
	ck_assert_ptr_nonnull(strchr(t.s, '='));
	*strchr(t.s, '=') = 0;
	follow(HEAD DRIVER, "arm64-soc", t.s, &f);
	ck_assert_int_eq(f.stray.why, STRAY_NOT);
	schedule_free(&f.done);
	str_free(&t);
}
END_TEST

/*
 * One more access before all others: the numbers of all points are one off. No answer may be given
 * that does something else than it did, but for what one digit in 32 lets through.
 */
START_TEST(shifted)
{
	static const char more[] = HEAD "  - early = kmalloc(8, GFP_KERNEL)\n" DRIVER;
	u32 strays = 0, first = 0, runs = 0;

	for (u64 seed = 1; seed <= 200; seed++) {
		struct str token = {0};
		struct followed f;

		if (token_of(HEAD DRIVER, "arm64-soc", seed, &token)) {
			follow(more, "arm64-soc", str_get(&token), &f);
			runs++;
			strays += f.stray.why != STRAY_NOT;
			first += f.stray.why != STRAY_NOT && f.stray.last == 1;
			schedule_free(&f.done);
		}
		str_free(&token);
	}
	ck_assert_uint_gt(runs, 150);
	ck_assert_msg(strays >= runs * 9 / 10, "%u of %u noticed", strays, runs);
	ck_assert_msg(first >= runs / 2, "%u of %u noticed at once", first, runs);
}
END_TEST

/* Another thing at the same number: the driver's statement there is told. */
START_TEST(other)
{
	static const char moved[] =
	    HEAD "  - buf = kmalloc(64, GFP_KERNEL)\n"
		 "  - h = dma_map_single(nic, buf, 64, DMA_FROM_DEVICE)\n"
		 "  - dma_sync_single_for_cpu(nic, h, 64, DMA_FROM_DEVICE)\n"
		 "  - nic: dma_write(h, \"hello\")\n"
		 "  - x = read(buf, 5)\n";
	struct followed f;
	struct str t = {0};
	u32 told = 0;

	for (u64 seed = 1; seed < 50; seed++) {
		str_clear(&t);
		token_of(HEAD DRIVER, "arm64-soc", seed, &t);
		follow(moved, "arm64-soc", t.s, &f);
		if (f.stray.why == STRAY_OTHER) {
			told++;
			/* What comes before the new line is followed. */
			ck_assert_uint_ge(f.line, 10);
			ck_assert_uint_eq(f.stray.first, f.stray.last);
		}
		schedule_free(&f.done);
	}
	ck_assert_uint_gt(told, 10);
	str_free(&t);
}
END_TEST

/* More than 16 answers: the digit says between which. */
START_TEST(long_ones)
{
	struct schedule s = {0};
	const char *why = NULL;
	struct engine *e;
	struct loaded l;
	struct str t = {0};
	struct stray where;

	load(&l,
	     HEAD DRIVER "  - big = kmalloc(1024, GFP_KERNEL)\n"
			 "  - g = dma_map_single(nic, big, 1024, DMA_TO_DEVICE)\n"
			 "  - memset(big, 1, 1024)\n"
			 "  - dma_unmap_single(nic, g, 1024, DMA_TO_DEVICE)\n",
	     "arm64-soc");
	e = engine_new(&l.cfg, l.prog, NULL);
	for (u64 seed = 1; e->schedule.n < 40; seed++) {
		ck_assert_uint_lt(seed, 100);
		engine_free(e);
		e = engine_new(&l.cfg, l.prog, NULL);
		policy_run(e, POLICY_RESTLESS, seed);
	}
	schedule_token(&e->schedule, &t);
	engine_free(e);
	ck_assert(schedule_parse(t.s, &s, &why));
	ck_assert_uint_gt(s.checks, 8);
	e = engine_new(&l.cfg, l.prog, NULL);
	engine_follow(e, &s, &where);
	ck_assert_int_eq(where.why, STRAY_NOT);
	engine_free(e);
	s.check[2] ^= 1;
	e = engine_new(&l.cfg, l.prog, NULL);
	engine_follow(e, &s, &where);
	ck_assert_int_eq(where.why, STRAY_OTHER);
	ck_assert_uint_eq(where.first, 2 * schedule_stride(s.n) + 1);
	ck_assert_uint_eq(where.last, 3 * schedule_stride(s.n));
	engine_free(e);
	unload(&l);
	schedule_free(&s);
	str_free(&t);
}
END_TEST

/* A search that knows only numbers has its witness signed afterwards: as a run would. */
START_TEST(signing)
{
	struct str t = {0}, again = {0};
	const char *why = NULL;
	struct schedule s;
	struct loaded l;

	token_of(HEAD DRIVER, "arm64-soc", 7, &t);
	ck_assert(schedule_parse(t.s, &s, &why));
	s.checks = 0;
	load(&l, HEAD DRIVER, "arm64-soc");
	engine_sign(&l.cfg, l.prog, &s);
	schedule_token(&s, &again);
	ck_assert_str_eq(str_get(&again), str_get(&t));
	unload(&l);
	schedule_free(&s);
	str_free(&t);
	str_free(&again);
}
END_TEST

static Suite *follow_suite(void)
{
	Suite *s = suite_create("follow");
	TCase *t = tcase_create("follow");

	tcase_add_test(t, what_does_not_matter);
	tcase_add_test(t, fewer);
	tcase_add_test(t, ended);
	tcase_add_test(t, unsigned_ones);
	tcase_add_test(t, shifted);
	tcase_add_test(t, other);
	tcase_add_test(t, long_ones);
	tcase_add_test(t, signing);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(follow_suite)
