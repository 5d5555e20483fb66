/* SPDX-License-Identifier: MIT */
/*
 * From a scenario as data to a program: names, types, layout, calls, code; for one variant, whose
 * params are known, on one platform.
 */
#ifndef SCENARIO_COMPILE_H
#define SCENARIO_COMPILE_H

#include "base/err.h"
#include "engine/config.h"
#include "engine/program.h"
#include "scenario/doc.h"

/* What the names of a file's params and variants are worth here. */
struct param_values {
	struct doc_params params; /* every param of the file, with its value */
	bool broken;		  /* something in the file could not be read */
	const char *variant;	  /* NULL: the file has no variants */
};

/* Bodies of if, else if and else that a variant takes, by address. Owned by the caller. */
struct arm_set {
	const void **slot;
	u32 n, slots;
};
bool arm_set_has(const struct arm_set *s, const void *arm);
void arm_set_add(struct arm_set *s, const void *arm);
void arm_set_free(struct arm_set *s);

/*
 * Compiles. Every mistake goes to errs, those of one file once however often it is compiled. NULL
 * if there was one; otherwise the caller frees the program. takes (or NULL) collects the arms whose
 * condition is constant and true; taken (or NULL): arms that are constant, false and not in it are
 * checked too. Statements' texts are copied: doc may go before the program does.
 */
struct program *compile_program(const struct scenario_doc *doc, const struct param_values *values,
				const struct machine_config *cfg, struct arm_set *takes,
				const struct arm_set *taken, struct err_list *errs);

#endif
