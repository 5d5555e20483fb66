/* SPDX-License-Identifier: MIT */
/* scenario/yaml: the tree, the way back to the file, and what is refused. */
#include <string.h>

#include "scenario/limits.h"
#include "scenario/yaml.h"
#include "scenario_help.h"
#include "unit.h"

static struct arena arena;
static struct err_list errs;
static struct str brief;
static struct srcmap map;

static void setup(void)
{
	arena = (struct arena){0};
	errs = (struct err_list){.file = "t"};
	brief = (struct str){0};
	memset(&map, 0, sizeof map);
}

static void teardown(void)
{
	vec_free(&map);
	str_free(&brief);
	err_free(&errs);
	arena_free(&arena);
}

static struct ynode *parse(const char *text)
{
	err_free(&errs);
	return ynode_parse(&arena, text, strlen(text), &errs);
}

static void expect_error(const char *text, const char *want)
{
	parse(text);
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief), want);
}

START_TEST(builds_the_tree)
{
	const char *text = "a: [1, 'two', {b: c}]\nempty:\nlist:\n  - x\n  - - y\n";
	struct ynode *n = parse(text), *a, *list;

	ck_assert_ptr_nonnull(n);
	ck_assert_uint_eq(errs.n, 0);
	ck_assert_int_eq(n->kind, YNODE_MAP);
	ck_assert_uint_eq(n->n, 3);
	ck_assert_str_eq(n->pair[1].key->text, "empty");
	ck_assert(ynode_is_empty(n->pair[1].value));
	a = ynode_get(n, "a");
	ck_assert_uint_eq(a->n, 3);
	ck_assert_str_eq(a->item[1]->text, "two");
	ck_assert_int_eq(a->item[1]->style, YSTYLE_SINGLE);
	ck_assert_uint_eq(a->item[1]->at.col, 8);
	ck_assert_uint_eq(a->item[1]->at.len, 5);
	ck_assert_str_eq(ynode_get(a->item[2], "b")->text, "c");
	list = ynode_get(n, "list");
	ck_assert_uint_eq(list->n, 2);
	ck_assert_uint_eq(list->item[0]->at.line, 4);
	ck_assert_int_eq(list->item[1]->kind, YNODE_SEQ);
	ck_assert_ptr_null(ynode_get(n, "none"));
}
END_TEST

/* Where every character of the scalar below `k` stands, as "line:col" for each that is no space. */
static void expect_map(const char *text, const char *decoded, const char *want)
{
	struct ynode *root = parse(text), *n;
	struct str got = {0};
	u32 i;

	ck_assert_ptr_nonnull(root);
	n = ynode_get(root, "k");
	ck_assert_str_eq(n->text, decoded);
	ynode_map(text, n, &map);
	ck_assert_uint_eq(map.n, n->len + 1);
	for (i = 0; i < n->len; i++)
		if (!strchr(" \n\t", n->text[i]) && ((u8)n->text[i] & 0xc0) != 0x80)
			str_printf(&got, "%s%u:%u", got.n ? " " : "", map.v[i].line, map.v[i].col);
	ck_assert_str_eq(str_get(&got), want);
	str_free(&got);
}

START_TEST(maps_back_to_the_file)
{
	expect_map("k: ab c\n", "ab c", "1:4 1:5 1:7");
	expect_map("k:   'a''b'  # c\n", "a'b", "1:7 1:8 1:10");
	expect_map("k: \"a\\\"b\\x41\\u00e4c\"\n",
		   "a\"b"
		   "A\xc3\xa4"
		   "c",
		   "1:5 1:6 1:8 1:9 1:13 1:19");
	expect_map("k: \xc3\xa4"
		   "b\n",
		   "\xc3\xa4"
		   "b",
		   "1:4 1:5");
	expect_map("k: a\n  b\n\n  c\n", "a b\nc", "1:4 2:3 4:3");
	expect_map("k: |\n  ab\n    c\n\n  d\n", "ab\n  c\n\nd\n", "2:3 2:4 3:5 5:3");
	expect_map("k: >-\n  ab\n  c\n\n  d\n", "ab c\nd", "2:3 2:4 3:3 5:3");
	expect_map("k: 'a\n  b'\n", "a b", "1:5 2:3");
	expect_map("k: \"a\\\n   b\\nc\"\n", "ab\nc", "1:5 2:4 2:7");
	expect_map("k: |\r\n  ab\r\n  c\r\n", "ab\nc\n", "2:3 2:4 3:3");
}
END_TEST

