/* SPDX-License-Identifier: MIT */
/* Builtins of those who are not the driver: the observer, devices, hardware, the laboratory. */
#include <string.h>

#include "core/event.h"
#include "scenario/compile_builtin.h"

static const struct type none;

/* ---- looking ----------------------------------------------------------------------------------
 */

/* number: 0 what the CPU would read, 1 what memory holds. */
struct type builtin_sees(struct compiler *c, const struct expr *e, u32 number)
{
	struct place_type p;

	if (e->n == 2) {
		expr_pointer(c, e->arg[0], arena_printf(c->arena, "argument 1 of %s", e->text));
		expr_int(c, e->arg[1], arena_printf(c->arena, "argument 2 of %s", e->text));
		emit_call(c, OP_SEE, number ? SEE_MEMORY : SEE_CPU, 0, 2, 1);
		return type_of_kind(TY_BYTES);
	}
	if (!is_memory_place(c, e->arg[0]))
		return refuse(c, e->arg[0]->at, "as in cpu_sees(ring[0].len), or cpu_sees(buf, 5)",
			      "'%s' is no place in memory", text_of(c, e->arg[0]));
	p = place_address(c, e->arg[0]);
	if (p.type.kind == TY_NONE)
		return none;
	if (p.is_array || p.type.kind == TY_STRUCT)
		return refuse(c, e->arg[0]->at, "say how many bytes: cpu_sees(p, n)",
			      "'%s' is more than one value", text_of(c, e->arg[0]));
	if (p.type.bus)
		return refuse(c, e->arg[0]->at, "device_sees(dev, h, n) looks there",
			      "'%s' is a bus address", text_of(c, e->arg[0]));
	emit(c, OP_SEE, type_size(&p.type), number ? SEE_MEMORY_INT : SEE_CPU_INT, 0, 0);
	if (p.type.kind == TY_INT && p.type.width == W_S32)
		emit(c, OP_CONV, W_S32, 0, 0, 0);
	return p.type;
}

void expr_handle(struct compiler *c, const struct expr *e, const char *what)
{
	struct type t = expr_value(c, e);

	if (t.kind == TY_DMA || t.kind == TY_NONE)
		return;
	if (in_device(c) && (t.kind == TY_INT || (t.kind == TY_PTR && t.bus)))
		return;
	refuse(c, e->at, NULL, "%s is a dma_addr_t; '%s' is %s", what, text_of(c, e),
	       type_describe(&t));
}

void expr_device(struct compiler *c, const struct expr *e, const char *what)
{
	struct type t = expr_value(c, e);

	if (t.kind != TY_DEVICE && t.kind != TY_NONE)
		refuse(c, e->at, NULL, "%s is a device; '%s' is %s", what, text_of(c, e),
		       type_describe(&t));
}

struct type builtin_device_sees(struct compiler *c, const struct expr *e, u32 number)
{
	(void)number;
	expr_device(c, e->arg[0], "argument 1 of device_sees");
	expr_handle(c, e->arg[1], "argument 2 of device_sees");
	expr_int(c, e->arg[2], "argument 3 of device_sees");
	emit_call(c, OP_SEE, SEE_DEVICE, 0, 3, 1);
	return type_of_kind(TY_BYTES);
}

struct type builtin_line_state(struct compiler *c, const struct expr *e, u32 number)
{
	expr_pointer(c, e->arg[0], arena_printf(c->arena, "argument 1 of %s", e->text));
	emit_call(c, OP_SEE, number, 0, 1, 1);
	return number == SEE_OWNER ? type_of_kind(TY_BYTES) : type_int(W_S64);
}

struct type builtin_bus_to_phys(struct compiler *c, const struct expr *e, u32 number)
{
	(void)number;
	expr_device(c, e->arg[0], "argument 1 of bus_to_phys");
	expr_handle(c, e->arg[1], "argument 2 of bus_to_phys");
	emit_call(c, OP_SEE, SEE_BUS_TO_PHYS, 0, 2, 1);
	return type_of_kind(TY_PHYS);
}

/* ---- devices ----------------------------------------------------------------------------------
 */

struct type builtin_dma_read(struct compiler *c, const struct expr *e, u32 number)
{
	(void)number;
	expr_handle(c, e->arg[0], "argument 1 of dma_read");
	expr_int(c, e->arg[1], "argument 2 of dma_read");
	emit(c, OP_DMA_READ, 0, 0, 0, 0);
	return type_of_kind(TY_BYTES);
}

struct type builtin_dma_write(struct compiler *c, const struct expr *e, u32 number)
{
	bool relaxed = e->n == 3;

	(void)number;
	if (relaxed && (e->arg[2]->kind != EXPR_NAME || strcmp(e->arg[2]->text, "RELAXED") != 0))
		return refuse(c, e->arg[2]->at, NULL, "argument 3 of dma_write is RELAXED");
	expr_handle(c, e->arg[0], "argument 1 of dma_write");
	expr_bytes(c, e->arg[1], "argument 2 of dma_write");
	emit(c, OP_DMA_WRITE, 0, relaxed, 0, 0);
	return type_of_kind(TY_VOID);
}

struct type builtin_raise_irq(struct compiler *c, const struct expr *e, u32 number)
{
	(void)e;
	(void)number;
	emit(c, OP_RAISE_IRQ, 0, 0, 0, 0);
	return type_of_kind(TY_VOID);
}

