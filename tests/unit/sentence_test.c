/* SPDX-License-Identifier: MIT */
/*
 * What is said of calls, addresses and context that break a rule: the sentence, and the statement
 * that mends it, with the arguments that the driver wrote.
 */
#include <stdio.h>

#include "report/style.h"
#include "report/text.h"
#include "unit/report_help.h"

static const struct {
	const char *file, *platform, *id, *sentence, *fix; /* fix NULL: in words alone */
} said[] = {
    {"unmap-direction-mismatch", "x86-64", "unmap-direction-mismatch",
     "h was mapped DMA_FROM_DEVICE, and is unmapped DMA_TO_DEVICE.",
     "dma_unmap_single(nic, h, 64, DMA_FROM_DEVICE);"},
    {"unmap-direction-mismatch", "x86-64-swiotlb-force", "unmap-direction-mismatch",
     "5 bytes of nic at buf+00 are gone: hello.", "dma_unmap_single(nic, h, 64, DMA_FROM_DEVICE);"},
    {"unmap-size-mismatch", "arm64-soc", "unmap-size-mismatch",
     "h was mapped with 128 bytes, and is unmapped with 64.",
     "dma_unmap_single(nic, h, 128, DMA_FROM_DEVICE);"},
    {"unmap-size-changed", "x86-64", "unmap-size-mismatch",
     "h was mapped with 128 bytes, and is unmapped with 60.",
     "dma_unmap_single(nic, h, 128, DMA_TO_DEVICE);"},
    {"double-unmap", "x86-64", "double-unmap", "h is unmapped a second time.", NULL},
    {"unmap-never-mapped", "x86-64", "unmap-never-mapped",
     "h is unmapped for right, which has no mapping of that handle.", NULL},
    {"unmap-never-mapped", "x86-64", "mapping-leak",
     "h is still mapped for left when the driver is done.",
     "dma_unmap_single(left, h, 64, DMA_TO_DEVICE);"},
    {"coherent-never-freed", "arm64-soc", "mapping-leak",
     "ring, coherent memory, is there still when the driver is done.",
     "dma_free_coherent(nic, 64, ring, ring_dma);"},
    {"map-error-unchecked", "x86-64", "map-error-unchecked",
     "nic comes through h, and nobody has asked whether the map was good.",
     "if (dma_mapping_error(nic, h)) return -ENOMEM;"},
    {"map-error-unchecked", "no-room", "map-error-unchecked",
     "nic reads 4 bytes at phys 0x0: the map had failed, and nobody asked.",
     "if (dma_mapping_error(nic, h)) return -ENOMEM;"},
    {"free-while-mapped", "x86-64", "free-while-mapped",
     "nic writes 4 bytes at freed buf+00, which were freed while they were mapped.",
     "dma_unmap_single(nic, h, 64, DMA_FROM_DEVICE);"},
    {"device-access-outside", "x86-64", "device-access-outside",
     "nic writes 4 bytes at next+00: right behind the end of h, which has 64.", NULL},
    {"mask-truncation", "x86-64", "mask-truncation",
     "The mask has 64 bits, and card has 32 address lines.",
     "dma_set_mask_and_coherent(card, DMA_BIT_MASK(32));"},
    {"mask-truncation", "big-pc", "mask-truncation", "cut to the 32 bits that its wires have.",
     "dma_set_mask_and_coherent(card, DMA_BIT_MASK(32));"},
    {"half-an-address", "big-pc", "mask-truncation", "the address of h without its upper 32 bits.",
     NULL},
    {"mask-not-set", "big-pc", "mask-not-set",
     "h takes a bounce slot: card reaches 64 bits, and never said so.",
     "dma_set_mask_and_coherent(card, DMA_BIT_MASK(64));"},
    {"mask-refused", "arm64-soc", "mask-not-set",
     "The kernel did not agree to the mask, and the driver goes on.", NULL},
    {"dma-addr-is-phys", "offset", "dma-addr-is-phys-assumption",
     "it was given the address that the CPU uses, not h.", NULL},
    {"sleep-in-atomic", "x86-64", "alloc-sleep-in-atomic",
     "kmalloc() may sleep, and is called in a handler.", NULL},
    {"wait-with-interrupts-off", "x86-64", "alloc-sleep-in-atomic",
     "wait_event() may sleep, and is called with interrupts off.", NULL},
    {"free-coherent-atomic", "x86-64", "free-coherent-atomic",
     "dma_free_coherent() is called with interrupts off.", NULL},
    {"info-leak-to-device", "x86-64", "info-leak-to-device",
     "nic reads 59 bytes at buf+05 that nobody has written.", NULL},
    {"map-coherent", "x86-64", "map-coherent-as-streaming",
     "ring is coherent memory, and is mapped for DMA.", NULL},
    {"torn-by-the-bus", "x86-64", "torn-store",
     "engine reads 8 bytes at d->addr, one part old and one part new.", NULL},
};

static char *contents(const char *folder, const char *name)
{
	static char text[1 << 14];
	char path[200];
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s.yaml", folder, name);
	f = fopen(path, "r");
	if (!f) { /* one of those that stand for a diagnosis */
		snprintf(path, sizeof path, "scenarios/diagnoses/%s.yaml", name);
		f = fopen(path, "r");
	}
	ck_assert_msg(f != NULL, "no %s", path);
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	ck_assert(n < sizeof text - 1);
	text[n] = 0;
	return text;
}

