/* SPDX-License-Identifier: MIT */
/* dmalab why, as text: the question, the chain in columns, the answer. */
#include "report/why.h"

#include <string.h>

#include "base/grid.h"
#include "report/text.h"

enum { SO = 58, SO_MOST = 62, DID_WIDTH = 33, WHO_MOST = 14 }; /* columns */

/* Where the columns of a chain begin. */
struct columns {
	u32 line, who, did, so;
};

/* "buf+00..04"; "d->len", "ring[0].addr+00..07" where fields are known. */
static void range(const struct why *w, const struct why_story *s, struct str *out)
{
	const struct named_buffer *b = w->asked.buf;
	bool own = b && (s->state == WHY_FREED || s->state == WHY_NOT_YET || !b->type);
	struct str last = {0};
	const char *plus;
	size_t was = out->n;

	if (own) {
		str_printf(out, "%s+%02llx", b->name, (unsigned long long)(s->pa - b->pa));
		if (s->n > 1)
			str_printf(out, "..%02llx", (unsigned long long)(s->pa - b->pa + s->n - 1));
		return;
	}
	names_byte(&w->r->names, s->pa, w->asked.event, out);
	names_byte(&w->r->names, s->pa + s->n - 1, w->asked.event, &last);
	plus = strrchr(str_get(&last), '+');
	if (s->n > 1 && plus && strncmp(out->s + was, str_get(&last), (size_t)(plus - last.s)) == 0)
		str_printf(out, "%s..%s", strrchr(out->s + was, '+') ? "" : "+00", plus + 1);
	else if (s->n > 1)
		str_printf(out, " to %s", str_get(&last));
	str_free(&last);
}

/* "buf+00..04 at event 13, line 20" */
static void place(const struct why *w, const struct why_story *s, struct str *out)
{
	const struct names *n = &w->r->names;
	u32 line = names_line(n, event_get(n->log, w->asked.event)->stmt);

	range(w, s, out);
	str_printf(out, " at event %u", w->asked.event);
	if (line && s->chain.n)
		str_printf(out, ", line %u", line);
}

/* Goes to a column: at least one space on. */
static void column(u32 *at, u32 to, struct str *out)
{
	u32 n = to > *at ? to - *at : 1;

	style_pad(n, out);
	*at += n;
}

static void put(const char *text, size_t n, u32 *at, struct str *out)
{
	struct str s = {0};

	str_safe(&s, text, n);
	str_add(out, str_get(&s));
	*at += grid_columns(str_get(&s));
	str_free(&s);
}

/* What was done, broken at spaces where the column is not wide enough; and so behind its end. */
static void did_and_so(const struct style *st, const struct columns *to, const char *did,
		       const char *so, u32 *at, struct str *out)
{
	u32 so_len = so ? grid_columns(so) : 0, so_at;

	for (const char *p = did; *p;) {
		size_t n = strcspn(p, " ");

		if (*at > to->did && *at + 1 + n > st->width) {
			str_add(out, "\n");
			*at = 0;
			column(at, to->did + 2, out);
		} else if (p != did) {
			put(" ", 1, at, out);
		}
		put(p, n, at, out);
		p += n;
		p += *p == ' ';
	}
	if (!so_len)
		return;
	so_at = *at + 2 > to->so ? *at + 2 : to->so;
	if (so_at + so_len > st->width) {
		str_add(out, "\n");
		*at = 0;
		so_at = to->so + so_len > st->width ? to->did + 2 : to->so;
	}
	column(at, so_at, out);
	put(so, strlen(so), at, out);
}

static void event_word(const struct cause_step *step, struct str *out)
{
	if (step->missing)
		str_add(out, "+");
	else if (step->event)
		str_printf(out, "e%u", step->event);
}

static void line_word(const struct cause_step *step, struct str *out)
{
	if (step->line)
		str_printf(out, "line %u", step->line);
}

static void measure(const struct why *w, const struct cause *c, struct columns *to)
{
	u32 event = 3, line = 7, who = 6;

	for (u32 i = 0; i < c->n; i++) {
		struct str e = {0}, l = {0};
		const char *rest;
		u32 len;

		event_word(&c->v[i], &e);
		line_word(&c->v[i], &l);
		cause_who(&w->r->names, &c->v[i], &len, &rest);
		event = e.n > event ? (u32)e.n : event;
		line = l.n > line ? (u32)l.n : line;
		who = len > who ? len : who;
		str_free(&e);
		str_free(&l);
	}
	to->line = 2 + event + 2;
	to->who = to->line + line + 2;
	to->did = to->who + (who < WHO_MOST ? who : WHO_MOST) + 2;
	to->so = to->did + DID_WIDTH < SO	 ? SO
		 : to->did + DID_WIDTH < SO_MOST ? to->did + DID_WIDTH
						 : SO_MOST;
}

