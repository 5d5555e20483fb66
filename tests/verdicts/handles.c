/* SPDX-License-Identifier: MIT */
/*
 * Bus addresses. Where memory lay in the recorded kernel and where it lies here differ, but for the
 * case's buffer: what is compared is what an address leads to, and that an address in a message
 * stands where ours does. For that, of each handle that the case holds it is remembered what the
 * kernel's was: from the file, from the handle it was made of, or from the first message about it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdicts/verdicts.h"

enum { PAGE = 4096 };

/* ---- what was what ---- */

static struct known *known_add(struct trial *t, const char *name, u64 ours)
{
	struct known k = {.ours = ours, .base = -1};

	snprintf(k.name, sizeof k.name, "%s", name);
	vec_push(&t->known, k);
	return &t->known.v[t->known.n - 1];
}

void known_set(struct trial *t, const char *name, u64 ours, const u64 *theirs)
{
	struct known *k = known_add(t, name, ours);

	k->is_known = theirs != NULL;
	k->theirs = theirs ? *theirs : 0;
}

/* The youngest that the variable held; -1: none. */
static int known_find(const struct trial *t, const char *name)
{
	for (u32 i = t->known.n; i-- > 0;)
		if (strcmp(t->known.v[i].name, name) == 0)
			return (int)i;
	return -1;
}

void known_sum(struct trial *t, const char *name, u64 ours, const char *text)
{
	char first[NAME_MAX_VAR], full[NAME_MAX_VAR + 2];
	int base;
	struct known *k;

	word_first(text, first);
	snprintf(full, sizeof full, "v_%s", first);
	base = strncmp(text, "phys(", 5) == 0 ? -1 : known_find(t, full);
	if (base < 0) { /* of the buffer, which lies where it lay */
		known_set(t, name, ours, &ours);
		return;
	}
	k = known_add(t, name, ours);
	k->base = base;
	k->offset = ours - t->known.v[base].ours;
}

static bool theirs_of(const struct trial *t, int i, u64 *out)
{
	u64 offset = 0;

	while (!t->known.v[i].is_known && t->known.v[i].base >= 0) {
		offset += t->known.v[i].offset;
		i = t->known.v[i].base;
	}
	*out = t->known.v[i].theirs + offset;
	return t->known.v[i].is_known;
}

static void learn(struct trial *t, int i, u64 theirs)
{
	while (t->known.v[i].base >= 0) {
		theirs -= t->known.v[i].offset;
		i = t->known.v[i].base;
	}
	t->known.v[i].is_known = true;
	t->known.v[i].theirs = theirs;
}

/* Tells whether the pair fits what is known, with `low` bits cut off both; 0: nothing known says.
 */
static int fits(const struct trial *t, u64 theirs, u64 ours, u64 low)
{
	int said = 0;

	for (int i = (int)t->known.n; i-- > 0;) {
		u64 x;

		if (!theirs_of(t, i, &x) || (x & ~low) != theirs)
			continue;
		if ((t->known.v[i].ours & ~low) == ours)
			return 1;
		said = -1;
	}
	return said;
}

/* A handle of ours whose address there is not known yet is that one. */
static bool learns(struct trial *t, u64 theirs, u64 ours, u64 low)
{
	for (int i = (int)t->known.n; i-- > 0;) {
		u64 x;

		if (theirs_of(t, i, &x) || (t->known.v[i].ours & ~low) != ours)
			continue;
		learn(t, i, theirs + (t->known.v[i].ours & low));
		return true;
	}
	return false;
}

static bool slot_at(const struct trial *t, u64 bus)
{
	u64 pa;

	return lx_in_pool(&t->e->lx, (phys_addr_t){bus}) ||
	       (trial_translate(t, 0, bus, &pa) && lx_in_pool(&t->e->lx, (phys_addr_t){pa}));
}

