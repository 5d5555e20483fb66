/* SPDX-License-Identifier: MIT */
/*
 * The decision list, row by row: which name a finding gets, how bad it is, and which statement is
 * the culprit. Each driver is a few lines; findings are told as "id/severity@line", the line
 * counted from the driver's first; "~" for "by luck the bytes were equal".
 */
#include "report/cause.h"
#include "unit/report_help.h"

/* Maps 128 bytes that the CPU has filled before: lines 1 to 3. */
#define MAP(dir)                                                                                   \
	"  - buf = kmalloc(128, GFP_KERNEL)\n"                                                     \
	"  - memset(buf, 0xaa, 128)\n"                                                             \
	"  - h = dma_map_single(nic, buf, 128, " dir ")\n"
#define FROM "DMA_FROM_DEVICE"
#define TO   "DMA_TO_DEVICE"
#define BOTH "DMA_BIDIRECTIONAL"
#define SYNC(to, at, n, dir)                                                                       \
	"  - dma_sync_single_range_for_" to "(nic, h, " at ", " n ", " dir ")\n"
#define WRITE(at)  "  - nic: dma_write(h + " at ", bytes(\"dd*8\"))\n"
#define SEND(at)   "  - nic: wire = dma_read(h + " at ", 8)\n"
#define READ(at)   "  - x = read(buf + " at ", 8)\n"
#define STORE(at)  "  - memset(buf + " at ", 0x55, 8)\n"
#define UNMAP(dir) "  - dma_unmap_single(nic, h, 128, " dir ")\n"
/* n of 128 bytes are mapped, those from at on are stored to, all are synced: lines 1 to 6. */
#define BEYOND(n, at)                                                                              \
	"  - buf = kmalloc(128, GFP_KERNEL)\n"                                                     \
	"  - h = dma_map_single(nic, buf, " n ", " FROM ")\n" CHECKED "  - memset(buf + " at \
	", 0x55, 8)\n"                                                                             \
	"  - mb()\n" SYNC("cpu", "0", "128", FROM)                                                \
	"  - dma_unmap_single(nic, h, " n ", " FROM ")\n"
#define CHECKED	   "  - if (dma_mapping_error(nic, h)): return -ENOMEM\n" /* line 4 */
#define FREE	   "  - kfree(buf)\n"
#define LIST                                                                                       \
	"  - struct scatterlist sg[2]\n"                                                           \
	"  - buf = kmalloc(256, GFP_KERNEL)\n"                                                     \
	"  - sg_init_table(sg, 2)\n"                                                               \
	"  - sg_set_buf(sg, buf, 128)\n"                                                           \
	"  - sg_set_buf(&sg[1], buf + 128, 128)\n"

#define SOC    "arm64-soc"
#define PL310  "armv7-pl310"
#define PC     "x86-64"
#define BOUNCE "x86-64-swiotlb-force"
#define MIPS                                                                                       \
	"mips: {like: arm64-soc, arch: mips-24k, speculates: false, early_loads: false, swiotlb: " \
	"none, kernel_options: {DMA_BOUNCE_UNALIGNED_KMALLOC: false}}"

struct row {
	const char *why, *platform, *driver, *found;
};

