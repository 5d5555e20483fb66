/* SPDX-License-Identifier: MIT */
/*
 * `expect:`, in all its forms, and `search:`, which says how it is held. Whether every variant and
 * platform has an answer, and whether an id or a tag exists, is known later.
 */
#include <string.h>

#include "scenario/doc_read.h"
#include "scenario/fields.h"
#include "scenario/limits.h"

struct reader {
	struct doc_reader *doc;
	struct {
		VEC(struct doc_expect)
	} all;
};

static const char *const outcomes[] = {
    [DOC_ENDED] = "ended",
    [DOC_FAULT] = "fault",
    [DOC_REFUSED] = "refused",
    [DOC_DIED] = "died",
    [DOC_HANG] = "hang",
    [DOC_LIMIT] = "limit",
    NULL,
};

const char *doc_outcome_text(enum doc_outcome outcome)
{
	return outcomes[outcome];
}

/* ---- ids ----------------------------------------------------------------------------------- */

static bool is_id(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9') ||
		      (s[i] == '-' && i)))
			return false;
	return n > 0;
}

static bool read_severity(struct doc_reader *r, const struct ynode *n, const char *word,
			  enum doc_severity *out)
{
	static const char *const words[] = {"corruption", "violation", "cost", NULL};
	u32 i;

	for (i = 0; words[i]; i++) {
		if (strcmp(word, words[i]) != 0)
			continue;
		*out = (enum doc_severity)(DOC_CORRUPTION + i);
		return true;
	}
	err_add(r->errs, n->at,
		value_hint_near(r->errs, word, words, "corruption, violation or cost"),
		"there is no severity \"%s\"", word);
	return false;
}

static bool read_id(struct doc_reader *r, const struct ynode *n, struct doc_id *out)
{
	const char *slash;
	size_t len;

	*out = (struct doc_id){.at = n->at};
	if (n->kind != YNODE_SCALAR || !n->len) {
		err_add(r->errs, n->at, "as in cpu-stale-read, or \"assert:the packet\"",
			"the id of a finding belongs here");
		return false;
	}
	if (strncmp(n->text, "assert:", 7) == 0) {
		out->id = "assert";
		out->assert_name = n->text + 7;
		if (n->len == 7)
			err_add(r->errs, n->at, NULL, "the name of the assert is missing");
		return n->len > 7;
	}
	slash = strchr(n->text, '/');
	len = slash ? (size_t)(slash - n->text) : n->len;
	if (!is_id(n->text, len)) {
		err_add(r->errs, n->at, "as in cpu-stale-read, or \"assert:the packet\"",
			"'%s' is not the id of a finding", n->text);
		return false;
	}
	out->id = arena_strndup(&r->doc->arena, n->text, len);
	return !slash || read_severity(r, n, slash + 1, &out->severity);
}

static bool is_same(const struct doc_id *a, const struct doc_id *b)
{
	if (strcmp(a->id, b->id) != 0 || a->severity != b->severity)
		return false;
	return !a->assert_name || strcmp(a->assert_name, b->assert_name) == 0;
}

static void read_ids(struct doc_reader *r, const struct ynode *n, struct doc_ids *out)
{
	u32 i, j;

	if (n->kind != YNODE_SEQ) {
		err_add(r->errs, n->at, "as in [cpu-stale-read], or [] for nothing",
			"a list of ids belongs here");
		return;
	}
	if (n->n > LIMIT_WORDS) {
		err_add(r->errs, n->item[LIMIT_WORDS]->at, NULL, "more than %d ids", LIMIT_WORDS);
		return;
	}
	out->v = arena_alloc(&r->doc->arena, n->n, sizeof(*out->v));
	for (i = 0; i < n->n; i++) {
		struct doc_id id;

		if (!read_id(r, n->item[i], &id))
			continue;
		for (j = 0; j < out->n; j++)
			if (is_same(&out->v[j], &id))
				break;
		if (j < out->n)
			err_add(r->errs, id.at, NULL, "'%s' is in this list twice",
				n->item[i]->text);
		else
			out->v[out->n++] = id;
	}
}

/* ---- values -------------------------------------------------------------------------------- */

static void read_outcome(struct doc_reader *r, const struct ynode *n, enum doc_outcome *out)
{
	u32 i;

	for (i = 0; outcomes[i] && n->kind == YNODE_SCALAR; i++) {
		if (strcmp(n->text, outcomes[i]) != 0)
			continue;
		*out = (enum doc_outcome)i;
		return;
	}
	err_add(r->errs, n->at,
		n->kind == YNODE_SCALAR ? value_hint_near(r->errs, n->text, outcomes, NULL) : NULL,
		"an outcome is ended, fault, refused, died, hang or limit");
}

/* A search finds calm's ids as well, so an id in both is a slip. */
static void check_overlap(struct doc_reader *r, const struct doc_expect *e)
{
	u32 i, j;

	for (i = 0; i < e->some.n; i++)
		for (j = 0; j < e->calm.n; j++)
			if (is_same(&e->some.v[i], &e->calm.v[j]))
				err_add(r->errs, e->some.v[i].at, "leave it out of some",
					"this id is in calm already");
}

