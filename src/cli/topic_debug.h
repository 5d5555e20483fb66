/* SPDX-License-Identifier: MIT */
/* The topic dma-debug, for the table in cli/topics.c. */
#ifndef CLI_TOPIC_DEBUG_H
#define CLI_TOPIC_DEBUG_H

#include "base/str.h"

void topic_debug(struct str *out);

#endif
