/* SPDX-License-Identifier: MIT */
/*
 * Trees back to text, for narration. The author's parentheses are kept, and those that the grammar
 * needs are added, so that the text always reads back as the same tree.
 */
#include "scenario/ast.h"

#include <string.h>

static const struct {
	const char *text;
	u32 level;
} binary_ops[] = {
#define X(name, text, level) {text, level},
    AST_BINARY_OPS(X)
#undef X
};

static const char *const basic_types[] = {
#define X(name, text) text,
    AST_BASIC_TYPES(X)
#undef X
	"struct",
};

const char *ast_binary_text(enum binary_op op)
{
	return binary_ops[op].text;
}

u32 ast_binary_level(enum binary_op op)
{
	return binary_ops[op].level;
}

const char *ast_type_text(enum type_base base)
{
	return basic_types[base];
}

void ast_print_type(const struct type_ref *t, struct str *out)
{
	u32 i;

	if (t->is_const)
		str_add(out, "const ");
	str_add(out, basic_types[t->base]);
	if (t->base == TYPE_STRUCT)
		str_printf(out, " %s", t->tag);
	if (t->stars)
		str_add(out, " ");
	for (i = 0; i < t->stars; i++)
		str_add(out, "*");
}

static void print_hex_byte(struct str *out, u8 b)
{
	str_printf(out, "\\x%02x", (unsigned)b);
}

/* After \xHH a hexadecimal digit is escaped too: C would take it into the escape. */
static void print_string(const struct expr *e, struct str *out)
{
	bool after_hex = false;
	u32 i = 0, cp = 0;

	str_add(out, "\"");
	while (i < e->n) {
		const char *s = e->text + i;
		size_t k = str_utf8_next(s, e->n - i, &cp);
		bool digit_follows = i + 1 < e->n && s[1] >= '0' && s[1] <= '9';

		if (!k || str_is_control(cp) || (after_hex && str_hex_digit(*s) >= 0)) {
			after_hex = false;
			if (*s == '\n')
				str_add(out, "\\n");
			else if (*s == '\t')
				str_add(out, "\\t");
			else if (!*s && !digit_follows)
				str_add(out, "\\0");
			else
				after_hex = true;
			if (after_hex)
				print_hex_byte(out, (u8)*s);
			i++;
			continue;
		}
		after_hex = false;
		if (*s == '"' || *s == '\\')
			str_add(out, "\\");
		str_addn(out, s, k);
		i += (u32)k;
	}
	str_add(out, "\"");
}

/* Whether child needs parentheses below a binary operator; `right` of two of one level does. */
static bool needs_parens(const struct expr *child, enum binary_op op, bool right)
{
	u32 level = binary_ops[op].level, below;

	if (child->kind != EXPR_BINARY)
		return false;
	below = binary_ops[child->op].level;
	if (below < level || (right && below == level))
		return true;
	if (below == level) /* neither a == b == c nor a | b & c is a chain */
		return level == LEVEL_EQUAL || level == LEVEL_RELATION ||
		       (level == LEVEL_BITS && child->op != op);
	return level == LEVEL_BITS && below <= LEVEL_RELATION;
}

static void print_in(const struct expr *e, bool parens, struct str *out)
{
	parens = parens || e->parens;
	if (parens)
		str_add(out, "(");
	ast_print_expr(e, out);
	if (parens)
		str_add(out, ")");
}

static bool is_postfix(const struct expr *e)
{
	return e->kind <= EXPR_CALL || e->kind == EXPR_INDEX || e->kind == EXPR_FIELD;
}

static void print_unary(const struct expr *e, struct str *out)
{
	const struct expr *of = e->left;

	str_addn(out, &"!~-"[e->op], 1);
	/* "--x" would be another operator. */
	if (e->op == UNARY_NEGATE && of->kind == EXPR_UNARY && of->op == UNARY_NEGATE &&
	    !of->parens)
		str_add(out, " ");
	print_in(of, of->kind == EXPR_BINARY, out);
}

static void print_call(const struct expr *e, struct str *out)
{
	u32 i;

	str_printf(out, "%s(", e->text);
	for (i = 0; i < e->n; i++) {
		if (i)
			str_add(out, ", ");
		print_in(e->arg[i], false, out);
	}
	str_add(out, ")");
}

static void print_binary(const struct expr *e, struct str *out)
{
	print_in(e->left, needs_parens(e->left, e->op, false), out);
	str_printf(out, " %s ", binary_ops[e->op].text);
	print_in(e->right, needs_parens(e->right, e->op, true), out);
}

static void print_sizeof(const struct expr *e, struct str *out)
{
	str_add(out, e->kind == EXPR_SIZEOF_DEREF ? "sizeof(*" : "sizeof(");
	if (e->left)
		str_add(out, e->left->text);
	else
		ast_print_type(&e->type, out);
	str_add(out, ")");
}

