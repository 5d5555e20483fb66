/* SPDX-License-Identifier: MIT */
/*
 * A scenario's statements, headers and C definitions as trees, as they are written: no name is
 * looked up and no type is known yet. Every node says where it stood. Trees live in the arena of
 * the document that holds them; nothing here is freed by itself.
 *
 * Heights are bounded (scenario/limits.h), so that readers of a tree may recurse.
 */
#ifndef SCENARIO_AST_H
#define SCENARIO_AST_H

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"

struct name {
	const char *text; /* NULL: there is none */
	struct pos at;
};

/* ---- types --------------------------------------------------------------------------------- */

#define AST_BASIC_TYPES(X)                                                                         \
	X(INT, "int")                                                                              \
	X(BOOL, "bool")                                                                            \
	X(U8, "u8")                                                                                \
	X(U16, "u16")                                                                              \
	X(U32, "u32")                                                                              \
	X(U64, "u64")                                                                              \
	X(SIZE_T, "size_t")                                                                        \
	X(DMA_ADDR_T, "dma_addr_t")                                                                \
	X(PHYS_ADDR_T, "phys_addr_t")                                                              \
	X(VOID, "void")                                                                            \
	X(LE16, "__le16")                                                                          \
	X(LE32, "__le32")                                                                          \
	X(LE64, "__le64")                                                                          \
	X(BE16, "__be16")                                                                          \
	X(BE32, "__be32")                                                                          \
	X(BE64, "__be64")

enum type_base {
#define X(name, text) TYPE_##name,
	AST_BASIC_TYPES(X)
#undef X
	    TYPE_STRUCT,
};

struct type_ref {
	enum type_base base;
	const char *tag; /* of TYPE_STRUCT */
	u8 stars;
	bool is_const;
	struct pos at;
};

/* [const] type {*} NAME [ "[" size "]" ] */
struct declarator {
	struct type_ref type;
	struct name name;
	struct expr *size; /* NULL: no array */
};

/* ---- expressions --------------------------------------------------------------------------- */

enum expr_kind {
	EXPR_NUMBER,
	EXPR_STRING,
	EXPR_NAME,
	EXPR_CALL,
	EXPR_UNARY,
	EXPR_BINARY,
	EXPR_INDEX,	   /* left[right] */
	EXPR_FIELD,	   /* left.name, left->name */
	EXPR_ADDRESS,	   /* &left; left is a place */
	EXPR_CAST,	   /* (type)left */
	EXPR_SIZEOF,	   /* sizeof(type), and with left: sizeof(NAME) */
	EXPR_SIZEOF_DEREF, /* sizeof(*NAME); left is the NAME */
};

/* Rows by binding strength: a greater level binds tighter. Text as in C. */
#define AST_BINARY_OPS(X)                                                                          \
	X(LOGIC_OR, "||", 1)                                                                       \
	X(LOGIC_AND, "&&", 2)                                                                      \
	X(OR, "|", 3)                                                                              \
	X(XOR, "^", 3)                                                                             \
	X(AND, "&", 3)                                                                             \
	X(EQ, "==", 4)                                                                             \
	X(NE, "!=", 4)                                                                             \
	X(LT, "<", 5)                                                                              \
	X(LE, "<=", 5)                                                                             \
	X(GT, ">", 5)                                                                              \
	X(GE, ">=", 5)                                                                             \
	X(SHL, "<<", 6)                                                                            \
	X(SHR, ">>", 6)                                                                            \
	X(ADD, "+", 7)                                                                             \
	X(SUB, "-", 7)                                                                             \
	X(MUL, "*", 8)                                                                             \
	X(DIV, "/", 8)                                                                             \
	X(MOD, "%", 8)

enum binary_op {
#define X(name, text, level) BINARY_##name,
	AST_BINARY_OPS(X)
#undef X
	    BINARY_COUNT,
};

enum { LEVEL_LOGIC_OR = 1, LEVEL_BITS = 3, LEVEL_EQUAL = 4, LEVEL_RELATION = 5, LEVEL_TERM = 8 };

enum unary_op { UNARY_NOT, UNARY_INVERT, UNARY_NEGATE };

struct expr {
	enum expr_kind kind;
	u8 op;		  /* enum unary_op, enum binary_op; EXPR_FIELD: 1 for ->, 0 for . */
	bool parens;	  /* written in parentheses */
	u16 height;	  /* 1 for a leaf */
	struct pos at;	  /* the whole expression, without its parentheses */
	struct pos op_at; /* EXPR_BINARY: the operator; EXPR_FIELD: the name; EXPR_CALL: the name */
	struct expr *left, *right; /* EXPR_UNARY has left alone */
	const char *text;     /* name of NAME, CALL, FIELD; NUMBER as written; bytes of STRING */
	u32 n;		      /* bytes of STRING (may hold NUL); arguments of CALL */
	struct expr **arg;    /* EXPR_CALL */
	u64 number;	      /* EXPR_NUMBER: up to 2^64 - 1 */
	struct type_ref type; /* EXPR_CAST, EXPR_SIZEOF without left */
};

