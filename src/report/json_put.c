/* SPDX-License-Identifier: MIT */
/* Lines of JSON, value by value. */
#include <string.h>

#include "base/bug.h"
#include "report/json.h"
#include "report/json_int.h"

void js_set(json_t *o, const char *key, json_t *v)
{
	BUG_ON(!v || json_object_set_new(o, key, v) != 0);
}

void js_add(json_t *list, json_t *v)
{
	BUG_ON(!v || json_array_append_new(list, v) != 0);
}

json_t *js_text(const char *s)
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

json_t *js_number(u64 n)
{
	return json_integer((json_int_t)n);
}

json_t *js_line(const char *type)
{
	json_t *o = json_object();

	js_set(o, "schema", json_string(JSON_SCHEMA));
	js_set(o, "type", json_string(type));
	return o;
}

void js_put(json_t *o, struct str *out)
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

json_t *js_ids(const struct id_list *l)
{
	json_t *a = json_array();

	for (u32 i = 0; i < l->n; i++)
		js_add(a, js_text(l->v[i]));
	return a;
}
