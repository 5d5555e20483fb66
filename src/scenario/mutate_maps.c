/* SPDX-License-Identifier: MIT */
/* Faults in streaming maps: syncs, maps, unmaps. */
#include <string.h>

#include "scenario/mutate_int.h"

static const struct site *site(const struct mutator *m, u32 at)
{
	return &m->sites.v[at];
}

static bool is_for_cpu(const struct expr *sync)
{
	return strstr(sync->text, "_for_cpu") != NULL;
}

/* A direction that is written as such. */
static bool direction_is(const struct expr *dir, const char *name)
{
	return dir && dir->kind == EXPR_NAME && strcmp(dir->text, name) == 0;
}

/* ---- syncs --------------------------------------------------------------------------------- */

void mutate_SYNC_DROPPED(struct mutator *m, u32 at)
{
	if (site(m, at)->s->kind == STMT_CALL && is_sync(site(m, at)->s->expr))
		mutate_cut(m, at);
}

void mutate_SYNC_TURNED(struct mutator *m, u32 at)
{
	const struct expr *c = stmt_call(site(m, at)->s);
	struct str s = {0};

	if (!is_sync(c))
		return;
	str_addn(&s, c->text, (size_t)(strstr(c->text, "_for_") - c->text));
	str_add(&s, is_for_cpu(c) ? "_for_device" : "_for_cpu");
	mutate_name(m, at, c, str_get(&s));
	str_free(&s);
}

/* The other direction, for a call that has one; of both ways what the call then does not do. */
static void other_direction(struct mutator *m, u32 at, const struct expr *c, bool writes)
{
	const struct expr *dir = call_arg(c, 'r', 0);

	if (direction_is(dir, "DMA_TO_DEVICE"))
		mutate_expr(m, at, dir, "DMA_FROM_DEVICE");
	else if (direction_is(dir, "DMA_FROM_DEVICE"))
		mutate_expr(m, at, dir, "DMA_TO_DEVICE");
	else if (direction_is(dir, "DMA_BIDIRECTIONAL"))
		mutate_expr(m, at, dir, writes ? "DMA_FROM_DEVICE" : "DMA_TO_DEVICE");
}

void mutate_SYNC_DIRECTION(struct mutator *m, u32 at)
{
	const struct expr *c = stmt_call(site(m, at)->s);

	if (is_sync(c))
		other_direction(m, at, c, !is_for_cpu(c));
}

/* The size of a call: the last of its numbers of bytes. */
static const struct expr *size_of(const struct expr *c)
{
	const struct expr *second = call_arg(c, 'n', 1);

	return second ? second : call_arg(c, 'n', 0);
}

void mutate_SYNC_RANGE(struct mutator *m, u32 at)
{
	const struct expr *c = stmt_call(site(m, at)->s), *size = is_sync(c) ? size_of(c) : NULL;
	const struct expr *off = size ? call_arg(c, 'n', 0) : NULL;

	/* After mere reading for_device may be left out. */
	if (!size || (!is_for_cpu(c) && direction_is(call_arg(c, 'r', 0), "DMA_FROM_DEVICE")))
		return;
	if (off != size && off->kind == EXPR_NUMBER && off->number == 0)
		mutate_expr(m, at, off, expr_text(m, size));
	else if (off != size)
		mutate_expr(m, at, off, "0");
	else if (size->kind != EXPR_NUMBER || size->number != 1)
		mutate_expr(m, at, size, "1");
}

/* The memory that is behind a handle or a list, as the map names it; NULL: not known. */
static const struct expr *memory_behind(struct mutator *m, const struct expr *handle, u32 at)
{
	const char *name = expr_text(m, handle);
	u32 map = name ? map_of(m, name, at) : NO_SITE;
	const struct expr *c = map == NO_SITE ? NULL : stmt_call(site(m, map)->s);
	const struct expr *p = call_arg(c, 'p', 0);

	return p ? p : call_arg(c, 'P', 0);
}

