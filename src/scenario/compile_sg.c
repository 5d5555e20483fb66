/* SPDX-License-Identifier: MIT */
/*
 * Scatterlists and their tables: variables that only the driver and the kernel see, with fields and
 * pointers to them. Where they are is known before the run, as no function calls itself; an entry
 * that does not exist lies between two lists.
 */
#include <string.h>

#include "scenario/compile_int.h"

static const struct type none;

/* ---- what an expression stands for ------------------------------------------------------------
 */

enum sg_kind { SG_NOT, SG_POINTER, SG_ENTRY, SGT_POINTER, SGT_TABLE };

static enum sg_kind kind_of_variable(const struct variable *v)
{
	switch (v ? (enum type_kind)v->type.kind : TY_NONE) {
	case TY_SG:
		return v->length ? SG_NOT : SG_POINTER;
	case TY_SGT:
		return v->length ? SG_NOT : SGT_POINTER;
	case TY_SG_LIST:
		return v->length ? SG_POINTER : SG_ENTRY;
	case TY_SGT_TABLE:
		return SGT_TABLE;
	default:
		return SG_NOT;
	}
}

static enum sg_kind kind_of(struct compiler *c, const struct expr *e);

static enum sg_kind kind_of_index(struct compiler *c, const struct expr *e)
{
	const struct variable *v =
	    e->left->kind == EXPR_NAME ? find_variable(c, e->left->text) : NULL;

	if (v && v->length && v->type.kind != TY_SG_LIST) /* an array of pointers */
		return v->type.kind == TY_SG	? SG_POINTER
		       : v->type.kind == TY_SGT ? SGT_POINTER
						: SG_NOT;
	return kind_of(c, e->left) == SG_POINTER ? SG_ENTRY : SG_NOT;
}

static enum sg_kind kind_of(struct compiler *c, const struct expr *e)
{
	enum sg_kind k;

	switch (e->kind) {
	case EXPR_NAME:
		return kind_of_variable(find_variable(c, e->text));
	case EXPR_INDEX:
		return kind_of_index(c, e);
	case EXPR_FIELD:
		k = strcmp(e->text, "sgl") == 0 ? kind_of(c, e->left) : SG_NOT;
		return k == SGT_POINTER || k == SGT_TABLE ? SG_POINTER : SG_NOT;
	case EXPR_CALL:
		return strcmp(e->text, "sg_next") == 0 ? SG_POINTER : SG_NOT;
	case EXPR_ADDRESS:
		k = kind_of(c, e->left);
		return k == SG_ENTRY ? SG_POINTER : k == SGT_TABLE ? SGT_POINTER : SG_NOT;
	case EXPR_BINARY:
		k = e->op == BINARY_ADD || e->op == BINARY_SUB ? kind_of(c, e->left) : SG_NOT;
		return k == SG_POINTER ? k : SG_NOT;
	default:
		return SG_NOT;
	}
}

bool sg_is_place(struct compiler *c, const struct expr *e)
{
	if (e->kind == EXPR_INDEX)
		return kind_of(c, e) == SG_ENTRY;
	return e->kind == EXPR_FIELD && kind_of(c, e->left) != SG_NOT;
}

bool sg_is_object(struct compiler *c, const struct expr *e)
{
	enum sg_kind k = kind_of(c, e);

	return k == SG_ENTRY || k == SGT_TABLE;
}

/* ---- addresses --------------------------------------------------------------------------------
 */

static struct type entry_address(struct compiler *c, const struct expr *e)
{
	const struct variable *v =
	    e->left->kind == EXPR_NAME ? find_variable(c, e->left->text) : NULL;

	if (v && v->type.kind == TY_SG_LIST) {
		expr_int(c, e->right, "an index");
		emit(c, OP_SG_ENTRY, 0, 0, v->length, v->sg);
	} else {
		expr_value(c, e->left);
		expr_int(c, e->right, "an index");
		emit_binary(c, B_ADD, W_U64);
	}
	return type_of_kind(TY_SG);
}

/* Pushes the address of an entry or a table; a pointer is one. */
struct type sg_address(struct compiler *c, const struct expr *e)
{
	enum sg_kind k = kind_of(c, e);
	const struct variable *v = e->kind == EXPR_NAME ? find_variable(c, e->text) : NULL;

	if (k == SG_POINTER || k == SGT_POINTER)
		return expr_value(c, e);
	if (!v)
		return entry_address(c, e);
	emit_push(c, v->sg);
	return type_of_kind(k == SGT_TABLE ? TY_SGT : TY_SG);
}

struct type sg_name(struct compiler *c, const struct expr *e, const struct variable *v)
{
	if (v->type.kind == TY_SG_LIST && v->length) {
		emit_push(c, v->sg);
		return type_of_kind(TY_SG);
	}
	return refuse(c, e->at, arena_printf(c->arena, "give its address: &%s", v->name),
		      "'%s' is %s, which is no value", v->name, type_describe(&v->type));
}