START_TEST(sentence_and_fix)
{
	struct style plain = {.plain = true, .width = 1000};
	bool told = false, mended = !said[_i].fix;
	struct one_run o;

	one_run_open(&o, contents("tests/scenarios", said[_i].file), "broken", said[_i].platform,
		     false);
	for (u32 i = 0; i < o.run.found.n; i++) {
		struct str s = {0};

		if (o.run.found.v[i].f.id == diag_find(said[_i].id)) {
			text_finding(&o.run, i + 1, &plain, &s);
			told |= strstr(str_get(&s), said[_i].sentence) != NULL;
			mended |= said[_i].fix && strstr(str_get(&s), said[_i].fix);
		}
		str_free(&s);
	}
	ck_assert_msg(told, "%s on %s does not say \"%s\"", said[_i].file, said[_i].platform,
		      said[_i].sentence);
	ck_assert_msg(mended, "%s on %s does not mend it by %s", said[_i].file, said[_i].platform,
		      said[_i].fix);
	one_run_close(&o);
}
END_TEST

/* Whatever hardware does, the device is late since nobody read back; and the fix says what. */
START_TEST(read_back)
{
	struct style plain = {.plain = true, .width = 1000};
	struct one_run o;
	u32 late = 0;

	one_run_open(&o, contents("scenarios/lessons", "10-stop-without-read-back"), "broken",
		     "x86-64", false);
	for (u64 seed = 1; seed <= 40; seed++) {
		struct run_input in = o.run.in;
		struct str s = {0};
		struct run r;

		in.hw = POLICY_RANDOM;
		in.seed = seed;
		run_do(&r, &in);
		for (u32 i = 0; i < r.found.n; i++) {
			ck_assert_uint_eq(r.found.v[i].f.id, DIAG_MISSING_MMIO_READBACK);
			text_finding(&r, i + 1, &plain, &s);
			ck_assert_ptr_nonnull(strstr(str_get(&s), "readl(sensor.regs + CTRL);"));
			late++;
		}
		str_free(&s);
		run_free(&r);
	}
	ck_assert_uint_gt(late, 0);
	one_run_close(&o);
}
END_TEST

/* The value is judged before the store; what shows it is the store's line, not the one before. */
START_TEST(endianness_at_its_line)
{
	struct one_run o;
	u32 met = 0;

	one_run_open(&o, contents("tests/scenarios", "endianness"), "stored", "arm64-soc", false);
	for (u32 i = 0; i < o.run.found.n; i++) {
		const struct finding *f = &o.run.found.v[i].f;

		if (f->id != DIAG_ENDIANNESS)
			continue;
		met++;
		ck_assert_uint_eq(event_get(o.run.e->w->log, f->event)->stmt, f->stmt);
	}
	ck_assert_uint_gt(met, 0);
	one_run_close(&o);
}
END_TEST

/* A doorbell may be rung with 0, behind ordered writes to other registers: none of these is it. */
static const char zero_doorbell[] =
    "schema: 1\nid: t\ntitle: t\nlevel: 3\nsummary: t\nplatforms: [arm64-soc]\n"
    "devices:\n  nic: {model: nic}\n"
    "driver:\n"
    "  - struct nic_desc *ring = dma_alloc_coherent(nic, 64, &at, GFP_KERNEL)\n"
    "  - if (!ring): return -ENOMEM\n"
    "  - writel(lower_32_bits(at), nic.regs + NIC_TX_RING_LO)\n"
    "  - writel(NIC_CTRL_TX_RING, nic.regs + NIC_CTRL)\n"
    "  - ring->flags = cpu_to_le32(NIC_OWN)\n"
    "  - writel_relaxed(0, nic.regs + NIC_TX_DOORBELL)\n"
    "  - poll(readl(nic.regs + NIC_STATUS))\n";

START_TEST(doorbell_of_zero)
{
	struct style plain = {.plain = true, .width = 1000};
	struct str s = {0};
	struct one_run o;

	one_run_open(&o, zero_doorbell, NULL, "arm64-soc", false);
	ck_assert_uint_eq(o.run.found.v[0].f.id, DIAG_COMPILER_MAY_REORDER);
	text_finding(&o.run, 1, &plain, &s);
	ck_assert_msg(strstr(str_get(&s), "+ line 15: MISSING: an ordered writel()") != NULL, "%s",
		      str_get(&s));
	ck_assert_ptr_nonnull(strstr(str_get(&s), "line 15: the CPU gave leave: NIC_TX_DOORBELL"));
	str_free(&s);
	one_run_close(&o);
}
END_TEST

static Suite *sentence_suite(void)
{
	Suite *s = suite_create("sentence");
	TCase *c = tcase_create("words");

	tcase_add_loop_test(c, sentence_and_fix, 0, ARRAY_LEN(said));
	tcase_add_test(c, read_back);
	tcase_add_test(c, endianness_at_its_line);
	tcase_add_test(c, doorbell_of_zero);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(sentence_suite)
