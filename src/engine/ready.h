/* SPDX-License-Identifier: MIT */
/*
 * What calm (calm.c), the choices (actions.c) and doing them (apply.c) share: who could act now,
 * and what goes although it is held. Never included outside engine/.
 */
#ifndef ENGINE_READY_H
#define ENGINE_READY_H

#include "engine/vm_int.h"

/*
 * What is held goes all the same when somebody must wait for it: a barrier, a full buffer, a
 * register read. Those are its kinds (enum hw_held), of that CPU or device. And when nothing else
 * can happen any more, since hardware is fair in the end.
 */
struct asked {
	u32 what, cpu, dev;
};

extern const struct asked ready_nobody, ready_everybody;

/* What a CPU that waits asks for; what: the device of NEED_ARRIVE. */
struct asked ready_asked(enum need need, u32 cpu, u64 what);
/* Whether what may be held can go. index: the CPU of HELD_STORES, else the device. */
bool ready_goes(const struct engine *e, enum hw_held what, u32 index, const struct asked *by);

/* Index of the thread of a CPU. */
static inline u32 ready_thread(const struct engine *e, u32 cpu)
{
	return party_of_cpu(cpu, e->cfg->hw.devs);
}
/* An action without age and line. */
static inline struct action ready_act(enum action_kind kind, u32 arg)
{
	return (struct action){.kind = (u8)kind, .arg = (u8)arg};
}
/* Whether a CPU can go on, or has work queued; a device has a step to make; its interrupt can be
 * taken by the driver's CPU. */
bool ready_core(const struct engine *e, u32 cpu);
bool ready_device(const struct engine *e, u32 dev);
bool ready_irq(const struct engine *e, u32 dev);
/* The timer of a device's flush queue runs, and nobody holds it. */
bool ready_flush(const struct engine *e, u32 dev, const struct asked *by);
/* Whether entry i of a CPU's store buffer has no room in the cache to go to. */
bool ready_drain_blocked(struct engine *e, u32 cpu, u32 i);
/* The step that makes room in the set of a line: its victim is written back, then dropped. */
struct action ready_make_room(const struct engine *e, u64 line);

#endif
