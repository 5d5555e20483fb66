/* SPDX-License-Identifier: MIT */
/* The statements in which faults are looked for, and what they say. */
#include <string.h>

#include "base/bug.h"
#include "scenario/mutate_int.h"

/* ---- finding them -------------------------------------------------------------------------- */

static void add_calls(struct site *x, const struct expr *e)
{
	if (!e)
		return;
	if (e->kind == EXPR_CALL && x->calls < SITE_CALLS)
		x->call[x->calls++] = e;
	add_calls(x, e->left);
	add_calls(x, e->right);
	for (u32 i = 0; e->kind == EXPR_CALL && i < e->n; i++)
		add_calls(x, e->arg[i]);
}

static void own_calls(struct site *x)
{
	const struct stmt *s = x->s;

	switch (s->kind) {
	case STMT_DECLARE:
		add_calls(x, s->init);
		break;
	case STMT_ASSIGN:
		add_calls(x, s->place);
		add_calls(x, s->value);
		break;
	case STMT_CALL:
	case STMT_RETURN:
		add_calls(x, s->expr);
		break;
	case STMT_IF:
		add_calls(x, s->arm[0].cond);
		break;
	case STMT_WHILE:
	case STMT_FOR:
	case STMT_FOR_EACH:
		add_calls(x, s->cond);
		break;
	default:
		break;
	}
}

static void walk(struct mutator *m, const struct ynode *n, const struct stmt_list *list, u32 parent,
		 const struct function *fn);

static void walk_bodies(struct mutator *m, const struct ynode *n, const struct stmt *s, u32 at)
{
	if (s->kind == STMT_IF)
		for (u32 i = 0; i < s->arms; i++)
			walk(m, n->pair[i].value, &s->arm[i].body, at, m->sites.v[at].fn);
	else if (s->kind == STMT_WHILE || s->kind == STMT_FOR || s->kind == STMT_FOR_EACH)
		walk(m, n->pair[0].value, &s->body, at, m->sites.v[at].fn);
}

static void walk(struct mutator *m, const struct ynode *n, const struct stmt_list *list, u32 parent,
		 const struct function *fn)
{
	bool is_list = n->kind == YNODE_SEQ;
	u32 block = m->blocks++;

	for (u32 i = 0; i < list->n; i++) {
		const struct ynode *node = is_list ? n->item[i] : n;
		struct site x = {.s = list->v[i],
				 .node = node,
				 .seq = is_list ? n : NULL,
				 .list = list,
				 .fn = fn,
				 .index = i,
				 .parent = parent,
				 .first = node->at.line - 1,
				 .end = node->at.line,
				 .block = block};

		if (is_list) {
			x.indent = n->at.col - 1;
			x.end = rows_block_end(&m->out->alone, x.first, x.indent);
		}
		own_calls(&x);
		for (u32 k = x.first; k < x.end && k < m->lines; k++)
			x.reached |= m->hit[k];
		vec_push(&m->sites, x);
		walk_bodies(m, node, x.s, m->sites.n - 1);
	}
}

/* Whether something of a list, of a function is reached. */
static bool block_reached(const struct mutator *m, u32 block, const char *fn)
{
	for (u32 i = 0; i < m->sites.n; i++) {
		const struct site *x = &m->sites.v[i];

		if (x->reached &&
		    (fn ? x->fn && strcmp(x->fn->name.text, fn) == 0 : x->block == block))
			return true;
	}
	return false;
}

/* What makes no event of its own: waits for variables are reached where something else of their
 * list is, calls of the file's functions where the function is. */
static void reach_others(struct mutator *m)
{
	for (u32 i = 0; i < m->sites.n; i++) {
		struct site *x = &m->sites.v[i];
		const struct expr *c = stmt_call(x->s);

		if (is_call_of(c, "wait_event poll flush_work"))
			x->reached |= block_reached(m, x->block, NULL);
		else if (c && doc_find_function(m->doc, c->text))
			x->reached |= block_reached(m, 0, c->text);
	}
}

void sites_find(struct mutator *m)
{
	const struct scenario_doc *doc = m->doc;
	const struct ynode *functions = ynode_get(doc->root, "functions");

	for (u32 i = 0; i < doc->functions; i++)
		walk(m, functions->pair[i].value, &doc->function[i].body, NO_SITE,
		     &doc->function[i]);
	walk(m, ynode_get(doc->root, "driver"), &doc->driver, NO_SITE, NULL);
	if (doc->has_remove)
		walk(m, ynode_get(doc->root, "remove"), &doc->remove, NO_SITE, NULL);
	reach_others(m);
}

