/* SPDX-License-Identifier: MIT */
/* Steps that are no calls: what the CPU, a device or the laboratory does, and what is looked at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdicts/verdicts.h"

/*
 * The recordings fill coherent memory that edu is to read, and do not say so: this byte. Where the
 * device read anything else from memory that nobody wrote, it cannot be told who did.
 */
enum { UNTOLD_FILL = 0x5a };
/* They wait so long before an access that faults, as reports of faults are rationed. */
enum { WAIT_BEFORE_FAULT_MS = 5500 };

/* ---- lists ---- */

static void say_entry(struct plan *p, const char *entry, json_t *e)
{
	struct str at = {0};
	u64 len;

	if (json_array_size(e) != 2 || !number_of(json_array_get(e, 1), &len))
		plan_refuse(p, REASON_FORM, "an entry of a list is memory and a length");
	else if (word_argument(p, json_array_get(e, 0), 'p', &at))
		plan_say(p, NULL, "sg_set_buf(%s, %s, %llu)", entry, str_get(&at),
			 (unsigned long long)len);
	str_free(&at);
}

static void list_act(struct plan *p, json_t *entries)
{
	char entry[32];
	size_t i;
	json_t *e;

	p->entries = entries;
	plan_say(p, NULL, "sg_init_table(sgl, %zu)", json_array_size(entries));
	json_array_foreach(entries, i, e)
	{
		snprintf(entry, sizeof entry, "&sgl[%zu]", i);
		say_entry(p, entry, e);
	}
	plan_say(p, NULL, "list_sgl = &sgl[0]");
	snprintf(p->list, sizeof p->list, "list_sgl");
}

void plan_table(struct plan *p, json_t *entries)
{
	size_t i;
	json_t *e;

	if (p->has_table)
		plan_say(p, NULL, "sg_free_table(&t)");
	p->has_table = true;
	plan_say(p, NULL, "table_ok = sg_alloc_table(&t, %zu, GFP_KERNEL)",
		 json_array_size(entries));
	plan_say(p, NULL, "entry = t.sgl");
	json_array_foreach(entries, i, e)
	{
		if (i)
			plan_say(p, NULL, "entry = sg_next(entry)");
		say_entry(p, "entry", e);
	}
	plan_say(p, NULL, "list_t = t.sgl");
	snprintf(p->list, sizeof p->list, "list_t");
}

/* ---- memory ---- */

/* The place of an act; false: it has none. */
static bool place_of(struct plan *p, struct plan_step *s, char letter, struct str *at)
{
	json_t *v = json_object_get(s->json, "at");

	if (!v) {
		plan_refuse(p, REASON_FORM, "at");
		return false;
	}
	return word_argument(p, v, letter, at);
}

static bool bytes_of(struct plan *p, struct plan_step *s, struct str *bytes)
{
	const char *text = json_text(s->json, "bytes");

	if (text && runs_of(text, bytes))
		return true;
	plan_refuse(p, REASON_FORM, "bytes");
	return false;
}

/* Somebody has written what the variable in that place leads to. */
static void mark_written(struct plan *p, struct plan_step *s)
{
	const char *at = json_text(s->json, "at");
	char name[NAME_MAX_VAR];

	word_first(at ? at : "", name);
	for (u32 i = 0; i < p->vars; i++)
		if (strcmp(p->var[i].name, name) == 0 || strcmp(p->var[i].memory, name) == 0)
			p->var[i].is_written = true;
}

static void write_act(struct plan *p, struct plan_step *s, bool by_device)
{
	struct str at = {0}, bytes = {0};

	if (place_of(p, s, by_device ? 'h' : 'p', &at) && bytes_of(p, s, &bytes)) {
		if (by_device)
			plan_say(p, "dev", "dma_write(%s, bytes(\"%s\"))", str_get(&at),
				 json_text(s->json, "bytes"));
		else
			plan_say(p, NULL, "memcpy(%s, bytes(\"%s\"), %zu)", str_get(&at),
				 json_text(s->json, "bytes"), bytes.n);
	}
	mark_written(p, s);
	str_free(&at);
	str_free(&bytes);
}

/* ---- edu ---- */

/* What the file says edu's buffer holds next; NULL: nothing. */
static const char *next_edu_bytes(struct plan *p)
{
	json_t *steps = json_object_get(p->json, "steps");

	for (size_t i = p->steps; i < json_array_size(steps); i++) {
		json_t *s = json_array_get(steps, i);
		const char *result = json_text(s, "result");

		if (result && strcmp(result, "edu_buffer") == 0)
			return json_text(s, "bytes");
	}
	return NULL;
}

