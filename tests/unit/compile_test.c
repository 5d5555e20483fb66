/* SPDX-License-Identifier: MIT */
/*
 * The compiler: the trial scenarios that this version runs, and golden code of small ones. What it
 * says of mistakes is in mistakes_test.c.
 */
#include <string.h>

#include "compile_head.h"
#include "program_verify.h"
#include "scenario/scenario.h"
#include "scenario_help.h"
#include "unit.h"

static const struct scenario_options options = {"scenarios"};
static struct err_list errs;
static struct str text, brief, listing;
static struct scenario *s;
static struct program *prog;
static struct machine_config cfg;

static void setup(void)
{
	errs = (struct err_list){.file = "t"};
	text = brief = listing = (struct str){0};
	s = NULL;
	prog = NULL;
}

static void teardown(void)
{
	program_free(prog);
	scenario_free(s);
	err_free(&errs);
	str_free(&text);
	str_free(&brief);
	str_free(&listing);
}

static void reset(void)
{
	program_free(prog);
	scenario_free(s);
	err_free(&errs);
	prog = NULL;
	s = NULL;
}

static void compile(const char *variant, const char *platform)
{
	const char *problem;
	u32 at;

	program_free(prog);
	ck_assert_msg(scenario_compile(s, variant, platform, NULL, &cfg, &prog, &errs),
		      "does not compile");
	problem = program_verify(prog, &at);
	str_clear(&listing);
	program_print(prog, &listing);
	ck_assert_msg(!problem, "%s at %u of\n%s", problem, at, str_get(&listing));
}

/* ---- trial scenarios --------------------------------------------------------------------------
 */

static const struct {
	const char *file;
	const char *variants[6], *platforms[4];
} drafts[] = {
    {"00-example", {"broken", "fixed"}, {"arm64-soc", "x86-64"}},
    {"spin-model-a",
     {"broken", "no_payload", "no_descriptor", "no_completion", "fixed"},
     {"k-lines"}},
    {"spin-model-b", {"broken", "fixed"}, {"weak", "tso"}},
    {"s01-descriptor-ring", {"broken", "fixed"}, {"arm64-server", "arm64-soc", "x86-64"}},
    {"s02-circular-buffer", {"broken", "fixed"}, {"arm64-server", "x86-64"}},
    {"s09-partial-sync", {"broken", "fixed"}, {"arm64-soc", "x86-64-swiotlb-force", "x86-64"}},
    {"b013", {"broken", "fixed"}, {"arm64-soc"}},
    {"b015", {"broken", "fixed"}, {"arm64-soc"}},
    {"b051", {"broken", "fixed"}, {"arm64-server"}},
    {"b029", {"broken", "shown", "fixed"}, {"m7"}},
    {"b113", {"broken", "fixed"}, {"riscv-zicbom"}},
    {"b079", {"broken", "fixed"}, {"x86-64", "arm64-soc"}},
};

START_TEST(drafts_compile)
{
	char path[256];
	u32 v, p;

	snprintf(path, sizeof path, "tests/data/drafts/%s.yaml", drafts[_i].file);
	s = scenario_load(path, &options, &errs);
	if (!s)
		err_print(&errs, 100, &text);
	ck_assert_msg(s != NULL, "%s", str_get(&text));
	for (v = 0; drafts[_i].variants[v]; v++)
		for (p = 0; drafts[_i].platforms[p]; p++) {
			compile(drafts[_i].variants[v], drafts[_i].platforms[p]);
			ck_assert_str_eq(cfg.platform, drafts[_i].platforms[p]);
			ck_assert_uint_gt(prog->codes, 10);
		}
}
END_TEST

/* ---- files of this test -----------------------------------------------------------------------
 */

enum { FIRST_LINE = 21 };

static void load(const char *steps)
{
	reset();
	str_clear(&text);
	str_add(&text, HEAD);
	str_add(&text, steps);
	s = scenario_parse(str_get(&text), text.n, &options, &errs);
	err_brief(&errs, &brief);
}

