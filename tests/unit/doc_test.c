/* SPDX-License-Identifier: MIT */
/*
 * scenario/doc: whole files. Every key in its forms, every mistake at its place, and that all
 * scenarios below tests/data/drafts load.
 */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "scenario/doc.h"
#include "scenario/limits.h"
#include "scenario_help.h"
#include "unit.h"

static struct err_list errs;
static struct str brief, text;
static struct scenario_doc *doc;

static void setup(void)
{
	errs = (struct err_list){.file = "t"};
	brief = text = (struct str){0};
	doc = NULL;
}

static void teardown(void)
{
	err_free(&errs);
	doc_free(doc);
	str_free(&brief);
	str_free(&text);
}

static void load(const char *s)
{
	err_free(&errs);
	doc_free(doc);
	doc = doc_parse(s, strlen(s), &errs);
	ck_assert_ptr_nonnull(doc);
	err_brief(&errs, &brief);
}

#define HEAD   "schema: 1\nid: t\ntitle: T\nplatforms: [p]\ndevices: {nic: {}}\n"
#define DRIVER "driver: [f()]\n"

/* A file with these lines, from line 6 on. */
static void load_more(const char *lines)
{
	str_clear(&text);
	str_add(&text, HEAD);
	str_add(&text, lines);
	load(text.s);
}

static void expect_error(const char *lines, const char *want)
{
	load_more(lines);
	ck_assert_msg(strcmp(str_get(&brief), want) == 0, "%s\n  gave %s\n  not  %s", lines,
		      str_get(&brief), want);
}

/* A step of the driver: its line is 7, and it begins in column 5. */
static void expect_step(const char *step, const char *want)
{
	str_clear(&text);
	str_printf(&text, HEAD "driver:\n  - %s\n", step);
	load(text.s);
	ck_assert_msg(strcmp(str_get(&brief), want) == 0, "%s\n  gave %s\n  not  %s", step,
		      str_get(&brief), want);
}

/* ---- forms --------------------------------------------------------------------------------- */

START_TEST(reads_every_key)
{
	load("schema: 1\nid: rx-2\ntitle: \"A: b\"\nlevel: 3\ntags: [a, b]\nsource: s\n"
	     "summary: |\n  two\n  lines\nhints: [h1]\nlesson: l\n"
	     "platforms:\n  - arm64-soc\n  - m7: {like: arm64-soc, memory: 8GiB, params: {N: 4}}\n"
	     "params: {N: 0x10, M: -2, K: 4KiB}\n"
	     "variants:\n  broken: {params: {N: 1}, machine: {coherent: false}}\n  fixed: {}\n"
	     "devices:\n  nic: {address_bits: 32, program: [raise_irq()]}\n  dma2: {}\n"
	     "header: |\n  #define A 1\nfunctions:\n  f(int a): return a\n"
	     "driver:\n  - x = f(1)\nremove:\n  - f(2)\noracle: data\n"
	     "expect:\n  broken: {m7: [a-b, 'assert:x y', c/violation]}\n"
	     "  fixed: {all: {calm: [], some: [d], outcome: refused}}\n");
	ck_assert_str_eq(str_get(&brief), "");
	ck_assert_str_eq(doc->id.text, "rx-2");
	ck_assert_str_eq(doc->title, "A: b");
	ck_assert_uint_eq(doc->level, 3);
	ck_assert_uint_eq(doc->tags.n, 2);
	ck_assert_str_eq(doc->tags.v[1].text, "b");
	ck_assert_str_eq(doc->summary, "two\nlines\n");
	ck_assert_str_eq(doc->hints.v[0].text, "h1");
	ck_assert_str_eq(doc->source, "s");
	ck_assert_str_eq(doc->lesson, "l");
	ck_assert_uint_eq(doc->platforms, 2);
	ck_assert_ptr_null(doc->platform[0].fields);
	ck_assert_str_eq(doc->platform[1].like.text, "arm64-soc");
	ck_assert_str_eq(ynode_get(doc->platform[1].fields, "memory")->text, "8GiB");
	ck_assert_int_eq(doc_find_param(&doc->platform[1].params, "N")->value, 4);
	ck_assert_int_eq(doc_find_param(&doc->params, "N")->value, 16);
	ck_assert_int_eq(doc_find_param(&doc->params, "M")->value, -2);
	ck_assert_int_eq(doc_find_param(&doc->params, "K")->value, 4096);
	ck_assert_int_eq(doc_find_param(&doc_find_variant(doc, "broken")->params, "N")->value, 1);
	ck_assert_ptr_nonnull(doc_find_variant(doc, "broken")->machine);
	ck_assert_ptr_null(doc_find_variant(doc, "fixed")->machine);
	ck_assert_uint_eq(doc->devices, 2);
	ck_assert(doc_find_device(doc, "nic")->has_program);
	ck_assert_uint_eq(doc_find_device(doc, "nic")->program.n, 1);
	ck_assert(!doc_find_device(doc, "dma2")->has_program);
	ck_assert_uint_eq(doc->header.n, 1);
	ck_assert_uint_eq(doc_find_function(doc, "f")->params, 1);
	ck_assert_uint_eq(doc_find_function(doc, "f")->body.n, 1);
	ck_assert_uint_eq(doc->driver.n, 1);
	ck_assert_uint_eq(doc->driver.v[0]->at.line, 27);
	ck_assert_uint_eq(doc->driver.v[0]->at.len, 8);
	ck_assert(doc->has_remove);
	ck_assert_int_eq(doc->oracle, DOC_ORACLE_DATA);
	ck_assert(!doc->search.calm && !doc->search.states);
	ck_assert_uint_eq(doc->search.deviations, DOC_NO_BOUND);
}
END_TEST

