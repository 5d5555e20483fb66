/* SPDX-License-Identifier: MIT */
/* dmalab list: one line for each of what there is. */
#include <string.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/museum.h"
#include "cli/platforms.h"
#include "cli/scenarios.h"
#include "cli/topics.h"
#include "core/diag.h"
#include "device/device.h"
#include "engine/calls.h"
#include "linux/config.h"
#include "report/diagnosis.h"
#include "scenario/mutate.h"

const struct option_row list_options[] = {
    {0, "names", NULL, "only the names, one on a line, as `explain` and `run` take them"},
    {0, "json", NULL, "JSON Lines; of bugs and diagnoses"},
    {0}};

/* One line of a list: its name, and what else stands there. */
struct lister {
	struct str *out;
	bool names, json;
};

static void line(const struct lister *l, const char *name, const char *text)
{
	str_printf(l->out, "%s\n", l->names ? name : text);
}

/* The lessons of one level, in the order of their files; true if there is a higher level. */
static bool lessons_of(const struct lister *l, const struct lessons *all, u32 level)
{
	struct str s = {0};
	bool more = false;

	for (u32 i = 0; i < all->n; i++) {
		const struct lesson *v = &all->v[i];

		more |= v->level > level;
		if (v->level != level)
			continue;
		str_clear(&s);
		str_printf(&s, "%u  %-30s %s", v->level, v->id, v->title);
		line(l, v->id, str_get(&s));
	}
	str_free(&s);
	return more;
}

static void lessons(const struct lister *l)
{
	struct lessons all;
	u32 level = 0;

	lessons_load(&all);
	while (lessons_of(l, &all, level))
		level++;
	lessons_free(&all);
}

static void bugs(const struct lister *l)
{
	(l->json ? museum_json : l->names ? museum_names : museum_list)(l->out);
}

static void platforms(const struct lister *l)
{
	struct platform_dir dir = scenarios_dir();
	struct arena a = {0};

	if (!l->names)
		platforms_list(l->out);
	else
		for (const char *const *p = platform_names(&dir, &a); *p; p++)
			line(l, *p, *p);
	arena_free(&a);
}

static void devices(const struct lister *l)
{
	struct str s = {0};

	for (u32 i = 0; device_model_at(i); i++) {
		str_clear(&s);
		str_printf(&s, "%-10s %s", device_model_at(i)->name, device_model_at(i)->summary);
		line(l, device_model_at(i)->name, str_get(&s));
	}
	str_free(&s);
}

static void diagnoses(const struct lister *l)
{
	static const struct style page = {.width = 80};
	struct str s = {0};

	for (u32 i = 0; i < DIAG_ASSERT; i++) {
		const struct diag_info *d = diag_info(i);

		if (l->json) {
			diagnosis_json(i, l->out);
			continue;
		}
		str_clear(&s);
		str_printf(&s, "%-30s %-10s ", d->name, severity_name(d->severity));
		if (!l->names)
			style_wrap(&page, (u32)s.n, 42, d->effect, &s);
		str_printf(l->out, "%s%s", l->names ? d->name : str_get(&s), l->names ? "\n" : "");
	}
	str_free(&s);
}

static void calls(const struct lister *l)
{
	struct str s = {0};

	for (u32 i = 0; i < CALL_COUNT; i++) {
		const struct call_info *c = call_info((enum call_id)i);

		str_clear(&s);
		call_signature(i, &s);
		str_add(&s, c->state == CALL_LATER ? "  (not yet)" : "");
		line(l, c->name, str_get(&s));
	}
	str_free(&s);
}

static void quirks(const struct lister *l)
{
	struct str s = {0};

	for (u32 i = 0; i < QUIRKS; i++) {
		const struct quirk_info *q = quirk_info((enum quirk)i);

		str_clear(&s);
		str_printf(&s, "%-30s %s", q->name, q->what);
		line(l, q->name, str_get(&s));
	}
	str_free(&s);
}

static void operators(const struct lister *l)
{
	struct str s = {0};

	for (u32 i = 0; i < MUTATIONS; i++) {
		const struct mutation_info *m = mutation_info(i);

		str_clear(&s);
		str_printf(&s, "%-20s %s", m->name, m->what);
		line(l, m->name, str_get(&s));
	}
	str_free(&s);
}

static void topics(const struct lister *l)
{
	struct str s = {0};

	for (u32 i = 0; topic_at(i); i++) {
		str_clear(&s);
		str_printf(&s, "%-13s %s", topic_at(i)->name, topic_at(i)->summary);
		line(l, topic_at(i)->name, str_get(&s));
	}
	str_free(&s);
}

static void glossary(const struct lister *l)
{
	for (u32 i = 0; glossary_at(i); i++)
		line(l, glossary_at(i), glossary_at(i));
}

static const struct {
	const char *name;
	void (*print)(const struct lister *l);
	bool data; /* it needs the data folder */
	bool json;
} lists[] = {{"lessons", lessons, true, false},	    {"bugs", bugs, true, true},
	     {"platforms", platforms, true, false}, {"devices", devices, false, false},
	     {"diagnoses", diagnoses, false, true}, {"calls", calls, false, false},
	     {"quirks", quirks, false, false},	    {"operators", operators, false, false},
	     {"topics", topics, false, false},	    {"words", glossary, false, false}};

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
	struct lister l = {.out = &s};
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
		l.names = given_value(self, &g, "names") != NULL;
		l.json = given_value(self, &g, "json") != NULL;
		if (l.json && (l.names || !lists[i].json))
			return usage_error(self,
					   l.names ? "--json and --names exclude each other"
						   : "only bugs and diagnoses are listed in JSON");
		lists[i].print(&l);
	}
	status = output_text(&s);
	str_free(&s);
	return status;
}
