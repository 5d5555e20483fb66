/* SPDX-License-Identifier: MIT */
/*
 * A finding in one sentence: bytes that were read old or went lost, and accesses that hand-overs
 * and order do not allow. Calls, addresses and context: report/sentence_calls.c.
 */
#include "report/cause_int.h"

#include <stdio.h>
#include <string.h>

#include "core/addr.h"
#include "report/narrate.h"
#include "scenario/ast.h"

static void where(const struct names *n, const struct finding *f, struct str *out)
{
	str_add(out, " at ");
	names_byte(n, f->pa, f->event, out);
}

static void subject(const struct names *n, u32 party, struct str *out)
{
	if (names_is_cpu(n, party))
		str_add(out, names_subject(n, party));
	else
		names_short(names_device(n, party - PARTY_DEVICE), out);
}

static void wrong_bytes(const struct names *n, const struct finding *f, struct str *out)
{
	subject(n, f->party, out);
	str_printf(out, " reads %u old byte%s", f->n, f->n == 1 ? "" : "s");
	where(n, f, out);
	if (f->lucky) {
		str_add(out, ": by luck they have the values of the new ones.");
	} else if (f->shown) {
		str_add(out, ": ");
		narrate_plain_bytes(f->got, f->shown, f->n, out);
		str_add(out, ", not ");
		narrate_plain_bytes(f->want, f->shown, f->n, out);
		narrate_stop(out);
	} else {
		str_add(out, ".");
	}
}

/* The finding's party is the one that had written what is gone. */
static void lost_bytes(const struct names *n, const struct finding *f, struct str *out)
{
	narrate_count(f->n, "byte", out);
	str_printf(out, " of %s", names_party(n, f->party));
	where(n, f, out);
	str_add(out, f->n == 1 ? " is gone" : " are gone");
	if (f->shown) {
		str_add(out, ": ");
		narrate_plain_bytes(f->want, f->shown, f->n, out);
	}
	narrate_stop(out);
	if (f->id == DIAG_DOUBLE_UNMAP)
		str_add(out, " The handle had been unmapped before.");
}

static void bytes_at(const struct names *n, const struct finding *f, struct str *out)
{
	narrate_count(f->n, "byte", out);
	where(n, f, out);
}

/* What the access that gave leave, event k, was to; 0: a register's write. */
static void leave_place(const struct names *n, u32 k, struct str *out)
{
	const struct event *e = k ? event_get(n->log, k) : NULL;

	if (!e || e->kind == EV_MMIO_READ)
		str_add(out, "the register");
	else
		names_byte(n, e->f[0], k, out);
}

/* The two accesses by their places: the later one gave leave for the earlier. */
static void may_swap(const struct names *n, const struct finding *f, struct str *out)
{
	u32 k = finding_leave(n, f);

	str_printf(out, "Nothing keeps the compiler from %s ",
		   names_is_cpu(n, f->party) ? "loading" : "storing");
	if (names_is_cpu(n, f->party))
		names_byte(n, f->pa, f->event, out);
	else
		leave_place(n, k, out);
	str_add(out, " before ");
	if (!names_is_cpu(n, f->party))
		names_byte(n, f->pa, f->event, out);
	else
		leave_place(n, k, out);
	str_add(out, ".");
}

/* got: what the bits mean on the other side; want: what they meant. */
static void mixed_order(const struct finding *f, struct str *out)
{
	const char *type = ast_type_text((enum type_base)(f->index & 0xff));
	bool becomes = f->index & 0x100;
	u64 got = get_le(f->got, f->shown), want = get_le(f->want, f->shown);

	str_printf(out, "A %s is taken as a %s, unconverted", becomes ? "plain integer" : type,
		   becomes ? type : "plain integer");
	if (f->shown)
		str_printf(out, ": 0x%llx becomes 0x%llx on this CPU.", (unsigned long long)want,
			   (unsigned long long)got);
	else if (f->lucky)
		str_add(out, ": by luck the bytes of this value are the same either way.");
	else
		str_printf(out, ": right here, wrong on a %s-endian CPU.",
			   type[2] == 'l' ? "big" : "little");
}

static bool is_sync(const struct event *e)
{
	return e->kind == EV_SYNC_CPU || e->kind == EV_SYNC_DEVICE;
}

