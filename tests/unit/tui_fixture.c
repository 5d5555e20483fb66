/* SPDX-License-Identifier: MIT */
#include "unit/tui_fixture.h"

#include "tui/palette.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SET(field, text) lesson_set(field, sizeof(field), text)
#define SETF(field, ...) lesson_setf(field, sizeof(field), __VA_ARGS__)

const char *const fixture_quiet_keys =
    " n next  p back  N P by line  . finding  w why  e explain  ? all keys  q quit";
const char *const fixture_finding_keys =
    " w why  e explain  x what if  c compare  p back  , . findings  ? keys  q quit";

static void fill_bytes(struct lesson_row *r, const char *head, u8 rest)
{
	for (u32 i = 0; i < LESSON_BYTES; i++)
		r->byte[i].value = i < strlen(head) ? (u8)head[i] : rest;
}

static void mark_bytes(struct lesson_row *r, u32 first, u32 n, char mark, u8 writer)
{
	for (u32 i = first; i < first + n; i++) {
		r->byte[i].mark = mark;
		r->byte[i].writer = writer;
	}
}

static void wall(struct lesson_seam *s, u32 first, u32 n, u8 kind)
{
	memset(s->wall + first, kind, n);
}

static void add_line(struct lesson_model *m, u32 number, const char *text)
{
	struct lesson_driver_line *d = &m->driver[m->drivers++];

	d->number = number;
	SET(d->text, text);
	if (number == m->line)
		m->current = m->drivers - 1;
}

/* The driver of the lesson; the call that line 19 is without only once it has been missed. */
static void driver(struct lesson_model *m, bool missed)
{
	add_line(m, 14, "buf = kmalloc(128, GFP_KERNEL)");
	add_line(m, 15, "memset(buf, 0xaa, 128)");
	add_line(m, 16, "h = dma_map_single(nic, buf, 128, DMA_FROM_DEVICE)");
	add_line(m, 17, "if (dma_mapping_error(nic, h)): return -ENOMEM");
	add_line(m, 18, "nic: dma_write(h, \"hello\")");
	if (missed) {
		add_line(m, 19, "dma_sync_single_for_cpu(nic, h, 128, DMA_FROM_DEVICE)");
		m->driver[m->drivers - 1].margin = '+';
		m->driver[m->drivers - 1].missing = true;
		SET(m->driver[m->drivers - 1].note, "<- missing");
	}
	add_line(m, 20, "x = read(buf, 5)");
	if (missed) {
		m->driver[m->drivers - 1].margin = '!';
		SET(m->driver[m->drivers - 1].note, "reads old bytes");
	}
	add_line(m, 23, "dma_unmap_single(nic, h, 128, DMA_FROM_DEVICE)");
}

static struct lesson_lower *add_lower(struct lesson_model *m, u8 kind, const char *range,
				      const char *text)
{
	struct lesson_lower *l = &m->lower[m->lowers++];

	l->kind = kind;
	SET(l->range, range);
	SET(l->text, text);
	return l;
}

static void add_if(struct lesson_model *m, u8 happens, bool loses, const char *text)
{
	struct lesson_lower *l = add_lower(m, LOWER_IF, "", text);

	l->happens = happens;
	l->loses = loses;
}

static void head(struct lesson_line *l, u32 number, const char *range, u8 cached, const char *note)
{
	l->number = number;
	SET(l->range, range);
	l->owner = BADGE_DEV_W;
	SET(l->rights, "nic may write");
	l->cached = cached;
	SET(l->where, cached == CACHED_DIRTY ? "dirty in L1" : "clean in L1");
	SET(l->note, note);
	l->note_kind = note[0] == '!' ? NOTE_FINDING : note[0] == '~' ? NOTE_BEHIND : NOTE_QUIET;
}

static void frame(struct lesson_model *m, const char *platform, u32 line, u32 event, u32 events)
{
	*m = (struct lesson_model){.line = line, .event = event, .events = events};
	SET(m->scenario, "rx-missing-sync");
	SET(m->variant, "broken");
	SET(m->platform, platform);
	SET(m->file, "rx-missing-sync.yaml");
	SET(m->object, "buf");
	SET(m->object_note, "128 bytes, 2 cache lines");
	SET(m->base, "buf+00");
	SET(m->as, "as text");
	m->bytes = LESSON_BYTES;
	m->cursor = 0;
	SET(m->cpu.who, "CPU");
	m->cpu.verb = VERB_READS;
	SET(m->memory.who, "memory");
	m->memory.verb = VERB_HOLDS;
	SET(m->device.who, "nic");
	m->device.verb = VERB_READS;
	fill_bytes(&m->cpu, "", 0xaa);
	fill_bytes(&m->memory, "", 0xaa);
	fill_bytes(&m->device, "", 0xaa);
	m->current = LESSON_DRIVER;
}