START_TEST(reads_the_bound_of_a_search)
{
	load_more(DRIVER "search: {states: 1000000000, deviations: 0}\n");
	ck_assert_str_eq(str_get(&brief), "");
	ck_assert(!doc->search.calm);
	ck_assert_uint_eq(doc->search.states, 1000000000);
	ck_assert_uint_eq(doc->search.deviations, 0);
	load_more(DRIVER "search: calm\nexpect: {all: [hang]}\n");
	ck_assert_str_eq(str_get(&brief), "");
	ck_assert(doc->search.calm);
	expect_error(DRIVER "search: 7\n",
		     "7:9+1 the bound of a search belongs here = as in {states: 1000000}, or calm "
		     "for none");
	expect_error(DRIVER "search: {states: 0, deviations: 1001, depth: 3}\n",
		     "7:18+1 0 is not within 1 to 1000000000 / 7:33+4 1001 is not within 0 to 1000 "
		     "/ 7:39+5 there is no key \"depth\" here = a search has states and "
		     "deviations");
	expect_error("search: calm\n" DRIVER "expect: {all: {calm: [], some: [hang]}}\n",
		     "8:33+4 only a search shows what is in some, and there is none with search: "
		     "calm = give search a bound, as in {states: 1000}, or leave it out");
}
END_TEST

START_TEST(reads_expectations)
{
	const struct doc_expect *e;

	load_more(DRIVER "variants: [broken, fixed]\nexpect:\n"
			 "  broken: {m7: [a-b, 'assert:x y', c/violation, c/cost]}\n"
			 "  fixed: {all: {calm: [], some: [d], outcome: hang}}\n");
	ck_assert_str_eq(str_get(&brief), "");
	ck_assert_uint_eq(doc->expects, 2);
	e = &doc->expect[0];
	ck_assert_str_eq(e->variant.text, "broken");
	ck_assert_str_eq(e->platform.text, "m7");
	ck_assert_uint_eq(e->calm.n, 4);
	ck_assert_str_eq(e->calm.v[0].id, "a-b");
	ck_assert_int_eq(e->calm.v[0].severity, DOC_ANY);
	ck_assert_str_eq(e->calm.v[1].assert_name, "x y");
	ck_assert_str_eq(e->calm.v[2].id, "c");
	ck_assert_int_eq(e->calm.v[2].severity, DOC_VIOLATION);
	ck_assert_int_eq(e->calm.v[3].severity, DOC_COST);
	ck_assert_int_eq(e->outcome, DOC_ENDED);
	e = &doc->expect[1];
	ck_assert_uint_eq(e->calm.n, 0);
	ck_assert_str_eq(e->some.v[0].id, "d");
	ck_assert_str_eq(doc_outcome_text(e->outcome), "hang");

	load_more(DRIVER "expect: {all: [hang], x86-64: []}\n");
	ck_assert_str_eq(str_get(&brief), "");
	ck_assert_uint_eq(doc->expects, 2);
	ck_assert_ptr_null(doc->expect[0].variant.text);
	ck_assert_uint_eq(doc->expect[1].calm.n, 0);
}
END_TEST

