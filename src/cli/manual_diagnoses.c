/* SPDX-License-Identifier: MIT */
/* dmalab-diagnoses(7): the tables of diagnoses, and the decision list. */
#include <string.h>

#include "cli/manual.h"
#include "cli/topic_decisions.h"
#include "core/diag.h"
#include "report/diagnosis.h"

static const char page_name[] = "dmalab-diagnoses";

/* Lines of C as they are, a tab for eight columns: none of them is a request. */
static void change(const char *edit, struct str *out)
{
	bool begins = true;

	str_add(out, ".Bd -literal -offset indent\n");
	for (; *edit; edit++) {
		if (begins)
			str_add(out, *edit == ' ' ? "\\&  " : *edit == '-' ? "\\- " : "+ ");
		else if (*edit == '\\')
			str_add(out, "\\e");
		else if (*edit == '\t')
			str_add(out, "        ");
		else
			str_addn(out, edit, 1);
		begins = *edit == '\n';
	}
	str_add(out, "\n.Ed\n");
}

static void paragraph(const char *head, const char *text, struct str *out)
{
	str_printf(out, ".Pp\n.Em %s :\n", head);
	manual_text(text, out);
}

static void diagnosis(u32 id, struct str *out)
{
	const struct diag_info *d = diag_info(id);
	const char *list = d->sources, *one;
	struct str s = {0};

	str_printf(out, ".Ss %s\n", d->name);
	str_printf(&s, "At worst a %s. %s %s", severity_name(d->severity), d->effect, d->mechanism);
	manual_text(str_get(&s), out);
	paragraph("Rule", d->rule, out);
	paragraph("Fix", d->fix, out);
	change(d->edit, out);
	paragraph("dma-debug", d->dma_debug, out);
	str_clear(&s);
	diagnosis_places(id, &s);
	paragraph("Shows", str_get(&s), out);
	str_add(out, ".Pp\n.Em Read :\n.Bl -bullet -compact\n");
	while ((one = diagnosis_source(&list, &s)) != NULL) {
		str_add(out, ".It\n");
		manual_text(one, out);
	}
	str_add(out, ".El\n");
	str_free(&s);
}

static void decisions(struct str *out)
{
	const char *title, *name, *text;

	for (u32 l = 0; (title = decisions_title(l)) != NULL; l++) {
		str_printf(out, ".Ss %s\n.Bl -enum -compact\n", title);
		for (u32 i = 0; decision_at(l, i, &name, &text); i++) {
			str_printf(out, ".It\n.Li %s :\n", name);
			manual_text(text, out);
		}
		str_add(out, ".El\n");
	}
}

void manual_diagnoses(struct str *out)
{
	manual_table("pages", page_name, out);
	for (u32 i = 0; i < DIAG_ASSERT; i++)
		diagnosis(i, out);
	manual_table("decisions", page_name, out);
	decisions(out);
}
