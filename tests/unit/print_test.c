/* SPDX-License-Identifier: MIT */
/* Trees back to text, through YAML: each kind by a table, and every statement of every file here.
 */
#include <glob.h>

#include "print_check.h"
#include "scenario/doc.h"
#include "unit.h"

static const struct {
	enum print_kind kind;
	const char *text, *canonical; /* NULL: the text itself */
} texts[] = {
    {PRINT_STMT, "int x", NULL},
    {PRINT_STMT, "const   struct desc*d=( p )", "const struct desc *d = p"},
    {PRINT_STMT, "void **a[(N+1)]", "void **a[N + 1]"},
    {PRINT_STMT, "u8 *p = (u8 *)q + (1)", "u8 *p = (u8 *)q + 1"},
    {PRINT_STMT, "x = ((a)+(b))", "x = a + b"},
    {PRINT_STMT, "x = a - (b - c)", NULL},
    {PRINT_STMT, "x = (a - b) - c", "x = a - b - c"},
    {PRINT_STMT, "x = a * (b + c) % d", NULL},
    {PRINT_STMT, "x = (a * b) + (c / d)", "x = a * b + c / d"},
    {PRINT_STMT, "x = a << (b + 1)", "x = a << b + 1"},
    {PRINT_STMT, "x = (a & b) == c", NULL},
    {PRINT_STMT, "x = a & (b == c)", NULL},
    {PRINT_STMT, "x = (a | b) & c", NULL},
    {PRINT_STMT, "x = (a | b) | c", "x = a | b | c"},
    {PRINT_STMT, "x = a | (b | c)", NULL},
    {PRINT_STMT, "x = (a == b) != c", NULL},
    {PRINT_STMT, "x = (a < b) < c", NULL},
    {PRINT_STMT, "x = (a < b) == (c > d)", "x = a < b == c > d"},
    {PRINT_STMT, "x = a && (b || c)", NULL},
    {PRINT_STMT, "x = (a && b) || c", "x = a && b || c"},
    {PRINT_STMT, "x = - -1", NULL},
    {PRINT_STMT, "x = -(-(1))", "x = - -1"},
    {PRINT_STMT, "x = ~(!(y))", "x = ~!y"},
    {PRINT_STMT, "x = -(a + b)", NULL},
    {PRINT_STMT, "x = (u32)(a + b)", NULL},
    {PRINT_STMT, "x = (u32)(-a)", "x = (u32)-a"},
    {PRINT_STMT, "x = ((struct t *)p)->f", NULL},
    {PRINT_STMT, "x = (p + 1)[0]", NULL},
    {PRINT_STMT, "x = (p[0])", "x = p[0]"},
    {PRINT_STMT, "x = sizeof(struct desc *)", NULL},
    {PRINT_STMT, "x = sizeof( * d )", "x = sizeof(*d)"},
    {PRINT_STMT, "x=sizeof(y)", "x = sizeof(y)"},
    {PRINT_STMT, "ring[i+1].len|=cpu_to_le32(0x10)", "ring[i + 1].len |= cpu_to_le32(0x10)"},
    {PRINT_STMT, "d->x[2].y++", NULL},
    {PRINT_STMT, "x--", NULL},
    {PRINT_STMT, "f()", NULL},
    {PRINT_STMT, "f((a), (b + c))", "f(a, b + c)"},
    {PRINT_STMT, "dma_alloc_coherent(nic, 4096, &h, GFP_KERNEL)", NULL},
    {PRINT_STMT, "dev_err(nic, \"a: b # c 'd' \\\"e\\\"\\n\\t\\\\\")", NULL},
    {PRINT_STMT, "x = \"\\x00\\x01\\x66g\"", "x = \"\\0\\x01\\x66g\""},
    {PRINT_STMT, "x = \"h\xc3\xa9\xe2\x82\xac\"", NULL},
    {PRINT_STMT, "return", NULL},
    {PRINT_STMT, "return (-ENOMEM)", "return -ENOMEM"},
    {PRINT_STMT, "goto out", NULL},
    {PRINT_STMT, "break", NULL},
    {PRINT_STMT, "continue", NULL},
    {PRINT_EXPR, "(x == \"hello\")", "x == \"hello\""},
    {PRINT_EXPR, "\"only: text\"", NULL},
    {PRINT_EXPR, "!x", NULL},
    {PRINT_EXPR, "-1", NULL},
    {PRINT_EXPR, "&d[0]", NULL},
    {PRINT_HEADER, "if((a))", "if (a)"},
    {PRINT_HEADER, "else if (a == 1)", "if (a == 1)"},
    {PRINT_HEADER, "while(i<N)", "while (i < N)"},
    {PRINT_HEADER, "for(;;)", "for (;;)"},
    {PRINT_HEADER, "for (i = 0; i < (4); i++)", "for (i = 0; i < 4; i++)"},
    {PRINT_HEADER, "for (u32 i = 0;; i += 2)", NULL},
    {PRINT_HEADER, "for (; x;)", NULL},
    {PRINT_HEADER, "for_each_sg(sg, s, (n), i)", "for_each_sg(sg, s, n, i)"},
    {PRINT_SIGNATURE, "done()", NULL},
    {PRINT_SIGNATURE, "add(int a,const u8*p)", "add(int a, const u8 *p)"},
};

