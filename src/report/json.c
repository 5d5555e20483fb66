/* SPDX-License-Identifier: MIT */
#include "report/json.h"

#include <string.h>

#include "base/bug.h"
#include "core/addr.h"
#include "core/maphow.h"
#include "engine/calls.h"
#include "report/cause.h"
#include "report/debug.h"
#include "report/json_int.h"
#include "report/narrate.h"
#include "report/text.h"
#include "report/units.h"

static json_t *hex(u64 v)
{
	char s[20];

	snprintf(s, sizeof s, "0x%llx", (unsigned long long)v);
	return json_string(s);
}

static json_t *bytes(const u8 *b, u32 n)
{
	char s[2 * 64 + 1] = "";

	BUG_ON(n > 64);
	for (u32 i = 0; i < n; i++)
		snprintf(s + 2 * i, 3, "%02x", b[i]);
	return json_string(s);
}

/* ---- events ---- */

/* "cpu" is CPU 0. */
static const char *party_name(const struct names *n, u32 party)
{
	static const char *const cpus[] = {"cpu", "cpu1", "cpu2", "cpu3"};

	_Static_assert(ARRAY_LEN(cpus) == CPUS_MAX, "each CPU has a name");
	return names_is_cpu(n, party) ? cpus[party_cpu(party, n->cfg->hw.devs)]
				      : names_device(n, party - PARTY_DEVICE);
}

static bool is(const struct event_field *f, const char *type)
{
	return f->type_len == strlen(type) && memcmp(f->type, type, f->type_len) == 0;
}

static json_t *field(const struct event *e, u32 i, const struct event_field *f)
{
	u64 v = e->f[i];

	if (is(f, "bytes")) {
		u64 n = min_u64(e->f[i - 1], 8);
		u8 b[8];

		put_le(b, v, 8);
		return bytes(b, (u32)n);
	}
	if (is(f, "dir"))
		return v <= DMA_NONE ? json_string(names_direction(v)) : js_number(v);
	if (is(f, "call"))
		return json_string(v < CALL_COUNT ? call_info((enum call_id)v)->name : "?");
	if (is(f, "how"))
		return json_string(map_how_call((u32)v));
	if (is(f, "why"))
		return json_string(iommu_why_text((u32)v));
	if (is(f, "n32"))
		return js_number((u32)v);
	if (is(f, "flag"))
		return json_boolean(v != 0);
	if (is(f, "n") || is(f, "int") || is(f, "reg") || is(f, "way"))
		return js_number(v);
	return hex(v); /* addresses of all spaces, values of 64 bits */
}

static void event_line(const struct run *r, u32 k, struct str *out)
{
	const struct names *n = &r->names;
	const struct event *e = event_get(n->log, k);
	const struct event_info *info = event_info(e->kind);
	json_t *o = js_line("event"), *fields = json_object();
	struct str said = {0};
	struct event_field f;

	js_set(o, "event", js_number(k));
	js_set(o, "step", js_number(event_step(n->log, k)));
	js_set(o, "line", js_number(names_line(n, e->stmt)));
	js_set(o, "class", json_string(info->class == CLASS_API ? "api" : "hw"));
	js_set(o, "kind", json_string(info->name));
	js_set(o, "party", js_text(party_name(n, e->party)));
	if (strstr(info->sentence, "{dev}"))
		js_set(o, "device", js_text(names_device(n, e->arg)));
	for (u32 i = 0; event_field(e->kind, i, &f); i++) {
		char name[24];

		snprintf(name, sizeof name, "%.*s", (int)f.name_len, f.name);
		js_set(fields, name, field(e, i, &f));
	}
	js_set(o, "fields", fields);
	narrate_event(n, &r->e->lx, k, &said);
	js_set(o, "text", js_text(str_get(&said)));
	js_put(o, out);
	str_free(&said);
}

