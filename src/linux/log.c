/* SPDX-License-Identifier: MIT */
/* How the kernel's log names devices: dev_driver_string() and dev_name(), drivers/base/core.c. */
#include "linux/linux_int.h"

/* A scenario's device is driven by a driver of its name; the bus names the device. */
static void device(const void *ctx, u32 dev, bool unbound, struct str *out)
{
	const struct device_config *d = &((const struct hw_config *)ctx)->dev[dev];
	bool pci = d->bus == BUS_PCI;

	str_add(out, !unbound ? d->name : pci ? "pci" : "platform");
	if (pci)
		str_printf(out, " 0000:00:%02x.0", hw_pci_slot(dev));
	else
		str_printf(out, " %s.0", d->name);
}

struct klog_words lx_words(const struct lx *l)
{
	return (struct klog_words){l->texts, l->hw->cfg, device};
}

bool lx_log_line(const struct lx *l, u32 i, struct str *out)
{
	struct klog_words words = lx_words(l);

	return klog_text(l->w, i, &words, out);
}

u32 lx_log_count(const struct lx *l, const u8 *text, u32 len)
{
	struct klog_words words = lx_words(l);

	return klog_count(l->w, &words, text, len);
}