static void strip(struct lesson_model *m, const char *marks, bool ahead)
{
	lesson_strip_begin(m, ahead);
	for (u32 i = 0; marks[i]; i++)
		lesson_strip_mark(m, i + 1, marks[i]);
}

static void packet_is_there(struct lesson_model *m)
{
	fill_bytes(&m->memory, "hello", 0xaa);
	fill_bytes(&m->device, "hello", 0xaa);
	mark_bytes(&m->cpu, 0, 5, '~', SIDE_CPU);
	mark_bytes(&m->memory, 0, 5, '*', SIDE_DEV);
	mark_bytes(&m->device, 0, 5, '*', SIDE_DEV);
	wall(&m->upper, 0, 5, WALL_FULL);
}

static void map_texts(struct lesson_model *m)
{
	SET(m->verdict, "all agree");
	SET(m->sentence[0],
	    "The kernel gives buf to nic: until it comes back, only nic may write it.");
	SET(m->sentence[1],
	    "On the way, dma_map_single() cleaned 2 lines: written back, kept in the cache.");
}

static void write_texts(struct lesson_model *m)
{
	m->device.verb = VERB_WROTE;
	m->device.acts = true;
	SET(m->verdict, "! 5 bytes differ");
	SET(m->sentence[0],
	    "nic writes 5 bytes \"hello\" to memory at buf+00. It does not look in the cache.");
	SET(m->sentence[1],
	    "The CPU still holds the line it cached at e3. Nobody has read it yet.");
}

static void stale_read(struct lesson_model *m, const char *reason)
{
	m->cpu.verb = VERB_READ;
	m->cpu.acts = true;
	mark_bytes(&m->cpu, 0, 5, '!', SIDE_CPU);
	SET(m->verdict, "! 5 STALE BYTES READ");
	SET(m->sentence[0],
	    "! cpu-stale-read (corruption): the CPU reads aa aa aa aa aa, not hello.");
	SET(m->sentence[1], reason);
	m->sentence_note = NOTE_FINDING;
	m->at_finding = true;
}

void fixture_lesson(struct lesson_model *m, u32 event)
{
	bool wrote = event >= 12;

	frame(m, "arm64-soc", event == 9 ? 16 : event == 12 ? 18 : 20, event, 17);
	head(&m->line_head, 0, "buf+00..3f", CACHED_CLEAN,
	     event == 9	   ? "= agree"
	     : event == 12 ? "~ CPU is behind"
			   : "! CPU READ OLD");
	SET(m->upper.what, "cache");
	m->upper.copied = 3;
	SET(m->under.what, "direct");
	if (wrote)
		packet_is_there(m);
	if (event == 9)
		map_texts(m);
	else if (event == 12)
		write_texts(m);
	else
		stale_read(m, "It hit its own old line. No call handed buf back after nic wrote.  "
			      "w: why");
	add_lower(m, LOWER_FOLD, "buf+10..3f", "48 × aa, all three agree");
	head(&add_lower(m, LOWER_LINE, "", "")->line, 1, "buf+40..7f", CACHED_CLEAN, "= agree");
	add_lower(m, LOWER_BYTE, "buf+00",
		  wrote ? "newest 68 'h': nic, line 18, e12. CPU has aa: memset, e2"
			: "aa, last written by the CPU: memset, line 15, e2");
	add_if(m, IF_WRITTEN_BACK, false, "it cannot be, the line is clean");
	add_if(m, IF_DROPPED, false,
	       wrote ? "no loss, the CPU would then read hello"
		     : "no loss, memory holds the same bytes");
	strip(m, "||...|..>||.!|..<", false);
	driver(m, m->at_finding);
	m->finding_after = event < 13;
}

static void span(struct lesson_lower *l, u32 col, u32 count, enum role role)
{
	l->span[l->spans++] = (struct lesson_span){(u8)col, (u8)count, (u8)role};
}

