/* SPDX-License-Identifier: MIT */
/*
 * dmalab explain: tables as a whole. Each is printed from the table that the program itself goes
 * by: rights by the oracle, barriers by the CPU, cache operations by the kernel ports.
 */
#include "cli/topics.h"

#include <string.h>

#include "base/grid.h"
#include "cli/cli.h"
#include "cli/topic_debug.h"
#include "cli/topic_decisions.h"
#include "cli/topic_linux.h"
#include "core/event.h"
#include "core/world.h"
#include "engine/calls.h"
#include "explore/policy.h"
#include "report/units.h"
#include "scenario/limits.h"

static const struct style page = {.width = 80};

static void para(const char *text, struct str *out)
{
	style_wrap(&page, 0, 0, text, out);
}

/* A cell, and what it lacks to its width. */
static void cell(const char *text, u32 width, struct str *out)
{
	u32 n = grid_columns(text);

	str_add(out, text);
	style_pad(n < width ? width - n : 1, out);
}

/* The same without spaces at the end of a line. */
static void row_end(struct str *out)
{
	while (out->n && out->s[out->n - 1] == ' ')
		out->n--;
	str_add(out, "\n");
}

static void entry(const char *name, u32 width, const char *text, struct str *out)
{
	cell(name, width, out);
	style_wrap(&page, width, width, text, out);
}

/* ---- directions ---- */

static void rights(const char *what, enum held h, struct str *out)
{
	static const char *const words[] = {
	    [RIGHT_NO] = "no", [RIGHT_YES] = "yes", [RIGHT_UNWRITTEN] = "yes (1)"};
	enum { NAME = 26, RIGHT = 13 };

	cell(what, NAME, out);
	for (u32 a = 0; a < ACTS; a++)
		cell(words[oracle_right(h, (enum act_by)a)], RIGHT, out);
	row_end(out);
}

static void direction(const char *name, enum dma_dir dir, struct str *out)
{
	str_printf(out, "%s\n", name);
	rights("  map", oracle_held(dir, false), out);
	rights("  sync_for_cpu", oracle_held(dir, true), out);
	rights("  sync_for_device", oracle_held(dir, false), out);
	rights("  unmap", HELD_CPU, out);
}

static void directions(struct str *out)
{
	static const char *const heads[ACTS] = {"CPU reads", "CPU writes", "device reads",
						"device writes"};

	para(glossary_words("directions"), out);
	str_add(out, "\n");
	cell("behind", 26, out);
	for (u32 a = 0; a < ACTS; a++)
		cell(heads[a], 13, out);
	row_end(out);
	direction("DMA_TO_DEVICE", DMA_TO_DEVICE, out);
	direction("DMA_FROM_DEVICE", DMA_FROM_DEVICE, out);
	direction("DMA_BIDIRECTIONAL", DMA_BIDIRECTIONAL, out);
	str_add(out, "no direction\n");
	rights("  coherent memory", HELD_COHERENT, out);
	str_add(out, "\n");
	para("(1) As long as the CPU has only read since sync_for_cpu. When it has written, "
	     "sync_for_device must come first.",
	     out);
	para(
	    "A sync counts for the bytes of its range. Where several mappings cover a byte, the "
	    "CPU "
	    "may do what all of them allow. A \"no\" is a violation even where nothing goes wrong: "
	    "another platform or schedule makes a corruption of it.",
	    out);
}

/* ---- barriers ---- */

static void barriers(struct str *out)
{
	static const char *const words[] = {[EFFECT_NONE] = "-",
					    [EFFECT_ORDER] = "stay in order",
					    [EFFECT_WAIT] = "are waited for"};

	cell("", 10, out);
	cell("older stores", 17, out);
	cell("older loads", 17, out);
	row_end(out);
	for (u32 i = 0; i < BARRIER_KINDS; i++) {
		const struct barrier_info *b = barrier_info((enum barrier_kind)i);

		cell(b->name, 10, out);
		cell(words[b->stores], 17, out);
		cell(words[b->loads], 17, out);
		row_end(out);
	}
	str_add(out, "\n");
	para(
	    "This is a weak core, towards a device. A core whose stores leave in order (x86) needs "
	    "no dma_wmb() and dma_rmb() of its hardware; the compiler needs them there too. "
	    "smp_wmb() and the like promise an order to other CPUs only.",
	    out);
	para("writel() comes behind older stores to memory, readl() before later loads; their "
	     "_relaxed forms promise neither. Nothing of this moves bytes out of a cache: a device "
	     "that does not look there needs the streaming calls or coherent memory.",
	     out);
}

