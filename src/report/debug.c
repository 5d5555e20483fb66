/* SPDX-License-Identifier: MIT */
/*
 * What dma-debug said of a finding. The table of diagnoses knows what it says of a kind of fault;
 * the run knows what it said: it looks at calls, prints only the first error unless it is told
 * otherwise, and confuses mappings of one address.
 */
#include "report/debug.h"

#include <string.h>

#include "core/klog.h"

void debug_collect(struct run *r)
{
	struct klog_words words = lx_words(&r->e->lx);

	r->debug_on = engine_debug_on(r->e);
	for (u32 i = 0; i < engine_debug_errors(r->e); i++) {
		struct run_debug d = {.x = engine_debug_error(r->e, i)};
		struct str line = {0};

		if (d.x.why == ENGINE_DEBUG_PRINTED && klog_text(r->e->w, d.x.line, &words, &line))
			d.line = mem_strdup(str_get(&line));
		str_free(&line);
		vec_push(&r->debug, d);
	}
}

void debug_free(struct run *r)
{
	for (u32 i = 0; i < r->debug.n; i++)
		mem_free(r->debug.v[i].line);
	vec_free(&r->debug);
}

/* Whether the row of a diagnosis names what an error's message begins with. */
static bool names_it(enum diag_id id, const struct engine_debug *x)
{
	struct str gist = {0};
	bool is;

	klog_gist((enum klog_id)x->id, &gist);
	is = strstr(diag_info(id)->dma_debug, str_get(&gist)) != NULL;
	str_free(&gist);
	return is;
}

static bool is_of_kind(const struct finding *f, const struct engine_debug *x)
{
	if (names_it(f->id, x))
		return true;
	for (u32 i = 0; i < DIAG_ASSERT; i++)
		if (diag_set_has(&f->also, i) && names_it((enum diag_id)i, x))
			return true;
	return false;
}

/* Of the finding's call or statement; a leak is told when the driver has gone. */
static bool is_about(const struct run *r, const struct finding *f, const struct engine_debug *x)
{
	u32 there = f->event ? event_get(r->names.log, f->event)->stmt : 0;

	if (f->id == DIAG_MAPPING_LEAK)
		return x->id == KLOG_DEBUG_LEAK;
	if (x->event == f->event)
		return true;
	return (x->stmt == f->stmt && x->step == f->step) ||
	       (there && x->stmt == there && x->step == event_step(r->names.log, f->event));
}

/* Some of the kernel's messages have two lines; the steps show them so, too. */
static void one_line(const char *s, struct str *out)
{
	for (; *s; s++)
		str_printf(out, *s == '\n' ? " | " : "%c", *s);
}

/* Errors that were not printed and that no word would tell apart. */
static bool alike(const struct run_debug *a, const struct run_debug *b)
{
	return !a->line && !b->line && a->x.id == b->x.id && a->x.why == b->x.why &&
	       a->x.stmt == b->x.stmt;
}

static void tell(const struct run *r, const struct finding *f, const struct run_debug *d, u32 times,
		 struct str *out)
{
	const struct engine_debug *x = &d->x;
	u32 line = names_line(&r->names, x->stmt);

	if (out->n)
		str_add(out, "; ");
	if (d->line) {
		one_line(d->line, out);
	} else {
		str_add(out, x->why == ENGINE_DEBUG_FILTERED
				 ? "counted, but driver_filter hides it: "
				 : "counted, but only the first error of a boot is printed: ");
		klog_gist((enum klog_id)x->id, out);
	}
	if (times > 1)
		str_printf(out, " (%u times)", times);
	if (x->stmt && line != names_line(&r->names, f->stmt))
		str_printf(out, " (line %u)", line);
}

void debug_said(const struct run *r, const struct finding *f, struct str *out)
{
	const char *row = diag_info(f->id)->dma_debug;
	bool of_kind = false;
	const struct run_debug *last = NULL;
	u32 times = 0;

	for (u32 i = 0; i < r->debug.n; i++)
		of_kind |= is_about(r, f, &r->debug.v[i].x) && is_of_kind(f, &r->debug.v[i].x);
	for (u32 i = 0; i < r->debug.n; i++) {
		const struct run_debug *d = &r->debug.v[i];

		if (!is_about(r, f, &d->x) || (of_kind && !is_of_kind(f, &d->x)))
			continue;
		if (last && !alike(last, d)) {
			tell(r, f, last, times, out);
			times = 0;
		}
		last = d;
		times++;
	}
	if (last) {
		tell(r, f, last, times, out);
		return;
	}
	if (!r->debug_on)
		str_printf(out, "off in this kernel; else: %s", row);
	else if (strncmp(row, "silent", 6) == 0)
		str_add(out, row);
	else
		str_printf(out, "silent in this run; elsewhere: %s", row);
}
