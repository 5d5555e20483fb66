/* SPDX-License-Identifier: MIT */
#include "unit/spin_model.h"

#include <string.h>

#include "base/bug.h"
#include "unit/spin_states.h"

enum { CLEAN_LINE = 4, DIRTY_LINE = 8 }; /* bits of a line's byte */
enum { DEV_WAIT, DEV_1, DEV_2, DEV_3, DEV_IRQ, DEV_END };

static const char *const kind_names[2][SPIN_KINDS] = {
    [SPIN_A] = {"completion", "descriptor", "payload"},
    [SPIN_B] = {"valid", "length", "payload"},
};

const char *spin_kind_name(enum spin_which which, u32 kind)
{
	BUG_ON(kind >= SPIN_KINDS);
	return kind_names[which][kind];
}

u32 spin_rule(const struct spin_model *m)
{
	if (m->which == SPIN_A)
		return ((m->fix & 9) != 9 ? 1u : 0) | (m->fix & 4 ? 0 : 2u) | (m->fix & 2 ? 0 : 4u);
	return (m->fix & 2 ? 0 : 1u) | (m->fix & 3 ? 0 : 6u);
}

static u8 memory(u8 line)
{
	return line & 3;
}

/* ---- A: lines ---- */

static bool can(const struct spin_model *m, const struct spin_state *s, u32 l)
{
	return spin_present(s, l) || s->held < m->k;
}

static bool store(const struct spin_model *m, struct spin_state *s, u32 l, u8 clear, u8 set)
{
	u8 old = spin_present(s, l) ? s->mem[l] >> 4 : memory(s->mem[l]);

	if (!can(m, s, l))
		return false;
	s->held += !spin_present(s, l);
	s->mem[l] = (u8)(memory(s->mem[l]) | DIRTY_LINE | (((old & (3 - clear)) | set) << 4));
	return true;
}

/* Writes back what is dirty; keep: the line stays, clean. */
static void write_back(struct spin_state *s, u32 l, bool keep)
{
	u8 data = s->mem[l] >> 4;

	if (!(s->mem[l] & DIRTY_LINE))
		return;
	s->mem[l] = keep ? (u8)(data | CLEAN_LINE | data << 4) : data;
	s->held -= !keep;
}

static void drop(struct spin_state *s, u32 l)
{
	if (!spin_present(s, l))
		return;
	s->mem[l] = memory(s->mem[l]);
	s->held--;
}

static void fetch(struct spin_state *s, u32 l)
{
	s->mem[l] = (u8)(memory(s->mem[l]) | CLEAN_LINE | memory(s->mem[l]) << 4);
	s->held++;
}

/* ---- the CPU ---- */

/* Goes on with the next ring entry, at `first`; behind the last one, at `behind`. */
static void next_entry(const struct spin_model *m, u8 *which, u8 first, u8 behind, u8 *at)
{
	*at = *which + 1u < m->n ? first : behind;
	*which = (u8)(*which + 1u < m->n ? *which + 1 : 0);
}

/* The step behind this one that the mask has. */
static u8 behind_a(const struct spin_model *m, u8 at)
{
	static const u8 needs[CPU_END + 1] = {
	    [CPU_FLUSH_C] = 1, [CPU_CLEAN_P] = 2, [CPU_CLEAN_D] = 4, [CPU_INVAL_C] = 8};

	do
		at++;
	while (at == CPU_WMB_1 || at == CPU_WMB_2 || (needs[at] && !(m->fix & needs[at])));
	return at;
}

static bool cpu_reap(const struct spin_model *m, struct spin_state *s, u32 *failed)
{
	u32 c = spin_line_c(m, s->ci);

	if (s->cpu == CPU_WAIT) {
		if (s->irq <= s->ci)
			return false;
		s->cpu = behind_a(m, s->cpu);
	} else if (s->cpu == CPU_INVAL_C) {
		drop(s, c);
		s->cpu = CPU_LOAD_C;
	} else {
		if (s->cpu == CPU_END || !can(m, s, c))
			return false;
		if (!spin_present(s, c))
			fetch(s, c);
		if (s->mem[c] >> 4 != 1)
			*failed = 0;
		next_entry(m, &s->ci, CPU_WAIT, CPU_END, &s->cpu);
	}
	return true;
}

static bool cpu_a(const struct spin_model *m, struct spin_state *s, u32 *failed)
{
	bool ok = true;

	switch (s->cpu) {
	case CPU_STORE_C:
		ok = store(m, s, spin_line_c(m, s->ci), 3, 0);
		break;
	case CPU_FLUSH_C:
		write_back(s, spin_line_c(m, s->ci), false);
		drop(s, spin_line_c(m, s->ci));
		break;
	case CPU_STORE_P:
		ok = store(m, s, spin_line_p(m, s->ci), 0, 1);
		break;
	case CPU_CLEAN_P:
		write_back(s, spin_line_p(m, s->ci), true);
		break;
	case CPU_LEN:
		ok = store(m, s, spin_line_d(m, s->ci), 0, 1);
		break;
	case CPU_VALID:
		ok = store(m, s, spin_line_d(m, s->ci), 0, 2);
		break;
	case CPU_CLEAN_D:
		write_back(s, spin_line_d(m, s->ci), true);
		break;
	case CPU_DOORBELL:
		s->db++;
		next_entry(m, &s->ci, CPU_STORE_C, CPU_WAIT, &s->cpu);
		return true;
	default:
		return cpu_reap(m, s, failed);
	}
	if (ok)
		s->cpu = behind_a(m, s->cpu);
	return ok;
}

