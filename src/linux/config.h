/* SPDX-License-Identifier: MIT */
/*
 * What a kernel was built and booted with: filled from a platform file, constant during a run.
 * Only the kernel's side; the machine is hw/config.h. Not modelled: CMA,
 * highmem.
 */
#ifndef LINUX_CONFIG_H
#define LINUX_CONFIG_H

#include "hw/config.h"

/* One cache operation on a range (linux/arch.def). */
enum cache_op { OP_NONE, OP_C, OP_I, OP_CI };
enum edge_rule { EDGES_RAW, EDGES_KEEP, EDGES_WHOLE };
enum arch_flag {
	ARCH_OUTER = 1,
	ARCH_WAIT = 2,
	ARCH_BATCH = 4,
	ARCH_ZERO_FIRST = 8,
	ARCH_BIG_CI = 16,
	ARCH_IMAGE_LINEAR = 32,
	ARCH_REMAP = 64,
};

enum arch_id {
#define ARCH(id, ...) ARCH_ID_##id,
#include "linux/arch.def"
#undef ARCH
	ARCH_IDS
};

/* A row of linux/arch.def as data: a scenario may override any field (arch_sync). */
struct arch_ops {
	u8 for_device[3], for_cpu[3]; /* enum cache_op, by enum dma_dir */
	u8 edges;		      /* enum edge_rule */
	u8 prep;		      /* enum cache_op */
	u8 flags;		      /* enum arch_flag */
};

const char *arch_name(enum arch_id id); /* as in platform files */
bool arch_find(const char *name, enum arch_id *id);
struct arch_ops arch_row(enum arch_id id);
/*
 * What these operations do wrong for a device that does not look into the caches, however well its
 * driver behaves: a sentence. NULL: nothing. "Documentation/core-api/dma-api.rst": after a map what
 * the CPU has stored is in memory and no line of it is dirty, after an unmap the CPU reads what the
 * device wrote.
 */
const char *arch_defect(const struct arch_ops *a, const struct hw_config *hw);

enum { RESERVES_MAX = 8 };

struct iommu_reserve {
	struct range range;
	bool pci; /* only of devices on that bus: what its bridges answer to */
};

/* Bugs of old kernels (linux/quirks.def), as bits of linux_config.quirks. */
enum quirk {
#define QUIRK(id, ...) QUIRK_##id,
#include "linux/quirks.def"
	QUIRKS
};

struct quirk_info {
	const char *name;  /* as in platform files */
	const char *what;  /* in a few words */
	const char *did;   /* what the kernel did, and what came of it */
	const char *fixed; /* by what, and where */
};
const struct quirk_info *quirk_info(enum quirk q);
enum quirk quirk_find(const char *name); /* QUIRKS: there is none of that name */

#define LINUX_VERSION(major, minor) ((u32)(major) << 8 | (minor))

/*
 * What the bus code gave the device before the driver ran. A mask of 0 is 32 bits, unless the flag
 * says that it was left unset; a limit of 0 is none.
 */
struct linux_device_config {
	u64 mask, coherent_mask;
	bool no_mask, no_coherent_mask;
	u64 bus_dma_limit; /* the last bus address that the bus carries (struct device) */
	/* A bounce pool of its own (restricted-dma-pool), as that of all: 0 slots: none. */
	u64 pool_base;
	u32 pool_slots;
};

struct linux_config {
	struct arch_ops arch;
	u32 version;	     /* LINUX_VERSION(7, 1) */
	u32 quirks;	     /* 1 << enum quirk */
	u32 dma_minalign;    /* ARCH_DMA_MINALIGN; 1 where it is not defined */
	u32 l1_cache_bytes;  /* L1_CACHE_BYTES */
	u32 cache_alignment; /* dma_get_cache_alignment(): a power of two */
	bool kmalloc_bounce; /* CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC */
	bool vmap_stack;     /* CONFIG_VMAP_STACK: a stack has no linear address */
	bool dma_debug;	     /* CONFIG_DMA_API_DEBUG */
	bool dma_debug_sg;   /* CONFIG_DMA_API_DEBUG_SG, 6.12 only */
	struct {
		bool asked;		       /* any of them is given */
		bool off;		       /* dma_debug=off */
		u32 entries;		       /* dma_debug_entries=; 0: not given */
		char driver[NAME_MAX_LEN + 1]; /* dma_debug_driver= */
	} boot;				       /* of the kernel's command line */
	bool dma_addr_32;		       /* CONFIG_ARCH_DMA_ADDR_T_64BIT is off */
	bool one_sg_length;		       /* CONFIG_NEED_SG_DMA_LENGTH is off */
	bool dmapool_debug; /* CONFIG_SLUB_DEBUG_ON: mm/dmapool.c checks its blocks */
	u64 coherent_pool;  /* "coherent_pool=", bytes of each atomic pool; 0: the kernel's size */
	/*
	 * An encrypted guest (SEV): a device sees only pages that are shared with the hypervisor,
	 * so swiotlb is forced, and coherent memory is shared in place. Handles are those of the
	 * shared pages and carry no encryption bit (phys_to_dma_unencrypted()).
	 * What a device reads of a page that is not shared, or writes to it, is nonsense.
	 */
	bool encrypted;
	struct {
		u64 base;   /* physical, page aligned */
		u32 slots;  /* of 2 KiB, a multiple of 128; 0: no pool (swiotlb=noforce, or none) */
		u32 areas;  /* a power of two; 0 is 1 */
		bool force; /* swiotlb=force */
		bool dynamic; /* CONFIG_SWIOTLB_DYNAMIC: more pools when it is full */
	} swiotlb;
	/* How the kernel uses the IOMMU, for the devices that it translates for (hw/config.h). */
	struct {
		bool lazy;	   /* iommu.strict=0: the IOTLB is flushed later */
		bool forcedac;	   /* iommu.forcedac=1: PCI devices get any address at once */
		u64 aperture_base; /* the first address that it takes; 0 is kept out anyway */
		u64 aperture_last; /* the last one; 0: no limit of its own */
		struct iommu_reserve reserve[RESERVES_MAX]; /* addresses that are not given out */
		u32 reserved;
	} iommu;
	u64 zone_dma_limit;   /* last physical address of ZONE_DMA; 0: there is no such zone */
	u64 zone_dma32_limit; /* the same of ZONE_DMA32 */
	u64 reserved;	      /* the page allocator gives nothing below: kernel image, firmware */
	struct linux_device_config dev[DEVICES_MAX];
};

/* What is wrong with a configuration, in words for the author of a platform; NULL if nothing. */
const char *linux_config_problem(const struct linux_config *c, const struct hw_config *hw);

#endif
