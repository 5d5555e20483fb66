/* SPDX-License-Identifier: MIT */
/*
 * Panes that take the place of the lower rows where another layer holds the bytes: the store
 * buffer while it holds some of the open row, the addresses of a bounced mapping.
 */
#ifndef TUI_SOURCE_PANES_H
#define TUI_SOURCE_PANES_H

#include "base/types.h"

struct sight;

u32 pane_rows(const struct sight *g); /* 0: there is nothing to show */
void pane_fill(struct sight *g);

#endif
