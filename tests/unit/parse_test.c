/* SPDX-License-Identifier: MIT */
/* scenario/parse: trees of statements, what is refused and where, and text back from trees. */
#include <string.h>

#include "ast_dump.h"
#include "scenario/limits.h"
#include "scenario/parse.h"
#include "scenario_help.h"
#include "unit.h"

/* Parses a statement and gives its dump, or its error. */
static void parse_dump(const char *text, struct str *out)
{
	struct text_case t;
	struct stmt *s;

	text_case_open(&t, text);
	str_clear(out);
	s = parse_statement(&t.src);
	if (s)
		dump_stmt(s, out);
	else
		err_brief(&t.errs, out);
	ck_assert_uint_eq(t.errs.n, !s);
	text_case_close(&t);
}

static void expect(const char *text, const char *want)
{
	struct str got = {0};

	parse_dump(text, &got);
	ck_assert_msg(strcmp(str_get(&got), want) == 0, "%s\n  gave %s\n  not  %s", text,
		      str_get(&got), want);
	str_free(&got);
}

/* Both texts are one tree. */
static void expect_same(const char *a, const char *b)
{
	struct str da = {0}, db = {0};

	parse_dump(a, &da);
	parse_dump(b, &db);
	ck_assert_int_eq(str_get(&da)[0], '[');
	ck_assert_msg(strcmp(str_get(&da), str_get(&db)) == 0, "%s\n  %s\n  %s", a, str_get(&da),
		      str_get(&db));
	str_free(&da);
	str_free(&db);
}

START_TEST(reads_every_kind_of_statement)
{
	expect("int x", "[1 int*0 x()()]");
	expect("const struct desc *d = p", "[1 const struct desc*1 d()(name p)]");
	expect("void *buf[N]", "[1 void*1 buf(name N)()]");
	expect("x = 1", "[2 0(name x)(num 1)]");
	expect("x += 1", "[2 1(name x)(num 1)]");
	expect("x -= 1", "[2 2(name x)(num 1)]");
	expect("x |= 1", "[2 3(name x)(num 1)]");
	expect("x &= 1", "[2 4(name x)(num 1)]");
	expect("x ^= 1", "[2 5(name x)(num 1)]");
	expect("r[i].n->m++", "[2 6(field ->m(field .n(index(name r)(name i))))()]");
	expect("x--", "[2 7(name x)()]");
	expect("f()", "[3 (call f)]");
	expect("f(1, \"a\")", "[3 (call f(num 1)(str 61))]");
	expect("return", "[4 ()]");
	expect("return -EIO", "[4 (unary -(name EIO))]");
	expect("goto err", "[5 err]");
	expect("break", "[6 ]");
	expect("continue", "[7 ]");
	expect("x = off", "[2 0(name x)(name off)]");
	expect("p = NULL", "[2 0(name p)(name NULL)]");
}
END_TEST

START_TEST(binds_as_c_does)
{
	expect_same("x = a || b && c", "x = a || (b && c)");
	expect_same("x = a && b == c", "x = a && (b == c)");
	expect_same("x = a && b | c", "x = a && (b | c)");
	expect_same("x = a == b < c", "x = a == (b < c)");
	expect_same("x = a < b << c", "x = a < (b << c)");
	expect_same("x = a << b + c", "x = a << (b + c)");
	expect_same("x = a + b * c", "x = a + (b * c)");
	expect_same("x = a - b - c", "x = (a - b) - c");
	expect_same("x = a / b % c", "x = (a / b) % c");
	expect_same("x = a << b >> c", "x = (a << b) >> c");
	expect_same("x = a | b | c", "x = (a | b) | c");
	expect_same("x = a | b << 32", "x = a | (b << 32)");
	expect_same("x = -a * b", "x = (-a) * b");
	expect_same("x = !a & b", "x = (!a) & b");
	expect_same("x = ~a[1].b", "x = ~((a[1]).b)");
	expect_same("x = (u8 *)a + b", "x = ((u8 *)a) + b");
	expect("x = &r[i].n", "[2 0(name x)(addr(field .n(index(name r)(name i))))]");
	expect("x = (dma_addr_t)f(p)", "[2 0(name x)(cast dma_addr_t*0(call f(name p)))]");
	expect("x = sizeof(*p) + sizeof(p) + sizeof(struct t) + sizeof(u8 *)",
	       "[2 0(name x)(binary +(binary +(binary +(sizeof*(name p))(sizeof(name p)))"
	       "(sizeof struct t*0))(sizeof u8*1))]");
}
END_TEST

