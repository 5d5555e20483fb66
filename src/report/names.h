/* SPDX-License-Identifier: MIT */
/*
 * Names for the addresses of a run, as the driver knows them: "buf+05", "h", "nic". Made from the
 * events and the program alone, so they are there at any position in time and with the oracle off.
 *
 * A buffer has the name of the variable that the allocating statement assigns, a handle that of
 * the mapping one (or of the `&x` it fills). The second of one name is "buf#2".
 */
#ifndef REPORT_NAMES_H
#define REPORT_NAMES_H

#include "base/mem.h"
#include "base/str.h"
#include "core/event.h"
#include "engine/config.h"
#include "engine/program.h"

enum { NAME_SHOWN = 48, NAME_SHORT = 14 }; /* bytes of a name; columns it may take in a sentence */

struct named_buffer {
	u64 pa, len, va;
	u64 room;     /* bytes that are its own, at least len */
	u64 bus;      /* coherent memory: of its first byte */
	u32 stmt;     /* where it was made */
	u32 from, to; /* events that open and close it; to 0: never closed */
	u8 dev;	      /* coherent memory: whose */
	bool coherent, uncached;
	bool chunk, block; /* of a DMA pool: its own memory; what it gave out */
	char name[NAME_SHOWN];
	char handle[NAME_SHOWN];	/* of coherent memory; "" if not known */
	const struct struct_info *type; /* what the variable points to; NULL: no struct */
};

struct named_map {
	u64 pa, len, bus;
	u64 slot; /* physical address of the bounce slot of pa; 0: not bounced */
	u32 stmt;
	u32 from, to; /* as above */
	u8 dev, dir;
	u32 entry;	       /* of a scatterlist: 1 + which one; 0: none */
	char name[NAME_SHOWN]; /* "" if no variable has it; of an entry "sg[1]" */
};

struct names {
	const struct program *prog; /* borrowed, as the two below */
	const struct machine_config *cfg;
	const struct event_log *log;
	struct {
		VEC(struct named_buffer)
	} buffers;
	struct {
		VEC(struct named_map)
	} maps;
};

/* Reads the log as far as it goes. prog, cfg and log are borrowed until names_free(). */
void names_init(struct names *n, const struct program *prog, const struct machine_config *cfg,
		const struct event_log *log);
void names_free(struct names *n);

/* The buffer that holds physical pa when event number `at` happens; NULL: none. */
const struct named_buffer *names_buffer(const struct names *n, u64 pa, u32 at);
/* The block of a pool that held physical pa last, open or closed, before event `at`; NULL: none. */
const struct named_buffer *names_block(const struct names *n, u64 pa, u32 at);
/* The first buffer that begins in [pa, pa + len) then; NULL: none. */
const struct named_buffer *names_buffer_in(const struct names *n, u64 pa, u64 len, u32 at);
/* The newest mapping of dev that holds bus (dead ones only if no live one does); NULL: none. */
const struct named_map *names_map(const struct names *n, u32 dev, u64 bus, u32 at);
/* The newest live mapping that holds home or slot byte pa; NULL: none. */
const struct named_map *names_map_of(const struct names *n, u64 pa, u32 at);
/* The home of a byte in a live bounce slot, else pa itself. */
u64 names_home(const struct names *n, u64 pa, u32 at);
/* Whether it is of the bounce pool of the boot, or of a later one and bounced to then. */
bool names_in_pool(const struct names *n, u64 pa, u32 at);
/* Appends "17", "17+10": the slot of the pool that was there at boot; else the address. */
void names_slot(const struct names *n, u64 pa, struct str *out);

/* Appends "buf" (whole: its first byte, and the range is all of it), "buf+05", "phys 0x…". */
void names_phys(const struct names *n, u64 pa, u64 len, u32 at, struct str *out);
/* Appends "buf+05" always with the offset, or "p->packets", "ring[2].addr+04" where the variable
 * points to a struct. */
void names_byte(const struct names *n, u64 pa, u32 at, struct str *out);
/* Appends "h", "h+10", "bus 0x…". */
void names_bus(const struct names *n, u32 dev, u64 bus, u32 at, struct str *out);
const char *names_device(const struct names *n, u32 dev);
/* The struct that a variable of the driver points to, by its type; NULL: to none. name may be NULL.
 */
const struct struct_info *names_pointed_to(const struct names *n, const char *name);
/* Appends "NIC_CTRL" of a device with a model that has it, else "register 0x04". */
void names_register(const struct names *n, u32 dev, u64 reg, struct str *out);
/* "the CPU", or "CPU 1" where there are several; "nic". */
const char *names_party(const struct names *n, u32 party);
const char *names_subject(const struct names *n, u32 party); /* to begin a sentence: "The CPU" */
bool names_is_cpu(const struct names *n, u32 party);
/* The CPU that event number `at` is about: its own, or 0. */
u32 names_cpu_at(const struct names *n, u32 at);
/* "CPU", or "CPU 1" where there are several: a column of what it reads. */
const char *names_cpu(const struct names *n, u32 cpu);

/* A direction (enum dma_dir): as the driver writes it, and what the device may do: "to read". */
const char *names_direction(u64 dir);
const char *names_rights(u64 dir);

/* Line of the file of a statement; 0: none. */
u32 names_line(const struct names *n, u32 stmt);
const struct stmt_info *names_stmt(const struct names *n, u32 stmt); /* stmt[0] if there is none */
/* Appends a name, cut in its middle ("rx_desc..buf3") to NAME_SHORT columns. */
void names_short(const char *name, struct str *out);

/*
 * Appends the i-th argument, as written, of the first call in the statement's text whose name
 * begins with `prefix` ("dma_map_"). text may be NULL. False: there is no such call, or it has
 * fewer.
 */
bool names_argument(const char *text, const char *prefix, u32 i, struct str *out);

#endif