/* ---- hardware and laboratory ------------------------------------------------------------------
 */

struct type builtin_hw(struct compiler *c, const struct expr *e, u32 number)
{
	expr_pointer(c, e->arg[0], arena_printf(c->arena, "argument 1 of %s", e->text));
	expr_int(c, e->arg[1], arena_printf(c->arena, "argument 2 of %s", e->text));
	emit(c, OP_HW, 0, number, 0, 0);
	return type_of_kind(TY_VOID);
}

/* What a constant address of place() says can be held against the platform before the run. */
static void check_place(struct compiler *c, const struct expr *e)
{
	const struct hw_config *hw = &c->cfg->hw;
	struct str s = {0};
	struct cval n, at;

	if (const_eval(c, e->arg[0], &n) != CONSTANT || const_eval(c, e->arg[1], &at) != CONSTANT)
		return;
	for (u32 i = 0; i < hw->rams; i++) {
		const struct range *r = &hw->ram[i];
		u64 off = at.v - r->base;

		if (at.v >= r->base && off < r->size && n.v <= r->size - off) {
			str_free(&s);
			return;
		}
		str_printf(&s, "%s0x%llx to 0x%llx",
			   i ? ", " : "memory of this platform: ", (unsigned long long)r->base,
			   (unsigned long long)(r->base + r->size - 1));
	}
	refuse(c, e->arg[1]->at, arena_printf(c->arena, "%s", str_get(&s)),
	       "%llu bytes at 0x%llx are no memory on %s", (unsigned long long)n.v,
	       (unsigned long long)at.v, c->cfg->platform);
	str_free(&s);
}

static const char *const held_words[] = {"STORES", "MMIO", "IRQ", "DMA", "IOTLB"};

/* What is to be held; 0: refused. */
static u32 held_word(struct compiler *c, const struct expr *call)
{
	const struct expr *e = call->arg[0];
	const char *word = e->kind == EXPR_NAME ? e->text : "";
	u32 i;

	for (i = 0; i < ARRAY_LEN(held_words); i++)
		if (strcmp(word, held_words[i]) == 0)
			return 1u << i;
	refuse(c, e->at, NULL, "%s() takes STORES, MMIO, IRQ, DMA or IOTLB; '%s' is none of them",
	       call->text, text_of(c, e));
	return 0;
}

/* hold(WHAT), release(WHAT[, p, n]): p is a register for MMIO. */
struct type builtin_hold(struct compiler *c, const struct expr *e, u32 number)
{
	u32 what = held_word(c, e);

	if (!what)
		return none;
	if (e->n == 2)
		return refuse(c, e->at, NULL, "release(what) or release(what, p, n)");
	if (e->n == 3 && what == HELD_IRQ)
		return refuse(c, e->arg[1]->at, NULL, "an interrupt has no address");
	if (e->n == 3 && what == HELD_IOTLB)
		return refuse(c, e->arg[1]->at, NULL, "the queue is flushed as a whole");
	if (e->n == 1) {
		emit_push(c, 0);
		emit_push(c, 0);
	} else if (what == HELD_MMIO) {
		struct type t = expr_value(c, e->arg[1]);

		if (t.kind != TY_MMIO && t.kind != TY_NONE)
			refuse(c, e->arg[1]->at, "write dev.regs + OFFSET",
			       "'%s' is %s, not the address of a register", text_of(c, e->arg[1]),
			       type_describe(&t));
		expr_int(c, e->arg[2], "argument 3 of release");
		number = HW_RELEASE_REG;
	} else {
		expr_pointer(c, e->arg[1], "argument 2 of release");
		expr_int(c, e->arg[2], "argument 3 of release");
	}
	emit(c, OP_HW, 0, number, what, 0);
	return type_of_kind(TY_VOID);
}

/* Where: an integer as a physical address, as the file knows it. */
struct type builtin_lab_place(struct compiler *c, const struct expr *e, u32 number)
{
	struct type t;

	expr_int(c, e->arg[0], "argument 1 of place");
	t = expr_value(c, e->arg[1]);
	if (t.kind != TY_INT && t.kind != TY_PHYS && t.kind != TY_NONE)
		refuse(c, e->arg[1]->at, NULL,
		       "argument 2 of place is a physical address; '%s' is %s",
		       text_of(c, e->arg[1]), type_describe(&t));
	else if (t.kind != TY_NONE)
		check_place(c, e);
	emit_call(c, OP_LAB, number, 0, 2, 1);
	return type_void_pointer();
}

struct type builtin_lab_memory(struct compiler *c, const struct expr *e, u32 number)
{
	expr_int(c, e->arg[0], arena_printf(c->arena, "argument 1 of %s", e->text));
	emit_call(c, OP_LAB, number, 0, 1, 1);
	return type_void_pointer();
}

struct type builtin_lab_alias(struct compiler *c, const struct expr *e, u32 number)
{
	struct type t = expr_pointer(c, e->arg[0], "argument 1 of linear_alias");

	emit_call(c, OP_LAB, number, 0, 1, 1);
	return t;
}

struct type builtin_lab_preset(struct compiler *c, const struct expr *e, u32 number)
{
	expr_pointer(c, e->arg[0], "argument 1 of preset");
	expr_bytes(c, e->arg[1], "argument 2 of preset");
	emit_call(c, OP_LAB, number, 0, 2, 0);
	return type_of_kind(TY_VOID);
}
