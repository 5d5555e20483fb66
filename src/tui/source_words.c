/* SPDX-License-Identifier: MIT */
/* The verdict in the rule of the truths, and the two sentences: what happened, why it matters. */
#include "tui/source_int.h"

#include <string.h>

enum { ROW_WIDTH = 79 }; /* columns of a sentence */

/* ---- the verdict ---- */

static void fill_verdict(struct sight *g)
{
	struct lesson_model *m = g->m;
	const struct finding *f = g->found ? g->found->f : NULL;
	u32 differ = 0, loose = 0, n;
	bool stale = false;

	if (f && finding_is_stale(f)) {
		n = bytes_consumed(g);
		M_SETF(m->verdict, "! %u %s BYTE%s READ", n, f->lucky ? "OLD" : "STALE",
		       n == 1 ? "" : "S");
		return;
	}
	if (f && finding_is_lost(f)) {
		M_SETF(m->verdict, "! %u BYTE%s LOST", f->n, f->n == 1 ? "" : "S");
		return;
	}
	if (f) {
		M_SET(m->verdict, f->id == DIAG_ASSERT	     ? "! ASSERT FAILED"
				  : f->id == DIAG_HANG	     ? "! HANG"
				  : f->id == DIAG_KERNEL_BUG ? "! THE KERNEL STOPS"
							     : "! RULE BROKEN");
		return;
	}
	for (u32 i = 0; g->buf && i < g->seen; i++) {
		const struct truths *t = &g->t[i];

		differ += truths_differ(t);
		loose += truths_loose(t);
		stale |=
		    t->cpu.mark == '!' || (t->device.state == TRUTH_KNOWN && t->device.mark == '!');
	}
	if (differ)
		M_SETF(m->verdict, "%c %u byte%s", stale ? '!' : '~', differ,
		       differ == 1 ? " differs" : "s differ");
	else if (loose)
		M_SETF(m->verdict, "%u byte%s may be dropped", loose, loose == 1 ? "" : "s");
	else if (g->buf)
		M_SET(m->verdict, g->seen < g->buf->len ? "all agree here" : "all agree");
}

/* ---- findings ---- */

/* Without its bytes: "! cpu-stale-read (corruption): the CPU reads aa aa, not hello." */
static void stale_sentence(const struct sight *g, const struct finding *f, struct str *out)
{
	names_short(names_party(g->s->names, f->party), out);
	if (f->lucky || !f->shown) {
		str_printf(out, " reads %u old byte%s%s.", f->n, f->n == 1 ? "" : "s",
			   f->lucky ? ", equal by luck" : "");
		return;
	}
	str_add(out, " reads ");
	narrate_plain_bytes(f->got, f->shown, f->n, out);
	str_add(out, ", not ");
	narrate_plain_bytes(f->want, f->shown, f->n, out);
	str_add(out, ".");
}

/* The message alone is too long for a row: it takes both, in the place of the reason. */
static void long_finding(struct sight *g, const struct finding *f, const char *id, struct str *what)
{
	bool harmless = f->severity != SEVERITY_CORRUPTION;

	M_SETF(g->m->sentence[0], "! %s (%s)%s", id, severity_name((enum severity)f->severity),
	       harmless ? ": here it does no harm." : ".");
	str_clear(what);
	finding_message(g->s->names, f, what);
	M_SET(g->m->sentence[1], what->n <= ROW_WIDTH ? str_get(what) : diag_info(f->id)->effect);
}

