/* SPDX-License-Identifier: MIT */
#include "tui/session.h"

#include "base/bug.h"
#include "tui/lesson.h"

#include <stdio.h>
#include <string.h>

/* Columns of the list of actions. */
enum { COL_CHOSEN = 2, COL_NAME = 3, COL_KEYS = 21, COL_HELP = 45 };

static u32 last_position(struct session *s)
{
	return s->source.ops->events(s->source.self);
}

static void go(struct session *s, u32 position)
{
	s->view.position = position;
	s->view.page = PAGE_NONE;
	*s->model = (struct lesson_model){.event = position, .events = last_position(s)};
	BUG_ON(position > s->model->events);
	s->source.ops->fill(s->source.self, &s->view, s->model);
}

void session_init(struct session *s, struct tui_source source, struct tui_size size, u32 position,
		  bool has_plain)
{
	*s = (struct session){.source = source, .size = size, .has_plain = has_plain};
	s->model = mem_zalloc(1, sizeof *s->model);
	go(s, position);
}

void session_fini(struct session *s)
{
	mem_free(s->model);
	str_free(&s->message);
}

static bool is_small(const struct session *s)
{
	return s->size.w < LESSON_WIDTH || s->size.h < LESSON_HEIGHT;
}

static struct keys_now now(const struct session *s)
{
	return (struct keys_now){
	    .mode = is_small(s)	   ? KEYS_SMALL
		    : s->view.help ? KEYS_LIST
		    : s->view.page ? KEYS_PAGE
				   : KEYS_MAIN,
	    .at_start = s->view.position == 0,
	    .at_end = s->view.position == s->model->events,
	    .at_finding = s->model->at_finding,
	    .finding_before = s->model->finding_before,
	    .finding_after = s->model->finding_after,
	    .has_plain = s->has_plain,
	    .has_pages = s->source.ops->page != NULL,
	};
}

static void go_to(struct session *s, struct place p)
{
	u32 to = 0;

	switch (p.kind) {
	case PLACE_EVENT:
		to = p.n;
		if (to > s->model->events) {
			str_printf(&s->message, " there is no event %u: the run has %u", to,
				   s->model->events);
			return;
		}
		break;
	case PLACE_LINE:
		if (!s->source.ops->find_line(s->source.self, p.n, s->view.position, &to)) {
			str_printf(&s->message, " line %u does not run here", p.n);
			return;
		}
		break;
	case PLACE_PERCENT:
		to = (u32)((u64)s->model->events * p.n / 100);
		break;
	}
	go(s, to);
}

static void find(struct session *s, enum tui_find what, const char *none)
{
	u32 to = s->view.position;

	if (s->source.ops->find(s->source.self, what, s->view.position, &to))
		go(s, to);
	else
		str_printf(&s->message, " %s", none);
}

/* The actions that change the position. False: a is none of them. */
static bool move(struct session *s, enum action a)
{
	switch (a) {
	case ACTION_NEXT_EVENT:
		go(s, s->view.position + 1);
		return true;
	case ACTION_PREVIOUS_EVENT:
		go(s, s->view.position - 1);
		return true;
	case ACTION_NEXT_LINE:
		find(s, FIND_NEXT_LINE, "no further driver line runs");
		return true;
	case ACTION_PREVIOUS_LINE:
		find(s, FIND_PREVIOUS_LINE, "no driver line ran before");
		return true;
	case ACTION_NEXT_FINDING:
		find(s, FIND_NEXT_FINDING, "no finding ahead");
		return true;
	case ACTION_PREVIOUS_FINDING:
		find(s, FIND_PREVIOUS_FINDING, "no finding behind");
		return true;
	case ACTION_FIRST_EVENT:
		go(s, 0);
		return true;
	case ACTION_LAST_EVENT:
		go(s, s->model->events);
		return true;
	default:
		return false;
	}
}

/* Runs an action that is no move: what opens and closes, and what the caller has to do. */
static enum session_wish act(struct session *s, enum action a)
{
	switch (a) {
	case ACTION_GOTO:
		s->asks = true;
		s->input[0] = '\0';
		return WISH_NONE;
	case ACTION_HELP:
		s->view.help = true;
		s->view.chosen = 0;
		return WISH_NONE;
	case ACTION_WHY:
		s->view.page = PAGE_WHY;
		return WISH_NONE;
	case ACTION_EXPLAIN:
		s->view.page = PAGE_EXPLAIN;
		return WISH_NONE;
	case ACTION_CLOSE_TEXT:
		s->view.page = PAGE_NONE;
		return WISH_NONE;
	case ACTION_CLOSE:
		s->view.help = false;
		return WISH_NONE;
	case ACTION_DOWN:
		s->view.chosen += s->view.chosen + 1 < ACTION_COUNT;
		return WISH_NONE;
	case ACTION_UP:
		s->view.chosen -= s->view.chosen > 0;
		return WISH_NONE;
	case ACTION_REDRAW:
		return WISH_REDRAW;
	case ACTION_SUSPEND:
		return WISH_SUSPEND;
	case ACTION_QUIT:
		return WISH_QUIT;
	case ACTION_PLAIN:
		return WISH_PLAIN;
	default:
		BUG_ON("an action that nobody runs");
		return WISH_NONE;
	}
}

