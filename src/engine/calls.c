/* SPDX-License-Identifier: MIT */
#include "engine/calls.h"

#include <string.h>

#include "base/bug.h"

static const struct call_info calls[] = {
#define CALL(name, result, args, state) {#name, args, RESULT_##result, CALL_##state},
#include "engine/calls.def"
#undef CALL
};

const struct call_info *call_info(enum call_id id)
{
	BUG_ON(id >= CALL_COUNT);
	return &calls[id];
}

bool call_find(const char *name, enum call_id *id)
{
	u32 i;

	for (i = 0; i < CALL_COUNT; i++) {
		if (strcmp(calls[i].name, name) != 0)
			continue;
		*id = (enum call_id)i;
		return true;
	}
	return false;
}
