/* SPDX-License-Identifier: MIT */
/* dmalab explain: the tables, one entry at a time. */
#include <string.h>

#include "cli/cli.h"
#include "cli/devices.h"
#include "cli/platforms.h"
#include "cli/museum.h"
#include "cli/scenarios.h"
#include "cli/topics.h"
#include "cli/tries.h"
#include "core/diag.h"
#include "device/device.h"
#include "engine/calls.h"
#include "linux/config.h"
#include "report/diagnosis.h"

enum { FIELD = 11 };

const struct option_row explain_options[] = {{0, "json", NULL, "a diagnosis as a line of JSON"},
					     {0}};

enum word_kind { KIND_WORD_CALL, KIND_WORD_WORD };

static const struct {
	enum word_kind kind;
	const char *name, *text;
} words[] = {
#define WORD(kind, name, text) {KIND_WORD_##kind, name, text},
#include "cli/words.def"
#undef WORD
};

static const struct style text_style = {.width = 80};

static void field(const char *name, const char *text, struct str *out)
{
	if (!text[0])
		return;
	str_printf(out, "%-*s", FIELD, name);
	style_wrap(&text_style, FIELD, FIELD, text, out);
}

static bool find_word(const char *id, enum word_kind kind, const char **text)
{
	for (u32 i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].kind == kind && strcmp(words[i].name, id) == 0) {
			*text = words[i].text;
			return true;
		}
	return false;
}

const char *call_words(const char *name)
{
	const char *text = "";

	find_word(name, KIND_WORD_CALL, &text);
	return text;
}

const char *glossary_words(const char *name)
{
	const char *text = "";

	find_word(name, KIND_WORD_WORD, &text);
	return text;
}

const char *glossary_at(u32 i)
{
	for (u32 k = 0; k < ARRAY_LEN(words); k++)
		if (words[k].kind == KIND_WORD_WORD && !topic_find(words[k].name) && i-- == 0)
			return words[k].name;
	return NULL;
}

static bool topic(const char *id, struct str *out)
{
	const struct topic *t = topic_find(id);

	if (!t)
		return false;
	str_printf(out, "%s: %s\n\n", t->name, t->summary);
	topic_print(t, out);
	return true;
}

static bool diagnosis(const char *id, bool json, struct str *out)
{
	u32 i = diag_find(id);
	struct str fires = {0}, near = {0};

	if (i == DIAGS)
		return false;
	if (json) {
		diagnosis_json(i, out);
		return true;
	}
	tries_of(i, &fires, &near);
	diagnosis_text(&text_style, i, &(struct diagnosis_try){str_get(&fires), str_get(&near)},
		       out);
	str_free(&fires);
	str_free(&near);
	return true;
}

static bool quirk(const char *id, struct str *out)
{
	enum quirk q = quirk_find(id);

	if (q == QUIRKS)
		return false;
	str_printf(out, "%s: a quirk, %s\n\n", id, quirk_info(q)->what);
	field("did", quirk_info(q)->did, out);
	field("fixed", quirk_info(q)->fixed, out);
	field("in a file", "quirks: [...] of a platform, or of the machine of a variant", out);
	return true;
}

static bool quirks(const char *id, struct str *out)
{
	enum { NAME = 31 };

	if (strcmp(id, "quirks") != 0)
		return false;
	str_add(out, "quirks: bugs of old kernels that a platform may be given\n\n");
	for (u32 i = 0; i < QUIRKS; i++) {
		const struct quirk_info *q = quirk_info((enum quirk)i);

		str_printf(out, "%-*s", NAME, q->name);
		style_wrap(&text_style, NAME, NAME, q->what, out);
	}
	return true;
}

static const char *argument_name(char letter)
{
	static const struct {
		char letter;
		const char *name;
	} names[] = {{'d', "dev"},     {'p', "p"},	  {'h', "handle"}, {'n', "n"},
		     {'v', "v"},       {'r', "dir"},	  {'g', "gfp"},	   {'a', "attrs"},
		     {'o', "&handle"}, {'P', "page"},	  {'X', "phys"},   {'i', "dev.irq"},
		     {'f', "fn"},      {'s', "sg"},	  {'t', "&sgt"},   {'S', "&state"},
		     {'l', "pool"},    {'N', "\"text\""}, {'A', "pages"}};

	for (u32 i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].letter == letter)
			return names[i].name;
	return "?";
}

void call_form(u32 id, struct str *out)
{
	const struct call_info *c = call_info((enum call_id)id);

	str_printf(out, "%s(", c->name);
	for (const char *a = c->args; *a; a++)
		str_printf(out, "%s%s", a == c->args ? "" : ", ", argument_name(*a));
	str_add(out, ")");
}

void call_signature(u32 id, struct str *out)
{
	static const char *const results[] = {[RESULT_void] = "",
					      [RESULT_int] = "int ",
					      [RESULT_u64] = "u64 ",
					      [RESULT_ptr] = "void *",
					      [RESULT_dma] = "dma_addr_t ",
					      [RESULT_pa] = "phys_addr_t ",
					      [RESULT_page] = "struct page *",
					      [RESULT_pool] = "struct dma_pool *",
					      [RESULT_sg] = "struct scatterlist *"};

	str_add(out, results[call_info((enum call_id)id)->result]);
	call_form(id, out);
}

