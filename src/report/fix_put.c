/* SPDX-License-Identifier: MIT */
/* What fixes are put together from: calls with the driver's own arguments, and where they go. */
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "core/addr.h"
#include "report/cause_int.h"

static const char *const action_names[] = {
    [FIX_BEFORE] = "insert-before",    [FIX_BEHIND] = "insert-behind",
    [FIX_REPLACE] = "replace",	       [FIX_DROP] = "drop",
    [FIX_MOVE_BEFORE] = "move-before", [FIX_MOVE_BEHIND] = "move-behind"};

const char *fix_action_name(enum fix_action a)
{
	BUG_ON((u32)a >= ARRAY_LEN(action_names));
	return action_names[a];
}

void fix_where(const struct names *n, const struct fix_edit *e, struct str *out)
{
	static const char *const how[] = {
	    [FIX_BEFORE] = "before line",      [FIX_BEHIND] = "behind line",
	    [FIX_REPLACE] = "instead of line", [FIX_DROP] = "drop line",
	    [FIX_MOVE_BEFORE] = "move line",   [FIX_MOVE_BEHIND] = "move line"};

	BUG_ON((u32)e->action >= ARRAY_LEN(how));
	str_printf(out, "%s %u", how[e->action], names_line(n, e->stmt));
	if (e->to)
		str_printf(out, " %s line %u", e->action == FIX_MOVE_BEFORE ? "before" : "behind",
			   names_line(n, e->to));
}

static bool add(struct fix *x, const struct names *n, const struct fix_edit *like, const char *text)
{
	struct fix_edit *e = &x->edit[x->edits];

	if (x->edits == FIX_EDITS || !names_line(n, like->stmt) ||
	    (like->to && !names_line(n, like->to)))
		return false;
	*e = *like;
	e->text = (struct str){0};
	str_add(&e->text, text);
	if (!x->edits++) {
		if (!x->call.n)
			str_add(&x->call, text);
		if (!x->where.n)
			fix_where(n, e, &x->where);
	}
	return true;
}

/* What stands there already mends nothing. */
static bool is_there(const struct names *n, u32 stmt, const char *text)
{
	const char *is = names_stmt(n, stmt)->text;
	size_t len = is ? strlen(is) : 0;

	return len && strncmp(is, text, len) == 0 && strspn(text + len, "; ") == strlen(text + len);
}

bool fix_add(struct fix *x, const struct names *n, enum fix_action action, u32 stmt,
	     const char *text)
{
	if (action == FIX_REPLACE && is_there(n, stmt, text))
		return false;
	return add(x, n, &(struct fix_edit){.action = action, .stmt = stmt}, text);
}

void fix_place(struct fix *x, const struct names *n, enum fix_action action, u32 stmt)
{
	if (x->call.n && !fix_add(x, n, action, stmt, str_get(&x->call)))
		str_clear(&x->call);
}

/* The statement's own text, where it is one that can stand elsewhere. */
static bool own_text(const struct names *n, u32 stmt, struct str *out)
{
	static const char *const heads[] = {"if (", "while (", "for", "return", "goto"};
	const char *text = names_stmt(n, stmt)->text;

	for (u32 i = 0; text && i < ARRAY_LEN(heads); i++)
		if (strncmp(text, heads[i], strlen(heads[i])) == 0)
			return false;
	if (text)
		str_printf(out, "%s;", text);
	return text != NULL;
}

bool fix_drop(struct fix *x, const struct names *n, u32 stmt)
{
	struct str text = {0};
	bool ok = own_text(n, stmt, &text) && fix_add(x, n, FIX_DROP, stmt, str_get(&text));

	str_free(&text);
	return ok;
}

bool fix_move(struct fix *x, const struct names *n, enum fix_action action, u32 stmt, u32 to)
{
	struct fix_edit like = {.action = action, .stmt = stmt, .to = to};
	struct str text = {0};
	bool ok = to && stmt != to && own_text(n, stmt, &text) && add(x, n, &like, str_get(&text));

	str_free(&text);
	return ok;
}

/* ---- calls -------------------------------------------------------------------------------- */

void fix_argument(const struct names *n, const struct named_map *m, u32 i, const char *value,
		  struct str *out)
{
	size_t was = out->n;
	const char *text = names_stmt(n, m->stmt)->text;

	if (text && names_argument(text, "dma_map_", i, out))
		return;
	if (out->n > was) {
		out->n = was;
		out->s[was] = 0;
	}
	str_add(out, value);
}

/* The variable means this mapping as long as no later one was put into it. */
static bool is_newest(const struct names *n, const struct named_map *m)
{
	const char *target = names_stmt(n, m->stmt)->target;

	for (u32 i = 0; i < n->maps.n; i++) {
		const struct named_map *o = &n->maps.v[i];
		const char *other = names_stmt(n, o->stmt)->target;

		if (o->from > m->from && other && strcmp(other, target) == 0)
			return false;
	}
	return true;
}

/* The index between the first brackets of the text; 0 if there is none. */
static size_t index_of(const char *text, const char **begin)
{
	const char *open = text ? strchr(text, '[') : NULL, *end = open ? strchr(open, ']') : NULL;

	*begin = open ? open + 1 : NULL;
	return end ? (size_t)(end - open - 1) : 0;
}

