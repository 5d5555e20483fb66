/* SPDX-License-Identifier: MIT */
/* dmalab tui: a run on the screen, or its screens by script. */
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "cli/cli.h"
#include "cli/hardware.h"
#include "cli/load.h"
#include "cli/tui.h"
#include "tui/source.h"
#include "tui/tui.h"

const struct option_row tui_options[] = {
    {'p', "platform", "NAME", "the platform, of the file or any other; else its first"},
    {0, "variant", "NAME", "the variant; else the first of the file"},
    {0, "set", "NAME=NUMBER", "the value of a param of the file; may come often"},
    {0, "hw", "calm|hostile|random", "what hardware does where it is free to; else calm"},
    {0, "seed", "N", "what random hardware draws from; else 1"},
    {0, "schedule", "TOKEN", "what hardware does where it is free to, as v1:...; else calm"},
    {0, "at", "PLACE", "begin there: 12, e12 (event), l20 (line), 50%, end, finding:2"},
    {0, "palette", "NAME", "the colours; see also NO_COLOR and DMALAB_PALETTE"},
    {0, "ascii", NULL, "no character beyond ASCII"},
    {0, "keys", "WORDS", "do these keys or actions first; without a terminal print the screen"},
    {0, "size", "WxH", "the size of screens without a terminal; else 80x24"},
    {0, "save-screen", "FILE", "write the screen there as text, without a terminal"},
    {0}};

struct show {
	const struct command *self;
	const struct given *g; /* NULL: no options */
	struct run run;
	struct tui_source source;
	u32 position;
};

static const char *opt(const struct show *s, const char *name)
{
	return s->g ? given_value(s->self, s->g, name) : NULL;
}

/* Without a terminal: the screens that the words ask for. */
static int script(struct show *s)
{
	struct tui_size size = {80, 24};
	struct str out = {0}, why = {0};
	struct output o;
	int status = EXIT_USAGE;

	if (opt(s, "size") && !tui_size_parse(opt(s, "size"), &size))
		return usage_error(s->self, "\"%s\" is no size such as 80x24", opt(s, "size"));
	if (!tui_script(s->source, opt(s, "keys") ? opt(s, "keys") : "", size,
			opt(s, "ascii") ? SKIN_ASCII : SKIN_UNICODE, s->position, false, &out,
			&why)) {
		fprintf(stderr, "dmalab tui: %s", str_get(&why));
	} else if (output_open(&o, opt(s, "save-screen"))) {
		output_write(&o, str_get(&out), out.n);
		status = output_close(&o);
	}
	str_free(&out);
	str_free(&why);
	return status;
}

static int terminal(struct show *s)
{
	struct tui_opts opts = {
	    .palette = opt(s, "palette"), .keys = opt(s, "keys"), .ascii = opt(s, "ascii") != NULL};
	struct str why = {0};
	enum tui_end end = tui_run(s->source, &opts, &s->position, &why);

	if (end == TUI_REFUSED)
		fprintf(stderr, "dmalab tui: %s", str_get(&why));
	str_free(&why);
	return end == TUI_REFUSED ? EXIT_USAGE : EXIT_EXPECTED;
}

bool tui_has_terminal(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

static int show(struct show *s, const struct program *other, const char *at)
{
	struct run_source *source = run_source_new(&s->run, other);
	struct str why = {0};
	int status;

	s->source = run_source_screens(source);
	if (at && !tui_place(s->source, at, &s->position, &why))
		status = usage_error(s->self, "%s", str_get(&why));
	else if (opt(s, "save-screen") || (opt(s, "keys") && !tui_has_terminal()))
		status = script(s);
	else
		status = terminal(s);
	str_free(&why);
	run_source_free(source);
	return status;
}

/* Another variant of the file, which may have the calls that this one lacks. */
static bool other_variant(const struct loaded *l, const struct ready *mine, const struct sets *sets,
			  struct ready *other)
{
	const struct scenario_doc *doc = l->s->doc;

	for (u32 i = 0; i < doc->variants; i++)
		if (strcmp(doc->variant[i].name.text, mine->variant) != 0)
			return ready_make(l, doc->variant[i].name.text, mine->cfg->platform, sets,
					  other, NULL);
	return false;
}

int tui_show(const struct command *self, const struct given *g, const struct run_input *in,
	     const struct loaded *l, const struct ready *ready, const struct sets *sets,
	     const char *at)
{
	struct show s = {.self = self, .g = g};
	struct ready other = {0};
	int status;

	run_do(&s.run, in);
	other_variant(l, ready, sets, &other);
	status = show(&s, other.prog, at);
	run_free(&s.run);
	ready_free(&other);
	return status;
}

static int run_and_show(const struct command *self, const struct given *g, struct loaded *l,
			const struct sets *sets, const struct schedule *schedule, enum policy hw,
			u64 seed)
{
	struct ready ready;
	struct run_input in = {.file = l->file,
			       .asked = l->asked,
			       .doc = l->s->doc,
			       .schedule = schedule,
			       .hw = hw,
			       .seed = seed,
			       .sets = str_get(&sets->words)};
	int status = EXIT_USAGE;

	if (ready_make(l, given_value(self, g, "variant"), given_value(self, g, "platform"), sets,
		       &ready, NULL)) {
		in.prog = ready.prog;
		in.cfg = ready.cfg;
		in.variant = ready.variant;
		in.expect = ready.expect;
		status = tui_show(self, g, &in, l, &ready, sets, given_value(self, g, "at"));
	}
	ready_free(&ready);
	return status;
}

int cmd_tui(const struct command *self, int argc, char **argv)
{
	const char *token, *why = NULL;
	struct schedule schedule = {0};
	struct loads loads = {0};
	struct str s = {0};
	struct sets sets = {0};
	enum policy hw = POLICY_CALM;
	struct given g;
	u64 seed;
	int status = EXIT_USAGE;

	if (!options_read(self, argc, argv, &g))
		return EXIT_USAGE;
	if (g.help) {
		help_command(self, &s);
		status = output_text(&s);
		str_free(&s);
		return status;
	}
	if (g.words > 1)
		return usage_error(self, "one scenario at a time");
	token = given_value(self, &g, "schedule");
	if (token && !schedule_parse(token, &schedule, &why))
		usage_error(self, "\"%s\" is no schedule: %s", token, why);
	else if (hardware_read(self, &g, token, &hw, &seed) && sets_read(self, &g, &sets) &&
		 loads_read(self, g.word, g.words, &loads))
		status =
		    run_and_show(self, &g, &loads.v[0], &sets, token ? &schedule : NULL, hw, seed);
	loads_free(&loads);
	sets_free(&sets);
	schedule_free(&schedule);
	return status;
}
