/* SPDX-License-Identifier: MIT */
/* dmalab explain dma-debug: what it complains about, from the table that it prints from. */
#include "cli/topic_debug.h"

#include "base/types.h"
#include "core/klog.h"
#include "report/style.h"

static const struct style page = {.width = 80};

static void para(const char *text, struct str *out)
{
	style_wrap(&page, 0, 0, text, out);
	str_add(out, "\n");
}

static void entry(const char *name, const char *text, struct str *out)
{
	enum { NAME = 21 };
	u32 n = (u32)strlen(name);

	str_printf(out, "  %s", name);
	style_pad(NAME - 2 - n, out);
	style_wrap(&page, NAME, NAME, text, out);
}

static void messages(u32 from, u32 to, struct str *out)
{
	for (u32 id = from; id <= to; id++) {
		struct str gist = {0};

		klog_gist((enum klog_id)id, &gist);
		str_add(out, "  ");
		style_wrap(&page, 2, 4, str_get(&gist), out);
		str_free(&gist);
	}
}

void topic_debug(struct str *out)
{
	static const char *const files[][2] = {
	    {"error_count", "how many errors were counted, printed or not"},
	    {"all_errors", "not 0: all errors are printed. Can be written"},
	    {"num_errors", "how many more errors are printed, 1 at boot; each error takes one, "
			   "also one that the filter hides. Can be written"},
	    {"driver_filter", "only errors of this driver are printed; written with anything that "
			      "begins with no letter and no digit it is off"},
	    {"dump", "a line for each live mapping"},
	    {"nr_total_entries", "entries for mappings that there are; more are made when they are "
				 "used up"},
	    {"num_free_entries", "entries that are free"},
	    {"min_free_entries", "the fewest that were ever free"},
	    {"disabled", "Y or N: whether it was switched off, or ran out of memory"}};
	static const char *const boot[][2] = {
	    {"dma_debug=off", "switches it off for good"},
	    {"dma_debug_entries", "=N: entries that there are from the boot on, 65536 without it"},
	    {"dma_debug_driver", "=NAME: the filter, from the boot on"}};

	para("A kernel that is built with CONFIG_DMA_API_DEBUG remembers every mapping, and "
	     "compares "
	     "what a driver unmaps, frees and syncs with it; those here are, unless a platform has "
	     "kernel_options: {DMA_API_DEBUG: false}. It sees calls only: no load, no store, no "
	     "access of a device, no missing sync and no missing barrier. It never stops a call. "
	     "Every error is counted; only the first of a boot is printed.",
	     out);
	str_add(out, "what it says of unmaps and frees\n");
	messages(KLOG_DEBUG_FREE_INVALID, KLOG_DEBUG_FREE_ATTRS, out);
	str_add(out, "\nof syncs\n");
	messages(KLOG_DEBUG_SYNC_UNKNOWN, KLOG_DEBUG_SYNC_ENTRIES, out);
	str_add(out, "\nof maps\n");
	messages(KLOG_DEBUG_VMAP_STACK, KLOG_DEBUG_OVERLAP, out);
	messages(KLOG_DEBUG_RESOURCE_RAM, KLOG_DEBUG_RESOURCE_RAM, out);
	str_add(out, "\nwhen the driver has gone, and on a PCI bus only\n");
	messages(KLOG_DEBUG_LEAK, KLOG_DEBUG_LEAK, out);
	str_add(out, "\nfiles: cat(\"dma-api/...\"), lab: echo(\"text\", \"dma-api/...\")\n");
	for (u32 i = 0; i < ARRAY_LEN(files); i++)
		entry(files[i][0], files[i][1], out);
	str_add(out, "\nparameters of the boot: command_line of a platform\n");
	for (u32 i = 0; i < ARRAY_LEN(boot); i++)
		entry(boot[i][0], boot[i][1], out);
}
