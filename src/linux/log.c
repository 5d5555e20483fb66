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
	EMIT(l->w, KERNEL_LOG, PARTY_CPU, (u16)dev, n);
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
#define A(i) , (unsigned long long)g->arg[i]
#define LOG(id, once, format, args)                                                                \
	case LOG_##id:                                                                             \
		str_printf(out, format args);                                                      \
		break;
#include "linux/log.def"
#undef LOG
#undef A
	case LOG_IDS:
		BUG_ON(true);
	}
	return true;
}
