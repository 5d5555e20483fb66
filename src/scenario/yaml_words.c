/* SPDX-License-Identifier: MIT */
/* What the bytes of a file must be, and libyaml's complaints in our words. */
#include "scenario/yaml_words.h"

#include <string.h>

#include "base/str.h"

/* ---- what the bytes must be ---------------------------------------------------------------- */

static const char *refuse_char(size_t k, u32 cp, bool crlf)
{
	if (!k)
		return "this byte is not UTF-8";
	if (!cp)
		return "a NUL byte: this is not a text file";
	if (cp == '\t' || cp == '\n' || crlf)
		return NULL;
	if (cp == '\r' || cp == 0x85 || cp == 0x2028 || cp == 0x2029)
		return "a line end that other programs do not see as one";
	if (cp < 0x20 || (cp >= 0x7f && cp <= 0x9f))
		return "a control character";
	if (cp == 0xfeff || cp == 0xfffe || cp == 0xffff)
		return "a character that no text holds";
	return NULL;
}

bool yaml_check_bytes(const char *s, size_t n, struct err_list *errs)
{
	struct pos at = {1, 1, 1};
	size_t i = 0, k;
	u32 cp = 0;

	while (i < n) {
		const char *why;

		k = str_utf8_next(s + i, n - i, &cp);
		why = refuse_char(k, cp, cp == '\r' && i + 1 < n && s[i + 1] == '\n');
		if (why) {
			err_add(errs, at, "write it as an escape in a string, as \\x1b",
				"%s (0x%02x)", why, k ? cp : (unsigned)(u8)s[i]);
			return false;
		}
		at.col++;
		if (cp == '\n') {
			at.line++;
			at.col = 1;
		}
		i += k;
	}
	return true;
}

/* ---- libyaml's complaints ------------------------------------------------------------------ */

static const struct yaml_complaint complaints[] = {
    {"mapping values are not allowed", false, "YAML sees a second ': ' here",
     "put the whole statement in single quotes, or its body on a line of its own"},
    {"found unexpected end of stream", true, "a quoted text that begins here never ends",
     "close the quotes"},
    {"found unexpected document indicator", true, "a quoted text that begins here never ends",
     "close the quotes"},
    {"did not find expected ',' or ']'", true, "a '[' that begins here is not closed as expected",
     "entries are separated by ', ' and the list ends with ']'"},
    {"did not find expected ',' or '}'", true, "a '{' that begins here is not closed as expected",
     "entries are separated by ', ' and the map ends with '}'"},
    {"did not find expected key", false, "YAML expects a key of the map above here",
     "look at the indentation, and quote a whole text, not a part of it"},
    {"did not find expected '-' indicator", false, "YAML expects the next '- ' here",
     "look at the indentation, and quote a whole text, not a part of it"},
    {"could not find expected ':'", true, "this is neither a key nor a step",
     "a key ends with ':', a step begins with '- '"},
    {"did not find expected digit or", false, "nothing may follow | or > on this line", NULL},
    {"did not find expected comment or line break", false, "nothing may follow | or > on this line",
     NULL},
    {"block sequence entries are not allowed", false, "a '- ' cannot begin here",
     "begin the list on a line of its own"},
    {"mapping keys are not allowed", false, "a '? ' cannot begin here", NULL},
    {"block collections are not allowed", false, "a block cannot begin here", NULL},
    {"found unknown escape character", false, "YAML's double quotes know no such escape",
     "put the whole text in single quotes"},
    {"did not find expected hexdecimal number", false,
     "hexadecimal digits are missing after this escape", NULL},
    {"did not find expected alphabetic or numeric", true,
     "a statement cannot begin with '*' or '&': YAML takes that for an alias",
     "memory is written as p[0] = ..., an address stands inside a statement"},
    {"did not find expected <document start>", false, "only comments may follow here",
     "a file holds one document: one map of keys"},
    {"exceeded maximum", false, "nested too deeply", NULL},
};

const struct yaml_complaint *yaml_find_complaint(const char *sentence)
{
	u32 i;

	for (i = 0; i < ARRAY_LEN(complaints); i++)
		if (strstr(sentence, complaints[i].problem))
			return &complaints[i];
	return NULL;
}
