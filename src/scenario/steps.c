/* SPDX-License-Identifier: MIT */
/*
 * Steps: what YAML carries around the statements. A step that cannot be read becomes STMT_BAD, so
 * that the rest of the list is still read and reported. Bodies recurse; the depth of YAML bounds
 * it.
 */
#include <string.h>

#include "scenario/fields.h"
#include "scenario/limits.h"
#include "scenario/parse.h"

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

/* The bytes of the word that a key begins with. */
static u32 first_word(const char *key)
{
	u32 n = 0;

	while (is_name_char(key[n]))
		n++;
	return n;
}

static bool begins_with(const char *key, const char *word)
{
	u32 n = first_word(key);

	return strlen(word) == n && memcmp(key, word, n) == 0;
}

/* What to write instead of the word that the key begins with, if C's word is refused. */
static const char *refused_hint(const char *key)
{
	char word[LIMIT_NAME + 1];
	u32 n = first_word(key);

	if (n > LIMIT_NAME)
		return NULL;
	memcpy(word, key, n);
	word[n] = '\0';
	return parse_refused_word(word);
}

static u32 count_chars(const struct ynode *n)
{
	u32 i, chars = 0;

	for (i = 0; i < n->len; i++)
		chars += ((u8)n->text[i] & 0xc0) != 0x80;
	return chars;
}

bool parse_open_scalar(struct step_context *ctx, const struct ynode *n, const char *what,
		       struct source *out)
{
	if (n->kind != YNODE_SCALAR) {
		err_add(ctx->errs, n->at, NULL, "%s is text, not a list or a map", what);
		return false;
	}
	if (!n->len) {
		err_add(ctx->errs, n->at, NULL, "%s is missing", what);
		return false;
	}
	if (count_chars(n) > LIMIT_STATEMENT) {
		err_add(ctx->errs, n->at, "split it", "%s has more than %d characters", what,
			LIMIT_STATEMENT);
		return false;
	}
	ynode_map(ctx->text, n, &ctx->map);
	*out = (struct source){ctx->arena, ctx->errs, n->text, n->len, &ctx->map};
	return true;
}

static struct stmt *new_step(struct step_context *ctx, const struct ynode *n)
{
	struct stmt *s = arena_alloc(ctx->arena, 1, sizeof(*s));

	s->at = n->at;
	if (++ctx->steps > LIMIT_STEPS && !ctx->full) {
		ctx->full = true;
		err_add(ctx->errs, n->at, NULL, "more than %d steps in one file", LIMIT_STEPS);
	}
	return s;
}

static void parse_text_step(struct step_context *ctx, const struct ynode *n, struct stmt *out)
{
	struct source src;
	struct stmt *s;

	if (!parse_open_scalar(ctx, n, "a statement", &src))
		return;
	s = parse_statement(&src);
	if (s)
		*out = *s;
}

/* ---- steps with one key -------------------------------------------------------------------- */

static void parse_note(struct step_context *ctx, const struct ynode *value, struct stmt *out)
{
	if (value->kind != YNODE_SCALAR || !value->len) {
		err_add(ctx->errs, value->at, NULL, "a note is text");
		return;
	}
	if (value->len > LIMIT_TEXT) {
		err_add(ctx->errs, value->at, NULL, "a text has at most %d bytes", LIMIT_TEXT);
		return;
	}
	out->kind = STMT_NOTE;
	out->note = value->text;
}

static bool is_device(const struct step_context *ctx, const char *name)
{
	u32 i;

	for (i = 0; ctx->devices[i]; i++)
		if (strcmp(ctx->devices[i], name) == 0)
			return true;
	return false;
}

static bool is_actor(const struct step_context *ctx, const char *key)
{
	return strcmp(key, "hw") == 0 || strcmp(key, "lab") == 0 || is_device(ctx, key);
}