START_TEST(reads_steps_of_every_kind)
{
	const struct stmt *s;

	load_more("driver:\n  - note: n\n  - if (a): f()\n    else if (b): [f(), g()]\n"
		  "    else:\n      - h()\n  - while (c): f()\n  - for (;;): break\n"
		  "  - for_each_sg(sg, s, n, i): f()\n  - nic: raise_irq()\n  - hw: [f()]\n"
		  "  - lab: x = place(1, 2)\n  - err:\n"
		  "  - predict: {ask: q, choices: {a: x == 1, 'b c': else}}\n"
		  "  - predict: {ask: q, value: x + 1}\n  - 'f(\"a: b\")'\n");
	ck_assert_str_eq(str_get(&brief), "");
	ck_assert_uint_eq(doc->driver.n, 12);
	ck_assert_str_eq(doc->driver.v[0]->note, "n");
	s = doc->driver.v[1];
	ck_assert_int_eq(s->kind, STMT_IF);
	ck_assert_uint_eq(s->arms, 3);
	ck_assert_uint_eq(s->arm[1].body.n, 2);
	ck_assert_ptr_null(s->arm[2].cond);
	ck_assert_uint_eq(s->arm[2].at.line, 10);
	ck_assert_int_eq(doc->driver.v[2]->kind, STMT_WHILE);
	ck_assert_int_eq(doc->driver.v[3]->kind, STMT_FOR);
	ck_assert_int_eq(doc->driver.v[4]->kind, STMT_FOR_EACH);
	ck_assert_int_eq(doc->driver.v[5]->actor, BY_DEVICE);
	ck_assert_str_eq(doc->driver.v[5]->device.text, "nic");
	ck_assert_int_eq(doc->driver.v[6]->actor, BY_HW);
	ck_assert_int_eq(doc->driver.v[7]->actor, BY_LAB);
	ck_assert_int_eq(doc->driver.v[8]->kind, STMT_LABEL);
	s = doc->driver.v[9];
	ck_assert_int_eq(s->kind, STMT_PREDICT);
	ck_assert_uint_eq(s->choices, 2);
	ck_assert_ptr_nonnull(s->choice[0].cond);
	ck_assert_str_eq(s->choice[1].label, "b c");
	ck_assert_ptr_null(s->choice[1].cond);
	ck_assert_ptr_nonnull(doc->driver.v[10]->answer);
	ck_assert_uint_eq(doc->driver.v[11]->at.col, 6);
	str_clear(&brief);
	ast_print_stmt(doc->driver.v[5], &brief);
	str_add(&brief, "|");
	ast_print_stmt(doc->driver.v[3], &brief);
	str_add(&brief, "|");
	ast_print_stmt(s, &brief);
	ck_assert_str_eq(brief.s, "nic: raise_irq()|for (;;)|q");
}
END_TEST

/* ---- mistakes ------------------------------------------------------------------------------ */

START_TEST(asks_for_the_keys)
{
	load("{}");
	ck_assert_str_eq(
	    str_get(&brief),
	    "0:0+0 the key \"schema\" is missing / 0:0+0 the key \"id\" is missing / "
	    "0:0+0 the key \"title\" is missing / "
	    "0:0+0 the key \"platforms\" is missing / "
	    "0:0+0 the key \"devices\" is missing / 0:0+0 the key \"driver\" is missing");
	load("- a\n");
	ck_assert_str_eq(str_get(&brief), "1:1+1 a scenario is a map of keys = "
					  "as in 'id: rx-missing-sync'");
	expect_error(DRIVER "platform: [x]\n", "7:1+8 there is no key \"platform\" here = "
					       "did you mean \"platforms\"?");
	/* a key that is misspelt is not missing, too */
	expect_error("drivers: [f()]\n",
		     "6:1+7 there is no key \"drivers\" here = did you mean \"driver\"?");
	expect_error(DRIVER "extra: 1\n", "7:1+5 there is no key \"extra\" here");
	load("schema: 2\nid: t\ntitle: T\nplatforms: [p]\ndevices: {nic: {}}\ndriver: f()\n");
	ck_assert_str_eq(str_get(&brief),
			 "1:9+1 schema 2 is not known = this program reads schema 1");
}
END_TEST

