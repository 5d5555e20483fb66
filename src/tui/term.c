/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "tui/term.h"

#include "base/bug.h"
#include "base/mem.h"
#include "tui/keys.h"
#include "tui/palette.h"

#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <wchar.h>

enum { ESC_DELAY_MS = 25, PAIR_FIRST = 1, COLOURS_MIN = 8, BRIGHT = 8 };

/* Read by signalfd. curses gets none of them, so its own handlers never run. */
static const int watched[] = {SIGINT, SIGTSTP, SIGWINCH, SIGCONT, SIGTERM, SIGHUP, SIGQUIT};

struct term {
	SCREEN *screen;	   /* owned */
	struct grid shown; /* what the terminal shows */
	bool is_known;	   /* shown is true */
	enum palette palette;
	u32 colours;
	enum skin skin;
	int signals; /* a signalfd; owned */
	sigset_t old_mask;
	struct sigaction old_action[ARRAY_LEN(watched)];
	int killed_by; /* the signal to die of, or 0 */
};

/* For bug_report() and exit(): needs no struct term, as curses knows its screen. */
static void restore_screen(void)
{
	if (stdscr && !isendwin())
		endwin();
}

static bool refused(struct str *why, const char *palette, enum palette *p)
{
	const char *name = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");
	const char *wish = getenv("DMALAB_PALETTE");

	*p = PALETTE_DEFAULT;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		str_add(why, "the screen needs a terminal on standard input and output; "
			     "use \"dmalab run\", or --save-screen\n");
		return true;
	}
	if (!name || !name[0] || !strcmp(name, "dumb")) {
		str_printf(
		    why,
		    "TERM is %s: this terminal cannot place text; use \"dmalab run\", or set "
		    "TERM to what it is\n",
		    name && name[0] ? "dumb" : "not set");
		return true;
	}
	if (!palette && no_color && no_color[0])
		palette = palette_name(PALETTE_MONO);
	if (!palette && wish && wish[0])
		palette = wish;
	if (palette && !palette_find(palette, p)) {
		const char *near = str_nearest(palette, palette_names());

		str_add(why, "there is no palette \"");
		str_safe(why, palette, strlen(palette));
		str_printf(why, "\"; did you mean \"%s\"?\n", near ? near : palette_name(*p));
		return true;
	}
	return false;
}