static void untold_fill(struct plan *p, struct plan_step *s, u64 length)
{
	const char *at = json_text(s->json, "at"), *text = next_edu_bytes(p);
	char name[NAME_MAX_VAR];
	struct str bytes = {0};
	struct var *v;

	word_first(at ? at : "", name);
	v = plan_var(p, name);
	if (!v || !v->memory[0] || v->is_written || !text || !runs_of(text, &bytes)) {
		str_free(&bytes);
		return;
	}
	for (size_t i = 0; i < bytes.n; i++)
		if (bytes.s[i] != bytes.s[0] || (bytes.s[0] && bytes.s[0] != UNTOLD_FILL))
			plan_refuse(p, REASON_UNRECORDED, "nothing in the case writes to %s", at);
	if (bytes.n && bytes.s[0])
		plan_say(p, NULL, "memset(v_%s, 0x%02x, %llu)", v->memory, UNTOLD_FILL,
			 (unsigned long long)length);
	v->is_written = true;
	str_free(&bytes);
}

static void edu_transfer(struct plan *p, struct plan_step *s, bool to_memory)
{
	struct str at = {0};
	u64 length, offset = 0;

	member_number(s->json, "edu_offset", &offset);
	if (!member_number(s->json, "length", &length)) {
		plan_refuse(p, REASON_FORM, "length");
		return;
	}
	if (!to_memory)
		untold_fill(p, s, length);
	if (place_of(p, s, 'h', &at)) {
		if (json_object_get(s->json, "log"))
			plan_say(p, NULL, "msleep(%d)", WAIT_BEFORE_FAULT_MS);
		plan_say(p, NULL, "writeq((u64)(%s), dev.regs + %s)", str_get(&at),
			 to_memory ? "EDU_DMA_DST" : "EDU_DMA_SRC");
		plan_say(p, NULL, "writeq(EDU_DMA_BUFFER + %llu, dev.regs + %s)",
			 (unsigned long long)offset, to_memory ? "EDU_DMA_SRC" : "EDU_DMA_DST");
		plan_say(p, NULL, "writeq(%llu, dev.regs + EDU_DMA_COUNT)",
			 (unsigned long long)length);
		plan_say(p, NULL, "writeq(EDU_DMA_START%s, dev.regs + EDU_DMA_CMD)",
			 to_memory ? " | EDU_DMA_TO_MEMORY" : "");
		plan_say(p, NULL, "poll(!(readq(dev.regs + EDU_DMA_CMD) & EDU_DMA_START))");
	}
	if (to_memory)
		mark_written(p, s);
	str_free(&at);
}

static void edu_preset(struct plan *p, struct plan_step *s)
{
	struct str bytes = {0};
	u64 offset = 0;

	member_number(s->json, "edu_offset", &offset);
	if (bytes_of(p, s, &bytes))
		plan_say(p, "dev", "preset(%llu, bytes(\"%s\"))", (unsigned long long)offset,
			 json_text(s->json, "bytes"));
	str_free(&bytes);
}

/* ---- laboratory ---- */

/* A number of MiB or GiB behind a word: "above 4 GiB". 0: it is not there. */
static u64 size_behind(const char *text, const char *word)
{
	const char *s = strstr(text, word);
	char *end;
	u64 n;

	if (!s)
		return 0;
	n = strtoull(s + strlen(word), &end, 10);
	end += *end == ' ';
	if (strncmp(end, "GiB", 3) == 0)
		return n << 30;
	return strncmp(end, "MiB", 3) == 0 ? n << 20 : 0;
}

static u64 bytes_named(const char *where, u64 otherwise)
{
	const char *s = strstr(where, "bytes");

	if (!s)
		return otherwise;
	while (s > where && (s[-1] == ' ' || (s[-1] >= '0' && s[-1] <= '9')))
		s--;
	return strtoull(s, NULL, 10);
}

static void place_act(struct plan *p, struct plan_step *s)
{
	const char *name = json_text(s->json, "name"), *where = json_text(s->json, "where");
	u64 above = where ? size_behind(where, "above ") : 0, phys = 0, n = 0;
	const char *zone = !where			  ? NULL
			   : strstr(where, "ZONE_DMA32")  ? "GFP_DMA32"
			   : strstr(where, "ZONE_DMA")	  ? "GFP_DMA"
			   : size_behind(where, "below ") ? "GFP_DMA32"
							  : NULL;

	member_number(json_object_get(p->json, "buf"), "physical", &phys);
	member_number(json_object_get(p->json, "buf"), "size", &n);
	if (!name || (!above && !zone)) {
		plan_refuse(p, REASON_FORM, "place: %s", where ? where : "");
		return;
	}
	n = bytes_named(where, n);
	if (above && (strcmp(name, "buf") != 0 || phys < above)) {
		plan_say(p, "lab", "v_%s = place(%llu, 0x%llx)", name, (unsigned long long)n,
			 (unsigned long long)(above + (32u << 20)));
		plan_say(p, "lab", "preset(v_%s, bytes(\"00*%llu\"))", name, (unsigned long long)n);
	} else if (!above) {
		plan_say(p, NULL, "page_%s = alloc_pages(%s | __GFP_ZERO, %u)", name, zone,
			 plan_order(n));
		plan_say(p, NULL, "v_%s = page_address(page_%s)", name, name);
	}
	plan_set(p, name, VAR_POINTER);
}

