/* SPDX-License-Identifier: MIT */
/*
 * Mutants: each operator applies where it should, what it makes is a program, and exactly one
 * statement differs; and a file with one variant alone.
 */
#include "core/diag.h"
#include "scenario/mutate.h"
#include "unit/scenario_fixture.h"

static struct mutants m;
static struct alone_why why;

static void begin(void)
{
	setup();
	m = (struct mutants){0};
}

static void end(void)
{
	mutants_free(&m);
	teardown();
}

/* ---- what differs -------------------------------------------------------------------------- */

/* All statements, a line each, and the header's lines: remarks left out. */
static void flatten(const struct stmt_list *l, struct str *out)
{
	for (u32 i = 0; i < l->n; i++) {
		const struct stmt *t = l->v[i];

		if (t->kind == STMT_NOTE)
			continue;
		ast_print_stmt(t, out);
		str_add(out, "\n");
		if (t->kind == STMT_IF)
			for (u32 k = 0; k < t->arms; k++)
				flatten(&t->arm[k].body, out);
		else if (t->kind == STMT_WHILE || t->kind == STMT_FOR || t->kind == STMT_FOR_EACH)
			flatten(&t->body, out);
	}
}

static void statements(const char *file, size_t n, struct str *out)
{
	struct err_list e = {.file = "t"};
	struct scenario_doc *doc = doc_parse(file, n, &e);
	const struct ynode *header = ynode_get(doc->root, "header");

	ck_assert_uint_eq(e.n, 0);
	if (header)
		str_add(out, header->text);
	for (u32 i = 0; i < doc->functions; i++)
		flatten(&doc->function[i].body, out);
	flatten(&doc->driver, out);
	flatten(&doc->remove, out);
	doc_free(doc);
	err_free(&e);
}

struct line_list {
	VEC(char *)
};

static void split(const char *t, struct line_list *out)
{
	while (*t) {
		size_t n = strcspn(t, "\n");
		char *line = mem_zalloc(n + 1, 1);

		memcpy(line, t, n);
		vec_push(out, line);
		t += n + 1;
	}
}

/* Lines of a that have no partner in b. */
static u32 without_partner(const struct line_list *a, const struct line_list *b)
{
	bool *taken = mem_zalloc(b->n + 1, sizeof *taken);
	u32 alone = 0;

	for (u32 i = 0; i < a->n; i++) {
		u32 k = 0;

		while (k < b->n && (taken[k] || strcmp(a->v[i], b->v[k]) != 0))
			k++;
		alone += k == b->n;
		if (k < b->n)
			taken[k] = true;
	}
	mem_free(taken);
	return alone;
}

static void lines_done(struct line_list *l)
{
	for (u32 i = 0; i < l->n; i++)
		mem_free(l->v[i]);
	vec_free(l);
}

/* Mutant i is a program, and differs from the correct one in one statement. */
static void check_mutant(u32 i)
{
	struct str a = {0}, b = {0}, ta = {0}, tb = {0};
	struct line_list la = {0}, lb = {0};
	struct err_list e = {.file = "t"};
	const struct mutant *x = &m.all.v[i];
	struct scenario *t;
	u32 line, gone, come;

	rows_join(&m.alone, &a);
	mutant_text(&m, i, &b, &line);
	t = scenario_parse(str_get(&b), b.n, &options, &e);
	ck_assert_msg(t != NULL, "%s: no program", mutation_info(x->id)->name);
	scenario_free(t);
	err_free(&e);
	statements(str_get(&a), a.n, &ta);
	statements(str_get(&b), b.n, &tb);
	ck_assert_str_ne(str_get(&ta), str_get(&tb));
	split(str_get(&ta), &la);
	split(str_get(&tb), &lb);
	gone = without_partner(&la, &lb);
	come = without_partner(&lb, &la);
	if (x->edit.kind == EDIT_TEXT) {
		ck_assert_uint_eq(gone, 1);
		ck_assert_uint_eq(come, 1);
	} else {
		/* A step may have statements in its body: they go, come and move with it. */
		ck_assert_msg(x->edit.kind == EDIT_CUT	  ? gone && !come
			      : x->edit.kind == EDIT_COPY ? !gone && come == 1 && lb.n > la.n
							  : !gone && !come && la.n == lb.n,
			      "%s: %u gone, %u new", mutation_info(x->id)->name, gone, come);
	}
	ck_assert_uint_ge(line, 1);
	lines_done(&la);
	lines_done(&lb);
	str_free(&a);
	str_free(&b);
	str_free(&ta);
	str_free(&tb);
}

