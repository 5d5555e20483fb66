/* SPDX-License-Identifier: MIT */
/*
 * Device models. A model sees its registers and bus addresses, never the DMA API. One step is one
 * beat. Its registers lie in struct dev_state (hw/hw.h), so they are part of the world.
 */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include "hw/hw.h"

enum reg_access { REG_READ = 1, REG_WRITE = 2 };

/* One row of a data sheet. */
struct reg_info {
	u32 offset, size; /* bytes */
	u32 access;	  /* enum reg_access, or-ed */
	const char *name, *meaning;
};

struct device_info {
	const char *name, *summary;
	u32 address_bits; /* what its wires carry if the scenario does not say */
	const struct reg_info *reg;
	u32 regs;
};

/* The i-th model, NULL behind the last; the model of that name, NULL if there is none. */
const struct device_info *device_model_at(u32 i);
const struct device_info *device_model_find(const char *name);

/* edu (device/edu.c): as QEMU's teaching device, docs/specs/edu.rst. */
void edu_written(struct hw *h, u32 dev, const struct posted *p); /* a register write arrived */
bool edu_ready(const struct hw *h, u32 dev); /* it has a beat or a computation to do */
void edu_step(struct hw *h, u32 dev);
void edu_reset(struct hw *h, u32 dev); /* before the run: identification, empty buffer */

#endif
