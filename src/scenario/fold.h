/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic of constants: what the machine does at run time (OP_BIN and its like), done before.
 * Both operands are taken as width first, so that a comparison has the sign of its width.
 */
#ifndef SCENARIO_FOLD_H
#define SCENARIO_FOLD_H

#include "engine/program.h"

enum fold { FOLD_OK, FOLD_RANGE, FOLD_ZERO, FOLD_NEGATIVE };

enum fold fold_binary(enum binop op, enum width width, u64 a, u64 b, u64 *out);
u64 fold_convert(enum width width, u64 v);
bool fold_is_signed(enum width width);

#endif
