/* SPDX-License-Identifier: MIT */
/* On which terms no schedule breaks it: "Proved" is printed with all of them, or not at all. */
#include "report/schedules.h"

#include <string.h>

#include "report/text.h"

struct page {
	const struct told_search *t;
	const struct style *s;
	struct str line, *out;
};

static void field(struct page *p, const char *name)
{
	text_field(p->s, name, str_get(&p->line), p->out);
	str_clear(&p->line);
}

static void scenario(struct page *p)
{
	const struct run_input *in = &p->t->x->in;

	str_safe(&p->line, in->file, strlen(in->file));
	if (in->variant)
		str_printf(&p->line, ", variant %s", in->variant);
	for (u32 i = 0; i < p->t->params.n; i++)
		str_printf(&p->line, "%s%s=%lld", i ? " " : ", ", p->t->params.v[i].name.text,
			   (long long)p->t->params.v[i].value);
	field(p, "Scenario");
	str_printf(&p->line, "%s, %s", in->cfg->platform, in->cfg->summary);
	field(p, "Platform");
}

/* What the file leaves unjudged is not proved. */
static void judged(struct page *p)
{
	static const char *const words[] = {
	    [ORACLE_DATA] = "the bytes alone (oracle: data), not who may touch them",
	    [ORACLE_ASSERTS] = "the asserts of the file alone (oracle: asserts)",
	};
	enum oracle_level level = p->t->x->in.prog->oracle;

	if (level == ORACLE_FULL)
		return;
	str_add(&p->line, words[level]);
	field(p, "Judged");
}

static void cache(struct page *p, const char *name, const struct cache_config *c)
{
	if (!c->sets)
		return;
	str_printf(&p->line, "%s%s%u set%s of %u line%s, %s, %s makes room", p->line.n ? "; " : "",
		   name, c->sets, c->sets == 1 ? "" : "s", c->ways, c->ways == 1 ? "" : "s",
		   c->write_through ? "write-through" : "write-back",
		   c->replacement == REPLACE_LRU ? "the line used longest ago" : "any line");
}

static void geometry(struct page *p)
{
	const struct hw_config *hw = &p->t->x->in.cfg->hw;

	cache(p, "", &hw->l1);
	cache(p, "outer: ", &hw->outer);
	if (p->line.n)
		str_printf(&p->line, "; lines of %u bytes; %s", hw->line,
			   hw->speculates ? "a line may be fetched unasked"
					  : "no line is fetched unasked");
	else
		str_add(&p->line, "no cache");
	field(p, "Caches");
	if (hw->store_entries)
		str_printf(&p->line, "%u wait%s, and leave in %s order%s", hw->store_entries,
			   hw->store_entries == 1 ? "s" : "",
			   hw->order == ORDER_TSO ? "their" : "any",
			   hw->mmio_passes ? "; a relaxed register write may overtake them" : "");
	else
		str_add(&p->line, "go straight to the cache");
	if (hw->early_loads)
		str_add(&p->line, "; loads may be done before older ones");
	field(p, "Stores");
}

static void atomicity(struct page *p)
{
	const struct hw_config *hw = &p->t->x->in.cfg->hw;

	str_add(&p->line,
		"an aligned access of at most 8 bytes, one line of a cache operation, one "
		"beat of a device");
	for (u32 i = 0; i < hw->devs; i++)
		str_printf(&p->line, "%s%s: %u byte%s%s", i ? ", " : " (", hw->dev[i].name,
			   hw->dev[i].beat, hw->dev[i].beat == 1 ? "" : "s",
			   i + 1 == hw->devs ? ")" : "");
	str_add(&p->line, ", one register access, or one action of hardware: in between anything "
			  "may happen");
	field(p, "One step");
}

static void searched(struct page *p)
{
	const struct explore_result *r = p->t->x->result;

	str_printf(&p->line, "%llu states, %llu transitions, at most %llu of them in one run",
		   (unsigned long long)r->states, (unsigned long long)r->transitions,
		   (unsigned long long)r->depth);
	if (!p->t->opt->unreduced)
		str_add(&p->line, "; what hardware does to a line is asked only where an access "
				  "can tell (--no-reduction: everywhere)");
	field(p, "Seen");
	if (r->print == PRINT_EXACT)
		str_add(&p->line, "whole: nothing is left to chance");
	else
		str_printf(&p->line,
			   "%u-bit fingerprints: that two of them were taken for one has a chance "
			   "of at most %.1e%s",
			   r->print == PRINT_64 ? 64 : 128, explore_collision(r),
			   r->print == PRINT_64 ? " (--fingerprint 128, --exact)" : " (--exact)");
	field(p, "States");
}

void schedules_proof(const struct told_search *t, const struct style *s, struct str *out)
{
	struct page p = {.t = t, .s = s, .out = out};

	style_on(s, ATTR_BOLD, out);
	str_add(out, "Proved:");
	style_off(s, ATTR_BOLD, out);
	str_add(&p.line, "no schedule of ");
	text_where(&t->x->in, &p.line);
	str_add(&p.line, " breaks it.");
	str_add(out, " ");
	style_wrap(s, 8, 0, str_get(&p.line), out);
	str_clear(&p.line);
	if (!s->quiet) {
		scenario(&p);
		judged(&p);
		geometry(&p);
		atomicity(&p);
		searched(&p);
		str_printf(&p.line,
			   "%s%sa cache for each core, an IOMMU, caches inside devices, "
			   "DDIO, speculative stores",
			   t->x->in.cfg->left_out, t->x->in.cfg->left_out[0] ? " Also " : "");
		field(&p, "Left out");
	}
	str_free(&p.line);
}