static void parse_actor(struct step_context *ctx, const struct ypair *pair, struct stmt *out)
{
	const char *key = pair->key->text;

	out->kind = STMT_ACTOR;
	out->at = pair->key->at;
	out->actor = strcmp(key, "hw") == 0 ? BY_HW : strcmp(key, "lab") == 0 ? BY_LAB : BY_DEVICE;
	out->device = (struct name){key, pair->key->at};
	out->body = parse_steps(ctx, pair->value);
}

static void parse_loop(struct step_context *ctx, const struct ypair *pair, struct stmt *out)
{
	struct control header;
	struct source src;
	struct stmt_list body;
	bool ok =
	    parse_open_scalar(ctx, pair->key, "a header", &src) && parse_header(&src, &header);

	body = parse_steps(ctx, pair->value);
	if (!ok)
		return;
	out->kind = header.kind;
	out->at = header.at;
	out->first = header.first;
	out->cond = header.cond;
	out->next = header.next;
	out->body = body;
}

/* ---- if, else if, else --------------------------------------------------------------------- */

static bool parse_arm(struct step_context *ctx, const struct ypair *pair, bool first, bool last,
		      struct if_arm *arm)
{
	const char *key = pair->key->text;
	struct control header;
	struct source src;

	arm->at = pair->key->at;
	if (!first && strcmp(key, "else") == 0) {
		if (last)
			return true;
		err_add(ctx->errs, arm->at, NULL, "nothing may follow 'else' in a step");
		return false;
	}
	if (!begins_with(key, first ? "if" : "else")) {
		err_add(ctx->errs, arm->at, "begin a new step with '- '",
			"after 'if' a step has 'else if (e)' and 'else'");
		return false;
	}
	if (!parse_open_scalar(ctx, pair->key, "a header", &src) || !parse_header(&src, &header))
		return false;
	arm->cond = header.cond;
	arm->at = header.at;
	return true;
}

static void parse_if(struct step_context *ctx, const struct ynode *n, struct stmt *out)
{
	struct if_arm *arm = arena_alloc(ctx->arena, n->n, sizeof(*arm));
	bool ok = true;
	u32 i;

	for (i = 0; i < n->n; i++) {
		ok &= parse_arm(ctx, &n->pair[i], i == 0, i + 1 == n->n, &arm[i]);
		arm[i].body = parse_steps(ctx, n->pair[i].value);
	}
	if (!ok)
		return;
	out->kind = STMT_IF;
	out->at = arm[0].at;
	out->arm = arm;
	out->arms = n->n;
}

/* ---- keys that are none -------------------------------------------------------------------- */

static bool is_word(const char *key)
{
	return first_word(key) == strlen(key) && !(key[0] >= '0' && key[0] <= '9');
}

/* YAML ends a key at ': ', in the middle of a C string or of a call. */
static bool is_cut_statement(const char *key, bool *question)
{
	bool string = false;
	u32 open = 0, i;

	*question = false;
	for (i = 0; key[i]; i++) {
		if (string && key[i] == '\\' && key[i + 1]) {
			i++;
		} else if (key[i] == '"') {
			string = !string;
		} else if (!string) {
			open += key[i] == '(';
			open -= key[i] == ')' && open;
			*question |= key[i] == '?';
		}
	}
	return string || open;
}

static void refuse_unknown_name(struct step_context *ctx, const struct ynode *key)
{
	const char *names[LIMIT_DEVICES + 8], *near;
	const struct field_info *f;
	u32 n = 0, i;

	for (i = 0; ctx->devices[i] && n < LIMIT_DEVICES; i++)
		names[n++] = ctx->devices[i];
	for (i = 0; (f = field_at(FIELDS_STEP, i)) != NULL; i++)
		names[n++] = f->name;
	names[n] = NULL;
	near = str_nearest(key->text, names);
	err_add(ctx->errs, key->at,
		near ? arena_printf(&ctx->errs->arena, "did you mean \"%s\"?", near)
		     : "a step begins with a device, hw, lab, note, predict, or is a statement",
		"nobody is named \"%s\" here", key->text);
}

