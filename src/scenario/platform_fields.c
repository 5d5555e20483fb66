/* SPDX-License-Identifier: MIT */
/* The fields of a machine that silicon has: memory and core; and the table of all fields. */
#include <string.h>

#include "scenario/platform_int.h"

static const struct doc_param *param_of(const struct fields *f, const struct ynode *n)
{
	if (!f->params || n->kind != YNODE_SCALAR || n->style != YSTYLE_PLAIN)
		return NULL;
	return doc_find_param(f->params, n->text);
}

bool field_int(struct fields *f, const struct ynode *n, u64 min, u64 max, u64 *out)
{
	const struct doc_param *p = param_of(f, n);
	u64 v;

	if (p)
		v = (u64)p->value;
	else if (!value_read_u64(n, UINT64_MAX, &v, f->errs))
		return false;
	if (v >= min && v <= max && (!p || p->value >= 0)) {
		*out = v;
		return true;
	}
	err_add(f->errs, n->at, NULL, "%s is not within %llu to %llu", n->text,
		(unsigned long long)min, (unsigned long long)max);
	return false;
}

bool field_bool(struct fields *f, const struct ynode *n, bool *out)
{
	const struct doc_param *p = param_of(f, n);

	if (!p)
		return value_read_bool(n, out, f->errs);
	*out = p->value != 0;
	return true;
}

bool field_word(struct fields *f, const struct ynode *n, const char *const *words, u32 *out)
{
	struct str all = {0};
	u32 i;

	for (i = 0; words[i] && n->kind == YNODE_SCALAR; i++) {
		if (strcmp(words[i], n->text) != 0)
			continue;
		*out = i;
		return true;
	}
	for (i = 0; words[i]; i++)
		str_printf(&all, "%s%s", !i ? "" : words[i + 1] ? ", " : " or ", words[i]);
	err_add(f->errs, n->at, NULL, "%s belongs here", str_get(&all));
	str_free(&all);
	return false;
}

void fields_read_map(struct fields *f, const struct ynode *map, const struct field_row *rows, u32 n,
		     const char *what)
{
	const char *names[64];
	u32 i, k;

	if (map->kind != YNODE_MAP) {
		err_add(f->errs, map->at, NULL, "%s is a map of fields", what);
		return;
	}
	for (k = 0; k < n; k++)
		names[k] = rows[k].name;
	names[n] = NULL;
	for (i = 0; i < map->n; i++) {
		const struct ynode *key = map->pair[i].key;

		for (k = 0; k < n && strcmp(rows[k].name, key->text) != 0; k++)
			;
		if (k == n)
			err_add(f->errs, key->at, value_hint_near(f->errs, key->text, names, NULL),
				"%s has no field \"%s\"", what, key->text);
		else if (rows[k].read)
			rows[k].read(f, map->pair[i].value);
	}
}

void field_given(struct fields *f, const struct ynode *n, u64 min, u64 max, struct given *out)
{
	if (field_int(f, n, min, max, &out->v))
		out->is = true;
}

bool field_is_none(const struct ynode *n)
{
	return n->kind == YNODE_SCALAR && strcmp(n->text, "none") == 0;
}

bool field_pow2(struct fields *f, const struct ynode *n, u64 min, u64 max, u64 *out)
{
	if (!field_int(f, n, min, max, out))
		return false;
	if (is_pow2(*out))
		return true;
	err_add(f->errs, n->at, NULL, "a power of two belongs here");
	return false;
}

static void field_linear_base(struct fields *f, const struct ynode *value)
{
	field_int(f, value, 0, UINT64_MAX, &f->m->cfg->hw.linear_base);
}

static void field_vmap_base(struct fields *f, const struct ynode *value)
{
	field_int(f, value, 0, UINT64_MAX, &f->m->cfg->hw.vmap_base);
}

/* ---- the core ------------------------------------------------------------------------------ */

static void field_l1_cache_bytes(struct fields *f, const struct ynode *value)
{
	field_given(f, value, 1, 4096, &f->m->l1_bytes);
}

static void field_dma_minalign(struct fields *f, const struct ynode *value)
{
	field_given(f, value, 1, 4096, &f->m->minalign);
}

static void field_cache_alignment(struct fields *f, const struct ynode *value)
{
	field_given(f, value, 1, 4096, &f->m->cache_alignment);
}

static void buffer_entries(struct fields *f, const struct ynode *n)
{
	u64 v;

	if (field_int(f, n, 0, STORE_BUFFER_MAX, &v))
		f->m->cfg->hw.store_entries = (u32)v;
}

