/* SPDX-License-Identifier: MIT */
/*
 * Arguments of the file as expressions of the scenario language: "buf+64" is a pointer, "d+64" a
 * handle, "phys(buf)" a physical address, names in capitals are the kernel's constants. Names of a
 * case get a prefix, so that none of them is a word of the language.
 */
#include <string.h>

#include "engine/calls.h"
#include "verdicts/verdicts.h"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t name_length(const char *s)
{
	size_t n = 0;

	if (is_letter(*s))
		while (is_letter(s[n]) || is_digit(s[n]))
			n++;
	return n;
}

static bool is_constant(const char *name)
{
	const char *s = name;

	while (*s == '_')
		s++;
	return *s >= 'A' && *s <= 'Z' && s[1] >= 'A' && s[1] <= 'Z';
}

void word_first(const char *text, char name[NAME_MAX_VAR])
{
	name[0] = 0;
	for (const char *s = text; *s; s++) {
		size_t n = name_length(s);

		if (!n)
			continue;
		if (s[n] != '(' && n < NAME_MAX_VAR) {
			memcpy(name, s, n);
			name[n] = 0;
			if (!is_constant(name))
				return;
			name[0] = 0;
		}
		s += n - 1;
	}
}

/* A name on its own. */
static bool plain_name(struct plan *p, const char *name, struct str *out)
{
	struct var *v;

	if (is_constant(name) || strcmp(name, "dev") == 0 || strcmp(name, "dev2") == 0 ||
	    strcmp(name, "sgl") == 0 || strcmp(name, "t") == 0) {
		str_add(out, name);
		return true;
	}
	v = plan_var(p, name);
	if (!v && strcmp(name, p->alias) == 0)
		v = plan_var(p, p->alias_of);
	if (!v) {
		plan_refuse(p, REASON_ARGUMENT, "nothing in the case makes '%s'", name);
		return false;
	}
	str_printf(out, "v_%s", v->name);
	return true;
}

static bool name_or_call(struct plan *p, const char *s, size_t n, char letter, struct str *out)
{
	char name[NAME_MAX_VAR];

	if (n >= sizeof name) {
		plan_refuse(p, REASON_ARGUMENT, "%s", s);
		return false;
	}
	memcpy(name, s, n);
	name[n] = 0;
	if (s[n] != '(')
		return plain_name(p, name, out);
	if (strcmp(name, "phys") == 0) {
		str_add(out, letter == 'h'   ? "(dma_addr_t)virt_to_phys"
			     : letter == 'X' ? "virt_to_phys"
					     : "(u64)virt_to_phys");
		return true;
	}
	str_add(out, name);
	return true;
}

bool word_text(struct plan *p, const char *text, char letter, struct str *out)
{
	const char *s = text;

	while (*s) {
		size_t n = name_length(s);

		if (n) {
			if (!name_or_call(p, s, n, letter, out))
				return false;
			s += n;
		} else if (strchr("0123456789 +-*/%|&()[],.<>~\"", *s)) {
			if (*s == '"') {
				size_t end = strcspn(s + 1, "\"") + 2;

				str_addn(out, s, end);
				s += end;
				continue;
			}
			do {
				str_addn(out, s++, 1);
			} while (is_digit(s[-1]) && (is_digit(*s) || is_letter(*s)));
		} else {
			plan_refuse(p, REASON_ARGUMENT, "%s", text);
			return false;
		}
	}
	return true;
}

/* What the call takes there, as a type to cast to; NULL: no cast. */
static const char *cast_for(struct plan *p, const char *text, char letter)
{
	char name[NAME_MAX_VAR];
	struct var *v;

	word_first(text, name);
	v = plan_var(p, name);
	switch (letter) {
	case 'h':
		return strncmp(text, "phys(", 5) == 0 || strcmp(text, "DMA_MAPPING_ERROR") == 0 ||
			       (v && v->kind == VAR_HANDLE)
			   ? NULL
			   : "(dma_addr_t)";
	case 'X':
		return strstr(text, "phys(") || strstr(text, "_to_phys(") ? NULL : "(phys_addr_t)";
	case 'p':
		return (v && v->kind == VAR_POINTER) || strchr(text, '(') ||
			       strcmp(text, "NULL") == 0
			   ? NULL
			   : "(void *)";
	default:
		return NULL;
	}
}

bool word_argument(struct plan *p, json_t *arg, char letter, struct str *out)
{
	const char *text = json_string_value(arg), *cast;
	struct str number = {0};
	u64 v;
	bool ok;

	if (number_of(arg, &v)) {
		/* Small negative numbers stay what they are. */
		if ((s64)v < 0 && (s64)v > -4096)
			str_printf(&number, "%lld", (long long)v);
		else
			str_printf(&number, v >> 63 ? "0x%llx" : "%llu", (unsigned long long)v);
		text = str_get(&number);
	}
	if (!text) {
		plan_refuse(p, REASON_FORM, "an argument is neither text nor a number");
		return false;
	}
	cast = cast_for(p, text, letter);
	if (cast)
		str_printf(out, "%s(", cast);
	ok = word_text(p, text, letter, out);
	if (cast)
		str_add(out, ")");
	str_free(&number);
	return ok;
}
