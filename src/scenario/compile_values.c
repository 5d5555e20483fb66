/* SPDX-License-Identifier: MIT */
/* Builtins that only compute: byte order, masks, patterns of bytes; and assert. */
#include <string.h>

#include "scenario/compile_builtin.h"
#include "scenario/limits.h"

static const struct type none;

/* ---- byte order -------------------------------------------------------------------------------
 */

static struct type endian(u32 base)
{
	return (struct type){.kind = TY_ENDIAN, .base = (u8)base};
}

/* The platform is known: where the CPU has that order, there is nothing to do. */
static void swap_bytes(struct compiler *c, const struct type *t)
{
	if ((type_swap(t) == SWAP_LE) == c->cfg->hw.big_endian)
		emit(c, OP_BSWAP, type_swap(t), type_size(t), 0, 0);
}

struct type builtin_cpu_to(struct compiler *c, const struct expr *e, u32 number)
{
	struct type t = expr_value(c, e->arg[0]), to = endian(number);
	struct type as_int = type_int(type_endian_width(&to)), wide = type_int(W_U64);

	if (t.kind == TY_NONE)
		return none;
	if (t.kind == TY_ENDIAN && endian_may_mix(c))
		t = endian_as_integer(c, &t);
	/* cpu_to_le64(handle) is what descriptors are made of; the kernel's dma_addr_t is an
	 * integer. */
	if (t.kind != TY_INT && t.kind != TY_DMA && t.kind != TY_PHYS)
		return refuse(c, e->arg[0]->at, NULL, "argument 1 of %s is an integer; '%s' is %s",
			      e->text, text_of(c, e->arg[0]), type_describe(&t));
	emit_convert(c, t.kind == TY_INT ? &t : &wide, &as_int);
	swap_bytes(c, &to);
	return to;
}

struct type builtin_to_cpu(struct compiler *c, const struct expr *e, u32 number)
{
	struct type t = expr_value(c, e->arg[0]), from = endian(number);

	if (t.kind == TY_NONE)
		return none;
	if (endian_mixes(c, &t, &from))
		endian_mix(c, &t, &from);
	else if (!type_equal(&t, &from))
		return refuse(c, e->arg[0]->at, NULL, "argument 1 of %s is %s; '%s' is %s", e->text,
			      type_describe(&from), text_of(c, e->arg[0]), type_describe(&t));
	swap_bytes(c, &from);
	return type_int(type_endian_width(&from));
}

/* ---- macros of what is not constant -----------------------------------------------------------
 */

/* DMA_BIT_MASK, GENMASK: constant arguments were taken by const_call(), which reported others. */
struct type builtin_macro(struct compiler *c, const struct expr *e, u32 number)
{
	(void)c;
	(void)e;
	(void)number;
	return none;
}

struct type builtin_bit(struct compiler *c, const struct expr *e, u32 number)
{
	(void)number;
	emit_push(c, 1);
	expr_int(c, e->arg[0], "argument 1 of BIT");
	emit_binary(c, B_SHL, W_U64);
	return type_int(W_U64);
}

struct type builtin_half(struct compiler *c, const struct expr *e, u32 number)
{
	struct type t = expr_value(c, e->arg[0]);

	if (t.kind == TY_NONE)
		return none;
	if (t.kind == TY_ENDIAN && endian_may_mix(c))
		t = endian_as_integer(c, &t);
	if (t.kind != TY_INT && t.kind != TY_DMA && t.kind != TY_PHYS)
		return refuse(c, e->arg[0]->at, NULL,
			      "argument 1 of %s is a dma_addr_t or an integer; '%s' is %s", e->text,
			      text_of(c, e->arg[0]), type_describe(&t));
	if (number) {
		emit_push(c, 32);
		emit_binary(c, B_SHR, W_U64);
	}
	emit(c, OP_CONV, W_U32, 0, 0, 0);
	return type_int(W_U32);
}

/* A variable of the compiler's own; no name of the language begins with a blank. */
static struct variable *temporary(struct compiler *c, const char *name)
{
	struct type t = type_int(W_U64);
	struct variable *v = variable_to_set(c, name, (struct pos){0});

	if (v)
		variable_set_type(c, v, &t, (struct pos){0});
	return v;
}

struct type builtin_min_max(struct compiler *c, const struct expr *e, u32 number)
{
	struct type a = expr_int(c, e->arg[0], arena_printf(c->arena, "argument 1 of %s", e->text));
	struct type b = expr_int(c, e->arg[1], arena_printf(c->arena, "argument 2 of %s", e->text));
	struct variable *va = temporary(c, " a"), *vb = temporary(c, " b");
	struct cval ka, kb;
	u32 no, end;
	enum width w;

	if (a.kind == TY_NONE || b.kind == TY_NONE || !va || !vb)
		return none;
	w = common_width(&a, const_eval(c, e->arg[0], &ka) == CONSTANT ? &ka.v : NULL, &b,
			 const_eval(c, e->arg[1], &kb) == CONSTANT ? &kb.v : NULL);
	emit_set(c, vb);
	emit_set(c, va);
	emit_get(c, va);
	emit_get(c, vb);
	emit_binary(c, (enum binop)number, w);
	no = emit_jump(c, OP_JZ);
	emit_get(c, va);
	end = emit_jump(c, OP_JMP);
	patch(c, no);
	stack_adjust(c, -1);
	emit_get(c, vb);
	patch(c, end);
	return type_int(w);
}