static bool is_load(const struct event *e)
{
	return e->kind == EV_LOAD_CACHE || e->kind == EV_LOAD_MEMORY || e->kind == EV_LOAD_BUFFER ||
	       e->kind == EV_LOAD_EARLY;
}

/* A sync that leaves its mapping. */
static void outside_map(const struct names *n, const struct event *e, const struct named_map *m,
			u32 at, struct str *out)
{
	str_add(out, "The sync names ");
	narrate_count((u32)e->f[1], "byte", out);
	str_add(out, " at ");
	names_bus(n, e->arg, e->f[2], at, out);
	if (m && e->f[2] >= m->bus)
		str_printf(out, ", of which %llu are mapped.",
			   (unsigned long long)(m->bus + m->len - e->f[2]));
	else
		str_add(out, ", which begins before the mapping.");
}

/* What was wrong with the call that stands between, where one does. */
static void call_between(const struct names *n, const struct finding *f, struct str *out)
{
	u32 k = finding_call(n, f), line = names_line(n, f->call_stmt);
	const struct named_map *m = finding_map(n, f);
	const struct event *e = k ? event_get(n->log, k) : NULL;

	if (!k || !line)
		return;
	str_printf(out, " The %s of line %u ", is_sync(e) ? "sync" : "unmap", line);
	switch ((enum diag_id)f->id) {
	case DIAG_SYNC_WRONG_RANGE:
	case DIAG_UNMAP_SIZE_MISMATCH:
		str_add(out, "names ");
		narrate_count((u32)e->f[1], "byte", out);
		str_add(out, " at ");
		names_byte(n, e->f[0], k, out);
		str_add(out, ".");
		break;
	case DIAG_SG_NENTS_MISMATCH:
		str_add(out, "leaves this entry of the list out.");
		break;
	case DIAG_SYNC_WRONG_DIRECTION:
	case DIAG_UNMAP_DIRECTION_MISMATCH:
		str_printf(out, "says %s, the map %s.", names_direction(e->f[3]),
			   m ? names_direction(m->dir) : "something else");
		break;
	case DIAG_UNMAP_WRONG_FUNCTION:
		str_printf(out, "is that of %s().",
			   map_how_call(e->kind == EV_UNMAP ? (unsigned)e->f[5] & HOW_MASK
							    : HOW_SG));
		break;
	default:
		str_add(out, "says DMA_ATTR_SKIP_CPU_SYNC.");
	}
}

/* An access or a sync that the hand-overs do not allow. */
static void not_handed_over(const struct names *n, const struct finding *f, const struct event *e,
			    struct str *out)
{
	const struct named_map *m = finding_map(n, f);

	if (f->id == DIAG_SYNC_WRONG_RANGE && is_sync(e)) {
		outside_map(n, e, m, f->event, out);
		return;
	}
	switch ((enum diag_id)f->id) {
	case DIAG_SYNC_WRONG_DIRECTION:
		str_printf(out, "The sync says %s, the map", names_direction(e->f[3]));
		if (m && names_line(n, m->stmt))
			str_printf(out, " of line %u", names_line(n, m->stmt));
		str_printf(out, " %s.", m ? names_direction(m->dir) : "something else");
		break;
	case DIAG_SYNC_UNMAPPED:
		str_add(out, "The sync names ");
		names_bus(n, e->arg, e->f[2], f->event, out);
		str_printf(out, ", where %s has no mapping.", names_device(n, e->arg));
		break;
	case DIAG_COHERENT_ALIAS_ACCESS:
		str_printf(out, "%s %s ", names_subject(n, f->party),
			   is_load(e) ? "reads" : "writes");
		bytes_at(n, f, out);
		str_add(out, " through the cache: by another address than the driver was given.");
		break;
	case DIAG_MISSING_SYNC_FOR_DEVICE_REUSE:
		subject(n, f->party, out);
		str_add(out, e->kind == EV_DMA_READ ? " reads " : " writes ");
		bytes_at(n, f, out);
		str_add(out, ", which the CPU has taken back.");
		break;
	default:
		str_printf(out, "%s %s ", names_subject(n, f->party),
			   !is_load(e)				? "writes"
			   : f->id == DIAG_MISSING_SYNC_FOR_CPU ? "polls"
								: "reads");
		bytes_at(n, f, out);
		if (finding_only_read(n, f))
			str_printf(out, ", which it has back to read only: %s mapped %s.",
				   f->n == 1 ? "it is" : "they are",
				   names_direction(DMA_FROM_DEVICE));
		else
			str_printf(out, " while %s owns %s.",
				   m ? names_device(n, m->dev) : "the device",
				   f->n == 1 ? "it" : "them");
		call_between(n, f, out);
	}
}

