/* SPDX-License-Identifier: MIT */
/* scenario/types, fold, symtab: layout by C's rules (held against this compiler's), arithmetic. */
#include <stddef.h>
#include <string.h>

#include "engine/fold.h"
#include "scenario/symtab.h"
#include "scenario/types.h"
#include "unit.h"

static struct arena arena;

static void teardown(void)
{
	arena_free(&arena);
}

/* ---- layout -----------------------------------------------------------------------------------
 */

static struct layout_builder begin(const char *name, u32 fields, bool packed)
{
	struct layout *l = arena_alloc(&arena, 1, sizeof(*l));

	*l = (struct layout){.name = name, .align = 1};
	l->field = arena_alloc(&arena, fields, sizeof(*l->field));
	return (struct layout_builder){.l = l, .packed = packed};
}

static void add(struct layout_builder *b, const char *name, struct type t, u32 count, u32 align)
{
	struct layout_field f = {.name = name, .type = t, .count = count, .is_array = count > 1};

	ck_assert(layout_add(b, &f, align));
}

static struct type endian(u8 base)
{
	return (struct type){.kind = TY_ENDIAN, .base = base};
}

struct plain {
	u8 a;
	u16 b;
	u8 c;
	u64 d;
	u32 e[3];
};

START_TEST(layout_is_cs)
{
	struct layout_builder b = begin("plain", 5, false);
	const struct layout *l = b.l;

	add(&b, "a", type_int(W_U8), 1, 0);
	add(&b, "b", type_int(W_U16), 1, 0);
	add(&b, "c", type_int(W_U8), 1, 0);
	add(&b, "d", type_of_kind(TY_DMA), 1, 0);
	add(&b, "e", endian(TYPE_LE32), 3, 0);
	layout_end(&b, 0);
	ck_assert_uint_eq(l->size, sizeof(struct plain));
	ck_assert_uint_eq(l->align, _Alignof(struct plain));
	ck_assert_uint_eq(layout_find(l, "b")->offset, offsetof(struct plain, b));
	ck_assert_uint_eq(layout_find(l, "c")->offset, offsetof(struct plain, c));
	ck_assert_uint_eq(layout_find(l, "d")->offset, offsetof(struct plain, d));
	ck_assert_uint_eq(layout_find(l, "e")->offset, offsetof(struct plain, e));
	ck_assert_ptr_null(layout_find(l, "f"));
}
END_TEST

struct packed {
	u8 a;
	u32 b;
	u16 c __attribute__((aligned(8)));
} __attribute__((packed));

START_TEST(packed_layout_is_cs)
{
	struct layout_builder b = begin("packed", 3, true);

	add(&b, "a", type_int(W_U8), 1, 0);
	add(&b, "b", type_int(W_U32), 1, 0);
	add(&b, "c", type_int(W_U16), 1, 8);
	layout_end(&b, 0);
	ck_assert_uint_eq(b.l->size, sizeof(struct packed));
	ck_assert_uint_eq(layout_find(b.l, "b")->offset, offsetof(struct packed, b));
	ck_assert_uint_eq(layout_find(b.l, "c")->offset, offsetof(struct packed, c));
}
END_TEST

struct inner {
	u16 x;
	u8 y;
};
struct outer {
	u8 a;
	struct inner b[2];
	u8 c __attribute__((aligned(64)));
	void *d;
} __attribute__((aligned(128)));

START_TEST(nested_and_aligned_layout_is_cs)
{
	struct layout_builder i = begin("inner", 2, false), o = begin("outer", 4, false);
	struct type inner = {.kind = TY_STRUCT, .layout = i.l};

	add(&i, "x", type_int(W_U16), 1, 0);
	add(&i, "y", type_int(W_U8), 1, 0);
	layout_end(&i, 0);
	add(&o, "a", type_int(W_U8), 1, 0);
	add(&o, "b", inner, 2, 0);
	add(&o, "c", type_int(W_U8), 1, 64);
	add(&o, "d", type_void_pointer(), 1, 0);
	layout_end(&o, 128);
	ck_assert_uint_eq(i.l->size, sizeof(struct inner));
	ck_assert_uint_eq(layout_find(o.l, "b")->offset, offsetof(struct outer, b));
	ck_assert_uint_eq(layout_find(o.l, "c")->offset, offsetof(struct outer, c));
	ck_assert_uint_eq(layout_find(o.l, "d")->offset, offsetof(struct outer, d));
	ck_assert_uint_eq(o.l->size, sizeof(struct outer));
	ck_assert_uint_eq(o.l->align, _Alignof(struct outer));
}
END_TEST

START_TEST(layout_is_bounded)
{
	struct layout_builder b = begin("big", 2, false);
	struct layout_field f = {
	    .name = "a", .type = type_int(W_U64), .count = STRUCT_SIZE_MAX / 8};

	ck_assert(layout_add(&b, &f, 0));
	ck_assert(!layout_add(&b, &f, 0));
}
END_TEST

/* ---- types ------------------------------------------------------------------------------------
 */

static void check_text(struct type t, const char *want)
{
	struct str s = {0};

	type_print(&t, &s);
	ck_assert_str_eq(str_get(&s), want);
	str_free(&s);
}

