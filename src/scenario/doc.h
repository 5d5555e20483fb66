/* SPDX-License-Identifier: MIT */
/*
 * A scenario file as data: every key read and held against its form, every statement parsed. What
 * a name means is not known here (that is the compile step), nor which fields a platform or a
 * device may have: those stay YAML.
 */
#ifndef SCENARIO_DOC_H
#define SCENARIO_DOC_H

#include "base/err.h"
#include "base/mem.h"
#include "scenario/ast.h"
#include "scenario/yaml.h"

struct doc_param {
	struct name name;
	s64 value;
};

struct doc_params {
	struct doc_param *v;
	u32 n;
};

struct doc_platform {
	struct name name;
	struct name like; /* no text: the name alone was written */
	const struct ynode
	    *fields; /* the map of an own platform, with `like` and `params`; or NULL */
	struct doc_params params;
};

struct doc_variant {
	struct name name;
	struct doc_params params;
	const struct ynode *machine; /* fields of a platform that win over all others; or NULL */
};

struct doc_device {
	struct name name;
	const struct ynode *fields; /* a map, with `program` */
	struct stmt_list program;
	bool has_program;
};

enum doc_severity { DOC_ANY, DOC_CORRUPTION, DOC_VIOLATION, DOC_COST };

/* "cpu-stale-read", "missing-dma-wmb/corruption", "assert:the packet". */
struct doc_id {
	const char *id;		 /* "assert" for an assert */
	const char *assert_name; /* of an assert, else NULL */
	enum doc_severity severity;
	struct pos at;
};

struct doc_ids {
	struct doc_id *v;
	u32 n;
};

enum doc_outcome {
	DOC_ENDED,
	DOC_FAULT,
	DOC_REFUSED,
	DOC_DIED,
	DOC_HANG,
	DOC_LIMIT,
};

/* One value below `expect`: of a variant (no text without `variants`) on a platform, tag or "all".
 */
struct doc_expect {
	struct name variant, platform;
	struct doc_ids calm; /* what the calm run finds: exactly these */
	struct doc_ids some; /* what a search finds besides, each under at least one schedule */
	enum doc_outcome outcome;
};

/* How far `check` searches the schedules. */
struct doc_search {
	bool calm;	/* not at all */
	u64 states;	/* 0: not said */
	u32 deviations; /* DOC_NO_BOUND: not said */
};
enum { DOC_NO_BOUND = ~0u };

struct doc_text {
	const char *text;
	struct pos at;
};

struct doc_texts {
	struct doc_text *v;
	u32 n;
};

enum doc_oracle { DOC_ORACLE_FULL, DOC_ORACLE_DATA, DOC_ORACLE_ASSERTS };

struct scenario_doc {
	struct arena arena; /* owns all that is below */
	const char *text;   /* the file, without a byte order mark */
	size_t text_len;
	const struct ynode *root; /* NULL if the text is no YAML */

	struct name id;
	const char *title;
	u32 level; /* 0: not said */
	struct doc_texts tags, hints;
	const char *source, *summary, *lesson; /* NULL: not said */

	struct doc_platform *platform;
	struct doc_variant *variant; /* none: one variant without a name */
	struct doc_device *device;
	struct function *function;
	struct doc_expect *expect;
	u32 platforms, variants, devices, functions, expects;
	bool has_expect;

	struct doc_params params;
	struct header header;
	struct stmt_list driver, remove;
	bool has_remove;
	enum doc_oracle oracle;
	struct doc_search search;
};

/*
 * Reads a file ("-": standard input), at most LIMIT_FILE_BYTES of it. NULL only if it cannot be
 * read. Otherwise a document, even if errs has grown: then what could not be read is empty or
 * STMT_BAD, which a later step passes over in silence. errs->file and errs->text are set; they are
 * the document's (and file's), so doc_free() comes after the last err_print(). The caller owns it.
 */
struct scenario_doc *doc_load(const char *file, struct err_list *errs);

/* The same for a text, which is copied. errs->file must be set. */
struct scenario_doc *doc_parse(const char *text, size_t len, struct err_list *errs);

/* NULL is good. */
void doc_free(struct scenario_doc *doc);

/* The entry of that name, or NULL. */
const struct doc_device *doc_find_device(const struct scenario_doc *doc, const char *name);
const struct doc_variant *doc_find_variant(const struct scenario_doc *doc, const char *name);
const struct function *doc_find_function(const struct scenario_doc *doc, const char *name);
const struct doc_param *doc_find_param(const struct doc_params *params, const char *name);

/* As the file has it: "ended". */
const char *doc_outcome_text(enum doc_outcome outcome);

#endif
