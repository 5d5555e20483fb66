/* SPDX-License-Identifier: MIT */
/*
 * Why some bytes are what they are after an event: which store or DMA write made them, who made
 * each copy, who gave them to whom, the call that is missing, and one closing answer. Also of bytes
 * with which nothing is wrong, and of those that are freed or were never written.
 *
 * Neighbouring bytes with the same history are one story.
 */
#ifndef REPORT_WHY_H
#define REPORT_WHY_H

#include "report/cause.h"
#include "report/run.h"
#include "report/style.h"
#include "report/writer.h"

enum {
	WHY_BYTES_MAX = 4096, /* that are looked at */
	WHY_STORIES_MAX = 8,  /* that are told */
};

/* Which bytes are asked for, and when. */
struct why_bytes {
	u32 event;
	u64 pa, len;			/* home bytes; len > 0 */
	const struct named_buffer *buf; /* that they are in */
	const struct named_map *map;	/* by whose handle they were named; NULL: by a pointer */
};

/*
 * Reads "e13" or "13". False: why gets a sentence without its end.
 */
bool why_event(const struct run *r, const char *word, u32 *event, struct str *why);
/*
 * Reads NAME[+OFFSET][:COUNT] or NAME[+OFFSET][..LAST]: the name of a buffer, of a handle, or of a
 * variable of the driver that points to memory then, followed by [i], ->field or .field where it
 * points to structs. Offsets are hexadecimal as they are printed, counts decimal; without count
 * it is one byte, and without offset too all that the name stands for. Moves the engine. False: why
 * gets a sentence without its end.
 */
bool why_bytes(struct run *r, u32 event, const char *word, struct why_bytes *out, struct str *why);

/* From the worst on: where there are too many, those at the end are not told. */
enum why_state {
	WHY_STALE,   /* read at the event, old */
	WHY_LOST,    /* no copy of the newest write is left */
	WHY_STOPPED, /* a device wanted them at the event and did not come to memory */
	WHY_BROKEN,  /* a finding is about what the event did to them, and none went wrong by it */
	WHY_OLD,     /* some copy is old, and this event does not read it */
	WHY_LEFT,    /* handed back without having been written */
	WHY_LOOSE,   /* a device is to write them: what was there may be dropped */
	WHY_UNWRITTEN,
	WHY_FREED,   /* the event is behind the end of the allocation, */
	WHY_NOT_YET, /* or before it */
	WHY_FINE,
	WHY_STATES
};
const char *why_state_name(enum why_state s); /* "stale": as JSON has it */

/* Where a copy may be: bits 1 << WHY_IN_*. */
enum why_place {
	WHY_IN_BUFFER,
	WHY_IN_CACHE,
	WHY_IN_OUTER,
	WHY_IN_MEMORY,
	WHY_IN_SLOT,
	WHY_PLACES
};

/* What one party has of the bytes. */
struct why_seen {
	bool there;   /* false: no mapping leads the device to them */
	char mark;    /* of the first byte, as in struct truth */
	bool behind;  /* as there: not the newest, marked or not */
	u8 value[64]; /* of the first bytes */
	bool mixed;   /* not all of them are the same */
	u32 event;    /* that wrote the first of these values; 0: not known */
	u32 group;    /* the first event of that turn of its statement */
};

struct why_story {
	enum why_state state;
	u64 pa;
	u32 n, shown; /* bytes; of those whose values are kept (at most 64) */
	struct why_seen cpu, memory, device, slot;
	bool bounced, snooped;
	u32 dev; /* whose row it is, if the device's is there */
	u8 newest[64];
	bool newest_mixed;
	u32 written;		 /* the newest write's event; 0: nobody wrote, or nobody knows */
	u32 group;		 /* as of what is seen */
	u32 places;		 /* that hold a copy which is not old */
	u32 reader;		 /* party, of STALE and BROKEN: who accesses; else ~0 */
	const struct finding *f; /* about these bytes here; NULL: none */
	bool again;		 /* f is of an earlier turn of the same statement */
	struct cause chain;	 /* empty where there is nothing to tell */
	struct str title;	 /* without the place: "why does the CPU read aa aa?" */
	struct str answer;	 /* sentences */
};

struct why {
	const struct run *r; /* borrowed */
	struct why_bytes asked;
	VEC(struct why_story)
	u32 beyond;  /* stories that are not told */
	u64 skipped; /* bytes that were not looked at */
};

/* Tells of the bytes. Moves the engine; free with why_free(). */
void why_make(struct why *w, struct run *r, const struct why_bytes *asked);
void why_free(struct why *w);

void text_why(const struct why *w, const struct style *s, struct str *out);
/* A line of type "why" for each story. */
void json_why(const struct why *w, struct str *out);

#endif
