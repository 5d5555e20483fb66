/* SPDX-License-Identifier: MIT */
/* Tokens of schedules: what is read is written, and read again as the same. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "core/choice.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct schedule s, again;
	struct str in = {0}, out = {0};
	const char *why = NULL;

	str_addn(&in, (const char *)data, size);
	if (schedule_parse(str_get(&in), &s, &why)) {
		must(s.n <= SCHEDULE_ANSWERS);
		for (u32 i = 0; i < s.n; i++)
			must(s.v[i].value && s.v[i].point > (i ? s.v[i - 1].point : 0));
		schedule_token(&s, &out);
		must(schedule_parse(str_get(&out), &again, &why));
		must(again.n == s.n && again.checks == s.checks);
		must(!s.n || memcmp(again.v, s.v, s.n * sizeof *s.v) == 0);
		must(memcmp(again.check, s.check, sizeof s.check) == 0);
		schedule_free(&again);
		schedule_free(&s);
	} else {
		must(why != NULL);
	}
	str_free(&in);
	str_free(&out);
	return 0;
}