static const struct row rows[] = {
    /* ---- a stale read of the CPU's ---- */
    {"another range", SOC,
     MAP(FROM) CHECKED WRITE("64") SYNC("cpu", "0", "64", FROM) READ("64") UNMAP(FROM) FREE,
     "sync-wrong-range/corruption@7"},
    {"another range, before a refill", PL310,
     MAP(FROM) CHECKED "  - hw: prefetch(buf, 128)\n" WRITE("64") SYNC("cpu", "0", "64", FROM)
	 READ("64") UNMAP(FROM) FREE,
     "sync-wrong-range/corruption@8"},
    {"another range, but the device wrote behind it", SOC,
     MAP(FROM) CHECKED WRITE("64") SYNC("cpu", "0", "64", FROM) WRITE("64") READ("64") UNMAP(FROM)
	 FREE,
     "cpu-stale-read/corruption@8"},
    {"another range, taken back", SOC,
     MAP(FROM) CHECKED WRITE("64") SYNC("cpu", "0", "64", FROM) SYNC("device", "0", "64", FROM)
	 READ("64") UNMAP(FROM) FREE,
     "cpu-stale-read/corruption@8"},
    {"another direction", SOC,
     MAP(FROM) CHECKED WRITE("0") SYNC("cpu", "0", "128", TO) READ("0") UNMAP(FROM) FREE,
     "sync-wrong-direction/violation@6 sync-wrong-direction/corruption@7"},
    {"another direction, before a refill", PL310,
     MAP(FROM) CHECKED "  - hw: prefetch(buf, 128)\n" WRITE("0") SYNC("cpu", "0", "128", TO)
	 READ("0") UNMAP(FROM) FREE,
     "sync-wrong-direction/violation@7 sync-wrong-direction/corruption@8"},
    {"an unmap in another direction", SOC, MAP(FROM) CHECKED WRITE("0") UNMAP(TO) READ("0") FREE,
     "unmap-direction-mismatch/violation@6 unmap-direction-mismatch/corruption@7"},
    {"an unmap of fewer bytes", SOC,
     MAP(FROM) CHECKED WRITE("64") "  - dma_unmap_single(nic, h, 64, " FROM ")\n" READ("64") FREE,
     "unmap-size-mismatch/violation@6 unmap-size-mismatch/corruption@7"},
    {"an unmap that skips the sync", SOC,
     MAP(FROM) CHECKED WRITE("0") "  - dma_unmap_single_attrs(nic, h, 128, " FROM
				  ", DMA_ATTR_SKIP_CPU_SYNC)\n" READ("0") FREE,
     "dma-write-lost-unmap-skip/corruption@7"},
    {"an unmap that skips the sync, before a refill", PL310,
     MAP(FROM) CHECKED
     "  - hw: prefetch(buf, 128)\n" WRITE("0") "  - dma_unmap_single_attrs(nic, h, 128, " FROM
					       ", DMA_ATTR_SKIP_CPU_SYNC)\n" READ("0") FREE,
     "dma-write-lost-unmap-skip/corruption@8"},
    {"an unmap by another function", SOC,
     MAP(FROM) CHECKED WRITE("0")
	 "  - dma_unmap_resource(nic, h, 128, " FROM ", 0)\n" READ("0") FREE,
     "unmap-wrong-function/violation@6 unmap-wrong-function/corruption@7"},
    {"an unmap by another function, behind a bounce", BOUNCE,
     MAP(FROM) CHECKED WRITE("0")
	 "  - dma_unmap_resource(nic, h, 128, " FROM ", 0)\n" READ("0") FREE,
     "unmap-wrong-function/violation@6 unmap-wrong-function/corruption@7"},
    {"filled since the map", PL310,
     MAP(FROM) CHECKED "  - hw: prefetch(buf, 128)\n" WRITE("0") READ("0") UNMAP(FROM) FREE,
     "speculative-refill-stale/corruption@7"},
    {"a mapping of memory that was freed since is none of this memory's", SOC,
     MAP(FROM) CHECKED UNMAP(TO) FREE "  - buf = kmalloc(128, GFP_KERNEL)\n" STORE("0") WRITE("0")
	 READ("0") FREE,
     "device-access-after-unmap/corruption@5 cpu-stale-read/corruption@10"},
    {"a right sync, and a core that fetches nothing by itself", MIPS,
     MAP(FROM) CHECKED WRITE("0") SYNC("cpu", "0", "128", FROM) READ("0")
	 WRITE("0") "  - nic: dma_write(h, bytes(\"ee*8\"))\n" SYNC("cpu", "0", "128", FROM)
	     READ("0") UNMAP(FROM) FREE,
     "missing-sync-for-device-reuse/corruption@11"},
    {"none of these", SOC, MAP(FROM) CHECKED WRITE("0") READ("0") UNMAP(FROM) FREE,
     "cpu-stale-read/corruption@6"},
    {"none of these, behind a bounce", BOUNCE,
     MAP(FROM) CHECKED WRITE("0") READ("0") UNMAP(FROM) FREE, "cpu-stale-read/corruption@6"},
    {"equal bytes by luck", SOC,
     MAP(FROM) CHECKED "  - nic: dma_write(h, bytes(\"aa*8\"))\n" READ("0") UNMAP(FROM) FREE,
     "cpu-stale-read/violation~@6"},
    {"two names for two ranges of one read", SOC,
     MAP(FROM) CHECKED "  - nic: dma_write(h, bytes(\"dd*128\"))\n" SYNC(
	 "cpu", "0", "64",
	 FROM) "  - nic: dma_write(h + 96, bytes(\"ee*8\"))\n"
	       "  - x = read(buf + 64, 8)\n  - y = read(buf + 96, 8)\n" UNMAP(FROM) FREE,
     "sync-wrong-range/corruption@8 cpu-stale-read/corruption@9"},
    /* ---- a stale read of a device's ---- */
    {"another range for the device", SOC,
     MAP(TO) CHECKED SYNC("cpu", "0", "128", TO) STORE("64") SYNC("device", "0", "64", TO)
	 SEND("64") UNMAP(TO) FREE,
     "sync-wrong-range/corruption@6"},
    {"another direction for the device", BOUNCE,
     MAP(TO) CHECKED SYNC("cpu", "0", "128", TO) STORE("0") SYNC("device", "0", "128", FROM)
	 SEND("0") UNMAP(TO) FREE,
     "sync-wrong-direction/corruption@6 sync-wrong-direction/violation@7"},
    {"another direction of the map", SOC, MAP(FROM) CHECKED STORE("0") SEND("0") UNMAP(FROM) FREE,
     "map-wrong-direction/corruption@3 cpu-write-lost-invalidate/corruption@7 "
     "cpu-touch-device-owned-write/violation@5"},
    {"an earlier transfer", SOC, MAP(TO) CHECKED SEND("0") STORE("0") SEND("0") UNMAP(TO) FREE,
     "missing-sync-for-device-reuse/corruption@6"},
    {"no transfer before", SOC, MAP(TO) CHECKED STORE("0") SEND("0") UNMAP(TO) FREE,
     "device-stale-read/corruption@5"},
    {"the device's luck", SOC,
     MAP(TO) CHECKED "  - memset(buf, 0xaa, 8)\n" SEND("0") UNMAP(TO) FREE,
     "device-stale-read/violation~@5"},
    /* ---- a lost write ---- */
    {"by an unmap that skips the sync", BOUNCE,
     MAP(FROM) CHECKED WRITE("0") "  - dma_unmap_single_attrs(nic, h, 128, " FROM
				  ", DMA_ATTR_SKIP_CPU_SYNC)\n" FREE,
     "dma-write-lost-unmap-skip/corruption@6"},
    {"by an unmap in another direction", BOUNCE, MAP(FROM) CHECKED WRITE("0") UNMAP(TO) FREE,
     "unmap-direction-mismatch/corruption@6"},
    {"by a sync that leaves its mapping, in a line beyond", SOC,
     BEYOND("64", "64") FREE,
     "sync-wrong-range/corruption@6"},
    {"by a sync that leaves its mapping, in its last line", SOC,
     BEYOND("40", "48") FREE,
     "cacheline-share-neighbour/corruption@6"},
    {"by copy-out", BOUNCE,
     MAP(BOTH) CHECKED SYNC("cpu", "0", "128", BOTH) STORE("0") UNMAP(BOTH) FREE,
     "cpu-write-lost-bounce/corruption@7"},
    {"by invalidate", SOC,
     MAP(BOTH) CHECKED SYNC("cpu", "0", "128", BOTH) STORE("0") UNMAP(BOTH) FREE,
     "cpu-write-lost-invalidate/corruption@7"},
    {"by write-back: the store that made the line dirty", SOC,
     MAP(FROM) CHECKED STORE("8") WRITE("0") "  - hw: writeback(buf, 64)\n" UNMAP(FROM) FREE,
     "dma-write-lost-eviction/corruption@5"},
    {"by a sync for the device that copies over it", BOUNCE,
     MAP(BOTH) CHECKED WRITE("0") SYNC("device", "0", "128", BOTH) UNMAP(BOTH) FREE,
     "dma-write-lost-eviction/corruption@6"},
    {"nothing, where the driver said that it will be filled anew", BOUNCE,
     MAP(FROM) CHECKED WRITE("0") SYNC("device", "0", "128", BOTH) UNMAP(FROM) FREE,
     "sync-wrong-direction/violation@6"},
    {"what was lost is there again by luck", BOUNCE,
     MAP(FROM) CHECKED "  - nic: dma_write(h, bytes(\"aa*8\"))\n"
		       "  - dma_unmap_single_attrs(nic, h, 128, " FROM
		       ", DMA_ATTR_SKIP_CPU_SYNC)\n" FREE,
     "dma-write-lost-unmap-skip/violation~@6"},
    /* ---- rights: the same names, where the bytes are right ---- */
    {"a read of what was not handed back", PC,
     MAP(FROM) CHECKED WRITE("64") SYNC("cpu", "0", "64", FROM) READ("64") UNMAP(FROM) FREE,
     "sync-wrong-range/violation@7"},
    {"a write to what was not handed back", PC,
     MAP(BOTH) CHECKED SYNC("cpu", "0", "64", BOTH) STORE("64") UNMAP(BOTH) FREE,
     "sync-wrong-range/violation@6"},
    {"nothing was handed back", PC, MAP(FROM) CHECKED WRITE("0") READ("0") UNMAP(FROM) FREE,
     "cpu-touch-device-owned-read/violation@6"},
    {"a poll in place", PC,
     MAP(FROM) CHECKED WRITE("0") "  - u8 *p = buf\n"
				  "  - poll(p[0] == 0xdd)\n" UNMAP(FROM) FREE,
     "missing-sync-for-cpu/violation@7"},
    {"the device reads what was not handed on", PC,
     MAP(TO) CHECKED SYNC("cpu", "0", "128", TO) STORE("64") SYNC("device", "0", "64", TO)
	 SEND("64") UNMAP(TO) FREE,
     "sync-wrong-range/violation@8"},
    {"the device reads what was handed on", PC,
     MAP(TO) CHECKED SYNC("cpu", "0", "128", TO) STORE("64") SYNC("device", "64", "64", TO)
	 SEND("64") UNMAP(TO) FREE,
     ""},
    {"the device reads what the CPU has taken back and changed", PC,
     MAP(TO) CHECKED SYNC("cpu", "0", "128", TO) STORE("64") SEND("64") UNMAP(TO) FREE,
     "missing-sync-for-device-reuse/violation@7"},
    {"the device fills again what the CPU has only read", PC,
     MAP(FROM) CHECKED WRITE("0") SYNC("cpu", "0", "128", FROM) READ("0") WRITE("0")
	 SYNC("cpu", "0", "128", FROM) UNMAP(FROM) FREE,
     ""},
    /* ---- what a sync must not be ---- */
    {"longer than the mapping", PC,
     MAP(FROM) CHECKED WRITE("0") SYNC("cpu", "64", "65", FROM) UNMAP(FROM) FREE,
     "sync-wrong-range/violation@6"},
    {"up to its last byte", PC,
     MAP(FROM) CHECKED WRITE("0") SYNC("cpu", "64", "64", FROM) UNMAP(FROM) FREE, ""},
    {"before the mapping", PC,
     MAP(FROM) CHECKED "  - dma_sync_single_for_cpu(nic, h - 8, 16, " FROM ")\n" UNMAP(FROM) FREE,
     "sync-wrong-range/violation@5"},
    {"of nothing", PC, MAP(FROM) CHECKED UNMAP(FROM) SYNC("device", "0", "128", FROM) FREE,
     "sync-unmapped/violation@6"},
    {"of coherent memory: the kernel lets it pass", PC,
     "  - p = dma_alloc_coherent(nic, 64, &h, GFP_KERNEL)\n" SYNC(
	 "cpu", "0", "64", FROM) "  - dma_free_coherent(nic, 64, p, h)\n",
     ""},
    {"both ways, for the way that nothing went", PC,
     MAP(BOTH) CHECKED SEND("0") SYNC("cpu", "0", "128", TO) STORE("0")
	 SYNC("device", "0", "128", TO) WRITE("64") SYNC("cpu", "64", "64", FROM) UNMAP(BOTH) FREE,
     ""},
    {"both ways, fetched as if it had been sent", PC,
     MAP(BOTH) CHECKED WRITE("64") SYNC("cpu", "0", "128", TO) UNMAP(BOTH) FREE,
     "sync-wrong-direction/violation@6"},
    {"both ways, sent as if it were only filled", PC,
     MAP(BOTH) CHECKED SYNC("cpu", "0", "128", BOTH) STORE("0") SYNC("device", "0", "128", FROM)
	 UNMAP(BOTH) FREE,
     "sync-wrong-direction/violation@7"},
    /* ---- the other address of coherent memory ---- */
    {"read by the alias", SOC,
     "  - p = dma_alloc_coherent(nic, 64, &h, GFP_KERNEL)\n  - lab: buf = linear_alias(p)\n" READ(
	 "0") WRITE("0") READ("0") "  - dma_free_coherent(nic, 64, p, h)\n",
     "coherent-alias-access/violation@3 coherent-alias-access/corruption@5"},
    {"read by the pointer, when the alias has the newest", SOC,
     "  - p = dma_alloc_coherent(nic, 64, &h, GFP_KERNEL)\n  - lab: buf = linear_alias(p)\n" STORE(
	 "0") "  - mb()\n  - x = read(p, 8)\n  - dma_free_coherent(nic, 64, p, h)\n",
     "coherent-alias-access/violation@3 coherent-alias-access/corruption@5"},
    {"read by the device, when the alias has the newest", SOC,
     "  - p = dma_alloc_coherent(nic, 64, &h, GFP_KERNEL)\n  - lab: buf = linear_alias(p)\n" STORE(
	 "0") SEND("0") "  - dma_free_coherent(nic, 64, p, h)\n",
     "coherent-alias-access/corruption@3"},
    {"no alias where there is one address", PC,
     "  - p = dma_alloc_coherent(nic, 64, &h, GFP_KERNEL)\n  - lab: buf = linear_alias(p)\n" READ(
	 "0") WRITE("0") READ("0") "  - dma_free_coherent(nic, 64, p, h)\n",
     ""},
};

