/* SPDX-License-Identifier: MIT */
/* Which bytes a user means by "buf+40:5", and at which event. */
#include "report/why.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A word in its parts: what is named, where in it, and how far. */
struct range_word {
	struct str base; /* "buf", "ring[2].addr" */
	u64 off, count;
	bool has_off, has_count;
};

/* ---- numbers ---- */

static bool number(const char *text, size_t n, int radix, u64 *out)
{
	char copy[24], *end;

	if (!n || n >= sizeof copy)
		return false;
	memcpy(copy, text, n);
	copy[n] = 0;
	if (str_hex_digit(copy[0]) < 0)
		return false;
	errno = 0;
	*out = strtoull(copy, &end, n > 2 && copy[1] == 'x' ? 16 : radix);
	return !*end && !errno && *out <= UINT32_MAX;
}

bool why_event(const struct run *r, const char *word, u32 *event, struct str *why)
{
	const char *digits = word + (word[0] == 'e');
	u32 last = r->names.log->n;
	u64 v;

	if (!number(digits, strlen(digits), 10, &v)) {
		str_printf(why, "\"%s\" is no event: write e13 or 13", word);
		return false;
	}
	*event = (u32)v;
	if (v && v <= last)
		return true;
	str_printf(why,
		   last ? "there is no event %llu: this run has events 1 to %u"
			: "there is no event %llu: this run has none",
		   (unsigned long long)v, last);
	return false;
}

/* ---- the word ---- */

/* Takes ":5" or "..4f" from the end. */
static bool split_count(const char *word, size_t *n, struct range_word *out, u64 *last, bool *to)
{
	const char *colon = memchr(word, ':', *n), *dots = NULL;

	for (size_t i = 0; i + 1 < *n && !dots; i++)
		if (word[i] == '.' && word[i + 1] == '.')
			dots = word + i;
	*to = dots != NULL;
	if (colon && dots)
		return false;
	if (colon) {
		out->has_count = true;
		if (!number(colon + 1, (size_t)(word + *n - colon - 1), 10, &out->count))
			return false;
		*n = (size_t)(colon - word);
	} else if (dots) {
		out->has_count = true;
		if (!number(dots + 2, (size_t)(word + *n - dots - 2), 16, last))
			return false;
		*n = (size_t)(dots - word);
	}
	return true;
}

static bool split(const char *word, struct range_word *out)
{
	const char *plus;
	size_t n = strlen(word);
	u64 last = 0;
	bool to;

	*out = (struct range_word){.count = 1};
	if (!split_count(word, &n, out, &last, &to))
		return false;
	plus = memchr(word, '+', n);
	if (plus) {
		out->has_off = true;
		if (!number(plus + 1, (size_t)(word + n - plus - 1), 16, &out->off))
			return false;
		n = (size_t)(plus - word);
	}
	if (to && last < out->off)
		return false;
	if (to)
		out->count = last - out->off + 1;
	str_addn(&out->base, word, n);
	return n && out->count;
}

/* ---- names ---- */

/* What a name stands for. */
struct meant {
	u64 pa, len;
	u64 room; /* up to where a count may go: behind a field other fields follow */
	const struct named_buffer *buf;
	const struct named_map *map;
	const struct struct_info *type;
};

static size_t base_length(const char *name)
{
	return strcspn(name, "#");
}

/* "buf" is each of "buf", "buf#2"; "buf#2" only that. */
static bool is_called(const char *name, const char *word)
{
	if (strcmp(name, word) == 0)
		return true;
	return !strchr(word, '#') && strlen(word) == base_length(name) &&
	       memcmp(name, word, base_length(name)) == 0;
}

/* How good a thing that lived from..to is at event `at`: there, over, or still to come. */
static u32 fits(u32 from, u32 to, u32 at)
{
	if (from > at)
		return 1;
	return to && to < at ? 2 : 3;
}

static bool by_buffer(const struct names *n, const char *word, u32 at, struct meant *out)
{
	u32 best = 0;

	for (u32 i = 0; i < n->buffers.n; i++) {
		const struct named_buffer *b = &n->buffers.v[i];
		u32 fit = fits(b->from, b->to, at);

		if (!is_called(b->name, word) && !(b->handle[0] && is_called(b->handle, word)))
			continue;
		if (fit < best || (fit == 1 && best == 1)) /* of those to come the first */
			continue;
		best = fit;
		*out = (struct meant){b->pa, b->len, b->len, b, NULL, b->type};
	}
	return best != 0;
}

