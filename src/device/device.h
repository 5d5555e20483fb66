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

/* ---- edu (device/edu.c): as QEMU's teaching device, docs/specs/edu.rst ---- */

enum { EDU_BUFFER_ADDR = 0x40000, EDU_BUFFER_BYTES = 4096 };

const struct device_info *edu_info(void);
/* Its own state: a region of the world. Before hw_open(). */
void edu_claim(struct hw *h, u32 dev);
/* Before the run: the identification; all else is zero. After hw_open(), with the journal off. */
void edu_reset(struct hw *h, u32 dev);
/* A register write arrived; the register file already holds it. */
void edu_written(struct hw *h, u32 dev, const struct posted *p);
/* It has a beat, a computation or the end of a transfer to do; and doing it: one transition. */
bool edu_ready(const struct hw *h, u32 dev);
void edu_step(struct hw *h, u32 dev);
/* What its buffer holds: EDU_BUFFER_BYTES. */
const u8 *edu_buffer(const struct hw *h, u32 dev);
/* By hand: n bytes at offset off of its buffer are data. False: they do not fit; nothing is done.
 */
bool edu_preset(struct hw *h, u32 dev, u32 off, const u8 *data, u32 n);

#endif
