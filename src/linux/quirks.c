/* SPDX-License-Identifier: MIT */
/* The bugs that kernels once had, as data (linux/quirks.def); each acts where its code is. */
#include <string.h>

#include "linux/linux_int.h"

static const struct quirk_info quirks[QUIRKS] = {
#define QUIRK(id, name, what, did, fixed) [QUIRK_##id] = {name, what, did, fixed},
#include "linux/quirks.def"
};
_Static_assert(QUIRKS <= 32, "quirks are bits of a word");

const struct quirk_info *quirk_info(enum quirk q)
{
	BUG_ON((u32)q >= QUIRKS);
	return &quirks[q];
}

enum quirk quirk_find(const char *name)
{
	u32 i = 0;

	while (i < QUIRKS && strcmp(quirks[i].name, name) != 0)
		i++;
	return (enum quirk)i;
}