static void load_good(const char *steps)
{
	load(steps);
	ck_assert_msg(s != NULL, "%s:\n%s", steps, str_get(&brief));
	compile(NULL, NULL);
}

/* The code between the first statement of the driver and the end. */
static void check_code(const char *steps, const char *want)
{
	const char *from, *to;

	load_good(steps);
	from = strstr(str_get(&listing), "driver:\n") + 8;
	to = strstr(from, "SETTLE");
	ck_assert_ptr_nonnull(to);
	while (*to != '\n')
		to--;
	str_clear(&text);
	str_addn(&text, from, (size_t)(to + 1 - from));
	ck_assert_str_eq(str_get(&text), want);
}

START_TEST(golden_memory)
{
	check_code("  - got = 0\n"
		   "  - mem = kmalloc(LEN, GFP_KERNEL)\n"
		   "  - struct desc *d = dma_alloc_coherent(nic, N * sizeof(*d), &h, GFP_KERNEL)\n"
		   "  - d[got].len = cpu_to_le32(LEN)\n"
		   "  - d[1].flags |= 2\n"
		   "  - x = le32_to_cpu(READ_ONCE(d->len)) & 3\n",
		   "21: got = 0\n"
		   "    1  PUSH\n"
		   "    2  SET\n"
		   "22: mem = kmalloc(LEN, GFP_KERNEL)\n"
		   "    4  PUSH 0x40\n"
		   "    5  PUSH 0xcc0\n"
		   "    6  API kmalloc a=2\n"
		   "    7  SET b=1\n"
		   "23: struct desc *d = dma_alloc_coherent(nic, N * sizeof(*d), &h, GFP_KERNEL)\n"
		   "    9  PUSH\n"
		   "   10  PUSH 0x40\n"
		   "   11  PUSH 0xcc0\n"
		   "   12  API dma_alloc_coherent a=3\n"
		   "   13  SET b=3\n"
		   "   14  SET b=2\n"
		   "24: d[got].len = cpu_to_le32(LEN)\n"
		   "   16  GET b=2\n"
		   "   17  GET\n"
		   "   18  PUSH 0x10\n"
		   "   19  BIN size=4 a=2\n"
		   "   20  BIN size=4\n"
		   "   21  PUSH 0x40\n"
		   "   22  STORE size=4\n"
		   "25: d[1].flags |= 2\n"
		   "   24  GET b=2\n"
		   "   25  PUSH 0x14\n"
		   "   26  BIN size=4\n"
		   "   27  DUP\n"
		   "   28  LOAD size=2\n"
		   "   29  PUSH 0x2\n"
		   "   30  BIN a=6\n"
		   "   31  CONV size=2\n"
		   "   32  STORE size=2\n"
		   "26: x = le32_to_cpu(READ_ONCE(d->len)) & 3\n"
		   "   34  GET b=2\n"
		   "   35  LOAD size=4 a=1\n"
		   "   36  PUSH 0x3\n"
		   "   37  BIN size=3 a=5\n"
		   "   38  SET b=4\n");
}
END_TEST

static const char control_steps[] = "  - got = 0\n"
				    "  - mem = NULL\n"
				    "  - if (fixed): got = 7\n"
				    "  - while (got < 3 && !(got == 2)):\n"
				    "      - if (got): break\n"
				    "      - got++\n"
				    "  - ret = poll(readl(dev.regs + 4) & 1, 5)\n"
				    "  - if (ret): goto out\n"
				    "  - wait_event(got)\n"
				    "  - nic: raise_irq()\n"
				    "  - if (ret == -EIO): return ret\n"
				    "  - out:\n"
				    "  - cpu_relax()\n";

