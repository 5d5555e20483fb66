/* SPDX-License-Identifier: MIT */
/*
 * Statement text to YAML and back: what parses is printed, quoted, read and parsed again to the
 * same tree. The first byte of an input says what the rest is: 's' a statement, 'e' an expression,
 * 'h' a header of control flow, 'f' a signature.
 */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "unit/print_check.h"

/* The texts that a file can hold: what YAML gives for the bytes in single quotes. */
static bool read_scalar(const uint8_t *data, size_t size, struct str *out)
{
	struct err_list errs = {.file = "fuzz"};
	struct arena arena = {0};
	struct str doc = {0};
	const struct ynode *root;
	bool ok;
	size_t i;

	str_add(&doc, "- '");
	for (i = 0; i < size; i++)
		str_addn(&doc, data[i] == '\'' ? "''" : (const char *)&data[i],
			 data[i] == '\'' ? 2 : 1);
	str_add(&doc, "'\n");
	root = ynode_parse(&arena, str_get(&doc), doc.n, &errs);
	ok = root && !errs.n && root->kind == YNODE_SEQ && root->n == 1;
	if (ok)
		str_add(out, root->item[0]->text);
	str_free(&doc);
	err_free(&errs);
	arena_free(&arena);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char kinds[] = {'s', 'e', 'h', 'f'};
	struct str text = {0};
	u32 kind;

	bug_at_exit(abort); /* not a plain exit: so that the input is kept */
	for (kind = 0; size && kind < PRINT_KINDS; kind++)
		if (data[0] == kinds[kind] && size <= 1001 &&
		    read_scalar(data + 1, size - 1, &text))
			print_check((enum print_kind)kind, str_get(&text), text.n, NULL);
	str_free(&text);
	return 0;
}
