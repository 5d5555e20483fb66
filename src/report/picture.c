/* SPDX-License-Identifier: MIT */
#include "report/picture.h"

#include <stdio.h>
#include <string.h>

#include "core/addr.h"
#include "core/copies.h"
#include "core/memkind.h"
#include "report/cause.h"
#include "report/narrate.h"

enum {
	GROUP = 8,
	LABEL = 14,
	INDENT = 11,
	LOOK_MAX = 1024 /* bytes looked at after a statement */
};

/* ---- where the truths differ ---- */

static bool is_behind(char mark)
{
	return mark == '~' || mark == '!';
}

static bool behind(const struct oracle *o, u64 pa, bool cpu)
{
	struct truths t;

	if (!oracle_alloc_at(o, pa))
		return false;
	oracle_truths(o, pa, ~0u, &t);
	return is_behind(cpu ? t.cpu.mark : t.device.mark);
}

/* A store that only waits in the store buffer: it will be out when the device is started. */
static bool only_waits(const struct oracle *o, u64 pa)
{
	struct truths t;

	oracle_truths(o, pa, ~0u, &t);
	return t.cpu.from == COPY_BUFFER;
}

/* Walls that no longer stand may be shown again. */
static void forget(struct pictures *p)
{
	const struct oracle *o = &p->r->e->oracle;
	u32 k = 0;

	for (u32 i = 0; i < p->n; i++)
		if (behind(o, p->v[i].pa, p->v[i].cpu))
			p->v[k++] = p->v[i];
	p->n = k;
}

static bool seen(const struct pictures *p, u32 alloc, bool cpu)
{
	for (u32 i = 0; i < p->n; i++)
		if (p->v[i].alloc == alloc && p->v[i].cpu == cpu)
			return true;
	return false;
}

/* ---- drawing ---- */

static void row(const struct style *s, const char *label, const struct truth *t, struct str *out)
{
	static const enum attr attrs[] = {ATTR_NONE, ATTR_BOLD, ATTR_UNDERLINE, ATTR_STALE};
	char marks[] = " *~!", chars[GROUP + 1] = {0};
	const char *legend = "";
	int worst = 0;

	style_pad(INDENT, out);
	str_printf(out, "%-*.*s", LABEL, LABEL - 1, label);
	for (u32 i = 0; i < GROUP; i++) {
		const char *m = strchr(marks, t[i].mark ? t[i].mark : ' ');
		int kind = m ? (int)(m - marks) : 0;

		worst = kind > worst ? kind : worst;
		chars[i] = t[i].value > 0x20 && t[i].value < 0x7f ? (char)t[i].value : '.';
		if (t[i].state == TRUTH_KNOWN) {
			style_on(s, attrs[kind], out);
			str_printf(out, "%02x%c", t[i].value, marks[kind]);
			style_off(s, attrs[kind], out);
		} else {
			chars[i] = '.';
			str_add(out, "-- ");
		}
	}
	if (worst == 1)
		legend = "   * newest";
	else if (worst == 2)
		legend = "   ~ old";
	else if (worst == 3)
		legend = "   ! stale";
	str_printf(out, " %s%s\n", chars, legend);
}

enum wall { OPEN, LIGHT, FULL };

static enum wall wall_between(const struct truth *a, const struct truth *b)
{
	if (a->state != TRUTH_KNOWN || b->state != TRUTH_KNOWN)
		return OPEN;
	if (a->value != b->value)
		return FULL;
	return is_behind(a->mark) != is_behind(b->mark) ? LIGHT : OPEN;
}

static void seam(const struct style *s, const char *what, const struct truth *a,
		 const struct truth *b, struct str *out)
{
	static const char *const unicode[] = {" ", "░", "▓"}, *const ascii[] = {" ", ":", "#"};
	const char *const *glyph = s->ascii ? ascii : unicode;
	enum wall w[GROUP + 1] = {OPEN}, worst = OPEN;
	u32 last = 0;

	for (u32 i = 0; i < GROUP; i++) {
		w[i] = wall_between(&a[i], &b[i]);
		worst = w[i] > worst ? w[i] : worst;
		last = w[i] ? i + 1 : last;
	}
	style_pad(INDENT + 2, out);
	if (worst == OPEN) {
		str_printf(out, "= %s\n", what);
		return;
	}
	style_on(s, ATTR_BOLD, out);
	str_printf(out, "%s %-*.*s", glyph[worst], LABEL - 4, LABEL - 5, what);
	for (u32 i = 0; i < last; i++)
		str_printf(out, "%s%s%s", glyph[w[i]], glyph[w[i]],
			   glyph[w[i] < w[i + 1] ? w[i] : w[i + 1]]);
	style_pad(3 * (GROUP - last) + 1, out);
	for (u32 i = 0; i < last; i++)
		str_add(out, glyph[w[i]]);
	style_off(s, ATTR_BOLD, out);
	str_add(out, "\n");
}

