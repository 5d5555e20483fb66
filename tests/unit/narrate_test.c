/* SPDX-License-Identifier: MIT */
/* Sentences: the style of bytes and names, every template within its width, statements summed up.
 */
#include "report/narrate.h"

#include "core/maphow.h"
#include "engine/calls.h"
#include "report/cause.h"
#include "report/text.h"
#include "unit/machine.h"
#include "unit/report_help.h"

static void bytes_are(const char *hex, u32 known, u32 n, const char *want)
{
	struct str s = {0};

	narrate_bytes((const u8 *)hex, known, n, &s);
	ck_assert_str_eq(str_get(&s), want);
	str_free(&s);
}

START_TEST(test_bytes)
{
	bytes_are("hello", 5, 5, "\"hello\"");
	bytes_are("a b", 3, 3, "\"a b\"");
	bytes_are("\x01\x02", 2, 2, "01 02");
	bytes_are("\xaa\xaa\xaa\xaa\xaa\xaa", 6, 6, "aa aa aa aa aa aa");
	bytes_are("\xaa\xaa\xaa\xaa\xaa\xaa\xaa", 7, 7, "aa aa aa aa ..");
	bytes_are("hello wo", 8, 64, "\"hello wo\"..");
	bytes_are("hel\n", 4, 4, "68 65 6c 0a");
	bytes_are("\x1b[2J", 4, 4, "1b 5b 32 4a");
	bytes_are("", 0, 4, "..");
	bytes_are(" ", 1, 1, "20");
}
END_TEST

START_TEST(test_argument)
{
	static const char text[] = "h = dma_map_single(nic, buf + f(1, 2), N * sizeof(*p), DIR)";
	struct str s = {0};

	ck_assert(names_argument(text, "dma_map_", 2, &s));
	ck_assert_str_eq(str_get(&s), "N * sizeof(*p)");
	str_clear(&s);
	ck_assert(names_argument(text, "dma_map_", 1, &s));
	ck_assert_str_eq(str_get(&s), "buf + f(1, 2)");
	str_clear(&s);
	ck_assert(!names_argument(text, "dma_map_", 4, &s));
	ck_assert(!names_argument(text, "dma_unmap_", 0, &s));
	ck_assert(!names_argument("xdma_map_single(a)", "dma_map_", 0, &s));
	ck_assert(!names_argument("dma_map_single", "dma_map_", 0, &s));
	str_free(&s);
}
END_TEST

/* ---- every template with names of 8 letters and much to say ---- */

static struct stmt_info stmts[] = {
    {0},
    {.line = 10, .text = "bufferxx = kmalloc(4096, GFP_KERNEL)", .target = "bufferxx"},
    {.line = 11,
     .text = "handlexx = dma_map_single(devicexx, bufferxx, 4096, D)",
     .target = "handlexx"}};
static const struct program names_prog = {.stmt = stmts, .stmts = 3};

static u64 value_of(const struct event_field *f, bool bus)
{
	static const struct {
		const char *type;
		u64 v;
	} values[] = {{"phys", 0x41008},
		      {"virt", 0xffff000000041008},
		      {"n", 4096},
		      {"int", 4},
		      {"hex", 0xffffffffffffffff},
		      {"dir", 0},
		      {"reg", 0xffc},
		      {"call", CALL_dma_set_mask_and_coherent},
		      {"way", 1},
		      {"slot", 0x80800},
		      {"flag", 1},
		      {"how", HOW_NONCOHERENT},
		      {"n32", 1ull << 32 | 2},
		      {"attrs", 0x20},
		      {"why", FAULT_WIDTH},
		      {"bytes", 0x0807060504030201}};

	if (f->type_len == 3 && memcmp(f->type, "bus", 3) == 0)
		return bus ? 0x41008 : 0xfffe0000;
	for (u32 i = 0; i < ARRAY_LEN(values); i++)
		if (f->type_len == strlen(values[i].type) &&
		    memcmp(f->type, values[i].type, f->type_len) == 0)
			return values[i].v;
	ck_abort_msg("a field of a type that this test does not know: %.*s", (int)f->type_len,
		     f->type);
	return 0;
}

