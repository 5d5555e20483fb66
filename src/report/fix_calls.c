/* SPDX-License-Identifier: MIT */
/* What to write instead, for the findings whose sentences are in report/sentence_calls.c. */
#include <string.h>

#include "core/addr.h"
#include "report/cause_int.h"
#include "scenario/ast.h"

/*
 * The unmap with the size of its map, as the map has it; with the number that was mapped where both
 * name the same variable, which has changed in between.
 */
static void size_of_map(const struct names *n, const struct named_map *m, u32 stmt, struct str *out)
{
	const char *text = m ? names_stmt(n, m->stmt)->text : NULL;
	struct str was = {0}, is = {0};

	if (!text || m->entry)
		goto end;
	if (!names_argument(text, "dma_map_", strstr(text, "dma_map_page") ? 3 : 2, &is) ||
	    (names_argument(names_stmt(n, stmt)->text, "dma_unmap_", 2, &was) &&
	     strcmp(str_get(&was), str_get(&is)) == 0)) {
		str_clear(&is);
		str_printf(&is, "%llu", (unsigned long long)m->len);
	}
	fix_other_argument(n, stmt, 2, str_get(&is), out);
end:
	str_free(&was);
	str_free(&is);
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

/* The statement with DMA_BIT_MASK(bits) in place of the mask that it has. */
static void other_mask(const struct names *n, u32 stmt, u32 bits, struct str *out)
{
	struct str was = {0}, is = {0};

	if (names_argument(names_stmt(n, stmt)->text, "dma_set_", 1, &was) ||
	    names_argument(names_stmt(n, stmt)->text, "dma_coerce_", 1, &was)) {
		str_printf(&is, "DMA_BIT_MASK(%u)", bits);
		fix_other_word(n, stmt, str_get(&was), str_get(&is), out);
	}
	str_free(&was);
	str_free(&is);
}

static void mask_call(struct fix *x, const struct names *n, const struct finding *f)
{
	const char *text = names_stmt(n, f->stmt)->text;
	bool is_mask = text && strstr(text, "_mask");
	u32 bits;

	if (refused(n, f->stmt)) {
		str_clear(&x->words);
		str_add(&x->words, "The kernel refused the mask: end the probe with its error.");
		return;
	}
	if (!f->dev)
		return;
	if (!is_mask && !(text && (strstr(text, "dma_map_") || strstr(text, "dma_alloc_"))))
		return; /* a register write, or the device's own statement */
	bits = n->cfg->hw.dev[f->dev - 1].address_bits;
	if (is_mask)
		other_mask(n, f->stmt, bits, &x->call);
	else
		str_printf(&x->call, "dma_set_mask_and_coherent(%s, DMA_BIT_MASK(%u));",
			   names_device(n, f->dev - 1), bits);
	fix_place(x, n, is_mask ? FIX_REPLACE : FIX_BEFORE, f->stmt);
}

/* "h" of "h = dma_map_single(...)", and all of "rx[i].dma". */
static void check_call(const struct names *n, const struct finding *f, struct str *out)
{
	const char *text = names_stmt(n, f->stmt)->text, *eq = text ? strstr(text, " = ") : NULL;
	const char *target = names_stmt(n, f->stmt)->target;

	if (!f->dev || !eq || !strstr(eq, "dma_map_"))
		return;
	str_printf(out, "if (dma_mapping_error(%s, ", names_device(n, f->dev - 1));
	if (target && !memchr(text, '[', (size_t)(eq - text)))
		str_add(out, target);
	else
		str_addn(out, text, (size_t)(eq - text));
	str_add(out, ")) return -ENOMEM;");
}

/* The call that named another count of entries than the map: before the event, or its own. */
static const struct event *count_call(const struct names *n, const struct finding *f)
{
	u64 counted = 0;

	for (u32 k = 1; k <= f->event; k++)
		if (event_get(n->log, k)->kind == EV_SG_MAP &&
		    event_get(n->log, k)->stmt == f->map_stmt)
			counted = event_get(n->log, k)->f[5];
	for (u32 k = f->event; k > 0; k--) {
		const struct event *e = event_get(n->log, k);

		if ((e->kind == EV_SG_UNMAP && e->f[5] != counted) ||
		    (e->kind == EV_SG_SYNC && e->f[4] != counted))
			return e;
	}
	return NULL;
}

/* The call that ends the mapping, or syncs it, as its map would have it. */
static void counterpart(struct fix *x, const struct names *n, const struct finding *f,
			const struct named_map *m)
{
	const struct event *e = f->event ? event_get(n->log, f->event) : NULL;
	const char *fn = fix_unmap_name(n, m);

	if (f->id == DIAG_SG_NENTS_MISMATCH)
		e = count_call(n, f);
	else if (finding_call(n, f)) /* bytes are old behind it */
		e = event_get(n->log, finding_call(n, f));
	if (!e || (f->id != DIAG_SG_NENTS_MISMATCH && e->stmt != f->stmt))
		return;
	if (e->kind == EV_SG_SYNC)
		fn = e->f[6] ? "dma_sync_single_for_cpu" : "dma_sync_single_for_device";
	fix_call(n, m, fn, e->stmt, &x->call);
	fix_place(x, n, FIX_REPLACE, e->stmt);
}

/* dma_iova_sync() of what the last link before the event linked. */
static void iova_sync(struct fix *x, const struct names *n, const struct finding *f)
{
	static const u32 which[] = {0, 1, 3, 4};
	struct str a[ARRAY_LEN(which)] = {{0}};
	bool ok = f->map_stmt != 0;

	for (u32 i = 0; i < ARRAY_LEN(which) && ok; i++)
		ok = names_argument(names_stmt(n, f->map_stmt)->text, "dma_iova_link", which[i],
				    &a[i]);
	if (ok)
		str_printf(&x->call, "dma_iova_sync(%s, %s, %s, %s);", str_get(&a[0]),
			   str_get(&a[1]), str_get(&a[2]), str_get(&a[3]));
	for (u32 i = 0; i < ARRAY_LEN(which); i++)
		str_free(&a[i]);
	fix_place(x, n, FIX_BEHIND, f->map_stmt);
}

/* Where the value that is taken for another begins and ends: a plain right side, or a load in it.
 */
static size_t value_of(const char *text, bool stored, const char **begin)
{
	const char *value = strstr(text, " = "), *load = strstr(text, "READ_ONCE(");
	const char *close = load ? strchr(load, ')') : NULL;

	*begin = value ? value + 3 : NULL;
	if (!value || strncmp(text, "if (", 4) == 0)
		return 0;
	if (stored)
		return strlen(value + 3);
	if (load && close) {
		*begin = load;
		return (size_t)(close + 1 - load);
	}
	return strpbrk(value + 3, " (") ? 0 : strlen(value + 3);
}

/* d->len = cpu_to_le32(64); len = le32_to_cpu(d->len) */
static void converted(struct fix *x, const struct names *n, const struct finding *f)
{
	const char *type = ast_type_text((enum type_base)(f->index & 0xff)), *begin;
	const char *text = names_stmt(n, f->stmt)->text;
	bool stored = f->index & 0x100;
	size_t len = text && strncmp(type, "__", 2) == 0 ? value_of(text, stored, &begin) : 0;

	if (!len)
		return;
	str_addn(&x->call, text, (size_t)(begin - text));
	str_printf(&x->call, stored ? "cpu_to_%s(" : "%s_to_cpu(", type + 2);
	str_addn(&x->call, begin, len);
	str_printf(&x->call, ")%s;", begin + len);
	fix_place(x, n, FIX_REPLACE, f->stmt);
}

static bool is_vfree(const char *text, const char *name)
{
	size_t len = strlen(name);

	return strncmp(text, "vfree(", 6) == 0 && strncmp(text + 6, name, len) == 0 &&
	       strcmp(text + 6 + len, ")") == 0;
}

/* Memory that is none for DMA comes of kmalloc() instead. */
static void ordinary(struct fix *x, const struct names *n, const struct finding *f)
{
	static const char *const others[] = {"on_stack", "in_module", "in_rodata", "in_text",
					     "vmalloc"};
	const struct named_buffer *b = names_buffer(n, f->pa, f->event);
	const char *text = b ? names_stmt(n, b->stmt)->text : NULL;

	for (u32 i = 0; text && i < ARRAY_LEN(others) && !x->call.n; i++) {
		struct str size = {0}, was = {0}, is = {0};

		if (names_argument(text, others[i], 0, &size)) {
			str_printf(&was, "%s(%s)", others[i], str_get(&size));
			str_printf(&is, "kmalloc(%s, GFP_KERNEL)", str_get(&size));
			fix_other_word(n, b->stmt, str_get(&was), str_get(&is), &x->call);
		}
		str_free(&size);
		str_free(&was);
		str_free(&is);
	}
	if (x->call.n)
		fix_place(x, n, FIX_REPLACE, b->stmt);
	for (u32 s = 1; x->edits && s < n->prog->stmts; s++) { /* what it goes with */
		struct str freed = {0};

		str_printf(&freed, "kfree(%s);", b->name);
		if (is_vfree(names_stmt(n, s)->text, b->name))
			fix_add(x, n, FIX_REPLACE, s, str_get(&freed));
		str_free(&freed);
	}
}

/* Memory whose bytes nobody wrote comes zeroed. */
static void zeroed(struct fix *x, const struct names *n, const struct finding *f)
{
	const struct named_buffer *b = names_buffer(n, f->pa, f->event);

	if (b)
		fix_other_word(n, b->stmt, "kmalloc(", "kzalloc(", &x->call);
	if (x->call.n)
		fix_place(x, n, FIX_REPLACE, b->stmt);
}

/* Told with a place of its own, or in words. False: it is none of these. */
static bool placed(struct fix *x, const struct names *n, const struct finding *f,
		   const struct named_map *m)
{
	switch ((enum diag_id)f->id) {
	case DIAG_DOUBLE_UNMAP:
	case DIAG_POOL_DOUBLE_FREE:
		fix_drop(x, n, f->stmt);
		return true;
	case DIAG_SG_NENTS_MISMATCH:
	case DIAG_UNMAP_WRONG_FUNCTION:
		counterpart(x, n, f, m);
		return true;
	case DIAG_MISSING_IOVA_SYNC:
		iova_sync(x, n, f);
		return true;
	case DIAG_INFO_LEAK_TO_DEVICE:
		zeroed(x, n, f);
		return true;
	case DIAG_ENDIANNESS:
		converted(x, n, f);
		return true;
	case DIAG_MAP_ILLEGAL_MEMORY_STACK:
	case DIAG_MAP_ILLEGAL_MEMORY_VMALLOC:
	case DIAG_MAP_ILLEGAL_STATIC_OR_KMAP:
	case DIAG_MAP_ILLEGAL_MEMORY_TEXT:
		ordinary(x, n, f);
		return true;
	case DIAG_MASK_NOT_SET:
	case DIAG_MASK_TRUNCATION:
		mask_call(x, n, f);
		return true;
	case DIAG_MAPPING_LEAK:
		if (m && f->map)
			fix_call(n, m, fix_unmap_name(n, m), 0, &x->call);
		else
			free_call(n, f, &x->call);
		if (!x->call.n)
			block_call(n, f, &x->call);
		str_add(&x->where, x->call.n ? "on every way out" : "");
		return true;
	case DIAG_POOL_USE_AFTER_FREE:
		block_call(n, f, &x->call);
		str_add(&x->where, x->call.n ? "when the device has stopped" : "");
		return true;
	case DIAG_DMA_ADDR_IS_PHYS_ASSUMPTION:
		if (!m || !m->name[0])
			return true;
		str_clear(&x->words);
		str_printf(&x->words, "Give %s the handle %s.", names_device(n, m->dev), m->name);
		return true;
	default:
		return false;
	}
}

void fix_of_call(struct fix *x, const struct names *n, const struct finding *f)
{
	const struct named_map *m = finding_map_made(n, f);
	enum fix_action side = FIX_REPLACE;
	u32 stmt = f->stmt;

	if (placed(x, n, f, m))
		return;
	switch ((enum diag_id)f->id) {
	case DIAG_MISSING_MMIO_READBACK:
		read_back(n, f, &x->call);
		side = FIX_BEFORE;
		break;
	case DIAG_MAP_ERROR_UNCHECKED:
		check_call(n, f, &x->call);
		side = FIX_BEHIND;
		break;
	case DIAG_FREE_WHILE_MAPPED:
		if (m && m->to) { /* it is unmapped, and too late */
			fix_move(x, n, FIX_MOVE_BEFORE, event_get(n->log, m->to)->stmt, stmt);
			return;
		}
		fix_call(n, m, fix_unmap_name(n, m), stmt, &x->call);
		side = FIX_BEFORE;
		break;
	case DIAG_UNMAP_SIZE_MISMATCH:
		size_of_map(n, m, stmt, &x->call);
		break;
	case DIAG_UNMAP_DIRECTION_MISMATCH:
		if (fix_direction(x, n, m))
			return;
		if (m && names_stmt(n, stmt)->text)
			fix_other_argument(n, stmt, fix_direction_at(names_stmt(n, stmt)->text),
					   names_direction(m->dir), &x->call);
		break;
	case DIAG_COHERENT_FREE_MISMATCH:
		free_call(n, f, &x->call);
		if (!x->call.n)
			block_call(n, f, &x->call);
		break;
	case DIAG_POOL_BUSY_DESTROY:
		block_call(n, f, &x->call);
		side = FIX_BEFORE;
		break;
	default:
		return;
	}
	fix_place(x, n, side, stmt);
}
