/* SPDX-License-Identifier: MIT */
/*
 * A growing string, and text that is safe to show. All text that reaches a terminal from a file
 * goes through str_safe(): control characters never reach it as control sequences.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/types.h"

struct str {
	char *s; /* owned, NUL-terminated once anything was added; NULL when empty */
	size_t n, cap;
};

void str_add(struct str *o, const char *s);
void str_addn(struct str *o, const char *s, size_t n);
void str_printf(struct str *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *str_get(const struct str *o); /* "" when empty; borrowed */
void str_clear(struct str *o);		  /* keeps the memory */
void str_free(struct str *o);

/*
 * Reads one UTF-8 character of at most n bytes: its length in bytes, and its code point in *cp.
 * 0 if there is none (n is 0), or if the bytes are not UTF-8 (overlong, surrogate, cut off).
 */
size_t str_utf8_next(const char *s, size_t n, u32 *cp);

/* The value of a hexadecimal digit in ASCII, whatever the locale; -1 if it is none. */
static inline int str_hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* C0, DEL, C1, line separators, controls of writing direction, byte order mark. */
bool str_is_control(u32 cp);

/* Appends text with the controls above and bytes that are not UTF-8 as \xNN escapes. */
void str_safe(struct str *o, const char *s, size_t n);

/*
 * The entry of names (ended by NULL) that is nearest to word by edit distance, or NULL if none is
 * near enough to be a typing mistake (distance at most a third of the word, at least 1) and none is
 * the only one that begins with word.
 */
const char *str_nearest(const char *word, const char *const *names);

#endif
