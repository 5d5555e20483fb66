/* SPDX-License-Identifier: MIT */
/* What a step left behind, against what the kernel's did. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdicts/verdicts.h"

static void differs_u64(struct trial *t, const char *what, u64 kernel, u64 ours)
{
	char a[40], b[40];

	snprintf(a, sizeof a, "%lld (0x%llx)", (long long)kernel, (unsigned long long)kernel);
	snprintf(b, sizeof b, "%lld (0x%llx)", (long long)ours, (unsigned long long)ours);
	trial_differs(t, what, a, b);
}

/* ---- bytes ---- */

static bool cpu_byte(const struct trial *t, u64 va, u8 *out)
{
	enum memtype type;
	phys_addr_t pa;
	struct view v;

	if (!va_translate(&t->e->hw, (cpu_addr_t){va}, &pa, &type))
		return false;
	cpu_peek(&t->e->hw, pa.pa, type, 1, &v);
	*out = v.data[0];
	return true;
}

static bool bus_byte(const struct trial *t, u64 bus, u8 *out)
{
	struct view v;
	u64 pa;

	if (!trial_translate(t, 0, bus, &pa) || !memory_is_ram(&t->e->hw, pa, 1))
		return false;
	dma_peek(&t->e->hw, 0, pa, 1, &v);
	*out = v.data[0];
	return true;
}

/* "dd*32 aa*32", as the file writes bytes. */
static void print_runs(const u8 *b, size_t n, struct str *out)
{
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && b[k] == b[i]; k++)
			;
		str_printf(out, "%s%02x*%zu", i ? " " : "", b[i], k - i);
	}
}

static void compare_bytes(struct trial *t, const struct plan_step *s, const char *what, u64 at)
{
	const char *text = json_text(s->json, "bytes");
	struct str want = {0}, shown = {0};
	u8 *have;

	if (!text || !runs_of(text, &want)) {
		trial_differs(t, "the file", "bytes", "none");
		str_free(&want);
		return;
	}
	have = mem_zalloc(want.n + 1, 1);
	for (size_t i = 0; i < want.n; i++) {
		bool ok = *what == 'm'	 ? cpu_byte(t, at + i, &have[i])
			  : *what == 'b' ? bus_byte(t, at + i, &have[i])
					 : at + i < EDU_BUFFER_BYTES;

		if (*what == 'e' && ok)
			have[i] = edu_buffer(&t->e->hw, 0)[at + i];
		if (!ok) {
			trial_differs(t, what, text, "nothing is there");
			mem_free(have);
			str_free(&want);
			return;
		}
	}
	if (memcmp(have, want.s, want.n) != 0) {
		print_runs(have, want.n, &shown);
		trial_differs(t, what, text, str_get(&shown));
	}
	str_free(&shown);
	str_free(&want);
	mem_free(have);
}

/* ---- results ---- */

static bool named(const struct trial *t, const struct plan_step *s, const char *key, u64 *out)
{
	const char *name = json_text(s->json, key);
	char full[NAME_MAX_VAR + 2];

	if (name && strcmp(name, s->alias) == 0)
		name = s->alias_of;
	snprintf(full, sizeof full, "v_%s", name ? name : "");
	return trial_value(t, full, out);
}

static void compare_pair(struct trial *t, const struct plan_step *s, bool difference)
{
	u64 a, b, want, have;

	if (!named(t, s, "a", &a) || !named(t, s, "b", &b) ||
	    !member_number(s->json, "value", &want)) {
		trial_differs(t, "the file", "two variables and a value", "none");
		return;
	}
	have = difference ? a - b : a == b;
	if (have != want)
		differs_u64(t, difference ? "difference" : "equal", want, have);
}

/* Bits within a page are compared; above, as many as the size of what was allocated aligns. */
static void compare_low_bits(struct trial *t, const struct plan_step *s)
{
	u64 have, want, bits, keep = 4096;

	if (!named(t, s, "of", &have) || !member_number(s->json, "value", &want) ||
	    !member_number(s->json, "bits", &bits)) {
		trial_differs(t, "the file", "a variable, bits and a value", "none");
		return;
	}
	while (keep < s->size)
		keep <<= 1;
	if (bits < 64 && keep > 1ull << bits)
		keep = 1ull << bits;
	if ((have & (keep - 1)) != (want & (keep - 1)))
		differs_u64(t, "low bits", want & (keep - 1), have & (keep - 1));
}

static void compare_slots(struct trial *t, const struct plan_step *s)
{
	s64 have = lx_slots_used(&t->e->lx);
	u64 want;

	if (!member_number(s->json, "value", &want)) {
		trial_differs(t, "the file", "a value", "none");
		return;
	}
	if (!t->slots_known)
		t->slots_extra = (s64)want - have;
	t->slots_known = true;
	if (have + t->slots_extra != (s64)want)
		differs_u64(t, "slots used", want, (u64)(have + t->slots_extra));
}

static void compare_result(struct trial *t, const struct plan_step *s, const char *kind)
{
	u64 at = 0, want = 0;

	if (strcmp(kind, "memory") == 0 || strcmp(kind, "bus") == 0) {
		if (trial_value(t, s->result, &at))
			compare_bytes(t, s, kind, at);
		else
			trial_differs(t, kind, "bytes", "no address");
	} else if (strcmp(kind, "edu_buffer") == 0) {
		trial_wants(t, s->json, "edu_offset", &at);
		compare_bytes(t, s, kind, at);
	} else if (strcmp(kind, "segment") == 0) {
		compare_segment(t, s);
	} else if (strcmp(kind, "sg_entry") == 0) {
		compare_sg_entry(t, s);
	} else if (strcmp(kind, "slots_used") == 0) {
		compare_slots(t, s);
	} else if (strcmp(kind, "low_bits") == 0) {
		compare_low_bits(t, s);
	} else if (strcmp(kind, "pool_block") == 0) {
		trial_wants(t, s->json, "page_offset", &want);
		if (!trial_value(t, s->result, &at) || (at & 4095) != want)
			differs_u64(t, "offset in the page", want, at & 4095);
	} else {
		compare_pair(t, s, strcmp(kind, "difference") == 0);
	}
}

