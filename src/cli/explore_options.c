/* SPDX-License-Identifier: MIT */
/* dmalab explore: its options, held against each other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explore.h"
#include "cli/tui.h"

const struct option_row explore_options[] = {
    {'p', "platform", "NAME", "the platform, of the file or any other; else its first"},
    {0, "all-platforms", NULL, "one search on each platform of the file"},
    {0, "variant", "NAME", "the variant; else the first of the file"},
    {0, "set", "NAME=NUMBER", "the value of a param of the file; may come often"},
    {0, "deviations", "N", "only schedules that differ from the calm one in at most N answers"},
    {0, "sample", "random|few|hostile",
     "draw schedules by chance: for what is too large to search"},
    {0, "runs", "N", "of a sample: how many are drawn; else 1000, of hostile ones 10"},
    {0, "seed", "N", "of a sample: the first run draws from it, the next from one more; else 1"},
    {0, "states", "N", "states after which a search ends; else 20 million"},
    {0, "memory", "SIZE", "memory that it may take for them, as 64M or 2G; else 1G"},
    {0, "time", "SECONDS", "time after which it ends; else none"},
    {0, "depth", "N", "transitions of one run after which it is cut; else 100000"},
    {0, "limit", "N", "accesses after which one run is ended; else 10 million"},
    {0, "shortest", "deviations|steps",
     "which schedule is the shorter one: the one with fewer answers that are not calm's (the "
     "default), or with fewer steps"},
    {0, "first", NULL, "end at the first finding"},
    {0, "no-reduction", NULL,
     "ask what hardware does to a line at every point, also where no access could tell"},
    {0, "fingerprint", "64|128", "bits that stand for a state that was seen; else 64"},
    {0, "exact", NULL, "keep whole states: nothing is left to chance, more memory"},
    {0, "tui-on-fail", NULL, "then open the screen at the first finding, on its schedule"},
    {0, "json", "[=result]", "JSON Lines: findings and the result; =result: that line alone"},
    REPORT_OPTIONS,
    {'q', "quiet", NULL, "only whether it is as expected, and whether it is proved"},
    {0, "plain", NULL, "no columns, no colours, no progress: for screen readers and grep"},
    {'o', "output", "FILE", "write there, not to the standard output"},
    {0}};

/* What explore.h says of a bound that is 0. */
enum { STATES = 20000000, DEPTH = 100000 };
static const u64 memory = 1ull << 30;

/* 0 if the option was not given. False: it is no number from min to max. */
static bool read_number(const struct explore_job *j, const struct given *g, const char *name,
			u64 min, u64 max, u64 *out)
{
	const char *text = given_value(j->self, g, name);
	char *end;

	if (!text)
		return true;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && !*end && !errno && *out >= min && *out <= max)
		return true;
	usage_error(j->self, "--%s wants a number from %llu to %llu, not \"%s\"", name,
		    (unsigned long long)min, (unsigned long long)max, text);
	return false;
}

static bool read_memory(struct explore_job *j, const char *text)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	u64 n;

	if (!text)
		return true;
	errno = 0;
	n = strtoull(text, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	if (text[0] >= '0' && text[0] <= '9' && n && !errno && unit && !end[1] &&
	    n < 1ull << (54 - 10 * (unit - units))) {
		j->options.max_bytes = n << 10 * (unit - units + 1);
		return true;
	}
	usage_error(j->self, "--memory wants a size such as 64M or 2G, not \"%s\"", text);
	return false;
}

static bool read_time(struct explore_job *j, const char *text)
{
	char *end;

	if (!text)
		return true;
	j->seconds = strtod(text, &end);
	if (text[0] >= '0' && text[0] <= '9' && !*end && j->seconds > 0 && j->seconds <= 1e9 &&
	    strspn(text, "0123456789.") == strlen(text))
		return true;
	usage_error(j->self, "--time wants seconds, such as 10 or 0.5, not \"%s\"", text);
	return false;
}

static bool read_bounds(struct explore_job *j, const struct given *g)
{
	u64 deviations = EXPLORE_NO_BOUND, depth = DEPTH;
	struct explore_options *o = &j->options;

	o->max_states = STATES;
	o->max_bytes = memory;
	if (!read_number(j, g, "deviations", 0, 1000, &deviations) ||
	    !read_number(j, g, "states", 1, 1ull << 40, &o->max_states) ||
	    !read_number(j, g, "depth", 1, 1u << 30, &depth) ||
	    !read_number(j, g, "limit", 1, 1ull << 40, &o->max_accesses) ||
	    !read_memory(j, given_value(j->self, g, "memory")) ||
	    !read_time(j, given_value(j->self, g, "time")))
		return false;
	o->max_deviations = (u32)deviations;
	o->max_depth = (u32)depth;
	return true;
}

