/* SPDX-License-Identifier: MIT */
/*
 * One scenario of a test, read from a text: setup and teardown for a checked fixture. The test puts
 * what it reads into s, its mistakes into errs, and has them as one line in brief.
 */
#ifndef UNIT_SCENARIO_FIXTURE_H
#define UNIT_SCENARIO_FIXTURE_H

#include "scenario/scenario.h"
#include "unit/scenario_help.h"
#include "unit/unit.h"

static const struct scenario_options options = {"scenarios"};
static struct err_list errs;
static struct str text, brief;
static struct scenario *s;

static inline void setup(void)
{
	errs = (struct err_list){.file = "t"};
	text = brief = (struct str){0};
	s = NULL;
}

static inline void teardown(void)
{
	scenario_free(s);
	err_free(&errs);
	str_free(&text);
	str_free(&brief);
}

/* Reads a scenario; brief has the mistakes. */
static inline void parse(const char *file)
{
	s = scenario_parse(file, strlen(file), &options, &errs);
	err_brief(&errs, &brief);
}

#endif
