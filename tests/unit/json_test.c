/* SPDX-License-Identifier: MIT */
/* JSON Lines: each line is JSON with the keys that its type has; numbers stay exact. */
#include <jansson.h>

#include "report/json.h"
#include "unit/report_help.h"

static json_t *lines; /* of the last run; in this file alone */

static void read_lines(const struct str *s)
{
	const char *p = str_get(s), *end;

	lines = json_array();
	for (; *p; p = end + 1) {
		json_error_t e;
		json_t *o;

		end = strchr(p, '\n');
		ck_assert_ptr_nonnull(end);
		o = json_loadb(p, (size_t)(end - p), JSON_REJECT_DUPLICATES, &e);
		ck_assert_msg(o != NULL, "%s: %.*s", e.text, (int)(end - p), p);
		json_array_append_new(lines, o);
	}
}

static void run_lines(const char *text, const char *variant, const char *platform, bool no_oracle)
{
	struct one_run o;
	struct writer w = {0};

	one_run_open(&o, text, variant, platform, no_oracle);
	json_run(&o.run, &w);
	read_lines(&w.s);
	writer_end(&w);
	one_run_close(&o);
}

static json_t *line(size_t i)
{
	return json_array_get(lines, i);
}

static const char *str_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	ck_assert_msg(s != NULL, "no text \"%s\"", key);
	return s;
}

static bool is(json_t *o, const char *type)
{
	return strcmp(str_of(o, "type"), type) == 0;
}

static void has(json_t *o, const char *keys)
{
	char word[32];
	int n;

	while (sscanf(keys, " %31s%n", word, &n) == 1) {
		ck_assert_msg(json_object_get(o, word) != NULL, "a line of type %s has no %s",
			      str_of(o, "type"), word);
		keys += n;
	}
}

START_TEST(test_each_type_has_its_keys)
{
	size_t events = 0, n;

	run_lines(RX_TEXT, "broken", "arm64-soc", false);
	n = json_array_size(lines);
	ck_assert(is(line(0), "run"));
	ck_assert(is(line(n - 1), "result"));
	for (size_t i = 0; i < n; i++) {
		json_t *o = line(i);

		ck_assert_str_eq(str_of(o, "schema"), "dmalab/1");
		if (is(o, "run"))
			has(o, "scenario platform variant schedule");
		else if (is(o, "step"))
			has(o, "step line actor text event");
		else if (is(o, "event"))
			has(o, "event step line class kind party fields text");
		else if (is(o, "finding"))
			has(o, "id severity step line event bytes message cause fix dma_debug also "
			       "count");
		else
			has(o, "verdict outcome expected found events journal");
		if (!is(o, "event"))
			continue;
		events++; /* numbered without a gap */
		ck_assert_int_eq(json_integer_value(json_object_get(o, "event")),
				 (json_int_t)events);
	}
	ck_assert_int_eq(json_integer_value(json_object_get(line(n - 1), "events")),
			 (json_int_t)events);
	ck_assert_str_eq(str_of(line(n - 1), "verdict"), "as-expected");
	ck_assert_uint_eq(strlen(str_of(line(n - 1), "journal")), 16);
	json_decref(lines);
}
END_TEST

START_TEST(test_finding)
{
	json_t *f = NULL, *cause, *bytes, *edits;
	bool missing = false;

	run_lines(RX_TEXT, "broken", "arm64-soc", false);
	for (size_t i = 0; i < json_array_size(lines) && !f; i++)
		f = is(line(i), "finding") ? line(i) : NULL;
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(str_of(f, "id"), "cpu-stale-read");
	ck_assert_str_eq(str_of(f, "severity"), "corruption");
	bytes = json_object_get(f, "bytes");
	ck_assert_str_eq(str_of(bytes, "at"), "buf+00");
	ck_assert_str_eq(str_of(bytes, "got"), "aaaaaaaaaa");
	ck_assert_str_eq(str_of(bytes, "want"), "68656c6c6f");
	ck_assert_str_eq(str_of(json_object_get(f, "fix"), "call"),
			 "dma_sync_single_for_cpu(nic, h, 128, DMA_FROM_DEVICE);");
	edits = json_object_get(json_object_get(f, "fix"), "edits");
	ck_assert_uint_eq(json_array_size(edits), 1);
	ck_assert_str_eq(str_of(json_array_get(edits, 0), "action"), "insert-before");
	ck_assert_str_eq(str_of(json_array_get(edits, 0), "text"),
			 "dma_sync_single_for_cpu(nic, h, 128, DMA_FROM_DEVICE);");
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(edits, 0), "line")),
			 json_integer_value(json_object_get(f, "line")));
	cause = json_object_get(f, "cause");
	ck_assert_uint_ge(json_array_size(cause), 4);
	for (size_t i = 0; i < json_array_size(cause); i++)
		missing |= json_is_true(json_object_get(json_array_get(cause, i), "missing"));
	ck_assert(missing);
	json_decref(lines);
}
END_TEST

