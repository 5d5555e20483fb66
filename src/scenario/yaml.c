/* SPDX-License-Identifier: MIT */
/*
 * libyaml's events to a tree, with an explicit stack: neither depth nor size of a hostile file
 * costs more than its limits. libyaml counts positions in characters, as error messages do.
 */
#include "scenario/yaml.h"

#include <string.h>
#include <yaml.h>

#include "base/bug.h"
#include "scenario/limits.h"
#include "scenario/yaml_words.h"

struct frame {
	struct ynode *node;
	VEC(struct ynode *) /* items; in a map keys and values in turn */
};

struct reader {
	yaml_parser_t lib;
	struct arena *arena;
	struct err_list *errs;
	const char *text;
	size_t len;
	size_t cursor, cursor_chars; /* the same place of the text in bytes and in characters */
	struct frame frame[LIMIT_YAML_DEPTH];
	u32 depth, nodes;
	struct ynode *root;
	bool stop;
};

static bool is_head_byte(char c)
{
	return ((u8)c & 0xc0) != 0x80;
}

/* libyaml's index counts characters. Marks come almost in order, so the walk is short. */
static u32 byte_offset(struct reader *r, size_t chars)
{
	while (r->cursor_chars > chars && r->cursor) {
		do
			r->cursor--;
		while (r->cursor && !is_head_byte(r->text[r->cursor]));
		r->cursor_chars--;
	}
	while (r->cursor_chars < chars && r->cursor < r->len) {
		do
			r->cursor++;
		while (r->cursor < r->len && !is_head_byte(r->text[r->cursor]));
		r->cursor_chars++;
	}
	return (u32)r->cursor;
}

static struct pos mark_pos(const yaml_mark_t *m)
{
	return (struct pos){(u32)m->line + 1, (u32)m->column + 1, 1};
}

/* ---- libyaml's complaints in our words ----------------------------------------------------- */

static bool has_error_on_line(const struct err_list *l, u32 line)
{
	u32 i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].pos.line == line)
			return true;
	return false;
}

static void add_complaint(struct reader *r)
{
	const yaml_parser_t *p = &r->lib;
	const char *problem = p->problem ? p->problem : "out of memory";
	struct pos at = mark_pos(&p->problem_mark);
	const struct yaml_complaint *c;

	/* What libyaml says about a line whose alias or tag was refused only repeats it. */
	if (has_error_on_line(r->errs, at.line) || has_error_on_line(r->errs, at.line - 1))
		return;
	if (strstr(problem, "cannot start any token")) {
		u32 off = byte_offset(r, p->problem_mark.index);
		bool tab = off < r->len && r->text[off] == '\t';

		err_add(r->errs, at, tab ? "indent with spaces" : "put the whole text in quotes",
			tab ? "YAML is not indented with tabs"
			    : "a YAML text cannot begin with this character");
		return;
	}
	c = yaml_find_complaint(problem);
	if (c && !c->at_context &&
	    yaml_refuse_layout(r->text, byte_offset(r, p->problem_mark.index), at, r->errs))
		return;
	if (c && c->at_context && p->context)
		at = mark_pos(&p->context_mark);
	if (c) {
		err_add(r->errs, at, c->hint, "%s", c->message);
		return;
	}
	err_add(r->errs, at, NULL, "this is not YAML: %s", problem);
}

/* ---- building the tree --------------------------------------------------------------------- */

static struct ynode *new_node(struct reader *r, enum ynode_kind kind, const yaml_event_t *e)
{
	struct ynode *n = arena_alloc(r->arena, 1, sizeof(*n));

	n->kind = kind;
	n->at = mark_pos(&e->start_mark);
	if (++r->nodes > LIMIT_YAML_NODES) {
		err_add(r->errs, n->at, NULL, "more than %d values in one file", LIMIT_YAML_NODES);
		r->stop = true;
	}
	return n;
}

static void check_duplicate(struct reader *r, const struct ynode *map)
{
	const struct ynode *key = map->pair[map->n - 1].key;
	u32 i;

	for (i = 0; i + 1 < map->n; i++) {
		const struct ynode *other = map->pair[i].key;

		if (other->len != key->len || memcmp(other->text, key->text, key->len) != 0)
			continue;
		err_add(r->errs, key->at,
			arena_printf(&r->errs->arena, "the first is on line %u", other->at.line),
			"the key '%s' is here twice", key->text);
		return;
	}
}

