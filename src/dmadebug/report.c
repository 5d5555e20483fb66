/* SPDX-License-Identifier: MIT */
/* Whether a complaint is printed: err_printk() and driver_filter() of kernel/dma/debug.c. */
#include "dmadebug/dmadebug_int.h"

/* A device without a driver is filtered out by any filter: dev->driver is NULL then. */
static bool passes(const struct dmadebug *d, u32 dev)
{
	const char *filter = (const char *)st(d)->filter;

	if (!filter[0])
		return true;
	return !klog_is_unbound(d->w, dev) && strcmp(filter, d->cfg.dev[dev].driver) == 0;
}

static const struct errors *errors(const struct dmadebug *d)
{
	return world_at(d->w, d->told);
}

static void keep(struct dmadebug *d, const struct event *e, enum klog_id id, enum dmadebug_why why,
		 u32 event)
{
	const struct errors *k = errors(d);
	struct dmadebug_error x = {.id = (u32)id,
				   .why = (u32)why,
				   .stmt = e->stmt,
				   .event = event,
				   .step = world_now(d->w)->step,
				   .line = klog_entries(d->w)};

	if (k->n == ERRORS_KEPT)
		return;
	world_write(d->w, &k->v[k->n], &x, sizeof x);
	W_SET(d->w, k->n, k->n + 1);
}

void complain(struct dmadebug *d, const struct event *e, enum klog_id id, const u64 arg[KLOG_ARGS])
{
	const struct debug_state *s = st(d);
	bool shown = s->all_errors || s->num_errors > 0;
	enum dmadebug_why why = !passes(d, e->arg) ? DEBUG_FILTERED
				: shown		   ? DEBUG_PRINTED
						   : DEBUG_ONLY_FIRST;

	W_SET(d->w, s->error_count, s->error_count + 1);
	keep(d, e, id, why, world_now(d->w)->event);
	if (!s->all_errors && s->num_errors > 0) /* also when the filter hides it */
		W_SET(d->w, s->num_errors, s->num_errors - 1);
	if (why == DEBUG_PRINTED)
		klog_add(d->w, id, e->party, e->arg, arg);
}

u32 dmadebug_errors(const struct dmadebug *d)
{
	return errors(d)->n;
}

const struct dmadebug_error *dmadebug_error(const struct dmadebug *d, u32 i)
{
	return &errors(d)->v[i];
}
