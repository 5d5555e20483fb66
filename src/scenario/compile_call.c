/* SPDX-License-Identifier: MIT */
/* Calls: of the kernel by their row in engine/calls.def, and of the file's own functions. */
#include <string.h>

#include "scenario/compile_int.h"
#include "scenario/limits.h"

static const struct type none;

/* ---- calls of the kernel ----------------------------------------------------------------------
 */

static const char *letter_word(char letter)
{
	switch (letter) {
	case 'd':
		return "device";
	case 'n':
		return "size";
	case 'r':
		return "direction";
	case 'g':
		return "gfp";
	case 'a':
		return "attrs";
	case 'o':
		return "&handle";
	case 'h':
		return "handle";
	case 'P':
		return "page";
	case 'X':
		return "phys";
	case 'i':
		return "device.irq";
	case 'f':
		return "function";
	case 'N':
		return "text";
	case 'v':
		return "number";
	case 's':
		return "sg";
	case 't':
		return "&sgt";
	case 'A':
		return "pages";
	case 'l':
		return "pool";
	default:
		return "pointer";
	}
}

static const char *signature(struct compiler *c, const struct call_info *info)
{
	struct str s = {0};
	const char *text, *a;

	str_printf(&s, "%s(", info->name);
	for (a = info->args; *a; a++)
		str_printf(&s, "%s%s", a == info->args ? "" : ", ", letter_word(*a));
	str_add(&s, ")");
	text = arena_strndup(c->arena, str_get(&s), s.n);
	str_free(&s);
	return text;
}

static void refuse_argument(struct compiler *c, const struct expr *call, u32 i, const char *wanted,
			    enum type_kind kind, const struct type *t)
{
	const struct expr *e = call->arg[i];

	if (t->kind == TY_NONE)
		return;
	if (t->kind == TY_VOID) {
		refuse(c, e->at, NULL, "'%s' gives no value", text_of(c, e));
		return;
	}
	refuse(c, e->at, hint_argument(c, e, kind, t), "argument %u of %s is %s; '%s' is %s", i + 1,
	       call->text, wanted, text_of(c, e), type_describe(t));
}

static void function_argument(struct compiler *c, const struct expr *call, u32 i, enum call_id id)
{
	const struct expr *e = call->arg[i];
	const struct function *fn =
	    e->kind == EXPR_NAME ? doc_find_function(c->doc, e->text) : NULL;
	struct instance *in;
	const char **names;
	u32 k;

	emit_push(c, 0);
	if (!fn && c->broken && e->kind == EXPR_NAME && hint_is_written(c, e->text)) {
		unknown(c, e->at, e->text);
		return;
	}
	if (!fn) {
		names = arena_alloc(c->arena, c->doc->functions + 1, sizeof(*names));
		for (k = 0; k < c->doc->functions; k++)
			names[k] = c->doc->function[k].name.text;
		refuse(c, e->at,
		       e->kind == EXPR_CALL && doc_find_function(c->doc, e->text)
			   ? arena_printf(c->arena, "name it without (): %s", e->text)
			   : near(c, e->kind == EXPR_NAME ? e->text : "", names),
		       "argument %u of %s is a function; '%s' is none", i + 1, call->text,
		       text_of(c, e));
		return;
	}
	if (fn->params) {
		refuse(c, e->at, NULL, "'%s' has parameters: it cannot be %s", fn->name.text,
		       id == CALL_request_irq ? "a handler" : "given to a CPU");
		return;
	}
	in = instance_of(c, fn, 0);
	if (!in)
		return;
	if (id == CALL_schedule_work_on)
		work_function(c, e, in);
	else if (id == CALL_request_irq)
		in->is_handler = true;
	for (k = 0; c->instances.v[k] != in; k++)
		;
	c->code.v[c->code.n - 1].imm = k;
}

static bool kernel_is_7(const struct compiler *c)
{
	return c->cfg->lx.version >= LINUX_VERSION(7, 1);
}

/* Attributes that the kernel does not know are refused where they can be seen. */
static void check_attrs(struct compiler *c, const struct expr *e)
{
	static const char *const seven[] = {"DMA_ATTR_MMIO", "DMA_ATTR_DEBUGGING_IGNORE_CACHELINES",
					    "DMA_ATTR_REQUIRE_COHERENT", "DMA_ATTR_CC_SHARED"};
	struct cval k;
	u32 i;

	if (const_eval(c, e, &k) != CONSTANT || k.type.kind != TY_INT)
		return;
	for (i = 0; i < ARRAY_LEN(seven) && !kernel_is_7(c); i++)
		if (k.v >> (10 + i) & 1)
			refuse(c, e->at, "a platform with kernel: \"7.1\"",
			       "the kernel 6.12 has no %s", seven[i]);
}

