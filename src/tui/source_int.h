/* SPDX-License-Identifier: MIT */
/* What the files source*.c share: never included elsewhere. */
#ifndef TUI_SOURCE_INT_H
#define TUI_SOURCE_INT_H

#include "report/cause.h"
#include "report/names.h"
#include "report/narrate.h"
#include "tui/source.h"

/* Bytes of the object that a screen looks at: of a larger one the part around the event. */
enum { SEEN_MAX = 4096, ROW_BYTES = LESSON_BYTES };

/* A line of the file that the driver pane shows. */
struct source_line {
	u32 line;
	u16 depth;
	const char *text; /* in the source's arena */
	bool missing;	  /* only the other variant has it, or a fix names it */
	bool alone;	  /* only this variant has it */
	bool nowhere;	  /* missing, and on no line of the file */
};

/* A finding, with the last event of the access that it is about. */
struct source_finding {
	const struct finding *f;
	u32 last;
};

struct run_source {
	struct run *run; /* borrowed, as the four below: they are parts of it */
	struct engine *e;
	const struct names *names;
	const struct program *prog;
	const struct findings *findings;
	struct arena arena;
	struct {
		VEC(struct source_line)
	} lines; /* by line */
	struct {
		VEC(struct source_finding)
	} found;		/* by last event */
	u8 *mark;		/* owned: of each event on the timeline */
	struct truths *scratch; /* owned: SEEN_MAX; of the screen that is being made */
};

/* What one screen is about. */
struct sight {
	const struct run_source *s;
	struct lesson_model *m;
	u32 at;				    /* the position */
	const struct event *ev;		    /* of the position; NULL before the first */
	const struct source_finding *found; /* told at the position, the worst; NULL: none */
	const struct named_buffer *buf;	    /* the object; NULL: none yet */
	u64 focus;			    /* the home byte that the event is about */
	u64 row;			    /* home address of the open row, */
	u32 n;				    /* its bytes */
	u64 from;			    /* what is looked at: home address, */
	u32 seen;			    /* bytes */
	u32 dev;			    /* whose row is shown; ~0: the machine has none */
	struct truths *t;		    /* of each byte that is looked at */
};

#define M_SET(field, text) lesson_set(field, sizeof(field), text)
#define M_SETF(field, ...) lesson_setf(field, sizeof(field), __VA_ARGS__)

/* source_focus.c: which object, bytes, row and device. */
/* Home bytes that event number k touches; false if it names none. */
bool event_home(const struct names *n, u32 k, u64 *pa, u64 *len);
void sight_find(struct sight *g);
/* The worst finding that is told while the position is in its access. NULL: none. */
const struct source_finding *found_at(const struct run_source *s, u32 at);
const struct truths *sight_at(const struct sight *g, u64 pa); /* a byte that is looked at */
bool truths_differ(const struct truths *t);		      /* somebody is behind */
/* Values differ and nobody is behind: the device is to write the byte, so either may be dropped. */
bool truths_loose(const struct truths *t);

/* source_truths.c: the open row with its seams, marks and verbs. */
void fill_open_row(struct sight *g);
/* The kinds of finding that wrong bytes belong to. */
bool finding_is_stale(const struct finding *f);
bool finding_is_lost(const struct finding *f);
u32 bytes_consumed(const struct sight *g); /* old bytes read so far by the access of g->found */

/* source_lines.c: headers of lines, folds, owners. */
void fill_lines(struct sight *g);
struct lesson_lower *lower_add(struct sight *g, u8 kind);
u32 sight_line_number(const struct sight *g, u64 line_pa);

/* source_lower.c: the last writer, what would be lost, panes of other layers. */
void fill_lower(struct sight *g);
/* The number of rows that fill_lower() will add. */
u32 lower_rows(const struct sight *g);

/* A write of one byte: who, and what. */
struct origin {
	u32 event; /* 0: nobody has written it */
	u8 value;
	bool known; /* the event says the value */
};
/* The newest write before event `before` (exclusive) of home byte pa; not before `after`. */
struct origin origin_of(const struct names *n, u64 pa, u32 before, u32 after);
enum lesson_side origin_side(const struct names *n, const struct origin *o);

/* source_words.c: verdict and sentences. */
void fill_words(struct sight *g);

/* source_pages.c */
void source_page(void *self, enum tui_page page, u32 position, struct str *out);

/* source_driver.c: the program. */
void driver_read(struct run_source *s, const struct program *other);
void fill_driver(struct sight *g);

#endif