START_TEST(refuses_what_needs_parentheses)
{
	expect("x = a & b == c", "1:7+1 C compares with '==' before it does '&' = "
				 "write (a & b) == c");
	expect("x = a == b | c", "1:12+1 C compares with '==' before it does '|' = "
				 "write a == (b | c)");
	expect("x = a ^ b < c", "1:7+1 C compares with '<' before it does '^' = "
				"write (a ^ b) < c");
	expect("x = a | b & c", "1:11+1 '|' and '&' side by side = "
				"put the two that belong together in parentheses");
	expect("x = a == b == c", "1:12+2 '==' after '==' compares a truth value = "
				  "write a == b && b == c");
	expect("x = a < b < c", "1:11+1 '<' after '<' compares a truth value = "
				"write a == b && b == c");
	expect_same("x = a & (b == c)", "x = (a) & (b == c)");
	expect_same("x = (a & b) == c", "x = ((a & b)) == c");
}
END_TEST

START_TEST(refuses_c_that_is_not_here)
{
	expect("x = y = 2", "1:7+1 one '=' in a statement = write a step for each");
	expect("f(x = 2)", "1:5+1 '=' inside an expression = "
			   "compare with '==', or assign in a step of its own");
	expect("x = a ? b : c", "1:7+1 '?:' is not in the language = use if and else");
	expect("a = 1, b = 2", "1:6+1 ',' is not an operator here = write two steps");
	expect("f();", "1:4+1 a statement ends without ';' = "
		       "leave it out; two statements are two steps");
	expect("x = i++", "1:6+2 '++' inside an expression = make it a step of its own: i++");
	expect("x = --i", "1:5+2 '--' in front of a variable = make it a step of its own: i--");
	expect("++i", "1:1+2 '++' in front of a variable = make it a step of its own: i++");
	expect("x = *p", "1:5+1 '*' in front of a pointer is not in the language = write p[0]");
	expect("*p = 1", "1:1+1 '*' in front of a pointer is not in the language = write p[0]");
	expect("x = +1", "1:5+1 '+' in front of a number = leave it out");
	expect("x *= 2", "1:3+2 '*=' is not in the language = write x = x * y");
	expect("x <<= 2", "1:3+3 '<<=' is not in the language = write x = x << y");
	expect("f(x += 2)", "1:5+2 '+=' inside an expression = assign in a step of its own");
	expect("int a[2] = {1, 2}", "1:12+1 '{' has no place in a statement = "
				    "a body is a list of steps below ':'; "
				    "an array is filled entry by entry");
	expect("int a, b", "1:6+1 one variable in a declaration = write a step for each");
	expect("int a[2][3]", "1:9+1 arrays have one dimension = use one of rows * columns");
	expect("int a[]", "1:7+1 an array needs its size");
	expect("a[1](2)", "1:5+1 only a name can be called = there are no function pointers");
	expect("ops->f(2)", "1:6+1 only a name can be called = "
			    "a device acts in a step 'ops: f(...)'");
	expect("switch (x)", "1:1+6 'switch' inside a statement = write if, else if and else");
	expect("do f()", "1:1+2 'do' inside a statement = write while (e):");
	expect("if (x) return 1", "1:1+2 'if' inside a statement = "
				  "its body follows ':', as in '- if (e): return -EIO'");
	expect("x = sizeof y", "1:12+1 expected '(' after sizeof, found 'y'");
	expect("x = sizeof(a[0])", "1:5+8 sizeof takes a type, a name, or * and a name");
	expect("x = &f(1)", "1:6+4 '&' takes a place = "
			    "only a variable, an entry or a field has an address");
	expect("x = \"a\" \"b\"", "1:9+3 strings side by side are not joined = write one string");
	expect("x = u8", "1:5+2 the type 'u8' inside an expression");
}
END_TEST