/* ---- statements ---------------------------------------------------------------------------- */

struct stmt;
struct stmt_list {
	struct stmt **v;
	u32 n;
};

enum stmt_kind {
	STMT_BAD, /* already reported: say nothing about it */
	STMT_DECLARE,
	STMT_ASSIGN,
	STMT_CALL,
	STMT_RETURN,
	STMT_GOTO,
	STMT_BREAK,
	STMT_CONTINUE,
	STMT_IF,
	STMT_WHILE,
	STMT_FOR,
	STMT_FOR_EACH, /* a call as header: for_each_sg and its like */
	STMT_ACTOR,    /* a device, hw or lab does the body */
	STMT_LABEL,
	STMT_NOTE,
	STMT_PREDICT,
};

enum assign_op {
	ASSIGN_SET,
	ASSIGN_ADD,
	ASSIGN_SUB,
	ASSIGN_OR,
	ASSIGN_AND,
	ASSIGN_XOR,
	ASSIGN_INC,
	ASSIGN_DEC
};

enum ast_actor { BY_DEVICE, BY_HW, BY_LAB };

/* One of if, else if, else. */
struct if_arm {
	struct expr *cond; /* NULL: else */
	struct stmt_list body;
	struct pos at; /* the header */
};

struct answer_choice {
	const char *label;
	struct pos at;
	struct expr *cond; /* NULL: else; then it is the last */
};

struct stmt {
	enum stmt_kind kind;
	struct pos at; /* the statement; of control flow the header */
	union {
		struct {
			struct declarator decl;
			struct expr *init; /* or NULL */
		};
		struct {
			struct expr *place; /* NAME, INDEX, FIELD over a NAME */
			struct expr *value; /* NULL: ++ and -- */
			enum assign_op op;
		};
		struct expr *expr; /* STMT_CALL: an EXPR_CALL; STMT_RETURN: NULL without a value */
		struct name label; /* STMT_GOTO, STMT_LABEL */
		struct {
			struct if_arm *arm;
			u32 arms;
		};
		struct {		    /* STMT_WHILE, STMT_FOR, STMT_FOR_EACH, STMT_ACTOR */
			struct stmt *first; /* STMT_FOR: STMT_DECLARE, STMT_ASSIGN or NULL */
			struct expr *cond;  /* FOR: NULL is for ever; FOR_EACH: an EXPR_CALL */
			struct stmt *next;  /* STMT_FOR: STMT_ASSIGN or NULL */
			struct stmt_list body;
			enum ast_actor actor;
			struct name device; /* BY_DEVICE */
		};
		const char *note;
		struct { /* STMT_PREDICT: choices, or a value */
			const char *ask;
			struct answer_choice *choice;
			u32 choices;
			struct expr *answer; /* NULL: there are choices */
		};
	};
};

/* ---- header: ------------------------------------------------------------------------------- */

struct define {
	struct name name;
	struct expr *value;
};

struct attributes {
	bool packed, cacheline_aligned;
	struct expr *aligned; /* __aligned(n), or NULL */
	struct pos at;	      /* the first; line 0 if there are none */
};

struct field {
	enum { FIELD_DATA, FIELD_GROUP_BEGIN, FIELD_GROUP_END } kind;
	struct declarator decl; /* FIELD_DATA */
	struct attributes attrs;
	struct pos at;
};

struct struct_def {
	struct name name;
	struct field *field;
	u32 fields;
	struct attributes attrs;
};

/* In the order of the text: a name means what was defined before it. */
struct header_item {
	enum { HEADER_DEFINE, HEADER_STRUCT } kind;
	union {
		struct define define;
		struct struct_def def;
	};
};

struct header {
	struct header_item *item;
	u32 n;
};

/* ---- functions ----------------------------------------------------------------------------- */

struct function {
	struct name name;
	struct declarator *param;
	u32 params;
	struct stmt_list body;
};

/* ---- back to text -------------------------------------------------------------------------- */

const char *ast_binary_text(enum binary_op op);
u32 ast_binary_level(enum binary_op op);
const char *ast_type_text(enum type_base base); /* "struct" for TYPE_STRUCT */

/* Appends C text that parses to the same tree: one space around operators, as the kernel does. */
void ast_print_expr(const struct expr *e, struct str *out);
void ast_print_type(const struct type_ref *t, struct str *out);

/* Appends "done(int status, u8 *p)": name and parameters, as the key of `functions` has them. */
void ast_print_signature(const struct function *f, struct str *out);

/*
 * Appends a statement, or the header of control flow (of an if chain the first arm, "if (e)").
 * A note gives its text, a question what it asks, an actor its name and, if the body is one
 * statement, that statement ("nic: raise_irq()"). STMT_BAD gives "?".
 */
void ast_print_stmt(const struct stmt *s, struct str *out);

#endif
