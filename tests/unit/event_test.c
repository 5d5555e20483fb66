/* SPDX-License-Identifier: MIT */
/* The log: every byte of every event counts in its hash; events that are run again are the same. */
#include "unit/machine.h"

static struct event *raw(struct machine *m, u32 number)
{
	return (struct event *)(uintptr_t)event_get(m->w->log, number);
}

static void run(struct machine *m, u32 acts)
{
	struct rng r = {9000};

	machine_config(m);
	machine_start(m);
	for (u32 i = 0; i < acts; i++)
		walk_step(m, &r);
}

START_TEST(test_every_byte_counts)
{
	struct machine m;
	u64 h;

	run(&m, 60);
	h = event_log_hash(m.w->log);
	for (u32 n = 1; n <= m.w->log->n; n++)
		for (u32 i = 0; i < sizeof(struct event); i++)
			for (u32 bit = 0; bit < 8; bit++) {
				u8 *p = (u8 *)raw(&m, n) + i;

				*p ^= (u8)(1u << bit);
				HOLDS(event_log_hash(m.w->log) != h);
				*p ^= (u8)(1u << bit);
			}
	ck_assert_uint_eq(event_log_hash(m.w->log), h);
	m.w->log->n--; /* and their number */
	ck_assert_uint_ne(event_log_hash(m.w->log), h);
	machine_stop(&m);
}
END_TEST

START_TEST(test_order_counts)
{
	struct machine m;
	struct event e;
	u64 h;

	machine_config(&m);
	machine_start(&m);
	EMIT(m.w, FILL, PARTY_CPU, 0, 0x1000, 0);
	EMIT(m.w, FILL, PARTY_CPU, 0, 0x2000, 0);
	h = event_log_hash(m.w->log);
	e = *raw(&m, 1);
	*raw(&m, 1) = *raw(&m, 2);
	*raw(&m, 2) = e;
	ck_assert_uint_ne(event_log_hash(m.w->log), h);
	machine_stop(&m);
}
END_TEST

/* Chunks are no part of what is hashed, and numbers go on over their edge. */
START_TEST(test_over_a_chunk)
{
	struct machine m;
	u64 h;

	machine_config(&m);
	machine_start(&m);
	for (u32 i = 1; i <= LOG_CHUNK + 10; i++)
		EMIT(m.w, FILL, PARTY_CPU, 0, i, 0);
	ck_assert_uint_eq(m.w->log->n, LOG_CHUNK + 10);
	for (u32 i = 1; i <= LOG_CHUNK + 10; i++)
		HOLDS(event_get(m.w->log, i)->f[0] == i);
	h = event_log_hash(m.w->log);
	raw(&m, LOG_CHUNK)->f[4] ^= 1ull << 63;
	ck_assert_uint_ne(event_log_hash(m.w->log), h);
	raw(&m, LOG_CHUNK)->f[4] ^= 1ull << 63;
	raw(&m, LOG_CHUNK + 10)->stmt ^= 1;
	ck_assert_uint_ne(event_log_hash(m.w->log), h);
	machine_stop(&m);
}
END_TEST

START_TEST(test_two_runs_one_hash)
{
	struct machine a, b;

	run(&a, 300);
	run(&b, 300);
	ck_assert_uint_eq(event_log_hash(a.w->log), event_log_hash(b.w->log));
	machine_stop(&a);
	machine_stop(&b);
}
END_TEST

/*
 * With the truth on or off the events are the same: what is known changes nothing that happens.
 * In order, and weak without early loads: these ask for more versions where the truth is kept, when
 * a line is dropped whose bytes are those of memory by luck.
 */
