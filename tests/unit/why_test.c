/* SPDX-License-Identifier: MIT */
/*
 * Why: at every event, of every byte of every buffer, the stories cover what was asked, agree with
 * the oracle, and have a chain that is in order; and what each state is told by.
 */
#include <glob.h>
#include <jansson.h>

#include "base/grid.h"
#include "report/json.h"
#include "report/why.h"
#include "unit/report_help.h"

/* ---- one answer ---- */

static void ask(struct run *r, u32 event, const char *word, struct why *w)
{
	struct why_bytes bytes;
	struct str why = {0};

	ck_assert_msg(why_bytes(r, event, word, &bytes, &why), "%s at %u: %s", word, event,
		      str_get(&why));
	why_make(w, r, &bytes);
	str_free(&why);
}

static void refuse(struct run *r, u32 event, const char *word, const char *says)
{
	struct why_bytes bytes;
	struct str why = {0};

	ck_assert_msg(!why_bytes(r, event, word, &bytes, &why), "%s was taken", word);
	ck_assert_msg(strstr(str_get(&why), says) != NULL, "%s: %s", word, str_get(&why));
	str_free(&why);
}

/* The only story about the word. */
static const struct why_story *only(const struct why *w)
{
	ck_assert_uint_eq(w->n, 1);
	return &w->v[0];
}

static u32 event_of(const struct run *r, u32 kind, u32 nth)
{
	for (u32 k = 1; k <= r->names.log->n; k++)
		if (event_get(r->names.log, k)->kind == kind && !nth--)
			return k;
	ck_abort_msg("there is no such event");
	return 0;
}

/* ---- what holds of each ---- */

static void chain_in_order(const struct why *w, const struct why_story *s)
{
	u64 last = 0;

	for (u32 i = 0; i < s->chain.n; i++) {
		const struct cause_step *step = &s->chain.v[i];

		ck_assert_msg(step->order >= last, "e%u comes too late", step->event);
		ck_assert_uint_le(step->event, w->asked.event);
		ck_assert(step->text && step->text[0]);
		for (u32 k = 0; k < i && step->event; k++)
			ck_assert_uint_ne(s->chain.v[k].event, step->event);
		last = step->order;
	}
}

static void agrees_with_oracle(struct run *r, const struct why *w, const struct why_story *s)
{
	struct truths t;

	engine_look_as(r->e, 0);
	engine_goto(r->e, w->asked.event);
	engine_look_as(r->e, names_cpu_at(&r->names, w->asked.event));
	oracle_truths(&r->e->oracle, s->pa, ~0u, &t);
	engine_look_as(r->e, 0);
	if (s->state == WHY_FREED || s->state == WHY_NOT_YET || s->state == WHY_STALE)
		return;
	ck_assert_uint_eq(s->cpu.value[0], t.cpu.value);
	ck_assert_int_eq(s->cpu.mark == '!', t.cpu.mark == '!');
	ck_assert_int_eq(s->device.there, t.device.state == TRUTH_KNOWN);
	if (s->state == WHY_FINE) {
		ck_assert(t.cpu.mark != '~' && t.cpu.mark != '!');
		ck_assert(t.device.state != TRUTH_KNOWN || t.device.mark != '~');
		ck_assert(!s->device.there || s->device.value[0] == s->cpu.value[0]);
	}
}

