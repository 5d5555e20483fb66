/* SPDX-License-Identifier: MIT */
/* The sentences of addresses that a device had too early: of a field that nobody had stored, of
 * what is mapped later. */
#include "report/cause_int.h"
#include "report/narrate.h"

static const struct event *event_of(const struct names *n, const struct finding *f)
{
	return f->event && f->event <= n->log->n ? event_get(n->log, f->event) : NULL;
}

void sentence_empty_field(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f);

	names_short(names_device(n, f->dev - 1), out);
	if (e)
		str_printf(out, " goes to bus 0x%llx", (unsigned long long)e->f[0]);
	else
		str_add(out, " goes somewhere");
	str_add(out, ": it has that from ");
	names_byte(n, f->pa, f->event, out);
	str_add(out, ", where nobody has stored an address.");
}

void sentence_too_early(const struct names *n, const struct finding *f, struct str *out)
{
	names_short(names_device(n, f->dev - 1), out);
	str_add(out, " has used ");
	narrate_count(f->n, "byte", out);
	str_add(out, " at ");
	names_byte(n, f->pa, f->event, out);
	str_add(out, ", which are mapped only now.");
}
