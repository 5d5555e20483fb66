/* SPDX-License-Identifier: MIT */
/* The table of builtins (scenario/builtins.def), and those that access memory and registers. */
#include "scenario/compile_builtin.h"

#include <string.h>

static const struct type none;

enum allowed {
	ALLOW_CPU,
	ALLOW_DEV,
	ALLOW_HW,
	ALLOW_LAB,
	ALLOW_LOOK,
	ALLOW_ANY,
	ALLOW_RUN,
	ALLOW_ACT,
	ALLOW_NONE
};

static const struct builtin {
	const char *name, *args;
	enum allowed who;
	u32 fewest, most;
	struct type (*compile)(struct compiler *c, const struct expr *e, u32 number);
	u32 number;
} builtins[] = {
#define BUILTIN(name, who, fewest, most, args, fn, number)                                         \
	{#name, args, ALLOW_##who, fewest, most, builtin_##fn, number},
#include "scenario/builtins.def"
#undef BUILTIN
};

/* ---- who may call -----------------------------------------------------------------------------
 */

static bool is_allowed(const struct compiler *c, enum allowed who)
{
	switch (who) {
	case ALLOW_CPU:
		return c->who == WHO_CPU || c->who == WHO_LAB;
	case ALLOW_DEV:
		return in_device(c) && !c->look;
	case ALLOW_HW:
		return c->who == WHO_HW;
	case ALLOW_LAB:
		return c->who == WHO_LAB;
	case ALLOW_LOOK:
		return c->look;
	case ALLOW_RUN:
		return c->who == WHO_CPU || c->who == WHO_PROGRAM;
	case ALLOW_ACT:
		return false;
	default:
		return true;
	}
}

static struct type refuse_actor(struct compiler *c, const struct expr *e, enum allowed who)
{
	static const char *const texts[] = {
	    [ALLOW_CPU] = "is the CPU's: a statement without an actor does it",
	    [ALLOW_DEV] = "is a device's: write it under the device's name, as in '- nic: ...'",
	    [ALLOW_HW] = "is the hardware's: write '- hw: ...'",
	    [ALLOW_LAB] = "is the laboratory's: write '- lab: ...'",
	    [ALLOW_LOOK] = "only looks: it belongs in assert() or predict",
	    [ALLOW_ANY] = "",
	    [ALLOW_RUN] = "waits: who is led by hand acts at once",
	    [ALLOW_ACT] = ("is an act of a device's model: write it under the device's name, as in "
			   "'- nic: ...'"),
	    [ALLOW_NONE] = "",
	};

	if (who == ALLOW_NONE)
		return refuse_later(c, e->op_at, e->text);
	return refuse(c, e->op_at, NULL, "%s() %s", e->text, texts[who]);
}

/* Does it touch anything? Then it cannot stand where one only looks. */
static bool is_access(enum allowed who)
{
	return who != ALLOW_LOOK && who != ALLOW_ANY && who != ALLOW_NONE && who != ALLOW_ACT;
}

struct type refuse_touch(struct compiler *c, const struct expr *e)
{
	if (strcmp(e->text, "read") == 0 || strcmp(e->text, "READ_ONCE") == 0)
		return refuse_look(c, strcmp(e->text, "read") == 0 || !e->n ? e : e->arg[0]);
	return refuse(c, e->at, NULL, "%s() has an effect: %s", e->text,
		      c->look ? "assert and predict only look" : "wait_event() only looks");
}

bool builtin_call(struct compiler *c, const struct expr *e, struct type *out)
{
	const struct builtin *b = NULL;
	u32 i;

	for (i = 0; i < ARRAY_LEN(builtins) && !b; i++)
		if (strcmp(builtins[i].name, e->text) == 0)
			b = &builtins[i];
	if (!b)
		return false;
	if (act_call(c, e, out))
		return true;
	if ((c->look || c->in_wait) && is_access(b->who)) {
		*out = refuse_touch(c, e);
	} else if (b->who == ALLOW_NONE || !is_allowed(c, b->who)) {
		*out = refuse_actor(c, e, b->who);
	} else if (e->n < b->fewest || e->n > b->most) {
		*out = refuse(c, e->at, arena_printf(c->arena, "%s(%s)", b->name, b->args),
			      "%s takes %s%u argument%s; here %s %u", b->name,
			      b->fewest < b->most ? "at most " : "", b->most,
			      b->most == 1 ? "" : "s", e->n == 1 ? "is" : "are", e->n);
	} else {
		*out = b->compile(c, e, b->number);
	}
	return true;
}

bool is_builtin(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_LEN(builtins); i++)
		if (strcmp(builtins[i].name, name) == 0)
			return true;
	return false;
}

