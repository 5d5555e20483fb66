/* SPDX-License-Identifier: MIT */
/*
 * A scenario with some of its statements changed: what a mended (or a broken) driver would do. The
 * statements are changed as trees, in whatever body they stand, so that all places of the file
 * stay what they are: a finding of both can be compared by its line and column.
 */
#ifndef SCENARIO_EDIT_H
#define SCENARIO_EDIT_H

#include "scenario/scenario.h"

enum edit_action {
	EDIT_BEFORE, /* text is put before the statement at `at` */
	EDIT_BEHIND,
	EDIT_REPLACE, /* text takes its place */
	EDIT_DROP,
	EDIT_MOVE_BEFORE, /* the statement goes before the one at `to` */
	EDIT_MOVE_BEHIND,
};

/*
 * One change. Statements are named by where they begin (line and column, as struct stmt_info has
 * them); of control flow that is its header. text is one statement, in C or as the language has it:
 * "dma_wmb();", "if (dma_mapping_error(nic, h)) return -ENOMEM;".
 *
 * "if (e);" in place of control flow gives it another condition.
 *
 * What is put before or behind a device's act, or before a note or question and its step, is put
 * before or behind all of it: it is the driver's.
 */
struct scenario_edit {
	enum edit_action action;
	struct pos at, to;
	const char *text; /* borrowed */
};

/*
 * The scenario with n changes, made in their order. NULL: no statement stands there, or a text is
 * none; then errs says which. It can be compiled, and is not checked besides: other variants and
 * platforms than the one that is compiled next may have mistakes. scenario_free() it; the text that
 * errors point into is its own.
 */
struct scenario *scenario_edited(const struct scenario *s, const struct scenario_edit *v, u32 n,
				 struct err_list *errs);

#endif
