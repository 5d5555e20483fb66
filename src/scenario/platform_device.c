/* SPDX-License-Identifier: MIT */
/* The devices of a scenario, as the machine and the kernel see them. */
#include <string.h>

#include "scenario/platform_int.h"

/* The device that is being read. */
struct device_fields {
	struct fields *f;
	const struct doc_device *doc;
	struct device_config *hw;
	struct linux_device_config *lx;
	const struct device_info **model;
	bool own_ranges;
};

static void device_model(struct device_fields *d, const struct ynode *n)
{
	const struct device_info *m = n->kind == YNODE_SCALAR ? device_model_find(n->text) : NULL;
	struct str names = {0};
	u32 i;

	for (i = 0; device_model_at(i); i++)
		str_printf(&names, "%s, ", device_model_at(i)->name);
	if (!m)
		err_add(d->f->errs, n->at,
			arena_printf(&d->f->errs->arena, "%sor leave it out and write a program",
				     str_get(&names)),
			"there is no such model of a device");
	else if (d->doc->has_program)
		err_add(d->f->errs, n->at, NULL, "a device has a model or a program, not both");
	else
		*d->model = m;
	str_free(&names);
}

/* Descriptors of each ring: checked when the model is known. */
static void device_ring(struct device_fields *d, const struct ynode *n)
{
	u64 v;

	if (field_int(d->f, n, 1, 64, &v))
		d->hw->ring = (u32)v;
}

static void device_max_segment(struct device_fields *d, const struct ynode *n)
{
	u64 v;

	if (field_pow2(d->f, n, 64, 65536, &v))
		d->hw->max_segment = (u32)v;
}

static void device_boundary(struct device_fields *d, const struct ynode *n)
{
	field_pow2(d->f, n, 64, 1ull << 32, &d->hw->boundary);
}

/* "0x0..0xfff": offsets of the first and the last byte. */
static bool read_range(const char *text, struct window *w)
{
	u64 lo, hi;

	if (!value_parse_range(text, &lo, &hi) || hi > UINT32_MAX || lo % 4)
		return false;
	*w = (struct window){(u32)lo, (u32)hi};
	return true;
}

static void read_window(struct device_fields *d, const struct ynode *n)
{
	struct window w;
	u32 i;

	if (n->kind != YNODE_SCALAR || !read_range(n->text, &w)) {
		err_add(d->f->errs, n->at, "as in 'bar0: 0x0..0xfff'",
			"a window is the offsets of its first and last byte; it begins at a "
			"register");
		return;
	}
	for (i = 0; i < d->hw->windows; i++)
		if (w.lo <= d->hw->window[i].hi && d->hw->window[i].lo <= w.hi) {
			err_add(d->f->errs, n->at, NULL, "this window overlaps another one");
			return;
		}
	d->hw->window[d->hw->windows++] = w;
}

static void device_windows(struct device_fields *d, const struct ynode *n)
{
	u32 i;

	if (n->kind != YNODE_MAP || n->n < 1 || n->n > WINDOWS_MAX) {
		err_add(d->f->errs, n->at, "as in {bar0: 0x0..0xfff, bar2: 0x1000..0x1fff}",
			"windows are a map of 1 to %d names to ranges of registers", WINDOWS_MAX);
		return;
	}
	for (i = 0; i < n->n; i++)
		read_window(d, n->pair[i].value);
}

/* A mask as a number of bits, as in DMA_BIT_MASK(); 0: the bus code left it unset. */
static void read_mask(struct device_fields *d, const struct ynode *n, u64 *out, bool *unset)
{
	u64 bits;

	if (!field_int(d->f, n, 0, 64, &bits))
		return;
	*out = bits ? ~0ull >> (64 - bits) : 0;
	*unset = !bits;
}

static void device_beat(struct device_fields *d, const struct ynode *n)
{
	u64 v;

	if (!field_int(d->f, n, 1, 64, &v))
		return;
	if (!is_pow2(v))
		err_add(d->f->errs, n->at, NULL, "a power of two belongs here");
	else
		d->hw->beat = (u32)v;
}

static void device_address_bits(struct device_fields *d, const struct ynode *n)
{
	u64 v;

	if (field_int(d->f, n, 12, 64, &v))
		d->hw->address_bits = (u32)v;
}

static void device_bus(struct device_fields *d, const struct ynode *n)
{
	static const char *const words[] = {"platform", "pci", NULL};
	u32 i;

	if (field_word(d->f, n, words, &i))
		d->hw->bus = i ? BUS_PCI : BUS_PLATFORM;
}

static void device_mask(struct device_fields *d, const struct ynode *n)
{
	read_mask(d, n, &d->lx->mask, &d->lx->no_mask);
}

static void device_coherent_mask(struct device_fields *d, const struct ynode *n)
{
	read_mask(d, n, &d->lx->coherent_mask, &d->lx->no_coherent_mask);
}

static void device_coherent(struct device_fields *d, const struct ynode *n)
{
	field_bool(d->f, n, &d->hw->coherent);
}

static void device_untrusted(struct device_fields *d, const struct ynode *n)
{
	field_bool(d->f, n, &d->hw->untrusted);
}

