/* SPDX-License-Identifier: MIT */
/* The topics of cli/topics.def, for the table in cli/topics.c. */
#ifndef CLI_TOPIC_LINUX_H
#define CLI_TOPIC_LINUX_H

#include "base/str.h"

/* Appends the rows of that topic, in order; nothing if there are none. */
void topic_linux(const char *name, struct str *out);

#endif
