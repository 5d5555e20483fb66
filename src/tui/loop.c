/* SPDX-License-Identifier: MIT */
/* The screen on a terminal: one frame per key, nothing moves by itself. */
#include "tui/session.h"
#include "tui/term.h"

/* Carries out what the session cannot. True: the loop is over, *end says how. */
static bool obey(struct term *t, enum session_wish wish, enum tui_end *end)
{
	switch (wish) {
	case WISH_REDRAW:
		term_redraw(t);
		return false;
	case WISH_SUSPEND:
		term_suspend(t);
		return false;
	case WISH_QUIT:
		*end = TUI_QUIT;
		return true;
	case WISH_PLAIN:
		*end = TUI_PLAIN;
		return true;
	case WISH_NONE:
		break;
	}
	return false;
}

static enum tui_end loop(struct session *s, struct term *t, const struct keys_script *first)
{
	enum tui_end end = TUI_QUIT;
	struct grid g;
	u32 code;

	grid_init(&g, s->size.w, s->size.h);
	for (u32 i = 0; i < first->n; i++)
		if (obey(t, session_step(s, &first->v[i]), &end))
			goto out;
	for (;;) {
		term_size(t, &s->size.w, &s->size.h);
		session_draw(s, &g);
		term_show(t, &g);
		switch (term_read(t, &code)) {
		case TERM_KEY:
			if (obey(t, session_key(s, code), &end))
				goto out;
			break;
		case TERM_RESIZE:
			break;
		case TERM_GONE:
			end = TUI_GONE;
			goto out;
		}
	}
out:
	grid_fini(&g);
	return end;
}

enum tui_end tui_run(struct tui_source source, const struct tui_opts *opts, u32 *position,
		     struct str *why)
{
	struct keys_script first = {0};
	struct tui_size size;
	struct session s;
	struct term *t;
	enum tui_end end;

	if (opts->keys && !keys_parse(opts->keys, &first, why))
		return TUI_REFUSED;
	t = term_open(opts->palette, opts->ascii, why);
	if (!t) {
		vec_free(&first);
		return TUI_REFUSED;
	}
	term_size(t, &size.w, &size.h);
	session_init(&s, source, size, *position, opts->has_plain);
	end = loop(&s, t, &first);
	*position = s.view.position;
	session_fini(&s);
	vec_free(&first);
	term_close(t);
	return end;
}
