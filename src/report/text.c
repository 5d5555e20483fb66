/* SPDX-License-Identifier: MIT */
#include "report/text.h"

#include <string.h>

#include "base/bug.h"
#include "report/cause.h"
#include "report/narrate.h"
#include "report/picture.h"

enum { TEXT_INDENT = 9 };

void text_where(const struct run_input *in, struct str *out)
{
	if (in->variant)
		str_printf(out, "%s on ", in->variant);
	str_add(out, in->cfg->platform);
}

void text_hardware(const struct run *r, struct str *out)
{
	str_add(out, r->in.schedule ? "as scheduled" : policy_name(r->in.hw));
	if (!r->in.schedule && r->in.hw == POLICY_RANDOM)
		str_printf(out, ", seed %llu", (unsigned long long)r->in.seed);
}

void text_statement(const struct names *n, u32 stmt, struct str *out)
{
	const struct stmt_info *s = names_stmt(n, stmt);
	const char *who = NULL;
	const char *text = s->text ? s->text : "";

	if (s->actor == ACTOR_HW)
		who = "hw";
	else if (s->actor == ACTOR_LAB)
		who = "lab";
	else if (s->actor)
		who = names_device(n, s->actor - 1u);
	if (who && strncmp(text, who, strlen(who)) != 0)
		str_printf(out, "%s: ", who);
	str_safe(out, text, strlen(text));
}

void text_title(const struct run_input *in, const struct style *s, struct str *out)
{
	const struct scenario_doc *d = in->doc;
	struct str line = {0};

	str_printf(&line, "%s: ", d->id.text ? d->id.text : in->file);
	if (d->title)
		str_safe(&line, d->title, strlen(d->title));
	style_on(s, ATTR_BOLD, out);
	style_wrap(s, 0, 0, str_get(&line), out);
	style_off(s, ATTR_BOLD, out);
	str_free(&line);
}

static void circumstances(const struct run *r, const struct style *s, struct str *out)
{
	struct str line = {0};

	text_where(&r->in, &line);
	str_printf(&line, " (%s), hardware ", r->in.cfg->summary);
	text_hardware(r, &line);
	style_wrap(s, 0, 0, str_get(&line), out);
	if (r->in.schedule)
		str_printf(out, "schedule %s\n", str_get(&r->token));
	str_add(out, "\n");
	str_free(&line);
}

/* ---- statements ---- */

/* An assert, a wait or a stop that has no event of its own: f->event is the last one before it. */
static bool is_apart(const struct run *r, const struct finding *f)
{
	return finding_is_beside(f) &&
	       (!f->event || event_get(r->names.log, f->event)->stmt != f->stmt);
}

/* The finding that fires on one of the events, if the message is to stand there. */
static const struct finding *finding_in(const struct run *r, u32 first, u32 last)
{
	for (u32 i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i].f;

		if (f->event >= first && f->event <= last && !is_apart(r, f))
			return f;
	}
	return NULL;
}

static void add_sentence(const struct style *s, bool bad, const char *text, struct str *out)
{
	if (s->plain) {
		str_printf(out, "  %s%s\n", bad ? "! " : "", text);
		return;
	}
	if (bad) {
		style_pad(TEXT_INDENT - 2, out);
		style_on(s, ATTR_BOLD, out);
		str_add(out, "! ");
	} else {
		style_pad(TEXT_INDENT, out);
	}
	style_wrap(s, TEXT_INDENT, TEXT_INDENT, text, out);
	if (bad)
		style_off(s, ATTR_BOLD, out);
}

/* The finding says what was read, and more: then the plain sentence is not needed. */
static bool says_it(const struct finding *f, const struct sentence *s)
{
	return s->read && f->pa == s->home && f->n == s->len && f->id != DIAG_COMPILER_MAY_REORDER;
}

