/* SPDX-License-Identifier: MIT */
#include "tui/source_panes.h"

#include "tui/source_int.h"

enum { ENTRIES_SHOWN = 3, SLOT_BYTES = 2048, COL_PHYS = 20, COL_SLOT = 42, VALUES = 5 };

/* ---- store buffer ---- */

static bool entry_here(const struct store_entry *s, u64 lo, u64 len)
{
	for (u32 b = 0; b < 8; b++)
		if ((s->mask >> b & 1) && s->pa + b - lo < len)
			return true;
	return false;
}

/* Entries that hold bytes of the object, if one of them is in the open row. */
static u32 entries_here(const struct sight *g)
{
	const struct cpu_state *c = hw_cpu(&g->s->e->hw);
	bool open = false;
	u32 n = 0;

	for (u32 i = 0; i < c->entries; i++) {
		open |= entry_here(&c->sb[i], g->row, g->n);
		n += entry_here(&c->sb[i], g->buf->pa, g->buf->len);
	}
	return open ? n : 0;
}

static void entry_row(struct sight *g, u32 i, u32 nth, u32 all)
{
	const struct store_entry *s = &hw_cpu(&g->s->e->hw)->sb[i];
	struct lesson_lower *l = lower_add(g, LOWER_TEXT);
	u32 first = 0, n = 0, line = names_line(g->s->names, s->stmt);
	struct str text = {0}, name = {0};

	while (first < 8 && !(s->mask >> first & 1))
		first++;
	while (first + n < 8 && (s->mask >> (first + n) & 1))
		n++;
	names_byte(g->s->names, s->pa + first, g->at, &name);
	str_printf(&text, " %-2u %-7s %-14s = ", nth + 1,
		   nth == 0	    ? "oldest"
		   : nth + 1 == all ? "newest"
				    : "",
		   str_get(&name));
	narrate_bytes(s->data + first, n, n, &text);
	if (line)
		str_printf(&text, "   line %u", line);
	M_SET(l->text, str_get(&text));
	str_free(&text);
	str_free(&name);
}

static void store_buffer(struct sight *g, u32 here)
{
	const struct hw_config *cfg = &g->s->e->cfg->hw;
	const struct cpu_state *c = hw_cpu(&g->s->e->hw);
	struct lesson_lower *l = lower_add(g, LOWER_RULE);
	u32 skip = here > ENTRIES_SHOWN ? here - ENTRIES_SHOWN : 0;

	M_SETF(l->range, "%sstore buffer%s: %s", g->s->e->w->cpus > 1 ? "its " : "",
	       hw_is_held(&g->s->e->hw, HELD_STORES, g->s->e->hw.self) ? ", held" : "",
	       cfg->order == ORDER_TSO ? "in order" : "weak, any order");
	M_SETF(l->text, "%u of %u wait", c->entries, cfg->store_entries);
	/* the oldest, and the newest ones */
	for (u32 i = 0, k = 0; i < c->entries; i++) {
		if (!entry_here(&c->sb[i], g->buf->pa, g->buf->len))
			continue;
		if (k == 0 || k > skip)
			entry_row(g, i, k, here);
		k++;
	}
}

/* ---- bounce ---- */

static const struct omap *bounced_map(const struct sight *g)
{
	const struct truths *t = sight_at(g, g->row);

	return t->bounced && t->map ? oracle_map(&g->s->e->oracle, t->map - 1) : NULL;
}

static void put_at(struct str *s, u32 col, const char *text)
{
	while (s->n < col)
		str_add(s, " ");
	str_add(s, text);
}

/* The cells of values that differ look as they do in the truths above. */
static void value_span(struct lesson_lower *l, u32 col, u32 n, char mark, enum lesson_side side)
{
	enum role role = mark == '~' || mark == '!' ? ROLE_OLD
			 : side == SIDE_DEV	    ? ROLE_NEWEST_DEV
			 : side == SIDE_CPU	    ? ROLE_NEWEST_CPU
						    : ROLE_NEWEST;

	if (mark == ' ')
		return;
	l->span[l->spans++] = (struct lesson_span){(u8)col, (u8)(3 * n - 1), (u8)role};
}

static void values_row(struct sight *g)
{
	struct lesson_lower *l = lower_add(g, LOWER_TEXT);
	u32 first = g->m->cursor, n = g->n - first < VALUES ? g->n - first : VALUES;
	const struct truths *t = sight_at(g, g->row + first);
	struct origin o = origin_of(g->s->names, g->row + first, g->at + 1, g->buf->from);
	struct str s = {0};
	char hex[4];

	for (u32 i = 0; i < n; i++) {
		lesson_setf(hex, sizeof hex, "%02x", sight_at(g, g->row + first + i)->memory.value);
		put_at(&s, COL_PHYS + 3 * i, hex);
	}
	for (u32 i = 0; i < n; i++) {
		lesson_setf(hex, sizeof hex, "%02x", sight_at(g, g->row + first + i)->slot.value);
		put_at(&s, COL_SLOT + 3 * i, hex);
	}
	put_at(&s, 60, "");
	str_printf(&s, "1 of %u slots", g->s->e->cfg->lx.swiotlb.slots);
	M_SET(l->text, str_get(&s));
	value_span(l, COL_PHYS, n, t->memory.mark, origin_side(g->s->names, &o));
	value_span(l, COL_SLOT, n, t->slot.mark, origin_side(g->s->names, &o));
	str_free(&s);
}

static void addresses(struct sight *g, const struct omap *map)
{
	struct lesson_lower *l = lower_add(g, LOWER_RULE);
	const char *dev = names_device(g->s->names, map->dev);
	u64 first = g->row + g->m->cursor, off = first - map->pa;
	struct str s = {0}, slot = {0};
	char cell[32];

	M_SETF(l->range, "addresses of %s", g->m->base);
	M_SETF(l->text, "%s never sees %s itself", dev, g->buf->name);
	l = lower_add(g, LOWER_TEXT);
	str_add(&s, " virtual");
	put_at(&s, COL_PHYS, "physical");
	names_slot(g->s->names, align_down(map->slot, SLOT_BYTES), &slot);
	lesson_setf(cell, sizeof cell, "bounce slot %s", str_get(&slot));
	str_free(&slot);
	put_at(&s, COL_SLOT, cell);
	lesson_setf(cell, sizeof cell, "bus (%s)", dev);
	put_at(&s, 60, cell);
	M_SET(l->text, str_get(&s));
	str_clear(&s);
	l = lower_add(g, LOWER_TEXT);
	str_printf(&s, " %016llx", (unsigned long long)(g->buf->va + (first - g->buf->pa)));
	M_SETF(l->text, "%s ► %-10llx ·· copy ··► %-10llx ────► %llx", str_get(&s),
	       (unsigned long long)first, (unsigned long long)(map->slot + off),
	       (unsigned long long)(map->bus + off));
	str_free(&s);
	values_row(g);
}

u32 pane_rows(const struct sight *g)
{
	u32 here = entries_here(g);

	if (here)
		return 1 + (here < ENTRIES_SHOWN ? here : ENTRIES_SHOWN);
	return bounced_map(g) ? 4 : 0;
}

void pane_fill(struct sight *g)
{
	const struct omap *map = bounced_map(g);
	u32 here = entries_here(g);

	if (here)
		store_buffer(g, here);
	else if (map)
		addresses(g, map);
}
