/* SPDX-License-Identifier: MIT */
#include "base/grid.h"

#include "base/bug.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	u32 cp;
	char ascii;
} glyphs[] = {
#define G(NAME, CP, ASCII) {CP, ASCII},
#include "base/glyph.def"
#undef G
};

static const char *const role_names[] = {
#define R(NAME, TEXT) TEXT,
#include "base/role.def"
#undef R
};

/* Blocks whose characters take one column in every font; what is not here is drawn as '?'. */
static const struct {
	u32 first, last;
} narrow[] = {
    {0x20, 0x7e},     {0xa1, 0xac},	{0xae, 0x2ff},	  {0x370, 0x482},
    {0x48a, 0x58f},   {0x1e00, 0x1fff}, {0x2010, 0x2027}, {0x2030, 0x205e},
    {0x20a0, 0x20bf}, {0x2100, 0x2319}, {0x2500, 0x25fc}, {0xfffd, 0xfffd},
};

static bool is_narrow(u32 cp)
{
	for (size_t i = 0; i < ARRAY_LEN(narrow); i++)
		if (cp >= narrow[i].first && cp <= narrow[i].last)
			return true;
	return false;
}

void grid_init(struct grid *g, u32 w, u32 h)
{
	*g = (struct grid){0};
	grid_resize(g, w, h);
}

void grid_resize(struct grid *g, u32 w, u32 h)
{
	BUG_ON(w > GRID_SIDE_MAX || h > GRID_SIDE_MAX);
	if (w != g->w || h != g->h || !g->cell) {
		mem_free(g->cell);
		g->cell = mem_zalloc((size_t)w * h + 1, sizeof *g->cell);
		g->w = w;
		g->h = h;
	}
	grid_clear(g);
}

void grid_clear(struct grid *g)
{
	for (u32 i = 0; i < g->w * g->h; i++)
		g->cell[i] = (struct cell){.cp = ' ', .role = ROLE_TEXT};
}

void grid_copy(struct grid *to, const struct grid *from)
{
	grid_resize(to, from->w, from->h);
	memcpy(to->cell, from->cell, (size_t)from->w * from->h * sizeof *to->cell);
}

void grid_fini(struct grid *g)
{
	mem_free(g->cell);
	*g = (struct grid){0};
}

const struct cell *grid_at(const struct grid *g, u32 row, u32 col)
{
	BUG_ON(row >= g->h || col >= g->w);
	return &g->cell[row * g->w + col];
}

/* Takes one code point off *s. A broken or overlong sequence gives U+FFFD and one byte. */
static u32 take_utf8(const char **s)
{
	static const u32 least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)*s;
	u32 n = p[0] < 0x80	  ? 1
		: p[0] >> 5 == 6  ? 2
		: p[0] >> 4 == 14 ? 3
		: p[0] >> 3 == 30 ? 4
				  : 0;
	u32 cp = n == 1 ? p[0] : n ? p[0] & (0x7fU >> n) : 0xfffd;

	for (u32 i = 1; i < n; i++) {
		if (p[i] >> 6 != 2) {
			n = 0;
			break;
		}
		cp = cp << 6 | (p[i] & 0x3f);
	}
	if (n == 0 || cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000)) {
		*s += 1;
		return 0xfffd;
	}
	*s += n;
	return cp;
}

static void set(struct grid *g, u32 row, u32 col, enum role role, u32 cp)
{
	if (row < g->h && col < g->w)
		g->cell[row * g->w + col] =
		    (struct cell){.cp = is_narrow(cp) ? cp : '?', .role = (u8)role};
}

u32 grid_columns(const char *text)
{
	u32 n = 0;

	for (; *text; n++)
		take_utf8(&text);
	return n;
}

/* Draws the columns of text from first on, at most n of them. */
static u32 put_part(struct grid *g, u32 row, u32 col, enum role role, const char *text, u32 first,
		    u32 n)
{
	for (u32 i = 0; *text && i < first; i++)
		take_utf8(&text);
	for (u32 i = 0; *text && i < n; i++)
		set(g, row, col++, role, take_utf8(&text));
	return col;
}

u32 grid_put(struct grid *g, u32 row, u32 col, enum role role, const char *text)
{
	return put_part(g, row, col, role, text, 0, UINT32_MAX);
}

