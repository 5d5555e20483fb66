/* SPDX-License-Identifier: MIT */
#include "cli/manual.h"

#include <string.h>

#include "cli/cli.h"
#include "core/diag.h"
#include "device/device.h"
#include "engine/calls.h"
#include "linux/config.h"
#include "scenario/ast.h"
#include "scenario/fields.h"
#include "scenario/schema.h"

enum { COLUMNS = 80 };

/* ---- mdoc ---------------------------------------------------------------------------------- */

/* One word of text: a line must not begin with what is a request, and a backslash is none. */
static void put_word(const char *word, size_t n, bool first, struct str *out)
{
	if (first && (*word == '.' || *word == '\''))
		str_add(out, "\\&");
	for (size_t i = 0; i < n; i++)
		if (word[i] == '\\')
			str_add(out, "\\e");
		else
			str_addn(out, word + i, 1);
}

void manual_line(const char *text, struct str *out)
{
	put_word(text, strlen(text), true, out);
	str_add(out, "\n");
}

void manual_text(const char *text, struct str *out)
{
	size_t at = 0;

	while (*text) {
		size_t n = strcspn(text, " ");
		bool first = !at || at + n + 1 > COLUMNS;

		if (at)
			str_add(out, first ? "\n" : " ");
		put_word(text, n, first, out);
		at = first ? n : at + n + 1;
		if (n && strchr(".:?", text[n - 1]) && text[n - 1] != ':')
			at = COLUMNS;
		text += n;
		text += strspn(text, " ");
	}
	str_add(out, "\n");
}

void manual_item(const char *what, struct str *out)
{
	str_add(out, ".It Li \"");
	for (; *what; what++)
		if (*what == '"')
			str_add(out, "\\(dq");
		else
			str_addn(out, what, 1);
	str_add(out, "\"\n");
}

void manual_table(const char *table, const char *page, struct str *out)
{
	str_printf(out, ".\\\" TABLE %s %s\n", table, page);
}

static void begin(const char *table, struct str *out)
{
	manual_table(table, "dmalab-scenario", out);
}

static void begin_list(struct str *out)
{
	str_add(out, ".Bl -tag -width Ds\n");
}

static void end_list(struct str *out)
{
	str_add(out, ".El\n");
}

/* ---- maps of fields ------------------------------------------------------------------------ */

/* "1 to 5; required."; nothing where the form only says the name again. */
static void put_form(const struct field_info *f, struct str *out)
{
	struct str s = {0};
	bool same;

	schema_form_words(f->form, &s);
	same = strcmp(str_get(&s), f->name) == 0;
	if (same && f->required)
		str_add(out, "Required. ");
	if (!same && strncmp(f->form, "word", 4) != 0 && strcmp(f->form, "arch") != 0)
		s.s[0] = (char)(s.s[0] >= 'a' && s.s[0] <= 'z' ? s.s[0] - 'a' + 'A' : s.s[0]);
	if (!same)
		str_printf(out, "%s%s. ", str_get(&s), f->required ? "; required" : "");
	str_free(&s);
}

static void put_field(const struct field_info *f, struct str *out)
{
	struct str s = {0};

	manual_item(f->name, out);
	if (field_is_later(f))
		str_add(&s, "Not there yet. ");
	else
		put_form(f, &s);
	str_add(&s, f->text);
	manual_text(str_get(&s), out);
	str_free(&s);
}

static void put_fields(enum field_map map, struct str *out)
{
	const struct field_info *f;

	begin_list(out);
	for (u32 i = 0; (f = field_at(map, i)) != NULL; i++)
		put_field(f, out);
	end_list(out);
}

static void put_map(const char *table, enum field_map map, struct str *out)
{
	begin(table, out);
	put_fields(map, out);
}

/* The maps inside a machine, each under its name. */
static void put_groups(struct str *out)
{
	begin("groups", out);
	for (u32 i = FIELDS_RANGE; i < FIELD_MAPS; i++) {
		str_printf(out, ".Pp\n.Li %s :\n", field_map_name((enum field_map)i));
		put_fields((enum field_map)i, out);
	}
}

/* ---- what statements know ------------------------------------------------------------------ */

static void put_types(struct str *out)
{
	begin("types", out);
	for (u32 i = 0; i < TYPE_STRUCT; i++)
		str_printf(out, ".Li %s ,\n", ast_type_text((enum type_base)i));
}

static void put_calls(struct str *out)
{
	struct str s = {0};

	begin("calls", out);
	begin_list(out);
	for (u32 i = 0; i < CALL_COUNT; i++) {
		const struct call_info *c = call_info((enum call_id)i);

		str_clear(&s);
		call_signature(i, &s);
		manual_item(str_get(&s), out);
		manual_text(c->state == CALL_LATER ? "Not there yet." : call_words(c->name), out);
	}
	end_list(out);
	str_free(&s);
}

