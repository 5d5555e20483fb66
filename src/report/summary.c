/* SPDX-License-Identifier: MIT */
/* The events of one turn of a statement, summed up: each item of report/gather.c is a sentence. */
#include "report/summary_int.h"

#include <stdlib.h>
#include <string.h>

#include "core/addr.h"

static void say_value(const struct item *i, struct str *out)
{
	if (i->fill && i->end - i->at > 6)
		str_printf(out, "all %02x", i->head[0]);
	else
		narrate_bytes(i->head, i->heads, (u32)(i->end - i->at), out);
}

/* At the time of event `at`, or as soon as the call that is filling it gives it out. */
static bool uncached(const struct names *n, u64 pa, u32 at)
{
	const struct named_buffer *b = names_buffer(n, pa, at);

	if (!n->cfg->hw.l1.sets)
		return true;
	for (u32 i = 0; !b && i < n->buffers.n; i++)
		if (n->buffers.v[i].from > at && pa - n->buffers.v[i].pa < n->buffers.v[i].room)
			b = &n->buffers.v[i];
	return b && b->uncached;
}

static void store_tail(const struct names *n, const struct item *i, struct str *out)
{
	u64 all = i->end - i->at, waits = all - i->extra;
	const char *it = i->count == 1 ? "it" : "them";

	if (i->kind == EV_STORE_MEMORY) {
		str_add(out, ", straight to memory.");
	} else if (i->kind == EV_STORE_CACHE || (!waits && !uncached(n, i->at, i->first))) {
		str_printf(out, "; its cache holds %s, dirty.", it);
	} else if (!waits) {
		str_printf(out, "; %s in memory.", i->count == 1 ? "it is" : "they are");
	} else if (waits == all) {
		str_printf(out, "; %s in the store buffer.",
			   i->count == 1 ? "it waits" : "they wait");
	} else {
		str_printf(out, "; the last %llu wait in the store buffer.",
			   (unsigned long long)waits);
	}
}

static void say_stores(const struct names *n, const struct item *i, struct str *out)
{
	u64 len = i->end - i->at;
	const char *who = i->kernel ? "The kernel" : names_subject(n, i->party);

	if (i->count == 1) {
		str_printf(out, "%s stores ", who);
		narrate_bytes(i->head, i->heads, (u32)len, out);
		str_add(out, " to ");
		names_byte(n, i->at, i->first, out);
	} else {
		str_printf(out, "%s writes ", who);
		if (i->fill) {
			str_printf(out, "%02x to ", i->head[0]);
			narrate_count(len, "byte", out);
		} else {
			narrate_count(len, "byte", out);
			str_add(out, ", ");
			say_value(i, out);
			str_add(out, ",");
		}
		str_add(out, " at ");
		names_phys(n, i->at, len, i->first, out);
	}
	store_tail(n, i, out);
}

static void say_loads(const struct names *n, const struct item *i, struct str *out)
{
	str_printf(out, "%s reads ", i->kernel ? "The kernel" : names_subject(n, i->party));
	if (i->count > 1) {
		narrate_count(i->end - i->at, "byte", out);
		str_add(out, ", ");
		say_value(i, out);
		str_add(out, ",");
	} else {
		narrate_bytes(i->head, i->heads, (u32)(i->end - i->at), out);
	}
	str_add(out, " at ");
	names_byte(n, i->at, i->first, out);
	str_add(out, i->kind == EV_LOAD_CACHE	 ? " from its cache."
		     : i->kind == EV_LOAD_MEMORY ? " from memory."
						 : " from its own store buffer.");
}

static void say_drains(const struct names *n, const struct item *i, struct str *out)
{
	narrate_store_buffer(n, i->party, out);
	str_add(out, " lets ");
	if (i->count == 1) {
		names_byte(n, i->at, i->first, out);
		str_add(out, " = ");
		narrate_bytes(i->head, i->heads, (u32)(i->end - i->at), out);
		str_add(out, " out.");
		return;
	}
	narrate_count(i->count, "store", out);
	str_add(out, " out: ");
	narrate_count(i->end - i->at, "byte", out);
	str_add(out, " at ");
	names_byte(n, i->at, i->first, out);
	str_add(out, ".");
}