static void step_columns(const struct why *w, const struct cause_step *step,
			 const struct columns *to, const struct style *st, struct str *out)
{
	const char *rest, *who;
	struct str word = {0}, name = {0};
	u32 at = 0, len;

	who = cause_who(&w->r->names, step, &len, &rest);
	put("  ", 2, &at, out);
	event_word(step, &word);
	put(str_get(&word), word.n, &at, out);
	column(&at, to->line, out);
	str_clear(&word);
	line_word(step, &word);
	put(str_get(&word), word.n, &at, out);
	column(&at, to->who, out);
	str_clear(&word);
	str_addn(&word, who, len);
	names_short(step->missing ? "-" : str_get(&word), &name);
	put(str_get(&name), name.n, &at, out);
	column(&at, to->did, out);
	if (step->missing) {
		style_on(st, ATTR_UNDERLINE, out);
		put("MISSING", 7, &at, out);
		style_off(st, ATTR_UNDERLINE, out);
		put(" ", 1, &at, out);
		rest = step->text;
	}
	did_and_so(st, to, rest, step->so, &at, out);
	str_add(out, "\n");
	str_free(&word);
	str_free(&name);
}

static void step_plain(const struct cause_step *step, struct str *out)
{
	if (step->missing)
		str_add(out, "  +");
	else if (step->event)
		str_printf(out, "  e%u", step->event);
	else
		str_add(out, " ");
	if (step->line)
		str_printf(out, " line %u:", step->line);
	str_printf(out, " %s%s%s%s\n", step->missing ? "MISSING: " : "", step->text,
		   step->so ? "; " : "", step->so ? step->so : "");
}

/* A finding's own page and command. */
static void more(const struct why *w, const struct why_story *s, struct str *out)
{
	if (!s->f)
		return;
	for (u32 i = 0; i < w->r->found.n; i++)
		if (&w->r->found.v[i].f == s->f) {
			struct str id = {0};

			finding_id(w->r->in.prog, s->f, &id);
			str_printf(out, "Finding %u of the run%s: dmalab explain %s\n", i + 1,
				   s->again ? ", once more" : "", str_get(&id));
			str_free(&id);
		}
}

static void story(const struct why *w, const struct why_story *s, const struct style *st,
		  struct str *out)
{
	struct columns to;
	struct str head = {0};

	place(w, s, &head);
	str_printf(&head, ": %s", str_get(&s->title));
	if (!s->chain.n) {
		str_printf(&head, " %s", str_get(&s->answer));
		style_wrap(st, 0, 0, str_get(&head), out);
		str_free(&head);
		return;
	}
	style_on(st, ATTR_BOLD, out);
	style_wrap(st, 0, 0, str_get(&head), out);
	style_off(st, ATTR_BOLD, out);
	str_add(out, "\n");
	measure(w, &s->chain, &to);
	for (u32 i = 0; i < s->chain.n; i++)
		if (st->plain)
			step_plain(&s->chain.v[i], out);
		else
			step_columns(w, &s->chain.v[i], &to, st, out);
	str_add(out, "\n");
	style_wrap(st, 0, 0, str_get(&s->answer), out);
	more(w, s, out);
	str_free(&head);
}

void text_why(const struct why *w, const struct style *s, struct str *out)
{
	for (u32 i = 0; i < w->n; i++) {
		bool apart = i && (w->v[i].chain.n || w->v[i - 1].chain.n);

		str_add(out, apart ? "\n" : "");
		story(w, &w->v[i], s, out);
	}
	if (w->beyond)
		str_printf(out,
			   "\n%u more run%s of bytes %s another history: ask for fewer bytes.\n",
			   w->beyond, w->beyond == 1 ? "" : "s", w->beyond == 1 ? "has" : "have");
	if (w->skipped)
		str_printf(out, "\nThe last %llu bytes were not looked at: ask for them.\n",
			   (unsigned long long)w->skipped);
}
