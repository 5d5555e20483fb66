/* SPDX-License-Identifier: MIT */
/* Whole tables as `explain` shows them: who may do what when, barriers, cache operations, ... */
#ifndef CLI_TOPICS_H
#define CLI_TOPICS_H

#include "base/str.h"

struct topic {
	const char *name, *summary;
	void (*print)(struct str *out); /* NULL: it is of cli/topics.def */
};

/* The table, in the order of `explain`; NULL behind its end. */
const struct topic *topic_at(u32 i);
/* Appends all of it, without its name. */
void topic_print(const struct topic *t, struct str *out);
/* NULL: there is none of that name. */
const struct topic *topic_find(const char *name);

/* What words.def says of a word of the glossary; "" if it has nothing. */
const char *glossary_words(const char *name);
/* Word number i of the glossary that is no topic; NULL behind the last. */
const char *glossary_at(u32 i);

#endif
