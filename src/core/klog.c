/* SPDX-License-Identifier: MIT */
#include "core/klog.h"

#include "base/bug.h"
#include "core/event.h"
#include "core/maphow.h"

enum { KEPT_BYTES = 1024, KEPT_MAX = 64 };

struct klog_entry {
	u16 id, dev;
	u32 unbound;
	u64 arg[KLOG_ARGS];
};

struct klog {
	u32 n;
	u32 unbound;			/* devices without a driver, bits */
	u32 once[(KLOG_IDS + 31) / 32]; /* printed already */
	u32 kept_n;
	u8 kept[KEPT_BYTES]; /* texts that are no constants of the program */
	struct klog_entry entry[KLOG_MAX];
};

struct row {
	u8 once, prefix;
	const char *warning, *format;
};

static const struct row row[KLOG_IDS] = {
#define LOG(id, once, prefix, warning, format, ...) {once, KLOG_##prefix, warning, format},
#include "core/klog.def"
#undef LOG
};

static const struct klog *log_of(const struct world *w)
{
	return world_at(w, w->klog_off);
}

void klog_claim(struct world *w)
{
	w->klog_off = world_region(w, "log", sizeof(struct klog), CHUNK,
				   w->log_is_state ? REGION_RAW : REGION_UNHASHED, NULL);
}

void klog_add(struct world *w, enum klog_id id, u8 party, u32 dev, const u64 arg[KLOG_ARGS])
{
	const struct klog *g = log_of(w);
	struct klog_entry e = {.id = (u16)id, .dev = (u16)dev, .unbound = g->unbound >> dev & 1};
	u32 n = g->n;

	if (row[id].once) {
		if (g->once[id / 32] >> (id % 32) & 1)
			return;
		W_SET(w, g->once[id / 32], g->once[id / 32] | 1u << (id % 32));
	}
	memcpy(e.arg, arg, sizeof e.arg);
	if (n < KLOG_MAX)
		world_write(w, &g->entry[n], &e, sizeof e);
	W_SET(w, g->n, n + 1);
	EMIT(w, KERNEL_LOG, party, (u16)dev, n);
}

u64 klog_keep(struct world *w, const void *text, u32 n)
{
	const struct klog *g = log_of(w);
	u32 at = g->kept_n;

	n = (u32)min_u64(n, KEPT_MAX);
	if (!n || at + n > KEPT_BYTES)
		return 0;
	world_write(w, &g->kept[at], text, n);
	W_SET(w, g->kept_n, at + n);
	return (u64)at << 32 | n;
}

void klog_unbound(struct world *w, u32 dev)
{
	W_SET(w, log_of(w)->unbound, log_of(w)->unbound | 1u << dev);
}

bool klog_is_unbound(const struct world *w, u32 dev)
{
	return log_of(w)->unbound >> dev & 1;
}

const char *klog_report(enum klog_id id)
{
	static const char *const format[KLOG_IDS] = {
#define LOG(id, once, prefix, warning, format, args) format,
#include "core/klog.def"
#undef LOG
	};
	static const char mark[] = "WARNING: ";

	BUG_ON((u32)id >= KLOG_IDS);
	if (row[id].warning[0])
		return row[id].warning;
	return strncmp(format[id], mark, sizeof mark - 1) == 0 ? format[id] + sizeof mark - 1 : "";
}

u32 klog_entries(const struct world *w)
{
	return log_of(w)->n;
}

enum klog_id klog_id(const struct world *w, u32 i)
{
	BUG_ON(i >= log_of(w)->n || i >= KLOG_MAX);
	return (enum klog_id)log_of(w)->entry[i].id;
}

bool klog_is_of_boot(const struct world *w, u32 i)
{
	return row[klog_id(w, i)].once == 2;
}

/* %p for whoever may not see addresses: lib/vsprintf.c ptr_to_id(), before there is a key. */
static const char *pointer(u64 p)
{
	return p ? "(____ptrval____)" : "0000000000000000";
}