START_TEST(table_is_canonical)
{
	const char *want = texts[_i].canonical ? texts[_i].canonical : texts[_i].text;
	struct str got = {0};

	ck_assert_msg(print_check(texts[_i].kind, texts[_i].text, strlen(texts[_i].text), &got),
		      "%s does not parse", texts[_i].text);
	ck_assert_str_eq(str_get(&got), want);
	str_free(&got);
}
END_TEST

/* ---- files --------------------------------------------------------------------------------- */

static u32 checked;

static void check_list(const struct stmt_list *list);

static void check_text(enum print_kind kind, const struct str *text)
{
	ck_assert_msg(print_check(kind, str_get(text), text->n, NULL), "%s", str_get(text));
	checked++;
}

static void check_expr(const struct expr *e)
{
	struct str text = {0};

	if (!e)
		return;
	ast_print_expr(e, &text);
	check_text(PRINT_EXPR, &text);
	str_free(&text);
}

static void check_header(const struct stmt *s)
{
	struct str text = {0};

	ast_print_stmt(s, &text);
	check_text(PRINT_HEADER, &text);
	str_free(&text);
}

static void check_stmt(const struct stmt *s)
{
	struct stmt one = {.kind = STMT_IF, .arms = 1};
	struct str text = {0};
	u32 i;

	if (s->kind >= STMT_DECLARE && s->kind <= STMT_CONTINUE) {
		ast_print_stmt(s, &text);
		check_text(PRINT_STMT, &text);
	}
	for (i = 0; s->kind == STMT_IF && i < s->arms; i++) {
		one.arm = &s->arm[i];
		if (s->arm[i].cond)
			check_header(&one);
		check_list(&s->arm[i].body);
	}
	if (s->kind >= STMT_WHILE && s->kind <= STMT_FOR_EACH)
		check_header(s);
	if (s->kind >= STMT_WHILE && s->kind <= STMT_ACTOR)
		check_list(&s->body);
	for (i = 0; s->kind == STMT_PREDICT && i < s->choices; i++)
		check_expr(s->choice[i].cond);
	if (s->kind == STMT_PREDICT)
		check_expr(s->answer);
	str_free(&text);
}

static void check_list(const struct stmt_list *list)
{
	u32 i;

	for (i = 0; i < list->n; i++)
		check_stmt(list->v[i]);
}

static void check_file(const char *path)
{
	struct err_list errs = {.file = path};
	struct scenario_doc *doc = doc_load(path, &errs);
	struct str text = {0};
	u32 i;

	ck_assert_msg(doc && !errs.n, "%s", path);
	check_list(&doc->driver);
	check_list(&doc->remove);
	for (i = 0; i < doc->functions; i++) {
		str_clear(&text);
		ast_print_signature(&doc->function[i], &text);
		check_text(PRINT_SIGNATURE, &text);
		check_list(&doc->function[i].body);
	}
	for (i = 0; i < doc->devices; i++)
		check_list(&doc->device[i].program);
	str_free(&text);
	err_free(&errs);
	doc_free(doc);
}

/* Tests run from the root of the project. */
START_TEST(statements_of_files_come_back)
{
	static const char *const patterns[] = {
	    "scenarios/lessons/*.yaml", "scenarios/diagnoses/*.yaml", "tests/scenarios/*.yaml",
	    "tests/spin/*.yaml", "tests/data/drafts/*.yaml"};
	glob_t files;
	size_t i;

	checked = 0;
	ck_assert_int_eq(glob(patterns[_i], 0, NULL, &files), 0);
	for (i = 0; i < files.gl_pathc; i++)
		check_file(files.gl_pathv[i]);
	globfree(&files);
	ck_assert_uint_gt(checked, 10);
}
END_TEST

static Suite *print_suite(void)
{
	Suite *suite = suite_create("print");
	TCase *tc = tcase_create("print");

	tcase_add_loop_test(tc, table_is_canonical, 0, ARRAY_LEN(texts));
	tcase_add_loop_test(tc, statements_of_files_come_back, 0, 4);
	suite_add_tcase(suite, tc);
	return suite;
}
UNIT_MAIN(print_suite)
