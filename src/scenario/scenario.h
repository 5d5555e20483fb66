/* SPDX-License-Identifier: MIT */
/*
 * A scenario: read, checked over all its variants and platforms, and compiled for one of each.
 *
 *     struct err_list errs = {0};
 *     struct scenario *s = scenario_load("rx.yaml", &opt, &errs);
 *     if (!s) { err_print(&errs, ...); err_free(&errs); ... }
 *     if (scenario_compile(s, NULL, NULL, NULL, &cfg, &prog, &errs)) { run; program_free(prog); }
 *     scenario_free(s); err_free(&errs);
 */
#ifndef SCENARIO_SCENARIO_H
#define SCENARIO_SCENARIO_H

#include "base/err.h"
#include "engine/config.h"
#include "engine/program.h"
#include "scenario/doc.h"

struct scenario_options {
	const char *data_dir; /* borrowed: the folder that has platforms/, ".../scenarios" */
};

/* Values from --set: each name is a param of the file. */
struct param_set {
	const char *name;
	s64 value;
};
struct param_sets {
	const struct param_set *v;
	u32 n;
};

struct scenario {
	struct scenario_doc *doc; /* owned; texts, hints, predictions, names: see scenario/doc.h */
	char *data_dir;		  /* owned */
	/* One for each platform of the file, without a variant: names, tags, summaries. Owned. */
	struct machine_config *machine;
};

/*
 * Reads and checks a file ("-": standard input). NULL if it cannot be used: errs says why, and must
 * be printed before the next call, as it borrows the text. The caller frees what is returned.
 */
struct scenario *scenario_load(const char *file, const struct scenario_options *opt,
			       struct err_list *errs);
/* The same for a text. errs->file must be set. */
struct scenario *scenario_parse(const char *text, size_t len, const struct scenario_options *opt,
				struct err_list *errs);
void scenario_free(struct scenario *s);

/*
 * One variant on one platform (NULL: the file's first). A platform that the file does not have is
 * the program's of that name, as it is. sets may be NULL. False and errs: there is no such name, or
 * the values of sets do not go. On true *prog is the caller's, to program_free().
 * errs->text is set to the file's, which lives as long as s.
 */
bool scenario_compile(const struct scenario *s, const char *variant, const char *platform,
		      const struct param_sets *sets, struct machine_config *cfg,
		      struct program **prog, struct err_list *errs);

/* Every param of the file with the value it has there, as scenario_compile() takes it; in a. What
 * scenario_compile() would refuse is left out. */
struct doc_params scenario_params(const struct scenario *s, const char *variant,
				  const char *platform, const struct param_sets *sets,
				  struct arena *a);

/* What is expected there, or NULL if the file says nothing: it speaks of its own platforms alone.
 */
const struct doc_expect *scenario_expect(const struct scenario *s, const char *variant,
					 const char *platform);

/* Index of a platform of the file, ~0u if there is none of that name; NULL: 0. */
u32 scenario_platform(const struct scenario *s, const char *name);

#endif
