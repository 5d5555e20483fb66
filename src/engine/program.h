/* SPDX-License-Identifier: MIT */
/*
 * A program, ready to run: what a scenario file compiles to, for one variant and one platform.
 * Constant during a run, and the same for every schedule; only positions and variables change, and
 * they lie in the world.
 *
 * It is code for a stack machine. Instructions are silent or visible: visible ones touch the
 * machine or the kernel (the table says which) and are where others may act first: a choice point
 * lies before each. A thread rests with its position at a visible instruction, operands on its
 * stack; one step does that instruction (one transition of it: long ones keep a cursor) and then
 * all silent ones up to the next visible one. Types were checked before: values carry none.
 */
#ifndef ENGINE_PROGRAM_H
#define ENGINE_PROGRAM_H

#include "base/mem.h"
#include "base/str.h"
#include "base/types.h"
#include "core/addr.h"
#include "core/limits.h"

/* One value of the machine. Integers, pointers, handles, pages, devices: v. Bytes: see len. */
struct value {
	u64 v;	 /* bytes: offset in the pool of the world, or with BYTES_CONST in the program's */
	u32 len; /* bytes: how many */
	u32 dep; /* load clock that it depends on (early loads): kept by the machine */
};
#define BYTES_CONST (1ull << 63)
/*
 * In len of a handle that came straight from a map for a device behind an IOMMU: the statement of
 * the map. Such addresses are given out again, and only this tells an old handle from a new one.
 */
#define HANDLE_TAG (1u << 31)

/* MMIO pointers (dev.regs + OFFSET): device << 32 | offset. dev.irq: the device. */

enum width { W_S64, W_U8, W_U16, W_U32, W_U64, W_S32 }; /* arithmetic of OP_BIN, OP_UN */

enum binop {
	B_ADD,
	B_SUB,
	B_MUL,
	B_DIV,
	B_MOD,
	B_AND,
	B_OR,
	B_XOR,
	B_SHL,
	B_SHR,
	B_EQ,
	B_NE,
	B_LT,
	B_LE,
	B_GT,
	B_GE
};

/* What a pair of loads or stores of more than one aligned access is made of. */
enum swap { SWAP_NONE, SWAP_LE, SWAP_BE }; /* DMA side: memory holds little, big endian */

/*
 * X(op, visible, effect). Stack effects are written  before -- after, the top on the right.
 * a, b, size, imm are fields of struct insn.
 */
