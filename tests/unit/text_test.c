/* SPDX-License-Identifier: MIT */
/* Sentences of a whole run that a reader would take for the truth: each is held against the run. */
#include "report/cause.h"
#include "report/text.h"
#include "unit/report_help.h"

#define HEAD(platform)                                                                             \
	"schema: 1\nid: t\ntitle: T\nplatforms: [" platform "]\n"                                  \
	"devices:\n  nic: {address_bits: 32}\n"

static void told_as(const char *text, bool plain, struct writer *w)
{
	struct style style = {.width = 80, .plain = plain, .ascii = plain};
	struct one_run o;

	*w = (struct writer){0};
	one_run_open(&o, text, NULL, NULL, false);
	text_run(&o.run, &style, w);
	one_run_close(&o);
}

static void told(const char *text, struct writer *w)
{
	told_as(text, false, w);
}

START_TEST(test_sizes)
{
	struct writer w;

	told(HEAD("arm64-soc") "driver:\n  - p = kmalloc(-1, GFP_KERNEL)\n", &w);
	says(&w, "The kernel has no memory for 18446744073709551615 bytes.");
	writer_end(&w);
}
END_TEST

/* What the kernel logged is told in its words, also where a picture was drawn before. */
START_TEST(test_log)
{
	struct writer w;

	told(HEAD("x86-64") "driver:\n"
			    "  - p = vmalloc(4096)\n"
			    "  - h = dma_map_single(nic, p, 64, DMA_TO_DEVICE)\n"
			    "  - if (dma_mapping_error(nic, h)): return -ENOMEM\n",
	     &w);
	says(&w, "The kernel logs: nic nic.0: rejecting DMA map of vmalloc memory");
	writer_end(&w);
}
END_TEST

START_TEST(test_verdict_words)
{
	struct writer w;

	told(HEAD("x86-64") "driver:\n  - x = 1\n  - assert(x == 2, \"it\")\n", &w);
	says(&w, "NOT as expected on x86-64:\n");
	says(&w, "\n0 events, cost 0, journal ");
	writer_end(&w);
	told(HEAD("x86-64") "driver:\n  - u32 *p = kmalloc(-1, GFP_KERNEL)\n  - p[0] = 1\n", &w);
	hides(&w, "1 events");
	writer_end(&w);
}
END_TEST

/* A statement that waits, or stops, without an event is told under its own line. */
START_TEST(test_without_event)
{
	struct writer w;

	told(HEAD("x86-64") "driver:\n"
			    "  - int done = 0\n"
			    "  - request_irq(nic.irq, handler)\n"
			    "  - wait_event(done)\n"
			    "functions:\n  handler():\n    - done = 1\n",
	     &w);
	says(&w, "line 10  wait_event(done)\n       ! The driver waits for ever");
	writer_end(&w);
	told(HEAD("x86-64") "driver:\n  - writel(1, nic.regs + 0x100000)\n", &w);
	says(&w, "line 8   writel(1, nic.regs + 0x100000)\n       ! The kernel stops this thread");
	writer_end(&w);
}
END_TEST

/* "Here it does no harm" must not be said of bytes that another finding shows harmed. */
START_TEST(test_harm)
{
	struct writer w;

	told(HEAD("arm64-soc, x86-64") "driver:\n"
				       "  - u8 *b = kzalloc(128, GFP_KERNEL)\n"
				       "  - h = dma_map_single(nic, b, 128, DMA_FROM_DEVICE)\n"
				       "  - b[100] = 7\n"
				       "  - dma_unmap_single(nic, h, 128, DMA_FROM_DEVICE)\n",
	     &w);
	says(&w, "cpu-write-lost-invalidate");
	hides(&w, "Here it does no harm");
	says(&w, "while nic owns it. Finding 2 is what comes of\n  it.");
	writer_end(&w);
}
END_TEST

/* Bytes of the device that an unmap loses are not "written by the CPU". */
START_TEST(test_lost_by_direction)
{
	struct writer w;

	told(HEAD("x86-64-swiotlb-force") "driver:\n"
					  "  - u8 *b = kmalloc(64, GFP_KERNEL)\n"
					  "  - memset(b, 0xaa, 64)\n"
					  "  - h = dma_map_single(nic, b, 64, DMA_TO_DEVICE)\n"
					  "  - nic: dma_write(h, \"hello\")\n"
					  "  - dma_unmap_single(nic, h, 64, DMA_TO_DEVICE)\n",
	     &w);
	says(&w, "map-wrong-direction");
	hides(&w, "The CPU writes 5 bytes");
	hides(&w, "the CPU wrote it");
	says(&w, "5 bytes of nic at b+00 are gone: hello");
	says(&w, "nic wrote \"hello\" to the bounce slot");
	writer_end(&w);
}
END_TEST

