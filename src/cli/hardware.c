/* SPDX-License-Identifier: MIT */
#include "cli/hardware.h"

#include <errno.h>
#include <stdlib.h>

static bool read_seed(const struct command *c, const char *text, enum policy hw, u64 *seed)
{
	char *end;

	*seed = 1;
	if (!text)
		return true;
	if (hw != POLICY_RANDOM) {
		usage_error(c, "--seed is for --hw random: nothing else is left to chance");
		return false;
	}
	errno = 0;
	*seed = strtoull(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && !*end && !errno && *seed <= INT64_MAX)
		return true;
	usage_error(c, "--seed wants a number from 0 to %lld, not \"%s\"", (long long)INT64_MAX,
		    text);
	return false;
}

bool hardware_read(const struct command *c, const struct given *g, bool scheduled, enum policy *hw,
		   u64 *seed)
{
	const char *name = given_value(c, g, "hw");
	struct str names = {0};
	bool ok = true;

	if (name && scheduled) {
		usage_error(c, "--hw and --schedule exclude each other: a schedule already says "
			       "all that hardware does");
		return false;
	}
	if (name && !policy_find(name, hw)) {
		policy_names(&names);
		usage_error(c, "--hw is %s, not \"%s\"", str_get(&names), name);
		ok = false;
	}
	str_free(&names);
	return ok && read_seed(c, given_value(c, g, "seed"), *hw, seed);
}