#define OPCODES(X)                                                                                 \
	X(END, 0, "-- : the thread is over; a = 1: v -- : the driver's probe failed with v")       \
	X(STMT, 0, "-- : statement b begins (index into stmt[])")                                  \
	X(PUSH, 0, "-- v : imm")                                                                   \
	X(BYTES, 0, "-- bytes : b bytes at imm of the program's pool")                             \
	X(POP, 0, "v --")                                                                          \
	X(DUP, 0, "v -- v v")                                                                      \
	X(SWAP, 0, "v w -- w v")                                                                   \
	X(GET, 0, "-- v : a = scope, b = slot; kernel-bug if unset")                               \
	X(SET, 0, "v -- : a = scope, b = slot")                                                    \
	X(AGET, 0, "i -- v : element of the array at slot b, imm elements; a = scope")             \
	X(ASET, 0, "i v -- : likewise")                                                            \
	X(BIN, 0, "v w -- r : a = enum binop, size = enum width; range and zero are checked")      \
	X(NEG, 0, "v -- r : size = width")                                                         \
	X(NOT, 0, "v -- r : bitwise; size = width")                                                \
	X(LNOT, 0, "v -- 0|1")                                                                     \
	X(CONV, 0, "v -- r : to size = width (truncates, sign-extends)")                           \
	X(BSWAP, 0, "v -- r : a bytes swapped if the CPU's order is not that of size = enum swap") \
	X(ENDIAN, 0,                                                                               \
	  "v -- v : imm bytes become (a = 1) or were (a = 0) of memory order size = enum swap; b " \
	  "names the type: bits are taken as they are, which is told")                             \
	X(PADDING, 0, "va -- va : of a struct that begins there, nobody uses b bytes from imm on") \
	X(BYTES_EQ, 0, "bytes bytes -- 0|1")                                                       \
	X(BYTES_SKIP, 0, "bytes n -- bytes : without the first n")                                 \
	X(CONTAINS, 0, "bytes bytes -- 0|1")                                                       \
	X(JMP, 0, "-- : to b")                                                                     \
	X(JZ, 0, "v -- : to b if 0")                                                               \
	X(JNZ, 0, "v -- : to b if not 0")                                                          \
	X(SG_DECLARE, 0, "-- : a = 0: b entries from entry imm on; a = 1: table imm")              \
	X(SG_ENTRY, 0, "i -- sg : entry i of the b from entry imm on; kernel-bug outside")         \
	X(SG_GET, 0, "sg -- v : a = enum sg_place, of an entry or a table")                        \
	X(SG_PUT, 0, "sg v -- : likewise")                                                         \
	X(CALL, 0, "args -- : function b with a arguments, which become its first locals")         \
	X(RET, 0, "-- : from a function without value")                                            \
	X(RETV, 0, "v -- v : from a function, with its value")                                     \
	X(LOAD, 1, "va -- v : size bytes; a = 1 READ_ONCE, b = 1 in a condition; zero-extended")   \
	X(STORE, 1, "va v -- : size bytes; a = 1 WRITE_ONCE")                                      \
	X(MEMCPY, 1, "va va n -- : loads and stores in address order")                             \
	X(MEMCPY_BYTES, 1, "va bytes n -- : stores; kernel-bug if the bytes are too few")          \
	X(MEMSET, 1, "va v n --")                                                                  \
	X(READ, 1, "va n -- bytes : loads")                                                        \
	X(API, 1,                                                                                  \
	  "args -- [result] [out] : call b of engine/calls.def with a arguments; &h is not "       \
	  "passed, its value comes out last, on top")                                              \
	X(VALUE, 0, "args -- result : a PURE call b of engine/calls.def: computes, no event; "     \
		    "imm: only to look")                                                           \
	X(BARRIER, 1, "-- : a = enum barrier_kind")                                                \
	X(MMIO_WRITE, 1, "v reg -- : size bytes; a = 1 relaxed")                                   \
	X(MMIO_READ, 1, "reg -- v : size bytes; a = 1 relaxed")                                    \
	X(DCACHE, 1, "va end -- : a = 1 clean, 2 invalidate, 3 both: to the point of coherency")   \
	X(POLL_LIMIT, 0, "n -- : the poll that follows gives up after n looks")                    \
	X(POLL_TOP, 0, "-- : a look of a poll begins; b = its POLL_TEST; a = 1: it has a limit")   \
	X(POLL_TEST, 0,                                                                            \
	  "v -- r : r = 0 if v is not 0, -ETIMEDOUT after the last look (a = 1); else to b (its "  \
	  "POLL_TOP)")                                                                             \
	X(WAIT_TOP, 0, "-- : a wait_event condition begins; b = its WAIT_TEST")                    \
	X(WAIT_TEST, 0, "v -- : over if not 0, else the thread waits; b = its WAIT_TOP")           \
	X(SETTLE, 1, "-- : waits until nothing that is fair can act any more")                     \
	X(AS, 0,                                                                                   \
	  "-- : until the next AS, what follows is device a-1 acting by hand; 0: the driver; b = " \
	  "1: it is the device's surroundings that act, and nobody learns of anybody")             \
	X(DMA_LOAD, 1, "bus -- v : a device's read of size bytes; a = enum swap")                  \
	X(DMA_STORE, 1, "bus v -- : a device's write of size bytes; a = enum swap")                \
	X(DMA_READ, 1, "bus n -- bytes : beat by beat")                                            \
	X(DMA_WRITE, 1, "bus bytes -- : beat by beat; a = 1 relaxed")                              \
	X(RAISE_IRQ, 1, "--")                                                                      \
	X(REG_GET, 0, "offset -- v : the device's own register")                                   \
	X(REG_SET, 1, "offset v -- : the device's own register")                                   \
	X(MODEL, 1, "args -- : a = act of the device's model, b arguments")                        \
	X(MODEL_LOOK, 0, "-- bytes : a = act of the device's model, one that only looks")          \
	X(HW, 1, "va n -- : a = enum hw_act; as if hardware did it now, whole; b = enum hw_held")  \
	X(LAB, 1, "args -- [result] : a = enum lab_act")                                           \
	X(SEE, 0, "args -- v|bytes : a = enum see; looks, never touches")                          \
	X(ASSERT, 0, "v -- : b = index into asserts[]")                                            \
	X(PUBLISH, 1, "-- : other CPUs wait for what is assigned next: older stores go first")     \
	X(PAUSE, 1, "-- : time has passed: others act before what follows, be it only a look")     \
	X(WORK_END, 1, "-- : what this CPU was given to do is done")                               \
	X(UNBIND, 1,                                                                               \
	  "-- : the driver leaves its devices; a = 0: dev -- : that one; a = 2: its probe failed") \
	X(BUG, 0, "-- : kernel-bug, imm = offset of a reason in the pool, b its length")

