/* SPDX-License-Identifier: MIT */
/* The open row: three truths of its bytes, what lies between them, and who has just acted. */
#include "tui/source_int.h"

#include <string.h>

#include "base/bug.h"

static bool is_load(u32 kind)
{
	return kind == EV_LOAD_CACHE || kind == EV_LOAD_MEMORY || kind == EV_LOAD_BUFFER ||
	       kind == EV_LOAD_EARLY;
}

static bool is_store(u32 kind)
{
	return kind == EV_STORE_BUFFERED || kind == EV_STORE_CACHE || kind == EV_STORE_MEMORY;
}

bool finding_is_stale(const struct finding *f)
{
	return f->told == TOLD_STALE;
}

bool finding_is_lost(const struct finding *f)
{
	return f->told == TOLD_LOST;
}

/* ---- what was read ---- */

/* The value that a read of home byte pa got, in the access that the position is in. */
static bool read_value(const struct sight *g, u64 pa, u8 *value)
{
	const struct names *n = g->s->names;
	u32 first = g->found && finding_is_stale(g->found->f) ? g->found->f->event : g->at;

	for (u32 k = first; k && k <= g->at; k++) {
		const struct event *e = event_get(n->log, k);
		u64 at, len, bytes = e->kind == EV_DMA_READ ? e->f[3] : e->f[2];

		if (!is_load(e->kind) && e->kind != EV_DMA_READ)
			continue;
		if (e->party != g->ev->party || !event_home(n, k, &at, &len) || pa - at >= len)
			continue;
		if (pa - at < 8)
			*value = (u8)(bytes >> (8 * (pa - at)));
		return pa - at < 8;
	}
	return false;
}

/* Whether home byte pa was an old one that the access of the finding has read by now. */
static bool was_consumed(const struct sight *g, u64 pa)
{
	const struct finding *f = g->found ? g->found->f : NULL;

	if (!f || !finding_is_stale(f) || pa - f->pa >= f->n)
		return false;
	for (u32 k = f->event; k <= g->at; k++) {
		u64 at, len;

		if (event_get(g->s->names->log, k)->party == f->party &&
		    event_home(g->s->names, k, &at, &len) && pa - at < len)
			return true;
	}
	return false;
}

u32 bytes_consumed(const struct sight *g)
{
	const struct finding *f = g->found->f;
	u32 n = 0;

	for (u32 i = 0; i < f->n; i++)
		n += was_consumed(g, f->pa + i);
	return n;
}

/* ---- rows ---- */

static void fill_byte(struct lesson_byte *b, const struct truth *t, u8 writer)
{
	b->state = t->state == TRUTH_KNOWN ? BYTE_KNOWN : BYTE_UNREACHABLE;
	b->value = t->value;
	b->mark = t->state == TRUTH_FAULT ? 'x' : t->state == TRUTH_KNOWN ? t->mark : ' ';
	b->writer = writer;
}

/* A row that has just read shows what it got, and old bytes that it got are stale. */
static void fill_read(const struct sight *g, struct lesson_row *r, bool acts)
{
	for (u32 i = 0; i < g->n; i++) {
		if (acts)
			read_value(g, g->row + i, &r->byte[i].value);
		if (acts && was_consumed(g, g->row + i))
			r->byte[i].mark = '!';
	}
}

/* Bytes that were lost here: whoever looks now finds an older value. */
static void fill_lost(const struct sight *g)
{
	const struct finding *f = g->found ? g->found->f : NULL;
	struct lesson_row *r = &g->m->memory;

	if (!f || !finding_is_lost(f))
		return;
	if (f->id == DIAG_CPU_WRITE_LOST_BOUNCE || f->id == DIAG_CPU_WRITE_LOST_INVALIDATE)
		r = &g->m->cpu;
	for (u32 i = 0; i < g->n; i++)
		if (g->row + i - f->pa < f->n && r->byte[i].mark == '~')
			r->byte[i].mark = '!';
}

