/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bug.h"

enum { ARENA_BLOCK = 16 * 1024 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(16) unsigned char bytes[];
};

static _Noreturn void out_of_memory(size_t bytes)
{
	bug_run_exit_hook();
	fprintf(stderr, "dmalab: out of memory (%zu bytes more were needed)\n", bytes);
	fflush(NULL);
	_exit(3);
}

static size_t checked_size(size_t n, size_t size)
{
	size_t bytes;

	BUG_ON(__builtin_mul_overflow(n, size, &bytes));
	return bytes ? bytes : 1;
}

void *mem_zalloc(size_t n, size_t size)
{
	size_t bytes = checked_size(n, size);
	void *p = calloc(1, bytes);

	if (!p)
		out_of_memory(bytes);
	return p;
}

void *mem_grow(void *p, size_t n, size_t size)
{
	size_t bytes = checked_size(n, size);

	p = realloc(p, bytes);
	if (!p)
		out_of_memory(bytes);
	return p;
}

char *mem_strdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(mem_zalloc(n, 1), s, n);
}

void mem_free(void *p)
{
	free(p);
}

void *mem_reserve(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		out_of_memory(bytes);
	return p;
}

void mem_release(void *p, size_t bytes)
{
	if (p)
		munmap(p, bytes);
}

void mem_will_fill(void *p, size_t bytes)
{
	/* Where the system knows no large pages nothing is lost. */
	(void)madvise(p, bytes, MADV_HUGEPAGE);
}

bool mem_reserve_double(size_t bytes, void **rd, void **wr)
{
	int fd = memfd_create("dmalab-world", MFD_CLOEXEC);

	if (fd < 0)
		return false;
	if (ftruncate(fd, (off_t)bytes) < 0) {
		close(fd);
		return false;
	}
	*rd = mmap(NULL, bytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, 0);
	*wr = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
	close(fd);
	return *rd != MAP_FAILED && *wr != MAP_FAILED;
}

void *arena_alloc(struct arena *a, size_t n, size_t size)
{
	size_t bytes = align_up(checked_size(n, size), 16);
	struct arena_block *b = a->blocks;

	if (!b || b->size - b->used < bytes) {
		size_t room = bytes > ARENA_BLOCK ? bytes : ARENA_BLOCK;

		b = mem_zalloc(1, sizeof *b + room);
		b->size = room;
		b->next = a->blocks;
		a->blocks = b;
	}
	b->used += bytes;
	a->used_bytes += bytes;
	return b->bytes + b->used - bytes;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1, 1);

	memcpy(p, s, n);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	BUG_ON(n < 0);
	p = arena_alloc(a, (size_t)n + 1, 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void arena_free(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *b = a->blocks;

		a->blocks = b->next;
		mem_free(b);
	}
	a->used_bytes = 0;
}
