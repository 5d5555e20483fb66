/* SPDX-License-Identifier: MIT */
/* The rows that the oracle decides by, oracle/decisions.def, as text. */
#include "cli/topic_decisions.h"

#include "core/diag.h"
#include "report/style.h"

static const struct style page = {.width = 80};

enum list {
#define DECISIONS(list, title) LIST_##list,
#include "oracle/decisions.def"
	LISTS
};

static const char *const titles[] = {
#define DECISIONS(list, title) [LIST_##list] = title,
#include "oracle/decisions.def"
};

static const struct row {
	enum list list;
	enum diag_id id;
	const char *text;
} rows[] = {
#define DECIDE_STALE_CPU(holds, id, text)    {LIST_STALE_CPU, DIAG_##id, text},
#define DECIDE_STALE_DEVICE(holds, id, text) {LIST_STALE_DEVICE, DIAG_##id, text},
#define DECIDE_LOST(holds, id, text)	     {LIST_LOST, DIAG_##id, text},
#define DECIDE_TOUCH(holds, id, text)	     {LIST_TOUCH, DIAG_##id, text},
#define DECIDE_REUSE(holds, id, text)	     {LIST_REUSE, DIAG_##id, text},
#define DECIDE_FLIGHT(holds, id, text) {LIST_FLIGHT, DIAG_##id, text},
#define DECIDE_THROUGH(holds, id, text)	     {LIST_THROUGH, DIAG_##id, text},
#define DECIDE_STRAY(holds, id, text)	     {LIST_STRAY, DIAG_##id, text},
#define DECIDE_UNMAP(holds, id, text)	     {LIST_UNMAP, DIAG_##id, text},
#include "oracle/decisions.def"
};

const char *decisions_title(u32 list)
{
	return list < LISTS ? titles[list] : NULL;
}

bool decision_at(u32 list, u32 i, const char **name, const char **text)
{
	for (u32 k = 0; k < ARRAY_LEN(rows); k++) {
		if (rows[k].list != list || i--)
			continue;
		*name = diag_info(rows[k].id)->name;
		*text = rows[k].text;
		return true;
	}
	return false;
}

static void para(const char *text, struct str *out)
{
	style_wrap(&page, 0, 0, text, out);
	str_add(out, "\n");
}

/* The rest of the list: severity, then the order of the table. */
static void precedence(struct str *out)
{
	enum { INDENT = 4 };
	struct str s = {0};

	para("Of several findings of one culprit line and one allocation the worst is told, and "
	     "the others stand in its \"also\". Of two that are equally bad it is the one that "
	     "comes first here:",
	     out);
	for (u32 i = 0; i < DIAG_ASSERT; i++)
		str_printf(&s, "%s%s", i ? ", " : "", diag_info(i)->name);
	style_pad(INDENT, out);
	style_wrap(&page, INDENT, INDENT, str_get(&s), out);
	str_add(out, "\n");
	str_free(&s);
	style_wrap(&page, 0, 0,
		   "assert, kernel-bug and hang are told beside all others. What is not in a list "
		   "above is told by the one rule that it breaks.",
		   out);
}

void topic_decisions(struct str *out)
{
	enum { NUMBER = 4, NAME = 34 };
	const char *name, *text;
	struct str s = {0};

	para("What a finding is called. Each list is gone through from the top, and the first row "
	     "that holds is the name.",
	     out);
	for (u32 l = 0; decisions_title(l); l++) {
		str_printf(out, "%s:\n", decisions_title(l));
		for (u32 i = 0; decision_at(l, i, &name, &text); i++) {
			str_printf(out, "%3u %-*s", i + 1, NAME - NUMBER, name);
			style_wrap(&page, NAME, NAME, text, out);
		}
		str_add(out, "\n");
	}
	precedence(out);
	str_free(&s);
}
