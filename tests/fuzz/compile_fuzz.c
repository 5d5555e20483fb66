/* SPDX-License-Identifier: MIT */
/*
 * The compiler on any file, and on any steps of a driver: it must end, and what it makes must hold
 * against the table of opcodes. An input that begins with '-' is the steps of a file that has
 * something of everything; any other is a whole file.
 */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "scenario/scenario.h"
#include "unit/program_verify.h"

/* Names that steps can use; the order of "fixed" first makes `broken` dead code as well. */
static const char head[] =
    "schema: 1\nid: f\ntitle: F\nplatforms: [arm64-soc, {m: {like: classroom, endian: big}}]\n"
    "params: {N: 4}\nvariants: [broken, fixed]\n"
    "header: |\n"
    "  #define LEN 64\n"
    "  struct in { u8 a; __be16 b; } __packed;\n"
    "  struct desc { __le32 len; int n; bool b; u64 at; dma_addr_t h; struct in i[2];\n"
    "                void *next; };\n"
    "devices:\n"
    "  nic: {address_bits: 64}\n"
    "  dev:\n"
    "    address_bits: 64\n"
    "    program:\n"
    "      - struct desc *d = regs[0]\n"
    "      - while (1):\n"
    "          - wait_event(regs[4] > 0)\n"
    "          - d[0].len |= 1\n"
    "          - raise_irq()\n"
    "functions:\n"
    "  done(): got++\n"
    "  add(int a, size_t b): return a + b\n"
    "  put(const void *p, size_t n): memcpy(mem, p, n)\n"
    "driver:\n"
    "  - got = 0\n"
    "  - mem = kmalloc(4096, GFP_KERNEL)\n"
    "  - struct desc *d = mem\n"
    "  - int a[4]\n"
    "  - h = dma_map_single(nic, mem, 64, DMA_FROM_DEVICE)\n";

static void wrap(const char *data, size_t size, struct str *out)
{
	size_t i;

	str_add(out, head);
	str_add(out, "  ");
	for (i = 0; i < size; i++) {
		str_addn(out, data + i, 1);
		if (data[i] == '\n')
			str_add(out, "  ");
	}
}

static void check_program(const struct program *p)
{
	struct str text = {0};
	u32 at;

	BUG_ON(program_verify(p, &at) != NULL);
	program_print(p, &text);
	BUG_ON(!text.n);
	str_free(&text);
}

static void compile_all(const struct scenario *s)
{
	struct machine_config *cfg = mem_zalloc(1, sizeof(*cfg));
	u32 v, p;

	for (v = 0; v < (s->doc->variants ? s->doc->variants : 1); v++)
		for (p = 0; p < s->doc->platforms && p < 3; p++) {
			const char *variant =
			    s->doc->variants ? s->doc->variant[v].name.text : NULL;
			struct err_list errs = {.file = "f"};
			struct program *prog;

			if (scenario_compile(s, variant, s->doc->platform[p].name.text, NULL, cfg,
					     &prog, &errs))
				check_program(prog);
			program_free(prog);
			err_free(&errs);
		}
	mem_free(cfg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scenario_options options = {"scenarios"};
	struct err_list errs = {.file = "f"};
	struct str text = {0};
	struct scenario *s;

	bug_at_exit(abort); /* not a plain exit: so that the input is kept */
	if (size && data[0] == '-')
		wrap((const char *)data, size, &text);
	else
		str_addn(&text, (const char *)data, size);
	s = scenario_parse(str_get(&text), text.n, &options, &errs);
	str_free(&text); /* errs quotes a copy */
	BUG_ON(!s && !errs.n);
	if (s)
		compile_all(s);
	else
		err_print(&errs, 80, &text);
	str_free(&text);
	scenario_free(s);
	err_free(&errs);
	return 0;
}
