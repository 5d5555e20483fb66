/* SPDX-License-Identifier: MIT */
#include "report/style.h"

#include <string.h>

#include "base/grid.h"

static const char *const sequences[] = {[ATTR_NONE] = "",
					[ATTR_BOLD] = "\033[1m",
					[ATTR_UNDERLINE] = "\033[4m",
					[ATTR_STALE] = "\033[1;7m"};

void style_on(const struct style *s, enum attr a, struct str *out)
{
	if (s->attrs && a != ATTR_NONE)
		str_add(out, sequences[a]);
}

void style_off(const struct style *s, enum attr a, struct str *out)
{
	if (s->attrs && a != ATTR_NONE)
		str_add(out, "\033[0m");
}

void style_pad(u32 n, struct str *out)
{
	while (n--)
		str_add(out, " ");
}

/* Bytes of the first `columns` columns of text. */
static size_t take_columns(const char *text, size_t len, u32 columns)
{
	size_t i = 0, k;
	u32 cp;

	while (i < len && columns--) {
		k = str_utf8_next(text + i, len - i, &cp);
		i += k ? k : 1;
	}
	return i;
}

void style_wrap(const struct style *s, u32 at, u32 indent, const char *text, struct str *out)
{
	u32 room = s->width > at + 20 ? s->width - at : 20;

	for (;;) {
		size_t len = strlen(text), n = take_columns(text, len, room), cut = n;

		if (n == len) {
			str_add(out, text);
			str_add(out, "\n");
			return;
		}
		while (cut && (text[cut] != ' ' || strncmp(text + cut, " ..", 3) == 0))
			cut--;
		if (!cut)
			cut = n;
		str_addn(out, text, cut);
		str_add(out, "\n");
		text += cut;
		while (*text == ' ')
			text++;
		style_pad(indent, out);
		room = s->width > indent + 20 ? s->width - indent : 20;
	}
}

void style_cut(const struct style *s, u32 at, const char *text, struct str *out)
{
	u32 room = s->width > at + 4 ? s->width - at : 4;

	if (grid_columns(text) <= room) {
		str_add(out, text);
	} else {
		str_addn(out, text, take_columns(text, strlen(text), room - 2));
		str_add(out, "..");
	}
	str_add(out, "\n");
}
