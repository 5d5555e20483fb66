/* SPDX-License-Identifier: MIT */
#include "engine/calls.h"

#include <string.h>

#include "base/bug.h"

static const struct call_info calls[] = {
#define CALL(name, result, args, state, group) {#name, args, RESULT_##result, CALL_##state},
#include "engine/calls.def"
#undef CALL
};

const struct call_info *call_info(enum call_id id)
{
	BUG_ON(id >= CALL_COUNT);
	return &calls[id];
}

bool call_find(const char *name, enum call_id *id)
{
	u32 i;

	for (i = 0; i < CALL_COUNT; i++) {
		if (strcmp(calls[i].name, name) != 0)
			continue;
		*id = (enum call_id)i;
		return true;
	}
	return false;
}

enum call_failure calls_failure(u32 id)
{
	static const u8 of[CALL_COUNT] = {
	    [CALL_kmalloc] = FAIL_NULL,
	    [CALL_kzalloc] = FAIL_NULL,
	    [CALL_vmalloc] = FAIL_NULL,
	    [CALL_vzalloc] = FAIL_NULL,
	    [CALL_alloc_page] = FAIL_NULL,
	    [CALL_alloc_pages] = FAIL_NULL,
	    [CALL_dma_alloc_coherent] = FAIL_NULL,
	    [CALL_dma_alloc_wc] = FAIL_NULL,
	    [CALL_dma_alloc_attrs] = FAIL_NULL,
	    [CALL_dmam_alloc_coherent] = FAIL_NULL,
	    [CALL_dmam_alloc_attrs] = FAIL_NULL,
	    [CALL_dma_alloc_pages] = FAIL_NULL,
	    [CALL_dma_alloc_noncoherent] = FAIL_NULL,
	    [CALL_dma_pool_create] = FAIL_NULL,
	    [CALL_dmam_pool_create] = FAIL_NULL,
	    [CALL_dma_pool_alloc] = FAIL_NULL,
	    [CALL_dma_pool_zalloc] = FAIL_NULL,
	    [CALL_devm_kzalloc] = FAIL_NULL,
	    [CALL_dma_map_single] = FAIL_MAP,
	    [CALL_dma_map_single_attrs] = FAIL_MAP,
	    [CALL_dma_map_page] = FAIL_MAP,
	    [CALL_dma_map_page_attrs] = FAIL_MAP,
	    [CALL_dma_map_phys] = FAIL_MAP,
	    [CALL_dma_map_resource] = FAIL_MAP,
	    [CALL_dma_set_mask] = FAIL_MASK,
	    [CALL_dma_set_coherent_mask] = FAIL_MASK,
	    [CALL_dma_set_mask_and_coherent] = FAIL_MASK,
	    [CALL_dma_coerce_mask_and_coherent] = FAIL_MASK,
	    [CALL_request_irq] = FAIL_IRQ,
	    [CALL_dma_map_sg] = FAIL_LIST,
	    [CALL_dma_map_sg_attrs] = FAIL_LIST,
	    [CALL_dma_map_sgtable] = FAIL_TABLE,
	    [CALL_dma_get_sgtable] = FAIL_SG,
	    [CALL_sg_alloc_table] = FAIL_SG,
	    [CALL_sg_alloc_table_from_pages] = FAIL_SG,
	};

	return (enum call_failure)of[id];
}