START_TEST(checks_simple_values)
{
	expect_error(DRIVER "level: 6\n", "7:8+1 6 is not within 1 to 5");
	expect_error(DRIVER "level: two\n",
		     "7:8+3 an integer belongs here = as in 4096, 0x1000 or 4KiB");
	expect_error(DRIVER "level: '2'\n",
		     "7:8+3 an integer belongs here = as in 4096, 0x1000 or 4KiB");
	expect_error(DRIVER "tags: a\n", "7:7+1 tags are a list = as in [a, b]");
	expect_error(DRIVER "tags: [{a: b}]\n", "7:8+1 text belongs here");
	expect_error(DRIVER "summary:\n", "7:9+1 text belongs here");
	expect_error(DRIVER "oracle: ful\n", "7:9+3 full, data or asserts belongs here");
	expect_error(DRIVER "hints: {}\n", "7:8+1 hints are a list = as in [a, b]");
	load("schema: 1\nid: On\ntitle: \"a\\nb\"\nplatforms: [p]\ndevices: {nic: {}}\n" DRIVER);
	ck_assert_str_eq(str_get(&brief),
			 "2:5+2 'On' cannot be a name = some YAML readers take it for true, false "
			 "or nothing / 3:8+6 one line of text belongs here");
}
END_TEST

START_TEST(checks_names)
{
	expect_error(DRIVER "variants: [on]\n", "7:12+2 'on' cannot be a name = some YAML readers "
						"take it for true, false or nothing");
	expect_error(DRIVER "variants: [a-b]\n", "7:12+3 'a-b' is not a C identifier = "
						 "letters, digits and '_', not a digit first");
	expect_error(DRIVER "variants: [a, a]\n", "7:15+1 the variant 'a' is here twice");
	expect_error(DRIVER "variants: [int]\n", "7:12+3 'int' is a word of C, not a name");
	expect_error(DRIVER "variants: {a: 1}\n", "7:15+1 a variant is a map = as in 'fixed: {}', "
						  "or 'fixed: {params: {N: 4}}'");
	expect_error(DRIVER "variants: {a: {machin: {}}}\n", "7:16+6 there is no key \"machin\" "
							     "here = did you mean \"machine\"?");
	expect_error(DRIVER "variants: {a: {machine: 1}}\n",
		     "7:25+1 the fields of a machine are a map");
	expect_error(DRIVER "variants: []\n",
		     "7:11+1 no variants = leave the key out if there are none");
	expect_error(DRIVER "params: {N: 1}\nvariants: {a: {params: {M: 1}}}\n",
		     "8:25+1 there is no param \"M\" = give it a value in params: first");
	expect_error(DRIVER "params: {No: 1}\n", "7:10+2 'No' cannot be a name = some YAML readers "
						 "take it for true, false or nothing");
	expect_error(DRIVER "params: {N: 1x}\n",
		     "7:13+2 an integer belongs here = as in 4096, 0x1000 or 4KiB");
	expect_error(DRIVER "params: {N: 010}\n",
		     "7:13+3 a number that begins with 0 is octal for some readers = "
		     "as in 4096, 0x1000 or 4KiB");
	expect_error(DRIVER "params: {N: 9223372036854775808}\n",
		     "7:13+19 9223372036854775808 is not within "
		     "-9223372036854775808 to 9223372036854775807");
	expect_error(DRIVER "params: {N: 17179869184GiB}\n",
		     "7:13+14 a number has at most 64 bits = as in 4096, 0x1000 or 4KiB");
}
END_TEST

