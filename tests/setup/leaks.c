/* SPDX-License-Identifier: MIT */
/*
 * Linked to every program that is built with the address sanitizer. Its search for leaks reads
 * /proc and would fail every program in a bare chroot, and without /proc it does not see
 * ASAN_OPTIONS either. tests/run.sh says when leaks were not looked for.
 */
#include <unistd.h>

/* The sanitizer asks this at the end of the process; not 0 means no search. */
int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void)
{
	return access("/proc/self/task", F_OK) != 0;
}
