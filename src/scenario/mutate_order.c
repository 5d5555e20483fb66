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

static bool is_doorbell(const struct mutator *m, u32 at)
{
	return is_call_of(plain_call(m, at), "writel writeq writew writeb");
}

/* Whether a register write comes behind it, before the driver waits: that orders stores anyway, and
 * the device will not look before. */
static bool is_rung_later(const struct mutator *m, u32 at)
{
	for (u32 i = site_behind(m, at); i != NO_SITE; i = site_behind(m, i)) {
		if (is_doorbell(m, i))
			return true;
		if (is_wait(site(m, i)->s))
			return false;
	}
	return false;
}

/* Whether loads of memory come behind it that nothing else holds back. */
static bool loads_follow(const struct mutator *m, u32 at)
{
	for (u32 i = site_behind(m, at); i != NO_SITE; i = site_behind(m, i)) {
		if (is_load(site(m, i)->s))
			return true;
		if (is_wait(site(m, i)->s) || is_barrier(plain_call(m, i)) ||
		    is_unmap(plain_call(m, i)) || is_sync(plain_call(m, i)) ||
		    is_call(stmt_call(site(m, i)->s), "readl"))
			return false;
	}
	return false;
}

/* A barrier that something depends on. */
static bool is_needed(const struct mutator *m, u32 at)
{
	const struct expr *c = plain_call(m, at);
	u32 next = site_behind(m, at);
	const struct stmt *s = next == NO_SITE ? NULL : site(m, next)->s;

	if (is_call_of(c, "dma_rmb rmb smp_rmb"))
		return loads_follow(m, at);
	if (!s || (!is_call(stmt_call(s), "writel_relaxed") && !is_store(s) && !calls_store(m, s)))
		return false;
	return !is_rung_later(m, at);
}

void mutate_BARRIER_DROPPED(struct mutator *m, u32 at)
{
	if (is_barrier(plain_call(m, at)) && is_needed(m, at))
		mutate_cut(m, at);
}

void mutate_BARRIER_TURNED(struct mutator *m, u32 at)
{
	const struct expr *c = plain_call(m, at);

	if (!is_barrier(c) || !is_needed(m, at))
		return;
	if (is_call(c, "dma_wmb"))
		mutate_name(m, at, c, "dma_rmb");
	else if (is_call(c, "dma_rmb"))
		mutate_name(m, at, c, "dma_wmb");
}

/* A store, a barrier, a store: the last one comes first. */
void mutate_STORE_EARLY(struct mutator *m, u32 at)
{
	u32 barrier = site_before(m, at), store;

	if (!is_store(site(m, at)->s) || barrier == NO_SITE ||
	    !is_barrier(plain_call(m, barrier)) || is_rung_later(m, at))
		return;
	store = site_before(m, barrier);
	if (store != NO_SITE && is_store(site(m, store)->s))
		mutate_before(m, at, store);
}

/* Half of an address goes into a register: that is no doorbell. */
static bool tells_address(const struct expr *c)
{
	return is_call_of(c->arg[0], "lower_32_bits upper_32_bits");
}

/* A value that is always the same, and not nothing: what starts a device. */
static bool starts(const struct mutator *m, u32 at)
{
	const struct expr *c = plain_call(m, at), *v;

	if (!is_call_of(c, "writel writel_relaxed"))
		return false;
	v = c->arg[0];
	return (v->kind == EXPR_NUMBER && v->number) ||
	       (v->kind == EXPR_NAME && v->text[0] >= 'A' && v->text[0] <= 'Z');
}

/* What has to be done before the device looks: a store, a sync for it, a register. */
static bool prepares(const struct stmt *s)
{
	const struct expr *c = stmt_call(s);

	return is_store(s) || (is_sync(c) && strstr(c->text, "_for_device")) ||
	       is_call_of(c, "writel writel_relaxed");
}

void mutate_DOORBELL_EARLY(struct mutator *m, u32 at)
{
	u32 i = site_before(m, at);

	if (!starts(m, at))
		return;
	while (i != NO_SITE &&
	       (is_barrier(plain_call(m, i)) || is_call(plain_call(m, i), "assert")))
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

		if (is_store(s) || calls_store(m, s))
			return true;
		if (is_barrier(c) || is_wait(s) || is_call_of(c, "writel readl"))
			return false;
	}
	return false;
}

void mutate_DOORBELL_RELAXED(struct mutator *m, u32 at)
{
	if (is_call(plain_call(m, at), "writel") && stores_wait(m, at) &&
	    !tells_address(plain_call(m, at)))
		mutate_name(m, at, plain_call(m, at), "writel_relaxed");
}

void mutate_STATUS_RELAXED(struct mutator *m, u32 at)
{
	const struct site *x = site(m, at);

	/* readl() alone is for what it pushes to the device. */
	for (u32 i = 0; i < x->calls && !is_call(plain_call(m, at), "readl"); i++)
		if (is_call(x->call[i], "readl") && loads_follow(m, at))
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
	    c->arg[0]->number == 0 && !strstr(expr_text(m, c->arg[1]), "ADDR"))
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
