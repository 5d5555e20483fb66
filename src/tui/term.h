/* SPDX-License-Identifier: MIT */
/*
 * The terminal: shows a grid, gives keys. Everything of curses is behind this header. There can be
 * one terminal at a time, as curses has one.
 *
 * Signals are read like keys, not handled: SIGINT is Ctrl-C, SIGTSTP is Ctrl-Z, SIGWINCH and
 * SIGCONT are an event of their own, and SIGTERM, SIGHUP and SIGQUIT say that the end has come;
 * term_close() then lets the process die of them, with the terminal as it was before.
 */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include "base/grid.h"

struct term;

enum term_event {
	TERM_KEY,    /* *code is a key of tui/keys.h */
	TERM_RESIZE, /* term_size() may have changed; the next term_show() sends every cell */
	TERM_GONE,   /* hung up, or told to end: close and leave */
};

/*
 * Takes the terminal of standard input and output. palette is a name or NULL (then NO_COLOR,
 * DMALAB_PALETTE, the default); ascii asks for the ASCII skin, which is also taken where the
 * locale cannot show box drawing in one column. NULL: *why is a sentence with what to do instead.
 */
struct term *term_open(const char *palette, bool ascii, struct str *why);

/* Gives the terminal back. Does not return if a signal asked for the end of the process. */
void term_close(struct term *t);

void term_size(const struct term *t, u32 *w, u32 *h); /* at most GRID_SIDE_MAX each */

/* Waits for the next event. */
enum term_event term_read(struct term *t, u32 *code);

/* Shows g, sending only the cells that differ from what was shown last. */
void term_show(struct term *t, const struct grid *g);

/* Forgets what was shown: the next term_show() clears the screen and sends every cell. */
void term_redraw(struct term *t);

/* Gives the terminal back, stops the process group, and takes the terminal again afterwards. */
void term_suspend(struct term *t);

#endif
