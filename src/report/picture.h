/* SPDX-License-Identifier: MIT */
/*
 * Eight bytes in three rows, as the CPU, memory and a device see them, with a wall in the seam
 * where two of them differ. A picture is due where the truths begin to differ (once, until they
 * agree again) and where a finding fires that no picture has shown yet.
 */
#ifndef REPORT_PICTURE_H
#define REPORT_PICTURE_H

#include "report/run.h"
#include "report/style.h"

/* A byte that was seen old, by whom: not shown again until it is no longer so. */
struct wall_seen {
	u64 pa;
	u32 alloc; /* 1 + index */
	bool cpu;  /* the CPU is behind, else the device */
};

struct pictures {
	struct run *r; /* borrowed */
	VEC(struct wall_seen)
};

/* After the events [first, last], whose state the engine must be at: appends the one that is due.
 */
void pictures_after(struct pictures *p, u32 first, u32 last, const struct style *style,
		    struct str *out);
/*
 * The picture of a finding among the events up to last, unless its wall stands already: as it is
 * then, but bytes that are lost as they were just before. Moves the engine. False: pictures_after()
 * may still have something to show.
 */
bool picture_of_finding(struct pictures *p, const struct finding *f, u32 last,
			const struct style *style, struct str *out);
void pictures_free(struct pictures *p);

#endif
