/* SPDX-License-Identifier: MIT */
/* What the author arranges besides memory, and what is read at a shell: the log, debugfs. */
#include <string.h>

#include "scenario/compile_builtin.h"

static const struct type none;

/* ---- debugfs ----------------------------------------------------------------------------------
 */

static const struct file {
	const char *name;
	enum debugfs_file id;
} files[] = {
    {"swiotlb/io_tlb_nslabs", FILE_POOL_SLOTS},
    {"swiotlb/io_tlb_used", FILE_POOL_USED},
    {"swiotlb/io_tlb_used_hiwater", FILE_POOL_MOST},
    {"swiotlb/io_tlb_transient_nslabs", FILE_POOL_TRANSIENT},
    {"dma-api/disabled", FILE_DEBUG_DISABLED},
    {"dma-api/error_count", FILE_DEBUG_ERROR_COUNT},
    {"dma-api/all_errors", FILE_DEBUG_ALL_ERRORS},
    {"dma-api/num_errors", FILE_DEBUG_NUM_ERRORS},
    {"dma-api/num_free_entries", FILE_DEBUG_NUM_FREE},
    {"dma-api/min_free_entries", FILE_DEBUG_MIN_FREE},
    {"dma-api/nr_total_entries", FILE_DEBUG_TOTAL},
    {"dma-api/driver_filter", FILE_DEBUG_FILTER},
    {"dma-api/dump", FILE_DEBUG_DUMP},
};

static const struct file *refuse_file(struct compiler *c, const struct expr *e)
{
	const char *names[ARRAY_LEN(files) + 1] = {0};
	u32 i;

	for (i = 0; i < ARRAY_LEN(files); i++)
		names[i] = files[i].name;
	refuse(c, e->at, near(c, e->text, names), "debugfs has no file \"%s\"", e->text);
	return NULL;
}

/* The file below /sys/kernel/debug/; NULL: refused. */
static const struct file *file_of(struct compiler *c, const struct expr *e)
{
	u32 i = 0;

	if (e->kind != EXPR_STRING) {
		refuse(c, e->at, "as in cat(\"swiotlb/io_tlb_used\")",
		       "the name of a file is text, written out");
		return NULL;
	}
	while (i < ARRAY_LEN(files) && strcmp(files[i].name, e->text) != 0)
		i++;
	return i < ARRAY_LEN(files) ? &files[i] : refuse_file(c, e);
}

/* What of the bounce pool is asked for is not there where there is none, and so with dma-debug. */
static bool has_pool(struct compiler *c, struct pos at)
{
	if (!c->cfg->lx.swiotlb.slots)
		refuse(c, at, "a platform can be given one: swiotlb: {size: 64MiB}",
		       "platform '%s' has no bounce pool", c->cfg->platform);
	return c->cfg->lx.swiotlb.slots != 0;
}

static bool has_file(struct compiler *c, struct pos at, const struct file *f)
{
	if (f->id == FILE_POOL_TRANSIENT && !c->cfg->lx.swiotlb.dynamic) {
		refuse(c, at, "kernel_options: {SWIOTLB_DYNAMIC: true}",
		       "the kernel of platform '%s' has no transient bounce pools",
		       c->cfg->platform);
		return false;
	}
	if (f->id < FILE_DEBUG_DISABLED)
		return has_pool(c, at);
	c->looks_at_log = true;
	if (!c->cfg->lx.dma_debug)
		refuse(c, at, "kernel_options: {DMA_API_DEBUG: true}",
		       "the kernel of platform '%s' is built without dma-debug", c->cfg->platform);
	return c->cfg->lx.dma_debug;
}

struct type builtin_cat(struct compiler *c, const struct expr *e, u32 number)
{
	const struct file *f = file_of(c, e->arg[0]);

	(void)number;
	if (!f || !has_file(c, e->arg[0]->at, f))
		return none;
	emit_call(c, OP_SEE, SEE_FILE, (u32)f->id, 0, 1);
	return debugfs_is_text(f->id) ? type_of_kind(TY_BYTES) : type_int(W_U64);
}

/* What kstrtouint() takes, without a sign. */
static bool is_number(const char *s)
{
	bool hex = s[0] == '0' && (s[1] | 0x20) == 'x';
	u64 v = 0;
	u32 i = hex ? 2 : 0;

	for (; s[i] && v <= UINT32_MAX; i++) {
		int digit = str_hex_digit(s[i]);

		if (digit < 0 || (!hex && digit > 9))
			return false;
		v = v * (hex ? 16 : 10) + (u64)digit;
	}
	return i > (hex ? 2u : 0u) && v <= UINT32_MAX;
}

static struct type echo_debug(struct compiler *c, const struct expr *e, u32 number,
			      const struct file *f)
{
	const struct expr *text = e->arg[0];

	if (!has_file(c, e->arg[1]->at, f))
		return none;
	if (text->kind != EXPR_STRING)
		return refuse(c, text->at, "as in echo(\"nic\", \"dma-api/driver_filter\")",
			      "what is written is text, written out");
	if (f->id != FILE_DEBUG_FILTER && !is_number(text->text))
		return refuse(c, text->at, "as in echo(\"1\", \"dma-api/all_errors\")",
			      "the kernel takes only a number here (-EINVAL)");
	expr_bytes(c, text, "argument 1 of echo");
	emit_call(c, OP_LAB, number, (u32)f->id, 1, 0);
	return type_of_kind(TY_VOID);
}

