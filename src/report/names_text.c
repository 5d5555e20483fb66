/* SPDX-License-Identifier: MIT */
/* Names of addresses as text. The tables behind them are made in report/names.c. */
#include "report/names.h"

#include <string.h>

#include "core/addr.h"

/* The event that closes still belongs to the time of what it closes. */
static bool alive(u32 from, u32 to, u32 at)
{
	return from <= at && (!to || at <= to);
}

void names_short(const char *name, struct str *out)
{
	size_t len = strlen(name);

	if (len <= NAME_SHORT) {
		str_safe(out, name, len);
		return;
	}
	str_safe(out, name, NAME_SHORT / 2);
	str_add(out, "..");
	str_safe(out, name + len - (NAME_SHORT - 2 - NAME_SHORT / 2),
		 NAME_SHORT - 2 - NAME_SHORT / 2);
}

static void offset(s64 off, struct str *out)
{
	str_printf(out, "%c%02llx", off < 0 ? '-' : '+',
		   (unsigned long long)(off < 0 ? -off : off));
}

/* The buffer that was there last; NULL: never one. */
static const struct named_buffer *freed(const struct names *n, u64 pa, u32 at)
{
	for (u32 i = n->buffers.n; i-- > 0;) {
		const struct named_buffer *b = &n->buffers.v[i];

		if (b->from <= at && pa - b->pa < b->len)
			return b;
	}
	return NULL;
}

/* Bytes behind the end that the allocator rounded up to. */
static const struct named_buffer *owner_of_room(const struct names *n, u64 pa, u32 at)
{
	for (u32 i = n->buffers.n; i-- > 0;) {
		const struct named_buffer *b = &n->buffers.v[i];

		if (alive(b->from, b->to, at) && pa - b->pa < b->room)
			return b;
	}
	return NULL;
}

/* The buffer that the call which this event is part of is about to give out; NULL: none. */
static const struct named_buffer *coming(const struct names *n, u64 pa, u32 at)
{
	for (u32 i = 0; at && at <= n->log->n && i < n->buffers.n; i++) {
		const struct named_buffer *b = &n->buffers.v[i];

		if (b->from > at && b->stmt == event_get(n->log, at)->stmt &&
		    event_step(n->log, b->from) == event_step(n->log, at) && pa - b->pa < b->room)
			return b;
	}
	return NULL;
}

/* "->packets", "[2].addr+04". False: no field is there. */
static bool by_field(const struct named_buffer *b, u64 off, struct str *out)
{
	const struct struct_info *t = b->type;
	u64 in = t && t->size ? off % t->size : 0;

	for (u32 i = 0; t && t->size && i < t->fields; i++) {
		const struct field_info *f = &t->field[i];
		u64 bytes = (u64)f->size * (f->count ? f->count : 1);

		if (in < f->offset || in - f->offset >= bytes)
			continue;
		if (b->len >= 2ull * t->size)
			str_printf(out, "[%llu].", (unsigned long long)(off / t->size));
		else
			str_add(out, "->");
		names_short(f->name, out);
		if (in > f->offset)
			offset((s64)(in - f->offset), out);
		return true;
	}
	return false;
}

static void by_phys(const struct names *n, u64 pa, u64 len, bool always, u32 at, struct str *out)
{
	const struct named_buffer *b;
	u64 home = names_home(n, pa, at);

	if (home != pa)
		str_add(out, "slot ");
	b = names_buffer(n, home, at);
	if (!b)
		b = owner_of_room(n, home, at);
	if (!b)
		b = coming(n, home, at);
	if (!b) /* a line that begins before the buffer */
		b = names_buffer_in(n, home, n->cfg->hw.line, at);
	if (!b) {
		b = freed(n, home, at);
		str_add(out, b ? "freed " : "");
	}
	if (!b) {
		str_printf(out, "%s 0x%llx", names_in_pool(n, pa, at) ? "slot" : "phys",
			   (unsigned long long)pa);
		return;
	}
	names_short(b->name, out);
	if (!always && home == b->pa && (len == b->len || len == b->room))
		return;
	if (home - b->pa >= b->len || !by_field(b, home - b->pa, out))
		offset((s64)(home - b->pa), out);
}

