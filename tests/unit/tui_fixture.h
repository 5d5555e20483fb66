/* SPDX-License-Identifier: MIT */
/*
 * Lesson models filled by hand (the RX packet that is read too early, on two platforms, and a
 * struct field in the buffer's line), golden screens, and the squint test.
 */
#ifndef UNIT_TUI_FIXTURE_H
#define UNIT_TUI_FIXTURE_H

#include "base/grid.h"
#include "base/str.h"
#include "tui/model.h"
#include "tui/tui.h"

/* The key bars of the golden screens, quiet and at a finding. */
extern const char *const fixture_quiet_keys;
extern const char *const fixture_finding_keys;

/* The RX lesson at event 9 (map), 12 (the device wrote), 13 (the stale read). */
void fixture_lesson(struct lesson_model *m, u32 event);
/* The same finding under a forced bounce, at event 12. */
void fixture_swiotlb(struct lesson_model *m);
/* Two owners in one line. */
void fixture_edge(struct lesson_model *m);

/* A source of the RX lesson: 17 events, one finding at 13. Its fill is a function of position. */
struct tui_source fixture_source(void);

/*
 * Holds text against the file tests/golden/tui/NAME.screen and shows the first line that differs.
 * With GOLDEN_ACCEPT=1 in the environment it writes the file instead.
 */
void fixture_check_golden(const char *name, const char *text);
/* Line by line. */
void fixture_same_lines(const char *have, const char *want);
/* The file as text, for screens that are held against a part of it. */
const char *fixture_golden(const char *name, struct str *out);

/*
 * The squint test: ink per cell in mono, summed over windows of 6 cells. Returns the largest sum;
 * adds to *out the rows with a window of at least 80 % of it ("4 5").
 */
double fixture_squint(const struct grid *g, struct str *out);

#endif
