/* SPDX-License-Identifier: MIT */
/* The program: the table of commands, and finding the one that is meant. */
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static const struct command table[] = {
    {"run", "FILE...", "run, print the steps, the findings and the outcome",
     "Runs scenarios and prints each statement with what it caused, where the CPU,\n"
     "memory and the device begin to see different bytes, what went wrong and why.\n"
     "FILE is a scenario, \"-\" for the standard input, or the id of a lesson or bug.\n",
     run_options, cmd_run},
    {"tui", "FILE", "step through a run on a full screen",
     "Shows the run on the screen: where each byte is, at every step, forward and back.\n",
     tui_options, cmd_tui},
    {"why", "FILE EVENT BYTES", "the causes of what some bytes are at an event",
     "Runs a scenario and says why bytes are what they are right after an event: who wrote\n"
     "them, what made each copy, who was given them when, the call that is missing, and\n"
     "the answer. Neighbouring bytes with the same history are told together.\n"
     "EVENT is its number as `run` prints it, e13 or 13. BYTES: buf+40 is one byte, buf+40:5\n"
     "five, buf+40..4f sixteen, buf all of it; offsets are hexadecimal. Instead of buf the\n"
     "name of a handle, or ring[2].addr where the driver declared what is there.\n",
     why_options, cmd_why},
    {"explore", "FILE...", "search all schedules for what breaks a scenario",
     "Looks at every schedule: at each point all that hardware is free to do. Prints\n"
     "what was found, each with the shortest schedule that shows it and the commands\n"
     "that run and show that one; or that no schedule breaks it, and on which terms\n"
     "that is proved. Where a bound ends it, it says which, and what was seen until\n"
     "then. Ctrl-C ends it with what it has.\n",
     explore_options, cmd_explore},
    {"check", "FILE...", "hold scenarios against what they say of themselves",
     "Compiles every variant on every platform of the file, runs it calm, and compares\n"
     "findings and outcome with what the file expects: all of `calm`, nothing else. Then\n"
     "it searches the schedules: all of `some` comes on one of them, and nothing that\n"
     "neither names. `search` in the file says how far. A broken variant that expects\n"
     "nothing on any platform is an error. With --suggest each finding gets the change\n"
     "that mends it, if running the driver with it shows that it does.\n",
     check_options, cmd_check},
    {"matrix", "FILE...", "one table of verdicts, platforms by variants",
     "Runs every variant on every platform of the program, and on the file's own, and shows\n"
     "the verdicts as one table: which machines corrupt data, and which forgive the same\n"
     "mistake. Where one forgives by luck, the shortest schedule that ends the luck stands\n"
     "below, with the command that runs it.\n",
     matrix_options, cmd_matrix},
    {"cost", "[FILE...]", "compare what variants and platforms cost",
     "Runs every variant on every platform of the file and draws what they cost, side by\n"
     "side: a bar of letters for each, with the parts that it is made of. What counts how\n"
     "much is told by `dmalab explain cost`. If the file has a param ROUNDS, the bars are\n"
     "of one more of it: of a run with twice as many, without what both have in common.\n"
     "Without FILE: the comparisons that come with the program.\n",
     cost_options, cmd_cost},
    {"mutate", "FILE...", "put a fault into a correct driver, to be found",
     "Takes the variant of a file that is correct and writes it with exactly one fault, as\n"
     "drivers have them: a sync left out, a wrong direction, an unmap too early. What\n"
     "would tell which one is left out. --seed says which; --answer tells it. --test is a\n"
     "test of the checker: it runs all mutants, until a platform and a schedule show a\n"
     "finding or outcome that the correct program does not have. Those that show none on\n"
     "any schedule of any platform are proved equivalent. `dmalab list operators` has the\n"
     "kinds of faults.\n",
     mutate_options, cmd_mutate},
    {"list", "[lessons|bugs|platforms|devices|diagnoses|calls|quirks|operators|topics|words]",
     "what there is",
     "Lists lessons (the default), real bugs, platforms, device models, diagnoses, calls,\n"
     "bugs of old kernels (quirks), faults of `mutate` (operators), whole tables (topics) or\n"
     "the words of the glossary.\n",
     list_options, cmd_list},
    {"explain", "[ID]", "a diagnosis, a call, a platform, a device, a table, a word",
     "Explains a diagnosis, a kernel call, a platform, a device model, a word, or a whole\n"
     "table such as `directions`: who may do what when. Without ID: what can be asked for.\n",
     explain_options, cmd_explain},
    {"schema", "[scenario|platform|manual|museum]", "the language, for an editor",
     "Prints the JSON Schema of scenarios (the default) or of platforms, with which an\n"
     "editor completes and checks them; or the tables of the manuals\n"
     "dmalab-scenario(5) and dmalab-bugs(7).\n",
     schema_options, cmd_schema},
    {"completion", "bash|zsh|fish", "what completes commands and options in a shell",
     "Prints a script that completes commands, options and names: for bash\n"
     "  . <(dmalab completion bash)\n"
     "`make install` puts all three where shells look for them.\n",
     completion_options, cmd_completion},
    {"help", "[COMMAND]", "this text, or that of a command", "Prints help.\n", no_options,
     cmd_help},
    {"version", "", "the version", "Prints the versions of program, journal and schedules.\n",
     no_options, cmd_version},
    {0}};

const struct command *commands(void)
{
	return table;
}

const struct command *command_find(const char *name)
{
	for (const struct command *c = table; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static int no_command(const char *word)
{
	const char *names[ARRAY_LEN(table)] = {0};
	struct str safe = {0};
	const char *near;

	for (u32 i = 0; table[i].name; i++)
		names[i] = table[i].name;
	near = str_nearest(word, names);
	str_safe(&safe, word, strlen(word));
	fprintf(stderr, "dmalab: there is no command \"%s\"", str_get(&safe));
	if (near)
		fprintf(stderr, "; did you mean \"%s\"?", near);
	fprintf(stderr, "\nTry \"dmalab help\".\n");
	str_free(&safe);
	return EXIT_USAGE;
}

/* Bare: the lessons at a terminal, else help. */
static int bare(void)
{
	static char name[] = "list", *argv[] = {name, NULL};
	struct str s = {0};
	int status;

	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && data_dir()[0])
		return cmd_list(command_find("list"), 1, argv);
	help_all(&s);
	status = output_text(&s);
	str_free(&s);
	return status;
}

int main(int argc, char **argv)
{
	static char help[] = "help", version[] = "version";
	const struct command *c;

	data_find(argc ? argv[0] : "dmalab");
	if (argc < 2)
		return bare();
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		argv[1] = help;
	else if (strcmp(argv[1], "--version") == 0)
		argv[1] = version;
	c = command_find(argv[1]);
	if (!c)
		return no_command(argv[1]);
	return c->run(c, argc - 1, argv + 1);
}
