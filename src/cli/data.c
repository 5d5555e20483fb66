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

static bool take(const char *base, const char *below)
{
	struct stat st;
	char path[4096 + 64];

	snprintf(path, sizeof path, "%s%s/scenarios/platforms", base, below);
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return false;
	return snprintf(dir, sizeof dir, "%s%s", base, below) < (int)sizeof dir;
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
	const char *set = getenv("DMALAB_DATA");
	char path[4096];

	if (set && set[0])
		return take(set, "");
	/* BIN/dmalab, build/dmalab, build/MODE/dmalab: look from the folder above upwards. */
	if (!program_folder(argv0, path, sizeof path))
		return false;
	for (u32 i = 0; i < 2; i++) {
		bool above = path[0] == '/' && to_folder(path);

		if (!above && snprintf(path + strlen(path), 4, "/..") > 3)
			return false;
		if ((i == 0 && take(path, "/share/dmalab")) || take(path, ""))
			return true;
	}
	return false;
}
