/* SPDX-License-Identifier: MIT */
/* What a file expects: which value counts, and every way in which expect can say too little. */
#include <string.h>

#include "scenario/expectation.h"
#include "unit/scenario_fixture.h"

static void load(const char *platforms, const char *lines)
{
	str_clear(&text);
	str_printf(
	    &text,
	    "schema: 1\nid: t\ntitle: T\nplatforms: [%s]\ndevices: {nic: {address_bits: 32}}\n"
	    "driver: [x = 1, 'assert(x == 1, \"one\")', assert(x)]\n%s",
	    platforms, lines);
	parse(str_get(&text));
}

static const char *first(const char *variant, const char *platform)
{
	const struct doc_expect *e = scenario_expect(s, variant, platform);

	return !e ? "(nothing said)" : e->calm.n ? e->calm.v[0].id : "(none)";
}

START_TEST(a_name_wins_over_a_tag_over_all)
{
	load("arm64-soc, x86-64, arm64-server",
	     "expect: {all: [hang], weak: [missing-dma-wmb], arm64-server: [kernel-bug]}\n");
	ck_assert_msg(s != NULL, "%s", str_get(&brief));
	ck_assert_str_eq(first(NULL, "x86-64"), "hang");
	ck_assert_str_eq(first(NULL, "arm64-soc"), "missing-dma-wmb");
	ck_assert_str_eq(first(NULL, NULL), "missing-dma-wmb");
	ck_assert_str_eq(first(NULL, "arm64-server"), "kernel-bug");
	ck_assert_str_eq(first(NULL, "armv7-pl310"), "(nothing said)");
}
END_TEST

START_TEST(variants_have_their_own)
{
	load("arm64-soc, x86-64",
	     "variants: [broken, fixed]\nexpect:\n"
	     "  broken: {all: {calm: [hang], some: [missing-dma-wmb], outcome: refused}}\n"
	     "  fixed: {noncoherent: [], coherent: [missing-dma-rmb]}\n");
	ck_assert_msg(s != NULL, "%s", str_get(&brief));
	ck_assert_str_eq(first("broken", "x86-64"), "hang");
	ck_assert_str_eq(first(NULL, "x86-64"), "hang");
	ck_assert_str_eq(first("fixed", "arm64-soc"), "(none)");
	ck_assert_str_eq(first("fixed", "x86-64"), "missing-dma-rmb");
	ck_assert_int_eq(scenario_expect(s, "broken", NULL)->outcome, DOC_REFUSED);
	ck_assert_str_eq(scenario_expect(s, "broken", NULL)->some.v[0].id, "missing-dma-wmb");
}
END_TEST

START_TEST(an_own_platform_has_the_tags_of_its_machine)
{
	load("m: {like: arm64-soc, coherent: true}", "expect: {coherent: [hang]}\n");
	ck_assert_msg(s != NULL, "%s", str_get(&brief));
	ck_assert_str_eq(first(NULL, "m"), "hang");
}
END_TEST

START_TEST(ids_match_as_written)
{
	struct doc_id any = {.id = "cpu-stale-read"};
	struct doc_id severe = {.id = "cpu-stale-read", .severity = DOC_CORRUPTION};
	struct doc_id one = {.id = "assert", .assert_name = "one"};

	ck_assert(expectation_matches(&any, "cpu-stale-read", NULL, DOC_VIOLATION));
	ck_assert(!expectation_matches(&any, "device-stale-read", NULL, DOC_VIOLATION));
	ck_assert(expectation_matches(&severe, "cpu-stale-read", NULL, DOC_CORRUPTION));
	ck_assert(!expectation_matches(&severe, "cpu-stale-read", NULL, DOC_VIOLATION));
	ck_assert(expectation_matches(&one, "assert", "one", DOC_CORRUPTION));
	ck_assert(!expectation_matches(&one, "assert", "two", DOC_CORRUPTION));
	ck_assert(!expectation_matches(&one, "assert", NULL, DOC_CORRUPTION));
}
END_TEST