const char *const *call_names(struct compiler *c)
{
	u32 n = 0, i;
	const char **out = arena_alloc(
	    c->arena, CALL_COUNT + ARRAY_LEN(builtins) + c->doc->functions + 1, sizeof(*out));

	for (i = 0; i < CALL_COUNT; i++)
		out[n++] = call_info((enum call_id)i)->name;
	for (i = 0; i < ARRAY_LEN(builtins); i++)
		out[n++] = builtins[i].name;
	for (i = 0; i < c->doc->functions; i++)
		out[n++] = c->doc->function[i].name.text;
	return out;
}

struct type builtin_later(struct compiler *c, const struct expr *e, u32 number)
{
	(void)number;
	return refuse_actor(c, e, ALLOW_NONE);
}

/* ---- memory -----------------------------------------------------------------------------------
 */

static void check_written(struct compiler *c, const struct expr *e, const struct type *to)
{
	if (to->kind == TY_PTR && to->is_const && !to->stars)
		refuse(c, e->at, NULL, "'%s' points to what is const", text_of(c, e));
}

struct type builtin_memcpy(struct compiler *c, const struct expr *e, u32 number)
{
	struct type to = expr_pointer(c, e->arg[0], "argument 1 of memcpy"), from;

	(void)number;
	check_written(c, e->arg[0], &to);
	from = expr_value(c, e->arg[1]);
	if (from.kind != TY_BYTES && from.kind != TY_NONE && (from.kind != TY_PTR || from.bus))
		refuse(c, e->arg[1]->at, NULL,
		       "argument 2 of memcpy is a pointer or bytes; '%s' is %s",
		       text_of(c, e->arg[1]), type_describe(&from));
	expr_int(c, e->arg[2], "argument 3 of memcpy");
	emit(c, from.kind == TY_BYTES ? OP_MEMCPY_BYTES : OP_MEMCPY, 0, 0, 0, 0);
	return type_of_kind(TY_VOID);
}

struct type builtin_memset(struct compiler *c, const struct expr *e, u32 number)
{
	struct type to = expr_pointer(c, e->arg[0], "argument 1 of memset");

	(void)number;
	check_written(c, e->arg[0], &to);
	expr_int(c, e->arg[1], "argument 2 of memset");
	expr_int(c, e->arg[2], "argument 3 of memset");
	emit(c, OP_MEMSET, 0, 0, 0, 0);
	return type_of_kind(TY_VOID);
}

struct type builtin_read(struct compiler *c, const struct expr *e, u32 number)
{
	(void)number;
	expr_pointer(c, e->arg[0], "argument 1 of read");
	expr_int(c, e->arg[1], "argument 2 of read");
	emit(c, OP_READ, 0, 0, 0, 0);
	return type_of_kind(TY_BYTES);
}

static bool check_place(struct compiler *c, const struct expr *e, const char *call)
{
	if (is_memory_place(c, e))
		return true;
	refuse(c, e->at, "variables are registers: all see them at once",
	       "%s() takes a place in memory, as in ring[0].len or p->len; '%s' is none", call,
	       text_of(c, e));
	return false;
}

struct type builtin_read_once(struct compiler *c, const struct expr *e, u32 number)
{
	struct place_type p;

	(void)number;
	if (!check_place(c, e->arg[0], e->text))
		return none;
	p = place_address(c, e->arg[0]);
	return p.type.kind == TY_NONE ? none : place_load(c, e->arg[0], &p, true);
}

struct type builtin_write_once(struct compiler *c, const struct expr *e, u32 number)
{
	struct place_type p;
	struct type t;

	(void)number;
	if (!check_place(c, e->arg[0], e->text))
		return none;
	p = place_address(c, e->arg[0]);
	t = expr_value(c, e->arg[1]);
	if (p.type.kind == TY_NONE)
		return none;
	if (p.is_array || p.type.kind == TY_STRUCT)
		return refuse(c, e->arg[0]->at, NULL, "WRITE_ONCE() writes one value; '%s' is more",
			      text_of(c, e->arg[0]));
	if (!place_check_const(c, e->arg[0], &p) || !place_check_side(c, e->arg[0], p.type.bus) ||
	    !convert(c, e->arg[1], &t, &p.type,
		     arena_printf(c->arena, "'%s'", text_of(c, e->arg[0]))))
		return none;
	place_store(c, &p.type, true);
	return type_of_kind(TY_VOID);
}

