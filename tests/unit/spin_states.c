/* SPDX-License-Identifier: MIT */
#include "unit/spin_states.h"

#include <string.h>

#include "base/mem.h"

static u64 hash(const u8 *p, u32 n)
{
	u64 h = n;

	for (u32 i = 0; i < n; i += 8) {
		u64 w = 0;

		memcpy(&w, p + i, n - i < 8 ? n - i : 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15ull;
		h ^= h >> 29;
	}
	return h;
}

static const u8 *at(const struct spin_states *s, u32 i)
{
	return s->v + (size_t)i * s->size;
}

static void grow(struct spin_states *s)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 1 << 10;
		s->v = mem_grow(s->v, s->cap, s->size);
	}
	if ((u64)s->n * 2 < s->slots)
		return;
	mem_free(s->slot);
	s->slots = s->slots ? s->slots * 2 : 1 << 12;
	s->slot = mem_zalloc(s->slots, sizeof *s->slot);
	for (u32 k = 0; k < s->n; k++) {
		u64 i = hash(at(s, k), s->size) & (s->slots - 1);

		while (s->slot[i])
			i = (i + 1) & (s->slots - 1);
		s->slot[i] = k + 1;
	}
}

void spin_states_add(struct spin_states *s, const void *state)
{
	u64 i;

	grow(s);
	for (i = hash(state, s->size) & (s->slots - 1); s->slot[i]; i = (i + 1) & (s->slots - 1))
		if (memcmp(at(s, s->slot[i] - 1), state, s->size) == 0)
			return;
	memcpy(s->v + (size_t)s->n * s->size, state, s->size);
	s->slot[i] = ++s->n;
}

void spin_states_get(const struct spin_states *s, u32 i, void *state)
{
	memcpy(state, at(s, i), s->size);
}

void spin_states_free(struct spin_states *s)
{
	mem_free(s->v);
	mem_free(s->slot);
	*s = (struct spin_states){0};
}
