/* SPDX-License-Identifier: MIT */
/* What to write instead, for the findings whose sentences are in report/sentence_calls.c. */
#include <string.h>

#include "core/addr.h"
#include "report/cause_int.h"

static const char *unmap_name(const struct names *n, const struct named_map *m)
{
	const char *text = m ? names_stmt(n, m->stmt)->text : NULL;

	return text && strstr(text, "dma_map_page") ? "dma_unmap_page" : "dma_unmap_single";
}

/*
 * Map and unmap name the same variable, which has changed in between: the call as the map wrote it
 * would be the mistake once more. The number that was mapped takes its place.
 */
static void mapped_size(const struct names *n, const struct named_map *m, u32 stmt,
			struct str *call)
{
	struct str was = {0}, is = {0}, dev = {0}, dir = {0};

	if (call->n && !m->entry &&
	    names_argument(names_stmt(n, stmt)->text, "dma_unmap_", 2, &was) &&
	    names_argument(str_get(call), "dma_unmap_", 2, &is) &&
	    strcmp(str_get(&was), str_get(&is)) == 0) {
		names_argument(str_get(call), "dma_unmap_", 0, &dev);
		names_argument(str_get(call), "dma_unmap_", 3, &dir);
		str_clear(call);
		str_printf(call, "%s(%s, %s, %llu, %s);", unmap_name(n, m), str_get(&dev), m->name,
			   (unsigned long long)m->len, str_get(&dir));
	}
	str_free(&was);
	str_free(&is);
	str_free(&dev);
	str_free(&dir);
}

/* dma_free_coherent(dev, size, pointer, handle) of what the finding is about. */
static void free_call(const struct names *n, const struct finding *f, struct str *out)
{
	const struct named_buffer *b = names_buffer(n, f->pa, f->event);
	const char *text = b ? names_stmt(n, b->stmt)->text : NULL;
	struct str dev = {0}, size = {0};

	if (b && b->coherent && b->handle[0] && !strchr(b->name, '#') &&
	    names_argument(text, "dma_alloc_", 0, &dev) &&
	    names_argument(text, "dma_alloc_", 1, &size))
		str_printf(out, "dma_free_coherent(%s, %s, %s, %s);", str_get(&dev), str_get(&size),
			   b->name, b->handle);
	str_free(&dev);
	str_free(&size);
}

/* dma_pool_free(pool, pointer, handle) of the block that the finding is about. */
static void block_call(const struct names *n, const struct finding *f, struct str *out)
{
	const struct named_buffer *b = names_block(n, f->pa, f->event);
	struct str pool = {0};

	if (b && b->handle[0] && !strchr(b->name, '#') &&
	    names_argument(names_stmt(n, b->stmt)->text, "dma_pool_", 0, &pool))
		str_printf(out, "dma_pool_free(%s, %s, %s);", str_get(&pool), b->name, b->handle);
	str_free(&pool);
}

/* readl() of the register that the write was for which is still on its way. */
static void read_back(const struct names *n, const struct finding *f, struct str *out)
{
	const char *text = names_stmt(n, f->writer_stmt)->text;
	struct str reg = {0};

	if (f->writer_stmt && names_argument(text, "write", 1, &reg))
		str_printf(out, "readl(%s);", str_get(&reg));
	str_free(&reg);
}

/* The kernel did not agree to the mask of that statement. */
static bool refused(const struct names *n, u32 stmt)
{
	for (u32 k = n->log->n; k > 0; k--) {
		const struct event *e = event_get(n->log, k);

		if (e->kind == EV_SET_MASK && e->stmt == stmt)
			return e->f[2] != 0;
	}
	return false;
}

static void mask_call(struct fix *x, const struct names *n, const struct finding *f)
{
	const char *text = names_stmt(n, f->stmt)->text;
	bool is_mask = text && strstr(text, "_mask");

	if (refused(n, f->stmt)) {
		str_clear(&x->words);
		str_add(&x->words, "The kernel refused the mask: end the probe with its error.");
		return;
	}
	if (!f->dev || (f->severity == SEVERITY_VIOLATION && f->id == DIAG_MASK_NOT_SET))
		return;
	if (!is_mask && !(text && strstr(text, "dma_map_")))
		return; /* a register write, or the device's own statement */
	str_printf(&x->call, "dma_set_mask_and_coherent(%s, DMA_BIT_MASK(%u));",
		   names_device(n, f->dev - 1), n->cfg->hw.dev[f->dev - 1].address_bits);
	fix_place(x, n, is_mask ? "instead of" : "before", f->stmt);
}

void fix_of_call(struct fix *x, const struct names *n, const struct finding *f)
{
	const struct named_map *m = finding_map_made(n, f);
	const char *side = "before";
	u32 stmt = f->stmt;

	switch ((enum diag_id)f->id) {
	case DIAG_MISSING_MMIO_READBACK:
		read_back(n, f, &x->call);
		break;
	case DIAG_MAP_ERROR_UNCHECKED:
		if (names_stmt(n, stmt)->target && f->dev)
			str_printf(&x->call, "if (dma_mapping_error(%s, %s)) return -ENOMEM;",
				   names_device(n, f->dev - 1), names_stmt(n, stmt)->target);
		side = "behind";
		break;
	case DIAG_FREE_WHILE_MAPPED:
		fix_call(n, m, unmap_name(n, m), &x->call);
		break;
	case DIAG_UNMAP_SIZE_MISMATCH:
	case DIAG_UNMAP_DIRECTION_MISMATCH:
		fix_call(n, m, unmap_name(n, m), &x->call);
		if (f->id == DIAG_UNMAP_SIZE_MISMATCH)
			mapped_size(n, m, stmt, &x->call);
		side = "instead of";
		break;
	case DIAG_MAPPING_LEAK:
		if (m && f->map)
			fix_call(n, m, unmap_name(n, m), &x->call);
		else
			free_call(n, f, &x->call);
		if (x->call.n)
			str_add(&x->where, "on every way out");
		return;
	case DIAG_COHERENT_FREE_MISMATCH:
		free_call(n, f, &x->call);
		side = "instead of";
		break;
	case DIAG_POOL_BUSY_DESTROY:
	case DIAG_POOL_USE_AFTER_FREE:
		block_call(n, f, &x->call);
		if (f->id == DIAG_POOL_USE_AFTER_FREE && x->call.n) {
			str_add(&x->where, "when the device has stopped");
			return;
		}
		break;
	case DIAG_MASK_NOT_SET:
	case DIAG_MASK_TRUNCATION:
		mask_call(x, n, f);
		return;
	case DIAG_DMA_ADDR_IS_PHYS_ASSUMPTION:
		if (!m || !m->name[0])
			return;
		str_clear(&x->words);
		str_printf(&x->words, "Give %s the handle %s.", names_device(n, m->dev), m->name);
		return;
	default:
		return;
	}
	if (x->call.n)
		fix_place(x, n, side, stmt);
}