/* ---- cost ---- */

static void cost_row(const struct cost_info *i, struct str *out)
{
	struct str s = {0};

	str_printf(&s, "%5u  %s", i->weight, i->name);
	cell(str_get(&s), 34, out);
	style_wrap(&page, 34, 34, i->reason, out);
	str_free(&s);
}

static void cost(struct str *out)
{
	para("Of a finding: correct, but needlessly expensive or not portable.", out);
	str_add(out, "\n");
	para("Of a run: its events, counted and weighed by this table, in cost units. 1 is an "
	     "access "
	     "that the CPU's own cache or store buffer answers. The weights are round numbers of "
	     "the "
	     "right order of magnitude, to compare ways of doing the same; they are no cycles of "
	     "any "
	     "machine. dmalab cost compares variants and platforms.",
	     out);
	for (u32 g = 0; g < COST_GROUPS; g++) {
		str_printf(out, "\n%s (%c)\n", cost_group_name((enum cost_group)g),
			   cost_group_letter((enum cost_group)g));
		for (u32 i = 0; i < COST_ROWS; i++)
			if (cost_info((enum cost_row)i)->group == g)
				cost_row(cost_info((enum cost_row)i), out);
	}
	str_add(out, "\n");
	para("Not in it: operations on lines that no cache holds, what a device waits for but to "
	     "have "
	     "an address translated, and the page tables of an IOMMU.",
	     out);
}

/* ---- cache operations ---- */

static const char *operation(u8 op)
{
	return op == OP_C ? "clean" : op == OP_I ? "drop" : op == OP_CI ? "clean+drop" : "-";
}

static void arch_line(const char *name, const char *when, const u8 *op, struct str *out)
{
	cell(name, 14, out);
	cell(when, 16, out);
	cell(operation(op[DMA_TO_DEVICE]), 13, out);
	cell(operation(op[DMA_FROM_DEVICE]), 13, out);
	cell(operation(op[DMA_BIDIRECTIONAL]), 13, out);
	row_end(out);
}

static void arch_notes(const struct arch_ops *a, struct str *out)
{
	struct str s = {0};

	if (a->edges == EDGES_KEEP)
		str_add(&s, "a line that a drop covers in part is cleaned too; ");
	if (a->edges == EDGES_WHOLE)
		str_add(&s, "a drop of a range that is not aligned is clean+drop; ");
	if (a->flags & ARCH_OUTER)
		str_add(&s,
			"the outer cache too, after the inner one for the device, before it for "
			"the CPU; ");
	if (a->flags & ARCH_BIG_CI)
		str_add(&s, "a drop as large as the cache is clean+drop; ");
	if (a->prep)
		str_printf(&s, "coherent memory begins with %s; ", operation(a->prep));
	if (!s.n)
		return;
	s.n -= 2;
	s.s[s.n] = 0;
	style_pad(14, out);
	style_wrap(&page, 14, 14, str_get(&s), out);
	str_free(&s);
}