void fixture_swiotlb(struct lesson_model *m)
{
	struct lesson_lower *l;

	frame(m, "x86-64-swiotlb-force", 20, 12, 15);
	head(&m->line_head, 0, "buf+00..3f", CACHED_DIRTY, "! CPU READ OLD");
	SET(m->upper.what, "snooped");
	SET(m->memory.who, "memory+cache");
	m->memory.verb = VERB_NONE;
	SET(m->under.what, "bounce");
	m->under.copied = 7;
	wall(&m->under, 0, 5, WALL_FULL);
	fill_bytes(&m->device, "hello", 0xaa);
	mark_bytes(&m->memory, 0, 5, '~', SIDE_CPU);
	mark_bytes(&m->device, 0, 5, '*', SIDE_DEV);
	stale_read(m,
		   "hello is in the bounce slot; only a sync or unmap copies it to buf.  w: why");
	add_lower(m, LOWER_FOLD, "buf+10..3f", "48 × aa, all three agree");
	add_lower(m, LOWER_RULE, "addresses of buf", "the nic never sees buf itself");
	add_lower(m, LOWER_TEXT, "",
		  " virtual           physical              bounce slot 5       bus (nic)");
	add_lower(m, LOWER_TEXT, "",
		  " ffff888001a40080 ► 01a40080 ·· copy ··► 78002800 ────────► 78002800");
	l = add_lower(
	    m, LOWER_TEXT, "",
	    "                    aa aa aa aa aa        68 65 6c 6c 6f    1 of 32768 slots");
	span(l, 20, 14, ROLE_OLD);
	span(l, 42, 14, ROLE_NEWEST_DEV);
	strip(m, "||..|.>||..!|.<", true);
	driver(m, true);
}

void fixture_edge(struct lesson_model *m)
{
	frame(m, "arm64-soc", 24, 17, 20);
	SET(m->object, "nd");
	SET(m->object_note, "rx shares a cache line");
	SET(m->verdict, "~ two owners, one line");
	head(&m->line_head, 0, "nd+00..3f", CACHED_DIRTY, "~ both are behind");
	SET(m->line_head.rights, "nic: rx only");
	m->has_owners = true;
	memset(m->owners, BADGE_CPU, 8);
	memset(m->owners + 8, BADGE_DEV_W, 8);
	SET(m->owners_key, "c CPU   w nic");
	SET(m->base, "nd+18");
	m->field[0] = (struct lesson_field){"stats le64", 0, 8};
	m->field[1] = (struct lesson_field){"rx[0..7]", 8, 8};
	m->fields = 2;
	memset(&m->cpu.byte, 0, sizeof m->cpu.byte);
	fill_bytes(&m->memory, "", 0);
	for (u32 i = 0; i < 8; i++) {
		m->cpu.byte[i].value = i ? 0 : 0x2a;
		m->cpu.byte[8 + i].value = 0xaa;
		m->memory.byte[8 + i].value = i < 5 ? (u8) "hello"[i] : 0xaa;
	}
	mark_bytes(&m->cpu, 0, 8, '*', SIDE_CPU);
	mark_bytes(&m->cpu, 8, 5, '~', SIDE_CPU);
	mark_bytes(&m->memory, 0, 8, '~', SIDE_CPU);
	mark_bytes(&m->memory, 8, 5, '*', SIDE_DEV);
	memcpy(m->device.byte, m->memory.byte, sizeof m->device.byte);
	m->device.verb = VERB_WROTE;
	m->device.acts = true;
	SET(m->upper.what, "cache");
	m->upper.copied = 6;
	wall(&m->upper, 0, 1, WALL_FULL);
	wall(&m->upper, 1, 7, WALL_LIGHT);
	wall(&m->upper, 8, 5, WALL_FULL);
	SET(m->under.what, "direct");
	add_lower(m, LOWER_FOLD, "nd+28..3f", "24 × aa, all three agree");
	add_lower(m, LOWER_BYTE, "nd+18",
		  "newest 2a: CPU, line 22, e14. Memory and nic have 00: e2");
	add_if(m, IF_WRITTEN_BACK, true, "LOSES 5 bytes of nic (hello), keeps 8 of the CPU");
	add_if(m, IF_INVALIDATED, true, "LOSES 8 bytes of the CPU (stats), keeps 5 of nic");
	strip(m, "", false);
}

/* The driver line of every event; event 0 is before the first. */
static const u8 line_of[] = {0, 14, 15, 15, 15, 15, 16, 16, 16, 16, 17, 18, 18, 20, 23, 23, 23, 23};