START_TEST(refuses_types_with_a_replacement)
{
	expect("char *p", "1:1+4 there is no type 'char' = use u8");
	expect("unsigned int x", "1:1+8 there is no type 'unsigned' = use u32");
	expect("volatile int x", "1:1+8 there is no type 'volatile' = "
				 "use READ_ONCE() and WRITE_ONCE()");
	expect("x = (uint8_t *)p", "1:6+7 there is no 'uint8_t' here = use u8");
	expect("dma_adr_t h", "1:1+9 there is no type 'dma_adr_t' = "
			      "did you mean \"dma_addr_t\"?");
	expect("foo_t h", "1:1+5 there is no type 'foo_t'");
	expect("retrun x", "1:1+6 there is no type 'retrun' = did you mean \"return\"?");
	expect("u8 const *p", "1:4+5 'const' stands before the type");
	expect("u8 ****p", "1:1+7 at most three '*'");
	expect("int if", "1:5+2 'if' is a word of C, not a name");
	expect("struct u8 x", "1:8+2 'u8' is a word of C, not a name");
}
END_TEST

START_TEST(refuses_statements_without_effect)
{
	expect("x", "1:1+1 this statement does nothing = a statement assigns or calls");
	expect("x == 1", "1:1+6 this statement does nothing = '==' compares; assign with '='");
	expect("(void)f()", "1:1+9 this statement does nothing = leave the cast out");
	expect("f() = 1", "1:1+3 nothing can be assigned to this = "
			  "a variable, an entry or a field stands on the left");
	expect("(x) = 1", "1:2+1 nothing can be assigned to this = "
			  "a variable, an entry or a field stands on the left");
	expect("a + b = 1", "1:1+5 nothing can be assigned to this = "
			    "a variable, an entry or a field stands on the left");
}
END_TEST

START_TEST(says_what_is_missing)
{
	expect("", "1:1+1 an expression is missing at the end");
	expect("x =", "1:4+1 an expression is missing at the end");
	expect("x = (a", "1:7+1 expected ')', found the end");
	expect("f(a", "1:4+1 expected ',' or ')', found the end");
	expect("f(a,)", "1:5+1 an expression is missing before ')'");
	expect("f(,a)", "1:3+1 an expression is missing before ','");
	expect("x = a[", "1:7+1 an expression is missing at the end");
	expect("x = a.1", "1:7+1 expected the name of a field, found '1'");
	expect("x = a b", "1:7+1 expected the end of the statement, found 'b'");
	expect("x = )", "1:5+1 an expression is missing before ')'");
	expect("goto", "1:5+1 expected a label, found the end");
	expect("return 1 2", "1:10+1 expected the end of the statement, found '2'");
	expect("break x", "1:7+1 expected the end of the statement, found 'x'");
	expect("int", "1:4+1 expected a name, found the end");
}
END_TEST

START_TEST(bounds_nesting)
{
	struct str s = {0}, got = {0};
	u32 i;

	str_add(&s, "x = ");
	for (i = 0; i + 1 < LIMIT_EXPR_NEST; i++)
		str_add(&s, "(");
	str_add(&s, "1");
	for (i = 0; i + 1 < LIMIT_EXPR_NEST; i++)
		str_add(&s, ")");
	parse_dump(s.s, &got);
	ck_assert_str_eq(got.s, "[2 0(name x)(num 1)]");
	str_clear(&s);
	str_add(&s, "x = ");
	for (i = 0; i < 900; i++)
		str_add(&s, i % 2 ? "!" : "-");
	parse_dump(s.s, &got);
	ck_assert_str_eq(got.s, "1:37+1 nested more than 32 deep = split it into several steps");
	str_clear(&s);
	str_add(&s, "x = 1");
	for (i = 0; i < 400; i++)
		str_add(&s, "+1");
	parse_dump(s.s, &got);
	ck_assert_str_eq(got.s, "1:5+257 an expression of more than 128 levels = "
				"split it into several steps");
	str_free(&s);
	str_free(&got);
}
END_TEST

/* ---- headers and signatures ---------------------------------------------------------------- */

