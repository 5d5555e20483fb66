/* SPDX-License-Identifier: MIT */
/* The fields of a machine that its kernel has. */
#include <stdio.h>
#include <string.h>

#include "core/addr.h"
#include "scenario/platform_int.h"

static struct linux_config *lx(struct fields *f)
{
	return &f->m->cfg->lx;
}

void field_arch(struct fields *f, const struct ynode *value)
{
	const char *names[ARCH_IDS + 1];
	enum arch_id id;
	u32 i;

	if (value->kind == YNODE_SCALAR && arch_find(value->text, &id)) {
		lx(f)->arch = arch_row(id);
		memcpy(f->m->cfg->arch, value->text, strlen(value->text) + 1);
		return;
	}
	for (i = 0; i < ARCH_IDS; i++)
		names[i] = arch_name((enum arch_id)i);
	names[i] = NULL;
	err_add(f->errs, value->at,
		value->kind == YNODE_SCALAR ? value_hint_near(f->errs, value->text, names, NULL)
					    : NULL,
		"the name of an architecture belongs here");
}

/* "7.1" is quoted: without quotes 7.10 would be 7.1 for other readers of YAML. */
void field_kernel(struct fields *f, const struct ynode *value)
{
	static const struct {
		const char *name;
		u32 version;
	} known[] = {{"7.1", LINUX_VERSION(7, 1)}, {"6.12", LINUX_VERSION(6, 12)}};
	u32 i;

	for (i = 0; i < ARRAY_LEN(known) && value->kind == YNODE_SCALAR; i++) {
		if (strcmp(known[i].name, value->text) != 0)
			continue;
		if (value->style == YSTYLE_PLAIN)
			err_add(f->errs, value->at, "other readers of YAML take it for a number",
				"write it in quotes: \"%s\"", known[i].name);
		lx(f)->version = known[i].version;
		return;
	}
	err_add(f->errs, value->at, NULL, "\"7.1\" or \"6.12\" belongs here");
}

static void option_DMA_BOUNCE_UNALIGNED_KMALLOC(struct fields *f, const struct ynode *value)
{
	field_bool(f, value, &lx(f)->kmalloc_bounce);
}

static void option_VMAP_STACK(struct fields *f, const struct ynode *value)
{
	field_bool(f, value, &lx(f)->vmap_stack);
}

static void option_DMA_API_DEBUG(struct fields *f, const struct ynode *value)
{
	field_bool(f, value, &lx(f)->dma_debug);
}

static void option_DMA_API_DEBUG_SG(struct fields *f, const struct ynode *value)
{
	field_bool(f, value, &lx(f)->dma_debug_sg);
}

static void option_ARCH_DMA_ADDR_T_64BIT(struct fields *f, const struct ynode *value)
{
	bool wide;

	if (field_bool(f, value, &wide))
		lx(f)->dma_addr_32 = !wide;
}

static void option_NEED_SG_DMA_LENGTH(struct fields *f, const struct ynode *value)
{
	bool needed;

	if (field_bool(f, value, &needed))
		lx(f)->one_sg_length = !needed;
}

static void option_DMAPOOL_DEBUG(struct fields *f, const struct ynode *value)
{
	field_bool(f, value, &lx(f)->dmapool_debug);
}

static void option_SWIOTLB_DYNAMIC(struct fields *f, const struct ynode *value)
{
	field_bool(f, value, &lx(f)->swiotlb.dynamic);
}

/* "coherent_pool=": rounded up to pages, at most what the buddy allocator gives. */
void field_coherent_pool(struct fields *f, const struct ynode *value)
{
	field_int(f, value, 4096, 4 << 20, &lx(f)->coherent_pool);
}

void field_kernel_options(struct fields *f, const struct ynode *value)
{
	static const struct field_row rows[] = {
#define KERNEL_OPTION(name, form, text) {#name, option_##name},
#include "scenario/fields.def"
	};

	fields_read_map(f, value, rows, ARRAY_LEN(rows), "the kernel");
}

/* ---- the command line ------------------------------------------------------------------------
 */

static bool boot_off(struct linux_config *c, const char *value)
{
	c->boot.off = strcmp(value, "off") == 0;
	return c->boot.off;
}

