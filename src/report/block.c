/* SPDX-License-Identifier: MIT */
/* What stands at the end of a narrated run: the findings as blocks, and the verdict. */
#include "report/text.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "base/err.h"
#include "base/grid.h"
#include "report/cause.h"
#include "report/debug.h"
#include "report/narrate.h"
#include "report/units.h"

enum { FIELD = 13 };	     /* where the text of "  Fix        " begins */
enum { MESSAGE_WIDTH = 78 }; /* a finding fits a mail and a comment, whatever the terminal has */

static struct style narrow(const struct style *s)
{
	struct style out = *s;

	if (!s->plain && s->width > MESSAGE_WIDTH)
		out.width = MESSAGE_WIDTH;
	return out;
}

static const char *base_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

/* "! FINDING 1  cpu-stale-read  corruption        rx.yaml:20:13" */
static void head(const struct run *r, u32 nr, const struct finding *f, const struct stmt_info *stmt,
		 const struct style *s, struct str *out)
{
	struct str left = {0}, right = {0};
	u32 columns;

	str_printf(&left, "! FINDING %u  ", nr);
	finding_id(r->in.prog, f, &left);
	str_printf(&left, "  %s", severity_name((enum severity)f->severity));
	if (f->lucky)
		str_add(&left, " (lucky: value)");
	if (stmt->line)
		str_printf(&right, "%s:%u:%u", base_name(r->in.file), stmt->line, stmt->col);
	style_on(s, ATTR_BOLD, out);
	str_safe(out, str_get(&left), left.n);
	style_off(s, ATTR_BOLD, out);
	columns = grid_columns(str_get(&left)) + grid_columns(str_get(&right)) + 2;
	if (s->plain || columns > s->width) {
		str_add(out, right.n ? "\n  " : "");
	} else {
		style_pad(s->width - columns + 2, out);
	}
	str_safe(out, str_get(&right), right.n);
	str_add(out, "\n");
	str_free(&left);
	str_free(&right);
}

static void quote(const struct run *r, const struct stmt_info *stmt, const struct style *s,
		  struct str *out)
{
	struct err_list source = {
	    .file = r->in.file, .text = r->in.doc->text, .text_len = r->in.doc->text_len};

	if (stmt->line)
		err_quote(&source, (struct pos){stmt->line, stmt->col, stmt->len ? stmt->len : 1},
			  s->width, out);
}

static void causes(const struct run *r, const struct finding *f, const struct style *s,
		   struct str *out)
{
	struct cause c;
	u32 at;

	cause_make(&c, &r->names, f);
	if (c.n)
		str_add(out, "\n  How it came to this\n");
	for (u32 i = 0; i < c.n; i++) {
		const struct cause_step *step = &c.v[i];
		char event[16];

		snprintf(event, sizeof event, step->missing ? "+" : "e%u", step->event);
		at = (u32)out->n;
		if (s->plain)
			str_printf(out, "    %s line %u: ", event, step->line);
		else
			str_printf(out, "    %-5s line %-4u", event, step->line);
		at = (u32)out->n - at;
		if (step->missing) {
			style_on(s, ATTR_UNDERLINE, out);
			str_add(out, "MISSING");
			style_off(s, ATTR_UNDERLINE, out);
			str_add(out, ": ");
		}
		if (s->plain)
			str_printf(out, "%s\n", step->text);
		else
			style_wrap(s, at + (step->missing ? 9 : 0), at, step->text, out);
	}
	cause_free(&c);
}

void text_field(const struct style *s, const char *name, const char *text, struct str *out)
{
	if (s->plain) {
		str_printf(out, "  %s%s%s\n", name, name[0] ? ": " : "", text);
		return;
	}
	str_printf(out, "  %-*s", FIELD - 2, name);
	style_wrap(s, FIELD, FIELD, text, out);
}

