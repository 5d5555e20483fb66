/* SPDX-License-Identifier: MIT */
#include "core/diag.h"

#include <string.h>

#include "base/bug.h"

/* Two tables, keyed by the id: a text that no diagnosis has does not compile. */
static const struct diag_info infos[DIAG_ASSERT] = {
/* clang-format off */
#define DIAG(id, name_, severity_, fires_, near_)                                                  \
	[DIAG_##id].name = name_, [DIAG_##id].severity = SEVERITY_##severity_,                     \
	[DIAG_##id].fires = fires_, [DIAG_##id].near = near_,
#include "core/diags.def"
#undef DIAG
#define DIAG_TEXT(id, how_, rule_, effect_, fix_, edit_, debug_, places_, where_, sources_)        \
	[DIAG_##id].mechanism = how_, [DIAG_##id].rule = rule_, [DIAG_##id].effect = effect_,      \
	[DIAG_##id].fix = fix_, [DIAG_##id].edit = edit_, [DIAG_##id].dma_debug = debug_,          \
	[DIAG_##id].places = (places_), [DIAG_##id].where = where_, [DIAG_##id].sources = sources_,
#include "core/diag_texts.def"
#undef DIAG_TEXT
    /* clang-format on */
};

static const struct {
	const char *name, *text;
} places[] = {
#define PLACE(id, name, text) {name, text},
#include "core/diag_places.def"
#undef PLACE
};

_Static_assert(DIAGS <= 8 * sizeof(struct diag_set), "a set holds every diagnosis");

const struct diag_info *diag_info(u32 id)
{
	BUG_ON(id >= DIAG_ASSERT);
	return &infos[id];
}

const char *diag_place_name(enum diag_place p)
{
	BUG_ON((u32)p >= PLACES);
	return places[p].name;
}

const char *diag_place_text(enum diag_place p)
{
	BUG_ON((u32)p >= PLACES);
	return places[p].text;
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
