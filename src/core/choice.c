/* SPDX-License-Identifier: MIT */
#include "core/choice.h"

#include <string.h>

#include "base/bug.h"

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

void schedule_add_marked(struct schedule *s, u64 point, u32 value, u32 mark)
{
	BUG_ON(s->n && s->v[s->n - 1].point >= point);
	if (value)
		vec_push(s, (struct answer){point, value, mark});
}

void schedule_add(struct schedule *s, u64 point, u32 value)
{
	schedule_add_marked(s, point, value, 0);
}

u32 schedule_at(const struct schedule *s, u64 point, u32 *at)
{
	while (*at < s->n && s->v[*at].point < point)
		++*at;
	return *at < s->n && s->v[*at].point == point ? s->v[*at].value : 0;
}

u32 schedule_stride(u32 n)
{
	return n ? (n + SCHEDULE_CHECKS - 1) / SCHEDULE_CHECKS : 1;
}

/* ---- writing ---- */

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

static u64 distance(const struct schedule *s, u32 i)
{
	return s->v[i].point - (i ? s->v[i - 1].point : 0);
}

/* How many answers behind i are like it. */
static u32 alike(const struct schedule *s, u32 i)
{
	u32 k = i + 1;

	while (k < s->n && s->v[k].value == s->v[i].value && distance(s, k) == distance(s, i))
		k++;
	return k - i - 1;
}

static void part(const struct schedule *s, u32 i, struct str *out)
{
	number(distance(s, i), out);
	if (s->v[i].value != 1) {
		str_add(out, "-");
		number(s->v[i].value, out);
	}
}

static void checks(const struct schedule *s, struct str *out)
{
	u32 stride = schedule_stride(s->n), check = 0;

	for (u32 i = 0; i < s->n; i++)
		if (!s->v[i].mark) {
			for (u32 k = 0; k < s->checks; k++)
				str_printf(out, "%s%c", k ? "" : "=", digits[s->check[k]]);
			return;
		}
	for (u32 i = 0; i < s->n; i++) {
		check = schedule_fold(check, s->v[i].mark);
		if ((i + 1) % stride && i + 1 < s->n)
			continue;
		str_printf(out, "%s%c", i < stride ? "=" : "", digits[check]);
		check = 0;
	}
}

void schedule_token(const struct schedule *s, struct str *out)
{
	struct str one = {0}, more = {0};

	str_add(out, "v1:");
	for (u32 i = 0, n; i < s->n; i++) {
		str_clear(&one);
		str_clear(&more);
		part(s, i, &one);
		n = alike(s, i);
		number(n, &more);
		str_printf(out, "%s%s", i ? "." : "", str_get(&one));
		/* The mark where it is shorter. */
		if (1 + more.n < (u64)n * (1 + one.n)) {
			str_printf(out, "+%s", str_get(&more));
			i += n;
		}
	}
	str_free(&one);
	str_free(&more);
	checks(s, out);
}

/* ---- reading ---- */

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

static const char parts_wrong[] =
    "parts are written as 3f, 3f-2 or 3f-2+4, joined by a dot, with the digits 0-9 and a-z without "
    "i, l, o and u";

static const char *parse_part(const char **p, u64 *point, struct schedule *out)
{
	u64 step, value = 1, more = 0;

	if (!parse_number(p, &step) || (**p == '-' && (++*p, !parse_number(p, &value))) ||
	    (**p == '+' && (++*p, !parse_number(p, &more) || !more)) || step == 0 || value == 0 ||
	    value > ~(u32)0 || (**p && **p != '.' && **p != '=') || (**p == '.' && !*++*p))
		return parts_wrong;
	if (more >= SCHEDULE_ANSWERS - out->n)
		return "it stands for too many answers";
	for (; more != ~0ull; more--) {
		if (__builtin_add_overflow(*point, step, point))
			return "its choice points lie beyond 64 bits";
		schedule_add(out, *point, (u32)value);
	}
	return NULL;
}

static const char *parse_checks(const char *p, struct schedule *out)
{
	u32 stride = schedule_stride(out->n);

	for (; *p && strchr(digits, *p) && out->checks < SCHEDULE_CHECKS; p++)
		out->check[out->checks++] = (u8)(strchr(digits, *p) - digits);
	if (*p || !out->n || out->checks != (out->n + stride - 1) / stride)
		return "behind = stands a digit for each answer, for more than 16 answers some "
		       "digits fewer; it is cut off or too long";
	return NULL;
}

static const char *parse(const char *p, struct schedule *out)
{
	const char *why;
	u64 point = 0;

	if (strncmp(p, "v1:", 3) != 0)
		return "a token begins with v1:";
	for (p += 3; *p && *p != '=';) {
		why = parse_part(&p, &point, out);
		if (why)
			return why;
		if (*p == '=' && p[-1] == '.')
			return parts_wrong;
	}
	return *p ? parse_checks(p + 1, out) : NULL;
}

bool schedule_parse(const char *token, struct schedule *out, const char **why)
{
	const char *wrong;

	*out = (struct schedule){0};
	wrong = parse(token, out);
	if (!wrong)
		return true;
	*why = wrong;
	schedule_free(out);
	return false;
}

void schedule_free(struct schedule *s)
{
	vec_free(s);
	s->checks = 0;
}

void schedule_copy(struct schedule *to, const struct schedule *from)
{
	if (to == from)
		return;
	schedule_free(to);
	for (u32 i = 0; i < from->n; i++)
		vec_push(to, from->v[i]);
	memcpy(to->check, from->check, sizeof to->check);
	to->checks = from->checks;
}
