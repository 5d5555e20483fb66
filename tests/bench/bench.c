/* SPDX-License-Identifier: MIT */
/* `make bench`: all measurements, or those named on the command line. */
#include "bench/bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bug.h"

u64 bench_cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

double bench_median(double v[ROUNDS])
{
	for (u32 i = 1; i < ROUNDS; i++)
		for (u32 k = i; k > 0 && v[k] < v[k - 1]; k--) {
			double x = v[k];

			v[k] = v[k - 1];
			v[k - 1] = x;
		}
	return v[ROUNDS / 2];
}

void bench_fail(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("bench: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\n", stderr);
	exit(1);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = {
	    {"access", bench_access},	{"memory", bench_memory}, {"back", bench_back},
	    {"startup", bench_startup}, {"spin", bench_spin},
	};

	for (u32 i = 0; i < ARRAY_LEN(parts); i++) {
		bool asked = argc < 2;

		for (int k = 1; k < argc; k++)
			asked = asked || strcmp(argv[k], parts[i].name) == 0;
		if (asked)
			parts[i].run();
	}
	return 0;
}
