/* SPDX-License-Identifier: MIT */
/*
 * Holds dmalab against what a real kernel did: a file of recorded cases (README.md beside this file
 * tells its form). Each case becomes a scenario text, is compiled and run as any other, and at the
 * end of each step what the kernel returned, counted, logged and left in memory is compared.
 *
 *     json_in.c    reading the file
 *     machine.c    a case's configuration as platform and devices
 *     words.c      arguments of calls as expressions of the language
 *     plan.c       the steps of a case as statements; acts.c: those that are no calls
 *     drive.c      one run, stopped behind each step
 *     compare.c    results; handles.c: bus addresses; lines.c: the kernel's log
 */
#ifndef VERDICTS_VERDICTS_H
#define VERDICTS_VERDICTS_H

#include <jansson.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/klog.h"
#include "engine/engine.h"
#include "scenario/scenario.h"

enum { STEPS_MAX = 512, VARS_MAX = 64, NAME_MAX_VAR = 40, FULL_MAX = 48, DEVICES = 2 };

/* ---- the file (json_in.c) ---- */

/* The cases of a file: an array, to json_decref(). NULL: why is in err. */
json_t *cases_read(const char *file, struct str *err);
/* A member that must be there and be text; NULL if it is not. */
const char *json_text(json_t *o, const char *key);
/* An integer, signed or up to 2^64-1. False: it is none, or not there. */
bool number_of(json_t *v, u64 *out);
bool member_number(json_t *o, const char *key, u64 *out);
bool member_bool(json_t *o, const char *key, bool otherwise);
/* "dd*32 aa*32": appends the bytes. False: it is no such text. */
bool runs_of(const char *text, struct str *out);

/* ---- a case as a program ---- */

enum reason {
	REASON_NONE,
#define REASON(id, code, text) REASON_##id,
#include "verdicts/reasons.def"
#undef REASON
	REASONS
};
const char *reason_code(enum reason r);

/* What a variable of the case holds. */
enum var_kind { VAR_NONE, VAR_POINTER, VAR_HANDLE, VAR_PAGE, VAR_POOL, VAR_NUMBER };
struct var {
	char name[NAME_MAX_VAR]; /* the file's */
	enum var_kind kind;
	char memory[NAME_MAX_VAR]; /* a handle of coherent memory: the pointer to it */
	bool is_written;	   /* by somebody, that memory */
};

/* What a handle of a call should lead to. */
enum target { TARGET_NONE, TARGET_POINTER, TARGET_PHYS };

struct plan_step {
	json_t *json;	    /* borrowed */
	u32 first, end;	    /* lines of the text; the run stops at the statement in line end */
	enum target target; /* held by the variable target_N */
	u32 dev;
	u64 size;
	char result[FULL_MAX];	  /* variable of the program with what the call gives; "": void */
	char handle[FULL_MAX];	  /* and with the handle, if it sets one besides */
	char list[NAME_MAX_VAR];  /* results about a list: variable with its first entry */
	char alias[NAME_MAX_VAR]; /* the last call's &name, and what it is in the case */
	char alias_of[NAME_MAX_VAR];
};

struct plan {
	json_t *json; /* the case, borrowed */
	struct str text;
	u32 lines; /* of text */
	struct plan_step step[STEPS_MAX];
	u32 steps;
	struct var var[VARS_MAX];
	u32 vars;
	bool shifted;	    /* the bounce pool begins one slot further on */
	bool counts_errors; /* dma-debug is built in */
	bool has_edu;
	u32 blocks;		  /* of a pool, taken one after the other and not yet given back */
	char pool[FULL_MAX];	  /* theirs */
	char list[NAME_MAX_VAR];  /* the list that was mapped last */
	char alias[NAME_MAX_VAR]; /* what &name of the last call with one is in the case */
	char alias_of[NAME_MAX_VAR];
	json_t *entries; /* of the last list, borrowed */
	bool has_table;	 /* the table is allocated */
	/* why it cannot be told; REASON_NONE: it can */
	enum reason reason;
	struct str why;
	u32 at; /* step */
};

/* Makes the text of a case. What it could not tell stands in p->reason. */
void plan_make(struct plan *p, json_t *json, bool shifted);
void plan_free(struct plan *p);