/* ---- fields -----------------------------------------------------------------------------------
 */

static const struct sg_field {
	const char *name;
	bool of_table;
	enum sg_place place;
} fields[] = {
    {"length", false, PLACE_LENGTH},
    {"offset", false, PLACE_OFFSET},
    {"dma_address", false, PLACE_DMA_ADDRESS},
    {"sgl", true, PLACE_SGL},
    {"nents", true, PLACE_NENTS},
    {"orig_nents", true, PLACE_ORIG_NENTS},
};

static const struct sg_field *refuse_field(struct compiler *c, const struct expr *e, bool of_table)
{
	const char *names[ARRAY_LEN(fields) + 1];
	bool dma = strncmp(e->text, "dma_", 4) == 0 && !of_table;
	u32 n = 0, i;

	for (i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].of_table == of_table)
			names[n++] = fields[i].name;
	names[n] = NULL;
	refuse(c, e->op_at,
	       dma ? "sg_dma_address() and sg_dma_len() read what the device is given"
		   : near(c, e->text, names),
	       "struct %s has no field '%s' here", of_table ? "sg_table" : "scatterlist", e->text);
	return NULL;
}

/* Pushes the address of what has the field. NULL: refused. */
static const struct sg_field *field_of(struct compiler *c, const struct expr *e)
{
	enum sg_kind k = kind_of(c, e->left);
	bool pointer = k == SG_POINTER || k == SGT_POINTER, arrow = e->op;
	bool table = k == SGT_POINTER || k == SGT_TABLE;
	u32 i = 0;

	if (pointer != arrow) {
		refuse(c, e->at, pointer ? "write -> after a pointer" : "write '.'",
		       "'%s' is %s pointer", text_of(c, e->left), pointer ? "a" : "no");
		return NULL;
	}
	while (i < ARRAY_LEN(fields) &&
	       (fields[i].of_table != table || strcmp(fields[i].name, e->text) != 0))
		i++;
	if (i == ARRAY_LEN(fields))
		return refuse_field(c, e, table);
	return sg_address(c, e->left).kind == TY_NONE ? NULL : &fields[i];
}

static struct type field_type(const struct sg_field *f)
{
	return f->place == PLACE_SGL	       ? type_of_kind(TY_SG)
	       : f->place == PLACE_DMA_ADDRESS ? type_of_kind(TY_DMA)
					       : type_int(W_U32);
}

struct type sg_value(struct compiler *c, const struct expr *e)
{
	const struct sg_field *f;

	if (e->kind == EXPR_INDEX)
		return refuse(c, e->at, "name one of its fields, or give its address: &sg[0]",
			      "an entry of a scatterlist is no value");
	f = field_of(c, e);
	if (!f)
		return none;
	emit(c, OP_SG_GET, 0, f->place, 0, 0);
	return field_type(f);
}

bool sg_assign_begin(struct compiler *c, const struct stmt *s, struct type *t, u32 *place)
{
	const struct sg_field *f;

	if (s->place->kind == EXPR_INDEX) {
		refuse(c, s->place->at, "sg_set_page() and sg_set_buf() fill it",
		       "an entry of a scatterlist is not assigned");
		return false;
	}
	f = field_of(c, s->place);
	if (!f)
		return false;
	*t = field_type(f);
	*place = f->place;
	return true;
}

/* ---- declarations -----------------------------------------------------------------------------
 */

/* struct scatterlist sg[4], struct sg_table t: entries and tables of their own. */
void sg_declare(struct compiler *c, const struct stmt *s, struct variable *v)
{
	bool table = v->type.kind == TY_SGT_TABLE;
	u32 n = v->length ? v->length : 1;

	v->set_pass = c->pass;
	if (s->init) {
		refuse(c, s->init->at,
		       table ? "sg_alloc_table() fills it" : "sg_init_table() empties it",
		       "%s is not given a value at once", type_describe(&v->type));
		return;
	}
	if (table && v->length) {
		refuse(c, s->decl.name.at, "declare several", "tables have no arrays");
		return;
	}
	if (v->pass != c->pass) {
		v->pass = c->pass;
		v->sg = 1 + (table ? c->sg_tables : c->sg_entries);
		if (table)
			c->sg_tables++;
		else
			c->sg_entries += n + 1;
	}
	if (c->sg_tables > SG_TABLES_MAX || c->sg_entries > SG_LISTS_MAX)
		refuse(c, s->decl.name.at, NULL, "more than %d %s",
		       table ? SG_TABLES_MAX : SG_LISTS_MAX,
		       table ? "tables" : "entries in all scatterlists");
	emit(c, OP_SG_DECLARE, 0, table, table ? 0 : n, v->sg);
}

