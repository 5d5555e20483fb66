/* SPDX-License-Identifier: MIT */
/* dmalab why, as JSON: a line for each story. */
#include "report/json.h"
#include "report/json_int.h"
#include "report/why.h"

static json_t *hex(const u8 *v, u32 n)
{
	char s[2 * 64 + 1] = "";

	for (u32 i = 0; i < n; i++)
		snprintf(s + 2 * i, 3, "%02x", v[i]);
	return json_string(s);
}

/* What is old and may be dropped has no mark: it is old all the same. */
static const char *mark_name(const struct why_seen *x)
{
	if (x->mark == '!')
		return "stale";
	if (x->mark == '~' || (x->mark == ' ' && x->behind))
		return "old";
	return x->mark == '*' ? "newest" : "agrees";
}

/* What a party has; null where no mapping leads it there. */
static json_t *seen(const struct why_story *s, const struct why_seen *x)
{
	json_t *o;

	if (!x->there)
		return json_null();
	o = json_object();
	js_set(o, "value", hex(x->value, s->shown));
	js_set(o, "is", json_string(mark_name(x)));
	js_set(o, "event", x->event ? js_number(x->event) : json_null());
	return o;
}

static json_t *truths(const struct why *w, const struct why_story *s)
{
	json_t *o = json_object();

	js_set(o, "cpu", seen(s, &s->cpu));
	js_set(o, "memory", seen(s, &s->memory));
	js_set(o, "snooped", json_boolean(s->snooped));
	js_set(o, "slot", seen(s, &s->slot));
	js_set(o, "device", seen(s, &s->device));
	js_set(o, "device_name",
	       s->device.there ? js_text(names_device(&w->r->names, s->dev)) : json_null());
	return o;
}

static json_t *newest(const struct why *w, const struct why_story *s)
{
	const struct names *n = &w->r->names;
	json_t *o;

	if (!s->written)
		return json_null();
	o = json_object();
	js_set(o, "value", hex(s->newest, s->shown));
	js_set(o, "event", js_number(s->written));
	js_set(o, "line", js_number(names_line(n, event_get(n->log, s->written)->stmt)));
	return o;
}

static json_t *where(const struct why *w, const struct why_story *s)
{
	const struct names *n = &w->r->names;
	const struct named_buffer *b = w->asked.buf;
	json_t *o = json_object();
	struct str name = {0};

	names_byte(n, s->pa, w->asked.event, &name);
	js_set(o, "at", js_text(str_get(&name)));
	js_set(o, "buffer", b ? js_text(b->name) : json_null());
	js_set(o, "offset", b ? js_number(s->pa - b->pa) : json_null());
	js_set(o, "count", js_number(s->n));
	str_free(&name);
	return o;
}

static json_t *chain(const struct why *w, const struct cause *c)
{
	json_t *list = json_array();

	for (u32 i = 0; i < c->n; i++) {
		const struct cause_step *step = &c->v[i];
		json_t *o = json_object();
		struct str who = {0};
		const char *rest;
		u32 len;
		const char *at = cause_who(&w->r->names, step, &len, &rest);

		str_addn(&who, at, len);
		js_set(o, "event", step->event ? js_number(step->event) : json_null());
		js_set(o, "line", js_number(step->line));
		js_set(o, "missing", json_boolean(step->missing));
		js_set(o, "who", who.n && !step->missing ? js_text(str_get(&who)) : json_null());
		js_set(o, "text", js_text(step->text));
		js_set(o, "so", js_text(step->so));
		js_add(list, o);
		str_free(&who);
	}
	return list;
}

void json_why(const struct why *w, struct str *out)
{
	const struct run *r = w->r;

	for (u32 i = 0; i < w->n; i++) {
		const struct why_story *s = &w->v[i];
		json_t *o = js_line("why");
		struct str id = {0};

		js_set(o, "scenario", js_text(r->in.doc->id.text));
		js_set(o, "platform", js_text(r->in.cfg->platform));
		js_set(o, "variant", js_text(r->in.variant));
		js_set(o, "schedule", js_text(str_get(&r->token)));
		js_set(o, "event", js_number(w->asked.event));
		js_set(o, "line",
		       js_number(
			   names_line(&r->names, event_get(r->names.log, w->asked.event)->stmt)));
		js_set(o, "bytes", where(w, s));
		js_set(o, "state", json_string(why_state_name(s->state)));
		js_set(o, "title", js_text(str_get(&s->title)));
		js_set(o, "truths", truths(w, s));
		js_set(o, "newest", newest(w, s));
		js_set(o, "cause", chain(w, &s->chain));
		js_set(o, "answer", js_text(str_get(&s->answer)));
		if (s->f)
			finding_id(r->in.prog, s->f, &id);
		js_set(o, "finding", s->f ? js_text(str_get(&id)) : json_null());
		js_set(o, "fix", s->f ? js_fix(r, s->f) : json_null());
		js_put(o, out);
		str_free(&id);
	}
}
