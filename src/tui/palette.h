/* SPDX-License-Identifier: MIT */
/* Roles to attributes and colours, in each palette. The table is palette.def; here it is read. */
#ifndef TUI_PALETTE_H
#define TUI_PALETTE_H

#include "base/grid.h"

enum palette {
#define PALETTE(NAME, TEXT, G16, G256) PALETTE_##NAME,
#include "tui/palette.def"
#undef PALETTE
	PALETTE_MONO, /* no colours; the terminal's own ground */
	PALETTE_COUNT
};

enum attr {
	ATTR_BOLD = 1,
	ATTR_UNDERLINE = 2,
	ATTR_REVERSE = 4,
};

/* How a role looks. fg and bg are indices of xterm's 16 or 256 colours, without meaning in mono. */
struct style {
	u8 attr; /* of enum attr */
	u8 fg, bg;
};

/* The style of a role. colours is what the terminal has: 256 and more, or fewer. */
struct style palette_style(enum palette p, u32 colours, enum role r);

/* "default", ... "mono". */
const char *palette_name(enum palette p);

/* Finds a palette by name. False if there is none; *p is then unchanged. */
bool palette_find(const char *name, enum palette *p);

/* All names, ended by NULL, for messages. */
const char *const *palette_names(void);

#endif
