/* SPDX-License-Identifier: MIT */
/* Apart from verdicts.h, as the fields of files and those of a program have one name. */
#ifndef VERDICTS_OPTIONS_H
#define VERDICTS_OPTIONS_H

#include <stdbool.h>

/* Whether platforms have a kernel option of that name. */
bool option_is_known(const char *name);

#endif
