/* SPDX-License-Identifier: MIT */
#include "unit/property_cover.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static const char *const dirs[] = {"BIDI", "TO", "FROM"};
static const char *const kinds[] = {
#define GEN_OP(id, name) name,
    GEN_OPS_TABLE
#undef GEN_OP
};

static const char *const texts[] = {
#define CELL(id, text) text,
    COVER_CELLS
#undef CELL
};

static bool is_call(u32 kind)
{
	return kind >= GEN_MAP && kind <= GEN_SYNC_DEV;
}

static void cover_sync(struct cover *c, u32 line, const struct contract_buf *b,
		       const struct gen_op *o)
{
	bool part = o->n < b->mlen;

	c->cell[COVER_PARTIAL] += part;
	c->cell[COVER_OFF_LINE] += part && (o->off % line || (o->off + o->n) % line);
	c->cell[COVER_RANGE] += o->form & 1;
}

static void cover_op(struct cover *c, const struct gen_driver *d, const struct contract *k,
		     const struct gen_op *o)
{
	const struct contract_buf *b = &k->b[o->buf];
	u32 live = 0, end = (u32)o->off + o->n;
	bool held = false;

	for (u32 i = 0; i < d->bufs; i++)
		live += k->b[i].live;
	for (u32 i = o->off; i < end; i++)
		held |= b->held[i];
	if (o->kind == GEN_SYNC_CPU || o->kind == GEN_SYNC_DEV)
		cover_sync(c, d->line, b, o);
	if (o->kind == GEN_MAP) {
		c->cell[COVER_PART_MAP] += o->n < d->buf[o->buf].size;
		c->cell[COVER_PAGE_MAP] += d->buf[o->buf].memory == GEN_PAGE;
		c->cell[COVER_TOGETHER] += live > 0;
	}
	if (o->kind == GEN_DEV_WRITE) {
		c->cell[COVER_SHORT] += o->n < b->mlen;
		c->cell[COVER_LAZY] += held;
	}
	if (o->kind == GEN_CPU_READ)
		c->cell[COVER_READ_MAPPED] += b->live && b->dir == GEN_TO && !held;
	if (o->kind >= GEN_CPU_WRITE)
		c->cell[COVER_NEIGHBOUR] += d->buf[o->buf].unmapped && live;
}

/* What handlers do. */
static void cover_irq(struct cover *c, const struct gen_driver *d)
{
	for (u32 i = 0; i < d->n; i++)
		for (u32 k = 1; k <= driver_handled(d, i); k++) {
			c->cell[COVER_IRQ_UNMAP] += d->op[i + k].kind == GEN_UNMAP;
			c->cell[COVER_IRQ_SYNC_CPU] += d->op[i + k].kind == GEN_SYNC_CPU;
			c->cell[COVER_IRQ_SYNC_DEV] += d->op[i + k].kind == GEN_SYNC_DEV;
			c->cell[COVER_IRQ_READ] += d->op[i + k].kind == GEN_CPU_READ;
			c->cell[COVER_IRQ_WRITE] += d->op[i + k].kind == GEN_CPU_WRITE;
		}
}

void cover_driver(struct cover *c, const struct gen_driver *d)
{
	struct contract k = {0};
	const struct gen_op *call[GEN_BUFS] = {0};
	enum { UNUSED, USED, HANDED_OVER } used[GEN_BUFS] = {UNUSED};
	u32 born[GEN_BUFS] = {0}, maps[GEN_BUFS] = {0};

	c->drivers++;
	c->cell[COVER_IRQ] += d->irq;
	cover_irq(c, d);
	for (u32 i = 0; i < d->n; i++) {
		const struct gen_op *o = &d->op[i];

		cover_op(c, d, &k, o);
		c->cell[COVER_REBORN] += o->kind == GEN_ALLOC && born[o->buf]++;
		if (d->buf[o->buf].entries && o->n) {
			c->cell[COVER_LIST] += o->kind == GEN_MAP;
			c->cell[COVER_LIST_SYNC_CPU] += o->kind == GEN_SYNC_CPU;
			c->cell[COVER_LIST_SYNC_DEV] += o->kind == GEN_SYNC_DEV;
		}
		c->cell[COVER_REMAP] += o->kind == GEN_MAP && maps[o->buf]++;
		if (o->kind >= GEN_DEV_WRITE) {
			c->cell[COVER_REUSE] += used[o->buf] == HANDED_OVER;
			used[o->buf] = USED;
		} else if (o->kind == GEN_SYNC_DEV && used[o->buf] == USED) {
			used[o->buf] = HANDED_OVER;
		} else if (o->kind == GEN_MAP) {
			used[o->buf] = UNUSED;
		}
		if (is_call(o->kind)) {
			if (call[o->buf])
				c->pair[call[o->buf]->kind][o->kind][o->dir]++;
			call[o->buf] = o;
		} else if (o->kind == GEN_FREE) {
			call[o->buf] = NULL;
		}
		contract_apply(&k, d, o);
	}
}

void cover_platform(struct cover *c, u32 platform, const struct gen_driver *d)
{
	const struct theory_platform *p = &theory_platform[platform];

	c->platform[platform]++;
	for (u32 i = 0; i < d->n; i++)
		if (d->op[i].kind == GEN_MAP) {
			u32 dir = d->op[i].dir;

			if (theory_bounces(p, d->op[i].n, dir))
				c->bounced[platform][dir]++;
			else
				c->direct[platform][dir]++;
		}
}

/* Which kinds of mapping there are. */
static bool can_be(const struct theory_platform *p, u32 dir, bool bounced)
{
	return bounced ? p->force || (p->small_bounce && dir != GEN_TO) : !p->force;
}

