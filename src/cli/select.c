/* SPDX-License-Identifier: MIT */
#include "cli/select.h"

#include <stdlib.h>

#include "cli/hardware.h"

static bool read_schedule(const struct command *c, const char *token, struct selection *s)
{
	const char *why = NULL;

	if (!token)
		return true;
	s->has_schedule = true;
	if (schedule_parse(token, &s->schedule, &why))
		return true;
	usage_error(c, "\"%s\" is no schedule: %s", token, why);
	return false;
}

static bool read_limit(const struct command *c, const char *text, struct selection *s)
{
	char *end;

	if (!text)
		return true;
	s->limit = strtoull(text, &end, 10);
	if (s->limit && !*end && text[0] != '-')
		return true;
	usage_error(c, "--limit wants a number of accesses, not \"%s\"", text);
	return false;
}

bool selection_read(const struct command *c, const struct given *g, struct selection *s)
{
	*s = (struct selection){.platform = given_value(c, g, "platform"),
				.variant = given_value(c, g, "variant")};
	return read_limit(c, given_value(c, g, "limit"), s) &&
	       read_schedule(c, given_value(c, g, "schedule"), s) &&
	       hardware_read(c, g, s->has_schedule, &s->hw, &s->seed) && sets_read(c, g, &s->sets);
}

void selection_free(struct selection *s)
{
	schedule_free(&s->schedule);
	sets_free(&s->sets);
}

struct run_input selection_input(const struct selection *s, const struct loaded *l,
				 const struct ready *ready)
{
	return (struct run_input){
	    .file = l->file,
	    .asked = l->asked,
	    .doc = l->s->doc,
	    .prog = ready->prog,
	    .cfg = ready->cfg,
	    .variant = ready->variant,
	    .expect = ready->expect,
	    .schedule = s->has_schedule ? &s->schedule : NULL,
	    .hw = s->hw,
	    .seed = s->seed,
	    .sets = str_get(&s->sets.words),
	    .max_accesses = s->limit,
	};
}