START_TEST(test_every_template_fits)
{
	struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
	struct machine m;
	struct names n;
	struct str s = {0};
	u32 told = 0;

	machine_config(&m);
	snprintf(m.cfg.dev[0].name, sizeof m.cfg.dev[0].name, "devicexx");
	machine_start(&m);
	cfg->hw = m.cfg;
	cfg->lx.swiotlb.base = 0x80000;
	cfg->lx.swiotlb.slots = 128;
	W_SET(m.w, world_now(m.w)->stmt, 1u);
	EMIT(m.w, ALLOC, PARTY_CPU, 0, 0x41000, 0, 4096, 4096, 0);
	W_SET(m.w, world_now(m.w)->stmt, 2u);
	EMIT(m.w, MAP, PARTY_CPU, 0, 0x41000, 4096, 0x41000, 0, 0);
	W_SET(m.w, world_now(m.w)->stmt, 0u); /* what it makes has no name of the driver */
	for (u32 kind = 1; kind < EV_KINDS; kind++)
		for (u32 bus = 0; bus < 2; bus++) {
			u64 f[EVENT_FIELDS] = {0};
			struct event_field field;

			if (kind == EV_FREE || kind == EV_UNMAP || kind == EV_COHERENT_FREE)
				continue; /* told last: what follows would have no name */
			for (u32 i = 0; event_field(kind, i, &field); i++)
				f[i] = value_of(&field, bus);
			event_emit(m.w, (enum event_kind)kind, PARTY_CPU, 0, NULL, f);
		}
	EMIT(m.w, UNMAP, PARTY_CPU, 0, 0x41008, 4096, 0x41008, 0, 0);
	EMIT(m.w, COHERENT_FREE, PARTY_CPU, 0, 0x41008, 0, 4096, 0x41008);
	EMIT(m.w, FREE, PARTY_CPU, 0, 0x41008, 0, 4096, 0);
	names_init(&n, &names_prog, cfg, m.w->log);
	for (u32 i = 1; i <= m.w->log->n; i++) {
		str_clear(&s);
		narrate_event(&n, NULL, i, &s);
		ck_assert_msg(s.n >= 10 && s.n <= 80, "%zu columns: %s", s.n, str_get(&s));
		ck_assert_msg(strchr(str_get(&s), '{') == NULL, "left open: %s", str_get(&s));
		told++;
	}
	ck_assert_uint_ge(told, 2 * (EV_KINDS - 4));
	str_free(&s);
	names_free(&n);
	machine_stop(&m);
	mem_free(cfg);
}
END_TEST

/* ---- whole runs ---- */

static void told(const char *text, const char *variant, const char *platform, struct writer *w)
{
	struct style style = {.width = 80};
	struct one_run o;

	*w = (struct writer){0};
	one_run_open(&o, text, variant, platform, false);
	text_run(&o.run, &style, w);
	one_run_close(&o);
}

START_TEST(test_run_not_coherent)
{
	struct writer w;

	told(RX_TEXT, "broken", "arm64-soc", &w);
	says(&w, "line 8   buf = kmalloc(128, GFP_KERNEL)\n");
	says(&w, "         The kernel gives the driver buf: 128 bytes, 2 whole cache lines.\n");
	says(&w, "         The CPU writes aa to 128 bytes at buf; ");
	says(&w, "         The cache writes 2 lines back to memory and keeps them, clean.\n");
	says(&w, "         The kernel gives buf to nic, to write; h is bus 0x");
	says(&w, "         The driver checks h: the mapping is good.\n");
	says(&w, "         nic writes 5 bytes \"hello\" to memory at buf+00.\n");
	says(&w, "CPU reads     aa~aa~aa~aa~aa~aa aa aa  ........   ~ old\n");
	says(&w, "memory holds  68*65*6c*6c*6f*aa aa aa  hello...   * newest\n");
	says(&w, "▓▓▓▓▓▓▓▓▓▓▓▓▓▓           ▓▓▓▓▓\n");
	says(&w, "       ! The CPU reads 5 old bytes at buf+00: aa aa aa aa aa, not hello.\n");
	hides(&w, "from its cache"); /* the finding says it */
	says(&w, "! FINDING 1  cpu-stale-read  corruption");
	says(&w, "  14 |   - x = read(buf, 5)\n     |     ^~~~~~~~~~~~~~~~\n");
	says(&w, "MISSING: a call that hands it back and drops the copy\n");
	says(&w, "  Fix        before line 14:\n"
		 "             dma_sync_single_for_cpu(nic, h, 128, DMA_FROM_DEVICE);\n");
	says(&w, "  dma-debug  silent");
	says(&w, "  Also       cpu-touch-device-owned-read\n");
	says(&w, "As expected: cpu-stale-read and assert:it are what broken on arm64-soc");
	hides(&w, "\033");
	writer_end(&w);
}
END_TEST

