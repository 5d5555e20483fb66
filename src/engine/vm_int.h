/* SPDX-License-Identifier: MIT */
/* What the files of the machine share: never included outside engine/. */
#ifndef ENGINE_VM_INT_H
#define ENGINE_VM_INT_H

#include "engine/engine.h"

enum { VALUE_UNSET = 0xffffffffu };
enum { NO_FUNCTION = 0xffffffffu };

/* Bookkeeping of calm and of the run: not hashed. */
struct sched {
	u64 choices;  /* choice points so far */
	u64 accesses; /* transitions of threads so far, for the limit */
	u32 steps;    /* statement instances so far */
	u32 started;  /* the threads have come to their first visible instruction */
	u32 pad;
	u32 died;     /* a thread met a kernel-bug */
	u32 refused;  /* 1 + the probe's return value's low bits, 0: it returned 0 */
	u32 deps;     /* bit of a CPU: some value may depend on a version that is gone */
	u32 irq_due;  /* calm: interrupts are taken before the next access */
	u32 core_due; /* calm: so many steps of other CPUs come before the driver's next one */
	u32 pad2;
	u8 arrive[DEVICES_MAX]; /* calm: posted writes that arrive before the next access */
	u8 land[DEVICES_MAX];	/* and devices' relaxed writes that land */
	u8 beat[DEVICES_MAX];	/* calm: the device still acts in this statement */
};

struct pool {
	u32 used, dirty; /* bytes; 1: something may be given back */
	u8 bytes[POOL_BYTES];
};

static inline const struct sched *vm_sched(const struct engine *e)
{
	return world_at(e->w, e->sched);
}
static inline const struct pool *vm_pool(const struct engine *e)
{
	return world_at(e->w, e->pool);
}
/* The statement whose map gave a handle; 0: not known. */
static inline u32 handle_stmt(const struct value *v)
{
	return v->len & HANDLE_TAG ? v->len & ~HANDLE_TAG : 0;
}
const u8 *vm_bytes(const struct engine *e, const struct value *v);
/* Room for n bytes in the pool; its offset. On the limit: world_limit() and 0. */
u32 vm_pool_take(struct engine *e, u32 n);
void vm_pool_compact(struct engine *e);
void pool_op(struct engine *e, const struct insn *i); /* BYTES_EQ, BYTES_SKIP, CONTAINS */
/* Instructions on scatterlists; false: it is none of them. The kernel's helpers, by call. */
bool sg_op(struct engine *e, const struct insn *i);
enum lx_rc sg_call(struct engine *e, u32 id, const u64 *a, u64 *result);
/* Element i of the array that an argument names; NULL: outside, or never set. */
const struct value *vm_array(const struct engine *e, u64 array, u64 i);
/* Instructions of arithmetic; false: it is none of them. */
bool arith_op(struct engine *e, const struct insn *i);

struct value vm_pop(struct engine *e);
void vm_push(struct engine *e, u64 v);
void vm_push_value(struct engine *e, struct value v);
/* The i-th value from the top (0 is the top) of a thread. */
const struct value *vm_peek(const struct thread *t, u32 i);
const struct insn *vm_insn(const struct engine *e, const struct thread *t);

/* The scratch copy of a thread: load it, work on it, put it back (journaled where it differs). */
void vm_load(struct engine *e, u32 t);
void vm_store(struct engine *e, u32 t);
/* Runs silent instructions of the scratch thread up to the next visible one, a wait, the end. */
void vm_settle(struct engine *e, u32 t);
/* The simulated kernel dies in this thread. */
void vm_bug(struct engine *e, const char *reason);
/* The same, for what an earlier statement did. */
void vm_bug_at(struct engine *e, u32 stmt, const char *reason);
/* A thread of a CPU runs the driver's code; of which CPU. Else it is a device's program. */
static inline bool vm_is_cpu(const struct engine *e, u32 ti)
{
	return party_is_cpu(ti, e->cfg->hw.devs);
}
static inline u32 vm_cpu(const struct engine *e, u32 ti)
{
	return vm_is_cpu(e, ti) ? party_cpu(ti, e->cfg->hw.devs) : 0;
}
/* The device that acts: a program's, or the one that the scratch thread is led by hand as. */
u32 vm_device(const struct engine *e, u32 ti);
void vm_irq_enter(struct engine *e, u32 dev); /* pushes the handler's frame on thread 0 */
void vm_see(struct engine *e, const struct insn *i);
void vm_tick(struct engine *e); /* a statement of the driver begins, for calm */
void vm_renumber(struct engine *e);

