/* SPDX-License-Identifier: MIT */
/*
 * What to write instead of what a finding is about: syncs and barriers that are missing or wrong.
 * Calls, addresses and context: report/fix_calls.c.
 */
#include "report/cause_int.h"

#include <stdio.h>
#include <string.h>

#include "core/addr.h"
#include "engine/calls.h"
#include "report/narrate.h"

/* An argument of the map call as the driver wrote it, else what it was worth. */
static void argument(const struct names *n, const struct named_map *m, u32 i, const char *value,
		     struct str *out)
{
	size_t was = out->n;
	const char *text = names_stmt(n, m->stmt)->text;

	if (text && names_argument(text, "dma_map_", i, out))
		return;
	if (out->n > was) {
		out->n = was;
		out->s[was] = 0;
	}
	str_add(out, value);
}

/*
 * The function of a list for that of one buffer: dma_unmap_single() of what dma_map_sgtable()
 * mapped is dma_unmap_sgtable(). The arguments stay in their order; only maps and unmaps take
 * attributes.
 */
static void list_call(const struct names *n, const struct named_map *m, const char *fn,
		      struct str *out)
{
	const char *text = names_stmt(n, m->stmt)->text, *sync = strstr(fn, "_for_");
	bool table = strstr(text, "dma_map_sgtable") != NULL;
	bool attrs = !sync && !table && strstr(text, "dma_map_sg_attrs");
	u32 last = table ? (sync ? 2 : 3) : attrs ? 4 : 3;

	str_printf(out, "dma_%s_%s%s(", sync ? "sync" : "unmap", table ? "sgtable" : "sg",
		   sync	   ? sync
		   : attrs ? "_attrs"
			   : "");
	for (u32 i = 0; i <= last; i++) {
		if (i)
			str_add(out, ", ");
		argument(n, m, i, "0", out);
	}
	str_add(out, ");");
}

/*
 * fn(dev, handle, size, direction), of a scatterlist what stands for it; nothing if no variable has
 * the handle.
 */
void fix_call(const struct names *n, const struct named_map *m, const char *fn, struct str *out)
{
	bool by_page;
	char size[24];

	if (!m || !m->name[0] || strchr(m->name, '#'))
		return;
	if (m->entry) {
		list_call(n, m, fn, out);
		return;
	}
	by_page = strstr(names_stmt(n, m->stmt)->text, "dma_map_page") != NULL;
	snprintf(size, sizeof size, "%llu", (unsigned long long)m->len);
	str_printf(out, "%s(", fn);
	argument(n, m, 0, names_device(n, m->dev), out);
	str_printf(out, ", %s, ", m->name);
	argument(n, m, by_page ? 3 : 2, size, out);
	str_add(out, ", ");
	argument(n, m, by_page ? 4 : 3, names_direction(m->dir), out);
	str_add(out, ");");
}

void fix_place(struct fix *x, const struct names *n, const char *side, u32 stmt)
{
	u32 line = names_line(n, stmt);

	if (line)
		str_printf(&x->where, "%s line %u", side, line);
}

/* The sync that names just the bytes of the finding; a list is synced whole. */
static void hand_range(const struct names *n, const struct named_map *m, const struct finding *f,
		       const char *way, struct str *out)
{
	u64 off;

	if (!m || !m->name[0] || strchr(m->name, '#') || f->pa < m->pa ||
	    f->pa - m->pa + f->n > m->len)
		return;
	if (m->entry) {
		fix_call(n, m, way, out);
		return;
	}
	off = f->pa - m->pa;
	str_printf(out, "dma_sync_single%s%s(", off ? "_range" : "", way);
	argument(n, m, 0, names_device(n, m->dev), out);
	str_printf(out, ", %s, ", m->name);
	if (off)
		str_printf(out, "%llu, ", (unsigned long long)off);
	str_printf(out, "%u, %s);", f->n, names_direction(m->dir));
}