static void take_signals(struct term *t)
{
	sigset_t set;

	sigemptyset(&set);
	for (u32 i = 0; i < ARRAY_LEN(watched); i++) {
		sigaddset(&set, watched[i]);
		sigaction(watched[i], NULL, &t->old_action[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &t->old_mask);
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	BUG_ON(t->signals < 0);
}

/* curses puts handlers of its own in when it starts; what was there before comes back. */
static void keep_actions(const struct term *t)
{
	for (u32 i = 0; i < ARRAY_LEN(watched); i++)
		sigaction(watched[i], &t->old_action[i], NULL);
}

static void give_signals_back(struct term *t)
{
	keep_actions(t);
	close(t->signals);
	sigprocmask(SIG_SETMASK, &t->old_mask, NULL);
}

/* A terminal with 8 colours shows the bright ones as bold. */
static short plain_colour(const struct term *t, u8 colour)
{
	return (short)(colour >= t->colours ? colour % BRIGHT : colour);
}

static void start_colours(struct term *t)
{
	if (t->palette == PALETTE_MONO)
		return;
	if (!has_colors() || start_color() == ERR || COLORS < COLOURS_MIN ||
	    COLOR_PAIRS < ROLE_COUNT + PAIR_FIRST) {
		t->palette = PALETTE_MONO;
		return;
	}
	t->colours = (u32)COLORS;
	for (u32 r = 0; r < ROLE_COUNT; r++) {
		struct style s = palette_style(t->palette, t->colours, (enum role)r);

		init_pair((short)(PAIR_FIRST + r), plain_colour(t, s.fg), plain_colour(t, s.bg));
	}
	bkgd(' ' | COLOR_PAIR(PAIR_FIRST + ROLE_TEXT));
}

static enum skin choose_skin(bool ascii)
{
	if (ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0 || wcwidth(GLYPH_RULE) != 1)
		return SKIN_ASCII;
	return SKIN_UNICODE;
}

struct term *term_open(const char *palette, bool ascii, struct str *why)
{
	enum palette p;
	struct term *t;

	if (refused(why, palette, &p))
		return NULL;
	t = mem_zalloc(1, sizeof *t);
	t->palette = p;
	setlocale(LC_CTYPE, "");
	t->skin = choose_skin(ascii);
	take_signals(t);
	t->screen = newterm(NULL, stdout, stdin);
	keep_actions(t);
	if (!t->screen) {
		give_signals_back(t);
		mem_free(t);
		str_add(why, "TERM=");
		str_safe(why, getenv("TERM"), strlen(getenv("TERM")));
		str_add(why, " is not known here, or cannot place text; use \"dmalab run\", or set "
			     "TERM to what the terminal is\n");
		return NULL;
	}
	bug_at_exit(restore_screen);
	if (!getenv("ESCDELAY"))
		set_escdelay(ESC_DELAY_MS);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	leaveok(stdscr, TRUE);
	curs_set(0);
	start_colours(t);
	grid_init(&t->shown, 0, 0);
	return t;
}

void term_close(struct term *t)
{
	int signal_number = t->killed_by;

	restore_screen();
	bug_at_exit(NULL);
	delscreen(t->screen);
	grid_fini(&t->shown);
	give_signals_back(t);
	mem_free(t);
	if (!signal_number)
		return;
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

void term_size(const struct term *t, u32 *w, u32 *h)
{
	(void)t;
	*w = (u32)min_u64((u64)COLS, GRID_SIDE_MAX);
	*h = (u32)min_u64((u64)LINES, GRID_SIDE_MAX);
}

static void follow_size(struct term *t)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
	term_redraw(t);
}

/* Reads one signal. False: there was none, or none that matters. */
static bool read_signal(struct term *t, enum term_event *event, u32 *code)
{
	struct signalfd_siginfo info;

	if (read(t->signals, &info, sizeof info) != (ssize_t)sizeof info)
		return false;
	*event = TERM_KEY;
	switch (info.ssi_signo) {
	case SIGINT:
		*code = KEYCODE_CTRL_C;
		return true;
	case SIGTSTP:
		*code = KEYCODE_CTRL_Z;
		return true;
	case SIGWINCH:
	case SIGCONT:
		follow_size(t);
		*event = TERM_RESIZE;
		return true;
	default:
		t->killed_by = (int)info.ssi_signo;
		*event = TERM_GONE;
		return true;
	}
}

static u32 special_key(wint_t k)
{
	static const struct {
		wint_t curses;
		u32 code;
	} keys[] = {
	    {KEY_LEFT, KEYCODE_LEFT},
	    {KEY_RIGHT, KEYCODE_RIGHT},
	    {KEY_UP, KEYCODE_UP},
	    {KEY_DOWN, KEYCODE_DOWN},
	    {KEY_SLEFT, KEYCODE_SHIFT_LEFT},
	    {KEY_SRIGHT, KEYCODE_SHIFT_RIGHT},
	    {KEY_PPAGE, KEYCODE_PAGE_UP},
	    {KEY_NPAGE, KEYCODE_PAGE_DOWN},
	    {KEY_HOME, KEYCODE_HOME},
	    {KEY_END, KEYCODE_END},
	    {KEY_F(1), KEYCODE_F1},
	    {KEY_ENTER, KEYCODE_ENTER},
	    {KEY_BACKSPACE, KEYCODE_BACKSPACE},
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (keys[i].curses == k)
			return keys[i].code;
	return KEYCODE_NONE;
}

/* False: no key is waiting. */
static bool read_key(u32 *code)
{
	wint_t k;
	int kind = get_wch(&k);

	if (kind == ERR)
		return false;
	if (kind == KEY_CODE_YES)
		*code = special_key(k);
	else
		*code = k == '\n' ? KEYCODE_ENTER : k == '\b' ? KEYCODE_BACKSPACE : (u32)k;
	return true;
}

/* After poll() said that there is input and curses found none: is it the end of the file? */
static bool is_hung_up(short revents)
{
	int waiting = 0;

	if (revents & (POLLHUP | POLLERR | POLLNVAL))
		return true;
	return (revents & POLLIN) && (ioctl(STDIN_FILENO, FIONREAD, &waiting) < 0 || waiting == 0);
}

enum term_event term_read(struct term *t, u32 *code)
{
	short revents = 0;
	enum term_event event;

	for (;;) {
		struct pollfd fds[] = {
		    {.fd = STDIN_FILENO, .events = POLLIN},
		    {.fd = t->signals, .events = POLLIN},
		};

		/* keys may wait inside curses, where poll() does not see them */
		if (read_signal(t, &event, code))
			return event;
		if (read_key(code))
			return TERM_KEY;
		if (is_hung_up(revents))
			return TERM_GONE;
		if (poll(fds, ARRAY_LEN(fds), -1) < 0)
			continue;
		revents = fds[0].revents;
	}
}

static void show_cell(const struct term *t, const struct grid *g, u32 at)
{
	struct cell c = g->cell[at];
	struct style s = palette_style(t->palette, t->colours, (enum role)c.role);
	wchar_t text[2] = {(wchar_t)grid_cell_show(c, t->skin), L'\0'};
	attr_t attr = A_NORMAL;
	cchar_t shown;
	short pair = 0;

	attr |= s.attr & ATTR_BOLD ? A_BOLD : 0;
	attr |= s.attr & ATTR_UNDERLINE ? A_UNDERLINE : 0;
	attr |= s.attr & ATTR_REVERSE ? A_REVERSE : 0;
	if (t->palette != PALETTE_MONO) {
		pair = (short)(PAIR_FIRST + c.role);
		attr |= s.fg >= t->colours ? A_BOLD : 0;
	}
	setcchar(&shown, text, attr, pair, NULL);
	mvadd_wch((int)(at / g->w), (int)(at % g->w), &shown);
}

void term_show(struct term *t, const struct grid *g)
{
	if (t->shown.w != g->w || t->shown.h != g->h)
		t->is_known = false;
	if (!t->is_known) {
		clear();
		for (u32 at = 0; at < g->w * g->h; at++)
			show_cell(t, g, at);
	} else {
		for (u32 at = 0; grid_diff_next(&t->shown, g, &at); at++)
			show_cell(t, g, at);
	}
	refresh();
	grid_copy(&t->shown, g);
	t->is_known = true;
}

void term_redraw(struct term *t)
{
	t->is_known = false;
}

void term_suspend(struct term *t)
{
	sigset_t stop, before;

	restore_screen();
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	signal(SIGTSTP, SIG_DFL);
	kill(0, SIGTSTP); /* the whole group, as the key does */
	sigprocmask(SIG_UNBLOCK, &stop, &before);
	/* here the process stands until it is continued */
	sigprocmask(SIG_SETMASK, &before, NULL);
	keep_actions(t);
	follow_size(t);
}
