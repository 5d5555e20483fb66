/* SPDX-License-Identifier: MIT */
/* What the readers of a machine's fields share. Internal to scenario/. */
#ifndef SCENARIO_PLATFORM_INT_H
#define SCENARIO_PLATFORM_INT_H

#include "scenario/fields.h"
#include "scenario/platform.h"
#include "scenario/value.h"

struct given {
	bool is;
	u64 v;
};

enum { IOMMU_RANGES = 3 };

/* Of an IOMMU, what the configuration has in another form. */
struct given_iommu {
	bool passthrough;
	u64 aperture; /* bytes; 0: all */
	struct range reserve[IOMMU_RANGES], window[IOMMU_RANGES];
	u32 reserved, windows;
	u64 hole_end; /* of the window behind memory below 4 GiB; 0: there is none */
};

/* A configuration while it is put together, with what was said and is not in it. */
struct machine {
	struct machine_config *cfg;
	bool coherent; /* devices, where they say nothing */
	struct given l1_bytes, minalign, cache_alignment, early, passes;
	struct given memory;	   /* bytes, laid out in map */
	struct range map[RAM_MAX]; /* where memory may be: base, most bytes */
	u32 maps;
	struct given pool_base, pool_areas;
	u64 pool_bytes;
	bool pool_high; /* the pool is there only if memory lies above 4 GiB */
	struct ranges {
		struct range_map v[RANGES_MAX];
		u32 n;
	} ranges[2]; /* by enum bus_kind: of devices that say nothing themselves */
	struct given_iommu iommu;
	bool outside[DEVICES_MAX]; /* the device is not behind the IOMMU */
	u32 depth;		   /* of `like` */
};

/* One map of fields that is being read. */
struct fields {
	struct machine *m;
	struct err_list *errs;
	const struct doc_params *params; /* NULL in files of the program */
	enum field_map whose;		 /* FIELDS_FILE, FIELDS_OWN; FIELDS_MACHINE: of a variant */
};

/* Applies all fields of a map. */
void machine_read(struct fields *f, const struct ynode *map);

/* Scalars that may be the name of a param. Reports and returns false otherwise. */
bool field_int(struct fields *f, const struct ynode *n, u64 min, u64 max, u64 *out);
bool field_bool(struct fields *f, const struct ynode *n, bool *out);
/* One of words, ended by NULL: its index. */
bool field_word(struct fields *f, const struct ynode *n, const char *const *words, u32 *out);

bool field_pow2(struct fields *f, const struct ynode *n, u64 min, u64 max, u64 *out);
bool field_is_none(const struct ynode *n); /* the word none */
void field_given(struct fields *f, const struct ynode *n, u64 min, u64 max, struct given *out);

/* Keys of a map: each has a reader. */
struct field_row {
	const char *name;
	void (*read)(struct fields *f, const struct ynode *value);
};
/* what: "a cache". Unknown keys are refused with the nearest name. */
void fields_read_map(struct fields *f, const struct ynode *map, const struct field_row *rows, u32 n,
		     const char *what);

/* Addresses: where memory lies, and where devices see it (platform_memory.c). */
/* A list of at most max {base, size}: how many, 0 if that is wrong. */
u32 field_ranges(struct fields *f, const struct ynode *value, struct range *out, u32 max);
void field_memory(struct fields *f, const struct ynode *value);
void field_memory_map(struct fields *f, const struct ynode *value);
void field_dma_ranges(struct fields *f, const struct ynode *value);
/* A list of {cpu, bus, size}, or the word none. */
void field_range_list(struct fields *f, const struct ynode *value, struct ranges *out);

/* Caches (platform_cache.c). */
void field_cache(struct fields *f, const struct ynode *value);
void field_outer_cache(struct fields *f, const struct ynode *value);

/* The kernel's side (platform_kernel.c). */
void field_arch(struct fields *f, const struct ynode *value);
void field_kernel(struct fields *f, const struct ynode *value);
void field_kernel_options(struct fields *f, const struct ynode *value);
void field_command_line(struct fields *f, const struct ynode *value);
void field_arch_sync(struct fields *f, const struct ynode *value);
void field_kmalloc_bounce(struct fields *f, const struct ynode *value);
void field_coherent_pool(struct fields *f, const struct ynode *value);
void field_quirks(struct fields *f, const struct ynode *value);
void field_swiotlb(struct fields *f, const struct ynode *value);
void field_zones(struct fields *f, const struct ynode *value);

/* The IOMMU (platform_iommu.c); when all is read. */
void field_iommu(struct fields *f, const struct ynode *value);
void machine_finish_iommu(struct machine *m);

/* The devices of a scenario (platform_device.c). */
void machine_add_devices(struct fields *f, const struct scenario_doc *doc);

/* Tags and summary, from the fields (platform_tags.c). */
void machine_describe(struct machine *m);

/* What is derived, and what is wrong (platform.c). at: the platform's name in the scenario. */
bool machine_finish(struct machine *m, struct pos at, struct err_list *errs);

#endif
