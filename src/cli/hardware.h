/* SPDX-License-Identifier: MIT */
/* The options --hw and --seed, of run and tui. */
#ifndef CLI_HARDWARE_H
#define CLI_HARDWARE_H

#include "cli/cli.h"
#include "explore/policy.h"

/*
 * Reads both; *hw stays and *seed is 1 where they are not given. scheduled: --schedule was given.
 * False: a message was printed.
 */
bool hardware_read(const struct command *c, const struct given *g, bool scheduled, enum policy *hw,
		   u64 *seed);

#endif