/* Calls that may follow each other within the contract. */
static bool may_follow(u32 a, u32 b, u32 dir)
{
	if (a == GEN_UNMAP || b == GEN_MAP)
		return a == GEN_UNMAP && b == GEN_MAP;
	return a != GEN_MAP || b != GEN_SYNC_DEV || dir == GEN_TO;
}

void cover_print(const struct cover *c)
{
	printf("%u drivers\n", c->drivers);
	for (u32 a = GEN_MAP; a <= GEN_SYNC_DEV; a++)
		for (u32 b = GEN_MAP; b <= GEN_SYNC_DEV; b++)
			for (u32 d = 0; d < 3; d++)
				if (c->pair[a][b][d])
					printf("  %s, %s %-4s %6u\n", kinds[a], kinds[b], dirs[d],
					       c->pair[a][b][d]);
	for (u32 i = 0; i < COVER_N; i++)
		printf("  %-50s %6u\n", texts[i], c->cell[i]);
	for (u32 i = 0; i < THEORY_PLATFORMS; i++)
		printf("  %-22s %4u drivers; maps direct BIDI %u TO %u FROM %u, bounced BIDI %u "
		       "TO %u FROM %u\n",
		       theory_platform[i].name, c->platform[i], c->direct[i][GEN_BIDI],
		       c->direct[i][GEN_TO], c->direct[i][GEN_FROM], c->bounced[i][GEN_BIDI],
		       c->bounced[i][GEN_TO], c->bounced[i][GEN_FROM]);
}

static bool lack(struct str *out, bool is, bool must, const char *a, const char *b, const char *c)
{
	if (is == must)
		return false;
	str_printf(out, "%s %s %s: %s\n", a, b, c, must ? "none" : "not expected");
	return true;
}

bool cover_lacks(const struct cover *c, struct str *out)
{
	bool bad = false;

	for (u32 a = GEN_MAP; a <= GEN_SYNC_DEV; a++)
		for (u32 b = GEN_MAP; b <= GEN_SYNC_DEV; b++)
			for (u32 d = 0; d < 3; d++)
				bad |= lack(out, c->pair[a][b][d] > 0, may_follow(a, b, d),
					    kinds[a], kinds[b], dirs[d]);
	for (u32 i = 0; i < COVER_N; i++)
		bad |= lack(out, c->cell[i] > 0, true, texts[i], "", "");
	for (u32 i = 0; i < THEORY_PLATFORMS; i++) {
		const struct theory_platform *p = &theory_platform[i];

		for (u32 d = 0; d < 3; d++) {
			bad |= lack(out, c->bounced[i][d] > 0, can_be(p, d, true), p->name, dirs[d],
				    "bounced");
			bad |= lack(out, c->direct[i][d] > 0, can_be(p, d, false), p->name, dirs[d],
				    "direct");
		}
	}
	return bad;
}

/* ---- mutants ---- */

const char *fault_name(enum gen_fault f)
{
	static const char *const names[GEN_FAULTS] = {"no sync_for_cpu", "no sync_for_device",
						      "unmap too late", "map too early"};

	return names[f];
}

bool mutant_wanted(const struct mutant_cover *c, u32 platform, enum gen_fault f, u32 dir,
		   bool bounced, bool hurt)
{
	return c->n[platform][f][dir][bounced][hurt] < c->each;
}

/* The kinds that there must be of a cell. */
static bool lacks(const struct mutant_cover *c, u32 i, enum gen_fault f, u32 dir, bool bounced)
{
	const struct theory_platform *p = &theory_platform[i];

	return can_be(p, dir, bounced) && !p->defect &&
	       mutant_wanted(c, i, f, dir, bounced, theory_effect(p, f, dir, bounced));
}

void mutant_seen(struct mutant_cover *c, u32 platform, enum gen_fault f, u32 dir, bool bounced,
		 bool hurt)
{
	c->n[platform][f][dir][bounced][hurt]++;
}

bool mutant_enough(const struct mutant_cover *c)
{
	for (u32 i = 0; i < THEORY_PLATFORMS; i++)
		for (u32 f = 0; f < GEN_FAULTS; f++)
			for (u32 d = 0; d < 3; d++)
				for (u32 b = 0; b < 2; b++)
					if (lacks(c, i, f, d, b))
						return false;
	return true;
}

void mutant_print(const struct mutant_cover *c)
{
	for (u32 i = 0; i < THEORY_PLATFORMS; i++)
		for (u32 f = 0; f < GEN_FAULTS && !theory_platform[i].defect; f++) {
			printf("  %-22s %-20s", theory_platform[i].name, fault_name(f));
			for (u32 d = 0; d < 3; d++)
				for (u32 b = 0; b < 2; b++)
					if (can_be(&theory_platform[i], d, b))
						printf(" %s%s %u/%u", dirs[d], b ? " bounced" : "",
						       c->n[i][f][d][b][1],
						       c->n[i][f][d][b][0] + c->n[i][f][d][b][1]);
			printf("\n");
		}
}

void mutant_assert(const struct mutant_cover *c)
{
	for (u32 i = 0; i < THEORY_PLATFORMS; i++)
		for (u32 f = 0; f < GEN_FAULTS; f++)
			for (u32 d = 0; d < 3; d++)
				for (u32 b = 0; b < 2; b++)
					ck_assert_msg(!lacks(c, i, f, d, b),
						      "%s, %s, %s%s: %u hurt, %u do not",
						      theory_platform[i].name, fault_name(f),
						      dirs[d], b ? " bounced" : "",
						      c->n[i][f][d][b][1], c->n[i][f][d][b][0]);
}
