/* SPDX-License-Identifier: MIT */
/* The file that the compiler's tests write their steps into. */
#ifndef UNIT_COMPILE_HEAD_H
#define UNIT_COMPILE_HEAD_H

/* Lines 1 to 20; the steps of the driver begin on line 21, with two blanks and "- ". */
#define HEAD                                                                                       \
	"schema: 1\n"                                                                              \
	"id: t\n"                                                                                  \
	"title: T\n"                                                                               \
	"platforms: [x86-64]\n"                                                                    \
	"params: {N: 4}\n"                                                                         \
	"variants: [broken, fixed]\n"                                                              \
	"header: |\n"                                                                              \
	"  #define LEN 64\n"                                                                       \
	"  struct desc { __le32 len; u16 flags; u8 pad[2]; u64 at; };\n"                           \
	"devices:\n"                                                                               \
	"  nic:\n"                                                                                 \
	"    address_bits: 32\n"                                                                   \
	"  dev:\n"                                                                                 \
	"    address_bits: 32\n"                                                                   \
	"functions:\n"                                                                             \
	"  done(): got++\n"                                                                        \
	"  add(int a, size_t b): return a + b\n"                                                   \
	"  put(const void *p, size_t n): memcpy(mem, p, n)\n"                                      \
	"\n"                                                                                       \
	"driver:\n"

#endif