static void say_dma(const struct names *n, const struct item *i, struct str *out)
{
	u64 len = i->end - i->at, home = names_home(n, i->at, i->first);
	bool read = i->kind == EV_DMA_READ;

	names_short(names_device(n, i->arg), out);
	str_add(out, read ? " reads " : " writes ");
	narrate_count(len, "byte", out);
	str_add(out, len > 6 ? ", " : " ");
	say_value(i, out);
	str_add(out, len > 6 ? "," : "");
	str_add(out, home != i->at ? (read ? " from " : " to ")
				   : (read ? " from memory at " : " to memory at "));
	names_byte(n, i->at, i->first, out);
	str_add(out, ".");
}

static void say_copies(const struct names *n, const struct item *i, struct str *out)
{
	bool in = i->kind == EV_COPY_IN;

	str_add(out, "The kernel copies ");
	narrate_count(i->end - i->at, "byte", out);
	str_add(out, ", ");
	say_value(i, out);
	str_add(out, in ? ", of " : ", out of the bounce slot to ");
	names_phys(n, i->at, i->end - i->at, i->first, out);
	str_add(out, in ? " into the bounce slot." : ".");
}

/* "The cache", "The outer cache", "The caches" with "drops", "drop". */
static void say_cache(const struct item *i, const char *verb, struct str *out)
{
	bool both = i->level[0] && i->level[1];

	str_printf(out, "%s %s%s ",
		   both		 ? "The caches"
		   : i->level[1] ? "The outer cache"
				 : "The cache",
		   verb,
		   both				   ? ""
		   : verb[strlen(verb) - 1] == 'h' ? "es"
						   : "s");
}

static void say_lines(const struct names *n, const struct item *i, struct str *out)
{
	u32 lines = i->level[0] > i->level[1] ? i->level[0] : i->level[1];
	bool drop = i->kind == EV_DROP || i->kind == EV_INVALIDATE;

	say_cache(i,
		  drop						  ? "drop"
		  : i->kind == EV_FILL || i->kind == EV_SPEC_FILL ? "fetch"
								  : "write",
		  out);
	if (lines == 1) {
		str_add(out, "line ");
		names_byte(n, i->at, i->first, out);
	} else {
		str_printf(out, "%u lines", lines);
	}
	switch ((enum event_kind)i->kind) {
	case EV_FILL:
		str_add(out, " from memory.");
		break;
	case EV_SPEC_FILL:
		str_add(out, ": nobody has asked for ");
		str_add(out, lines == 1 ? "it." : "them.");
		break;
	case EV_WRITE_BACK:
		str_add(out, " back to memory.");
		break;
	case EV_DROP:
		str_add(out, lines == 1 ? ": it was clean." : ": they were clean.");
		break;
	case EV_CLEAN:
		str_printf(out, " back to memory and keep%s %s, clean.",
			   i->level[0] && i->level[1] ? "" : "s", lines == 1 ? "it" : "them");
		break;
	default:
		if (i->extra && lines == 1)
			str_add(out, ", dirty as it is");
		else if (i->extra)
			str_printf(out, ", %u of them dirty", i->extra);
		str_add(out, ": the next read goes to memory.");
	}
}

/* The list of free blocks in a page of a pool. */
static void say_list(const struct names *n, const struct item *i, struct str *out)
{
	const struct named_buffer *b = names_buffer(n, i->at, i->first);

	if (i->kind == EV_DRAIN || i->kind == EV_DRAIN_EARLY) {
		narrate_store_buffer(n, i->party, out);
		str_printf(out, " lets %u stores to %s out.", i->list, b->name);
	} else {
		str_printf(out, "The kernel links the free blocks of %s: %u stores.", b->name,
			   i->list);
	}
}

static void say(const struct names *n, const struct lx *lx, const struct item *i, struct str *out)
{
	if (i->list) {
		say_list(n, i, out);
		return;
	}
	switch ((enum event_kind)i->kind) {
	case EV_STORE_BUFFERED:
	case EV_STORE_CACHE:
	case EV_STORE_MEMORY:
		say_stores(n, i, out);
		break;
	case EV_LOAD_CACHE:
	case EV_LOAD_MEMORY:
	case EV_LOAD_BUFFER:
		say_loads(n, i, out);
		break;
	case EV_DRAIN:
		say_drains(n, i, out);
		break;
	case EV_DMA_READ:
	case EV_DMA_WRITE:
		say_dma(n, i, out);
		break;
	case EV_COPY_IN:
	case EV_COPY_OUT:
		say_copies(n, i, out);
		break;
	default:
		if (shape_of(i->kind) == SHAPE_LINES)
			say_lines(n, i, out);
		else
			narrate_event(n, lx, i->first, out);
	}
}

