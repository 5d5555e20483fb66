/* SPDX-License-Identifier: MIT */
/* The events of one turn of a statement as items, before they are told. Internal to report/. */
#ifndef REPORT_SUMMARY_INT_H
#define REPORT_SUMMARY_INT_H

#include "report/narrate.h"

enum shape { SHAPE_ONE, SHAPE_RANGE, SHAPE_LINES, SHAPE_NOISE };

/* How events of a kind are put together. */
enum shape shape_of(u32 kind);

struct item {
	u32 first, last, count; /* events, how many */
	u8 kind, party;
	u16 arg;
	u64 at, end;  /* bytes */
	u64 to;	      /* copies: where the byte at `at` goes */
	u32 level[2]; /* lines: how many of the inner, the outer cache */
	u8 head[64];  /* the first bytes */
	u32 heads;    /* how many of them are known */
	u32 extra;    /* INVALIDATE: how many were dirty; stores: bytes that have drained */
	u32 fills;    /* stores: lines fetched */
	u32 list;     /* so many stores to the list of a pool's free blocks; 0: it is none */
	bool fill;    /* all bytes are the same */
	bool silent;
	bool kernel; /* part of a call */
};

struct items {
	VEC(struct item)
};

/* Gathers events [first, last]; silent are those that another item tells. Freed by vec_free(). */
void items_gather(const struct names *n, u32 first, u32 last, struct items *out);

#endif
