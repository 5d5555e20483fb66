/* SPDX-License-Identifier: MIT */
/*
 * A run: machine, kernel, devices, program and oracle in one world, and the position in time.
 *
 * At each choice point the engine lists what may act now: entry 0 is what calm does, the rest
 * stands in a fixed order (interrupts, devices, CPU 0 with its older versions, other CPUs, store
 * buffers, lines, posted writes, IOTLB flushes). A policy answers with an index. Whoever answers -
 * calm, a recorded schedule, a search - sees the same list, so a run is a pure function of
 * scenario, platform and schedule.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "core/choice.h"
#include "core/keyframe.h"
#include "dmadebug/dmadebug.h"
#include "engine/config.h"
#include "engine/program.h"
#include "hw/hw.h"
#include "linux/linux.h"
#include "oracle/oracle.h"

enum {
	STACK_MAX = 192,
	THREADS_MAX = DEVICES_MAX + CPUS_MAX,
	POOL_BYTES = LIM(256u << 10, 8u << 10)
};

enum thread_status { THREAD_RUN, THREAD_WAIT, THREAD_POLL, THREAD_DONE, THREAD_BUG };

/* LATE: what the call gives is known when it is done. */
enum in_call { IN_NO_CALL, IN_CALL, IN_LATE_CALL };

/*
 * One thread: 0 is the driver's, on CPU 0; 1 + d the program of device d; behind them what the
 * other CPUs have been given to do. A thread's number is that of its party. What is state begins at
 * pc and ends at its stack pointer.
 */
struct thread {
	u32 last;  /* statement of what it did last: events are stamped with it and with step */
	u32 step;  /* number of the statement instance it is in */
	u32 below; /* of the one that its handler came into */
	u32 pad;
	u32 pc, sp, fp;
	u32 status; /* enum thread_status */
	u32 fn;	    /* function it is in, ~0 at the top */
	u32 stmt;   /* statement it is in */
	u32 top;    /* POLL_TOP or WAIT_TOP it goes back to */
	u32 looks;  /* left of a poll with a limit */
	u8 dirty;   /* something changed since this look began */
	u8 in_poll; /* between POLL_TOP and POLL_TEST */
	u8 in_call; /* enum in_call: a kernel call's operations are not all done */
	u8 as;	    /* 1 + device that acts by hand */
	u32 cursor; /* bytes done of a long instruction */
	u32 owes;   /* a device: what it had begun when a register write came is not done yet */
	u32 base;   /* pool offset that a long instruction fills */
	struct value stack[STACK_MAX];
};

enum action_kind {
	ACT_CPU,	/* age: of the version that a load returns */
	ACT_IRQ,	/* arg: device */
	ACT_DEVICE,	/* arg: device */
	ACT_DRAIN,	/* arg: CPU * STORE_BUFFER_MAX + entry */
	ACT_WRITE_BACK, /* arg: level, line */
	ACT_DROP,	/* arg: level, line */
	ACT_FILL,	/* line */
	ACT_ARRIVE,	/* arg: device; age: window */
	ACT_LAND,	/* arg: device; age: place among its writes that are under way */
	ACT_CORE,	/* arg: CPU, not 0; begins its work or goes on with it */
	ACT_FLUSH,	/* arg: device; the timer of the IOMMU's flush queue */
};

struct action {
	u8 kind, arg;
	u16 age : 15;
	u16 minor : 1; /* of a line that does not matter (line_matters below), but somebody waits */
	u32 index;     /* in the list that asks for every line: what schedules hold */
	u64 line;
};

struct action_list {
	VEC(struct action)
	u32 indexes; /* entries of the list that asks for every line */
	bool room;   /* a CPU waits for room: a line of its set is in the list before the lines */
};

enum outcome {
	OUTCOME_RUNNING,
	OUTCOME_ENDED,
	OUTCOME_REFUSED, /* probe returned an error */
	OUTCOME_DIED,	 /* BUG or oops */
	OUTCOME_HANG,
	OUTCOME_FAULT, /* over, and the IOMMU has stopped a device */
	OUTCOME_LIMIT
};
const char *outcome_name(enum outcome o); /* "ended", "refused", ... */

