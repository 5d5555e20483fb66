/* SPDX-License-Identifier: MIT */
#include "unit/spin_steps.h"

#include <string.h>

#include "base/mem.h"

#define BASE 0x10000 /* of both scenarios */

struct walk {
	const struct spin_model *m;
	const struct event_log *l;
	struct str *why;
	struct spin_state s;
	u32 at;	    /* number of the event */
	u32 kind;   /* the check that is waited for */
	u32 steps;  /* so far */
	bool there; /* it failed */
	bool bad;
	u8 *keep;		 /* of each event: fetch the line again behind this write-back */
	u32 written[SPIN_LINES]; /* A: the write-back whose line is still here, not there */
	bool redo;		 /* keep has got one more */
};

static u32 line_of(const struct walk *w, u64 pa)
{
	u64 i = (pa - BASE) / (w->m->which == SPIN_A ? 64 : 8);

	if (w->m->which == SPIN_B) /* entries are structs here, three arrays there */
		i = i % 3 * w->m->n + i / 3;
	return (u32)i;
}

static void wrong(struct walk *w, const char *what)
{
	const struct event *e = event_get(w->l, w->at);

	if (!w->bad)
		str_printf(w->why, "event %u (%s) is no step of the model: %s", w->at,
			   event_info(e->kind)->name, what);
	w->bad = true;
}

static void step(struct walk *w, u32 act, u32 arg)
{
	u32 failed;

	if (w->there || w->bad)
		return;
	if (!spin_step(w->m, &w->s, (struct spin_move){(u8)act, (u8)arg}, &failed)) {
		wrong(w, "it is not possible there");
		return;
	}
	w->steps++;
	w->there = failed == w->kind;
}

/* ---- the CPU ---- */

static u32 op_line(const struct walk *w)
{
	switch (w->s.cpu) {
	case CPU_FLUSH_C:
	case CPU_INVAL_C:
		return spin_line_c(w->m, w->s.ci);
	case CPU_CLEAN_P:
		return spin_line_p(w->m, w->s.ci);
	case CPU_CLEAN_D:
		return spin_line_d(w->m, w->s.ci);
	default:
		return ~0u;
	}
}

/* The wait before what the CPU does next has ended. */
static void awake(struct walk *w)
{
	if (w->s.cpu == CPU_WAIT)
		step(w, SPIN_CPU, 0);
}

/* The operation on a line is done, if it was not yet. */
static void operate(struct walk *w)
{
	awake(w);
	if (op_line(w) != ~0u)
		step(w, SPIN_CPU, 0);
}

/*
 * A line comes by itself while the CPU has an operation on it before it. Whether that came first
 * and found nothing shows at its end, the barrier: whether the line went.
 */
static void operated_before(struct walk *w, u32 line)
{
	if (w->s.cpu == CPU_WAIT && (w->m->fix & 8) && line == spin_line_c(w->m, w->s.ci) &&
	    w->s.irq > w->s.ci)
		awake(w);
	if (op_line(w) != line)
		return;
	for (u32 i = w->at + 1; i <= w->l->n; i++) {
		const struct event *e = event_get(w->l, i);

		if (e->kind == EV_BARRIER)
			break;
		if ((e->kind == EV_INVALIDATE || e->kind == EV_DROP) && line_of(w, e->f[0]) == line)
			return;
	}
	step(w, SPIN_CPU, 0);
}

/* A: only completions are loaded and not stored. */
static void load(struct walk *w, u32 line, u64 value)
{
	if (line >= w->m->n)
		return;
	awake(w);
	if (w->written[line] && !spin_present(&w->s, line) && (w->s.mem[line] & 3) != value) {
		w->keep[w->written[line]] = 1;
		w->redo = true;
	}
	step(w, SPIN_CPU, 0);
}

/* ---- the device, hardware ---- */

static void device(struct walk *w)
{
	if (w->s.dev == 0) /* the wait for the doorbell has ended */
		step(w, SPIN_DEV, 0);
	step(w, SPIN_DEV, 0);
}

static void drain(struct walk *w, u32 address)
{
	for (u32 i = 0; i < w->s.held; i++)
		if (w->s.sb[i] == 1 + address) {
			step(w, SPIN_DRAIN, i);
			return;
		}
	wrong(w, "it is not in the buffer");
}

static void write_back(struct walk *w, u32 line)
{
	step(w, SPIN_EVICT, line);
	w->written[line] = w->at;
	if (w->keep[w->at])
		step(w, SPIN_PREFETCH, line);
}

static void drop(struct walk *w, u32 line)
{
	if (spin_present(&w->s, line))
		step(w, SPIN_EVICT, line);
	w->written[line] = 0;
}

static void on_event(struct walk *w, const struct event *e)
{
	switch (e->kind) {
	case EV_STORE_CACHE:
	case EV_STORE_BUFFERED:
	case EV_MMIO_WRITE:
		step(w, SPIN_CPU, 0);
		break;
	case EV_LOAD_CACHE:
		load(w, line_of(w, e->f[0]), e->f[2]);
		break;
	case EV_CLEAN:
	case EV_INVALIDATE:
		if (w->s.cpu == CPU_WAIT || op_line(w) == line_of(w, e->f[0]))
			operate(w);
		w->written[line_of(w, e->f[0])] = 0;
		break;
	case EV_BARRIER:
		if (w->m->which == SPIN_B)
			step(w, SPIN_CPU, 0);
		else if (w->s.cpu != CPU_WAIT || (w->m->fix & 8))
			operate(w);
		break;
	case EV_DRAIN:
	case EV_DRAIN_EARLY:
		drain(w, line_of(w, e->f[0]));
		break;
	case EV_SPEC_FILL:
		operated_before(w, line_of(w, e->f[0]));
		step(w, SPIN_PREFETCH, line_of(w, e->f[0]));
		break;
	case EV_WRITE_BACK:
		write_back(w, line_of(w, e->f[0]));
		break;
	case EV_DROP:
		drop(w, line_of(w, e->f[0]));
		break;
	case EV_DMA_READ:
	case EV_DMA_WRITE:
	case EV_IRQ_RAISE:
		device(w);
		break;
	default: /* what begins and ends a run, a store's own fetch, an arrival, the handler */
		break;
	}
}

u32 spin_steps(const struct spin_model *m, const struct event_log *l, u32 kind, struct str *why)
{
	struct walk w = {.m = m, .l = l, .why = why, .kind = kind};

	w.keep = mem_zalloc(l->n + 1, 1);
	do {
		w.redo = w.bad = w.there = false;
		w.steps = 0;
		memset(w.written, 0, sizeof w.written);
		str_clear(why);
		spin_begin(m, &w.s);
		for (w.at = 1; w.at <= l->n && !w.there && !w.bad && !w.redo; w.at++)
			on_event(&w, event_get(l, w.at));
	} while (w.redo);
	mem_free(w.keep);
	if (!w.there && !w.bad)
		str_printf(why, "the check does not fail in the model");
	return w.there ? w.steps : 0;
}
