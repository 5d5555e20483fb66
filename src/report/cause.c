/* SPDX-License-Identifier: MIT */
/* Chains of causes: which chain a finding has, and the steps that many of them share. */
#include "report/cause_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "core/addr.h"
#include "report/narrate.h"

static bool has(const struct chain *h, u32 event)
{
	for (u32 i = 0; i < h->c->n; i++)
		if (h->c->v[i].event == event)
			return true;
	return false;
}

/* The step that is in h->s. */
void chain_push(struct chain *h, u32 event)
{
	if (event && !has(h, event)) {
		u32 line = names_line(h->n, event_get(h->n->log, event)->stmt);

		vec_push(h->c, (struct cause_step){event, line, false, 2ull * event,
						   mem_strdup(str_get(&h->s)), NULL});
	}
	str_clear(&h->s);
}

/* A call that should stand before, or behind, what event number `at` is part of. */
void chain_missing(struct chain *h, u32 at, bool behind, const char *text)
{
	u32 stmt = event_get(h->n->log, at)->stmt;

	vec_push(h->c,
		 (struct cause_step){0, names_line(h->n, stmt), true,
				     2ull * at + (behind ? 1 : -1ull), mem_strdup(text), NULL});
}

void chain_where(struct chain *h, u64 pa, u32 at)
{
	names_byte(h->n, pa, at, &h->s);
}

static void chain_value(struct chain *h, u32 event)
{
	const struct event *e = event_get(h->n->log, event);
	bool dma = e->kind == EV_DMA_WRITE || e->kind == EV_DMA_READ;
	u64 v = dma ? e->f[3] : e->f[2];
	u8 b[8];

	put_le(b, v, 8);
	narrate_bytes(b, 8, (u32)(dma ? e->f[2] : e->f[1]), &h->s);
}

const char *who_did(const struct chain *h, u32 k)
{
	return names_party(h->n, k ? event_get(h->n->log, k)->party : PARTY_CPU);
}

/* ---- steps ---- */

u32 step_store(struct chain *h, u32 before, u64 pa, u64 len, const char *why)
{
	u32 k = events_last(h->n, before, events_kinds_stores(), ~0u, pa, len);

	if (!k)
		return 0;
	str_printf(&h->s, "%s stored ", who_did(h, k));
	chain_value(h, k);
	if (event_get(h->n->log, k)->f[0] != h->f->pa) {
		str_add(&h->s, " to ");
		chain_where(h, event_get(h->n->log, k)->f[0], k);
	}
	str_printf(&h->s, "%s", why);
	chain_push(h, k);
	return k;
}

u32 step_device_write(struct chain *h, u32 before, u64 pa, u64 len, const char *why)
{
	u32 k = events_last(h->n, before, EVENT_BIT(DMA_WRITE), ~0u, pa, len);
	const struct event *e;

	if (!k)
		return 0;
	e = event_get(h->n->log, k);
	str_printf(&h->s, "%s wrote ", names_device(h->n, e->arg));
	chain_value(h, k);
	str_printf(&h->s, " to %s", names_in_pool(h->n, e->f[1], k) ? "the bounce slot" : "memory");
	if (names_home(h->n, e->f[1], k) != h->f->pa) {
		str_add(&h->s, " at ");
		chain_where(h, names_home(h->n, e->f[1], k), k);
	}
	str_add(&h->s, why);
	chain_push(h, k);
	return k;
}

/* The last hand-over of the bytes before an event. */
u32 step_given(struct chain *h, u32 before)
{
	u32 k = events_last(h->n, before,
			    EVENT_BIT(MAP) | EVENT_BIT(UNMAP) | EVENT_BIT(SYNC_CPU) |
				EVENT_BIT(SYNC_DEVICE),
			    ~0u, h->f->pa, h->f->n ? h->f->n : 1);
	const struct event *e;

	if (!k && h->m)
		k = h->m->from < before ? h->m->from : 0;
	if (!k)
		return 0;
	e = event_get(h->n->log, k);
	str_add(&h->s, "the kernel gave ");
	names_phys(h->n, e->f[0], e->f[1], k, &h->s);
	if (e->kind == EV_MAP || e->kind == EV_SYNC_DEVICE)
		str_printf(&h->s, " to %s, %s", names_device(h->n, e->arg), names_rights(e->f[3]));
	else
		str_add(&h->s, e->kind == EV_UNMAP ? " back to the CPU: the mapping is over"
						   : " back to the CPU");
	chain_push(h, k);
	return k;
}

/* Where the copy of the line came from that a cache holds when `before` happens. */
void step_cached(struct chain *h, u32 before, const char *why)
{
	u32 line = h->n->cfg->hw.line;
	u64 at = align_down(h->f->pa, line);
	u32 k = events_last(h->n, before, EVENT_BIT(FILL) | EVENT_BIT(SPEC_FILL), ~0u, at, line);
	u32 kept = events_last(h->n, before, EVENT_BIT(CLEAN), ~0u, at, line);

	if (!k)
		return;
	str_add(&h->s, "the cache fetched line ");
	chain_where(h, at, k);
	str_printf(&h->s, "%s%s", event_get(h->n->log, k)->kind == EV_SPEC_FILL ? " by itself" : "",
		   why);
	chain_push(h, k);
	if (kept > k) {
		str_add(&h->s, "the cache wrote it to memory and kept it");
		chain_push(h, kept);
	}
}

