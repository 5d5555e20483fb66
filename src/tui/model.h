/* SPDX-License-Identifier: MIT */
/*
 * The lesson layout as plain data: what its screen shows, not how. Whoever knows a run fills a
 * struct lesson_model; tui/lesson.c draws it. No pointer, no owner: the whole is copied by "=".
 *
 * All texts are UTF-8, NUL-terminated, cut by whoever fills (lesson_set() does it between two
 * characters). A zeroed model is valid: it draws an empty screen.
 */
#ifndef TUI_MODEL_H
#define TUI_MODEL_H

#include "base/types.h"

enum {
	LESSON_BYTES = 16,     /* bytes in the open row */
	LESSON_NAME = 64,      /* bytes of a name, its NUL included */
	LESSON_TEXT = 256,     /* bytes of a sentence or statement, its NUL included */
	LESSON_LOWER = 5,      /* rows 9 to 13; one less below an owner row */
	LESSON_SPANS = 8,      /* pieces of a free row that have a role of their own */
	LESSON_FIELDS = 16,    /* fields of a declared type in the open row */
	LESSON_STRIP = 32,     /* marks on the timeline */
	LESSON_DRIVER = 64,    /* driver lines a model can hold */
	LESSON_NO_BYTE = 0xff, /* no byte is chosen */
	LESSON_NO_MARK = 0xff, /* the position is before the first event */
};

/* Who owns bytes. The order is that of badges in lesson.c. */
enum lesson_badge {
	BADGE_NOT_SHOWN,  /* no badge: nothing is known about ownership here */
	BADGE_CPU,	  /* [CPU] */
	BADGE_CPU_MAPPED, /* [CPU+h] the CPU's turn inside a mapping */
	BADGE_DEV_R,	  /* <DEV r> */
	BADGE_DEV_W,	  /* <DEV w> */
	BADGE_DEV_RW,	  /* <DEV rw> */
	BADGE_SHARED,	  /* {BOTH} coherent memory */
	BADGE_NONE,	  /* (free) */
};

/* The state of a cache line. */
enum lesson_cached {
	CACHED_NOT_SHOWN,
	CACHED_EMPTY,	 /* " . " */
	CACHED_CLEAN,	 /* (C) */
	CACHED_DIRTY,	 /* [D] */
	CACHED_UNCACHED, /* (U) */
	CACHED_FILLING,	 /* >F< */
};

/* How a remark at the right end of a row is meant. */
enum lesson_note {
	NOTE_QUIET,   /* all agree */
	NOTE_BEHIND,  /* somebody is behind: old */
	NOTE_FINDING, /* a finding */
};

enum lesson_state {
	BYTE_KNOWN,
	BYTE_UNREACHABLE, /* "--": no mapping covers it */
	BYTE_VEILED,	  /* "??" until a question is answered */
};

/* Side of the last writer, for the colour of newest bytes. */
enum lesson_side {
	SIDE_NOBODY,
	SIDE_CPU,
	SIDE_DEV,
};

struct lesson_byte {
	u8 value;
	u8 state; /* enum lesson_state */
	/* ' ' (or 0) all agree, '*' newest, '~' old, '!' stale, 'x' did not get through */
	char mark;
	u8 writer; /* enum lesson_side: who wrote this value last; used with '*' */
};

enum lesson_verb {
	VERB_NONE,  /* "memory+cache": who is the whole label */
	VERB_HOLDS, /* "memory holds" */
	VERB_READS, /* would read now */
	VERB_READ,  /* has just read: READ */
	VERB_WROTE, /* has just written: WROTE */
};

/* One of the three truths. */
struct lesson_row {
	char who[LESSON_NAME]; /* "CPU", "memory", a device; folded to fit 12 columns with the verb
				*/
	u8 verb;	       /* enum lesson_verb */
	bool acts;	       /* it acted in this event */
	struct lesson_byte byte[LESSON_BYTES];
	char text[LESSON_NAME]; /* instead of the bytes as characters, for fields; "" if not used */
	u8 text_note;		/* enum lesson_note: how text is meant */
};

enum lesson_wall {
	WALL_NONE,
	WALL_LIGHT,  /* the same value, an older version */
	WALL_FULL,   /* the two sides differ */
	WALL_CLOSED, /* no way through: no entry, mask */
	WALL_VEILED,
};

/* What lies between two rows. */
struct lesson_seam {
	char what[LESSON_NAME]; /* "cache", "snooped", "bounce", "direct", "store buf.", "no entry"
				 */
	u32 copied;	       /* the event at which it took its copy; 0: none. Shown with a wall */
	u8 wall[LESSON_BYTES]; /* enum lesson_wall */
	char text[LESSON_NAME]; /* instead of the wall below the characters: "2 stores wait"; "" */
};

/* A field of a declared type, for the ruler. first and count are bytes of the open row. */
struct lesson_field {
	char name[LESSON_NAME]; /* "addr le64" */
	u8 first, count;
};

/* The header of a cache line. */
struct lesson_line {
	u32 number;
	char range[LESSON_NAME];  /* "buf+00..3f" */
	u8 owner;		  /* enum lesson_badge: the badge */
	char rights[LESSON_NAME]; /* "nic may write", at most 16 columns */
	u8 cached;		  /* enum lesson_cached */
	char where[LESSON_NAME];  /* "clean in L1" */
	u8 note_kind;		  /* enum lesson_note */
	char note[LESSON_NAME];	  /* "= agree", "~ CPU is behind", "! CPU READ OLD" */
};

