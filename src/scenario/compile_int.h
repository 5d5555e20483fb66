/* SPDX-License-Identifier: MIT */
/*
 * What the files of the compiler share. Internal to scenario/.
 *
 * A scenario is compiled for one variant on one platform. Types are found by doing it several
 * times: in quiet passes nothing is reported and the code is thrown away, but variables and
 * functions keep the types that were found; the last pass reports and keeps.
 *
 * The unit is what has variables of its own: the driver, remove, a device's program, a function.
 * A function is compiled once for each way in which its `const void *` parameters are used, as a
 * pointer or as bytes.
 */
#ifndef SCENARIO_COMPILE_INT_H
#define SCENARIO_COMPILE_INT_H

#include "engine/calls.h"
#include "engine/config.h"
#include "engine/program.h"
#include "scenario/compile.h"
#include "scenario/doc.h"
#include "scenario/symtab.h"
#include "scenario/types.h"

enum {
	SCOPE_CONST = 0, /* constants, in struct compiler.consts */
	SCOPE_DRIVER =
	    1, /* of variables, from here on; each unit has two: plain and of for headers */
	SCOPE_REMOVE = 3,
	SCOPE_PROGRAM = 5,				  /* + 2 * device */
	SCOPE_FUNCTION = SCOPE_PROGRAM + 2 * DEVICES_MAX, /* + 2 * instance */

	VARIABLES_MAX = 1024,
	ARRAY_MAX = 65536,
	ARRAYS_MAX = 131072,
	BYTES_MAX = 64 * 1024,
	POOL_MAX = 8 * 1024 * 1024,
	CODE_MAX = 4 * 1024 * 1024,
	STACK_VALUES = 192, /* of one thread, locals and frames included */
	FRAME_VALUES = 2,
	IRQ_FRAME_VALUES = 5,
	CALL_DEPTH_MAX = 16,
	PASSES_MAX = 24,
};

/* A named constant. */
struct constant {
	const char *name;
	struct type type;
	u64 value;
	const char *what; /* "a param": for the refusal to assign it */
};

struct variable {
	const char *name;
	struct type type;
	u32 scope; /* of the symbol table */
	u32 pass;  /* in which its slot was given */
	u32 slot;
	u32 length;	 /* of an array; 0: no array */
	u32 sg;		 /* SG_LIST, SGT_TABLE: 1 + its place among the program's */
	u32 active;	 /* of a for header: how many loops around here it heads */
	struct pos made; /* where it got its type */
	bool of_loop;
	bool assigned;	  /* somewhere, in any pass */
	bool by_function; /* a global that a function assigns */
	bool waited;	  /* some wait is for it alone, in any pass */
	bool bad;	  /* what it was given could not be understood: say nothing more */
	u32 set_pass;	  /* the pass in which an assignment was met already */
	const struct variable *maps; /* a handle: the buffer it is of */
	u32 maps_line;
};

/* One compiled form of a function. */
struct instance {
	const struct function *fn;
	u32 bytes_mask;	    /* bit i: parameter i is bytes */
	struct type result; /* VOID until a value is returned */
	bool gives;	    /* some return has a value */
	bool is_handler, is_work;
	u32 work_entry; /* of what a CPU begins with that is given it */
	u32 pass;	/* in which it was compiled last */
	u32 entry, locals, max_stack;
	struct {
		VEC(u32)
	} callees;  /* instances; of the last pass */
	bool polls; /* it, or what it calls, has a poll() */
	u8 mark;    /* while the call graph is walked */
	u32 need, depth;
};

/* A call of a function in the condition of a poll. */
struct polled_call {
	u32 instance;
	struct pos at;
};

/* Who acts: decides which calls there are and what a typed pointer is. */
enum who { WHO_CPU, WHO_HAND, WHO_PROGRAM, WHO_HW, WHO_LAB };

struct jump {
	u32 at;		   /* the instruction to patch */
	const char *label; /* of a goto */
	struct pos pos;
};

