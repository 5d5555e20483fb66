/* SPDX-License-Identifier: MIT */
#include "scenario/symtab.h"

#include <string.h>

#include "base/bug.h"

static u32 hash(u32 scope, const char *name)
{
	u32 h = 2166136261u ^ scope * 0x9e3779b1u;

	for (; *name; name++)
		h = (h ^ (u8)*name) * 16777619u;
	return h ^ h >> 15;
}

/* The slot that holds the pair, or the free one where it would go. */
static u32 *find(const struct symtab *t, u32 scope, const char *name)
{
	u32 i = hash(scope, name) & (t->slots - 1);

	for (;; i = (i + 1) & (t->slots - 1)) {
		const struct symbol *s = t->slot[i] ? &t->v[t->slot[i] - 1] : NULL;

		if (!s || (s->scope == scope && strcmp(s->name, name) == 0))
			return &t->slot[i];
	}
}

static void grow(struct symtab *t)
{
	u32 i;

	mem_free(t->slot);
	t->slots = t->slots ? t->slots * 2 : 64;
	t->slot = mem_zalloc(t->slots, sizeof(*t->slot));
	for (i = 0; i < t->n; i++)
		*find(t, t->v[i].scope, t->v[i].name) = i + 1;
}

void *symtab_get(const struct symtab *t, u32 scope, const char *name)
{
	u32 at = t->slots ? *find(t, scope, name) : 0;

	return at ? t->v[at - 1].object : NULL;
}

void symtab_put(struct symtab *t, u32 scope, const char *name, void *object)
{
	u32 *at;

	if (t->n >= t->slots / 4 * 3)
		grow(t);
	at = find(t, scope, name);
	BUG_ON(*at);
	vec_push(t, (struct symbol){name, scope, object});
	*at = t->n;
}

void symtab_free(struct symtab *t)
{
	vec_free(t);
	mem_free(t->slot);
	*t = (struct symtab){0};
}
