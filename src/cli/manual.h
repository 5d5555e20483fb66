/* SPDX-License-Identifier: MIT */
/* The tables of dmalab-scenario(5) and dmalab-diagnoses(7), from those of the program. */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "base/str.h"

/*
 * Appends all tables in mdoc(7), each behind a line `.\" TABLE name page`. Of the first page: keys,
 * steps, predict, variant, expect, device, machine, groups, types, calls, accesses, constants,
 * limits, diagnoses, and the others that it names. Of dmalab-diagnoses: pages, decisions.
 * man/PAGE.N.in says where they go.
 */
void manual_tables(struct str *out);
/* The second page's. */
void manual_diagnoses(struct str *out);

/* ---- mdoc ---- */

/* Begins a table of a page of man/. */
void manual_table(const char *table, const char *page, struct str *out);
/* One line of any text. */
void manual_line(const char *text, struct str *out);
/* Text in lines that are short enough, a new one for each sentence. */
void manual_text(const char *text, struct str *out);
/* The head of an item of a list, literally. */
void manual_item(const char *what, struct str *out);

#endif