/* Whether a step touches that memory: it names what the pointer begins with. */
static bool touches(const struct stmt *s, const struct expr *memory)
{
	while (memory && memory->kind != EXPR_NAME)
		memory =
		    memory->kind == EXPR_CALL ? (memory->n ? memory->arg[0] : NULL) : memory->left;
	return memory && stmt_names(s, memory->text);
}

/* The step right before that stores to (or reads) the memory; NO_SITE. */
static u32 touch_before(struct mutator *m, u32 at, const struct expr *memory, bool store)
{
	u32 i = site_before(m, at);

	if (i == NO_SITE || !memory || !touches(site(m, i)->s, memory))
		return NO_SITE;
	return is_store(site(m, i)->s) == store ? i : NO_SITE;
}

void mutate_SYNC_EARLY(struct mutator *m, u32 at)
{
	const struct expr *c = stmt_call(site(m, at)->s);
	u32 where;

	if (!is_sync(c) || is_for_cpu(c))
		return;
	where = touch_before(m, at, memory_behind(m, call_arg(c, 'h', 0), at), true);
	if (where != NO_SITE)
		mutate_before(m, at, where);
}

/* Loads of the memory: read(), or a value that is taken through the pointer. */
static bool is_read_of(const struct stmt *s, const struct expr *memory)
{
	const struct expr *c = stmt_call(s);

	return !is_store(s) && touches(s, memory) &&
	       (s->kind == STMT_ASSIGN || s->kind == STMT_DECLARE) &&
	       (!c || is_call_of(c, "read READ_ONCE"));
}

void mutate_READ_EARLY(struct mutator *m, u32 at)
{
	u32 before = site_before(m, at);
	const struct expr *c = before == NO_SITE ? NULL : stmt_call(site(m, before)->s), *memory;
	const struct expr *dir = call_arg(c, 'r', 0);

	if (!is_unmap(c) && !(is_sync(c) && is_for_cpu(c)))
		return;
	memory = memory_behind(m, call_arg(c, 'h', 0), before);
	if (memory && !direction_is(dir, "DMA_TO_DEVICE") && is_read_of(site(m, at)->s, memory))
		mutate_before(m, at, before);
}

/* ---- maps ---------------------------------------------------------------------------------- */

/* The map of a step, unless the laboratory lets such a map fail. */
static const struct expr *map_at(const struct mutator *m, u32 at)
{
	const struct expr *c = stmt_call(site(m, at)->s);

	return is_map(c) && !is_made_to_fail(m, c->text) ? c : NULL;
}

void mutate_MAP_DIRECTION(struct mutator *m, u32 at)
{
	const struct expr *c = map_at(m, at);

	if (!c)
		return;
	other_direction(m, at, c, true);
	if (direction_is(call_arg(c, 'r', 0), "DMA_BIDIRECTIONAL"))
		other_direction(m, at, c, false);
}

static void halve(struct mutator *m, u32 at, const struct expr *size)
{
	const char *text;

	if (!size || (size->kind == EXPR_NUMBER && size->number < 2))
		return;
	if (size->kind == EXPR_NUMBER)
		text = arena_printf(m->a, "%llu", (unsigned long long)size->number / 2);
	else if (size->kind == EXPR_BINARY && !size->parens)
		text = arena_printf(m->a, "(%s) / 2", expr_text(m, size));
	else
		text = arena_printf(m->a, "%s / 2", expr_text(m, size));
	mutate_expr(m, at, size, text);
}

void mutate_MAP_SIZE(struct mutator *m, u32 at)
{
	const struct expr *c = map_at(m, at);

	if (c)
		halve(m, at, size_of(c));
}

void mutate_MAP_EARLY(struct mutator *m, u32 at)
{
	const struct expr *c = map_at(m, at);
	u32 where;

	if (!c || direction_is(call_arg(c, 'r', 0), "DMA_FROM_DEVICE"))
		return;
	where = touch_before(m, at, call_arg(c, 'p', 0), true);
	if (where != NO_SITE)
		mutate_before(m, at, where);
}