struct engine_options {
	bool no_oracle;	  /* bits, records and findings off: the events must be the same */
	bool no_events;	  /* no log: a search */
	bool no_dmadebug; /* the kernel's own check of the API is off: fewer lines in its log */
	bool doubled;	  /* escape proof by double mapping */
	u64 max_accesses; /* 0: 10 million */
};

/* Bytes that a kernel's call works on. */
struct engine_place {
	u64 pa, len, from; /* from: of a copy; else pa */
	bool line, keeps;  /* a cache operation; one that leaves the line in L1 */
};

/* REACHED: once a device may reach it. What happens to a line before can happen later; but what
 * happens while a map sees to its lines is another thing: MAPPED asks for that too. */
enum engine_interest { INTEREST_NEVER, INTEREST_REACHED, INTEREST_MAPPED, INTEREST_ALWAYS };

struct engine {
	struct world *w; /* owned */
	struct hw hw;
	struct lx lx;
	struct oracle oracle;
	struct dmadebug twin; /* if has_twin */
	bool has_twin;
	const struct program *prog;	  /* borrowed */
	const struct machine_config *cfg; /* borrowed */
	struct engine_options opt;
	u32 thread, vars, unset, pool, sched, lab, works; /* offsets */
	u32 var_base[DEVICES_MAX]; /* first slot of each device's variables */
	struct thread scratch;	   /* the thread that is being stepped, see vm.c */
	struct keyframes keys;
	struct schedule schedule; /* the answers given so far that were not 0 */
	/*
	 * Which lines are worth asking for: evictions, fills and early drains of others change
	 * nothing that anybody sees. NULL: all. ctx is the asker's.
	 */
	enum engine_interest (*line_matters)(const void *ctx, u64 line_pa);
	const void *line_ctx;
	struct engine_place call[CPUS_MAX]; /* while actions are listed: no state */
	/* Told what an assert looks at, past all that moves bytes. May be NULL. */
	void (*saw)(void *ctx, u64 pa, u64 len);
	void *saw_ctx;
	bool all_drains; /* drains all the same, of every line */
};

/* Composes the world and starts the threads. prog and cfg must outlive the engine. */
struct engine *engine_new(const struct machine_config *cfg, const struct program *prog,
			  const struct engine_options *opt);
void engine_free(struct engine *e);

/* Brings all threads to their first choice point, once; who runs an engine need not call it. After
 * oracle_sink(), as a thread may die on its way there. */
void engine_start(struct engine *e);

/* What may act now. Empty: the run is over (engine_outcome() says how). Entry 0 is calm's. */
void engine_actions(struct engine *e, struct action_list *out);
/* The one that calm does; false if nothing can act. */
bool engine_calm(struct engine *e, struct action *out);
/* Does it: one transition. */
void engine_apply(struct engine *e, const struct action *a);
enum outcome engine_outcome(const struct engine *e);

/*
 * What a search asks besides (engine/ask.c). What a CPU that could go on must wait for first: its
 * store buffer (a barrier), one place in it (a store), room in the set of *line, what is on its
 * way to a device, or that nothing else can act any more.
 */
enum engine_wait { WAIT_NOTHING, WAIT_DRAIN, WAIT_PLACE, WAIT_ROOM, WAIT_ARRIVE, WAIT_QUIET };
enum engine_wait engine_waits(struct engine *e, u32 cpu, u64 *line);
/* The bytes that the kernel's call on a CPU works on next; false: it is in none. */
bool engine_call_place(struct engine *e, u32 cpu, struct engine_place *out);
/* Whether a thread sleeps in a poll until something changes; and its next look, asked for although
 * nothing has (*out: the action that takes it). */
bool engine_sleeps(const struct engine *e, u32 thread);
void engine_rouse(struct engine *e, u32 thread, struct action *out);