/* dma_wmb() is about memory: before a register it is writel() that is missing. */
START_TEST(test_relaxed_doorbell)
{
	struct writer w;

	told(HEAD("x86-64") "driver:\n"
			    "  - u32 *d = dma_alloc_coherent(nic, 64, &h, GFP_KERNEL)\n"
			    "  - d[0] = 64\n"
			    "  - writel_relaxed(lower_32_bits(h), nic.regs + 8)\n"
			    "  - readl(nic.regs + 8)\n",
	     &w);
	writer_end(&w);
	told("schema: 1\nid: t\ntitle: T\nplatforms: [x86-64]\n"
	     "devices:\n  nic:\n    address_bits: 32\n    program:\n      - wait_event(regs[8] > "
	     "0)\n"
	     "      - u32 *d = regs[8]\n      - x = d[0]\n"
	     "driver:\n"
	     "  - u32 *d = dma_alloc_coherent(nic, 64, &h, GFP_KERNEL)\n"
	     "  - d[0] = 64\n"
	     "  - writel_relaxed(lower_32_bits(h), nic.regs + 8)\n"
	     "  - readl(nic.regs + 8)\n",
	     &w);
	says(&w, "compiler-may-reorder");
	hides(&w, "dma_wmb()");
	says(&w, "writel()");
	writer_end(&w);
}
END_TEST

/* A sync in the direction TO_DEVICE, or after the unmap, brings nothing back. */
START_TEST(test_fix_of_stale_read)
{
	struct writer w;

	told(HEAD("arm64-soc") "driver:\n"
			       "  - u8 *b = kmalloc(64, GFP_KERNEL)\n"
			       "  - memset(b, 0xaa, 64)\n"
			       "  - h = dma_map_single(nic, b, 64, DMA_TO_DEVICE)\n"
			       "  - nic: dma_write(h, \"hello\")\n"
			       "  - dma_unmap_single(nic, h, 64, DMA_TO_DEVICE)\n"
			       "  - x = read(b, 5)\n",
	     &w);
	says(&w, "cpu-stale-read");
	hides(&w, "dma_sync_single_for_cpu(nic, h, 64, DMA_TO_DEVICE);");
	writer_end(&w);
}
END_TEST

/* Two handles with one value: the one that the statement names. */
START_TEST(test_checked_handle)
{
	struct writer w;

	told(HEAD("x86-64") "driver:\n"
			    "  - u8 *b = kmalloc(64, GFP_KERNEL)\n"
			    "  - h = dma_map_single(nic, b, 64, DMA_TO_DEVICE)\n"
			    "  - g = dma_map_single(nic, b, 64, DMA_TO_DEVICE)\n"
			    "  - if (dma_mapping_error(nic, h)): return -ENOMEM\n"
			    "  - dma_unmap_single(nic, h, 64, DMA_TO_DEVICE)\n"
			    "  - dma_unmap_single(nic, g, 64, DMA_TO_DEVICE)\n",
	     &w);
	says(&w, "The driver checks h: the mapping is good.");
	writer_end(&w);
}
END_TEST

/* No columns in plain text. */
START_TEST(test_plain_indent)
{
	struct writer w;

	told_as(HEAD("x86-64") "driver:\n"
			       "  - u8 *b = kzalloc(64, GFP_KERNEL)\n"
			       "  - h = dma_map_single(nic, b, 64, DMA_FROM_DEVICE)\n"
			       "  - b[1] = 7\n",
		true, &w);
	says(&w, "  Fix: ");
	hides(&w, "\n         ");
	writer_end(&w);
}
END_TEST

/* What an older statement stored leaves the buffer too: it is not what this one has stored. */
START_TEST(test_older_store_drains)
{
	struct writer w;

	told(HEAD("x86-64") "driver:\n"
			    "  - b = kzalloc(64, GFP_KERNEL)\n"
			    "  - memcpy(b + 56, \"last one\", 8)\n"
			    "  - wmb()\n",
	     &w);
	says(&w, "stores \"last one\" to b+38; its cache holds it, dirty.");
	hides(&w, "the last 1844");
	writer_end(&w);
}
END_TEST

/* A question has one answer, whatever the run: two are a mistake of the scenario's. */
START_TEST(test_one_answer)
{
#define QUESTION(first, last)                                                                      \
	HEAD("x86-64")                                                                             \
	"driver:\n  - x = 3\n  - predict:\n      ask: What is it?\n      choices:\n"               \
	"        one: x " first "\n        other: " last "\n  - x = 4\n"
	static const struct {
		const char *text;
		bool holds;
	} rows[] = {{QUESTION("== 4", "x != 4"), true},
		    {QUESTION("> 3", "x == 4"), false},
		    {QUESTION("== 4", "else"), true},
		    {QUESTION("== 3", "else"), true},
		    {QUESTION("== 3", "x == 5"), false}};

	for (u32 i = 0; i < ARRAY_LEN(rows); i++) {
		struct writer w;

		told(rows[i].text, &w);
		if (rows[i].holds)
			hides(&w, "one answer at line");
		else
			says(&w, "The assert \"one answer at line");
		writer_end(&w);
	}
}
END_TEST

static Suite *text_suite(void)
{
	Suite *s = suite_create("text");
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_sizes);
	tcase_add_test(t, test_log);
	tcase_add_test(t, test_verdict_words);
	tcase_add_test(t, test_without_event);
	tcase_add_test(t, test_harm);
	tcase_add_test(t, test_lost_by_direction);
	tcase_add_test(t, test_relaxed_doorbell);
	tcase_add_test(t, test_fix_of_stale_read);
	tcase_add_test(t, test_checked_handle);
	tcase_add_test(t, test_plain_indent);
	tcase_add_test(t, test_older_store_drains);
	tcase_add_test(t, test_one_answer);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(text_suite)