enum { FIRST_LINE = 8 }; /* of the driver, in what text_of() makes */

static void text_of(const struct row *r, struct str *out)
{
	str_printf(out,
		   "schema: 1\nid: t\ntitle: t\nplatforms:\n  - %s\n"
		   "devices: {nic: {address_bits: 32}}\ndriver:\n%s",
		   r->platform, r->driver);
}

static void found(const struct run *run, struct str *out)
{
	for (u32 i = 0; i < run->found.n; i++) {
		const struct finding *f = &run->found.v[i].f;

		str_printf(out, "%s%s/%s%s@%u", i ? " " : "", diag_info(f->id)->name,
			   severity_name((enum severity)f->severity), f->lucky ? "~" : "",
			   names_line(&run->names, f->stmt) - FIRST_LINE + 1);
	}
}

/* The same findings in any order: they are told in the order of their events. */
static bool same(const char *a, const char *b)
{
	char word[120];
	u32 n = 0;

	if (strlen(a) != strlen(b))
		return false;
	while (sscanf(a, "%119s%n", word, (int *)&n) == 1) {
		if (!strstr(b, word))
			return false;
		a += n;
	}
	return true;
}

START_TEST(row)
{
	const struct row *r = &rows[_i];
	struct str text = {0}, got = {0};
	struct one_run o;

	text_of(r, &text);
	one_run_open(&o, str_get(&text), NULL, NULL, false);
	found(&o.run, &got);
	ck_assert_msg(same(str_get(&got), r->found), "%s on %.14s:\n  found \"%s\"\n  not   \"%s\"",
		      r->why, r->platform, str_get(&got), r->found);
	one_run_close(&o);
	str_free(&text);
	str_free(&got);
}
END_TEST