static void finding_sentence(struct sight *g, const struct finding *f)
{
	struct lesson_model *m = g->m;
	const char *severity = severity_name((enum severity)f->severity);
	struct str id = {0}, what = {0};

	finding_id(g->s->prog, f, &id);
	if (finding_is_stale(f)) {
		stale_sentence(g, f, &what);
	} else {
		finding_message(g->s->names, f, &what);
		if (what.n > 4 && strncmp(what.s, "The ", 4) == 0)
			what.s[0] = 't';
	}
	if (f->id == DIAG_ASSERT) {
		str_clear(&what);
		finding_message(g->s->names, f, &what);
		M_SETF(m->sentence[0], "! %s", str_get(&what));
	} else if (id.n + strlen(severity) + what.n + 7 <= ROW_WIDTH) {
		M_SETF(m->sentence[0], "! %s (%s): %s", str_get(&id), severity, str_get(&what));
	} else if (id.n + what.n + 4 <= ROW_WIDTH) {
		/* the severity gives way first; the style of the row says it too */
		M_SETF(m->sentence[0], "! %s: %s", str_get(&id), str_get(&what));
	} else {
		long_finding(g, f, str_get(&id), &what);
	}
	m->sentence_note = NOTE_FINDING;
	m->sentence_harmless = f->severity != SEVERITY_CORRUPTION && f->id != DIAG_ASSERT;
	str_free(&id);
	str_free(&what);
}

static void newest_bytes(const struct finding *f, struct str *out)
{
	if (f->shown)
		narrate_plain_bytes(f->want, f->shown, f->n, out);
	else
		str_add(out, "what is newer");
}

/* Why the bytes were wrong: where the newer ones are, and which call was not made. */
static void finding_reason(struct sight *g, const struct finding *f)
{
	const struct lesson_model *m = g->m;
	bool taken = m->sentence[1][0] != '\0'; /* by the message */
	const char *dev = g->dev == ~0u ? "the device" : names_device(g->s->names, g->dev);
	const struct named_map *map = finding_map(g->s->names, f);
	bool streaming = f->id == DIAG_CPU_STALE_READ || f->id == DIAG_SPECULATIVE_REFILL_STALE;
	struct str s = {0};

	if (streaming && g->buf && sight_at(g, g->row)->bounced) {
		newest_bytes(f, &s);
		str_printf(&s, " is in the bounce slot; only a sync or unmap copies it to %s.",
			   g->buf->name);
	} else if (streaming && m->upper.text[0]) {
		str_add(&s, "It hit an older copy in its own store buffer.");
	} else if (streaming && g->buf && m->upper.copied) {
		str_printf(&s, "It hit %s e%u: no call handed %s back after %s wrote.",
			   f->id == DIAG_CPU_STALE_READ ? "its own old line of"
							: "the line fetched again at",
			   m->upper.copied, g->buf->name, dev);
	} else if (f->id == DIAG_DEVICE_STALE_READ) {
		bool waits = f->source == COPY_BUFFER || m->upper.text[0];

		newest_bytes(f, &s);
		str_printf(&s, " is still %s: no call handed it to %s.",
			   map && map->slot ? "in the buffer, not in the slot"
			   : waits	    ? "in the store buffer"
					    : "on the CPU's side",
			   dev);
	} else if (f->id != DIAG_ASSERT) {
		str_add(&s, diag_info(f->id)->effect);
	}
	if (!taken)
		M_SET(g->m->sentence[1], str_get(&s));
	str_free(&s);
}

/* ---- events ---- */

/* The first event of the statement's turn that the position is in. */
static u32 turn_begin(const struct sight *g)
{
	u32 k = g->at;

	while (k > 1 && event_step(g->s->names->log, k - 1) == event_step(g->s->names->log, g->at))
		k--;
	return k;
}

/* Which of the sentences of this turn tells the event of the position; l->n: it is in another. */
static u32 told_by(const struct sight *g, const struct sentences *l)
{
	u32 told = l->n;

	for (u32 i = 0; i < l->n; i++)
		if (event_get(g->s->names->log, l->v[i].event)->kind == g->ev->kind &&
		    (i == 0 ||
		     l->v[i].event != l->v[i - 1].event)) /* no remark on the one before */
			told = i;
	return told;
}

static u32 behind_cpu(const struct sight *g)
{
	u32 n = 0;

	for (u32 i = 0; i < g->n; i++)
		n += sight_at(g, g->row + i)->cpu.mark == '~';
	return n;
}

