/* SPDX-License-Identifier: MIT */
/* A statement, or the C text of `header:`, cut into tokens. */
#ifndef SCENARIO_LEX_H
#define SCENARIO_LEX_H

#include "base/err.h"
#include "base/mem.h"
#include "base/types.h"
#include "scenario/yaml.h"

/* Tokens of one character are that character. */
enum tok {
	TOK_END = 0,
	TOK_NAME = 256,
	TOK_NUMBER,
	TOK_STRING,
	TOK_ARROW,  /* -> */
	TOK_INC,    /* ++ */
	TOK_DEC,    /* -- */
	TOK_SHL,    /* << */
	TOK_SHR,    /* >> */
	TOK_LE,	    /* <= */
	TOK_GE,	    /* >= */
	TOK_EQ,	    /* == */
	TOK_NE,	    /* != */
	TOK_ANDAND, /* && */
	TOK_OROR,   /* || */
	TOK_ADD_SET,
	TOK_SUB_SET,
	TOK_OR_SET,
	TOK_AND_SET,
	TOK_XOR_SET,
	TOK_MUL_SET, /* this one and the next are only there to be refused by name */
	TOK_DIV_SET,
	TOK_MOD_SET,
	TOK_SHL_SET,
	TOK_SHR_SET,
};

struct token {
	enum tok kind;
	bool first;	  /* the first of its line */
	u32 from, to;	  /* bytes of the text */
	const char *text; /* NAME, NUMBER: as written, NUL-terminated; STRING: its bytes */
	u32 n;		  /* STRING: bytes, which may hold NUL */
	u64 number;	  /* NUMBER */
};

struct lexed {
	VEC(struct token) /* ends with TOK_END, unless lex_text failed */
};

/*
 * Cuts text (n bytes) into out, which is emptied first and owned by the caller (vec_free). Texts of
 * tokens live in a. map says where each byte of text stands. C comments are skipped if comments is
 * set, else refused. Stops at the first mistake: reports it and returns false.
 */
bool lex_text(struct arena *a, const char *text, u32 n, const struct srcmap *map, bool comments,
	      struct lexed *out, struct err_list *errs);

/* What a token is called in a message: "'+='", "a number", "the end". */
const char *lex_describe(const struct token *t, struct arena *a);

#endif
