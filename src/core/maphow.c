/* SPDX-License-Identifier: MIT */
#include "core/maphow.h"

#include "base/bug.h"
#include "base/types.h"

const char *map_how_call(unsigned how)
{
	static const char *const name[] = {
	    [HOW_SINGLE] = "dma_map_single",
	    [HOW_PAGE] = "dma_map_page",
	    [HOW_PHYS] = "dma_map_phys",
	    [HOW_RESOURCE] = "dma_map_resource",
	    [HOW_SG] = "dma_map_sg",
	    [HOW_COHERENT] = "dma_alloc_coherent",
	    [HOW_NONCOHERENT] = "dma_alloc_pages",
	    [HOW_IOVA] = "dma_iova_link",
	};

	BUG_ON((how & HOW_MASK) >= ARRAY_LEN(name));
	return name[how & HOW_MASK];
}

const char *debug_type_name(unsigned type)
{
	static const char *const name[DEBUG_TYPES] = {
	    [DEBUG_SINGLE] = "single",		 [DEBUG_SG] = "scatter-gather",
	    [DEBUG_COHERENT] = "coherent",	 [DEBUG_RESOURCE] = "resource",
	    [DEBUG_NONCOHERENT] = "noncoherent", [DEBUG_PHY] = "phy",
	};

	BUG_ON(type >= DEBUG_TYPES);
	return name[type];
}

const char *debug_dir_name(unsigned dir)
{
	static const char *const name[] = {"DMA_BIDIRECTIONAL", "DMA_TO_DEVICE", "DMA_FROM_DEVICE",
					   "DMA_NONE"};

	BUG_ON(dir >= ARRAY_LEN(name));
	return name[dir];
}

const char *iommu_why_text(unsigned why)
{
	static const char *const text[] = {
	    [FAULT_NONE] = "it is not stopped",
	    [FAULT_NOT_PRESENT] = "nothing is mapped there",
	    [FAULT_WRITE] = "what is mapped there may not be written",
	    [FAULT_READ] = "what is mapped there may not be read",
	    [FAULT_WIDTH] = "the address is too wide",
	};

	BUG_ON(why >= ARRAY_LEN(text));
	return text[why];
}
