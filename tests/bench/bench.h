/* SPDX-License-Identifier: MIT */
/*
 * Measurements: CPU time of the process, each figure beside that of its peer, taken in turns, the
 * median of five. Nothing fails by being slow; a result that differs from the peer's ends the
 * program.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "base/types.h"
#include "engine/engine.h"

enum { ROUNDS = 5 };

u64 bench_cpu_ns(void);		       /* of this process so far */
double bench_median(double v[ROUNDS]); /* sorts */
_Noreturn void bench_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- child.c: another process ---- */

struct child {
	const char *const *argv; /* ends with NULL; argv[0] is looked for in PATH */
	const char *dir;	 /* where it runs; NULL: here */
	const char *out;	 /* file for what it prints, in that folder; NULL: thrown away */
	u32 ends; /* bits of the exit statuses that are no failure; 0: status 0 alone */
};
/*
 * CPU time, user and system, of the process and of those that it waited for, in µs; -1: it could
 * not be run, or failed.
 */
double bench_child(const struct child *c);

/* ---- rig.c: the machine of a run, without a driver: one buffer of 64 MiB ---- */

enum { LINE = 64, SETS = 64, WAYS = 8 };
#define BUFFER_PA    0x10000000ull
#define BUFFER_BYTES (64ull << 20)

struct rig {
	struct machine_config cfg;
	struct program prog;
	struct insn end;
	struct stmt_info stmt;
	struct engine *e;
	cpu_addr_t buffer;
	u32 first; /* number of the last event before the accesses */
};

/* record: events are kept, the journal is on, keyframes are taken; as in a run. Else none is. */
void rig_start(struct rig *r, bool record);
void rig_stop(struct rig *r);

/* ---- trace.c: what is accessed; the same for both sides ---- */

enum pattern { PATTERN_SEQ, PATTERN_RANDOM, PATTERN_STRIDE, PATTERN_HOT, PATTERNS };
const char *pattern_name(enum pattern p);
/* n accesses of 8 bytes: 8-byte word of the buffer, times 2, + 1 for a store. Owned by the caller.
 */
u32 *trace_new(enum pattern p, u32 n);
void trace_free(u32 *t);
/* What is stored by the i-th access. */
static inline u64 trace_value(u32 i)
{
	return i * 0x9e3779b97f4a7c15ull;
}

/* Runs accesses [0, n) on a rig; the sum of what was loaded. */
u64 rig_run(struct rig *r, const u32 *trace, u32 n);

/* The measurements; each prints its table. */
void bench_access(void);
void bench_memory(void);
void bench_back(void);
void bench_startup(void);
void bench_spin(void);

#endif
