/* SPDX-License-Identifier: MIT */
#include "report/json.h"

#include <jansson.h>
#include <string.h>

#include "base/bug.h"
#include "core/addr.h"
#include "engine/calls.h"
#include "report/cause.h"
#include "report/narrate.h"
#include "report/text.h"

/* ---- jansson, without its ways to fail unnoticed ---- */

static void set(json_t *o, const char *key, json_t *v)
{
	BUG_ON(!v || json_object_set_new(o, key, v) != 0);
}

/* Text that may come from a file: what is not UTF-8 is written as \xNN. */
static json_t *text(const char *s)
{
	struct str safe = {0};
	json_t *v;

	if (!s)
		return json_null();
	str_safe(&safe, s, strlen(s));
	v = json_string(str_get(&safe));
	str_free(&safe);
	return v;
}

static json_t *number(u64 n)
{
	return json_integer((json_int_t)n);
}

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

static json_t *line(const char *type)
{
	json_t *o = json_object();

	set(o, "schema", json_string(JSON_SCHEMA));
	set(o, "type", json_string(type));
	return o;
}

static void put(json_t *o, struct str *out)
{
	char *s = json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER);
	size_t n;

	BUG_ON(!s);
	n = strlen(s);
	str_addn(out, s, n);
	str_add(out, "\n");
	{
		void (*release)(void *);
		void *(*allocate)(size_t);

		json_get_alloc_funcs(&allocate, &release);
		release(s);
	}
	json_decref(o);
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
		return v <= DMA_NONE ? json_string(names_direction(v)) : number(v);
	if (is(f, "call"))
		return json_string(v < CALL_COUNT ? call_info((enum call_id)v)->name : "?");
	if (is(f, "flag"))
		return json_boolean(v != 0);
	if (is(f, "n") || is(f, "int") || is(f, "reg") || is(f, "way"))
		return number(v);
	return hex(v); /* addresses of all spaces, values of 64 bits */
}

static void event_line(const struct run *r, u32 k, struct str *out)
{
	const struct names *n = &r->names;
	const struct event *e = event_get(n->log, k);
	const struct event_info *info = event_info(e->kind);
	json_t *o = line("event"), *fields = json_object();
	struct str said = {0};
	struct event_field f;

	set(o, "event", number(k));
	set(o, "step", number(event_step(n->log, k)));
	set(o, "line", number(names_line(n, e->stmt)));
	set(o, "class", json_string(info->class == CLASS_API ? "api" : "hw"));
	set(o, "kind", json_string(info->name));
	set(o, "party", text(party_name(n, e->party)));
	if (strstr(info->sentence, "{dev}"))
		set(o, "device", text(names_device(n, e->arg)));
	for (u32 i = 0; event_field(e->kind, i, &f); i++) {
		char name[24];

		snprintf(name, sizeof name, "%.*s", (int)f.name_len, f.name);
		set(fields, name, field(e, i, &f));
	}
	set(o, "fields", fields);
	narrate_event(n, &r->e->lx, k, &said);
	set(o, "text", text(str_get(&said)));
	put(o, out);
	str_free(&said);
}

static void step_line(const struct run *r, u32 first, struct str *out)
{
	const struct names *n = &r->names;
	const struct event *e = event_get(n->log, first);
	const struct stmt_info *s = names_stmt(n, e->stmt);
	json_t *o = line("step");
	struct str said = {0};

	set(o, "step", number(event_step(n->log, first)));
	set(o, "line", number(s->line));
	set(o, "actor",
	    s->actor == ACTOR_HW    ? json_string("hw")
	    : s->actor == ACTOR_LAB ? json_string("lab")
	    : s->actor		    ? text(names_device(n, s->actor - 1u))
				    : json_string("driver"));
	text_statement(n, e->stmt, &said);
	set(o, "text", text(str_get(&said)));
	set(o, "event", number(first));
	put(o, out);
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
	set(o, "at", text(str_get(&name)));
	set(o, "offset", number(f->off));
	set(o, "count", number(f->n));
	if (f->shown) {
		set(o, "got", bytes(f->got, f->shown));
		/* Of bytes that nobody wrote no value is the right one. */
		if (f->id != DIAG_INFO_LEAK_PARTIAL_WRITE)
			set(o, "want", bytes(f->want, f->shown));
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

		set(o, "event", c.v[i].missing ? json_null() : number(c.v[i].event));
		set(o, "line", number(c.v[i].line));
		set(o, "missing", json_boolean(c.v[i].missing));
		set(o, "text", text(c.v[i].text));
		BUG_ON(json_array_append_new(list, o) != 0);
	}
	cause_free(&c);
	return list;
}