static void step_line(const struct run *r, u32 first, struct str *out)
{
	const struct names *n = &r->names;
	const struct event *e = event_get(n->log, first);
	const struct stmt_info *s = names_stmt(n, e->stmt);
	json_t *o = js_line("step");
	struct str said = {0};

	js_set(o, "step", js_number(event_step(n->log, first)));
	js_set(o, "line", js_number(s->line));
	js_set(o, "actor",
	       s->actor == ACTOR_HW    ? json_string("hw")
	       : s->actor == ACTOR_LAB ? json_string("lab")
	       : s->actor	       ? js_text(names_device(n, s->actor - 1u))
				       : json_string("driver"));
	text_statement(n, e->stmt, &said);
	js_set(o, "text", js_text(str_get(&said)));
	js_set(o, "event", js_number(first));
	js_put(o, out);
	str_free(&said);
}

/* ---- findings ---- */

static json_t *where(const struct run *r, const struct finding *f)
{
	json_t *o = json_object();
	struct str name = {0};

	if (!f->n || !f->event)
		return json_decref(o), json_null();
	names_byte(&r->names, f->pa, f->event, &name);
	js_set(o, "at", js_text(str_get(&name)));
	js_set(o, "offset", js_number(f->off));
	js_set(o, "count", js_number(f->n));
	if (f->shown) {
		js_set(o, "got", bytes(f->got, f->shown));
		/* Of bytes that nobody wrote no value is the right one. */
		if (f->id != DIAG_INFO_LEAK_PARTIAL_WRITE)
			js_set(o, "want", bytes(f->want, f->shown));
	}
	str_free(&name);
	return o;
}

static json_t *causes(const struct run *r, const struct finding *f)
{
	json_t *list = json_array();
	struct cause c;

	cause_make(&c, &r->names, f);
	for (u32 i = 0; i < c.n; i++) {
		json_t *o = json_object();

		js_set(o, "event", c.v[i].missing ? json_null() : js_number(c.v[i].event));
		js_set(o, "line", js_number(c.v[i].line));
		js_set(o, "missing", json_boolean(c.v[i].missing));
		js_set(o, "text", js_text(c.v[i].text));
		js_add(list, o);
	}
	cause_free(&c);
	return list;
}

/* What is to be changed; lines are those of the file as it is. */
json_t *js_edits(const struct names *n, const struct fix *x)
{
	json_t *list = json_array();

	for (u32 i = 0; i < x->edits; i++) {
		const struct fix_edit *e = &x->edit[i];
		json_t *o = json_object();

		js_set(o, "action", json_string(fix_action_name(e->action)));
		js_set(o, "line", js_number(names_line(n, e->stmt)));
		if (e->to)
			js_set(o, "to", js_number(names_line(n, e->to)));
		js_set(o, "text", js_text(str_get(&e->text)));
		js_add(list, o);
	}
	return list;
}

json_t *js_fix(const struct run *r, const struct finding *f)
{
	json_t *o = json_object();
	struct fix x;

	fix_make(&x, &r->names, f);
	js_set(o, "text", js_text(str_get(&x.words)));
	js_set(o, "where", x.where.n ? js_text(str_get(&x.where)) : json_null());
	js_set(o, "call", x.call.n ? js_text(str_get(&x.call)) : json_null());
	js_set(o, "edits", js_edits(&r->names, &x));
	fix_free(&x);
	return o;
}

json_t *js_finding(const struct run *r, const struct finding *f)
{
	json_t *o = js_line("finding"), *also = json_array();
	const struct stmt_info *s = names_stmt(&r->names, f->stmt);
	struct str said = {0};

	finding_id(r->in.prog, f, &said);
	js_set(o, "id", js_text(str_get(&said)));
	js_set(o, "severity", json_string(severity_name((enum severity)f->severity)));
	js_set(o, "lucky", json_boolean(f->lucky));
	js_set(o, "step", js_number(f->step));
	js_set(o, "line", js_number(s->line));
	js_set(o, "column", js_number(s->col));
	js_set(o, "event", js_number(f->event));
	js_set(o, "bytes", where(r, f));
	str_clear(&said);
	finding_message(&r->names, f, &said);
	js_set(o, "message", js_text(str_get(&said)));
	js_set(o, "cause", causes(r, f));
	js_set(o, "fix", js_fix(r, f));
	str_clear(&said);
	if (f->id != DIAG_ASSERT)
		debug_said(r, f, &said);
	js_set(o, "dma_debug", f->id == DIAG_ASSERT ? json_null() : js_text(str_get(&said)));
	for (u32 i = 0; i < DIAG_ASSERT; i++)
		if (diag_set_has(&f->also, i))
			js_add(also, json_string(diag_info(i)->name));
	js_set(o, "also", also);
	js_set(o, "count", js_number(f->count));
	str_free(&said);
	return o;
}

