/* SPDX-License-Identifier: MIT */
/* Headless: the words of --keys in, screens as text out. */
#include "tui/session.h"

bool tui_size_parse(const char *text, struct tui_size *size)
{
	u32 side[2] = {0, 0};

	for (u32 i = 0; i < 2; i++) {
		if (*text == '0')
			return false;
		while (*text >= '0' && *text <= '9' && side[i] <= GRID_SIDE_MAX)
			side[i] = side[i] * 10 + (u32)(*text++ - '0');
		if (side[i] < 1 || side[i] > GRID_SIDE_MAX || *text != (i ? '\0' : 'x'))
			return false;
		text++;
	}
	*size = (struct tui_size){side[0], side[1]};
	return true;
}

static void add_screen(struct session *s, struct grid *g, enum skin skin, struct str *out)
{
	if (out->n)
		str_add(out, "\n");
	session_draw(s, g);
	grid_text(g, skin, out);
}

bool tui_script(struct tui_source source, const char *words, struct tui_size size, enum skin skin,
		u32 position, bool has_plain, struct str *out, struct str *why)
{
	struct keys_script script = {0};
	struct session s;
	struct grid g;
	bool shown = false;

	if (!keys_parse(words, &script, why))
		return false;
	session_init(&s, source, size, position, has_plain);
	grid_init(&g, size.w, size.h);
	for (u32 i = 0; i < script.n; i++) {
		enum session_wish wish = session_step(&s, &script.v[i]);

		if (script.v[i].is_screen) {
			add_screen(&s, &g, skin, out);
			shown = true;
		}
		if (wish == WISH_QUIT || wish == WISH_PLAIN)
			break;
	}
	if (!shown)
		add_screen(&s, &g, skin, out);
	grid_fini(&g);
	session_fini(&s);
	vec_free(&script);
	return true;
}
