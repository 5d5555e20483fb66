/* SPDX-License-Identifier: MIT */
/* What the tests of report/ share: a scenario as text, run to its end on a platform. */
#ifndef UNIT_REPORT_HELP_H
#define UNIT_REPORT_HELP_H

#include <string.h>

#include "report/run.h"
#include "report/writer.h"
#include "scenario/scenario.h"
#include "unit/unit.h"

struct one_run {
	struct scenario *s;
	struct machine_config *cfg;
	struct program *prog;
	struct err_list errs;
	struct run run;
};

/* Aborts the test with the mistakes if the text is no scenario. */
static inline void one_run_open(struct one_run *o, const char *text, const char *variant,
				const char *platform, bool no_oracle)
{
	struct scenario_options opt = {.data_dir = "scenarios"};
	struct run_input in = {
	    .file = "t.yaml", .asked = "t.yaml", .variant = variant, .no_oracle = no_oracle};
	struct str why = {0};

	*o = (struct one_run){.cfg = mem_zalloc(1, sizeof *o->cfg)};
	o->errs.file = "t.yaml";
	o->s = scenario_parse(text, strlen(text), &opt, &o->errs);
	if (!o->s || !scenario_compile(o->s, variant, platform, NULL, o->cfg, &o->prog, &o->errs)) {
		err_print(&o->errs, 80, &why);
		ck_abort_msg("%s", str_get(&why));
	}
	in.doc = o->s->doc;
	in.prog = o->prog;
	in.cfg = o->cfg;
	in.expect = scenario_expect(o->s, variant, o->cfg->platform);
	run_do(&o->run, &in);
}

static inline void one_run_close(struct one_run *o)
{
	run_free(&o->run);
	program_free(o->prog);
	mem_free(o->cfg);
	scenario_free(o->s);
	err_free(&o->errs);
}

/* The text holds the line, or does not; a failed test shows the whole text. */
static inline void says(const struct writer *w, const char *line)
{
	ck_assert_msg(strstr(str_get(&w->s), line) != NULL, "does not say \"%s\":\n%s", line,
		      str_get(&w->s));
}

static inline void hides(const struct writer *w, const char *line)
{
	ck_assert_msg(strstr(str_get(&w->s), line) == NULL, "says \"%s\":\n%s", line,
		      str_get(&w->s));
}

/* A packet that is read too early: a stale read on arm64-soc, under a bounce too. */
#define RX_TEXT                                                                                    \
	"schema: 1\nid: rx\ntitle: A packet\nplatforms: [arm64-soc, x86-64, "                      \
	"x86-64-swiotlb-force]\n"                                                                  \
	"devices:\n  nic: {address_bits: 32}\n"                                                    \
	"driver:\n"                                                                                \
	"  - buf = kmalloc(128, GFP_KERNEL)\n"                                                     \
	"  - memset(buf, 0xaa, 128)\n"                                                             \
	"  - h = dma_map_single(nic, buf, 128, DMA_FROM_DEVICE)\n"                                 \
	"  - if (dma_mapping_error(nic, h)): return -ENOMEM\n"                                     \
	"  - nic: dma_write(h, \"hello\")\n"                                                       \
	"  - if (fixed): dma_sync_single_for_cpu(nic, h, 128, DMA_FROM_DEVICE)\n"                  \
	"  - x = read(buf, 5)\n"                                                                   \
	"  - assert(x == \"hello\", \"it\")\n"                                                     \
	"  - dma_unmap_single(nic, h, 128, DMA_FROM_DEVICE)\n"                                     \
	"  - kfree(buf)\n"                                                                         \
	"variants: [broken, fixed]\n"                                                              \
	"expect:\n"                                                                                \
	"  broken:\n"                                                                              \
	"    arm64-soc: [cpu-stale-read, \"assert:it\"]\n"                                         \
	"    x86-64: [cpu-touch-device-owned-read]\n"                                              \
	"    x86-64-swiotlb-force: [cpu-stale-read, \"assert:it\"]\n"                              \
	"  fixed: {all: []}\n"

#endif
