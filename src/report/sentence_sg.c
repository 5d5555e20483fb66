/* SPDX-License-Identifier: MIT */
/* What is said of scatterlists: counts, functions, segments. */
#include "core/addr.h"
#include "core/maphow.h"
#include "oracle/oracle.h"
#include "report/cause_int.h"

static const struct event *event_of(const struct names *n, const struct finding *f)
{
	return f->event && f->event <= n->log->n ? event_get(n->log, f->event) : NULL;
}

static void name_of(const struct named_map *m, struct str *out)
{
	if (m && m->name[0])
		names_short(m->name, out);
	else
		str_add(out, "the handle");
}

/* A segment of the list that was mapped; NULL: it is not known. */
static const struct event *segment_of(const struct names *n, const struct finding *f)
{
	for (u32 i = f->event; i > 0; i--) {
		const struct event *e = event_get(n->log, i);

		if (e && e->kind == EV_SG_MAP && e->stmt == f->map_stmt && e->arg + 1u == f->dev)
			return e;
	}
	return NULL;
}

static void left_out(const struct names *n, const struct finding *f, const struct event *e,
		     struct str *out)
{
	bool write =
	    e->kind == EV_STORE_BUFFERED || e->kind == EV_STORE_CACHE || e->kind == EV_STORE_MEMORY;

	str_printf(out, "%s %s %u bytes at ", names_subject(n, f->party),
		   write ? "writes" : "reads", f->n);
	names_byte(n, f->pa, f->event, out);
	str_add(out, ": an entry that the unmap of its list left out.");
}

void sentence_wrong_count(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f), *s = segment_of(n, f);
	u32 mapped = s ? (u32)s->f[5] : 0;
	bool unmap = e && e->kind == EV_SG_UNMAP;

	if (unmap || (e && e->kind == EV_SG_SYNC))
		str_printf(out, "The list was mapped with %u entries, and is %s with %llu.", mapped,
			   unmap ? "unmapped" : "synced", (unsigned long long)e->f[unmap ? 5 : 4]);
	else if (e)
		left_out(n, f, e, out);
	else
		str_add(out, diag_info(f->id)->effect);
}

void sentence_count_misused(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *s = segment_of(n, f);

	if (f->index) {
		str_printf(out, "%s() of an entry that no map has filled: it means nothing.",
			   f->index == ENTRY_ADDRESS ? "sg_dma_address" : "sg_dma_len");
		return;
	}
	if (!s) {
		str_printf(out,
			   "%s uses the address of an entry that no map has filled, which is 0.",
			   names_subject(n, f->party));
		return;
	}
	str_printf(out,
		   "The list of %llu entries came as %u %s. %s was given the address of an entry "
		   "behind, which has none: DMA_MAPPING_ERROR.",
		   (unsigned long long)s->f[5], (u32)s->f[6],
		   (u32)s->f[6] == 1 ? "segment" : "segments", names_subject(n, f->party));
}

void sentence_wrong_function(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f);
	const struct named_map *m = finding_map_made(n, f);
	const struct event *made = m ? event_get(n->log, m->from) : NULL;

	if (!e || !made || made->kind != EV_MAP) {
		str_add(out, diag_info(f->id)->effect);
		return;
	}
	name_of(m, out);
	str_printf(out, " was mapped with %s(), and is unmapped as by %s().",
		   map_how_call((unsigned)made->f[6] & HOW_MASK),
		   map_how_call(e->kind == EV_UNMAP ? (unsigned)e->f[5] & HOW_MASK : HOW_SG));
}

void sentence_segment(const struct names *n, const struct finding *f, struct str *out)
{
	const struct event *e = event_of(n, f);

	if (!e || e->kind != EV_SG_MAP) {
		str_add(out, diag_info(f->id)->effect);
		return;
	}
	str_printf(out, "%s gets a segment of %llu bytes at ", names_device(n, e->arg),
		   (unsigned long long)e->f[1]);
	names_bus(n, e->arg, e->f[2], f->event, out);
	if (e->f[1] > f->index)
		str_printf(out, ": it takes %u.", f->index);
	else
		str_add(out, ", over a boundary that it must not cross.");
}
