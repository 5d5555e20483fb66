/* SPDX-License-Identifier: MIT */
/* Edited scenarios: each change in each kind of body, seen by what the program then finds. */
#include "report/fix.h"
#include "scenario/edit.h"
#include "unit/report_help.h"

#define HEAD                                                                                       \
	"schema: 1\nid: t\ntitle: t\nplatforms: [arm64-soc]\n"                                     \
	"devices: {nic: {address_bits: 32}}\n"

/* Lines and columns of the file; a text that is NULL is not looked at. */
struct change {
	const char *label, *text; /* the scenario */
	struct scenario_edit edit;
	const char *program; /* lines of statements afterwards, in their order; NULL: refused */
};

static const struct change changes[] = {
    {"before",
     HEAD "driver:\n  - x = 1\n  - y = 2\n",
     {EDIT_BEFORE, {8, 5, 1}, {0}, "dma_wmb();"},
     "x = 1|dma_wmb()|y = 2"},
    {"behind the last",
     HEAD "driver:\n  - x = 1\n  - y = 2\n",
     {EDIT_BEHIND, {8, 5, 1}, {0}, "dma_wmb()"},
     "x = 1|y = 2|dma_wmb()"},
    {"instead",
     HEAD "driver:\n  - x = 1\n  - y = 2\n",
     {EDIT_REPLACE, {7, 5, 1}, {0}, "x = 3;"},
     "x = 3|y = 2"},
    {"drop", HEAD "driver:\n  - x = 1\n  - y = 2\n", {EDIT_DROP, {7, 5, 1}, {0}, NULL}, "y = 2"},
    {"move up",
     HEAD "driver:\n  - x = 1\n  - y = 2\n  - z = 3\n",
     {EDIT_MOVE_BEFORE, {9, 5, 1}, {7, 5, 1}, NULL},
     "z = 3|x = 1|y = 2"},
    {"move down",
     HEAD "driver:\n  - x = 1\n  - y = 2\n  - z = 3\n",
     {EDIT_MOVE_BEHIND, {7, 5, 1}, {8, 5, 1}, NULL},
     "y = 2|x = 1|z = 3"},
    {"in the body of an if, on its line",
     HEAD "driver:\n  - x = readl(nic.regs + 0)\n  - if (x == 0): y = 2\n",
     {EDIT_BEFORE, {8, 18, 1}, {0}, "rmb();"},
     "x = readl(nic.regs + 0)|if (x == 0)|rmb()|y = 2"},
    {"the only statement of a body goes",
     HEAD "driver:\n  - x = readl(nic.regs + 0)\n  - if (x == 0): y = 2\n  - z = 1\n",
     {EDIT_DROP, {8, 18, 1}, {0}, NULL},
     "x = readl(nic.regs + 0)|if (x == 0)|z = 1"},
    {"before an if is before all of it",
     HEAD "driver:\n  - x = readl(nic.regs + 0)\n  - if (x == 0): y = 2\n    else: y = 3\n",
     {EDIT_BEFORE, {8, 5, 1}, {0}, "rmb();"},
     "x = readl(nic.regs + 0)|rmb()|if (x == 0)|y = 2|y = 3"},
    {"in a loop",
     HEAD "driver:\n  - \"for (i = 0; i < 2; i++)\":\n      - x = i\n",
     {EDIT_BEHIND, {8, 9, 1}, {0}, "mb();"},
     "for (i = 0; i < 2; i++)|x = i|mb()"},
    {"in a function",
     HEAD "functions:\n  f():\n    - x = 1\ndriver:\n  - f()\n",
     {EDIT_BEHIND, {8, 7, 1}, {0}, "mb();"},
     "f()|x = 1|mb()"},
    {"beside what a device does",
     HEAD "driver:\n  - u64 x = 1\n  - nic: dma_write(x, \"a\")\n",
     {EDIT_BEHIND, {8, 10, 1}, {0}, "mb();"},
     "u64 x = 1|dma_write(x, \"a\")|mb()"},
    {"before a note and its step",
     HEAD "driver:\n  - x = 1\n  - note: \"n\"\n  - y = 2\n",
     {EDIT_BEFORE, {9, 5, 1}, {0}, "mb();"},
     "x = 1|mb()|y = 2"},
    {"an if of C",
     HEAD "driver:\n  - x = readl(nic.regs + 0)\n",
     {EDIT_BEHIND, {7, 5, 1}, {0}, "if (max(x, 1) == 1) return -ENOMEM;"},
     "x = readl(nic.regs + 0)|if (max(x, 1) == 1)|return -ENOMEM"},
    {"another condition",
     HEAD "driver:\n  - x = readl(nic.regs + 0)\n  - if (x == 0): y = 2\n    else: y = 3\n",
     {EDIT_REPLACE, {8, 5, 1}, {0}, "if (x == 1);"},
     "x = readl(nic.regs + 0)|if (x == 1)|y = 2|y = 3"},
    {"a condition where none is",
     HEAD "driver:\n  - x = 1\n",
     {EDIT_REPLACE, {7, 5, 1}, {0}, "if (x == 1);"},
     NULL},
    {"no such place", HEAD "driver:\n  - x = 1\n", {EDIT_DROP, {7, 6, 1}, {0}, NULL}, NULL},
    {"no statement", HEAD "driver:\n  - x = 1\n", {EDIT_BEFORE, {7, 5, 1}, {0}, "x = = 1;"}, NULL},
    {"into itself",
     HEAD "driver:\n  - x = readl(nic.regs + 0)\n  - if (x == 0): y = 2\n",
     {EDIT_MOVE_BEFORE, {8, 5, 1}, {8, 18, 1}, NULL},
     NULL},
};