START_TEST(test_run_bounced)
{
	struct writer w;

	told(RX_TEXT, "broken", "x86-64-swiotlb-force", &w);
	says(&w, "The kernel copies 128 bytes, all aa, of buf into the bounce slot.\n");
	says(&w, "nic writes 5 bytes \"hello\" to slot buf+00.\n");
	says(&w, "▓ bounce ");
	says(&w, "MISSING: a call that copies the slot back");
	writer_end(&w);
}
END_TEST

START_TEST(test_run_coherent)
{
	struct writer w;

	told(RX_TEXT, "broken", "x86-64", &w);
	says(&w, "! The CPU reads 5 bytes at buf+00 while nic owns them.\n");
	hides(&w, "memory holds"); /* the bytes are right: no picture */
	hides(&w, "corruption");
	writer_end(&w);
	told(RX_TEXT, "fixed", "x86-64", &w);
	says(&w, "No bytes move: nic looks into the caches.\n");
	says(&w, "As expected: fixed on x86-64 should show nothing, and does.");
	hides(&w, "FINDING");
	writer_end(&w);
}
END_TEST

static const char neighbour[] =
    "schema: 1\nid: t\ntitle: T\nplatforms: [arm64-soc]\ndevices:\n  nic: {address_bits: 32}\n"
    "header: |\n  struct priv {\n      u8 pad[16];\n      u8 rx[64];\n      u32 packets;\n  };\n"
    "driver:\n  - struct priv *p = kzalloc(sizeof(*p), GFP_KERNEL)\n"
    "  - rx = &p->rx[0]\n"
    "  - h = dma_map_single(nic, rx, 64, DMA_FROM_DEVICE)\n"
    "  - if (dma_mapping_error(nic, h)): return -ENOMEM\n"
    "  - p->packets = 1\n"
    "  - nic: dma_write(h, bytes(\"dd*64\"))\n"
    "  - dma_unmap_single(nic, h, 64, DMA_FROM_DEVICE)\n"
    "expect: {all: [cacheline-share-neighbour]}\n";

START_TEST(test_names_of_fields)
{
	struct writer w;

	told(neighbour, NULL, "arm64-soc", &w);
	says(&w, "The kernel writes 00 to 96 bytes at p;");
	says(&w, "The kernel gives p->rx to nic, to write");
	says(&w, "The CPU stores 01 00 00 00 to p->packets");
	says(&w, "! 16 bytes of nic at p->rx+30 are gone: dd dd dd dd ..\n");
	says(&w, "the CPU stored 01 00 00 00 to p->packets: the line");
	says(&w, "Just before, after event ");
	says(&w, "the cache wrote its whole line over it\n");
	writer_end(&w);
}
END_TEST

/* Text of the scenario cannot move the terminal's cursor. */
START_TEST(test_hostile_statement)
{
	static const char text[] =
	    "schema: 1\nid: t\ntitle: \"a\\e[2Jb\"\nplatforms: [x86-64]\n"
	    "devices:\n  nic: {address_bits: 32}\n"
	    "driver:\n  - buf = kmalloc(8, GFP_KERNEL)\n  - assert(2 == 0, \"x\")\n";
	struct writer w;

	told(text, NULL, NULL, &w);
	hides(&w, "\033");
	writer_end(&w);
}
END_TEST

/* The same run by stepping back and forth: pictures need it, and it must not change the text. */
START_TEST(test_twice_is_the_same)
{
	struct style style = {.width = 80};
	struct writer a = {0}, b = {0};
	struct one_run o;

	one_run_open(&o, RX_TEXT, "broken", "arm64-soc", false);
	text_run(&o.run, &style, &a);
	text_run(&o.run, &style, &b);
	ck_assert_str_eq(str_get(&a.s), str_get(&b.s));
	writer_end(&a);
	writer_end(&b);
	one_run_close(&o);
}
END_TEST

static Suite *narrate_suite(void)
{
	Suite *s = suite_create("narrate");
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_bytes);
	tcase_add_test(t, test_argument);
	tcase_add_test(t, test_every_template_fits);
	tcase_add_test(t, test_run_not_coherent);
	tcase_add_test(t, test_run_bounced);
	tcase_add_test(t, test_run_coherent);
	tcase_add_test(t, test_names_of_fields);
	tcase_add_test(t, test_hostile_statement);
	tcase_add_test(t, test_twice_is_the_same);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(narrate_suite)
