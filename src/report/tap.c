/* SPDX-License-Identifier: MIT */
/*
 * The Test Anything Protocol, version 13. A name is one line of safe text; "#" would begin a
 * directive (SKIP, TODO) and so is written "\#", as the protocol has it, and "\" as "\\".
 */
#include <string.h>

#include "report/cases.h"

static void description(const char *text, struct str *out)
{
	struct str safe = {0};

	str_safe(&safe, text, strlen(text));
	for (const char *c = str_get(&safe); *c; c++)
		str_printf(out, "%s%c", *c == '#' || *c == '\\' ? "\\" : "", *c);
	str_free(&safe);
}

/* Each line as a comment. */
static void comment(const char *text, struct str *out)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		str_add(out, n ? "#   " : "#");
		str_safe(out, text, n);
		str_add(out, "\n");
		text += n + (text[n] == '\n');
	}
}

void tap_write(const struct cases *c, struct str *out)
{
	str_printf(out, "TAP version 13\n1..%u\n", c->n);
	for (u32 i = 0; i < c->n; i++) {
		const struct test_case *t = &c->v[i];

		str_printf(out, "%sok %u - ", t->status == CASE_PASSED ? "" : "not ", i + 1);
		description(t->group, out);
		str_add(out, ": ");
		description(t->name, out);
		str_add(out, "\n");
		if (t->status == CASE_PASSED)
			continue;
		str_printf(out, "# %s: ", t->status == CASE_ERROR ? "error" : "failure");
		str_safe(out, t->message, strlen(t->message));
		str_add(out, "\n");
		comment(t->text, out);
	}
}
