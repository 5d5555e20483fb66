/* SPDX-License-Identifier: MIT */
/* Four patterns of access, 30 % of them stores; drawn from a fixed seed. */
#include "bench/bench.h"

#include "base/bug.h"
#include "base/mem.h"

const char *pattern_name(enum pattern p)
{
	static const char *const names[] = {
	    [PATTERN_SEQ] = "8-byte stride, 64 MiB",
	    [PATTERN_RANDOM] = "random words, 1 MiB",
	    [PATTERN_STRIDE] = "stride 320 B, 1 MiB",
	    [PATTERN_HOT] = "random words, 16 KiB",
	};

	BUG_ON((u32)p >= ARRAY_LEN(names));
	return names[p];
}

static u64 next(u64 *x)
{
	*x = *x * 6364136223846793005ull + 1442695040888963407ull;
	return *x >> 33;
}

u32 *trace_new(enum pattern p, u32 n)
{
	u32 *t = mem_zalloc(n, sizeof *t);
	u64 seed = 42;

	for (u32 i = 0; i < n; i++) {
		u64 r = next(&seed), store = next(&seed) % 10 < 3, word = 0;

		switch (p) {
		case PATTERN_SEQ:
			word = i % (BUFFER_BYTES / 8);
			break;
		case PATTERN_RANDOM:
			word = r % ((1 << 20) / 8);
			break;
		case PATTERN_STRIDE:
			word = (u64)i * 320 % (1 << 20) / 8;
			break;
		case PATTERN_HOT:
			word = r % ((16 << 10) / 8);
			break;
		default:
			BUG_ON(true);
		}
		t[i] = (u32)(word << 1 | store);
	}
	return t;
}

void trace_free(u32 *t)
{
	mem_free(t);
}
