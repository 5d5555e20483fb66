/* SPDX-License-Identifier: MIT */
#include "scenario/fields.h"

#include <string.h>

#include "scenario/value.h"

enum { FIELDS_MAX = 64 }; /* of one map */

/* Groups stand together, in the order of the file. */
static const struct field_info rows[] = {
#define ROW(map, name, form, text)                                                                 \
	{FIELDS_##map, #name, (form)[0] == '!', (form) + ((form)[0] == '!'), text},
#define SCENARIO_KEY(name, form, text)	     ROW(SCENARIO, name, form, text)
#define STEP_KEY(name, form, text)	     ROW(STEP, name, form, text)
#define PREDICT_KEY(name, form, text)	     ROW(PREDICT, name, form, text)
#define VARIANT_KEY(name, form, text)	     ROW(VARIANT, name, form, text)
#define EXPECT_KEY(name, form, text)	     ROW(EXPECT, name, form, text)
#define SEARCH_KEY(name, form, text)	     ROW(SEARCH, name, form, text)
#define DEVICE_FIELD(name, form, text)	     ROW(DEVICE, name, form, text)
#define MACHINE_FIELD(name, form, text)	     ROW(MACHINE, name, form, text)
#define OWN_FIELD(name, form, text)	     ROW(OWN, name, form, text)
#define FILE_FIELD(name, form, text)	     ROW(FILE, name, form, text)
#define RANGE_FIELD(name, form, text)	     ROW(RANGE, name, form, text)
#define BUS_RANGES_FIELD(name, form, text)   ROW(BUS_RANGES, name, form, text)
#define DMA_RANGE_FIELD(name, form, text)    ROW(DMA_RANGE, name, form, text)
#define CACHE_FIELD(name, form, text)	     ROW(CACHE, name, form, text)
#define STORE_BUFFER_FIELD(name, form, text) ROW(STORE_BUFFER, name, form, text)
#define ARCH_SYNC_FIELD(name, form, text)    ROW(ARCH_SYNC, name, form, text)
#define DIRECTION_FIELD(name, form, text)    ROW(DIRECTION, name, form, text)
#define SWIOTLB_FIELD(name, form, text)	     ROW(SWIOTLB, name, form, text)
#define IOMMU_FIELD(name, form, text)	     ROW(IOMMU, name, form, text)
#define ZONE_FIELD(name, form, text)	     ROW(ZONE, name, form, text)
#define KERNEL_OPTION(name, form, text)	     ROW(KERNEL_OPTION, name, form, text)
#include "scenario/fields.def"
#undef ROW
};

static const char *const maps[] = {
    [FIELDS_SCENARIO] = "SCENARIO",
    [FIELDS_STEP] = "STEP",
    [FIELDS_PREDICT] = "PREDICT",
    [FIELDS_VARIANT] = "VARIANT",
    [FIELDS_EXPECT] = "EXPECT",
    [FIELDS_SEARCH] = "SEARCH",
    [FIELDS_DEVICE] = "DEVICE",
    [FIELDS_MACHINE] = "MACHINE",
    [FIELDS_OWN] = "OWN",
    [FIELDS_FILE] = "FILE",
    [FIELDS_RANGE] = "RANGE",
    [FIELDS_BUS_RANGES] = "BUS_RANGES",
    [FIELDS_DMA_RANGE] = "DMA_RANGE",
    [FIELDS_CACHE] = "CACHE",
    [FIELDS_STORE_BUFFER] = "STORE_BUFFER",
    [FIELDS_ARCH_SYNC] = "ARCH_SYNC",
    [FIELDS_DIRECTION] = "DIRECTION",
    [FIELDS_SWIOTLB] = "SWIOTLB",
    [FIELDS_IOMMU] = "IOMMU",
    [FIELDS_ZONE] = "ZONE",
    [FIELDS_KERNEL_OPTION] = "KERNEL_OPTION",
};

const struct field_info *field_at(enum field_map map, u32 i)
{
	u32 k;

	for (k = 0; k < ARRAY_LEN(rows) && rows[k].map != map; k++)
		;
	return k + i < ARRAY_LEN(rows) && rows[k + i].map == map ? &rows[k + i] : NULL;
}

const struct field_info *field_find(enum field_map map, const char *name)
{
	const struct field_info *f;
	u32 i;

	for (i = 0; (f = field_at(map, i)) != NULL; i++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

bool field_is_later(const struct field_info *f)
{
	return strcmp(f->form, "later") == 0;
}

const char *field_map_name(enum field_map map)
{
	return maps[map];
}

enum field_map field_map_find(const char *name, size_t n)
{
	u32 i;

	for (i = 0; i < FIELD_MAPS; i++)
		if (strlen(maps[i]) == n && memcmp(maps[i], name, n) == 0)
			break;
	return (enum field_map)i;
}

const char *field_hint(enum field_map map, const char *word, const char *other,
		       struct err_list *errs)
{
	const char *names[FIELDS_MAX + 1];
	const struct field_info *f;
	u32 i;

	for (i = 0; i < FIELDS_MAX && (f = field_at(map, i)) != NULL; i++)
		names[i] = f->name;
	names[i] = NULL;
	return value_hint_near(errs, word, names, other);
}
