/* SPDX-License-Identifier: MIT */
/* The tables of dmalab-scenario(5), from those of the program. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "base/str.h"

/*
 * Appends all tables in mdoc(7), each behind a line `.\" TABLE name`: keys, steps, predict,
 * variant, expect, device, machine, groups, types, calls, accesses, constants, limits, diagnoses.
 * man/dmalab-scenario.5.in says where they go.
 */
void manual_tables(struct str *out);

#endif
