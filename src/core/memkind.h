/* SPDX-License-Identifier: MIT */
/* Kinds of memory a driver may hold: the field kind of the events alloc and free. */
#ifndef CORE_MEMKIND_H
#define CORE_MEMKIND_H

enum mem_kind {
	KIND_KMALLOC,
	KIND_PAGE,
	KIND_VMALLOC,
	KIND_STACK,
	KIND_MODULE,
	KIND_TEXT,
	KIND_RODATA,
	KIND_COHERENT,
	KIND_POOL,   /* a block of a dma_pool, in a chunk of coherent memory */
	KIND_PLACED, /* put there by the laboratory: no kernel, no DMA API */
};

#endif
