/* SPDX-License-Identifier: MIT */
/*
 * A platform with the devices of a scenario on it: what a run needs besides the program. Filled by
 * the scenario layer from platform files and the scenario's own fields; constant during a run.
 */
#ifndef ENGINE_CONFIG_H
#define ENGINE_CONFIG_H

#include "device/device.h"
#include "hw/config.h"
#include "linux/config.h"

enum { TAGS_MAX = 16 };

struct machine_config {
	char platform[NAME_MAX_LEN + 1];
	char summary[320];  /* "not coherent, 64-byte lines": what the title of a run says */
	char title[128];    /* of its file: "PC, coherent, total store order" */
	char left_out[400]; /* of its file: what the real machine has and this one has not */
	char arch[NAME_MAX_LEN + 1]; /* row of linux/arch.def */
	bool passthrough;   /* there is an IOMMU, and it translates only for untrusted devices */
	bool coherent;	    /* devices look into the caches, where they say nothing themselves */
	const char *defect; /* what its kernel port does wrong, a sentence; NULL: nothing */
	struct range_map range[2][RANGES_MAX]; /* dma-ranges, by enum bus_kind */
	u32 ranges[2];
	char tags[TAGS_MAX][NAME_MAX_LEN + 1];
	u32 tags_n;
	struct hw_config hw;
	struct linux_config lx;
	const struct device_info *model[DEVICES_MAX]; /* NULL: by hand, or by a program */
	bool program[DEVICES_MAX];		      /* the scenario's own steps */
};

#endif
