/* SPDX-License-Identifier: MIT */
/* The decision list as `explain` and the manual show it. */
#ifndef CLI_TOPIC_DECISIONS_H
#define CLI_TOPIC_DECISIONS_H

#include "base/str.h"

void topic_decisions(struct str *out);

/* Row i of the list number `list`: the diagnosis and when it is; false behind its end. And a
 * list's title; NULL behind the last. */
bool decision_at(u32 list, u32 i, const char **name, const char **text);
const char *decisions_title(u32 list);

#endif
