/* SPDX-License-Identifier: MIT */
/* The kernel's log: ids and numbers in the block, words from linux/log.def. No state for others. */
#include "linux/linux_int.h"

_Static_assert(LOG_IDS <= 32, "struct lx_logs has a bit per id");

static const struct lx_logs *logs(const struct lx *l)
{
	return world_at(l->w, l->log);
}

static bool is_once(enum log_id id)
{
	static const u8 once[LOG_IDS] = {
#define LOG(id, once, ...) once,
#include "linux/log.def"
#undef LOG
	};

	return once[id];
}

void log_add(struct lx *l, enum log_id id, u32 dev, u64 a, u64 b, u64 c, u64 d)
{
	const struct lx_logs *g = logs(l);
	struct lx_log line = {id, dev, {a, b, c, d}};
	u32 n = g->n;

	if (is_once(id)) {
		if (g->once >> id & 1)
			return;
		W_SET(l->w, g->once, g->once | 1u << id);
	}
	if (n < LOG_MAX)
		world_write(l->w, &g->line[n], &line, sizeof line);
	W_SET(l->w, g->n, n + 1);
	EMIT(l->w, KERNEL_LOG, hw_party(l->hw), (u16)dev, n);
}

void lx_log_driver(struct lx *l, u32 dev, u64 at, u32 len)
{
	log_add(l, LOG_DRIVER, dev, at, len, 0, 0);
}

u32 lx_log_count(const struct lx *l, const u8 *text, u32 len)
{
	struct str line = {0};
	u32 n = 0;

	for (u32 i = 0; i < lx_log_lines(l) && i < LOG_MAX; i++) {
		bool found = false;

		str_clear(&line);
		lx_log_line(l, i, &line);
		for (u32 k = 0; k + len <= line.n && !found; k++)
			found = memcmp(line.s + k, text, len) == 0;
		n += found;
	}
	str_free(&line);
	return n;
}

u32 lx_log_lines(const struct lx *l)
{
	return logs(l)->n;
}

bool lx_log_line(const struct lx *l, u32 i, struct str *out)
{
	const struct lx_log *g = &logs(l)->line[i < LOG_MAX ? i : 0];

	if (i >= logs(l)->n || i >= LOG_MAX)
		return false;
	str_printf(out, "%s: ", l->hw->cfg->dev[g->dev].name);
	switch ((enum log_id)g->id) {
#define A(i)	      , (unsigned long long)g->arg[i]
#define TEXT(at, len) , (int)g->arg[len], (const char *)l->texts + g->arg[at]
#define LOG(id, once, format, args)                                                                \
	case LOG_##id:                                                                             \
		str_printf(out, format args);                                                      \
		break;
#include "linux/log.def"
#undef LOG
#undef A
#undef TEXT
	case LOG_IDS:
		BUG_ON(true);
	}
	return true;
}
