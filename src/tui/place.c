/* SPDX-License-Identifier: MIT */
/* Places of a run as words: where a screen opens. */
#include <stdlib.h>
#include <string.h>

#include "tui/keys.h"
#include "tui/tui.h"

/* "finding:2": its number counts from 1. False: it is no such word. */
static bool finding_number(const char *text, u32 *n)
{
	char *end;
	unsigned long v;

	*n = 1;
	if (strcmp(text, "finding") == 0)
		return true;
	if (strncmp(text, "finding:", 8) != 0 || text[8] < '1' || text[8] > '9')
		return false;
	v = strtoul(text + 8, &end, 10);
	*n = v > 1000000 ? 1000000 : (u32)v;
	return *end == '\0';
}

static bool nth_finding(struct tui_source source, const char *text, u32 n, u32 *position,
			struct str *why)
{
	u32 at = 0, i = 0;

	if (source.ops->nth_finding) {
		if (source.ops->nth_finding(source.self, n, position))
			return true;
		while (source.ops->nth_finding(source.self, i + 1, &at))
			i++;
		str_printf(why, "%s: the run has %u finding%s", text, i, i == 1 ? "" : "s");
		return false;
	}
	while (i < n && source.ops->find(source.self, FIND_NEXT_FINDING, at, &at))
		i++;
	if (i == n) {
		*position = at;
		return true;
	}
	str_printf(why, "%s: the run has %u place%s with a finding", text, i, i == 1 ? "" : "s");
	return false;
}

bool tui_place(struct tui_source source, const char *text, u32 *position, struct str *why)
{
	u32 last = source.ops->events(source.self), n;
	struct place p;

	if (strcmp(text, "end") == 0) {
		*position = last;
		return true;
	}
	if (finding_number(text, &n))
		return nth_finding(source, text, n, position, why);
	if (!place_parse(text, &p)) {
		str_printf(why,
			   "%s is no place: write 12, e12, l20, 50%%, end, finding or finding:2",
			   text);
		return false;
	}
	if (p.kind == PLACE_PERCENT)
		p.n = (u32)((u64)last * p.n / 100);
	if (p.kind == PLACE_LINE) {
		if (source.ops->find_line(source.self, p.n, 0, position))
			return true;
		str_printf(why, "%s: that line does not run here", text);
		return false;
	}
	if (p.n <= last) {
		*position = p.n;
		return true;
	}
	str_printf(why, "%s: the run has %u events", text, last);
	return false;
}