static void read_forms(struct doc_reader *r, const struct ynode *n, struct doc_expect *out)
{
	u32 i;

	for (i = 0; i < n->n; i++) {
		const struct ynode *key = n->pair[i].key, *value = n->pair[i].value;

		if (strcmp(key->text, "calm") == 0)
			read_ids(r, value, &out->calm);
		else if (strcmp(key->text, "some") == 0)
			read_ids(r, value, &out->some);
		else if (strcmp(key->text, "outcome") == 0)
			read_outcome(r, value, &out->outcome);
		else
			err_add(r->errs, key->at,
				field_hint(FIELDS_EXPECT, key->text,
					   "an expectation has calm, some and outcome", r->errs),
				"there is no key \"%s\" here", key->text);
	}
	if (!ynode_get(n, "calm"))
		err_add(r->errs, n->at, "write calm: [] if the calm run finds nothing",
			"'calm' is missing");
	check_overlap(r, out);
}

/* In a file without variants: a map of variants, not of platforms? */
static bool is_for_variants(const struct ynode *n)
{
	u32 i, k;

	for (i = 0; i < n->n; i++) {
		const struct ynode *value = n->pair[i].value;

		if (value->kind != YNODE_MAP || !value->n)
			return false;
		for (k = 0; k < value->n; k++)
			if (field_find(FIELDS_EXPECT, value->pair[k].key->text))
				return false;
	}
	return n->n > 0;
}

static void read_platforms(struct reader *r, const struct ynode *n, struct name variant)
{
	u32 i;

	if (n->kind != YNODE_MAP) {
		err_add(r->doc->errs, n->at, "as in {all: []}",
			"a map of platform to what is found belongs here");
		return;
	}
	for (i = 0; i < n->n; i++) {
		struct doc_expect e = {.variant = variant};
		const struct ynode *value = n->pair[i].value;
		bool ok = value_read_slug(n->pair[i].key, &e.platform, r->doc->errs);

		if (value->kind == YNODE_MAP)
			read_forms(r->doc, value, &e);
		else
			read_ids(r->doc, value, &e.calm);
		if (ok)
			vec_push(&r->all, e);
	}
}

static void read_variants(struct reader *r, const struct ynode *n)
{
	const char *names[LIMIT_VARIANTS + 1];
	u32 i;

	for (i = 0; i < r->doc->doc->variants; i++)
		names[i] = r->doc->doc->variant[i].name.text;
	names[i] = NULL;
	for (i = 0; i < n->n; i++) {
		const struct ynode *key = n->pair[i].key;

		if (!doc_find_variant(r->doc->doc, key->text))
			err_add(r->doc->errs, key->at,
				value_hint_near(r->doc->errs, key->text, names,
						"here stand the names of variants"),
				"there is no variant \"%s\"", key->text);
		else
			read_platforms(r, n->pair[i].value, (struct name){key->text, key->at});
	}
}

void doc_read_expect(struct doc_reader *doc, const struct ynode *key, const struct ynode *value)
{
	struct reader r = {.doc = doc};
	struct scenario_doc *d = doc->doc;
	u32 i;

	(void)key;
	d->has_expect = true;
	if (value->kind != YNODE_MAP)
		err_add(doc->errs, value->at, "as in {all: []}", "expectations are a map");
	else if (ynode_get(d->root, "variants"))
		read_variants(&r, value);
	else if (is_for_variants(value))
		err_add(doc->errs, value->pair[0].key->at,
			"declare them: variants: [broken, fixed], or leave this level out",
			"this file has no variants: '%s' stands where a platform belongs",
			value->pair[0].key->text);
	else
		read_platforms(&r, value, (struct name){0});
	d->expects = r.all.n;
	d->expect = arena_alloc(&d->arena, d->expects, sizeof(*d->expect));
	for (i = 0; i < d->expects; i++)
		d->expect[i] = r.all.v[i];
	vec_free(&r.all);
}

/* ---- search -------------------------------------------------------------------------------- */

/* What only a search shows cannot be asked for where there is none. */
static void refuse_some(struct doc_reader *r)
{
	const struct scenario_doc *d = r->doc;
	u32 i;

	for (i = 0; i < d->expects; i++)
		if (d->expect[i].some.n)
			err_add(r->errs, d->expect[i].some.v[0].at,
				"give search a bound, as in {states: 1000}, or leave it out",
				"only a search shows what is in some, and there is none with "
				"search: calm");
}

void doc_read_search(struct doc_reader *r, const struct ynode *key, const struct ynode *value)
{
	struct doc_search *s = &r->doc->search;
	s64 n;
	u32 i;

	(void)key;
	if (value->kind == YNODE_SCALAR && strcmp(value->text, "calm") == 0) {
		s->calm = true;
		refuse_some(r);
		return;
	}
	if (value->kind != YNODE_MAP) {
		err_add(r->errs, value->at, "as in {states: 1000000}, or calm for none",
			"the bound of a search belongs here");
		return;
	}
	for (i = 0; i < value->n; i++) {
		const struct ynode *name = value->pair[i].key, *v = value->pair[i].value;

		if (strcmp(name->text, "states") == 0) {
			if (value_read_int(v, 1, 1000000000, &n, r->errs))
				s->states = (u64)n;
		} else if (strcmp(name->text, "deviations") == 0) {
			if (value_read_int(v, 0, 1000, &n, r->errs))
				s->deviations = (u32)n;
		} else {
			err_add(r->errs, name->at,
				field_hint(FIELDS_SEARCH, name->text,
					   "a search has states and deviations", r->errs),
				"there is no key \"%s\" here", name->text);
		}
	}
}