/* A call with DMA_ATTR_SKIP_CPU_SYNC. */
static void skip_sync(struct mutator *m, u32 at, const struct expr *c)
{
	const struct expr *attrs = call_arg(c, 'a', 0);
	struct str s = {0};

	if (attrs && attrs->kind == EXPR_NUMBER && attrs->number == 0) {
		mutate_expr(m, at, attrs, "DMA_ATTR_SKIP_CPU_SYNC");
		return;
	}
	str_printf(&s, "%s_attrs(", c->text);
	for (u32 i = 0; i < c->n; i++)
		str_printf(&s, "%s, ", expr_text(m, c->arg[i]));
	str_add(&s, "DMA_ATTR_SKIP_CPU_SYNC)");
	if (!attrs)
		mutate_expr(m, at, c, str_get(&s));
	str_free(&s);
}

/* Whether the CPU has stored to that memory before, in the same list. */
static bool is_filled(const struct mutator *m, u32 at, const struct expr *memory)
{
	for (u32 i = site_before(m, at); i != NO_SITE; i = site_before(m, i))
		if (is_store(site(m, i)->s) && touches(site(m, i)->s, memory))
			return true;
	return false;
}

/* Whether a sync hands it to the device later on. */
static bool is_synced_later(const struct mutator *m, u32 at)
{
	const struct stmt *s = site(m, at)->s;
	const char *h = s->kind == STMT_DECLARE	 ? s->decl.name.text
			: s->kind == STMT_ASSIGN ? s->place->text
						 : NULL;

	for (u32 i = 0; i < m->sites.n && h; i++) {
		const struct expr *c = stmt_call(site(m, i)->s);

		if (is_sync(c) && !is_for_cpu(c) && expr_names(c, h))
			return true;
	}
	return !h;
}

void mutate_MAP_SKIPPED(struct mutator *m, u32 at)
{
	const struct expr *c = map_at(m, at), *p = call_arg(c, 'p', 0);

	if (p && devices_work(m) && is_filled(m, at, p) && !is_synced_later(m, at) &&
	    !direction_is(call_arg(c, 'r', 0), "DMA_FROM_DEVICE"))
		skip_sync(m, at, c);
}

/* Whether the CPU looks at that memory anywhere: else it makes no difference where it begins. */
static bool is_looked_at(const struct mutator *m, const struct expr *memory)
{
	for (u32 i = 0; i < m->sites.n; i++)
		if (is_read_of(site(m, i)->s, memory))
			return true;
	return false;
}

void mutate_BUFFER_SHIFTED(struct mutator *m, u32 at)
{
	const struct expr *c = map_at(m, at), *p = call_arg(c, 'p', 0);

	if (p && (p->kind == EXPR_NAME || p->kind == EXPR_FIELD) && is_looked_at(m, p) &&
	    devices_work(m) && !direction_is(call_arg(c, 'r', 0), "DMA_TO_DEVICE"))
		mutate_expr(m, at, p, arena_printf(m->a, "%s + 8", expr_text(m, p)));
}

void mutate_ERROR_UNCHECKED(struct mutator *m, u32 at)
{
	const struct stmt *s = site(m, at)->s;

	if (s->kind == STMT_IF && s->arms == 1 && is_call(s->arm[0].cond, "dma_mapping_error"))
		mutate_cut(m, at);
}

/* ---- unmaps -------------------------------------------------------------------------------- */

static const struct expr *unmap_at(const struct mutator *m, u32 at)
{
	const struct stmt *s = site(m, at)->s;

	return s->kind == STMT_CALL && is_unmap(s->expr) ? s->expr : NULL;
}

void mutate_UNMAP_DROPPED(struct mutator *m, u32 at)
{
	if (unmap_at(m, at))
		mutate_cut(m, at);
}

/* Whether a step names the handle, or the list, of an unmap or sync. */
static bool uses_handle(const struct mutator *m, u32 at, const struct stmt *s)
{
	const struct expr *c = stmt_call(site(m, at)->s), *h = call_arg(c, 'h', 0);

	h = h ? h : call_arg(c, 's', 0);
	h = h ? h : call_arg(c, 't', 0);
	while (h && h->kind != EXPR_NAME)
		h = h->left;
	return h && stmt_names(s, h->text);
}