static void close_frame(struct reader *r)
{
	struct frame *f = &r->frame[--r->depth];
	struct ynode *n = f->node;
	u32 i;

	if (n->kind == YNODE_SEQ) {
		n->n = f->n;
		n->item = arena_alloc(r->arena, f->n, sizeof(*n->item));
		for (i = 0; i < f->n; i++)
			n->item[i] = f->v[i];
	} else {
		n->pair = arena_alloc(r->arena, f->n / 2, sizeof(*n->pair));
		for (i = 0; i + 1 < f->n; i += 2) {
			n->pair[n->n++] = (struct ypair){f->v[i], f->v[i + 1]};
			check_duplicate(r, n);
		}
	}
	vec_free(f);
}

/* A key stands before its value: the map that is open has an even number of entries now. */
static void check_key(struct reader *r, const struct frame *f, const struct ynode *key)
{
	if (key->kind != YNODE_SCALAR) {
		err_add(r->errs, key->at, "put the key in quotes if it is text",
			"a key is text, not a list or a map");
		r->stop = true;
	} else if (!key->len) {
		err_add(r->errs, key->at, NULL, "a key is missing before ':'");
	} else if (key->style == YSTYLE_PLAIN && strcmp(key->text, "<<") == 0) {
		err_add(r->errs, key->at, "write the keys here", "merge keys are not read");
	}
	if (f->n / 2 >= LIMIT_YAML_KEYS) {
		err_add(r->errs, key->at, NULL, "more than %d keys in one map", LIMIT_YAML_KEYS);
		r->stop = true;
	}
}

static void add_node(struct reader *r, struct ynode *n)
{
	struct frame *f;

	if (!r->depth) {
		r->root = n;
		return;
	}
	f = &r->frame[r->depth - 1];
	if (f->node->kind == YNODE_MAP && f->n % 2 == 0)
		check_key(r, f, n);
	vec_push(f, n);
}

static void open_frame(struct reader *r, struct ynode *n)
{
	add_node(r, n);
	if (r->stop)
		return;
	if (r->depth == LIMIT_YAML_DEPTH) {
		err_add(r->errs, n->at, "make a function of the inner steps",
			"lists and maps are nested more than %d deep", LIMIT_YAML_DEPTH);
		r->stop = true;
		return;
	}
	r->frame[r->depth++] = (struct frame){.node = n};
}

/* The characters from the start of a scalar to its end or the end of its first line. */
static u32 first_line_chars(const struct reader *r, u32 start, u32 end)
{
	u32 i, n = 0;

	for (i = start; i < end && r->text[i] != '\n' && r->text[i] != '\r'; i++)
		n += is_head_byte(r->text[i]);
	return n ? n : 1;
}

static void add_scalar(struct reader *r, const yaml_event_t *e)
{
	static const u8 styles[] = {
	    [YAML_ANY_SCALAR_STYLE] = YSTYLE_PLAIN,
	    [YAML_PLAIN_SCALAR_STYLE] = YSTYLE_PLAIN,
	    [YAML_SINGLE_QUOTED_SCALAR_STYLE] = YSTYLE_SINGLE,
	    [YAML_DOUBLE_QUOTED_SCALAR_STYLE] = YSTYLE_DOUBLE,
	    [YAML_LITERAL_SCALAR_STYLE] = YSTYLE_LITERAL,
	    [YAML_FOLDED_SCALAR_STYLE] = YSTYLE_FOLDED,
	};
	struct ynode *n = new_node(r, YNODE_SCALAR, e);

	n->style = styles[e->data.scalar.style];
	n->start = byte_offset(r, e->start_mark.index);
	n->end = byte_offset(r, e->end_mark.index);
	n->at.len = first_line_chars(r, n->start, n->end);
	n->len = (u32)e->data.scalar.length;
	n->text = arena_strndup(r->arena, (const char *)e->data.scalar.value, n->len);
	if (memchr(n->text, '\0', n->len)) {
		err_add(r->errs, n->at, "in a statement a string may hold \\0: use single quotes",
			"a NUL in a YAML text");
		n->len = (u32)strlen(n->text);
	}
	add_node(r, n);
}