static const char control_code[] = "21: got = 0\n"
				   "    1  PUSH\n"
				   "    2  SET\n"
				   "22: mem = NULL\n"
				   "    4  PUSH\n"
				   "    5  SET b=1\n"
				   "24: while (got < 3 && !(got == 2))\n"
				   "    7  GET\n"
				   "    8  PUSH 0x3\n"
				   "    9  BIN a=12\n"
				   "   10  JZ b=18\n"
				   "   11  GET\n"
				   "   12  PUSH 0x2\n"
				   "   13  BIN a=10\n"
				   "   14  LNOT\n"
				   "   15  LNOT\n"
				   "   16  LNOT\n"
				   "   17  JMP b=19\n"
				   "   18  PUSH\n"
				   "   19  JZ b=32\n"
				   "25: if (got)\n"
				   "   21  GET\n"
				   "   22  JZ b=25\n"
				   "25: break\n"
				   "   24  JMP b=32\n"
				   "26: got++\n"
				   "   26  GET\n"
				   "   27  PUSH 0x1\n"
				   "   28  BIN\n"
				   "   29  SET\n"
				   "24: while (got < 3 && !(got == 2))\n"
				   "   31  JMP b=7\n"
				   "27: ret = poll(readl(dev.regs + 4) & 1, 5)\n"
				   "   33  PUSH 0x5\n"
				   "   34  POLL_LIMIT\n"
				   "   35  POLL_TOP a=1 b=40\n"
				   "   36  PUSH 0x100000004\n"
				   "   37  MMIO_READ size=4\n"
				   "   38  PUSH 0x1\n"
				   "   39  BIN size=3 a=5\n"
				   "   40  POLL_TEST a=1 b=35\n"
				   "   41  SET b=2\n"
				   "28: if (ret)\n"
				   "   43  GET b=2\n"
				   "   44  JZ b=47\n"
				   "28: goto out\n"
				   "   46  JMP b=66\n"
				   "29: wait_event(got)\n"
				   "   48  WAIT_TOP b=50\n"
				   "   49  GET\n"
				   "   50  WAIT_TEST b=48\n"
				   "   51  AS a=1\n"
				   "30: raise_irq()\n"
				   "   53  RAISE_IRQ\n"
				   "   54  AS\n"
				   "31: if (ret == -EIO)\n"
				   "   56  GET b=2\n"
				   "   57  PUSH 0xfffffffffffffffb\n"
				   "   58  BIN a=10\n"
				   "   59  JZ b=66\n"
				   "31: return ret\n"
				   "   61  GET b=2\n"
				   "   62  DUP\n"
				   "   63  JNZ b=70\n"
				   "   64  POP\n"
				   "   65  JMP b=68\n"
				   "33: cpu_relax()\n"
				   "   67  API cpu_relax\n";

START_TEST(golden_control)
{
	check_code(control_steps, control_code);
}
END_TEST

START_TEST(groups_and_lines_are_laid_out)
{
	static const char file[] =
	    "schema: 1\nid: t\ntitle: T\nplatforms: [arm64-soc]\n"
	    "devices: {nic: {address_bits: 32}}\nheader: |\n"
	    "  struct priv {\n    u8 lock;\n    __dma_from_device_group_begin()\n    u8 rx[16];\n"
	    "    __dma_from_device_group_end()\n    u8 state;\n"
	    "    u8 last ____cacheline_aligned;\n  } __aligned(16);\n"
	    "driver:\n  - x = sizeof(struct priv)\n";

	errs.file = "t";
	s = scenario_parse(file, sizeof file - 1, &options, &errs);
	err_brief(&errs, &brief);
	ck_assert_msg(s != NULL, "%s", str_get(&brief));
	compile(NULL, NULL);
	ck_assert_uint_eq(prog->structure[0].field[1].offset, 128); /* ARCH_DMA_MINALIGN */
	ck_assert_uint_eq(prog->structure[0].field[2].offset, 256);
	ck_assert_uint_eq(prog->structure[0].field[3].offset, 320); /* L1_CACHE_BYTES */
	ck_assert_uint_eq(prog->structure[0].size, 384);
}
END_TEST