enum opcode {
#define X(op, visible, effect) OP_##op,
	OPCODES(X)
#undef X
	    OPCODE_COUNT
};

enum scope { SCOPE_GLOBAL, SCOPE_LOCAL, SCOPE_DEVICE }; /* DEVICE: variables of its program */

enum hw_act {
	HW_EVICT,
	HW_PREFETCH,
	HW_WRITEBACK,
	HW_HOLD,	/* va and n do not count */
	HW_RELEASE,	/* with n: what is in that range goes at once */
	HW_RELEASE_REG, /* va is a register (MMIO), n its bytes */
};

enum lab_act {
	LAB_PLACE,  /* n phys -- va */
	LAB_PRESET, /* va bytes -- */
	LAB_ON_STACK,
	LAB_IN_MODULE,
	LAB_IN_TEXT,
	LAB_IN_RODATA,	  /* n -- va */
	LAB_LINEAR_ALIAS, /* va -- va */
	LAB_SHUFFLE_PAGES,
	LAB_SWIOTLB_TAKE, /* slots -- */
	LAB_SWIOTLB_NEXT, /* bus -- */
	LAB_ATOMIC_TAKE,  /* bytes -- */
	LAB_IOVA_TAKE,	  /* pages -- */
	LAB_FAIL_NTH,	  /* v -- : insn.b is the call */
	LAB_ECHO,	  /* [text] -- : insn.b = enum debugfs_file; text for those of dma-api/ */
	LAB_NO_DMA_MASK,  /* dev -- */
};

/* Files of debugfs: kernel/dma/swiotlb.c swiotlb_create_debugfs_files(), debug.c
 * dma_debug_fs_init(). */
enum debugfs_file {
	FILE_POOL_SLOTS,
	FILE_POOL_USED,
	FILE_POOL_MOST,
	FILE_POOL_TRANSIENT,
	FILE_DEBUG_DISABLED, /* from here on those of dma-api/, in the order of dmadebug.h */
	FILE_DEBUG_ERROR_COUNT,
	FILE_DEBUG_ALL_ERRORS,
	FILE_DEBUG_NUM_ERRORS,
	FILE_DEBUG_NUM_FREE,
	FILE_DEBUG_MIN_FREE,
	FILE_DEBUG_TOTAL,
	FILE_DEBUG_FILTER,
	FILE_DEBUG_DUMP,
};

/* Those whose content is text, and no number. */
static inline bool debugfs_is_text(enum debugfs_file f)
{
	return f == FILE_DEBUG_DISABLED || f >= FILE_DEBUG_FILTER;
}

/* Fields of struct scatterlist and struct sg_table. */
enum sg_place {
	PLACE_LENGTH,
	PLACE_OFFSET,
	PLACE_DMA_ADDRESS,
	PLACE_SGL,
	PLACE_NENTS,
	PLACE_ORIG_NENTS,
	PLACE_IOVA_ADDR
};

