/* SPDX-License-Identifier: MIT */
/* dmalab list: one line for each of what there is. */
#include <string.h>

#include "cli/cli.h"
#include "cli/platforms.h"
#include "cli/scenarios.h"
#include "core/diag.h"
#include "device/device.h"
#include "engine/calls.h"

const struct option_row list_options[] = {{0}};

static void lessons(struct str *out)
{
	struct lessons l;

	lessons_load(&l);
	for (u32 i = 0; i < l.n; i++)
		str_printf(out, "%u  %-30s %s\n", l.v[i].level, l.v[i].id, l.v[i].title);
	lessons_free(&l);
}

static void devices(struct str *out)
{
	for (u32 i = 0; device_model_at(i); i++)
		str_printf(out, "%-10s %s\n", device_model_at(i)->name,
			   device_model_at(i)->summary);
}

static void diagnoses(struct str *out)
{
	for (u32 i = 0; i < DIAG_ASSERT; i++)
		str_printf(out, "%-30s %-10s %s\n", diag_info(i)->name,
			   severity_name(diag_info(i)->severity), diag_info(i)->effect);
}

static void calls(struct str *out)
{
	struct str s = {0};

	for (u32 i = 0; i < CALL_COUNT; i++) {
		str_clear(&s);
		call_signature(i, &s);
		str_printf(out, "%s%s\n", str_get(&s),
			   call_info((enum call_id)i)->state == CALL_LATER ? "  (not yet)" : "");
	}
	str_free(&s);
}

static const struct {
	const char *name;
	void (*print)(struct str *out);
	bool data; /* it needs the data folder */
} lists[] = {{"lessons", lessons, true},
	     {"platforms", platforms_list, true},
	     {"devices", devices, false},
	     {"diagnoses", diagnoses, false},
	     {"calls", calls, false}};

static int no_list(const struct command *self, const char *word)
{
	const char *names[ARRAY_LEN(lists) + 1] = {0}, *near;

	for (u32 i = 0; i < ARRAY_LEN(lists); i++)
		names[i] = lists[i].name;
	near = str_nearest(word, names);
	if (near)
		return usage_error(self, "there is no list of \"%s\"; did you mean \"%s\"?", word,
				   near);
	return usage_error(self, "there is no list of \"%s\"", word);
}

int cmd_list(const struct command *self, int argc, char **argv)
{
	struct str s = {0};
	struct given g;
	const char *what;
	u32 i = 0;
	int status;

	if (!options_read(self, argc, argv, &g))
		return EXIT_USAGE;
	what = g.words ? g.word[0] : "lessons";
	if (g.words > 1)
		return usage_error(self, "one list at a time");
	if (g.help) {
		help_command(self, &s);
	} else {
		while (i < ARRAY_LEN(lists) && strcmp(lists[i].name, what) != 0)
			i++;
		if (i == ARRAY_LEN(lists))
			return no_list(self, what);
		if (lists[i].data && !data_dir()[0])
			return usage_error(self, "the scenarios are not found; set DMALAB_DATA to "
						 "the folder that holds scenarios/");
		lists[i].print(&s);
	}
	status = output_text(&s);
	str_free(&s);
	return status;
}