static void arch(struct str *out)
{
	para(
	    "What a kernel port does to the cache for a device that does not look into it. map and "
	    "sync_for_device do the one row, sync_for_cpu and unmap the other.",
	    out);
	str_add(out, "\n");
	cell("arch", 14, out);
	cell("", 16, out);
	cell("TO_DEVICE", 13, out);
	cell("FROM_DEVICE", 13, out);
	cell("BIDIRECTIONAL", 13, out);
	row_end(out);
	for (u32 i = 0; i < ARCH_IDS; i++) {
		struct arch_ops a = arch_row((enum arch_id)i);

		arch_line(arch_name((enum arch_id)i), "for the device", a.for_device, out);
		arch_line("", "for the CPU", a.for_cpu, out);
		arch_notes(&a, out);
	}
	str_add(out, "\n");
	para(
	    "clean: written back and kept. drop: gone without being written back. A platform names "
	    "its row by `arch:`, and `arch_sync:` changes single operations.",
	    out);
}

/* ---- calls ---- */

static void calls(struct str *out)
{
	struct str s = {0};

	for (u32 i = 0; i < CALL_COUNT; i++) {
		const struct call_info *c = call_info((enum call_id)i);
		const char *text = call_words(c->name);

		str_clear(&s);
		call_signature(i, &s);
		str_printf(out, "%s\n", str_get(&s));
		style_pad(4, out);
		style_wrap(&page, 4, 4,
			   c->state == CALL_LATER ? "Not yet: refused by name."
			   : text[0]		  ? text
						  : "It runs.",
			   out);
	}
	str_free(&s);
	str_add(out, "\n");
	para("Accesses (memcpy, writel, barriers) and what only computes are in "
	     "dmalab-scenario(5); `explain NAME` has each of them.",
	     out);
}

/* ---- events ---- */

static void events(struct str *out)
{
	struct event_field f;

	for (u32 k = EV_NONE + 1; k < EV_KINDS; k++) {
		const struct event_info *e = event_info(k);

		str_printf(out, "%s (%s)", e->name, e->class == CLASS_API ? "api" : "hw");
		for (u32 i = 0; event_field(k, i, &f); i++)
			str_printf(out, "%s %.*s", i ? "," : ":", (int)f.name_len, f.name);
		str_add(out, "\n");
		style_pad(4, out);
		style_wrap(&page, 4, 4, e->sentence, out);
	}
	str_add(out, "\n");
	para("As `run --json` names them; api: what the driver asked of the kernel, hw: what the "
	     "machine did.",
	     out);
}

/* ---- limits ---- */

static void limits(struct str *out)
{
	static const struct {
		u32 n;
		const char *text;
	} file[] = {
#define SCENARIO_LIMIT(name, value, text) {value, text},
#include "scenario/limits.def"
#undef SCENARIO_LIMIT
	};
	static const char *const run[] = {
#define LIMIT(id, text) text,
#include "core/limits.def"
#undef LIMIT
	};

	str_add(out, "Of a scenario file (beyond it: an error, exit status 2)\n");
	for (u32 i = 0; i < ARRAY_LEN(file); i++)
		str_printf(out, "  %8u  %s\n", file[i].n, file[i].text);
	str_add(out, "\nOf a run (reaching it: no verdict, exit status 3)\n");
	for (u32 i = 0; i < ARRAY_LEN(run); i++)
		str_printf(out, "  %s\n", run[i]);
}

/* ---- hardware ---- */

static void hardware(struct str *out)
{
	para("Where hardware is free to act, somebody answers for it: --hw says who, a schedule "
	     "answers for one run exactly.",
	     out);
	str_add(out, "\n");
	for (u32 i = 0; i < POLICIES; i++) {
		enum policy p;

		if (policy_find(policy_name((enum policy)i), &p))
			entry(policy_name(p), 10, policy_text(p), out);
	}
	str_add(out, "\n");
	para("None of them proves anything by finding nothing: `dmalab explore` looks at all "
	     "schedules (`dmalab explain schedules`).",
	     out);
	str_add(out, "\n");
	para("A run with --hw hostile or random prints the token of its schedule; --schedule with "
	     "it is the same run, byte for byte.",
	     out);
}

/* ---- schedules ---- */

