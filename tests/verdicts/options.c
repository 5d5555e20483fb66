/* SPDX-License-Identifier: MIT */
/* Which options a kernel here can be built with. */
#include "verdicts/options.h"

#include "scenario/fields.h"

bool option_is_known(const char *name)
{
	return field_find(FIELDS_KERNEL_OPTION, name) != NULL;
}