void mutate_UNMAP_EARLY(struct mutator *m, u32 at)
{
	const struct expr *h = call_arg(unmap_at(m, at), 'h', 0);
	const struct expr *memory = h ? memory_behind(m, h, at) : NULL;

	if (!unmap_at(m, at))
		return;
	for (u32 i = site_before(m, at); i != NO_SITE; i = site_before(m, i)) {
		const struct stmt *s = site(m, i)->s;

		if (is_map(stmt_call(s)))
			return;
		if (!is_wait(s) && !(is_device_act(s) && uses_handle(m, at, s)))
			continue;
		/* A poll of the buffer itself does not wait for the device any more. */
		if (is_wait(s) && memory && touches(s, memory))
			continue;
		mutate_before(m, at, i);
		return;
	}
}

void mutate_UNMAP_TWICE(struct mutator *m, u32 at)
{
	if (unmap_at(m, at))
		mutate_copy(m, at);
}

void mutate_UNMAP_SIZE(struct mutator *m, u32 at)
{
	if (unmap_at(m, at))
		halve(m, at, size_of(unmap_at(m, at)));
}

void mutate_UNMAP_DIRECTION(struct mutator *m, u32 at)
{
	if (unmap_at(m, at))
		other_direction(m, at, unmap_at(m, at), false);
}

/* single and page are one kind for the kernel; memory that is none is another. */
void mutate_UNMAP_FUNCTION(struct mutator *m, u32 at)
{
	const struct expr *c = unmap_at(m, at);
	struct str s = {0};

	if (!is_call_of(c, "dma_unmap_single dma_unmap_page"))
		return;
	str_add(&s, "dma_unmap_resource(");
	for (u32 i = 0; i < c->n; i++)
		str_printf(&s, "%s, ", expr_text(m, c->arg[i]));
	str_add(&s, "0)");
	mutate_expr(m, at, c, str_get(&s));
	str_free(&s);
}

/* Whether a sync has brought back what an unmap would, and the device was not at work since. */
static bool is_synced(const struct mutator *m, u32 at)
{
	for (u32 i = site_before(m, at); i != NO_SITE; i = site_before(m, i)) {
		const struct stmt *s = site(m, i)->s;

		if (is_wait(s) || is_device_act(s))
			return false;
		if (is_sync(stmt_call(s)) && uses_handle(m, at, s))
			return is_for_cpu(stmt_call(s));
	}
	return false;
}

/* Whether the CPU looks at what came, later in the same list. */
static bool is_read_later(const struct mutator *m, u32 at, const struct expr *memory)
{
	for (u32 i = site_behind(m, at); memory && i != NO_SITE; i = site_behind(m, i))
		if (is_read_of(site(m, i)->s, memory))
			return true;
	return false;
}

void mutate_UNMAP_SKIPPED(struct mutator *m, u32 at)
{
	const struct expr *c = unmap_at(m, at);

	if (c && !direction_is(call_arg(c, 'r', 0), "DMA_TO_DEVICE") && !is_synced(m, at) &&
	    is_read_later(m, at, memory_behind(m, call_arg(c, 'h', 0), at)))
		skip_sync(m, at, c);
}

void mutate_UNMAP_DEVICE(struct mutator *m, u32 at)
{
	const struct expr *c = stmt_call(site(m, at)->s), *dev = call_arg(c, 'd', 0);

	if (!dev || !(is_unmap(c) || is_sync(c)) || dev->kind != EXPR_NAME)
		return;
	for (u32 i = 0; i < m->doc->devices; i++)
		if (strcmp(m->doc->device[i].name.text, dev->text) != 0) {
			mutate_expr(m, at, dev, m->doc->device[i].name.text);
			return;
		}
}

void mutate_UNMAP_PHYSICAL(struct mutator *m, u32 at)
{
	const struct expr *c = unmap_at(m, at), *h = call_arg(c, 'h', 0);
	const struct expr *memory = h ? memory_behind(m, h, at) : NULL;

	if (memory)
		mutate_expr(
		    m, at, h,
		    arena_printf(m->a, "(dma_addr_t)virt_to_phys(%s)", expr_text(m, memory)));
}