struct type builtin_lab_echo(struct compiler *c, const struct expr *e, u32 number)
{
	const struct file *f = file_of(c, e->arg[1]);

	if (!f)
		return none;
	if (f->id == FILE_DEBUG_ALL_ERRORS || f->id == FILE_DEBUG_NUM_ERRORS ||
	    f->id == FILE_DEBUG_FILTER)
		return echo_debug(c, e, number, f);
	if (f->id != FILE_POOL_MOST)
		return refuse(c, e->arg[1]->at, NULL, "\"%s\" can only be read", f->name);
	if (e->arg[0]->kind != EXPR_STRING || strcmp(e->arg[0]->text, "0") != 0)
		return refuse(c, e->arg[0]->at, "echo(\"0\", ...) resets it",
			      "the kernel takes only 0 here (-EINVAL)");
	if (!has_pool(c, e->arg[1]->at))
		return none;
	emit_call(c, OP_LAB, number, (u32)f->id, 0, 0);
	return type_of_kind(TY_VOID);
}

struct type builtin_log(struct compiler *c, const struct expr *e, u32 number)
{
	(void)number;
	c->looks_at_log = true;
	expr_bytes(c, e->arg[0], "argument 1 of log");
	emit_call(c, OP_SEE, SEE_LOG, 0, 1, 1);
	return type_int(W_S64);
}

/* ---- laboratory -------------------------------------------------------------------------------
 */

struct type builtin_lab_shuffle(struct compiler *c, const struct expr *e, u32 number)
{
	(void)e;
	emit_call(c, OP_LAB, number, 0, 0, 0);
	return type_of_kind(TY_VOID);
}

struct type builtin_lab_swiotlb(struct compiler *c, const struct expr *e, u32 number)
{
	if (!has_pool(c, e->op_at))
		return none;
	if (number == LAB_SWIOTLB_TAKE)
		expr_int(c, e->arg[0], "argument 1 of swiotlb_take");
	else
		expr_handle(c, e->arg[0], "argument 1 of swiotlb_next");
	emit_call(c, OP_LAB, number, 0, 1, 0);
	return type_of_kind(TY_VOID);
}

struct type builtin_lab_atomic(struct compiler *c, const struct expr *e, u32 number)
{
	expr_int(c, e->arg[0], "argument 1 of atomic_pool_take");
	emit_call(c, OP_LAB, number, 0, 1, 0);
	return type_of_kind(TY_VOID);
}

struct type builtin_lab_iova(struct compiler *c, const struct expr *e, u32 number)
{
	u32 d = 0;

	while (d < c->cfg->hw.devs && !c->cfg->hw.dev[d].translated)
		d++;
	if (d == c->cfg->hw.devs)
		return refuse(c, e->op_at, "a platform can be given one: iommu: {kind: vtd}",
			      "no device is behind an IOMMU on platform '%s'", c->cfg->platform);
	expr_int(c, e->arg[0], "argument 1 of iova_take");
	emit_call(c, OP_LAB, number, 0, 1, 0);
	return type_of_kind(TY_VOID);
}

struct type builtin_lab_device(struct compiler *c, const struct expr *e, u32 number)
{
	expr_device(c, e->arg[0], "argument 1 of no_dma_mask");
	emit_call(c, OP_LAB, number, 0, 1, 0);
	return type_of_kind(TY_VOID);
}

static struct type refuse_failing(struct compiler *c, const struct expr *e)
{
	const char *names[CALL_COUNT + 1];
	u32 n = 0, i;

	for (i = 0; i < CALL_COUNT; i++)
		if (calls_failure(i) != FAIL_NOT)
			names[n++] = call_info((enum call_id)i)->name;
	names[n] = NULL;
	return refuse(c, e->at, near(c, e->text, names),
		      "there is no call \"%s\" that the laboratory lets fail", e->text);
}

struct type builtin_lab_fail(struct compiler *c, const struct expr *e, u32 number)
{
	const struct expr *name = e->arg[0];
	enum call_id id;
	s64 n;

	if (name->kind != EXPR_NAME && name->kind != EXPR_STRING)
		return refuse(c, name->at, "as in fail_nth(dma_map_single, 2)",
			      "argument 1 of fail_nth is the name of a call");
	if (!call_find(name->text, &id))
		return refuse_failing(c, name);
	if (call_info(id)->state == CALL_LATER)
		return refuse_later(c, name->at, name->text);
	if (calls_failure(id) == FAIL_NOT)
		return refuse_failing(c, name);
	if (!const_int(c, e->arg[1], 1, UINT16_MAX, "which of the next calls fails", &n))
		return none;
	emit_push(c, (u64)n);
	emit_call(c, OP_LAB, number, (u32)id, 1, 0);
	return type_of_kind(TY_VOID);
}