void step_access(struct chain *h, const char *text)
{
	str_add(&h->s, text);
	chain_push(h, h->f->event);
}

void step_by(struct chain *h, const char *text)
{
	str_printf(&h->s, "%s%s", names_party(h->n, h->f->party), text);
	chain_push(h, h->f->event);
}

/* Whether the text begins with that word, and another follows. */
static bool begins(const char *text, const char *word, size_t n)
{
	return strncmp(text, word, n) == 0 && text[n] == ' ';
}

const char *cause_who(const struct names *n, const struct cause_step *step, u32 *len,
		      const char **rest)
{
	static const char *const parties[] = {"cache", "outer cache", "kernel",	 "driver",
					      "CPU",   "IOMMU",	      "handler", "laboratory"};
	const char *t = step->text, *who = NULL;

	*len = 0;
	for (u32 i = 0; i < ARRAY_LEN(parties) && !who && strncmp(t, "the ", 4) == 0; i++)
		if (begins(t + 4, parties[i], strlen(parties[i])))
			who = t + 4, *len = (u32)strlen(parties[i]);
	if (!who && strncmp(t, "CPU ", 4) == 0 && begins(t + 5, "", 0))
		who = t, *len = 5;
	for (u32 d = 0; d < n->cfg->hw.devs && !who; d++)
		if (begins(t, names_device(n, d), strlen(names_device(n, d))))
			who = t, *len = (u32)strlen(names_device(n, d));
	*rest = who ? who + *len + 1 : t;
	return who ? who : "";
}

static int by_order(const void *a, const void *b)
{
	const struct cause_step *x = a, *y = b;

	return x->order < y->order ? -1 : x->order > y->order;
}

void cause_sort(struct cause *c)
{
	if (c->n)
		qsort(c->v, c->n, sizeof *c->v, by_order);
}

static void chain_rule(struct chain *h)
{
	u32 kind = event_get(h->n->log, h->f->event)->kind;

	switch ((enum diag_id)h->f->id) {
	case DIAG_COMPILER_MAY_REORDER:
		(names_is_cpu(h->n, h->f->party) ? chain_order_cpu : chain_order_device)(h);
		break;
	case DIAG_INFO_LEAK_PARTIAL_WRITE:
		chain_leak(h);
		break;
	case DIAG_COHERENT_ALIAS_ACCESS:
		chain_alias(h);
		break;
	case DIAG_SYNC_WRONG_RANGE:
	case DIAG_SYNC_WRONG_DIRECTION:
	case DIAG_SYNC_UNMAPPED:
	case DIAG_MISSING_SYNC_FOR_CPU:
	case DIAG_CPU_TOUCH_DEVICE_OWNED_READ:
	case DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE:
		(kind == EV_SYNC_CPU || kind == EV_SYNC_DEVICE ? chain_sync : chain_touched)(h);
		break;
	case DIAG_MISSING_SYNC_FOR_DEVICE_REUSE:
	case DIAG_MAP_WRONG_DIRECTION:
		chain_by_device(h);
		break;
	case DIAG_HANG: /* the statement is the cause */
	case DIAG_ASSERT:
	case DIAG_KERNEL_BUG:
		break;
	default:
		chain_of_call(h);
	}
}

static void chain_stale(struct chain *h)
{
	switch ((enum diag_id)h->f->id) {
	case DIAG_COHERENT_ALIAS_ACCESS:
		chain_alias(h);
		break;
	case DIAG_MISSING_DMA_WMB:
	case DIAG_RELAXED_DOORBELL:
		chain_order_device(h);
		break;
	case DIAG_MISSING_DMA_RMB:
	case DIAG_RELAXED_STATUS_READ:
	case DIAG_MISSING_SMP_BARRIER:
		chain_order_cpu(h);
		break;
	case DIAG_IRQ_BEFORE_DATA:
		chain_irq(h);
		break;
	default:
		(names_is_cpu(h->n, h->f->party) ? chain_stale_cpu : chain_stale_device)(h);
	}
}

void cause_make(struct cause *c, const struct names *n, const struct finding *f)
{
	static void (*const told[])(struct chain *) = {
	    [TOLD_RULE] = chain_rule, [TOLD_STALE] = chain_stale, [TOLD_LOST] = chain_lost};
	struct chain h = {c, n, f, finding_map(n, f), {0}};

	*c = (struct cause){0};
	if (!f->event || f->event > n->log->n)
		return;
	BUG_ON(f->told >= ARRAY_LEN(told));
	told[f->told](&h);
	cause_sort(c);
	str_free(&h.s);
}

void cause_free(struct cause *c)
{
	for (u32 i = 0; i < c->n; i++) {
		mem_free(c->v[i].text);
		mem_free(c->v[i].so);
	}
	vec_free(c);
}
