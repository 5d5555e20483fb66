/* SPDX-License-Identifier: MIT */
/*
 * Severity is a function of the platform: the same missing sync on every platform of the program,
 * held against a rule over what the platform is made of (coherent devices, the row of
 * linux/arch.def, bounce, IOMMU, caches that fetch by themselves), and against the table that the
 * rule gives, so that a change of a row shows. Of calm hardware, and of every schedule.
 */
#include "report/explored.h"
#include "scenario/platform.h"

#include "unit/report_help.h"

enum fault {
	RX_NO_FOR_CPU,	    /* FROM_DEVICE, read without a sync */
	TX_NO_FOR_DEVICE,   /* TO_DEVICE, written again and sent without a sync */
	BIDI_NO_FOR_CPU,    /* the first of them, BIDIRECTIONAL */
	BIDI_NO_FOR_DEVICE, /* the second */
	RX_NO_UNMAP,	    /* FROM_DEVICE, read and never unmapped */
	TX_NO_UNMAP,	    /* TO_DEVICE, never unmapped */
	RX_SKIP_SYNC,	    /* FROM_DEVICE, unmapped with DMA_ATTR_SKIP_CPU_SYNC, then read */
	FAULTS
};

#define HEAD                                                                                       \
	"schema: 1\nid: t\ntitle: T\nplatforms: [x86-64]\ndevices:\n"                              \
	"  nic: {address_bits: 32}\ndriver:\n"                                                     \
	"  - buf = kmalloc(256, GFP_KERNEL)\n"                                                     \
	"  - memcpy(buf, \"older\", 5)\n"
#define MAP(dir)                                                                                   \
	"  - h = dma_map_single(nic, buf, 256, " dir ")\n"                                         \
	"  - if (dma_mapping_error(nic, h)): return -ENOMEM\n"
#define UNMAP(dir) "  - dma_unmap_single(nic, h, 256, " dir ")\n  - kfree(buf)\n"
#define RECEIVE	   "  - nic: dma_write(h, \"newer\")\n  - x = read(buf, 5)\n"
#define SEND_TWICE(dir)                                                                            \
	"  - nic: a = dma_read(h, 5)\n"                                                            \
	"  - dma_sync_single_for_cpu(nic, h, 256, " dir ")\n"                                      \
	"  - memcpy(buf, \"newer\", 5)\n"                                                          \
	"  - nic: b = dma_read(h, 5)\n"

static const char *const texts[FAULTS] = {
    [RX_NO_FOR_CPU] = HEAD MAP("DMA_FROM_DEVICE") RECEIVE UNMAP("DMA_FROM_DEVICE"),
    [TX_NO_FOR_DEVICE] =
	HEAD MAP("DMA_TO_DEVICE") SEND_TWICE("DMA_TO_DEVICE") UNMAP("DMA_TO_DEVICE"),
    [BIDI_NO_FOR_CPU] = HEAD MAP("DMA_BIDIRECTIONAL") RECEIVE UNMAP("DMA_BIDIRECTIONAL"),
    [BIDI_NO_FOR_DEVICE] =
	HEAD MAP("DMA_BIDIRECTIONAL") SEND_TWICE("DMA_BIDIRECTIONAL") UNMAP("DMA_BIDIRECTIONAL"),
    [RX_NO_UNMAP] = HEAD MAP("DMA_FROM_DEVICE") RECEIVE "  - kfree(buf)\n",
    [TX_NO_UNMAP] = HEAD MAP("DMA_TO_DEVICE") "  - nic: a = dma_read(h, 5)\n  - kfree(buf)\n",
    [RX_SKIP_SYNC] = HEAD MAP("DMA_FROM_DEVICE") "  - nic: dma_write(h, \"newer\")\n"
						 "  - dma_unmap_single_attrs(nic, h, 256, "
						 "DMA_FROM_DEVICE, DMA_ATTR_SKIP_CPU_SYNC)\n"
						 "  - x = read(buf, 5)\n  - kfree(buf)\n",
};

/* ---- the table: calm, then every schedule, a letter for each fault in their order ----
 * ! corruption, ~ violation, = nothing. Reasoned from the platforms, not taken from runs.
 */
