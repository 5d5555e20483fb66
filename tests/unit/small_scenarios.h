/* SPDX-License-Identifier: MIT */
/*
 * Random scenarios so small that every schedule of them can be gone through by brute force: at most
 * twelve operations, two lines, one device, on platforms of every kind. Nothing keeps to any
 * contract here: what matters is that something is found, and that it depends on the schedule.
 *
 * A scenario is a list of operations and becomes text only when it is printed, so that one that
 * shows a mistake can be made smaller by leaving operations out.
 */
#ifndef UNIT_SMALL_SCENARIOS_H
#define UNIT_SMALL_SCENARIOS_H

#include "base/prng.h"
#include "base/str.h"
#include "base/types.h"

enum { SMALL_OPS = 12 };

/* Where the bytes are that driver and device share. */
enum small_memory {
	SMALL_KMALLOC,	/* one buffer of two lines, mapped */
	SMALL_TWO,	/* two buffers in one line, of which one is mapped */
	SMALL_PLACED,	/* two lines at a fixed address; cache operations by hand */
	SMALL_COHERENT, /* coherent memory */
	SMALL_BOTH,	/* a mapped buffer, and flags in coherent memory */
	SMALL_MEMORIES
};

/* Who does an operation. */
enum small_actor {
	SMALL_DRIVER,
	SMALL_HANDLER, /* of the device's interrupt */
	SMALL_WORK,    /* on CPU 1 */
	SMALL_DEVICE,  /* its program, or by hand if it has none */
	SMALL_ACTORS
};

struct small_op {
	u8 kind;     /* a row of the table in small_scenarios.c */
	u8 actor;    /* enum small_actor */
	u8 off, n;   /* bytes */
	u8 val, dir; /* a byte to store or wait for; a direction */
	u8 form;     /* which of the ways to write it */
	u8 flag;     /* SMALL_BOTH: of the coherent memory */
};

struct small_machine {
	const char *arch;
	bool coherent, speculates, early_loads, weak, choice, through, bounce;
	u8 sets, ways, outer_ways; /* 0: no cache, no outer cache */
	u8 entries;		   /* of the store buffer */
	u8 passes;		   /* mmio_passes */
	u8 cpus;
};

struct small {
	struct small_machine m;
	u8 memory;    /* enum small_memory */
	bool zeroed;  /* kzalloc(), else what it is says nothing yet */
	bool program; /* the device has one; else it is driven by hand */
	bool relaxed; /* some doorbells are; the device's writes too */
	bool asserts; /* only asserts judge: then the search leaves out more */
	u32 n;
	struct small_op op[SMALL_OPS];
};

void small_make(struct small *s, u64 seed);
/* The text of a scenario. */
void small_print(const struct small *s, struct str *out);
/* Without operation i. */
void small_leave_out(struct small *s, u32 i);
/* Adds "12 noncoherent, 3 coherent, ..." for what the counts are of: see small_count(). */
struct small_cover {
	u32 n, coherent, speculates, weak, bounce, outer, through, choice, program, cpus;
	u32 memory[SMALL_MEMORIES];
};
void small_count(struct small_cover *c, const struct small *s);
void small_cover_print(const struct small_cover *c);

#endif
