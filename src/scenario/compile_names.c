/* SPDX-License-Identifier: MIT */
/* Which variable a name is, where it lives, and what to say when there is none. */
#include <string.h>

#include "scenario/compile_int.h"
#include "scenario/limits.h"

bool in_device(const struct compiler *c)
{
	return c->who == WHO_HAND || c->who == WHO_PROGRAM;
}

int find_device(const struct compiler *c, const char *name)
{
	u32 i;

	for (i = 0; i < c->doc->devices; i++)
		if (strcmp(c->doc->device[i].name.text, name) == 0)
			return (int)i;
	return -1;
}

const struct constant *find_constant(struct compiler *c, const char *name)
{
	return symtab_get(&c->consts, SCOPE_CONST, name);
}

static bool is_function_unit(const struct compiler *c)
{
	return c->unit->instance != NULL;
}

/* A device's program sees its own variables; the rest sees the driver's. */
static bool sees_globals(const struct compiler *c)
{
	return c->unit->storage != SCOPE_DEVICE;
}

struct variable *find_variable(struct compiler *c, const char *name)
{
	struct variable *v;

	if (!c->unit) /* sizeof in header: */
		return NULL;
	v = symtab_get(&c->vars, c->unit->scope + 1, name);
	if (v && v->active)
		return v;
	v = symtab_get(&c->vars, c->unit->scope, name);
	if (!v && sees_globals(c))
		v = symtab_get(&c->vars, SCOPE_DRIVER, name);
	return v;
}

static struct variable *new_variable(struct compiler *c, const char *name, u32 scope)
{
	struct variable *v = arena_alloc(c->arena, 1, sizeof(*v));

	v->name = name;
	v->scope = scope;
	symtab_put(&c->vars, scope, name, v);
	return v;
}

/* Can a variable have this name? */
static bool check_name(struct compiler *c, const char *name, struct pos at)
{
	const struct constant *k = find_constant(c, name);
	enum call_id id;

	if (k)
		refuse(c, at, "give the variable another name", "'%s' is %s: it cannot be set",
		       name, k->what);
	else if (find_device(c, name) >= 0)
		refuse(c, at, "give the variable another name", "'%s' is a device", name);
	else if (doc_find_function(c->doc, name) || call_find(name, &id))
		refuse(c, at, "give the variable another name", "'%s' is a function", name);
	else if (strcmp(name, "regs") == 0 && in_device(c))
		refuse(c, at, "as in regs[0x10] = 1", "'regs' are the registers of the device");
	else if (c->vars.n >= VARIABLES_MAX)
		refuse(c, at, NULL, "more than %d variables", VARIABLES_MAX);
	else
		return true;
	return false;
}

void variable_touch(struct compiler *c, struct variable *v)
{
	u32 n = v->length ? v->length : 1;

	if (v->pass == c->pass)
		return;
	v->pass = c->pass;
	if (v->scope == SCOPE_DRIVER || v->scope == SCOPE_DRIVER + 1) {
		v->slot = c->prog->global_slots;
		c->prog->global_slots += n;
		vec_push(&c->globals, v);
		return;
	}
	v->slot = c->unit->slots;
	c->unit->slots += n;
	if (c->unit->storage == SCOPE_DEVICE)
		vec_push(&c->program_vars[c->device], v);
	if (c->unit->storage == SCOPE_GLOBAL) { /* remove's own */
		v->slot = c->prog->global_slots;
		c->prog->global_slots += n;
		vec_push(&c->globals, v);
	}
}

static void note_set(struct compiler *c, struct variable *v)
{
	v->assigned = true;
	v->set_pass = c->pass;
	if (is_function_unit(c) && v->scope == SCOPE_DRIVER)
		v->by_function = true;
}

struct variable *variable_to_set(struct compiler *c, const char *name, struct pos at)
{
	struct variable *v = find_variable(c, name);

	if (!v && !check_name(c, name, at))
		return NULL;
	if (!v)
		v = new_variable(c, name, c->unit->scope);
	note_set(c, v);
	variable_touch(c, v);
	return v;
}

struct variable *variable_declare(struct compiler *c, const char *name, struct pos at, bool loop)
{
	u32 scope = c->unit->scope + loop;
	struct variable *v = symtab_get(&c->vars, scope, name);

	if (!v && !check_name(c, name, at))
		return NULL;
	if (!v)
		v = new_variable(c, name, scope);
	return v;
}

struct variable *variable_of_loop(struct compiler *c, const char *name, struct pos at)
{
	struct variable *v = find_variable(c, name);

	return v ? v : variable_declare(c, name, at, true);
}

void variable_set_type(struct compiler *c, struct variable *v, const struct type *t, struct pos at)
{
	struct type fixed = *t;

	if (v->type.kind != TY_NONE || t->kind == TY_NONE)
		return;
	if (fixed.kind == TY_INT)
		fixed = type_int(promoted(&fixed));
	v->type = fixed;
	v->made = at;
	c->changed = true;
}

