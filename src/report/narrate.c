/* SPDX-License-Identifier: MIT */
/* One event, one sentence. */
#include "report/narrate.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "core/addr.h"
#include "core/maphow.h"
#include "engine/calls.h"

static bool printable(const u8 *v, u32 n)
{
	for (u32 i = 0; i < n; i++)
		if (v[i] < 0x20 || v[i] > 0x7e)
			return false;
	return n > 0;
}

static void bytes(const u8 *v, u32 known, u32 n, const char *quote, struct str *out)
{
	bool whole = known >= n;
	u32 shown = n <= 6 ? n : 4;

	if (printable(v, known < n ? known : n) && (n > 1 || v[0] > ' ')) {
		shown = whole && n <= 24 ? n : 8;
		shown = shown < known ? shown : known;
		str_printf(out, "%s%.*s%s%s", quote, (int)shown, (const char *)v, quote,
			   shown < n ? ".." : "");
		return;
	}
	shown = shown < known ? shown : known;
	for (u32 i = 0; i < shown; i++)
		str_printf(out, "%s%02x", i ? " " : "", v[i]);
	if (shown < n)
		str_add(out, shown ? " .." : "..");
}

void narrate_bytes(const u8 *v, u32 known, u32 n, struct str *out)
{
	bytes(v, known, n, "\"", out);
}

void narrate_plain_bytes(const u8 *v, u32 known, u32 n, struct str *out)
{
	bytes(v, known, n, "", out);
}

void narrate_stop(struct str *out)
{
	if (out->n < 2 || strcmp(out->s + out->n - 2, "..") != 0)
		str_add(out, ".");
}

void narrate_count(u64 n, const char *one, struct str *out)
{
	str_printf(out, "%llu %s%s", (unsigned long long)n, one, n == 1 ? "" : "s");
}

/* ---- fields ---- */

struct teller {
	const struct names *names;
	const struct event *e;
	u32 number;
	struct str *out;
};

static bool is_type(const struct event_field *f, const char *type)
{
	return f->type_len == strlen(type) && memcmp(f->type, type, f->type_len) == 0;
}

static bool is_name(const struct event_field *f, const char *s, size_t n)
{
	return f->name_len == n && memcmp(f->name, s, n) == 0;
}

/* The value of the field "len", or of "room" for none. */
static u64 length_of(const struct event *e)
{
	struct event_field f;

	for (u32 i = 0; event_field(e->kind, i, &f); i++)
		if (is_name(&f, "len", 3))
			return e->f[i];
	return 0;
}

static void field(const struct teller *t, u32 i, const struct event_field *f)
{
	u64 v = t->e->f[i];

	if (is_type(f, "phys")) {
		names_phys(t->names, v, length_of(t->e), t->number, t->out);
	} else if (is_type(f, "bus")) {
		names_bus(t->names, t->e->arg, v, t->number, t->out);
	} else if (is_type(f, "bytes")) {
		u8 b[8];

		put_le(b, v, 8);
		narrate_bytes(b, 8, (u32)t->e->f[i - 1], t->out);
	} else if (is_type(f, "dir")) {
		str_add(t->out, names_rights(v));
	} else if (is_type(f, "slot")) {
		names_slot(t->names, v, t->out);
	} else if (is_type(f, "call")) {
		str_add(t->out, v < CALL_COUNT ? call_info((enum call_id)v)->name : "?");
	} else if (is_type(f, "reg")) {
		names_register(t->names, t->e->arg, v, t->out);
	} else if (is_type(f, "how")) {
		str_add(t->out, map_how_call((u32)v));
	} else if (is_type(f, "why")) {
		str_add(t->out, iommu_why_text((u32)v));
	} else if (is_type(f, "hex") || is_type(f, "virt") || is_type(f, "attrs")) {
		str_printf(t->out, v < 10 ? "%llu" : "0x%llx", (unsigned long long)v);
	} else if (is_type(f, "flag")) {
		str_add(t->out, v ? "off" : "on"); /* irq-mask alone shows one */
	} else if (is_type(f, "n")) {
		str_printf(t->out, "%llu", (unsigned long long)v);
	} else {
		str_printf(t->out, "%lld", (long long)v);
	}
}

/* {name}; after a count of one, a plural that follows loses its s: returns what to skip behind. */
static const char *placeholder(const struct teller *t, const char *s, const char *end)
{
	static const char *const plurals[] = {" bytes", " older stores"};
	size_t n = (size_t)(end - s);
	struct event_field f;

	if (n == 3 && memcmp(s, "dev", 3) == 0) {
		names_short(names_device(t->names, t->e->arg), t->out);
		return end + 1;
	}
	for (u32 i = 0; event_field(t->e->kind, i, &f); i++) {
		if (!is_name(&f, s, n))
			continue;
		field(t, i, &f);
		for (u32 k = 0; k < ARRAY_LEN(plurals) && t->e->f[i] == 1; k++) {
			size_t len = strlen(plurals[k]);

			if (strncmp(end + 1, plurals[k], len) != 0)
				continue;
			str_addn(t->out, plurals[k], len - 1);
			return end + 1 + len;
		}
		return end + 1;
	}
	BUG_ON(true); /* the table names a field that it has not */
	return end + 1;
}