/* ---- drivers ------------------------------------------------------------------------------- */

#define HEAD "schema: 1\nid: t\ntitle: \"T\"\nplatforms: [arm64-soc, x86-64]\n"
#define NIC  "devices: {nic: {address_bits: 32, bus: pci}, other: {address_bits: 32}}\n"

/* A buffer in both directions, one to the device, one from it. */
static const char streaming[] =
    HEAD NIC "driver:\n"
	     "  - if (dma_set_mask_and_coherent(nic, DMA_BIT_MASK(30))): return -EIO\n"
	     "  - dma_set_max_seg_size(nic, 4096)\n"
	     "  - buf = kzalloc(128, GFP_ATOMIC)\n"
	     "  - memcpy(buf, \"one\", 3)\n"
	     "  - h = dma_map_single(nic, buf, 128, DMA_BIDIRECTIONAL)\n"
	     "  - if (dma_mapping_error(nic, h)): return -ENOMEM\n"
	     "  - nic: x = dma_read(h, 3)\n"
	     "  - note: \"Its own again.\"\n"
	     "  - dma_sync_single_for_cpu(nic, h, 128, DMA_BIDIRECTIONAL)\n"
	     "  - memcpy(buf, \"two\", 3)\n"
	     "  - dma_sync_single_for_device(nic, h, 128, DMA_BIDIRECTIONAL)\n"
	     "  - nic: dma_write(h, \"six\")\n"
	     "  - dma_unmap_single(nic, h, 128, DMA_BIDIRECTIONAL)\n"
	     "  - y = read(buf, 3)\n"
	     "  - kfree(buf)\n"
	     "expect: {all: []}\n";

/* A ring in coherent memory, registers, and a device that walks it. */
static const char ring[] =
    HEAD "header: |\n"
	 "  #define RING 0x00\n"
	 "  #define GO 0x08\n"
	 "  struct desc {\n"
	 "      __le32 len ____cacheline_aligned;\n"
	 "      __le32 flags;\n"
	 "      __le64 addr;\n"
	 "  };\n"
	 "devices:\n"
	 "  nic:\n"
	 "    address_bits: 64\n"
	 "    program:\n"
	 "      - wait_event(regs[GO] != 0)\n"
	 "      - struct desc *d = regs[RING]\n"
	 "      - poll(d->flags & 1)\n"
	 "      - d->flags = 2\n"
	 "driver:\n"
	 "  - if (dma_set_mask_and_coherent(nic, DMA_BIT_MASK(64))): return -EIO\n"
	 "  - struct desc *d = dma_alloc_coherent(nic, sizeof(*d), &ring, GFP_KERNEL)\n"
	 "  - if (!d): return -ENOMEM\n"
	 "  - buf = kzalloc(64, GFP_KERNEL)\n"
	 "  - memcpy(buf, \"one\", 3)\n"
	 "  - h = dma_map_single(nic, buf, 64, DMA_TO_DEVICE)\n"
	 "  - if (dma_mapping_error(nic, h)): return -ENOMEM\n"
	 "  - writel(lower_32_bits(ring), nic.regs + RING)\n"
	 "  - writel(upper_32_bits(ring), nic.regs + RING + 4)\n"
	 "  - d->flags = 0\n"
	 "  - writel(1, nic.regs + GO)\n"
	 "  - d->len = cpu_to_le32(64)\n"
	 "  - d->addr = cpu_to_le64(h)\n"
	 "  - dma_wmb()\n"
	 "  - d->flags = cpu_to_le32(1)\n"
	 "  - poll(le32_to_cpu(READ_ONCE(d->flags)) == 2)\n"
	 "  - dma_rmb()\n"
	 "  - y = le32_to_cpu(d->len)\n"
	 "  - x = readl(nic.regs + GO)\n"
	 "  - z = le32_to_cpu(d->len)\n"
	 "  - writel(0, nic.regs + GO)\n"
	 "  - readl(nic.regs + GO)\n"
	 "  - dma_unmap_single(nic, h, 64, DMA_TO_DEVICE)\n"
	 "  - kfree(buf)\n"
	 "  - dma_free_coherent(nic, sizeof(*d), d, ring)\n"
	 "expect: {all: []}\n";

