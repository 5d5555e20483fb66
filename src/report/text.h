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

/* The same in short: head and message, without the way there. It is shown as number `shown`. */
void text_finding_short(const struct run *r, u32 nr, u32 shown, const struct style *style,
			struct str *out);
/* Appends "  Fix        ..." as it stands in such a block. */
void text_field(const struct style *style, const char *name, const char *text, struct str *out);
/* Appends what is not as expected, a line each, below "NOT as expected on ...:". */
void text_unexpected(const struct run_input *in, const struct verdict *v, const struct style *style,
		     struct str *out);
/* Appends "a, b and c". */
void text_ids(const struct id_list *l, struct str *out);

/* Appends "rx: A packet is read too early", in bold. */
void text_title(const struct run_input *in, const struct style *style, struct str *out);
/* Appends "broken on arm64-soc", "arm64-soc". */
void text_where(const struct run_input *in, struct str *out);
/* Appends "dmalab VERB FILE --variant ... -p ... --schedule ...": what shows this run again. */
void text_command(const struct run *r, const char *verb, struct str *out);
/* Appends "calm", "hostile", "random, seed 7", "as scheduled": who answered. */
void text_hardware(const struct run *r, struct str *out);
/* Appends a statement as it is shown: "nic: raise_irq()". */
void text_statement(const struct names *n, u32 stmt, struct str *out);

#endif
