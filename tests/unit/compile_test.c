/* SPDX-License-Identifier: MIT */
/*
 * The compiler: the trial scenarios that this version runs, golden code of small ones, and every
 * class of mistake at its exact place.
 */
#include <string.h>

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
    {"b051", {"broken", "fixed"}, {"arm64-server"}},
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

/* Lines 1 to 20; the steps of the driver begin on line 21, with two blanks and "- ". */
#define HEAD                                                                                       \
	"schema: 1\n"                                                                              \
	"id: t\n"                                                                                  \
	"title: T\n"                                                                               \
	"platforms: [x86-64]\n"                                                                    \
	"params: {N: 4}\n"                                                                         \
	"variants: [broken, fixed]\n"                                                              \
	"header: |\n"                                                                              \
	"  #define LEN 64\n"                                                                       \
	"  struct desc { __le32 len; u16 flags; u8 pad[2]; u64 at; };\n"                           \
	"devices:\n"                                                                               \
	"  nic:\n"                                                                                 \
	"    address_bits: 32\n"                                                                   \
	"  dev:\n"                                                                                 \
	"    address_bits: 32\n"                                                                   \
	"functions:\n"                                                                             \
	"  done(): got++\n"                                                                        \
	"  add(int a, size_t b): return a + b\n"                                                   \
	"  put(const void *p, size_t n): memcpy(mem, p, n)\n"                                      \
	"\n"                                                                                       \
	"driver:\n"

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
	ck_assert_str_eq(str_get(&brief), "0:0+0 there is no param \"M\"");
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
	ck_assert(!scenario_compile(s, NULL, "arm64-soc", NULL, &cfg, &prog, &errs));
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief), "0:0+0 this file has no platform \"arm64-soc\"");
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

/* ---- mistakes ---------------------------------------------------------------------------------
 */

/* got and mem are set on lines 21 and 22; the step under test stands on line 23. */
#define STEP(step) "  - got = 0\n  - mem = kmalloc(64, GFP_KERNEL)\n  - " step "\n"