static void expect_header(const char *text, const char *want)
{
	struct str got = {0};
	struct text_case t;
	struct control c;

	text_case_open(&t, text);
	if (parse_header(&t.src, &c)) {
		str_printf(&got, "%d ", (int)c.kind);
		if (c.first)
			dump_stmt(c.first, &got);
		dump_expr(c.cond, &got);
		if (c.next)
			dump_stmt(c.next, &got);
	} else {
		err_brief(&t.errs, &got);
	}
	ck_assert_str_eq(str_get(&got), want);
	str_free(&got);
	text_case_close(&t);
}

START_TEST(reads_headers)
{
	expect_header("if (a)", "8 (name a)");
	expect_header("else if (a == b)", "8 (binary ==(name a)(name b))");
	expect_header("while (1)", "9 (num 1)");
	expect_header("for (i = 0; i < 4; i++)",
		      "10 [2 0(name i)(num 0)](binary <(name i)(num 4))[2 6(name i)()]");
	expect_header("for (;;)", "10 ()");
	expect_header("for (int i = 0; ; i += 2)", "10 [1 int*0 i()(num 0)]()[2 1(name i)(num 2)]");
	expect_header("for_each_sg(sg, s, n, i)",
		      "11 (call for_each_sg(name sg)(name s)(name n)(name i))");
	expect_header("if a", "1:4+1 expected '(', found 'a'");
	expect_header("if ()", "1:5+1 an expression is missing before ')'");
	expect_header("if (a = 1)", "1:7+1 '=' inside an expression = "
				    "compare with '==', or assign in a step of its own");
	expect_header("if (a) b", "1:8+1 expected ':' and the body, found 'b'");
	expect_header("for (i = 0; i < 4)", "1:18+1 expected ';', found ')'");
	expect_header("for (i; i < 4; i++)", "1:6+1 an assignment belongs here = "
					     "as in 'for (i = 0; i < 4; i++)'");
	expect_header("for_each_gs(a)", "1:1+11 this has no body = "
					"did you mean \"for_each_sg\"?");
	expect_header("poll(a)", "1:1+4 this has no body = if, while, for, for_each_sg, "
				 "for_each_sgtable_sg and for_each_sgtable_dma_sg do");
}
END_TEST

static void expect_signature(const char *text, const char *want)
{
	struct str got = {0};
	struct text_case t;
	struct function f;
	u32 i;

	text_case_open(&t, text);
	if (parse_signature(&t.src, &f)) {
		str_add(&got, f.name.text);
		for (i = 0; i < f.params; i++) {
			str_add(&got, i ? ", " : ": ");
			dump_type(&f.param[i].type, &got);
			str_printf(&got, " %s", f.param[i].name.text);
		}
	} else {
		err_brief(&t.errs, &got);
	}
	ck_assert_str_eq(str_get(&got), want);
	str_free(&got);
	text_case_close(&t);
}

START_TEST(reads_signatures)
{
	expect_signature("f()", "f");
	expect_signature("f(void)", "f");
	expect_signature("give(int i, const void *data, size_t off)",
			 "give: int*0 i, const void*1 data, size_t*0 off");
	expect_signature("void f(int i)", "1:1+4 a function is written without the type of its "
					  "result = leave it out");
	expect_signature("f", "1:2+1 the parameters are missing = as in 'f():'");
	expect_signature("f(i)", "1:3+1 there is no type 'i'");
	expect_signature("f(int i", "1:8+1 expected ',' or ')', found the end");
	expect_signature("f(int i, int i)", "1:14+1 a second parameter 'i'");
	expect_signature("f(int a[2])", "1:7+1 a parameter is no array = pass a pointer");
	expect_signature("if(int a)", "1:1+2 'if' is a word of C, not a name");
	expect_signature("f(int a,b,c)", "1:9+1 there is no type 'b'");
	expect_signature("f(int a,int b,int c,int d,int e,int g,int h,int i,int j,int k,int l,"
			 "int m,int n,int o,int p,int q,int r)",
			 "1:98+1 more than 16 parameters");
}
END_TEST

/* ---- back to text -------------------------------------------------------------------------- */

