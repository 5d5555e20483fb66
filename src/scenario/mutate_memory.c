/* SPDX-License-Identifier: MIT */
/* Faults in memory, addresses, masks and scatterlists. */
#include <string.h>

#include "scenario/mutate_int.h"

static const struct site *site(const struct mutator *m, u32 at)
{
	return &m->sites.v[at];
}

/* ---- memory -------------------------------------------------------------------------------- */

/* Whether a map gives that memory to a device: the variable by its name. */
static bool is_mapped(const struct mutator *m, const char *name)
{
	for (u32 i = 0; i < m->sites.n; i++) {
		const struct expr *c = stmt_call(site(m, i)->s), *p = call_arg(c, 'p', 0);

		if (is_map(c) && p && p->kind == EXPR_NAME && strcmp(p->text, name) == 0)
			return true;
	}
	return false;
}

void mutate_VMALLOC(struct mutator *m, u32 at)
{
	const struct expr *c = stmt_call(site(m, at)->s);
	const char *target = stmt_target(m, site(m, at)->s);

	if (target && is_call_of(c, "kmalloc kzalloc") && is_mapped(m, target))
		mutate_expr(m, at, c,
			    arena_printf(m->a, "v%s(%s)", c->text + 1, expr_text(m, c->arg[0])));
}

void mutate_BUFFER_SHORT(struct mutator *m, u32 at)
{
	const struct expr *c = stmt_call(site(m, at)->s), *n = call_arg(c, 'n', 0);
	const char *target = stmt_target(m, site(m, at)->s);

	if (target && is_call_of(c, "kmalloc kzalloc") && is_mapped(m, target) && devices_work(m) &&
	    !(n->kind == EXPR_NUMBER && n->number <= 1))
		mutate_expr(m, at, n, "1");
}

/* Lines of the header are no steps: they are looked at once, with the first step. */
void mutate_ALIGNMENT_DROPPED(struct mutator *m, u32 at)
{
	static const char *const words[] = {"____cacheline_aligned", "__aligned("};
	const struct ynode *header = ynode_get(m->doc->root, "header");
	struct pos pos = {0};

	if (!header || at != m->first)
		return;
	for (pos.line = header->at.line + 1; pos.line <= m->lines; pos.line++) {
		const struct row *l = &m->out->alone.v[pos.line - 1];

		if (!rows_is_blank(l) && !rows_indent(l))
			break;
		for (u32 w = 0; w < ARRAY_LEN(words); w++) {
			const char *found = strstr(l->s, words[w]), *end;

			if (!found || strchr(found, '{'))
				continue;
			end = w ? strchr(found, ')') : found + strlen(words[w]) - 1;
			pos.col = (u32)(found - l->s) + 1;
			pos.len = end ? (u32)(end - found) + 1 : 0;
			if (pos.len)
				mutate_header(m, pos, "");
		}
	}
}

static bool is_free(const struct expr *c)
{
	return is_call_of(c,
			  "kfree __free_page __free_pages free_page dma_free_coherent dma_free_wc "
			  "dma_free_attrs dma_free_noncoherent dma_free_pages dma_pool_free");
}

static const struct expr *free_at(const struct mutator *m, u32 at)
{
	const struct stmt *s = site(m, at)->s;

	return s->kind == STMT_CALL && is_free(s->expr) ? s->expr : NULL;
}

/* What is freed: a pointer or a page. */
static const char *freed(struct mutator *m, const struct expr *c)
{
	const struct expr *p = call_arg(c, 'p', 0);

	return expr_text(m, p ? p : call_arg(c, 'P', 0));
}

/* Whether it is the unmap of that memory. */
static bool unmaps(struct mutator *m, u32 at, const char *memory)
{
	const struct stmt *s = site(m, at)->s;
	const struct expr *c = s->kind == STMT_CALL && is_unmap(s->expr) ? s->expr : NULL;
	const char *h = expr_text(m, call_arg(c, 'h', 0));
	u32 map = h ? map_of(m, h, at) : NO_SITE;
	const struct expr *of = map == NO_SITE ? NULL : stmt_call(site(m, map)->s);
	const char *p =
	    expr_text(m, call_arg(of, 'p', 0) ? call_arg(of, 'p', 0) : call_arg(of, 'P', 0));

	return p && strcmp(p, memory) == 0;
}

/* Of streaming memory before its unmap; of coherent memory before the device was done. */
void mutate_FREE_EARLY(struct mutator *m, u32 at)
{
	const struct expr *c = free_at(m, at);
	const char *memory = c ? freed(m, c) : NULL;
	bool coherent = c && call_arg(c, 'h', 0);

	for (u32 i = memory ? site_before(m, at) : NO_SITE; i != NO_SITE; i = site_before(m, i)) {
		const struct stmt *s = site(m, i)->s;
		bool use = coherent ? is_wait(s) || is_device_act(s) : unmaps(m, i, memory);

		if (!use)
			continue;
		mutate_before(m, at, i);
		return;
	}
}

