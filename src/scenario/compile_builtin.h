/* SPDX-License-Identifier: MIT */
/* The functions that compile the rows of scenario/builtins.def. Internal to scenario/. */
#ifndef SCENARIO_COMPILE_BUILTIN_H
#define SCENARIO_COMPILE_BUILTIN_H

#include "scenario/compile_int.h"

/* Arguments are counted already; number is that of the row. Gives the type of the result. */
#define BUILTIN_FN(name)                                                                           \
	struct type builtin_##name(struct compiler *c, const struct expr *e, u32 number)

/* A call that has an effect where one only looks. */
struct type refuse_touch(struct compiler *c, const struct expr *e);
/* Under a device's name: an act of its model, or of another one, which is refused. False: neither.
 */
bool act_call(struct compiler *c, const struct expr *e, struct type *out);

/* compile_builtin.c */
BUILTIN_FN(later);
BUILTIN_FN(memcpy);
BUILTIN_FN(memset);
BUILTIN_FN(read);
BUILTIN_FN(read_once);
BUILTIN_FN(write_once);
BUILTIN_FN(barrier);
BUILTIN_FN(dcache);
BUILTIN_FN(mmio_write);
BUILTIN_FN(mmio_read);
BUILTIN_FN(wait_event);
BUILTIN_FN(poll);

/* compile_values.c */
BUILTIN_FN(cpu_to);
BUILTIN_FN(to_cpu);
BUILTIN_FN(macro);
BUILTIN_FN(bit);
BUILTIN_FN(half);
BUILTIN_FN(min_max);
BUILTIN_FN(align);
BUILTIN_FN(bytes);
BUILTIN_FN(contains);
BUILTIN_FN(assert);

/* compile_acts.c */
BUILTIN_FN(sees);
BUILTIN_FN(device_sees);
BUILTIN_FN(line_state);
BUILTIN_FN(bus_to_phys);
BUILTIN_FN(dma_read);
BUILTIN_FN(dma_write);
BUILTIN_FN(raise_irq);
BUILTIN_FN(hw);
BUILTIN_FN(hold);
BUILTIN_FN(lab_place);
BUILTIN_FN(lab_memory);
BUILTIN_FN(lab_alias);
BUILTIN_FN(lab_preset);

/* compile_lab.c */
BUILTIN_FN(cat);
BUILTIN_FN(log);
BUILTIN_FN(lab_shuffle);
BUILTIN_FN(lab_atomic);
BUILTIN_FN(lab_swiotlb);
BUILTIN_FN(lab_iova);
BUILTIN_FN(lab_device);
BUILTIN_FN(lab_fail);
BUILTIN_FN(lab_echo);
/* compile_acts.c: a handle, a device */
void expr_handle(struct compiler *c, const struct expr *e, const char *what);
void expr_device(struct compiler *c, const struct expr *e, const char *what);

#endif