enum lesson_lower_kind {
	LOWER_EMPTY,
	LOWER_FOLD, /* "buf+10..3f": range, text */
	LOWER_LINE, /* line */
	LOWER_BYTE, /* the last writer: range is the byte, text */
	LOWER_IF,   /* what would be lost: number is the line, happens, text; loses */
	LOWER_RULE, /* a pane's rule: range is its name on the left, text its state on the right */
	LOWER_TEXT, /* a row of a pane: text from column 0, spans */
};

/* The end of "if line 0 is ... now:". */
enum lesson_if {
	IF_WRITTEN_BACK,
	IF_DROPPED,
	IF_INVALIDATED,
};

struct lesson_span {
	u8 col, count;
	u8 role; /* enum role of base/grid.h */
};

/* One of the rows below the open truths. Fields that the kind does not name are not looked at. */
struct lesson_lower {
	u8 kind; /* enum lesson_lower_kind */
	u32 number;
	u8 happens; /* enum lesson_if */
	bool loses;
	char range[LESSON_NAME];
	char text[LESSON_TEXT];
	struct lesson_line line;
	struct lesson_span span[LESSON_SPANS];
	u32 spans;
};

/* The timeline; filled by lesson_strip_begin() and lesson_strip_mark(). */
struct lesson_strip {
	u8 mark[LESSON_STRIP];
	u32 marks;
	u32 at;	  /* index of the position, or LESSON_NO_MARK */
	bool own; /* the mark at the position is that of its own event */
	bool shows_ahead;
};

struct lesson_driver_line {
	u32 number;
	char text[LESSON_TEXT]; /* the statement, with its indent */
	char margin;		/* ' ' (or 0), '!' finding, '+' missing call, 'b', 'm' */
	bool missing;		/* a call that is not there and should be */
	char note[LESSON_NAME]; /* behind the statement: "<- missing", "reads old bytes"; "" */
};

struct lesson_model {
	/* row 0 */
	char scenario[LESSON_NAME], variant[LESSON_NAME], platform[LESSON_NAME];
	char schedule[LESSON_NAME]; /* its token; "": calm, or it is too long to be shown */
	u32 line;		    /* driver line of the event; 0: none */
	u32 event, events;	    /* position and last position; event 0 is before the first */

	/* row 1 */
	char object[LESSON_NAME];      /* "buf" */
	char object_note[LESSON_NAME]; /* "128 bytes, 2 cache lines" */
	char verdict[LESSON_NAME];     /* "all agree", "! 5 bytes differ", "! 5 STALE BYTES READ" */

	/* rows 2 to 8; an owner row moves all but row 2 down by one */
	struct lesson_line line_head;
	bool has_owners;	      /* owners differ inside the open row */
	u8 owners[LESSON_BYTES];      /* enum lesson_badge, if has_owners */
	char owners_key[LESSON_NAME]; /* "c CPU   w nic" */
	char base[LESSON_NAME];	      /* "buf+00": the first byte of the open row */
	char as[LESSON_NAME];	      /* "as text", "as fields" */
	u8 cursor;		      /* index of the chosen byte, or LESSON_NO_BYTE */
	u8 bytes; /* bytes in the open row; 0: no object yet, row 2 says so with object_note */
	struct lesson_field field[LESSON_FIELDS];
	u32 fields;
	struct lesson_row cpu, memory, device;
	struct lesson_seam upper, under; /* above and below the memory row */

	/* rows 9 to 13 */
	struct lesson_lower lower[LESSON_LOWER];
	u32 lowers;

	struct lesson_strip strip; /* row 14 */

	/* rows 15 and 16 */
	char sentence[2][LESSON_TEXT];
	u8 sentence_note;	/* enum lesson_note of the first sentence */
	bool sentence_harmless; /* the finding broke a rule, and no data, here */

	/* rows 17 to 22 */
	char file[LESSON_NAME]; /* "rx-missing-sync.yaml" */
	struct lesson_driver_line driver[LESSON_DRIVER];
	u32 drivers;
	u32 current; /* index in driver of the current line; drivers or more: none */

	/* for row 23 and for keys that would lead nowhere */
	bool at_finding;
	bool finding_before, finding_after;
};

/* Copies text into a field of a model, cut between two characters. */
void lesson_set(char *field, size_t size, const char *text);
/* As lesson_set, printf-like. */
void lesson_setf(char *field, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Begins the timeline of a run: m->event and m->events are set before. A run with more events
 * than LESSON_STRIP has several events per mark. show_ahead shows findings and hand-backs that lie
 * ahead of the position; a lesson does not, as it would spoil itself.
 */
void lesson_strip_begin(struct lesson_model *m, bool show_ahead);

/*
 * Puts the mark of one event (1 to m->events) on the timeline: '!' finding, '>' to the device, '<'
 * to the CPU, '|' first event of a driver line, '.' any other. Of events that share a mark the
 * first in this list wins, but the position's own event always does. Events may come in any
 * order and need not all be named: what is not named is '.'.
 */
void lesson_strip_mark(struct lesson_model *m, u32 event, char mark);

#endif