/* The buffer in which home byte pa was last. */
static const struct named_buffer *buffer_of(const struct names *n, u64 pa, u32 at)
{
	const struct named_buffer *b = names_buffer(n, pa, at);

	for (u32 i = n->buffers.n; i-- > 0 && !b;)
		if (n->buffers.v[i].from <= at && pa - n->buffers.v[i].pa < n->buffers.v[i].len)
			b = &n->buffers.v[i];
	return b;
}

static bool by_handle(const struct names *n, const char *word, u32 at, struct meant *out)
{
	u32 best = 0;

	for (u32 i = 0; i < n->maps.n; i++) {
		const struct named_map *m = &n->maps.v[i];
		u32 fit = fits(m->from, m->to, at);

		if (!m->name[0] || !is_called(m->name, word) || fit < best ||
		    (fit == 1 && best == 1))
			continue;
		best = fit;
		*out = (struct meant){m->pa, m->len, m->len, buffer_of(n, m->pa, m->from), m, NULL};
	}
	return best != 0;
}

/* Element i of a variable of the driver, by the value that it has at the event. */
static bool by_variable(struct run *r, const char *word, u64 i, u32 at, struct meant *out)
{
	const struct names *n = &r->names;
	const struct variable_info *v = NULL;
	enum memtype type;
	phys_addr_t pa;
	u64 value, len;

	for (u32 k = 0; k < r->in.prog->globals && !v; k++)
		if (strcmp(r->in.prog->global[k].name, word) == 0)
			v = &r->in.prog->global[k];
	if (!v || i >= v->length || !v->type)
		return false;
	engine_goto(r->e, at);
	len = strlen(v->type);
	if (!engine_variable(r->e, v->slot + (u32)i, &value))
		return false;
	if (strcmp(v->type, "dma_addr_t") == 0) {
		for (u32 d = 0; d < n->cfg->hw.devs; d++) {
			const struct named_map *m = names_map(n, d, value, at);

			if (!m)
				continue;
			len = m->len - (value - m->bus);
			*out = (struct meant){m->pa + (value - m->bus),	    len, len,
					      buffer_of(n, m->pa, m->from), m,	 NULL};
			return true;
		}
		return false;
	}
	if (!len || v->type[len - 1] != '*' ||
	    !va_translate(&r->e->hw, (cpu_addr_t){value}, &pa, &type))
		return false;
	*out = (struct meant){.pa = pa.pa, .buf = buffer_of(n, pa.pa, at)};
	if (!out->buf)
		return false;
	out->len = out->room = out->buf->pa + out->buf->len - pa.pa;
	out->type = names_pointed_to(n, word);
	return true;
}

static bool by_name(struct run *r, const char *word, u32 at, struct meant *out)
{
	return by_buffer(&r->names, word, at, out) || by_handle(&r->names, word, at, out) ||
	       by_variable(r, word, 0, at, out);
}

/* ---- parts of what has a name ---- */

/* Goes to one field. */
static bool to_field(const char *name, size_t n, struct meant *m)
{
	for (u32 i = 0; m->type && i < m->type->fields; i++) {
		const struct field_info *f = &m->type->field[i];

		if (strlen(f->name) != n || memcmp(f->name, name, n) != 0)
			continue;
		m->pa += f->offset;
		m->room -= f->offset;
		m->len = (u64)f->size * (f->count ? f->count : 1);
		m->type = NULL;
		return true;
	}
	return false;
}

/* "ring", "[2].addr": an element of an array of pointers, or of the structs that one points to. */
static bool by_parts(struct run *r, const char *word, u32 at, struct meant *out)
{
	size_t n = strcspn(word, "[.-");
	const char *p = word + n, *end;
	struct str name = {0};
	bool ok;
	u64 i = 0;

	if (!*p || !n)
		return false;
	str_addn(&name, word, n);
	end = *p == '[' ? strchr(p, ']') : NULL;
	ok = *p != '[' || (end && number(p + 1, (size_t)(end - p - 1), 10, &i));
	p = end ? end + 1 : p;
	if (ok && end && by_variable(r, str_get(&name), i, at, out) && i) {
		; /* an array, and its element points there */
	} else if (ok) {
		ok = by_name(r, str_get(&name), at, out);
		if (ok && end && out->type && i < out->len / out->type->size) {
			out->pa += i * out->type->size;
			out->room -= i * out->type->size;
			out->len = out->type->size;
		} else if (ok && end) {
			ok = by_variable(r, str_get(&name), i, at, out);
		}
	}
	str_free(&name);
	if (ok && *p) {
		p += *p == '.' ? 1 : p[0] == '-' && p[1] == '>' ? 2 : strlen(p);
		ok = to_field(p, strlen(p), out);
	}
	return ok;
}