START_TEST(test_blind_run)
{
	struct rng r = {9001}, s = {9001};
	struct machine a, b;

	machine_config(&a);
	machine_config(&b);
	a.cfg.early_loads = b.cfg.early_loads = false;
	a.cfg.order = b.cfg.order = _i ? ORDER_TSO : ORDER_WEAK;
	b.blind = true;
	machine_start(&a);
	machine_start(&b);
	for (u32 i = 0; i < 2000; i++) {
		walk_act(&a, &r);
		walk_act(&b, &s);
		HOLDS(a.w->log->n == b.w->log->n);
	}
	ck_assert_uint_eq(event_log_hash(a.w->log), event_log_hash(b.w->log));
	machine_stop(&a);
	machine_stop(&b);
}
END_TEST

START_TEST(test_again)
{
	struct machine m;

	machine_config(&m);
	machine_start(&m);
	EMIT(m.w, FILL, PARTY_CPU, 0, 0x1000, 0);
	EMIT(m.w, FILL, PARTY_CPU, 0, 0x2000, 0);
	ck_assert(world_back(m.w));
	EMIT(m.w, FILL, PARTY_CPU, 0, 0x2000, 0); /* the very same */
	ck_assert_uint_eq(m.w->log->n, 2);
	ck_assert(world_back(m.w));
	if (_i)
		EMIT(m.w, FILL, PARTY_CPU, 0, 0x2000, 1);
	else
		EMIT(m.w, FILL, PARTY_CPU, 1, 0x2000, 0);
}
END_TEST

START_TEST(test_fields)
{
	struct event_field f;

	ck_assert(event_field(EV_DMA_ABORT, 1, &f));
	ck_assert_uint_eq(f.name_len, 3);
	ck_assert_int_eq(strncmp(f.name, "len", 3), 0);
	ck_assert_int_eq(strncmp(f.type, "n", f.type_len), 0);
	ck_assert(!event_field(EV_DMA_ABORT, 3, &f));
	ck_assert(!event_field(EV_IRQ_ENTER, 0, &f));
	for (u32 k = EV_NONE + 1; k < EV_KINDS; k++) {
		u32 n = 0;

		while (event_field(k, n, &f))
			n++;
		HOLDS(n <= EVENT_FIELDS);
		HOLDS(event_info(k)->sentence[strlen(event_info(k)->sentence) - 1] == '.');
	}
}
END_TEST

/* Column i of a row of core/events.def; false: there is none. */
static bool column(u32 kind, const char *name, const char *type, u32 *i)
{
	struct event_field f;

	for (*i = 0; event_field(kind, *i, &f); ++*i)
		if ((!name || (f.name_len == strlen(name) && !memcmp(f.name, name, f.name_len))) &&
		    f.type_len == strlen(type) && !memcmp(f.type, type, f.type_len))
			return true;
	return false;
}

/* Every row with a physical address is about those bytes, and no other. */
START_TEST(test_places)
{
	for (u32 k = EV_NONE + 1; k < EV_KINDS; k++) {
		struct event e = {.kind = (u8)k, .f = {100, 200, 300, 400, 500}};
		u32 at, len;
		u64 pa = 0, n = 0;
		bool has = column(k, NULL, "phys", &at);

		ck_assert_msg(event_place(&e, 64, &pa, &n) == has, "%s", event_info(k)->name);
		if (!has)
			continue;
		ck_assert_msg(pa == e.f[at], "%s", event_info(k)->name);
		if (column(k, "line", "phys", &at))
			ck_assert_uint_eq(n, 64);
		else
			ck_assert_msg(column(k, "len", "n", &len) && n == e.f[len], "%s",
				      event_info(k)->name);
	}
}
END_TEST

static Suite *event_suite(void)
{
	Suite *s = suite_create("event");
	TCase *t = tcase_create("log");

	tcase_add_test(t, test_every_byte_counts);
	tcase_add_test(t, test_order_counts);
	tcase_add_test(t, test_over_a_chunk);
	tcase_add_test(t, test_two_runs_one_hash);
	tcase_add_loop_test(t, test_blind_run, 0, 2);
	tcase_add_loop_exit_test(t, test_again, 4, 0, 2);
	tcase_add_test(t, test_fields);
	tcase_add_test(t, test_places);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(event_suite)