START_TEST(variants_remove_branches)
{
	load_good("  - got = 0\n  - mem = NULL\n"
		  "  - if (fixed): got = 0x1234\n    else: got = 0x5678\n");
	ck_assert_ptr_null(strstr(str_get(&listing), "0x1234"));
	ck_assert_ptr_nonnull(strstr(str_get(&listing), "0x5678"));
	ck_assert_ptr_null(strstr(str_get(&listing), "JZ"));
	compile("fixed", NULL);
	ck_assert_ptr_nonnull(strstr(str_get(&listing), "0x1234"));
	ck_assert_ptr_null(strstr(str_get(&listing), "0x5678"));
}
END_TEST

START_TEST(sets_win)
{
	struct param_set v = {"N", 9}, wrong = {"M", 1};
	struct param_sets sets = {&v, 1};

	load_good("  - got = N\n  - mem = NULL\n");
	program_free(prog);
	ck_assert(scenario_compile(s, NULL, NULL, &sets, &cfg, &prog, &errs));
	str_clear(&listing);
	program_print(prog, &listing);
	ck_assert_ptr_nonnull(strstr(str_get(&listing), "PUSH 0x9\n"));
	sets.v = &wrong;
	program_free(prog);
	ck_assert(!scenario_compile(s, NULL, NULL, &sets, &cfg, &prog, &errs));
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief), "0:0+0 this file has no param \"M\" = it has N");
}
END_TEST

START_TEST(no_such_variant_or_platform)
{
	load_good("  - got = 0\n  - mem = NULL\n");
	program_free(prog);
	ck_assert(!scenario_compile(s, "brokn", NULL, NULL, &cfg, &prog, &errs));
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief),
			 "0:0+0 this file has no variant \"brokn\" = did you mean \"broken\"?");
	err_free(&errs);
	ck_assert(!scenario_compile(s, NULL, "arm64-sock", NULL, &cfg, &prog, &errs));
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief), "0:0+0 there is no platform \"arm64-sock\" = did you "
					  "mean \"arm64-soc\"?");
	err_free(&errs);
	ck_assert(!scenario_compile(s, NULL, "../platforms/rpi4", NULL, &cfg, &prog, &errs));
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief),
			 "0:0+0 there is no platform \"../platforms/rpi4\" = it has x86-64; "
			 "dmalab list platforms has others");
}
END_TEST

START_TEST(a_platform_of_the_program)
{
	load_good("  - got = 0\n  - mem = NULL\n");
	program_free(prog);
	ck_assert(scenario_compile(s, NULL, "rpi4", NULL, &cfg, &prog, &errs));
	ck_assert_str_eq(cfg.platform, "rpi4");
	ck_assert_uint_eq(cfg.ranges[BUS_PLATFORM], 1);
	/* The file speaks of its own platforms. */
	ck_assert_ptr_null(scenario_expect(s, NULL, "rpi4"));
}
END_TEST

START_TEST(statements_are_described)
{
	const struct stmt_info *i;

	load_good("  - got = 0\n"
		  "  - mem = kmalloc(8, GFP_KERNEL)\n"
		  "  - note: \"look\"\n"
		  "  - nic: x = dma_read(regs[4], 2)\n"
		  "  - hw: evict(mem, 8)\n"
		  "  - lab: y = place(64, 0x100000)\n"
		  "  - if (got):\n"
		  "      - got = 1\n");
	i = &prog->stmt[1];
	ck_assert_str_eq(i[1].target, "mem");
	ck_assert_uint_eq(i[1].line, 22);
	ck_assert_uint_eq(i[1].col, 5);
	ck_assert_uint_eq(i[1].len, strlen(i[1].text));
	ck_assert_ptr_null(i[1].note);
	ck_assert_str_eq(i[2].text, "x = dma_read(regs[4], 2)");
	ck_assert_str_eq(i[2].note, "look");
	ck_assert_uint_eq(i[2].actor, 1);
	ck_assert_uint_eq(i[3].actor, ACTOR_HW);
	ck_assert_ptr_null(i[3].note);
	ck_assert_uint_eq(i[4].actor, ACTOR_LAB);
	ck_assert_uint_eq(i[5].depth, 0);
	ck_assert_uint_eq(i[6].depth, 1);
	ck_assert_ptr_null(i[5].target);
}
END_TEST

