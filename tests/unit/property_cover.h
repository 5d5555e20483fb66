/* SPDX-License-Identifier: MIT */
/* What the random drivers have covered: counted, printed, and held against "everything". */
#ifndef UNIT_PROPERTY_COVER_H
#define UNIT_PROPERTY_COVER_H

#include "unit/property_theory.h"

#define COVER_CELLS                                                                                \
	CELL(REUSE, "reuse: a second transfer within one mapping")                                 \
	CELL(REMAP, "reuse: mapped again")                                                         \
	CELL(REBORN, "reuse: freed and allocated again")                                           \
	CELL(LAZY, "reuse without a hand-over, only read")                                         \
	CELL(PARTIAL, "partial sync")                                                              \
	CELL(OFF_LINE, "partial sync that begins or ends within a line")                           \
	CELL(RANGE, "range sync")                                                                  \
	CELL(PART_MAP, "a part of the buffer mapped")                                              \
	CELL(PAGE_MAP, "dma_map_page")                                                             \
	CELL(SHORT, "short device write")                                                          \
	CELL(NEIGHBOUR, "a neighbour used while mapped")                                           \
	CELL(TOGETHER, "several buffers mapped")                                                   \
	CELL(READ_MAPPED, "read while mapped to the device")                                       \
	CELL(LIST, "a scatterlist mapped")                                                         \
	CELL(LIST_SYNC_CPU, "a scatterlist taken back")                                            \
	CELL(LIST_SYNC_DEV, "a scatterlist handed over again")                                     \
	CELL(IRQ, "completion by interrupt")                                                       \
	CELL(IRQ_UNMAP, "unmapped by the handler")                                                 \
	CELL(IRQ_SYNC_CPU, "taken back by the handler")                                            \
	CELL(IRQ_SYNC_DEV, "handed over again by the handler")                                     \
	CELL(IRQ_READ, "read by the handler")                                                      \
	CELL(IRQ_WRITE, "stored to by the handler")

enum cover_cell {
#define CELL(id, text) COVER_##id,
	COVER_CELLS
#undef CELL
	    COVER_N
};

struct cover {
	u32 pair[GEN_KINDS][GEN_KINDS][3]; /* API calls on one buffer, one after the other */
	u32 cell[COVER_N];
	u32 drivers, platform[THEORY_PLATFORMS], bounced[THEORY_PLATFORMS][3],
	    direct[THEORY_PLATFORMS][3];
};
void cover_driver(struct cover *c, const struct gen_driver *d);
void cover_platform(struct cover *c, u32 platform, const struct gen_driver *d);
void cover_print(const struct cover *c);
/* Whether a cell that can be reached is zero, or one that cannot is not: which, into out. */
bool cover_lacks(const struct cover *c, struct str *out);

/* Mutants: by platform, fault, direction, and whether it bounces. */
struct mutant_cover {
	u32 each; /* how many are wanted of those that hurt, and of those that do not */
	u32 n[THEORY_PLATFORMS][GEN_FAULTS][3][2][2]; /* ..., bounced, hurt */
};
const char *fault_name(enum gen_fault f);
/* Whether the cell has not enough yet of those that hurt, or do not. */
bool mutant_wanted(const struct mutant_cover *c, u32 platform, enum gen_fault f, u32 dir,
		   bool bounced, bool hurt);
void mutant_seen(struct mutant_cover *c, u32 platform, enum gen_fault f, u32 dir, bool bounced,
		 bool hurt);
bool mutant_enough(const struct mutant_cover *c);
void mutant_print(const struct mutant_cover *c);
/* Every fault has hurt where the call has an effect, and was tried where it has none. */
void mutant_assert(const struct mutant_cover *c);

#endif