static void set_act(struct plan *p, struct plan_step *s)
{
	const char *name = json_text(s->json, "name");
	json_t *value = json_object_get(s->json, "value");
	const char *text = json_string_value(value);
	char from[NAME_MAX_VAR] = "";
	struct str expr = {0};
	struct var *v;
	bool is_pointer;

	if (text)
		word_first(text, from);
	v = plan_var(p, from);
	is_pointer = v && v->kind == VAR_POINTER && !strstr(text, "phys(");
	if (!name)
		plan_refuse(p, REASON_FORM, "set");
	else if (word_argument(p, value, is_pointer ? 'p' : 'h', &expr)) {
		plan_set(p, name, is_pointer ? VAR_POINTER : VAR_HANDLE);
		plan_say(p, NULL, "v_%s = %s", name, str_get(&expr));
	}
	snprintf(s->result, sizeof s->result, "v_%s", name ? name : "");
	str_free(&expr);
}

void plan_act(struct plan *p, struct plan_step *s, const char *act)
{
	const char *device = json_text(s->json, "device");
	json_t *entries = json_object_get(s->json, "entries");

	if (strcmp(act, "cpu_write") == 0 || strcmp(act, "device_write") == 0)
		write_act(p, s, *act == 'd');
	else if (strcmp(act, "edu_read") == 0 || strcmp(act, "edu_write") == 0)
		edu_transfer(p, s, strcmp(act, "edu_write") == 0);
	else if (strcmp(act, "edu_preset") == 0)
		edu_preset(p, s);
	else if (strcmp(act, "set") == 0)
		set_act(p, s);
	else if (strcmp(act, "place") == 0)
		place_act(p, s);
	else if (strcmp(act, "sgl") == 0 && json_is_array(entries))
		list_act(p, entries);
	else if (strcmp(act, "sg_table") == 0 && json_is_array(entries))
		plan_table(p, entries);
	else if (strcmp(act, "null_dma_mask") == 0)
		plan_say(p, "lab", "no_dma_mask(%s)", device ? device : "dev");
	else if (strcmp(act, "unbind") == 0)
		plan_say(p, NULL, "device_release_driver(%s)", device ? device : "dev");
	else
		plan_refuse(p, REASON_FORM, "act: %s", act);
}

/* ---- results ---- */

/* A block of the pool: it is taken when it is asked for, in order. */
static void pool_block(struct plan *p, struct plan_step *s)
{
	u64 i;

	if (!member_number(s->json, "index", &i) || !p->pool[0]) {
		plan_refuse(p, REASON_FORM, "pool_block");
		return;
	}
	for (; p->blocks <= i; p->blocks++)
		plan_say(p, NULL, "block_%u = dma_pool_alloc(%s, GFP_KERNEL, &block_dma_%u)",
			 p->blocks, p->pool, p->blocks);
	snprintf(s->result, sizeof s->result, "block_dma_%llu", (unsigned long long)i);
}

void plan_give_blocks(struct plan *p)
{
	for (u32 i = 0; i < p->blocks; i++)
		plan_say(p, NULL, "dma_pool_free(%s, block_%u, block_dma_%u)", p->pool, i, i);
	p->blocks = 0;
}

void plan_result(struct plan *p, struct plan_step *s, const char *result)
{
	static const char *const known[] = {"edu_buffer", "segment",	"sg_entry", "slots_used",
					    "equal",	  "difference", "low_bits", NULL};
	struct str at = {0};
	bool is_memory = strcmp(result, "memory") == 0;

	if (is_memory || strcmp(result, "bus") == 0) {
		if (place_of(p, s, is_memory ? 'p' : 'h', &at))
			plan_say(p, NULL, "at_%u = %s", p->steps, str_get(&at));
		snprintf(s->result, sizeof s->result, "at_%u", p->steps);
		str_free(&at);
		return;
	}
	if (strcmp(result, "pool_block") == 0) {
		pool_block(p, s);
		return;
	}
	for (u32 i = 0; known[i]; i++)
		if (strcmp(known[i], result) == 0)
			return;
	plan_refuse(p, REASON_FORM, "result: %s", result);
}
