/* SPDX-License-Identifier: MIT */
/*
 * dmalab explain: what is told of the kernel's DMA layer in words, from cli/topics.def. Where
 * dmalab itself does not do yet what a row tells of, the row says so: the tables of calls,
 * constants and fields are asked.
 */
#include "cli/topic_linux.h"

#include <string.h>

#include "base/types.h"
#include "engine/calls.h"
#include "report/style.h"
#include "scenario/fields.h"

static const struct style page = {.width = 80};

static const struct row {
	const char *topic, *head, *text, *needs;
} rows[] = {
#define TEXT(name, head, text, needs) {name, head, text, needs},
#include "cli/topics.def"
};

static bool constant_is_there(const char *name)
{
	static const char *const names[] = {
#define CONST(name, kind, value) #name,
#include "scenario/constants.def"
#undef CONST
	};

	for (u32 i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Whether dmalab does what the row is about. */
static bool is_there(const struct row *r)
{
	const struct field_info *f;
	enum call_id c;

	if (!r->needs[0])
		return true;
	if (call_find(r->needs, &c))
		return call_info(c)->state != CALL_LATER;
	f = field_find(FIELDS_SWIOTLB, r->needs);
	return f ? !field_is_later(f) : constant_is_there(r->needs);
}

static u32 width_of(const char *topic)
{
	u32 width = 0;

	for (u32 i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].topic, topic) == 0)
			width = max_u32(width, min_u32((u32)strlen(rows[i].head) + 2, 20));
	return width;
}

static void put_row(const struct row *r, u32 width, struct str *out)
{
	u32 n = (u32)strlen(r->head);
	struct str s = {0};

	str_add(&s, r->text);
	if (!is_there(r))
		str_add(&s, s.s[s.n - 1] == '.' ? " Not in dmalab yet." : ". Not in dmalab yet.");
	str_add(out, r->head);
	if (n + 2 > width) /* a long name has a line of its own */
		str_add(out, "\n");
	style_pad(n + 2 > width ? width : width - n, out);
	style_wrap(&page, width, width, str_get(&s), out);
	str_free(&s);
}

void topic_linux(const char *name, struct str *out)
{
	u32 width = width_of(name);
	bool first = true;

	for (u32 i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];

		if (strcmp(r->topic, name) != 0)
			continue;
		if (!r->head[0]) {
			str_add(out, first ? "" : "\n");
			style_wrap(&page, 0, 0, r->text, out);
			str_add(out, "\n");
		} else {
			put_row(r, width, out);
		}
		first = false;
	}
}