static enum session_wish run(struct session *s, enum action a)
{
	struct keys_now n = now(s);
	const char *refusal = action_refusal(a, &n);

	if (a == ACTION_ENTER && !refusal) {
		a = (enum action)s->view.chosen;
		s->view.help = false;
		n = now(s);
		refusal = action_refusal(a, &n);
	}
	if (refusal) {
		str_printf(&s->message, " %s: %s", action_row(a)->name, refusal);
		return WISH_NONE;
	}
	return move(s, a) ? WISH_NONE : act(s, a);
}

enum session_wish session_step(struct session *s, const struct keys_step *step)
{
	str_clear(&s->message);
	s->asks = false;
	if (step->is_screen)
		return WISH_NONE;
	if (step->action != ACTION_GOTO)
		return run(s, step->action);
	go_to(s, step->place);
	return WISH_NONE;
}

/* Enter on the command line: a place, or an action by name. */
static enum session_wish submit(struct session *s)
{
	struct keys_step step = {.action = ACTION_GOTO};
	struct str why = {0};

	s->asks = false;
	if (!s->input[0])
		return WISH_NONE;
	if (place_parse(s->input, &step.place) ||
	    keys_parse_word(s->input, strlen(s->input), &step, &why))
		return session_step(s, &step);
	str_add(&s->message, " ");
	str_addn(&s->message, why.s, why.n - 1); /* without its newline */
	str_free(&why);
	return WISH_NONE;
}

static enum session_wish type(struct session *s, u32 code)
{
	size_t n = strlen(s->input);

	if (code == KEYCODE_ENTER)
		return submit(s);
	if (code == KEYCODE_CTRL_C)
		return WISH_QUIT;
	if (code == KEYCODE_ESC || (code == KEYCODE_BACKSPACE && n == 0))
		s->asks = false;
	else if (code == KEYCODE_BACKSPACE)
		s->input[n - 1] = '\0';
	else if (code > ' ' && code < 0x7f && n + 1 < sizeof s->input)
		s->input[n] = (char)code, s->input[n + 1] = '\0';
	return WISH_NONE;
}

enum session_wish session_key(struct session *s, u32 code)
{
	enum action a;

	str_clear(&s->message);
	if (s->asks && !is_small(s))
		return type(s, code);
	return keys_find(now(s).mode, code, &a) ? run(s, a) : WISH_NONE;
}

static void help_row(const struct session *s, u32 i, struct grid *g, u32 row)
{
	const struct action_row *a = action_row((enum action)i);
	struct keys_now n = now(s);
	const char *refusal = action_refusal((enum action)i, &n);

	if (i == s->view.chosen)
		grid_fill(g, row, COL_CHOSEN, 1, ROLE_CURRENT, GLYPH_HERE);
	grid_put(g, row, COL_NAME, i == s->view.chosen ? ROLE_CURRENT : ROLE_TEXT, a->name);
	grid_put(g, row, COL_KEYS, ROLE_TEXT, a->keys);
	grid_put(g, row, COL_HELP, refusal ? ROLE_LABEL : ROLE_TEXT, refusal ? refusal : a->help);
}

/* All actions, also those that cannot run: they say why. The chosen one is always in sight. */
static void help_draw(const struct session *s, struct grid *g)
{
	u32 row = overlay_row(s->model), room = g->h - row - 4;
	u32 first = s->view.chosen < room ? 0 : s->view.chosen + 1 - room;
	char state[48];

	snprintf(state, sizeof state, "%u of %u", s->view.chosen + 1, (u32)ACTION_COUNT);
	overlay_box(g, row++, "actions", state);
	grid_put(g, row, COL_NAME, ROLE_LABEL, "word of --keys");
	grid_put(g, row, COL_KEYS, ROLE_LABEL, "keys");
	grid_put(g, row++, COL_HELP, ROLE_LABEL, "does");
	for (u32 i = 0; i < room && first + i < ACTION_COUNT; i++)
		help_row(s, first + i, g, row + i);
}

void session_draw(struct session *s, struct grid *g)
{
	struct keys_now n = now(s);
	struct str bar = {0};

	grid_resize(g, s->size.w, s->size.h);
	if (is_small(s)) {
		small_draw(s->model->line, s->model->event, s->has_plain, g);
		return;
	}
	if (s->message.n)
		str_add(&bar, s->message.s);
	else if (s->asks)
		str_printf(&bar, " :%s", s->input);
	else
		keys_bar(&n, &bar);
	lesson_draw(s->model, str_get(&bar), g);
	if (s->asks && !s->message.n) {
		grid_paint(g, g->h - 1, (u32)bar.n, 1, ROLE_CURSOR);
		grid_put(g, g->h - 1, COL_HELP, ROLE_TITLE, "N lN N% or an action  Esc cancel");
	}
	if (s->view.page) {
		str_clear(&bar);
		s->source.ops->page(s->source.self, (enum tui_page)s->view.page, s->view.position,
				    &bar);
		page_draw(str_get(&bar), overlay_row(s->model), g);
	}
	if (s->view.help)
		help_draw(s, g);
	str_free(&bar);
}
