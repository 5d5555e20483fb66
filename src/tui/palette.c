/* SPDX-License-Identifier: MIT */
#include "tui/palette.h"

#include "base/bug.h"

#include <string.h>

#define ON(fg, bg)                                                                                 \
	{                                                                                          \
		fg, bg, true                                                                       \
	}
#define F(fg)                                                                                      \
	{                                                                                          \
		fg, 0, false                                                                       \
	}

struct pair {
	u8 fg, bg;
	bool own_ground;
};

static const u8 grounds[][2] = {
#define PALETTE(NAME, TEXT, G16, G256) {G16, G256},
#include "tui/palette.def"
#undef PALETTE
};

static const char *const names[] = {
#define PALETTE(NAME, TEXT, G16, G256) TEXT,
#include "tui/palette.def"
#undef PALETTE
    "mono",
    NULL,
};

/* Rows are found by role, so their order in the table is free; a test looks that none is missing.
 */
static const struct {
	u8 attr, mono;
	struct pair pair[PALETTE_MONO][2];
} styles[ROLE_COUNT] = {
#define STYLE(ROLE, A, M, D16, D256, L16, L256, C16, C256, R16, R256, Y16, Y256)                   \
	[ROLE_##ROLE] = {A, M, {{D16, D256}, {L16, L256}, {C16, C256}, {R16, R256}, {Y16, Y256}}},
#include "tui/palette.def"
#undef STYLE
};

struct style palette_style(enum palette p, u32 colours, enum role r)
{
	u32 deep = colours >= 256;
	struct pair c;

	BUG_ON(p >= PALETTE_COUNT || r >= ROLE_COUNT);
	if (p == PALETTE_MONO)
		return (struct style){.attr = styles[r].mono};
	c = styles[r].pair[p][deep];
	return (struct style){
	    .attr = styles[r].attr,
	    .fg = c.fg,
	    .bg = c.own_ground ? c.bg : grounds[p][deep],
	};
}

const char *palette_name(enum palette p)
{
	BUG_ON(p >= PALETTE_COUNT);
	return names[p];
}

bool palette_find(const char *name, enum palette *p)
{
	for (u32 i = 0; i < PALETTE_COUNT; i++) {
		if (!strcmp(names[i], name)) {
			*p = (enum palette)i;
			return true;
		}
	}
	return false;
}

const char *const *palette_names(void)
{
	return names;
}
