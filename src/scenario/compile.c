/* SPDX-License-Identifier: MIT */
/* The passes of the compiler, its units, and what is made of the last pass. */
#include "scenario/compile.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "scenario/compile_int.h"

/* ---- reporting --------------------------------------------------------------------------------
 */

static bool is_known(const struct err_list *errs, struct pos at, const char *text)
{
	u32 i;

	for (i = 0; i < errs->n; i++)
		if (errs->v[i].pos.line == at.line && errs->v[i].pos.col == at.col &&
		    strcmp(errs->v[i].message, text) == 0)
			return true;
	return false;
}

struct type refuse(struct compiler *c, struct pos at, const char *hint, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	c->errors++;
	if (c->quiet || (c->taken && !c->in_dead))
		return (struct type){0};
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (!is_known(c->errs, at, text))
		err_add(c->errs, at, hint, "%s", text);
	return (struct type){0};
}

struct type unknown(struct compiler *c, struct pos at, const char *what)
{
	if (!c->quiet && !c->unknown_at.line) {
		c->unknown_at = at;
		c->unknown = what;
	}
	return (struct type){0};
}

const char *text_of(struct compiler *c, const struct expr *e)
{
	struct str s = {0};
	const char *text;

	if (c->quiet)
		return "";
	ast_print_expr(e, &s);
	text = arena_strndup(c->arena, str_get(&s), s.n);
	str_free(&s);
	return text;
}

const char *near(struct compiler *c, const char *word, const char *const *names)
{
	const char *found = c->quiet ? NULL : str_nearest(word, names);

	return found ? arena_printf(c->arena, "did you mean \"%s\"?", found) : NULL;
}

/* ---- arms that are taken ----------------------------------------------------------------------
 */

static u32 arm_slot(const struct arm_set *s, const void *arm)
{
	u32 i = (u32)(((uintptr_t)arm >> 4) * 2654435761u) & (s->slots - 1);

	while (s->slot[i] && s->slot[i] != arm)
		i = (i + 1) & (s->slots - 1);
	return i;
}

bool arm_set_has(const struct arm_set *s, const void *arm)
{
	return s->slots && s->slot[arm_slot(s, arm)] == arm;
}

void arm_set_add(struct arm_set *s, const void *arm)
{
	if (arm_set_has(s, arm))
		return;
	if (s->n >= s->slots / 4 * 3) {
		struct arm_set old = *s;
		u32 i;

		s->slots = old.slots ? old.slots * 2 : 64;
		s->slot = mem_zalloc(s->slots, sizeof(*s->slot));
		for (i = 0; i < old.slots; i++)
			if (old.slot[i])
				s->slot[arm_slot(s, old.slot[i])] = old.slot[i];
		mem_free(old.slot);
	}
	s->slot[arm_slot(s, arm)] = arm;
	s->n++;
}

void arm_set_free(struct arm_set *s)
{
	mem_free(s->slot);
	*s = (struct arm_set){0};
}

/* ---- units ------------------------------------------------------------------------------------
 */

static void begin_unit(struct compiler *c, struct unit *u, u32 scope, enum scope storage)
{
	*u = (struct unit){.scope = scope, .storage = storage};
	c->unit = u;
	c->who = WHO_CPU;
	c->note = NULL;
	c->predict = NULL;
	c->nest = 0;
}

static void end_unit(struct compiler *c)
{
	labels_end(c);
	vec_free(&c->unit->returns);
	vec_free(&c->unit->failures);
	c->unit = NULL;
}

/* A variable of the compiler's own: device_release_driver() was called, remove has run. */
static struct variable *unbound_flag(struct compiler *c)
{
	struct variable *v = variable_to_set(c, " unbound", (struct pos){0});
	struct type t = type_int(W_U64);

	if (v)
		variable_set_type(c, v, &t, (struct pos){0});
	return v;
}

/* The steps of remove, here: a unit of their own, with the driver's variables. Its greatest depth.
 */
static u32 remove_here(struct compiler *c)
{
	struct unit *outer = c->unit, u;
	const struct stmt *predict = c->predict;
	enum who who = c->who;
	u32 nest = c->nest;

	begin_unit(c, &u, SCOPE_REMOVE, SCOPE_GLOBAL);
	c->nest = nest;
	stmt_list(c, &c->doc->remove);
	patch_all(c, &u.returns);
	end_unit(c);
	c->unit = outer;
	c->who = who;
	c->predict = predict;
	return u.max_depth;
}

bool unbind_here(struct compiler *c)
{
	struct variable *v;
	u32 again, depth;

	if (c->unit->scope != SCOPE_DRIVER)
		return false;
	c->changed |= !c->unbinds;
	c->unbinds = true;
	if (!c->doc->has_remove)
		return true;
	v = unbound_flag(c);
	if (!v)
		return true;
	emit_get(c, v);
	again = emit_jump(c, OP_JNZ);
	emit_push(c, 1);
	emit_set(c, v);
	depth = remove_here(c);
	if (depth > c->unit->max_depth)
		c->unit->max_depth = depth;
	patch(c, again);
	return true;
}