/* ---- the run ---- */

static void who(const struct run *r, json_t *o)
{
	js_set(o, "scenario", js_text(r->in.doc->id.text));
	js_set(o, "platform", js_text(r->in.cfg->platform));
	js_set(o, "variant", js_text(r->in.variant));
	js_set(o, "schedule", js_text(str_get(&r->token)));
}

static json_t *no_verdict(const struct run *r)
{
	struct str s = {0};
	json_t *v;

	if (r->limit)
		return json_string(limit_text((enum limit_kind)r->limit));
	run_no_verdict(r, &s);
	v = js_text(str_get(&s));
	str_free(&s);
	return v;
}

/* Where the schedule that was given stopped matching. */
static json_t *stray(const struct run *r)
{
	static const char *const why[] = {[STRAY_FEWER] = "fewer-choices",
					  [STRAY_OTHER] = "other-effect",
					  [STRAY_ENDED] = "ended"};
	const struct stray *x = &r->stray;
	json_t *o = json_object();

	js_set(o, "why", json_string(why[x->why]));
	js_set(o, "answer", js_number(x->last));
	if (x->first < x->last)
		js_set(o, "first", js_number(x->first));
	js_set(o, "of", js_number(r->in.schedule->n));
	js_set(o, "point", js_number(x->point));
	js_set(o, "line", js_number(r->in.prog->stmt[x->stmt].line));
	return o;
}

void json_result(const struct run *r, struct str *out)
{
	json_t *o = js_line("result");
	const struct verdict *v = &r->verdict;
	struct units u;

	who(r, o);
	/* With the oracle off nothing was judged. */
	js_set(o, "verdict", r->in.no_oracle ? json_null() : json_string(verdict_name(v)));
	js_set(o, "outcome", json_string(outcome_name(r->outcome)));
	if (v->limit)
		js_set(o, "limit", no_verdict(r));
	if (r->stray.why)
		js_set(o, "stray", stray(r));
	js_set(o, "expected", v->expects ? js_ids(&v->expected) : json_null());
	js_set(o, "found", r->in.no_oracle ? json_null() : js_ids(&v->found));
	js_set(o, "events", js_number(r->names.log->n));
	units_count(r->in.cfg, r->names.log, &u);
	js_set(o, "cost", js_number(units_total(&u)));
	{
		char s[20];

		snprintf(s, sizeof s, "%016llx", (unsigned long long)r->journal);
		js_set(o, "journal", json_string(s));
	}
	js_put(o, out);
}

void json_run(const struct run *r, struct writer *out)
{
	json_t *o = js_line("run");
	u32 last = 0;

	who(r, o);
	js_set(o, "title", js_text(r->in.doc->title));
	js_set(o, "hw", r->in.schedule ? json_null() : json_string(policy_name(r->in.hw)));
	js_set(o, "seed",
	       !r->in.schedule && r->in.hw == POLICY_RANDOM ? js_number(r->in.seed) : json_null());
	js_set(o, "oracle", json_boolean(!r->in.no_oracle));
	js_put(o, &out->s);
	for (u32 k = 1; k <= r->names.log->n; k++) {
		if (k > last) {
			step_line(r, k, &out->s);
			last = narrate_group_end(&r->names, k);
		}
		event_line(r, k, &out->s);
		writer_tick(out);
	}
	for (u32 i = 0; i < r->found.n; i++)
		js_put(js_finding(r, &r->found.v[i].f), &out->s);
	json_result(r, &out->s);
}