START_TEST(gives_positions_of_parts)
{
	const char *text = "k: 'x''y = z'\n";
	struct ynode *n = ynode_get(parse(text), "k");
	struct pos p;

	ynode_map(text, n, &map);
	p = srcmap_pos(&map, 2, 3);
	ck_assert_uint_eq(p.col, 8);
	ck_assert_uint_eq(p.len, 1);
	p = srcmap_pos(&map, 0, 3);
	ck_assert_uint_eq(p.col, 5);
	ck_assert_uint_eq(p.len, 4);
	p = srcmap_pos(&map, n->len, n->len);
	ck_assert_uint_eq(p.col, 13);
	ck_assert_uint_eq(p.len, 1);
	text = "k: ab\n  cd\n";
	n = ynode_get(parse(text), "k");
	ynode_map(text, n, &map);
	p = srcmap_pos(&map, 1, 5);
	ck_assert_uint_eq(p.line, 1);
	ck_assert_uint_eq(p.len, UINT32_MAX);
}
END_TEST

START_TEST(refuses_what_is_no_text)
{
	ck_assert_ptr_null(ynode_parse(&arena, "a: \0b", 5, &errs));
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief), "1:4+1 a NUL byte: this is not a text file (0x00) = "
					  "write it as an escape in a string, as \\x1b");
	expect_error("a: b\nc: \xff\n", "2:4+1 this byte is not UTF-8 (0xff) = "
					"write it as an escape in a string, as \\x1b");
	expect_error("\xc3\xa4: \x1b[1m\n", "1:4+1 a control character (0x1b) = "
					    "write it as an escape in a string, as \\x1b");
	expect_error("a: b\rc\n", "1:5+1 a line end that other programs do not see as one (0x0d) = "
				  "write it as an escape in a string, as \\x1b");
	expect_error("a: \xe2\x80\xa8\n",
		     "1:4+1 a line end that other programs do not see as one (0x2028) = "
		     "write it as an escape in a string, as \\x1b");
	expect_error("\xff\xfe"
		     "a",
		     "1:1+1 this byte is not UTF-8 (0xff) = "
		     "write it as an escape in a string, as \\x1b");
	expect_error("a: \xef\xbb\xbf\n", "1:4+1 a character that no text holds (0xfeff) = "
					  "write it as an escape in a string, as \\x1b");
	expect_error("a: \"x\\0y\"\n", "1:4+6 a NUL in a YAML text = "
				       "in a statement a string may hold \\0: use single quotes");
	expect_error("", "0:0+0 the file is empty");
	expect_error("# nothing\n", "0:0+0 the file is empty");
}
END_TEST

START_TEST(refuses_the_rest_of_yaml)
{
	expect_error("a: &x 1\n",
		     "1:4+2 '&x' is a YAML anchor, and anchors are refused = "
		     "write the value where it is needed; a statement cannot begin with '&'");
	expect_error("a: *x\n",
		     "1:4+2 '*x' is a YAML alias, and aliases are refused = for memory write x[0]");
	expect_error("- *p = 1\n",
		     "1:3+2 '*p' is a YAML alias, and aliases are refused = for memory write p[0]");
	expect_error("a: !!str x\n",
		     "1:4+1 'tag:yaml.org,2002:str' is a YAML tag, and tags are refused = "
		     "a statement cannot begin with '!'; a text that does needs quotes");
	expect_error("- !ready\n",
		     "1:3+1 '!ready' is a YAML tag, and tags are refused = "
		     "a statement cannot begin with '!'; a text that does needs quotes");
	expect_error("a: &l [1]\nb: &m {c: 1}\n",
		     "1:4+2 '&l' is a YAML anchor, and anchors are refused = "
		     "write the value where it is needed; a statement cannot begin with '&' / "
		     "2:4+2 '&m' is a YAML anchor, and anchors are refused = "
		     "write the value where it is needed; a statement cannot begin with '&'");
	expect_error("<<: {a: 1}\n", "1:1+2 merge keys are not read = write the keys here");
	expect_error("%TAG ! tag:x,2000:\n---\na: 1\n", "1:1+1 tag directives are refused");
	expect_error("a: 1\n---\nb: 2\n", "2:1+1 a second YAML document begins here = "
					  "a file holds one scenario");
	expect_error("[a]: 1\n", "1:1+1 a key is text, not a list or a map = "
				 "put the key in quotes if it is text");
	expect_error("? \n: 1\n", "1:2+1 a key is missing before ':'");
	expect_error("a: 1\nb: 2\na: 3\n", "3:1+1 the key 'a' is here twice = "
					   "the first is on line 1");
}
END_TEST