/* A statement, to be copied: on one line while the width has room for it at all. */
static void code(const struct style *s, const char *text, struct str *out)
{
	u32 columns = grid_columns(text), at = 4;

	if (s->plain || columns + FIELD <= s->width) {
		text_field(s, "", text, out);
		return;
	}
	if (columns + at > s->width)
		at = columns < s->width ? s->width - columns : 2;
	style_pad(at, out);
	style_wrap(s, at, at + 4, text, out);
}

static bool has_word(const char *text, const char *word)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t n = strlen(word);

	for (const char *at = strstr(text, word); at && n; at = strstr(at + 1, word))
		if ((at == text || !strchr(letters, at[-1])) && (!at[n] || !strchr(letters, at[n])))
			return true;
	return false;
}

static void range(const char *name, u64 off, u32 n, struct str *out)
{
	str_printf(out, "%s+%02llx", name, (unsigned long long)off);
	if (n > 1)
		str_printf(out, "..%02llx", (unsigned long long)(off + n - 1));
	str_printf(out, ", %u byte%s", n, n == 1 ? "" : "s");
}

/* Which bytes it is about, where the sentence does not name them, and how often it was:
 * "buf+00..7f, 128 bytes; 2 times, this is the first". */
static void bytes(const struct run *r, const struct finding *f, const char *message,
		  const struct style *s, struct str *out)
{
	const struct named_buffer *b =
	    f->n && f->event ? names_buffer(&r->names, f->pa, f->event) : NULL;
	struct str at = {0}, name = {0};
	struct str said = {0};
	char count[16];
	bool ranged;

	if (!b && f->n && f->event)
		b = names_block(&r->names, f->pa, f->event);
	if (b)
		names_short(b->name, &name);
	names_byte(&r->names, f->pa, f->event, &at);
	snprintf(count, sizeof count, "%u", f->n);
	if (b && (!strstr(message, str_get(&at)) || !has_word(message, str_get(&name))) &&
	    !(has_word(message, str_get(&name)) && has_word(message, count)))
		range(str_get(&name), f->pa - b->pa, f->n, &said);
	if (!b && strncmp(str_get(&at), "freed ", 6) == 0 && !strstr(message, str_get(&at)))
		str_printf(&said, "%s, %u byte%s", str_get(&at), f->n, f->n == 1 ? "" : "s");
	ranged = said.n > 0;
	if (f->count > 1)
		str_printf(&said, "%s%u times in this run; this is the first", said.n ? "; " : "",
			   f->count);
	if (said.n)
		text_field(s, ranged ? "Bytes" : "Count", str_get(&said), out);
	str_free(&said);
	str_free(&at);
	str_free(&name);
}

/* Upper case at the beginning, a full stop at the end. */
static void fixes(const struct run *r, const struct finding *f, const struct style *s,
		  struct str *out)
{
	struct str where = {0};
	struct fix x;

	fix_make(&x, &r->names, f);
	if (x.call.n) {
		str_add(&where, str_get(&x.where));
		if (x.edits > 1)
			str_printf(&where, ", and %u more (dmalab check --suggest)", x.edits - 1);
		str_add(&where, ":");
		text_field(s, "Fix", str_get(&where), out);
		code(s, str_get(&x.call), out);
	} else {
		text_field(s, "Fix", str_get(&x.words), out);
	}
	str_free(&where);
	fix_free(&x);
}

static void also(const struct finding *f, const struct style *s, struct str *out)
{
	struct str l = {0};

	for (u32 i = 0; i < DIAG_ASSERT; i++)
		if (diag_set_has(&f->also, i))
			str_printf(&l, "%s%s", l.n ? ", " : "", diag_info(i)->name);
	if (l.n)
		text_field(s, "Also", str_get(&l), out);
	str_free(&l);
}

static u32 lines_of(const struct str *s)
{
	u32 n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->s[i] == '\n';
	return n;
}

