/* SPDX-License-Identifier: MIT */
/*
 * The interactive screen: a loop over a source, in a terminal or headless. A source is whoever
 * knows a run; the loop knows positions, keys and the view.
 *
 * A frame is a function of source, view, size and skin alone, so a script gives the same screens
 * on every machine, and a step forward and back gives exactly the screen before.
 */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include "base/grid.h"
#include "base/str.h"
#include "tui/model.h"

/* What may be told of the finding at a position, over the rows below the open truths. */
enum tui_page {
	PAGE_NONE,
	PAGE_WHY,     /* how it came about, event by event */
	PAGE_EXPLAIN, /* the rule and the fix */
};

/* What the user has chosen to see. */
struct tui_view {
	u32 position; /* events done: 0 is before the first */
	u8 page;      /* enum tui_page */
	bool help;    /* the list of actions is open */
	u32 chosen;   /* its chosen row */
};

enum tui_find {
	FIND_NEXT_LINE,	    /* the end of the driver line that runs at or after from: all it did */
	FIND_PREVIOUS_LINE, /* the end of the line before, or 0 */
	FIND_NEXT_FINDING,
	FIND_PREVIOUS_FINDING,
};

/* Answers must depend on the run and the arguments alone. Positions are 0 to events(). */
struct tui_source_ops {
	/* Number of events of the run: the last position. */
	u32 (*events)(void *self);
	/* Fills m, which is zeroed, for view->position. event and events are set already. */
	void (*fill)(void *self, const struct tui_view *view, struct lesson_model *m);
	/* Finds a position after (before) from, stores it in *to. False: there is none. */
	bool (*find)(void *self, enum tui_find what, u32 from, u32 *to);
	/* The next end of a driver line after from, else its first one. False: it never runs. */
	bool (*find_line)(void *self, u32 line, u32 from, u32 *to);
	/*
	 * The position of the run's nth finding, from 1, as the text of a run numbers them; two may
	 * share one. False: there are fewer. NULL: places with a finding are counted instead.
	 */
	bool (*nth_finding)(void *self, u32 n, u32 *to);
	/*
	 * Appends a page on the finding at a position: "name\n", then "label\ttext\n" for each row.
	 * Called only where the model says at_finding. NULL: this source has none.
	 */
	void (*page)(void *self, enum tui_page page, u32 position, struct str *out);
};

struct tui_source {
	const struct tui_source_ops *ops;
	void *self; /* borrowed */
};

enum tui_end {
	TUI_QUIT,    /* the user left */
	TUI_PLAIN,   /* the user wants to go on as plain lines from the last position */
	TUI_GONE,    /* the terminal is gone */
	TUI_REFUSED, /* there was nothing to draw on; *why says it */
};

struct tui_opts {
	const char *palette; /* a name; NULL: NO_COLOR, then DMALAB_PALETTE, then the default */
	const char *keys;    /* words to run first; NULL: none */
	bool ascii;	     /* the ASCII skin, whatever the locale can show */
	bool has_plain;	     /* the caller can go on as plain lines */
};

/*
 * Runs the screen on the terminal of standard input and output until the user leaves. The
 * terminal is as before on every way out, a BUG_ON among them; SIGTERM, SIGHUP and SIGQUIT end the
 * process after that. It begins at *position, which is then where the user was. why begins empty.
 */
enum tui_end tui_run(struct tui_source source, const struct tui_opts *opts, u32 *position,
		     struct str *why);

struct tui_size {
	u32 w, h; /* columns, rows */
};

/* Reads "80x24". False if it is no size from 1x1 to GRID_SIDE_MAX on both sides. */
bool tui_size_parse(const char *text, struct tui_size *size);

/*
 * Runs the words of --keys without a terminal, from position on. Appends to out the screen at
 * every word "screen", with an empty line between two of them; without such a word the screen at
 * the end. False: a word is wrong, nothing was run, *why has a line for each.
 */
bool tui_script(struct tui_source source, const char *words, struct tui_size size, enum skin skin,
		u32 position, bool has_plain, struct str *out, struct str *why);

/*
 * Where "12", "e12", "l20", "50%", "end", "finding" or "finding:2" is in a run. False: nowhere; a
 * sentence that says why is appended to *why, without a newline.
 */
bool tui_place(struct tui_source source, const char *text, u32 *position, struct str *why);

#endif
