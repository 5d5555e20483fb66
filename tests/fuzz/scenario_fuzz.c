/* SPDX-License-Identifier: MIT */
/*
 * The reader of scenario files on any bytes: it must end, keep to its limits, report in the form of
 * the screens, and print statements that read back as they were printed.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "base/bug.h"
#include "scenario/doc.h"
#include "scenario/parse.h"

static void check_list(const struct stmt_list *list, u32 depth);

/* Printed text as a source of its own; positions do not matter here. */
static struct stmt *parse_again(struct arena *a, const struct str *text, struct err_list *errs)
{
	struct srcmap map = {0};
	struct source src;
	struct stmt *s;
	size_t i;

	for (i = 0; i <= text->n; i++)
		vec_push(&map, (struct src_place){1, (u32)i + 1});
	src = (struct source){a, errs, text->s, (u32)text->n, &map};
	s = parse_statement(&src);
	vec_free(&map);
	return s;
}

static void check_text(const struct stmt *s)
{
	struct err_list errs = {.file = "printed"};
	struct str once = {0}, twice = {0};
	struct arena arena = {0};
	struct stmt *again;

	ast_print_stmt(s, &once);
	again = parse_again(&arena, &once, &errs);
	BUG_ON(!again);
	ast_print_stmt(again, &twice);
	BUG_ON(strcmp(str_get(&once), str_get(&twice)) != 0);
	str_free(&once);
	str_free(&twice);
	err_free(&errs);
	arena_free(&arena);
}

static void check_stmt(const struct stmt *s, u32 depth)
{
	struct str text = {0};
	u32 i;

	BUG_ON(depth > 20);
	ast_print_stmt(s, &text);
	str_free(&text);
	if (s->kind >= STMT_DECLARE && s->kind <= STMT_CONTINUE)
		check_text(s);
	for (i = 0; s->kind == STMT_IF && i < s->arms; i++)
		check_list(&s->arm[i].body, depth + 1);
	if (s->kind >= STMT_WHILE && s->kind <= STMT_ACTOR)
		check_list(&s->body, depth + 1);
}

static void check_list(const struct stmt_list *list, u32 depth)
{
	u32 i;

	for (i = 0; i < list->n; i++)
		check_stmt(list->v[i], depth);
}

static void check_errors(const struct err_list *errs)
{
	struct str out = {0};
	size_t i;

	err_print(errs, 80, &out);
	for (i = 0; i < out.n; i++)
		BUG_ON((u8)out.s[i] < 0x20 && out.s[i] != '\n');
	str_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err_list errs = {.file = "fuzz"};
	struct scenario_doc *doc = doc_parse((const char *)data, size, &errs);
	u32 i;

	check_errors(&errs);
	check_list(&doc->driver, 0);
	check_list(&doc->remove, 0);
	for (i = 0; i < doc->functions; i++)
		check_list(&doc->function[i].body, 0);
	for (i = 0; i < doc->devices; i++)
		check_list(&doc->device[i].program, 0);
	err_free(&errs);
	doc_free(doc);
	return 0;
}
