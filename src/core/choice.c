/* SPDX-License-Identifier: MIT */
#include "core/choice.h"

#include <string.h>

#include "base/bug.h"

/* No i, l, o, u: nothing to confuse when a token is read aloud or copied by hand. */
static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

void schedule_add(struct schedule *s, u64 point, u32 value)
{
	BUG_ON(s->n && s->v[s->n - 1].point >= point);
	if (value)
		vec_push(s, (struct answer){point, value});
}

u32 schedule_at(const struct schedule *s, u64 point, u32 *at)
{
	while (*at < s->n && s->v[*at].point < point)
		++*at;
	return *at < s->n && s->v[*at].point == point ? s->v[*at].value : 0;
}

static void number(u64 x, struct str *out)
{
	char buf[16];
	u32 i = sizeof buf;

	do {
		buf[--i] = digits[x % 32];
		x /= 32;
	} while (x);
	str_addn(out, buf + i, sizeof buf - i);
}

void schedule_token(const struct schedule *s, struct str *out)
{
	u64 before = 0;

	str_add(out, "v1:");
	for (u32 i = 0; i < s->n; i++) {
		if (i)
			str_add(out, ".");
		number(s->v[i].point - before, out);
		if (s->v[i].value != 1) {
			str_add(out, "-");
			number(s->v[i].value, out);
		}
		before = s->v[i].point;
	}
}

static bool parse_number(const char **p, u64 *out)
{
	u32 n = 0;

	for (*out = 0; **p && strchr(digits, **p); ++*p, n++) {
		if (n == 12)
			return false;
		*out = *out * 32 + (u64)(strchr(digits, **p) - digits);
	}
	return n > 0;
}

bool schedule_parse(const char *token, struct schedule *out, const char **why)
{
	const char *p = token;
	u64 point = 0;

	*out = (struct schedule){0};
	if (strncmp(p, "v1:", 3) != 0) {
		*why = "a token begins with v1:";
		return false;
	}
	for (p += 3; *p;) {
		u64 step, value = 1;

		if (!parse_number(&p, &step) || (*p == '-' && (p++, !parse_number(&p, &value))) ||
		    step == 0 || value == 0 || value > ~(u32)0 || (*p && *p != '.') ||
		    (*p == '.' && !*++p) || __builtin_add_overflow(point, step, &point)) {
			*why = "parts are written as 3f or 3f-2, joined by a dot";
			schedule_free(out);
			return false;
		}
		schedule_add(out, point, (u32)value);
	}
	return true;
}

void schedule_free(struct schedule *s)
{
	vec_free(s);
}
