/* SPDX-License-Identifier: MIT */
/* The data sheets of device models, printed from their tables (device/). */
#ifndef CLI_DEVICES_H
#define CLI_DEVICES_H

#include "base/str.h"
#include "report/style.h"

/* Appends the data sheet of the model of that name. False: there is none. */
bool device_explain(const char *id, const struct style *style, struct str *out);
/* The same for a register, a bit or an act of a model. */
bool device_word_explain(const char *id, const struct style *style, struct str *out);

#endif
