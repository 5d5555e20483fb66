/* SPDX-License-Identifier: MIT */
/*
 * A YAML text as a tree that remembers where everything stood. The only user of libyaml.
 *
 * Less than YAML on purpose: one document; no aliases, anchors, tags, directives or merge keys;
 * keys are scalars and differ; depth, nodes and keys are bounded (scenario/limits.h). No scalar is
 * turned into a number or a truth value here: all are text, so that every reader sees the same.
 */
#ifndef SCENARIO_YAML_H
#define SCENARIO_YAML_H

#include "base/err.h"
#include "base/mem.h"
#include "base/types.h"

enum ynode_kind { YNODE_SCALAR, YNODE_SEQ, YNODE_MAP };
enum ynode_style { YSTYLE_PLAIN, YSTYLE_SINGLE, YSTYLE_DOUBLE, YSTYLE_LITERAL, YSTYLE_FOLDED };

struct ynode;

struct ypair {
	struct ynode *key; /* a scalar */
	struct ynode *value;
};

struct ynode {
	enum ynode_kind kind;
	enum ynode_style style; /* of a scalar */
	struct pos at;		/* a scalar: its source, as far as it is on its first line */
	u32 start, end;		/* a scalar: bytes of the source text, quotes included */
	const char *text;	/* a scalar: decoded, NUL-terminated, no NUL inside; else NULL */
	u32 len;		/* bytes of text */
	u32 n;			/* entries of a sequence or a map */
	union {
		struct ynode **item;
		struct ypair *pair;
	};
};

/*
 * Reads text (len bytes and a NUL, UTF-8 without a byte order mark) into a tree owned by a.
 * Mistakes go to errs. NULL if the text is no YAML, or is empty; otherwise the tree, even if errs
 * has grown: an alias, for example, is reported and read as an empty scalar.
 */
struct ynode *ynode_parse(struct arena *a, const char *text, size_t len, struct err_list *errs);

/* A key without a value: `err_free:`. */
bool ynode_is_empty(const struct ynode *n);

/* The value of a key of a map, or NULL. */
struct ynode *ynode_get(const struct ynode *map, const char *key);

/* Where one byte of a decoded text stands in the file. line and col count from 1. */
struct src_place {
	u32 line, col;
};

/* A place for every byte of a decoded text and one for its end. */
struct srcmap {
	VEC(struct src_place)
};

/*
 * Fills map (emptied first; owned by the caller, vec_free) for the scalar n of the source text.
 * Exact for every character that is no white space; white space that YAML folded stands where the
 * folding began.
 */
void ynode_map(const char *text, const struct ynode *n, struct srcmap *map);

/* The part [from, to) of a mapped text as a position; to the end of the line if it spans lines. */
struct pos srcmap_pos(const struct srcmap *map, u32 from, u32 to);

#endif