/* What dma-debug says, on at most `most` lines: the kernel's log above has all of it. */
static void debug_field(const struct style *s, const char *text, u32 most, struct str *out)
{
	struct str all = {0};
	size_t end = 0;

	text_field(s, "dma-debug", text, &all);
	for (u32 i = 0; i < most && end < all.n; i++)
		end += strcspn(all.s + end, "\n") + 1;
	if (s->plain || end >= all.n) {
		str_addn(out, str_get(&all), all.n);
	} else {
		const char *line = all.s;

		for (const char *nl; (nl = memchr(line, '\n', all.s + end - 1 - line)) != NULL;)
			line = nl + 1;
		str_addn(out, all.s, (size_t)(line - all.s));
		all.s[end - 1] = '\0';
		end = strlen(line);
		while (end > FIELD && (end + 3 > s->width || line[end] != '\0') &&
		       line[end - 1] != ' ')
			end--;
		while (end && line[end - 1] == ' ')
			end--;
		str_addn(out, line, end);
		str_add(out, " ..\n");
	}
	str_free(&all);
}

static bool is_first(const char *name, const struct name *first)
{
	return first->text && strcmp(name, first->text) == 0;
}

/* A word of a command line: in quotes where a shell would take it for more than that. */
static void shell_word(const char *word, struct str *out)
{
	static const char tame[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "_./@%+=:,-";

	if (word[0] && strspn(word, tame) == strlen(word)) {
		str_add(out, word);
		return;
	}
	str_add(out, "'");
	for (const char *c = word, *q; c; c = q ? q + 1 : NULL) {
		q = strchr(c, '\'');
		str_safe(out, c, q ? (size_t)(q - c) : strlen(c));
		str_add(out, q ? "'\\''" : "");
	}
	str_add(out, "'");
}

/* A longer one is no help: who drew the answers draws them again. */
enum { LONG_TOKEN = 80 };

void text_command(const struct run *r, const char *verb, struct str *out)
{
	const struct scenario_doc *d = r->in.doc;

	str_printf(out, "dmalab %s ", verb);
	shell_word(r->in.asked, out);
	if (r->in.variant && !is_first(r->in.variant, &d->variant[0].name))
		str_printf(out, " --variant %s", r->in.variant);
	if (!is_first(r->in.cfg->platform, &d->platform[0].name))
		str_printf(out, " -p %s", r->in.cfg->platform);
	if (r->in.sets)
		str_add(out, r->in.sets);
	if (!r->in.schedule && r->token.n > LONG_TOKEN) {
		str_printf(out, " --hw %s", policy_name(r->in.hw));
		if (r->in.hw == POLICY_RANDOM)
			str_printf(out, " --seed %llu", (unsigned long long)r->in.seed);
	} else if (r->e->schedule.n) {
		str_printf(out, " --schedule %s", str_get(&r->token));
	}
}

/* A command, to be copied: where it is too wide, broken as a shell takes it, between its words. */
static void command(const struct style *s, const char *name, const char *text, struct str *out)
{
	u32 at = FIELD;
	size_t n;

	if (s->plain || FIELD + grid_columns(text) <= s->width) {
		text_field(&(struct style){.plain = s->plain, .width = ~0u >> 1}, name, text, out);
		return;
	}
	str_printf(out, "  %-*s", FIELD - 2, name);
	for (const char *word = text; *word; word += n + (word[n] == ' ')) {
		n = strcspn(word, " ");
		/* An option stays with its argument. */
		if (word[0] == '-' && word[n] && word[n + 1] != '-')
			n += 1 + strcspn(word + n + 1, " ");
		if (word > text && at + 1 + n + 2 > s->width) {
			str_printf(out, " \\\n%*s", FIELD + 2, "");
			at = FIELD + 2;
		} else if (word > text) {
			str_add(out, " ");
			at++;
		}
		str_addn(out, word, n);
		at += (u32)n;
	}
	str_add(out, "\n");
}

static void more(const struct run *r, const struct finding *f, u32 nr, const struct style *s,
		 struct str *out)
{
	struct str text = {0};
	const char *name = "More";

	if (f->id != DIAG_ASSERT) {
		str_printf(&text, "dmalab explain %s", diag_info(f->id)->name);
		command(s, name, str_get(&text), out);
		name = s->plain ? name : "";
	}
	for (u32 q = 0; q < QUIRKS && (f->id == DIAG_ASSERT || f->id == DIAG_PLATFORM_DEFECT); q++)
		if (r->e->cfg->lx.quirks >> q & 1) {
			str_clear(&text);
			str_printf(&text, "dmalab explain %s", quirk_info((enum quirk)q)->name);
			command(s, name, str_get(&text), out);
			name = s->plain ? name : "";
		}
	str_clear(&text);
	text_command(r, "tui", &text);
	str_printf(&text, " --at finding:%u", nr);
	command(s, name, str_get(&text), out);
	str_free(&text);
}

/* The number of the finding in which bytes of this one are lost or used old; 0: none. */
static u32 harmed_in(const struct run *r, const struct finding *f)
{
	for (u32 i = 0; i < r->found.n; i++) {
		const struct finding *g = &r->found.v[i].f;

		if (g->id == DIAG_HANG && g->stmt == f->stmt)
			return i + 1;
		if (g->severity == SEVERITY_CORRUPTION && !finding_is_beside(g) &&
		    g->event >= f->event && g->pa < f->pa + f->n && f->pa < g->pa + g->n)
			return i + 1;
	}
	return 0;
}

static bool touches(const struct finding *f)
{
	if (f->told != TOLD_RULE)
		return false;
	switch ((enum diag_id)f->id) {
	case DIAG_CPU_TOUCH_DEVICE_OWNED_READ:
	case DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE:
	case DIAG_MISSING_SYNC_FOR_CPU:
	case DIAG_MISSING_SYNC_FOR_DEVICE_REUSE:
	case DIAG_SYNC_WRONG_RANGE:
	case DIAG_SYNC_WRONG_DIRECTION:
	case DIAG_COHERENT_ALIAS_ACCESS:
		return true;
	default:
		return false;
	}
}

/* What came of touching bytes that were not the CPU's. */
static void outcome_of(const struct run *r, const struct finding *f, struct str *message)
{
	u32 harmed = harmed_in(r, f);

	if (harmed)
		str_printf(message, " Finding %u is what comes of it.", harmed);
	else if (f->id == DIAG_CPU_TOUCH_DEVICE_OWNED_READ ||
		 f->id == DIAG_CPU_TOUCH_DEVICE_OWNED_WRITE)
		str_printf(message, " %s", diag_info(f->id)->effect);
	else
		str_add(message, " Here it does no harm.");
}

/*
 * The message is at most MESSAGE_LINES: what was, where, which bytes, the fix, dma-debug. The chain
 * of causes, which is as long as it is, stands in its middle under a heading of its own; the
 * commands that show more, which are as long as the file's name, below it.
 */
enum { MESSAGE_LINES = 10 };

/* The parts of a message, in their order; the chain of causes stands behind `said`. */
struct message {
	struct str head, quote, said, fields, also, commands;
};

static u32 message_lines(const struct message *m)
{
	return lines_of(&m->head) + lines_of(&m->quote) + lines_of(&m->said) +
	       lines_of(&m->fields) + lines_of(&m->also);
}

/* Without its last line: the mark below the quoted statement. */
static void unmark(struct str *quoted)
{
	const char *nl = quoted->n ? strchr(str_get(quoted), '\n') : NULL;

	if (nl && nl[1]) {
		quoted->n = (size_t)(nl + 1 - quoted->s);
		quoted->s[quoted->n] = '\0';
	}
}

/* Makes room, where there is too little, by what is said elsewhere, too. most: lines for all. */
static void economise(const struct style *s, u32 most, struct str *debug, struct message *m)
{
	if (s->plain || message_lines(m) + (debug->n > 0) <= most)
		return;
	if (message_lines(m) + (debug->n > 0) > most)
		unmark(&m->quote);
	if (message_lines(m) + (debug->n > 0) > most && debug->n &&
	    strncmp(str_get(debug), "silent", 6) == 0)
		str_clear(debug);
	if (message_lines(m) + (debug->n > 0) > most)
		str_clear(&m->also);
	if (message_lines(m) + (debug->n > 0) > most)
		str_clear(&m->quote);
}

static void message_put(const struct run *r, const struct finding *f, const struct style *s,
			struct message *m, struct str *out)
{
	struct str *const parts[] = {&m->head,	 &m->quote, &m->said,
				     &m->fields, &m->also,  &m->commands};

	for (u32 i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i] == &m->fields) {
			causes(r, f, s, out);
			str_add(out, "\n");
		}
		str_addn(out, str_get(parts[i]), parts[i]->n);
		str_free(parts[i]);
	}
}