static const struct {
	const char *name, *who, *args;
} accesses[] = {
#define BUILTIN(name, who, fewest, most, args, compile, number) {#name, #who, args},
#include "scenario/builtins.def"
#undef BUILTIN
};

static const struct {
	const char *who, *text;
} parties[] = {
    {"CPU", "Of the driver"}, {"RUN", "Of the driver and of programs"},
    {"DEV", "Of devices"},    {"HW", "Below hw:"},
    {"LAB", "Below lab:"},    {"LOOK", "In assert and predict"},
    {"ANY", "Anywhere"},
};

/* The acts of models: each model's own table has them. */
static void put_acts(struct str *out)
{
	const struct device_info *m;
	struct str s = {0};

	for (u32 i = 0; (m = device_model_at(i)); i++) {
		str_printf(out, ".Pp\nOf a device with the model %s:\n", m->name);
		begin_list(out);
		for (u32 k = 0; k < m->acts; k++) {
			manual_item(m->act[k].form, out);
			manual_text(m->act[k].meaning, out);
		}
		end_list(out);
	}
	str_add(&s, "misbehave() takes");
	for (u32 i = 0; device_misbehaviours[i].name; i++)
		str_printf(&s, "%s %s", i ? "," : "", device_misbehaviours[i].name);
	str_add(&s, ". What a model does, its registers, and the names that it brings are told by "
		    "dmalab explain MODEL.");
	str_add(out, ".Pp\n");
	manual_text(str_get(&s), out);
	str_free(&s);
}

static void put_accesses(struct str *out)
{
	struct str s = {0};

	begin("accesses", out);
	for (u32 p = 0; p < ARRAY_LEN(parties); p++) {
		str_printf(out, ".Pp\n%s:\n", parties[p].text);
		begin_list(out);
		for (u32 i = 0; i < ARRAY_LEN(accesses); i++) {
			if (strcmp(accesses[i].who, parties[p].who) != 0)
				continue;
			str_clear(&s);
			str_printf(&s, "%s(%s)", accesses[i].name, accesses[i].args);
			manual_item(str_get(&s), out);
			if (call_words(accesses[i].name)[0])
				manual_text(call_words(accesses[i].name), out);
		}
		end_list(out);
	}
	str_free(&s);
	put_acts(out);
}

static const struct {
	const char *name;
} constants[] = {
#define CONST(name, kind, value) {#name},
#include "scenario/constants.def"
#undef CONST
};

static void put_constants(struct str *out)
{
	begin("constants", out);
	for (u32 i = 0; i < ARRAY_LEN(constants); i++)
		str_printf(out, ".Dv %s ,\n", constants[i].name);
	str_add(out, ".Dv ARCH_DMA_MINALIGN ,\n.Dv L1_CACHE_BYTES .\n");
}

/* ---- limits, diagnoses --------------------------------------------------------------------- */

static void put_limits(struct str *out)
{
	static const struct {
		u32 value;
		const char *text;
	} limits[] = {
#define SCENARIO_LIMIT(name, value, text) {value, text},
#include "scenario/limits.def"
#undef SCENARIO_LIMIT
	};

	begin("limits", out);
	str_add(out, ".Bl -column 1048576\n");
	for (u32 i = 0; i < ARRAY_LEN(limits); i++)
		str_printf(out, ".It %u Ta %s\n", limits[i].value, limits[i].text);
	end_list(out);
}

static void put_diagnoses(struct str *out)
{
	struct str s = {0};

	begin("diagnoses", out);
	begin_list(out);
	for (u32 i = 0; i < DIAG_ASSERT; i++) {
		const struct diag_info *d = diag_info(i);

		manual_item(d->name, out);
		str_clear(&s);
		str_printf(&s, "At worst %s. %s", severity_name(d->severity), d->effect);
		manual_text(str_get(&s), out);
	}
	end_list(out);
	str_free(&s);
}

static void put_quirks(struct str *out)
{
	begin("quirks", out);
	begin_list(out);
	for (u32 i = 0; i < QUIRKS; i++) {
		const struct quirk_info *q = quirk_info((enum quirk)i);

		manual_item(q->name, out);
		manual_text(q->did, out);
	}
	end_list(out);
}

void manual_tables(struct str *out)
{
	put_map("keys", FIELDS_SCENARIO, out);
	put_map("steps", FIELDS_STEP, out);
	put_map("predict", FIELDS_PREDICT, out);
	put_map("variant", FIELDS_VARIANT, out);
	put_map("expect", FIELDS_EXPECT, out);
	put_map("search", FIELDS_SEARCH, out);
	put_map("device", FIELDS_DEVICE, out);
	put_map("machine", FIELDS_MACHINE, out);
	put_map("own", FIELDS_OWN, out);
	put_map("file", FIELDS_FILE, out);
	put_groups(out);
	put_quirks(out);
	put_types(out);
	put_calls(out);
	put_accesses(out);
	put_constants(out);
	put_limits(out);
	put_diagnoses(out);
	manual_diagnoses(out);
}