START_TEST(says_what_is_wrong_with_yaml)
{
	expect_error("a: b: c\n", "1:5+1 YAML sees a second ': ' here = put the whole text in "
				  "double quotes");
	expect_error("a:\n  - b: c: d\n", "2:9+1 YAML sees a second ': ' here = put the whole "
					  "statement in single quotes, or its body on a line of "
					  "its own");
	/* the mistake stands lines above */
	expect_error("a:\n  - for (i = 0; i < 4; i++)\n      - f(i)\n      # g\n\n"
		     "      - if (i): g(i)\n",
		     "2:5+23 this header has no ':' = end it with ':'; its steps stand below, or "
		     "one behind it");
	expect_error("a:\n  - b\n      - if (c): d\n",
		     "3:15+1 YAML sees a second ': ' here = put the whole statement in single "
		     "quotes, or its body on a line of its own");
	expect_error("a:\n  - if (b):\n      - c\n     - d\n",
		     "4:6+1 this '- ' is in column 6, where no list has its steps = begin it in "
		     "column 7 or 3, as the steps above do");
	expect_error("a:\n\t- b\n", "2:1+1 YAML is not indented with tabs = indent with spaces");
	expect_error("a: @b\n", "1:4+1 a YAML text cannot begin with this character = "
				"put the whole text in quotes");
	expect_error("a: 'b\n",
		     "1:4+1 a quoted text that begins here never ends = close the quotes");
	expect_error("a: [b, c\nd: 1\n",
		     "1:4+1 a '[' that begins here is not closed as expected = "
		     "entries are separated by ', ' and the list ends with ']'");
	expect_error("a: {b: c\n", "1:4+1 a '{' that begins here is not closed as expected = "
				   "entries are separated by ', ' and the map ends with '}'");
	expect_error("a: \"\\q\"\n", "1:5+1 YAML's double quotes know no such escape = "
				     "put the whole text in single quotes");
	expect_error("a: 1\n  b: 2\n",
		     "2:4+1 YAML sees a second ': ' here = put the whole statement "
		     "in single quotes, or its body on a line of its own");
	expect_error("a: 1\nfoo\nb: 2\n", "2:1+1 this is neither a key nor a step = "
					  "a key ends with ':', a step begins with '- '");
	expect_error("a: 'b' c\n",
		     "1:8+1 YAML expects a key of the map above here = "
		     "look at the indentation, and quote a whole text, not a part of it");
	expect_error("- 'b' c\n",
		     "1:7+1 YAML expects the next '- ' here = "
		     "look at the indentation, and quote a whole text, not a part of it");
}
END_TEST

static struct ynode *parse_str(const struct str *s)
{
	err_free(&errs);
	return ynode_parse(&arena, s->s, s->n, &errs);
}

START_TEST(keeps_its_limits)
{
	struct str s = {0};
	u32 i;

	for (i = 0; i < LIMIT_YAML_DEPTH; i++)
		str_add(&s, "[");
	for (i = 0; i < LIMIT_YAML_DEPTH; i++)
		str_add(&s, "]");
	ck_assert_ptr_nonnull(parse_str(&s));
	str_clear(&s);
	for (i = 0; i < 100000; i++)
		str_add(&s, "[");
	ck_assert_ptr_null(parse_str(&s));
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief), "1:33+1 lists and maps are nested more than 32 deep = "
					  "make a function of the inner steps");

	str_clear(&s);
	for (i = 0; i < LIMIT_YAML_NODES + 10; i++)
		str_add(&s, "- a\n");
	ck_assert_ptr_null(parse_str(&s));
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief), "131072:3+1 more than 131072 values in one file");

	str_clear(&s);
	for (i = 0; i < LIMIT_YAML_KEYS; i++)
		str_printf(&s, "k%u: 1\n", i);
	ck_assert_ptr_nonnull(parse_str(&s));
	str_add(&s, "one: more\n");
	ck_assert_ptr_null(parse_str(&s));
	err_brief(&errs, &brief);
	ck_assert_str_eq(str_get(&brief), "513:1+3 more than 512 keys in one map");
	str_free(&s);
}
END_TEST

static Suite *yaml_suite(void)
{
	Suite *s = suite_create("yaml");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, builds_the_tree);
	tcase_add_test(t, maps_back_to_the_file);
	tcase_add_test(t, gives_positions_of_parts);
	tcase_add_test(t, refuses_what_is_no_text);
	tcase_add_test(t, refuses_the_rest_of_yaml);
	tcase_add_test(t, says_what_is_wrong_with_yaml);
	tcase_add_test(t, keeps_its_limits);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(yaml_suite)