void text_finding(const struct run *r, u32 nr, const struct style *wide, struct str *out)
{
	const struct style own = narrow(wide), *s = &own;
	const struct finding *f = &r->found.v[nr - 1].f;
	const struct stmt_info *stmt = names_stmt(&r->names, f->stmt);
	struct str text = {0}, debug = {0};
	struct message m = {0};
	u32 used;

	BUG_ON(nr == 0 || nr > r->found.n);
	if (f->id != DIAG_ASSERT)
		debug_said(r, f, &debug);
	head(r, nr, f, stmt, s, &m.head);
	quote(r, stmt, s, &m.quote);
	finding_message(&r->names, f, &text);
	if (touches(f))
		outcome_of(r, f, &text);
	str_add(&m.said, "  ");
	style_wrap(s, 2, 2, str_get(&text), &m.said);
	bytes(r, f, str_get(&text), s, &m.fields);
	if (f->id != DIAG_ASSERT && f->id != DIAG_KERNEL_BUG)
		fixes(r, f, s, &m.fields);
	also(f, s, &m.also);
	more(r, f, nr, s, &m.commands);
	economise(s, MESSAGE_LINES, &debug, &m);
	used = message_lines(&m);
	if (debug.n)
		debug_field(s, str_get(&debug),
			    used + 1 < MESSAGE_LINES ? MESSAGE_LINES - used : 1, &m.fields);
	message_put(r, f, s, &m, out);
	str_free(&debug);
	str_free(&text);
}

