/* SPDX-License-Identifier: MIT */
/*
 * Random drivers. One that keeps the contract is never hurt, on any platform, whatever the hardware
 * does; one call left out or moved hurts exactly where theory says it does.
 *
 * UNIT_SEED takes a printed seed back; PROPERTY_RUNS multiplies the number of drivers. On platforms
 * tagged `defect` the kernel breaks drivers that keep the contract: what goes wrong there must be
 * told as the platform's defect, and where theory says that it can.
 */
#include <inttypes.h>
#include <string.h>

#include "unit/property_cover.h"
#include "unit/property_run.h"
#include "unit/unit.h"

/* With sanitizers a driver meets every so many of the platforms. */
#ifdef DMALAB_DEBUG
enum { PLATFORMS_EACH = 5 };
#else
enum { PLATFORMS_EACH = 1 };
#endif

static u32 runs(u32 n)
{
	const char *s = getenv("PROPERTY_RUNS");

	return n * (s && atoi(s) > 0 ? (u32)atoi(s) : 1);
}

static u64 first_seed(void)
{
	const char *s = getenv("UNIT_SEED");
	u64 seed = s ? strtoull(s, NULL, 0) : 0x5eed;

	printf("UNIT_SEED=0x%" PRIx64 "\n", seed);
	return seed;
}

/* Whether a driver keeps the contract of this platform. */
static bool suits(const struct theory_platform *p, const struct gen_driver *d)
{
	return d->line >= p->line && (!d->lazy || !theory_forbids_lazy(p));
}

/* ---- no driver that keeps the contract is hurt ---- */

/* Calm, and a third of the others: each on another platform; hostile, which takes long, for some.
 */
static bool policy_wanted(enum policy how, u64 seed, u32 platform)
{
	if (how == POLICY_HOSTILE)
		return (seed + platform) % 60 == 0;
	return how == POLICY_CALM || (how + seed + platform) % 3 == 0;
}

static void give_up(const struct trial *found, const struct gen_driver *driver, u64 seed)
{
	struct gen_driver *d = mem_zalloc(1, sizeof *d);
	struct str text = {0}, why = {0};
	struct trial t = *found;

	*d = *driver;
	driver_shorten(d, trial_fails, &t);
	driver_print(d, trial_platform(t.p, NULL), &text);
	trial_why(&t, d, &why);
	ck_abort_msg("seed 0x%" PRIx64 ", %s, %s: a driver that keeps the contract is hurt\n%s\n%s",
		     seed, t.p->name, policy_name(t.how), str_get(&why), str_get(&text));
}

static void one_driver(const struct gen_driver *d, u64 seed, struct cover *cover)
{
	struct loaded l = {0};

	ck_assert_msg(contract_kept(d), "seed 0x%" PRIx64 " breaks the contract", seed);
	cover_driver(cover, d);
	loaded_driver(&l, d, trial_all_platforms());
	for (u32 i = 0; i < THEORY_PLATFORMS; i++) {
		struct trial t = {.p = &theory_platform[i], .seed = seed};

		if (!suits(t.p, d) || (seed + i) % PLATFORMS_EACH)
			continue;
		cover_platform(cover, i, d);
		for (t.how = 0; t.how < POLICIES; t.how++)
			if (policy_wanted(t.how, seed, i) && trial_hurts(&t, &l, NULL))
				give_up(&t, d, seed);
	}
	unload(&l);
}

START_TEST(kept_contract)
{
	u64 seed = first_seed();
	struct cover cover = {0};
	struct str lacks = {0};
	struct gen_driver *d = mem_zalloc(1, sizeof *d);

	/* Some seeds take longer to come by everything. */
	for (u32 i = 0; i < runs(20) || (i < runs(100) && cover_lacks(&cover, &lacks)); i++) {
		struct prng p = {seed + i};
		struct gen_options o = {.lists = true, .ops = 8 + prng_below(&p, 40)};

		driver_make(d, &p, &o);
		one_driver(d, seed + i, &cover);
		str_clear(&lacks);
	}
	cover_print(&cover);
	ck_assert_msg(!cover_lacks(&cover, &lacks), "not covered:\n%s", str_get(&lacks));
	str_free(&lacks);
	mem_free(d);
}
END_TEST

/* A driver whose only fault is one device write becomes that write and what it needs. */
static bool writes_buffer(void *ctx, const struct gen_driver *d)
{
	for (u32 i = 0; i < d->n; i++)
		if (d->op[i].kind == GEN_DEV_WRITE && d->op[i].buf == *(const u8 *)ctx)
			return true;
	return false;
}