/* Another order: what follows from the order follows from this one. */
static void read_order(struct fields *f, const struct ynode *n)
{
	static const char *const words[] = {"tso", "weak", NULL};
	u32 i;

	if (!field_word(f, n, words, &i))
		return;
	f->m->cfg->hw.order = i ? ORDER_WEAK : ORDER_TSO;
	f->m->passes.is = f->m->early.is = false;
}

static void buffer_mmio_passes(struct fields *f, const struct ynode *n)
{
	field_given(f, n, 0, 1, &f->m->passes);
}

/* Was read before all others. */
static void buffer_order(struct fields *f, const struct ynode *n)
{
	(void)f;
	(void)n;
}

/* The order first: it takes back what was said about the other one. */
static void field_store_buffer(struct fields *f, const struct ynode *value)
{
	static const struct field_row rows[] = {
#define STORE_BUFFER_FIELD(name, form, text) {#name, buffer_##name},
#include "scenario/fields.def"
	};
	const struct ynode *order = value->kind == YNODE_MAP ? ynode_get(value, "order") : NULL;

	if (order)
		read_order(f, order);
	fields_read_map(f, value, rows, ARRAY_LEN(rows), "a store buffer");
}

static void field_speculates(struct fields *f, const struct ynode *value)
{
	field_bool(f, value, &f->m->cfg->hw.speculates);
}

static void field_early_loads(struct fields *f, const struct ynode *value)
{
	bool v;

	if (field_bool(f, value, &v))
		f->m->early = (struct given){true, v};
}

static void field_coherent(struct fields *f, const struct ynode *value)
{
	field_bool(f, value, &f->m->coherent);
}

static void field_endian(struct fields *f, const struct ynode *value)
{
	static const char *const words[] = {"little", "big", NULL};
	u32 i;

	if (field_word(f, value, words, &i))
		f->m->cfg->hw.big_endian = i;
}

static void field_cpus(struct fields *f, const struct ynode *value)
{
	u64 v;

	if (field_int(f, value, 1, CPUS_MAX, &v))
		f->m->cfg->hw.cpus = (u32)v;
}

/* ---- all --------------------------------------------------------------------------------------
 */

static void field_tags(struct fields *f, const struct ynode *value)
{
	struct machine_config *cfg = f->m->cfg;
	u32 i;

	cfg->tags_n = 0;
	if (value->kind != YNODE_SEQ || value->n > TAGS_MAX / 2) {
		err_add(f->errs, value->at, NULL, "a list of at most %d tags belongs here",
			TAGS_MAX / 2);
		return;
	}
	for (i = 0; i < value->n; i++) {
		struct name n;

		if (value_read_slug(value->item[i], &n, f->errs))
			memcpy(cfg->tags[cfg->tags_n++], n.text, strlen(n.text) + 1);
	}
}

/* Of files: what lists and explanations say of them. */
static void file_text(struct fields *f, const struct ynode *value, char *out, size_t room)
{
	if (value->kind != YNODE_SCALAR || strlen(value->text) >= room)
		err_add(f->errs, value->at, NULL, "a text of less than %zu bytes belongs here",
			room);
	else
		memcpy(out, value->text, strlen(value->text) + 1);
}

static void file_title(struct fields *f, const struct ynode *value)
{
	file_text(f, value, f->m->cfg->title, sizeof f->m->cfg->title);
}

static void file_left_out(struct fields *f, const struct ynode *value)
{
	file_text(f, value, f->m->cfg->left_out, sizeof f->m->cfg->left_out);
}

/* Was read before all others. */
static void file_like(struct fields *f, const struct ynode *value)
{
	(void)f;
	(void)value;
}

static void field_encrypted(struct fields *f, const struct ynode *value)
{
	if (field_bool(f, value, &f->m->cfg->lx.encrypted) && f->m->cfg->lx.encrypted)
		f->m->pool_high = false;
}

void machine_read(struct fields *f, const struct ynode *map)
{
	static const struct field_row file[] = {
#define MACHINE_FIELD(name, form, text) {#name, field_##name},
#define FILE_FIELD(name, form, text)	{#name, file_##name},
#include "scenario/fields.def"
	};
	/* Own platforms: what is not a machine's is read before. */
	static const struct field_row own[] = {
#define MACHINE_FIELD(name, form, text) {#name, field_##name},
#define OWN_FIELD(name, form, text)	{#name, NULL},
#include "scenario/fields.def"
	};

	static const struct field_row variant[] = {
#define MACHINE_FIELD(name, form, text) {#name, field_##name},
#include "scenario/fields.def"
	};

	if (f->whose == FIELDS_FILE)
		fields_read_map(f, map, file, ARRAY_LEN(file), "a platform");
	else if (f->whose == FIELDS_OWN)
		fields_read_map(f, map, own, ARRAY_LEN(own), "a platform");
	else
		fields_read_map(f, map, variant, ARRAY_LEN(variant), "a machine");
}