static bool is_hand_over(u32 kind)
{
	return kind == EV_MAP || kind == EV_UNMAP || kind == EV_SYNC_CPU || kind == EV_SYNC_DEVICE;
}

/* A hand-over that had nothing to do, and why. Behind which item it is said: before what the log
 * says of it. */
static u32 say_nothing_done(const struct names *n, const struct items *l, struct str *out)
{
	u32 dev = n->cfg->hw.devs, behind = l->n;

	for (u32 k = 0; k < l->n; k++) {
		u32 kind = l->v[k].kind;

		if (is_hand_over(kind)) {
			behind = k + 1;
			dev = l->v[k].arg;
		} else if (kind == EV_COPY_IN || kind == EV_COPY_OUT || kind == EV_CLEAN ||
			   kind == EV_INVALIDATE || kind == EV_WRITE_BACK) {
			return l->n;
		}
	}
	while (behind < l->n && l->v[behind].kind != EV_KERNEL_LOG)
		behind++;
	if (dev < n->cfg->hw.devs && n->cfg->hw.dev[dev].coherent)
		str_printf(out, "No bytes move: %s looks into the caches.", names_device(n, dev));
	return behind;
}

static int by_last(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->last < y->last ? -1 : x->last > y->last;
}

static void add_sentence(const struct names *n, const struct item *i, const char *text,
			 struct sentences *out)
{
	struct sentence s = {.event = i->last, .text = mem_strdup(text)};

	if (shape_of(i->kind) == SHAPE_RANGE) {
		s.home = names_home(n, i->at, i->first);
		s.len = i->end - i->at;
		s.read = i->kind == EV_DMA_READ || i->kind == EV_LOAD_CACHE ||
			 i->kind == EV_LOAD_MEMORY || i->kind == EV_LOAD_BUFFER;
	}
	vec_push(out, s);
}

void narrate_statement(const struct names *n, const struct lx *lx, u32 first, u32 last,
		       struct sentences *out)
{
	struct items l = {0};
	struct str s = {0}, nothing = {0};
	u32 behind;

	items_gather(n, first, last, &l);
	if (l.n)
		qsort(l.v, l.n, sizeof *l.v, by_last);
	behind = say_nothing_done(n, &l, &nothing);
	for (u32 k = 0; k <= l.n; k++) {
		if (k == behind && nothing.n)
			vec_push(out, (struct sentence){.event = k < l.n ? l.v[k - 1].last : last,
							.text = mem_strdup(str_get(&nothing))});
		if (k == l.n || l.v[k].silent)
			continue;
		str_clear(&s);
		say(n, lx, &l.v[k], &s);
		add_sentence(n, &l.v[k], str_get(&s), out);
	}
	str_free(&s);
	str_free(&nothing);
	vec_free(&l);
}

void sentences_free(struct sentences *s)
{
	for (u32 i = 0; i < s->n; i++)
		mem_free(s->v[i].text);
	vec_free(s);
}

/* What hardware does between two statements, told with the one before. */
static bool is_aftermath(u32 kind)
{
	return kind == EV_DRAIN || kind == EV_DRAIN_EARLY || kind == EV_FILL ||
	       kind == EV_WRITE_BACK || kind == EV_DROP || kind == EV_SPEC_FILL ||
	       kind == EV_MMIO_ARRIVE;
}

/* A line that moves so that the next turn of the same statement can begin. */
static bool prepares(const struct names *n, u32 k)
{
	const struct event *e = event_get(n->log, k);
	u32 next = k + 1;

	if (e->kind != EV_FILL && e->kind != EV_WRITE_BACK && e->kind != EV_DROP)
		return false;
	while (next <= n->log->n && is_aftermath(event_get(n->log, next)->kind))
		next++;
	return next <= n->log->n && event_get(n->log, next)->stmt == e->stmt &&
	       event_step(n->log, next) == event_step(n->log, k);
}

u32 narrate_group_end(const struct names *n, u32 first)
{
	u32 last = first, step = event_step(n->log, first), stmt = event_get(n->log, first)->stmt;

	while (last < n->log->n) {
		const struct event *e = event_get(n->log, last + 1);

		if (e->stmt != stmt || (event_step(n->log, last + 1) != step &&
					(!is_aftermath(e->kind) || prepares(n, last + 1))))
			break;
		last++;
	}
	return last;
}
