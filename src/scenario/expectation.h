/* SPDX-License-Identifier: MIT */
/*
 * What a scenario says is found, for one variant on one platform. A platform's name wins over its
 * tags, a tag over `all`; two tags that match are a mistake.
 */
#ifndef SCENARIO_EXPECTATION_H
#define SCENARIO_EXPECTATION_H

#include "base/err.h"
#include "engine/config.h"
#include "scenario/doc.h"

/* The value that counts, or NULL: nothing is said. Reports two matching tags in errs. variant may
 * be NULL: the file has none. */
const struct doc_expect *expectation_find(const struct scenario_doc *doc, const char *variant,
					  const struct machine_config *cfg, struct err_list *errs);

/* Every id is a diagnosis, and every assert that is expected is written somewhere. */
void expectation_check_ids(const struct scenario_doc *doc, struct err_list *errs);

/*
 * Holds `expect` against the file: every variant has an answer on every platform (cfg[i] is that of
 * doc->platform[i]), and no key names nothing.
 */
void expectation_check(const struct scenario_doc *doc, const struct machine_config *cfg,
		       struct err_list *errs);

/* Is a finding with that id (an assert: name, id "assert") and severity what `want` means? */
bool expectation_matches(const struct doc_id *want, const char *id, const char *assert_name,
			 enum doc_severity severity);

#endif