struct type builtin_align(struct compiler *c, const struct expr *e, u32 number)
{
	struct type t = expr_int(c, e->arg[0], "argument 1 of ALIGN");
	s64 n;

	(void)number;
	if (!const_int(c, e->arg[1], 1, INT64_MAX, "an alignment", &n) || t.kind == TY_NONE)
		return none;
	if (!is_pow2((u64)n))
		return refuse(c, e->arg[1]->at, NULL, "an alignment is a power of two");
	emit_push(c, (u64)n - 1);
	emit_binary(c, B_ADD, promoted(&t));
	emit_push(c, ~((u64)n - 1));
	emit_binary(c, B_AND, promoted(&t));
	return type_int(promoted(&t));
}

/* ---- bytes ------------------------------------------------------------------------------------
 */

struct pattern {
	struct compiler *c;
	const struct expr *arg;
	const char *s; /* what is left */
	struct {
		VEC(u8)
	} out;
};

static bool bad_pattern(struct pattern *p, const char *why)
{
	refuse(p->c, p->arg->at, "two-digit hex, each with a count if there are more: \"dd*32 aa\"",
	       "%s", why);
	return false;
}

/* What follows '*': a number, a param or a #define. */
static bool read_count(struct pattern *p, u64 *n)
{
	char word[LIMIT_NAME + 1];
	const struct constant *k;
	u32 len = 0;

	*n = 0;
	if (*p->s >= '0' && *p->s <= '9') {
		for (; *p->s >= '0' && *p->s <= '9' && *n <= BYTES_MAX; p->s++)
			*n = *n * 10 + (u64)(*p->s - '0');
		return true;
	}
	while (len < LIMIT_NAME && *p->s && *p->s != ' ')
		word[len++] = *p->s++;
	word[len] = '\0';
	k = find_constant(p->c, word);
	if (!k || k->type.kind != TY_INT || (s64)k->value < 0)
		return bad_pattern(p,
				   arena_printf(p->c->arena,
						"'%s' is no count of bytes: a number, a param or a "
						"#define is",
						word));
	*n = k->value;
	return true;
}

static bool read_item(struct pattern *p)
{
	int high = str_hex_digit(p->s[0]), low = high < 0 ? -1 : str_hex_digit(p->s[1]);
	u64 n = 1;

	if (low < 0)
		return bad_pattern(p, "this is not two-digit hex");
	p->s += 2;
	if (*p->s == '*') {
		p->s++;
		if (!read_count(p, &n))
			return false;
	}
	if (*p->s && *p->s != ' ')
		return bad_pattern(p, "blanks stand between bytes");
	if (n > BYTES_MAX - p->out.n)
		return bad_pattern(p, "a byte string has at most 64 KiB");
	while (n--)
		vec_push(&p->out, (u8)(high << 4 | low));
	while (*p->s == ' ')
		p->s++;
	return true;
}

struct type builtin_bytes(struct compiler *c, const struct expr *e, u32 number)
{
	struct pattern p = {.c = c, .arg = e->arg[0]};
	bool ok = true;

	(void)number;
	if (e->arg[0]->kind != EXPR_STRING || strlen(e->arg[0]->text) != e->arg[0]->n)
		return refuse(c, e->arg[0]->at, "as in bytes(\"dd*32 aa\")",
			      "bytes() takes a pattern, written as a string");
	for (p.s = e->arg[0]->text; *p.s == ' '; p.s++)
		;
	while (ok && *p.s)
		ok = read_item(&p);
	if (ok)
		emit_bytes(c, e->at, p.out.v, p.out.n);
	vec_free(&p.out);
	return ok ? type_of_kind(TY_BYTES) : none;
}

struct type builtin_contains(struct compiler *c, const struct expr *e, u32 number)
{
	(void)number;
	expr_bytes(c, e->arg[0], "argument 1 of contains");
	expr_bytes(c, e->arg[1], "argument 2 of contains");
	emit(c, OP_CONTAINS, 0, 0, 0, 0);
	return type_int(W_S64);
}

/* ---- assert -----------------------------------------------------------------------------------
 */

static const char *assert_name(struct compiler *c, const struct expr *e)
{
	const struct expr *name = e->n == 2 ? e->arg[1] : NULL;

	if (c->quiet)
		return "";
	if (!name)
		return arena_printf(&c->prog->arena, "line %u", e->at.line);
	if (name->kind == EXPR_STRING && name->n && strlen(name->text) == name->n)
		return arena_strndup(&c->prog->arena, name->text, name->n);
	refuse(c, name->at, "as in assert(x == 1, \"the first packet\")",
	       "the name of an assert is text");
	return "";
}

void assert_emit(struct compiler *c, const char *name)
{
	struct assert_info info = {name, c->stmt};

	emit(c, OP_ASSERT, 0, 0, c->asserts.n, 0);
	vec_push(&c->asserts, info);
}

struct type builtin_assert(struct compiler *c, const struct expr *e, u32 number)
{
	const char *name = assert_name(c, e);
	bool outer = c->look;

	(void)number;
	if (outer || c->in_wait)
		return refuse(c, e->at, NULL, "an assert is a statement of its own");
	c->look = true;
	expr_condition(c, e->arg[0]);
	c->look = outer;
	assert_emit(c, name);
	return type_of_kind(TY_VOID);
}