START_TEST(shorter)
{
	static const u8 kinds[] = {GEN_ALLOC, GEN_MAP, GEN_DEV_WRITE, GEN_UNMAP};
	struct gen_driver *d = mem_zalloc(1, sizeof *d);
	u32 n = 0;

	for (u64 seed = first_seed(); n < 20; seed++) {
		struct prng p = {seed};
		struct gen_options o = {.lists = true, .ops = 60};
		struct str text = {0};
		u8 buf = 0;

		driver_make(d, &p, &o);
		if (!writes_buffer(&buf, d))
			continue;
		driver_shorten(d, writes_buffer, &buf);
		ck_assert(contract_kept(d));
		driver_print(d, "[x86-64]", &text);
		ck_assert_msg(d->n == ARRAY_LEN(kinds), "%u operations are left:\n%s", d->n,
			      str_get(&text));
		str_free(&text);
		for (u32 i = 0; i < d->n; i++)
			ck_assert_uint_eq(d->op[i].kind, kinds[i]);
		n++;
	}
	mem_free(d);
}
END_TEST

START_TEST(rings)
{
	u64 seed = first_seed();
	u32 n = 0;

	for (u32 i = 0; i < runs(10); i++) {
		struct prng p = {seed + i};
		struct str text = {0};
		struct loaded l = {0};
		struct gen_ring r;

		ring_make(&r, &p);
		ring_print(&r, trial_all_platforms(), &text);
		loaded_text(&l, str_get(&text));
		for (u32 k = 0; k < THEORY_PLATFORMS; k++) {
			struct trial t = {.p = &theory_platform[k], .seed = seed + i};
			struct str why = {0};

			for (t.how = 0; t.how < POLICIES; t.how++)
				ck_assert_msg(!policy_wanted(t.how, seed + i, k) ||
						  (n++, !trial_hurts(&t, &l, &why)),
					      "seed 0x%" PRIx64 ", %s, %s: %s\n%s", seed + i,
					      t.p->name, policy_name(t.how), str_get(&why),
					      str_get(&text));
			str_free(&why);
		}
		unload(&l);
		str_free(&text);
	}
	printf("%u runs of rings\n", n);
	ck_assert_uint_ge(n, 10 * THEORY_PLATFORMS);
}
END_TEST

/* ---- pools ---- */

/* One driver on all platforms: right, it is not hurt; wrong, its mistake is told. */
static u32 pool_runs(const struct gen_pool *g, enum pool_mistake what, u64 seed)
{
	struct str text = {0};
	struct loaded l = {0};
	u32 n = 0;

	pool_print(g, trial_all_platforms(), what, &text);
	loaded_text(&l, str_get(&text));
	for (u32 k = 0; k < THEORY_PLATFORMS; k++) {
		struct trial t = {.p = &theory_platform[k], .seed = seed};

		if ((seed + k) % PLATFORMS_EACH)
			continue;
		for (t.how = 0; t.how < POLICIES; t.how++) {
			struct str why = {0};
			bool hurt;

			if (t.how == POLICY_HOSTILE ? seed % 7 || k
						    : !policy_wanted(t.how, seed, k))
				continue;
			n++;
			hurt = trial_hurts(&t, &l, &why);
			ck_assert_msg(hurt == (what != POOL_RIGHT) &&
					  (!hurt || strstr(str_get(&why), pool_mistake(what))),
				      "seed 0x%" PRIx64 ", %s, %s: %s, not %s\n%s", seed, t.p->name,
				      policy_name(t.how), str_get(&why), pool_mistake(what),
				      str_get(&text));
			str_free(&why);
		}
	}
	unload(&l);
	str_free(&text);
	return n;
}

START_TEST(pools)
{
	u64 seed = first_seed();
	u32 right = 0, wrong = 0;

	for (u32 i = 0; i < runs(8); i++) {
		struct prng p = {seed + i};
		struct gen_pool g;

		pool_make(&g, &p);
		right += pool_runs(&g, POOL_RIGHT, seed + i);
		wrong += pool_runs(&g, (enum pool_mistake)(1 + i % (POOL_MISTAKES - 1)), seed + i);
	}
	printf("%u runs of right pools, %u of wrong ones\n", right, wrong);
	ck_assert_uint_ge(right, 8 * THEORY_PLATFORMS / PLATFORMS_EACH);
	ck_assert_uint_ge(wrong, 8 * THEORY_PLATFORMS / PLATFORMS_EACH);
}
END_TEST

/* ---- what theory says, and what the small search finds ---- */

/*
 * Searches a small driver; aborts if the search and the theory do not agree. False: the search was
 * cut before it found anything, so that nothing is known.
 */