bool known_same(struct trial *t, const struct plan_step *s, u64 theirs, u64 ours)
{
	static const u64 lows[] = {0, PAGE - 1};

	if (((theirs ^ ours) & (PAGE / 2 - 1)) != 0)
		return false;
	for (u32 i = 0; i < ARRAY_LEN(lows); i++) {
		int said = fits(t, theirs, ours, lows[i]);

		if (said)
			return said > 0;
	}
	for (u32 i = 0; i < ARRAY_LEN(lows); i++)
		if (learns(t, theirs, ours, lows[i]))
			return true;
	/* An address that no handle leads to: memory that lies where it lay, or the slot of a map
	 * that failed. */
	return theirs == ours || (s->result[0] && slot_at(t, ours));
}

/* ---- handles ---- */

static bool target_phys(const struct trial *t, const struct plan_step *s, u64 *pa)
{
	char name[NAME_MAX_VAR];
	enum memtype type;
	phys_addr_t to;
	u64 v;

	snprintf(name, sizeof name, "target_%u", t->step);
	if (s->target == TARGET_NONE || !trial_value(t, name, &v))
		return false;
	if (s->target == TARGET_PHYS) {
		*pa = v;
		return true;
	}
	if (!va_translate(&t->e->hw, (cpu_addr_t){v}, &to, &type))
		return false;
	*pa = to.pa;
	return true;
}

/* Each page of [bus, bus+size) leads to that page of [pa, pa+size). */
static bool leads_to(const struct trial *t, u32 dev, u64 bus, u64 pa, u64 size)
{
	for (u64 at = 0; at < size; at = ((bus + at) | (PAGE - 1)) + 1 - bus) {
		u64 to;

		if (!trial_translate(t, dev, bus + at, &to) || to != pa + at)
			return false;
	}
	return true;
}

static const char *kind_of(const struct trial *t, u32 dev, u64 bus, u64 pa, u64 size)
{
	u64 to;

	if (bus == ~0ull)
		return "error";
	if (bus == pa && leads_to(t, dev, bus, pa, size))
		return "physical";
	if (size && trial_translate(t, dev, bus, &to) && lx_in_pool(&t->e->lx, (phys_addr_t){to}))
		return "bounced";
	return leads_to(t, dev, bus, pa, size) ? "iova" : "something else";
}

static void compare_in_page(struct trial *t, json_t *want, u64 ours)
{
	char a[40], b[40];
	u64 x;

	if (!trial_wants(t, want, "in_page", &x) || x == (ours & (PAGE - 1)))
		return;
	snprintf(a, sizeof a, "%llu", (unsigned long long)x);
	snprintf(b, sizeof b, "%llu", (unsigned long long)(ours & (PAGE - 1)));
	trial_differs(t, "place in the page", a, b);
}

static void compare_iova(struct trial *t, json_t *want, u64 ours)
{
	char b[40];
	u64 x;

	if (!member_bool(t->plan->json, "compare_iova", false) ||
	    !trial_wants(t, want, "iova", &x) || x == ours)
		return;
	snprintf(b, sizeof b, "0x%llx", (unsigned long long)ours);
	trial_differs(t, "IOVA", json_text(want, "iova"), b);
}

void compare_handle(struct trial *t, const struct plan_step *s, json_t *want, u64 ours,
		    const char *name)
{
	const char *kind = json_text(want, "handle"), *have;
	u64 pa = 0, iova;
	bool has_target = target_phys(t, s, &pa);

	have = has_target ? kind_of(t, s->dev, ours, pa, s->size)
			  : (ours == ~0ull ? "error" : "something else");
	if (strcmp(kind, "other") == 0) {
		if (ours == ~0ull)
			trial_differs(t, "handle", kind, "error");
	} else if (strcmp(kind, have) != 0) {
		trial_differs(t, "handle", kind, have);
	}
	compare_in_page(t, want, ours);
	compare_iova(t, want, ours);
	if (has_target && s->handle[0]) /* messages about a pointer have its physical address */
		known_set(t, s->result, pa, NULL);
	if (member_number(want, "iova", &iova))
		known_set(t, name, ours, &iova);
	else if (strcmp(kind, "error") == 0)
		known_set(t, name, ours, &ours);
	else if (strcmp(kind, "physical") == 0 && !s->handle[0])
		known_set(t, name, ours, &ours);
	else
		known_set(t, name, ours, NULL);
}

