/* SPDX-License-Identifier: MIT */
/*
 * Simulated accesses against a bare cache: the same sets, ways, order and data, in plain arrays, by
 * 30 lines that know one machine and keep nothing. Both must load the same values, miss and write
 * back as often.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { ACCESSES = 2000000 };

/* ---- the bare loop ---- */

struct bare_set {
	u64 line[WAYS]; /* its number, + 1; 0: free */
	u8 dirty[WAYS];
	u8 order[WAYS]; /* ways, newest first */
};

struct bare {
	u8 *memory; /* owned: BUFFER_BYTES */
	struct bare_set set[SETS];
	u8 data[SETS][WAYS][LINE];
	u64 misses, write_backs;
};

static void bare_start(struct bare *b)
{
	memset(b, 0, sizeof *b);
	b->memory = mem_reserve(BUFFER_BYTES);
	memset(b->memory, 0, BUFFER_BYTES);
	for (u32 s = 0; s < SETS; s++)
		for (u32 i = 0; i < WAYS; i++)
			b->set[s].order[i] = (u8)i;
}

static void bare_stop(struct bare *b)
{
	mem_release(b->memory, BUFFER_BYTES);
}

static u32 bare_miss(struct bare *b, struct bare_set *s, u8 (*data)[LINE], u64 line)
{
	u32 way = s->order[WAYS - 1];

	b->misses++;
	if (s->dirty[way]) {
		memcpy(b->memory + (s->line[way] - 1) * LINE, data[way], LINE);
		b->write_backs++;
	}
	memcpy(data[way], b->memory + line * LINE, LINE);
	s->line[way] = line + 1;
	s->dirty[way] = 0;
	return way;
}

static u64 bare_run(struct bare *b, const u32 *trace, u32 n)
{
	u64 sum = 0;

	for (u32 i = 0; i < n; i++) {
		u64 at = (trace[i] >> 1) * 8ull, line = at / LINE, x;
		struct bare_set *s = &b->set[line % SETS];
		u8(*data)[LINE] = b->data[line % SETS], *p;
		u32 way = 0;

		while (way < WAYS && s->line[way] != line + 1)
			way++;
		if (way == WAYS)
			way = bare_miss(b, s, data, line);
		if (s->order[0] != way) {
			u32 k = 1;

			while (s->order[k] != way)
				k++;
			memmove(s->order + 1, s->order, k);
			s->order[0] = (u8)way;
		}
		p = data[way] + at % LINE;
		if (trace[i] & 1) {
			x = trace_value(i);
			memcpy(p, &x, 8);
			s->dirty[way] = 1;
		} else {
			memcpy(&x, p, 8);
			sum += x;
		}
	}
	return sum;
}

/* ---- measuring ---- */

struct pass {
	double ns; /* an access */
	u64 sum, misses, write_backs, events;
};

static struct pass pass_bare(const u32 *trace)
{
	struct bare *b = mem_zalloc(1, sizeof *b);
	struct pass p = {0};
	u64 begin;

	bare_start(b);
	begin = bench_cpu_ns();
	p.sum = bare_run(b, trace, ACCESSES);
	p.ns = (double)(bench_cpu_ns() - begin) / ACCESSES;
	p.misses = b->misses;
	p.write_backs = b->write_backs;
	bare_stop(b);
	mem_free(b);
	return p;
}

static void count(const struct rig *r, struct pass *p)
{
	const struct event_log *l = r->e->w->log;

	for (u32 i = r->first + 1; l && i <= l->n; i++) {
		p->misses += event_get(l, i)->kind == EV_FILL;
		p->write_backs += event_get(l, i)->kind == EV_WRITE_BACK;
	}
}

/*
 * Touches and gives back as much memory as a round takes. Where this machine is a guest, the first
 * use of a page that its host has not given out yet costs many times what the system's own work
 * costs, and would be charged to whoever comes first.
 */
static void warm_memory(void)
{
	size_t bytes = 768u << 20;
	u8 *p = mem_reserve(bytes);

	mem_will_fill(p, bytes);
	for (size_t i = 0; i < bytes; i += 4096)
		p[i] = 1;
	mem_release(p, bytes);
}

static struct pass pass_rig(const u32 *trace, bool record)
{
	struct pass p = {0};
	struct rig r;
	u64 begin;

	rig_start(&r, record);
	warm_memory();
	begin = bench_cpu_ns();
	p.sum = rig_run(&r, trace, ACCESSES);
	p.ns = (double)(bench_cpu_ns() - begin) / ACCESSES;
	p.events = world_now(r.e->w)->event - r.first;
	count(&r, &p);
	rig_stop(&r);
	return p;
}

static void must_equal(const char *what, u64 a, u64 b)
{
	if (a != b)
		bench_fail("%s differ: %llu and %llu", what, (unsigned long long)a,
			   (unsigned long long)b);
}

static void measure(enum pattern pattern)
{
	double bare[ROUNDS], off[ROUNDS], on[ROUNDS], a, b, c;
	u32 *trace = trace_new(pattern, ACCESSES);
	struct pass p = {0}, q, s;

	for (u32 i = 0; i < ROUNDS; i++) {
		p = pass_bare(trace);
		q = pass_rig(trace, false);
		s = pass_rig(trace, true);
		bare[i] = p.ns;
		off[i] = q.ns;
		on[i] = s.ns;
		must_equal("values loaded", p.sum, q.sum);
		must_equal("values loaded", p.sum, s.sum);
		must_equal("misses", p.misses, s.misses);
		must_equal("write-backs", p.write_backs, s.write_backs);
		must_equal("events", q.events, s.events);
	}
	a = bench_median(bare);
	b = bench_median(off);
	c = bench_median(on);
	printf("  %-22s %6.1f  %7.1f %5.2fx  %7.1f %5.2fx  %8llu %9llu %9llu\n",
	       pattern_name(pattern), a, b, b / a, c, c / a, (unsigned long long)p.misses,
	       (unsigned long long)p.write_backs, (unsigned long long)s.events);
	fflush(stdout);
	trace_free(trace);
}

void bench_access(void)
{
	printf(
	    "Accesses: cpu_load() and cpu_store() of 8 bytes, 30 %% stores, cache of 32 KiB,\n"
	    "8 ways, 64-byte lines, LRU, no store buffer. Truth bits and the full oracle are on, "
	    "as\n"
	    "in a run; there is no device and no mapping, so writes leave no records, and hits "
	    "that\n"
	    "bring no news are not told to the oracle. %u accesses a round, ns of CPU time each.\n"
	    "  without: no log, no journal.  with: every event kept, journal and keyframes on.\n"
	    "  bare: the same cache with its data in plain arrays. Values, misses and write-backs\n"
	    "  are equal in all three.\n\n",
	    (unsigned)ACCESSES);
	printf("  %-22s %6s  %7s %6s  %7s %6s  %8s %9s %9s\n", "pattern", "bare", "without",
	       "<= 3x", "with", "<= 6x", "misses", "w-backs", "events");
	for (u32 p = 0; p < PATTERNS; p++)
		measure((enum pattern)p);
	printf("\n");
}
