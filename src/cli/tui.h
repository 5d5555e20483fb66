/* SPDX-License-Identifier: MIT */
/* The screen, for commands that end in it. */
#ifndef CLI_TUI_H
#define CLI_TUI_H

#include "cli/load.h"

/* Whether there is a terminal to draw on. */
bool tui_has_terminal(void);
/*
 * Runs `in` and shows it. ready is what `in` was made of, l and sets what that was made of. at:
 * where it begins, NULL for the start; g: options of `tui`, NULL for none. The exit status.
 */
int tui_show(const struct command *self, const struct given *g, const struct run_input *in,
	     const struct loaded *l, const struct ready *ready, const struct sets *sets,
	     const char *at);

#endif
