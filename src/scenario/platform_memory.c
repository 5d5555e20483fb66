/* SPDX-License-Identifier: MIT */
/* The fields of a machine that are about addresses: where memory lies, where devices see it. */
#include "scenario/platform_int.h"

static bool field_range(struct fields *f, const struct ynode *r, struct range *out)
{
	const struct ynode *base = r->kind == YNODE_MAP ? ynode_get(r, "base") : NULL;
	const struct ynode *size = base ? ynode_get(r, "size") : NULL;

	if (!size || r->n != 2) {
		err_add(f->errs, r->at, "as in {base: 0x80000000, size: 1GiB}",
			"a range has base and size");
		return false;
	}
	return field_int(f, base, 0, 1ull << 52, &out->base) &&
	       field_int(f, size, 4096, 1ull << 52, &out->size);
}

u32 field_ranges(struct fields *f, const struct ynode *list, struct range *out, u32 max)
{
	u32 i;

	if (list->kind != YNODE_SEQ || !list->n || list->n > max) {
		err_add(f->errs, list->at, "as in [{base: 0x80000000, size: 1GiB}]",
			"a list of 1 to %u ranges belongs here", max);
		return 0;
	}
	for (i = 0; i < list->n; i++)
		if (!field_range(f, list->item[i], &out[i]))
			return 0;
	return list->n;
}

void field_memory(struct fields *f, const struct ynode *value)
{
	struct hw_config *hw = &f->m->cfg->hw;

	if (value->kind == YNODE_SCALAR) {
		field_given(f, value, 1 << 20, 1ull << 52, &f->m->memory);
		return;
	}
	f->m->memory.is = false;
	hw->rams = field_ranges(f, value, hw->ram, RAM_MAX);
}

void field_memory_map(struct fields *f, const struct ynode *value)
{
	f->m->maps = field_ranges(f, value, f->m->map, RAM_MAX);
}

/* ---- dma-ranges: where a device sees memory ---------------------------------------------------
 */

static bool read_range(struct fields *f, const struct ynode *r, struct range_map *m)
{
	const struct ynode *cpu = r->kind == YNODE_MAP ? ynode_get(r, "cpu") : NULL;
	const struct ynode *bus = cpu ? ynode_get(r, "bus") : NULL;
	const struct ynode *size = bus ? ynode_get(r, "size") : NULL;

	if (!size || r->n != 3) {
		err_add(f->errs, r->at, "as in {cpu: 0, bus: 0xc0000000, size: 1GiB}",
			"a range has cpu, bus and size");
		return false;
	}
	return field_int(f, cpu, 0, 1ull << 52, &m->cpu_base) &&
	       field_int(f, bus, 0, 1ull << 52, &m->bus_base) &&
	       field_int(f, size, 4096, 1ull << 52, &m->size);
}

void field_range_list(struct fields *f, const struct ynode *value, struct ranges *out)
{
	u32 i;

	out->n = 0;
	if (field_is_none(value))
		return;
	if (value->kind != YNODE_SEQ || !value->n || value->n > RANGES_MAX) {
		err_add(f->errs, value->at, "as in [{cpu: 0, bus: 0xc0000000, size: 1GiB}]",
			"a list of 1 to %d ranges belongs here, or none", RANGES_MAX);
		return;
	}
	for (i = 0; i < value->n; i++)
		out->n += read_range(f, value->item[i], &out->v[out->n]);
}

static void ranges_platform(struct fields *f, const struct ynode *value)
{
	field_range_list(f, value, &f->m->ranges[BUS_PLATFORM]);
}

static void ranges_pci(struct fields *f, const struct ynode *value)
{
	field_range_list(f, value, &f->m->ranges[BUS_PCI]);
}

/* One list for all devices, or one for each bus. */
void field_dma_ranges(struct fields *f, const struct ynode *value)
{
	static const struct field_row rows[] = {
#define BUS_RANGES_FIELD(name, form, text) {#name, ranges_##name},
#include "scenario/fields.def"
	};

	if (value->kind == YNODE_MAP) {
		fields_read_map(f, value, rows, ARRAY_LEN(rows), "dma_ranges");
		return;
	}
	ranges_platform(f, value);
	f->m->ranges[BUS_PCI] = f->m->ranges[BUS_PLATFORM];
}