void mutate_FREE_DROPPED(struct mutator *m, u32 at)
{
	const struct expr *c = free_at(m, at);

	if (c && call_arg(c, 'h', 0))
		mutate_cut(m, at);
	else if (site(m, at)->s->kind == STMT_CALL &&
		 is_call(site(m, at)->s->expr, "dma_pool_destroy"))
		mutate_cut(m, at);
}

void mutate_FREE_TWICE(struct mutator *m, u32 at)
{
	const struct expr *c = free_at(m, at);

	if (c && call_arg(c, 'h', 0))
		mutate_copy(m, at);
}

void mutate_FREE_SIZE(struct mutator *m, u32 at)
{
	const struct expr *c = free_at(m, at), *n = call_arg(c, 'n', 0);

	if (!n || !call_arg(c, 'h', 0))
		return;
	if (n->kind == EXPR_NUMBER && n->number > 1)
		mutate_expr(m, at, n,
			    arena_printf(m->a, "%llu", (unsigned long long)n->number / 2));
	else if (n->kind != EXPR_NUMBER)
		mutate_expr(m, at, n,
			    arena_printf(m->a, n->kind == EXPR_BINARY ? "(%s) / 2" : "%s / 2",
					 expr_text(m, n)));
}

void mutate_SLEEPS(struct mutator *m, u32 at)
{
	const struct expr *gfp = call_arg(stmt_call(site(m, at)->s), 'g', 0);

	if (gfp && gfp->kind == EXPR_NAME && strcmp(gfp->text, "GFP_ATOMIC") == 0)
		mutate_expr(m, at, gfp, "GFP_KERNEL");
}

/* ---- addresses and masks ------------------------------------------------------------------- */

/* Where a handle goes to the device: half of it into a register, or it into a descriptor. */
static const struct expr *handle_told(const struct expr *c)
{
	if (is_call_of(c, "lower_32_bits upper_32_bits cpu_to_le32 cpu_to_le64") && c->n == 1 &&
	    c->arg[0]->kind == EXPR_NAME)
		return c->arg[0];
	return NULL;
}

void mutate_PHYSICAL(struct mutator *m, u32 at)
{
	for (u32 i = 0; i < site(m, at)->calls; i++) {
		const struct expr *h = handle_told(site(m, at)->call[i]);
		u32 map = h ? map_of(m, h->text, at) : NO_SITE;
		const struct expr *c = map == NO_SITE ? NULL : stmt_call(site(m, map)->s);
		const struct expr *p = call_arg(c, 'p', 0);

		if (p)
			mutate_expr(
			    m, at, h,
			    arena_printf(m->a, "(dma_addr_t)virt_to_phys(%s)", expr_text(m, p)));
	}
}

/* Bits of the mask that a step sets; 0: none that is written as such. */
static u64 mask_bits(const struct mutator *m, u32 at, const struct expr **bits)
{
	const struct site *x = site(m, at);

	for (u32 i = 0; i < x->calls; i++) {
		const struct expr *v = call_arg(x->call[i], 'v', 0);

		if (!is_call_of(x->call[i], "dma_set_mask dma_set_coherent_mask "
					    "dma_set_mask_and_coherent "
					    "dma_coerce_mask_and_coherent") ||
		    !is_call(v, "DMA_BIT_MASK") || v->arg[0]->kind != EXPR_NUMBER)
			continue;
		*bits = v->arg[0];
		return v->arg[0]->number;
	}
	return 0;
}

/* Without a mask of more than 32 bits no address has a high half. */
static bool has_high_half(const struct mutator *m)
{
	const struct expr *bits;
	bool wide = false;

	for (u32 i = 0; i < m->sites.n; i++)
		wide |= mask_bits(m, i, &bits) > 32;
	return wide;
}

void mutate_HIGH_HALF(struct mutator *m, u32 at)
{
	const struct stmt *s = site(m, at)->s;

	if (s->kind == STMT_CALL && is_call_of(s->expr, "writel writel_relaxed") &&
	    is_call(s->expr->arg[0], "upper_32_bits") && has_high_half(m))
		mutate_cut(m, at);
}

void mutate_MASK_WIDER(struct mutator *m, u32 at)
{
	const struct expr *bits;
	u64 n = mask_bits(m, at, &bits);

	if (n && n < 64)
		mutate_expr(m, at, bits, "64");
}

