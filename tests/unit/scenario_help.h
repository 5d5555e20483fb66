/* SPDX-License-Identifier: MIT */
/* What the tests of the scenario's readers share: a text with its places, and errors as one line.
 */
#ifndef UNIT_SCENARIO_HELP_H
#define UNIT_SCENARIO_HELP_H

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "scenario/parse.h"

struct text_case {
	struct arena arena;
	struct err_list errs;
	struct srcmap map;
	struct source src;
};

/* A text as if it were a file of its own. */
static inline void text_case_open(struct text_case *t, const char *text)
{
	struct src_place at = {1, 1};
	size_t i, n = strlen(text);

	*t = (struct text_case){.errs = {.file = "t", .text = text, .text_len = n}};
	for (i = 0; i <= n; i++) {
		vec_push(&t->map, at);
		if (text[i] == '\n')
			at = (struct src_place){at.line + 1, 0};
		at.col += ((u8)text[i + (i < n)] & 0xc0) != 0x80;
	}
	t->src = (struct source){&t->arena, &t->errs, text, (u32)n, &t->map};
}

static inline void text_case_close(struct text_case *t)
{
	vec_free(&t->map);
	err_free(&t->errs);
	arena_free(&t->arena);
}

/* All errors as "line:col+len message = hint", in the order of adding, separated by " / ". */
static inline void err_brief(const struct err_list *l, struct str *out)
{
	u32 i;

	str_clear(out);
	for (i = 0; i < l->n; i++) {
		const struct err *e = &l->v[i];

		str_printf(out, "%s%u:%u+%u %s", i ? " / " : "", e->pos.line, e->pos.col,
			   e->pos.len, e->message);
		if (e->hint)
			str_printf(out, " = %s", e->hint);
	}
}

#endif
