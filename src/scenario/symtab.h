/* SPDX-License-Identifier: MIT */
/*
 * Names to objects, for the compiler: a hash table of (scope number, name). Names are borrowed and
 * must outlive the table. What is put in stays in; order of insertion is that of v.
 */
#ifndef SCENARIO_SYMTAB_H
#define SCENARIO_SYMTAB_H

#include "base/mem.h"
#include "base/types.h"

struct symbol {
	const char *name;
	u32 scope;
	void *object; /* borrowed */
};

struct symtab {
	VEC(struct symbol)
	u32 *slot; /* owned: 1 + index into v, 0 is free */
	u32 slots; /* a power of two, or 0 */
};

void *symtab_get(const struct symtab *t, u32 scope, const char *name); /* NULL: not there */
/* The pair must not be there yet. */
void symtab_put(struct symtab *t, u32 scope, const char *name, void *object);
void symtab_free(struct symtab *t);

#endif