/* ---- what a call returned ---- */

static void compare_variable(struct trial *t, json_t *want, const char *key, const char *name)
{
	u64 x, have;

	if (!json_object_get(want, key))
		return;
	if (!member_number(want, key, &x) || !trial_value(t, name, &have))
		trial_differs(t, key, "a number", "none");
	else if (x != have)
		differs_u64(t, key, x, have);
}

static void compare_masks(struct trial *t, const struct plan_step *s, json_t *want)
{
	const char *call = json_text(s->json, "call");
	u64 streaming = lx_dma_mask_field(&t->e->lx, s->dev),
	    coherent = lx_dma_get_coherent_mask(&t->e->lx, s->dev), x,
	    mask = strcmp(call, "dma_set_coherent_mask") == 0 ? coherent : streaming;

	if (trial_wants(t, want, "mask", &x) && x != mask)
		differs_u64(t, "mask", x, mask);
	if (trial_wants(t, want, "coherent_mask", &x) && x != coherent)
		differs_u64(t, "coherent mask", x, coherent);
}

/* Members of `returns` that are compared somewhere; any other is a form that is not known. */
static void check_members(struct trial *t, json_t *want)
{
	static const char *const known[] = {"value",	     "handle", "in_page", "iova",
					    "pointer",	     "mask",   "nents",	  "orig_nents",
					    "coherent_mask", "outcome"};
	const char *key;
	json_t *v;

	json_object_foreach(want, key, v)
	{
		u32 i = 0;

		while (i < ARRAY_LEN(known) && strcmp(known[i], key) != 0)
			i++;
		if (i == ARRAY_LEN(known))
			trial_differs(t, "the file", key, "no such member of returns");
	}
}

static void compare_returns(struct trial *t, const struct plan_step *s)
{
	json_t *want = json_object_get(s->json, "returns");
	const char *pointer = json_text(want, "pointer"), *handle = json_text(want, "handle");
	char name[NAME_MAX_VAR];
	u64 have;

	if (!json_is_object(want))
		return;
	check_members(t, want);
	compare_variable(t, want, "value", s->result);
	snprintf(name, sizeof name, "nents_%u", t->step);
	compare_variable(t, want, "nents", name);
	snprintf(name, sizeof name, "orig_nents_%u", t->step);
	compare_variable(t, want, "orig_nents", name);
	compare_masks(t, s, want);
	if (pointer && (!trial_value(t, s->result, &have) || !have != !strcmp(pointer, "null")))
		trial_differs(t, "pointer", pointer, pointer[0] == 'n' ? "set" : "null");
	if (!handle && s->handle[0] && trial_value(t, s->handle, &have))
		known_set(t, s->handle, have, NULL);
	if (!handle)
		return;
	if (trial_value(t, s->handle[0] ? s->handle : s->result, &have))
		compare_handle(t, s, want, have, s->handle[0] ? s->handle : s->result);
	else
		trial_differs(t, "handle", handle, "none");
}

/* ---- steps ---- */

static void compare_errors(struct trial *t, const struct plan_step *s, bool died)
{
	char name[NAME_MAX_VAR];
	u64 want = 0, have;

	if (!t->plan->counts_errors)
		return;
	snprintf(name, sizeof name, "errors_%u", t->step);
	trial_wants(t, s->json, "errors", &want);
	if (died) /* nobody is left to read the file */
		have = dmadebug_number(&t->e->twin, DEBUG_FILE_ERROR_COUNT);
	else if (!trial_value(t, name, &have))
		return;
	if (have - t->errors != want)
		differs_u64(t, "errors", want, have - t->errors);
	t->errors = have;
}

/* A variable that is made of another one: "d+64". */
static void compare_set(struct trial *t, const struct plan_step *s)
{
	json_t *value = json_object_get(s->json, "value");
	u64 have, want;

	if (!trial_value(t, s->result, &have))
		return;
	if (number_of(value, &want))
		known_set(t, s->result, have, &want);
	else
		known_sum(t, s->result, have, json_string_value(value));
}

void compare_step(struct trial *t, const struct plan_step *s, bool died)
{
	const char *result = json_text(s->json, "result"), *act = json_text(s->json, "act"),
		   *outcome = json_text(json_object_get(s->json, "returns"), "outcome");
	bool should = outcome && strcmp(outcome, "died") == 0;

	if (died != should)
		trial_differs(t, "outcome", should ? "died" : "went on", died ? "died" : "went on");
	if (!died && !should && !result)
		compare_returns(t, s);
	if (!died && act && strcmp(act, "set") == 0)
		compare_set(t, s);
	if (!result)
		compare_errors(t, s, died);
	compare_lines(t, s);
	if (!died && result)
		compare_result(t, s, result);
}

void compare_end(struct trial *t)
{
	const char *outcome = json_text(t->plan->json, "outcome");
	bool died = engine_thread(t->e, 0)->status == THREAD_BUG;
	u64 want;

	if (!outcome || (strcmp(outcome, "died") == 0) != died)
		trial_differs(t, "outcome", outcome ? outcome : "none", died ? "died" : "ended");
	if (t->plan->counts_errors && trial_wants(t, t->plan->json, "errors", &want) &&
	    want != t->errors)
		differs_u64(t, "errors in all", want, t->errors);
}