struct type builtin_barrier(struct compiler *c, const struct expr *e, u32 number)
{
	(void)number;
	emit(c, OP_BARRIER, 0, (u32)program_barrier(e->text), 0, 0);
	return type_of_kind(TY_VOID);
}

struct type builtin_dcache(struct compiler *c, const struct expr *e, u32 number)
{
	const char *what = arena_printf(c->arena, "an argument of %s", e->text);

	expr_pointer(c, e->arg[0], what);
	expr_pointer(c, e->arg[1], what);
	emit(c, OP_DCACHE, 0, number, 0, 0);
	return type_of_kind(TY_VOID);
}

/* ---- registers --------------------------------------------------------------------------------
 */

static bool expr_register(struct compiler *c, const struct expr *e)
{
	struct type t = expr_value(c, e);

	if (t.kind == TY_MMIO)
		return true;
	if (t.kind != TY_NONE)
		refuse(c, e->at, "write dev.regs + OFFSET",
		       "'%s' is %s, not the address of a register", text_of(c, e),
		       type_describe(&t));
	return false;
}

/* number: bytes, + 0x100 relaxed. */
struct type builtin_mmio_write(struct compiler *c, const struct expr *e, u32 number)
{
	struct type width = type_int((number & 0xff) == 8   ? W_U64
				     : (number & 0xff) == 4 ? W_U32
				     : (number & 0xff) == 2 ? W_U16
							    : W_U8);
	struct type t = expr_value(c, e->arg[0]);

	if (t.kind == TY_ENDIAN && endian_may_mix(c))
		t = endian_as_integer(c, &t);
	if (t.kind == TY_INT)
		emit_convert(c, &t, &width);
	else if (t.kind != TY_NONE)
		refuse(c, e->arg[0]->at,
		       t.kind == TY_DMA ? "lower_32_bits(h) and upper_32_bits(h) are its halves"
					: NULL,
		       "argument 1 of %s is an integer; '%s' is %s", e->text, text_of(c, e->arg[0]),
		       type_describe(&t));
	expr_register(c, e->arg[1]);
	emit(c, OP_MMIO_WRITE, number & 0xff, number >> 8, 0, 0);
	return type_of_kind(TY_VOID);
}

struct type builtin_mmio_read(struct compiler *c, const struct expr *e, u32 number)
{
	u32 bytes = number & 0xff;

	expr_register(c, e->arg[0]);
	emit(c, OP_MMIO_READ, bytes, number >> 8, 0, 0);
	return type_int(bytes == 8 ? W_U64 : bytes == 4 ? W_U32 : bytes == 2 ? W_U16 : W_U8);
}

/* ---- waiting ----------------------------------------------------------------------------------
 */

struct type builtin_wait_event(struct compiler *c, const struct expr *e, u32 number)
{
	bool outer = c->in_wait;
	u32 top = here(c), test;

	(void)number;
	emit(c, OP_WAIT_TOP, 0, 0, 0, 0);
	c->in_wait = true;
	expr_condition(c, e->arg[0]);
	c->in_wait = outer;
	work_waited(c, top);
	test = emit(c, OP_WAIT_TEST, 0, 0, top, 0);
	c->code.v[top].b = test;
	return type_of_kind(TY_VOID);
}

struct type builtin_poll(struct compiler *c, const struct expr *e, u32 number)
{
	u32 limited = e->n == 2, top, test;

	(void)number;
	if (c->in_poll)
		return refuse(c, e->op_at, "write two statements", "a poll() inside a poll()");
	if (c->unit->instance)
		c->unit->instance->polls = true;
	if (limited) {
		expr_int(c, e->arg[1], "the number of looks");
		emit(c, OP_POLL_LIMIT, 0, 0, 0, 0);
	}
	top = emit(c, OP_POLL_TOP, 0, limited, 0, 0);
	c->in_poll = true;
	expr_condition(c, e->arg[0]);
	c->in_poll = false;
	work_waited(c, top);
	test = emit(c, OP_POLL_TEST, 0, limited, top, 0);
	c->code.v[top].b = test;
	return type_int(W_S64);
}
