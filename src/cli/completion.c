/* SPDX-License-Identifier: MIT */
/*
 * dmalab completion: scripts for shells, from the tables of commands and options. Names that
 * depend on what is there (lessons, platforms, diagnoses) are asked for when they are needed, by
 * `dmalab list KIND --names`.
 *
 * What an argument is follows from how the tables name it: "a|b" these words, FILE a file, NAME of
 * --platform a platform, and so on; of others nothing is known.
 */
#include <string.h>

#include "cli/cli.h"

const struct option_row completion_options[] = {{0}};

enum kind {
	KIND_NONE,
	KIND_WORDS,
	KIND_FILE,
	KIND_SCENARIO,
	KIND_ID,
	KIND_PLATFORM,
	KIND_OPERATOR
};

/* The words of "[a|b]", "a|b", "[=a]" with spaces between them. */
static void words_of(const char *arg, struct str *out)
{
	for (const char *c = arg; *c; c++)
		if (*c == '|')
			str_add(out, " ");
		else if (!strchr("[]=", *c))
			str_addn(out, c, 1);
}

/* What an option takes; the words, if it is words. */
static enum kind kind_of_option(const struct option_row *o, struct str *words)
{
	if (!o->arg)
		return KIND_NONE;
	if (strchr(o->arg, '|') || o->arg[0] == '[') {
		words_of(o->arg, words);
		return KIND_WORDS;
	}
	if (strcmp(o->name, "palette") == 0) {
#define PALETTE(id, name, ground16, ground256) str_add(words, name " ");
#include "tui/palette.def"
#undef PALETTE
		str_add(words, "mono");
		return KIND_WORDS;
	}
	if (strcmp(o->arg, "FILE") == 0)
		return KIND_FILE;
	if (strcmp(o->name, "operator") == 0)
		return KIND_OPERATOR;
	return strcmp(o->name, "platform") == 0 ? KIND_PLATFORM : KIND_NONE;
}

static enum kind kind_of_words(const struct command *c, struct str *words)
{
	if (strncmp(c->args, "FILE", 4) == 0 || strncmp(c->args, "[FILE", 5) == 0)
		return KIND_SCENARIO;
	if (strcmp(c->args, "[ID]") == 0)
		return KIND_ID;
	if (strcmp(c->args, "[COMMAND]") == 0) {
		for (const struct command *k = commands(); k->name; k++)
			str_printf(words, "%s%s", words->n ? " " : "", k->name);
		return KIND_WORDS;
	}
	words_of(c->args, words);
	return words->n ? KIND_WORDS : KIND_NONE;
}

/* Lists whose names `explain` takes. */
static const char id_lists[] = "topics diagnoses calls quirks platforms devices words";

/* ---- bash ---- */

static void bash_values(enum kind kind, const struct str *words, struct str *out)
{
	switch (kind) {
	case KIND_WORDS:
		str_printf(out, "_dmalab_words '%s'", str_get(words));
		break;
	case KIND_FILE:
		str_add(out, "_dmalab_files");
		break;
	case KIND_SCENARIO:
		str_add(out, "_dmalab_scenarios");
		break;
	case KIND_PLATFORM:
		str_add(out, "_dmalab_names platforms");
		break;
	case KIND_OPERATOR:
		str_add(out, "_dmalab_names operators");
		break;
	case KIND_ID:
		str_printf(out, "_dmalab_names %s", id_lists);
		break;
	default:
		str_add(out, ":");
	}
	str_add(out, " ;;\n");
}

