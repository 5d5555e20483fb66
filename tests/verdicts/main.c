/* SPDX-License-Identifier: MIT */
/* `make verdicts CASES=FILE`: every case of a file; what differs, what cannot be told, and a sum.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdicts/verdicts.h"

/* Of all cases, at most so many of a hundred may be such that the laboratory cannot tell them. */
enum { UNTOLD_PERCENT = 3 };

struct totals {
	u32 agree, differ, untold, all;
};

/* Which case of a configuration is the last that prints a line. */
static void find_once(json_t *cases, struct once *o)
{
	size_t i, k, m;
	json_t *c, *s, *line;

	o->last = json_object();
	json_array_foreach(cases, i, c)
	{
		const char *name = json_text(json_object_get(c, "config"), "name");
		json_t *seen = name ? json_object_get(o->last, name) : NULL;

		if (!name)
			continue;
		if (!seen)
			json_object_set_new(o->last, name, seen = json_object());
		json_array_foreach(json_object_get(c, "steps"), k, s)
		{
			json_array_foreach(json_object_get(s, "log"), m, line)
			{
				struct str pattern = {0};

				line_pattern(json_string_value(line) ? json_string_value(line) : "",
					     &pattern);
				json_object_set_new(seen, str_get(&pattern),
						    json_integer((json_int_t)i));
				str_free(&pattern);
			}
		}
	}
}

static bool has_bounced(json_t *json)
{
	size_t i;
	json_t *s;

	json_array_foreach(json_object_get(json, "steps"), i, s)
	{
		const char *a = json_text(json_object_get(s, "returns"), "handle"),
			   *b = json_text(s, "handle");

		if ((a && strcmp(a, "bounced") == 0) || (b && strcmp(b, "bounced") == 0))
			return true;
	}
	return false;
}

static void tell_untold(const struct plan *p)
{
	const char *id = json_text(p->json, "id");

	printf("not expressed: %s step %u, %s: %s\n", id ? id : "a case without id", p->at,
	       reason_code(p->reason), str_get(&p->why));
}

/*
 * One case. Where in the bounce pool a search begins is left over from earlier cases, which shows
 * in one bit of an address: both are tried.
 */
static void run_case(json_t *json, const struct once *once, struct totals *sum, bool show)
{
	struct plan *p = mem_zalloc(1, sizeof *p);
	struct trial t = {0};
	enum reason why = REASON_NONE;

	for (u32 shifted = 0; shifted <= has_bounced(json); shifted++) {
		struct str before = t.out;
		u32 differ = t.disagreements;

		t.out = (struct str){0};
		trial_free(&t);
		plan_free(p);
		plan_make(p, json, shifted);
		if (show && !shifted)
			fputs(str_get(&p->text), stdout);
		why = p->reason ? p->reason : trial_run(&t, p, once);
		if (shifted && t.disagreements >= differ) { /* no better */
			str_free(&t.out);
			t.out = before;
			t.disagreements = differ;
		} else {
			str_free(&before);
		}
		if (why || !t.disagreements)
			break;
	}
	if (why)
		tell_untold(p);
	else
		fputs(str_get(&t.out), stdout);
	sum->all++;
	*(why ? &sum->untold : t.disagreements ? &sum->differ : &sum->agree) += 1;
	trial_free(&t);
	plan_free(p);
	mem_free(p);
}

static int run_file(const char *file, const char *only)
{
	struct totals sum = {0};
	struct once once = {0};
	struct str err = {0};
	json_t *cases = cases_read(file, &err), *c;
	size_t i;

	if (!cases) {
		fprintf(stderr, "verdicts: %s\n", str_get(&err));
		str_free(&err);
		return 2;
	}
	find_once(cases, &once);
	json_array_foreach(cases, i, c)
	{
		const char *id = json_text(c, "id");

		once.number = (u32)i;
		if (!only || (id && strstr(id, only)))
			run_case(c, &once, &sum, only != NULL);
	}
	json_decref(once.last);
	json_decref(cases);
	printf("%u agree, %u disagree, %u not expressed, of %u\n", sum.agree, sum.differ,
	       sum.untold, sum.all);
	return sum.differ || sum.untold * 100 > sum.all * UNTOLD_PERCENT || !sum.all;
}

int main(int argc, char **argv)
{
	if (argc < 2 || argc > 3) {
		fputs("usage: verdicts FILE [ID]\n"
		      "  runs the recorded cases of FILE; with ID those whose id holds it, and "
		      "shows their scenarios\n",
		      stderr);
		return 2;
	}
	return run_file(argv[1], argc > 2 ? argv[2] : NULL);
}
