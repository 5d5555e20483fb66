/* SPDX-License-Identifier: MIT */
/*
 * A user's mistakes: a list of errors with file, line and column, collected so that all of them are
 * reported at once, in order of position (the form of the screens: quoted line, caret, hint).
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/mem.h"
#include "base/str.h"
#include "base/types.h"

/* A place in a source text. line and col count from 1; line 0 means "the file as a whole". */
struct pos {
	u32 line, col;
	u32 len; /* characters to underline, at least 1 */
};

struct err {
	struct pos pos;
	const char *message; /* owned by the list's arena */
	const char *hint;    /* owned by the list's arena; NULL if there is none */
};

struct err_list {
	const char *file; /* borrowed: the name as the user wrote it */
	const char *text; /* borrowed: the whole source, for quoting; NULL if there is none */
	size_t text_len;
	struct arena arena; /* owned */
	VEC(struct err)
	u32 dropped; /* errors beyond ERR_MAX, counted only */
	bool apart;  /* what else was asked for is run all the same: said at the end */
};

enum { ERR_MAX = 200 };

/* Adds one error; message and hint are copied. hint may be NULL. Beyond ERR_MAX it only counts. */
void err_add(struct err_list *l, struct pos at, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Writes all errors, sorted by position (stable), to out:
 *     file:10:1: error: there is no key "platform" here
 *       10 | platform: [arm64-soc, x86-64]
 *          | ^~~~~~~~
 *          = did you mean "platforms"?
 * then a blank line each and "3 errors. Nothing was run." width cuts long quoted lines around the
 * caret with "..". Text from the file is made safe.
 */
void err_print(const struct err_list *l, u32 width, struct str *out);

/* Appends the quoted source line and its caret, as above; nothing without text. */
void err_quote(const struct err_list *l, struct pos at, u32 width, struct str *out);

/* Frees the messages; text and file were borrowed. */
void err_free(struct err_list *l);

#endif
