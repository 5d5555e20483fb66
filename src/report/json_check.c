/* SPDX-License-Identifier: MIT */
/* What check and its suggestions say, as lines of JSON. */
#include "report/explored.h"
#include "report/json.h"
#include "report/json_int.h"
#include "report/suggest.h"

static void who(const struct run *r, json_t *o)
{
	js_set(o, "scenario", js_text(r->in.doc->id.text));
	js_set(o, "file", js_text(r->in.asked));
	js_set(o, "variant", js_text(r->in.variant));
	js_set(o, "platform", js_text(r->in.cfg->platform));
}

void json_suggestion(const struct run *r, const struct finding *f, const struct suggestion *u,
		     struct str *out)
{
	json_t *o = js_line("suggestion");
	struct str id = {0};

	who(r, o);
	finding_id(r->in.prog, f, &id);
	js_set(o, "id", js_text(str_get(&id)));
	js_set(o, "line", js_number(names_line(&r->names, f->stmt)));
	js_set(o, "schedule", js_text(str_get(&r->token)));
	js_set(o, "result", json_string(suggested_name(u->what)));
	js_set(o, "edits",
	       u->what == SUGGEST_CHECKED ? js_edits(&r->names, &u->fix) : json_array());
	js_set(o, "goes_with", u->with ? js_number(u->with) : json_null());
	js_set(o, "search", u->extent.n ? js_text(str_get(&u->extent)) : json_null());
	js_set(o, "why", u->why.n ? js_text(str_get(&u->why)) : json_null());
	js_set(o, "fix", js_fix(r, f));
	js_put(o, out);
	str_free(&id);
}

void json_check(const struct run *r, const struct explored *x, struct str *out)
{
	const struct verdict *v = x && r->verdict.as_expected ? &x->verdict : &r->verdict;
	json_t *o = js_line("check");
	struct str extent = {0};

	who(r, o);
	js_set(o, "verdict", json_string(verdict_name(v)));
	js_set(o, "found", js_ids(x ? &x->verdict.found : &r->verdict.found));
	js_set(o, "missing", js_ids(&v->missing));
	js_set(o, "surprising", js_ids(&v->surprising));
	if (x)
		explored_extent(x, &extent);
	js_set(o, "search", x ? js_text(str_get(&extent)) : json_null());
	js_put(o, out);
	str_free(&extent);
}
