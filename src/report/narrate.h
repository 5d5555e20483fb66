/* SPDX-License-Identifier: MIT */
/*
 * Sentences. One event: the template of core/events.def with names in it. A statement: its events
 * summed up, sixteen stores of a memset() in one sentence.
 *
 * Style: present tense, one subject, one effect. Bytes as text in quotes if all can be printed,
 * else up to six in hex, from seven on the first four and "..". At most 80 columns with names of
 * up to 8; longer names are cut in the middle.
 */
#ifndef REPORT_NARRATE_H
#define REPORT_NARRATE_H

#include "engine/engine.h"
#include "report/names.h"

/* Appends n bytes as the style says: `"hello"`, `aa aa aa aa ..`. known: how many v really holds.
 */
void narrate_bytes(const u8 *v, u32 known, u32 n, struct str *out);
/* The same without quotes around text, for findings: hello. */
void narrate_plain_bytes(const u8 *v, u32 known, u32 n, struct str *out);
/* Ends a sentence: a full stop, unless it ends in "..". */
void narrate_stop(struct str *out);
/* "1 byte", "5 bytes". */
void narrate_count(u64 n, const char *one, struct str *out);

/* "The store buffer", or "CPU 1's store buffer" where there are several. */
void narrate_store_buffer(const struct names *n, u32 party, struct str *out);

/* Appends the sentence of event number (1..). lx gives the kernel's log lines; NULL: without. */
void narrate_event(const struct names *n, const struct lx *lx, u32 number, struct str *out);

struct sentence {
	u32 event;     /* the last event that it tells: sentences stand in this order */
	u64 home, len; /* of an access: its bytes, where they are at home; else 0 */
	bool read;     /* it is a load or a DMA read */
	char *text;    /* owned */
};
struct sentences {
	VEC(struct sentence)
};

/*
 * The events of one turn of a statement: [first, last]. Appends in order of the last events that
 * are told, so that what led to an effect stands before it.
 */
void narrate_statement(const struct names *n, const struct lx *lx, u32 first, u32 last,
		       struct sentences *out);
void sentences_free(struct sentences *s);

/*
 * The end of the group of events that begins at first: those of one turn of one statement, and
 * what hardware did right behind it.
 */
u32 narrate_group_end(const struct names *n, u32 first);

#endif
