/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target: tests/fuzz/NAME_fuzz.c defines this function and nothing else of global name. The
 * same file is linked with libFuzzer (`make fuzz`) and with replay.c (`make check`).
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Gives the bytes to what is tested. Always returns 0; a mistake ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
