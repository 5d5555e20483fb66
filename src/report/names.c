/* SPDX-License-Identifier: MIT */
#include "report/names.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "core/addr.h"

/* ---- looking into the text of a statement ---- */

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* Behind the '(' of the call; NULL: there is none. */
static const char *find_call(const char *text, const char *prefix)
{
	const char *p = text;

	while ((p = strstr(p, prefix)) != NULL) {
		bool begins = p == text || !is_word(p[-1]);

		p += strlen(prefix);
		while (is_word(*p))
			p++;
		if (begins && *p == '(')
			return p + 1;
	}
	return NULL;
}

/* The end of the argument that begins at p: its ',' or ')'. */
static const char *argument_end(const char *p)
{
	u32 depth = 0;
	bool quoted = false;

	for (; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		if (quoted)
			continue;
		if (!depth && (*p == ',' || *p == ')'))
			break;
		depth += *p == '(' || *p == '[';
		depth -= (*p == ')' || *p == ']') && depth;
	}
	return p;
}

bool names_argument(const char *text, const char *prefix, u32 i, struct str *out)
{
	const char *p = find_call(text, prefix), *end;

	for (; p; i--) {
		while (*p == ' ')
			p++;
		end = argument_end(p);
		if (!i) {
			str_addn(out, p, (size_t)(end - p));
			return end > p;
		}
		p = *end == ',' ? end + 1 : NULL;
	}
	return false;
}

const struct stmt_info *names_stmt(const struct names *n, u32 stmt)
{
	return &n->prog->stmt[stmt < n->prog->stmts ? stmt : 0];
}

u32 names_line(const struct names *n, u32 stmt)
{
	return names_stmt(n, stmt)->line;
}

/* ---- making the tables ---- */

static void set_name(char *field, const char *name, u32 nth)
{
	if (nth > 1)
		snprintf(field, NAME_SHOWN, "%.*s#%u", NAME_SHOWN - 12, name, nth);
	else
		snprintf(field, NAME_SHOWN, "%.*s", NAME_SHOWN - 1, name);
}

static const char *target_of(const struct names *n, u32 stmt)
{
	return names_stmt(n, stmt)->target;
}

static bool same_target(const struct names *n, u32 a, u32 b)
{
	const char *x = target_of(n, a), *y = target_of(n, b);

	return x == y || (x && y && strcmp(x, y) == 0);
}

static void name_buffer(struct names *n, struct named_buffer *b)
{
	const char *target = target_of(n, b->stmt);
	struct str s = {0};
	u32 nth = 1;

	for (u32 i = 0; i < n->buffers.n; i++)
		nth += same_target(n, n->buffers.v[i].stmt, b->stmt);
	if (target)
		set_name(b->name, target, nth);
	else
		snprintf(b->name, sizeof b->name, "memory#%u", nth);
	if (b->coherent && names_argument(names_stmt(n, b->stmt)->text, "dma_alloc_", 2, &s) &&
	    str_get(&s)[0] == '&')
		set_name(b->handle, str_get(&s) + 1, nth);
	str_free(&s);
}

static void open_buffer(struct names *n, const struct event *e, u32 number)
{
	struct named_buffer b = {.pa = e->f[0], .va = e->f[1], .len = e->f[2], .stmt = e->stmt,
				 .from = number, .dev = (u8)e->arg};

	if (e->kind == EV_COHERENT_ALLOC) {
		b.coherent = true;
		b.bus = e->f[3];
		b.uncached = e->f[4];
	}
	name_buffer(n, &b);
	vec_push(&n->buffers, b);
}

static void open_map(struct names *n, const struct event *e, u32 number)
{
	struct named_map m = {.pa = e->f[0], .len = e->f[1], .bus = e->f[2], .dir = (u8)e->f[3],
			      .slot = e->f[4], .stmt = e->stmt, .from = number,
			      .dev = (u8)e->arg};
	const char *target = target_of(n, e->stmt);
	u32 nth = 1;

	for (u32 i = 0; i < n->maps.n; i++)
		nth += same_target(n, n->maps.v[i].stmt, e->stmt);
	if (target)
		set_name(m.name, target, nth);
	vec_push(&n->maps, m);
}

static void close_buffer(struct names *n, u64 pa, u32 number)
{
	for (u32 i = n->buffers.n; i-- > 0;) {
		struct named_buffer *b = &n->buffers.v[i];

		if (b->pa == pa && !b->to) {
			b->to = number;
			return;
		}
	}
}

static void close_map(struct names *n, u32 dev, u64 bus, u32 number)
{
	for (u32 i = n->maps.n; i-- > 0;) {
		struct named_map *m = &n->maps.v[i];

		if (m->dev == dev && m->bus == bus && !m->to) {
			m->to = number;
			return;
		}
	}
}

void names_init(struct names *n, const struct program *prog, const struct machine_config *cfg,
		const struct event_log *log)
{
	*n = (struct names){.prog = prog, .cfg = cfg, .log = log};
	for (u32 i = 1; i <= log->n; i++) {
		const struct event *e = event_get(log, i);

		switch (e->kind) {
		case EV_ALLOC:
		case EV_COHERENT_ALLOC:
			open_buffer(n, e, i);
			break;
		case EV_FREE:
		case EV_COHERENT_FREE:
			close_buffer(n, e->f[0], i);
			break;
		case EV_MAP:
			open_map(n, e, i);
			break;
		case EV_UNMAP:
			close_map(n, e->arg, e->f[2], i);
			break;
		default:
			break;
		}
	}
}

void names_free(struct names *n)
{
	vec_free(&n->buffers);
	vec_free(&n->maps);
}

/* ---- finding ---- */

/* The event that closes still belongs to the time of what it closes. */
static bool alive(u32 from, u32 to, u32 at)
{
	return from <= at && (!to || at <= to);
}

