/* SPDX-License-Identifier: MIT */
#include "tui/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "tui/source_int.h"

/* ---- making ---- */

/* The last event of the access that a finding is about: its pieces lie in one turn. */
static u32 last_piece(const struct run_source *s, const struct finding *f)
{
	const struct event_log *log = s->names->log;
	u32 last = f->event;

	for (u32 k = f->event + 1; f->n && k <= log->n; k++) {
		u64 pa, len;

		if (event_step(log, k) != event_step(log, f->event))
			break;
		if (event_get(log, k)->kind == event_get(log, f->event)->kind &&
		    event_home(s->names, k, &pa, &len) && pa < f->pa + f->n && f->pa < pa + len)
			last = k;
	}
	return last;
}

static int by_last(const void *a, const void *b)
{
	const struct source_finding *x = a, *y = b;

	return x->last < y->last ? -1 : x->last > y->last;
}

static void read_findings(struct run_source *s)
{
	for (u32 i = 0; i < s->findings->n; i++) {
		const struct finding *f = &s->findings->v[i].f;

		if (f->event && f->event <= s->names->log->n)
			vec_push(&s->found, (struct source_finding){f, last_piece(s, f)});
	}
	if (s->found.n)
		qsort(s->found.v, s->found.n, sizeof *s->found.v, by_last);
}

static bool starts_turn(const struct event_log *log, u32 k)
{
	return k == 1 || event_step(log, k) != event_step(log, k - 1);
}

static void read_marks(struct run_source *s)
{
	const struct event_log *log = s->names->log;

	s->mark = mem_zalloc((size_t)log->n + 1, 1);
	for (u32 k = 1; k <= log->n; k++) {
		switch ((enum event_kind)event_get(log, k)->kind) {
		case EV_MAP:
		case EV_SYNC_DEVICE:
			s->mark[k] = '>';
			break;
		case EV_UNMAP:
		case EV_SYNC_CPU:
			s->mark[k] = '<';
			break;
		default:
			s->mark[k] = starts_turn(log, k) ? '|' : '.';
		}
	}
	for (u32 i = 0; i < s->found.n; i++)
		s->mark[s->found.v[i].last] = '!';
}

struct run_source *run_source_new(struct run *run, const struct program *other)
{
	struct run_source *s = mem_zalloc(1, sizeof *s);

	s->run = run;
	s->e = run->e;
	s->names = &run->names;
	s->prog = run->in.prog;
	s->findings = &run->found;
	s->scratch = mem_zalloc(SEEN_MAX, sizeof *s->scratch);
	read_findings(s);
	read_marks(s);
	driver_read(s, other);
	return s;
}

void run_source_free(struct run_source *s)
{
	arena_free(&s->arena);
	vec_free(&s->lines);
	vec_free(&s->found);
	mem_free(s->mark);
	mem_free(s->scratch);
	mem_free(s);
}

/* ---- one screen ---- */

static bool nth_finding(void *self, u32 n, u32 *to)
{
	const struct run_source *s = self;
	const struct finding *f;

	if (n == 0 || n > s->findings->n)
		return false;
	f = &s->findings->v[n - 1].f;
	*to = f->event && f->event <= s->names->log->n ? last_piece(s, f) : 0;
	return true;
}

static u32 events(void *self)
{
	return ((struct run_source *)self)->names->log->n;
}

static void fill_frame(const struct sight *g)
{
	const struct run *run = g->s->run;
	const struct run_input *in = &run->in;
	const char *file = strrchr(in->file, '/');
	struct lesson_model *m = g->m;

	M_SET(m->scenario, in->doc->id.text ? in->doc->id.text : "");
	M_SET(m->variant, in->variant ? in->variant : "");
	M_SET(m->platform, in->cfg->platform);
	if (run->e->schedule.n && run->token.n < LESSON_NAME)
		M_SET(m->schedule, str_get(&run->token));
	M_SET(m->file, file ? file + 1 : in->file);
	m->line = g->ev ? names_line(g->s->names, g->ev->stmt) : 0;
	M_SET(m->object_note, "no buffer yet: the driver has been given none");
	m->cursor = LESSON_NO_BYTE;
	m->at_finding = g->found != NULL;
	for (u32 i = 0; i < g->s->found.n; i++) {
		m->finding_before |= g->s->found.v[i].last < g->at;
		m->finding_after |= g->s->found.v[i].last > g->at;
	}
}