static void fits(const struct why *w)
{
	struct style plain = {.width = 80, .ascii = true, .plain = true}, wide = plain;
	struct str text = {0}, again = {0}, json = {0};
	u32 lines = 0;

	wide.plain = false;
	text_why(w, &wide, &text);
	for (const char *p = str_get(&text); *p;) {
		size_t n = strcspn(p, "\n");

		ck_assert_msg(n <= 80, "wider than 80 columns: %.*s", (int)n, p);
		for (size_t i = 0; i < n; i++)
			ck_assert_msg(p[i] >= ' ' && p[i] <= '~', "beyond ASCII: %.*s", (int)n, p);
		ck_assert_msg(!n || p[n - 1] != ' ', "a blank at the end: %.*s|", (int)n, p);
		p += n + 1;
	}
	text_why(w, &plain, &again);
	ck_assert(again.n);
	json_why(w, &json);
	for (const char *p = str_get(&json); *p; lines++) {
		size_t n = strcspn(p, "\n");
		json_error_t e;
		json_t *o = json_loadb(p, n, JSON_REJECT_DUPLICATES, &e);

		ck_assert_msg(o != NULL, "%s: %.*s", e.text, (int)n, p);
		json_decref(o);
		p += n + 1;
	}
	ck_assert_uint_eq(lines, w->n);
	str_free(&text);
	str_free(&again);
	str_free(&json);
}

static void holds(struct run *r, const struct why *w, const struct named_buffer *b)
{
	u64 at = b->pa;

	for (u32 i = 0; i < w->n; i++) {
		const struct why_story *s = &w->v[i];

		ck_assert_uint_ge(s->pa, at);
		ck_assert(w->beyond || s->pa == at);
		at = s->pa + s->n;
		ck_assert(s->title.n && s->answer.n);
		ck_assert(s->state != WHY_BROKEN || s->f);
		chain_in_order(w, s);
		agrees_with_oracle(r, w, s);
	}
	ck_assert(w->beyond || at == b->pa + w->asked.len);
	ck_assert_uint_le(w->n, WHY_STORIES_MAX);
	ck_assert_uint_eq(r->e->hw.self, 0);
	fits(w);
}

/* A byte alone is told as among its neighbours. */
static void alone(struct run *r, const struct why *all)
{
	for (u32 i = 0; i < all->n; i++) {
		const struct why_story *s = &all->v[i];
		u64 last = s->pa + s->n - 1;

		for (u64 pa = s->pa; pa <= last; pa += last - s->pa ? last - s->pa : 1) {
			struct why_bytes one = all->asked;
			struct why w;

			one.pa = pa;
			one.len = 1;
			why_make(&w, r, &one);
			ck_assert_int_eq(only(&w)->state, s->state);
			ck_assert_ptr_eq(w.v[0].f, s->f);
			ck_assert_uint_eq(pa == s->pa ? w.v[0].written : s->written, s->written);
			if (s->chain.n) {
				ck_assert_uint_eq(w.v[0].cpu.mark, s->cpu.mark);
				ck_assert_uint_eq(w.v[0].places, s->places);
			}
			why_free(&w);
		}
	}
}

static u32 asked; /* in this file alone: answers of the whole test */

static void every_event(struct run *r, u32 most)
{
	u32 n = r->names.log->n, stride = n / most + 1;

	for (u32 k = 1; k <= n; k += stride)
		for (u32 i = 0; i < r->names.buffers.n; i++) {
			const struct named_buffer *b = &r->names.buffers.v[i];
			struct why_bytes whole = {.event = k, .pa = b->pa, .len = b->len, .buf = b};
			struct why w;

			if (b->len > 1024)
				continue;
			why_make(&w, r, &whole);
			holds(r, &w, b);
			alone(r, &w);
			why_free(&w);
			asked++;
		}
}

/* ---- files ---- */

static void run_file(const char *file, u32 variant, enum policy hw, u32 most)
{
	struct scenario_options opt = {.data_dir = "scenarios"};
	struct err_list errs = {.file = file};
	struct scenario *s = scenario_load(file, &opt, &errs);
	struct machine_config *cfg = mem_zalloc(1, sizeof *cfg);
	struct program *prog;
	struct run_input in = {.file = file, .asked = file, .hw = hw, .seed = 1};
	struct run r;

	ck_assert_msg(s != NULL, "%s", file);
	if (variant < s->doc->variants) {
		in.variant = s->doc->variant[variant].name.text;
		ck_assert(scenario_compile(s, in.variant, NULL, NULL, cfg, &prog, &errs));
		in.doc = s->doc;
		in.prog = prog;
		in.cfg = cfg;
		in.expect = scenario_expect(s, in.variant, cfg->platform);
		run_do(&r, &in);
		every_event(&r, most);
		run_free(&r);
		program_free(prog);
	}
	mem_free(cfg);
	scenario_free(s);
	err_free(&errs);
}

