/* SPDX-License-Identifier: MIT */
#include "tui/keys.h"

#include "base/bug.h"
#include "base/grid.h"

#include <string.h>

enum { BAR_ENTRIES = 6, BAR_WIDTH = 80, RANKS = 8 };

enum when {
	WHEN_ALWAYS,
	WHEN_NOT_AT_END,
	WHEN_NOT_AT_START,
	WHEN_FINDING_AFTER,
	WHEN_FINDING_BEFORE,
	WHEN_AT_FINDING,
	WHEN_IN_LIST,
	WHEN_IN_PAGE,
	WHEN_IN_SMALL,
};

static const struct action_row rows[] = {
#define A(ID, NAME, KEYS, MODE, WHEN, QUIET, FINDING, BAR, BAR_TWO, HELP)                          \
	{NAME, KEYS, BAR, BAR_TWO, HELP, KEYS_##MODE, WHEN_##WHEN, {QUIET, FINDING}},
#include "tui/actions.def"
#undef A
};

/* The words of --keys, for the nearest name. */
static const char *const words[] = {
#define A(ID, NAME, ...) NAME,
#include "tui/actions.def"
#undef A
    "screen",
    NULL,
};

static const struct {
	const char *name;
	u32 code;
} keys[] = {
#define K(ID, NAME, CODE) {NAME, CODE},
#include "tui/keys.def"
#undef K
};

const struct action_row *action_row(enum action a)
{
	BUG_ON(a >= ACTION_COUNT);
	return &rows[a];
}

/* The code of a key's name in actions.def: one ASCII character or a name of keys.def. */
static u32 key_code(const char *name, size_t n)
{
	if (n == 1)
		return (unsigned char)name[0];
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strlen(keys[i].name) == n && !memcmp(keys[i].name, name, n))
			return keys[i].code;
	BUG_ON("actions.def names a key that is not in keys.def");
	return KEYCODE_NONE;
}

