/* SPDX-License-Identifier: MIT */
/* A finding in one sentence, and what to write instead. */
#include "report/cause.h"

#include <stdio.h>
#include <string.h>

#include "core/addr.h"
#include "report/narrate.h"
#include "report/told.h"
#include "scenario/ast.h"

static const char *const directions[] = {"DMA_BIDIRECTIONAL", "DMA_TO_DEVICE", "DMA_FROM_DEVICE",
					 "DMA_NONE"};

/* ---- the sentence ---- */

static void where(const struct names *n, const struct finding *f, struct str *out)
{
	str_add(out, " at ");
	names_byte(n, f->pa, f->event, out);
}

static void subject(const struct names *n, u32 party, struct str *out)
{
	if (party == PARTY_CPU)
		str_add(out, "The CPU");
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
		   f->party == PARTY_CPU ? "loading" : "storing");
	if (f->party == PARTY_CPU)
		names_byte(n, f->pa, f->event, out);
	else
		leave_place(n, k, out);
	str_add(out, " before ");
	if (f->party != PARTY_CPU)
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
	u64 got = 0, want = 0;

	str_printf(out, "A %s is taken as a %s, unconverted", becomes ? "plain integer" : type,
		   becomes ? type : "plain integer");
	for (u32 i = 0; i < f->shown; i++) {
		got |= (u64)f->got[i] << (8 * i);
		want |= (u64)f->want[i] << (8 * i);
	}
	if (f->shown)
		str_printf(out, ": 0x%llx becomes 0x%llx on this CPU.", (unsigned long long)want,
			   (unsigned long long)got);
	else if (f->lucky)
		str_add(out, ": by luck the bytes of this value are the same either way.");
	else
		str_printf(out, ": right here, wrong on a %s-endian CPU.",
			   type[2] == 'l' ? "big" : "little");
}

static void rule_broken(const struct names *n, const struct finding *f, struct str *out)
{
	const struct named_map *m = finding_map(n, f);
	const char *dev = m ? names_device(n, m->dev) : "the device";

	switch ((enum diag_id)f->id) {
	case DIAG_CPU_TOUCH_DEVICE_OWNED_READ:
	case DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE:
		str_printf(out, "The CPU %s ",
			   f->id == DIAG_CPU_TOUCH_DEVICE_OWNED_READ ? "reads" : "writes");
		bytes_at(n, f, out);
		str_printf(out, " while %s owns %s.", dev, f->n == 1 ? "it" : "them");
		break;
	case DIAG_MAP_WRONG_DIRECTION:
		subject(n, f->party, out);
		str_add(out,
			event_get(n->log, f->event)->kind == EV_DMA_READ ? " reads " : " writes ");
		bytes_at(n, f, out);
		str_printf(out, ", mapped %s.", m ? directions[m->dir & 3] : "the other way");
		break;
	case DIAG_COMPILER_MAY_REORDER:
		may_swap(n, f, out);
		break;
	case DIAG_ENDIANNESS:
		mixed_order(f, out);
		break;
	case DIAG_INFO_LEAK_PARTIAL_WRITE:
		str_add(out, "The CPU uses ");
		bytes_at(n, f, out);
		str_add(out, " that the device did not write.");
		break;
	default:
		if (!told_message(n, f, out))
			str_add(out, diag_info(f->id)->effect);
	}
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
		return;
	case DIAG_KERNEL_BUG:
		str_printf(out, "The kernel stops this thread: %s.",
			   f->reason ? f->reason : "it cannot go on");
		return;
	case DIAG_HANG:
		str_add(out, "The driver waits for ever: nothing that is fair can end its wait.");
		return;
	case DIAG_CPU_STALE_READ:
	case DIAG_SPECULATIVE_REFILL_STALE:
	case DIAG_DEVICE_STALE_READ:
	case DIAG_MISSING_SYNC_FOR_DEVICE_REUSE:
	case DIAG_MISSING_DMA_WMB:
	case DIAG_RELAXED_DOORBELL:
	case DIAG_MISSING_DMA_RMB:
	case DIAG_RELAXED_STATUS_READ:
	case DIAG_IRQ_BEFORE_DATA:
		wrong_bytes(n, f, out);
		return;
	case DIAG_CACHELINE_SHARE_NEIGHBOUR:
	case DIAG_DMA_WRITE_LOST_UNMAP_SKIP:
	case DIAG_CPU_WRITE_LOST_BOUNCE:
	case DIAG_CPU_WRITE_LOST_INVALIDATE:
	case DIAG_DMA_WRITE_LOST_EVICTION:
		lost_bytes(n, f, out);
		return;
	case DIAG_PLATFORM_DEFECT:
		(f->index ? wrong_bytes : lost_bytes)(n, f, out);
		str_add(out, " The kernel's port left the line dirty at this call.");
		return;
	default:
		(finding_is_loss(n, f) ? lost_bytes : rule_broken)(n, f, out);
	}
}

