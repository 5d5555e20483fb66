/* SPDX-License-Identifier: MIT */
/* base/str: growing, safe text, UTF-8, nearest names. */
#include <string.h>

#include "base/str.h"
#include "unit.h"

START_TEST(grows_and_formats)
{
	struct str s = {0};
	int i;

	ck_assert_str_eq(str_get(&s), "");
	str_clear(&s);
	for (i = 0; i < 1000; i++)
		str_printf(&s, "%d,", i % 10);
	ck_assert_uint_eq(s.n, 2000);
	ck_assert_int_eq(memcmp(s.s, "0,1,2,3,4,5,6,7,8,9,0,", 22), 0);
	ck_assert_uint_eq(strlen(s.s), 2000);
	str_clear(&s);
	str_addn(&s, "a\0b", 3);
	str_add(&s, "c");
	ck_assert_mem_eq(s.s, "a\0bc\0", 5);
	str_free(&s);
	ck_assert_str_eq(str_get(&s), "");
}
END_TEST

static void check_safe(const char *in, size_t n, const char *want)
{
	struct str s = {0};

	str_safe(&s, in, n);
	ck_assert_str_eq(str_get(&s), want);
	str_free(&s);
}

#define SAFE(in, want) check_safe(in, sizeof(in) - 1, want)

START_TEST(makes_text_safe)
{
	SAFE("plain", "plain");
	SAFE("\x1b[31m\n\t\x7f", "\\x1b[31m\\x0a\\x09\\x7f");
	SAFE("a\0b", "a\\x00b");
	SAFE("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
	SAFE("\xc2\x9b"
	     "31m",
	     "\\xc2\\x9b31m");			 /* C1: CSI */
	SAFE("\xe2\x80\xae", "\\xe2\\x80\\xae"); /* right-to-left override */
	SAFE("\xe2\x81\xa6", "\\xe2\\x81\\xa6"); /* isolate */
	SAFE("\xff\xc3", "\\xff\\xc3");
	SAFE("\xc0\x80", "\\xc0\\x80");		 /* overlong */
	SAFE("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
	SAFE("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	SAFE("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80");
	SAFE("\xe2\x82x", "\\xe2\\x82x"); /* cut off */
}
END_TEST

START_TEST(reads_utf8)
{
	u32 cp = 0;

	ck_assert_uint_eq(str_utf8_next("", 0, &cp), 0);
	ck_assert_uint_eq(str_utf8_next("\0", 1, &cp), 1);
	ck_assert_uint_eq(cp, 0);
	ck_assert_uint_eq(str_utf8_next("\xe2\x82\xac", 3, &cp), 3);
	ck_assert_uint_eq(cp, 0x20ac);
	ck_assert_uint_eq(str_utf8_next("\xe2\x82\xac", 2, &cp), 0);
	ck_assert_uint_eq(str_utf8_next("\xf4\x8f\xbf\xbf", 4, &cp), 4);
	ck_assert_uint_eq(cp, 0x10ffff);
	ck_assert_uint_eq(str_utf8_next("\x80", 1, &cp), 0);
}
END_TEST

START_TEST(finds_the_nearest_name)
{
	static const char *const names[] = {
	    "dma_map_single", "dma_map_page", "dma_unmap_single", "kfree", "nic", "hw", NULL};
	char longer[100];

	ck_assert_str_eq(str_nearest("dma_map_singel", names), "dma_map_single");
	ck_assert_str_eq(str_nearest("dma_map_pgae", names), "dma_map_page");
	ck_assert_str_eq(str_nearest("kfre", names), "kfree");
	ck_assert_str_eq(str_nearest("nicc", names), "nic");
	ck_assert_str_eq(str_nearest("nci", names), "nic");
	ck_assert_str_eq(str_nearest("hv", names), "hw");
	ck_assert_str_eq(str_nearest("nic", names), "nic");
	/* the only one that begins so */
	ck_assert_str_eq(str_nearest("dma_u", names), "dma_unmap_single");
	ck_assert_ptr_null(str_nearest("dma_m", names));
	ck_assert_ptr_null(str_nearest("kf", names));
	ck_assert_ptr_null(str_nearest("memset", names));
	ck_assert_ptr_null(str_nearest("xyz", names));
	ck_assert_ptr_null(str_nearest("x", names));
	ck_assert_ptr_null(str_nearest("", names));
	memset(longer, 'k', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	ck_assert_ptr_null(str_nearest(longer, names));
}
END_TEST

static Suite *str_suite(void)
{
	Suite *s = suite_create("str");
	TCase *t = tcase_create("all");

	tcase_add_test(t, grows_and_formats);
	tcase_add_test(t, makes_text_safe);
	tcase_add_test(t, reads_utf8);
	tcase_add_test(t, finds_the_nearest_name);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(str_suite)