/* The statement with its last argument replaced by `last`. */
static void last_argument(const struct names *n, u32 stmt, const char *last, struct str *out)
{
	const char *text = names_stmt(n, stmt)->text, *comma = text ? strrchr(text, ',') : NULL;

	if (comma && !strchr(comma, '(') && strchr(comma, ')'))
		str_printf(out, "%.*s, %s);", (int)(comma - text), text, last);
}

/* The statement with the first `what` in it replaced. */
static void other_word(const struct names *n, u32 stmt, const char *what, const char *by,
		       struct str *out)
{
	const char *text = names_stmt(n, stmt)->text, *at = text ? strstr(text, what) : NULL;

	if (at)
		str_printf(out, "%.*s%s%s;", (int)(at - text), text, by, at + strlen(what));
}

static void words(struct fix *x, const char *text)
{
	str_clear(&x->words);
	str_add(&x->words, text);
}

/* The bytes did not come back because the map, or its end, did not say that they should. */
static bool not_brought_back(const struct finding *f, const struct named_map *m)
{
	return m && (m->dir == DMA_TO_DEVICE || (m->to && m->to <= f->event));
}

static bool at_sync(const struct names *n, const struct finding *f)
{
	u32 kind = event_get(n->log, f->event)->kind;

	return kind == EV_SYNC_CPU || kind == EV_SYNC_DEVICE;
}

/* The kernel hands the bytes over: to the CPU before it reads, to the device behind the store. */
static void fix_missing_sync(struct fix *x, const struct names *n, const struct finding *f,
			     const struct named_map *m)
{
	bool back = names_is_cpu(n, f->party);

	if (f->told == TOLD_RULE && !back) { /* where the CPU last wrote, nobody says */
		u32 k = events_last(n, f->event, events_kinds_stores(), ~0u, f->pa, f->n);

		if (!k)
			return;
		fix_call(n, m, "dma_sync_single_for_device", &x->call);
		fix_place(x, n, "behind", event_get(n->log, k)->stmt);
		return;
	}
	if (back && f->id != DIAG_MISSING_SYNC_FOR_DEVICE_REUSE && not_brought_back(f, m)) {
		words(x, "Map it DMA_FROM_DEVICE or DMA_BIDIRECTIONAL, and unmap it alike.");
		return;
	}
	if (back && f->id == DIAG_MISSING_SYNC_FOR_DEVICE_REUSE)
		return; /* before the device was started again: in words */
	fix_call(n, m, back ? "dma_sync_single_for_cpu" : "dma_sync_single_for_device", &x->call);
	fix_place(x, n, back ? "before" : "behind", back ? f->at_stmt : f->stmt);
}

/* A sync that goes on behind its mapping: up to the end of it. */
static void fix_length(struct fix *x, const struct names *n, const struct finding *f,
		       const struct named_map *m)
{
	const struct event *e = event_get(n->log, f->event);
	struct finding inside = *f;

	if (e->f[2] < m->bus)
		return;
	inside.pa = m->pa + (e->f[2] - m->bus);
	inside.n = (u32)(m->bus + m->len - e->f[2]);
	hand_range(n, m, &inside, e->kind == EV_SYNC_CPU ? "_for_cpu" : "_for_device", &x->call);
	fix_place(x, n, "instead of", f->stmt);
}

/* A sync, or an unmap, that is there and says something else than it should. */
static void fix_other_call(struct fix *x, const struct names *n, const struct finding *f,
			   const struct named_map *m)
{
	u32 stmt = f->call_stmt ? f->call_stmt : f->at_stmt;

	switch ((enum diag_id)f->id) {
	case DIAG_SYNC_WRONG_RANGE:
		if (m && at_sync(n, f)) {
			fix_length(x, n, f, m);
			return;
		}
		hand_range(n, m, f, names_is_cpu(n, f->party) ? "_for_cpu" : "_for_device",
			   &x->call);
		fix_place(x, n, names_is_cpu(n, f->party) ? "before" : "behind", f->stmt);
		return;
	case DIAG_DMA_WRITE_LOST_UNMAP_SKIP:
		fix_call(n, m, "dma_sync_single_for_cpu", &x->call);
		fix_place(x, n, "before", f->call_stmt ? f->call_stmt : f->at_stmt);
		return;
	default:
		if (m)
			last_argument(n, stmt, names_direction(m->dir), &x->call);
		fix_place(x, n, "instead of", stmt);
	}
}

