/* SPDX-License-Identifier: MIT */
#include "core/event.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/bug.h"

_Static_assert(sizeof(struct event) == 64, "events are hashed and stored as they are");

static const struct event_info infos[EV_KINDS] = {
#define EVENT(id, class, name, fields, sentence)                                                   \
	[EV_##id] = {#id, name, fields, sentence, CLASS_##class},
#include "core/events.def"
#undef EVENT
};

const struct event_info *event_info(u32 kind)
{
	BUG_ON(kind == EV_NONE || kind >= EV_KINDS);
	return &infos[kind];
}

bool event_field(u32 kind, u32 i, struct event_field *out)
{
	const char *s = event_info(kind)->fields;

	for (; *s; i--) {
		const char *colon = strchr(s, ':');
		const char *end = strchr(colon, ' ');

		if (!end)
			end = colon + strlen(colon);
		if (i == 0) {
			*out = (struct event_field){s, colon + 1, (u32)(colon - s),
						    (u32)(end - colon - 1)};
			return true;
		}
		s = *end ? end + 1 : end;
	}
	return false;
}

bool event_place(const struct event *e, u32 line, u64 *pa, u64 *len)
{
	u64 at = e->f[0], size = e->f[1];

	switch ((enum event_kind)e->kind) {
	case EV_FILL:
	case EV_SPEC_FILL:
	case EV_WRITE_BACK:
	case EV_DROP:
	case EV_CLEAN:
	case EV_INVALIDATE:
		size = line;
		break;
	case EV_DMA_READ:
	case EV_DMA_WRITE:
	case EV_DMA_POSTED:
	case EV_COPY_OUT:
		at = e->f[1];
		size = e->f[2];
		break;
	case EV_COPY_IN:
	case EV_ALLOC:
	case EV_FREE:
	case EV_COHERENT_ALLOC:
	case EV_COHERENT_FREE:
	case EV_POOL_ALLOC:
	case EV_POOL_FREE:
		size = e->f[2];
		break;
	case EV_STORE_BUFFERED:
	case EV_STORE_CACHE:
	case EV_STORE_MEMORY:
	case EV_LOAD_CACHE:
	case EV_LOAD_MEMORY:
	case EV_LOAD_BUFFER:
	case EV_LOAD_EARLY:
	case EV_DRAIN:
	case EV_DRAIN_EARLY:
	case EV_LAB_PRESET:
	case EV_MAP:
	case EV_MAP_FAIL:
	case EV_UNMAP:
	case EV_SYNC_CPU:
	case EV_SYNC_DEVICE:
	case EV_SG_MAP:
	case EV_SG_UNMAP:
	case EV_SG_SYNC:
		break;
	default:
		return false;
	}
	*pa = at;
	*len = size;
	return true;
}

#define CHUNK_BYTES (LOG_CHUNK * sizeof(struct event))

struct event_log *event_log_new(void)
{
	return mem_zalloc(1, sizeof(struct event_log));
}

void event_log_free(struct event_log *l)
{
	if (!l)
		return;
	for (u32 i = 0; i < l->chunks; i++) {
		mem_release(l->chunk[i], CHUNK_BYTES);
		mem_free(l->step[i]);
	}
	mem_free(l->chunk);
	mem_free(l->step);
	mem_free(l);
}

const struct event *event_get(const struct event_log *l, u32 number)
{
	BUG_ON(number == 0 || number > l->n);
	return &l->chunk[(number - 1) / LOG_CHUNK][(number - 1) % LOG_CHUNK];
}

u32 event_step(const struct event_log *l, u32 number)
{
	BUG_ON(number == 0 || number > l->n);
	return l->step[(number - 1) / LOG_CHUNK][(number - 1) % LOG_CHUNK];
}

static void log_grow(struct event_log *l)
{
	if (l->chunks == l->chunks_cap) {
		l->chunks_cap = l->chunks_cap ? l->chunks_cap * 2 : 16;
		l->chunk = mem_grow(l->chunk, l->chunks_cap, sizeof *l->chunk);
		l->step = mem_grow(l->step, l->chunks_cap, sizeof *l->step);
	}
	l->chunk[l->chunks] = mem_reserve(CHUNK_BYTES);
	if (l->chunks) /* a small run is no longer than the first one */
		mem_will_fill(l->chunk[l->chunks], CHUNK_BYTES);
	l->step[l->chunks] = mem_grow(NULL, LOG_CHUNK, sizeof **l->step);
	l->chunks++;
}

/* Where the next event is kept. */
static inline struct event *log_next(struct event_log *l, u32 step)
{
	u32 c = l->n / LOG_CHUNK, i = l->n % LOG_CHUNK;

	if (c == l->chunks)
		log_grow(l);
	l->step[c][i] = step;
	l->n++;
	return &l->chunk[c][i];
}

u64 event_log_hash(const struct event_log *l)
{
	XXH3_state_t *s = XXH3_createState();
	u64 h;

	BUG_ON(!s);
	XXH3_64bits_reset_withSeed(s, JOURNAL_VERSION);
	for (u32 done = 0; done < l->n;) {
		u32 k = l->n - done < LOG_CHUNK ? l->n - done : LOG_CHUNK;

		XXH3_64bits_update(s, l->chunk[done / LOG_CHUNK], (size_t)k * sizeof(struct event));
		done += k;
	}
	h = XXH3_64bits_digest(s);
	XXH3_freeState(s);
	return h;
}

/* Numbers an event; where to build it: where it is kept, or in e. */
static inline struct event *begin(struct world *w, struct event *e, u32 *number)
{
	const struct now *now = world_now(w);
	struct event_log *l = w->log;

	*number = ++*event_counter(w);
	return l && *number > l->n ? log_next(l, now->step) : e;
}

static inline void build(const struct world *w, struct event *e, enum event_kind kind, u8 party,
			 u16 arg, const u64 f[EVENT_FIELDS])
{
	e->kind = (u8)kind;
	e->party = party;
	e->arg = arg;
	e->stmt = world_now(w)->stmt;
	memcpy(e->f, f, sizeof e->f);
}

/* After a step back the same events come again; and a run has an end. */
static inline void check(struct world *w, const struct event *e, const struct event *own,
			 u32 number)
{
	if (!w->log)
		return;
	if (e == own)
		BUG_ON(memcmp(event_get(w->log, number), e, sizeof *e) != 0);
	if (number >= RUN_EVENTS)
		world_limit(w, LIMIT_EVENTS);
}

void event_keep(struct world *w, enum event_kind kind, u8 party, u16 arg, const u64 f[EVENT_FIELDS])
{
	struct event own, *e;
	u32 number;

	e = begin(w, &own, &number);
	build(w, e, kind, party, arg, f);
	check(w, e, &own, number);
	journal_boundary(&w->jn);
}

void event_emit(struct world *w, enum event_kind kind, u8 party, u16 arg, const struct view *seen,
		const u64 f[EVENT_FIELDS])
{
	bool tell = w->obs.event && (w->losing || !(w->obs.deaf >> kind & 1));
	bool twin = w->twin.event && infos[kind].class == CLASS_API;
	struct event own, *e;
	u32 number;

	if (!tell && !w->log && !twin) {
		++*event_counter(w);
		journal_boundary(&w->jn);
		return;
	}
	e = begin(w, &own, &number);
	build(w, e, kind, party, arg, f);
	check(w, e, &own, number);
	if (tell) {
		w->losing = false;
		w->obs.event(w->obs.ctx, w, e, seen);
	}
	journal_boundary(&w->jn);
	if (twin)
		w->twin.event(w->twin.ctx, w, e);
}