static const struct {
	const char *platforms, *lines, *want;
} mistakes[] = {
    {"arm64-soc, x86-64",
     "variants: [broken, fixed]\nexpect:\n  broken: {arm64-soc: [hang]}\n"
     "  fixed: {all: []}\n",
     "9:3+6 expect.broken says nothing about platform 'x86-64' = platforms of this file: "
     "arm64-soc, "
     "x86-64; add it, or 'all'"},
    {"arm64-soc", "variants: [broken, fixed]\nexpect:\n  broken: {all: [hang]}\n",
     "8:1+6 expect says nothing about the variant 'fixed' = add 'fixed: {all: []}', or what it "
     "finds"},
    {"arm64-soc, x86-64", "variants: [broken, fixed]\nexpect:\n  broken: {all: [hang]}\n",
     "8:1+6 expect says nothing about the variant 'fixed' = add 'fixed: {all: []}', or what it "
     "finds"},
    {"arm64-soc",
     "variants: [broken, fixed]\nexpect:\n  broken: {all: [hang]}\n  fixd: {all: []}\n",
     "10:3+4 there is no variant \"fixd\" = did you mean \"fixed\"?"},
    {"arm64-soc, x86-64", "expect: {broken: {all: [hang]}, fixed: {all: []}}\n",
     "7:10+6 this file has no variants: 'broken' stands where a platform belongs = declare them: "
     "variants: [broken, fixed], or leave this level out"},
    {"arm64-soc", "expect: []\n", "7:9+1 expectations are a map = as in {all: []}"},
    {"arm64-soc", "expect: {}\n",
     "7:1+6 expect says nothing about platform 'arm64-soc' = platforms of this file: arm64-soc; "
     "add "
     "it, or 'all'"},
    {"arm64-soc", "expect: {all: [unmap-size]}\n",
     "7:16+10 there is no diagnosis 'unmap-size' = did you mean \"unmap-size-mismatch\"?"},
    {"arm64-soc, x86-64", "expect: {arm64-soc: [hang]}\n",
     "7:10+9 expect says nothing about platform 'x86-64' = platforms of this file: arm64-soc, "
     "x86-64; add it, or 'all'"},
    {"arm64-soc", "expect: {all: [], weak: [hang], noncoherent: [missing-dma-wmb]}\n",
     "7:33+11 'arm64-soc' has the tags 'weak' and 'noncoherent': which of them counts? = name the "
     "platform itself"},
    {"arm64-soc", "expect: {all: [], arm64-sock: [hang]}\n",
     "7:19+10 no platform of this file is named or tagged 'arm64-sock' = did you mean "
     "\"arm64-soc\"?"},
    {"arm64-sock", "expect: {all: [hong]}\n",
     "7:16+4 there is no diagnosis 'hong' = did you mean \"hang\"? / 4:13+10 there is no platform "
     "'arm64-sock' = did you mean \"arm64-soc\"?"},
    {"arm64-soc", "expect: {all: [hong]}\n",
     "7:16+4 there is no diagnosis 'hong' = did you mean \"hang\"?"},
    {"arm64-soc", "expect: {all: [\"assert:two\"]}\n", "7:16+12 no assert is named \"two\""},
    {"arm64-soc", "expect: {all: [\"assert:onee\", \"assert:line 6\"]}\n",
     "7:16+13 no assert is named \"onee\" = did you mean \"one\"?"},
};

START_TEST(mistake_is_named)
{
	load(mistakes[_i].platforms, mistakes[_i].lines);
	ck_assert_ptr_null(s);
	ck_assert_str_eq(str_get(&brief), mistakes[_i].want);
}
END_TEST

static Suite *expectation_suite(void)
{
	Suite *suite = suite_create("expectation");
	TCase *tc = tcase_create("expectation");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_name_wins_over_a_tag_over_all);
	tcase_add_test(tc, variants_have_their_own);
	tcase_add_test(tc, an_own_platform_has_the_tags_of_its_machine);
	tcase_add_test(tc, ids_match_as_written);
	tcase_add_loop_test(tc, mistake_is_named, 0, ARRAY_LEN(mistakes));
	suite_add_tcase(suite, tc);
	return suite;
}

UNIT_MAIN(expectation_suite)
