/* SPDX-License-Identifier: MIT */
/*
 * A case as a scenario: buffers first, then one statement or a few for each step, and behind each
 * step a barrier at which the run stops to be looked at.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/calls.h"
#include "verdicts/verdicts.h"

const char *reason_code(enum reason r)
{
	static const char *const codes[REASONS] = {
#define REASON(id, code, text) [REASON_##id] = code,
#include "verdicts/reasons.def"
#undef REASON
	};

	return r && r < REASONS ? codes[r] : "none";
}

/* ---- what the parts share ---- */

void plan_refuse(struct plan *p, enum reason r, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (p->reason)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	p->reason = r;
	p->at = p->steps;
	str_add(&p->why, text);
}

static void add_raw(struct plan *p, const char *text)
{
	str_add(&p->text, text);
	for (; *text; text++)
		p->lines += *text == '\n';
}

void plan_raw(struct plan *p, const char *fmt, ...)
{
	char text[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	add_raw(p, text);
}

void plan_say(struct plan *p, const char *who, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	text = mem_zalloc((size_t)n + 1, 1);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	add_raw(p, "  - ");
	if (who) {
		add_raw(p, who);
		add_raw(p, ": ");
	}
	add_raw(p, "'");
	add_raw(p, text);
	add_raw(p, "'\n");
	mem_free(text);
}

struct var *plan_var(struct plan *p, const char *name)
{
	for (u32 i = 0; i < p->vars; i++)
		if (strcmp(p->var[i].name, name) == 0)
			return &p->var[i];
	return NULL;
}

struct var *plan_set(struct plan *p, const char *name, enum var_kind kind)
{
	struct var *v = plan_var(p, name);

	if (!v && (p->vars == VARS_MAX || strlen(name) >= NAME_MAX_VAR)) {
		plan_refuse(p, REASON_FORM, "too many variables, or too long a name: %s", name);
		v = &p->var[VARS_MAX - 1];
	}
	if (!v) {
		v = &p->var[p->vars++];
		memcpy(v->name, name, strlen(name) + 1);
	}
	v->kind = kind;
	return v;
}

/* ---- buffers ---- */

/* Calls back with each text that names memory: in arguments, places and lists. */
static void each_text(json_t *v, void (*fn)(void *ctx, const char *text, u64 len), void *ctx)
{
	json_t *x, *first, *second;
	const char *key;
	size_t i;
	u64 len;

	if (json_is_object(v)) {
		json_object_foreach(v, key, x) each_text(x, fn, ctx);
		return;
	}
	if (!json_is_array(v)) {
		if (json_is_string(v))
			fn(ctx, json_string_value(v), 0);
		return;
	}
	first = json_array_get(v, 0);
	second = json_array_get(v, 1);
	if (json_array_size(v) == 2 && json_is_string(first) && number_of(second, &len)) {
		fn(ctx, json_string_value(first), len);
		return;
	}
	json_array_foreach(v, i, x)
	{
		len = 0;
		if (json_is_string(x)) {
			/* The size follows what it is of: dma_map_single(dev, buf+0, 64, ...). */
			number_of(json_array_get(v, i + 1), &len);
			fn(ctx, json_string_value(x), len);
		} else {
			each_text(x, fn, ctx);
		}
	}
}

struct need {
	const char *name;
	u64 bytes; /* up to the last that is named */
	bool is_named;
};

/* "big+65536-2048": what comes behind the name. */
static u64 offset_of(const char *s)
{
	u64 n = 0;

	while (*s == '+' || *s == '-') {
		char *end;
		u64 v = strtoull(s + 1, &end, 0);

		n += *s == '+' ? v : 0 - v;
		s = end;
	}
	return n;
}

static bool goes_on(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

static void need_text(void *ctx, const char *text, u64 len)
{
	struct need *n = ctx;
	const char *s = strstr(text, n->name), *end = s ? s + strlen(n->name) : NULL;

	if (!s || goes_on(*end) || (s > text && goes_on(s[-1])))
		return;
	n->is_named = true;
	if (offset_of(end) + len > n->bytes)
		n->bytes = offset_of(end) + len;
}

static u64 needed(struct plan *p, const char *name, u64 least, bool *is_named)
{
	struct need n = {name, 0, false};

	each_text(json_object_get(p->json, "steps"), need_text, &n);
	if (is_named)
		*is_named = n.is_named;
	return n.bytes > least ? n.bytes : least;
}

u32 plan_order(u64 bytes)
{
	u32 order = 0;

	while ((4096ull << order) < bytes)
		order++;
	return order;
}

/* The buffer lies where it lay, since masks and addresses in messages depend on that. */
static void main_buffer(struct plan *p)
{
	json_t *buf = json_object_get(p->json, "buf");
	u64 size, phys;

	if (!member_number(buf, "size", &size) || !member_number(buf, "physical", &phys)) {
		plan_refuse(p, REASON_FORM, "buf");
		return;
	}
	size = needed(p, "buf", size, NULL);
	plan_say(p, "lab", "v_buf = place(%llu, 0x%llx)", (unsigned long long)size,
		 (unsigned long long)phys);
	for (u64 at = 0; at < size; at += 16384)
		plan_say(p, "lab", "preset(v_buf + %llu, bytes(\"00*%llu\"))",
			 (unsigned long long)at,
			 (unsigned long long)(size - at < 16384 ? size - at : 16384));
	plan_set(p, "buf", VAR_POINTER);
}

static void other_buffers(struct plan *p)
{
	bool is_named;
	u64 n = needed(p, "stack_buffer", 64, &is_named);

	if (is_named) {
		plan_say(p, "lab", "v_stack_buffer = on_stack(%llu)", (unsigned long long)n);
		plan_set(p, "stack_buffer", VAR_POINTER);
	}
	n = needed(p, "vmalloc_buffer", 8192, &is_named);
	if (is_named) {
		plan_say(p, NULL, "v_vmalloc_buffer = vzalloc(%llu)", (unsigned long long)n);
		plan_set(p, "vmalloc_buffer", VAR_POINTER);
	}
	n = needed(p, "big", 131072, &is_named);
	if (is_named) {
		plan_say(p, NULL, "big_page = alloc_pages(GFP_KERNEL, %u)",
			 plan_order(n > 131072 ? 1 << 20 : 131072));
		plan_say(p, NULL, "v_big = page_address(big_page)");
		plan_set(p, "big", VAR_POINTER);
	}
}

static void lists(struct plan *p)
{
	u64 most = 1;
	size_t i;
	json_t *s;

	json_array_foreach(json_object_get(p->json, "steps"), i, s)
	{
		u64 n = json_array_size(json_object_get(s, "entries"));

		most = n > most ? n : most;
	}
	plan_say(p, NULL, "struct scatterlist sgl[%llu]", (unsigned long long)most);
	plan_say(p, NULL, "struct sg_table t");
}

/* What was used before: one slot of the pool, so that the next search begins behind it. */
static void shift_pool(struct plan *p)
{
	plan_say(p, NULL, "used = kzalloc(64, GFP_KERNEL)");
	plan_say(p, NULL, "used_dma = dma_map_single(dev2, used, 64, DMA_TO_DEVICE)");
	plan_say(p, NULL, "used_ok = dma_mapping_error(dev2, used_dma)");
	plan_say(p, NULL, "dma_unmap_single(dev2, used_dma, 64, DMA_TO_DEVICE)");
}

static void debug_files(struct plan *p)
{
	json_t *d = json_object_get(json_object_get(p->json, "config"), "dma_debug"), *v;
	const char *key;
	u64 n;

	if (!p->counts_errors)
		return;
	json_object_foreach(d, key, v) if (number_of(v, &n))
	    plan_say(p, "lab", "echo(\"%llu\", \"dma-api/%s\")", (unsigned long long)n, key);
}

/* ---- steps ---- */

static enum var_kind kind_of_result(enum call_result r)
{
	switch (r) {
	case RESULT_ptr:
		return VAR_POINTER;
	case RESULT_dma:
		return VAR_HANDLE;
	case RESULT_page:
		return VAR_PAGE;
	case RESULT_pool:
		return VAR_POOL;
	default:
		return VAR_NUMBER;
	}
}

static const char *set_name(struct plan_step *s, size_t i)
{
	return json_string_value(json_array_get(json_object_get(s->json, "sets"), i));
}

static u32 device_named(const char *name)
{
	return name && strcmp(name, "dev2") == 0;
}

/* The index of the last argument of that letter, -1: there is none. */
static int letter_at(const char *letters, char letter)
{
	const char *s = strrchr(letters, letter);

	return s ? (int)(s - letters) : -1;
}

/* The variable target_N: the memory that a handle should lead to. */
static void say_target(struct plan *p, struct plan_step *s, const char *letters, json_t *args)
{
	int at = letter_at(letters, 'p');
	enum target kind = TARGET_POINTER;
	struct str a = {0}, b = {0};
	const char *text;

	if (at < 0) {
		kind = TARGET_PHYS;
		at =
		    letter_at(letters, 'P') < 0 ? letter_at(letters, 'X') : letter_at(letters, 'P');
	}
	text = at < 0 ? NULL : json_string_value(json_array_get(args, (size_t)at));
	if (at < 0 || (text && strcmp(text, "NULL") == 0))
		return;
	if (letters[at] == 'P') {
		if (word_argument(p, json_array_get(args, (size_t)at), 'P', &a) &&
		    word_argument(p, json_array_get(args, (size_t)at + 1), 'n', &b))
			plan_say(p, NULL, "target_%u = page_to_phys(%s) + %s", p->steps,
				 str_get(&a), str_get(&b));
	} else if (word_argument(p, json_array_get(args, (size_t)at), letters[at], &a)) {
		plan_say(p, NULL, "target_%u = %s", p->steps, str_get(&a));
	}
	s->target = kind;
	str_free(&a);
	str_free(&b);
}

/* The &name of a call: the case's own name for what is written there stands in `sets`. */
static void out_argument(struct plan *p, struct plan_step *s, const char *text, struct str *out)
{
	const char *name = set_name(s, 1), *memory = set_name(s, 0),
		   *call = json_text(s->json, "call");
	struct var *v;

	if (!text || *text != '&') {
		plan_refuse(p, REASON_ARGUMENT, "%s", text ? text : "a number");
		return;
	}
	snprintf(p->alias, sizeof p->alias, "%s", text + 1);
	snprintf(p->alias_of, sizeof p->alias_of, "%s", name ? name : text + 1);
	v = plan_set(p, p->alias_of, VAR_HANDLE);
	v->is_written = false;
	snprintf(v->memory, sizeof v->memory, "%s",
		 memory && strstr(call, "coherent") ? memory : "");
	str_printf(out, "&v_%s", p->alias_of);
	snprintf(s->handle, sizeof s->handle, "v_%s", p->alias_of);
}

/* A table that the case has not built is made of its list. */
static void call_arguments(struct plan *p, struct plan_step *s, const char *letters, json_t *args,
			   struct str *out)
{
	for (u32 i = 0; letters[i]; i++) {
		json_t *arg = json_array_get(args, i);
		const char *text = json_string_value(arg);

		if (i)
			str_add(out, ", ");
		if (letters[i] == 'd')
			s->dev = device_named(text);
		if (letters[i] == 'l' && text)
			snprintf(p->pool, sizeof p->pool, "v_%s", text);
		if (letters[i] == 'n')
			number_of(arg, &s->size);
		if (letters[i] == 't' && !p->has_table && p->entries)
			plan_table(p, p->entries);
		if (letters[i] == 's' || letters[i] == 't')
			snprintf(p->list, sizeof p->list, "%s",
				 letters[i] == 's' ? "list_sgl" : "list_t");
		if (letters[i] == 'o')
			out_argument(p, s, text, out);
		else
			word_argument(p, arg, letters[i], out);
	}
}

/* Sets the variable that takes the result, and the step's name for it. */
static void result_name(struct plan *p, struct plan_step *s, enum call_result r, struct str *out)
{
	const char *name = set_name(s, 0);

	if (r == RESULT_void)
		return;
	if (name) {
		plan_set(p, name, kind_of_result(r));
		snprintf(s->result, sizeof s->result, "v_%s", name);
		if (r == RESULT_pool)
			snprintf(p->pool, sizeof p->pool, "v_%s", name);
	} else {
		snprintf(s->result, sizeof s->result, "result_%u", p->steps);
	}
	str_printf(out, "%s = ", s->result);
}

static void after_call(struct plan *p, struct plan_step *s, enum call_result r)
{
	snprintf(s->list, sizeof s->list, "%s", p->list);
	if (json_object_get(json_object_get(s->json, "returns"), "orig_nents")) {
		plan_say(p, NULL, "nents_%u = t.nents", p->steps);
		plan_say(p, NULL, "orig_nents_%u = t.orig_nents", p->steps);
	}
	if ((r == RESULT_ptr || r == RESULT_page) && s->handle[0]) {
		s->target = r == RESULT_ptr ? TARGET_POINTER : TARGET_PHYS;
		plan_say(p, NULL,
			 r == RESULT_ptr ? "target_%u = %s" : "target_%u = page_to_phys(%s)",
			 p->steps, s->result);
	}
}

static void plan_call(struct plan *p, struct plan_step *s, const char *name)
{
	json_t *args = json_object_get(s->json, "args");
	const struct call_info *info;
	struct str call = {0}, result = {0};
	enum call_id id;

	if (!call_find(name, &id)) {
		plan_refuse(p, REASON_CALL, "%s", name);
		return;
	}
	info = call_info(id);
	if (!json_is_array(args) || json_array_size(args) != strlen(info->args)) {
		plan_refuse(p, REASON_ARGUMENT, "%s takes %zu arguments", name, strlen(info->args));
		return;
	}
	if (strcmp(name, "dma_pool_destroy") == 0)
		plan_give_blocks(p);
	if (info->result == RESULT_dma)
		say_target(p, s, info->args, args);
	call_arguments(p, s, info->args, args, &call);
	result_name(p, s, info->result, &result);
	plan_say(p, NULL, "%s%s(%s)", str_get(&result), name, str_get(&call));
	after_call(p, s, info->result);
	str_free(&call);
	str_free(&result);
}

static void plan_step(struct plan *p, json_t *json)
{
	struct plan_step *s = &p->step[p->steps];
	const char *call = json_text(json, "call"), *act = json_text(json, "act"),
		   *result = json_text(json, "result");

	*s = (struct plan_step){.json = json, .first = p->lines + 1};
	if (call)
		plan_call(p, s, call);
	else if (act)
		plan_act(p, s, act);
	else if (result)
		plan_result(p, s, result);
	else if (!json_text(json, "note"))
		plan_refuse(p, REASON_FORM, "a step is a call, an act, a result or a note");
	if (!s->list[0])
		snprintf(s->list, sizeof s->list, "%s", p->list);
	memcpy(s->alias, p->alias, sizeof s->alias);
	memcpy(s->alias_of, p->alias_of, sizeof s->alias_of);
	if (result && p->steps)
		s->size = p->step[p->steps - 1].size;
	plan_say(p, NULL, "mb()");
	if (p->counts_errors)
		plan_say(p, NULL, "errors_%u = cat(\"dma-api/error_count\")", p->steps);
	s->end = p->lines + 1;
	plan_say(p, NULL, "mb()");
	p->steps++;
}

void plan_make(struct plan *p, json_t *json, bool shifted)
{
	json_t *steps = json_object_get(json, "steps"), *s;
	size_t i;

	*p = (struct plan){.json = json, .shifted = shifted};
	if (!json_is_array(steps) || json_array_size(steps) > STEPS_MAX) {
		plan_refuse(p, REASON_FORM, "steps");
		return;
	}
	plan_machine(p);
	plan_raw(p, "driver:\n");
	debug_files(p);
	main_buffer(p);
	other_buffers(p);
	lists(p);
	if (shifted)
		shift_pool(p);
	json_array_foreach(steps, i, s)
	{
		if (p->reason)
			return;
		plan_step(p, s);
	}
}

void plan_free(struct plan *p)
{
	str_free(&p->text);
	str_free(&p->why);
}