/* driver, SETTLE, remove, SETTLE, UNBIND, END; a failed probe: its value, SETTLE, UNBIND, END */
static void remove_at_end(struct compiler *c, u32 *depth)
{
	struct variable *v = c->unbinds ? unbound_flag(c) : NULL;
	u32 done = 0, d;

	if (v) {
		emit_get(c, v);
		done = emit_jump(c, OP_JNZ);
	}
	d = remove_here(c);
	emit(c, OP_SETTLE, 0, 0, 0, 0);
	if (v)
		patch(c, done);
	*depth = *depth > d ? *depth : d;
}

/* Whether it shows that the driver leaves: something is done then, or dma-debug looks (on PCI). */
static bool unbinds_at_end(const struct compiler *c)
{
	if (c->doc->has_remove || c->manages)
		return true;
	for (u32 d = 0; d < c->cfg->hw.devs; d++)
		if (c->cfg->hw.dev[d].bus == BUS_PCI)
			return true;
	return false;
}

static void compile_driver(struct compiler *c)
{
	struct jumps failures;
	struct unit u;
	u32 depth;

	begin_unit(c, &u, SCOPE_DRIVER, SCOPE_GLOBAL);
	c->prog->driver_entry = here(c);
	if (c->unbinds && c->doc->has_remove && unbound_flag(c)) {
		emit_push(c, 0);
		emit_set(c, unbound_flag(c));
	}
	stmt_list(c, &c->doc->driver);
	patch_all(c, &u.returns);
	emit(c, OP_SETTLE, 0, 0, 0, 0);
	failures = u.failures;
	u.failures = (struct jumps){0};
	depth = u.max_depth;
	end_unit(c);
	if (c->doc->has_remove) {
		begin_unit(c, &u, SCOPE_DRIVER, SCOPE_GLOBAL);
		remove_at_end(c, &depth);
		end_unit(c);
	}
	begin_unit(c, &u, SCOPE_DRIVER, SCOPE_GLOBAL);
	if (unbinds_at_end(c))
		emit(c, OP_UNBIND, 0, 1, 0, 0);
	emit(c, OP_END, 0, 0, 0, 0);
	if (failures.n) {
		patch_all(c, &failures);
		emit(c, OP_SETTLE, 0, 0, 0, 0);
		if (c->manages)
			emit(c, OP_UNBIND, 0, 2, 0, 0);
		emit(c, OP_END, 0, 1, 0, 0);
	}
	end_unit(c);
	c->driver_stack = depth;
}

static void compile_device(struct compiler *c, u32 i)
{
	const struct doc_device *d = &c->doc->device[i];
	struct unit u;

	c->prog->device[i].entry = ~0u;
	if (!d->has_program)
		return;
	begin_unit(c, &u, SCOPE_PROGRAM + 2 * i, SCOPE_DEVICE);
	c->who = WHO_PROGRAM;
	c->device = i;
	c->prog->device[i].entry = here(c);
	stmt_list(c, &d->program);
	patch_all(c, &u.returns);
	emit(c, OP_END, 0, 0, 0, 0);
	c->prog->device[i].slots = u.slots;
	if (u.max_depth > STACK_VALUES)
		refuse(c, d->name.at, "write several statements",
		       "a statement of '%s' holds %u values at once; at most %d are possible",
		       d->name.text, u.max_depth, STACK_VALUES);
	end_unit(c);
}

static void declare_params(struct compiler *c, struct instance *in)
{
	u32 i;

	for (i = 0; i < in->fn->params; i++) {
		const struct declarator *d = &in->fn->param[i];
		struct variable *v = variable_declare(c, d->name.text, d->name.at, false);
		struct type t;

		if (!v) {
			c->unit->slots++;
			continue;
		}
		v->assigned = true;
		v->set_pass = c->pass;
		v->made = d->name.at;
		if (in->bytes_mask >> i & 1)
			v->type = type_of_kind(TY_BYTES);
		else if (type_resolve(c, &d->type, &t) && t.kind != TY_VOID &&
			 t.kind != TY_STRUCT && t.kind != TY_SG_LIST && t.kind != TY_SGT_TABLE &&
			 t.kind != TY_IOVA_STATE)
			v->type = t;
		else if (t.kind != TY_NONE)
			refuse(c, d->type.at, "pass a pointer", "a parameter cannot be %s",
			       t.kind == TY_VOID ? "void" : "a struct");
		variable_touch(c, v);
	}
}

