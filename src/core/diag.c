/* SPDX-License-Identifier: MIT */
#include "core/diag.h"

#include <string.h>

#include "base/bug.h"

static const struct diag_info infos[] = {
#define DIAG(id, name, severity, rule, effect, fix, dma_debug, fires, near)                        \
	{name, SEVERITY_##severity, rule, effect, fix, dma_debug, fires, near},
#include "core/diags.def"
#undef DIAG
};

_Static_assert(DIAGS <= 8 * sizeof(struct diag_set), "a set holds every diagnosis");

const struct diag_info *diag_info(u32 id)
{
	BUG_ON(id >= DIAG_ASSERT);
	return &infos[id];
}

u32 diag_find(const char *name)
{
	for (u32 i = 0; i < DIAG_ASSERT; i++)
		if (strcmp(infos[i].name, name) == 0)
			return i;
	return DIAGS;
}

const char *severity_name(enum severity s)
{
	static const char *const names[] = {"cost", "violation", "corruption"};

	BUG_ON((u32)s >= ARRAY_LEN(names));
	return names[s];
}
