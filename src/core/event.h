/* SPDX-License-Identifier: MIT */
/*
 * Events: numbered from 1, kept for ever, hashed. The table is core/events.def. An event is
 * emitted after its effect; the state "at event n" is the block after that effect.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "base/mem.h"
#include "base/str.h"
#include "core/world.h"

#define JOURNAL_VERSION 2 /* of the event layout; part of the journal's hash */

enum event_kind {
	EV_NONE,
#define EVENT(id, class, name, fields, sentence) EV_##id,
#include "core/events.def"
#undef EVENT
	EV_KINDS
};

/* Kinds of events as a set: EVENT_BIT(FILL) | EVENT_BIT(DROP). */
#define EVENT_BIT(id) (1ull << EV_##id)
_Static_assert(EV_KINDS <= 64, "kinds of events are bits of a u64");

/* What a scenario has hardware hold back: bits, as in the events HOLD and RELEASE. */
enum hw_held { HELD_STORES = 1, HELD_MMIO = 2, HELD_IRQ = 4, HELD_DMA = 8, HELD_IOTLB = 16 };

enum event_class { CLASS_API, CLASS_HW };

enum { EVENT_FIELDS = 7 };

/* 64 bytes, no padding. */
struct event {
	u8 kind;  /* enum event_kind */
	u8 party; /* who acted: PARTY_CPU or PARTY_DEVICE + index */
	u16 arg;  /* device index for events that name one */
	u32 stmt; /* statement of the program (its table gives the line); 0 = none */
	u64 f[EVENT_FIELDS];
};

struct event_info {
	const char *id, *name, *fields, *sentence;
	enum event_class class;
};

/* The row of a kind. BUG_ON an unknown one. */
const struct event_info *event_info(u32 kind);

/* The i-th field's name (len bytes long, not terminated) and type; false if there is none. */
struct event_field {
	const char *name, *type;
	u32 name_len, type_len;
};
bool event_field(u32 kind, u32 i, struct event_field *out);

/*
 * The bytes of memory that an event is about, at *pa (in a bounce slot too): what was stored,
 * loaded, moved (for a copy: of the buffer), mapped; of the cache a line of `line` bytes. False: of
 * none.
 */
bool event_place(const struct event *e, u32 line, u64 *pa, u64 *len);

/* The kept events of one run, with the step and the schedule position of each. */
enum { LOG_CHUNK = 1 << 17 };

struct event_log {
	struct event **chunk; /* owned; LOG_CHUNK each */
	u32 **step;	      /* owned; statement instance of each event */
	u32 chunks, chunks_cap;
	u32 n; /* events kept: number n is the last one */
};

struct event_log *event_log_new(void);
void event_log_free(struct event_log *l);
/* Event number 1..n. */
const struct event *event_get(const struct event_log *l, u32 number);
u32 event_step(const struct event_log *l, u32 number);
/* XXH3 over version and all events, in order; independent of byte order of fields by design. */
u64 event_log_hash(const struct event_log *l);

/* What a load or DMA read saw of each byte; in core/copies.h. */
struct view;

/*
 * Records one event: stamps it with what the world is doing now, keeps it, closes the journal's
 * records of this event and tells the observer. seen is what a read returned (NULL otherwise).
 * After a step back, events that are executed again must be the very same ones: BUG_ON otherwise.
 */
void event_emit(struct world *w, enum event_kind kind, u8 party, u16 arg, const struct view *seen,
		const u64 f[EVENT_FIELDS]);

/* The same without telling the observer. */
void event_keep(struct world *w, enum event_kind kind, u8 party, u16 arg,
		const u64 f[EVENT_FIELDS]);

/* The number of the last event. It goes back and forth with the journal's boundaries. */
static inline u32 *event_counter(struct world *w)
{
	return (u32 *)(void *)(w->wr + w->jn.counter);
}

_Static_assert(EV_KINDS <= 64, "struct observer has a bit for each kind");

/* An event that nobody keeps or asks for while it brings no news: it only counts. */
static inline bool event_untold(const struct world *w, enum event_kind kind)
{
	return !w->log && (w->obs.quiet >> kind & 1);
}

static inline void event_count(struct world *w)
{
	++*event_counter(w);
	journal_boundary(&w->jn);
}

/* An event of n bytes at a place that brings no news: told only if the observer asks for it. */
static inline void event_no_news(struct world *w, enum event_kind kind, u8 party, u16 arg,
				 const struct view *seen, u64 pa, u32 n, u64 value)
{
	const u64 f[EVENT_FIELDS] = {pa, n, value};

	if (w->obs.quiet >> kind & 1)
		event_keep(w, kind, party, arg, f);
	else
		event_emit(w, kind, party, arg, seen, f);
}

/* An event that hardly anybody listens to: a line came or went. */
static inline void event_line_moved(struct world *w, enum event_kind kind, u8 party, u64 line,
				    u32 level)
{
	if (w->log || w->losing || !(w->obs.deaf >> kind & 1))
		event_emit(w, kind, party, 0, NULL, (const u64[EVENT_FIELDS]){line, level});
	else
		event_count(w);
}

#define EMIT(w, kind, party, arg, ...)                                                             \
	event_emit(w, EV_##kind, party, arg, NULL, (const u64[EVENT_FIELDS]){__VA_ARGS__})
#define EMIT_SEEN(w, kind, party, arg, seen, ...)                                                  \
	event_emit(w, EV_##kind, party, arg, seen, (const u64[EVENT_FIELDS]){__VA_ARGS__})

#endif
