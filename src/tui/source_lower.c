/* SPDX-License-Identifier: MIT */
/* Below the truths: the last writer of the chosen byte, and what would be lost. */
#include "tui/source_int.h"

#include <string.h>

#include "tui/source_panes.h"

enum { BYTE_WIDTH = 59, LOSS_WIDTH = 48 }; /* columns that the rows have for their texts */

/* ---- the last writer ---- */

static bool is_write(const struct event *e)
{
	return e->kind == EV_STORE_BUFFERED || e->kind == EV_STORE_CACHE ||
	       e->kind == EV_STORE_MEMORY || e->kind == EV_DMA_WRITE || e->kind == EV_LAB_PRESET;
}

struct origin origin_of(const struct names *n, u64 pa, u32 before, u32 after)
{
	for (u32 k = before; k-- > 1 && k >= after;) {
		const struct event *e = event_get(n->log, k);
		u64 at, len, v;

		if (!is_write(e) || !event_home(n, k, &at, &len) || pa - at >= len)
			continue;
		v = e->kind == EV_DMA_WRITE ? e->f[3] : e->f[2];
		return (struct origin){k, pa - at < 8 ? (u8)(v >> (8 * (pa - at))) : 0,
				       pa - at < 8 && e->kind != EV_LAB_PRESET};
	}
	return (struct origin){0};
}

enum lesson_side origin_side(const struct names *n, const struct origin *o)
{
	if (!o->event)
		return SIDE_NOBODY;
	return names_is_cpu(n, event_get(n->log, o->event)->party) ? SIDE_CPU : SIDE_DEV;
}

/* "memset", "nic": what a reader looks for in the driver. */
static void writer_word(const struct names *n, u32 event, struct str *out)
{
	const struct event *e = event_get(n->log, event);
	const char *text = names_stmt(n, e->stmt)->text;
	size_t n_word;

	if (!names_is_cpu(n, e->party)) {
		names_short(names_device(n, e->party - PARTY_DEVICE), out);
		return;
	}
	/* only a statement that is nothing but the call is known by its name */
	n_word = text ? strspn(text, "abcdefghijklmnopqrstuvwxyz_0123456789") : 0;
	if (n_word && n_word <= 20 && text[n_word] == '(')
		str_addn(out, text, n_word);
	else
		str_add(out, names_party(n, e->party));
}

static void value_text(u8 v, struct str *out)
{
	str_printf(out, "%02x", v);
	if (v > 0x20 && v < 0x7f)
		str_printf(out, " '%c'", v);
}

/* "nic, line 18, e12" */
static void origin_text(const struct names *n, const struct origin *o, bool by_line,
			struct str *out)
{
	u32 line = names_line(n, event_get(n->log, o->event)->stmt);

	writer_word(n, o->event, out);
	if (line && by_line)
		str_printf(out, ", line %u", line);
	str_printf(out, ", e%u", o->event);
}

/* Who is behind, by the order of interest: its name, and what it has. */
static const struct truth *behind(const struct sight *g, const struct truths *t, const char **who)
{
	*who = "CPU";
	if (t->cpu.mark == '~' || t->cpu.mark == '!')
		return &t->cpu;
	*who = g->dev == ~0u ? "" : names_device(g->s->names, g->dev);
	if (t->device.state == TRUTH_KNOWN && (t->device.mark == '~' || t->device.mark == '!'))
		return &t->device;
	*who = t->snooped ? "Memory+cache" : "Memory";
	return t->memory.mark == '~' || t->memory.mark == '!' ? &t->memory : NULL;
}

static void behind_text(const struct sight *g, u64 pa, const struct origin *newest, struct str *out)
{
	const struct names *n = g->s->names;
	const char *who;
	const struct truth *t = behind(g, sight_at(g, pa), &who);
	struct origin o = *newest;

	if (!t)
		return;
	str_add(out, ". ");
	names_short(who, out);
	str_printf(out, " has %02x", t->value);
	do
		o = origin_of(n, pa, o.event, g->buf->from);
	while (o.event && (!o.known || o.value != t->value));
	if (!o.event)
		return;
	str_add(out, ": ");
	writer_word(n, o.event, out);
	str_printf(out, ", e%u", o.event);
}