/* A list of two entries. */
static const char list[] =
    HEAD "devices: {nic: {model: sgdma, address_bits: 32, bus: pci}}\n"
	 "driver:\n"
	 "  - struct scatterlist sg[2]\n"
	 "  - buf = kzalloc(256, GFP_KERNEL)\n"
	 "  - page = alloc_page(GFP_KERNEL)\n"
	 "  - dma_set_max_seg_size(nic, 4096)\n"
	 "  - sg_init_table(sg, 2)\n"
	 "  - sg_set_page(&sg[0], page, 128, PAGE_SIZE - 128)\n"
	 "  - sg_set_buf(&sg[1], buf + 128, 128)\n"
	 "  - n = dma_map_sg(nic, sg, 2, DMA_TO_DEVICE)\n"
	 "  - if (!n): return -ENOMEM\n"
	 "  - for_each_sg(sg, s, n, i):\n"
	 "      - writel(lower_32_bits(sg_dma_address(s)), nic.regs + SGDMA_ADDR_LO(i))\n"
	 "      - writel(sg_dma_len(s), nic.regs + SGDMA_LEN(i))\n"
	 "  - writel(n, nic.regs + SGDMA_COUNT)\n"
	 "  - dma_unmap_sg(nic, sg, 2, DMA_TO_DEVICE)\n"
	 "  - kfree(buf)\n"
	 "expect: {all: []}\n";

static const char *const drivers[] = {streaming, ring, list};

static void make(const char *file, const char *variant, u32 only)
{
	parse(file);
	ck_assert_str_eq(str_get(&brief), "");
	ck_assert_msg(mutants_make(&m, s, variant, only, &why), "%s", why.what);
}

/* How many mutants of that operator a driver has; each of them is checked. */
static u32 count(const char *file, u32 id)
{
	u32 n;

	make(file, NULL, id);
	n = m.all.n;
	for (u32 i = 0; i < n; i++) {
		ck_assert_uint_eq(m.all.v[i].id, id);
		check_mutant(i);
	}
	end();
	begin();
	return n;
}

