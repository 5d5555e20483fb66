/* SPDX-License-Identifier: MIT */
/*
 * Bars are made of letters, one for each part of the cost, so that they are read without colours
 * and in any locale; the numbers stand beside them.
 */
#include "report/chart.h"

#include <string.h>

#include "base/grid.h"
#include "report/json_int.h"
#include "report/text.h"

enum { INDENT = 2, BAR_MAX = 60, NUMBER = 9, RATIO = 6 };

static void copy_name(char *to, const char *from)
{
	if (from)
		memcpy(to, from, strlen(from) + 1);
}

void chart_add(struct chart *c, const struct run *r, const struct run *less, u64 times)
{
	struct chart_bar b = {.times = times, .outcome = r->outcome};
	struct units other = {0};

	copy_name(b.platform, r->in.cfg->platform);
	copy_name(b.variant, r->in.variant);
	units_count(r->in.cfg, r->names.log, &b.u);
	if (less)
		units_count(less->in.cfg, less->names.log, &other);
	for (u32 i = 0; i < COST_ROWS; i++) /* what falls away with more of it costs nothing */
		b.u.n[i] = b.u.n[i] > other.n[i] ? b.u.n[i] - other.n[i] : 0;
	for (u32 i = 0; i < r->verdict.found.n; i++)
		id_list_add(&b.found, r->verdict.found.v[i]);
	vec_push(&c->bars, b);
}

void chart_free(struct chart *c)
{
	for (u32 i = 0; i < c->bars.n; i++)
		id_list_free(&c->bars.v[i].found);
	vec_free(&c->bars);
}

/* ---- numbers ---- */

/* "312", or "312.5" where it is not nearly a whole number. */
static void per_one(u64 all, u64 times, struct str *out)
{
	u64 tenths = (10 * all + times / 2) / times;

	str_printf(out, "%llu", (unsigned long long)tenths / 10);
	if (tenths % 10)
		str_printf(out, ".%llu", (unsigned long long)tenths % 10);
}

/* a/b against c/d. */
static bool is_less(const struct chart_bar *a, const struct chart_bar *b)
{
	return units_total(&a->u) * b->times < units_total(&b->u) * a->times;
}

/* Bars with the same heading are [from, *to). */
static bool headings(const struct chart *c)
{
	for (u32 i = 1; i < c->bars.n; i++)
		if (strcmp(c->bars.v[i].platform, c->bars.v[i - 1].platform) == 0)
			return true;
	return false;
}

static u32 section_end(const struct chart *c, u32 from)
{
	u32 to = from + 1;

	while (to < c->bars.n &&
	       (!headings(c) || strcmp(c->bars.v[to].platform, c->bars.v[from].platform) == 0))
		to++;
	return to;
}

static const char *label(const struct chart *c, const struct chart_bar *b)
{
	return headings(c) && b->variant[0] ? b->variant : b->platform;
}

/* ---- a bar ---- */

/* Its letters: the ends of the parts are rounded, so that the whole has the right length. */
static void letters(const struct chart_bar *b, const struct chart_bar *longest, u32 width,
		    struct str *out)
{
	u64 sum = 0, most = units_total(&longest->u) * b->times;
	u32 at = 0;

	for (u32 g = 0; most && g < COST_GROUPS; g++) {
		u64 end;

		sum += units_of(&b->u, (enum cost_group)g);
		end = (sum * longest->times * width + most / 2) / most;
		for (; at < end; at++)
			str_printf(out, "%c", cost_group_letter((enum cost_group)g));
	}
}

/* "m 240, r 72": the parts, largest first where two are equal the first of the table. */
static void parts(const struct chart_bar *b, bool words, struct str *out)
{
	bool done[COST_GROUPS] = {false};
	u32 said = 0;

	for (;;) {
		u32 best = COST_GROUPS;

		for (u32 g = 0; g < COST_GROUPS; g++)
			if (!done[g] && units_of(&b->u, (enum cost_group)g) &&
			    (best == COST_GROUPS || units_of(&b->u, (enum cost_group)g) >
							units_of(&b->u, (enum cost_group)best)))
				best = g;
		if (best == COST_GROUPS)
			return;
		done[best] = true;
		str_add(out, said++ ? ", " : "");
		if (words)
			str_printf(out, "%s ", cost_group_name((enum cost_group)best));
		else
			str_printf(out, "%c ", cost_group_letter((enum cost_group)best));
		per_one(units_of(&b->u, (enum cost_group)best), b->times, out);
	}
}

