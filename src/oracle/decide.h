/* SPDX-License-Identifier: MIT */
/*
 * The decision list as code: each list of oracle/decisions.def is an array of predicates and ids in
 * the file that decides by it, made from the same rows that `dmalab explain decision-list` prints.
 */
#ifndef ORACLE_DECIDE_H
#define ORACLE_DECIDE_H

#include "oracle/oracle_int.h"

/* What is to be named. Which fields are set depends on the list. */
struct question {
	const struct oracle *o;
	const struct event *e;	    /* the loss */
	const struct omap *m;	    /* the mapping that it is about, NULL: none */
	const struct view *v;	    /* what a stale read got */
	const struct record *newer; /* the write by which it is stale, NULL: it has no record */
	const struct stray *s;	    /* the access, */
	struct name *name;	    /* and what becomes known of it */
	u64 home, off, at;	    /* home byte; its offset in m; where the device read it */
	u32 n;			    /* bytes from home on, of an access of a device */
	u32 dev, handle;	    /* device; a call's: 1 + the mapping that has it inside */
	u64 bus;
	enum diag_id id;     /* of the row that is asked */
	enum diag_id blamed; /* what the call is called that lost it, DIAGS: nothing */
	u8 party, who;	     /* who read; 1 + who had written */
	bool shared, write;  /* memory that both see; the access */
};

struct decision {
	bool (*holds)(const struct question *q);
	enum diag_id id;
};

/* The id of the first row that holds, DIAGS if none does. */
enum diag_id decide(const struct decision *d, u32 n, struct question *q);

#endif
