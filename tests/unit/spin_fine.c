/* SPDX-License-Identifier: MIT */
#include "unit/spin_fine.h"

#include <string.h>

#include "base/bug.h"
#include "unit/spin_states.h"

enum { LINES = 9, ENTRIES = 4, SLOTS = 3, PROGRAM_MAX = 96 };
enum { ABSENT, CLEAN, DIRTY };
enum { UNREAD = 9 }; /* no value that is read */

/* ---- what the CPU does ---- */

enum op {
	OP_STORE_LINE, /* value */
	OP_LOAD_LINE,
	OP_OR_LINE, /* bits; of what was loaded */
	OP_CHECK_LINE,
	OP_DROP_DIRTY, /* write back and drop */
	OP_WRITE_BACK,
	OP_FORGET,
	OP_NOTHING,
	OP_PUSH,  /* into the store buffer */
	OP_EMPTY, /* wait for the store buffer */
	OP_BELL,
	OP_FOR_IRQS, /* until so many were taken; no step */
	OP_QUIET,    /* when nothing else can happen */
	OP_DONE,
};

struct code {
	u8 op, at, arg;
};

struct fine {
	const struct spin_model *m;
	struct code code[PROGRAM_MAX];
	u32 n;
};

static void put(struct fine *f, enum op op, u32 at, u32 arg)
{
	BUG_ON(f->n == PROGRAM_MAX);
	f->code[f->n++] = (struct code){(u8)op, (u8)at, (u8)arg};
}

static void operation(struct fine *f, bool on, enum op op, u32 line)
{
	if (!on)
		return;
	put(f, OP_NOTHING, 0, 0); /* it begins */
	put(f, op, line, 0);
	put(f, OP_NOTHING, 0, 0); /* its barrier */
}

static void or_line(struct fine *f, u32 line, u32 bits)
{
	put(f, OP_LOAD_LINE, line, 0);
	put(f, OP_OR_LINE, line, bits);
}

static void program_a(struct fine *f)
{
	const struct spin_model *m = f->m;

	put(f, OP_NOTHING, 0, 0); /* place() */
	put(f, OP_NOTHING, 0, 0); /* request_irq() */
	for (u32 i = 0; i < m->n; i++) {
		put(f, OP_STORE_LINE, spin_line_c(m, i), 0);
		operation(f, m->fix & 1, OP_DROP_DIRTY, spin_line_c(m, i));
		or_line(f, spin_line_p(m, i), 1);
		operation(f, m->fix & 2, OP_WRITE_BACK, spin_line_p(m, i));
		or_line(f, spin_line_d(m, i), 1);
		or_line(f, spin_line_d(m, i), 2);
		operation(f, m->fix & 4, OP_WRITE_BACK, spin_line_d(m, i));
		put(f, OP_BELL, 0, i + 1);
	}
	for (u32 i = 0; i < m->n; i++) {
		put(f, OP_FOR_IRQS, 0, i + 1);
		operation(f, m->fix & 8, OP_FORGET, spin_line_c(m, i));
		put(f, OP_CHECK_LINE, spin_line_c(m, i), 0);
	}
	put(f, OP_NOTHING, 0, 0); /* free_irq() */
}

static void program_b(struct fine *f)
{
	const struct spin_model *m = f->m;

	put(f, OP_NOTHING, 0, 0); /* place() */
	for (u32 i = 0; i < m->n; i++) {
		put(f, OP_PUSH, i, 0);
		put(f, OP_PUSH, m->n + i, 0);
		if (m->fix & 1)
			put(f, OP_EMPTY, 0, 0);
		put(f, OP_PUSH, 2 * m->n + i, 0);
		if (m->fix & 2)
			put(f, OP_EMPTY, 0, 0);
		put(f, OP_BELL, 0, i + 1);
	}
}

/* ---- states ---- */

/* Bytes only. */
struct state {
	u8 mem[LINES], how[LINES], data[LINES], touched[LINES];
	u8 sb[ENTRIES], entries, lines;
	u8 posted[SLOTS], in_flight, bell;
	u8 pc, loaded, got; /* got: what the CPU checked last */
	u8 dev, ring, read[SLOTS], owes;
	u8 raised, taken;
};

static void begin(struct state *s)
{
	memset(s, 0, sizeof *s);
	s->got = UNREAD;
	memset(s->read, UNREAD, sizeof s->read);
}

static void fetch(struct state *s, u32 l)
{
	s->how[l] = CLEAN;
	s->data[l] = s->mem[l];
	s->touched[l] = 1;
	s->lines++;
}

static void write_back(struct state *s, u32 l)
{
	if (s->how[l] != DIRTY)
		return;
	s->mem[l] = s->data[l];
	s->how[l] = CLEAN;
}

static void drop(struct state *s, u32 l)
{
	s->lines -= s->how[l] != ABSENT;
	s->how[l] = ABSENT;
	s->data[l] = 0;
}

/* An access to a line: false if it has to wait for room. */
static bool here(const struct fine *f, struct state *s, u32 l)
{
	if (s->how[l] == ABSENT && s->lines == f->m->k)
		return false;
	if (s->how[l] == ABSENT)
		fetch(s, l);
	return true;
}

static void store(struct state *s, u32 l, u8 value)
{
	s->data[l] = value;
	s->how[l] = DIRTY;
}