static bool agree(const struct theory_platform *p, const char *arch_sync,
		  const struct gen_driver *d, u64 seed, const char *what)
{
	struct found_by_search f;
	bool says = theory_corrupts(p, d), known;

	search_driver(p, arch_sync, d, &f);
	known = f.complete || f.corrupt;
	ck_assert_msg(!p->defect || !f.driver || strcmp(what, "as it is") != 0,
		      "seed 0x%" PRIx64 ", %s: the driver is blamed\n%s\n%s", seed, p->name,
		      str_get(&f.why), str_get(&f.text));
	ck_assert_msg(!known || says == f.corrupt,
		      "seed 0x%" PRIx64 ", %s%s%s, %s: theory says %s, the search finds %s\n%s\n%s",
		      seed, p->name, arch_sync ? " " : "", arch_sync ? arch_sync : "", what,
		      says ? "corruption" : "none", f.corrupt ? "corruption" : "none",
		      str_get(&f.why), str_get(&f.text));
	if (!known)
		printf("not known: seed 0x%" PRIx64 ", %s, %s: %s, %" PRIu64 " states\n", seed,
		       p->name, what, f.reason, f.states);
	str_free(&f.why);
	str_free(&f.text);
	return known;
}

static void make_small(struct gen_driver *d, u64 seed)
{
	struct prng p = {seed};
	struct gen_options o = {.small = true, .ops = 6 + prng_below(&p, 8)};

	driver_make(d, &p, &o);
	ck_assert(contract_kept(d));
}

static u32 map_dir(const struct gen_driver *d, u32 *size)
{
	for (u32 i = 0; i < d->n; i++)
		if (d->op[i].kind == GEN_MAP) {
			*size = d->op[i].n;
			return d->op[i].dir;
		}
	*size = 0;
	return GEN_TO;
}

START_TEST(small_drivers)
{
	u64 seed = first_seed();
	struct gen_driver *d = mem_zalloc(1, sizeof *d);
	u32 n = 0;

	for (u32 i = 0; i < runs(20); i++) {
		make_small(d, seed + i);
		for (u32 k = 0; k < THEORY_PLATFORMS; k++) {
			const struct theory_platform *p = &theory_platform[k];
			bool says = suits(p, d) && theory_corrupts(p, d);

			if (!suits(p, d) || (seed + i + k) % PLATFORMS_EACH)
				continue;
			ck_assert_msg(!says || p->defect,
				      "seed 0x%" PRIx64 ", %s: theory says that it is hurt",
				      seed + i, p->name);
			n += agree(p, NULL, d, seed + i, "as it is");
		}
	}
	printf("%u complete searches of small drivers\n", n);
	ck_assert_uint_ge(n, 12 * THEORY_PLATFORMS / PLATFORMS_EACH);
	mem_free(d);
}
END_TEST

/* Where theory says that a port hurts those who keep the contract, the search finds it, and names
 * it by the port. */
START_TEST(defects)
{
	u64 seed = first_seed();
	struct gen_driver *d = mem_zalloc(1, sizeof *d);
	u32 hurt = 0, platforms = 0;

	for (u32 k = 0; k < THEORY_PLATFORMS; k++) {
		const struct theory_platform *p = &theory_platform[k];
		u32 left = p->defect ? runs(6) : 0;

		platforms += p->defect;
		for (u32 i = 0; i < 400 && left; i++) {
			make_small(d, seed + i);
			if (suits(p, d) && theory_corrupts(p, d) &&
			    agree(p, NULL, d, seed + i, "as it is")) {
				left--;
				hurt++;
			}
		}
		ck_assert_uint_eq(left, 0);
	}
	printf("%u drivers hurt by %u defects\n", hurt, platforms);
	ck_assert_uint_ge(platforms, 1);
	mem_free(d);
}
END_TEST

static void one_mutant(struct mutant_cover *c, u32 platform, const struct gen_driver *d, u32 op,
		       u64 seed)
{
	const struct theory_platform *p = &theory_platform[platform];
	struct gen_driver *m = mem_zalloc(1, sizeof *m);
	enum gen_fault f;
	u32 size, dir = map_dir(d, &size);
	bool bounced = theory_bounces(p, size, dir), hurt;

	if (suits(p, d) && !p->defect && driver_mutant(d, op, m, &f)) {
		hurt = theory_corrupts(p, m);
		ck_assert_msg(!hurt || theory_effect(p, f, dir, bounced),
			      "seed 0x%" PRIx64 ", %s: %s of %u has no effect, and yet it hurts",
			      seed, p->name, fault_name(f), dir);
		if (mutant_wanted(c, platform, f, dir, bounced, hurt)) {
			if (agree(p, NULL, m, seed, fault_name(f)))
				mutant_seen(c, platform, f, dir, bounced, hurt);
		}
	}
	mem_free(m);
}

