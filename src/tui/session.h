/* SPDX-License-Identifier: MIT */
/* One run of the screen without its terminal: what keys and words do, and what is then drawn. */
#ifndef TUI_SESSION_H
#define TUI_SESSION_H

#include "tui/keys.h"
#include "tui/tui.h"

enum { SESSION_INPUT = 40 };

/* What the terminal's owner has to do after a key or word. */
enum session_wish {
	WISH_NONE,
	WISH_REDRAW,  /* send every cell again */
	WISH_SUSPEND, /* stop the process */
	WISH_QUIT,
	WISH_PLAIN,
};

struct session {
	struct tui_source source;
	struct tui_view view;
	struct lesson_model *model; /* owned; of view.position */
	struct tui_size size;
	bool has_plain;
	bool asks;		   /* the command line is open */
	char input[SESSION_INPUT]; /* what was typed into it */
	struct str message;	   /* instead of the key bar, until the next key; "" for none */
};

/*
 * A session over a source, which it borrows, at an event; a terminal of that size. has_plain: there
 * is somebody who can go on as plain lines. session_fini() frees all but the source.
 */
void session_init(struct session *s, struct tui_source source, struct tui_size size, u32 position,
		  bool has_plain);
void session_fini(struct session *s);

enum session_wish session_key(struct session *s, u32 code);
enum session_wish session_step(struct session *s, const struct keys_step *step);

/* Draws the screen into g, which takes the session's size. */
void session_draw(struct session *s, struct grid *g);

#endif
