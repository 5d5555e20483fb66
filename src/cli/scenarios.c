/* SPDX-License-Identifier: MIT */
#include "cli/scenarios.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "scenario/doc.h"

struct platform_dir scenarios_dir(void)
{
	static char path[4096 + 16];

	snprintf(path, sizeof path, "%s/scenarios", data_dir());
	return (struct platform_dir){path};
}

/* ---- lessons ---- */

static bool is_yaml(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && strcmp(name + n - 5, ".yaml") == 0;
}

/* strcmp(), whatever the locale. */
static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_file(void *ctx, const char *file)
{
	struct lessons *l = ctx;
	struct err_list errs = {.file = file};
	struct scenario_doc *d = doc_load(file, &errs);
	struct str title = {0};

	if (d && d->title)
		str_safe(&title, d->title, strlen(d->title));
	if (d && d->id.text)
		vec_push(l, (struct lesson){mem_strdup(file), mem_strdup(d->id.text),
					    mem_strdup(str_get(&title)), d->level});
	str_free(&title);
	err_free(&errs);
	if (d)
		doc_free(d);
}

void scenarios_each(const char *folder, void (*f)(void *ctx, const char *file), void *ctx)
{
	struct {
		VEC(char *)
	} files = {0};
	struct str path = {0};
	struct dirent *d;
	DIR *dir;

	str_printf(&path, "%s/%s", scenarios_dir().path, folder);
	dir = opendir(str_get(&path));
	while (dir && (d = readdir(dir)) != NULL)
		if (is_yaml(d->d_name))
			vec_push(&files, mem_strdup(d->d_name));
	if (dir)
		closedir(dir);
	if (files.n)
		qsort(files.v, files.n, sizeof *files.v, by_name);
	for (u32 i = 0; i < files.n; i++) {
		str_clear(&path);
		str_printf(&path, "%s/%s/%s", scenarios_dir().path, folder, files.v[i]);
		f(ctx, str_get(&path));
		mem_free(files.v[i]);
	}
	vec_free(&files);
	str_free(&path);
}

void lessons_load(struct lessons *l)
{
	*l = (struct lessons){0};
	if (!data_dir()[0])
		return;
	scenarios_each("lessons", add_file, l);
}

void comparisons_load(struct lessons *l)
{
	*l = (struct lessons){0};
	if (data_dir()[0])
		scenarios_each("cost", add_file, l);
}

void lessons_free(struct lessons *l)
{
	for (u32 i = 0; i < l->n; i++) {
		mem_free(l->v[i].file);
		mem_free(l->v[i].id);
		mem_free(l->v[i].title);
	}
	vec_free(l);
}

/* "b013" of "b013-xdp-before-sync". */
static bool is_number_of(const char *word, const char *id)
{
	size_t n = strlen(word);

	return word[0] == 'b' && n > 1 && strspn(word + 1, "0123456789") == n - 1 &&
	       strncmp(word, id, n) == 0 && id[n] == '-';
}

bool lesson_file(const char *id, struct str *out, struct str *near)
{
	struct {
		VEC(const char *)
	} ids = {0};
	struct lessons l;
	const char *best;
	bool found = false;

	lessons_load(&l);
	if (l.n) {
		scenarios_each("bugs", add_file, &l);
		scenarios_each("cost", add_file, &l);
		scenarios_each("diagnoses", add_file, &l);
	}
	for (u32 i = 0; i < l.n && !found; i++) {
		vec_push(&ids, l.v[i].id);
		if (strcmp(l.v[i].id, id) != 0 && !is_number_of(id, l.v[i].id))
			continue;
		str_add(out, l.v[i].file);
		found = true;
	}
	vec_push(&ids, NULL);
	best = found ? NULL : str_nearest(id, ids.v);
	if (best)
		str_add(near, best);
	vec_free(&ids);
	lessons_free(&l);
	return found;
}