void mutate_MASK_DROPPED(struct mutator *m, u32 at)
{
	const struct stmt *s = site(m, at)->s;
	const struct expr *bits;
	u64 n = mask_bits(m, at, &bits);

	/* 32 bits are what it is without the call, and wider ones bounce at worst. */
	if (n && n < 32 && (s->kind == STMT_CALL || (s->kind == STMT_IF && s->arms == 1)))
		mutate_cut(m, at);
}

/* ---- scatterlists -------------------------------------------------------------------------- */

/*
 * Whether an IOMMU may join entries of some list: an entry must end where a page does, and the next
 * one begin with one. Where none are joined, counts and lengths of both sides are the same.
 */
static bool may_join(const struct mutator *m)
{
	for (u32 i = 0; i < m->sites.n; i++)
		for (u32 k = 0; k < site(m, i)->calls; k++) {
			const struct expr *c = site(m, i)->call[k];

			if (is_call(c, "sg_alloc_table_from_pages") ||
			    (is_call_of(c, "sg_set_page sg_set_buf") && expr_names(c, "PAGE_SIZE")))
				return true;
		}
	return false;
}

void mutate_LIMIT_DROPPED(struct mutator *m, u32 at)
{
	const struct stmt *s = site(m, at)->s;

	if (s->kind == STMT_CALL && may_join(m) &&
	    is_call_of(s->expr, "dma_set_max_seg_size dma_set_seg_boundary "
				"dma_set_min_align_mask"))
		mutate_cut(m, at);
}

/* What a map of a list returned into, and the count that it was given; or no name. */
struct counts {
	const char *returned, *given;
};

static struct counts counts_of(struct mutator *m, const char *list, u32 at)
{
	u32 map = list ? map_of(m, list, at) : NO_SITE;
	const struct expr *c = map == NO_SITE ? NULL : stmt_call(site(m, map)->s);
	const struct expr *given = call_arg(c, 'v', 0);

	if (!is_call_of(c, "dma_map_sg dma_map_sg_attrs") || !given)
		return (struct counts){0};
	return (struct counts){stmt_target(m, site(m, map)->s), expr_text(m, given)};
}

void mutate_NENTS_UNMAP(struct mutator *m, u32 at)
{
	const struct expr *c = stmt_call(site(m, at)->s), *v = call_arg(c, 'v', 0);
	struct counts n;

	if (!v || !(is_unmap(c) || is_sync(c)) || !may_join(m))
		return;
	n = counts_of(m, expr_text(m, call_arg(c, 's', 0)), at);
	if (n.returned && strcmp(n.given, expr_text(m, v)) == 0)
		mutate_expr(m, at, v, n.returned);
}

/* Any list whose map returned into that variable. */
static const char *given_for(struct mutator *m, const char *returned)
{
	for (u32 i = 0; i < m->sites.n; i++) {
		const struct expr *c = stmt_call(site(m, i)->s);
		const char *target = stmt_target(m, site(m, i)->s);

		if (is_call_of(c, "dma_map_sg dma_map_sg_attrs") && target &&
		    strcmp(target, returned) == 0)
			return expr_text(m, call_arg(c, 'v', 0));
	}
	return NULL;
}

static bool is_param(const struct function *f, const char *name)
{
	for (u32 i = 0; f && i < f->params; i++)
		if (strcmp(f->param[i].name.text, name) == 0)
			return true;
	return false;
}

void mutate_NENTS_DEVICE(struct mutator *m, u32 at)
{
	const struct site *x = site(m, at);

	if (is_call(x->s->kind == STMT_FOR_EACH ? x->s->cond : NULL, "for_each_sgtable_dma_sg"))
		mutate_name(m, at, x->s->cond, "for_each_sgtable_sg");
	for (u32 i = 0; i < x->calls && may_join(m); i++)
		for (u32 k = 0; k < x->call[i]->n; k++) {
			const struct expr *v = x->call[i]->arg[k];
			bool named = v->kind == EXPR_NAME && !is_param(x->fn, v->text);
			const char *given = named ? given_for(m, v->text) : NULL;

			if (given)
				mutate_expr(m, at, v, given);
			else if (v->kind == EXPR_FIELD && strcmp(v->text, "nents") == 0)
				mutate_expr(m, at, v,
					    arena_printf(m->a, "%s%sorig_nents",
							 expr_text(m, v->left),
							 v->op ? "->" : "."));
		}
}

void mutate_SG_LENGTH(struct mutator *m, u32 at)
{
	const struct site *x = site(m, at);

	for (u32 i = 0; i < x->calls && may_join(m); i++) {
		const struct expr *c = x->call[i];

		if (is_call(c, "sg_dma_len") && c->arg[0]->kind == EXPR_NAME)
			mutate_expr(m, at, c, arena_printf(m->a, "%s->length", c->arg[0]->text));
	}
}