/* Operators that apply to the drivers above: how often in each. */
static const struct {
	u32 id, n[3];
} uses[] = {
    {MUTATION_SYNC_DROPPED, {2, 0, 0}},	   {MUTATION_SYNC_TURNED, {2, 0, 0}},
    {MUTATION_SYNC_DIRECTION, {2, 0, 0}},  {MUTATION_SYNC_RANGE, {2, 0, 0}},
    {MUTATION_SYNC_EARLY, {1, 0, 0}},	   {MUTATION_READ_EARLY, {1, 0, 0}},
    {MUTATION_MAP_DIRECTION, {2, 1, 1}},   {MUTATION_MAP_SIZE, {1, 1, 0}},
    {MUTATION_MAP_EARLY, {1, 1, 0}},	   {MUTATION_MAP_SKIPPED, {0, 1, 0}},
    {MUTATION_BUFFER_SHIFTED, {1, 0, 0}},  {MUTATION_ALIGNMENT_DROPPED, {0, 1, 0}},
    {MUTATION_ERROR_UNCHECKED, {1, 1, 0}}, {MUTATION_VMALLOC, {1, 1, 0}},
    {MUTATION_BUFFER_SHORT, {1, 1, 0}},	   {MUTATION_UNMAP_DROPPED, {1, 1, 1}},
    {MUTATION_UNMAP_EARLY, {1, 1, 0}},	   {MUTATION_UNMAP_TWICE, {1, 1, 1}},
    {MUTATION_UNMAP_SIZE, {1, 1, 0}},	   {MUTATION_UNMAP_DIRECTION, {1, 1, 1}},
    {MUTATION_UNMAP_FUNCTION, {1, 1, 0}},  {MUTATION_UNMAP_SKIPPED, {1, 0, 0}},
    {MUTATION_UNMAP_DEVICE, {3, 0, 0}},	   {MUTATION_UNMAP_PHYSICAL, {1, 1, 0}},
    {MUTATION_FREE_EARLY, {1, 2, 0}},	   {MUTATION_FREE_DROPPED, {0, 1, 0}},
    {MUTATION_FREE_TWICE, {0, 1, 0}},	   {MUTATION_FREE_SIZE, {0, 1, 0}},
    {MUTATION_SLEEPS, {1, 0, 0}},	   {MUTATION_PHYSICAL, {0, 1, 0}},
    {MUTATION_HIGH_HALF, {0, 1, 0}},	   {MUTATION_MASK_WIDER, {1, 0, 0}},
    {MUTATION_MASK_DROPPED, {1, 0, 0}},	   {MUTATION_LIMIT_DROPPED, {0, 0, 1}},
    {MUTATION_NENTS_UNMAP, {0, 0, 1}},	   {MUTATION_NENTS_DEVICE, {0, 0, 2}},
    {MUTATION_SG_LENGTH, {0, 0, 1}},	   {MUTATION_BARRIER_DROPPED, {0, 2, 0}},
    {MUTATION_BARRIER_TURNED, {0, 2, 0}},  {MUTATION_STORE_EARLY, {0, 1, 0}},
    {MUTATION_DOORBELL_EARLY, {0, 1, 0}},  {MUTATION_DOORBELL_RELAXED, {0, 1, 0}},
    {MUTATION_STATUS_RELAXED, {0, 1, 0}},  {MUTATION_READ_BACK, {0, 1, 0}},
    {MUTATION_STOP_DROPPED, {0, 1, 0}},	   {MUTATION_WAIT_DROPPED, {0, 1, 0}},
    {MUTATION_ENDIAN_DROPPED, {0, 6, 0}},
};

START_TEST(test_operator)
{
	for (u32 k = 0; k < ARRAY_LEN(drivers); k++)
		ck_assert_msg(count(drivers[k], uses[_i].id) == uses[_i].n[k],
			      "%s in driver %u: not %u times", mutation_info(uses[_i].id)->name, k,
			      uses[_i].n[k]);
}
END_TEST

START_TEST(test_every_operator)
{
	ck_assert_uint_eq(ARRAY_LEN(uses), MUTATIONS);
	for (u32 i = 0; i < ARRAY_LEN(uses); i++) {
		const char *brings = mutation_info(i)->brings;

		ck_assert_uint_eq(uses[i].id, i);
		ck_assert_uint_eq(mutation_find(mutation_info(i)->name), i);
		while (*brings) { /* each is a diagnosis */
			char id[64] = {0};
			size_t n = strcspn(brings, " ");

			memcpy(id, brings, n);
			ck_assert_msg(diag_find(id) < DIAG_ASSERT, "%s brings %s",
				      mutation_info(i)->name, id);
			brings += n + (brings[n] == ' ');
		}
	}
	ck_assert_uint_eq(mutation_find("sync"), MUTATIONS);
}
END_TEST

/* ---- one variant alone --------------------------------------------------------------------- */

