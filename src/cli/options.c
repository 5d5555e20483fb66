/* SPDX-License-Identifier: MIT */
/*
 * Reading options from a command's table with getopt_long(), which finds them in any place. Its
 * abbreviations are refused: a script that uses one breaks when another option comes.
 */
#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "base/bug.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "report/style.h"

enum { HELP = 'h', FIRST_LONG = 256 };

int usage_error(const struct command *c, const char *fmt, ...)
{
	struct str s = {0};
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	str_safe(&s, text, strlen(text));
	fprintf(stderr, "dmalab %s: %s\nTry \"dmalab %s --help\".\n", c->name, str_get(&s),
		c->name);
	str_free(&s);
	return EXIT_USAGE;
}

int usage_text(const struct command *c, const char *text)
{
	static const struct style style = {.width = 78};
	struct str safe = {0}, out = {0};

	str_safe(&safe, text, strlen(text));
	str_printf(&out, "dmalab %s: ", c->name);
	style_wrap(&style, (u32)out.n, 0, str_get(&safe), &out);
	fprintf(stderr, "%sTry \"dmalab %s --help\".\n", str_get(&out), c->name);
	str_free(&safe);
	str_free(&out);
	return EXIT_USAGE;
}

static u32 count_rows(const struct option_row *rows)
{
	u32 n = 0;

	while (rows[n].name)
		n++;
	BUG_ON(n > OPTIONS_MAX);
	return n;
}

static bool is_row(const struct option_row *rows, const char *name, size_t len)
{
	for (; rows->name; rows++)
		if (strlen(rows->name) == len && memcmp(rows->name, name, len) == 0)
			return true;
	return len == 4 && memcmp(name, "help", 4) == 0;
}

static bool unknown(const struct command *c, const char *word, size_t len)
{
	const char *names[OPTIONS_MAX + 2] = {0};
	const char *near;
	char name[64];
	u32 n = 0;

	for (; c->options[n].name; n++)
		names[n] = c->options[n].name;
	names[n] = "help";
	snprintf(name, sizeof name, "%.*s", (int)(len < 60 ? len : 60), word);
	near = str_nearest(name, names);
	if (near)
		usage_error(c, "there is no option --%s; did you mean --%s?", name, near);
	else
		usage_error(c, "there is no option --%s", name);
	return false;
}

/* Every "--word" must be a whole name of the table. */
static bool check_names(const struct command *c, int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *w = argv[i] + 2;
		size_t len = strncmp(argv[i], "--", 2) == 0 ? strcspn(w, "=") : 0;

		if (len && !is_row(c->options, w, len))
			return unknown(c, w, len);
	}
	return true;
}

static void fill(const struct option_row *rows, struct option *longs, char *shorts)
{
	u32 n = count_rows(rows), k = 0;

	shorts[k++] = ':';
	for (u32 i = 0; i < n; i++) {
		int has = !rows[i].arg		  ? no_argument
			  : rows[i].arg[0] == '[' ? optional_argument
						  : required_argument;

		longs[i] = (struct option){rows[i].name, has, NULL, FIRST_LONG + (int)i};
		if (!rows[i].letter)
			continue;
		shorts[k++] = rows[i].letter;
		if (has == required_argument)
			shorts[k++] = ':';
	}
	longs[n] = (struct option){"help", no_argument, NULL, HELP};
	shorts[k++] = HELP;
	shorts[k] = 0;
}

static bool refuse(const struct command *c, int what, char **argv)
{
	const char *word = argv[optind - 1];

	if (what == ':' && optopt >= FIRST_LONG)
		usage_error(c, "--%s needs a value", c->options[optopt - FIRST_LONG].name);
	else if (what == ':')
		usage_error(c, "-%c needs a value", optopt);
	else if (optopt >= FIRST_LONG)
		usage_error(c, "--%s takes no value", c->options[optopt - FIRST_LONG].name);
	else if (optopt && optopt != HELP)
		usage_error(c, "there is no option -%c", optopt);
	else
		usage_error(c, "\"%s\" is no option", word);
	return false;
}

static bool take(const struct command *c, u32 row, const char *value, struct given *g)
{
	if (strcmp(c->options[row].name, "set") == 0) {
		if (g->sets == SETS_MAX) {
			usage_error(c, "--set comes more than %d times", SETS_MAX);
			return false;
		}
		g->set[g->sets++] = value;
	}
	g->value[row] = value ? value : "";
	return true;
}

bool options_read(const struct command *c, int argc, char **argv, struct given *g)
{
	struct option longs[OPTIONS_MAX + 2] = {{0}};
	char shorts[3 * OPTIONS_MAX];
	int what;

	*g = (struct given){0};
	if (!check_names(c, argc, argv))
		return false;
	fill(c->options, longs, shorts);
	opterr = 0;
	optind = 0; /* also forgets what an earlier call permuted */
	while ((what = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		u32 row = (u32)(what - FIRST_LONG);

		if (what == HELP) {
			g->help = true;
			continue;
		}
		if (what == ':' || what == '?')
			return refuse(c, what, argv);
		if (what < FIRST_LONG)
			for (row = 0; c->options[row].letter != what;)
				row++;
		if (!take(c, row, optarg, g))
			return false;
	}
	g->word = argv + optind;
	g->words = argc - optind;
	return true;
}

const char *given_value(const struct command *c, const struct given *g, const char *name)
{
	for (u32 i = 0; c->options[i].name; i++)
		if (strcmp(c->options[i].name, name) == 0)
			return g->value[i];
	BUG_ON(true); /* a name that the command's table does not have */
	return NULL;
}