START_TEST(checks_platforms_and_devices)
{
	static const char tail[] = "devices: {nic: {}}\n" DRIVER;

#define PLATFORMS(yaml, want)                                                                      \
	do {                                                                                       \
		str_clear(&text);                                                                  \
		str_printf(&text, "schema: 1\nid: t\ntitle: T\nplatforms: %s\n%s", yaml, tail);    \
		load(text.s);                                                                      \
		ck_assert_str_eq(str_get(&brief), want);                                           \
	} while (0)
	PLATFORMS("[a, a]", "4:16+1 the platform 'a' is here twice");
	PLATFORMS("a", "4:12+1 platforms are a list = as in [a, b]");
	PLATFORMS("[]", "4:12+1 no platforms = leave the key out if there are none");
	PLATFORMS("[A]", "4:13+1 'A' is not a name of this kind = "
			 "lower case letters, digits and '-', as in arm64-soc");
	PLATFORMS("[a: {memory: 1}]", "4:13+1 the platform 'a' has no 'like' = "
				      "name the platform that it changes");
	PLATFORMS("[a: b]", "4:16+1 the fields of a platform are a map = "
			    "as in '- big-pc: {like: x86-64, memory: 8GiB}'");
	PLATFORMS("[{a: {like: b}, c: {like: d}}]",
		  "4:13+1 an own platform is a map of one name to its fields = "
		  "as in '- big-pc: {like: x86-64, memory: 8GiB}'");
	PLATFORMS("[a: {like: b, params: {N: 1}}]",
		  "4:35+1 there is no param \"N\" = give it a value in params: first");
#undef PLATFORMS
#define DEVICES(yaml, want)                                                                        \
	do {                                                                                       \
		load("schema: 1\nid: t\ntitle: T\nplatforms: [p]\ndevices: " yaml "\n" DRIVER);    \
		ck_assert_str_eq(str_get(&brief), want);                                           \
	} while (0)
	DEVICES("{}", "5:10+1 no devices = leave the key out if there are none");
	DEVICES("[nic]", "5:10+1 devices are a map");
	DEVICES("{nic: 32}", "5:16+2 a device is a map = as in 'nic: {address_bits: 32}'");
	DEVICES("{hw: {}}", "5:11+2 'hw' is a key of steps, not a device");
	DEVICES("{nic: {program: [x y]}}", "5:27+1 there is no type 'x'");
#undef DEVICES
}
END_TEST

START_TEST(checks_functions)
{
	expect_error("driver: f()\nfunctions:\n  f(): g()\n  f(int a): g()\n",
		     "9:3+1 a second function 'f' = the first is on line 8");
	expect_error("driver: f()\nfunctions:\n  f(char x): g() h()\n",
		     "8:5+4 there is no type 'char' = use u8 / "
		     "8:18+1 expected the end of the statement, found 'h'");
	expect_error("driver: f()\nfunctions: {f(): }\n",
		     "7:18+1 a statement or a list of steps is missing");
	expect_error("driver: f()\nfunctions: [f()]\n", "7:12+1 functions are a map");
}
END_TEST