static void schedules(struct str *out)
{
	static const char *const words[][2] = {
	    {"choice",
	     "A point of a run where more than one thing may happen next: a store leaves its "
	     "buffer, a line is written back, dropped or fetched, a load takes an older value, "
	     "the device, an interrupt or the driver goes on."},
	    {"calm", "The first answer of each choice: what happens without need is put off. `run` "
		     "without more is the calm run."},
	    {"deviation", "An answer that is not calm's. Putting one thing off counts once, "
			  "however long it waits."},
	    {"schedule",
	     "All answers of a run. Scenario, platform, params and schedule make the run, byte "
	     "for byte."},
	    {"token", "A schedule as a word, v1:19.1-2: for each deviation how many choices it "
		      "comes after the one before and, if that is not 1, which answer it is; "
		      "+4: four more alike. Behind = a digit for each says what it did, so that "
		      "a run can tell where a token stops matching an edited file. "
		      "v1: alone is the calm run. `run --schedule` and `tui --schedule` take it."},
	    {"step", "What happens at once, a transition: an aligned access of at most 8 bytes, "
		     "one line of a cache operation, one beat of a device, one register access, "
		     "one action of hardware. Calls and memcpy() are many of them."},
	    {"state", "All that anything later depends on: hardware, kernel, devices, the "
		      "program's position and variables, and who may know what. Two ways to one "
		      "state go on alike, so it is looked at once."},
	    {"shortest", "The schedule with the fewest deviations, then with the fewest steps. "
			 "--shortest=steps asks for it the other way round. With the reduction "
			 "hardware acts right before it shows, which may be a few steps late; "
			 "with --no-reduction it is the shortest of all."},
	    {"bound", "What ends a search early: --deviations, --states, --memory, --time, "
		      "--depth, --limit, --first, Ctrl-C. Then there is no verdict, exit status "
		      "3; but what was found was found."},
	    {"sample", "Schedules drawn by chance, --sample random, few or hostile, where there "
		       "are too many to see all. What it finds is found; it proves nothing, and "
		       "says how likely one run more is to show something new."},
	    {"proved", "Every schedule was seen, none was cut short, and none shows a corruption "
		       "or a violation: on this machine, with these params, in steps of this "
		       "size. What a platform leaves out is not proved."},
	};

	para("`dmalab explore` looks at every schedule of a scenario, for what breaks it, and "
	     "shows each finding by the shortest one.",
	     out);
	str_add(out, "\n");
	for (u32 i = 0; i < ARRAY_LEN(words); i++)
		entry(words[i][0], 11, words[i][1], out);
	str_add(out, "\n");
	para("A state that was seen is kept as a fingerprint of 64 bits, so two different states "
	     "may be taken for one; how likely that is at most stands in the proof. "
	     "--fingerprint 128 makes it all but impossible, --exact keeps whole states.",
	     out);
	para("What hardware does to a line is asked only where a later access could tell the "
	     "difference. That leaves out no finding; --no-reduction asks everywhere.",
	     out);
}

static const struct topic table[] = {
    {"directions", "who may do what when, by direction and call", directions},
    {"barriers", "what each barrier orders", barriers},
    {"arch", "which cache operations a kernel port does", arch},
    {"calls", "every kernel call, with what it does here", calls},
    {"cost", "what a run costs: the table of weights", cost},
    {"dma-debug", "what CONFIG_DMA_API_DEBUG says, and how it is asked", topic_debug},
    {"events", "every kind of event, with its fields", events},
    {"hardware", "who answers where hardware is free to act", hardware},
    {"schedules", "choices, deviations, tokens, and what is proved", schedules},
    {"decision-list", "what a finding is called, and which of several is told", topic_decisions},
    {"limits", "how large a file and a run may be", limits},
#define TOPIC(name, summary) {name, summary, NULL},
#include "cli/topics.def"
};

void topic_print(const struct topic *t, struct str *out)
{
	if (t->print)
		t->print(out);
	else
		topic_linux(t->name, out);
}

const struct topic *topic_at(u32 i)
{
	return i < ARRAY_LEN(table) ? &table[i] : NULL;
}

const struct topic *topic_find(const char *name)
{
	for (u32 i = 0; i < ARRAY_LEN(table); i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}