/* What the parts of a plan share. */
void plan_refuse(struct plan *p, enum reason r, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* One step of the scenario; NULL who: the driver's. */
void plan_say(struct plan *p, const char *who, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void plan_raw(struct plan *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct var *plan_var(struct plan *p, const char *name);
struct var *plan_set(struct plan *p, const char *name, enum var_kind kind);
/* machine.c: platform and devices */
void plan_machine(struct plan *p);
/* acts.c: an act or a result of a case */
void plan_act(struct plan *p, struct plan_step *s, const char *act);
void plan_result(struct plan *p, struct plan_step *s, const char *result);
/* The table is built of these entries. */
void plan_table(struct plan *p, json_t *entries);
/* The order of pages that hold so many bytes. */
u32 plan_order(u64 bytes);
/* Blocks of a pool that a result was about are given back. */
void plan_give_blocks(struct plan *p);
/* words.c: an argument as the language says it; letter: of engine/calls.def. */
bool word_argument(struct plan *p, json_t *arg, char letter, struct str *out);
/* An expression as it is written in the file. */
bool word_text(struct plan *p, const char *text, char letter, struct str *out);
/* The first name in an expression; "" if there is none. */
void word_first(const char *text, char name[NAME_MAX_VAR]);

/* ---- a run (drive.c) ---- */

struct known { /* a bus address that the kernel printed, and ours */
	char name[NAME_MAX_VAR];
	u64 ours, theirs;
	bool is_known; /* theirs */
	int base;      /* index of the address that it was made from; its own: of no other */
	u64 offset;
};

struct trial {
	struct plan *plan;
	struct engine *e;
	struct machine_config cfg;
	struct program *prog;
	u32 step;	  /* that is compared */
	u64 errors;	  /* of dma-debug so far */
	u32 log_entries;  /* so far */
	s64 slots_extra;  /* slots that the kernel had lost to earlier cases */
	bool slots_known; /* the number above is */
	struct {
		VEC(struct known)
	} known;
	char device[DEVICES + 1][32]; /* the kernel's names of ours */
	u32 disagreements;
	struct str out; /* told */
	const struct once *once;
};

/* Lines that a boot prints once: which case of a configuration was the last to print them. */
struct once {
	json_t *last; /* configuration -> line's pattern -> number of the case */
	u32 number;   /* of the case that is run */
};

/* Runs a plan; REASON_NONE and t->disagreements, or why it could not be run. */
enum reason trial_run(struct trial *t, struct plan *p, const struct once *once);
void trial_free(struct trial *t);
/* The value of a variable of the program. False: there is none, or it was not set. */
bool trial_value(const struct trial *t, const char *name, u64 *out);
/* One disagreement, with the step that it is of. */
void trial_differs(struct trial *t, const char *what, const char *kernel, const char *ours);
/* A number that may be left out; one that is none is a disagreement. */
bool trial_wants(struct trial *t, json_t *o, const char *key, u64 *out);
/* compare.c: the step that ended, or in which the driver died. */
void compare_step(struct trial *t, const struct plan_step *s, bool died);
void compare_end(struct trial *t);
/* handles.c */
void compare_handle(struct trial *t, const struct plan_step *s, json_t *want, u64 ours,
		    const char *name);
void compare_segment(struct trial *t, const struct plan_step *s);
void compare_sg_entry(struct trial *t, const struct plan_step *s);
/* The variable has a new value: what the kernel's was, if that can be told. */
void known_set(struct trial *t, const char *name, u64 ours, const u64 *theirs);
void known_sum(struct trial *t, const char *name, u64 ours, const char *text);
/* Whether an address in a line of the kernel stands where that address of ours does. */
bool known_same(struct trial *t, const struct plan_step *s, u64 theirs, u64 ours);
bool trial_translate(const struct trial *t, u32 dev, u64 bus, u64 *pa);
/* lines.c: the kernel's lines of a step against ours. */
void compare_lines(struct trial *t, const struct plan_step *s);
/* A line without what differs from run to run, to recognise it. */
void line_pattern(const char *line, struct str *out);

#endif