/* In whole sets of slots. */
static void device_restricted_pool(struct device_fields *d, const struct ynode *n)
{
	u64 bytes;

	if (!field_int(d->f, n, 0, 256 << 20, &bytes))
		return;
	if (bytes % (256 << 10))
		err_add(d->f->errs, n->at, NULL, "a pool comes in sets of slots: 256KiB, 512KiB ..");
	else
		d->lx->pool_slots = (u32)(bytes / 2048);
}

static void device_iommu(struct device_fields *d, const struct ynode *n)
{
	static const char *const words[] = {"none", "platform", NULL};
	u32 i;

	if (field_word(d->f, n, words, &i))
		d->f->m->outside[d->hw - d->f->m->cfg->hw.dev] = i == 0;
}

static void device_dma_ranges(struct device_fields *d, const struct ynode *n)
{
	struct ranges r = {.n = 0};

	field_range_list(d->f, n, &r);
	memcpy(d->hw->map, r.v, sizeof d->hw->map);
	d->hw->maps = r.n;
	d->own_ranges = true;
}

/* Was read with the steps of the file. */
static void device_program(struct device_fields *d, const struct ynode *n)
{
	(void)d;
	(void)n;
}

/* In the order of FIELDS_DEVICE. */
static void (*const readers[])(struct device_fields *d, const struct ynode *n) = {
#define DEVICE_FIELD(name, form, text) device_##name,
#include "scenario/fields.def"
};

static bool read_field(struct device_fields *d, const char *key, const struct ynode *n)
{
	u32 i;

	for (i = 0; i < ARRAY_LEN(readers); i++) {
		if (strcmp(field_at(FIELDS_DEVICE, i)->name, key) != 0)
			continue;
		readers[i](d, n);
		return true;
	}
	return false;
}

static void read_device(struct device_fields *d)
{
	const struct ynode *map = d->doc->fields;
	u32 i, mistakes = d->f->errs->n;

	for (i = 0; i < map->n; i++) {
		const struct ynode *key = map->pair[i].key;

		if (!read_field(d, key->text, map->pair[i].value))
			err_add(d->f->errs, key->at,
				field_hint(FIELDS_DEVICE, key->text, NULL, d->f->errs),
				"a device has no field \"%s\"", key->text);
	}
	if (!d->hw->address_bits && !ynode_get(map, "address_bits")) {
		if (*d->model)
			d->hw->address_bits = (*d->model)->address_bits;
		else if (mistakes == d->f->errs->n) /* else they may be what is misspelt */
			err_add(d->f->errs, d->doc->name.at, "as in {address_bits: 32}",
				"how many address bits does '%s' have?", d->doc->name.text);
	}
}

/*
 * What the firmware's ranges say of a device: of_dma_configure_id() in drivers/of/device.c takes
 * the highest bus address as limit, and cuts the masks to the bits that it needs.
 */
static void apply_ranges(struct device_fields *d)
{
	const struct ranges *r = &d->f->m->ranges[d->hw->bus];
	u64 end = 0, mask = 0xffffffff;
	u32 i;

	if (!d->own_ranges) {
		memcpy(d->hw->map, r->v, sizeof d->hw->map);
		d->hw->maps = r->n;
	}
	for (i = 0; i < d->hw->maps; i++)
		end = max_u64(end, d->hw->map[i].bus_base + d->hw->map[i].size - 1);
	if (!end)
		return;
	d->lx->bus_dma_limit = end;
	while (mask >> 1 >= end)
		mask >>= 1;
	if (!d->lx->mask && !d->lx->no_mask)
		d->lx->mask = mask;
	if (!d->lx->coherent_mask && !d->lx->no_coherent_mask)
		d->lx->coherent_mask = mask;
}

/* Fields that only some models have. */
static void check_model_fields(struct device_fields *d)
{
	static const char *const of_segments[] = {"max_segment", "boundary"};
	const struct device_info *m = *d->model;
	const struct ynode *ring = ynode_get(d->doc->fields, "ring");
	const struct ynode *windows = ynode_get(d->doc->fields, "windows");

	if (ring && (!m || !m->has_ring))
		err_add(d->f->errs, ring->at, NULL, "'%s' has no model with rings",
			d->doc->name.text);
	for (u32 i = 0; i < ARRAY_LEN(of_segments); i++) {
		const struct ynode *n = ynode_get(d->doc->fields, of_segments[i]);

		if (n && (!m || !m->has_segments))
			err_add(d->f->errs, n->at, NULL, "'%s' has no model with segments",
				d->doc->name.text);
	}
	if (windows && m)
		err_add(d->f->errs, windows->at, "the registers of a model are one range",
			"windows are for a device with a program, or led by hand");
	if (!ring)
		d->hw->ring = 4;
}

void machine_add_devices(struct fields *f, const struct scenario_doc *doc)
{
	struct machine_config *cfg = f->m->cfg;
	u32 i;

	cfg->hw.devs = doc->devices;
	for (i = 0; i < doc->devices; i++) {
		struct device_fields d = {
		    f, &doc->device[i], &cfg->hw.dev[i], &cfg->lx.dev[i], &cfg->model[i], false};

		memcpy(d.hw->name, d.doc->name.text, strlen(d.doc->name.text) + 1);
		d.hw->coherent = f->m->coherent;
		d.hw->beat = 64;
		d.hw->max_segment = 65536;
		d.hw->boundary = 65536;
		cfg->program[i] = d.doc->has_program;
		read_device(&d);
		apply_ranges(&d);
		check_model_fields(&d);
	}
}
