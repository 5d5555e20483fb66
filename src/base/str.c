/* SPDX-License-Identifier: MIT */
/* Growing strings, UTF-8, text made safe for a terminal, and the nearest name to a misspelt one. */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "base/mem.h"

enum { WORD_MAX = 64 }; /* longer words are not compared: names are shorter than that */

static void str_reserve(struct str *o, size_t more)
{
	size_t need;

	BUG_ON(__builtin_add_overflow(o->n, more, &need) || need == SIZE_MAX);
	need++;
	if (need <= o->cap)
		return;
	o->cap = need > o->cap * 2 ? need : o->cap * 2;
	o->s = mem_grow(o->s, o->cap, 1);
}

void str_addn(struct str *o, const char *s, size_t n)
{
	str_reserve(o, n);
	if (n)
		memcpy(o->s + o->n, s, n);
	o->n += n;
	o->s[o->n] = '\0';
}

void str_add(struct str *o, const char *s)
{
	str_addn(o, s, strlen(s));
}

void str_printf(struct str *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	BUG_ON(n < 0);
	str_reserve(o, (size_t)n);
	va_start(ap, fmt);
	vsnprintf(o->s + o->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	o->n += (size_t)n;
}

const char *str_get(const struct str *o)
{
	return o->s ? o->s : "";
}

void str_clear(struct str *o)
{
	o->n = 0;
	if (o->s)
		o->s[0] = '\0';
}

void str_free(struct str *o)
{
	mem_free(o->s);
	*o = (struct str){0};
}

size_t str_utf8_next(const char *s, size_t n, u32 *cp)
{
	static const u32 smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
	const u8 *b = (const u8 *)s;
	size_t len, i;
	u32 c;

	if (!n)
		return 0;
	if (b[0] < 0x80) {
		*cp = b[0];
		return 1;
	}
	len = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : b[0] >= 0xc2 ? 2 : 0;
	if (!len || b[0] > 0xf4 || len > n)
		return 0;
	c = b[0] & (0xffu >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (b[i] & 0x3f);
	}
	if (c < smallest[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return len;
}

bool str_is_control(u32 cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp <= 0x9f))
		return true;
	/* Line and paragraph separators, marks, embeddings, overrides and isolates of direction. */
	return cp == 0x061c || (cp >= 0x200e && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

void str_safe(struct str *o, const char *s, size_t n)
{
	size_t i = 0, k, j;
	u32 cp;

	while (i < n) {
		k = str_utf8_next(s + i, n - i, &cp);
		if (k && !str_is_control(cp)) {
			str_addn(o, s + i, k);
			i += k;
			continue;
		}
		if (!k)
			k = 1;
		for (j = 0; j < k; j++)
			str_printf(o, "\\x%02x", (unsigned)(u8)s[i + j]);
		i += k;
	}
}

static u32 min3(u32 a, u32 b, u32 c)
{
	u32 m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edits between a and b: insert, delete, change, swap two neighbours. Both are short. */
static u32 edit_distance(const char *a, size_t an, const char *b, size_t bn)
{
	u32 row[3][WORD_MAX + 1];
	size_t i, j;

	for (j = 0; j <= bn; j++)
		row[0][j] = (u32)j;
	for (i = 1; i <= an; i++) {
		u32 *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];

		now[0] = (u32)i;
		for (j = 1; j <= bn; j++) {
			u32 change = up[j - 1] + (a[i - 1] != b[j - 1]);

			now[j] = min3(up[j] + 1, now[j - 1] + 1, change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    up2[j - 2] + 1 < now[j])
				now[j] = up2[j - 2] + 1;
		}
	}
	return row[an % 3][bn];
}

/* The only name that begins with word, which has at least three letters; NULL if there are others.
 */
static const char *only_beginning(const char *word, size_t n, const char *const *names)
{
	const char *found = NULL;

	if (n < 3)
		return NULL;
	for (; *names; names++) {
		if (strncmp(*names, word, n) != 0)
			continue;
		if (found && strcmp(found, *names) != 0)
			return NULL;
		found = *names;
	}
	return found;
}

const char *str_nearest(const char *word, const char *const *names)
{
	size_t n = strlen(word);
	u32 best = n / 3 > 1 ? (u32)(n / 3) : 1;
	const char *const *all = names;
	const char *found = NULL;

	if (n > WORD_MAX)
		return NULL;
	for (; *names; names++) {
		size_t m = strlen(*names);
		u32 d;

		if (m > WORD_MAX || m > n + best || n > m + best)
			continue;
		d = edit_distance(word, n, *names, m);
		/* A word of one letter is one change from every other such word: no mistake. */
		if (d > best || d >= n || (found && d == best))
			continue;
		best = d;
		found = *names;
	}
	return found ? found : only_beginning(word, n, all);
}