START_TEST(variables_and_structs_are_described)
{
	load_good("  - got = 0\n  - mem = NULL\n  - dma_addr_t h[N]\n  - size_t head = 1\n"
		  "  - struct desc *d = mem\n  - for (i = 0; i < 2; i++): h[i] = (dma_addr_t)i\n");
	ck_assert_uint_eq(prog->globals, 6);
	ck_assert_str_eq(prog->global[2].name, "h");
	ck_assert_uint_eq(prog->global[2].length, 4);
	ck_assert_str_eq(prog->global[2].type, "dma_addr_t");
	ck_assert_uint_eq(prog->global[3].slot, 6);
	ck_assert_str_eq(prog->global[3].type, "u64");
	ck_assert_str_eq(prog->global[4].type, "struct desc *");
	ck_assert_str_eq(prog->global[5].name, "i");
	ck_assert_uint_eq(prog->structures, 1);
	ck_assert_uint_eq(prog->structure[0].size, 16);
	ck_assert_uint_eq(prog->structure[0].field[2].offset, 6);
	ck_assert_uint_eq(prog->structure[0].field[2].count, 2);
	ck_assert_str_eq(prog->structure[0].field[0].type, "__le32");
}
END_TEST

/* One function for each way of use: bytes and a pointer. */
START_TEST(const_void_takes_both)
{
	u32 i, puts = 0;

	load_good("  - got = 0\n  - mem = kmalloc(64, GFP_KERNEL)\n"
		  "  - put(\"hello\", 5)\n  - put(mem + 8, 5)\n  - put(\"again\", 5)\n");
	for (i = 0; i < prog->functions; i++)
		puts += strcmp(prog->function[i].name, "put") == 0;
	ck_assert_uint_eq(puts, 2);
	ck_assert_ptr_nonnull(strstr(str_get(&listing), "MEMCPY_BYTES\n"));
	ck_assert_ptr_nonnull(strstr(str_get(&listing), "MEMCPY\n"));
}
END_TEST

/* A function that one variant calls may use what that variant sets. */
START_TEST(functions_of_one_variant)
{
	static const char file[] = "schema: 1\nid: t\ntitle: T\nplatforms: [x86-64]\n"
				   "devices: {nic: {address_bits: 32}}\nvariants: [broken, fixed]\n"
				   "functions:\n  f(): msleep(x)\n"
				   "driver:\n  - if (fixed): x = 1\n  - if (fixed): f()\n";

	errs.file = "t";
	s = scenario_parse(file, sizeof file - 1, &options, &errs);
	err_brief(&errs, &brief);
	ck_assert_msg(s != NULL, "%s", str_get(&brief));
	compile("broken", NULL);
	ck_assert_uint_eq(prog->functions, 0);
	compile("fixed", NULL);
	ck_assert_uint_eq(prog->functions, 1);
}
END_TEST

START_TEST(handlers_are_marked)
{
	u32 i, handlers = 0;

	load_good("  - got = 0\n  - mem = NULL\n  - request_irq(dev.irq, done)\n");
	for (i = 0; i < prog->functions; i++) {
		handlers += prog->function[i].is_handler;
		if (prog->function[i].is_handler)
			ck_assert_str_eq(prog->function[i].name, "done");
	}
	ck_assert_uint_eq(handlers, 1);
}
END_TEST