static const struct {
	const char *platform, *calm, *some;
} table[] = {
    {"arm64-server", "~~~~~~=", "~~~~~~="},	    /* coherent */
    {"arm64-soc", "!!!!!~!", "!!!!!~!"},	    /* cleans at the map, keeps the line */
    {"arm64-soc-smmu", "!!!!!~!", "!!!!!~!"},	    /* the same port: an IOMMU is no cache */
    {"armv7-pl310", "~!!!~~=", "!!!!!~!"},	    /* drops at a map FROM, may fetch again */
    {"classroom", "!!!!!~!", "!!!!!~!"},	    /* as arm64-soc: the line need not be fetched */
    {"mips-24k", "~!~!~~=", "~!~!~~="},		    /* drops at FROM and BIDI, never fetches */
    {"mips-r10k", "~!~!~~=", "!!!!!~!"},	    /* the same, but fetches */
    {"powerpc-44x", "~!~!~~=", "!!!!!~!"},	    /* the same */
    {"riscv-zicbom", "!!!!!~!", "!!!!!~!"},	    /* as arm64 */
    {"rpi4", "!!!!!~!", "!!!!!~!"},		    /* out of reach: bounces */
    {"x86-64", "~~~~~~=", "~~~~~~="},		    /* coherent */
    {"x86-64-sev", "!!!!!~!", "!!!!!~!"},	    /* bounces */
    {"x86-64-swiotlb-force", "!!!!!~!", "!!!!!~!"}, /* bounces */
    {"x86-64-vtd", "~~~~~~=", "~~~~~~="},	    /* coherent */
    {"x86-64-vtd-pt", "~~~~~~=", "~~~~~~="},	    /* coherent */
    {"x86-64-vtd-strict", "~~~~~~=", "~~~~~~="},    /* coherent */
    {"xtensa", "!!!!!~!", "!!!!!~!"},		    /* does nothing at FROM: the line stays */
};

/* ---- the rule ---- */

/* Where pages of GFP_KERNEL come from first: the lowest memory of the highest zone that has any. */
static u64 first_page(const struct machine_config *m)
{
	const u64 limit[] = {m->lx.zone_dma32_limit, m->lx.zone_dma_limit, 0};
	u64 at = UINT64_MAX;

	for (u32 z = 0; z < ARRAY_LEN(limit) && at == UINT64_MAX; z++)
		for (u32 i = 0; i < m->hw.rams; i++) {
			const struct range *r = &m->hw.ram[i];
			u64 from = limit[z] ? max_u64(limit[z] + 1, r->base) : r->base;

			if (from < r->base + r->size)
				at = min_u64(at, max_u64(from, m->lx.reserved));
		}
	return at;
}

/* dma_capable(): whether the bus address of that byte exists and the device can say it. */
static bool reaches(const struct machine_config *m, u64 pa)
{
	const struct device_config *d = &m->hw.dev[0];
	u64 last = UINT64_MAX >> (64 - d->address_bits);

	for (u32 i = 0; i < d->maps; i++)
		if (pa - d->map[i].cpu_base < d->map[i].size)
			return pa - d->map[i].cpu_base + d->map[i].bus_base <= last;
	return !d->maps && pa <= last;
}

/* The device has bytes of its own, which only a sync or an unmap moves. */
static bool bounces(const struct machine_config *m)
{
	if (m->hw.dev[0].translated)
		return m->hw.dev[0].untrusted;
	return m->lx.swiotlb.force || !reaches(m, first_page(m));
}

/* What the port does at a map of that direction leaves a line in the cache that was there. */
static bool keeps(const struct machine_config *m, u32 dir)
{
	return m->lx.arch.for_device[dir] == OP_NONE || m->lx.arch.for_device[dir] == OP_C;
}

/* The CPU reads what the device has written, and nothing has been done in between: it gets old
 * bytes from a line that was kept, or that came back. */
static bool reads_old(const struct machine_config *m, u32 dir, bool calm)
{
	bool copy = !m->hw.dev[0].coherent && m->hw.l1.sets;

	return bounces(m) || (copy && (keeps(m, dir) || (!calm && m->hw.speculates)));
}

/* The device reads what the CPU has stored, and nothing has been done in between. */
static bool sends_old(const struct machine_config *m)
{
	bool copy = !m->hw.dev[0].coherent && m->hw.l1.sets && !m->hw.l1.write_through;

	return bounces(m) || copy;
}