void text_finding_short(const struct run *r, u32 nr, u32 shown, const struct style *wide,
			struct str *out)
{
	const struct style own = narrow(wide), *s = &own;
	const struct finding *f = &r->found.v[nr - 1].f;
	struct str message = {0};

	BUG_ON(nr == 0 || nr > r->found.n);
	head(r, shown, f, names_stmt(&r->names, f->stmt), s, out);
	finding_message(&r->names, f, &message);
	str_add(out, "  ");
	style_wrap(s, 2, 2, str_get(&message), out);
	str_free(&message);
}

/* ---- the verdict ---- */

void text_ids(const struct id_list *l, struct str *out)
{
	for (u32 i = 0; i < l->n; i++) {
		str_add(out, !i ? "" : i + 1 < l->n ? ", " : " and ");
		str_safe(out, l->v[i], strlen(l->v[i]));
	}
}

/* What only other schedules show. */
static void others(const struct doc_ids *some, struct str *out)
{
	for (u32 i = 0; i < some->n; i++) {
		str_add(out, !i		       ? " On other schedules (dmalab explore) it shows "
			     : i + 1 < some->n ? ", "
					       : " and ");
		finding_expected(&some->v[i], out);
	}
	str_add(out, some->n ? "." : "");
}

static void good(const struct run *r, const struct style *s, struct str *out)
{
	const struct verdict *v = &r->verdict;
	struct str where = {0}, l = {0};

	text_where(&r->in, &where);
	if (!v->expects) {
		str_add(&l, "the file expects nothing, and nothing was found.");
	} else if (v->found.n) {
		text_ids(&v->found, &l);
		str_printf(&l, v->calm ? " %s what %s should show." : " %s among what %s may show.",
			   v->found.n == 1 ? "is" : "are", str_get(&where));
	} else if (!v->calm && v->expected.n) {
		str_printf(&l, "nothing was found; what %s shows need not show on every schedule.",
			   str_get(&where));
	} else {
		str_printf(&l, "%s should show nothing%s, and does.", str_get(&where),
			   r->in.expect->some.n && v->calm ? " while hardware is calm" : "");
	}
	if (v->calm && r->in.expect)
		others(&r->in.expect->some, &l);
	if (v->outcome != DOC_ENDED)
		str_printf(&l, " The run ended: %s%s.", doc_outcome_text(v->outcome),
			   v->expects ? ", as it should" : "");
	style_on(s, ATTR_BOLD, out);
	str_add(out, "As expected:");
	style_off(s, ATTR_BOLD, out);
	str_add(out, " ");
	style_wrap(s, 13, 0, str_get(&l), out);
	str_free(&where);
	str_free(&l);
}