static bool boot_entries(struct linux_config *c, const char *value)
{
	u64 v = 0;

	for (u32 i = 0; value[i] && v <= INT32_MAX; i++) {
		if (value[i] < '0' || value[i] > '9')
			return false;
		v = v * 10 + (u64)(value[i] - '0');
	}
	c->boot.entries = (u32)v;
	return v && v <= INT32_MAX;
}

static bool boot_driver(struct linux_config *c, const char *value)
{
	snprintf(c->boot.driver, sizeof c->boot.driver, "%s", value);
	return value[0];
}

/* One word; false: it is none that counts here. */
static bool boot_word(struct linux_config *c, const char *word)
{
	static const struct {
		const char *name;
		bool (*read)(struct linux_config *c, const char *value);
	} known[] = {{"dma_debug=", boot_off},
		     {"dma_debug_entries=", boot_entries},
		     {"dma_debug_driver=", boot_driver}};

	c->boot.asked = true;
	for (u32 i = 0; i < ARRAY_LEN(known); i++) {
		size_t n = strlen(known[i].name);

		if (strncmp(word, known[i].name, n) == 0)
			return known[i].read(c, word + n);
	}
	return false;
}

void field_command_line(struct fields *f, const struct ynode *value)
{
	const char *s = value->text;

	memset(&lx(f)->boot, 0, sizeof lx(f)->boot);
	if (value->kind != YNODE_SCALAR) {
		err_add(f->errs, value->at, NULL, "a line of text belongs here");
		return;
	}
	while (*s) {
		char word[NAME_MAX_LEN + 32];
		size_t n = strcspn(s, " ");

		snprintf(word, sizeof word, "%.*s", (int)min_u64(n, sizeof word - 1), s);
		if (n && (n >= sizeof word || !boot_word(lx(f), word)))
			err_add(f->errs, value->at,
				"dma_debug=off, dma_debug_entries=1 or more, dma_debug_driver=NAME",
				"the kernel parameter \"%s\" counts for nothing here", word);
		s += n + (s[n] == ' ');
	}
}

void field_kmalloc_bounce(struct fields *f, const struct ynode *value)
{
	option_DMA_BOUNCE_UNALIGNED_KMALLOC(f, value);
}

static void read_quirk(struct fields *f, const struct ynode *n)
{
	const char *names[QUIRKS + 1] = {0};
	enum quirk q = n->kind == YNODE_SCALAR ? quirk_find(n->text) : QUIRKS;

	if (q != QUIRKS) {
		lx(f)->quirks |= 1u << q;
		return;
	}
	for (u32 i = 0; i < QUIRKS; i++)
		names[i] = quirk_info((enum quirk)i)->name;
	err_add(f->errs, n->at,
		n->kind == YNODE_SCALAR
			? value_hint_near(f->errs, n->text, names, "\"dmalab list quirks\" has all")
			: NULL,
		"the name of a quirk belongs here");
}

void field_quirks(struct fields *f, const struct ynode *value)
{
	if (value->kind != YNODE_SEQ) {
		err_add(f->errs, value->at, NULL, "a list of quirks belongs here");
		return;
	}
	lx(f)->quirks = 0;
	for (u32 i = 0; i < value->n; i++)
		read_quirk(f, value->item[i]);
}

/* ---- cache operations -------------------------------------------------------------------------
 */

static void read_op(struct fields *f, const struct ynode *n, u8 *out)
{
	static const char *const words[] = {"none", "clean", "invalidate", "clean_invalidate",
					    NULL};
	u32 i;

	if (field_word(f, n, words, &i))
		*out = (u8)i;
}

#define DIRECTION(when, what, direction)                                                           \
	static void when##_##what(struct fields *f, const struct ynode *n)                         \
	{                                                                                          \
		read_op(f, n, &lx(f)->arch.when[direction]);                                       \
	}
DIRECTION(for_device, to_device, DMA_TO_DEVICE)
DIRECTION(for_device, from_device, DMA_FROM_DEVICE)
DIRECTION(for_device, bidirectional, DMA_BIDIRECTIONAL)
DIRECTION(for_cpu, to_device, DMA_TO_DEVICE)
DIRECTION(for_cpu, from_device, DMA_FROM_DEVICE)
DIRECTION(for_cpu, bidirectional, DMA_BIDIRECTIONAL)