void names_phys(const struct names *n, u64 pa, u64 len, u32 at, struct str *out)
{
	by_phys(n, pa, len, false, at, out);
}

void names_byte(const struct names *n, u64 pa, u32 at, struct str *out)
{
	by_phys(n, pa, 0, true, at, out);
}

void names_bus(const struct names *n, u32 dev, u64 bus, u32 at, struct str *out)
{
	const struct named_map *m = names_map(n, dev, bus, at);

	if (bus == DMA_MAPPING_ERROR) {
		str_add(out, "DMA_MAPPING_ERROR");
		return;
	}
	if (m && m->name[0]) {
		names_short(m->name, out);
		if (bus != m->bus)
			offset((s64)(bus - m->bus), out);
		return;
	}
	for (u32 i = n->buffers.n; !m && i-- > 0;) {
		const struct named_buffer *b = &n->buffers.v[i];

		if (!b->coherent || !b->handle[0] || b->dev != dev || bus - b->bus >= b->len ||
		    !alive(b->from, b->to, at))
			continue;
		names_short(b->handle, out);
		if (bus != b->bus)
			offset((s64)(bus - b->bus), out);
		return;
	}
	str_printf(out, "bus 0x%llx", (unsigned long long)bus);
}

const char *names_device(const struct names *n, u32 dev)
{
	return dev < n->cfg->hw.devs ? n->cfg->hw.dev[dev].name : "a device";
}

void names_register(const struct names *n, u32 dev, u64 reg, struct str *out)
{
	const struct device_info *m = dev < n->cfg->hw.devs ? n->cfg->model[dev] : NULL;

	u32 index;
	const struct reg_info *r = m ? device_reg_at(m, reg, &index) : NULL;

	if (!r)
		str_printf(out, "register 0x%02llx", (unsigned long long)reg);
	else if (r->count)
		str_printf(out, "%s(%u)", r->constant, index);
	else
		str_add(out, r->constant);
}

bool names_is_cpu(const struct names *n, u32 party)
{
	return party_is_cpu(party, n->cfg->hw.devs);
}

static const char *cpu_name(const struct names *n, u32 party, const char *alone)
{
	static const char *const numbered[] = {"CPU 0", "CPU 1", "CPU 2", "CPU 3"};

	_Static_assert(ARRAY_LEN(numbered) == CPUS_MAX, "each CPU has a name");
	return n->prog->cpus > 1 ? numbered[party_cpu(party, n->cfg->hw.devs)] : alone;
}

u32 names_cpu_at(const struct names *n, u32 at)
{
	u32 party = at && at <= n->log->n ? event_get(n->log, at)->party : PARTY_CPU;

	return names_is_cpu(n, party) ? party_cpu(party, n->cfg->hw.devs) : 0;
}

const char *names_cpu(const struct names *n, u32 cpu)
{
	return cpu_name(n, party_of_cpu(cpu, n->cfg->hw.devs), "CPU");
}

const char *names_party(const struct names *n, u32 party)
{
	return names_is_cpu(n, party) ? cpu_name(n, party, "the CPU")
				      : names_device(n, party - PARTY_DEVICE);
}

const char *names_subject(const struct names *n, u32 party)
{
	return names_is_cpu(n, party) ? cpu_name(n, party, "The CPU")
				      : names_device(n, party - PARTY_DEVICE);
}

const char *names_direction(u64 dir)
{
	static const char *const words[] = {
	    [DMA_BIDIRECTIONAL] = "DMA_BIDIRECTIONAL",
	    [DMA_TO_DEVICE] = "DMA_TO_DEVICE",
	    [DMA_FROM_DEVICE] = "DMA_FROM_DEVICE",
	    [DMA_NONE] = "DMA_NONE",
	};

	return words[dir < ARRAY_LEN(words) ? dir : DMA_NONE];
}

const char *names_rights(u64 dir)
{
	static const char *const words[] = {
	    [DMA_BIDIRECTIONAL] = "both ways",
	    [DMA_TO_DEVICE] = "to read",
	    [DMA_FROM_DEVICE] = "to write",
	    [DMA_NONE] = "for nothing",
	};

	return words[dir < ARRAY_LEN(words) ? dir : DMA_NONE];
}