struct jumps {
	VEC(struct jump)
};

struct loop {
	struct jumps breaks, continues;
	struct loop *outer;
};

/* What is being compiled: driver, remove, a program, a function. */
struct unit {
	u32 scope;		   /* SCOPE_... of its plain variables; + 1 those of for headers */
	enum scope storage;	   /* of its variables */
	struct instance *instance; /* of a function, else NULL */
	u32 slots;		   /* given so far */
	u32 depth, max_depth;	   /* values on the stack */
	struct jumps gotos, returns, failures;
	struct symtab labels; /* seen so far, scope 0 */
	struct loop *loop;
	u32 nest; /* bodies around the statement */
};

struct compiler {
	const struct scenario_doc *doc;
	const struct machine_config *cfg;
	struct err_list *errs;
	struct arena *arena;  /* of what lives as long as the compiler */
	struct program *prog; /* its arena holds the texts */

	struct symtab consts, vars, structs;
	struct {
		VEC(struct instance *)
	} instances;
	struct {
		VEC(u32)
	} roots; /* instances that driver and remove call; of the last pass */

	u32 pass;
	bool quiet;   /* report nothing, the code is thrown away */
	bool changed; /* a type was found in this pass */
	bool unbinds; /* device_release_driver() is called somewhere */
	bool manages; /* some memory is released when the driver leaves */
	bool broken;  /* the file was not read as a whole: a missing name may follow from that */
	bool in_condition;     /* of an if: what is loaded there is checked */
	bool in_dead;	       /* check an arm that no variant takes: report, keep no code */
	u32 errors;	       /* reported by this compiler, repeated ones too */
	struct pos unknown_at; /* something was silently unknown here */
	const char *unknown;

	struct unit *unit;
	enum who who;
	u32 device;		    /* of HAND and PROGRAM */
	bool look;		    /* in assert and predict: look, never touch */
	bool in_wait;		    /* in the condition of wait_event */
	bool in_poll;		    /* in the condition of poll */
	u32 cpus;		    /* that get work, with CPU 0; 0: none do, in any pass */
	const char *note;	    /* for the next statement */
	const struct stmt *predict; /* to be checked behind the next statement */
	u32 stmt;		    /* index of the current one */
	u32 nest;		    /* of statements, for indenting */
	u32 array_slots;	    /* elements of all arrays */
	u32 iova_states;	    /* that are declared */
	u32 sg_entries, sg_tables;  /* of all scatterlists */
	bool looks_at_log;	    /* or at dma-debug's files, in any pass */

	struct {
		VEC(struct insn)
	} code;
	u32 fence; /* something jumps here: instructions before are not folded with later ones */
	struct {
		VEC(u8)
	} pool;
	struct {
		VEC(struct stmt_info)
	} stmts;
	struct {
		VEC(struct assert_info)
	} asserts;
	struct {
		VEC(struct variable *)
	} globals; /* touched in this pass, in order of slot */
	struct {
		VEC(struct variable *)
	} program_vars[DEVICES_MAX];
	struct {
		VEC(struct polled_call)
	} polled;
	u32 driver_stack;	     /* values that driver and remove hold at most */
	const struct arm_set *taken; /* arms that some variant takes; NULL: not asked */
	struct arm_set *takes;	     /* where arms that this variant takes are noted; or NULL */
};