/* An array of pages: which one, as the machine finds it (vm_array()). */
static void pages_argument(struct compiler *c, const struct expr *call, u32 i)
{
	const struct expr *e = call->arg[i];
	struct variable *v = e->kind == EXPR_NAME ? find_variable(c, e->text) : NULL;
	u64 scope;

	if (!v || !v->length || v->type.kind != TY_PAGE) {
		refuse(c, e->at, "struct page *pages[4] declares one",
		       "argument %u of %s is an array of pages; '%s' is none", i + 1, call->text,
		       text_of(c, e));
		emit_push(c, 0);
		return;
	}
	variable_touch(c, v);
	scope = v->scope <= SCOPE_DRIVER + 1 ? SCOPE_GLOBAL : (u64)c->unit->storage;
	emit_push(c, scope << 60 | (u64)v->length << 32 | v->slot);
}

/* The value of one argument onto the stack; out-arguments are not passed. */
static void argument(struct compiler *c, const struct expr *call, u32 i, char letter,
		     enum call_id id)
{
	static const struct {
		char letter;
		u8 kind;
		const char *wanted;
	} rows[] = {
	    {'d', TY_DEVICE, "a device"},  {'p', TY_PTR, "a pointer"},
	    {'h', TY_DMA, "a dma_addr_t"}, {'n', TY_INT, "an integer"},
	    {'v', TY_INT, "an integer"},   {'r', TY_INT, "a direction"},
	    {'g', TY_INT, "an integer"},   {'a', TY_INT, "an integer"},
	    {'P', TY_PAGE, "a page"},	   {'X', TY_PHYS, "a phys_addr_t"},
	    {'i', TY_IRQ, "an interrupt"}, {'N', TY_BYTES, "a text"},
	    {'s', TY_SG, "a scatterlist"}, {'t', TY_SGT, "the address of an sg_table"},
	    {'l', TY_POOL, "a DMA pool"},  {'S', TY_IOVA, "the address of a dma_iova_state"},
	};
	const struct expr *e = call->arg[i];
	struct type t;
	u32 k;

	if (letter == 'A') {
		pages_argument(c, call, i);
		return;
	}
	if (letter == 'f') {
		function_argument(c, call, i, id);
		return;
	}
	if (e->kind == EXPR_NAME && doc_find_function(c->doc, e->text)) {
		refuse(c, e->at, signature(c, call_info(id)),
		       "argument %u of %s is a function: '%s'", i + 1, call->text, e->text);
		emit_push(c, 0);
		return;
	}
	t = expr_value(c, e);
	if (letter == 'a')
		check_attrs(c, e);
	if (letter == 'N' && t.kind == TY_BYTES && e->kind != EXPR_STRING) {
		refuse(c, e->at,
		       id == CALL_dev_err || id == CALL_dev_info
			   ? "as in dev_err(nic, \"no memory\")"
			   : "as in dma_pool_create(\"commands\", dev, 64, 64, 0)",
		       "argument %u of %s is a text written out", i + 1, call->text);
		return;
	}
	for (k = 0; k < ARRAY_LEN(rows); k++) {
		struct type to = type_of_kind(rows[k].kind);

		if (rows[k].letter != letter)
			continue;
		if (t.kind == TY_ENDIAN && endian_mixes(c, &t, &to))
			t = endian_as_integer(c, &t), t.kind = rows[k].kind;
		to = rows[k].kind == TY_PTR ? type_void_pointer() : to;
		if (rows[k].kind == TY_INT   ? t.kind != TY_INT
		    : t.kind == rows[k].kind ? t.kind == TY_PTR && t.bus
					     : !assignable(c, e, &t, &to))
			refuse_argument(c, call, i, rows[k].wanted, rows[k].kind, &t);
	}
}

/* &x: the variable that the call sets, which it declares. */
static void set_out(struct compiler *c, const struct expr *call, u32 i)
{
	const struct expr *e = call->arg[i], *place = e->kind == EXPR_ADDRESS ? e->left : NULL;
	struct type t = type_of_kind(TY_DMA);
	struct variable *v = NULL;

	if (place && place->kind == EXPR_INDEX && place->left->kind == EXPR_NAME)
		v = find_variable(c, place->left->text);
	if (v && v->length) {
		expr_int(c, place->right, "an index");
		emit(c, OP_SWAP, 0, 0, 0, 0);
	} else if (place && place->kind == EXPR_NAME) {
		v = variable_to_set(c, place->text, place->at);
		if (v && v->length)
			refuse(c, place->at, "name an entry of it, as in &h[0]", "'%s' is an array",
			       place->text);
	} else {
		refuse(c, e->at, "write '&' and the name of a variable",
		       "argument %u of %s is a variable that the call sets", i + 1, call->text);
		v = NULL;
	}
	if (!v) {
		emit(c, OP_POP, 0, 0, 0, 0);
		return;
	}
	variable_set_type(c, v, &t, e->at);
	if (v->type.kind != TY_DMA && v->type.kind != TY_NONE)
		refuse(c, e->at, NULL, "argument %u of %s sets a dma_addr_t; '%s' is %s", i + 1,
		       call->text, v->name, type_describe(&v->type));
	v->set_pass = c->pass;
	variable_touch(c, v);
	emit_set(c, v);
}