void narrate_store_buffer(const struct names *n, u32 party, struct str *out)
{
	if (n->prog->cpus > 1)
		str_printf(out, "%s's store buffer", names_party(n, party));
	else
		str_add(out, "The store buffer");
}

/* Who begins a sentence: which CPU, if there are several. Returns what follows. */
static const char *begin(const struct teller *t, const char *s)
{
	static const char cpu[] = "The CPU ", buffer[] = "The store buffer ";

	if (strncmp(s, cpu, sizeof cpu - 1) == 0) {
		str_printf(t->out, "%s ", names_subject(t->names, t->e->party));
		return s + sizeof cpu - 1;
	}
	if (strncmp(s, buffer, sizeof buffer - 1) == 0) {
		narrate_store_buffer(t->names, t->e->party, t->out);
		return s + sizeof buffer - 2;
	}
	return s;
}

static void expand(const struct teller *t, const char *s)
{
	s = begin(t, s);
	while (*s) {
		const char *open = strchr(s, '{');

		if (!open) {
			str_add(t->out, s);
			return;
		}
		str_addn(t->out, s, (size_t)(open - s));
		s = placeholder(t, open + 1, strchr(open, '}'));
	}
}

/* ---- sentences that need more than their template ---- */

static void line_share(const struct teller *t)
{
	u32 line = t->names->cfg->hw.line;
	u64 pa = t->e->f[0], end = pa + t->e->f[2];
	const struct named_buffer *other = NULL;

	if (pa % line == 0 && end % line == 0) {
		str_add(t->out, ", ");
		narrate_count((end - pa) / line, "whole cache line", t->out);
		return;
	}
	if (end % line)
		other = names_buffer_in(t->names, end, line - end % line, t->number);
	if (!other && pa % line)
		other = names_buffer(t->names, pa - 1, t->number);
	if (other) {
		str_add(t->out, "; ");
		names_short(other->name, t->out);
		str_add(t->out, " shares a line");
	}
}

static void alloc(const struct teller *t)
{
	expand(t, "The kernel gives the driver {at}: {len} bytes");
	line_share(t);
	str_add(t->out, ".");
}

static void coherent_alloc(const struct teller *t)
{
	expand(t, "The kernel gives {at} to both the CPU and {dev}: {len} bytes");
	str_add(t->out, t->e->f[4] ? ", uncached." : ".");
}

/* Of two mappings with the same address, the one whose handle the statement names. */
static bool by_its_name(const struct teller *t)
{
	const char *text = names_stmt(t->names, t->e->stmt)->text;
	struct str handle = {0};
	bool found = false;

	if (names_argument(text, "dma_mapping_error", 1, &handle))
		for (u32 i = 0; i < t->names->maps.n && !found; i++) {
			const struct named_map *m = &t->names->maps.v[i];

			found = m->dev == t->e->arg && m->bus == t->e->f[0] &&
				m->from <= t->number && strcmp(m->name, str_get(&handle)) == 0;
		}
	if (found)
		names_short(str_get(&handle), t->out);
	str_free(&handle);
	return found;
}

static void map_check(const struct teller *t)
{
	str_add(t->out, "The driver checks ");
	if (t->e->f[1]) {
		str_add(t->out, "the handle: the mapping failed.");
		return;
	}
	if (!by_its_name(t))
		expand(t, "{bus}");
	str_add(t->out, ": the mapping is good.");
}

static void map(const struct teller *t)
{
	struct str handle = {0};

	expand(t, "The kernel gives {at} to {dev}, {dir}");
	names_bus(t->names, t->e->arg, t->e->f[2], t->number, &handle);
	if (strncmp(str_get(&handle), "bus ", 4) != 0)
		str_printf(t->out, "; %s is", str_get(&handle));
	else
		str_add(t->out, ", as");
	str_printf(t->out, " bus 0x%llx.", (unsigned long long)t->e->f[2]);
	str_free(&handle);
}

static void invalidate(const struct teller *t)
{
	if (t->e->f[2])
		expand(
		    t,
		    "The cache drops line {line}, dirty as it is: the next read goes to memory.");
	else
		expand(t, event_info(t->e->kind)->sentence);
}

static void set_mask(const struct teller *t)
{
	u64 m = t->e->f[0];
	u32 bits = 0;

	while (bits < 64 && m >> bits)
		bits++;
	str_printf(t->out, "The driver sets a %u-bit %smask for ", bits,
		   t->e->f[1] ? "coherent " : "");
	expand(t, "{dev}; the kernel ");
	str_add(t->out, t->e->f[2] ? "says -EIO." : "agrees.");
}