/* ---- what is assigned in the driver -----------------------------------------------------------
 */

typedef void name_fn(struct compiler *c, const char *name);

/* &x among the arguments of calls. */
static void walk_expr(struct compiler *c, const struct expr *e, name_fn *fn)
{
	u32 i;

	if (!e)
		return;
	walk_expr(c, e->left, fn);
	walk_expr(c, e->right, fn);
	for (i = 0; e->kind == EXPR_CALL && i < e->n; i++) {
		const struct expr *a = e->arg[i];

		if (a->kind == EXPR_ADDRESS && a->left->kind == EXPR_NAME)
			fn(c, a->left->text);
		walk_expr(c, a, fn);
	}
}

static void walk_list(struct compiler *c, const struct stmt_list *list, name_fn *fn);

static void walk_stmt(struct compiler *c, const struct stmt *s, name_fn *fn)
{
	u32 i;

	switch (s->kind) {
	case STMT_DECLARE:
		fn(c, s->decl.name.text);
		walk_expr(c, s->init, fn);
		break;
	case STMT_ASSIGN:
		if (s->place->kind == EXPR_NAME)
			fn(c, s->place->text);
		walk_expr(c, s->value, fn);
		break;
	case STMT_CALL:
	case STMT_RETURN:
		walk_expr(c, s->expr, fn);
		break;
	case STMT_IF:
		for (i = 0; i < s->arms; i++) {
			walk_expr(c, s->arm[i].cond, fn);
			walk_list(c, &s->arm[i].body, fn);
		}
		break;
	case STMT_WHILE:
	case STMT_FOR: /* its header's variable is the loop's */
	case STMT_FOR_EACH:
	case STMT_ACTOR:
		walk_expr(c, s->cond, fn);
		walk_list(c, &s->body, fn);
		break;
	default:
		break;
	}
}

static void walk_list(struct compiler *c, const struct stmt_list *list, name_fn *fn)
{
	u32 i;

	for (i = 0; i < list->n; i++)
		walk_stmt(c, list->v[i], fn);
}

static void add_global(struct compiler *c, const char *name)
{
	enum call_id id;

	if (symtab_get(&c->vars, SCOPE_DRIVER, name) || find_constant(c, name) ||
	    find_device(c, name) >= 0 || doc_find_function(c->doc, name) || call_find(name, &id) ||
	    c->vars.n >= VARIABLES_MAX)
		return; /* the ones that cannot be are refused where they are assigned */
	new_variable(c, name, SCOPE_DRIVER);
}

void names_collect_globals(struct compiler *c)
{
	walk_list(c, &c->doc->driver, add_global);
}

static void may_be_set(struct compiler *c, const char *name)
{
	struct variable *v = find_variable(c, name);

	if (v)
		v->set_pass = c->pass;
}

void variables_may_be_set(struct compiler *c, const struct stmt_list *list)
{
	walk_list(c, list, may_be_set);
}

/* ---- refusals ---------------------------------------------------------------------------------
 */

/* All names that mean something here, ended by NULL. */
static const char *const *names_here(struct compiler *c, u32 *variables)
{
	const char **out = arena_alloc(c->arena, c->vars.n + c->doc->devices + 1, sizeof(*out));
	u32 n = 0, i;

	for (i = 0; i < c->vars.n; i++) {
		const struct variable *v = c->vars.v[i].object;

		if (find_variable(c, v->name) == v && v->type.kind != TY_NONE &&
		    (v->set_pass == c->pass || v->scope != c->unit->scope))
			out[n++] = v->name;
	}
	*variables = n;
	for (i = 0; i < c->doc->devices; i++)
		out[n++] = c->doc->device[i].name.text;
	out[n] = NULL;
	return out;
}

static const char *near_constant(struct compiler *c, const char *name)
{
	const char **names = arena_alloc(c->arena, c->consts.n + 1, sizeof(*names));
	u32 i;

	for (i = 0; i < c->consts.n; i++)
		names[i] = c->consts.v[i].name;
	return near(c, name, names);
}

/* "named so far: buf, h, nic (buf is made on line 14)", or the constant that may be meant. */
static const char *name_hint(struct compiler *c, const char *name)
{
	u32 variables, i;
	const char *const *names = names_here(c, &variables);
	const char *close = str_nearest(name, names);
	const struct variable *v = close ? find_variable(c, close) : NULL;
	const char *hint = reg_hint(c, name);
	struct str s = {0};

	if (!hint && !close)
		hint = near_constant(c, name);
	if (hint)
		return hint;

	str_add(&s, "named so far: ");
	for (i = 0; names[i] && i < 12; i++)
		str_printf(&s, "%s%s", i ? ", " : "", names[i]);
	if (names[i])
		str_add(&s, ", ...");
	if (v && v->made.line)
		str_printf(&s, "    (%s is made on line %u)", close, v->made.line);
	hint = names[0] ? arena_strndup(c->arena, str_get(&s), s.n) : NULL;
	str_free(&s);
	return hint;
}

