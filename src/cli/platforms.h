/* SPDX-License-Identifier: MIT */
/* The platforms of the data folder: names, a list, and each in words. */
#ifndef CLI_PLATFORMS_H
#define CLI_PLATFORMS_H

#include "base/str.h"
#include "report/style.h"

/* Appends all names, separated by ", ". */
void platforms_names(struct str *out);
/* Appends "name  title" lines, each with a line of tags below it. */
void platforms_list(struct str *out);
/* Appends what a platform is: machine, kernel, what its calls do, what is left out; all of it from
 * the fields of its file. False: there is none of that name. */
bool platform_explain(const char *id, const struct style *style, struct str *out);

#endif
