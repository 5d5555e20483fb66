/* SPDX-License-Identifier: MIT */
/*
 * The only place that allocates. Sizes are checked for overflow; running out of memory ends the
 * process with a plain message and status 3 (a limit), as nothing can be shown any more.
 *
 * mem_*    one object on the heap, freed by mem_free().
 * arena    many objects that live and die together: what a loader reads from a file.
 * vec      a growing array of one type:  struct { VEC(int) } v = {0};
 * reserve  a large range of zeroed pages that cost nothing until they are touched.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/types.h"

void *mem_zalloc(size_t n, size_t size);	/* n * size zero bytes; owned by the caller */
void *mem_grow(void *p, size_t n, size_t size); /* as realloc; contents kept, rest undefined */
char *mem_strdup(const char *s);		/* owned by the caller */
void mem_free(void *p);				/* NULL is fine */

void *mem_reserve(size_t bytes); /* zeroed, lazily backed; mem_release() */
void mem_release(void *p, size_t bytes);
/* Advice that a reserved range will be filled from end to end: it may be backed by large pages. */
void mem_will_fill(void *p, size_t bytes);
/* A second reservation that shows the same pages: *rd read-only, *wr writable. For proofs. */
bool mem_reserve_double(size_t bytes, void **rd, void **wr);

struct arena_block;
struct arena {
	struct arena_block *blocks; /* owned */
	size_t used_bytes;	    /* all bytes handed out, for limits */
};

void *arena_alloc(struct arena *a, size_t n, size_t size); /* zeroed; aligned to 16; owned by a */
char *arena_strndup(struct arena *a, const char *s, size_t n); /* NUL-terminated copy */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *a);

#define VEC(type)                                                                                  \
	type *v;                                                                                   \
	u32 n, cap;

/* Appends one value to a struct made with VEC. */
#define vec_push(vec, ...)                                                                         \
	do {                                                                                       \
		if ((vec)->n == (vec)->cap) {                                                      \
			(vec)->cap = (vec)->cap ? (vec)->cap * 2 : 8;                              \
			(vec)->v = mem_grow((vec)->v, (vec)->cap, sizeof *(vec)->v);               \
		}                                                                                  \
		(vec)->v[(vec)->n++] = (__VA_ARGS__);                                              \
	} while (0)

#define vec_free(vec)                                                                              \
	do {                                                                                       \
		mem_free((vec)->v);                                                                \
		(vec)->v = NULL;                                                                   \
		(vec)->n = (vec)->cap = 0;                                                         \
	} while (0)

#endif