/* What orders the two accesses. */
static void fix_order(struct fix *x, const struct names *n, const struct finding *f)
{
	bool cpu = names_is_cpu(n, f->party);
	u32 leave = f->id == DIAG_COMPILER_MAY_REORDER ? finding_leave(n, f) : 0;
	bool status = f->id == DIAG_RELAXED_STATUS_READ ||
		      (cpu && leave && event_get(n->log, leave)->kind == EV_MMIO_READ);
	bool doorbell = f->id == DIAG_RELAXED_DOORBELL ||
			(f->id == DIAG_COMPILER_MAY_REORDER && !cpu && !leave);

	if (doorbell) { /* no store of that statement: the leave was a register's write */
		words(x, diag_info(DIAG_RELAXED_DOORBELL)->fix);
		other_word(n, f->stmt, "writel_relaxed", "writel", &x->call);
		fix_place(x, n, "instead of", f->stmt);
		return;
	}
	str_add(&x->call, status ? "rmb();" : cpu ? "dma_rmb();" : "dma_wmb();");
	fix_place(x, n, "before", cpu ? f->at_stmt : f->stmt);
}

/* Whether the call that may sleep could be told not to. */
static bool takes_gfp(const struct names *n, const struct finding *f)
{
	const struct event *e = f->event ? event_get(n->log, f->event) : NULL;

	return e && e->kind == EV_CALL && e->stmt == f->stmt && e->f[0] < CALL_COUNT &&
	       strchr(call_info((enum call_id)e->f[0])->args, 'g');
}

void fix_make(struct fix *x, const struct names *n, const struct finding *f)
{
	const struct named_map *m = finding_map(n, f);
	struct finding at_call = *f;

	*x = (struct fix){0};
	if (f->id == DIAG_ASSERT) {
		str_add(&x->words, "See what the driver did to the bytes that are asserted.");
		return;
	}
	str_add(&x->words, diag_info(f->id)->fix);
	switch ((enum diag_id)f->id) {
	case DIAG_CPU_STALE_READ:
	case DIAG_SPECULATIVE_REFILL_STALE:
	case DIAG_CPU_TOUCH_DEVICE_OWNED_READ:
	case DIAG_DEVICE_STALE_READ:
	case DIAG_MISSING_SYNC_FOR_DEVICE_REUSE:
		fix_missing_sync(x, n, f, m);
		break;
	case DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE:
		if (finding_only_read(n, f))
			words(x,
			      "Map it DMA_BIDIRECTIONAL, and sync it both ways around the store.");
		break;
	case DIAG_SYNC_WRONG_RANGE:
	case DIAG_SYNC_WRONG_DIRECTION:
	case DIAG_DMA_WRITE_LOST_UNMAP_SKIP:
		fix_other_call(x, n, f, m);
		break;
	case DIAG_MISSING_DMA_WMB:
	case DIAG_MISSING_DMA_RMB:
	case DIAG_RELAXED_DOORBELL:
	case DIAG_RELAXED_STATUS_READ:
	case DIAG_COMPILER_MAY_REORDER:
		fix_order(x, n, f);
		break;
	case DIAG_ALLOC_SLEEP_IN_ATOMIC:
		if (!takes_gfp(n, f))
			words(x, "Do it before or later: where sleeping is allowed.");
		break;
	default:
		if (f->call_stmt) /* an unmap stands between: the call is the one to mend */
			at_call.stmt = f->call_stmt;
		fix_of_call(x, n, &at_call);
		return;
	}
	if (!x->call.n)
		str_clear(&x->where);
}

void fix_free(struct fix *x)
{
	str_free(&x->where);
	str_free(&x->call);
	str_free(&x->words);
}
