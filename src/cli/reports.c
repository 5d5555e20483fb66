/* SPDX-License-Identifier: MIT */
#include "cli/reports.h"

#include <string.h>

bool reports_read(struct reports *r, const struct command *c, const struct given *g)
{
	*r = (struct reports){.command = c->name};
	r->file = given_value(c, g, "junit");
	r->tap = given_value(c, g, "tap") != NULL;
	r->wanted = r->tap || r->file;
	if (!r->file)
		return true;
	r->silent = strcmp(r->file, "-") == 0;
	if (r->silent && r->tap) {
		usage_error(c, "--junit - and --tap exclude each other: both are the output");
		return false;
	}
	if (!r->file[0]) {
		usage_error(c, "--junit needs the name of a file");
		return false;
	}
	return true;
}

bool reports_open(struct reports *r)
{
	return !r->file || output_open(&r->out, r->file);
}

void reports_bad(struct reports *r, const struct loads *l)
{
	struct str message = {0};

	for (u32 i = 0; i < l->bad.n; i++) {
		const struct unloaded *u = &l->bad.v[i];

		str_clear(&message);
		str_addn(&message, u->said, strcspn(u->said, "\n"));
		cases_add(&r->cases, u->asked, u->asked, "valid", CASE_ERROR, "invalid",
			  str_get(&message), u->said);
	}
	str_free(&message);
}

int reports_close(struct reports *r, struct output *out, int status)
{
	struct str s = {0}, name = {0};
	int written = EXIT_EXPECTED;

	if (r->tap) {
		tap_write(&r->cases, &s);
		output_write(out, str_get(&s), s.n);
	}
	if (r->file) {
		str_clear(&s);
		str_printf(&name, "dmalab %s", r->command);
		junit_write(&r->cases, str_get(&name), &s);
		output_write(&r->out, str_get(&s), s.n);
		written = output_close(&r->out);
	}
	cases_free(&r->cases);
	str_free(&s);
	str_free(&name);
	return written == EXIT_EXPECTED ? status : written;
}
