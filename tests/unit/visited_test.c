/* SPDX-License-Identifier: MIT */
/* The visited set: every state once, whatever its hash, through every growth. */
#include <string.h>

#include "explore/visited.h"
#include "unit/unit.h"

enum { KINDS = 3 };

/* A state of its own for each number: hashes collide on purpose, bytes and second halves do not. */
struct sample {
	u64 hash, hash2;
	u8 byte[24];
	u32 n;
};

static u64 mix(u64 x)
{
	x *= 0x9e3779b97f4a7c15ull;
	x ^= x >> 29;
	return x * 0xbf58476d1ce4e5b9ull;
}

/* same_hash: so many samples after each other have one hash (the second half tells them apart). */
static struct sample sample(u64 i, u64 same_hash)
{
	struct sample s = {.hash = mix(i / same_hash), .hash2 = i, .n = 9 + i % 16};

	memcpy(s.byte, &i, sizeof i);
	s.byte[8] = 1;
	return s;
}

static bool add(struct visited *v, const struct sample *s)
{
	bool exact = v->kind == PRINT_EXACT;

	visited_prefetch(v, s->hash);
	return visited_add(v, s->hash, s->hash2, exact ? s->byte : NULL, exact ? s->n : 0);
}

START_TEST(every_state_once)
{
	struct visited v;
	u64 n = 200000, same = _i == PRINT_64 ? 1 : 3;

	visited_init(&v, (enum explore_print)_i);
	ck_assert_uint_eq(visited_bytes(&v), 0);
	for (u64 i = 0; i < n; i++) {
		struct sample s = sample(i, same), old = sample(i / 2, same);

		ck_assert(add(&v, &s));
		ck_assert(!add(&v, &s));
		ck_assert(!add(&v, &old));
		ck_assert_uint_eq(visited_count(&v), i + 1);
	}
	for (u64 i = 0; i < n; i++) {
		struct sample s = sample(i, same);

		ck_assert(!add(&v, &s));
	}
	visited_free(&v);
	ck_assert_uint_eq(visited_count(&v), 0);
	ck_assert_uint_eq(visited_bytes(&v), 0);
	for (u64 i = 0; i < 10; i++) {
		struct sample s = sample(i, same);

		ck_assert(add(&v, &s));
	}
	visited_free(&v);
}
END_TEST

/* All hashes of a cluster that runs over the end of the table, and 0, which marks free slots. */
START_TEST(hashes_at_the_edges)
{
	struct visited v;

	visited_init(&v, (enum explore_print)_i);
	for (u32 round = 0; round < 2; round++)
		for (u64 k = 0; k < 3000; k++) {
			struct sample s = sample(k, 1);

			s.hash = (k % 3 ? ~0ull << 12 | 0xff0 : 0) + k * (1ull << 13);
			s.hash += s.hash == 0 && _i == PRINT_64 ? 1ull << 62 : 0;
			ck_assert_msg(add(&v, &s) == (round == 0), "%lu of round %u",
				      (unsigned long)k, round);
		}
	if (_i == PRINT_64) { /* 0 and 1 are one fingerprint */
		ck_assert(visited_add(&v, 0, 0, NULL, 0));
		ck_assert(!visited_add(&v, 1, 0, NULL, 0));
	}
	visited_free(&v);
}
END_TEST

/* Only what the kind goes by tells states apart. */
START_TEST(what_tells_states_apart)
{
	struct visited v;
	u8 a[3] = {1, 2, 3}, b[3] = {1, 2, 4};

	visited_init(&v, PRINT_64);
	ck_assert(visited_add(&v, 7, 1, NULL, 0));
	ck_assert(!visited_add(&v, 7, 2, NULL, 0));
	visited_free(&v);
	visited_init(&v, PRINT_128);
	ck_assert(visited_add(&v, 7, 1, NULL, 0));
	ck_assert(visited_add(&v, 7, 2, NULL, 0));
	ck_assert(visited_add(&v, 8, 1, NULL, 0));
	ck_assert(visited_add(&v, 0, 0, NULL, 0));
	ck_assert(!visited_add(&v, 0, 0, NULL, 0));
	ck_assert(!visited_add(&v, 7, 2, NULL, 0));
	visited_free(&v);
	visited_init(&v, PRINT_EXACT);
	ck_assert(visited_add(&v, 7, 1, a, 3));
	ck_assert(visited_add(&v, 7, 1, b, 3));
	ck_assert(visited_add(&v, 7, 1, a, 2)); /* a begin of the other */
	ck_assert(visited_add(&v, 7, 1, NULL, 0));
	ck_assert(!visited_add(&v, 7, 2, a, 3));
	ck_assert(!visited_add(&v, 7, 2, NULL, 0));
	ck_assert_uint_eq(visited_count(&v), 4);
	visited_free(&v);
}
END_TEST

/* The memory is told truly, before it is taken, and is what the load allows. */
START_TEST(memory)
{
	static const u32 slot[KINDS] = {8, 16, 16};
	struct visited v;
	u64 stored = 0;

	visited_init(&v, (enum explore_print)_i);
	for (u64 i = 0; i < 100000; i++) {
		struct sample s = sample(i, 1);
		u32 n = _i == PRINT_EXACT ? s.n : 0;
		u64 next = visited_bytes_next(&v, n);

		ck_assert(add(&v, &s));
		stored += _i == PRINT_EXACT ? n + 4 : 0;
		ck_assert_uint_eq(visited_bytes(&v), next);
		ck_assert_uint_ge(visited_bytes(&v), (i + 1) * slot[_i] * 10 / 6 + stored);
		if (i > 4096)
			ck_assert_uint_le(visited_bytes(&v), (i + 1) * slot[_i] * 20 / 6 + 64 +
								 stored * 5 / 4 + 65536);
	}
	visited_free(&v);
}
END_TEST

static Suite *visited_suite(void)
{
	Suite *s = suite_create("visited");
	TCase *c = tcase_create("visited");

	tcase_add_loop_test(c, every_state_once, 0, KINDS);
	tcase_add_loop_test(c, hashes_at_the_edges, 0, KINDS);
	tcase_add_test(c, what_tells_states_apart);
	tcase_add_loop_test(c, memory, 0, KINDS);
	suite_add_tcase(s, c);
	return s;
}

UNIT_MAIN(visited_suite)