/* Bytes of the next piece of [va + done, va + n): within one 8-byte granule. */
u32 vm_piece(u64 va, u64 done, u64 n);
void vm_advance(struct engine *e); /* the instruction is done: the next one, the cursor at 0 */
/* A long instruction that yields n bytes: room for them, the piece at `done`, and the value. */
bool vm_pool_begin(struct engine *e, u64 n);
u8 *vm_pool_room(struct engine *e, u32 done, u32 k);
void vm_pool_end(struct engine *e, u32 n);
/* Instructions of devices (acts.c), of hw: and lab: (lab.c); false: it is none of them. */
bool acts_device(struct engine *e, u32 ti, const struct insn *i);
bool acts_lab(struct engine *e, const struct insn *i);
/* Does the laboratory let this call fail (fail_nth)? Counts it. */
bool lab_fails(struct engine *e, u32 call);

/* dma-debug (twin.c): its regions, its boot, its files in debugfs. */
void twin_claim(struct engine *e);
void twin_boot(struct engine *e);
u64 twin_number(const struct engine *e, enum debugfs_file f);
void twin_text(const struct engine *e, enum debugfs_file f, struct str *out);
void twin_echo(struct engine *e, enum debugfs_file f, const u8 *text, u32 n);

/* The oldest posted write in a window of its registers arrives at the device, or its model. */
void engine_arrive(struct engine *e, u32 dev, u32 window);
/* Its oldest relaxed write reaches memory. */
void engine_land(struct engine *e, u32 dev, u32 place);

/* One transition of the visible instruction that thread t rests at. */
void visible_step(struct engine *e, u32 t, u32 age);
/* Whether it cannot be done now, and what it waits for. */
enum need { NEED_NOTHING, NEED_DRAIN, NEED_ROOM, NEED_ARRIVE, NEED_QUIET };
/* *what: ROOM: the line that needs it; ARRIVE: the device. */
enum need visible_need(struct engine *e, u32 t, u64 *what);
/* Whether a thread that waits looks at more than variables and registers: at memory, say. */
bool wait_looks(const struct engine *e, const struct thread *t);
u32 visible_ages(struct engine *e, u32 t); /* older versions that its load may return */

/* The kernel call of an API instruction: decides, queues, pushes the result. */
void calls_begin(struct engine *e, const struct insn *i);
void calls_value(struct engine *e, const struct insn *i);
void calls_result(struct engine *e); /* of a late call that is done: onto the stack */
/* The driver leaves a device; false: there is more of it to do (calls_kernel.c). */
void calls_unbind(struct engine *e, const struct insn *i);
u32 calls_level_of(const struct engine *e, u32 cpu); /* enum lx_level */
u32 calls_level(const struct engine *e);	     /* enum lx_level of the CPU that acts */

/* What a CPU's thread waits for; SETTLE waits for nothing once nothing else can act. */
enum need actions_need(struct engine *e, u32 ti, u64 *what);
/* Could go on by itself. */
bool actions_runnable(const struct engine *e, u32 ti);
/* Whether something fair is still to happen besides that thread's own steps. */
bool actions_pending(const struct engine *e, u32 but);
/* Calm: the driver gives other CPUs that have something to do time for so many steps. */
void actions_time_passes(struct engine *e, u32 steps);

/* ---- what other CPUs are given to do (work.c) ---- */
void work_claim(struct engine *e);
u32 work_clocks(const struct program *p); /* clocks of knowledge that a program needs for it */
/* schedule_work_on(cpu, function); false: there is no such CPU. */
bool work_queue(struct engine *e, u64 cpu, u32 function);
void work_flushed(struct engine *e, u32 function); /* flush_work() returns */
/* Whether the thread rests at a flush_work() of what is not done yet; the thread that does it. */
bool work_waits(const struct engine *e, u32 t, u32 *doer);
bool work_waiting(const struct engine *e, u32 cpu); /* something is queued, and the CPU is idle */
void work_begin(struct engine *e, u32 cpu);
void work_end(struct engine *e, u32 t); /* of the scratch thread */
/* A CPU sets the variable at that slot; a wait for the variables between two instructions ends. */
void work_assigned(struct engine *e, u32 slot);
void work_wait_over(struct engine *e, u32 from, u32 to);

/* Device models: their state in the world, a register write that arrived, a step. */
void models_claim(struct engine *e);
void models_reset(struct engine *e);
void models_written(struct engine *e, u32 dev, const struct posted *p);
bool models_ready(const struct engine *e, u32 dev);
/* What it would do next is a misbehaviour: calm lets it come as late as it can. */
bool models_late(const struct engine *e, u32 dev);
void models_step(struct engine *e, u32 dev);
/* Something has changed that a device that polls may see. */
void models_changed(struct engine *e);
/* An act of the model, its arguments on the stack: NULL, or why it cannot be done. And one that
 * only looks: pushes its bytes. */
const char *models_act(struct engine *e, u32 dev, u32 act);
bool models_told(const struct engine *e, u32 dev, u32 act); /* register writes arrive before it */
void models_look(struct engine *e, u32 dev, u32 act);

#endif