static void rule_broken(const struct names *n, const struct finding *f, struct str *out)
{
	const struct named_map *m = finding_map(n, f);
	const struct event *e = event_get(n->log, f->event);

	switch ((enum diag_id)f->id) {
	case DIAG_SYNC_WRONG_RANGE:
	case DIAG_MISSING_SYNC_FOR_CPU:
	case DIAG_CPU_TOUCH_DEVICE_OWNED_READ:
	case DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE:
	case DIAG_SYNC_WRONG_DIRECTION:
	case DIAG_SYNC_UNMAPPED:
	case DIAG_COHERENT_ALIAS_ACCESS:
	case DIAG_MISSING_SYNC_FOR_DEVICE_REUSE:
		not_handed_over(n, f, e, out);
		break;
	case DIAG_MAP_WRONG_DIRECTION:
		subject(n, f->party, out);
		str_add(out, e->kind == EV_DMA_READ ? " reads " : " writes ");
		bytes_at(n, f, out);
		str_printf(out, ", mapped %s.", m ? names_direction(m->dir) : "the other way");
		break;
	case DIAG_COMPILER_MAY_REORDER:
		may_swap(n, f, out);
		break;
	case DIAG_ENDIANNESS:
		mixed_order(f, out);
		break;
	case DIAG_INFO_LEAK_PARTIAL_WRITE:
		str_printf(out, "%s uses ", names_subject(n, f->party));
		bytes_at(n, f, out);
		str_add(out, " that the device did not write.");
		break;
	default:
		if (!sentence_of_call(n, f, out))
			str_add(out, diag_info(f->id)->effect);
	}
}

/* Whose defect it is: an old bug that the kernel was given, or its port. */
static void defect_of(const struct names *n, const struct finding *f, struct str *out)
{
	const char *by = " This kernel has an old bug: ";

	if (f->id == DIAG_PLATFORM_DEFECT && (n->cfg->defect || !n->cfg->lx.quirks)) {
		str_printf(out, " The kernel's port %s.",
			   f->told != TOLD_STALE || !names_is_cpu(n, f->party)
			       ? "left the line dirty at this call"
			   : f->source == COPY_PAST ? "did not keep the load behind this call"
						    : "left the line in the cache at this call");
		return;
	}
	for (u32 q = 0; q < QUIRKS; q++)
		if (n->cfg->lx.quirks >> q & 1) {
			str_printf(out, "%s%s", by, quirk_info((enum quirk)q)->name);
			by = ", ";
		}
	str_add(out, n->cfg->lx.quirks ? "." : "");
}

void finding_message(const struct names *n, const struct finding *f, struct str *out)
{
	const char *name;

	switch ((enum diag_id)f->id) {
	case DIAG_ASSERT:
		name = n->prog->assert[f->index].name;
		str_add(out, "The assert \"");
		str_safe(out, name, strlen(name));
		str_add(out, "\" does not hold.");
		defect_of(n, f, out);
		return;
	case DIAG_KERNEL_BUG:
		str_printf(out, "The kernel stops this thread: %s.",
			   f->reason ? f->reason : "it cannot go on");
		return;
	case DIAG_HANG:
		str_add(out, "The driver waits for ever: nothing that is fair can end its wait.");
		return;
	default:
		break;
	}
	if (f->told == TOLD_RULE) {
		rule_broken(n, f, out);
		return;
	}
	(f->told == TOLD_STALE ? wrong_bytes : lost_bytes)(n, f, out);
	if (f->told == TOLD_LOST && f->id == DIAG_SYNC_WRONG_RANGE && finding_map_made(n, f))
		str_printf(out, " The sync leaves its mapping, of %llu bytes.",
			   (unsigned long long)finding_map_made(n, f)->len);
	if (f->id == DIAG_PLATFORM_DEFECT)
		defect_of(n, f, out);
	call_between(n, f, out);
}