static void bash_command(const struct command *c, struct str *out)
{
	struct str words = {0};
	enum kind kind;

	str_printf(out, "  %s)\n    case $previous in\n", c->name);
	for (const struct option_row *o = c->options; o->name; o++) {
		if (!o->arg)
			continue;
		str_add(out, "    ");
		if (o->letter)
			str_printf(out, "-%c|", o->letter);
		if (o->arg[0] != '[')
			str_printf(out, "--%s|", o->name);
		str_printf(out, "--%s=) ", o->name);
		str_clear(&words);
		kind = kind_of_option(o, &words);
		bash_values(kind, &words, out);
	}
	str_add(out, "    *) case $word in\n      -*) _dmalab_words '");
	for (const struct option_row *o = c->options; o->name; o++)
		str_printf(out, "--%s ", o->name);
	str_add(out, "--help' ;;\n      *) ");
	str_clear(&words);
	kind = kind_of_words(c, &words);
	bash_values(kind, &words, out);
	str_add(out, "      esac ;;\n    esac ;;\n");
	str_free(&words);
}

static void bash(struct str *out)
{
	str_add(
	    out,
	    "# dmalab(1), for bash: made by \"dmalab completion bash\".\n"
	    "_dmalab_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$word\"); }\n"
	    "_dmalab_list() {\n"
	    "  local kind\n"
	    "  for kind; do \"$program\" list \"$kind\" --names 2>/dev/null; done\n"
	    "}\n"
	    "_dmalab_names() { _dmalab_words \"$(_dmalab_list \"$@\")\"; }\n"
	    "_dmalab_files() {\n"
	    "  compopt -o filenames 2>/dev/null\n"
	    "  mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
	    "}\n"
	    "_dmalab_scenarios() {\n"
	    "  compopt -o filenames 2>/dev/null\n"
	    "  mapfile -t COMPREPLY < <(compgen -W \"$(_dmalab_list lessons bugs)\" -- \"$word\"\n"
	    "    compgen -d -- \"$word\"; compgen -f -X '!*.yaml' -- \"$word\")\n"
	    "}\n"
	    "_dmalab() {\n"
	    "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "  local program=${COMP_WORDS[0]/#\\~/$HOME} command=${COMP_WORDS[1]}\n"
	    "  COMPREPLY=()\n"
	    "  # bash splits --option=value into three words\n"
	    "  if [[ $word == = ]]; then\n"
	    "    word='' previous=$previous=\n"
	    "  elif [[ $previous == = && $COMP_CWORD -gt 2 ]]; then\n"
	    "    previous=${COMP_WORDS[COMP_CWORD-2]}=\n"
	    "  fi\n"
	    "  if [[ $COMP_CWORD -eq 1 ]]; then\n"
	    "    _dmalab_words '");
	for (const struct command *c = commands(); c->name; c++)
		str_printf(out, "%s ", c->name);
	str_add(out, "--help --version'\n    return\n  fi\n  case $command in\n");
	for (const struct command *c = commands(); c->name; c++)
		bash_command(c, out);
	str_add(out, "  esac\n}\ncomplete -F _dmalab dmalab\n");
}

/* ---- zsh ---- */

/* In single quotes, with what _arguments would take for more than text behind a backslash. */
static void zsh_text(const char *text, struct str *out)
{
	for (; *text; text++)
		if (*text == '\'')
			str_add(out, "'\\''");
		else
			str_printf(out, "%s%c", strchr("[]:\\", *text) ? "\\" : "", *text);
}

static void zsh_action(enum kind kind, const char *words, struct str *out)
{
	static const char *const plain[] = {[KIND_NONE] = " ",
					    [KIND_FILE] = "_files",
					    [KIND_SCENARIO] = "_dmalab_scenarios",
					    [KIND_PLATFORM] = "_dmalab_names platforms",
					    [KIND_OPERATOR] = "_dmalab_names operators"};

	if (kind == KIND_WORDS)
		str_printf(out, "(%s)", words);
	else if (kind == KIND_ID)
		str_printf(out, "_dmalab_names %s", id_lists);
	else
		str_add(out, plain[kind]);
}

static void zsh_option(const struct option_row *o, struct str *out)
{
	bool often = strcmp(o->name, "set") == 0, may = o->arg && o->arg[0] == '[';
	struct str words = {0};
	enum kind kind = kind_of_option(o, &words);

	for (u32 form = o->letter ? 0 : 1; form < 2; form++) {
		str_add(out, " \\\n        '");
		if (often)
			str_add(out, "*");
		else if (o->letter)
			str_printf(out, "(-%c --%s)", o->letter, o->name);
		if (form)
			str_printf(out, "--%s%s", o->name, may ? "=-" : o->arg ? "=" : "");
		else
			str_printf(out, "-%c%s", o->letter, o->arg ? "+" : "");
		str_add(out, "[");
		zsh_text(o->help, out);
		str_add(out, "]");
		if (o->arg) {
			str_add(out, may ? "::" : ":");
			zsh_text(o->name, out);
			str_add(out, ":");
			zsh_action(kind, str_get(&words), out);
		}
		str_add(out, "'");
	}
	str_free(&words);
}

static void zsh_command(const struct command *c, struct str *out)
{
	struct str words = {0};
	enum kind kind = kind_of_words(c, &words);

	str_printf(out, "    %s)\n      _arguments -s", c->name);
	for (const struct option_row *o = c->options; o->name; o++)
		zsh_option(o, out);
	str_add(out, " \\\n        '(-h --help)'{-h,--help}'[this text]'");
	if (kind != KIND_NONE) {
		bool many = strstr(c->args, "...") != NULL;

		str_printf(out, " \\\n        '%s:%s:", many ? "*" : "1",
			   kind == KIND_SCENARIO ? "scenario" : "name");
		zsh_action(kind, str_get(&words), out);
		str_add(out, "'");
	}
	str_add(out, " ;;\n");
	str_free(&words);
}

static void zsh(struct str *out)
{
	str_add(out, "#compdef dmalab\n"
		     "# dmalab(1), for zsh: made by \"dmalab completion zsh\".\n"
		     "_dmalab_names() {\n"
		     "  local kind\n"
		     "  local -a names\n"
		     "  for kind in ${@:#-*}; do\n"
		     "    [[ $kind == "
		     "(topics|diagnoses|calls|quirks|platforms|devices|words|lessons|bugs) ]] &&\n"
		     "      names+=(${(f)\"$(_call_program names $dmalab list $kind --names "
		     "2>/dev/null)\"})\n"
		     "  done\n"
		     "  compadd -a names\n"
		     "}\n"
		     "_dmalab_scenarios() {\n"
		     "  _dmalab_names lessons bugs\n"
		     "  _files -g '*.yaml'\n"
		     "}\n"
		     "_dmalab() {\n"
		     "  local curcontext=$curcontext state line dmalab=${(Q)words[1]}\n"
		     "  dmalab=${dmalab/#\\~/$HOME}\n"
		     "  local -a commands=(\n");
	for (const struct command *c = commands(); c->name; c++) {
		str_printf(out, "    '%s:", c->name);
		zsh_text(c->summary, out);
		str_add(out, "'\n");
	}
	str_add(out,
		"  )\n"
		"  _arguments -C '(- *)'{-h,--help}'[this text]' '(- *)--version[the version]' \\\n"
		"    '1: :->command' '*:: :->rest'\n"
		"  case $state in\n"
		"  command) _describe command commands ;;\n"
		"  rest)\n"
		"    case $words[1] in\n");
	for (const struct command *c = commands(); c->name; c++)
		zsh_command(c, out);
	str_add(out, "    esac ;;\n"
		     "  esac\n"
		     "}\n"
		     "if [[ $funcstack[1] == _dmalab ]]; then\n"
		     "  _dmalab \"$@\"\n"
		     "else\n"
		     "  compdef _dmalab dmalab\n"
		     "fi\n");
}

/* ---- fish ---- */

static void fish_text(const char *text, struct str *out)
{
	str_add(out, "'");
	for (; *text; text++)
		str_printf(out, "%s%c", strchr("'\\", *text) ? "\\" : "", *text);
	str_add(out, "'");
}

/* What follows: -x nothing but that, -r a file as well. */
static void fish_values(enum kind kind, const struct str *words, struct str *out)
{
	switch (kind) {
	case KIND_WORDS:
		str_printf(out, " -x -a '%s'", str_get(words));
		break;
	case KIND_FILE:
		str_add(out, " -r -F");
		break;
	case KIND_SCENARIO:
		str_add(out,
			" -k -a '(__fish_complete_suffix .yaml; __dmalab_names lessons bugs)'");
		break;
	case KIND_PLATFORM:
		str_add(out, " -x -a '(__dmalab_names platforms)'");
		break;
	case KIND_OPERATOR:
		str_add(out, " -x -a '(__dmalab_names operators)'");
		break;
	case KIND_ID:
		str_printf(out, " -x -a '(__dmalab_names %s)'", id_lists);
		break;
	default:
		str_add(out, " -x");
	}
}

static void fish_command(const struct command *c, struct str *out)
{
	struct str words = {0};
	enum kind kind;

	for (const struct option_row *o = c->options; o->name; o++) {
		str_printf(out, "complete -c dmalab -n '__fish_seen_subcommand_from %s'", c->name);
		if (o->letter)
			str_printf(out, " -s %c", o->letter);
		str_printf(out, " -l %s", o->name);
		str_clear(&words);
		if (o->arg && o->arg[0] == '[') { /* its argument may be missing: two words */
			words_of(o->arg, &words);
			str_printf(out,
				   "\ncomplete -c dmalab -n '__fish_seen_subcommand_from %s' "
				   "-l %s=%s",
				   c->name, o->name, str_get(&words));
		} else if (o->arg) {
			kind = kind_of_option(o, &words);
			fish_values(kind, &words, out);
		}
		str_add(out, " -d ");
		fish_text(o->help, out);
		str_add(out, "\n");
	}
	str_clear(&words);
	kind = kind_of_words(c, &words);
	if (kind != KIND_NONE) {
		str_printf(out, "complete -c dmalab -n '__fish_seen_subcommand_from %s'", c->name);
		fish_values(kind, &words, out);
		str_add(out, "\n");
	}
	str_free(&words);
}

static void fish(struct str *out)
{
	str_add(out, "# dmalab(1), for fish: made by \"dmalab completion fish\".\n"
		     "function __dmalab_names\n"
		     "    set -l program (commandline -opc)[1]\n"
		     "    for kind in $argv\n"
		     "        eval $program list $kind --names 2>/dev/null\n"
		     "    end\n"
		     "end\n"
		     "complete -c dmalab -f\n"
		     "complete -c dmalab -s h -l help -d 'this text'\n"
		     "complete -c dmalab -n __fish_use_subcommand -l version -d 'the version'\n");
	for (const struct command *c = commands(); c->name; c++) {
		str_printf(out, "complete -c dmalab -n __fish_use_subcommand -a %s -d ", c->name);
		fish_text(c->summary, out);
		str_add(out, "\n");
	}
	for (const struct command *c = commands(); c->name; c++)
		fish_command(c, out);
}

int cmd_completion(const struct command *self, int argc, char **argv)
{
	static const char *const shells[] = {"bash", "zsh", "fish", NULL};
	static void (*const print[])(struct str *) = {bash, zsh, fish};
	struct str s = {0};
	struct given g;
	u32 i = 0;
	int status;

	if (!options_read(self, argc, argv, &g))
		return EXIT_USAGE;
	if (g.help) {
		help_command(self, &s);
	} else if (g.words != 1) {
		return usage_error(self, "for which shell? bash, zsh or fish");
	} else {
		while (shells[i] && strcmp(shells[i], g.word[0]) != 0)
			i++;
		if (!shells[i])
			return usage_error(self, "bash, zsh or fish, not \"%s\"", g.word[0]);
		print[i](&s);
	}
	status = output_text(&s);
	str_free(&s);
	return status;
}
