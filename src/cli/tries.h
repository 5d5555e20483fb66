/* SPDX-License-Identifier: MIT */
/* The commands that show a diagnosis, and the nearest that do not: what its scenarios expect. */
#ifndef CLI_TRIES_H
#define CLI_TRIES_H

#include "base/str.h"

/*
 * Appends "dmalab run ID --variant V --platform P", or `explore` where it takes a search, to fires;
 * and the same of the near miss, on the same platform, to near. Nothing where the data folder has
 * no such files.
 */
void tries_of(u32 diag, struct str *fires, struct str *near);

#endif