static struct scenario *parsed(const char *text, struct err_list *errs)
{
	struct scenario_options opt = {.data_dir = "scenarios"};
	struct scenario *s;

	errs->file = "t.yaml";
	s = scenario_parse(text, strlen(text), &opt, errs);
	ck_assert_msg(s != NULL, "%s", errs->n ? errs->v[0].message : "");
	return s;
}

static void statements(const struct scenario *s, struct err_list *errs, struct str *out)
{
	struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
	struct program *prog;
	bool ok = scenario_compile(s, NULL, NULL, NULL, cfg, &prog, errs);

	ck_assert_msg(ok, "%s", errs->n ? errs->v[0].message : "");
	for (u32 i = 1; i < prog->stmts; i++)
		str_printf(out, "%s%s", i > 1 ? "|" : "", prog->stmt[i].text);
	program_free(prog);
	mem_free(cfg);
}

START_TEST(test_change)
{
	const struct change *c = &changes[_i];
	struct err_list errs = {0}, edited = {.file = "t.yaml"};
	struct scenario *s = parsed(c->text, &errs), *e;
	struct str was = {0}, is = {0};

	statements(s, &errs, &was);
	e = scenario_edited(s, &c->edit, 1, &edited);
	ck_assert_msg((e != NULL) == (c->program != NULL), "%s: %s", c->label,
		      edited.n ? edited.v[0].message : "taken");
	if (e) {
		statements(e, &edited, &is);
		ck_assert_str_eq(str_get(&is), c->program);
	} else {
		ck_assert_uint_eq(edited.n, 1);
	}
	str_clear(&is);
	statements(s, &errs, &is); /* it is as it was */
	ck_assert_str_eq(str_get(&is), str_get(&was));
	scenario_free(e);
	scenario_free(s);
	err_free(&errs);
	err_free(&edited);
	str_free(&was);
	str_free(&is);
}
END_TEST

/* A finding's fix as data: the actions besides those that only put something in. */
struct told_fix {
	const char *driver, *action, *where, *text;
};

#define MAP                                                                                        \
	"  - b = kzalloc(128, GFP_KERNEL)\n"                                                       \
	"  - h = dma_map_single(nic, b, 128, DMA_TO_DEVICE)\n"                                     \
	"  - if (dma_mapping_error(nic, h)): return -ENOMEM\n"

static const struct told_fix tolds[] = {
    {MAP "  - dma_unmap_single(nic, h, 128, DMA_TO_DEVICE)\n"
	 "  - dma_unmap_single(nic, h, 128, DMA_TO_DEVICE)\n",
     "drop", "drop line 11", "dma_unmap_single(nic, h, 128, DMA_TO_DEVICE);"},
    {MAP "  - kfree(b)\n"
	 "  - dma_unmap_single(nic, h, 128, DMA_TO_DEVICE)\n",
     "move-before", "move line 11 before line 10", "dma_unmap_single(nic, h, 128, DMA_TO_DEVICE);"},
    {"  - b = kmalloc(128, GFP_KERNEL)\n"
     "  - h = dma_map_single(nic, b, 128, DMA_TO_DEVICE)\n"
     "  - if (dma_mapping_error(nic, h)): return -ENOMEM\n"
     "  - nic: x = dma_read(h, 4)\n"
     "  - dma_unmap_single(nic, h, 128, DMA_TO_DEVICE)\n",
     "replace", "instead of line 7", "b = kzalloc(128, GFP_KERNEL);"},
    {"  - local_irq_disable()\n  - b = kzalloc(128, GFP_KERNEL)\n  - local_irq_enable()\n",
     "replace", "instead of line 8", "b = kzalloc(128, GFP_ATOMIC);"},
    {"  - b = kzalloc(128, GFP_KERNEL)\n"
     "  - dma_addr_t h[2]\n"
     "  - \"for (i = 0; i < 2; i++)\":\n"
     "      - h[i] = dma_map_single(nic, b + 64 * i, 64, DMA_TO_DEVICE)\n"
     "  - \"for (i = 0; i < 2; i++)\":\n"
     "      - if (dma_mapping_error(nic, h[i])): return -ENOMEM\n"
     "  - dma_unmap_single(nic, h[0], 64, DMA_TO_DEVICE)\n"
     "  - dma_unmap_single(nic, h[1], 32, DMA_TO_DEVICE)\n",
     "replace", "instead of line 14", "dma_unmap_single(nic, h[1], 64, DMA_TO_DEVICE);"},
};

START_TEST(test_told)
{
	const struct told_fix *t = &tolds[_i];
	struct str text = {0};
	struct one_run o;
	struct fix x;

	str_printf(&text, HEAD "driver:\n%s", t->driver);
	one_run_open(&o, str_get(&text), NULL, NULL, false);
	ck_assert_uint_ge(o.run.found.n, 1);
	fix_make(&x, &o.run.names, &o.run.found.v[0].f);
	ck_assert_uint_eq(x.edits, 1);
	ck_assert_str_eq(fix_action_name(x.edit[0].action), t->action);
	ck_assert_str_eq(str_get(&x.where), t->where);
	ck_assert_str_eq(str_get(&x.edit[0].text), t->text);
	ck_assert_str_eq(str_get(&x.call), t->text);
	ck_assert_uint_gt(x.words.n, 0);
	fix_free(&x);
	one_run_close(&o);
	str_free(&text);
}
END_TEST

static Suite *edit_suite(void)
{
	Suite *s = suite_create("edit");
	TCase *c = tcase_create("edit");

	tcase_add_loop_test(c, test_change, 0, (int)ARRAY_LEN(changes));
	tcase_add_loop_test(c, test_told, 0, (int)ARRAY_LEN(tolds));
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(edit_suite)