static void body(const struct run *r, u32 first, u32 last, const struct style *s, struct str *out)
{
	struct sentences all = {0};
	struct str message = {0};
	u32 from = first;

	narrate_statement(&r->names, &r->e->lx, first, last, &all);
	for (u32 i = 0; i < all.n; i++) {
		u32 end = i + 1 < all.n ? all.v[i].event : last;
		const struct finding *f = finding_in(r, from, end);

		from = end + 1;
		if (!f || !says_it(f, &all.v[i]))
			add_sentence(s, false, all.v[i].text, out);
		if (!f)
			continue;
		str_clear(&message);
		finding_message(&r->names, f, &message);
		add_sentence(s, true, str_get(&message), out);
	}
	str_free(&message);
	sentences_free(&all);
}

static void header(const struct run *r, u32 stmt, const struct style *s, struct str *out)
{
	struct str line = {0};
	u32 number = names_line(&r->names, stmt);

	if (number)
		str_printf(&line, "line %-3u ", number);
	else
		str_add(&line, "         ");
	text_statement(&r->names, stmt, &line);
	if (!stmt)
		str_add(&line, "(before the driver's first line)");
	style_cut(s, 0, str_get(&line), out);
	str_free(&line);
}

/* Findings of statements without an event, each under its own line. */
static void without_event(const struct run *r, u32 first, u32 last, const struct style *s,
			  struct str *out)
{
	struct str message = {0};

	for (u32 i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i].f;

		if (f->event < first || f->event > last || !is_apart(r, f))
			continue;
		header(r, f->stmt, s, out);
		str_clear(&message);
		finding_message(&r->names, f, &message);
		add_sentence(s, true, str_get(&message), out);
	}
	str_free(&message);
}

/*
 * One turn of a statement, without what comes behind it: for finding repetitions. The kernel's log
 * lines are in the world: it must have come so far.
 */
static void one_group(struct run *r, u32 first, u32 last, const struct style *s, struct str *out)
{
	engine_goto(r->e, last);
	header(r, event_get(r->names.log, first)->stmt, s, out);
	body(r, first, last, s, out);
}

static void pictures(struct run *r, struct pictures *p, u32 first, u32 last, const struct style *s,
		     struct str *out)
{
	const struct finding *f = finding_in(r, first, last);
	bool done = f && picture_of_finding(p, f, last, s, out);

	engine_goto(r->e, last);
	if (!done && !out->n)
		pictures_after(p, first, last, s, out);
}

static void groups(struct run *r, struct pictures *p, const struct style *s, struct writer *w)
{
	struct str *out = &w->s;
	struct str now = {0}, before = {0}, picture = {0};
	u32 again = 0;

	without_event(r, 0, 0, s, out);
	for (u32 first = 1, last; first <= r->names.log->n; first = last + 1) {
		last = narrate_group_end(&r->names, first);
		str_clear(&now);
		str_clear(&picture);
		one_group(r, first, last, s, &now);
		if (!r->in.no_oracle)
			pictures(r, p, first, last, s, &picture);
		without_event(r, first, last, s, &picture);
		if (!picture.n && strcmp(str_get(&now), str_get(&before)) == 0) {
			again++;
			continue;
		}
		if (again)
			add_sentence(s, false,
				     again == 1 ? "(The same once more.)"
						: "(The same again and again.)",
				     out);
		again = 0;
		str_add(out, str_get(&now));
		str_add(out, str_get(&picture));
		str_clear(&before);
		str_add(&before, str_get(&now));
		writer_tick(w);
	}
	if (again)
		add_sentence(s, false, "(The same again and again.)", out);
	str_free(&now);
	str_free(&before);
	str_free(&picture);
}

void text_run(struct run *r, const struct style *s, struct writer *w)
{
	struct pictures p = {.r = r};
	struct str *out = &w->s;

	text_title(&r->in, s, out);
	if (!s->quiet) {
		circumstances(r, s, out);
		groups(r, &p, s, w);
		engine_goto(r->e, engine_events(r->e));
		str_add(out, "\n");
		for (u32 i = 0; i < r->found.n; i++) {
			text_finding(r, i + 1, s, out);
			str_add(out, "\n");
		}
		if (r->found.dropped)
			str_printf(out, "%u more findings are not shown.\n\n", r->found.dropped);
	}
	pictures_free(&p);
	text_verdict(r, s, out);
}
