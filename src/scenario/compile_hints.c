/* SPDX-License-Identifier: MIT */
/* What the compiler proposes where a call or its argument is not right. */
#include <string.h>

#include "scenario/compile_int.h"

/* "the handle of 'buf' is 'h' (line 14)" */
static const char *handle_hint(struct compiler *c, const struct expr *e)
{
	const struct variable *buf = e->kind == EXPR_NAME ? find_variable(c, e->text) : NULL;
	u32 i;

	for (i = 0; buf && i < c->vars.n; i++) {
		const struct variable *h = c->vars.v[i].object;

		if (h->maps == buf && find_variable(c, h->name) == h)
			return arena_printf(c->arena, "the handle of '%s' is '%s' (line %u)",
					    buf->name, h->name, h->maps_line);
	}
	return NULL;
}

const char *hint_argument(struct compiler *c, const struct expr *e, enum type_kind wanted,
			  const struct type *t)
{
	if (wanted == TY_DMA)
		return handle_hint(c, e);
	if (wanted == TY_IRQ && t->kind == TY_DEVICE)
		return arena_printf(c->arena, "write %s.irq", text_of(c, e));
	return NULL;
}

bool hint_is_written(const struct compiler *c, const char *name)
{
	const struct ynode *map = ynode_get(c->doc->root, "functions");
	size_t n = strlen(name), end;
	u32 i;

	for (i = 0; map && map->kind == YNODE_MAP && i < map->n; i++) {
		const char *key = map->pair[i].key->text;

		end = strcspn(key, "(");
		while (end && key[end - 1] == ' ')
			end--;
		if (end >= n && strncmp(key + end - n, name, n) == 0 &&
		    (end == n || key[end - n - 1] == ' ' || key[end - n - 1] == '*'))
			return true;
	}
	return false;
}

/* What stands in for a call that drivers know and scenarios do not, or where to look. */
static const char *stand_in(const char *name)
{
	static const struct {
		const char *name, *hint;
	} rows[] = {
#define STAND_IN(name, hint) {#name, hint},
#include "scenario/stand_ins.def"
#undef STAND_IN
	};
	u32 i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].hint;
	return "dmalab-scenario(5) names the calls that there are";
}

const char *hint_call(struct compiler *c, const char *close, const char *name)
{
	enum call_id id;

	if (!close)
		return stand_in(name);
	if (call_find(close, &id)) /* of the others explain does not know each */
		return arena_printf(c->arena, "did you mean \"%s\"?    dmalab explain %s", close,
				    close);
	return arena_printf(c->arena, "did you mean \"%s\"?", close);
}