enum see {
	SEE_CPU,	/* va n -- bytes */
	SEE_MEMORY,	/* va n -- bytes */
	SEE_CPU_INT,	/* va -- v : insn.size bytes */
	SEE_MEMORY_INT, /* va -- v : insn.size bytes */
	SEE_DEVICE,	/* dev bus n -- bytes */
	SEE_CACHED,
	SEE_DIRTY,
	SEE_IN_STORE_BUFFER, /* va -- 0|1 */
	SEE_OWNER,	     /* va -- bytes: "cpu" "device" "shared" "none" */
	SEE_BUS_TO_PHYS,     /* dev bus -- pa */
	SEE_LOG,	     /* bytes -- v : lines of the kernel's log that hold them */
	SEE_FILE,	     /* -- v or bytes : insn.b = enum debugfs_file */
};

struct insn {
	u8 op;	 /* enum opcode */
	u8 size; /* of an access in bytes, or enum width */
	u16 a;
	u32 b;
	u64 imm;
};

/* One statement of the file, for events, screens and messages. */
struct stmt_info {
	u32 line, col, len; /* in the scenario file */
	const char *text;   /* as printed: "buf = kmalloc(128, GFP_KERNEL)" */
	const char *target; /* the variable it assigns, NULL if none: names buffers and handles */
	const char *note;   /* of the author, or NULL */
	u16 actor;	    /* 0 the driver, 1 + device, ACTOR_HW, ACTOR_LAB */
	u16 depth;	    /* nesting, for indenting */
};
enum { ACTOR_HW = 100, ACTOR_LAB = 101 };

struct function_info {
	const char *name;
	u32 entry;	    /* index of its first instruction */
	u16 params, locals; /* locals count the params */
	u16 max_stack;	    /* values it may have on the stack beyond its locals */
	bool is_handler;    /* request_irq() names it */
	u8 work;	    /* 1 + index in struct program.work; 0: no CPU is given it */
};

struct variable_info {
	const char *name;
	u32 slot;	  /* first slot */
	u32 length;	  /* elements; 1 for a plain variable */
	const char *type; /* as C would print it: "struct dma_descriptor *" */
};

/* Layout of one field, for screens that show fields instead of offsets. */
struct field_info {
	const char *name, *type;
	u32 offset, size, count;
};
struct struct_info {
	const char *name;
	u32 size, align;
	struct field_info *field;
	u32 fields;
};

struct assert_info {
	const char *name; /* without "assert:"; "line 12" if the file gives none */
	u32 stmt;
};

enum oracle_level { ORACLE_FULL, ORACLE_DATA, ORACLE_ASSERTS };

struct program {
	struct arena arena; /* owns everything below */
	struct insn *code;
	u32 codes;
	u8 *pool; /* constant bytes */
	u32 pool_len;
	struct stmt_info *stmt; /* from 1; stmt[0] is empty */
	u32 stmts;
	struct function_info *function;
	u32 functions;
	struct variable_info *global; /* of the driver */
	u32 globals, global_slots;
	struct {
		u32 entry; /* of its program; ~0: none */
		struct variable_info *var;
		u32 vars, slots;
	} device[DEVICES_MAX];
	u32 driver_entry; /* driver, SETTLE, remove, SETTLE, UNBIND, END */
	u32 cpus;	  /* that it uses: 1, or more if it gives work to others; 0 is 1 */
	struct {
		u32 function, entry; /* entry: calls the function, WORK_END */
	} work[WORKS_MAX];
	u32 works;
	struct assert_info *assert;
	u32 asserts;
	struct struct_info *structure;
	u32 structures;
	u32 iova_states;	   /* struct dma_iova_state that are declared */
	u32 sg_entries, sg_tables; /* entries of declared scatterlists; tables */
	enum oracle_level oracle;
	bool looks_at_log; /* or at dma-debug: what they say is part of the state */
};

/* The row of an opcode: its name, whether it is visible. */
const char *opcode_name(enum opcode op);
bool opcode_visible(enum opcode op);
/* The barrier of that name in the kernel ("dma_wmb"): its enum barrier_kind, or -1. */
int program_barrier(const char *name);
/*
 * Appends the program as text, for tests: one line for each function, statement, device, and for
 * each instruction its index, name and operands that are not 0. The same text for the same program.
 */
void program_print(const struct program *p, struct str *out);

void program_free(struct program *p); /* p itself is in its arena's first block: freed too */

#endif
