/* SPDX-License-Identifier: MIT */
/* What scenario/limits.def holds, as LIMIT_NAME. */
#ifndef SCENARIO_LIMITS_H
#define SCENARIO_LIMITS_H

enum {
#define SCENARIO_LIMIT(name, value, text) LIMIT_##name = (value),
#include "scenario/limits.def"
#undef SCENARIO_LIMIT
};

#endif