static void fill_rows(struct sight *g)
{
	struct lesson_model *m = g->m;
	const struct event *e = g->ev;
	bool dma = e->kind == EV_DMA_READ || e->kind == EV_DMA_WRITE;

	M_SET(m->cpu.who, names_cpu(g->s->names, g->s->e->hw.self));
	m->cpu.verb = is_load(e->kind) ? VERB_READ : is_store(e->kind) ? VERB_WROTE : VERB_READS;
	m->cpu.acts = m->cpu.verb != VERB_READS;
	M_SET(m->memory.who, sight_at(g, g->row)->snooped ? "memory+cache" : "memory");
	m->memory.verb = sight_at(g, g->row)->snooped ? VERB_NONE : VERB_HOLDS;
	M_SET(m->device.who, g->dev == ~0u ? "device" : names_device(g->s->names, g->dev));
	m->device.acts = dma && e->arg == g->dev;
	m->device.verb = !m->device.acts	  ? VERB_READS
			 : e->kind == EV_DMA_READ ? VERB_READ
						  : VERB_WROTE;
	for (u32 i = 0; i < g->n; i++) {
		const struct truths *t = sight_at(g, g->row + i);
		struct origin o = {0};
		u8 side = SIDE_NOBODY;

		if (truths_differ(t)) {
			o = origin_of(g->s->names, g->row + i, g->at + 1, g->buf->from);
			side = (u8)origin_side(g->s->names, &o);
		}
		fill_byte(&m->cpu.byte[i], &t->cpu, side);
		fill_byte(&m->memory.byte[i], &t->memory, side);
		fill_byte(&m->device.byte[i], &t->device, side);
	}
	fill_read(g, &m->cpu, m->cpu.verb == VERB_READ);
	fill_read(g, &m->device, m->device.verb == VERB_READ);
	fill_lost(g);
}

/* ---- seams ---- */

static bool is_old(char mark)
{
	return mark == '~' || mark == '!';
}

/* copies: both sides keep bytes of their own, so that equal ones may be of different age. */
static void wall(const struct lesson_row *a, const struct lesson_row *b, u32 n, bool copies,
		 struct lesson_seam *s)
{
	for (u32 i = 0; i < n; i++) {
		const struct lesson_byte *x = &a->byte[i], *y = &b->byte[i];

		if (y->mark == 'x')
			s->wall[i] = WALL_CLOSED;
		else if (x->state != BYTE_KNOWN || y->state != BYTE_KNOWN)
			s->wall[i] = WALL_NONE;
		else if (x->value != y->value)
			s->wall[i] = WALL_FULL;
		else if (copies && is_old(x->mark) != is_old(y->mark))
			s->wall[i] = WALL_LIGHT;
	}
}

/* The last event of these kinds that touched the row, since the object was made. */
static u32 last_on_row(const struct sight *g, u64 kinds)
{
	for (u32 k = g->at; k >= g->buf->from && k; k--) {
		u64 pa, len;

		if (!(kinds >> event_get(g->s->names->log, k)->kind & 1))
			continue;
		if (event_home(g->s->names, k, &pa, &len) && pa < g->row + g->n &&
		    g->row < pa + len)
			return k;
	}
	return 0;
}

static u32 waiting_stores(const struct sight *g)
{
	const struct cpu_state *c = hw_cpu(&g->s->e->hw);
	u32 n = 0;

	for (u32 i = 0; i < c->entries; i++)
		for (u32 b = 0; b < 8; b++)
			if ((c->sb[i].mask >> b & 1) && c->sb[i].pa + b - g->row < g->n) {
				n++;
				break;
			}
	return n;
}

static void upper_seam(struct sight *g)
{
	const struct hw *hw = &g->s->e->hw;
	struct lesson_seam *s = &g->m->upper;
	u64 line = align_down(g->row, g->s->e->cfg->hw.line);
	u32 stores = waiting_stores(g);

	if (g->ev->kind == EV_LOAD_EARLY) {
		M_SET(s->what, "early load");
		return;
	}
	if (stores) {
		M_SET(s->what, "store buf.");
		M_SETF(s->text, "%u store%s", stores, stores == 1 ? " waits" : "s wait");
		return;
	}
	if (sight_at(g, g->row)->snooped) {
		M_SET(s->what, "snooped");
	} else if (g->buf->uncached) {
		M_SET(s->what, "uncached");
	} else if (cache_line(hw, LEVEL_L1, line).present ||
		   cache_line(hw, LEVEL_OUTER, line).present) {
		M_SET(s->what, "cache");
		s->copied = last_on_row(g, EVENT_BIT(FILL) | EVENT_BIT(SPEC_FILL));
	} else {
		M_SET(s->what, "not cached");
	}
}

