/* SPDX-License-Identifier: MIT */
#include "cli/scenarios.h"

#include <dirent.h>
#include <stdarg.h>
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

static void add_file(struct lessons *l, const char *file)
{
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

static void add_folder(struct lessons *l, const char *name)
{
	struct {
		VEC(char *)
	} files = {0};
	struct str path = {0};
	struct dirent *d;
	DIR *dir;

	str_printf(&path, "%s/%s", scenarios_dir().path, name);
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
		str_printf(&path, "%s/%s/%s", scenarios_dir().path, name, files.v[i]);
		add_file(l, str_get(&path));
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
	add_folder(l, "lessons");
	add_folder(l, "bugs");
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

bool lesson_file(const char *id, struct str *out, struct str *near)
{
	struct {
		VEC(const char *)
	} ids = {0};
	struct lessons l;
	const char *best;
	bool found = false;

	lessons_load(&l);
	for (u32 i = 0; i < l.n && !found; i++) {
		vec_push(&ids, l.v[i].id);
		if (strcmp(l.v[i].id, id) != 0)
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

/* ---- platforms ---- */

/* False: it cannot be read. */
static bool load(const char *name, struct machine_config *cfg)
{
	struct platform_dir dir = scenarios_dir();
	struct err_list errs = {.file = name};
	bool ok = platform_exists(&dir, name) &&
		  platform_load(&dir, name, (struct pos){0, 0, 0}, cfg, &errs);

	err_free(&errs);
	return ok;
}

void platforms_names(struct str *out)
{
	struct platform_dir dir = scenarios_dir();
	struct arena a = {0};
	const char *const *names = data_dir()[0] ? platform_names(&dir, &a) : NULL;

	for (u32 i = 0; names && names[i]; i++)
		str_printf(out, "%s%s", i ? ", " : "", names[i]);
	arena_free(&a);
}

void platforms_list(struct str *out)
{
	struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
	struct platform_dir dir = scenarios_dir();
	struct arena a = {0};
	const char *const *names = data_dir()[0] ? platform_names(&dir, &a) : NULL;

	for (u32 i = 0; names && names[i]; i++)
		str_printf(out, "%-21s %s\n", names[i],
			   load(names[i], cfg) ? cfg->summary : "(its file has mistakes)");
	arena_free(&a);
	mem_free(cfg);
}

static void line(const char *name, struct str *out, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void line(const char *name, struct str *out, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	str_printf(out, "%-15s %s\n", name, text);
}

static void cache(const char *name, const struct cache_config *c, u32 bytes, struct str *out)
{
	if (c->sets)
		line(name, out, "%u KiB, %u ways, %u-byte lines, %s",
		     c->sets * c->ways * bytes / 1024, c->ways, bytes,
		     c->write_through ? "write-through" : "write-back");
}

static void facts(const struct machine_config *m, struct str *out)
{
	const struct hw_config *hw = &m->hw;
	const struct linux_config *lx = &m->lx;
	u64 ram = 0;

	for (u32 i = 0; i < hw->rams; i++)
		ram += hw->ram[i].size;
	line("memory", out, "%llu MiB", (unsigned long long)(ram >> 20));
	cache("cache", &hw->l1, hw->line, out);
	cache("outer cache", &hw->outer, hw->line, out);
	if (hw->store_entries)
		line("store buffer", out, "%u entries, %s", hw->store_entries,
		     hw->order == ORDER_TSO ? "in order" : "in any order");
	else
		line("store buffer", out, "none");
	line("loads", out, "%s", hw->early_loads ? "may be done early" : "in order");
	line("speculation", out, "%s",
	     hw->speculates ? "fetches lines that nobody asked for" : "none that fills lines");
	line("bytes", out, "%s first", hw->big_endian ? "most significant" : "least significant");
	if (lx->swiotlb.slots)
		line("bounce pool", out, "%u slots of 2 KiB%s", lx->swiotlb.slots,
		     lx->swiotlb.force ? ", every map bounces" : "");
	else
		line("bounce pool", out, "none");
	line("kernel", out, "%u.%u", lx->version >> 8, lx->version & 0xff);
	line("DMA alignment", out, "%u bytes (dma_get_cache_alignment)", lx->cache_alignment);
}

static void cache_ops(const struct machine_config *m, struct str *out)
{
	static const char *const ops[] = {"-", "clean", "invalidate", "clean and invalidate"};
	static const char *const dirs[] = {"BIDIRECTIONAL", "TO_DEVICE", "FROM_DEVICE"};

	str_add(out, "\nfor a device that does not look into the caches\n"
		     "  direction      map, sync_for_device    unmap, sync_for_cpu\n");
	for (u32 d = 0; d < 3; d++)
		str_printf(out, "  %-14s %-23s %s\n", dirs[(d + 1) % 3],
			   ops[m->lx.arch.for_device[(d + 1) % 3] & 3],
			   ops[m->lx.arch.for_cpu[(d + 1) % 3] & 3]);
}

bool platform_explain(const char *id, const struct style *style, struct str *out)
{
	struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
	bool ok = data_dir()[0] && load(id, cfg);

	if (ok) {
		str_printf(out, "%s: a platform (%s)\n\n", id, cfg->summary);
		facts(cfg, out);
		if (cfg->tags_n)
			str_add(out, "tags            ");
		for (u32 i = 0; i < cfg->tags_n; i++)
			str_printf(out, "%s%s", cfg->tags[i], i + 1 < cfg->tags_n ? " " : "\n");
		cache_ops(cfg, out);
		str_add(out, "\n");
		style_wrap(style, 0, 0,
			   "Not modelled: more than one core, an IOMMU, CMA, memory encryption, "
			   "caches inside devices, DDIO.",
			   out);
	}
	mem_free(cfg);
	return ok;
}