/* ---- reporting (compile.c) ---- */
/* Reports a mistake, once per place and text. Does nothing in quiet passes. Returns TY_NONE. */
struct type refuse(struct compiler *c, struct pos at, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Something is not known because of another mistake, or of a circle: remembered for the case that
 * nothing is reported in the end. */
struct type unknown(struct compiler *c, struct pos at, const char *what);
/* Text that lives as long as the compiler. */
const char *text_of(struct compiler *c, const struct expr *e);
const char *near(struct compiler *c, const char *word, const char *const *names);

/* ---- hints (compile_hints.c) ---- */

/* What the argument e, of type t, should have been; NULL: nothing better than its type. */
const char *hint_argument(struct compiler *c, const struct expr *e, enum type_kind wanted,
			  const struct type *t);

/* Is there a function of that name in the file, which could not be read? */
bool hint_is_written(const struct compiler *c, const char *name);

/* For a call that there is not: close, if a name is (or NULL), else what stands in for it. */
const char *hint_call(struct compiler *c, const char *close, const char *name);

/* device_release_driver(): remove's steps, once, in the driver. False: we are elsewhere. */
bool unbind_here(struct compiler *c);

/* ---- after the last pass ---- */
void compile_check_calls(struct compiler *c); /* compile_graph.c */
void compile_keep(struct compiler *c);	      /* compile_keep.c: fills c->prog */

/* ---- code (compile_emit.c) ---- */
u32 emit(struct compiler *c, enum opcode op, u32 size, u32 a, u32 b, u64 imm);
void emit_push(struct compiler *c, u64 v);
void emit_bytes(struct compiler *c, struct pos at, const u8 *bytes, u32 n);
/* A call with a args and results on the stack behind it. */
void emit_call(struct compiler *c, enum opcode op, u32 a, u32 b, u32 args, u32 results);
void emit_get(struct compiler *c, const struct variable *v);
void emit_set(struct compiler *c, const struct variable *v);
void emit_binary(struct compiler *c, enum binop op, enum width width);
void emit_convert(struct compiler *c, const struct type *from, const struct type *to);
u32 emit_jump(struct compiler *c, enum opcode op); /* its index, to be patched */
void patch(struct compiler *c, u32 jump);	   /* to here */
void patch_all(struct compiler *c, struct jumps *jumps);
u32 here(const struct compiler *c);
void stack_adjust(struct compiler *c, int delta);

/* ---- names (compile_names.c) ---- */
void names_add_constants(struct compiler *c, const struct param_values *params);
void names_add_header(struct compiler *c);
void names_check_functions(struct compiler *c);
void names_collect_globals(struct compiler *c);
const struct constant *find_constant(struct compiler *c, const char *name);
int find_device(const struct compiler *c, const char *name); /* -1: none */
struct variable *find_variable(struct compiler *c, const char *name);
/* The variable that an assignment to name means; made if it is not there. NULL: refused. */
struct variable *variable_to_set(struct compiler *c, const char *name, struct pos at);
struct variable *variable_declare(struct compiler *c, const char *name, struct pos at, bool loop);
struct variable *variable_of_loop(struct compiler *c, const char *name, struct pos at);
/* Gives it a slot in this pass, if it has none. */
void variable_touch(struct compiler *c, struct variable *v);
/* It is assigned a value of that type here: its first one is the variable's. */
void variable_set_type(struct compiler *c, struct variable *v, const struct type *t, struct pos at);
/* The variables that a list assigns may be set from here on: for loops. */
void variables_may_be_set(struct compiler *c, const struct stmt_list *list);
struct type refuse_name(struct compiler *c, const char *name, struct pos at);
bool type_resolve(struct compiler *c, const struct type_ref *ref, struct type *out);
bool in_device(const struct compiler *c); /* acts as a device: pointers are bus addresses */

/* ---- constants (consts.c) ---- */
struct cval {
	struct type type;
	u64 v;
};
enum known { NOT_CONSTANT, CONSTANT, BAD_CONSTANT }; /* BAD: a mistake was reported */
enum known const_eval(struct compiler *c, const struct expr *e, struct cval *out);
/* A constant integer within min to max, else refused: what is "the size of an array". */
bool const_int(struct compiler *c, const struct expr *e, s64 min, s64 max, const char *what,
	       s64 *out);
/* The common width of two integers, by C's rules where constants are as narrow as they can be. */
enum width common_width(const struct type *a, const u64 *a_const, const struct type *b,
			const u64 *b_const);
enum width promoted(const struct type *t);
bool binop_of(enum binary_op op, enum binop *out); /* false: && and || */
struct type cast_type(struct compiler *c, const struct expr *e, const struct type *from,
		      const struct type *to);
bool const_call(struct compiler *c, const struct expr *e, enum known *known, struct cval *out);

/* ---- expressions (compile_expr.c, compile_place.c) ---- */
/* Pushes the value (nothing for VOID). TY_NONE after a mistake; the stack then counts one. */
struct type expr_value(struct compiler *c, const struct expr *e);
struct type expr_int(struct compiler *c, const struct expr *e, const char *what);
struct type expr_bytes(struct compiler *c, const struct expr *e, const char *what);
struct type expr_pointer(struct compiler *c, const struct expr *e, const char *what);
/* Both operands, of types a and b, are on the stack: e says what was written. */
struct type operate(struct compiler *c, const struct expr *e, enum binop op, struct type a,
		    struct type b);
struct type expr_binary(struct compiler *c, const struct expr *e);
struct type expr_unary(struct compiler *c, const struct expr *e);
struct type expr_cast(struct compiler *c, const struct expr *e);
/* Can a value of that type be a condition? Refused if not. */
bool expr_is_condition(struct compiler *c, const struct expr *e, const struct type *t);
/* A condition: pushes what is 0 if it is false. */
void expr_condition(struct compiler *c, const struct expr *e);
/* The condition on the stack is an assert of that name, which lives as long as the program. */
void assert_emit(struct compiler *c, const char *name);
/* The value on the stack, of type from (of e), becomes one of type to. */
bool convert(struct compiler *c, const struct expr *e, const struct type *from,
	     const struct type *to, const char *what);
/* Can a value of the one (of e, or NULL) be held by the other, as C assigns? */
bool assignable(const struct compiler *c, const struct expr *e, const struct type *from,
		const struct type *to);

/* ---- struct dma_iova_state (compile_iova.c) ---- */
bool iova_is_object(struct compiler *c, const struct expr *e);	    /* a state by its name */
struct type iova_address(struct compiler *c, const struct expr *e); /* of one: &state */
struct type iova_value(struct compiler *c, const struct expr *e);   /* state.addr */
void iova_declare(struct compiler *c, const struct stmt *s, struct variable *v);
/* These calls came with 6.16. False: refused. */
bool iova_call_known(struct compiler *c, const struct expr *e);

/* ---- scatterlists (compile_sg.c) ---- */
/* Is it an entry, or a field of an entry or a table? Then it is no place in memory. */
bool sg_is_place(struct compiler *c, const struct expr *e);
bool sg_is_object(struct compiler *c, const struct expr *e); /* an entry or a table itself */
struct type sg_address(struct compiler *c, const struct expr *e);
struct type sg_name(struct compiler *c, const struct expr *e, const struct variable *v);
struct type sg_value(struct compiler *c, const struct expr *e); /* of a place */
/* Pushes what has the field; its type, and enum sg_place. False: refused. */
bool sg_assign_begin(struct compiler *c, const struct stmt *s, struct type *t, u32 *place);
void sg_declare(struct compiler *c, const struct stmt *s, struct variable *v);
void stmt_for_each(struct compiler *c, const struct stmt *s);

/* ---- byte order (compile_endian.c): a mix is a finding when it runs ---- */
bool endian_may_mix(const struct compiler *c);
/* Is a value of the one, taken as the other, such a mix? */
bool endian_mixes(const struct compiler *c, const struct type *from, const struct type *to);
void endian_mix(struct compiler *c, const struct type *from, const struct type *to);
/* The value on the stack is taken as the integer that its bits are: its type from now on. */
struct type endian_as_integer(struct compiler *c, const struct type *t);
void endian_from_integer(struct compiler *c, const struct type *from, const struct type *to);
/* Both are on the stack: what mixes becomes an integer. True: & | ^ of two of one type. */
bool endian_operands(struct compiler *c, enum binop op, struct type *a, struct type *b);

/* A place in memory: its address is on the stack. */
struct place_type {
	struct type type; /* of one element; TY_NONE: refused */
	bool is_array;
	bool readonly; /* reached through a pointer to const */
	u32 count;
};
bool is_memory_place(struct compiler *c, const struct expr *e);
struct place_type place_address(struct compiler *c, const struct expr *e);
/* Address on the stack: loads the value. once: READ_ONCE. */
struct type place_load(struct compiler *c, const struct expr *e, const struct place_type *p,
		       bool once);
/* Address and value on the stack: stores it. */
/* Not reached through a pointer to const? Refused if it is. */
bool place_check_const(struct compiler *c, const struct expr *e, const struct place_type *p);
/* May the one who acts here follow this pointer? */
bool place_check_side(struct compiler *c, const struct expr *e, bool bus);
void place_store(struct compiler *c, const struct type *t, bool once);
struct type place_value(struct compiler *c, const struct expr *e);
/* regs[v]: pushes the offset. */
bool is_register(struct compiler *c, const struct expr *e);
void register_offset(struct compiler *c, const struct expr *e);
struct type refuse_look(struct compiler *c, const struct expr *e);

/* ---- other CPUs (compile_work.c) ---- */
/* An argument of schedule_work_on(): which CPU. It is on the stack already. */
void work_cpu(struct compiler *c, const struct expr *e);
void work_function(struct compiler *c, const struct expr *e, struct instance *in);
/* The wait whose condition is the code from `from` on waits for variables, if for nothing else. */
void work_waited(struct compiler *c, u32 from);
void work_entries(struct compiler *c); /* what CPUs begin with, behind all functions */
void work_keep(struct compiler *c);

/* ---- calls (compile_call.c, compile_builtin.c, compile_look.c) ---- */
struct type expr_call(struct compiler *c, const struct expr *e);
/* It is known, and comes with another part. */
struct type refuse_later(struct compiler *c, struct pos at, const char *name);
struct instance *instance_of(struct compiler *c, const struct function *fn, u32 bytes_mask);
bool is_builtin(const char *name);
bool builtin_call(struct compiler *c, const struct expr *e, struct type *out);
/* An array of registers of a model, SGDMA_LEN(i): its offset, or why not. False: it is none. */
bool reg_call(struct compiler *c, const struct expr *e, struct type *out);
bool reg_const(struct compiler *c, const struct expr *e, enum known *known, struct cval *out);
/* "as in SGDMA_LEN(0)" for the name of one; NULL: it is none. */
const char *reg_hint(struct compiler *c, const char *name);
const char *const *call_names(struct compiler *c); /* all that can be called, ended by NULL */

/* ---- statements (compile_stmt.c, compile_assign.c, compile_flow.c, compile_jump.c) ---- */
void stmt_list(struct compiler *c, const struct stmt_list *list);
void stmt_body(struct compiler *c, const struct stmt_list *list); /* one level deeper */
/* A statement begins: its row, and OP_STMT. */
void stmt_begin(struct compiler *c, const struct stmt *s, struct pos at, const char *text);
void stmt_begin_text(struct compiler *c, const struct stmt *s); /* as the statement is printed */
void jump_label(struct compiler *c, const struct stmt *s);
void jump_goto(struct compiler *c, const struct stmt *s);
void jump_break(struct compiler *c, const struct stmt *s); /* continue too */
void jump_return(struct compiler *c, const struct stmt *s);
void stmt_simple(struct compiler *c, const struct stmt *s);
void stmt_flow(struct compiler *c, const struct stmt *s);
void stmt_assign(struct compiler *c, const struct stmt *s);
void stmt_declare(struct compiler *c, const struct stmt *s, bool loop);
void labels_end(struct compiler *c);

#endif
