/* SPDX-License-Identifier: MIT */
/* dmalab schema: the tables of the language, for an editor and for the manual. */
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/manual.h"
#include "cli/museum.h"
#include "cli/scenarios.h"
#include "engine/calls.h"
#include "scenario/platform.h"
#include "scenario/schema.h"

const struct option_row schema_options[] = {{0}};

/* "kfree(p)" for every call that is not refused by name. */
static const char *const *call_names(struct arena *a)
{
	const char **out = arena_alloc(a, CALL_COUNT + 1, sizeof(*out));
	struct str s = {0};
	u32 n = 0;

	for (u32 i = 0; i < CALL_COUNT; i++) {
		if (call_info((enum call_id)i)->state == CALL_LATER)
			continue;
		str_clear(&s);
		call_form(i, &s);
		out[n++] = arena_strndup(a, str_get(&s), s.n);
	}
	str_free(&s);
	out[n] = NULL;
	return out;
}

static void print_schema(enum schema_of of, struct str *out)
{
	static const char *const none[] = {NULL};
	struct platform_dir dir = scenarios_dir();
	struct schema_names names = {none, none};
	struct arena a = {0};

	if (data_dir()[0])
		names.platforms = platform_names(&dir, &a);
	names.calls = call_names(&a);
	schema_print(of, &names, out);
	arena_free(&a);
}

int cmd_schema(const struct command *self, int argc, char **argv)
{
	static const char *const kinds[] = {"scenario", "platform", "manual", "museum", NULL};
	struct str s = {0};
	struct given g;
	const char *what, *near;
	int status;

	if (!options_read(self, argc, argv, &g))
		return EXIT_USAGE;
	what = g.words ? g.word[0] : kinds[0];
	near = str_nearest(what, kinds);
	if (g.words > 1)
		return usage_error(self, "one kind at a time");
	if (g.help)
		help_command(self, &s);
	else if (strcmp(what, "scenario") == 0)
		print_schema(SCHEMA_SCENARIO, &s);
	else if (strcmp(what, "platform") == 0)
		print_schema(SCHEMA_PLATFORM, &s);
	else if (strcmp(what, "manual") == 0)
		manual_tables(&s);
	else if (strcmp(what, "museum") == 0)
		museum_tables(&s);
	else
		return near ? usage_error(self, "there is no \"%s\"; did you mean \"%s\"?", what,
					  near)
			    : usage_error(self, "there is no \"%s\"", what);
	status = output_text(&s);
	str_free(&s);
	return status;
}