/* What a sample has no use for. */
static bool searches_only(struct explore_job *j, const struct given *g)
{
	static const char *const names[] = {"states", "memory",	      "depth",	     "shortest",
					    "first",  "no-reduction", "fingerprint", "exact"};

	for (u32 i = 0; i < ARRAY_LEN(names); i++)
		if (given_value(j->self, g, names[i])) {
			usage_error(j->self,
				    "--sample and --%s exclude each other: nothing is "
				    "searched",
				    names[i]);
			return false;
		}
	return true;
}

static bool read_sample(struct explore_job *j, const struct given *g)
{
	const char *how = given_value(j->self, g, "sample");
	struct sample_options *o = &j->sample;
	bool few, bounded = given_value(j->self, g, "deviations") != NULL;
	struct str names = {0};
	u64 deviations = 0;

	o->seed = 1;
	if (!how) {
		if (!given_value(j->self, g, "runs") && !given_value(j->self, g, "seed"))
			return true;
		usage_error(j->self, "--runs and --seed are for --sample: a search looks at all "
				     "schedules");
		return false;
	}
	if (!sample_find(how, &o->how)) {
		sample_names(&names);
		usage_error(j->self, "--sample is %s, not \"%s\"", str_get(&names), how);
		str_free(&names);
		return false;
	}
	few = o->how == SAMPLE_FEW;
	if (bounded && !few) {
		usage_error(j->self,
			    "--deviations is for a search and for --sample few: %s "
			    "hardware is not counted",
			    how);
		return false;
	}
	j->sampled = true;
	o->max_accesses = j->options.max_accesses;
	if (!read_number(j, g, "runs", 1, 1000000000, &o->runs) ||
	    !read_number(j, g, "seed", 0, INT64_MAX, &o->seed) ||
	    !read_number(j, g, "deviations", 1, 100, &deviations))
		return false;
	o->deviations = (u32)deviations;
	return searches_only(j, g);
}

/* What is neither of two words; value NULL: the option was not given. */
static bool is_other(const char *value, const char *a, const char *b)
{
	return value && strcmp(value, a) != 0 && strcmp(value, b) != 0;
}

static bool read_words(struct explore_job *j, const struct given *g)
{
	const char *shortest = given_value(j->self, g, "shortest");
	const char *bits = given_value(j->self, g, "fingerprint");
	const char *json = given_value(j->self, g, "json");
	bool exact = given_value(j->self, g, "exact") != NULL;

	if (is_other(shortest, "deviations", "steps"))
		usage_error(j->self, "--shortest=deviations or --shortest=steps, not \"%s\"",
			    shortest);
	else if (is_other(bits, "64", "128"))
		usage_error(j->self, "--fingerprint 64 or --fingerprint 128, not \"%s\"", bits);
	else if (bits && exact)
		usage_error(j->self, "--fingerprint and --exact exclude each other: whole states "
				     "need no fingerprint");
	else if (json && json[0] && strcmp(json, "result") != 0)
		usage_error(j->self, "--json or --json=result, not --json=%s", json);
	else {
		j->options.order =
		    shortest && strcmp(shortest, "steps") == 0 ? EXPLORE_STEPS : EXPLORE_DEVIATIONS;
		j->options.print = exact			      ? PRINT_EXACT
				   : bits && strcmp(bits, "128") == 0 ? PRINT_128
								      : PRINT_64;
		j->json = json != NULL;
		j->result_only = json && json[0];
		return true;
	}
	return false;
}

static bool read_reports(struct explore_job *j, const struct given *g)
{
	const char *out = given_value(j->self, g, "output");
	struct reports *r = &j->reports;

	if (!reports_read(r, j->self, g))
		return false;
	if (r->tap && (j->json || j->quiet))
		usage_error(j->self, "--tap and --%s exclude each other",
			    j->json ? "json" : "quiet");
	else if (r->file && out && strcmp(r->file, out) == 0)
		usage_error(j->self, "--junit and --output name the same file");
	else
		return true;
	return false;
}

bool explore_read(struct explore_job *j, const struct given *g)
{
	const struct command *c = j->self;

	j->platform = given_value(c, g, "platform");
	j->variant = given_value(c, g, "variant");
	j->all = given_value(c, g, "all-platforms") != NULL;
	j->quiet = given_value(c, g, "quiet") != NULL;
	j->plain = given_value(c, g, "plain") != NULL;
	j->tui = given_value(c, g, "tui-on-fail") != NULL;
	j->options.first = given_value(c, g, "first") != NULL;
	j->options.unreduced = given_value(c, g, "no-reduction") != NULL;
	if (j->all && j->platform)
		usage_error(c, "--platform and --all-platforms exclude each other");
	else if (j->tui && !tui_has_terminal())
		usage_error(c, "--tui-on-fail needs a terminal");
	else
		return read_words(j, g) && read_bounds(j, g) && read_sample(j, g) &&
		       sets_read(c, g, &j->sets) && read_reports(j, g);
	return false;
}