static bool has_key(const char *list, u32 code)
{
	while (*list) {
		size_t n = strcspn(list, " ");

		if (key_code(list, n) == code)
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

bool keys_find(enum keys_mode mode, u32 code, enum action *a)
{
	/* a mode's own keys go first: q closes a list and quits elsewhere */
	const enum keys_mode order[] = {mode, KEYS_ANY};

	for (u32 k = 0; k < ARRAY_LEN(order); k++) {
		for (u32 i = 0; i < ACTION_COUNT; i++) {
			if (rows[i].mode == order[k] && has_key(rows[i].keys, code)) {
				*a = (enum action)i;
				return true;
			}
		}
	}
	return false;
}

const char *action_refusal(enum action a, const struct keys_now *now)
{
	switch ((enum when)action_row(a)->when) {
	case WHEN_ALWAYS:
		return NULL;
	case WHEN_NOT_AT_END:
		return now->at_end ? "not now: the last event" : NULL;
	case WHEN_NOT_AT_START:
		return now->at_start ? "not now: before the first event" : NULL;
	case WHEN_FINDING_AFTER:
		return now->finding_after ? NULL : "not now: no finding ahead";
	case WHEN_FINDING_BEFORE:
		return now->finding_before ? NULL : "not now: no finding behind";
	case WHEN_AT_FINDING:
		if (!now->has_pages)
			return "not here: nothing more is known";
		return now->at_finding ? NULL : "not now: no finding is told here";
	case WHEN_IN_PAGE:
		return now->mode == KEYS_PAGE ? NULL : "not now: no text is open";
	case WHEN_IN_LIST:
		return now->mode == KEYS_LIST ? NULL : "not now: no list is open";
	case WHEN_IN_SMALL:
		if (!now->has_plain)
			return "not here: no plain lines";
		return now->mode == KEYS_SMALL ? NULL : "not now: window is large enough";
	}
	BUG_ON("a condition that is not in enum when");
	return NULL;
}

/* Is the action in the key bar with this rank now? */
static bool in_bar(u32 i, u32 rank, const struct keys_now *now)
{
	return i < ACTION_COUNT && rows[i].mode == now->mode &&
	       rows[i].rank[now->at_finding] == rank && !action_refusal((enum action)i, now);
}

void keys_bar(const struct keys_now *now, struct str *out)
{
	bool over = now->mode == KEYS_LIST || now->mode == KEYS_PAGE;
	const char *end = over ? "Esc close" : "? keys  q quit";
	u32 entries = 0, width = 1 + grid_columns(end);

	str_add(out, " ");
	for (u32 rank = 1; rank <= RANKS; rank++) {
		for (u32 i = 0; i < ACTION_COUNT; i++) {
			bool two;

			if (!in_bar(i, rank, now))
				continue;
			two = rows[i].bar_two[0] && in_bar(i + 1, rank, now);
			width += 2 + grid_columns(two ? rows[i].bar_two : rows[i].bar);
			if (entries++ < BAR_ENTRIES && width <= BAR_WIDTH)
				str_printf(out, "%s  ", two ? rows[i].bar_two : rows[i].bar);
			i += two;
		}
	}
	str_add(out, end);
}

static bool number(const char *s, const char *end, u32 *n)
{
	u64 v = 0;

	if (!*s || strspn(s, "0123456789") > 10)
		return false;
	while (*s >= '0' && *s <= '9')
		v = v * 10 + (u64)(*s++ - '0');
	*n = (u32)v;
	return !strcmp(s, end) && v <= UINT32_MAX;
}

bool place_parse(const char *word, struct place *p)
{
	size_t len = strlen(word);
	bool percent = len && word[len - 1] == '%';
	bool line = word[0] == 'l';
	struct place got = {.kind = percent ? PLACE_PERCENT : line ? PLACE_LINE : PLACE_EVENT};
	const char *digits = word + (!percent && (line || word[0] == 'e'));

	if (*digits < '0' || *digits > '9' || !number(digits, percent ? "%" : "", &got.n))
		return false;
	if (percent && got.n > 100)
		return false;
	*p = got;
	return true;
}

bool keys_parse_word(const char *word, size_t n, struct keys_step *step, struct str *why)
{
	char copy[64], name[64];
	const char *colon, *near;

	*step = (struct keys_step){0};
	if (n >= sizeof copy) {
		str_add(why, "no action has a name as long as \"");
		str_safe(why, word, 20);
		str_add(why, "...\"\n");
		return false;
	}
	memcpy(copy, word, n);
	copy[n] = '\0';
	if (!strcmp(copy, "screen")) {
		step->is_screen = true;
		return true;
	}
	for (u32 i = 0; i < ACTION_COUNT; i++) {
		if (i != ACTION_GOTO && !strcmp(copy, rows[i].name)) {
			step->action = (enum action)i;
			return true;
		}
	}
	colon = strchr(copy, ':');
	memcpy(name, copy, sizeof name);
	if (colon)
		name[colon - copy] = '\0';
	if (!strcmp(name, "goto")) {
		step->action = ACTION_GOTO;
		if (colon && place_parse(colon + 1, &step->place))
			return true;
		str_add(why, "\"");
		str_safe(why, copy, n);
		str_add(why,
			"\": goto takes an event, a line or a part: goto:13, goto:l20, goto:50%\n");
		return false;
	}
	near = str_nearest(name, words);
	str_add(why, "there is no action \"");
	str_safe(why, copy, n);
	if (near)
		str_printf(why, "\"; did you mean \"%s\"?\n", near);
	else
		str_add(why, "\"; the key ? lists them all\n");
	return false;
}

bool keys_parse(const char *text, struct keys_script *out, struct str *why)
{
	bool good = true;

	*out = (struct keys_script){0};
	for (text += strspn(text, " \t\n"); *text; text += strspn(text, " \t\n")) {
		size_t n = strcspn(text, " \t\n");
		struct keys_step step;

		if (keys_parse_word(text, n, &step, why))
			vec_push(out, step);
		else
			good = false;
		text += n;
	}
	if (!good)
		vec_free(out);
	return good;
}