u32 grid_printf(struct grid *g, u32 row, u32 col, enum role role, const char *fmt, ...)
{
	char text[4 * GRID_SIDE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return grid_put(g, row, col, role, text);
}

u32 grid_put_cut(struct grid *g, u32 row, u32 col, u32 width, enum role role, const char *text)
{
	if (grid_columns(text) <= width)
		return grid_put(g, row, col, role, text);
	col = put_part(g, row, col, role, text, 0, width > 2 ? width - 2 : 0);
	return put_part(g, row, col, role, "..", 0, width);
}

u32 grid_put_fold(struct grid *g, u32 row, u32 col, u32 width, enum role role, const char *text)
{
	u32 n = grid_columns(text);
	u32 tail;

	if (n <= width)
		return grid_put(g, row, col, role, text);
	if (width < 5)
		return grid_put_cut(g, row, col, width, role, text);
	tail = (width - 2) / 2;
	col = put_part(g, row, col, role, text, 0, width - 2 - tail);
	col = grid_put(g, row, col, role, "..");
	return put_part(g, row, col, role, text, n - tail, tail);
}

void grid_fill(struct grid *g, u32 row, u32 col, u32 n, enum role role, u32 cp)
{
	for (u32 i = 0; i < n && col + i < g->w; i++)
		set(g, row, col + i, role, cp);
}

void grid_paint(struct grid *g, u32 row, u32 col, u32 n, enum role role)
{
	for (u32 i = 0; i < n && row < g->h && col + i < g->w; i++)
		g->cell[row * g->w + col + i].role = (u8)role;
}

u32 grid_cell_show(struct cell c, enum skin skin)
{
	if (skin == SKIN_UNICODE || c.cp < 0x80)
		return c.cp;
	for (size_t i = 0; i < ARRAY_LEN(glyphs); i++)
		if (glyphs[i].cp == c.cp)
			return (u32)(unsigned char)glyphs[i].ascii;
	return '?';
}

/* Cells are narrow (see above), so three bytes of UTF-8 are enough. */
static void add_utf8(struct str *out, u32 cp)
{
	char s[3];

	BUG_ON(cp > 0xffff);
	if (cp < 0x80) {
		s[0] = (char)cp;
		str_addn(out, s, 1);
	} else if (cp < 0x800) {
		s[0] = (char)(0xc0 | cp >> 6);
		s[1] = (char)(0x80 | (cp & 0x3f));
		str_addn(out, s, 2);
	} else {
		s[0] = (char)(0xe0 | cp >> 12);
		s[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		s[2] = (char)(0x80 | (cp & 0x3f));
		str_addn(out, s, 3);
	}
}

void grid_text(const struct grid *g, enum skin skin, struct str *out)
{
	for (u32 row = 0; row < g->h; row++) {
		for (u32 col = 0; col < g->w; col++)
			add_utf8(out, grid_cell_show(*grid_at(g, row, col), skin));
		str_add(out, "\n");
	}
}

const char *role_name(enum role r)
{
	BUG_ON(r >= ROLE_COUNT);
	return role_names[r];
}

static bool has_role(const struct grid *g, u32 row, u32 col, enum role r)
{
	u8 have = grid_at(g, row, col)->role;

	return have == r ||
	       (r == ROLE_NEWEST && (have == ROLE_NEWEST_CPU || have == ROLE_NEWEST_DEV));
}

void grid_spans(const struct grid *g, enum role r, struct str *out)
{
	const char *gap = "";

	for (u32 row = 0; row < g->h; row++) {
		for (u32 col = 0; col < g->w; col++) {
			u32 first = col;

			while (col < g->w && has_role(g, row, col, r))
				col++;
			if (col > first) {
				str_printf(out, "%s%u:%u-%u", gap, row, first, col - 1);
				gap = " ";
			}
		}
	}
}

bool grid_diff_next(const struct grid *a, const struct grid *b, u32 *at)
{
	BUG_ON(a->w != b->w || a->h != b->h);
	for (; *at < a->w * a->h; ++*at)
		if (a->cell[*at].cp != b->cell[*at].cp || a->cell[*at].role != b->cell[*at].role)
			return true;
	return false;
}

u32 grid_diff_count(const struct grid *a, const struct grid *b)
{
	u32 n = 0;

	for (u32 at = 0; grid_diff_next(a, b, &at); at++)
		n++;
	return n;
}
