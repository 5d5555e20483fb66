/* SPDX-License-Identifier: MIT */
/* The table of kernel calls (engine/calls.def) as data. */
#ifndef ENGINE_CALLS_H
#define ENGINE_CALLS_H

#include "base/types.h"

enum call_id {
#define CALL(name, result, args, state, group) CALL_##name,
#include "engine/calls.def"
#undef CALL
	CALL_COUNT
};

enum call_result {
	RESULT_void,
	RESULT_int,
	RESULT_u64,
	RESULT_ptr,
	RESULT_dma,
	RESULT_pa,
	RESULT_page,
	RESULT_pool,
	RESULT_sg
};
enum call_state { CALL_HERE, CALL_PURE, CALL_LATER };

struct call_info {
	const char *name;
	const char *args; /* letters of engine/calls.def */
	enum call_result result;
	enum call_state state;
};

/* What a call gives when fail_nth() of the laboratory lets it fail. */
enum call_failure {
	FAIL_NOT,   /* it cannot */
	FAIL_NULL,  /* no memory */
	FAIL_MAP,   /* DMA_MAPPING_ERROR */
	FAIL_MASK,  /* -EIO */
	FAIL_IRQ,   /* -EBUSY */
	FAIL_SG,    /* -ENOMEM, a scatterlist's table */
	FAIL_LIST,  /* a list is not mapped: 0 */
	FAIL_TABLE, /* a table is not mapped: -EIO */
};
enum call_failure calls_failure(u32 id);

/* The row; BUG_ON an unknown id. */
const struct call_info *call_info(enum call_id id);
/* The call of that name into *id; false: there is none. */
bool call_find(const char *name, enum call_id *id);

#endif