static const struct {
	const char *steps, *want;
} mistakes[] = {
    /* names */
    {STEP("h = dma_map_singel(nic, mem, 8, 1)"),
     "23:9+14 there is no call \"dma_map_singel\" = did you mean \"dma_map_single\"?    "
     "dmalab explain dma_map_single"},
    {STEP("frob(1)"), "23:5+4 there is no call \"frob\""},
    {STEP("x = read(nem, 5)"),
     "23:14+3 nothing is named \"nem\" on this line = named so far: got, mem, nic, dev    (mem "
     "is made on line 22)"},
    {STEP("x = x + 1"),
     "23:9+1 nothing is named \"x\" on this line = named so far: got, mem, nic, dev"},
    {STEP("y = x\n  - x = 1"), "23:9+1 'x' is not set here yet = it is set on line 24"},
    {STEP("for (i = 0; i < 2; i++): got = i\n  - got = i"),
     "24:11+1 nothing is named \"i\" on this line = named so far: got, mem, nic, dev"},
    {STEP("N = 3"), "23:5+1 'N' is a param: it cannot be set = give the variable another name"},
    {STEP("fixed = 3"),
     "23:5+5 'fixed' is a variant: it cannot be set = give the variable another name"},
    {STEP("nic = 3"), "23:5+3 'nic' is a device = give the variable another name"},
    {STEP("done = 3"), "23:5+4 'done' is a function = give the variable another name"},
    {STEP("x = done"), "23:9+4 'done' is a function = call it: as in f()"},
    {STEP("x = nic"), "23:9+3 a variable cannot hold a device = name it where it is used"},
    /* what is not there yet */
    {STEP("dma_map_sg(nic, mem, 4, DMA_TO_DEVICE)"), "23:5+10 dma_map_sg() is not there yet"},
    {STEP("struct scatterlist sg[4]"), "23:5+18 struct scatterlist is not there yet"},
    {STEP("for_each_sg(sg, s, 4, i): got = 1"), "23:5+11 for_each_sg() is not there yet"},
    {STEP("lab: shuffle_pages()"), "23:10+13 shuffle_pages() is not there yet"},
    {STEP("pool = dma_pool_create(\"a\", nic, 8, 8, 0)\n  - x = dma_pool_alloc(pool, 0, &h)\n"
	  "  - if (!pool): return -ENOMEM\n  - nic: dma_write(h, \"a\")"),
     "23:12+15 dma_pool_create() is not there yet / 24:9+14 dma_pool_alloc() is not there yet"},
    /* arguments */
    {STEP("kfree()"), "23:5+7 kfree takes 1 argument; here are 0 = kfree(pointer)"},
    {STEP("dma_unmap_single(nic, mem, 8, DMA_TO_DEVICE)"),
     "23:27+3 argument 2 of dma_unmap_single is a dma_addr_t; 'mem' is a pointer"},
    {STEP("h = dma_map_single(nic, mem, 8, 1)\n  - dma_unmap_single(nic, mem, 8, 1)"),
     "24:27+3 argument 2 of dma_unmap_single is a dma_addr_t; 'mem' is a pointer = the handle of "
     "'mem' is 'h' (line 23)"},
    {STEP("x = dma_get_mask(got)"),
     "23:22+3 argument 1 of dma_get_mask is a device; 'got' is an integer"},
    {STEP("x = dma_alloc_coherent(nic, 8, got, 0)"),
     "23:36+3 argument 3 of dma_alloc_coherent is a variable that the call sets = write '&' and "
     "the name of a variable"},
    {STEP("x = dma_alloc_coherent(nic, 8, &got, 0)"),
     "23:36+4 argument 3 of dma_alloc_coherent sets a dma_addr_t; 'got' is an integer"},
    {STEP("request_irq(dev.irq, don)"),
     "23:26+3 argument 2 of request_irq is a function; 'don' is none = did you mean \"done\"?"},
    {STEP("request_irq(dev.irq, add)"), "23:26+3 'add' has parameters: it cannot be a handler"},
    {STEP("x = add(1)"), "23:9+6 add takes 2 arguments; here is 1"},
    {STEP("x = add(mem, 1)"),
     "23:13+3 argument 1 of add is an integer; 'mem' is a pointer = a cast mixes them, and shows "
     "that it is meant"},
    {STEP("writel(mem, dev.regs)"),
     "23:12+3 argument 1 of writel is an integer; 'mem' is a pointer"},
    {STEP("writel(1, got)"),
     "23:15+3 'got' is an integer, not the address of a register = write dev.regs + OFFSET"},
    {STEP("memset(mem, 0)"), "23:5+14 memset takes 3 arguments; here are 2 = memset(p, byte, n)"},
    {STEP("x = memset(mem, 0, 8)"), "23:9+17 'memset(mem, 0, 8)' gives no value"},
    {STEP("x = dev.reg"), "23:13+3 a device has no field 'reg' = did you mean \"regs\"?"},
    /* types */
    {STEP("x = mem + mem"), "23:13+1 '+' between a pointer and a pointer"},
    {STEP("x = mem == 3"),
     "23:13+2 '==' between a pointer and an integer = a cast mixes them, and shows that it is "
     "meant"},
    {STEP("got = mem"),
     "23:11+3 'got' is an integer; 'mem' is a pointer = a cast mixes them, and shows that it is "
     "meant"},
    {STEP("x = mem[0]"),
     "23:9+3 'mem' is a void *: it cannot be used with [] = declare it with its type, as in struct "
     "desc *p, or cast it"},
    {STEP("x = got[0]"), "23:9+3 'got' is an integer: it cannot be used with []"},
    {STEP("struct desc *d = mem\n  - d->length = 1"), "24:8+6 struct desc has no field 'length'"},
    {STEP("struct desc *d = mem\n  - d.len = 0"),
     "24:5+5 'd' is no struct = write -> after a pointer"},
    {STEP("struct desc *d = mem\n  - x = d[0]"),
     "24:9+4 a struct is no value = name one of its fields"},
    {STEP("struct desc *d = mem\n  - e = d->len\n  - assert(e == 3)"),
     "25:14+2 '==' between a __le32 and an integer = le32_to_cpu() and its like read it"},
    {STEP("struct desc *d = mem\n  - d->len = mem"),
     "24:14+3 'd->len' is a __le32; 'mem' is a pointer = write cpu_to_le32() or its like"},
    {STEP("struct desc *d = mem\n  - nic:\n      - struct desc *b = got\n      - b->len = "
          "cpu_to_le32(1)"),
     "26:18+14 'b->len' is an integer; 'cpu_to_le32(1)' is a __le32 = write le32_to_cpu() or its "
     "like"},
    {STEP("struct desc *d = mem\n  - u8 *b = d"),
     "24:13+1 'b' is a u8 *; 'd' is a struct desc * = a cast mixes them, and shows that it is "
     "meant"},
    {STEP("struct dsc *d = mem"), "23:5+12 there is no struct dsc = did you mean \"desc\"?"},
    {STEP("void v"), "23:5+4 a variable cannot be void = write void *"},
    {STEP("struct desc v"),
     "23:5+11 a struct is memory; variables are registers = declare a pointer, and let a call make "
     "the memory"},
    {STEP("h = dma_map_single(nic, mem, 8, 1)\n  - if (!h): return -EIO"),
     "24:10+1 'h' is a dma_addr_t, which is no condition = 0 is a good address; ask "
     "dma_mapping_error()"},
    {STEP("x = \"abc\" + \"d\""), "23:15+1 '+' between bytes and bytes"},
    {STEP("x = &got"),
     "23:9+4 '&got' is not the address of memory = memory has addresses; variables are registers"},
    {STEP("int a[got]"),
     "23:11+3 the size of an array is not a constant = numbers, params and #defines are"},
    {STEP("int a[0]"), "23:11+1 the size of an array is 0: it is not within 1 to 65536"},
    {STEP("int a[4]\n  - x = a"),
     "24:9+1 'a' is an array of variables = name an entry of it, as in a[0]"},
    {STEP("x = 1 / 0"), "23:11+1 a division by zero"},
    {STEP("x = -1 >> 1"),
     "23:12+2 '>>' of a negative number is not in the language = make it unsigned with (size_t)"},
    {STEP("x = 0x7fffffffffffffff + 1"),
     "23:28+1 the result does not fit a signed 64-bit number = make it unsigned with (size_t)"},
    {STEP("x = bytes(\"d\")"),
     "23:15+3 this is not two-digit hex = two-digit hex, each with a count if there are more: "
     "\"dd*32 aa\""},
    {STEP("x = bytes(\"dd*M\")"),
     "23:15+6 'M' is no count of bytes: a number, a param or a #define is = two-digit hex, each "
     "with a count if there are more: \"dd*32 aa\""},
    {STEP("x = bytes(\"dd*65537\")"),
     "23:15+10 a byte string has at most 64 KiB = two-digit hex, each with a count if there are "
     "more: \"dd*32 aa\""},
    /* looking */
    {STEP("struct desc *d = mem\n  - assert(le32_to_cpu(d[0].len) == 1)"),
     "24:24+8 'd[0].len' in an assert would load from memory = load it into a variable first, or "
     "look with cpu_sees(d[0].len)"},
    {STEP("assert(read(mem, 5) == \"hello\")"),
     "23:12+12 'read(mem, 5)' in an assert would load from memory = load it into a variable first, "
     "or look with cpu_sees(mem, 5)"},
    {STEP("assert(dma_mapping_error(nic, (dma_addr_t)1) == 0)"),
     "23:12+37 dma_mapping_error() has an effect: assert and predict only look = call it before, "
     "and look at what it returned"},
    {STEP("assert(add(1, 2) == 3)"),
     "23:12+9 add() may have an effect: assert and predict only look = call it before, and look at "
     "what it returned"},
    {STEP("x = cached(mem)"), "23:9+6 cached() only looks: it belongs in assert() or predict"},
    {STEP("assert(got, got)"),
     "23:17+3 the name of an assert is text = as in assert(x == 1, \"the first packet\")"},
    {STEP("predict:\n      ask: \"What?\"\n      choices: {a: y == 2, b: else}\n  - x = 1"),
     "25:20+1 nothing is named \"y\" on this line = named so far: got, mem, x, nic, dev"},
    {STEP("wait_event(readl(dev.regs))"),
     "23:16+15 readl() has an effect: wait_event() only looks"},
    {STEP("struct desc *d = mem\n  - wait_event(d->flags)"),
     "24:16+8 'd->flags' in wait_event() would load from memory = wait for a variable, or write "
     "poll(...)"},
    /* who acts */
    {STEP("dma_read((dma_addr_t)1, 4)"),
     "23:5+8 dma_read() is a device's: write it under the device's name, as in '- nic: ...'"},
    {STEP("evict(mem, 8)"), "23:5+5 evict() is the hardware's: write '- hw: ...'"},
    {STEP("place(8, 0)"), "23:5+5 place() is the laboratory's: write '- lab: ...'"},
    {STEP("nic: memset(mem, 0, 8)"),
     "23:10+6 memset() is the CPU's: a statement without an actor does it"},
    {STEP("nic: kfree(mem)"),
     "23:10+5 kfree() is the driver's: a device does not call the kernel = a device has "
     "dma_read(), dma_write(), raise_irq() and regs[]"},
    {STEP("nic: wait_event(got)"), "23:10+10 wait_event() waits: who is led by hand acts at once"},
    {STEP("hw: got = 1"),
     "23:9+7 hardware assigns nothing = hw: has evict(), prefetch() and writeback()"},
    {STEP("struct desc *d = mem\n  - nic: x = d->flags"),
     "24:14+8 'd->flags' is an address of the CPU's: the device does not know it = give the device "
     "the handle: struct t *p = handle"},
    {STEP("nic:\n      - hw: evict(mem, 8)"), "24:9+2 somebody acts already"},
    {STEP("nic:\n      - while (1): regs[0] = 1"),
     "24:9+9 a device that is led by hand acts at once: this loop never ends = give the device a "
     "program: in devices:"},
    /* control flow */
    {STEP("goto out"), "23:10+3 there is no label 'out'"},
    {STEP("again:\n  - goto again"), "24:10+5 'goto' goes forward only = write a loop"},
    {STEP("if (got):\n      - out:\n  - goto out"),
     "24:9+3 the label 'out' is inside a body = move it to the end of the function / 25:10+3 there "
     "is no label 'out'"},
    {STEP("break"), "23:5+5 'break' outside of a loop"},
    {STEP("continue"), "23:5+8 'continue' outside of a loop"},
    {STEP("nic:\n      - return"), "24:9+6 'return' leaves what another one does"},
    {STEP("poll(poll(got))"), "23:10+4 a poll() inside a poll() = write two statements"},
    /* several at once, in order, and what follows from one is not said */
    {STEP("x = frob(1)\n  - y = x + 1\n  - z = y\n  - kfree(got)"),
     "23:9+4 there is no call \"frob\" / 26:11+3 argument 1 of kfree is a pointer; 'got' is an "
     "integer"},
    {STEP("x = (1\n  - y = x + 1\n  - goto out\n  - kfree(y)\n  - kfree(1)"),
     "23:11+1 expected ')', found the end / 27:11+1 argument 1 of kfree is a pointer; '1' is an "
     "integer"},
    /* over all variants, and in branches that none of them takes */
    {STEP("if (fixed): frob(1)\n  - if (broken): frob(2)\n  - if (N == 5): frob(3)"),
     "24:18+4 there is no call \"frob\" / 23:17+4 there is no call \"frob\" / 25:18+4 there is no "
     "call \"frob\""},
};

