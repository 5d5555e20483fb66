/* SPDX-License-Identifier: MIT */
/*
 * Where scenarios/ lies: DMALAB_DATA, else beside the program: ../share/dmalab when installed, the
 * checkout above build/ or build/MODE/ otherwise. The program is found by /proc/self/exe or, where
 * there is no /proc, as the shell found it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

static char dir[4096];

const char *data_dir(void)
{
	return dir;
}

static bool take(const char *base, const char *up)
{
	struct stat st;
	char path[4096 + 32];

	snprintf(path, sizeof path, "%s%s/scenarios/platforms", base, up);
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return false;
	return snprintf(dir, sizeof dir, "%s%s", base, up) < (int)sizeof dir;
}

/* Cuts the last part of a path; false if there is none. */
static bool to_folder(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return false;
	slash[slash == path] = 0;
	return true;
}

static bool search_path(const char *name, char *out, size_t size)
{
	const char *p = getenv("PATH");

	while (p && *p) {
		size_t n = strcspn(p, ":");

		snprintf(out, size, "%.*s/%s", (int)n, p, name);
		if (n && access(out, X_OK) == 0)
			return true;
		p += n + (p[n] == ':');
	}
	return false;
}

static bool program_folder(const char *argv0, char *out, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", out, size - 1);

	if (n > 0 && (size_t)n < size - 1)
		out[n] = 0;
	else if (strchr(argv0, '/'))
		snprintf(out, size, "%s", argv0);
	else if (!search_path(argv0, out, size))
		return false;
	return to_folder(out);
}

bool data_find(const char *argv0)
{
	static const char *const places[] = {"/../share/dmalab", "/..", "/../.."};
	const char *set = getenv("DMALAB_DATA");
	char folder[4096];

	if (set && set[0])
		return take(set, "");
	if (!program_folder(argv0, folder, sizeof folder))
		return false;
	for (u32 i = 0; i < ARRAY_LEN(places); i++)
		if (take(folder, places[i]))
			return true;
	return false;
}
