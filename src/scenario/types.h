/* SPDX-License-Identifier: MIT */
/*
 * Types of values, and the layout of structs by C's rules. Values carry no type when they run:
 * everything here is decided by the compiler.
 */
#ifndef SCENARIO_TYPES_H
#define SCENARIO_TYPES_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/program.h"
#include "scenario/ast.h"

enum type_kind {
	TY_NONE, /* unknown: a mistake was reported, or it is not known yet. Nothing more is said */
	TY_VOID,
	TY_INT,
	TY_PTR,
	TY_DMA,
	TY_PHYS,
	TY_PAGE,
	TY_BYTES,
	TY_ENDIAN,
	TY_STRUCT, /* only as a place in memory */
	TY_DEVICE,
	TY_MMIO,       /* dev.regs + OFFSET */
	TY_IRQ,	       /* dev.irq */
	TY_SG,	       /* struct scatterlist *; never in memory */
	TY_SGT,	       /* struct sg_table * */
	TY_SG_LIST,    /* what is declared: an entry, or an array of them */
	TY_SGT_TABLE,  /* a table */
	TY_POOL,       /* struct dma_pool *; never in memory */
	TY_IOVA,       /* &state */
	TY_IOVA_STATE, /* struct dma_iova_state, declared */
};

struct type {
	u8 kind;  /* enum type_kind */
	u8 width; /* INT: enum width */
	u8 base;  /* ENDIAN, PTR: enum type_base */
	u8 stars; /* PTR: of what it points to, 0 in u8 * */
	bool is_bool;
	bool is_const;		     /* PTR: to const */
	bool bus;		     /* PTR: an address on the bus, which a device follows */
	const struct layout *layout; /* STRUCT, PTR to struct */
};

struct layout_field {
	const char *name;
	struct type type; /* of one element */
	u32 offset;	  /* bytes */
	u32 count;
	bool is_array;
};

/* Bytes between the last field of a group that is the device's and the end of its last line. */
struct layout_pad {
	u32 offset, bytes;
};

struct layout {
	const char *name;
	struct layout_field *field;
	u32 fields;
	struct layout_pad *pad;
	u32 pads;
	u32 size, align; /* bytes */
	bool bad;	 /* a mistake in it was reported: fields may be missing */
	bool of_model;	 /* a device model's, not the file's */
};

enum { STRUCT_SIZE_MAX = 1 << 20 };

struct type type_int(enum width width);
struct type type_of_kind(enum type_kind kind);
struct type type_pointer(struct type to); /* to: INT, ENDIAN, STRUCT, VOID, DMA, PHYS, PTR */
struct type type_void_pointer(void);
bool type_is_void_pointer(const struct type *t);
struct type type_target(const struct type *ptr); /* what a pointer points to */
bool type_equal(const struct type *a, const struct type *b);
bool type_same_target(const struct type *a, const struct type *b); /* of two pointers */

/* Bytes in memory; 0: it has no place there (void, bytes, a device, ...). */
u32 type_size(const struct type *t);
u32 type_align(const struct type *t);
/* The integer that __le32 stands for, and its order in memory. */
enum width type_endian_width(const struct type *t);
enum swap type_swap(const struct type *t);

/* "a pointer", "an integer", ...: for messages. As C prints it: "struct desc *". */
const char *type_describe(const struct type *t);
void type_print(const struct type *t, struct str *out);

/* The field of that name, NULL if there is none. */
const struct layout_field *layout_find(const struct layout *l, const char *name);

/* One struct of the file as its layout is made: fields in order, then layout_end(). */
struct layout_builder {
	struct layout *l;
	u64 at; /* bytes so far */
	bool packed;
};

/* Adds a field of count elements. align: 0 the type's own. False: the struct becomes too large. */
bool layout_add(struct layout_builder *b, const struct layout_field *f, u32 align);
void layout_align(struct layout_builder *b, u32 align); /* the next field, and the struct */
void layout_end(struct layout_builder *b, u32 align);

#endif