/* ---- for_each_sg() ----------------------------------------------------------------------------
 */

static struct variable *loop_variable(struct compiler *c, const struct expr *e,
				      const struct type *t, const char *what)
{
	struct variable *v = NULL;

	if (e->kind != EXPR_NAME) {
		refuse(c, e->at, NULL, "%s is a variable that the loop sets", what);
		return NULL;
	}
	v = variable_of_loop(c, e->text, e->at);
	if (!v)
		return NULL;
	v->assigned = true;
	v->set_pass = c->pass;
	variable_set_type(c, v, t, e->at);
	if (v->type.kind != t->kind || v->length) {
		if (v->type.kind != TY_NONE)
			refuse(c, e->at, NULL, "%s is %s; '%s' is %s", what, type_describe(t),
			       v->name, v->length ? "an array" : type_describe(&v->type));
		return NULL;
	}
	v->of_loop |= (v->scope - SCOPE_DRIVER) % 2 == 1;
	v->active += v->of_loop;
	variable_touch(c, v);
	return v;
}

/* The number of entries, looked at before each turn as the macro does; of segments, if they are
 * the device's. */
static void count(struct compiler *c, const struct expr *call, bool table)
{
	bool dma = strcmp(call->text, "for_each_sgtable_dma_sg") == 0;

	if (!table) {
		expr_int(c, call->arg[2], "argument 3 of for_each_sg");
		return;
	}
	if (expr_value(c, call->arg[0]).kind == TY_SGT)
		emit(c, OP_SG_GET, 0, dma ? PLACE_NENTS : PLACE_ORIG_NENTS, 0, 0);
}

static bool first_entry(struct compiler *c, const struct expr *call, bool table)
{
	struct type t = expr_value(c, call->arg[0]);

	if (t.kind != (table ? TY_SGT : TY_SG)) {
		if (t.kind != TY_NONE)
			refuse(c, call->arg[0]->at, NULL, "argument 1 of %s is %s; '%s' is %s",
			       call->text, table ? "the address of an sg_table" : "a scatterlist",
			       text_of(c, call->arg[0]), type_describe(&t));
		return false;
	}
	if (table)
		emit(c, OP_SG_GET, 0, PLACE_SGL, 0, 0);
	return true;
}

static void turn(struct compiler *c, const struct stmt *s, struct variable *entry,
		 struct variable *index, bool table)
{
	struct loop loop = {.outer = c->unit->loop};
	u32 header = c->stmt, top = here(c), exit;

	c->unit->loop = &loop;
	variables_may_be_set(c, &s->body);
	emit_get(c, index);
	count(c, s->cond, table);
	emit_binary(c, B_LT, W_S64);
	exit = emit_jump(c, OP_JZ);
	c->unit->depth = 0;
	stmt_body(c, &s->body);
	patch_all(c, &loop.continues);
	emit(c, OP_STMT, 0, 0, header, 0);
	c->stmt = header;
	emit_get(c, index);
	emit_push(c, 1);
	emit_binary(c, B_ADD, W_S64);
	emit_set(c, index);
	emit_get(c, entry);
	emit_call(c, OP_VALUE, 1, CALL_sg_next, 1, 1);
	emit_set(c, entry);
	emit(c, OP_JMP, 0, 0, top, 0);
	patch(c, exit);
	patch_all(c, &loop.breaks);
	c->unit->loop = loop.outer;
}

/* for (i = 0, s = sg; i < n; i++, s = sg_next(s)): include/linux/scatterlist.h */
void stmt_for_each(struct compiler *c, const struct stmt *s)
{
	const struct expr *call = s->cond;
	bool table = strcmp(call->text, "for_each_sg") != 0;
	struct type sg = type_of_kind(TY_SG), number = type_int(W_S64);
	u32 args = table ? 3 : 4;
	struct variable *entry, *index;

	stmt_begin_text(c, s);
	if (call->n != args) {
		refuse(c, call->at,
		       table ? arena_printf(c->arena, "%s(&sgt, s, i)", call->text)
			     : "for_each_sg(sg, s, n, i)",
		       "%s takes %u arguments; here %s %u", call->text, args,
		       call->n == 1 ? "is" : "are", call->n);
		return;
	}
	if (!first_entry(c, call, table)) {
		c->unit->depth = 0;
		return;
	}
	entry = loop_variable(c, call->arg[1], &sg, "the entry of the loop");
	index = loop_variable(c, call->arg[args - 1], &number, "the counter of the loop");
	if (entry && index) {
		emit_set(c, entry);
		emit_push(c, 0);
		emit_set(c, index);
		c->unit->depth = 0;
		turn(c, s, entry, index, table);
	}
	if (entry)
		entry->active -= entry->of_loop;
	if (index)
		index->active -= index->of_loop;
	c->unit->depth = 0;
}
