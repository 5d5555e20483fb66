/* SPDX-License-Identifier: MIT */
/*
 * JUnit's XML. Names and texts come from files and from the command line, so they may hold
 * anything: what XML 1.0 has no way to write (controls, surrogates, U+FFFE and U+FFFF, bytes that
 * are no UTF-8) stands there as \xNN.
 */
#include <string.h>

#include "report/cases.h"

static void escaped_bytes(const char *s, size_t n, struct str *out)
{
	for (size_t i = 0; i < n; i++)
		str_printf(out, "\\x%02x", (unsigned)(u8)s[i]);
}

/* In an attribute a newline would become a blank, so there it is no newline. */
static void xml(const char *s, bool attribute, struct str *out)
{
	size_t left = strlen(s), k;
	u32 cp;

	for (; left; s += k, left -= k) {
		k = str_utf8_next(s, left, &cp);
		if (!k)
			escaped_bytes(s, k = 1, out);
		else if (cp == '\n' && !attribute)
			str_add(out, "\n");
		else if (str_is_control(cp) || cp == 0xfffe || cp == 0xffff)
			escaped_bytes(s, k, out);
		else if (cp == '&')
			str_add(out, "&amp;");
		else if (cp == '<')
			str_add(out, "&lt;");
		else if (cp == '>')
			str_add(out, "&gt;");
		else if (cp == '"')
			str_add(out, "&quot;");
		else
			str_addn(out, s, k);
	}
}

static void attribute(const char *name, const char *value, struct str *out)
{
	str_printf(out, " %s=\"", name);
	xml(value, true, out);
	str_add(out, "\"");
}

static void counts(const u32 *n, struct str *out)
{
	str_printf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"0\">\n",
		   n[CASE_PASSED] + n[CASE_FAILED] + n[CASE_ERROR], n[CASE_FAILED], n[CASE_ERROR]);
}

/* The file without ".yaml": readers cut a class at its dots. */
static void class_name(const char *file, struct str *out)
{
	size_t n = strlen(file);

	str_addn(out, file, n > 5 && strcmp(file + n - 5, ".yaml") == 0 ? n - 5 : n);
}

static void one_case(const struct test_case *c, struct str *out)
{
	const char *tag = c->status == CASE_FAILED ? "failure" : "error";
	struct str class = {0};

	class_name(c->group, &class);
	str_add(out, "    <testcase");
	attribute("classname", str_get(&class), out);
	attribute("name", c->name, out);
	attribute("file", c->group, out);
	str_free(&class);
	if (c->status == CASE_PASSED) {
		str_add(out, "/>\n");
		return;
	}
	str_printf(out, ">\n      <%s", tag);
	attribute("type", c->type, out);
	attribute("message", c->message, out);
	str_add(out, ">");
	xml(c->text, false, out);
	str_printf(out, "</%s>\n    </testcase>\n", tag);
}

void junit_write(const struct cases *c, const char *name, struct str *out)
{
	str_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	attribute("name", name, out);
	counts(c->count, out);
	for (u32 i = 0, end; i < c->n; i = end) {
		u32 n[CASE_STATUSES] = {0};

		for (end = i; end < c->n && strcmp(c->v[end].group, c->v[i].group) == 0; end++)
			n[c->v[end].status]++;
		str_add(out, "  <testsuite");
		attribute("name", c->v[i].suite, out);
		counts(n, out);
		for (u32 k = i; k < end; k++)
			one_case(&c->v[k], out);
		str_add(out, "  </testsuite>\n");
	}
	str_add(out, "</testsuites>\n");
}