static bool quiet(const struct fine *f, const struct state *s)
{
	return !s->entries && !s->in_flight && s->bell <= s->ring &&
	       (f->m->which == SPIN_B || !s->raised);
}

static bool access_line(const struct fine *f, struct state *s, const struct code *c)
{
	if (!here(f, s, c->at))
		return false;
	if (c->op == OP_STORE_LINE)
		store(s, c->at, c->arg);
	else if (c->op == OP_OR_LINE)
		store(s, c->at, s->loaded | c->arg);
	if (c->op == OP_CHECK_LINE)
		s->got = s->data[c->at];
	s->loaded = c->op == OP_LOAD_LINE ? s->data[c->at] : 0;
	return true;
}

static bool cpu(const struct fine *f, struct state *s)
{
	const struct code *c = &f->code[s->pc];

	switch ((enum op)c->op) {
	case OP_STORE_LINE:
	case OP_LOAD_LINE:
	case OP_OR_LINE:
	case OP_CHECK_LINE:
		if (!access_line(f, s, c))
			return false;
		break;
	case OP_DROP_DIRTY:
		write_back(s, c->at);
		drop(s, c->at);
		break;
	case OP_WRITE_BACK:
		write_back(s, c->at);
		break;
	case OP_FORGET:
		drop(s, c->at);
		break;
	case OP_NOTHING:
		break;
	case OP_PUSH:
		if (s->entries == ENTRIES)
			return false;
		s->sb[s->entries++] = 1 + c->at;
		break;
	case OP_EMPTY:
		if (s->entries)
			return false;
		break;
	case OP_BELL:
		s->posted[s->in_flight++] = c->arg;
		break;
	case OP_QUIET:
		if (!quiet(f, s))
			return false;
		break;
	case OP_FOR_IRQS:
	case OP_DONE:
		return false;
	}
	s->pc++;
	return true;
}

static bool arrive(const struct fine *f, struct state *s)
{
	if (!s->in_flight)
		return false;
	s->owes |= f->m->which == SPIN_A && s->dev == 2;
	s->bell = s->posted[0];
	memmove(s->posted, s->posted + 1, --s->in_flight);
	s->posted[s->in_flight] = 0;
	return true;
}

static bool device(const struct fine *f, struct state *s)
{
	u32 n = f->m->n, r = s->ring;

	if (s->bell <= r)
		return false;
	s->owes = 0;
	if (s->dev == 3) {
		s->raised++;
		s->ring++;
		s->dev = 0;
		return true;
	}
	if (f->m->which == SPIN_B || s->dev < 2) {
		s->read[s->dev] = s->mem[(2 - s->dev) * n + r];
	} else {
		s->mem[r] = 1;
		s->touched[r] = 1;
	}
	s->dev++;
	return true;
}

static bool take_irq(const struct fine *f, struct state *s)
{
	if (f->m->which == SPIN_B || !s->raised)
		return false;
	s->raised--;
	s->taken++;
	return true;
}

/* By itself; what memory is not given out, nobody fetches. */
static bool line_moves(const struct fine *f, struct state *s, u32 l)
{
	if (f->m->which == SPIN_B || s->pc == 0 || f->code[s->pc].op == OP_DONE)
		return false;
	if (s->how[l] == DIRTY)
		write_back(s, l);
	else if (s->how[l] == CLEAN)
		drop(s, l);
	else if (s->lines < f->m->k)
		fetch(s, l);
	else
		return false;
	return true;
}

static bool drain(const struct fine *f, struct state *s, u32 i)
{
	if (i >= s->entries || (f->m->ord && i))
		return false;
	s->mem[s->sb[i] - 1] = 1;
	memmove(s->sb + i, s->sb + i + 1, s->entries - i - 1);
	s->sb[--s->entries] = 0;
	return true;
}

/* The i-th thing that may happen; false: it cannot. */
static bool move(const struct fine *f, struct state *s, u32 i)
{
	switch (i) {
	case 0:
		return cpu(f, s);
	case 1:
		return arrive(f, s);
	case 2:
		return device(f, s);
	case 3:
		return take_irq(f, s);
	default:
		i -= 4;
		return i < ENTRIES ? drain(f, s, i) : line_moves(f, s, i - ENTRIES);
	}
}

struct fine_counts fine_search(const struct spin_model *m)
{
	struct spin_states all = {.size = sizeof(struct state)};
	struct fine_counts r = {0};
	struct fine f = {.m = m};
	struct state s;

	BUG_ON(m->n > SLOTS);
	if (m->which == SPIN_A)
		program_a(&f);
	else
		program_b(&f);
	put(&f, OP_QUIET, 0, 0);
	put(&f, OP_DONE, 0, 0);
	begin(&s);
	spin_states_add(&all, &s);
	for (u32 i = 0; i < all.n; i++)
		for (u32 k = 0; k < 4 + ENTRIES + 3 * m->n; k++) {
			spin_states_get(&all, i, &s);
			if (!move(&f, &s, k))
				continue;
			r.transitions++;
			while (f.code[s.pc].op == OP_FOR_IRQS && s.taken >= f.code[s.pc].arg)
				s.pc++;
			spin_states_add(&all, &s);
		}
	r.states = all.n;
	spin_states_free(&all);
	return r;
}
