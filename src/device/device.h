/* SPDX-License-Identifier: MIT */
/*
 * Device models. A model sees its registers and bus addresses, never the DMA API. One step is one
 * beat. Its registers lie in struct dev_state (hw/hw.h) and its own state in a region of the world,
 * so that both are part of it.
 *
 * A model is one row of the table in device/models.c: a struct device_info. Its data sheet, the
 * names that a scenario gets with it and the acts that it adds are printed and compiled from that
 * row alone; the engine knows no model by name.
 */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include "hw/hw.h"

enum reg_access {
	REG_READ = 1,
	REG_WRITE = 2,
	REG_CLEAR = 4, /* a 1 that is written clears the bit */
};

/* A register: one row of a data sheet. */
struct reg_info {
	u32 offset, size; /* bytes */
	u32 access;	  /* enum reg_access, or-ed */
	u64 reset;	  /* what it holds before the run */
	const char *constant, *name, *meaning;
	u32 count, stride; /* an array of so many, so many bytes apart; 0: it is one register */
};

enum { NO_REG = 0xffffffff };

/* A name for a value: bits of a register, or of something else that the model defines. */
struct device_const {
	u32 reg; /* offset of the register whose bits they are; NO_REG: of none */
	const char *name;
	u64 value;
	const char *meaning;
};

/* How a device can be told to misbehave, bits; each holds for one occasion. */
enum misbehaviour {
	WRONG_SHORT = 1,      /* moves half of what it says */
	WRONG_OVERRUN = 2,    /* one more beat behind the end of the buffer */
	WRONG_AFTER_STOP = 4, /* one more beat after it was told to stop */
	WRONG_ALL = 7,
};

/* Their names in scenarios; ends with a row without a name. */
extern const struct device_const device_misbehaviours[];

/* What an act is given: integers and bytes, in the order of its arguments. */
struct act_args {
	u64 v[2];
	const u8 *bytes[2];
	u32 len[2];
};

/* Something that an author can let a model do, under the device's name. */
struct device_act {
	const char *name;
	const char *args;    /* v an integer, b bytes, w what misbehave() takes */
	const char *form;    /* as printed: "receive(b)" */
	const char *meaning; /* a sentence */
	/* Does it. NULL, or why it cannot be done: static text. NULL where look is given. */
	const char *(*run)(struct hw *h, u32 dev, const struct act_args *a);
	/* Only looks: the bytes that it gives, *at in the world; returns how many. */
	u32 (*look)(const struct hw *h, u32 dev, const u8 **at);
	bool told; /* the driver's register writes that are on their way arrive before it */
};

/* Bytes that a device has fetched and not yet used up. */
struct device_hold {
	const char *what; /* static: "receive descriptor" */
	u64 bus;	  /* where they were fetched */
	const u8 *data;	  /* in the world */
	u32 n;
};

/* A model. claim to step are always there; what follows them may be NULL. */
struct device_info {
	const char *name, *summary;
	u32 address_bits;  /* what its wires carry if the scenario does not say */
	bool has_ring;	   /* the scenario may say how many descriptors its rings have */
	bool has_segments; /* and how long a segment may be, and what it must not cross */
	const struct reg_info *reg;
	u32 regs;
	const struct device_const *constant;
	u32 constants;
	const char *layout;	  /* C text: the structs that it reads in memory; NULL: none */
	const char *const *does;  /* sentences: what it does, in order; ends with NULL */
	const char *const *wrong; /* one sentence per misbehaviour: short, overrun, after stop */
	const struct device_act *act;
	u32 acts;
	/* Its own state: a region of the world. Before hw_open(). */
	void (*claim)(struct hw *h, u32 dev);
	/* Before the run: all is zero but what this sets. After hw_open(), with the journal off. */
	void (*reset)(struct hw *h, u32 dev);
	/* A register write arrived; the register file already holds it. */
	void (*written)(struct hw *h, u32 dev, const struct posted *p);
	/* It has a beat or something else to do; and doing it: one transition. */
	bool (*ready)(const struct hw *h, u32 dev);
	void (*step)(struct hw *h, u32 dev);
	/* What it would do next is its misbehaviour, which calm puts off as long as it can. */
	bool (*late)(const struct hw *h, u32 dev);
	/* Something in the world has changed: a device that polls memory may want to look again. */
	void (*changed)(struct hw *h, u32 dev);
	/* The i-th thing that it holds; false: no more. */
	bool (*holds)(const struct hw *h, u32 dev, u32 i, struct device_hold *out);
};

/* The i-th model, NULL behind the last; the model of that name, NULL if there is none. */
const struct device_info *device_model_at(u32 i);
const struct device_info *device_model_find(const char *name);
/* The act of that name; NULL: the model has none. */
const struct device_act *device_act_find(const struct device_info *m, const char *name);
/* The row of the register at that offset, and which one of an array it is; NULL: there is none. */
const struct reg_info *device_reg_at(const struct device_info *m, u64 offset, u32 *index);
/* The row of the register with that name; NULL: there is none. */
const struct reg_info *device_reg_find(const struct device_info *m, const char *constant);

/* ---- what models share (device/models.c) ---- */

/* Bytes of the next beat: up to where the device's bus cuts them, and within one line of memory. */
u32 beat_bytes(const struct hw *h, u32 dev, u64 bus, u64 left);
/* The row of the register that a write of that size goes to; NULL: there is none to be written. */
const struct reg_info *device_reg_taken(const struct device_info *m, const struct posted *p);
/* Registers get their reset values. */
void device_regs_reset(const struct device_info *m, struct hw *h, u32 dev);
/* The state of a model in the world: the region that its claim() made. */
const void *device_state(const struct hw *h, u32 dev);
/*
 * A misbehaving device's beat of at most `most` bytes, to or from memory that is not its own, at a
 * bus address; what it writes is junk, and whether anything answers is the same to it.
 */
void device_wrong_beat(struct hw *h, u32 dev, bool write, u64 bus, u32 most);
/* An interrupt, unless so many are on their way already that this one joins them. */
void device_interrupt(struct hw *h, u32 dev);

/* ---- the models ---- */

enum { EDU_BUFFER_ADDR = 0x40000, EDU_BUFFER_BYTES = 4096 };
extern const struct device_info edu_model, nic_model, sgdma_model, audio_model, mailbox_model;
/* What edu's buffer holds: EDU_BUFFER_BYTES. */
const u8 *edu_buffer(const struct hw *h, u32 dev);

#endif
