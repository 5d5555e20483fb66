/* SPDX-License-Identifier: MIT */
/* Text that is handed on piece by piece, so that a long run need not be held as text. */
#ifndef REPORT_WRITER_H
#define REPORT_WRITER_H

#include "base/str.h"

enum { WRITER_PIECE = 64 * 1024 }; /* bytes that are gathered before they are handed on */

struct writer {
	struct str s;					      /* append here */
	void (*flush)(void *ctx, const char *text, size_t n); /* NULL: all stays in s */
	void *ctx;
};

/* Hands on what there is if it is much; call between lines. */
static inline void writer_tick(struct writer *w)
{
	if (!w->flush || w->s.n < WRITER_PIECE)
		return;
	w->flush(w->ctx, str_get(&w->s), w->s.n);
	str_clear(&w->s);
}

/* Hands on the rest and frees. */
static inline void writer_end(struct writer *w)
{
	if (w->flush && w->s.n)
		w->flush(w->ctx, str_get(&w->s), w->s.n);
	str_free(&w->s);
}

#endif