START_TEST(mistake_is_named)
{
	load(mistakes[_i].steps);
	ck_assert_ptr_null(s);
	ck_assert_str_eq(str_get(&brief), mistakes[_i].want);
}
END_TEST

/* Files of their own: mistakes outside of driver:. */
#define BARE "schema: 1\nid: t\ntitle: T\nplatforms: [x86-64]\n"

static const struct {
	const char *file, *want;
} file_mistakes[] = {
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  f(): msleep(x)\n  g(): frob(1)\n"
	  "driver: [y = 1]\n",
     "7:15+1 nothing is named \"x\" on this line = named so far: y, nic / 8:8+4 there is no call "
     "\"frob\""},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  f(): g()\n  g(): f()\n"
	  "driver: [f()]\n",
     "7:3+1 'f' calls itself: recursion is not in the language = write a loop"},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  f(int n):\n    - int a[200]\n"
	  "    - a[0] = n\ndriver: [f(1)]\n",
     "7:3+1 the driver's thread may need 206 values on its stack; it has 192 = declare arrays in "
     "driver:, and write shorter statements"},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  kmalloc(): return 1\n"
	  "driver: [msleep(1)]\n",
     "7:3+7 kmalloc() is there already = take another name"},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  f(): poll(1)\n"
	  "driver: [poll(g()), msleep(f())]\n",
     "8:15+1 there is no call \"g\" / 8:28+3 'f()' gives no value"},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  f(): return poll(1)\n"
	  "driver: [poll(f())]\n",
     "8:15+1 'f' polls: a poll() inside a poll() = write two statements"},
    {BARE "devices:\n  nic:\n    address_bits: 32\n    program:\n"
	  "      - while (1): x = 1\ndriver: [msleep(1)]\n",
     "9:9+9 this loop of a device never waits and never ends = wait_event(), poll() or a DMA "
     "access "
     "lets others act"},
    {BARE "devices:\n  nic:\n    address_bits: 32\n    program:\n"
	  "      - wait_event(go)\ndriver: [go = 1]\n",
     "9:20+2 'go' is the driver's: a device's program does not see it = the driver writes what the "
     "device is to know with writel()"},
    {BARE "header: |\n  #define A B + 1\n  #define C 1\n  #define C 2\n"
	  "devices: {nic: {address_bits: 32}}\ndriver: [msleep(C)]\n",
     "6:13+5 the value of 'A' is not a constant = numbers, params and earlier #defines are / "
     "8:11+1 'C' is a #define already = take another name"},
    {BARE "header: |\n  struct a { struct b x; };\n  struct b { u8 n[0]; };\n"
	  "devices: {nic: {address_bits: 32}}\ndriver: [msleep(1)]\n",
     "6:14+8 there is no struct b / 7:19+1 the size of an array is 0: it is not within 1 to "
     "1048576"},
    {BARE "params: {nic: 1}\ndevices: {nic: {address_bits: 32}}\ndriver: [msleep(1)]\n",
     "5:10+3 'nic' is a device already = take another name"},
    {BARE "devices: {nic: {model: edu}}\ndriver:\n  - writel(EDU_ID, nic.regs + EDU_IDD)\n",
     "7:31+7 nothing is named \"EDU_IDD\" on this line = named so far: nic"},
};

START_TEST(file_mistake_is_named)
{
	errs.file = "t";
	s = scenario_parse(file_mistakes[_i].file, strlen(file_mistakes[_i].file), &options, &errs);
	ck_assert_ptr_null(s);
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief), file_mistakes[_i].want);
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
	tcase_add_test(tc, statements_are_described);
	tcase_add_test(tc, variables_and_structs_are_described);
	tcase_add_test(tc, const_void_takes_both);
	tcase_add_test(tc, handlers_are_marked);
	tcase_add_test(tc, functions_of_one_variant);
	tcase_add_test(tc, constants_are_cs);
	tcase_add_loop_test(tc, mistake_is_named, 0, ARRAY_LEN(mistakes));
	tcase_add_loop_test(tc, file_mistake_is_named, 0, ARRAY_LEN(file_mistakes));
	suite_add_tcase(suite, tc);
	return suite;
}

UNIT_MAIN(compile_suite)