static void compile_function(struct compiler *c, u32 index)
{
	struct instance *in = c->instances.v[index];
	struct unit u;

	begin_unit(c, &u, SCOPE_FUNCTION + 2 * index, SCOPE_LOCAL);
	if (c->takes)
		arm_set_add(c->takes, in->fn);
	c->in_dead = c->taken && !arm_set_has(c->taken, in->fn);
	u.instance = in;
	in->pass = c->pass;
	in->entry = here(c);
	in->callees.n = 0;
	declare_params(c, in);
	stmt_list(c, &in->fn->body);
	if (in->gives) {
		emit_push(c, 0);
		emit(c, OP_RETV, 0, 0, 0, 0);
	} else {
		emit(c, OP_RET, 0, 0, 0, 0);
	}
	in->locals = u.slots;
	in->max_stack = u.max_depth;
	end_unit(c);
	c->in_dead = false;
}

/* ---- passes -----------------------------------------------------------------------------------
 */

static void begin_pass(struct compiler *c)
{
	u32 i;

	c->pass++;
	c->changed = false;
	c->code.n = c->pool.n = c->asserts.n = c->globals.n = c->roots.n = c->polled.n = 0;
	c->stmts.n = c->fence = 0;
	vec_push(&c->stmts, (struct stmt_info){.text = ""});
	for (i = 0; i < DEVICES_MAX; i++)
		c->program_vars[i].n = 0;
	c->array_slots = c->sg_entries = c->sg_tables = c->iova_states = 0;
	c->prog->global_slots = 0;
}

static bool is_compiled(const struct compiler *c, u32 function)
{
	u32 i;

	for (i = 0; i < c->instances.n; i++)
		if (c->instances.v[i]->fn == &c->doc->function[function] &&
		    c->instances.v[i]->pass == c->pass)
			return true;
	return false;
}

static void run_pass(struct compiler *c)
{
	struct unit u;
	u32 i, k;

	begin_pass(c);
	compile_driver(c);
	for (i = 0; i < c->doc->devices; i++)
		compile_device(c, i);
	for (i = 0; i < c->instances.n; i++) /* grows as it goes */
		compile_function(c, i);
	for (k = 0; c->taken && k < c->doc->functions; k++) /* called in no variant: checked too */
		if (!arm_set_has(c->taken, &c->doc->function[k]) && !is_compiled(c, k))
			instance_of(c, &c->doc->function[k], 0);
	for (; i < c->instances.n; i++)
		compile_function(c, i);
	begin_unit(c, &u, SCOPE_DRIVER, SCOPE_GLOBAL);
	work_entries(c);
	end_unit(c);
}

static void find_types(struct compiler *c)
{
	u32 i;

	c->quiet = true;
	for (i = 0; i < PASSES_MAX; i++) {
		run_pass(c);
		if (!c->changed)
			break;
	}
	c->quiet = false;
}

/* ---- all ------------------------------------------------------------------------------------ */

static void release(struct compiler *c)
{
	u32 i;

	for (i = 0; i < c->instances.n; i++)
		vec_free(&c->instances.v[i]->callees);
	for (i = 0; i < DEVICES_MAX; i++)
		vec_free(&c->program_vars[i]);
	vec_free(&c->instances);
	vec_free(&c->roots);
	vec_free(&c->polled);
	vec_free(&c->code);
	vec_free(&c->pool);
	vec_free(&c->stmts);
	vec_free(&c->asserts);
	vec_free(&c->globals);
	symtab_free(&c->consts);
	symtab_free(&c->vars);
	symtab_free(&c->structs);
}

/* p lies in its own arena, so that it goes with it. */
static struct program *new_program(void)
{
	struct arena arena = {0};
	struct program *p = arena_alloc(&arena, 1, sizeof(*p));

	p->arena = arena;
	return p;
}

struct program *compile_program(const struct scenario_doc *doc, const struct param_values *values,
				const struct machine_config *cfg, struct arm_set *takes,
				const struct arm_set *taken, struct err_list *errs)
{
	struct arena arena = {0};
	struct compiler *c = arena_alloc(&arena, 1, sizeof(*c));
	struct program *p = new_program();
	bool ok;

	*c = (struct compiler){
	    .doc = doc, .cfg = cfg, .errs = errs, .prog = p, .takes = takes, .taken = taken};
	c->arena = &arena;
	names_add_constants(c, values);
	names_add_header(c);
	names_check_functions(c);
	c->broken = values->broken;
	names_collect_globals(c);
	find_types(c);
	c->errors = 0;
	run_pass(c);
	compile_check_calls(c);
	if (!c->errors && !c->broken && c->unknown_at.line)
		refuse(c, c->unknown_at, "declare it with its type",
		       "the type of '%s' cannot be known here", c->unknown);
	ok = !c->errors && !errs->n;
	if (ok)
		compile_keep(c);
	else
		program_free(p);
	release(c);
	arena_free(&arena);
	return ok ? p : NULL;
}