static bool push(struct spin_state *s, u32 address)
{
	if (s->held == 4)
		return false;
	s->sb[s->held++] = (u8)(1 + address);
	return true;
}

static bool cpu_b(const struct spin_model *m, struct spin_state *s)
{
	switch (s->cpu) {
	case CPU_STORE_P:
		if (!push(s, s->ci))
			return false;
		s->cpu = CPU_LEN;
		return true;
	case CPU_LEN:
		if (!push(s, m->n + s->ci))
			return false;
		s->cpu = m->fix & 1 ? CPU_WMB_1 : CPU_VALID;
		return true;
	case CPU_VALID:
		if (!push(s, 2 * m->n + s->ci))
			return false;
		s->cpu = m->fix & 2 ? CPU_WMB_2 : CPU_DOORBELL;
		return true;
	case CPU_WMB_1:
	case CPU_WMB_2:
		if (s->held)
			return false;
		s->cpu++; /* CPU_VALID, CPU_DOORBELL */
		return true;
	case CPU_DOORBELL:
		s->db++;
		next_entry(m, &s->ci, CPU_STORE_P, CPU_END, &s->cpu);
		return true;
	default:
		return false;
	}
}

/* ---- device, hardware ---- */

/* B: what the device checks first is what the CPU wrote last. */
static void check(const struct spin_model *m, const struct spin_state *s, u32 *failed)
{
	u32 i = s->dev - DEV_1;

	if (m->which == SPIN_B) {
		if (s->mem[(2 - i) * m->n + s->dj] != 1)
			*failed = i;
	} else if (i == 0) {
		if (memory(s->mem[spin_line_d(m, s->dj)]) != 3)
			*failed = 1;
	} else if (memory(s->mem[spin_line_p(m, s->dj)]) != 1) {
		*failed = 2;
	}
}

static bool device(const struct spin_model *m, struct spin_state *s, u32 *failed)
{
	switch (s->dev) {
	case DEV_WAIT:
		if (s->db <= s->dj)
			return false;
		break;
	case DEV_3:
		if (m->which == SPIN_A) {
			u8 *c = &s->mem[spin_line_c(m, s->dj)];

			*c = (u8)((*c & 60) | 1);
			break;
		}
		check(m, s, failed);
		break;
	case DEV_1:
	case DEV_2:
		check(m, s, failed);
		break;
	case DEV_IRQ:
		s->irq++;
		next_entry(m, &s->dj, DEV_WAIT, DEV_END, &s->dev);
		return true;
	default:
		return false;
	}
	s->dev++;
	return true;
}

static bool drain(const struct spin_model *m, struct spin_state *s, u32 k)
{
	if (k >= s->held || (m->ord && k))
		return false;
	s->mem[s->sb[k] - 1] = 1;
	memmove(s->sb + k, s->sb + k + 1, s->held - k - 1);
	s->sb[--s->held] = 0;
	return true;
}

static bool hardware(const struct spin_model *m, struct spin_state *s, struct spin_move mv)
{
	if (m->which == SPIN_B)
		return mv.act == SPIN_DRAIN && drain(m, s, mv.arg);
	if (mv.act == SPIN_DRAIN)
		return false;
	if (mv.act == SPIN_PREFETCH) {
		if (spin_present(s, mv.arg) || s->held >= m->k)
			return false;
		fetch(s, mv.arg);
		return true;
	}
	if (!spin_present(s, mv.arg))
		return false;
	write_back(s, mv.arg, false);
	drop(s, mv.arg);
	return true;
}

void spin_begin(const struct spin_model *m, struct spin_state *s)
{
	*s = (struct spin_state){.cpu = m->which == SPIN_A ? CPU_STORE_C : CPU_STORE_P};
}

bool spin_step(const struct spin_model *m, struct spin_state *s, struct spin_move mv, u32 *failed)
{
	*failed = SPIN_KINDS;
	if (mv.act == SPIN_CPU)
		return m->which == SPIN_A ? cpu_a(m, s, failed) : cpu_b(m, s);
	if (mv.act == SPIN_DEV)
		return device(m, s, failed);
	return hardware(m, s, mv);
}

/* ---- all states ---- */

/* All moves out of the i-th state. depth: transitions to it. */
static void expand(const struct spin_model *m, struct spin_states *all, u32 i, u32 depth,
		   struct spin_counts *c)
{
	const u32 args[] = {1, 1, 3 * m->n, 3 * m->n, 4};

	for (u32 act = SPIN_CPU; act <= SPIN_DRAIN; act++)
		for (u32 arg = 0; arg < args[act]; arg++) {
			struct spin_state s;
			u32 failed;

			spin_states_get(all, i, &s);
			if (!spin_step(m, &s, (struct spin_move){(u8)act, (u8)arg}, &failed))
				continue;
			c->transitions++;
			if (failed < SPIN_KINDS) {
				c->violating[failed]++;
				if (!c->shortest[failed])
					c->shortest[failed] = depth + 1;
			}
			spin_states_add(all, &s);
		}
}

struct spin_counts spin_search(const struct spin_model *m)
{
	struct spin_states all = {.size = sizeof(struct spin_state)};
	struct spin_counts c = {0};
	struct spin_state s;
	u32 depth = 0, layer = 1;

	spin_begin(m, &s);
	spin_states_add(&all, &s);
	for (u32 i = 0; i < all.n; i++) {
		if (i == layer) {
			depth++;
			layer = all.n;
		}
		expand(m, &all, i, depth, &c);
	}
	c.states = all.n;
	spin_states_free(&all);
	return c;
}
