/* SPDX-License-Identifier: MIT */
/*
 * One verdict for each platform and variant of a scenario: a table, with what it says in sums, as
 * text, JSON Lines, CSV or Markdown. A cell is of one run, or of a search over schedules.
 *
 * Where a run harms no byte, a search says whether that was luck: by the shortest schedule on the
 * same platform that corrupts data, which has been run (semantics: "where the luck of a violation
 * ends"). A run that shows nothing at all may have been lucky as well; it counts as a violation
 * that was forgiven then.
 */
#ifndef REPORT_MATRIX_H
#define REPORT_MATRIX_H

#include "base/mem.h"
#include "report/explored.h"
#include "report/style.h"

/* What is said of a cell: its worst finding. Better ones come first. */
enum matrix_mark {
	MARK_NOT_RUN, /* this scenario cannot be, on that platform */
	MARK_CORRECT,
	MARK_COST,
	MARK_VIOLATION,
	MARK_CORRUPTION,
	MARK_LIMIT, /* no verdict */
	MARKS
};
char mark_letter(enum matrix_mark m);	   /* '-', '=', '$', '~', '!', '?' */
const char *mark_name(enum matrix_mark m); /* "not-run", "correct", ... */

enum luck_state { LUCK_NOT_SOUGHT, LUCK_ENDS, LUCK_HOLDS };
/* What the run owes its luck to. */
enum luck_why {
	LUCK_WHY_UNKNOWN,
	LUCK_WHY_EMPTY, /* the CPU read what its cache did not hold */
	LUCK_WHY_EQUAL, /* the old bytes were the new ones */
};

struct luck {
	enum luck_state state;
	enum luck_why why;
	/* ENDS: of the schedule that was run and corrupts data; else NULL. Owned. */
	char *with;	/* "one prefetch" */
	char *schedule; /* its token */
	char *command;	/* "dmalab run FILE -p P --schedule v1:..." */
	char *id;	/* what it finds */
	/* ENDS: of that schedule. HOLDS: every schedule with so many, at most, was seen. */
	u32 deviations;
	bool complete; /* HOLDS: every schedule was seen */
};

/* How far the end of luck is sought. */
struct luck_options {
	u32 deviations;						    /* 0: it is not sought */
	u64 states;						    /* of one search */
	bool (*go_on)(void *ctx, const struct explore_progress *p); /* may be NULL */
	void *ctx;
};

/* Looks for it, of a run that corrupts no data. *l is filled. */
void luck_seek(struct luck *l, const struct run *r, const struct luck_options *opt);
void luck_free(struct luck *l);

struct matrix_cell {
	enum matrix_mark mark;
	bool expects, as_expected; /* the file says something; and that came */
	bool refused;		   /* a call failed and the driver gave up: correct */
	bool defect;		   /* the worst finding is a defect of the platform's kernel port */
	bool defective;		   /* that port is tagged so, or the kernel has old bugs */
	struct id_list found;	   /* the worst first; as in `expect` */
	u32 diagnoses;		   /* of these: no assert, hang or death, which come of others */
	struct id_list expected, missing, surprising;
	enum doc_outcome outcome, expected_outcome;
	char *reason;	/* owned; NOT_RUN, LIMIT: why, else NULL */
	char *schedule; /* owned; of a run that was not calm its token, else NULL */
	struct luck luck;
};

enum { MATRIX_FACT = 16 };

/* A platform. Facts are of the scenario's devices on it: "" if it could not be made. */
struct matrix_row {
	char platform[NAME_MAX_LEN + 1];
	char coherent[MATRIX_FACT]; /* "yes", "no", "mixed": devices differ */
	char path[MATRIX_FACT];	    /* "direct", "offset", "bounce", "iommu", "mixed" */
	u32 line;		    /* bytes */
	struct {
		VEC(struct matrix_cell)
	} cells; /* one for each column */
};

struct matrix {
	const struct scenario_doc *doc; /* borrowed */
	const char *how; /* borrowed: of cells that are no calm run, a phrase; NULL */
	struct {
		VEC(const char *) /* borrowed; one NULL if the file has none */
	} variants;
	struct {
		VEC(struct matrix_row)
	} rows;
};

/* A new row; the pointer holds until the next one is added. */
struct matrix_row *matrix_row(struct matrix *m, const char *platform);
/* Fills the facts of a row that has none. */
void matrix_facts(struct matrix_row *row, const struct machine_config *cfg);
/* An IOMMU kept the device from doing harm: no luck. */
bool matrix_stopped(const struct matrix_cell *c);
/*
 * What a cell is called, "" if nothing was found and the run ended: its worst finding; where calm
 * hardware shows none and another schedule does, what that one shows; else the outcome.
 */
const char *matrix_cell_name(const struct matrix_cell *c);
/* Adds the cell of the next column. The run or search may be freed then. */
struct matrix_cell *matrix_add_run(struct matrix_row *row, const struct run *r);
struct matrix_cell *matrix_add_search(struct matrix_row *row, const struct explored *x);
/* Seeks the end of luck of the last cell that was added, of that run: of a violation, or of nothing
 * that was found; then the cell is one of a violation if luck ends. */
void matrix_seek(struct matrix_cell *c, const struct run *r, const struct luck_options *opt);
/* The same of what cannot be run there; the reason is copied. */
struct matrix_cell *matrix_add_none(struct matrix_row *row, const char *reason);
void matrix_free(struct matrix *m);

/* Sums of one column, or of all of them. */
struct matrix_sums {
	u32 of[MARKS];
	u32 defects; /* of the corruptions: the platform's own */
	u32 stopped; /* of the violations: the IOMMU stopped the device */
	u32 expected, unexpected, said_nothing; /* verdicts */
};
void matrix_count(const struct matrix *m, u32 column, struct matrix_sums *add);
void matrix_count_all(const struct matrix *m, struct matrix_sums *add);

/* Appends the table and what it says. */
void matrix_text(const struct matrix *m, const struct style *s, struct str *out);
/* Appends the sentences below the table; Markdown has them too. Lines of a command are indented. */
void matrix_say(const struct matrix *m, const struct style *s, struct str *out);
/* Appends "3 files, ...": of several tables. */
void matrix_say_files(u32 files, const struct matrix_sums *sums, const struct style *s,
		      struct str *out);
/* Appends a line of the type "cell" for each, and one of the type "matrix". */
void matrix_json(const struct matrix *m, struct str *out);
/* Appends the names of the columns; and the lines, fields in quotes where they need it (RFC 4180,
 * with plain newlines). */
void matrix_csv_head(struct str *out);
void matrix_csv(const struct matrix *m, struct str *out);
/* Appends a heading, a table and a list. */
void matrix_markdown(const struct matrix *m, struct str *out);

#endif