struct rows {
	struct truth cpu[GROUP], memory[GROUP], device[GROUP];
	u32 dev;
	bool has_device, bounced, snooped;
};

static void look(const struct oracle *o, u64 pa, u64 end, struct rows *r)
{
	memset(r, 0, sizeof *r);
	for (u32 i = 0; i < GROUP; i++) {
		struct truths t;

		if (pa + i >= end) { /* behind the buffer */
			r->cpu[i].state = r->memory[i].state = r->device[i].state = TRUTH_UNMAPPED;
			continue;
		}
		oracle_truths(o, pa + i, ~0u, &t);
		r->cpu[i] = t.cpu;
		r->memory[i] = t.memory;
		r->device[i] = t.device;
		r->bounced |= t.bounced;
		r->snooped |= t.snooped;
		if (t.device.state == TRUTH_KNOWN) {
			r->has_device = true;
			r->dev = t.dev;
		}
	}
}

static void upper_seam(const struct pictures *p, const struct rows *t, u64 pa, u32 at,
		       struct str *out)
{
	const struct names *n = &p->r->names;
	const struct named_buffer *b = names_buffer(n, pa, at);
	u32 fill = 0;

	for (u32 i = 0; i < GROUP; i++)
		if (t->cpu[i].from == COPY_BUFFER && is_behind(t->memory[i].mark)) {
			str_add(out, "store buf");
			return;
		}
	if (b && b->uncached) {
		str_add(out, "uncached");
		return;
	}
	if (t->snooped) {
		str_add(out, "snooped");
		return;
	}
	str_add(out, "cache");
	if (t->cpu[0].from == COPY_CACHE || t->cpu[0].from == COPY_OUTER)
		fill = events_last(n, at + 1, EVENT_BIT(FILL) | EVENT_BIT(SPEC_FILL), ~0u, pa, 1);
	if (fill && fill < 1000)
		str_printf(out, " e%u", fill);
}

static void plain_row(const char *label, const struct truth *t, struct str *out)
{
	u32 first = GROUP, last = 0;

	str_printf(out, "  %s:", label);
	for (u32 i = 0; i < GROUP; i++) {
		if (t[i].state == TRUTH_KNOWN)
			str_printf(out, " %02x", t[i].value);
		else
			str_add(out, " --");
		if (is_behind(t[i].mark)) {
			first = first < i ? first : i;
			last = i;
		}
	}
	if (first == GROUP)
		str_add(out, ".\n");
	else
		str_printf(out, ". Old from +%u to +%u.\n", first, last);
}

/* Old bytes that the finding's party has used are stale. */
static void consumed(const struct names *n, struct rows *t, u64 base, const struct finding *f)
{
	struct truth *row = names_is_cpu(n, f->party) ? t->cpu : t->device;

	for (u32 i = 0; i < GROUP; i++)
		if (base + i - f->pa < f->n && row[i].mark == '~')
			row[i].mark = '!';
}

static bool differs(const struct rows *t)
{
	for (u32 i = 0; i < GROUP; i++)
		if (is_behind(t->cpu[i].mark) || is_behind(t->memory[i].mark) ||
		    is_behind(t->device[i].mark))
			return true;
	return false;
}

static void draw(const struct pictures *p, u64 pa, u32 at, const struct finding *f,
		 const struct style *s, struct str *out)
{
	const struct oracle *o = &p->r->e->oracle;
	const struct oalloc *a = oracle_alloc(o, oracle_alloc_at(o, pa) - 1);
	u64 base = a->pa + align_down(pa - a->pa, GROUP);
	struct str name = {0}, upper = {0};
	char device[NAME_SHOWN], cpu[NAME_SHOWN], memory[] = "memory holds";
	u32 looks = names_cpu_at(&p->r->names, at);
	struct rows t;

	engine_look_as(p->r->e, looks);
	look(o, base, a->pa + a->len, &t);
	engine_look_as(p->r->e, 0);
	if (f && f->told != TOLD_LOST)
		consumed(&p->r->names, &t, base, f);
	if (!differs(&t))
		return; /* a rule was broken, the bytes are fine */
	names_byte(&p->r->names, base, at, &name);
	upper_seam(p, &t, base, at, &upper);
	snprintf(cpu, sizeof cpu, "%s reads", names_cpu(&p->r->names, looks));
	snprintf(device, sizeof device, "%.6s reads",
		 t.has_device ? names_device(&p->r->names, t.dev) : "device");
	if (s->plain) {
		str_printf(out, "%s and the 7 bytes behind it:\n", str_get(&name));
		plain_row(cpu, t.cpu, out);
		plain_row(memory, t.memory, out);
		plain_row(device, t.device, out);
	} else {
		str_add(out, "\n");
		style_pad(INDENT, out);
		str_printf(out, "%-*.*s+0 +1 +2 +3 +4 +5 +6 +7\n", LABEL, LABEL - 1,
			   str_get(&name));
		row(s, cpu, t.cpu, out);
		seam(s, str_get(&upper), t.cpu, t.memory, out);
		row(s, memory, t.memory, out);
		seam(s, t.bounced ? "bounce" : "direct", t.memory, t.device, out);
		row(s, device, t.device, out);
		str_add(out, "\n");
	}
	str_free(&name);
	str_free(&upper);
}

