/* SPDX-License-Identifier: MIT */
/*
 * Commands: one table of them, one table of options for each, from which arguments are read, help
 * is printed and the manual is checked. Results go to the standard output, messages to the
 * standard error.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>

#include "base/str.h"
#include "base/types.h"
#include "report/style.h"

#define DMALAB_VERSION "0.1.0"

/* Exit statuses. */
enum {
	EXIT_EXPECTED = 0,
	EXIT_UNEXPECTED =
	    1,		/* a finding or outcome that was not expected, or one that did not come */
	EXIT_USAGE = 2, /* wrong use or an invalid scenario: nothing was run */
	EXIT_LIMIT = 3, /* a limit was reached: no verdict */
	EXIT_INTERNAL = 4,
};

struct option_row {
	char letter;	  /* 0: none */
	const char *name; /* without "--"; NULL ends a table */
	const char *arg;  /* "NAME"; "[=WHAT]" if it may be missing; NULL: none */
	const char *help; /* one sentence, without a full stop */
};

struct command {
	const char *name;
	const char *args;    /* "FILE…", as help prints it; "" for none */
	const char *summary; /* what it does, in a few words */
	const char *about;   /* paragraphs for its help */
	const struct option_row *options;
	int (*run)(const struct command *self, int argc, char **argv); /* argv[0]: its name */
};

/* The table, ended by a row without a name; and one row, NULL if there is none. */
const struct command *commands(void);
const struct command *command_find(const char *name);

/* Options that were given: one value for each row of the table, and what is no option. */
enum { OPTIONS_MAX = 40, SETS_MAX = 64 };
struct given {
	const char *value[OPTIONS_MAX]; /* "" for one without argument; NULL: not given */
	const char *set[SETS_MAX];	/* arguments of --set, in order: it may come often */
	u32 sets;
	char **word; /* borrowed from argv */
	int words;
	bool help;
};

/* Reads options in any place. False: a message was printed, the status is EXIT_USAGE. */
bool options_read(const struct command *c, int argc, char **argv, struct given *g);
/* The value of option name (which is in the table), or NULL. */
const char *given_value(const struct command *c, const struct given *g, const char *name);

/* Prints "dmalab CMD: …" on the standard error, with "try dmalab CMD --help". EXIT_USAGE. */
int usage_error(const struct command *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same of a text of any length, on lines of at most 78 columns. */
int usage_text(const struct command *c, const char *text);

/* Appends the help of one command, of all. */
void help_command(const struct command *c, struct str *out);
void help_all(struct str *out);

/* Appends "dma_map_single(dev, p, n, dir)". */
void call_form(u32 id, struct str *out);
/* What a call or an access does (cli/words.def); "" if nothing is said. */
const char *call_words(const char *name);
/* Appends "dma_addr_t dma_map_single(dev, p, n, dir)"; "runs", "computes", "not yet: ...". */
void call_signature(u32 id, struct str *out);
const char *call_state_text(u32 id);

/*
 * The commands, a file each: argv[0] is the name of the command. They return the exit status,
 * EXIT_*; what was wrong has been said on standard error.
 */
int cmd_run(const struct command *self, int argc, char **argv);
int cmd_why(const struct command *self, int argc, char **argv);
int cmd_explore(const struct command *self, int argc, char **argv);
int cmd_check(const struct command *self, int argc, char **argv);
int cmd_matrix(const struct command *self, int argc, char **argv);
int cmd_cost(const struct command *self, int argc, char **argv);
int cmd_mutate(const struct command *self, int argc, char **argv);
int cmd_tui(const struct command *self, int argc, char **argv);
int cmd_list(const struct command *self, int argc, char **argv);
int cmd_explain(const struct command *self, int argc, char **argv);
int cmd_schema(const struct command *self, int argc, char **argv);
int cmd_completion(const struct command *self, int argc, char **argv);
int cmd_help(const struct command *self, int argc, char **argv);
int cmd_version(const struct command *self, int argc, char **argv);

extern const struct option_row run_options[], why_options[], explore_options[], check_options[],
    matrix_options[], cost_options[], mutate_options[], tui_options[], list_options[],
    explain_options[], schema_options[], completion_options[], no_options[];

/* ---- output ---- */

/* Where results go: the standard output, or a file (-o). */
struct output {
	FILE *f;
	const char *name; /* "standard output" */
};
/* file NULL or "-": the standard output. False: a message was printed. */
bool output_open(struct output *o, const char *file);
void output_write(void *o, const char *text, size_t n); /* a writer's flush */
/* EXIT_EXPECTED, or after a message EXIT_LIMIT when not all could be written. */
int output_close(struct output *o);
/* Prints a whole text there. */
int output_text(const struct str *s);
/* Columns of a terminal; COLUMNS wins. */
u32 output_columns(int fd);
/* How text is written to it: the terminal's width, NO_COLOR, --plain, the locale. */
struct style output_style(const struct output *o, bool plain);

/* ---- data ---- */

/* Sets where scenarios/ lies; argv0 helps to find it. False: nowhere. */
bool data_find(const char *argv0);
const char *data_dir(void); /* "" if there is none */

#endif
