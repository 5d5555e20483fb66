/* SPDX-License-Identifier: MIT */
/* dmalab why: the causes of what some bytes are at an event. */
#include "base/bug.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/select.h"
#include "report/json.h"
#include "report/why.h"

const struct option_row why_options[] = {
    {'p', "platform", "NAME", "the platform; else the first of the file"},
    {0, "variant", "NAME", "the variant; else the first of the file"},
    SELECT_OPTIONS,
    {0, "json", NULL, "a line of JSON for each run of bytes with the same history"},
    {0, "plain", NULL, "no columns, no colours: for screen readers and grep"},
    {'o', "output", "FILE", "write there, not to the standard output"},
    {0}};

/* FILE EVENT BYTES. */
enum { WORD_FILE, WORD_EVENT, WORD_BYTES, WORDS };

static int tell(const struct command *self, const struct given *g, struct why *w)
{
	struct str text = {0};
	struct output o;
	struct style style;

	if (!output_open(&o, given_value(self, g, "output")))
		return EXIT_USAGE;
	style = output_style(&o, given_value(self, g, "plain") != NULL);
	if (given_value(self, g, "json"))
		json_why(w, &text);
	else
		text_why(w, &style, &text);
	output_write(&o, str_get(&text), text.n);
	str_free(&text);
	return output_close(&o);
}

static int ask(const struct command *self, const struct given *g, struct run *r)
{
	struct why_bytes bytes;
	struct why w;
	struct str why = {0};
	u32 event;
	int status;

	if (why_event(r, g->word[WORD_EVENT], &event, &why) &&
	    why_bytes(r, event, g->word[WORD_BYTES], &bytes, &why)) {
		why_make(&w, r, &bytes);
		status = tell(self, g, &w);
		why_free(&w);
	} else {
		status = usage_error(self, "%s", str_get(&why));
	}
	str_free(&why);
	return status;
}

/* The answer is about a run that nobody asked for. */
static int tell_stray(const struct command *self, const struct run *r)
{
	struct str s = {0};

	run_stray(r, &s);
	fprintf(stderr, "dmalab %s: %s\n", self->name, str_get(&s));
	str_free(&s);
	return EXIT_LIMIT;
}

static int run_and_ask(const struct command *self, const struct given *g,
		       const struct selection *select, const struct loaded *l)
{
	struct ready ready;
	struct run_input in;
	struct run r;
	int status = EXIT_USAGE;

	if (ready_make(l, select->variant, select->platform, &select->sets, &ready, NULL)) {
		in = selection_input(select, l, &ready);
		bug_context(l->file);
		run_do(&r, &in);
		status = ask(self, g, &r);
		if (status == EXIT_EXPECTED && r.stray.why)
			status = tell_stray(self, &r);
		run_free(&r);
		bug_context(NULL);
	}
	ready_free(&ready);
	return status;
}

int cmd_why(const struct command *self, int argc, char **argv)
{
	struct selection select = {0};
	struct loads loads = {0};
	struct str s = {0};
	struct given g;
	int status = EXIT_USAGE;

	if (!options_read(self, argc, argv, &g))
		return EXIT_USAGE;
	if (g.help) {
		help_command(self, &s);
		status = output_text(&s);
		str_free(&s);
		return status;
	}
	if (g.words != WORDS)
		return usage_error(self,
				   "which bytes, and when? FILE EVENT BYTES, such as %s e13 "
				   "buf+0:5",
				   g.words ? g.word[WORD_FILE] : "FILE");
	if (selection_read(self, &g, &select) && loads_read(self, g.word, 1, &loads))
		status = run_and_ask(self, &g, &select, &loads.v[0]);
	loads_free(&loads);
	selection_free(&select);
	return status;
}