/* "rx[i].dma" of "rx[i].dma = dma_map_single(...)", with the index that statement `at` has. */
static bool place_of(const struct names *n, const struct named_map *m, u32 at, struct str *out)
{
	const char *text = names_stmt(n, m->stmt)->text, *own, *other;
	const char *call = text ? strstr(text, " = dma_map_") : NULL;
	const char *bracket = text ? strpbrk(text, "[.-(") : NULL;
	size_t is = index_of(text, &own), by = index_of(names_stmt(n, at)->text, &other);

	if (!call || !bracket || bracket > call)
		return false;
	if (!is || !by || own > call || at == m->stmt) {
		str_addn(out, text, (size_t)(call - text));
		return true;
	}
	str_addn(out, text, (size_t)(own - text));
	str_addn(out, other, by);
	str_addn(out, own + is, (size_t)(call - own) - is);
	return true;
}

void fix_handle(const struct names *n, const struct named_map *m, u32 at, struct str *out)
{
	const char *target = names_stmt(n, m->stmt)->target;

	if (place_of(n, m, at, out))
		return;
	if (!strchr(m->name, '#'))
		str_add(out, m->name);
	else if (target && is_newest(n, m))
		str_add(out, target);
}

/*
 * The function of a list for that of one buffer: dma_unmap_single() of what dma_map_sgtable()
 * mapped is dma_unmap_sgtable(). The arguments stay in their order; only maps and unmaps take
 * attributes.
 */
static void list_call(const struct names *n, const struct named_map *m, const char *fn,
		      struct str *out)
{
	const char *text = names_stmt(n, m->stmt)->text, *sync = strstr(fn, "_for_");
	bool table = strstr(text, "dma_map_sgtable") != NULL;
	bool attrs = !sync && !table && strstr(text, "dma_map_sg_attrs");
	u32 last = table ? (sync ? 2 : 3) : attrs ? 4 : 3;

	str_printf(out, "dma_%s_%s%s(", sync ? "sync" : "unmap", table ? "sgtable" : "sg",
		   sync	   ? sync
		   : attrs ? "_attrs"
			   : "");
	for (u32 i = 0; i <= last; i++) {
		if (i)
			str_add(out, ", ");
		fix_argument(n, m, i, "0", out);
	}
	str_add(out, ");");
}

void fix_call(const struct names *n, const struct named_map *m, const char *fn, u32 at,
	      struct str *out)
{
	struct str handle = {0};
	bool by_page;
	char size[24];

	if (!m)
		return;
	if (m->entry && m->name[0] && !strchr(m->name, '#')) {
		list_call(n, m, fn, out);
		return;
	}
	if (!m->entry)
		fix_handle(n, m, at, &handle);
	if (!handle.n) {
		str_free(&handle);
		return;
	}
	by_page = strstr(names_stmt(n, m->stmt)->text, "dma_map_page") != NULL;
	snprintf(size, sizeof size, "%llu", (unsigned long long)m->len);
	str_printf(out, "%s(", fn);
	fix_argument(n, m, 0, names_device(n, m->dev), out);
	str_printf(out, ", %s, ", str_get(&handle));
	fix_argument(n, m, by_page ? 3 : 2, size, out);
	str_add(out, ", ");
	fix_argument(n, m, by_page ? 4 : 3, names_direction(m->dir), out);
	str_add(out, ");");
	str_free(&handle);
}

const char *fix_unmap_name(const struct names *n, const struct named_map *m)
{
	const char *text = m ? names_stmt(n, m->stmt)->text : NULL;

	return text && strstr(text, "dma_map_page") ? "dma_unmap_page" : "dma_unmap_single";
}

void fix_other_word(const struct names *n, u32 stmt, const char *what, const char *by,
		    struct str *out)
{
	const char *text = names_stmt(n, stmt)->text, *at = text ? strstr(text, what) : NULL;

	if (at)
		str_printf(out, "%.*s%s%s;", (int)(at - text), text, by, at + strlen(what));
}

bool fix_other_argument(const struct names *n, u32 stmt, u32 i, const char *by, struct str *out)
{
	const char *text = names_stmt(n, stmt)->text, *open = text ? strchr(text, '(') : NULL;
	struct str arg = {0};
	size_t was = out->n;
	bool there = false;

	if (!open || strncmp(text, "dma_", 4) != 0) /* the call is not all of it */
		return false;
	str_addn(out, text, (size_t)(open + 1 - text));
	for (u32 k = 0; names_argument(text, "dma_", k, &arg); k++) {
		there |= k == i;
		str_printf(out, "%s%s", k ? ", " : "", k == i ? by : str_get(&arg));
		str_clear(&arg);
	}
	str_add(out, ");");
	if (!there) {
		out->n = was;
		out->s[was] = 0;
	}
	str_free(&arg);
	return there;
}

u32 fix_direction_at(const char *call)
{
	return strstr(call, "sgtable")					 ? 2
	       : strstr(call, "_range_") || strstr(call, "dma_map_page") ? 4
									 : 3;
}

void fix_free(struct fix *x)
{
	for (u32 i = 0; i < x->edits; i++)
		str_free(&x->edit[i].text);
	str_free(&x->where);
	str_free(&x->call);
	str_free(&x->words);
}