static void refuse_mark(struct reader *r, const yaml_event_t *e, const yaml_char_t *anchor,
			const yaml_char_t *tag)
{
	struct pos at = mark_pos(&e->start_mark);

	if (anchor) {
		at.len = (u32)strlen((const char *)anchor) + 1;
		err_add(r->errs, at,
			"write the value where it is needed; a statement cannot begin with '&'",
			"'&%s' is a YAML anchor, and anchors are refused", (const char *)anchor);
	} else if (tag) {
		err_add(r->errs, at,
			"a statement cannot begin with '!'; a text that does needs quotes",
			"'%s' is a YAML tag, and tags are refused", (const char *)tag);
	}
}

/* `*p = 1`: an alias for YAML, a store through a pointer for its author. It reads as nothing. */
static void refuse_alias(struct reader *r, const yaml_event_t *e)
{
	struct pos at = mark_pos(&e->start_mark);
	const char *name = (const char *)e->data.alias.anchor;
	struct ynode *n = new_node(r, YNODE_SCALAR, e);

	at.len = (u32)strlen(name) + 1;
	err_add(r->errs, at, arena_printf(&r->errs->arena, "for memory write %.80s[0]", name),
		"'*%s' is a YAML alias, and aliases are refused", name);
	n->at = at;
	n->start = n->end = byte_offset(r, e->start_mark.index);
	n->text = "";
	add_node(r, n);
}

static void refuse_directives(struct reader *r, const yaml_event_t *e)
{
	if (e->data.document_start.tag_directives.start !=
	    e->data.document_start.tag_directives.end)
		err_add(r->errs, mark_pos(&e->start_mark), NULL, "tag directives are refused");
	if (r->root) {
		err_add(r->errs, mark_pos(&e->start_mark), "a file holds one scenario",
			"a second YAML document begins here");
		r->stop = true;
	}
}

static void take_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		refuse_directives(r, e);
		break;
	case YAML_ALIAS_EVENT:
		refuse_alias(r, e);
		break;
	case YAML_SCALAR_EVENT:
		refuse_mark(r, e, e->data.scalar.anchor, e->data.scalar.tag);
		add_scalar(r, e);
		break;
	case YAML_SEQUENCE_START_EVENT:
		refuse_mark(r, e, e->data.sequence_start.anchor, e->data.sequence_start.tag);
		open_frame(r, new_node(r, YNODE_SEQ, e));
		break;
	case YAML_MAPPING_START_EVENT:
		refuse_mark(r, e, e->data.mapping_start.anchor, e->data.mapping_start.tag);
		open_frame(r, new_node(r, YNODE_MAP, e));
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_frame(r);
		break;
	case YAML_STREAM_END_EVENT:
		r->stop = true;
		break;
	default:
		break;
	}
}

static struct ynode *read_events(struct reader *r)
{
	bool whole = false;

	while (!r->stop) {
		yaml_event_t e;

		if (!yaml_parser_parse(&r->lib, &e)) {
			add_complaint(r);
			break;
		}
		whole = e.type == YAML_STREAM_END_EVENT;
		take_event(r, &e);
		yaml_event_delete(&e);
	}
	for (; r->depth; r->depth--)
		vec_free(&r->frame[r->depth - 1]);
	if (whole && !r->root)
		err_add(r->errs, (struct pos){0}, NULL, "the file is empty");
	return whole ? r->root : NULL;
}

struct ynode *ynode_parse(struct arena *a, const char *text, size_t len, struct err_list *errs)
{
	struct reader *r;
	struct ynode *root;

	if (!yaml_check_bytes(text, len, errs))
		return NULL;
	r = mem_zalloc(1, sizeof(*r));
	r->arena = a;
	r->errs = errs;
	r->text = text;
	r->len = len;
	if (!yaml_parser_initialize(&r->lib)) {
		err_add(errs, (struct pos){0}, NULL, "out of memory");
		mem_free(r);
		return NULL;
	}
	yaml_parser_set_encoding(&r->lib, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->lib, (const unsigned char *)text, len);
	root = read_events(r);
	yaml_parser_delete(&r->lib);
	mem_free(r);
	return root;
}
