/* SPDX-License-Identifier: MIT */
/* What is said about a text that is no YAML. Internal to scenario/. */
#ifndef SCENARIO_YAML_WORDS_H
#define SCENARIO_YAML_WORDS_H

#include "base/err.h"

struct yaml_complaint {
	const char *problem; /* a part of libyaml's words */
	bool at_context;     /* where it began says more than where it was noticed */
	const char *message, *hint;
};

/* The row whose problem is a part of libyaml's sentence, or NULL. */
const struct yaml_complaint *yaml_find_complaint(const char *sentence);

/*
 * Is this UTF-8 text whose lines all programs count alike? Otherwise the first place where it is
 * not is reported, and nothing else should be read.
 */
bool yaml_check_bytes(const char *s, size_t n, struct err_list *errs);

/*
 * Looks for what made libyaml complain at byte off of text, which is at: a header such as
 * "- for (...)" that has lost its ':' on a line above, a '- ' in a column where no list has its
 * own, a ': ' in a text that is no statement. text ends with a NUL. True: that was reported, at its
 * own place.
 */
bool yaml_refuse_layout(const char *text, size_t off, struct pos at, struct err_list *errs);

#endif
