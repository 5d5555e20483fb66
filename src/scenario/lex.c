/* SPDX-License-Identifier: MIT */
/*
 * The tokens of C that the statement language knows, and those of C that people try, so that they
 * can be refused by name. A string that C would read differently from this reader is refused.
 */
#define _GNU_SOURCE
#include "scenario/lex.h"

#include <string.h>

#include "base/str.h"
#include "scenario/limits.h"

struct lexer {
	struct arena *arena;
	struct err_list *errs;
	const char *text;
	u32 n, at;
	const struct srcmap *map;
	bool comments, failed, new_line;
	struct lexed *out;
	struct str bytes; /* of the string that is being read */
};

/* Longer ones first. */
static const struct {
	const char text[4];
	enum tok kind;
} operators[] = {
    {"<<=", TOK_SHL_SET}, {">>=", TOK_SHR_SET}, {"->", TOK_ARROW},   {"++", TOK_INC},
    {"--", TOK_DEC},	  {"<<", TOK_SHL},	{">>", TOK_SHR},     {"<=", TOK_LE},
    {">=", TOK_GE},	  {"==", TOK_EQ},	{"!=", TOK_NE},	     {"&&", TOK_ANDAND},
    {"||", TOK_OROR},	  {"+=", TOK_ADD_SET},	{"-=", TOK_SUB_SET}, {"|=", TOK_OR_SET},
    {"&=", TOK_AND_SET},  {"^=", TOK_XOR_SET},	{"*=", TOK_MUL_SET}, {"/=", TOK_DIV_SET},
    {"%=", TOK_MOD_SET},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char peek(const struct lexer *l, u32 ahead)
{
	return l->at + ahead < l->n ? l->text[l->at + ahead] : '\0';
}

/* Reports a mistake in [from, to) and ends the work. */
#define refuse(l, from, to, hint, ...)                                                             \
	do {                                                                                       \
		err_add((l)->errs, srcmap_pos((l)->map, from, to), hint, __VA_ARGS__);             \
		(l)->failed = true;                                                                \
	} while (0)

static struct token *push(struct lexer *l, enum tok kind, u32 from)
{
	struct token t = {.kind = kind, .first = l->new_line, .from = from, .to = l->at};

	vec_push(l->out, t);
	l->new_line = false;
	return &l->out->v[l->out->n - 1];
}

static void lex_name(struct lexer *l)
{
	u32 from = l->at;
	struct token *t;

	while (is_letter(peek(l, 0)) || is_digit(peek(l, 0)))
		l->at++;
	if (l->at - from > LIMIT_NAME) {
		refuse(l, from, l->at, NULL, "a name has at most %d characters", LIMIT_NAME);
		return;
	}
	t = push(l, TOK_NAME, from);
	t->text = arena_strndup(l->arena, l->text + from, l->at - from);
}

static void refuse_number(struct lexer *l, u32 from)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "K", "M", "G", NULL};
	const char *rest;
	u32 i;

	while (is_letter(peek(l, 0)) || is_digit(peek(l, 0)) || peek(l, 0) == '.')
		l->at++;
	rest = arena_strndup(l->arena, l->text + from, l->at - from);
	while (is_digit(*rest))
		rest++;
	for (i = 0; units[i]; i++) {
		if (strcmp(rest, units[i]) == 0) {
			refuse(l, from, l->at,
			       "units in a statement are the kernel's: SZ_4K, PAGE_SIZE",
			       "a statement has no numbers with a unit");
			return;
		}
	}
	refuse(l, from, l->at, "write digits alone: 4096, or 0x1000",
	       "a number is decimal or 0x and hexadecimal digits");
}

static void lex_number(struct lexer *l)
{
	u32 from = l->at, base = 10, digits = 0;
	bool overflow = false;
	struct token *t;
	u64 v = 0;

	if (peek(l, 0) == '0' && (peek(l, 1) == 'x' || peek(l, 1) == 'X')) {
		base = 16;
		l->at += 2;
	}
	for (;; l->at++, digits++) {
		int d = str_hex_digit(peek(l, 0));

		if (d < 0 || (u32)d >= base)
			break;
		overflow |= __builtin_mul_overflow(v, (u64)base, &v);
		overflow |= __builtin_add_overflow(v, (u64)d, &v);
	}
	if (!digits || is_letter(peek(l, 0)) || is_digit(peek(l, 0)) ||
	    (peek(l, 0) == '.' && is_digit(peek(l, 1)))) {
		refuse_number(l, from);
	} else if (base == 10 && digits > 1 && l->text[from] == '0') {
		refuse(l, from, l->at, "write it in decimal or as 0x...",
		       "a number that begins with 0 is octal in C");
	} else if (overflow) {
		refuse(l, from, l->at, NULL, "a number has at most 64 bits");
	} else {
		t = push(l, TOK_NUMBER, from);
		t->text = arena_strndup(l->arena, l->text + from, l->at - from);
		t->number = v;
	}
}

