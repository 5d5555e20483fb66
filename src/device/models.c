/* SPDX-License-Identifier: MIT */
/* The list of device models. */
#include "device/device.h"

#include "base/bug.h"

const struct device_info *device_model_at(u32 i)
{
	const struct device_info *const models[] = {edu_info()};

	return i < ARRAY_LEN(models) ? models[i] : NULL;
}

const struct device_info *device_model_find(const char *name)
{
	const struct device_info *m = NULL;

	for (u32 i = 0; (m = device_model_at(i)); i++)
		if (strcmp(m->name, name) == 0)
			break;
	return m;
}
