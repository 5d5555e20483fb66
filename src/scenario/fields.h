/* SPDX-License-Identifier: MIT */
/* The keys of every map of a file (scenario/fields.def) as data. */
#ifndef SCENARIO_FIELDS_H
#define SCENARIO_FIELDS_H

#include "base/err.h"
#include "base/types.h"

enum field_map {
	FIELDS_SCENARIO,
	FIELDS_STEP,
	FIELDS_PREDICT,
	FIELDS_VARIANT,
	FIELDS_EXPECT,
	FIELDS_SEARCH,
	FIELDS_DEVICE,
	FIELDS_MACHINE, /* what a platform and `machine` of a variant have */
	FIELDS_OWN,	/* and an own platform of a scenario besides */
	FIELDS_FILE,	/* and a platform file besides */
	FIELDS_RANGE,
	FIELDS_BUS_RANGES,
	FIELDS_DMA_RANGE,
	FIELDS_CACHE,
	FIELDS_STORE_BUFFER,
	FIELDS_ARCH_SYNC,
	FIELDS_DIRECTION,
	FIELDS_SWIOTLB,
	FIELDS_IOMMU,
	FIELDS_ZONE,
	FIELDS_KERNEL_OPTION,
	FIELD_MAPS
};

struct field_info {
	enum field_map map;
	const char *name;
	bool required;
	const char *form; /* as fields.def says, without the '!' */
	const char *text;
};

/* The i-th row of a map, in the order of fields.def, or NULL. */
const struct field_info *field_at(enum field_map map, u32 i);
const struct field_info *field_find(enum field_map map, const char *name);

/* Is the value refused by its reader as not there yet? */
bool field_is_later(const struct field_info *f);

/* "CACHE" for FIELDS_CACHE, as forms name it; FIELD_MAPS if there is no such name. */
const char *field_map_name(enum field_map map);
enum field_map field_map_find(const char *name, size_t n);

/* "did you mean "x"?" for a key that is none of the map's, in errs' arena; else other. */
const char *field_hint(enum field_map map, const char *word, const char *other,
		       struct err_list *errs);

#endif
