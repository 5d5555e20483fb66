/* SPDX-License-Identifier: MIT */
/*
 * Reading a file of cases. The JSON library's integers end at 2^63-1, and masks do not: longer
 * numbers are put into quotes before it sees them, behind a mark.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdicts/verdicts.h"

enum { LONG_NUMBER = 16 };
#define MARK "#"

static bool read_text(const char *file, struct str *out, struct str *err)
{
	FILE *f = strcmp(file, "-") == 0 ? stdin : fopen(file, "rb");
	char part[1 << 16];
	size_t n;
	bool bad;

	if (!f) {
		str_printf(err, "%s: %s", file, strerror(errno));
		return false;
	}
	while ((n = fread(part, 1, sizeof part, f)))
		str_addn(out, part, n);
	bad = ferror(f) != 0;
	if (bad)
		str_printf(err, "%s: %s", file, strerror(errno));
	if (f != stdin)
		fclose(f);
	return !bad;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits of the integer at s, with its sign; 0: it is none, or one with a fraction or exponent. */
static size_t integer_length(const char *s)
{
	size_t n = *s == '-', digits = n;

	while (is_digit(s[n]))
		n++;
	return n == digits || s[n] == '.' || s[n] == 'e' || s[n] == 'E' ? 0 : n;
}

static void quote_long_numbers(const char *s, struct str *out)
{
	bool in_text = false;

	while (*s) {
		size_t n = in_text ? 0 : integer_length(s);

		if (n >= LONG_NUMBER) {
			str_add(out, "\"" MARK);
			str_addn(out, s, n);
			str_add(out, "\"");
		} else if (in_text && *s == '\\' && s[1]) {
			n = 2;
			str_addn(out, s, n);
		} else {
			in_text ^= *s == '"';
			n = n ? n : 1;
			str_addn(out, s, n);
		}
		s += n;
	}
}

json_t *cases_read(const char *file, struct str *err)
{
	struct str raw = {0}, text = {0};
	json_error_t e;
	json_t *root = NULL;

	if (read_text(file, &raw, err)) {
		quote_long_numbers(str_get(&raw), &text);
		root = json_loads(str_get(&text), JSON_REJECT_DUPLICATES, &e);
		if (!root)
			str_printf(err, "%s:%d:%d: %s", file, e.line, e.column, e.text);
		else if (!json_is_array(root))
			str_printf(err, "%s: no list of cases", file);
	}
	str_free(&raw);
	str_free(&text);
	if (root && !json_is_array(root)) {
		json_decref(root);
		root = NULL;
	}
	return root;
}

const char *json_text(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

bool number_of(json_t *v, u64 *out)
{
	const char *s = json_string_value(v);
	char *end;

	if (json_is_integer(v)) {
		*out = (u64)json_integer_value(v);
		return true;
	}
	if (json_is_boolean(v)) {
		*out = json_is_true(v);
		return true;
	}
	if (!s || (strncmp(s, MARK, 1) != 0 && strncmp(s, "0x", 2) != 0))
		return false;
	s += *s == *MARK;
	errno = 0;
	*out = *s == '-' ? (u64)strtoll(s, &end, 10) : strtoull(s, &end, 0);
	return !errno && !*end;
}

bool member_number(json_t *o, const char *key, u64 *out)
{
	return number_of(json_object_get(o, key), out);
}

bool member_bool(json_t *o, const char *key, bool otherwise)
{
	u64 v;

	return member_number(o, key, &v) ? v != 0 : otherwise;
}

bool runs_of(const char *text, struct str *out)
{
	const char *s = text;

	while (*s) {
		int hi = str_hex_digit(s[0]), lo = hi < 0 ? -1 : str_hex_digit(s[1]);
		unsigned long n = 1;
		char byte = (char)(hi << 4 | lo), *end;

		if (lo < 0)
			return false;
		s += 2;
		if (*s == '*') {
			n = strtoul(s + 1, &end, 10);
			if (end == s + 1 || n > 1u << 24)
				return false;
			s = end;
		}
		while (n--)
			str_addn(out, &byte, 1);
		if (*s && *s != ' ')
			return false;
		s += *s == ' ';
	}
	return true;
}