static struct type result_type(enum call_result r)
{
	switch (r) {
	case RESULT_int:
		return type_int(W_S64);
	case RESULT_u64:
		return type_int(W_U64);
	case RESULT_ptr:
		return type_void_pointer();
	case RESULT_dma:
		return type_of_kind(TY_DMA);
	case RESULT_pa:
		return type_of_kind(TY_PHYS);
	case RESULT_page:
		return type_of_kind(TY_PAGE);
	case RESULT_sg:
		return type_of_kind(TY_SG);
	case RESULT_pool:
		return type_of_kind(TY_POOL);
	default:
		return type_of_kind(TY_VOID);
	}
}

struct type refuse_later(struct compiler *c, struct pos at, const char *name)
{
	return refuse(c, at, NULL, "%s() is not there yet", name);
}

/* Calls that came after 6.12. */
static bool since_7(const char *name)
{
	static const char *const prefixes[] = {"dma_map_phys", "dma_unmap_phys", "dma_iova_",
					       "dma_use_iova"};
	u32 i;

	for (i = 0; i < ARRAY_LEN(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* May this call stand here? */
static bool check_actor(struct compiler *c, const struct expr *e, const struct call_info *info)
{
	bool pure = info->state == CALL_PURE;

	if (info->state == CALL_LATER)
		refuse_later(c, e->op_at, e->text);
	else if (since_7(e->text) && !kernel_is_7(c))
		refuse(c, e->op_at, "a platform with kernel: \"7.1\"",
		       "the kernel 6.12 has no %s()", e->text);
	else if (c->look && !pure)
		refuse(c, e->at, "call it before, and look at what it returned",
		       "%s() has an effect: assert and predict only look", e->text);
	else if (c->in_wait && !pure)
		refuse(c, e->at, "wait for a variable, or write poll(...)",
		       "%s() in wait_event() has an effect", e->text);
	else if (in_device(c) && (c->who == WHO_PROGRAM || !pure))
		refuse(c, e->op_at, "a device has dma_read(), dma_write(), raise_irq() and regs[]",
		       "%s() is the driver's: a device does not call the kernel", e->text);
	else if (c->who == WHO_HW)
		refuse(c, e->op_at,
		       "hw: has evict(), prefetch(), writeback(), hold() and release()",
		       "%s() is the driver's", e->text);
	else
		return true;
	return false;
}

static bool check_count(struct compiler *c, const struct expr *e, u32 wanted, const char *hint)
{
	if (e->n == wanted)
		return true;
	refuse(c, e->at, hint, "%s takes %u argument%s; here %s %u", e->text, wanted,
	       wanted == 1 ? "" : "s", e->n == 1 ? "is" : "are", e->n);
	return false;
}

/* After a refused call: what it would have set is known to be set, to nothing that is known. */
static void forget_outs(struct compiler *c, const struct expr *e)
{
	struct variable *v;
	u32 i;

	for (i = 0; i < e->n; i++) {
		if (e->arg[i]->kind != EXPR_ADDRESS || e->arg[i]->left->kind != EXPR_NAME)
			continue;
		v = variable_to_set(c, e->arg[i]->left->text, e->arg[i]->left->at);
		if (v)
			v->bad = true;
	}
}

/* What it gives is released when the driver leaves. */
static bool call_is_managed(enum call_id id)
{
	return id == CALL_dmam_alloc_coherent || id == CALL_dmam_alloc_attrs ||
	       id == CALL_dmam_pool_create || id == CALL_devm_kzalloc;
}

static struct type kernel_call(struct compiler *c, const struct expr *e, enum call_id id)
{
	const struct call_info *info = call_info(id);
	struct type result = result_type(info->result);
	u32 n = (u32)strlen(info->args), passed = 0, outs = 0, i;

	if (!iova_call_known(c, e) || !check_actor(c, e, info) ||
	    !check_count(c, e, n, signature(c, info))) {
		forget_outs(c, e);
		return none;
	}
	for (i = 0; i < n; i++) {
		if (info->args[i] == 'o') {
			outs++;
			continue;
		}
		argument(c, e, i, info->args[i], id);
		if (id == CALL_schedule_work_on && i == 0)
			work_cpu(c, e->arg[0]);
		passed++;
	}
	emit_call(c, info->state == CALL_PURE ? OP_VALUE : OP_API, passed, (u32)id, passed,
		  outs + (result.kind != TY_VOID));
	for (i = 0; i < n; i++)
		if (info->args[i] == 'o')
			set_out(c, e, i);
	if (call_is_managed(id)) {
		c->changed |= !c->manages;
		c->manages = true;
	}
	if (c->cpus && (id == CALL_msleep || id == CALL_udelay || id == CALL_cpu_relax))
		emit(c, OP_PAUSE, 0, 0, 0, 0);
	if (id == CALL_device_release_driver) {
		if (!unbind_here(c))
			return refuse(c, e->op_at, "write it as a step of driver:",
				      "%s() unbinds the driver that this is part of", e->text);
		argument(c, e, 0, 'd', id);
		emit_call(c, OP_UNBIND, 0, 0, 1, 0);
	}
	return result;
}

/* ---- functions of the file --------------------------------------------------------------------
 */

struct instance *instance_of(struct compiler *c, const struct function *fn, u32 bytes_mask)
{
	struct instance *in;
	u32 i;

	for (i = 0; i < c->instances.n; i++)
		if (c->instances.v[i]->fn == fn && c->instances.v[i]->bytes_mask == bytes_mask)
			return c->instances.v[i];
	if (c->instances.n >= 2 * LIMIT_FUNCTIONS) {
		refuse(c, fn->name.at, NULL, "the functions are used in too many ways");
		return NULL;
	}
	in = arena_alloc(c->arena, 1, sizeof(*in));
	*in = (struct instance){.fn = fn, .bytes_mask = bytes_mask};
	vec_push(&c->instances, in);
	c->changed = true;
	return in;
}

static bool takes_bytes(const struct declarator *d)
{
	return d->type.base == TYPE_VOID && d->type.stars == 1 && d->type.is_const;
}

/* Which of them are bytes, as far as it matters. False: it is not known yet. */
static bool arguments(struct compiler *c, const struct expr *e, const struct function *fn,
		      u32 *mask)
{
	bool known = true;
	u32 i;

	*mask = 0;

	for (i = 0; i < fn->params; i++) {
		const char *what = arena_printf(c->arena, "argument %u of %s", i + 1, e->text);
		struct type t = expr_value(c, e->arg[i]), to;

		known &= t.kind != TY_NONE || !takes_bytes(&fn->param[i]);
		if (t.kind == TY_BYTES && takes_bytes(&fn->param[i]))
			*mask |= 1u << i;
		else if (type_resolve(c, &fn->param[i].type, &to))
			convert(c, e->arg[i], &t, &to, what);
	}
	return known;
}

static struct type own_call(struct compiler *c, const struct expr *e, const struct function *fn)
{
	struct instance *in;
	u32 mask, i;

	if (c->look || c->in_wait)
		return refuse(c, e->at, "call it before, and look at what it returned",
			      "%s() may have an effect: %s", e->text,
			      c->look ? "assert and predict only look" : "wait_event() only looks");
	if (c->who != WHO_CPU)
		return refuse(c, e->op_at, NULL, "%s() is the driver's: only the driver calls it",
			      e->text);
	if (!check_count(c, e, fn->params, NULL))
		return none;
	if (!arguments(c, e, fn, &mask))
		return unknown(c, e->at, e->text);
	in = instance_of(c, fn, mask);
	if (!in)
		return none;
	for (i = 0; c->instances.v[i] != in; i++)
		;
	if (c->unit->instance)
		vec_push(&c->unit->instance->callees, i);
	else
		vec_push(&c->roots, i);
	if (c->in_poll)
		vec_push(&c->polled, (struct polled_call){i, e->op_at});
	emit_call(c, OP_CALL, fn->params, i, fn->params, in->gives);
	if (in->gives && in->result.kind == TY_NONE)
		return unknown(c, e->at, e->text);
	return in->gives ? in->result : type_of_kind(TY_VOID);
}

struct type expr_call(struct compiler *c, const struct expr *e)
{
	const struct function *fn = doc_find_function(c->doc, e->text);
	struct type t = none;
	enum call_id id;

	if (fn)
		return own_call(c, e, fn);
	if (call_find(e->text, &id))
		return kernel_call(c, e, id);
	if (builtin_call(c, e, &t) || reg_call(c, e, &t))
		return t;
	if (c->broken && hint_is_written(c, e->text))
		return unknown(c, e->at, e->text);
	return refuse(c, e->op_at, hint_call(c, str_nearest(e->text, call_names(c)), e->text),
		      "there is no call \"%s\"", e->text);
}
