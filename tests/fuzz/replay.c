/* SPDX-License-Identifier: MIT */
/*
 * Gives every input of a corpus to a fuzz target, without libFuzzer: replay FILE|FOLDER...
 *
 * Inputs go in order of name, each in memory of its exact size, so that the address sanitizer sees
 * a read one byte past the end; an input may take SECONDS_MAX seconds. A run without inputs fails.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz/fuzz.h"

enum { SECONDS_MAX = 20 };

static _Noreturn void die(const char *path)
{
	perror(path);
	exit(2);
}

static void replay_file(const char *path, size_t size)
{
	uint8_t *data = malloc(size ? size : 1);
	FILE *f = fopen(path, "rb");

	if (!data || !f || fread(data, 1, size, f) != size)
		die(path);
	fclose(f);
	/* Before the run: the last line of the log then names the input that ended it. */
	printf("%s (%zu bytes)\n", path, size);
	fflush(stdout);
	alarm(SECONDS_MAX);
	LLVMFuzzerTestOneInput(data, size);
	alarm(0);
	free(data);
}

static int is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Returns how many inputs ran. A folder in a folder is refused. */
static int replay(const char *path, int may_be_folder)
{
	struct dirent **names;
	struct stat st;
	int i, n, ran = 0;

	if (stat(path, &st) < 0)
		die(path);
	if (S_ISREG(st.st_mode)) {
		replay_file(path, (size_t)st.st_size);
		return 1;
	}
	n = may_be_folder ? scandir(path, &names, is_visible, alphasort) : -1;
	if (n < 0)
		die(path);
	for (i = 0; i < n; i++) {
		size_t room = strlen(path) + strlen(names[i]->d_name) + 2;
		char *name = malloc(room);

		if (!name)
			die(path);
		snprintf(name, room, "%s/%s", path, names[i]->d_name);
		ran += replay(name, 0);
		free(name);
		free(names[i]);
	}
	free(names);
	return ran;
}

int main(int argc, char **argv)
{
	int i, ran = 0;

	for (i = 1; i < argc; i++)
		ran += replay(argv[i], 1);
	printf("%d inputs\n", ran);
	return ran == 0;
}
