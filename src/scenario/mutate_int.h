/* SPDX-License-Identifier: MIT */
/* What the files that look for mutants share. Internal to scenario/. */
#ifndef SCENARIO_MUTATE_INT_H
#define SCENARIO_MUTATE_INT_H

#include "engine/calls.h"
#include "scenario/mutate.h"

enum { SITE_CALLS = 16 };

/* A step of the driver that is a statement, or control flow. Not those of devices, hw and lab. */
struct site {
	const struct stmt *s;
	const struct ynode *node; /* its scalar or map */
	const struct ynode *seq;  /* the list that holds it; NULL: it is a body by itself */
	const struct stmt_list *list;
	const struct function *fn; /* that it stands in; NULL: driver, remove */
	u32 index;		   /* in the list */
	u32 parent;		   /* site that it is in the body of; NO_SITE */
	u32 first, end;		   /* lines */
	u32 indent;		   /* of its '- ' */
	u32 block;		   /* number of the list, the same for all in it */
	u32 calls;		   /* in its own expressions, not in its body */
	const struct expr *call[SITE_CALLS];
	bool reached;
};
enum { NO_SITE = ~0u };

struct mutator {
	const struct scenario_doc *doc; /* of the correct program alone */
	struct mutants *out;
	struct arena *a; /* of out */
	struct {
		VEC(struct site)
	} sites;
	u32 blocks;
	u32 id;	   /* that is looked for */
	bool *hit; /* by line: some event of a calm run is its */
	u32 lines;
	u32 first; /* site: the first that is reached */
};

/* Fills m->sites. */
void sites_find(struct mutator *m);

/* ---- what statements say ---- */

/* Whether a call is of that name; of one of these names ("a b c"). */
bool is_call(const struct expr *e, const char *name);
bool is_call_of(const struct expr *e, const char *names);
/* The argument that the table of calls marks with a letter, the n-th of these from 0; or NULL. */
const struct expr *call_arg(const struct expr *call, char letter, u32 n);
/* The call that a statement is, or whose value it assigns, declares or tests alone (`if (f(x))`);
 * NULL: none. */
const struct expr *stmt_call(const struct stmt *s);
/* What a statement assigns or declares, as text in a; NULL: nothing. */
const char *stmt_target(struct mutator *m, const struct stmt *s);
/* As C, in the arena. */
const char *expr_text(struct mutator *m, const struct expr *e);
/* Whether the name stands anywhere in it; in the statement, its bodies too. */
bool expr_names(const struct expr *e, const char *name);
bool stmt_names(const struct stmt *s, const char *name);

bool is_map(const struct expr *e); /* dma_map_single() and its like */
bool is_unmap(const struct expr *e);
bool is_sync(const struct expr *e);
bool is_barrier(const struct expr *e);
/* A statement in which the driver waits, or a device acts by hand. */
bool is_wait(const struct stmt *s);
bool is_device_act(const struct stmt *s);
/* A store of the driver to memory: an assignment through a pointer, memcpy, memset, WRITE_ONCE. */
bool is_store(const struct stmt *s);
/* A load of the driver from memory: a value through a pointer, read(), READ_ONCE. */
bool is_load(const struct stmt *s);
/* A call of a function of the file that stores to memory. */
bool calls_store(const struct mutator *m, const struct stmt *s);
/* Some device of the file comes to memory: by hand, by its program, or by its model. */
bool devices_work(const struct mutator *m);
/* The laboratory lets some call of that name fail. */
bool is_made_to_fail(const struct mutator *m, const char *name);

/* The step before / behind in the same list, remarks left out; NO_SITE: none. */
u32 site_before(const struct mutator *m, u32 at);
u32 site_behind(const struct mutator *m, u32 at);
/* The map that made this handle (its text), searched backwards from `at`, then anywhere; or
 * NO_SITE. */
u32 map_of(struct mutator *m, const char *handle, u32 at);

/* ---- edits ---- */

/* Adds a mutant: e, of the step, becomes text. Nothing where it does not lie in one line. */
void mutate_expr(struct mutator *m, u32 at, const struct expr *e, const char *text);
/* The same of a call's name. */
void mutate_name(struct mutator *m, u32 at, const struct expr *call, const char *name);
/* A place of the header (bytes are columns there) becomes text. */
void mutate_header(struct mutator *m, struct pos at, const char *text);
/* The step is left out; of a body that is one statement, the step that it belongs to. */
void mutate_cut(struct mutator *m, u32 at);
/* The step is moved before another of the same list; behind it. */
void mutate_before(struct mutator *m, u32 at, u32 where);
void mutate_behind(struct mutator *m, u32 at, u32 where);
/* It is done twice. */
void mutate_copy(struct mutator *m, u32 at);

/* ---- the mutations: each looks at one step ---- */

#define MUTATION(id, name, what, brings, why) void mutate_##id(struct mutator *m, u32 at);
#include "scenario/mutations.def"
#undef MUTATION

#endif
