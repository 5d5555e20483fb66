/* SPDX-License-Identifier: MIT */
#include "report/names.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "core/addr.h"
#include "core/maphow.h"

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
	const char *p = text ? find_call(text, prefix) : NULL, *end;

	for (; p; i--) {
		while (*p == ' ')
			p++;
		end = argument_end(p);
		if (!i) {
			str_safe(out, p, (size_t)(end - p));
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

const struct struct_info *names_pointed_to(const struct names *n, const char *name)
{
	const char *type = NULL;

	for (u32 i = 0; name && i < n->prog->globals; i++)
		if (strcmp(n->prog->global[i].name, name) == 0)
			type = n->prog->global[i].type;
	if (!type || strncmp(type, "struct ", 7) != 0)
		return NULL;
	type += 7;
	for (u32 i = 0; i < n->prog->structures; i++) {
		const struct struct_info *s = &n->prog->structure[i];
		size_t len = strlen(s->name);

		if (strncmp(type, s->name, len) == 0 && strcmp(type + len, " *") == 0)
			return s;
	}
	return NULL;
}

static void name_buffer(struct names *n, struct named_buffer *b)
{
	const char *target = target_of(n, b->stmt);
	struct str s = {0};
	u32 nth = 1;

	for (u32 i = 0; i < n->buffers.n; i++)
		nth += !n->buffers.v[i].chunk && same_target(n, n->buffers.v[i].stmt, b->stmt);
	b->type = names_pointed_to(n, target);
	if (b->chunk) {
		nth = 1;
		for (u32 i = 0; i < n->buffers.n; i++)
			nth += n->buffers.v[i].chunk;
		b->type = NULL;
		set_name(b->name, "pool-page", nth);
	} else if (target)
		set_name(b->name, target, nth);
	else
		snprintf(b->name, sizeof b->name, "memory#%u", nth);
	if (b->coherent && !b->chunk &&
	    (names_argument(names_stmt(n, b->stmt)->text, "dma_alloc_", 2, &s) ||
	     names_argument(names_stmt(n, b->stmt)->text, "dmam_alloc_", 2, &s) ||
	     names_argument(names_stmt(n, b->stmt)->text, "dma_pool_", 2, &s)) &&
	    str_get(&s)[0] == '&')
		set_name(b->handle, str_get(&s) + 1, nth);
	str_free(&s);
}

static void open_buffer(struct names *n, const struct event *e, u32 number)
{
	struct named_buffer b = {.pa = e->f[0],
				 .va = e->f[1],
				 .len = e->f[2],
				 .stmt = e->stmt,
				 .from = number,
				 .dev = (u8)e->arg,
				 .room = e->f[3]};

	if (e->kind == EV_COHERENT_ALLOC) {
		b.coherent = true;
		b.room = align_up(b.len, 4096); /* whole pages */
		b.bus = e->f[3];
		b.uncached = e->f[4];
		b.coherent = (e->f[5] & HOW_MASK) == HOW_COHERENT;
		b.chunk = (e->f[5] & FOR_MASK) == FOR_POOL;
	}
	if (e->kind == EV_POOL_ALLOC) {
		const struct named_buffer *chunk = names_buffer(n, b.pa, number);

		b.coherent = b.block = true;
		b.bus = e->f[3];
		b.room = e->f[5];
		b.uncached = chunk && chunk->uncached;
	}
	name_buffer(n, &b);
	vec_push(&n->buffers, b);
}

/* An entry of a list has the list's name, as the call has it. */
static bool name_entry(struct names *n, struct named_map *m)
{
	const struct named_map *last = n->maps.n ? &n->maps.v[n->maps.n - 1] : NULL;
	const char *text = names_stmt(n, m->stmt)->text;
	struct str s = {0};
	bool found;

	m->entry = 1;
	if (last && last->entry && last->stmt == m->stmt && last->from + 1 == m->from)
		m->entry = last->entry + 1;
	found = names_argument(text, "dma_map_sg", 1, &s);
	if (found)
		snprintf(m->name, sizeof m->name, "%.40s[%u]",
			 str_get(&s) + (str_get(&s)[0] == '&'), m->entry - 1);
	str_free(&s);
	return found;
}

static void open_map(struct names *n, const struct event *e, u32 number)
{
	struct named_map m = {.pa = e->f[0],
			      .len = e->f[1],
			      .bus = e->f[2],
			      .dir = (u8)e->f[3],
			      .slot = e->f[4],
			      .stmt = e->stmt,
			      .from = number,
			      .dev = (u8)e->arg};
	/* What a link returns is no handle. */
	const char *target = (e->f[6] & HOW_MASK) == HOW_IOVA ? NULL : target_of(n, e->stmt);
	u32 nth = 1;

	if ((e->f[6] & HOW_MASK) == HOW_SG && name_entry(n, &m)) {
		vec_push(&n->maps, m);
		return;
	}
	for (u32 i = 0; i < n->maps.n; i++)
		nth += same_target(n, n->maps.v[i].stmt, e->stmt);
	if (target)
		set_name(m.name, target, nth);
	vec_push(&n->maps, m);
}

static void close_buffer(struct names *n, u64 pa, bool block, u32 number)
{
	for (u32 i = n->buffers.n; i-- > 0;) {
		struct named_buffer *b = &n->buffers.v[i];

		if (b->pa == pa && !b->to && b->block == block) {
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
		case EV_POOL_ALLOC:
			open_buffer(n, e, i);
			break;
		case EV_FREE:
		case EV_COHERENT_FREE:
			close_buffer(n, e->f[0], false, i);
			break;
		case EV_POOL_FREE:
			if (e->f[5])
				close_buffer(n, e->f[0], true, i);
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

const struct named_buffer *names_block(const struct names *n, u64 pa, u32 at)
{
	for (u32 i = n->buffers.n; i-- > 0;) {
		const struct named_buffer *b = &n->buffers.v[i];

		if (b->block && b->from <= at && pa - b->pa < b->len)
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

/* In a pool that was there at boot: its base, and the device whose own it is, if it is one's. */
static bool in_boot_pool(const struct names *n, u64 pa, u64 *base, const char **whose)
{
	const struct linux_config *lx = &n->cfg->lx;

	*whose = NULL;
	*base = lx->swiotlb.base;
	if (lx->swiotlb.slots && pa - *base < (u64)lx->swiotlb.slots * 2048)
		return true;
	for (u32 i = 0; i < n->cfg->hw.devs; i++) {
		*whose = names_device(n, i);
		*base = lx->dev[i].pool_base;
		if (pa - *base < (u64)lx->dev[i].pool_slots * 2048)
			return true;
	}
	return false;
}

/* The mapping that bounces there. */
static const struct named_map *bounced_to(const struct names *n, u64 pa, u32 at)
{
	const struct named_map *m;

	/* While a map copies in, its own event is still to come. */
	for (u32 i = n->maps.n; i-- > 0;) {
		m = &n->maps.v[i];
		if (m->slot && pa - m->slot < m->len && (!m->to || at <= m->to) &&
		    (m->from <= at || event_step(n->log, m->from) == event_step(n->log, at)))
			return m;
	}
	return NULL;
}

bool names_in_pool(const struct names *n, u64 pa, u32 at)
{
	const char *whose;
	u64 base;

	return in_boot_pool(n, pa, &base, &whose) ||
	       (n->cfg->lx.swiotlb.dynamic && bounced_to(n, pa, at) != NULL);
}

void names_slot(const struct names *n, u64 pa, struct str *out)
{
	const char *whose;
	u64 base, off;

	if (!in_boot_pool(n, pa, &base, &whose)) {
		str_printf(out, "0x%llx", (unsigned long long)pa);
		return;
	}
	off = pa - base;
	if (whose)
		str_printf(out, "%s/", whose);
	str_printf(out, "%llu", (unsigned long long)off / 2048);
	if (off % 2048)
		str_printf(out, "+%02llx", (unsigned long long)off % 2048);
}

u64 names_home(const struct names *n, u64 pa, u32 at)
{
	const struct named_map *m;
	const char *whose;
	u64 base;

	if (!n->cfg->lx.swiotlb.dynamic && !in_boot_pool(n, pa, &base, &whose))
		return pa;
	m = bounced_to(n, pa, at);
	return m ? m->pa + (pa - m->slot) : pa;
}
