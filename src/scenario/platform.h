/* SPDX-License-Identifier: MIT */
/*
 * Platforms: YAML files of the program (scenarios/platforms/NAME.yaml), which a scenario may change
 * (its own platforms, `machine` of a variant), and the devices that it puts on them.
 *
 * Fields are applied in turn, a later one wins: the file (and before it the one that it is `like`),
 * the scenario's own platform, the variant's machine. What no one says is derived at the end:
 * alignments from the line, early loads and passing register writes from the order of stores,
 * place of the bounce pool from the memory.
 */
#ifndef SCENARIO_PLATFORM_H
#define SCENARIO_PLATFORM_H

#include "base/err.h"
#include "engine/config.h"
#include "scenario/doc.h"

/* Where files of the program are: DIR/platforms/NAME.yaml. */
struct platform_dir {
	const char *path; /* borrowed: ".../scenarios" */
};

/* Can a file of that name be read? */
bool platform_exists(const struct platform_dir *dir, const char *name);
/* The same of a name that a user wrote: one that leads out of the folder is none. */
bool platform_is(const struct platform_dir *dir, const char *name);
/* The names of all files, in order, ended by NULL; in a. */
const char *const *platform_names(const struct platform_dir *dir, struct arena *a);

/*
 * A platform of the program by itself, without devices: for lists and explanations. at is where a
 * mistake is reported in errs if there is no such file; a mistake in the file itself too, with its
 * name. False: *cfg is not usable.
 */
bool platform_load(const struct platform_dir *dir, const char *name, struct pos at,
		   struct machine_config *cfg, struct err_list *errs);

/*
 * The machine of a scenario: platform p, changed by variant v (or NULL), with the scenario's
 * devices. params are the file's, with their values; a field may be one of them by name.
 */
bool platform_machine(const struct platform_dir *dir, const struct scenario_doc *doc,
		      const struct doc_platform *p, const struct doc_variant *v,
		      const struct doc_params *params, struct machine_config *cfg,
		      struct err_list *errs);

/* Whether a platform has a tag of scenario/platform_tags.c: from its file, or from its fields. */
bool platform_has_tag(const struct machine_config *cfg, const char *tag);

#endif