static void sync_for_device(struct fields *f, const struct ynode *value)
{
	static const struct field_row rows[] = {
#define DIRECTION_FIELD(name, form, text) {#name, for_device_##name},
#include "scenario/fields.def"
	};

	fields_read_map(f, value, rows, ARRAY_LEN(rows), "for_device");
}

static void sync_for_cpu(struct fields *f, const struct ynode *value)
{
	static const struct field_row rows[] = {
#define DIRECTION_FIELD(name, form, text) {#name, for_cpu_##name},
#include "scenario/fields.def"
	};

	fields_read_map(f, value, rows, ARRAY_LEN(rows), "for_cpu");
}

static void sync_edges(struct fields *f, const struct ynode *value)
{
	static const char *const words[] = {"raw", "keep", "whole", NULL};
	u32 i;

	if (field_word(f, value, words, &i))
		lx(f)->arch.edges = (u8)i;
}

static void sync_prep(struct fields *f, const struct ynode *value)
{
	read_op(f, value, &lx(f)->arch.prep);
}

void field_arch_sync(struct fields *f, const struct ynode *value)
{
	static const struct field_row rows[] = {
#define ARCH_SYNC_FIELD(name, form, text) {#name, sync_##name},
#include "scenario/fields.def"
	};

	fields_read_map(f, value, rows, ARRAY_LEN(rows), "arch_sync");
}

/* ---- bouncing, zones --------------------------------------------------------------------------
 */

static void swiotlb_size(struct fields *f, const struct ynode *value)
{
	field_int(f, value, 0, 256 << 20, &f->m->pool_bytes);
}

static void swiotlb_base(struct fields *f, const struct ynode *value)
{
	if (field_int(f, value, 0, 1ull << 52, &f->m->pool_base.v))
		f->m->pool_base.is = true;
}

static void swiotlb_areas(struct fields *f, const struct ynode *value)
{
	field_given(f, value, 1, 64, &f->m->pool_areas);
	if (f->m->pool_areas.is && !is_pow2(f->m->pool_areas.v))
		err_add(f->errs, value->at, NULL, "a power of two belongs here");
}

static void swiotlb_force(struct fields *f, const struct ynode *value)
{
	if (field_bool(f, value, &lx(f)->swiotlb.force) && lx(f)->swiotlb.force)
		f->m->pool_high = false;
}

static void swiotlb_when(struct fields *f, const struct ynode *value)
{
	static const char *const words[] = {"always", "above-4gib", NULL};
	u32 i;

	if (field_word(f, value, words, &i))
		f->m->pool_high = i;
}

void field_swiotlb(struct fields *f, const struct ynode *value)
{
	static const struct field_row rows[] = {
#define SWIOTLB_FIELD(name, form, text) {#name, swiotlb_##name},
#include "scenario/fields.def"
	};

	if (value->kind == YNODE_SCALAR && strcmp(value->text, "none") == 0) {
		f->m->pool_bytes = 0;
		lx(f)->swiotlb.force = false;
	} else {
		fields_read_map(f, value, rows, ARRAY_LEN(rows), "swiotlb");
	}
}

static void zone_end(struct fields *f, const struct ynode *value, u64 *limit)
{
	u64 v;

	if (value->kind == YNODE_SCALAR && strcmp(value->text, "none") == 0)
		*limit = 0;
	else if (field_int(f, value, 1 << 20, 1ull << 52, &v))
		*limit = v - 1;
}

static void zone_dma(struct fields *f, const struct ynode *value)
{
	zone_end(f, value, &lx(f)->zone_dma_limit);
}

static void zone_dma32(struct fields *f, const struct ynode *value)
{
	zone_end(f, value, &lx(f)->zone_dma32_limit);
}

static void zone_reserved(struct fields *f, const struct ynode *value)
{
	field_int(f, value, 0, 1ull << 52, &lx(f)->reserved);
}

void field_zones(struct fields *f, const struct ynode *value)
{
	static const struct field_row rows[] = {
#define ZONE_FIELD(name, form, text) {#name, zone_##name},
#include "scenario/fields.def"
	};

	fields_read_map(f, value, rows, ARRAY_LEN(rows), "zones");
}
