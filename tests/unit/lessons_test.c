/* SPDX-License-Identifier: MIT */
/* The shipped lessons as a course: each can be worked through alone, and each level has some. */
#include <glob.h>
#include <string.h>

#include "scenario/scenario.h"
#include "unit.h"

enum { LESSONS_AT_LEAST = 35, HINTS = 3, LEVELS = 5 };

static glob_t files;

static void setup(void)
{
	ck_assert_int_eq(glob("scenarios/lessons/*.yaml", 0, NULL, &files), 0);
}

static void teardown(void)
{
	globfree(&files);
}

static u32 count(const struct stmt_list *l, enum stmt_kind kind)
{
	u32 n = 0;

	for (u32 i = 0; i < l->n; i++) {
		const struct stmt *s = l->v[i];

		n += s->kind == kind;
		if (s->kind == STMT_IF)
			for (u32 a = 0; a < s->arms; a++)
				n += count(&s->arm[a].body, kind);
		else if (s->kind == STMT_WHILE || s->kind == STMT_FOR || s->kind == STMT_FOR_EACH)
			n += count(&s->body, kind);
	}
	return n;
}

static u32 count_all(const struct scenario_doc *d, enum stmt_kind kind)
{
	u32 n = count(&d->driver, kind) + count(&d->remove, kind);

	for (u32 i = 0; i < d->functions; i++)
		n += count(&d->function[i].body, kind);
	return n;
}

static struct scenario_doc *load(u32 i, struct err_list *errs)
{
	struct scenario_doc *d;

	*errs = (struct err_list){.file = files.gl_pathv[i]};
	d = doc_load(files.gl_pathv[i], errs);
	ck_assert_msg(d && !errs->n, "%s cannot be read", files.gl_pathv[i]);
	return d;
}

START_TEST(each_has_what_a_student_needs)
{
	for (u32 i = 0; i < files.gl_pathc; i++) {
		const char *file = files.gl_pathv[i];
		struct err_list errs;
		struct scenario_doc *d = load(i, &errs);

		ck_assert_msg(d->summary != NULL, "%s: no summary", file);
		ck_assert_msg(d->lesson != NULL, "%s: no lesson text", file);
		ck_assert_msg(d->tags.n > 0, "%s: no tags", file);
		ck_assert_msg(d->hints.n >= HINTS, "%s: %u hints", file, d->hints.n);
		ck_assert_msg(d->level >= 1 && d->level <= LEVELS, "%s: level %u", file, d->level);
		ck_assert_msg(d->variants >= 2, "%s: nothing to compare", file);
		ck_assert_msg(d->has_expect, "%s: expects nothing", file);
		ck_assert_msg(count_all(d, STMT_NOTE) > 0, "%s: no remark on the way", file);
		ck_assert_msg(count_all(d, STMT_PREDICT) > 0, "%s: no prediction", file);
		doc_free(d);
		err_free(&errs);
	}
}
END_TEST

START_TEST(each_has_a_name_of_its_own)
{
	char *ids[256];
	u32 n = (u32)files.gl_pathc;

	ck_assert_uint_lt(n, 256);
	for (u32 i = 0; i < n; i++) {
		struct err_list errs;
		struct scenario_doc *d = load(i, &errs);

		ids[i] = strdup(d->id.text);
		ck_assert_msg(strstr(files.gl_pathv[i], ids[i]) != NULL,
			      "%s is not named after its id", files.gl_pathv[i]);
		for (u32 k = 0; k < i; k++)
			ck_assert_str_ne(ids[i], ids[k]);
		doc_free(d);
		err_free(&errs);
	}
	for (u32 i = 0; i < n; i++)
		free(ids[i]);
}
END_TEST

START_TEST(every_level_has_some)
{
	u32 levels[LEVELS + 1] = {0};

	ck_assert_uint_ge(files.gl_pathc, LESSONS_AT_LEAST);
	for (u32 i = 0; i < files.gl_pathc; i++) {
		struct err_list errs;
		struct scenario_doc *d = load(i, &errs);

		ck_assert_uint_le(d->level, LEVELS);
		levels[d->level]++;
		doc_free(d);
		err_free(&errs);
	}
	for (u32 l = 1; l <= LEVELS; l++)
		ck_assert_msg(levels[l] >= 3, "level %u has %u lessons", l, levels[l]);
}
END_TEST

static Suite *lessons_suite(void)
{
	Suite *s = suite_create("lessons");
	TCase *t = tcase_create("lessons");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, each_has_what_a_student_needs);
	tcase_add_test(t, each_has_a_name_of_its_own);
	tcase_add_test(t, every_level_has_some);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(lessons_suite)