static void refuse_key(struct step_context *ctx, const struct ynode *key)
{
	const char *hint = refused_hint(key->text);
	struct pos at = key->at;
	bool question, cut = is_cut_statement(key->text, &question);

	at.len++;
	if (hint && begins_with(key->text, "else"))
		err_add(ctx->errs, key->at, hint, "'else' without 'if' in the same step");
	else if (hint)
		err_add(ctx->errs, key->at, hint, "'%.*s' is not in the language",
			(int)first_word(key->text), key->text);
	else if (question)
		err_add(ctx->errs, at, "use if and else", "'?:' is not in the language");
	else if (cut || !is_word(key->text))
		err_add(ctx->errs, at, "put the whole statement in single quotes",
			"YAML split this statement at ': '");
	else
		refuse_unknown_name(ctx, key);
}

static bool is_header(const char *key)
{
	u32 n = first_word(key);
	bool question;

	if (begins_with(key, "while") || begins_with(key, "for"))
		return true;
	while (key[n] == ' ')
		n++;
	return first_word(key) && key[n] == '(' && !refused_hint(key) &&
	       !is_cut_statement(key, &question) && !question;
}

static void parse_label(struct step_context *ctx, const struct ynode *key, struct stmt *out)
{
	if (parse_is_reserved(key->text) || parse_is_yaml_word(key->text) ||
	    key->len > LIMIT_NAME) {
		err_add(ctx->errs, key->at, NULL, "'%s' cannot be the name of a label", key->text);
		return;
	}
	out->kind = STMT_LABEL;
	out->label = (struct name){key->text, key->at};
}

static void parse_single_key(struct step_context *ctx, const struct ypair *pair, struct stmt *out)
{
	const char *key = pair->key->text;

	if (strcmp(key, "note") == 0)
		parse_note(ctx, pair->value, out);
	else if (strcmp(key, "predict") == 0)
		parse_predict(ctx, pair->value, pair->key, out);
	else if (is_actor(ctx, key))
		parse_actor(ctx, pair, out);
	else if (is_header(key))
		parse_loop(ctx, pair, out);
	else if (is_word(key) && ynode_is_empty(pair->value) && !refused_hint(key))
		parse_label(ctx, pair->key, out);
	else
		refuse_key(ctx, pair->key);
}

static void parse_map_step(struct step_context *ctx, const struct ynode *n, struct stmt *out)
{
	if (!n->n) {
		err_add(ctx->errs, n->at, NULL, "a step is missing");
		return;
	}
	if (begins_with(n->pair[0].key->text, "if")) {
		parse_if(ctx, n, out);
		return;
	}
	parse_single_key(ctx, &n->pair[0], out);
	if (n->n > 1)
		err_add(ctx->errs, n->pair[1].key->at, "begin a new step with '- '",
			"a step has one key");
}

/* ---- lists --------------------------------------------------------------------------------- */

static struct stmt *parse_step(struct step_context *ctx, const struct ynode *n)
{
	struct stmt *s = new_step(ctx, n);

	if (n->kind == YNODE_SCALAR)
		parse_text_step(ctx, n, s);
	else if (n->kind == YNODE_MAP)
		parse_map_step(ctx, n, s);
	else
		err_add(ctx->errs, n->at, "leave one '-' out", "a list as a step");
	return s;
}

struct stmt_list parse_steps(struct step_context *ctx, const struct ynode *n)
{
	u32 count = n->kind == YNODE_SEQ ? n->n : 1, i;
	struct stmt_list list = {0};

	if (n->kind == YNODE_MAP) {
		err_add(ctx->errs, n->at, "write '- ' before the key",
			"a body is one statement or a list of steps");
		return list;
	}
	if (!count || ynode_is_empty(n)) {
		err_add(ctx->errs, n->at, NULL, "a statement or a list of steps is missing");
		return list;
	}
	list.v = arena_alloc(ctx->arena, count, sizeof(struct stmt *));
	for (i = 0; i < count && !ctx->full; i++)
		list.v[list.n++] = parse_step(ctx, n->kind == YNODE_SEQ ? n->item[i] : n);
	return list;
}