static void under_seam(struct sight *g)
{
	const struct engine *e = g->s->e;
	struct lesson_seam *s = &g->m->under;
	const struct truths *t = sight_at(g, g->row);
	const struct omap *map = t->map ? oracle_map(&e->oracle, t->map - 1) : NULL;

	if (t->device.state == TRUTH_UNMAPPED) {
		M_SET(s->what, "not mapped");
	} else if (t->device.state == TRUTH_FAULT) {
		M_SET(s->what, "no entry");
	} else if (t->bounced) {
		M_SET(s->what, "bounce");
		s->copied = last_on_row(g, EVENT_BIT(COPY_IN) | EVENT_BIT(COPY_OUT));
		if (!s->copied)
			s->copied = oracle_map_event(&e->oracle, t->map - 1);
	} else if (map && map->bus != map->pa) {
		M_SET(s->what, "offset");
	} else {
		M_SET(s->what, "direct");
	}
}

/* ---- the ruler ---- */

/* The name of a type as the ruler has room for it: "__le64" is "le64". */
static const char *short_type(const char *type)
{
	return strncmp(type, "__", 2) == 0 ? type + 2 : type;
}

static const struct struct_info *structure_of(const struct sight *g)
{
	const struct program *p = g->s->prog;
	size_t n = strcspn(g->buf->name, "#");

	for (u32 i = 0; i < p->globals; i++) {
		const struct variable_info *v = &p->global[i];

		if (strlen(v->name) != n || strncmp(v->name, g->buf->name, n) != 0 ||
		    strncmp(v->type, "struct ", 7) != 0)
			continue;
		for (u32 k = 0; k < p->structures; k++) {
			size_t len = strlen(p->structure[k].name);

			if (strncmp(v->type + 7, p->structure[k].name, len) == 0 &&
			    strcmp(v->type + 7 + len, " *") == 0)
				return &p->structure[k];
		}
	}
	return NULL;
}

static void add_field(struct sight *g, const struct field_info *f, u64 at)
{
	u64 size = (u64)f->size * (f->count ? f->count : 1);
	u64 from = max_u64(at, g->row), end = min_u64(at + size, g->row + g->n);
	struct lesson_field *to;
	u32 room;

	if (from >= end || g->m->fields == LESSON_FIELDS)
		return;
	to = &g->m->field[g->m->fields++];
	to->first = (u8)(from - g->row);
	to->count = (u8)(end - from);
	if (f->count > 1)
		M_SETF(to->name, "%s[%u]", f->name, f->count);
	else
		M_SETF(to->name, "%s %s", f->name, short_type(f->type));
	/* the type goes where there is no room for it: three columns a byte, two for the cursor */
	room = 3u * to->count - (to->first == g->m->cursor ? 5 : 1);
	if (strlen(to->name) > room)
		M_SET(to->name, f->name);
}

/* Fields instead of offsets where the driver declared what the object is made of. */
static void fill_fields(struct sight *g)
{
	const struct struct_info *s = structure_of(g);
	u64 first;

	if (!s || !s->size)
		return;
	first = g->buf->pa + (g->row - g->buf->pa) / s->size * s->size;
	for (u64 at = first; at < g->row + g->n; at += s->size)
		for (u32 i = 0; i < s->fields; i++)
			add_field(g, &s->field[i], at + s->field[i].offset);
}

/* The chosen byte: the first of the event's that differs, else its first. */
static u8 cursor_of(const struct sight *g)
{
	u32 at = g->focus - g->row < g->n ? (u32)(g->focus - g->row) : 0;

	for (u32 i = at; i < g->n; i++)
		if (truths_differ(sight_at(g, g->row + i)))
			return (u8)i;
	return (u8)at;
}

void fill_open_row(struct sight *g)
{
	struct lesson_model *m = g->m;
	struct str base = {0};

	M_SET(m->object, g->buf->name);
	names_short(g->buf->name, &base);
	str_printf(&base, "+%02llx", (unsigned long long)(g->row - g->buf->pa));
	M_SET(m->base, str_get(&base));
	str_free(&base);
	M_SET(m->as, "as text");
	m->bytes = g->n;
	m->cursor = cursor_of(g);
	fill_rows(g);
	fill_fields(g);
	upper_seam(g);
	under_seam(g);
	wall(&m->cpu, &m->memory, g->n, true, &m->upper);
	wall(&m->memory, &m->device, g->n, sight_at(g, g->row)->bounced, &m->under);
}
