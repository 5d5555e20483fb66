/* SPDX-License-Identifier: MIT */
/* What lies in the data folder: lessons and bugs, by name. */
#ifndef CLI_SCENARIOS_H
#define CLI_SCENARIOS_H

#include "base/mem.h"
#include "base/str.h"
#include "scenario/platform.h"

struct lesson {
	char *file, *id, *title; /* owned */
	u32 level;
};

struct lessons {
	VEC(struct lesson)
};

/* Calls f for each YAML file in a folder of scenarios/, in order of their names. */
void scenarios_each(const char *folder, void (*f)(void *ctx, const char *file), void *ctx);
/* All files below lessons/ that can be read, in order of their names. */
void lessons_load(struct lessons *l);
/* The same of cost/: what `dmalab cost` compares. */
void comparisons_load(struct lessons *l);
void lessons_free(struct lessons *l);
/* The file of the lesson, comparison or example of a diagnosis of that id, copied to out. False:
 * there is none; near gets the nearest id, or stays empty. */
bool lesson_file(const char *id, struct str *out, struct str *near);

/* DATA/scenarios, for the scenario layer. */
struct platform_dir scenarios_dir(void);

#endif