/* ---- when ---- */

struct range_seen {
	u64 pa, len;
};

/* The bytes that an event may have changed something about; len 0: none. */
static struct range_seen changed(const struct names *n, u32 k)
{
	const struct event *e = event_get(n->log, k);

	switch ((enum event_kind)e->kind) {
	case EV_STORE_BUFFERED:
	case EV_STORE_CACHE:
	case EV_STORE_MEMORY:
	case EV_MAP:
	case EV_UNMAP:
	case EV_SYNC_CPU:
	case EV_SYNC_DEVICE:
		return (struct range_seen){e->f[0], e->f[1]};
	case EV_DMA_WRITE:
	case EV_COPY_OUT:
		return (struct range_seen){names_home(n, e->f[1], k), e->f[2]};
	default:
		return (struct range_seen){0, 0};
	}
}

/* The first byte of the range where that side is behind, in streaming memory. */
static bool find_behind(const struct pictures *p, struct range_seen r, bool cpu, u64 *pa)
{
	const struct oracle *o = &p->r->e->oracle;
	u64 len = min_u64(r.len, LOOK_MAX);

	for (u64 i = 0; i < len; i++) {
		u32 a = oracle_alloc_at(o, r.pa + i);

		if (!a || oracle_alloc(o, a - 1)->kind == KIND_COHERENT ||
		    oracle_alloc(o, a - 1)->kind == KIND_POOL)
			return false;
		if (behind(o, r.pa + i, cpu) && !seen(p, a, cpu) &&
		    (cpu || !only_waits(o, r.pa + i))) {
			*pa = r.pa + i;
			return true;
		}
	}
	return false;
}

static void remember(struct pictures *p, u64 pa)
{
	const struct oracle *o = &p->r->e->oracle;

	for (u32 cpu = 0; cpu < 2; cpu++)
		if (behind(o, pa, cpu))
			vec_push(p, (struct wall_seen){pa, oracle_alloc_at(o, pa), cpu});
}

void pictures_after(struct pictures *p, u32 first, u32 last, const struct style *style,
		    struct str *out)
{
	u64 pa;

	forget(p);
	for (u32 k = first; k <= last; k++)
		for (u32 cpu = 0; cpu < 2; cpu++)
			if (find_behind(p, changed(&p->r->names, k), cpu, &pa)) {
				draw(p, pa, last, NULL, style, out);
				remember(p, pa);
				return;
			}
}

/* A wall that stands was seen in the same eight bytes. */
static bool shown(const struct pictures *p, u64 pa)
{
	for (u32 i = 0; i < p->n; i++)
		if (p->v[i].pa / GROUP == pa / GROUP)
			return true;
	return false;
}

static void caption(u32 at, const struct style *s, struct str *out)
{
	style_pad(s->plain ? 2 : INDENT - 2, out);
	str_printf(out, "Just before, after event %u:\n", at);
}

bool picture_of_finding(struct pictures *p, const struct finding *f, u32 last,
			const struct style *style, struct str *out)
{
	const struct oracle *o = &p->r->e->oracle;
	u32 at = f->told == TOLD_LOST ? f->event - 1 : last;
	u32 alloc;

	if (finding_is_beside(f) || !f->event || !f->n)
		return false;
	engine_goto(p->r->e, at);
	alloc = oracle_alloc_at(o, f->pa);
	if (alloc && !shown(p, f->pa)) {
		if (f->told == TOLD_LOST)
			caption(at, style, out);
		draw(p, f->pa, at, f, style, out);
		remember(p, f->pa);
	}
	return f->told == TOLD_LOST;
}

void pictures_free(struct pictures *p)
{
	vec_free(p);
}