START_TEST(checks_steps)
{
	expect_step("dev_err(nic, \"status: bad\")", "7:5+21 YAML split this statement at ': ' = "
						     "put the whole statement in single quotes");
	expect_step("f(\"a #b\")", "7:7+2 this string never ends = close it; if it holds ': ' or "
				   "' #', put the whole statement in single quotes");
	expect_step("if (x): f(\"a: b\")",
		    "7:17+1 YAML sees a second ': ' here = put the whole "
		    "statement in single quotes, or its body on a line of its own");
	expect_step("x = a ? b : c", "7:5+10 '?:' is not in the language = use if and else");
	expect_step("nci: f()", "7:5+3 nobody is named \"nci\" here = did you mean \"nic\"?");
	expect_step("other: f()", "7:5+5 nobody is named \"other\" here = a step begins with a "
				  "device, hw, lab, note, predict, or is a statement");
	expect_step("switch (x): f()", "7:5+10 'switch' is not in the language = "
				       "write if, else if and else");
	expect_step("case 1: f()", "7:5+6 'case' is not in the language = "
				   "write if, else if and else");
	expect_step("do: f()", "7:5+2 'do' is not in the language = write while (e):");
	expect_step("else: f()", "7:5+4 'else' without 'if' in the same step = "
				 "'else:' is a key of the step that begins with 'if'");
	expect_step("if (a): f()\n    while (b): g()",
		    "8:5+9 after 'if' a step has 'else if (e)' and 'else' = "
		    "begin a new step with '- '");
	expect_step("if (a): f()\n    else: g()\n    else if (b): h()",
		    "8:5+4 nothing may follow 'else' in a step");
	expect_step("if (a): f()\n    else if: g()", "8:12+1 expected '(', found the end");
	expect_step("nic: f()\n    hw: g()",
		    "8:5+2 a step has one key = begin a new step with '- '");
	expect_step("if (a):", "7:12+1 a statement or a list of steps is missing");
	expect_step("if (a): []", "7:13+1 a statement or a list of steps is missing");
	expect_step("if (a): {hw: f()}", "7:13+1 a body is one statement or a list of steps = "
					 "write '- ' before the key");
	expect_step("- f()", "7:5+1 a list as a step = leave one '-' out");
	expect_step("{}", "7:5+1 a step is missing");
	expect_step("", "7:4+1 a statement is missing");
	expect_step("nic:", "7:9+1 a statement or a list of steps is missing");
	expect_step("off:", "7:5+3 'off' cannot be the name of a label");
	expect_step("note: [a]", "7:11+1 a note is text");
	expect_step("poll(x): f()", "7:5+4 this has no body = if, while, for, for_each_sg, "
				    "for_each_sgtable_sg and for_each_sgtable_dma_sg do");
	expect_step("'f( \"it''s\") x'", "7:18+1 expected the end of the statement, found 'x'");
	expect_step("x = >-\n      a +\n      b c", "7:9+1 expected an expression, found '>'");
	expect_step(">-\n      x = a +\n      b c",
		    "9:9+1 expected the end of the statement, found 'c'");
	load_more("driver: {}\n");
	ck_assert_str_eq(str_get(&brief), "6:9+1 a body is one statement or a list of steps = "
					  "write '- ' before the key");
}
END_TEST

START_TEST(checks_questions)
{
	expect_step("predict: x", "7:14+1 a question is a map = it has ask, and choices or value");
	expect_step("predict: {ask: q}", "7:5+7 a question has either 'choices' or 'value'");
	expect_step("predict: {value: x}", "7:5+7 the question has no 'ask'");
	expect_step("predict: {ask: q, value: x, choices: {a: b}}",
		    "7:5+7 a question has either 'choices' or 'value'");
	expect_step("predict: {ask: q, choices: {a: else, b: x}}",
		    "7:36+4 'else' is the last of the choices = move it to the end");
	expect_step("predict: {ask: q, choices: {a: x =}}",
		    "7:38+1 '=' inside an expression = "
		    "compare with '==', or assign in a step of its own");
	expect_step(
	    "predict: {ask: q, choices: [a]}",
	    "7:32+1 choices are a map of text to condition = as in 'hello: x == \"hello\"'");
	expect_step("predict: {ask: q, choice: {a: x}}",
		    "7:23+6 there is no key \"choice\" here = did you mean \"choices\"? / "
		    "7:5+7 a question has either 'choices' or 'value'");
}
END_TEST

START_TEST(checks_expectations)
{
	expect_error(DRIVER "expect: []\n", "7:9+1 expectations are a map = as in {all: []}");
	expect_error(DRIVER "expect: {all: x}\n", "7:15+1 a list of ids belongs here = "
						  "as in [cpu-stale-read], or [] for nothing");
	expect_error(DRIVER "expect: {all: [Stale]}\n",
		     "7:16+5 'Stale' is not the id of a finding = "
		     "as in cpu-stale-read, or \"assert:the packet\"");
	expect_error(DRIVER "expect: {all: ['assert:']}\n",
		     "7:16+9 the name of the assert is missing");
	expect_error(DRIVER "expect: {all: [a/corruptoin]}\n",
		     "7:16+12 there is no severity \"corruptoin\" = did you mean \"corruption\"?");
	expect_error(DRIVER "expect: {all: [a, a]}\n", "7:19+1 'a' is in this list twice");
	expect_error(DRIVER "expect: {all: {some: [a]}}\n",
		     "7:15+1 'calm' is missing = write calm: [] if the calm run finds nothing");
	expect_error(DRIVER "expect: {all: {calm: [a], some: [a]}}\n",
		     "7:34+1 this id is in calm already = leave it out of some");
	expect_error(DRIVER "expect: {all: {calm: [], outcome: refusd}}\n",
		     "7:35+6 an outcome is ended, fault, refused, died, hang or limit = "
		     "did you mean \"refused\"?");
	expect_error(DRIVER "expect: {all: {calm: [], sone: []}}\n",
		     "7:26+4 there is no key \"sone\" here = did you mean \"some\"?");
	expect_error(DRIVER "variants: [broken]\nexpect: {broke: {all: []}}\n",
		     "8:10+5 there is no variant \"broke\" = did you mean \"broken\"?");
	expect_error(DRIVER "variants: [broken]\nexpect: {broken: []}\n",
		     "8:18+1 a map of platform to what is found belongs here = as in {all: []}");
}
END_TEST