struct type refuse_name(struct compiler *c, const char *name, struct pos at)
{
	const struct variable *v;

	if (c->broken) /* a statement that could not be read may have set it */
		return unknown(c, at, name);
	if (!c->unit)
		return refuse(c, at, near_constant(c, name), "nothing is named \"%s\" here", name);
	if (doc_find_function(c->doc, name))
		return refuse(c, at, "call it: as in f()", "'%s' is a function", name);
	if (c->who == WHO_PROGRAM) {
		v = symtab_get(&c->vars, SCOPE_DRIVER, name);
		if (v)
			return refuse(
			    c, at, "the driver writes what the device is to know with writel()",
			    "'%s' is the driver's: a device's program does not see it", name);
	}
	return refuse(c, at, name_hint(c, name), "nothing is named \"%s\" on this line", name);
}

/* ---- types ------------------------------------------------------------------------------------
 */

static const char *const later_structs[] = {"nic_desc", NULL};

/* struct scatterlist and struct sg_table: the kernel's own, no memory. False: it is none. */
static bool resolve_sg(struct compiler *c, const struct type_ref *ref, struct type *out)
{
	bool table = strcmp(ref->tag, "sg_table") == 0;

	if (!table && strcmp(ref->tag, "scatterlist") != 0)
		return false;
	if (ref->stars > 1)
		refuse(c, ref->at, NULL, "only pointers to struct %s are held", ref->tag);
	else if (ref->stars)
		*out = type_of_kind(table ? TY_SGT : TY_SG);
	else
		*out = type_of_kind(table ? TY_SGT_TABLE : TY_SG_LIST);
	return true;
}

/* struct dma_iova_state: the kernel's own, too. False: it is none. */
static bool resolve_iova(struct compiler *c, const struct type_ref *ref, struct type *out)
{
	if (strcmp(ref->tag, "dma_iova_state") != 0)
		return false;
	if (ref->stars)
		refuse(c, ref->at, "declare struct dma_iova_state state; and give &state",
		       "pointers to struct dma_iova_state are not held");
	else
		*out = type_of_kind(TY_IOVA_STATE);
	return true;
}

static bool resolve_struct(struct compiler *c, const struct type_ref *ref, struct type *out)
{
	const struct layout *l = symtab_get(&c->structs, 0, ref->tag);
	const char **names;
	u32 i;

	for (i = 0; !l && later_structs[i]; i++) {
		if (strcmp(later_structs[i], ref->tag) != 0)
			continue;
		refuse(c, ref->at, NULL, "struct %s is not there yet", ref->tag);
		return false;
	}
	if (!l && (strcmp(ref->tag, "page") == 0 || strcmp(ref->tag, "dma_pool") == 0)) {
		if (ref->stars != 1) {
			refuse(c, ref->at, arena_printf(c->arena, "write struct %s *", ref->tag),
			       "only pointers to struct %s are held", ref->tag);
			return false;
		}
		*out = type_of_kind(ref->tag[0] == 'p' ? TY_PAGE : TY_POOL);
		return true;
	}
	if (!l && c->broken) {
		unknown(c, ref->at, ref->tag);
		return false;
	}
	if (!l) {
		names = arena_alloc(c->arena, c->structs.n + 1, sizeof(*names));
		for (i = 0; i < c->structs.n; i++)
			names[i] = c->structs.v[i].name;
		refuse(c, ref->at, near(c, ref->tag, names), "there is no struct %s", ref->tag);
		return false;
	}
	if (l->bad) {
		unknown(c, ref->at, ref->tag);
		return false;
	}
	*out = (struct type){.kind = TY_STRUCT, .layout = l};
	return true;
}

bool type_resolve(struct compiler *c, const struct type_ref *ref, struct type *out)
{
	u32 stars = ref->stars;

	*out = (struct type){0};
	if (ref->base == TYPE_STRUCT) {
		if (resolve_sg(c, ref, out) || resolve_iova(c, ref, out))
			return out->kind != TY_NONE;
		if (!resolve_struct(c, ref, out))
			return false;
		if (out->kind == TY_PAGE || out->kind == TY_POOL)
			return true;
	}
	if (stars) {
		out->kind = TY_PTR;
		out->base = (u8)ref->base;
		out->stars = (u8)(stars - 1);
		out->is_const = ref->is_const;
		out->bus = c->unit && in_device(c);
		return true;
	}
	if (ref->base != TYPE_STRUCT) {
		struct type p = {.kind = TY_PTR, .base = (u8)ref->base};

		*out = type_target(&p);
		out->bus = false;
		if (out->kind == TY_ENDIAN)
			out->base = (u8)ref->base;
	}
	return true;
}