static u32 events(void *self)
{
	(void)self;
	return ARRAY_LEN(line_of) - 1;
}

static void fill(void *self, const struct tui_view *view, struct lesson_model *m)
{
	u32 e = view->position;

	(void)self;
	fixture_lesson(m, e < 12 ? 9 : e == 12 ? 12 : 13);
	m->event = e;
	m->line = line_of[e];
	m->at_finding = e == 13;
	m->finding_before = e > 13;
	m->finding_after = e < 13;
	m->current = LESSON_DRIVER;
	for (u32 i = 0; i < m->drivers; i++)
		if (m->driver[i].number == m->line)
			m->current = i;
	strip(m, "||...|..>||.!|..<", false);
}

static bool starts_line(u32 e)
{
	return e > 0 && line_of[e] != line_of[e - 1];
}

static bool find(void *self, enum tui_find what, u32 from, u32 *to)
{
	bool back = what == FIND_PREVIOUS_LINE || what == FIND_PREVIOUS_FINDING;
	bool line = what == FIND_PREVIOUS_LINE || what == FIND_NEXT_LINE;

	for (u32 e = from + (back ? -1U : 1U); e > 0 && e <= events(self); e += back ? -1U : 1U) {
		if (line ? starts_line(e) : e == 13) {
			*to = e;
			return true;
		}
	}
	return false;
}

static bool find_line(void *self, u32 line, u32 from, u32 *to)
{
	u32 n = events(self);

	for (u32 i = 1; i <= n; i++) {
		u32 e = (from + i - 1) % n + 1;

		if (line_of[e] == line && starts_line(e)) {
			*to = e;
			return true;
		}
	}
	return false;
}

struct tui_source fixture_source(void)
{
	static const struct tui_source_ops ops = {events, fill, find, find_line, NULL, NULL};

	return (struct tui_source){.ops = &ops};
}

static void golden_path(const char *name, char *path, size_t size)
{
	snprintf(path, size, "tests/golden/tui/%s.screen", name);
}

const char *fixture_golden(const char *name, struct str *out)
{
	char path[256], part[1024];
	size_t n;
	FILE *f;

	golden_path(name, path, sizeof path);
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s is not there (tests run in the top folder)", path);
	str_clear(out);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		str_addn(out, part, n);
	fclose(f);
	return str_get(out);
}

void fixture_same_lines(const char *a, const char *b)
{
	for (u32 row = 0; *a || *b; row++) {
		size_t na = strcspn(a, "\n"), nb = strcspn(b, "\n");

		ck_assert_msg(na == nb && !memcmp(a, b, na), "row %u\nhave |%.*s|\nwant |%.*s|",
			      row, (int)na, a, (int)nb, b);
		a += na + (a[na] == '\n');
		b += nb + (b[nb] == '\n');
	}
}

void fixture_check_golden(const char *name, const char *text)
{
	struct str want = {0};

	if (getenv("GOLDEN_ACCEPT")) {
		char path[256];
		FILE *f;

		golden_path(name, path, sizeof path);
		f = fopen(path, "w");
		ck_assert_ptr_nonnull(f);
		fputs(text, f);
		fclose(f);
		return;
	}
	fixture_same_lines(text, fixture_golden(name, &want));
	str_free(&want);
}

static double ink(struct cell c)
{
	u8 attr = palette_style(PALETTE_MONO, 0, (enum role)c.role).attr;

	if (attr & ATTR_REVERSE)
		return 0.80;
	if (c.cp == ' ')
		return 0;
	if (c.cp == GLYPH_WALL || c.cp == GLYPH_LIGHT_WALL)
		return 0.75;
	return attr & ATTR_BOLD ? 0.30 : 0.22;
}

static double window(const struct grid *g, u32 row, u32 col)
{
	double sum = 0;

	for (u32 i = 0; i < 6; i++)
		sum += ink(*grid_at(g, row, col + i));
	return sum;
}

double fixture_squint(const struct grid *g, struct str *out)
{
	double most = 0;

	for (u32 row = 0; row < g->h; row++)
		for (u32 col = 0; col + 6 <= g->w; col++)
			most = window(g, row, col) > most ? window(g, row, col) : most;
	for (u32 row = 0; row < g->h; row++) {
		for (u32 col = 0; col + 6 <= g->w; col++) {
			if (window(g, row, col) >= 0.8 * most) {
				str_printf(out, "%s%u", out->n ? " " : "", row);
				break;
			}
		}
	}
	return most;
}
