/* SPDX-License-Identifier: MIT */
/* The few kinds of value that a YAML scalar may be. All others are refused with the way to write.
 */
#include "scenario/value.h"

#include <string.h>

#include "scenario/limits.h"
#include "scenario/parse.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool read_unit(const char *s, u32 *shift)
{
	static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
	u32 i;

	for (i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(s, units[i]) != 0)
			continue;
		*shift = i * 10;
		return true;
	}
	return false;
}

/* Why s is no integer, or NULL. Its magnitude goes to *out. */
static const char *read_magnitude(const char *s, u64 *out)
{
	u64 v = 0;
	u32 base = 10, digits = 0, shift;
	bool overflow = false;

	if (s[0] == '0' && s[1] == 'x') {
		base = 16;
		s += 2;
	} else if (s[0] == '0' && is_digit(s[1])) {
		return "a number that begins with 0 is octal for some readers";
	}
	for (; str_hex_digit(*s) >= 0 && (u32)str_hex_digit(*s) < base; s++, digits++) {
		overflow |= __builtin_mul_overflow(v, (u64)base, &v);
		overflow |= __builtin_add_overflow(v, (u64)str_hex_digit(*s), &v);
	}
	if (!digits || !read_unit(s, &shift))
		return "an integer belongs here";
	overflow |= shift && v >> (64 - shift);
	*out = v << shift;
	return overflow ? "a number has at most 64 bits" : NULL;
}

bool value_parse_range(const char *text, u64 *lo, u64 *hi)
{
	const char *dots = strstr(text, "..");
	char first[32];

	if (!dots || dots == text || (size_t)(dots - text) >= sizeof first)
		return false;
	memcpy(first, text, (size_t)(dots - text));
	first[dots - text] = 0;
	return !read_magnitude(first, lo) && !read_magnitude(dots + 2, hi) && *lo <= *hi;
}

/* Reads sign and magnitude; a quoted number is text. */
static bool read_integer(const struct ynode *n, bool *negative, u64 *out, struct err_list *errs)
{
	const char *why = "an integer belongs here";

	*negative = false;
	if (n->kind == YNODE_SCALAR && n->style == YSTYLE_PLAIN) {
		*negative = n->text[0] == '-';
		why = read_magnitude(n->text + *negative, out);
	}
	if (why)
		err_add(errs, n->at, "as in 4096, 0x1000 or 4KiB", "%s", why);
	return !why;
}

bool value_read_int(const struct ynode *n, s64 min, s64 max, s64 *out, struct err_list *errs)
{
	bool negative, ok;
	u64 v;

	if (!read_integer(n, &negative, &v, errs))
		return false;
	ok = negative ? v <= (u64)INT64_MAX + 1 : v <= INT64_MAX;
	if (ok)
		*out = negative ? (s64)(0 - v) : (s64)v;
	if (ok && *out >= min && *out <= max)
		return true;
	err_add(errs, n->at, NULL, "%s is not within %lld to %lld", n->text, (long long)min,
		(long long)max);
	return false;
}

bool value_read_u64(const struct ynode *n, u64 max, u64 *out, struct err_list *errs)
{
	bool negative;
	u64 v;

	if (!read_integer(n, &negative, &v, errs))
		return false;
	if ((negative && v) || v > max) {
		err_add(errs, n->at, NULL, "%s is not within 0 to 0x%llx", n->text,
			(unsigned long long)max);
		return false;
	}
	*out = v;
	return true;
}

bool value_read_bool(const struct ynode *n, bool *out, struct err_list *errs)
{
	if (n->kind == YNODE_SCALAR && n->style == YSTYLE_PLAIN) {
		*out = strcmp(n->text, "true") == 0;
		if (*out || strcmp(n->text, "false") == 0)
			return true;
	}
	err_add(errs, n->at, NULL, "true or false belongs here");
	return false;
}

static bool check_word(const struct ynode *n, const char *what, struct err_list *errs)
{
	if (n->kind != YNODE_SCALAR || !n->len) {
		err_add(errs, n->at, NULL, "%s belongs here", what);
		return false;
	}
	if (n->len > LIMIT_NAME) {
		err_add(errs, n->at, NULL, "a name has at most %d characters", LIMIT_NAME);
		return false;
	}
	if (parse_is_yaml_word(n->text)) {
		err_add(errs, n->at, "some YAML readers take it for true, false or nothing",
			"'%s' cannot be a name", n->text);
		return false;
	}
	return true;
}

static bool is_identifier(const char *s)
{
	if (is_digit(*s))
		return false;
	for (; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || is_digit(*s) ||
		      *s == '_'))
			return false;
	return true;
}

bool value_read_name(const struct ynode *n, struct name *out, struct err_list *errs)
{
	if (!check_word(n, "a name", errs))
		return false;
	*out = (struct name){n->text, n->at};
	if (!is_identifier(n->text)) {
		err_add(errs, n->at, "letters, digits and '_', not a digit first",
			"'%s' is not a C identifier", n->text);
		return false;
	}
	if (parse_is_reserved(n->text)) {
		err_add(errs, n->at, NULL, "'%s' is a word of C, not a name", n->text);
		return false;
	}
	return true;
}

bool value_read_slug(const struct ynode *n, struct name *out, struct err_list *errs)
{
	const char *s;

	if (!check_word(n, "a name", errs))
		return false;
	*out = (struct name){n->text, n->at};
	for (s = n->text; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || is_digit(*s) || (*s == '-' && s != n->text)))
			break;
	if (!*s)
		return true;
	err_add(errs, n->at, "lower case letters, digits and '-', as in arm64-soc",
		"'%s' is not a name of this kind", n->text);
	return false;
}

bool value_read_text(const struct ynode *n, bool one_line, const char **out, struct err_list *errs)
{
	if (n->kind != YNODE_SCALAR || ynode_is_empty(n)) {
		err_add(errs, n->at, NULL, "text belongs here");
		return false;
	}
	if (n->len > LIMIT_TEXT) {
		err_add(errs, n->at, NULL, "a text has at most %d bytes", LIMIT_TEXT);
		return false;
	}
	if (one_line && (!n->len || strchr(n->text, '\n'))) {
		err_add(errs, n->at, NULL, "one line of text belongs here");
		return false;
	}
	*out = n->text;
	return true;
}

const char *value_hint_near(struct err_list *errs, const char *word, const char *const *names,
			    const char *other)
{
	const char *near = str_nearest(word, names);

	return near ? arena_printf(&errs->arena, "did you mean \"%s\"?", near) : other;
}