/* "2.7x" of the cheapest one of the section; "" for that itself. */
static void ratio(const struct chart_bar *b, const struct chart_bar *least, struct str *out)
{
	u64 over = units_total(&b->u) * least->times, under = units_total(&least->u) * b->times;

	if (!under || over == under)
		return;
	str_printf(out, "%llu.%llux", (unsigned long long)((10 * over + under / 2) / under / 10),
		   (unsigned long long)((10 * over + under / 2) / under % 10));
}

static void remarks(const struct chart_bar *b, const struct style *s, u32 at, struct str *out)
{
	struct str t = {0};

	if (b->outcome != OUTCOME_ENDED)
		str_printf(&t, "! the run did not end: %s", outcome_name(b->outcome));
	if (b->found.n) {
		str_printf(&t, "%s! it finds ", t.n ? "; " : "");
		text_ids(&b->found, &t);
	}
	if (t.n) {
		style_pad(at, out);
		style_wrap(s, at, at + 2, str_get(&t), out);
	}
	str_free(&t);
}

struct layout {
	u32 name, bar; /* columns */
	const struct chart_bar *longest;
};

static void put_right(const struct str *s, u32 width, struct str *out)
{
	style_pad(s->n < width ? width - (u32)s->n : 0, out);
	str_add(out, str_get(s));
}

static void bar_text(const struct chart *c, const struct chart_bar *b, const struct layout *l,
		     const struct chart_bar *least, const struct style *s, struct str *out)
{
	u32 at = INDENT + l->name + NUMBER + RATIO + 2, from = (u32)out->n;
	struct str t = {0};

	style_pad(INDENT, out);
	str_add(out, label(c, b));
	style_pad(INDENT + l->name - ((u32)out->n - from), out);
	per_one(units_total(&b->u), b->times, &t);
	put_right(&t, NUMBER, out);
	str_clear(&t);
	ratio(b, least, &t);
	put_right(&t, RATIO, out);
	str_add(out, "  ");
	letters(b, l->longest, l->bar, out);
	while (out->n && out->s[out->n - 1] == ' ')
		out->n--;
	str_add(out, "\n");
	str_clear(&t);
	parts(b, false, &t);
	if (t.n) {
		style_pad(at, out);
		style_wrap(s, at, at, str_get(&t), out);
	}
	remarks(b, s, at, out);
	str_free(&t);
}

static void bar_plain(const struct chart_bar *b, const struct style *s, struct str *out)
{
	struct str t = {0};

	str_add(&t, b->platform);
	if (b->variant[0])
		str_printf(&t, ", %s", b->variant);
	str_add(&t, ": ");
	per_one(units_total(&b->u), b->times, &t);
	str_add(&t, " = ");
	parts(b, true, &t);
	style_wrap(s, 0, 2, str_get(&t), out);
	remarks(b, s, 2, out);
	str_free(&t);
}

/* ---- the whole ---- */

/* Its entries are not broken. */
static void legend(const struct chart *c, const struct style *s, struct str *out)
{
	u32 at = 0;

	for (u32 g = 0; g < COST_GROUPS; g++) {
		u32 n = 2 + (u32)strlen(cost_group_name((enum cost_group)g));
		bool used = false;

		for (u32 i = 0; i < c->bars.n; i++)
			used |= units_of(&c->bars.v[i].u, (enum cost_group)g) != 0;
		if (!used)
			continue;
		str_add(out, !at || at + 3 + n > s->width ? "\n" : "   ");
		at = !at || at + 3 + n > s->width ? n : at + 3 + n;
		str_printf(out, "%c %s", cost_group_letter((enum cost_group)g),
			   cost_group_name((enum cost_group)g));
	}
	str_add(out, "\n");
}