/* 64 bits do not fit a number of many readers: they are text, and exact. */
START_TEST(test_numbers_stay_exact)
{
	bool virt = false;

	run_lines(RX_TEXT, "fixed", "x86-64", false);
	for (size_t i = 0; i < json_array_size(lines); i++) {
		json_t *o = line(i), *fields = json_object_get(o, "fields"), *v;
		const char *key;

		if (!is(o, "event"))
			continue;
		json_object_foreach(fields, key, v)
		{
			if (json_is_integer(v))
				ck_assert_int_lt(json_integer_value(v), 1ll << 53);
			if (strcmp(key, "virt") == 0) {
				ck_assert_int_eq(strncmp(json_string_value(v), "0xffff", 6), 0);
				virt = true;
			}
		}
	}
	ck_assert(virt);
	json_decref(lines);
}
END_TEST

START_TEST(test_oracle_off)
{
	json_t *with, *r, *off;
	size_t k = 0;

	run_lines(RX_TEXT, "broken", "x86-64-swiotlb-force", false);
	with = lines;
	run_lines(RX_TEXT, "broken", "x86-64-swiotlb-force", true);
	for (size_t i = 0; i < json_array_size(with); i++) {
		json_t *o = json_array_get(with, i);

		if (!is(o, "event") && !is(o, "step"))
			continue;
		for (off = NULL; !off || !(is(off, "event") || is(off, "step"));)
			off = line(k++);
		ck_assert_msg(json_equal(o, off), "line %zu differs", i);
	}
	r = line(json_array_size(lines) - 1);
	off = json_array_get(with, json_array_size(with) - 1);
	ck_assert_str_eq(str_of(r, "journal"), str_of(off, "journal"));
	ck_assert(json_is_null(json_object_get(r, "verdict")));
	ck_assert(json_is_null(json_object_get(r, "found")));
	json_decref(lines);
	json_decref(with);
}
END_TEST

START_TEST(test_result_is_the_last_line)
{
	struct one_run o;
	struct writer w = {0};
	struct str r = {0};

	one_run_open(&o, RX_TEXT, "broken", "arm64-soc", false);
	json_run(&o.run, &w);
	json_result(&o.run, &r);
	ck_assert_uint_gt(w.s.n, r.n);
	ck_assert_str_eq(w.s.s + w.s.n - r.n, str_get(&r));
	str_free(&r);
	writer_end(&w);
	one_run_close(&o);
}
END_TEST

/* Text of the file with controls reaches JSON as text. */
START_TEST(test_hostile_text)
{
	static const char text[] = "schema: 1\nid: t\ntitle: \"a\\e[2J \\\"b\\\" \\u202e\"\n"
				   "platforms: [x86-64]\ndevices:\n  nic: {address_bits: 32}\n"
				   "driver:\n  - buf = kmalloc(8, GFP_KERNEL)\n";

	run_lines(text, NULL, NULL, false);
	ck_assert_str_eq(str_of(line(0), "title"), "a\\x1b[2J \"b\" \\xe2\\x80\\xae");
	ck_assert(json_is_null(json_object_get(line(0), "variant")));
	json_decref(lines);
}
END_TEST

static Suite *json_suite(void)
{
	Suite *s = suite_create("json");
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_each_type_has_its_keys);
	tcase_add_test(t, test_finding);
	tcase_add_test(t, test_numbers_stay_exact);
	tcase_add_test(t, test_oracle_off);
	tcase_add_test(t, test_result_is_the_last_line);
	tcase_add_test(t, test_hostile_text);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(json_suite)