/* What is known of the newest write of byte pa. by_line: with its line of the file. */
static void byte_text(const struct sight *g, u64 pa, bool by_line, struct str *s)
{
	const struct truths *t = sight_at(g, pa);
	struct origin o = origin_of(g->s->names, pa, g->at + 1, g->buf->from);
	bool fresh = t->cpu.mark == '*' || t->memory.mark == '*' || t->device.mark == '*';

	if (!o.event) {
		str_printf(s, "%02x, what happened to be there: nobody has written it",
			   t->cpu.value);
	} else if (!truths_differ(t)) {
		value_text(t->cpu.value, s);
		str_add(s, ", last written by ");
		origin_text(g->s->names, &o, by_line, s);
		if (truths_loose(t))
			str_add(s, "; it may be dropped");
	} else {
		str_add(s, fresh ? "newest " : "lost: ");
		if (o.known)
			value_text(o.value, s), str_add(s, ": ");
		origin_text(g->s->names, &o, by_line, s);
		behind_text(g, pa, &o, s);
	}
}

static void byte_row(struct sight *g)
{
	u64 pa = g->row + g->m->cursor;
	struct lesson_lower *l = lower_add(g, LOWER_BYTE);
	struct str s = {0};

	names_short(g->buf->name, &s);
	str_printf(&s, "+%02llx", (unsigned long long)(pa - g->buf->pa));
	M_SET(l->range, str_get(&s));
	str_clear(&s);
	byte_text(g, pa, true, &s);
	if (s.n > BYTE_WIDTH) {
		str_clear(&s);
		byte_text(g, pa, false, &s);
	}
	M_SET(l->text, str_get(&s));
	str_free(&s);
}

/* ---- what would be lost ---- */

enum { FATE_ABOVE, FATE_BELOW, FATE_DIFFER, FATES };

/* Some bytes of one fate: how many there are, where the first run begins, and its values. */
struct fate_bytes {
	u32 n, run;
	u64 first;  /* home address */
	u8 byte[8]; /* of the run, as they are where they are newest (DIFFER: below) */
};

/* A line in a cache against what lies below it. */
struct line_fate {
	bool present, dirty, outer_below;
	struct fate_bytes of[FATES];
};

static void fate_add(struct fate_bytes *f, u64 pa, u8 value)
{
	if (!f->n++)
		f->first = pa;
	if (pa == f->first + f->run && f->run < sizeof f->byte)
		f->byte[f->run++] = value;
}

static void fate_see(struct line_fate *f, const struct world *w, u64 pa, const struct view *c,
		     const struct view *b)
{
	u64 quiet = copies_discardable(w, pa, c->n) | copies_leftover(w, pa, c->n);

	for (u32 i = 0; i < c->n; i++) {
		bool counts = !(quiet >> i & 1), old_c = c->old >> i & 1, old_b = b->old >> i & 1;

		if (counts && !old_c && old_b)
			fate_add(&f->of[FATE_ABOVE], pa + i, c->data[i]);
		if (counts && old_c && !old_b)
			fate_add(&f->of[FATE_BELOW], pa + i, b->data[i]);
		if (c->data[i] != b->data[i])
			fate_add(&f->of[FATE_DIFFER], pa + i, b->data[i]);
	}
}

static struct line_fate line_fate(const struct sight *g, u64 line_pa)
{
	const struct hw *hw = &g->s->e->hw;
	const struct world *w = g->s->e->w;
	struct line_info top = cache_line(hw, LEVEL_L1, line_pa), low = {0};
	struct line_fate f = {.present = top.present};
	u32 cell = memory_cell_at(w, line_pa);
	enum copy_kind kind = COPY_MEMORY;

	if (hw->cfg->outer.sets)
		low = cache_line(hw, LEVEL_OUTER, line_pa);
	if (!f.present) {
		top = low;
		f.present = low.present;
	} else if (low.present) {
		cell = low.cell;
		kind = COPY_OUTER;
		f.outer_below = true;
	}
	f.dirty = top.dirty;
	if (!f.present || !cell)
		return f;
	for (u32 i = 0; i < w->line; i += 64) {
		u32 n = w->line < 64 ? w->line : 64;
		struct copyref a = copies_cell(w, top.cell, i, n, COPY_CACHE);
		struct copyref b = copies_cell(w, cell, i, n, kind);
		struct view va = {.n = (u8)n}, vb = {.n = (u8)n};

		copies_view(w, &a, &va, 0);
		copies_view(w, &b, &vb, 0);
		fate_see(&f, w, line_pa + i, &va, &vb);
	}
	return f;
}