static void check_print(const char *text, const char *want)
{
	struct str got = {0};
	struct text_case t;
	struct stmt *s;

	text_case_open(&t, text);
	s = parse_statement(&t.src);
	ck_assert_ptr_nonnull(s);
	ast_print_stmt(s, &got);
	ck_assert_str_eq(str_get(&got), want);
	str_free(&got);
	text_case_close(&t);
}

START_TEST(prints_statements)
{
	check_print("memset( buf,0xaa ,128 )", "memset(buf, 0xaa, 128)");
	check_print("x=(tail-head-1)%size", "x = (tail - head - 1) % size");
	check_print("x = - -1", "x = - -1");
	check_print("x = a-(b-c)", "x = a - (b - c)");
	check_print("x = ((a))", "x = (a)");
	check_print("struct desc*d=&r[i]", "struct desc *d = &r[i]");
	check_print("const u8 x [ 4 ]", "const u8 x[4]");
	check_print("r[i].a->b++", "r[i].a->b++");
	check_print("x |= (dma_addr_t)f(p)", "x |= (dma_addr_t)f(p)");
	check_print("f(\"a\\n\\\"\\\\\\x1b[\\0\")", "f(\"a\\n\\\"\\\\\\x1b[\\0\")");
	check_print("f(\"\\x01\\x31\\x41g\")", "f(\"\\x01\\x31\\x41g\")");
	check_print("f(\"\\x00\\x31\")", "f(\"\\x00\\x31\")");
	check_print("return  ", "return");
	check_print("n = sizeof( * p )+sizeof(u8*)", "n = sizeof(*p) + sizeof(u8 *)");
}
END_TEST

/* A small generator: every number it takes comes from one seed, printed on failure. */
static u64 seed_state;

static u32 pick(u32 n)
{
	seed_state = seed_state * 6364136223846793005u + 1442695040888963407u;
	return (u32)(seed_state >> 33) % n;
}

static void make_expr(struct str *o, u32 depth);

static void make_place(struct str *o, u32 depth)
{
	static const char *const names[] = {"x", "ring", "desc_7", "NULL", "off"};

	str_add(o, names[pick(ARRAY_LEN(names))]);
	while (depth && pick(3) == 0) {
		u32 k = pick(3);

		str_add(o, k == 0 ? "[" : k == 1 ? "." : "->");
		if (k)
			str_add(o, names[pick(3)]);
		else
			make_expr(o, depth - 1);
		if (!k)
			str_add(o, "]");
	}
}

static void make_string(struct str *o)
{
	static const char *const bits[] = {"a",	       "1",   "f",   "\\x00", "\\x1f",
					   "\\xc3",    "\\n", "\\t", "\\\\",  "\\\"",
					   "\xc3\xa4", " ",   "z"};
	u32 n = pick(6), last = 12, k;

	str_add(o, "\"");
	while (n--) {
		k = pick(ARRAY_LEN(bits));
		if (last >= 3 && last <= 5 && k < 3) /* a digit may not follow \xHH */
			k = 12;
		str_add(o, bits[k]);
		last = k;
	}
	str_add(o, pick(2) ? "\"" : last >= 3 && last <= 5 ? "\"" : "\\0\"");
}

static void make_leaf(struct str *o)
{
	switch (pick(4)) {
	case 0:
		str_printf(o, pick(2) ? "%u" : "0x%x", pick(100000));
		break;
	case 1:
		make_string(o);
		break;
	case 2:
		str_add(o, pick(2) ? "sizeof(*x)" : "sizeof(struct t **)");
		break;
	default:
		make_place(o, 1);
		break;
	}
}

static void make_call(struct str *o, u32 depth)
{
	u32 n = pick(4), i;

	str_add(o, "f(");
	for (i = 0; i < n; i++) {
		if (i)
			str_add(o, ",");
		make_expr(o, depth - 1);
	}
	str_add(o, ")");
}