const struct named_buffer *names_buffer(const struct names *n, u64 pa, u32 at)
{
	for (u32 i = n->buffers.n; i-- > 0;) {
		const struct named_buffer *b = &n->buffers.v[i];

		if (alive(b->from, b->to, at) && pa - b->pa < b->len)
			return b;
	}
	return NULL;
}

const struct named_buffer *names_buffer_in(const struct names *n, u64 pa, u64 len, u32 at)
{
	for (u32 i = 0; i < n->buffers.n; i++) {
		const struct named_buffer *b = &n->buffers.v[i];

		if (alive(b->from, b->to, at) && b->pa - pa < len)
			return b;
	}
	return NULL;
}

const struct named_map *names_map(const struct names *n, u32 dev, u64 bus, u32 at)
{
	const struct named_map *dead = NULL;

	for (u32 i = n->maps.n; i-- > 0;) {
		const struct named_map *m = &n->maps.v[i];

		if (m->dev != dev || bus - m->bus >= m->len || m->from > at)
			continue;
		if (alive(m->from, m->to, at))
			return m;
		if (!dead)
			dead = m;
	}
	return dead;
}

const struct named_map *names_map_of(const struct names *n, u64 pa, u32 at)
{
	for (u32 i = n->maps.n; i-- > 0;) {
		const struct named_map *m = &n->maps.v[i];

		if (alive(m->from, m->to, at) &&
		    (pa - m->pa < m->len || (m->slot && pa - m->slot < m->len)))
			return m;
	}
	return NULL;
}

bool names_in_pool(const struct names *n, u64 pa)
{
	const struct linux_config *lx = &n->cfg->lx;

	return lx->swiotlb.slots && pa - lx->swiotlb.base < (u64)lx->swiotlb.slots * 2048;
}

u64 names_home(const struct names *n, u64 pa, u32 at)
{
	const struct named_map *m;

	if (!names_in_pool(n, pa))
		return pa;
	/* While a map copies in, its own event is still to come. */
	for (u32 i = n->maps.n; i-- > 0;) {
		m = &n->maps.v[i];
		if (m->slot && pa - m->slot < m->len && (!m->to || at <= m->to) &&
		    (m->from <= at || event_step(n->log, m->from) == event_step(n->log, at)))
			return m->pa + (pa - m->slot);
	}
	return pa;
}

/* ---- saying ---- */

void names_short(const char *name, struct str *out)
{
	size_t len = strlen(name);

	if (len <= NAME_SHORT) {
		str_safe(out, name, len);
		return;
	}
	str_safe(out, name, NAME_SHORT / 2);
	str_add(out, "..");
	str_safe(out, name + len - (NAME_SHORT - 2 - NAME_SHORT / 2),
		 NAME_SHORT - 2 - NAME_SHORT / 2);
}

static void offset(s64 off, struct str *out)
{
	str_printf(out, "%c%02llx", off < 0 ? '-' : '+',
		   (unsigned long long)(off < 0 ? -off : off));
}

/* The buffer that was there last; NULL: never one. */
static const struct named_buffer *freed(const struct names *n, u64 pa, u32 at)
{
	for (u32 i = n->buffers.n; i-- > 0;) {
		const struct named_buffer *b = &n->buffers.v[i];

		if (b->from <= at && pa - b->pa < b->len)
			return b;
	}
	return NULL;
}

static void by_phys(const struct names *n, u64 pa, u64 len, bool always, u32 at, struct str *out)
{
	const struct named_buffer *b;
	u64 home = names_home(n, pa, at);

	if (home != pa)
		str_add(out, "slot ");
	b = names_buffer(n, home, at);
	if (!b) /* a line that begins before the buffer */
		b = names_buffer_in(n, home, n->cfg->hw.line, at);
	if (!b) {
		b = freed(n, home, at);
		str_add(out, b ? "freed " : "");
	}
	if (!b) {
		str_printf(out, "%s 0x%llx", names_in_pool(n, pa) ? "slot" : "phys",
			   (unsigned long long)pa);
		return;
	}
	names_short(b->name, out);
	if (always || home != b->pa || len != b->len)
		offset((s64)(home - b->pa), out);
}

void names_phys(const struct names *n, u64 pa, u64 len, u32 at, struct str *out)
{
	by_phys(n, pa, len, false, at, out);
}

void names_byte(const struct names *n, u64 pa, u32 at, struct str *out)
{
	by_phys(n, pa, 0, true, at, out);
}

void names_bus(const struct names *n, u32 dev, u64 bus, u32 at, struct str *out)
{
	const struct named_map *m = names_map(n, dev, bus, at);

	if (bus == DMA_MAPPING_ERROR) {
		str_add(out, "DMA_MAPPING_ERROR");
		return;
	}
	if (m && m->name[0]) {
		names_short(m->name, out);
		if (bus != m->bus)
			offset((s64)(bus - m->bus), out);
		return;
	}
	for (u32 i = n->buffers.n; !m && i-- > 0;) {
		const struct named_buffer *b = &n->buffers.v[i];

		if (!b->coherent || !b->handle[0] || b->dev != dev || bus - b->bus >= b->len ||
		    !alive(b->from, b->to, at))
			continue;
		names_short(b->handle, out);
		if (bus != b->bus)
			offset((s64)(bus - b->bus), out);
		return;
	}
	str_printf(out, "bus 0x%llx", (unsigned long long)bus);
}

const char *names_device(const struct names *n, u32 dev)
{
	return dev < n->cfg->hw.devs ? n->cfg->hw.dev[dev].name : "a device";
}

const char *names_party(const struct names *n, u32 party)
{
	return party == PARTY_CPU ? "the CPU" : names_device(n, party - PARTY_DEVICE);
}