static void fill_object(const struct sight *g)
{
	u32 line = g->s->e->cfg->hw.line;
	u64 from = align_down(g->buf->pa, line), end = align_up(g->buf->pa + g->buf->len, line);
	u64 lines = (end - from) / line;

	M_SETF(g->m->object_note, "%llu byte%s, %llu cache line%s", (unsigned long long)g->buf->len,
	       g->buf->len == 1 ? "" : "s", (unsigned long long)lines, lines == 1 ? "" : "s");
}

static void fill_strip(const struct sight *g)
{
	lesson_strip_begin(g->m, false);
	for (u32 k = 1; k <= g->m->events; k++)
		if (g->s->mark[k] != '.' || k == g->at)
			lesson_strip_mark(g->m, k, (char)g->s->mark[k]);
}

static void fill(void *self, const struct tui_view *view, struct lesson_model *m)
{
	struct run_source *s = self;
	struct sight g = {.s = s, .m = m, .at = view->position, .t = s->scratch, .dev = ~0u};

	engine_goto(s->e, g.at);
	g.ev = g.at ? event_get(s->names->log, g.at) : NULL;
	engine_look_as(s->e, names_cpu_at(s->names, g.at));
	sight_find(&g);
	fill_frame(&g);
	if (g.buf) {
		fill_object(&g);
		fill_open_row(&g);
		fill_lines(&g);
		fill_lower(&g);
	}
	fill_words(&g);
	fill_strip(&g);
	fill_driver(&g);
	engine_look_as(s->e, 0);
}

/* ---- going about ---- */

/* The end of a turn of a statement: all of its effects are there. */
static bool ends_turn(const struct event_log *log, u32 k)
{
	return k == log->n || event_step(log, k) != event_step(log, k + 1);
}

static bool find_turn(const struct run_source *s, bool back, u32 from, u32 *to)
{
	const struct event_log *log = s->names->log;

	if (back) {
		for (*to = from - 1; *to && !ends_turn(log, *to);)
			--*to;
		return true; /* before the first line lies the start */
	}
	for (*to = from + 1; *to <= log->n; ++*to)
		if (ends_turn(log, *to))
			return true;
	return false;
}

static bool find(void *self, enum tui_find what, u32 from, u32 *to)
{
	const struct run_source *s = self;
	bool any = false;

	switch (what) {
	case FIND_NEXT_LINE:
		return from < events(self) && find_turn(s, false, from, to);
	case FIND_PREVIOUS_LINE:
		return from && find_turn(s, true, from, to);
	case FIND_NEXT_FINDING:
		for (u32 i = s->found.n; i-- > 0;)
			if (s->found.v[i].last > from)
				*to = s->found.v[i].last, any = true;
		return any;
	case FIND_PREVIOUS_FINDING:
		for (u32 i = 0; i < s->found.n; i++)
			if (s->found.v[i].last < from)
				*to = s->found.v[i].last, any = true;
		return any;
	}
	BUG_ON("a search that is not in enum tui_find");
	return false;
}

static bool find_line(void *self, u32 line, u32 from, u32 *to)
{
	const struct run_source *s = self;
	const struct event_log *log = s->names->log;

	for (u32 i = 1; i <= log->n; i++) {
		u32 k = (u32)(((u64)from + i - 1) % log->n) + 1;

		if (ends_turn(log, k) && names_line(s->names, event_get(log, k)->stmt) == line) {
			*to = k;
			return true;
		}
	}
	return false;
}

struct tui_source run_source_screens(struct run_source *s)
{
	static const struct tui_source_ops ops = {events,    fill,	  find,
						  find_line, nth_finding, source_page};

	return (struct tui_source){&ops, s};
}