/* Whether some byte of [pa, pa+len) is, or was, something that a device may reach. */
bool engine_reachable(const struct engine *e, u64 pa, u64 len);
/* What calm remembers between choices, in one number: no state of the world, but it decides what
 * entry 0 is. */
u64 engine_calm_hash(const struct engine *e);

/* An answer for the next choice point: index into the list. */
typedef u32 (*policy_fn)(void *ctx, struct engine *e, const struct action_list *l);
/*
 * Runs to the end, recording keyframes and answers. policy NULL: calm. Returns the outcome; a hang
 * is reported to the oracle.
 */
enum outcome engine_run(struct engine *e, policy_fn policy, void *ctx);

/* Why a schedule was not followed to its end: it is of another program, platform or param. */
enum stray_why {
	STRAY_NOT,
	STRAY_FEWER, /* there are fewer choices than the answer's number */
	STRAY_OTHER, /* the answer does something else, as the token's check says */
	STRAY_ENDED, /* the run was over before */
};
/* Where, if why is not STRAY_NOT. Answers count from 1. */
struct stray {
	enum stray_why why;
	u32 matched;	 /* answers that were given */
	u32 first, last; /* the answer that did not fit; OTHER: one of these */
	u64 point;	 /* of the last of them */
	u32 value;	 /* what it says */
	u32 choices;	 /* FEWER: how many there are */
	u64 points;	 /* ENDED: choice points of the run */
	u32 stmt;	 /* the driver's, there */
};
/*
 * Runs a recorded schedule up to the first answer that does not fit, or its last, and calm from
 * there on. where may be NULL.
 */
enum outcome engine_follow(struct engine *e, const struct schedule *s, struct stray *where);
/* The same; *matched gets how many of its answers were given. matched may be NULL. */
enum outcome engine_replay(struct engine *e, const struct schedule *s, u32 *matched);
/*
 * What an action at this moment is, as the mark of an answer: the same in another version of the
 * program as long as it does the same, on the same memory, before the same kind of access of the
 * driver. 1 to 1 << MARK_BITS.
 */
u32 engine_mark(const struct engine *e, const struct action *a);
/* Gives the answers of a schedule that a search has made their marks. */
void engine_sign(const struct machine_config *cfg, const struct program *prog, struct schedule *s);

/* Time travel after a run: the state after event n (0: before the first). */
void engine_goto(struct engine *e, u32 event);
u32 engine_events(const struct engine *e); /* of the whole run */
u32 engine_position(const struct engine *e);

static inline const struct thread *engine_thread(const struct engine *e, u32 t)
{
	return (const struct thread *)world_at(e->w, e->thread) + t;
}
/* Who looks between transitions (the truths, the store buffer) looks as that CPU: 0 at first. Who
 * changes it sets it back, as a run goes on with 0. */
void engine_look_as(struct engine *e, u32 cpu);
/* What dma-debug has complained about so far, in order; whether the kernel has it, and it is on. */
enum engine_debug_why { ENGINE_DEBUG_PRINTED, ENGINE_DEBUG_ONLY_FIRST, ENGINE_DEBUG_FILTERED };
struct engine_debug {
	u32 id;		       /* enum klog_id */
	u32 why;	       /* enum engine_debug_why: of what is not printed */
	u32 event, stmt, step; /* of the call that it is about */
	u32 line;	       /* printed: entry of the log */
};
bool engine_debug_on(const struct engine *e);
u32 engine_debug_errors(const struct engine *e);
struct engine_debug engine_debug_error(const struct engine *e, u32 i);
/* The value that the driver's variable in that slot has now; false: none yet. */
bool engine_variable(const struct engine *e, u32 slot, u64 *value);
/* How many threads there are. */
static inline u32 engine_threads(const struct engine *e)
{
	return e->cfg->hw.devs + e->w->cpus;
}
/* Where a run that hangs does so: the statement that waits in vain. */
u32 engine_hang_stmt(const struct engine *e);
u64 engine_choices(const struct engine *e); /* choice points so far */

#endif