static char rule(const struct machine_config *m, enum fault f, bool calm)
{
	switch (f) {
	case RX_NO_FOR_CPU:
	case RX_NO_UNMAP:
		return reads_old(m, DMA_FROM_DEVICE, calm) ? '!' : '~';
	case BIDI_NO_FOR_CPU:
		return reads_old(m, DMA_BIDIRECTIONAL, calm) ? '!' : '~';
	case TX_NO_FOR_DEVICE:
	case BIDI_NO_FOR_DEVICE:
		return sends_old(m) ? '!' : '~';
	case TX_NO_UNMAP: /* a leak: no byte is moved by an unmap TO_DEVICE */
		return '~';
	case RX_SKIP_SYNC: /* where there is nothing to skip, no rule is broken */
		return reads_old(m, DMA_FROM_DEVICE, calm) ? '!' : '=';
	default:
		ck_abort();
	}
}

/* ---- what comes ---- */

static char worst(const struct findings *l)
{
	char c = '=';

	for (u32 i = 0; i < l->n; i++)
		if (l->v[i].f.severity == SEVERITY_CORRUPTION)
			return '!';
		else if (l->v[i].f.severity == SEVERITY_VIOLATION)
			c = '~';
	return c;
}

static void hold(u32 row, enum fault f)
{
	struct explore_options opt = {.max_deviations = EXPLORE_NO_BOUND, .no_witnesses = true};
	const char *p = table[row].platform;
	struct explored x;
	struct one_run o;

	one_run_open(&o, texts[f], NULL, p, false);
	ck_assert_msg(rule(o.cfg, f, true) == table[row].calm[f],
		      "%s, fault %u: the rule for calm hardware says %c", p, f,
		      rule(o.cfg, f, true));
	ck_assert_msg(rule(o.cfg, f, false) == table[row].some[f],
		      "%s, fault %u: the rule for all schedules says %c", p, f,
		      rule(o.cfg, f, false));
	ck_assert_msg(worst(&o.run.found) == table[row].calm[f], "%s, fault %u: calm shows %c", p,
		      f, worst(&o.run.found));
	explored_do(&x, &o.run.in, &opt);
	ck_assert_msg(x.result->end == EXPLORE_COMPLETE, "%s, fault %u: not complete", p, f);
	ck_assert_msg(worst(&x.found) == table[row].some[f], "%s, fault %u: some schedule shows %c",
		      p, f, worst(&x.found));
	explored_free(&x);
	one_run_close(&o);
}

START_TEST(as_the_rule_and_the_table_say)
{
	for (u32 f = 0; f < FAULTS; f++)
		hold((u32)_i, (enum fault)f);
}
END_TEST

START_TEST(every_platform_has_a_row)
{
	struct platform_dir dir = {"scenarios"};
	struct arena a = {0};
	const char *const *names = platform_names(&dir, &a);
	u32 n = 0;

	for (; names[n]; n++) {
		ck_assert_msg(n < ARRAY_LEN(table), "%s has no row", names[n]);
		ck_assert_str_eq(names[n], table[n].platform);
	}
	ck_assert_uint_eq(n, ARRAY_LEN(table));
	arena_free(&a);
}
END_TEST

/* A row of linux/arch.def decides: the same machine with another port's is as severe as that. */
START_TEST(another_row_is_another_severity)
{
	struct machine_config *m = mem_zalloc(1, sizeof *m);
	struct platform_dir dir = {"scenarios"};
	struct err_list errs = {.file = "t"};

	ck_assert(platform_load(&dir, "arm64-soc", (struct pos){0}, m, &errs));
	m->hw.devs = 1;
	m->hw.dev[0].address_bits = 32;
	m->hw.speculates = false;
	ck_assert_int_eq(rule(m, RX_NO_FOR_CPU, false), '!');
	m->lx.arch = arch_row(ARCH_ID_MIPS_24K);
	ck_assert_int_eq(rule(m, RX_NO_FOR_CPU, false), '~');
	ck_assert_int_eq(rule(m, TX_NO_FOR_DEVICE, false), '!');
	m->hw.l1.write_through = true;
	ck_assert_int_eq(rule(m, TX_NO_FOR_DEVICE, false), '~');
	m->lx.swiotlb.force = true;
	ck_assert_int_eq(rule(m, RX_NO_FOR_CPU, true), '!');
	mem_free(m);
	err_free(&errs);
}
END_TEST

static Suite *severity_suite(void)
{
	Suite *s = suite_create("severity");
	TCase *c = tcase_create("severity");

	tcase_add_loop_test(c, as_the_rule_and_the_table_say, 0, ARRAY_LEN(table));
	tcase_add_test(c, every_platform_has_a_row);
	tcase_add_test(c, another_row_is_another_severity);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(severity_suite)
