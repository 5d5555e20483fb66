/* SPDX-License-Identifier: MIT */
/*
 * A finished run as a source of screens. Every screen is made from the state at its event, the
 * events up to it and the program; nothing is kept from one screen to the next, so a step back
 * gives exactly the screen before.
 *
 * Looking ahead: what comes later names things at most (the device that a buffer will be mapped
 * for), it never shows a value or a finding.
 */
#ifndef TUI_SOURCE_H
#define TUI_SOURCE_H

#include "report/run.h"
#include "tui/tui.h"

struct run_source;

/*
 * run is borrowed, and over; its engine is moved to other positions. other: the same file compiled
 * as a variant that may have the calls which this one lacks; NULL: there is none. It is only
 * looked at here. The source is owned by the caller.
 */
struct run_source *run_source_new(struct run *run, const struct program *other);
void run_source_free(struct run_source *s);
struct tui_source run_source_screens(struct run_source *s);

#endif
