/* SPDX-License-Identifier: MIT */
/*
 * Mutants: programs that differ from a correct one by a single fault, as drivers have them: a call
 * left out, moved, or with a wrong argument. What can go wrong is the table scenario/mutations.def;
 * where it can, is looked for in the statements of a file with its correct variant alone
 * (scenario/alone.h). A mutant is source text: the file's own, with one statement changed.
 *
 * Only what the calm run reaches on some platform of the file is changed, and only what is a legal
 * program afterwards counts.
 */
#ifndef SCENARIO_MUTATE_H
#define SCENARIO_MUTATE_H

#include "scenario/alone.h"
#include "scenario/scenario.h"

enum mutation_id {
#define MUTATION(id, name, what, brings, why) MUTATION_##id,
#include "scenario/mutations.def"
#undef MUTATION
	MUTATIONS
};

struct mutation_info {
	const char *name;
	const char *what;   /* what is done, as a sentence's end: "a sync is left out" */
	const char *brings; /* diagnoses that should name it, with spaces between; mostly one */
	const char *why;    /* what a student should see in it: a sentence or two */
};
const struct mutation_info *mutation_info(u32 id);
/* The one of that name, MUTATIONS if there is none. */
u32 mutation_find(const char *name);

/* One edit of the lines of the correct program. */
enum edit_kind { EDIT_TEXT, EDIT_CUT, EDIT_MOVE, EDIT_COPY };
struct edit {
	enum edit_kind kind;
	u32 from, to;	   /* lines of the step */
	u32 at;		   /* EDIT_MOVE: before this line, which is not in the step */
	u32 line, byte, n; /* EDIT_TEXT: the bytes that are replaced */
	const char *text;
	u32 notes; /* remarks and comments right above the step, lines; they go */
	u32 alone; /* EDIT_CUT: 1 + the column of its '- ', as nothing else is in the list; else 0
		    */
};

struct mutant {
	u32 id;			    /* enum mutation_id */
	u32 line;		    /* of the statement in the file, from 1 */
	const char *before, *after; /* after NULL: left out */
	struct edit edit;
};

struct mutants {
	struct arena arena;  /* owned: all texts */
	struct rows alone;   /* the correct program */
	const char *variant; /* borrowed: the file's; NULL: it has none */
	struct {
		VEC(struct mutant)
	} all;		   /* in the order of the table, then of the lines */
	u32 illegal, same; /* that would have been no program, or equal to one before */
};

/*
 * Finds all mutants of a variant of s (NULL: the file has none). only: enum mutation_id, or
 * MUTATIONS for all. False: the file cannot be taken apart, *why says it. mutants_free() in any
 * case.
 */
bool mutants_make(struct mutants *m, const struct scenario *s, const char *variant, u32 only,
		  struct alone_why *why);
void mutants_free(struct mutants *m);
/* Appends the text of mutant i, a whole file; *line gets the line in it where the fault is. */
void mutant_text(struct mutants *m, u32 i, struct str *out, u32 *line);

/* A variant that the file itself calls correct: named `fixed`, or one that expects nothing on any
 * of its platforms where no variant has that name. */
bool mutants_is_correct(const struct scenario *s, u32 variant);

/*
 * Appends the text with those of names added to its `platforms:` that it does not have (names ends
 * with NULL). text must be a scenario whose keys begin lines of their own.
 */
void mutants_platforms(const char *text, size_t len, const char *const *names, struct str *out);

#endif