START_TEST(reports_all_at_once)
{
	u32 i;

	load("schema: 1\nid: t\ntitle: T\nplatforms: [p]\ndevices: {nic: {}}\n"
	     "header: |\n  #define A 08\n"
	     "driver:\n  - x = \n  - f(;\n  - ok()\n  - nic:\n      - y z w\n"
	     "  - if (a & b == c): [g() h, i()]\n");
	ck_assert_str_eq(str_get(&brief),
			 "7:13+2 a number that begins with 0 is octal in C = "
			 "write it in decimal or as 0x... / "
			 "9:8+1 an expression is missing at the end / "
			 "10:7+1 an expression is missing before ';' / "
			 "13:9+1 there is no type 'y' / "
			 "14:11+1 C compares with '==' before it does '&' = write (a & b) == c / "
			 "14:27+1 expected the end of the statement, found 'h'");
	/* What could not be read is marked; what could is there. */
	ck_assert_uint_eq(doc->driver.n, 5);
	for (i = 0; i < 5; i++)
		ck_assert_int_eq(doc->driver.v[i]->kind, i == 2	  ? STMT_CALL
							 : i == 3 ? STMT_ACTOR
								  : STMT_BAD);
}
END_TEST

/* ---- limits -------------------------------------------------------------------------------- */

START_TEST(bounds_steps)
{
	u32 i;

	str_add(&text, HEAD "driver:\n");
	for (i = 0; i < LIMIT_STEPS; i++)
		str_add(&text, "- f()\n");
	load(text.s);
	ck_assert_str_eq(str_get(&brief), "");
	str_add(&text, "- f()\n- g h\n- f()\n");
	load(text.s);
	ck_assert_str_eq(str_get(&brief), "10007:3+3 more than 10000 steps in one file");
}
END_TEST

static void load_nested(u32 bodies)
{
	u32 i;

	str_clear(&text);
	str_add(&text, HEAD "driver: [");
	for (i = 0; i < bodies; i++)
		str_add(&text, "if (a): [");
	str_add(&text, "f()");
	for (i = 0; i <= bodies; i++)
		str_add(&text, "]");
	load(text.s);
}

START_TEST(bounds_nesting)
{
	const struct stmt_list *list;
	u32 depth = 0;

	load_nested(15);
	ck_assert_str_eq(str_get(&brief), "");
	for (list = &doc->driver; list->v[0]->kind == STMT_IF; list = &list->v[0]->arm[0].body)
		depth++;
	ck_assert_uint_eq(depth, 15);
	load_nested(16);
	ck_assert_str_eq(str_get(&brief), "6:145+1 lists and maps are nested more than 32 deep = "
					  "make a function of the inner steps");
	load_nested(50000);
	ck_assert_uint_eq(errs.n, 1);
}
END_TEST

