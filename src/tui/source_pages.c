/* SPDX-License-Identifier: MIT */
/* What a finding's pages say: the chain of its cause, its rule, its fix. */
#include "tui/source_int.h"

#include <string.h>

static void row(struct str *out, const char *label, const char *text)
{
	str_printf(out, "%s\t", label);
	str_safe(out, text, strlen(text));
	str_add(out, "\n");
}

static void fix_row(const struct run_source *s, const struct finding *f, struct str *out)
{
	struct str text = {0};
	struct fix x;

	fix_make(&x, s->names, f);
	if (x.call.n)
		str_printf(&text, "%s%s%s", str_get(&x.where), x.where.n ? ": " : "",
			   str_get(&x.call));
	else
		str_add(&text, str_get(&x.words));
	row(out, "fix", str_get(&text));
	str_free(&text);
	fix_free(&x);
}

static void why(const struct run_source *s, const struct finding *f, struct str *out)
{
	struct str label = {0};
	struct cause c;

	cause_make(&c, s->names, f);
	for (u32 i = 0; i < c.n; i++) {
		const struct cause_step *x = &c.v[i];

		str_clear(&label);
		if (x->missing)
			str_add(&label, "  +");
		else
			str_printf(&label, "  e%u", x->event);
		if (x->missing)
			str_add(&label, " MISSING");
		else if (x->line)
			str_printf(&label, " l%u", x->line);
		row(out, str_get(&label), x->text);
	}
	if (!c.n)
		row(out, "", "The statement itself is the cause.");
	cause_free(&c);
	str_free(&label);
}

void source_page(void *self, enum tui_page page, u32 position, struct str *out)
{
	const struct run_source *s = self;
	const struct source_finding *found = found_at(s, position);
	struct str id = {0}, message = {0};
	const struct diag_info *info;

	if (!found)
		return;
	finding_id(s->prog, found->f, &id);
	str_add(out, page == PAGE_WHY ? "why: " : "explain: ");
	str_safe(out, str_get(&id), id.n);
	str_add(out, "\n");
	info = found->f->id == DIAG_ASSERT ? NULL : diag_info(found->f->id);
	finding_message(s->names, found->f, &message);
	if (page == PAGE_EXPLAIN && info) {
		row(out, "rule", info->rule);
		row(out, "effect", info->effect);
	}
	row(out, "here", str_get(&message));
	if (page == PAGE_WHY)
		why(s, found->f, out);
	fix_row(s, found->f, out);
	if (info)
		row(out, "dma-debug", info->dma_debug);
	if (page == PAGE_EXPLAIN && info)
		str_printf(out, "command\tdmalab explain %s\n", info->name);
	str_free(&id);
	str_free(&message);
}
