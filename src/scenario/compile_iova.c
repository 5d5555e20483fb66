/* SPDX-License-Identifier: MIT */
/* struct dma_iova_state: a variable that only the kernel sets, given to it by its address. */
#include <string.h>

#include "scenario/compile_int.h"

bool iova_is_object(struct compiler *c, const struct expr *e)
{
	const struct variable *v = e->kind == EXPR_NAME ? find_variable(c, e->text) : NULL;

	return v && v->type.kind == TY_IOVA_STATE;
}

struct type iova_address(struct compiler *c, const struct expr *e)
{
	emit_push(c, find_variable(c, e->text)->sg);
	return type_of_kind(TY_IOVA);
}

struct type iova_value(struct compiler *c, const struct expr *e)
{
	if (strcmp(e->text, "addr") != 0)
		return refuse(c, e->op_at, "state.addr is where the range begins for the device",
			      "a dma_iova_state has no field '%s' here", e->text);
	emit_push(c, find_variable(c, e->left->text)->sg);
	emit(c, OP_SG_GET, 0, PLACE_IOVA_ADDR, 0, 0);
	return type_of_kind(TY_DMA);
}

void iova_declare(struct compiler *c, const struct stmt *s, struct variable *v)
{
	v->set_pass = c->pass;
	if (s->init) {
		refuse(c, s->init->at, "dma_iova_try_alloc() fills it",
		       "a dma_iova_state is not given a value at once");
		return;
	}
	if (v->length) {
		refuse(c, s->decl.name.at, "declare several", "dma_iova_state has no arrays");
		return;
	}
	if (v->pass != c->pass) {
		v->pass = c->pass;
		v->sg = ++c->iova_states;
	}
	if (c->iova_states > SG_TABLES_MAX)
		refuse(c, s->decl.name.at, NULL, "more than %d states", SG_TABLES_MAX);
}

bool iova_call_known(struct compiler *c, const struct expr *e)
{
	bool is = strncmp(e->text, "dma_iova_", 9) == 0 || strcmp(e->text, "dma_use_iova") == 0;

	if (!is || c->cfg->lx.version >= LINUX_VERSION(6, 16))
		return true;
	refuse(c, e->at, "map each piece with dma_map_page(), or have kernel: \"7.1\"",
	       "%s() came with Linux 6.16: the kernel of platform '%s' is %u.%u", e->text,
	       c->cfg->platform, c->cfg->lx.version >> 8, c->cfg->lx.version & 0xff);
	return false;
}
