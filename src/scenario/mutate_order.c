/* SPDX-License-Identifier: MIT */
/* Faults in order: barriers, registers, waits, byte order. */
#include <string.h>

#include "scenario/mutate_int.h"

static const struct site *site(const struct mutator *m, u32 at)
{
	return &m->sites.v[at];
}

/* The call that a step is by itself; NULL: it is another kind of step. */
static const struct expr *plain_call(const struct mutator *m, u32 at)
{
	return site(m, at)->s->kind == STMT_CALL ? site(m, at)->s->expr : NULL;
}

/* What a write barrier in front of it orders, which it does not order by itself. */
static bool needs_barrier(const struct mutator *m, u32 at)
{
	const struct stmt *s = site(m, at)->s;
	enum call_id id;

	if (is_store(s) || is_call(stmt_call(s), "writel_relaxed"))
		return true;
	/* A function of the driver's own. */
	return s->kind == STMT_CALL && doc_find_function(m->doc, s->expr->text) &&
	       !call_find(s->expr->text, &id);
}

void mutate_BARRIER_DROPPED(struct mutator *m, u32 at)
{
	const struct expr *c = plain_call(m, at);
	u32 next = site_behind(m, at);

	if (!is_barrier(c))
		return;
	if (is_call_of(c, "dma_rmb rmb smp_rmb") || (next != NO_SITE && needs_barrier(m, next)))
		mutate_cut(m, at);
}

void mutate_BARRIER_TURNED(struct mutator *m, u32 at)
{
	const struct expr *c = plain_call(m, at);

	if (is_call(c, "dma_wmb"))
		mutate_name(m, at, c, "dma_rmb");
	else if (is_call(c, "dma_rmb"))
		mutate_name(m, at, c, "dma_wmb");
}

/* A store, a barrier, a store: the last one comes first. */
void mutate_STORE_EARLY(struct mutator *m, u32 at)
{
	u32 barrier = site_before(m, at), store;

	if (!is_store(site(m, at)->s) || barrier == NO_SITE || !is_barrier(plain_call(m, barrier)))
		return;
	store = site_before(m, barrier);
	if (store != NO_SITE && is_store(site(m, store)->s))
		mutate_before(m, at, store);
}

/* What has to be done before the device looks: a store, a sync for it. */
static bool prepares(const struct stmt *s)
{
	const struct expr *c = stmt_call(s);

	return is_store(s) || (is_sync(c) && strstr(c->text, "_for_device"));
}

void mutate_DOORBELL_EARLY(struct mutator *m, u32 at)
{
	u32 i = site_before(m, at);

	if (!is_call_of(plain_call(m, at), "writel writel_relaxed"))
		return;
	while (i != NO_SITE && is_barrier(plain_call(m, i)))
		i = site_before(m, i);
	if (i != NO_SITE && prepares(site(m, i)->s))
		mutate_before(m, at, i);
}

/* Whether stores are on their way here that nothing has ordered since. */
static bool stores_wait(const struct mutator *m, u32 at)
{
	for (u32 i = site_before(m, at); i != NO_SITE; i = site_before(m, i)) {
		const struct stmt *s = site(m, i)->s;
		const struct expr *c = stmt_call(s);

		if (is_store(s) || (s->kind == STMT_CALL && doc_find_function(m->doc, c->text)))
			return true;
		if (is_barrier(c) || is_wait(s) || is_call_of(c, "writel readl"))
			return false;
	}
	return false;
}

void mutate_DOORBELL_RELAXED(struct mutator *m, u32 at)
{
	if (is_call(plain_call(m, at), "writel") && stores_wait(m, at))
		mutate_name(m, at, plain_call(m, at), "writel_relaxed");
}

void mutate_STATUS_RELAXED(struct mutator *m, u32 at)
{
	const struct site *x = site(m, at);

	/* readl() alone is for what it pushes to the device. */
	for (u32 i = 0; i < x->calls && !is_call(plain_call(m, at), "readl"); i++)
		if (is_call(x->call[i], "readl"))
			mutate_name(m, at, x->call[i], "readl_relaxed");
}

void mutate_READ_BACK(struct mutator *m, u32 at)
{
	if (is_call_of(plain_call(m, at), "readl readw readb readq"))
		mutate_cut(m, at);
}

void mutate_STOP_DROPPED(struct mutator *m, u32 at)
{
	const struct expr *c = plain_call(m, at);

	if (is_call_of(c, "writel writel_relaxed") && c->arg[0]->kind == EXPR_NUMBER &&
	    c->arg[0]->number == 0)
		mutate_cut(m, at);
}

void mutate_WAIT_DROPPED(struct mutator *m, u32 at)
{
	if (is_call_of(plain_call(m, at), "poll wait_event flush_work"))
		mutate_cut(m, at);
}

void mutate_ENDIAN_DROPPED(struct mutator *m, u32 at)
{
	const struct site *x = site(m, at);

	for (u32 i = 0; i < x->calls; i++) {
		const struct expr *c = x->call[i];

		if (is_call_of(c, "cpu_to_le16 cpu_to_le32 cpu_to_le64 cpu_to_be16 cpu_to_be32 "
				  "cpu_to_be64 le16_to_cpu le32_to_cpu le64_to_cpu be16_to_cpu "
				  "be32_to_cpu be64_to_cpu"))
			mutate_expr(m, at, c,
				    arena_printf(m->a,
						 c->arg[0]->kind == EXPR_BINARY ? "(%s)" : "%s",
						 expr_text(m, c->arg[0])));
	}
}
