/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic as C does it: for the machine (OP_BIN) at run time, for constants before. Both
 * operands are taken as width first, so that a comparison has the sign of its width.
 */
#ifndef ENGINE_FOLD_H
#define ENGINE_FOLD_H

#include "engine/program.h"

/* FOLD_RANGE, FOLD_ZERO, FOLD_NEGATIVE: undefined in C (a signed result out of range, a division by
 * zero), or left open by it (/, % and >> of a negative number). */
enum fold { FOLD_OK, FOLD_RANGE, FOLD_ZERO, FOLD_NEGATIVE };

/* The result in *out, 0 or out of range if it is not FOLD_OK. */
enum fold fold_binary(enum binop op, enum width width, u64 a, u64 b, u64 *out);
/* v as a number of that width: cut, sign-extended. */
u64 fold_convert(enum width width, u64 v);
bool fold_is_signed(enum width width);

#endif
