/* SPDX-License-Identifier: MIT */
/* How text is written: width, attributes of a terminal, glyphs; and lines that keep to it. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

#include "base/str.h"

struct style {
	u32 width;  /* columns; lines are cut or wrapped there */
	bool attrs; /* bold, underline and reverse as escape sequences */
	bool ascii; /* no character beyond ASCII */
	bool plain; /* no columns that must line up, no pictures of walls */
	bool quiet; /* the last lines only */
};

enum attr { ATTR_NONE, ATTR_BOLD, ATTR_UNDERLINE, ATTR_STALE /* reverse and bold */ };

/* Begins and ends a piece with an attribute; nothing where there are none. */
void style_on(const struct style *s, enum attr a, struct str *out);
void style_off(const struct style *s, enum attr a, struct str *out);

/* Appends text and a newline, broken at spaces to the width; further lines begin at indent. */
void style_wrap(const struct style *s, u32 at, u32 indent, const char *text, struct str *out);
/* Appends text and a newline, cut to the columns left behind `at` with ".." at its end. */
void style_cut(const struct style *s, u32 at, const char *text, struct str *out);
/* n spaces. */
void style_pad(u32 n, struct str *out);

#endif
