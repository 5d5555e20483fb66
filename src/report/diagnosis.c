/* SPDX-License-Identifier: MIT */
#include "report/diagnosis.h"

#include <string.h>

#include "core/diag.h"
#include "report/json.h"
#include "report/json_int.h"

enum { FIELD = 11, TAB = 8 };

static void field(const struct style *s, const char *name, const char *text, struct str *out)
{
	if (!text || !text[0])
		return;
	str_printf(out, "%-*s", FIELD, name);
	style_wrap(s, FIELD, FIELD, text, out);
}

/* One line of an edit: '-', '+' or ' ', then C with tabs. */
static const char *edit_line(const char *line, struct str *out)
{
	u32 at = 0;

	style_pad(FIELD, out);
	str_printf(out, "%c ", *line++);
	for (; *line && *line != '\n'; line++)
		if (*line == '\t') {
			style_pad(TAB - at % TAB, out);
			at += TAB - at % TAB;
		} else {
			str_addn(out, line, 1);
			at++;
		}
	str_add(out, "\n");
	return *line ? line + 1 : line;
}

void diagnosis_places(u32 id, struct str *out)
{
	const struct diag_info *d = diag_info(id);
	u32 left = d->places;

	for (u32 i = 0; left; i++) {
		if (!(left >> i & 1))
			continue;
		left &= ~(1u << i);
		str_printf(out, "%s%s", out->n ? (left ? ", " : ", and ") : "",
			   diag_place_text((enum diag_place)i));
	}
	str_printf(out, ".%s%s", d->where[0] ? " " : "", d->where);
}

/* Its neighbours of the same severity. */
static void order(u32 id, struct str *out)
{
	enum severity s = diag_info(id)->severity;
	u32 before = DIAGS, behind = DIAGS;

	for (u32 i = 0; i < DIAG_ASSERT; i++) {
		if (i == id || diag_info(i)->severity != s)
			continue;
		if (i < id)
			before = i;
		else if (behind == DIAGS)
			behind = i;
	}
	str_add(out, "of two with one culprit");
	if (before != DIAGS)
		str_printf(out, " behind %s,", diag_info(before)->name);
	if (behind != DIAGS)
		str_printf(out, " before %s", diag_info(behind)->name);
	else
		out->n--; /* the comma */
	str_add(out, " (dmalab explain decision-list)");
}

const char *diagnosis_source(const char **list, struct str *out)
{
	const char *at = *list;
	size_t n = strcspn(at, ";");

	if (!*at)
		return NULL;
	str_clear(out);
	str_addn(out, at, n);
	at += n;
	*list = at + strspn(at, "; ");
	return str_get(out);
}

void diagnosis_text(const struct style *s, u32 id, const struct diagnosis_try *t, struct str *out)
{
	const struct diag_info *d = diag_info(id);
	const char *line = d->edit, *list = d->sources, *one;
	struct str x = {0};

	str_printf(out, "%s: a diagnosis, at worst %s\n\n", d->name, severity_name(d->severity));
	field(s, "happens", d->effect, out);
	field(s, "how", d->mechanism, out);
	field(s, "rule", d->rule, out);
	field(s, "fix", d->fix, out);
	while (*line)
		line = edit_line(line, out);
	field(s, "dma-debug", d->dma_debug, out);
	diagnosis_places(id, &x);
	field(s, "shows", str_get(&x), out);
	str_clear(&x);
	order(id, &x);
	field(s, "order", str_get(&x), out);
	field(s, "try", t->fires, out);
	field(s, "and not", t->near, out);
	for (u32 i = 0; (one = diagnosis_source(&list, &x)) != NULL; i++)
		field(s, i ? "" : "read", one, out);
	str_free(&x);
}

void diagnosis_json(u32 id, struct str *out)
{
	const struct diag_info *d = diag_info(id);
	json_t *o = js_line("diagnosis"), *places = json_array(), *sources = json_array();
	const char *list = d->sources, *one;
	struct str x = {0};

	js_set(o, "id", js_text(d->name));
	js_set(o, "severity", js_text(severity_name(d->severity)));
	js_set(o, "precedence", js_number(id + 1));
	js_set(o, "effect", js_text(d->effect));
	js_set(o, "mechanism", js_text(d->mechanism));
	js_set(o, "rule", js_text(d->rule));
	js_set(o, "fix", js_text(d->fix));
	js_set(o, "edit", json_string(d->edit));
	js_set(o, "dma_debug", js_text(d->dma_debug));
	for (u32 i = 0; i < PLACES; i++)
		if (d->places >> i & 1)
			js_add(places, js_text(diag_place_name((enum diag_place)i)));
	js_set(o, "places", places);
	js_set(o, "where", js_text(d->where));
	while ((one = diagnosis_source(&list, &x)) != NULL)
		js_add(sources, js_text(one));
	js_set(o, "sources", sources);
	js_set(o, "fires", js_text(d->fires));
	js_set(o, "near", js_text(d->near));
	js_put(o, out);
	str_free(&x);
}