/* ---- what they say ------------------------------------------------------------------------- */

bool is_call(const struct expr *e, const char *name)
{
	return e && e->kind == EXPR_CALL && strcmp(e->text, name) == 0;
}

bool is_call_of(const struct expr *e, const char *names)
{
	size_t n;

	if (!e || e->kind != EXPR_CALL)
		return false;
	n = strlen(e->text);
	for (const char *c = names; (c = strstr(c, e->text)) != NULL; c++)
		if ((c == names || c[-1] == ' ') && (c[n] == ' ' || !c[n]))
			return true;
	return false;
}

const struct expr *call_arg(const struct expr *call, char letter, u32 n)
{
	enum call_id id;
	const char *args;

	if (!call || call->kind != EXPR_CALL || !call_find(call->text, &id))
		return NULL;
	args = call_info(id)->args;
	for (u32 i = 0; args[i] && i < call->n; i++)
		if (args[i] == letter && n-- == 0)
			return call->arg[i];
	return NULL;
}

static const struct expr *bare(const struct expr *e)
{
	while (e && (e->kind == EXPR_CAST || (e->kind == EXPR_UNARY && e->op == UNARY_NOT)))
		e = e->left;
	return e && e->kind == EXPR_CALL ? e : NULL;
}

const struct expr *stmt_call(const struct stmt *s)
{
	switch (s->kind) {
	case STMT_DECLARE:
		return bare(s->init);
	case STMT_ASSIGN:
		return s->op == ASSIGN_SET ? bare(s->value) : NULL;
	case STMT_CALL:
		return s->expr;
	case STMT_IF:
		return bare(s->arm[0].cond);
	default:
		return NULL;
	}
}

const char *expr_text(struct mutator *m, const struct expr *e)
{
	struct str s = {0};
	const char *out;

	if (!e)
		return NULL;
	ast_print_expr(e, &s);
	out = arena_strndup(m->a, str_get(&s), s.n);
	str_free(&s);
	return out;
}

const char *stmt_target(struct mutator *m, const struct stmt *s)
{
	if (s->kind == STMT_DECLARE)
		return s->decl.name.text;
	return s->kind == STMT_ASSIGN ? expr_text(m, s->place) : NULL;
}

bool expr_names(const struct expr *e, const char *name)
{
	if (!e)
		return false;
	if ((e->kind == EXPR_NAME || e->kind == EXPR_CALL) && strcmp(e->text, name) == 0)
		return true;
	for (u32 i = 0; e->kind == EXPR_CALL && i < e->n; i++)
		if (expr_names(e->arg[i], name))
			return true;
	return expr_names(e->left, name) || expr_names(e->right, name);
}

static bool list_names(const struct stmt_list *l, const char *name)
{
	for (u32 i = 0; i < l->n; i++)
		if (stmt_names(l->v[i], name))
			return true;
	return false;
}

bool stmt_names(const struct stmt *s, const char *name)
{
	bool yes = false;

	switch (s->kind) {
	case STMT_DECLARE:
		return expr_names(s->init, name);
	case STMT_ASSIGN:
		return expr_names(s->place, name) || expr_names(s->value, name);
	case STMT_CALL:
	case STMT_RETURN:
		return expr_names(s->expr, name);
	case STMT_IF:
		for (u32 i = 0; i < s->arms; i++)
			yes |=
			    expr_names(s->arm[i].cond, name) || list_names(&s->arm[i].body, name);
		return yes;
	case STMT_WHILE:
	case STMT_FOR:
	case STMT_FOR_EACH:
		return expr_names(s->cond, name) || list_names(&s->body, name);
	case STMT_ACTOR:
		return list_names(&s->body, name);
	default:
		return false;
	}
}

bool is_map(const struct expr *e)
{
	return is_call_of(e, "dma_map_single dma_map_page dma_map_single_attrs dma_map_page_attrs "
			     "dma_map_resource dma_map_phys dma_map_sg dma_map_sg_attrs "
			     "dma_map_sgtable");
}

bool is_unmap(const struct expr *e)
{
	return e && e->kind == EXPR_CALL && strncmp(e->text, "dma_unmap_", 10) == 0;
}

bool is_sync(const struct expr *e)
{
	return e && e->kind == EXPR_CALL && strncmp(e->text, "dma_sync_", 9) == 0;
}

bool is_barrier(const struct expr *e)
{
	return is_call_of(e, "dma_wmb dma_rmb dma_mb wmb rmb mb smp_wmb smp_rmb smp_mb");
}