/* Reads the escape at l->at. The byte, or -1 with the reason reported. */
static int lex_escape(struct lexer *l)
{
	static const char names[] = "nt\\\"", bytes[] = "\n\t\\\"";
	u32 from = l->at;
	char c = peek(l, 1);
	const char *found = c ? strchr(names, c) : NULL;

	l->at += 2;
	if (found)
		return bytes[found - names];
	if (c == '0' && !is_digit(peek(l, 0)))
		return 0;
	if (c == '0') {
		refuse(l, from, l->at + 1, "write \\x00 and escape the digit too, as \\x31",
		       "in C digits after \\0 belong to an octal escape");
	} else if (c != 'x') {
		refuse(l, from, l->at, "there are \\n \\t \\0 \\\\ \\\" and \\xHH",
		       "no such escape");
	} else if (str_hex_digit(peek(l, 0)) < 0 || str_hex_digit(peek(l, 1)) < 0) {
		refuse(l, from, l->at, NULL, "\\x takes two hexadecimal digits");
	} else if (str_hex_digit(peek(l, 2)) >= 0) {
		refuse(l, from, l->at + 3, "escape the character that follows as well",
		       "in C \\x takes all hexadecimal digits that follow");
	} else {
		l->at += 2;
		return str_hex_digit(l->text[l->at - 2]) * 16 + str_hex_digit(l->text[l->at - 1]);
	}
	return -1;
}

static void lex_string(struct lexer *l)
{
	u32 from = l->at++;
	struct token *t;

	str_clear(&l->bytes);
	while (l->at < l->n && l->text[l->at] != '"' && l->text[l->at] != '\n') {
		int c = (u8)l->text[l->at];

		if (c == '\\')
			c = lex_escape(l);
		else
			l->at++;
		if (l->failed || c < 0)
			return;
		str_addn(&l->bytes, &(char){(char)c}, 1);
	}
	if (peek(l, 0) != '"') {
		refuse(
		    l, from, l->at,
		    "close it; if it holds ': ' or ' #', put the whole statement in single quotes",
		    "this string never ends");
		return;
	}
	l->at++;
	t = push(l, TOK_STRING, from);
	t->n = (u32)l->bytes.n;
	t->text = arena_strndup(l->arena, str_get(&l->bytes), t->n);
}

/* A comment, or the reason why it is none. False if there is no comment here. */
static bool lex_comment(struct lexer *l)
{
	u32 from = l->at;
	const char *end;

	if (peek(l, 0) != '/' || (peek(l, 1) != '/' && peek(l, 1) != '*'))
		return false;
	if (!l->comments) {
		refuse(l, from, from + 2, "YAML's comments begin with ' #'",
		       "a statement holds no C comment");
		return true;
	}
	if (peek(l, 1) == '/') {
		while (l->at < l->n && l->text[l->at] != '\n')
			l->at++;
		return true;
	}
	end = memmem(l->text + from + 2, l->n - from - 2, "*/", 2);
	if (!end) {
		refuse(l, from, from + 2, NULL, "this comment never ends");
		return true;
	}
	for (; l->text + l->at < end + 2; l->at++)
		l->new_line |= l->text[l->at] == '\n';
	return true;
}

static void lex_operator(struct lexer *l)
{
	u32 from = l->at, i;

	for (i = 0; i < ARRAY_LEN(operators); i++) {
		size_t k = strlen(operators[i].text);

		if (l->n - l->at < k || memcmp(l->text + l->at, operators[i].text, k) != 0)
			continue;
		l->at += (u32)k;
		push(l, operators[i].kind, from);
		return;
	}
	if (strchr("+-*/%&|^~!<>=()[]{}.,;:?#", l->text[l->at])) {
		l->at++;
		push(l, (enum tok)(u8)l->text[from], from);
		return;
	}
	if (l->text[from] == '\'')
		refuse(l, from, from + 1, "write the number, or a string in double quotes",
		       "there are no character constants");
	else if (l->text[from] == '\\' && l->comments)
		refuse(l, from, from + 1, "put the definition on one line",
		       "no line is continued here");
	else
		refuse(l, from, from + 1, NULL, "this character has no place in a statement");
}

static void lex_one(struct lexer *l)
{
	char c = l->text[l->at];

	if (c == '\n' || c == '\r' || c == ' ' || c == '\t') {
		l->new_line |= c == '\n';
		l->at++;
	} else if (lex_comment(l)) {
		return;
	} else if (is_letter(c)) {
		lex_name(l);
	} else if (is_digit(c)) {
		lex_number(l);
	} else if (c == '"') {
		lex_string(l);
	} else {
		lex_operator(l);
	}
}

bool lex_text(struct arena *a, const char *text, u32 n, const struct srcmap *map, bool comments,
	      struct lexed *out, struct err_list *errs)
{
	struct lexer l = {.arena = a,
			  .errs = errs,
			  .text = text,
			  .n = n,
			  .map = map,
			  .comments = comments,
			  .new_line = true,
			  .out = out};

	out->n = 0;
	while (l.at < l.n && !l.failed)
		lex_one(&l);
	l.new_line = true;
	if (!l.failed)
		push(&l, TOK_END, l.n);
	str_free(&l.bytes);
	return !l.failed;
}

const char *lex_describe(const struct token *t, struct arena *a)
{
	u32 i;

	if (t->kind == TOK_END)
		return "the end";
	if (t->kind == TOK_NAME || t->kind == TOK_NUMBER)
		return arena_printf(a, "'%s'", t->text);
	if (t->kind == TOK_STRING)
		return "a string";
	for (i = 0; i < ARRAY_LEN(operators); i++)
		if (operators[i].kind == t->kind)
			return arena_printf(a, "'%s'", operators[i].text);
	return arena_printf(a, "'%c'", (char)t->kind);
}