START_TEST(bounds_counts_and_lengths)
{
	u32 i;

	str_add(&text, HEAD "driver:\n  - f(");
	for (i = 0; i < 990; i++)
		str_add(&text, "x");
	str_add(&text, "xxxxxxxxxxxx)\n");
	load(text.s);
	ck_assert_str_eq(str_get(&brief),
			 "7:5+1005 a statement has more than 1000 characters = split it");

	str_clear(&text);
	str_add(&text, HEAD DRIVER "variants: [");
	for (i = 0; i <= LIMIT_VARIANTS; i++)
		str_printf(&text, "v%u, ", i);
	str_add(&text, "]\n");
	load(text.s);
	ck_assert_str_eq(str_get(&brief), "7:82+3 more than 16 variants");

	str_clear(&text);
	str_add(&text, HEAD DRIVER "params: {");
	for (i = 0; i <= LIMIT_PARAMS; i++)
		str_printf(&text, "p%u: 1, ", i);
	str_add(&text, "}\n");
	load(text.s);
	ck_assert_str_eq(str_get(&brief), "7:512+3 more than 64 params");

	str_clear(&text);
	str_add(&text, HEAD DRIVER "summary: ");
	for (i = 0; i <= LIMIT_TEXT; i++)
		str_add(&text, "x");
	load(text.s);
	ck_assert_str_eq(str_get(&brief), "7:10+65537 a text has at most 65536 bytes");

	str_clear(&text);
	for (i = 0; i <= LIMIT_FILE_BYTES; i++)
		str_add(&text, "#");
	load(text.s);
	ck_assert_str_eq(str_get(&brief), "0:0+0 a scenario file has at most 1 MiB");
	ck_assert_ptr_null(doc->root);
}
END_TEST

/* ---- files --------------------------------------------------------------------------------- */

/* Tests run from the root of the project. */
#define DRAFTS "tests/data/drafts"

START_TEST(loads_all_drafts)
{
	struct dirent *e;
	DIR *d = opendir(DRAFTS);
	u32 n = 0;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d))) {
		if (!strstr(e->d_name, ".yaml"))
			continue;
		str_clear(&text);
		str_printf(&text, DRAFTS "/%s", e->d_name);
		err_free(&errs);
		doc_free(doc);
		doc = doc_load(text.s, &errs);
		ck_assert_ptr_nonnull(doc);
		err_brief(&errs, &brief);
		ck_assert_msg(errs.n == 0, "%s: %s", e->d_name, str_get(&brief));
		ck_assert_uint_gt(doc->driver.n, 0);
		ck_assert_uint_gt(doc->expects, 0);
		n++;
	}
	closedir(d);
	ck_assert_uint_eq(n, 44);
}
END_TEST

START_TEST(reads_files)
{
	ck_assert_ptr_null(doc_load("tests/data/none.yaml", &errs));
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief), "0:0+0 cannot be read: No such file or directory");
	err_free(&errs);
	ck_assert_ptr_null(doc_load("tests", &errs));
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief), "0:0+0 cannot be read: Is a directory");
	err_free(&errs);
	ck_assert_ptr_nonnull(freopen(DRAFTS "/00-example.yaml", "rb", stdin));
	doc = doc_load("-", &errs);
	ck_assert_str_eq(errs.file, "<stdin>");
	ck_assert_uint_eq(errs.n, 0);
	ck_assert_str_eq(doc->id.text, "rx-missing-sync");
	load("\xef\xbb\xbfschema: 1\nid: a\n");
	ck_assert_str_eq(doc->id.text, "a");
	ck_assert_uint_eq(doc->id.at.line, 2);
	load("schema: 1\r\nid: a\r\ntitle: X y\r\ndriver:\r\n  - f() g\r\n");
	ck_assert_ptr_nonnull(strstr(str_get(&brief), "5:9+1 expected the end of the statement"));
}
END_TEST

static Suite *doc_suite(void)
{
	Suite *s = suite_create("doc");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, reads_every_key);
	tcase_add_test(t, reads_the_bound_of_a_search);
	tcase_add_test(t, reads_expectations);
	tcase_add_test(t, reads_steps_of_every_kind);
	tcase_add_test(t, asks_for_the_keys);
	tcase_add_test(t, checks_simple_values);
	tcase_add_test(t, checks_names);
	tcase_add_test(t, checks_platforms_and_devices);
	tcase_add_test(t, checks_functions);
	tcase_add_test(t, checks_steps);
	tcase_add_test(t, checks_questions);
	tcase_add_test(t, checks_expectations);
	tcase_add_test(t, reports_all_at_once);
	tcase_add_test(t, bounds_steps);
	tcase_add_test(t, bounds_nesting);
	tcase_add_test(t, bounds_counts_and_lengths);
	tcase_add_test(t, loads_all_drafts);
	tcase_add_test(t, reads_files);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(doc_suite)