static void barrier(const struct teller *t)
{
	u32 kind = (u32)t->e->f[0];

	if (kind < BARRIER_KINDS)
		str_printf(t->out, "%s(): ", barrier_info((enum barrier_kind)kind)->name);
	str_add(t->out, "what stands before is done before what follows.");
}

static const char *held_word(u32 what)
{
	return what == HELD_MMIO    ? "register writes"
	       : what == HELD_IRQ   ? "interrupts"
	       : what == HELD_DMA   ? "DMA writes"
	       : what == HELD_IOTLB ? "flushes of the IOTLB"
				    : "stores";
}

static void held(const struct teller *t, bool begins)
{
	u32 what = (u32)t->e->f[0], one = what & HELD_STORES;

	if (one && begins)
		expand(t, "The store buffer keeps its stores back, as long as nobody must wait.");
	else if (one && what == one)
		expand(t, "The store buffer no longer keeps its stores back.");
	else if (begins)
		str_printf(t->out, "Hardware delays %s, as long as nobody must wait.",
			   held_word(what));
	else
		str_printf(t->out, "Hardware no longer delays %s.",
			   what & (what - 1) ? "anything" : held_word(what));
}

static void work(const struct teller *t)
{
	const struct event *e = t->e;
	const struct program *p = t->names->prog;

	str_add(t->out, e->kind == EV_WORK_QUEUE ? "The kernel gives " : "");
	str_printf(t->out, "CPU %u %s ", (u32)e->f[0],
		   e->kind == EV_WORK_BEGIN ? "begins"
		   : e->kind == EV_WORK_END ? "is done with"
		   : e->f[2]		    ? "nothing: it has yet to do"
					    : "work to do:");
	names_short(e->f[1] < p->functions ? p->function[e->f[1]].name : "?", t->out);
	str_add(t->out, "().");
}

/* A report that goes with a message stands behind it. */
static void kernel_log(const struct teller *t, const struct lx *lx)
{
	struct str text = {0};

	str_add(t->out, "The kernel logs: ");
	if (!lx || !lx_log_line(lx, (u32)t->e->f[0], &text))
		str_add(&text, "a line.");
	for (size_t i = 0; i < text.n; i++)
		str_printf(t->out, text.s[i] == '\n' ? " | " : "%c", text.s[i]);
	str_free(&text);
}

static void coherent_free(struct teller *t)
{
	if ((t->e->f[4] & FOR_MASK) == FOR_POOL)
		expand(t, "The kernel frees a page of the pool: {at}.");
	else if ((t->e->f[4] & FOR_MASK) == FOR_DEVRES)
		expand(t, "The kernel frees what is managed: {at}, {len} bytes.");
	else if ((t->e->f[4] & HOW_MASK) == HOW_NONCOHERENT)
		expand(t, "The driver frees {at}: {len} bytes.");
	else
		expand(t, event_info(t->e->kind)->sentence);
}

void narrate_event(const struct names *n, const struct lx *lx, u32 number, struct str *out)
{
	struct teller t = {n, event_get(n->log, number), number, out};

	switch ((enum event_kind)t.e->kind) {
	case EV_ALLOC:
		alloc(&t);
		break;
	case EV_COHERENT_ALLOC:
		coherent_alloc(&t);
		break;
	case EV_COHERENT_FREE:
		coherent_free(&t);
		break;
	case EV_POOL_FREE:
		if (t.e->f[5])
			expand(&t, "{at} is back in its pool.");
		else
			expand(&t, "The kernel does not take {at}: it fails the checks.");
		break;
	case EV_LOAD_EARLY: /* a weak core */
		expand(&t, "The CPU took {value} at {at} early, before it was changed.");
		break;
	case EV_MMIO_WRITE:
		expand(&t, "The CPU writes {value} to {dev}'s {reg}; it is under way.");
		break;
	case EV_FREE:
		expand(&t, "The driver frees {at}: {len} bytes.");
		break;
	case EV_MAP:
		map(&t);
		break;
	case EV_MAP_CHECK:
		map_check(&t);
		break;
	case EV_INVALIDATE:
		invalidate(&t);
		break;
	case EV_SET_MASK:
		set_mask(&t);
		break;
	case EV_BARRIER:
		barrier(&t);
		break;
	case EV_KERNEL_LOG:
		kernel_log(&t, lx);
		break;
	case EV_IOTLB_FLUSH:
		expand(&t, t.e->f[1] ? event_info(EV_IOTLB_FLUSH)->sentence
				     : "The IOMMU forgets all that it kept for {dev}.");
		break;
	case EV_HOLD:
	case EV_RELEASE:
		held(&t, t.e->kind == EV_HOLD);
		break;
	case EV_WORK_QUEUE:
	case EV_WORK_BEGIN:
	case EV_WORK_END:
		work(&t);
		break;
	default:
		expand(&t, event_info(t.e->kind)->sentence);
	}
}