/* Whose bytes they are: the last writer of the first. */
static void whose(const struct sight *g, u64 pa, struct str *out)
{
	struct origin o = origin_of(g->s->names, pa, g->at + 1, g->buf->from);
	u32 party = o.event ? event_get(g->s->names->log, o.event)->party : PARTY_CPU;

	names_short(names_party(g->s->names, party), out);
}

/* "LOSES 5 bytes of nic (hello), keeps 8 of the CPU" */
static void loses(const struct sight *g, struct lesson_lower *l, const struct fate_bytes *lost,
		  const struct fate_bytes *kept)
{
	struct str s = {0}, bytes = {0}, keeps = {0};

	l->loses = true;
	str_printf(&s, "LOSES %u byte%s of ", lost->n, lost->n == 1 ? "" : "s");
	whose(g, lost->first, &s);
	narrate_plain_bytes(lost->byte, lost->run, lost->n, &bytes);
	if (kept->n) {
		str_printf(&keeps, ", keeps %u of ", kept->n);
		whose(g, kept->first, &keeps);
	}
	if (s.n + bytes.n + 3 + keeps.n <= LOSS_WIDTH)
		str_printf(&s, " (%s)", str_get(&bytes));
	str_add(&s, str_get(&keeps));
	M_SET(l->text, str_get(&s));
	str_free(&s);
	str_free(&bytes);
	str_free(&keeps);
}

static const char *below(const struct line_fate *f)
{
	return f->outer_below ? "L2" : "memory";
}

static void if_written_back(struct sight *g, u32 number, const struct line_fate *f)
{
	struct lesson_lower *l = lower_add(g, LOWER_IF);
	u32 newer = f->of[FATE_ABOVE].n;

	l->number = number;
	l->happens = IF_WRITTEN_BACK;
	if (!f->present)
		M_SET(l->text, "it cannot be, no cache holds the line");
	else if (!f->dirty)
		M_SET(l->text, "it cannot be, the line is clean");
	else if (f->of[FATE_BELOW].n)
		loses(g, l, &f->of[FATE_BELOW], &f->of[FATE_ABOVE]);
	else if (newer)
		M_SETF(l->text, "no loss, %s gets %u newer byte%s", below(f), newer,
		       newer == 1 ? "" : "s");
	else if (f->of[FATE_DIFFER].n)
		M_SETF(l->text, "no loss, what %s has may be dropped", below(f));
	else
		M_SETF(l->text, "no loss, %s holds the same bytes", below(f));
}

static void if_dropped(struct sight *g, u32 number, const struct line_fate *f)
{
	struct lesson_lower *l = lower_add(g, LOWER_IF);
	const struct fate_bytes *d = &f->of[FATE_DIFFER];
	struct str s = {0};

	l->number = number;
	l->happens = f->dirty ? IF_INVALIDATED : IF_DROPPED;
	if (f->of[FATE_ABOVE].n) {
		loses(g, l, &f->of[FATE_ABOVE], &f->of[FATE_BELOW]);
	} else if (d->n) {
		narrate_plain_bytes(d->byte, d->run, d->n, &s);
		M_SETF(l->text, "no loss, the CPU would then read %s", str_get(&s));
	} else {
		M_SETF(l->text, "no loss, %s holds the same bytes", below(f));
	}
	str_free(&s);
}

static void if_rows(struct sight *g)
{
	u64 line = align_down(g->row, g->s->e->cfg->hw.line);
	struct line_fate f = line_fate(g, line);
	u32 number = sight_line_number(g, line);

	if (g->buf->uncached)
		return;
	if_written_back(g, number, &f);
	if (f.present) /* else it would say the same again */
		if_dropped(g, number, &f);
}

u32 lower_rows(const struct sight *g)
{
	u32 pane = pane_rows(g);
	u64 line = align_down(g->row, g->s->e->cfg->hw.line);

	if (pane)
		return pane;
	return g->buf->uncached ? 1 : line_fate(g, line).present ? 3 : 2;
}

void fill_lower(struct sight *g)
{
	if (pane_rows(g)) {
		pane_fill(g);
		return;
	}
	byte_row(g);
	if_rows(g);
}
