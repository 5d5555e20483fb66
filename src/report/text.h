/* SPDX-License-Identifier: MIT */
/* The narrated run: title, statements with what they caused, findings, verdict. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/run.h"
#include "report/style.h"
#include "report/writer.h"

/* Appends all of it. Moves the engine's position. */
void text_run(struct run *r, const struct style *style, struct writer *out);
/* Appends only the last lines: as expected or not, events and journal. */
void text_verdict(const struct run *r, const struct style *style, struct str *out);
/* Appends finding number `nr` (from 1) as a block. */
void text_finding(const struct run *r, u32 nr, const struct style *style, struct str *out);

/* Appends "broken on arm64-soc", "arm64-soc". */
void text_where(const struct run *r, struct str *out);
/* Appends "dmalab VERB FILE --variant ... -p ... --schedule ...": what shows this run again. */
void text_command(const struct run *r, const char *verb, struct str *out);
/* Appends "calm", "hostile", "random, seed 7", "as scheduled": who answered. */
void text_hardware(const struct run *r, struct str *out);
/* Appends a statement as it is shown: "nic: raise_irq()". */
void text_statement(const struct names *n, u32 stmt, struct str *out);

#endif