static void message(const struct klog *k, const struct klog_entry *g,
		    const struct klog_words *words, struct str *out)
{
	switch ((enum klog_id)g->id) {
#define A(i)	      , (unsigned long long)g->arg[i]
#define N(i)	      , (u32)g->arg[i]
#define TEXT(at, len) , (int)g->arg[len], (const char *)words->texts + g->arg[at]
#define KEPT(i)	      , (int)(g->arg[i] & 0xff), (const char *)k->kept + (g->arg[i] >> 32)
#define PTR(i)	      , pointer(g->arg[i])
#define DIR(i)	      , debug_dir_name((u32)g->arg[i])
#define TYPE(i)	      , debug_type_name((u32)g->arg[i])
#define LOG(id, once, prefix, warning, format, args)                                               \
	case KLOG_##id:                                                                            \
		str_printf(out, format args);                                                      \
		break;
#include "core/klog.def"
#undef LOG
#undef A
#undef N
#undef TEXT
#undef KEPT
#undef PTR
#undef DIR
#undef TYPE
	case KLOG_IDS:
		BUG_ON(true);
	}
}

/* dev_name(): what stands behind the driver's name. */
static void device_name(const struct klog_entry *g, const struct klog_words *words, struct str *out)
{
	struct str both = {0};
	const char *name;

	words->device(words->ctx, g->dev, g->unbound, &both);
	name = strchr(str_get(&both), ' ');
	str_add(out, name ? name + 1 : str_get(&both));
	str_free(&both);
}

/* The bytes of a line of print_hex_dump(), 16 in a row, with their characters. */
static void dump(const struct klog_entry *g, struct str *out)
{
	u32 n = (u32)g->arg[1];

	for (u32 i = 0; i < 16; i++)
		if (i < n)
			str_printf(out, " %02x", (u32)(g->arg[2 + i / 8] >> (i % 8 * 8)) & 0xff);
		else
			str_add(out, "   ");
	str_add(out, "  ");
	for (u32 i = 0; i < n; i++) {
		u32 c = (u32)(g->arg[2 + i / 8] >> (i % 8 * 8)) & 0xff;

		str_printf(out, "%c", c >= 0x20 && c < 0x7f ? (int)c : '.');
	}
}

void klog_gist(enum klog_id id, struct str *out)
{
	const char *s = row[id].format;
	size_t n = strcspn(s, "[%");

	if (n >= 2 && s[n - 2] == '0' && s[n - 1] == 'x')
		n -= 2;
	str_addn(out, s, n && s[n - 1] == ' ' ? n - 1 : n);
}

bool klog_text(const struct world *w, u32 i, const struct klog_words *words, struct str *out)
{
	const struct klog_entry *g = &log_of(w)->entry[i < KLOG_MAX ? i : 0];
	const struct row *r = &row[g->id];

	if (i >= log_of(w)->n || i >= KLOG_MAX)
		return false;
	if (r->prefix == KLOG_DEBUG || r->prefix == KLOG_API)
		str_add(out, "DMA-API: ");
	if (r->prefix == KLOG_DEBUG || r->prefix == KLOG_DEV) {
		words->device(words->ctx, g->dev, g->unbound, out);
		str_add(out, ": ");
	}
	message(log_of(w), g, words, out);
	if (r->prefix == KLOG_BEHIND)
		device_name(g, words, out);
	if (g->id == KLOG_POOL_DUMP)
		dump(g, out);
	if (r->warning[0])
		str_printf(out, "\nWARNING: %s", r->warning);
	return true;
}

/* Whether the text is in the n bytes at s. */
static bool holds(const char *s, u32 n, const u8 *text, u32 len)
{
	for (u32 k = 0; k + len <= n; k++)
		if (memcmp(s + k, text, len) == 0)
			return true;
	return false;
}

u32 klog_count(const struct world *w, const struct klog_words *words, const u8 *text, u32 len)
{
	struct str all = {0};
	u32 n = 0;

	for (u32 i = 0; i < klog_entries(w) && i < KLOG_MAX; i++) {
		str_clear(&all);
		klog_text(w, i, words, &all);
		for (u32 at = 0; at < all.n;) {
			const char *end = memchr(all.s + at, '\n', all.n - at);
			u32 to = end ? (u32)(end - all.s) : (u32)all.n;

			n += holds(all.s + at, to - at, text, len);
			at = to + 1;
		}
	}
	str_free(&all);
	return n;
}
