/* SPDX-License-Identifier: MIT */
/* The fields of a machine's caches. */
#include "scenario/platform_int.h"

static void cache_sets(struct fields *f, const struct ynode *n, struct cache_config *c)
{
	u64 v;

	if (field_pow2(f, n, 1, 65536, &v))
		c->sets = (u32)v;
}

static void cache_ways(struct fields *f, const struct ynode *n, struct cache_config *c)
{
	u64 v;

	if (field_int(f, n, 1, WAYS_MAX, &v))
		c->ways = (u32)v;
}

static void cache_replacement(struct fields *f, const struct ynode *n, struct cache_config *c)
{
	static const char *const words[] = {"lru", "choice", NULL};
	u32 i;

	if (field_word(f, n, words, &i))
		c->replacement = i ? REPLACE_CHOICE : REPLACE_LRU;
}

static void cache_write(struct fields *f, const struct ynode *n, struct cache_config *c)
{
	static const char *const words[] = {"back", "through", NULL};
	u32 i;

	if (field_word(f, n, words, &i))
		c->write_through = i;
}

static struct cache_config *l1(struct fields *f)
{
	return &f->m->cfg->hw.l1;
}

static struct cache_config *outer(struct fields *f)
{
	return &f->m->cfg->hw.outer;
}

#define CACHE_READER(which, what)                                                                  \
	static void which##_##what(struct fields *f, const struct ynode *n)                        \
	{                                                                                          \
		cache_##what(f, n, which(f));                                                      \
	}
CACHE_READER(l1, sets)
CACHE_READER(l1, ways)
CACHE_READER(l1, replacement)
CACHE_READER(l1, write)
CACHE_READER(outer, sets)
CACHE_READER(outer, ways)
CACHE_READER(outer, replacement)
CACHE_READER(outer, write)

static void l1_line(struct fields *f, const struct ynode *n)
{
	u64 v;

	if (field_pow2(f, n, 16, LINE_MAX_BYTES, &v))
		f->m->cfg->hw.line = (u32)v;
}

/* Model: one line size for all caches, so that a line is one thing. */
static void outer_line(struct fields *f, const struct ynode *n)
{
	u64 v;

	if (field_pow2(f, n, 16, LINE_MAX_BYTES, &v) && v != f->m->cfg->hw.line)
		err_add(f->errs, n->at, "leave it out, or change cache: {line: ...}",
			"the outer cache has the lines of the inner one: %u bytes",
			f->m->cfg->hw.line);
}

void field_cache(struct fields *f, const struct ynode *value)
{
	static const struct field_row rows[] = {
#define CACHE_FIELD(name, form, text) {#name, l1_##name},
#include "scenario/fields.def"
	};

	if (field_is_none(value))
		*l1(f) = (struct cache_config){0};
	else
		fields_read_map(f, value, rows, ARRAY_LEN(rows), "a cache");
}

void field_outer_cache(struct fields *f, const struct ynode *value)
{
	static const struct field_row rows[] = {
#define CACHE_FIELD(name, form, text) {#name, outer_##name},
#include "scenario/fields.def"
	};

	if (field_is_none(value))
		*outer(f) = (struct cache_config){0};
	else
		fields_read_map(f, value, rows, ARRAY_LEN(rows), "a cache");
}