START_TEST(types_are_printed_as_in_c)
{
	struct layout l = {.name = "desc", .size = 8, .align = 8};
	struct type s = {.kind = TY_STRUCT, .layout = &l};
	struct type p = type_pointer(s);

	check_text(type_int(W_U8), "u8");
	check_text(type_int(W_S32), "int");
	check_text(endian(TYPE_BE16), "__be16");
	check_text(s, "struct desc");
	check_text(p, "struct desc *");
	check_text(type_pointer(p), "struct desc **");
	check_text(type_void_pointer(), "void *");
	check_text(type_pointer(endian(TYPE_LE32)), "__le32 *");
	check_text(type_of_kind(TY_PAGE), "struct page *");
	p.is_const = true;
	check_text(p, "const struct desc *");
}
END_TEST

START_TEST(pointers_remember_what_they_point_to)
{
	struct type b = {.kind = TY_INT, .width = W_U8, .is_bool = true}, p = type_pointer(b), t;

	t = type_target(&p);
	ck_assert(type_equal(&t, &b));
	t = type_int(W_U8);
	ck_assert(!type_equal(&t, &b));
	p = type_pointer(type_pointer(endian(TYPE_LE64)));
	t = type_target(&p);
	ck_assert_uint_eq(t.kind, TY_PTR);
	t = type_target(&t);
	ck_assert_uint_eq(t.kind, TY_ENDIAN);
	ck_assert_uint_eq(type_size(&t), 8);
	ck_assert_int_eq(type_swap(&t), SWAP_LE);
	ck_assert_int_eq(type_endian_width(&t), W_U64);
}
END_TEST

/* ---- arithmetic -------------------------------------------------------------------------------
 */

static const struct {
	enum binop op;
	enum width width;
	u64 a, b;
	enum fold result;
	u64 want;
} folds[] = {
    {B_ADD, W_S64, INT64_MAX, 1, FOLD_RANGE, 0},
    {B_ADD, W_U64, UINT64_MAX, 1, FOLD_OK, 0},
    {B_ADD, W_U32, UINT32_MAX, 1, FOLD_OK, 0},
    {B_ADD, W_S32, INT32_MAX, 1, FOLD_RANGE, 0},
    {B_SUB, W_U32, 0, 1, FOLD_OK, UINT32_MAX},
    {B_MUL, W_S64, 1ull << 62, 2, FOLD_RANGE, 0},
    {B_DIV, W_S64, 7, 2, FOLD_OK, 3},
    {B_DIV, W_S64, (u64)-7, 2, FOLD_NEGATIVE, 0},
    {B_DIV, W_U64, 7, 0, FOLD_ZERO, 0},
    {B_MOD, W_U32, 1ull << 32 | 7, 4, FOLD_OK, 3},
    {B_MOD, W_U32, 1, 1ull << 32, FOLD_ZERO, 0},
    {B_SHL, W_S64, 1, 62, FOLD_OK, 1ull << 62},
    {B_SHL, W_S64, 1, 63, FOLD_RANGE, 0},
    {B_SHL, W_S64, (u64)-1, 1, FOLD_RANGE, 0},
    {B_SHL, W_U64, 1, 64, FOLD_OK, 0},
    {B_SHL, W_U32, 0x80000000, 1, FOLD_OK, 0},
    {B_SHR, W_S64, (u64)-1, 1, FOLD_NEGATIVE, 0},
    {B_SHR, W_U64, UINT64_MAX, 63, FOLD_OK, 1},
    {B_LT, W_S64, (u64)-1, 1, FOLD_OK, 1},
    {B_LT, W_U64, (u64)-1, 1, FOLD_OK, 0},
    {B_GE, W_U32, 1ull << 32, 1, FOLD_OK, 0},
    {B_EQ, W_U32, 1ull << 32, 0, FOLD_OK, 1},
    {B_XOR, W_S64, 5, 3, FOLD_OK, 6},
};

START_TEST(fold_is_cs)
{
	u64 v;

	ck_assert_int_eq(fold_binary(folds[_i].op, folds[_i].width, folds[_i].a, folds[_i].b, &v),
			 folds[_i].result);
	if (folds[_i].result == FOLD_OK)
		ck_assert_uint_eq(v, folds[_i].want);
}
END_TEST

/* ---- names ------------------------------------------------------------------------------------
 */

START_TEST(symtab_finds_all)
{
	struct symtab t = {0};
	u32 i;

	ck_assert_ptr_null(symtab_get(&t, 0, "x"));
	for (i = 0; i < 1000; i++) {
		char *name = arena_printf(&arena, "v%u", i / 2);

		ck_assert_ptr_null(symtab_get(&t, i % 2, name));
		symtab_put(&t, i % 2, name, name);
	}
	for (i = 0; i < 1000; i++) {
		const char *name = arena_printf(&arena, "v%u", i / 2);

		ck_assert_ptr_eq(symtab_get(&t, i % 2, name), t.v[i].object);
		ck_assert_str_eq(t.v[i].name, name);
	}
	ck_assert_ptr_null(symtab_get(&t, 2, "v1"));
	symtab_free(&t);
}
END_TEST

static Suite *types_suite(void)
{
	Suite *s = suite_create("types");
	TCase *tc = tcase_create("types");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, layout_is_cs);
	tcase_add_test(tc, packed_layout_is_cs);
	tcase_add_test(tc, nested_and_aligned_layout_is_cs);
	tcase_add_test(tc, layout_is_bounded);
	tcase_add_test(tc, types_are_printed_as_in_c);
	tcase_add_test(tc, pointers_remember_what_they_point_to);
	tcase_add_loop_test(tc, fold_is_cs, 0, ARRAY_LEN(folds));
	tcase_add_test(tc, symtab_finds_all);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(types_suite)
