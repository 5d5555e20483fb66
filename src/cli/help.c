/* SPDX-License-Identifier: MIT */
/* Help, from the tables of commands and options. */
#include <string.h>

#include "base/grid.h"
#include "cli/cli.h"
#include "core/choice.h"
#include "core/event.h"

enum { HELP_COLUMN = 26, HELP_WIDTH = 80 };

const struct option_row no_options[] = {{0}};

static void option_help(const struct option_row *o, struct str *out)
{
	static const struct style style = {.width = HELP_WIDTH};
	struct str left = {0};
	u32 at;

	str_add(&left, "  ");
	if (o->letter)
		str_printf(&left, "-%c, ", o->letter);
	else
		str_add(&left, "    ");
	str_printf(&left, "--%s", o->name);
	if (o->arg)
		str_printf(&left, "%s%s", o->arg[0] == '[' ? "" : " ", o->arg);
	str_add(out, str_get(&left));
	at = grid_columns(str_get(&left));
	if (at + 2 > HELP_COLUMN) {
		str_add(out, "\n");
		at = 0;
	}
	style_pad(HELP_COLUMN - at, out);
	style_wrap(&style, HELP_COLUMN, HELP_COLUMN, o->help, out);
	str_free(&left);
}

void help_command(const struct command *c, struct str *out)
{
	static const struct option_row help = {'h', "help", NULL, "this text"};

	str_printf(out, "usage: dmalab %s%s%s%s\n\n", c->name,
		   c->options[0].name ? " [OPTION]..." : "", c->args[0] ? " " : "", c->args);
	str_add(out, c->about);
	str_add(out, "\n");
	for (const struct option_row *o = c->options; o->name; o++)
		option_help(o, out);
	option_help(&help, out);
}

void help_all(struct str *out)
{
	str_add(out,
		"dmalab shows where every byte of a DMA buffer is, at every step of a driver,\n"
		"and says when a byte is read that should have been a newer one.\n\n"
		"  dmalab list lessons\n"
		"  dmalab run rx-packet-read-too-early\n"
		"  dmalab tui rx-packet-read-too-early\n\n"
		"usage: dmalab COMMAND [ARGUMENT]...\n\n");
	for (const struct command *c = commands(); c->name; c++)
		str_printf(out, "  %-11s %s\n", c->name, c->summary);
	str_add(out,
		"\n\"dmalab COMMAND --help\" has the options, the manual dmalab(1) all of it.\n"
		"Exit status: 0 as expected, 1 not as expected, 2 wrong use or an invalid\n"
		"scenario, 3 a limit was reached, 4 an error inside dmalab.\n\n"
		"Not modelled: a cache for each CPU core (hardware keeps them alike: one stands\n"
		"for all), CMA, DMA-BUF fences, PASID and SVA, ATS and caches inside devices,\n"
		"DDIO, speculative stores.\n");
}

int cmd_help(const struct command *self, int argc, char **argv)
{
	const struct command *c = self;
	struct str s = {0};
	struct given g;
	int status;

	if (!options_read(self, argc, argv, &g))
		return EXIT_USAGE;
	if (g.words > 1)
		return usage_error(self, "one command at a time");
	if (g.words == 1)
		c = command_find(g.word[0]);
	if (!c)
		return usage_error(self, "there is no command \"%s\"", g.word[0]);
	if (g.words == 1 || g.help)
		help_command(c, &s);
	else
		help_all(&s);
	status = output_text(&s);
	str_free(&s);
	return status;
}

int cmd_version(const struct command *self, int argc, char **argv)
{
	struct str s = {0};
	struct given g;
	int status;

	if (!options_read(self, argc, argv, &g))
		return EXIT_USAGE;
	if (g.help)
		help_command(self, &s);
	else
		str_printf(&s, "dmalab %s (journal %d, schedule v%d)\n", DMALAB_VERSION,
			   JOURNAL_VERSION, SCHEDULE_VERSION);
	status = output_text(&s);
	str_free(&s);
	return status;
}