static void section(const struct chart *c, u32 from, u32 to, const struct layout *l,
		    const struct style *s, struct str *out)
{
	const struct chart_bar *least = &c->bars.v[from];

	for (u32 i = from; i < to; i++)
		if (is_less(&c->bars.v[i], least))
			least = &c->bars.v[i];
	str_add(out, "\n");
	if (headings(c) && !s->plain)
		str_printf(out, "%s\n", c->bars.v[from].platform);
	for (u32 i = from; i < to; i++)
		if (s->plain)
			bar_plain(&c->bars.v[i], s, out);
		else
			bar_text(c, &c->bars.v[i], l, least, s, out);
}

static void title(const struct chart *c, const struct style *s, struct str *out)
{
	struct run_input in = {.doc = c->doc};
	struct str t = {0};

	text_title(&in, s, out);
	str_add(&t, "Cost units of ");
	if (c->per)
		str_printf(&t, "one more of %s", c->per);
	else
		str_add(&t, "the whole run");
	str_add(&t, ", hardware calm");
	style_wrap(s, 0, 0, str_get(&t), out);
	str_free(&t);
}

void chart_text(const struct chart *c, const struct style *s, struct str *out)
{
	struct layout l = {0};
	u32 room;

	title(c, s, out);
	if (!c->bars.n)
		return;
	l.longest = &c->bars.v[0];
	for (u32 i = 0; i < c->bars.n; i++) {
		u32 n = (u32)strlen(label(c, &c->bars.v[i]));

		l.name = n > l.name ? n : l.name;
		if (is_less(l.longest, &c->bars.v[i]))
			l.longest = &c->bars.v[i];
	}
	room = INDENT + l.name + NUMBER + RATIO + 2;
	l.bar = s->width > room + 10 ? s->width - room : 10;
	l.bar = l.bar > BAR_MAX ? BAR_MAX : l.bar;
	for (u32 i = 0, to; i < c->bars.n; i = to) {
		to = section_end(c, i);
		section(c, i, to, &l, s, out);
	}
	if (!s->plain)
		legend(c, s, out);
}

/* ---- JSON ---- */

/* Under "uncached-load" for UNCACHED_LOAD. */
static void set_count(json_t *o, const char *id, u64 n)
{
	char key[40] = {0};

	for (u32 i = 0; id[i] && i + 1 < sizeof key; i++)
		key[i] = id[i] == '_' ? '-' : (char)(id[i] - 'A' + 'a');
	if (n)
		js_set(o, key, js_number(n));
}

static json_t *groups_of(const struct chart_bar *b)
{
	json_t *o = json_object();

	for (u32 g = 0; g < COST_GROUPS; g++)
		set_count(o, cost_group_id((enum cost_group)g),
			  units_of(&b->u, (enum cost_group)g));
	return o;
}

static json_t *counts_of(const struct chart_bar *b)
{
	json_t *o = json_object();

	for (u32 i = 0; i < COST_ROWS; i++)
		set_count(o, cost_info((enum cost_row)i)->id, b->u.n[i]);
	return o;
}

void chart_json(const struct chart *c, struct str *out)
{
	for (u32 i = 0; i < c->bars.n; i++) {
		const struct chart_bar *b = &c->bars.v[i];
		json_t *o = js_line("cost");

		js_set(o, "scenario", js_text(c->doc->id.text));
		js_set(o, "platform", js_text(b->platform));
		js_set(o, "variant", js_text(b->variant[0] ? b->variant : NULL));
		js_set(o, "outcome", json_string(outcome_name(b->outcome)));
		js_set(o, "found", js_ids(&b->found));
		js_set(o, "per", js_text(c->per));
		js_set(o, "times", js_number(b->times));
		js_set(o, "cost", js_number(units_total(&b->u)));
		js_set(o, "groups", groups_of(b));
		js_set(o, "counts", counts_of(b));
		js_put(o, out);
	}
}
