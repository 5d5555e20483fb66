/* SPDX-License-Identifier: MIT */
#include "scenario/platform.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/limits.h"
#include "scenario/platform_int.h"

enum { LIKE_MAX = 4, SLOT_BYTES = 2048, SLOT_SET = 128, PLATFORM_FILES_MAX = 256 };

/* ---- files ------------------------------------------------------------------------------------
 */

static char *file_name(const struct platform_dir *dir, const char *name, struct arena *a)
{
	return arena_printf(a, "%s/platforms/%s.yaml", dir->path, name);
}

static bool read_file(const char *path, struct str *out)
{
	FILE *f = fopen(path, "rb");
	char buf[4096];
	size_t n;
	bool ok;

	if (!f)
		return false;
	while (out->n <= LIMIT_FILE_BYTES && (n = fread(buf, 1, sizeof buf, f)) > 0)
		str_addn(out, buf, n);
	ok = !ferror(f) && out->n && out->n <= LIMIT_FILE_BYTES;
	fclose(f);
	return ok;
}

bool platform_exists(const struct platform_dir *dir, const char *name)
{
	struct arena a = {0};
	FILE *f = fopen(file_name(dir, name, &a), "rb");

	arena_free(&a);
	if (f)
		fclose(f);
	return f != NULL;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *const *platform_names(const struct platform_dir *dir, struct arena *a)
{
	const char **out = arena_alloc(a, PLATFORM_FILES_MAX + 1, sizeof(*out));
	DIR *d = opendir(arena_printf(a, "%s/platforms", dir->path));
	struct dirent *e;
	u32 n = 0;

	while (d && n < PLATFORM_FILES_MAX && (e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);

		if (len > 5 && strcmp(e->d_name + len - 5, ".yaml") == 0 && e->d_name[0] != '.')
			out[n++] = arena_strndup(a, e->d_name, len - 5);
	}
	if (d)
		closedir(d);
	qsort(out, n, sizeof(*out), compare_names);
	out[n] = NULL;
	return out;
}

/* ---- reading ----------------------------------------------------------------------------------
 */

static bool read_base(const struct platform_dir *dir, struct machine *m, const char *name,
		      struct pos at, struct err_list *errs);

/* A mistake in a file of the program, reported where a scenario names the file. */
static bool pass_on(const struct err_list *inner, const char *name, struct pos at,
		    struct err_list *errs)
{
	const struct err *e;

	if (!inner->n)
		return true;
	e = &inner->v[0];
	err_add(errs, at, e->hint, "the platform '%s' is broken: %s.yaml:%u:%u: %s", name, name,
		e->pos.line, e->pos.col, e->message);
	return false;
}

static bool read_text(const struct platform_dir *dir, struct machine *m, const char *name,
		      const struct str *text, struct pos at, struct err_list *errs)
{
	struct err_list inner = {.file = name, .text = str_get(text), .text_len = text->n};
	struct fields f = {.m = m, .errs = &inner, .whose = FIELDS_FILE};
	struct arena a = {0};
	const struct ynode *root, *like;
	bool ok = true;

	root = ynode_parse(&a, str_get(text), text->n, &inner);
	if (root && root->kind != YNODE_MAP)
		err_add(&inner, root->at, NULL, "a platform is a map of fields");
	like = root && root->kind == YNODE_MAP ? ynode_get(root, "like") : NULL;
	if (like && like->kind == YNODE_SCALAR)
		ok = read_base(dir, m, like->text, at, errs);
	m->cfg->title[0] = m->cfg->left_out[0] = 0; /* these are not inherited */
	if (ok && root && root->kind == YNODE_MAP)
		machine_read(&f, root);
	ok = ok && pass_on(&inner, name, at, errs);
	err_free(&inner);
	arena_free(&a);
	return ok;
}

/* A name from a file must not lead out of the folder. */
static bool is_plain_name(const char *name)
{
	return *name && strlen(name) <= NAME_MAX_LEN &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

bool platform_is(const struct platform_dir *dir, const char *name)
{
	return is_plain_name(name) && platform_exists(dir, name);
}

static bool read_base(const struct platform_dir *dir, struct machine *m, const char *name,
		      struct pos at, struct err_list *errs)
{
	struct arena a = {0};
	struct str text = {0};
	bool ok = is_plain_name(name) && read_file(file_name(dir, name, &a), &text);

	if (!ok)
		err_add(
		    errs, at,
		    value_hint_near(errs, name, platform_names(dir, &a), "dmalab list platforms"),
		    "there is no platform '%s'", name);
	else if (++m->depth > LIKE_MAX)
		err_add(errs, at, NULL, "platforms are like each other more than %d deep",
			LIKE_MAX);
	else
		ok = read_text(dir, m, name, &text, at, errs);
	ok = ok && m->depth <= LIKE_MAX;
	str_free(&text);
	arena_free(&a);
	return ok;
}

/* ---- what is derived --------------------------------------------------------------------------
 */

static void lay_out_memory(struct machine *m)
{
	struct hw_config *hw = &m->cfg->hw;
	u64 left = m->memory.v;
	u32 i;

	if (!m->memory.is)
		return;
	hw->rams = 0;
	for (i = 0; i < m->maps && left; i++) {
		u64 n = min_u64(left, m->map[i].size);

		hw->ram[hw->rams++] = (struct range){m->map[i].base, n};
		left -= n;
	}
}

/* One for each CPU, but none smaller than a set: swiotlb_adjust_nareas(), limit_nareas(). */
static u32 pool_areas(const struct machine *m)
{
	u32 areas = 1, sets = m->cfg->lx.swiotlb.slots / SLOT_SET;

	while (areas < (m->pool_areas.is ? m->pool_areas.v : m->cfg->hw.cpus))
		areas *= 2;
	while (areas > 1 && sets % areas)
		areas /= 2;
	return areas;
}

/* At the top of the last range that ends within 4 GiB: that is where the kernel looks for it. */
static void place_pool(struct machine *m)
{
	struct hw_config *hw = &m->cfg->hw;
	struct linux_config *lx = &m->cfg->lx;
	bool high = false;
	u32 i;

	for (i = 0; i < hw->rams; i++)
		high |= hw->ram[i].base + hw->ram[i].size > 1ull << 32;
	if (m->pool_high && !high)
		m->pool_bytes = 0;
	lx->swiotlb.slots = (u32)(m->pool_bytes / SLOT_BYTES / SLOT_SET * SLOT_SET);
	lx->swiotlb.areas = pool_areas(m);
	lx->swiotlb.base = m->pool_base.v;
	if (m->pool_base.is)
		return;
	for (i = 0; i < hw->rams; i++) {
		u64 end = min_u64(hw->ram[i].base + hw->ram[i].size, 1ull << 32);

		if (end > hw->ram[i].base && end - hw->ram[i].base >= m->pool_bytes)
			lx->swiotlb.base = align_down(end - m->pool_bytes, 4096);
	}
}

/* Those of single devices, each below the one before. */
static void place_own_pools(struct machine *m)
{
	struct hw_config *hw = &m->cfg->hw;
	struct linux_config *lx = &m->cfg->lx;
	u64 top = lx->swiotlb.slots ? lx->swiotlb.base : 0;

	for (u32 i = 0; !top && i < hw->rams; i++)
		if (hw->ram[i].base < 1ull << 32)
			top = min_u64(hw->ram[i].base + hw->ram[i].size, 1ull << 32);
	for (u32 i = 0; i < hw->devs; i++) {
		u64 bytes = (u64)lx->dev[i].pool_slots * SLOT_BYTES;

		if (bytes && bytes <= top)
			lx->dev[i].pool_base = top = align_down(top - bytes, 4096);
	}
}

static void derive(struct machine *m)
{
	struct hw_config *hw = &m->cfg->hw;
	struct linux_config *lx = &m->cfg->lx;

	lay_out_memory(m);
	place_pool(m);
	place_own_pools(m);
	machine_finish_iommu(m);
	if (!lx->version)
		lx->version = LINUX_VERSION(7, 1);
	lx->l1_cache_bytes = m->l1_bytes.is ? (u32)m->l1_bytes.v : hw->line;
	lx->dma_minalign = m->minalign.is ? (u32)m->minalign.v
			   : m->coherent  ? 1
					  : lx->l1_cache_bytes;
	lx->cache_alignment = m->cache_alignment.is ? (u32)m->cache_alignment.v : lx->dma_minalign;
	lx->swiotlb.force |= lx->encrypted;
	hw->mmio_passes = m->passes.is ? m->passes.v : hw->order == ORDER_WEAK;
	hw->early_loads = m->early.is ? m->early.v : hw->order == ORDER_WEAK;
	hw->dir_slots = LIM(1u << 16, 1u << 10);
}

/* ---- what is wrong ----------------------------------------------------------------------------
 */

static const char *cache_problem(const struct hw_config *hw)
{
	if (!hw->line)
		return "it has no line size: cache: {line: 64}";
	if (!hw->l1.sets != !hw->l1.ways || !hw->outer.sets != !hw->outer.ways)
		return "a cache has sets and ways";
	if (hw->outer.sets && !hw->l1.sets)
		return "an outer cache needs an inner one";
	return NULL;
}

static const char *memory_problem(const struct hw_config *hw)
{
	u64 end = 0;
	u32 i, k;

	for (i = 0; i < hw->rams; i++) {
		const struct range *r = &hw->ram[i];

		for (k = 0; k < i; k++)
			if (r->base < hw->ram[k].base + hw->ram[k].size &&
			    hw->ram[k].base < r->base + r->size)
				return "two ranges of memory overlap";
		end = max_u64(end, r->base + r->size);
	}
	if (hw->linear_base > UINT64_MAX - end ||
	    (hw->vmap_base >= hw->linear_base && hw->vmap_base < hw->linear_base + end))
		return "vmap_base lies in the linear map: memory is too large for it";
	return NULL;
}

bool machine_finish(struct machine *m, struct pos at, struct err_list *errs)
{
	const char *problem;

	derive(m);
	machine_describe(m);
	problem = cache_problem(&m->cfg->hw);
	if (!problem)
		problem = linux_config_problem(&m->cfg->lx, &m->cfg->hw);
	if (!problem)
		problem = memory_problem(&m->cfg->hw);
	if (problem)
		err_add(errs, at, NULL, "the platform '%s' cannot be: %s", m->cfg->platform,
			problem);
	return !problem;
}

/* ---- the whole --------------------------------------------------------------------------------
 */

/* A kernel for teaching looks at what drivers do. */
static void start(struct machine_config *cfg, const char *name)
{
	*cfg = (struct machine_config){.lx = {.dma_debug = true, .dma_debug_sg = true}};
	snprintf(cfg->platform, sizeof cfg->platform, "%s", name);
}

bool platform_load(const struct platform_dir *dir, const char *name, struct pos at,
		   struct machine_config *cfg, struct err_list *errs)
{
	struct machine m = {.cfg = cfg};

	start(cfg, name);
	return read_base(dir, &m, name, at, errs) && machine_finish(&m, at, errs);
}

bool platform_machine(const struct platform_dir *dir, const struct scenario_doc *doc,
		      const struct doc_platform *p, const struct doc_variant *v,
		      const struct doc_params *params, struct machine_config *cfg,
		      struct err_list *errs)
{
	const struct name *base = p->like.text ? &p->like : &p->name;
	struct machine m = {.cfg = cfg};
	struct fields f = {.m = &m, .errs = errs, .params = params};
	u32 before = errs->n;

	start(cfg, p->name.text);
	if (!read_base(dir, &m, base->text, base->at, errs)) {
		machine_add_devices(&f, doc); /* for their mistakes */
		return false;
	}
	f.whose = FIELDS_OWN;
	if (p->fields)
		machine_read(&f, p->fields);
	f.whose = FIELDS_MACHINE;
	if (v && v->machine)
		machine_read(&f, v->machine);
	machine_add_devices(&f, doc);
	return errs->n == before && machine_finish(&m, p->name.at, errs);
}