bool is_wait(const struct stmt *s)
{
	const struct expr *c = stmt_call(s);

	if (is_call_of(c, "poll wait_event msleep udelay"))
		return true;
	return s->kind == STMT_WHILE;
}

bool is_device_act(const struct stmt *s)
{
	return s->kind == STMT_ACTOR && s->actor == BY_DEVICE;
}

bool is_store(const struct stmt *s)
{
	if (s->kind == STMT_CALL)
		return is_call_of(s->expr, "memcpy memset WRITE_ONCE");
	/* Arrays hold pages and handles: variables, and no memory. */
	if (is_call_of(stmt_call(s), "alloc_page alloc_pages kmalloc kzalloc") ||
	    is_map(stmt_call(s)))
		return false;
	return s->kind == STMT_ASSIGN && s->place->kind != EXPR_NAME;
}

static bool through_pointer(const struct expr *e)
{
	if (!e)
		return false;
	if (e->kind == EXPR_INDEX || e->kind == EXPR_FIELD || is_call_of(e, "read READ_ONCE"))
		return true;
	for (u32 i = 0; e->kind == EXPR_CALL && i < e->n; i++)
		if (through_pointer(e->arg[i]))
			return true;
	return through_pointer(e->left) || through_pointer(e->right);
}

bool is_load(const struct stmt *s)
{
	if (s->kind == STMT_DECLARE)
		return through_pointer(s->init);
	if (s->kind == STMT_IF)
		return through_pointer(s->arm[0].cond);
	return s->kind == STMT_ASSIGN && through_pointer(s->value);
}

static bool list_stores(const struct stmt_list *l)
{
	bool yes = false;

	for (u32 i = 0; i < l->n && !yes; i++) {
		const struct stmt *s = l->v[i];

		yes = is_store(s);
		for (u32 k = 0; s->kind == STMT_IF && k < s->arms; k++)
			yes |= list_stores(&s->arm[k].body);
		if (s->kind == STMT_WHILE || s->kind == STMT_FOR || s->kind == STMT_FOR_EACH)
			yes |= list_stores(&s->body);
	}
	return yes;
}

bool calls_store(const struct mutator *m, const struct stmt *s)
{
	const struct expr *c = stmt_call(s);
	const struct function *f = c ? doc_find_function(m->doc, c->text) : NULL;

	return f && list_stores(&f->body);
}

bool devices_work(const struct mutator *m)
{
	for (u32 i = 0; i < m->doc->devices; i++) {
		const struct doc_device *d = &m->doc->device[i];

		if (d->has_program || ynode_get(d->fields, "model"))
			return true;
	}
	for (u32 i = 0; i < m->sites.n; i++)
		if (is_device_act(m->sites.v[i].s) && m->sites.v[i].reached)
			return true;
	return false;
}

bool is_made_to_fail(const struct mutator *m, const char *name)
{
	struct str s = {0};
	bool yes;

	str_printf(&s, "fail_nth(\"%s\"", name);
	yes = strstr(m->doc->text, str_get(&s)) != NULL;
	str_free(&s);
	return yes;
}

static bool is_remark(const struct stmt *s)
{
	return s->kind == STMT_NOTE || s->kind == STMT_LABEL || s->kind == STMT_BAD;
}

u32 site_before(const struct mutator *m, u32 at)
{
	for (u32 i = at; i-- > 0;)
		if (m->sites.v[i].block == m->sites.v[at].block && !is_remark(m->sites.v[i].s))
			return i;
	return NO_SITE;
}

u32 site_behind(const struct mutator *m, u32 at)
{
	for (u32 i = at + 1; i < m->sites.n; i++)
		if (m->sites.v[i].block == m->sites.v[at].block && !is_remark(m->sites.v[i].s))
			return i;
	return NO_SITE;
}

static bool makes(struct mutator *m, u32 i, const char *handle)
{
	const struct stmt *s = m->sites.v[i].s;
	const struct expr *c = stmt_call(s);
	const struct expr *list = call_arg(c, 's', 0) ? call_arg(c, 's', 0) : call_arg(c, 't', 0);
	const char *target = list ? expr_text(m, list) : stmt_target(m, s);

	return is_map(c) && target && strcmp(target, handle) == 0;
}

u32 map_of(struct mutator *m, const char *handle, u32 at)
{
	for (u32 i = at; i-- > 0;)
		if (makes(m, i, handle))
			return i;
	for (u32 i = at + 1; i < m->sites.n; i++)
		if (makes(m, i, handle))
			return i;
	return NO_SITE;
}