const char *call_state_text(u32 id)
{
	switch (call_info((enum call_id)id)->state) {
	case CALL_HERE:
		return "runs";
	case CALL_PURE:
		return "computes";
	default:
		return "not yet: refused by name";
	}
}

static bool call(const char *id, struct str *out)
{
	struct str s = {0};
	enum call_id c;
	const char *text = "";
	bool known = call_find(id, &c);

	if (!find_word(id, KIND_WORD_CALL, &text) && !known)
		return false;
	str_printf(out, "%s: %s\n\n", id, known ? "a kernel call" : "an access of the CPU");
	if (known) {
		call_signature(c, &s);
		field("form", str_get(&s), out);
		field("here", call_state_text(c), out);
	}
	field("does", text, out);
	str_free(&s);
	return true;
}

static bool word(const char *id, struct str *out)
{
	const char *text;

	if (!find_word(id, KIND_WORD_WORD, &text))
		return false;
	field(id, text, out);
	return true;
}

static void contents(struct str *out)
{
	enum { NAME = 14 };
	struct str s = {0};

	str_add(out, "dmalab explain ID, where ID is one of\n\n");
	for (u32 i = 0; topic_at(i); i++)
		str_printf(out, "%-*s%s\n", NAME, topic_at(i)->name, topic_at(i)->summary);
	str_add(out, "\n");
	for (u32 i = 0; i < DIAG_ASSERT; i++)
		str_printf(&s, "%s%s", i ? ", " : "", diag_info(i)->name);
	field("diagnosis", str_get(&s), out);
	str_clear(&s);
	platforms_names(&s);
	field("platform", str_get(&s), out);
	str_clear(&s);
	for (u32 i = 0; device_model_at(i); i++)
		str_printf(&s, "%s%s", i ? ", " : "", device_model_at(i)->name);
	field("device", str_get(&s), out);
	field("call", "dmalab list calls", out);
	field("quirk", "dmalab list quirks", out);
	field("bug", "dmalab list bugs", out);
	str_clear(&s);
	for (u32 i = 0; glossary_at(i); i++)
		str_printf(&s, "%s%s", i ? ", " : "", glossary_at(i));
	field("word", str_get(&s), out);
	str_free(&s);
}

/* The nearest of everything that has an explanation; NULL: nothing is near. */
static const char *nearest(const char *id, struct arena *a)
{
	struct platform_dir dir = scenarios_dir();
	struct {
		VEC(const char *)
	} names = {0};
	const char *near;

	for (u32 i = 0; i < DIAG_ASSERT; i++)
		vec_push(&names, diag_info(i)->name);
	for (u32 i = 0; i < CALL_COUNT; i++)
		vec_push(&names, call_info((enum call_id)i)->name);
	for (u32 i = 0; i < ARRAY_LEN(words); i++)
		vec_push(&names, words[i].name);
	for (u32 i = 0; i < QUIRKS; i++)
		vec_push(&names, quirk_info((enum quirk)i)->name);
	for (u32 i = 0; device_model_at(i); i++)
		vec_push(&names, device_model_at(i)->name);
	for (u32 i = 0; topic_at(i); i++)
		vec_push(&names, topic_at(i)->name);
	for (const char *const *p = platform_names(&dir, a); *p; p++)
		vec_push(&names, *p);
	vec_push(&names, NULL);
	near = str_nearest(id, names.v);
	vec_free(&names);
	return near;
}

/* Nothing has that name: says what is near. */
static int unknown(const struct command *self, const char *id)
{
	struct arena a = {0};
	const char *near = nearest(id, &a);
	int status;

	status = near ? usage_error(self, "nothing is named \"%s\"; did you mean \"%s\"?", id, near)
		      : usage_error(self, "nothing is named \"%s\"", id);
	arena_free(&a);
	return status;
}

int cmd_explain(const struct command *self, int argc, char **argv)
{
	struct str s = {0};
	struct given g;
	const char *id;
	bool json;
	int status = EXIT_EXPECTED;

	if (!options_read(self, argc, argv, &g))
		return EXIT_USAGE;
	id = g.words ? g.word[0] : "";
	json = given_value(self, &g, "json") != NULL;
	if (g.words > 1)
		return usage_error(self, "one word at a time");
	if (g.help) {
		help_command(self, &s);
	} else if (!g.words) {
		contents(&s);
	} else if (json && !diagnosis(id, true, &s)) {
		return usage_error(self, "only diagnoses are told in JSON");
	} else if (!json && !topic(id, &s) && !diagnosis(id, false, &s) && !call(id, &s) &&
		   !quirk(id, &s) && !quirks(id, &s) && !museum_explain(id, &s) &&
		   !platform_explain(id, &text_style, &s) && !device_explain(id, &text_style, &s) &&
		   !device_word_explain(id, &text_style, &s) && !word(id, &s)) {
		status = unknown(self, id);
	}
	if (status == EXIT_EXPECTED)
		status = output_text(&s);
	str_free(&s);
	return status;
}
