/* SPDX-License-Identifier: MIT */
/*
 * Actions and the keys that run them, and the words of --keys. The tables are actions.def and
 * keys.def; nothing else lists an action or a key.
 */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include "base/mem.h"
#include "base/str.h"
#include "base/types.h"

enum { KEYCODE_SPECIAL = 0x110000 }; /* above every code point */

/* A key is a code point, or one of these. */
enum keycode {
	KEYCODE_NONE = 0,
#define K(ID, NAME, CODE) KEYCODE_##ID = (CODE),
#include "tui/keys.def"
#undef K
};

enum action {
#define A(ID, ...) ACTION_##ID,
#include "tui/actions.def"
#undef A
	ACTION_COUNT
};

enum keys_mode {
	KEYS_MAIN,
	KEYS_LIST,
	KEYS_PAGE, /* a text over the lower rows */
	KEYS_SMALL,
	KEYS_ANY,
};

/* What decides whether an action can run now. */
struct keys_now {
	enum keys_mode mode; /* not KEYS_ANY */
	bool at_start, at_end;
	bool at_finding, finding_before, finding_after;
	bool has_plain; /* somebody can go on as plain lines */
	bool has_pages; /* the source can tell more of a finding */
};

/* A row of actions.def. */
struct action_row {
	const char *name, *keys;
	const char *bar, *bar_two;
	const char *help;
	enum keys_mode mode;
	u8 when;
	u8 rank[2]; /* quiet, finding */
};

/* The row of tui/actions.def; BUG_ON an unknown action. */
const struct action_row *action_row(enum action a);

/* The action that a key runs in a mode. False if it runs none. */
bool keys_find(enum keys_mode mode, u32 code, enum action *a);

/* NULL if the action can run now, else a sentence that says why not. */
const char *action_refusal(enum action a, const struct keys_now *now);

/*
 * Appends the key bar: the six most useful keys that work now, then "? keys  q quit"; over a list
 * its keys and "Esc close". At most 80 columns.
 */
void keys_bar(const struct keys_now *now, struct str *out);

/* A place to go to. */
enum place_kind {
	PLACE_EVENT,   /* "13" or "e13" */
	PLACE_LINE,    /* "l20" */
	PLACE_PERCENT, /* "50%" */
};

struct place {
	enum place_kind kind;
	u32 n;
};

/* Reads a place. False: it is none; *p is then unchanged. */
bool place_parse(const char *word, struct place *p);

/* A word of --keys. */
struct keys_step {
	bool is_screen;	    /* "screen": show the screen as it is now */
	enum action action; /* else this; ACTION_GOTO goes to place */
	struct place place;
};

struct keys_script {
	VEC(struct keys_step)
};

/*
 * Reads the words of --keys: names of actions, "goto:PLACE" and "screen", separated by blanks.
 * False: *why has one line for every word that is wrong, with the nearest name, and *out is empty.
 * out begins zeroed; vec_free() frees it.
 */
bool keys_parse(const char *words, struct keys_script *out, struct str *why);

/* One word, as keys_parse. False: *why has the line. */
bool keys_parse_word(const char *word, size_t n, struct keys_step *step, struct str *why);

#endif