static const char variants[] = HEAD "devices: {nic: {address_bits: 32}}\n"
				    "params: {N: 8}\n"
				    "functions:\n"
				    "  f():\n"
				    "    # only the bad one\n"
				    "    - if (bad): return 1\n"
				    "driver:\n"
				    "  - x = 1    # stays\n"
				    "  - if (good):\n"
				    "      # one\n"
				    "      - x = 2\n"
				    "      - x = 3\n"
				    "    else: x = 4\n"
				    "  - if (bad && N > 2): x = 5\n"
				    "    else if (N > 3): x = 6\n"
				    "    else: x = 7\n"
				    "  - if (good && (N > 4 || N < 2)): x = 8\n"
				    "  - if (N > 5): x = 9\n"
				    "    else if (good): x = 10\n"
				    "    else: x = 11\n"
				    "  - predict:\n"
				    "      ask: \"What?\"\n"
				    "      choices:\n"
				    "        this: x == 8\n"
				    "        that: else\n"
				    "  - 'assert(x != 3 * bad, \"a: b\")'\n"
				    "  - if (!good): f()\n"
				    "  - for (i = 0; i < 2 + bad; i++):\n"
				    "      - if (bad): x = 12\n"
				    "variants: [bad, good]\n"
				    "# what comes\n"
				    "expect:\n"
				    "  bad: {all: [hang]}\n"
				    "  good: {all: []}\n"
				    "hints: [\"x\"]\n"
				    "lesson: |\n"
				    "  x\n";

static const char good_alone[] =
    "schema: 1\nid: fault-in-t\ntitle: \"One fault in t\"\nplatforms: [arm64-soc, x86-64]\n"
    "devices: {nic: {address_bits: 32}}\n"
    "params: {N: 8}\n"
    "functions:\n"
    "  f():\n"
    "    - note: \"Nothing is done here.\"\n"
    "driver:\n"
    "  - x = 1    # stays\n"
    "  - x = 2\n"
    "  - x = 3\n"
    "  - if (N > 3): x = 6\n"
    "    else: x = 7\n"
    "  - if (N > 4 || N < 2): x = 8\n"
    "  - if (N > 5): x = 9\n"
    "    else: x = 10\n"
    "  - 'assert(x != 0, \"a: b\")'\n"
    "  - for (i = 0; i < 2; i++):\n"
    "      - note: \"Nothing is done here.\"\n";

START_TEST(test_alone)
{
	struct arena a = {0};
	struct rows rows;
	struct str out = {0};

	parse(variants);
	ck_assert_str_eq(str_get(&brief), "");
	ck_assert(alone_make(s->doc, "good", &a, &rows, &why));
	rows_join(&rows, &out);
	ck_assert_str_eq(str_get(&out), good_alone);
	ck_assert_uint_eq(rows.v[11].origin, 15); /* x = 2 */
	str_free(&out);
	rows_free(&rows);
	arena_free(&a);
}
END_TEST

START_TEST(test_flow_is_refused)
{
	struct arena a = {0};
	struct rows rows;

	parse(HEAD "devices: {nic: {address_bits: 32}}\ndriver: [x = 1, x = 2]\n");
	ck_assert_str_eq(str_get(&brief), "");
	ck_assert(!alone_make(s->doc, NULL, &a, &rows, &why));
	ck_assert_uint_eq(why.at.line, 6);
	arena_free(&a);
}
END_TEST

START_TEST(test_platforms)
{
	static const char *const names[] = {"rpi4", "x86-64", NULL};
	static const char block[] = "schema: 1\nplatforms:\n  - a: {like: b}\n  - c\n\n# d\n"
				    "driver:\n  - x = 1\n";
	struct str out = {0};

	mutants_platforms(streaming, strlen(streaming), names, &out);
	ck_assert(strstr(str_get(&out), "platforms: [arm64-soc, x86-64, rpi4]\n") != NULL);
	str_clear(&out);
	mutants_platforms(block, strlen(block), names, &out);
	ck_assert_msg(strstr(str_get(&out), "  - c\n  - rpi4\n  - x86-64\n\n# d\n") != NULL, "%s",
		      str_get(&out));
	str_free(&out);
}
END_TEST

static Suite *mutate_suite(void)
{
	Suite *suite = suite_create("mutate");
	TCase *c = tcase_create("mutate");

	tcase_add_checked_fixture(c, begin, end);
	tcase_add_loop_test(c, test_operator, 0, (int)ARRAY_LEN(uses));
	tcase_add_test(c, test_every_operator);
	tcase_add_test(c, test_alone);
	tcase_add_test(c, test_flow_is_refused);
	tcase_add_test(c, test_platforms);
	suite_add_tcase(suite, c);
	return suite;
}

UNIT_MAIN(mutate_suite)
