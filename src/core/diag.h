/* SPDX-License-Identifier: MIT */
/* Diagnoses: core/diags.def and diag_texts.def as an enum and rows; what a finding is. */
#ifndef CORE_DIAG_H
#define CORE_DIAG_H

#include "base/types.h"

enum severity { SEVERITY_COST, SEVERITY_VIOLATION, SEVERITY_CORRUPTION };

enum diag_id {
#define DIAG(id, name, severity, fires, near) DIAG_##id,
#include "core/diags.def"
#undef DIAG
	DIAG_ASSERT, /* not in the table: "assert:NAME" */
	DIAGS
};

/* Where one shows: the rows of core/diag_places.def, as bits. */
enum diag_place {
#define PLACE(id, name, text) SHOWS_AT_##id,
#include "core/diag_places.def"
#undef PLACE
	PLACES
};
enum {
#define PLACE(id, name, text) SHOWS_##id = 1 << SHOWS_AT_##id,
#include "core/diag_places.def"
#undef PLACE
};

/* A row of both tables: what the columns hold is said there. */
struct diag_info {
	const char *name;
	enum severity severity;
	const char *fires, *near; /* scenario file, or file:variant */
	const char *mechanism, *rule, *effect, *fix, *edit, *dma_debug;
	u32 places; /* SHOWS_*, any of them */
	const char *where, *sources;
};

/* The row; BUG_ON DIAG_ASSERT and unknown ids. */
const struct diag_info *diag_info(u32 id);
/* Of a place: its name, and the words that follow "shows". BUG_ON unknown ones. */
const char *diag_place_name(enum diag_place p);
const char *diag_place_text(enum diag_place p);
/* The id of that name, DIAGS if there is none. */
u32 diag_find(const char *name);
const char *severity_name(enum severity s);

/* What became of the bytes that a finding is about. */
enum told {
	TOLD_RULE,  /* nothing, or not known: a rule was broken */
	TOLD_STALE, /* they were read, old */
	TOLD_LOST,  /* they are gone */
};

/* A set of diagnoses. */
struct diag_set {
	u64 bit[2];
};
static inline void diag_set_add(struct diag_set *s, u32 id)
{
	s->bit[id / 64] |= 1ull << (id % 64);
}
static inline bool diag_set_has(const struct diag_set *s, u32 id)
{
	return s->bit[id / 64] >> (id % 64) & 1;
}

/* One finding. Constant data; who, where and when; words are the report's. */
struct finding {
	u8 id;	     /* enum diag_id */
	u8 severity; /* enum severity, as it was in this run */
	u8 lucky;    /* the bytes were equal by luck */
	u8 party;    /* whose access: PARTY_* */
	/* ASSERT: of the assert; ENDIANNESS: what was mixed; SG_SEGMENT_LIMIT: bytes that a segment
	 * may have; KERNEL_WARN: enum klog_id; MISSING_MMIO_READBACK: 1 if it is about a register,
	 * at off, that the device read too early; else 0 */
	u32 index;
	u32 stmt;	    /* culprit statement */
	u32 event;	    /* it belongs to this event */
	u32 step;	    /* and to this statement instance */
	u32 at_stmt;	    /* statement of the access or event itself */
	u64 pa;		    /* home address of the first byte */
	u32 off, n;	    /* bytes: offset in the allocation, count */
	u32 alloc;	    /* 1 + index of the allocation, 0 = none */
	u32 map_stmt;	    /* statement of the mapping, 0 = none */
	u32 map;	    /* 1 + index of the mapping, 0 = none */
	u32 dev;	    /* 1 + device concerned, 0 = none */
	u32 writer_stmt;    /* statement of the newer write, 0 = not known */
	u8 got[8], want[8]; /* the first bytes got, and the newest (or lost) ones */
	u8 shown;	    /* how many of got, want are filled */
	u8 source;	    /* enum copy_kind the bytes came from */
	u8 told;	    /* enum told */
	u8 pad;
	u32 call_stmt;	      /* of the call that stands between and was wrong, 0 = none */
	u32 count;	      /* how often, the first one included */
	struct diag_set also; /* those that lost against this one */
	const char *reason;   /* KERNEL_BUG: static text; else NULL */
};

#endif