/* ---- C's arithmetic ---------------------------------------------------------------------------
 */

/* The value of a constant expression, as it is pushed. */
static u64 constant(const char *expr)
{
	char steps[256];
	const char *at;

	snprintf(steps, sizeof steps, "  - got = 0\n  - mem = NULL\n  - x = %s\n", expr);
	load_good(steps);
	at = strstr(str_get(&listing), "23: x = ");
	at = strstr(at, "PUSH");
	return at[4] == '\n' ? 0 : strtoull(at + 4, NULL, 16);
}

START_TEST(constants_are_cs)
{
	ck_assert_uint_eq(constant("2 + 3 * 4"), 14);
	ck_assert_uint_eq(constant("-1"), ~0ull);
	ck_assert_uint_eq(constant("(u32)-1"), 0xffffffff);
	ck_assert_uint_eq(constant("(u8)0x1ff"), 0xff);
	ck_assert_uint_eq(constant("(int)0xffffffff"), ~0ull);
	ck_assert_uint_eq(constant("(bool)4"), 1);
	ck_assert_uint_eq(constant("(u32)1 - 2"), 0xffffffff);
	ck_assert_uint_eq(constant("(size_t)1 - 2"), ~0ull);
	ck_assert_uint_eq(constant("-1 < (size_t)1"), 0);
	ck_assert_uint_eq(constant("-1 < 1"), 1);
	ck_assert_uint_eq(constant("(u32)0x80000000 << 1"), 0);
	ck_assert_uint_eq(constant("0x80000000 << 1"), 0x100000000);
	ck_assert_uint_eq(constant("~1 & (u32)0xff"), 0xfe);
	ck_assert_uint_eq(constant("BIT(31) | BIT(0)"), 0x80000001);
	ck_assert_uint_eq(constant("GENMASK(7, 4)"), 0xf0);
	ck_assert_uint_eq(constant("DMA_BIT_MASK(64)"), ~0ull);
	ck_assert_uint_eq(constant("DMA_BIT_MASK(28)"), 0xfffffff);
	ck_assert_uint_eq(constant("ALIGN(5, 8)"), 8);
	ck_assert_uint_eq(constant("min(N, 9) + max(N, 9)"), 13);
	ck_assert_uint_eq(constant("upper_32_bits(0x123456789a)"), 0x12);
	ck_assert_uint_eq(constant("sizeof(struct desc) * N"), 64);
	ck_assert_uint_eq(constant("sizeof(u16)"), 2);
	ck_assert_uint_eq(constant("broken && !fixed"), 1);
	ck_assert_uint_eq(constant("fixed && got"), 0);
	ck_assert_uint_eq(constant("LEN == 64 || got"), 1);
	ck_assert_uint_eq(constant("L1_CACHE_BYTES"), 64);
	ck_assert_uint_eq(constant("SZ_4K == PAGE_SIZE"), 1);
}
END_TEST

static Suite *compile_suite(void)
{
	Suite *suite = suite_create("compile");
	TCase *tc = tcase_create("compile");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, drafts_compile, 0, ARRAY_LEN(drafts));
	tcase_add_test(tc, golden_memory);
	tcase_add_test(tc, golden_control);
	tcase_add_test(tc, groups_and_lines_are_laid_out);
	tcase_add_test(tc, variants_remove_branches);
	tcase_add_test(tc, sets_win);
	tcase_add_test(tc, no_such_variant_or_platform);
	tcase_add_test(tc, a_platform_of_the_program);
	tcase_add_test(tc, statements_are_described);
	tcase_add_test(tc, variables_and_structs_are_described);
	tcase_add_test(tc, const_void_takes_both);
	tcase_add_test(tc, handlers_are_marked);
	tcase_add_test(tc, functions_of_one_variant);
	tcase_add_test(tc, constants_are_cs);
	suite_add_tcase(suite, tc);
	return suite;
}

UNIT_MAIN(compile_suite)