/* ---- the fix ---- */

/* An argument of the map call as the driver wrote it, else what it was worth. */
static void argument(const struct names *n, const struct named_map *m, u32 i, const char *value,
		     struct str *out)
{
	size_t was = out->n;
	const char *text = names_stmt(n, m->stmt)->text;

	if (text && names_argument(text, "dma_map_", i, out))
		return;
	if (out->n > was) {
		out->n = was;
		out->s[was] = 0;
	}
	str_add(out, value);
}

/* fn(dev, handle, size, direction); nothing if no variable has the handle. */
void fix_call(const struct names *n, const struct named_map *m, const char *fn, struct str *out)
{
	bool by_page;
	char size[24];

	if (!m || !m->name[0] || strchr(m->name, '#'))
		return;
	by_page = strstr(names_stmt(n, m->stmt)->text, "dma_map_page") != NULL;
	snprintf(size, sizeof size, "%llu", (unsigned long long)m->len);
	str_printf(out, "%s(", fn);
	argument(n, m, 0, names_device(n, m->dev), out);
	str_printf(out, ", %s, ", m->name);
	argument(n, m, by_page ? 3 : 2, size, out);
	str_add(out, ", ");
	argument(n, m, by_page ? 4 : 3, directions[m->dir & 3], out);
	str_add(out, ");");
}

void fix_place(struct fix *x, const struct names *n, const char *side, u32 stmt)
{
	u32 line = names_line(n, stmt);

	if (line)
		str_printf(&x->where, "%s line %u", side, line);
}

/* The leave was a register write: there is no store of that statement. */
static bool by_register(const struct names *n, const struct finding *f)
{
	return f->id == DIAG_COMPILER_MAY_REORDER && f->party != PARTY_CPU && !finding_leave(n, f);
}

/* The bytes did not come back because the map, or its end, did not say that they should. */
static bool not_brought_back(const struct finding *f, const struct named_map *m)
{
	return m && (m->dir == DMA_TO_DEVICE || (m->to && m->to <= f->event));
}

void fix_make(struct fix *x, const struct names *n, const struct finding *f)
{
	const struct named_map *m = finding_map(n, f);
	const char *call = NULL, *side = "before";
	u32 stmt = f->at_stmt;

	*x = (struct fix){0};
	if (f->id == DIAG_ASSERT) {
		str_add(&x->words, "See what the driver did to the bytes that are asserted.");
		return;
	}
	str_add(&x->words, diag_info(f->id)->fix);
	switch ((enum diag_id)f->id) {
	case DIAG_CPU_STALE_READ:
	case DIAG_SPECULATIVE_REFILL_STALE:
	case DIAG_CPU_TOUCH_DEVICE_OWNED_READ:
		if (not_brought_back(f, m)) {
			str_clear(&x->words);
			str_add(&x->words,
				"Map it DMA_FROM_DEVICE or DMA_BIDIRECTIONAL, and unmap it alike.");
			return;
		}
		fix_call(n, m, "dma_sync_single_for_cpu", &x->call);
		break;
	case DIAG_DEVICE_STALE_READ:
	case DIAG_MISSING_SYNC_FOR_DEVICE_REUSE:
		fix_call(n, m, "dma_sync_single_for_device", &x->call);
		side = "behind";
		stmt = f->stmt;
		break;
	case DIAG_MISSING_DMA_WMB:
	case DIAG_COMPILER_MAY_REORDER:
		if (by_register(n, f)) {
			str_clear(&x->words);
			str_add(&x->words, diag_info(DIAG_RELAXED_DOORBELL)->fix);
			return;
		}
		call = f->party == PARTY_CPU && f->id == DIAG_COMPILER_MAY_REORDER ? "dma_rmb();"
										   : "dma_wmb();";
		stmt = f->stmt;
		break;
	case DIAG_MISSING_DMA_RMB:
		call = "dma_rmb();";
		break;
	default:
		told_fix(x, n, f);
		return;
	}
	if (call)
		str_add(&x->call, call);
	if (x->call.n)
		fix_place(x, n, side, stmt);
}

void fix_free(struct fix *x)
{
	str_free(&x->where);
	str_free(&x->call);
	str_free(&x->words);
}
