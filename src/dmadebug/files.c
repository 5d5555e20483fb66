/* SPDX-License-Identifier: MIT */
/* The files of debugfs below dma-api/: dma_debug_fs_init(), dump_show(), filter_write(). */
#include "dmadebug/dmadebug_int.h"

#include "base/bug.h"

u64 dmadebug_number(const struct dmadebug *d, enum dmadebug_file f)
{
	const struct debug_state *s = st(d);

	switch (f) {
	case DEBUG_FILE_DISABLED:
		return s->disabled;
	case DEBUG_FILE_ERROR_COUNT:
		return s->error_count;
	case DEBUG_FILE_ALL_ERRORS:
		return s->all_errors;
	case DEBUG_FILE_NUM_ERRORS:
		return s->num_errors;
	case DEBUG_FILE_NUM_FREE:
		return s->num_free;
	case DEBUG_FILE_MIN_FREE:
		return s->min_free;
	case DEBUG_FILE_TOTAL:
		return s->total;
	case DEBUG_FILE_DRIVER_FILTER:
	case DEBUG_FILE_DUMP:
		break;
	}
	return 0;
}

static void dump_entry(const struct dmadebug *d, u32 i, const struct entry *e,
		       const struct klog_words *words, struct str *out)
{
	static const char *const err[] = {
	    [ERR_NOT_APPLICABLE] = "dma map error check not applicable",
	    [ERR_NOT_CHECKED] = "dma map error not checked",
	    [ERR_CHECKED] = "dma map error checked",
	};

	words->device(words->ctx, e->dev, klog_is_unbound(d->w, e->dev), out);
	str_printf(out, " %s idx %u P=0x%016llx D=%llx L=%llx cln=0x%016llx %s %s",
		   debug_type_name(e->type), i, (unsigned long long)e->pa,
		   (unsigned long long)e->addr, (unsigned long long)e->size,
		   (unsigned long long)line_number(d, e->pa), debug_dir_name(e->dir), err[e->err]);
	if (d->cfg.is_7)
		str_printf(out, " attrs=0x%x", e->attrs);
	str_add(out, "\n");
}

static void dump(const struct dmadebug *d, const struct klog_words *words, struct str *out)
{
	for (u32 i = 0; i < HASH_SIZE; i++)
		for (u32 link = *bucket(d, i); link; link = entry_at(d, link)->next)
			dump_entry(d, i, entry_at(d, link), words, out);
}

void dmadebug_text(const struct dmadebug *d, enum dmadebug_file f, const struct klog_words *words,
		   struct str *out)
{
	if (f == DEBUG_FILE_DUMP)
		dump(d, words, out);
	else if (f == DEBUG_FILE_DISABLED)
		str_add(out, st(d)->disabled ? "Y\n" : "N\n");
	else if (f != DEBUG_FILE_DRIVER_FILTER)
		str_printf(out, "%llu\n", (unsigned long long)dmadebug_number(d, f));
	else if (st(d)->filter[0])
		str_printf(out, "%s\n", (const char *)st(d)->filter);
}

void dmadebug_set(struct dmadebug *d, enum dmadebug_file f, u32 v)
{
	BUG_ON(f != DEBUG_FILE_ALL_ERRORS && f != DEBUG_FILE_NUM_ERRORS);
	if (f == DEBUG_FILE_ALL_ERRORS)
		W_SET(d->w, st(d)->all_errors, v);
	else
		W_SET(d->w, st(d)->num_errors, v);
}

static bool is_alnum(u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool ends_token(u8 c)
{
	return !c || c == ' ' || (c >= '\t' && c <= '\r');
}

void dmadebug_filter(struct dmadebug *d, u8 party, const void *text, u32 n)
{
	const struct debug_state *s = st(d);
	u8 name[DEBUG_NAME_MAX + 1] = {0};
	const u8 *from = text;
	bool was = s->filter[0];

	if (n && is_alnum(from[0]))
		for (u32 i = 0; i < n && i < DEBUG_NAME_MAX && !ends_token(from[i]); i++)
			name[i] = from[i];
	world_write(d->w, s->filter, name, sizeof name);
	if (name[0])
		KLOG(d->w, DEBUG_FILTER, party, 0,
		     klog_keep(d->w, name, (u32)strlen((const char *)name)));
	else if (was)
		KLOG(d->w, DEBUG_FILTER_OFF, party, 0, 0);
}