/* What the event has left behind. Empty: nothing that matters now. */
static void consequence(const struct sight *g, struct str *out)
{
	const struct lesson_model *m = g->m;
	const struct truths *t = g->buf ? sight_at(g, g->row) : NULL;

	if (!t)
		return;
	if (g->ev->kind == EV_DMA_WRITE && behind_cpu(g)) {
		if (t->bounced)
			str_printf(out, "%s in memory is as before; nobody has looked yet.",
				   m->base);
		else if (m->upper.copied)
			str_printf(out,
				   "The CPU still holds the line it cached at e%u. Nobody has read "
				   "it yet.",
				   m->upper.copied);
		return;
	}
	if (g->ev->kind == EV_STORE_CACHE || g->ev->kind == EV_DRAIN) {
		if (t->device.state == TRUTH_KNOWN && truths_differ(t))
			str_printf(out, "%s would still read the older bytes.", m->device.who);
	}
}

static void author_note(const struct sight *g, struct str *out)
{
	const char *note = names_stmt(g->s->names, g->ev->stmt)->note;

	if (!note)
		return;
	for (const char *p = note; *p;) {
		size_t n = strcspn(p, "\n");

		str_safe(out, p, n);
		p += n + (p[n] == '\n');
		if (*p)
			str_add(out, " ");
	}
}

/* What else the same call did that a reader of the three truths should know. */
static void on_the_way(const struct sight *g, const struct sentences *l, u32 told, struct str *out)
{
	const u64 kinds = EVENT_BIT(COPY_IN) | EVENT_BIT(COPY_OUT) | EVENT_BIT(CLEAN) |
			  EVENT_BIT(INVALIDATE) | EVENT_BIT(WRITE_BACK);

	for (u32 i = 0; i < l->n; i++) {
		u32 kind = event_get(g->s->names->log, l->v[i].event)->kind;

		if (i == told || (!(kinds >> kind & 1) && l->v[i].event != l->v[told].event))
			continue;
		str_add(out, l->v[i].text);
		return;
	}
}

static void event_sentences(struct sight *g)
{
	bool asked = event_info(g->ev->kind)->class == CLASS_API;
	struct str first = {0}, second = {0};
	struct sentences l = {0};
	u32 told;

	narrate_statement(g->s->names, &g->s->e->lx, turn_begin(g), g->at, &l);
	told = told_by(g, &l);
	if (told < l.n)
		str_add(&first, l.v[told].text);
	else
		narrate_event(g->s->names, &g->s->e->lx, g->at, &first);
	consequence(g, &second);
	if (!second.n)
		author_note(g, &second);
	if (!second.n && told < l.n && (asked || g->ev->kind == EV_DMA_WRITE))
		on_the_way(g, &l, told, &second);
	M_SET(g->m->sentence[0], str_get(&first));
	M_SET(g->m->sentence[1], str_get(&second));
	str_free(&first);
	str_free(&second);
	sentences_free(&l);
}

/* Before the first event: what is to be known of the run as a whole. */
static void begin_sentences(struct sight *g)
{
	const struct run *r = g->s->run;
	const struct stray *x = &r->stray;

	M_SET(g->m->sentence[0], r->in.doc->title ? r->in.doc->title : "");
	if (!x->why)
		M_SET(g->m->sentence[1], "Nothing has run yet.");
	else if (x->why == STRAY_ENDED)
		M_SETF(g->m->sentence[1],
		       "The run ends before answer %u of %u of the schedule: of another file?",
		       x->last, r->in.schedule->n);
	else
		M_SETF(g->m->sentence[1],
		       "Answer %u of %u of the schedule does not fit, at line %u: calm from there.",
		       x->last, r->in.schedule->n, r->in.prog->stmt[x->stmt].line);
}

void fill_words(struct sight *g)
{

	fill_verdict(g);
	if (!g->ev) {
		begin_sentences(g);
	} else if (g->found) {
		finding_sentence(g, g->found->f);
		finding_reason(g, g->found->f);
	} else {
		event_sentences(g);
	}
}