/* ---- what is wrong with it ---- */

struct known {
	VEC(const char *)
};

static void know(struct known *k, const char *name)
{
	for (u32 i = 0; i < k->n; i++)
		if (strcmp(k->v[i], name) == 0)
			return;
	vec_push(k, name);
}

/* What is named is there, and the part of it is not. */
static bool no_part(struct run *r, const char *word, u32 at, struct str *why)
{
	size_t n = strcspn(word, "[.-");
	struct str name = {0};
	struct meant m;
	bool part;

	str_addn(&name, word, n);
	part = word[n] && by_name(r, str_get(&name), at, &m);
	if (part) {
		str_printf(why, "%s has no part \"%s\"", str_get(&name), word + n);
		for (u32 i = 0; m.type && i < m.type->fields && i < 8; i++)
			str_printf(why, "%s%s", i ? ", " : "; its fields: ", m.type->field[i].name);
	}
	str_free(&name);
	return part;
}

static void no_name(struct run *r, const char *word, u32 at, struct str *why)
{
	const struct names *n = &r->names;
	struct known all = {0};
	const char *near;
	u32 there = 0;

	if (no_part(r, word, at, why))
		return;
	for (u32 i = 0; i < n->buffers.n; i++)
		if (n->buffers.v[i].from <= at && n->buffers.v[i].name[0])
			know(&all, n->buffers.v[i].name);
	for (u32 i = 0; i < n->maps.n; i++)
		if (n->maps.v[i].from <= at && n->maps.v[i].name[0])
			know(&all, n->maps.v[i].name);
	there = all.n;
	for (u32 i = 0; i < n->buffers.n; i++)
		know(&all, n->buffers.v[i].name);
	for (u32 i = 0; i < n->maps.n; i++)
		if (n->maps.v[i].name[0])
			know(&all, n->maps.v[i].name);
	vec_push(&all, NULL);
	near = str_nearest(word, all.v);
	str_printf(why, "no memory is named \"%s\" at event %u", word, at);
	if (strncmp(word, "slot", 4) == 0) {
		str_add(why, "; a bounce slot is asked for by the bytes that it stands for: buf+40");
		near = word;
	} else if (near)
		str_printf(why, "; did you mean \"%s\"?", near);
	for (u32 i = 0; !near && i < there && i < 8; i++)
		str_printf(why, "%s%s", i ? ", " : "; named by then: ", all.v[i]);
	if (!near && !there)
		str_add(why, ", and none has a name yet");
	vec_free(&all);
}

/* "buf has 128 bytes, buf+00 to buf+7f: buf+80 is not among them" */
static void not_in_it(const struct range_word *w, const struct meant *m, struct str *why)
{
	const char *base = str_get(&w->base);
	u64 bad = w->off < m->room ? m->room : w->off;

	str_printf(why, "%s has ", base);
	if (m->room == 1)
		str_printf(why, "1 byte, %s+00", base);
	else
		str_printf(why, "%llu bytes, %s+00 to %s+%02llx", (unsigned long long)m->room, base,
			   base, (unsigned long long)(m->room - 1));
	str_printf(why, ": %s+%02llx is not among them", base, (unsigned long long)bad);
}

bool why_bytes(struct run *r, u32 event, const char *word, struct why_bytes *out, struct str *why)
{
	struct range_word w;
	struct meant m = {0};
	bool ok = split(word, &w);

	if (!ok) {
		str_printf(why,
			   "\"%s\" names no bytes: write buf+40, buf+40:5 (five bytes) or "
			   "buf+40..4f; offsets are hexadecimal",
			   word);
	} else if (!by_name(r, str_get(&w.base), event, &m) &&
		   !by_parts(r, str_get(&w.base), event, &m)) {
		no_name(r, str_get(&w.base), event, why);
		ok = false;
	} else if (!memory_is_ram(&r->e->hw, m.pa, 1)) {
		str_printf(why, "%s is no memory", str_get(&w.base));
		ok = false;
	} else if (w.off >= m.room || w.count > m.room - w.off) {
		not_in_it(&w, &m, why);
		ok = false;
	} else {
		*out = (struct why_bytes){.event = event,
					  .pa = m.pa + w.off,
					  .len = w.has_off || w.has_count ? w.count : m.len,
					  .buf = m.buf,
					  .map = m.map};
	}
	str_free(&w.base);
	return ok;
}
