/* SPDX-License-Identifier: MIT */
/* What the files that read the keys of a scenario share. Internal to scenario/. */
#ifndef SCENARIO_DOC_READ_H
#define SCENARIO_DOC_READ_H

#include "scenario/doc.h"
#include "scenario/parse.h"
#include "scenario/value.h"

struct doc_reader {
	struct scenario_doc *doc;
	struct err_list *errs;
	struct step_context steps;
};

/* Readers of one key: key is its node, value what it holds. */
typedef void doc_read_fn(struct doc_reader *r, const struct ynode *key, const struct ynode *value);

doc_read_fn doc_read_platforms, doc_read_params, doc_read_variants, doc_read_devices,
    doc_read_functions, doc_read_expect, doc_read_search;

/* A map of name to integer. */
void doc_read_param_map(struct doc_reader *r, const struct ynode *value, struct doc_params *out);

/*
 * How many entries a list or map has, checked: 0 and a mistake if value is of another kind, or has
 * none or more than limit. what: "variants".
 */
u32 doc_count(struct doc_reader *r, const struct ynode *value, enum ynode_kind kind, u32 limit,
	      const char *what);

#endif