static void lines(const struct style *s, const char *what, const struct id_list *l, const char *how,
		  struct str *out)
{
	for (u32 i = 0; i < l->n; i++) {
		if (s->plain)
			str_printf(out, "  %s: %s %s\n", what, l->v[i], how);
		else
			str_printf(out, "  %-9s %-29s %s\n", what, l->v[i], how);
	}
}

void text_unexpected(const struct run_input *in, const struct verdict *v, const struct style *s,
		     struct str *out)
{
	style_on(s, ATTR_BOLD, out);
	str_add(out, "NOT as expected");
	style_off(s, ATTR_BOLD, out);
	str_printf(out, " on %s%s%s:\n", in->cfg->platform, in->variant ? ", " : "",
		   in->variant ? in->variant : "");
	lines(s, "expected", &v->missing, "did not come", out);
	lines(s, "found", &v->surprising,
	      v->expects ? "was not expected" : "(the file expects nothing)", out);
	if (!v->found.n)
		str_add(out, "  found     nothing\n");
	if (v->outcome != v->expected_outcome) {
		str_printf(out, "  expected  outcome %s\n", doc_outcome_text(v->expected_outcome));
		str_printf(out, "  found     outcome %s\n", doc_outcome_text(v->outcome));
	}
}

static void no_verdict(const struct run *r, const struct style *s, struct str *out)
{
	struct str why = {0};

	style_on(s, ATTR_BOLD, out);
	str_add(out, "No verdict");
	style_off(s, ATTR_BOLD, out);
	str_add(&why, ": ");
	run_no_verdict(r, &why);
	str_add(&why, ".");
	style_wrap(s, (u32)strlen("No verdict"), 0, str_get(&why), out);
	str_free(&why);
}

void text_verdict(const struct run *r, const struct style *s, struct str *out)
{
	const struct verdict *v = &r->verdict;
	struct units u;

	if (r->in.no_oracle) {
		str_printf(out, "Nothing was judged: the oracle is off. The run ended: %s.\n",
			   doc_outcome_text(v->outcome));
	} else if (v->limit) {
		no_verdict(r, s, out);
	} else if (v->as_expected) {
		good(r, s, out);
	} else {
		text_unexpected(&r->in, v, s, out);
	}
	units_count(r->in.cfg, r->names.log, &u);
	narrate_count(r->names.log->n, "event", out);
	str_printf(out, ", cost %llu, journal %016llx\n", (unsigned long long)units_total(&u),
		   (unsigned long long)r->journal);
	if (r->in.schedule || r->in.hw == POLICY_CALM)
		return;
	if (!r->e->schedule.n) {
		str_printf(out, "hardware was %s, and yet did what it does when it is calm\n",
			   policy_name(r->in.hw));
		return;
	}
	str_printf(out, "%u answer%s not calm's; the same again:\n  ", r->e->schedule.n,
		   r->e->schedule.n == 1 ? " was" : "s were");
	text_command(r, "run", out);
	str_add(out, "\n");
}