START_TEST(mutants)
{
	u64 seed = first_seed();
	struct gen_driver *d = mem_zalloc(1, sizeof *d);
	struct mutant_cover c = {.each = runs(PLATFORMS_EACH > 1 ? 1 : 2)};

	for (u32 i = 0; i < 4000 && !mutant_enough(&c); i++) {
		make_small(d, seed + i);
		for (u32 op = 0; op < d->n; op++)
			for (u32 k = 0; k < THEORY_PLATFORMS; k++)
				one_mutant(&c, k, d, op, seed + i);
	}
	mutant_print(&c);
	mutant_assert(&c);
	mem_free(d);
}
END_TEST

/* ---- a port with one cell of its table wrong ---- */

struct row_mutant {
	bool cpu;
	u8 dir, op;
	const char *text;
};

static const struct row_mutant row_mutants[] = {
    {false, GEN_TO, TH_NONE, "{for_device: {to_device: none}}"},
    {false, GEN_FROM, TH_NONE, "{for_device: {from_device: none}}"},
    {false, GEN_BIDI, TH_NONE, "{for_device: {bidirectional: none}}"},
    {true, GEN_FROM, TH_NONE, "{for_cpu: {from_device: none}}"},
    {true, GEN_BIDI, TH_NONE, "{for_cpu: {bidirectional: none}}"},
    {false, GEN_TO, TH_I, "{for_device: {to_device: invalidate}}"},
    {false, GEN_FROM, TH_C, "{for_device: {from_device: clean}}"},
    {false, GEN_BIDI, TH_I, "{for_device: {bidirectional: invalidate}}"},
    {true, GEN_FROM, TH_C, "{for_cpu: {from_device: clean}}"},
};

static void one_row(const struct row_mutant *r, u32 platform, u32 want[2], u64 seed)
{
	struct theory_platform p = theory_platform[platform];
	struct gen_driver *d = mem_zalloc(1, sizeof *d);
	u32 left = 400;

	/* Between the inner and the outer operation on the way to the device an old line can come
	 * back inwards; what drops it on the way back is the cell that is wrong here. */
	if (p.outer && r->cpu)
		left = 0;
	if (!p.coherent)
		(r->cpu ? p.cpu : p.dev)[r->dir] = r->op;
	/* Drivers that break there first, then some that do not. */
	while (!p.coherent && left && (want[0] || want[1])) {
		u32 size;
		bool says;

		make_small(d, seed + --left);
		if (map_dir(d, &size) != r->dir || !suits(&theory_platform[platform], d))
			continue;
		says = theory_corrupts(&p, d);
		if (!want[says])
			continue;
		want[says] -= agree(&p, r->text, d, seed + left, "a wrong row");
	}
	mem_free(d);
}

START_TEST(wrong_rows)
{
	const struct row_mutant *r = &row_mutants[_i];
	u64 seed = first_seed();
	u32 broke = 0;

	for (u32 k = 0; k < THEORY_PLATFORMS; k++) {
		u32 n = runs(PLATFORMS_EACH > 1 ? 1 : 2), want[2] = {n, n};

		one_row(r, k, want, seed);
		broke += n - want[1];
		printf("%-45s %-22s %u break, %u do not\n", r->text, theory_platform[k].name,
		       n - want[1], n - want[0]);
	}
	ck_assert_msg(broke > 0, "no driver breaks with %s", r->text);
}
END_TEST

#define ADD_CASE(name, add)                                                                        \
	c = tcase_create(name);                                                                    \
	add;                                                                                       \
	suite_add_tcase(s, c)

static Suite *property_suite(void)
{
	Suite *s = suite_create("property");
	TCase *c;

	ADD_CASE("contract", tcase_add_test(c, kept_contract));
	ADD_CASE("shorter", tcase_add_test(c, shorter));
	ADD_CASE("rings", tcase_add_test(c, rings));
	ADD_CASE("pools", tcase_add_test(c, pools));
	ADD_CASE("small", tcase_add_test(c, small_drivers));
	ADD_CASE("defects", tcase_add_test(c, defects));
	ADD_CASE("mutants", tcase_add_test(c, mutants));
	ADD_CASE("rows", tcase_add_loop_test(c, wrong_rows, 0, (int)ARRAY_LEN(row_mutants)));
	return s;
}

UNIT_MAIN(property_suite)
