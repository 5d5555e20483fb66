/* SPDX-License-Identifier: MIT */
/*
 * What events of the API say of a call besides its addresses: how memory was mapped, which is what
 * dma-debug compares at the unmap, and where a pointer that was mapped lies. And why an IOMMU
 * stopped an access.
 */
#ifndef CORE_MAPHOW_H
#define CORE_MAPHOW_H

/* Low byte: the kind of call. dma_map_page() is a SINGLE for dma-debug (kernel/dma/debug.c). */
enum map_how {
	HOW_SINGLE,	 /* dma_map_single() */
	HOW_PAGE,	 /* dma_map_page() */
	HOW_PHYS,	 /* dma_map_phys(), 7.1 */
	HOW_RESOURCE,	 /* dma_map_resource() */
	HOW_SG,		 /* an entry of dma_map_sg() */
	HOW_COHERENT,	 /* dma_alloc_attrs() */
	HOW_NONCOHERENT, /* dma_alloc_pages() */
	HOW_IOVA,	 /* dma_iova_link(), 7.1 */
	HOW_MASK = 0xff,
};

/* Second byte: where the mapped pointer or page lies, as dma-debug looks at it. */
enum map_where {
	WHERE_LINEAR = 0 << 8,
	WHERE_STACK = 1 << 8,	   /* of the current task, in the linear map */
	WHERE_VMAP_STACK = 2 << 8, /* the same, mapped by vmalloc: known by its page */
	WHERE_VMALLOC = 3 << 8,
	WHERE_INVALID = 4 << 8, /* virt_addr_valid() says no */
	WHERE_TEXT = 5 << 8,	/* kernel text or rodata, in the linear map */
	WHERE_MASK = 0xff00,
};

/* Third byte: on whose behalf coherent memory comes and goes. */
enum map_for {
	FOR_DRIVER = 0 << 16,
	FOR_POOL = 1 << 16,   /* a chunk of a dma_pool */
	FOR_DEVRES = 2 << 16, /* the driver is gone: managed memory is released */
	FOR_MASK = 0xff0000,
};

/* Third byte, of a map that failed: why. */
enum map_refusal {
	REFUSED_OTHERWISE = 0 << 16,
	REFUSED_FULL = 1 << 16,	     /* the bounce pool has no room */
	REFUSED_TOO_LARGE = 2 << 16, /* no bounce can be so large */
	REFUSED_COHERENT = 3 << 16,  /* syncs were needed, with DMA_ATTR_REQUIRE_COHERENT */
	REFUSED_MASK = 0xff0000,
};

/* From this bit on the field "how" of coherent memory's events has the call's DMA_ATTR_*. */
enum { HOW_ATTRS_SHIFT = 32 };

/* What dma-debug calls a mapping: kernel/dma/debug.c type2name[]. */
enum debug_type {
	DEBUG_SINGLE,
	DEBUG_SG,
	DEBUG_COHERENT,
	DEBUG_RESOURCE, /* 6.12 */
	DEBUG_NONCOHERENT,
	DEBUG_PHY, /* 7.1: all that is not a list, and no memory that the call gave */
	DEBUG_TYPES,
};

/* Why an access was stopped: FAULT_NONE is that it was not. */
enum iommu_why {
	FAULT_NONE,
	FAULT_NOT_PRESENT, /* nothing is mapped there */
	FAULT_WRITE,	   /* it is, but not for writing */
	FAULT_READ,	   /* not for reading */
	FAULT_WIDTH,	   /* the address is wider than the tables reach */
};

/* The call that makes such a mapping, without brackets. */
const char *map_how_call(unsigned how);
/* As dma-debug prints it: "scatter-gather", "DMA_TO_DEVICE" (dir2name[]). */
const char *debug_type_name(unsigned type);
const char *debug_dir_name(unsigned dir);
/* Half a sentence, for the event iommu-fault. */
const char *iommu_why_text(unsigned why);

#endif