void ast_print_expr(const struct expr *e, struct str *out)
{
	switch (e->kind) {
	case EXPR_NUMBER:
	case EXPR_NAME:
		str_add(out, e->text);
		break;
	case EXPR_STRING:
		print_string(e, out);
		break;
	case EXPR_CALL:
		print_call(e, out);
		break;
	case EXPR_UNARY:
		print_unary(e, out);
		break;
	case EXPR_BINARY:
		print_binary(e, out);
		break;
	case EXPR_INDEX:
		print_in(e->left, !is_postfix(e->left), out);
		str_add(out, "[");
		print_in(e->right, false, out);
		str_add(out, "]");
		break;
	case EXPR_FIELD:
		print_in(e->left, !is_postfix(e->left), out);
		str_printf(out, "%s%s", e->op ? "->" : ".", e->text);
		break;
	case EXPR_ADDRESS:
		str_add(out, "&");
		print_in(e->left, false, out);
		break;
	case EXPR_CAST:
		str_add(out, "(");
		ast_print_type(&e->type, out);
		str_add(out, ")");
		print_in(e->left, e->left->kind == EXPR_BINARY, out);
		break;
	case EXPR_SIZEOF:
	case EXPR_SIZEOF_DEREF:
		print_sizeof(e, out);
		break;
	}
}

static void print_declarator(const struct declarator *d, struct str *out)
{
	ast_print_type(&d->type, out);
	str_printf(out, "%s%s", d->type.stars ? "" : " ", d->name.text);
	if (d->size) {
		str_add(out, "[");
		print_in(d->size, false, out);
		str_add(out, "]");
	}
}

void ast_print_signature(const struct function *f, struct str *out)
{
	u32 i;

	str_printf(out, "%s(", f->name.text);
	for (i = 0; i < f->params; i++) {
		if (i)
			str_add(out, ", ");
		print_declarator(&f->param[i], out);
	}
	str_add(out, ")");
}

static void print_declare(const struct stmt *s, struct str *out)
{
	print_declarator(&s->decl, out);
	if (s->init) {
		str_add(out, " = ");
		print_in(s->init, false, out);
	}
}

static void print_assign(const struct stmt *s, struct str *out)
{
	static const char *const ops[] = {"=", "+=", "-=", "|=", "&=", "^=", "++", "--"};

	print_in(s->place, false, out);
	if (!s->value) {
		str_add(out, ops[s->op]);
		return;
	}
	str_printf(out, " %s ", ops[s->op]);
	print_in(s->value, false, out);
}

static void print_header(const char *word, const struct expr *cond, struct str *out)
{
	str_printf(out, "%s (", word);
	print_in(cond, false, out);
	str_add(out, ")");
}

static void print_for(const struct stmt *s, struct str *out)
{
	str_add(out, "for (");
	if (s->first)
		ast_print_stmt(s->first, out);
	str_add(out, s->cond ? "; " : ";");
	if (s->cond)
		print_in(s->cond, false, out);
	str_add(out, s->next ? "; " : ";");
	if (s->next)
		ast_print_stmt(s->next, out);
	str_add(out, ")");
}

static void print_actor(const struct stmt *s, struct str *out)
{
	str_add(out, s->actor == BY_HW ? "hw" : s->actor == BY_LAB ? "lab" : s->device.text);
	str_add(out, ":");
	if (s->body.n == 1) {
		str_add(out, " ");
		ast_print_stmt(s->body.v[0], out);
	}
}

void ast_print_stmt(const struct stmt *s, struct str *out)
{
	switch (s->kind) {
	case STMT_BAD:
		str_add(out, "?");
		break;
	case STMT_DECLARE:
		print_declare(s, out);
		break;
	case STMT_ASSIGN:
		print_assign(s, out);
		break;
	case STMT_CALL:
		ast_print_expr(s->expr, out);
		break;
	case STMT_RETURN:
		str_add(out, s->expr ? "return " : "return");
		if (s->expr)
			print_in(s->expr, false, out);
		break;
	case STMT_GOTO:
		str_printf(out, "goto %s", s->label.text);
		break;
	case STMT_BREAK:
		str_add(out, "break");
		break;
	case STMT_CONTINUE:
		str_add(out, "continue");
		break;
	case STMT_IF:
		print_header("if", s->arm[0].cond, out);
		break;
	case STMT_WHILE:
		print_header("while", s->cond, out);
		break;
	case STMT_FOR:
		print_for(s, out);
		break;
	case STMT_FOR_EACH:
		ast_print_expr(s->cond, out);
		break;
	case STMT_ACTOR:
		print_actor(s, out);
		break;
	case STMT_LABEL:
		str_printf(out, "%s:", s->label.text);
		break;
	case STMT_NOTE:
		str_add(out, s->note);
		break;
	case STMT_PREDICT:
		str_add(out, s->ask);
		break;
	}
}
