/* SPDX-License-Identifier: MIT */
/*
 * A file's text as lines that can be taken out, put in and rewritten, each of which remembers the
 * line that it stood in at first. Edits of a scenario are made on these: what is not touched stays
 * byte for byte. Lines count from 0 here; positions (struct pos) count from 1.
 */
#ifndef SCENARIO_ROWS_H
#define SCENARIO_ROWS_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

struct row {
	const char *s; /* without its end; in the arena */
	u32 n;	       /* bytes */
	u32 origin;    /* the line of the first text, from 1 */
};

struct rows {
	struct arena *arena; /* borrowed: owns the texts of lines */
	VEC(struct row)
};

/* Takes a text apart; arena must outlive l. Free with rows_free(). */
void rows_split(struct rows *l, struct arena *arena, const char *text, size_t len);
void rows_copy(struct rows *to, const struct rows *from);
void rows_free(struct rows *l);
/* Appends all lines, each with a line feed. */
void rows_join(const struct rows *l, struct str *out);

/* Takes out [from, to). */
void rows_cut(struct rows *l, u32 from, u32 to);
/* Puts a line (n bytes, copied) before `at`. */
void rows_put(struct rows *l, u32 at, const char *s, size_t n, u32 origin);
/* The same with [from, to) of another set of lines; not of l itself. */
void rows_put_all(struct rows *l, u32 at, const struct rows *from, u32 a, u32 b);
/* Replaces n bytes of line `at` from byte `byte` on. */
void rows_replace(struct rows *l, u32 at, u32 byte, u32 n, const char *s);

/* Spaces that a line begins with; its length if there is nothing else. */
u32 rows_indent(const struct row *l);
/* Nothing but white space; nothing but a comment of YAML. */
bool rows_is_blank(const struct row *l);
bool rows_is_comment(const struct row *l);
/* The byte of a line at a column (characters, from 1). */
u32 rows_byte(const struct row *l, u32 col);
/* The lines of a block that begins in line `at` with its mark ('- ', a key) in column indent + 1:
 * up to the first line that is not indented further; blank lines at the end are not part of it. */
u32 rows_block_end(const struct rows *l, u32 at, u32 indent);

#endif