/* Operators are drawn freely: what the parser refuses is drawn again. */
static void make_expr(struct str *o, u32 depth)
{
	static const char *const unary[] = {"!", "~", "- ", "(u8 *)", "(const struct t *)"};
	u32 kind = depth ? pick(7) : 0;

	if (kind == 0) {
		make_leaf(o);
	} else if (kind == 1) {
		str_add(o, unary[pick(ARRAY_LEN(unary))]);
		make_expr(o, depth - 1);
	} else if (kind == 2) {
		str_add(o, "&");
		make_place(o, depth - 1);
	} else if (kind == 3) {
		make_call(o, depth);
	} else if (kind == 4) {
		str_add(o, "(");
		make_expr(o, depth - 1);
		str_add(o, ")");
	} else {
		make_expr(o, depth - 1);
		str_printf(o, " %s ", ast_binary_text((enum binary_op)pick(BINARY_COUNT)));
		make_expr(o, depth - 1);
	}
}

static void make_statement(struct str *o)
{
	static const char *const ops[] = {"=", "+=", "-=", "|=", "&=", "^="};

	switch (pick(5)) {
	case 0:
		str_printf(o, "%s%s v", pick(2) ? "const " : "", pick(2) ? "u32 " : "struct s *");
		if (pick(2)) {
			str_add(o, "=");
			make_expr(o, 4);
		}
		break;
	case 1:
		str_add(o, "return ");
		make_expr(o, 4);
		break;
	case 2:
		make_call(o, 4);
		break;
	default:
		make_place(o, 2);
		str_add(o, ops[pick(ARRAY_LEN(ops))]);
		make_expr(o, 4);
		break;
	}
}

START_TEST(prints_what_reads_back_as_the_same_tree)
{
	struct str text = {0}, printed = {0}, first = {0}, second = {0};
	u32 accepted = 0, refused = 0, round;

	for (round = 0; accepted < 20000; round++) {
		struct text_case t;
		struct stmt *s;

		ck_assert_uint_lt(round, 200000);
		seed_state = round;
		str_clear(&text);
		make_statement(&text);
		parse_dump(str_get(&text), &first);
		if (str_get(&first)[0] != '[') {
			refused++;
			continue;
		}
		text_case_open(&t, text.s);
		s = parse_statement(&t.src);
		str_clear(&printed);
		ast_print_stmt(s, &printed);
		parse_dump(str_get(&printed), &second);
		ck_assert_msg(strcmp(first.s, second.s) == 0, "seed %u: %s\n  %s", round, text.s,
			      printed.s);
		text_case_close(&t);
		accepted++;
	}
	/* The generator must neither only make what is refused nor never. */
	ck_assert_uint_gt(refused, 100);
	str_free(&text);
	str_free(&printed);
	str_free(&first);
	str_free(&second);
}
END_TEST

/* ---- header: ------------------------------------------------------------------------------- */

static void expect_c_header(const char *text, const char *want)
{
	struct header h = {0};
	struct str got = {0};
	struct text_case t;
	u32 i, k;

	text_case_open(&t, text);
	parse_c_header(&t.src, &h);
	for (i = 0; i < h.n; i++) {
		const struct header_item *item = &h.item[i];
		const struct struct_def *d = &item->def;

		if (item->kind == HEADER_DEFINE) {
			str_printf(&got, "%s", item->define.name.text);
			dump_expr(item->define.value, &got);
			str_add(&got, "; ");
			continue;
		}
		str_printf(&got, "struct %s {", d->name.text);
		for (k = 0; k < d->fields; k++) {
			const struct field *f = &d->field[k];

			if (f->kind != FIELD_DATA) {
				str_add(&got, f->kind == FIELD_GROUP_BEGIN ? "<;" : ">;");
				continue;
			}
			dump_type(&f->decl.type, &got);
			str_printf(&got, " %s", f->decl.name.text);
			if (f->decl.size)
				dump_expr(f->decl.size, &got);
			str_printf(&got, "%s%s", f->attrs.packed ? " packed" : "",
				   f->attrs.cacheline_aligned ? " line" : "");
			if (f->attrs.aligned)
				dump_expr(f->attrs.aligned, &got);
			str_add(&got, ";");
		}
		str_printf(&got, "}%s; ", d->attrs.packed ? " packed" : "");
	}
	if (t.errs.n) {
		struct str errs = {0};

		err_brief(&t.errs, &errs);
		str_printf(&got, "! %s", str_get(&errs));
		str_free(&errs);
	}
	ck_assert_str_eq(str_get(&got), want);
	str_free(&got);
	text_case_close(&t);
}