/* ---- lists ---- */

static const struct lx_sg *entry_at(const struct trial *t, const struct plan_step *s, u64 index)
{
	const struct lx_sg *sg;
	u64 first;

	if (!s->list[0] || !trial_value(t, s->list, &first) ||
	    lx_sg_entry(&t->e->lx, first + index, &sg) != LX_OK)
		return NULL;
	return sg;
}

static u64 entry_phys(const struct lx_sg *sg)
{
	return (sg->page & ~(u64)(PAGE - 1)) + sg->offset;
}

/* The memory of segment `index`: entries fill segments one after the other. */
static void segment_target(struct trial *t, const struct plan_step *s, u64 index, u64 bus,
			   const char *want)
{
	const struct lx_sg *sg, *seg = entry_at(t, s, 0);
	u64 segment = 0, filled = 0;

	for (u64 i = 0; seg && segment <= index && (sg = entry_at(t, s, i)); i++) {
		const char *have = kind_of(t, s->dev, bus + filled, entry_phys(sg), sg->length);

		if (segment == index && strcmp(have, want) != 0) {
			trial_differs(t, "segment", want, have);
			return;
		}
		filled += sg->length;
		if (filled < seg->dma_length)
			continue;
		segment++;
		filled = 0;
		seg = entry_at(t, s, segment);
	}
}

void compare_segment(struct trial *t, const struct plan_step *s)
{
	const char *kind = json_text(s->json, "handle");
	const struct lx_sg *sg;
	char name[NAME_MAX_VAR], a[40], b[40];
	u64 index, length, iova;

	if (!kind || !member_number(s->json, "index", &index) ||
	    !member_number(s->json, "length", &length) || !(sg = entry_at(t, s, index))) {
		trial_differs(t, "segment", "there is one", "there is none");
		return;
	}
	if (length != sg->dma_length) {
		snprintf(a, sizeof a, "%llu", (unsigned long long)length);
		snprintf(b, sizeof b, "%u", sg->dma_length);
		trial_differs(t, "length", a, b);
	}
	if (strcmp(kind, "other") != 0)
		segment_target(t, s, index, sg->dma, kind);
	compare_in_page(t, s->json, sg->dma);
	compare_iova(t, s->json, sg->dma);
	snprintf(name, sizeof name, "segment %llu", (unsigned long long)index);
	if (member_number(s->json, "iova", &iova))
		known_set(t, name, sg->dma, &iova);
	else
		known_set(t, name, sg->dma, strcmp(kind, "physical") == 0 ? &sg->dma : NULL);
}

static void compare_field(struct trial *t, const struct plan_step *s, const char *key, u64 have)
{
	char a[40], b[40];
	u64 want;

	if (!trial_wants(t, s->json, key, &want) || want == have)
		return;
	snprintf(a, sizeof a, "%llu", (unsigned long long)want);
	snprintf(b, sizeof b, "%llu", (unsigned long long)have);
	trial_differs(t, key, a, b);
}

void compare_sg_entry(struct trial *t, const struct plan_step *s)
{
	const char *address = json_text(s->json, "dma_address"), *have;
	const struct lx_sg *sg;
	u64 index;

	if (!member_number(s->json, "index", &index) || !(sg = entry_at(t, s, index))) {
		trial_differs(t, "entry", "there is one", "there is none");
		return;
	}
	compare_field(t, s, "length", sg->length);
	compare_field(t, s, "offset", sg->offset);
	compare_field(t, s, "dma_length", sg->dma_length);
	have = sg->dma == ~0ull ? "unused" : "used";
	if (address && strcmp(address, have) != 0)
		trial_differs(t, "dma_address", address, have);
}