static json_t *fixes(const struct run *r, const struct finding *f)
{
	json_t *o = json_object();
	struct fix x;

	fix_make(&x, &r->names, f);
	set(o, "text", text(str_get(&x.words)));
	set(o, "where", x.where.n ? text(str_get(&x.where)) : json_null());
	set(o, "call", x.call.n ? text(str_get(&x.call)) : json_null());
	fix_free(&x);
	return o;
}

static void finding_line(const struct run *r, const struct finding *f, struct str *out)
{
	json_t *o = line("finding"), *also = json_array();
	const struct stmt_info *s = names_stmt(&r->names, f->stmt);
	struct str said = {0};

	finding_id(r->in.prog, f, &said);
	set(o, "id", text(str_get(&said)));
	set(o, "severity", json_string(severity_name((enum severity)f->severity)));
	set(o, "lucky", json_boolean(f->lucky));
	set(o, "step", number(f->step));
	set(o, "line", number(s->line));
	set(o, "column", number(s->col));
	set(o, "event", number(f->event));
	set(o, "bytes", where(r, f));
	str_clear(&said);
	finding_message(&r->names, f, &said);
	set(o, "message", text(str_get(&said)));
	set(o, "cause", causes(r, f));
	set(o, "fix", fixes(r, f));
	set(o, "dma_debug",
	    f->id == DIAG_ASSERT ? json_null() : json_string(diag_info(f->id)->dma_debug));
	for (u32 i = 0; i < DIAG_ASSERT; i++)
		if (f->also >> i & 1)
			BUG_ON(json_array_append_new(also, json_string(diag_info(i)->name)) != 0);
	set(o, "also", also);
	set(o, "count", number(f->count));
	put(o, out);
	str_free(&said);
}

/* ---- the run ---- */

static json_t *ids(const struct id_list *l)
{
	json_t *a = json_array();

	for (u32 i = 0; i < l->n; i++)
		BUG_ON(json_array_append_new(a, text(l->v[i])) != 0);
	return a;
}

static void who(const struct run *r, json_t *o)
{
	set(o, "scenario", text(r->in.doc->id.text));
	set(o, "platform", text(r->in.cfg->platform));
	set(o, "variant", text(r->in.variant));
	set(o, "schedule", text(str_get(&r->token)));
}

static json_t *no_verdict(const struct run *r)
{
	struct str s = {0};
	json_t *v;

	if (r->limit)
		return json_string(limit_text((enum limit_kind)r->limit));
	run_no_verdict(r, &s);
	v = text(str_get(&s));
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

	set(o, "why", json_string(why[x->why]));
	set(o, "answer", number(x->last));
	if (x->first < x->last)
		set(o, "first", number(x->first));
	set(o, "of", number(r->in.schedule->n));
	set(o, "point", number(x->point));
	set(o, "line", number(r->in.prog->stmt[x->stmt].line));
	return o;
}

void json_result(const struct run *r, struct str *out)
{
	json_t *o = line("result");
	const struct verdict *v = &r->verdict;

	who(r, o);
	/* With the oracle off nothing was judged. */
	set(o, "verdict", r->in.no_oracle ? json_null() : json_string(verdict_name(v)));
	set(o, "outcome", json_string(outcome_name(r->outcome)));
	if (v->limit)
		set(o, "limit", no_verdict(r));
	if (r->stray.why)
		set(o, "stray", stray(r));
	set(o, "expected", v->expects ? ids(&v->expected) : json_null());
	set(o, "found", r->in.no_oracle ? json_null() : ids(&v->found));
	set(o, "events", number(r->names.log->n));
	{
		char s[20];

		snprintf(s, sizeof s, "%016llx", (unsigned long long)r->journal);
		set(o, "journal", json_string(s));
	}
	put(o, out);
}

void json_run(const struct run *r, struct writer *out)
{
	json_t *o = line("run");
	u32 last = 0;

	who(r, o);
	set(o, "title", text(r->in.doc->title));
	set(o, "hw", r->in.schedule ? json_null() : json_string(policy_name(r->in.hw)));
	set(o, "seed",
	    !r->in.schedule && r->in.hw == POLICY_RANDOM ? number(r->in.seed) : json_null());
	set(o, "oracle", json_boolean(!r->in.no_oracle));
	put(o, &out->s);
	for (u32 k = 1; k <= r->names.log->n; k++) {
		if (k > last) {
			step_line(r, k, &out->s);
			last = narrate_group_end(&r->names, k);
		}
		event_line(r, k, &out->s);
		writer_tick(out);
	}
	for (u32 i = 0; i < r->found.n; i++)
		finding_line(r, &r->found.v[i].f, &out->s);
	json_result(r, &out->s);
}