START_TEST(test_every_event_of_every_file)
{
	static const char *const folders[] = {"scenarios/lessons/*.yaml", "tests/scenarios/*.yaml"};
	glob_t files;

	ck_assert_int_eq(glob(folders[_i], 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		run_file(files.gl_pathv[i], 0, POLICY_CALM, 8);
	ck_assert_uint_gt(asked, 100);
	globfree(&files);
}
END_TEST

START_TEST(test_each_event_of_some)
{
	static const char *const some[] = {
	    "scenarios/lessons/01-rx-packet-read-too-early.yaml",
	    "scenarios/lessons/05-dirty-line-over-dma-data.yaml",
	    "scenarios/lessons/06-speculative-refill.yaml",
	    "scenarios/lessons/09-store-lost-on-the-way-back.yaml",
	    "scenarios/lessons/11-rx-under-bounce.yaml",
	    "scenarios/lessons/55-work-on-another-cpu.yaml",
	};

	for (u32 v = 0; v < 2; v++)
		for (enum policy p = POLICY_CALM; p <= POLICY_RANDOM; p++)
			run_file(some[_i], v, p, 80);
	ck_assert_uint_gt(asked, 20);
}
END_TEST

/* ---- what the states are told by ---- */

START_TEST(test_states_of_a_packet)
{
	struct one_run o;
	struct why w;
	u32 map, dma, load, invalidate;

	one_run_open(&o, RX_TEXT, "broken", "arm64-soc", false);
	map = event_of(&o.run, EV_MAP, 0);
	dma = event_of(&o.run, EV_DMA_WRITE, 0);
	load = event_of(&o.run, EV_LOAD_CACHE, 0);
	invalidate = event_of(&o.run, EV_UNMAP, 0);

	ask(&o.run, 1, "buf", &w);
	ck_assert_int_eq(only(&w)->state, WHY_NOT_YET);
	why_free(&w);
	ask(&o.run, 2, "buf", &w);
	ck_assert_int_eq(only(&w)->state, WHY_UNWRITTEN);
	why_free(&w);
	ask(&o.run, map, "buf", &w);
	ck_assert_int_eq(only(&w)->state, WHY_LOOSE);
	ck_assert_uint_eq(w.v[0].chain.n, 0);
	why_free(&w);
	ask(&o.run, dma, "buf+0:5", &w);
	ck_assert_int_eq(only(&w)->state, WHY_OLD);
	ck_assert_uint_eq(w.v[0].places, 1 << WHY_IN_MEMORY);
	why_free(&w);
	ask(&o.run, load, "buf+0:5", &w);
	ck_assert_int_eq(only(&w)->state, WHY_STALE);
	ck_assert_uint_eq(w.v[0].written, dma);
	ck_assert_ptr_nonnull(w.v[0].f);
	ck_assert_mem_eq(w.v[0].cpu.value, "\xaa\xaa\xaa\xaa\xaa", 5);
	ck_assert_mem_eq(w.v[0].newest, "hello", 5);
	ck_assert_int_eq(w.v[0].chain.v[w.v[0].chain.n - 2].missing, true);
	ck_assert_str_eq(w.v[0].chain.v[w.v[0].chain.n - 1].so, "! stale");
	why_free(&w);
	ask(&o.run, invalidate, "buf+5", &w);
	ck_assert_int_eq(only(&w)->state, WHY_LEFT);
	why_free(&w);
	ask(&o.run, event_of(&o.run, EV_FREE, 0), "buf+5", &w);
	ck_assert_int_eq(only(&w)->state, WHY_LEFT); /* the event that ends it is its own */
	why_free(&w);
	ask(&o.run, invalidate, "h+0", &w);
	ck_assert_int_eq(only(&w)->state, WHY_FINE);
	why_free(&w);
	one_run_close(&o);
}
END_TEST

START_TEST(test_the_other_platforms)
{
	struct one_run o;
	struct why w;

	one_run_open(&o, RX_TEXT, "broken", "x86-64", false);
	ask(&o.run, event_of(&o.run, EV_LOAD_CACHE, 0), "buf+0:5", &w);
	ck_assert_int_eq(only(&w)->state, WHY_BROKEN); /* the bytes are right, by luck */
	ck_assert(w.v[0].snooped);
	why_free(&w);
	one_run_close(&o);

	one_run_open(&o, RX_TEXT, "broken", "x86-64-swiotlb-force", false);
	ask(&o.run, event_of(&o.run, EV_LOAD_CACHE, 0), "buf+0:5", &w);
	ck_assert_int_eq(only(&w)->state, WHY_STALE);
	ck_assert(w.v[0].bounced);
	ck_assert_uint_eq(w.v[0].places, 1 << WHY_IN_SLOT);
	ck_assert_ptr_nonnull(strstr(str_get(&w.v[0].answer), "copied the slot back"));
	why_free(&w);
	one_run_close(&o);

	one_run_open(&o, RX_TEXT, "fixed", "arm64-soc", false);
	ask(&o.run, event_of(&o.run, EV_LOAD_CACHE, 0), "buf+0:5", &w);
	ck_assert_int_eq(only(&w)->state, WHY_FINE);
	ck_assert_str_eq(str_get(&w.v[0].title), "nothing is wrong.");
	why_free(&w);
	one_run_close(&o);
}
END_TEST

#define EQUAL_TEXT                                                                                 \
	"schema: 1\nid: t\ntitle: T\nplatforms: [arm64-soc]\n"                                     \
	"devices:\n  nic: {address_bits: 32}\n"                                                    \
	"driver:\n"                                                                                \
	"  - buf = kmalloc(128, GFP_KERNEL)\n"                                                     \
	"  - memset(buf, 0x68, 128)\n"                                                             \
	"  - h = dma_map_single(nic, buf, 128, DMA_FROM_DEVICE)\n"                                 \
	"  - if (dma_mapping_error(nic, h)): return -ENOMEM\n"                                     \
	"  - nic: dma_write(h, \"hhhhh\")\n"                                                       \
	"  - dma_unmap_single(nic, h, 128, DMA_FROM_DEVICE)\n"                                     \
	"  - kfree(buf)\n"

/* An old copy has its own history, also where it has the value of the newest by luck. */
START_TEST(test_equal_by_luck)
{
	struct one_run o;
	struct why w;
	u32 dma;

	one_run_open(&o, EQUAL_TEXT, NULL, "arm64-soc", false);
	dma = event_of(&o.run, EV_DMA_WRITE, 0);
	ask(&o.run, dma, "buf+0:5", &w);
	ck_assert_int_eq(only(&w)->state, WHY_OLD);
	ck_assert_uint_eq(w.v[0].written, dma);
	ck_assert_uint_eq(w.v[0].memory.event, dma);
	ck_assert_uint_eq(w.v[0].cpu.event, event_of(&o.run, EV_STORE_BUFFERED, 0));
	ck_assert_ptr_nonnull(strstr(str_get(&w.v[0].title), "an old copy of"));
	why_free(&w);
	one_run_close(&o);
}
END_TEST

/* ---- words ---- */

#define WORDS_TEXT                                                                                 \
	"schema: 1\nid: t\ntitle: T\nplatforms: [arm64-soc]\n"                                     \
	"header: |\n  struct d {\n      __le32 len;\n      __le32 flags;\n  };\n"                  \
	"devices:\n  nic: {address_bits: 32}\n"                                                    \
	"driver:\n"                                                                                \
	"  - struct d *ring = kzalloc(4 * sizeof(struct d), GFP_KERNEL)\n"                         \
	"  - u8 *p = (u8 *)ring\n"                                                                 \
	"  - p = p + 9\n"                                                                          \
	"  - u8 *a[2]\n"                                                                           \
	"  - for (i = 0; i < 2; i++):\n"                                                           \
	"      - a[i] = kzalloc(16, GFP_KERNEL)\n"                                                 \
	"  - p[0] = 1\n"                                                                           \
	"  - kfree(a[0])\n"                                                                        \
	"  - kfree(a[1])\n"                                                                        \
	"  - kfree(ring)\n"

/* The bytes that a word names: home offset from the ring, count. */
static void names(struct run *r, const char *word, u64 off, u64 len)
{
	struct why_bytes b;
	struct str why = {0};
	u32 at = event_of(r, EV_FREE, 0) - 1;
	const struct named_buffer *ring = &r->names.buffers.v[0];

	ck_assert_msg(why_bytes(r, at, word, &b, &why), "%s: %s", word, str_get(&why));
	ck_assert_msg(b.pa - ring->pa == off && b.len == len, "%s: +%llu:%llu", word,
		      (unsigned long long)(b.pa - ring->pa), (unsigned long long)b.len);
	str_free(&why);
}

START_TEST(test_words_for_bytes)
{
	struct one_run o;
	const struct named_buffer *b;
	u64 second;
	u32 at;

	one_run_open(&o, WORDS_TEXT, NULL, "arm64-soc", false);
	names(&o.run, "ring", 0, 32);
	names(&o.run, "ring+10", 16, 1);
	names(&o.run, "ring+0x10", 16, 1);
	names(&o.run, "ring+10:10", 16, 10);
	names(&o.run, "ring+8..f", 8, 8);
	names(&o.run, "ring:4", 0, 4);
	names(&o.run, "ring..1f", 0, 32);
	names(&o.run, "ring->flags", 4, 4);
	names(&o.run, "ring[2]", 16, 8);
	names(&o.run, "ring[2].flags", 20, 4);
	names(&o.run, "ring[2].flags+02", 22, 1);
	names(&o.run, "ring[2].len:8", 16, 8);
	names(&o.run, "p", 9, 23);
	b = o.run.names.buffers.v;
	second = b[2].pa - b[0].pa;
	names(&o.run, "a#2", second, 16);
	names(&o.run, "a[1]+4:2", second + 4, 2);
	names(&o.run, "a[0]", b[1].pa - b[0].pa, 16);
	at = event_of(&o.run, EV_FREE, 0) - 1;
	refuse(&o.run, at, "ring+20", "ring has 32 bytes, ring+00 to ring+1f: ring+20 is not");
	refuse(&o.run, at, "ring[4]", "ring has no part \"[4]\"; its fields: len, flags");
	refuse(&o.run, at, "ring->length", "ring has no part \"->length\"");
	refuse(&o.run, at, "rimg", "did you mean \"ring\"?");
	refuse(&o.run, at, "i", "no memory is named \"i\"");
	refuse(&o.run, at, "ring+1:0", "names no bytes");
	refuse(&o.run, at, "", "names no bytes");
	one_run_close(&o);
}
END_TEST

static Suite *why_suite(void)
{
	Suite *s = suite_create("why");
	TCase *one = tcase_create("one"), *all = tcase_create("all");

	tcase_add_test(one, test_states_of_a_packet);
	tcase_add_test(one, test_the_other_platforms);
	tcase_add_test(one, test_equal_by_luck);
	tcase_add_test(one, test_words_for_bytes);
	tcase_add_loop_test(all, test_every_event_of_every_file, 0, 2);
	tcase_add_loop_test(all, test_each_event_of_some, 0, 6);
	suite_add_tcase(s, one);
	suite_add_tcase(s, all);
	return s;
}

UNIT_MAIN(why_suite)