START_TEST(reads_c_headers)
{
	expect_c_header("#define A 4 /* four */\n# define B (A + 1) // x\n",
			"A(num 4); B(binary +(name A)(num 1)); ");
	expect_c_header("struct d {\n  __le32 a;\n  u8 b[2] __aligned(64);\n"
			"  struct e *n ____cacheline_aligned;\n} __packed;\n",
			"struct d {__le32*0 a;u8*0 b(num 2)(num 64);struct e*1 n line;} packed; ");
	expect_c_header("struct g { u32 a; __dma_from_device_group_begin(); u8 b[4];\n"
			"__dma_from_device_group_end()\n u32 c; };",
			"struct g {u32*0 a;<;u8*0 b(num 4);>;u32*0 c;}; ");
	expect_c_header("/* only\n a comment */\n", "");
}
END_TEST

START_TEST(refuses_other_c_in_headers_and_goes_on)
{
	expect_c_header("#define A\n#define B 2\n", "B(num 2); ! 1:9+1 'A' has no value = "
						    "as in '#define RING_SIZE 16'");
	expect_c_header("#define A 1\n+ 2\n#define B 3\n",
			"A(num 1); B(num 3); ! 2:1+1 '+' cannot begin a definition = header: holds "
			"'#define NAME value' and 'struct name { ... };'");
	expect_c_header("#define F(x) x\n", "! 1:10+1 a macro with parameters is not in the "
					    "language = write a function in functions:");
	expect_c_header("#include <x.h>\nstruct a { u8 b; };\n",
			"struct a {u8*0 b;}; ! 1:2+7 '#include' is not in the language = "
			"only #define is read");
	expect_c_header("#define A 1 2\n", "! 1:13+1 expected the end of the line, found '2'");
	expect_c_header(
	    "struct a { u8 b, c; };\n#define C 1\n",
	    "C(num 1); ! 1:16+1 one field in a declaration = write ';' and the type again");
	expect_c_header("struct a { u32 b : 3; };", "! 1:18+1 bit fields are not in the language = "
						    "use masks, BIT() and GENMASK()");
	expect_c_header("struct a { struct { u8 c; } b; };",
			"! 1:12+6 a struct inside a struct = define it before this one");
	expect_c_header("struct a { u8 b; u16 b; };", "! 1:22+1 a second field 'b'");
	expect_c_header("struct a { };", "! 1:8+1 struct a has no fields");
	expect_c_header("struct a { u8 b; }", "! 1:19+1 expected ';' after '}', found the end");
	expect_c_header("struct a { u8 b; } __attribute__((packed));",
			"! 1:20+13 no attribute '__attribute__' = "
			"there are __packed, __aligned(n) and ____cacheline_aligned");
	expect_c_header("struct a { u8 b", "! 1:16+1 expected ';', found the end");
	expect_c_header("struct a { unsigned b; };\nenum x { A };\nstruct c { foo d; };",
			"! 1:12+8 there is no type 'unsigned' = use u32 / "
			"3:12+3 there is no type 'foo'");
	expect_c_header("u8 x;\n", "! 1:1+2 'u8' cannot begin a definition = header: holds "
				   "'#define NAME value' and 'struct name { ... };'");
}
END_TEST

static Suite *parse_suite(void)
{
	Suite *s = suite_create("parse");
	TCase *t = tcase_create("all");

	tcase_add_test(t, reads_every_kind_of_statement);
	tcase_add_test(t, binds_as_c_does);
	tcase_add_test(t, refuses_what_needs_parentheses);
	tcase_add_test(t, refuses_c_that_is_not_here);
	tcase_add_test(t, refuses_types_with_a_replacement);
	tcase_add_test(t, refuses_statements_without_effect);
	tcase_add_test(t, says_what_is_missing);
	tcase_add_test(t, bounds_nesting);
	tcase_add_test(t, reads_headers);
	tcase_add_test(t, reads_signatures);
	tcase_add_test(t, prints_statements);
	tcase_add_test(t, prints_what_reads_back_as_the_same_tree);
	tcase_add_test(t, reads_c_headers);
	tcase_add_test(t, refuses_other_c_in_headers_and_goes_on);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(parse_suite)