/* ---- what to write instead: the call, and where (lines of the file) ---- */

static const struct {
	const char *platform, *driver, *where, *call; /* of the last finding */
} fixed[] = {
    {SOC, MAP(FROM) CHECKED WRITE("64") SYNC("cpu", "0", "64", FROM) READ("64") UNMAP(FROM) FREE,
     "before line 14", "dma_sync_single_range_for_cpu(nic, h, 64, 8, DMA_FROM_DEVICE);"},
    {PC, MAP(FROM) CHECKED WRITE("0") SYNC("cpu", "64", "65", FROM) UNMAP(FROM) FREE,
     "instead of line 13", "dma_sync_single_range_for_cpu(nic, h, 64, 64, DMA_FROM_DEVICE);"},
    {SOC, BEYOND("64", "64") FREE, "instead of line 13",
     "dma_sync_single_for_cpu(nic, h, 64, DMA_FROM_DEVICE);"},
    {PC, MAP(FROM) CHECKED WRITE("0") SYNC("cpu", "0", "128", TO) UNMAP(FROM) FREE,
     "instead of line 13", "dma_sync_single_range_for_cpu(nic, h, 0, 128, DMA_FROM_DEVICE);"},
    {SOC,
     MAP(FROM) CHECKED WRITE("0") "  - dma_unmap_single_attrs(nic, h, 128, " FROM
				  ", DMA_ATTR_SKIP_CPU_SYNC)\n" READ("0") FREE,
     "before line 13", "dma_sync_single_for_cpu(nic, h, 128, DMA_FROM_DEVICE);"},
    {SOC,
     MAP(FROM) CHECKED WRITE("0")
	 "  - dma_unmap_resource(nic, h, 128, " FROM ", 0)\n" READ("0") FREE,
     "instead of line 13", "dma_unmap_single(nic, h, 128, DMA_FROM_DEVICE);"},
    {SOC, MAP(TO) CHECKED SEND("0") STORE("0") SEND("0") UNMAP(TO) FREE, "behind line 13",
     "dma_sync_single_for_device(nic, h, 128, DMA_TO_DEVICE);"},
    {PC, MAP(TO) CHECKED SYNC("cpu", "0", "128", TO) STORE("0") SEND("0") UNMAP(TO) FREE,
     "behind line 13", "dma_sync_single_for_device(nic, h, 128, DMA_TO_DEVICE);"},
    {PC, LIST "  - n = dma_map_sg(nic, sg, 2, DMA_FROM_DEVICE)\n", "on every way out",
     "dma_unmap_sg(nic, sg, 2, DMA_FROM_DEVICE);"},
    {PC, LIST "  - n = dma_map_sg_attrs(nic, sg, 2, " FROM ", DMA_ATTR_SKIP_CPU_SYNC)\n",
     "on every way out",
     "dma_unmap_sg_attrs(nic, sg, 2, DMA_FROM_DEVICE, DMA_ATTR_SKIP_CPU_SYNC);"},
    {PC,
     "  - struct sg_table t\n  - buf = kmalloc(256, GFP_KERNEL)\n"
     "  - r = sg_alloc_table(&t, 1, GFP_KERNEL)\n  - sg_set_buf(t.sgl, buf, 256)\n"
     "  - r = dma_map_sgtable(nic, &t, DMA_FROM_DEVICE, 0)\n",
     "on every way out", "dma_unmap_sgtable(nic, &t, DMA_FROM_DEVICE, 0);"},
    {SOC,
     LIST "  - n = dma_map_sg(nic, sg, 2, DMA_FROM_DEVICE)\n"
	  "  - nic: dma_write(sg_dma_address(&sg[1]), bytes(\"dd*8\"))\n"
	  "  - x = read(buf + 128, 8)\n"
	  "  - dma_unmap_sg(nic, sg, 2, DMA_FROM_DEVICE)\n",
     "before line 15", "dma_sync_sg_for_cpu(nic, sg, 2, DMA_FROM_DEVICE);"},
    {PC,
     "  - p = dma_alloc_coherent(nic, 4096, &c, GFP_KERNEL)\n"
     "  - h = dma_map_single(nic, p, 64, DMA_TO_DEVICE)\n"
     "  - if (dma_mapping_error(nic, h)): x = 1\n"
     "  - dma_unmap_single(nic, h, 64, DMA_TO_DEVICE)\n"
     "  - q = dma_map_single(nic, p, 64, DMA_TO_DEVICE)\n",
     "on every way out", "dma_free_coherent(nic, 4096, p, c);"},
};

START_TEST(fix)
{
	struct row r = {.platform = fixed[_i].platform, .driver = fixed[_i].driver};
	struct str text = {0};
	struct one_run o;
	struct fix x;

	text_of(&r, &text);
	one_run_open(&o, str_get(&text), NULL, NULL, false);
	ck_assert_uint_ge(o.run.found.n, 1);
	fix_make(&x, &o.run.names, &o.run.found.v[o.run.found.n - 1].f);
	ck_assert_str_eq(str_get(&x.where), fixed[_i].where);
	ck_assert_str_eq(str_get(&x.call), fixed[_i].call);
	fix_free(&x);
	one_run_close(&o);
	str_free(&text);
}
END_TEST

static Suite *decide_suite(void)
{
	Suite *s = suite_create("decide");
	TCase *c = tcase_create("rows");

	tcase_add_loop_test(c, row, 0, (int)ARRAY_LEN(rows));
	suite_add_tcase(s, c);
	c = tcase_create("fixes");
	tcase_add_loop_test(c, fix, 0, (int)ARRAY_LEN(fixed));
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(decide_suite)
