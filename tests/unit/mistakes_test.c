/* SPDX-License-Identifier: MIT */
/* What the compiler says of mistakes: every class of them, at its exact place. */
#include <string.h>

#include "compile_head.h"
#include "unit/scenario_fixture.h"

static void check_file(const char *file, const char *want)
{
	parse(file);
	ck_assert_ptr_null(s);
	ck_assert_str_eq(str_get(&brief), want);
}

/* got and mem are set on lines 21 and 22; the step under test stands on line 23. */
#define STEP(step) "  - got = 0\n  - mem = kmalloc(64, GFP_KERNEL)\n  - " step "\n"

#define SEE_CALLS " = dmalab-scenario(5) names the calls that there are"

static const struct {
	const char *steps, *want;
} mistakes[] = {
    /* names */
    {STEP("h = dma_map_singel(nic, mem, 8, 1)"),
     "23:9+14 there is no call \"dma_map_singel\" = did you mean \"dma_map_single\"?    "
     "dmalab explain dma_map_single"},
    {STEP("frob(1)"), "23:5+4 there is no call \"frob\"" SEE_CALLS},
    {STEP("x = read(nem, 5)"),
     "23:14+3 nothing is named \"nem\" on this line = named so far: got, mem, nic, dev    (mem "
     "is made on line 22)"},
    {STEP("x = x + 1"),
     "23:9+1 nothing is named \"x\" on this line = named so far: got, mem, nic, dev"},
    {STEP("y = x\n  - x = 1"), "23:9+1 'x' is not set here yet = it is set on line 24"},
    {STEP("for (i = 0; i < 2; i++): got = i\n  - got = i"),
     "24:11+1 nothing is named \"i\" on this line = named so far: got, mem, nic, dev"},
    {STEP("N = 3"), "23:5+1 'N' is a param: it cannot be set = give the variable another name"},
    {STEP("fixed = 3"),
     "23:5+5 'fixed' is a variant: it cannot be set = give the variable another name"},
    {STEP("nic = 3"), "23:5+3 'nic' is a device = give the variable another name"},
    {STEP("done = 3"), "23:5+4 'done' is a function = give the variable another name"},
    {STEP("x = done"), "23:9+4 'done' is a function = call it: as in f()"},
    {STEP("x = nic"), "23:9+3 a variable cannot hold a device = name it where it is used"},
    /* what is not there yet */
    {STEP("dma_map_sg(nic, mem, 4, DMA_TO_DEVICE)"),
     "23:21+3 argument 2 of dma_map_sg is a scatterlist; 'mem' is a pointer"},
    {STEP("struct scatterlist sg[4]\n  - for_each_sg(sg, s, 4, i):\n      - s->dma_length = 0"),
     "25:12+10 struct scatterlist has no field 'dma_length' here = sg_dma_address() and "
     "sg_dma_len() "
     "read what the device is given"},
    {STEP("lab: iova_take(3)"),
     "23:10+9 no device is behind an IOMMU on platform 'x86-64' = a platform can be given one: "
     "iommu: {kind: vtd}"},
    {STEP("lab: atomic_pool_take(mem)"),
     "23:27+3 argument 1 of atomic_pool_take is an integer; 'mem' is a pointer"},
    {STEP("dma_pool_free(mem, mem, 0)"),
     "23:19+3 argument 1 of dma_pool_free is a DMA pool; 'mem' is a pointer / 23:29+1 "
     "argument 3 of dma_pool_free is a dma_addr_t; '0' is an integer"},
    {STEP("t = bytes(\"61\")\n  - x = dma_pool_create(t, nic, 8, 8, 0)"),
     "24:25+1 argument 1 of dma_pool_create is a text written out = as in "
     "dma_pool_create(\"commands\", dev, 64, 64, 0)"},
    {STEP("struct dma_pool pool"),
     "23:5+15 only pointers to struct dma_pool are held = write struct dma_pool *"},
    /* the laboratory and debugfs */
    {STEP("shuffle_pages()"), "23:5+13 shuffle_pages() is the laboratory's: write '- lab: ...'"},
    {STEP("lab: swiotlb_next(mem)"),
     "23:10+12 platform 'x86-64' has no bounce pool = a platform can be given one: swiotlb: {size: "
     "64MiB}"},
    {STEP("lab: fail_nth(kmaloc, 1)"), "23:19+6 there is no call \"kmaloc\" that the laboratory "
				       "lets fail = did you mean \"kmalloc\"?"},
    {STEP("lab: fail_nth(kfree, 1)"),
     "23:19+5 there is no call \"kfree\" that the laboratory lets fail"},
    {STEP("lab: fail_nth(kmalloc, 0)"),
     "23:28+1 which of the next calls fails is 0: it is not within 1 to 65535"},
    {STEP("lab: fail_nth(3, 1)"),
     "23:19+1 argument 1 of fail_nth is the name of a call = as in fail_nth(dma_map_single, 2)"},
    {STEP("got = cat(\"dma-api/num_error\")"),
     "23:15+19 debugfs has no file \"dma-api/num_error\" = did you mean "
     "\"dma-api/num_errors\"?"},
    {STEP("lab: echo(\"yes\", \"dma-api/all_errors\")"),
     "23:15+5 the kernel takes only a number here (-EINVAL) = as in echo(\"1\", "
     "\"dma-api/all_errors\")"},
    {STEP("lab: echo(\"4294967296\", \"dma-api/num_errors\")"),
     "23:15+12 the kernel takes only a number here (-EINVAL) = as in echo(\"1\", "
     "\"dma-api/all_errors\")"},
    {STEP("lab: echo(\"1\", \"dma-api/error_count\")"),
     "23:20+21 \"dma-api/error_count\" can only be read"},
    {STEP("got = cat(\"swiotlb/io_tlb_usd\")"),
     "23:15+20 debugfs has no file \"swiotlb/io_tlb_usd\" = did you mean "
     "\"swiotlb/io_tlb_used\"?"},
    {STEP("got = cat(mem)"),
     "23:15+3 the name of a file is text, written out = as in cat(\"swiotlb/io_tlb_used\")"},
    {STEP("lab: echo(\"1\", \"swiotlb/io_tlb_used_hiwater\")"),
     "23:15+3 the kernel takes only 0 here (-EINVAL) = echo(\"0\", ...) resets it"},
    {STEP("lab: echo(\"0\", \"swiotlb/io_tlb_used\")"),
     "23:20+21 \"swiotlb/io_tlb_used\" can only be read"},
    {STEP("t = bytes(\"61\")\n  - dev_err(nic, t)"),
     "24:18+1 argument 2 of dev_err is a text written out = as in dev_err(nic, \"no memory\")"},
    /* scatterlists */
    {STEP("struct scatterlist sg[4]\n  - x = sg[0]"),
     "24:9+5 an entry of a scatterlist is no value = name one of its fields, or give its address: "
     "&sg[0]"},
    {STEP("struct scatterlist sg[4]\n  - sg[0] = 1"),
     "24:5+5 an entry of a scatterlist is not assigned = sg_set_page() and sg_set_buf() fill it"},
    {STEP("struct scatterlist sg[4]\n  - x = sg[0].dma_length"),
     "24:15+10 struct scatterlist has no field 'dma_length' here = sg_dma_address() and "
     "sg_dma_len() read what the device is given"},
    {STEP("struct scatterlist sg[4]\n  - x = sg[0]->length"),
     "24:9+13 'sg[0]' is no pointer = write '.'"},
    {STEP("struct scatterlist sg[4]\n  - x = sg.length"),
     "24:9+9 'sg' is a pointer = write -> after a pointer"},
    {STEP("struct sg_table t\n  - sg_free_table(t)"),
     "24:19+1 't' is an sg_table, which is no value = give its address: &t"},
    {STEP("struct sg_table t\n  - x = t.orig_nent"),
     "24:11+9 struct sg_table has no field 'orig_nent' here = did you mean \"orig_nents\"?"},
    {STEP("struct sg_table t[2]"), "23:21+1 tables have no arrays = declare several"},
    {STEP("struct scatterlist *s = mem"),
     "23:29+3 's' is a pointer to a scatterlist; 'mem' is a pointer = scatterlists are variables: "
     "struct scatterlist sg[4]"},
    {STEP("sg_init_table(mem, 4)"),
     "23:19+3 argument 1 of sg_init_table is a scatterlist; 'mem' is a pointer"},
    {STEP("struct sg_table t\n  - sg_alloc_table_from_pages(&t, mem, 1, 0, 1, 0)"),
     "24:35+3 argument 2 of sg_alloc_table_from_pages is an array of pages; 'mem' is none = struct "
     "page *pages[4] declares one"},
    {STEP("for_each_sg(mem, s, 4, i): got = 1"),
     "23:17+3 argument 1 of for_each_sg is a scatterlist; 'mem' is a pointer"},
    {STEP("struct sg_table t\n  - for_each_sgtable_sg(&t, s): got = 1"),
     "24:5+26 for_each_sgtable_sg takes 3 arguments; here are 2 = for_each_sgtable_sg(&sgt, s, i)"},
    {STEP("struct scatterlist sg[4]\n  - for_each_sg(sg, mem, 4, i): got = 1"),
     "24:21+3 the entry of the loop is a pointer to a scatterlist; 'mem' is a pointer"},
    {STEP("struct sg_table t\n  - for_each_sgtable_dma_sg(&t, s): got = 1"),
     "24:5+30 for_each_sgtable_dma_sg takes 3 arguments; here are 2 = "
     "for_each_sgtable_dma_sg(&sgt, s, i)"},
    /* arguments */
    {STEP("kfree()"), "23:5+7 kfree takes 1 argument; here are 0 = kfree(pointer)"},
    {STEP("dma_unmap_single(nic, mem, 8, DMA_TO_DEVICE)"),
     "23:27+3 argument 2 of dma_unmap_single is a dma_addr_t; 'mem' is a pointer"},
    {STEP("h = dma_map_single(nic, mem, 8, 1)\n  - dma_unmap_single(nic, mem, 8, 1)"),
     "24:27+3 argument 2 of dma_unmap_single is a dma_addr_t; 'mem' is a pointer = the handle of "
     "'mem' is 'h' (line 23)"},
    {STEP("x = dma_get_mask(got)"),
     "23:22+3 argument 1 of dma_get_mask is a device; 'got' is an integer"},
    {STEP("x = dma_alloc_coherent(nic, 8, got, 0)"),
     "23:36+3 argument 3 of dma_alloc_coherent is a variable that the call sets = write '&' and "
     "the name of a variable"},
    {STEP("x = dma_alloc_coherent(nic, 8, &got, 0)"),
     "23:36+4 argument 3 of dma_alloc_coherent sets a dma_addr_t; 'got' is an integer"},
    {STEP("request_irq(dev.irq, don)"),
     "23:26+3 argument 2 of request_irq is a function; 'don' is none = did you mean \"done\"?"},
    {STEP("request_irq(dev.irq, add)"), "23:26+3 'add' has parameters: it cannot be a handler"},
    {STEP("x = add(1)"), "23:9+6 add takes 2 arguments; here is 1"},
    {STEP("x = add(mem, 1)"),
     "23:13+3 argument 1 of add is an integer; 'mem' is a pointer = a cast mixes them, and shows "
     "that it is meant"},
    {STEP("writel(mem, dev.regs)"),
     "23:12+3 argument 1 of writel is an integer; 'mem' is a pointer"},
    {STEP("writel(1, got)"),
     "23:15+3 'got' is an integer, not the address of a register = write dev.regs + OFFSET"},
    {STEP("memset(mem, 0)"), "23:5+14 memset takes 3 arguments; here are 2 = memset(p, byte, n)"},
    {STEP("x = memset(mem, 0, 8)"), "23:9+17 'memset(mem, 0, 8)' gives no value"},
    {STEP("x = dev.reg"), "23:13+3 a device has no field 'reg' = did you mean \"regs\"?"},
    /* types */
    {STEP("x = mem + mem"), "23:13+1 '+' between a pointer and a pointer"},
    {STEP("x = mem == 3"),
     "23:13+2 '==' between a pointer and an integer = a cast mixes them, and shows that it is "
     "meant"},
    {STEP("got = mem"),
     "23:11+3 'got' is an integer; 'mem' is a pointer = a cast mixes them, and shows that it is "
     "meant"},
    {STEP("x = mem[0]"),
     "23:9+3 'mem' is a void *: it cannot be used with [] = declare it with its type, as in struct "
     "desc *p, or cast it"},
    {STEP("x = got[0]"), "23:9+3 'got' is an integer: it cannot be used with []"},
    {STEP("struct desc *d = mem\n  - d->length = 1"), "24:8+6 struct desc has no field 'length'"},
    {STEP("struct desc *d = mem\n  - d.len = 0"),
     "24:5+5 'd' is no struct = write -> after a pointer"},
    {STEP("struct desc *d = mem\n  - x = d[0]"),
     "24:9+4 a struct is no value = name one of its fields"},
    {STEP("struct desc *d = mem\n  - e = d->len\n  - assert(e == 3)"),
     "25:14+2 '==' between a __le32 and an integer = le32_to_cpu() and its like read it"},
    {STEP("struct desc *d = mem\n  - d->len = mem"),
     "24:14+3 'd->len' is a __le32; 'mem' is a pointer = write cpu_to_le32() or its like"},
    {STEP("struct desc *d = mem\n  - nic:\n      - struct desc *b = got\n      - b->len = "
	  "cpu_to_le32(1)"),
     "26:18+14 'b->len' is an integer; 'cpu_to_le32(1)' is a __le32 = write le32_to_cpu() or its "
     "like"},
    {STEP("struct desc *d = mem\n  - u8 *b = d"),
     "24:13+1 'b' is a u8 *; 'd' is a struct desc * = a cast mixes them, and shows that it is "
     "meant"},
    {STEP("struct dsc *d = mem"), "23:5+12 there is no struct dsc = did you mean \"desc\"?"},
    {STEP("void v"), "23:5+4 a variable cannot be void = write void *"},
    {STEP("struct desc v"),
     "23:5+11 a struct is memory; variables are registers = declare a pointer, and let a call make "
     "the memory"},
    {STEP("h = dma_map_single(nic, mem, 8, 1)\n  - if (!h): return -EIO"),
     "24:10+1 'h' is a dma_addr_t, which is no condition = 0 is a good address; ask "
     "dma_mapping_error()"},
    {STEP("x = \"abc\" + \"d\""), "23:15+1 '+' between bytes and bytes"},
    {STEP("x = &got"),
     "23:9+4 '&got' is not the address of memory = memory has addresses; variables are registers"},
    {STEP("int a[got]"),
     "23:11+3 the size of an array is not a constant = numbers, params and #defines are"},
    {STEP("int a[0]"), "23:11+1 the size of an array is 0: it is not within 1 to 65536"},
    {STEP("int a[4]\n  - x = a"),
     "24:9+1 'a' is an array of variables = name an entry of it, as in a[0]"},
    {STEP("x = 1 / 0"), "23:11+1 a division by zero"},
    {STEP("x = -1 >> 1"),
     "23:12+2 '>>' of a negative number is not in the language = make it unsigned with (size_t)"},
    {STEP("x = 0x7fffffffffffffff + 1"),
     "23:28+1 the result does not fit a signed 64-bit number = make it unsigned with (size_t)"},
    {STEP("x = bytes(\"d\")"),
     "23:15+3 this is not two-digit hex = two-digit hex, each with a count if there are more: "
     "\"dd*32 aa\""},
    {STEP("x = bytes(\"dd*M\")"),
     "23:15+6 'M' is no count of bytes: a number, a param or a #define is = two-digit hex, each "
     "with a count if there are more: \"dd*32 aa\""},
    {STEP("x = bytes(\"dd*65537\")"),
     "23:15+10 a byte string has at most 64 KiB = two-digit hex, each with a count if there are "
     "more: \"dd*32 aa\""},
    {STEP("x = mem == \"a\""), "23:13+2 '==' between a pointer and bytes = bytes are compared with "
			       "bytes: \"\\x03\", bytes(\"03*4\")"},
    {STEP("const u8 *k = mem\n  - k[0] = 3"), "24:5+4 'k[0]' is const: it cannot be assigned"},
    {STEP("const struct desc *k = mem\n  - k->pad[1]++"),
     "24:5+9 'k->pad[1]' is const: it cannot be assigned"},
    {STEP("const u8 *k = mem\n  - WRITE_ONCE(k[0], 3)"),
     "24:16+4 'k[0]' is const: it cannot be assigned"},
    {STEP("const u8 *k = mem\n  - memset(k, 0, 8)"), "24:12+1 'k' points to what is const"},
    {STEP("const u8 *k = mem\n  - memcpy(k, \"a\", 1)"), "24:12+1 'k' points to what is const"},
    /* looking */
    {STEP("struct desc *d = mem\n  - assert(le32_to_cpu(d[0].len) == 1)"),
     "24:24+8 'd[0].len' in an assert would load from memory = load it into a variable first, or "
     "look with cpu_sees(d[0].len)"},
    {STEP("assert(read(mem, 5) == \"hello\")"),
     "23:12+12 'read(mem, 5)' in an assert would load from memory = load it into a variable first, "
     "or look with cpu_sees(mem, 5)"},
    {STEP("assert(dma_mapping_error(nic, (dma_addr_t)1) == 0)"),
     "23:12+37 dma_mapping_error() has an effect: assert and predict only look = call it before, "
     "and look at what it returned"},
    {STEP("assert(add(1, 2) == 3)"),
     "23:12+9 add() may have an effect: assert and predict only look = call it before, and look at "
     "what it returned"},
    {STEP("x = cached(mem)"), "23:9+6 cached() only looks: it belongs in assert() or predict"},
    {STEP("assert(got, got)"),
     "23:17+3 the name of an assert is text = as in assert(x == 1, \"the first packet\")"},
    {STEP("predict:\n      ask: \"What?\"\n      choices: {a: y == 2, b: else}\n  - x = 1"),
     "25:20+1 nothing is named \"y\" on this line = named so far: got, mem, x, nic, dev"},
    {STEP("wait_event(readl(dev.regs))"),
     "23:16+15 readl() has an effect: wait_event() only looks"},
    {STEP("struct desc *d = mem\n  - wait_event(d->flags)"),
     "24:16+8 'd->flags' in wait_event() would load from memory = wait for a variable, or write "
     "poll(...)"},
    /* who acts */
    {STEP("dma_read((dma_addr_t)1, 4)"),
     "23:5+8 dma_read() is a device's: write it under the device's name, as in '- nic: ...'"},
    {STEP("evict(mem, 8)"), "23:5+5 evict() is the hardware's: write '- hw: ...'"},
    {STEP("lab: y = place(512, 0x80000000)"),
     "23:25+10 512 bytes at 0x80000000 are no memory on x86-64 = memory of this platform: "
     "0x0 to 0x7fffffff"},
    {STEP("lab: y = place(SZ_4K, 0x7ffff004)"),
     "23:27+10 4096 bytes at 0x7ffff004 are no memory on x86-64 = memory of this platform: "
     "0x0 to 0x7fffffff"},
    {STEP("place(8, 0)"), "23:5+5 place() is the laboratory's: write '- lab: ...'"},
    {STEP("nic: memset(mem, 0, 8)"),
     "23:10+6 memset() is the CPU's: a statement without an actor does it"},
    {STEP("nic: kfree(mem)"),
     "23:10+5 kfree() is the driver's: a device does not call the kernel = a device has "
     "dma_read(), dma_write(), raise_irq() and regs[]"},
    {STEP("nic: wait_event(got)"), "23:10+10 wait_event() waits: who is led by hand acts at once"},
    {STEP("hw: got = 1"),
     "23:9+7 hardware assigns nothing = hw: has evict(), prefetch() and writeback()"},
    {STEP("struct desc *d = mem\n  - nic: x = d->flags"),
     "24:14+8 'd->flags' is an address of the CPU's: the device does not know it = give the device "
     "the handle: struct t *p = handle"},
    {STEP("nic:\n      - hw: evict(mem, 8)"), "24:9+2 somebody acts already"},
    {STEP("nic:\n      - while (1): regs[0] = 1"),
     "24:9+9 a device that is led by hand acts at once: this loop never ends = give the device a "
     "program: in devices:"},
    /* control flow */
    {STEP("goto out"), "23:10+3 there is no label 'out'"},
    {STEP("again:\n  - goto again"), "24:10+5 'goto' goes forward only = write a loop"},
    {STEP("if (got):\n      - out:\n  - goto out"),
     "24:9+3 the label 'out' is inside a body = move it to the end of the function / 25:10+3 there "
     "is no label 'out'"},
    {STEP("break"), "23:5+5 'break' outside of a loop"},
    {STEP("continue"), "23:5+8 'continue' outside of a loop"},
    {STEP("nic:\n      - return"), "24:9+6 'return' leaves what another one does"},
    {STEP("poll(poll(got))"), "23:10+4 a poll() inside a poll() = write two statements"},
    /* several at once, in order, and what follows from one is not said */
    {STEP("x = frob(1)\n  - y = x + 1\n  - z = y\n  - kfree(got)"),
     "23:9+4 there is no call \"frob\"" SEE_CALLS
     " / 26:11+3 argument 1 of kfree is a pointer; 'got' is an "
     "integer"},
    {STEP("x = (1\n  - y = x + 1\n  - goto out\n  - kfree(y)\n  - kfree(1)"),
     "23:11+1 expected ')', found the end / 27:11+1 argument 1 of kfree is a pointer; '1' is an "
     "integer"},
    /* over all variants, and in branches that none of them takes */
    {STEP("if (fixed): frob(1)\n  - if (broken): frob(2)\n  - if (N == 5): frob(3)"),
     "24:18+4 there is no call \"frob\"" SEE_CALLS " / 23:17+4 there is no call \"frob\"" SEE_CALLS
     " / 25:18+4 there is no call \"frob\"" SEE_CALLS},
    {STEP("nic: raise_intr()"),
     "23:10+10 there is no call \"raise_intr\" = did you mean \"raise_irq\"?"},
    /* what drivers are used to write */
    {STEP("iowrite32(1, dev.regs)"), "23:5+9 there is no call \"iowrite32\" = write writel()"},
    {STEP("wait_for_completion(got)"),
     "23:5+19 there is no call \"wait_for_completion\" = write wait_event() with the variable that "
     "the other side sets"},
    {STEP("dma_map_single(&nic->dev, mem, 8, DMA_TO_DEVICE)"),
     "23:21+3 'nic' is a device: it cannot be used with -> = write nic alone"},
    {STEP("request_irq(dev, done)"),
     "23:17+3 argument 1 of request_irq is an interrupt; 'dev' is a device = write dev.irq"},
    {STEP("request_irq(done, dev.irq)"),
     "23:17+4 argument 1 of request_irq is a function: 'done' = request_irq(device.irq, function) "
     "/ 23:23+7 argument 2 of request_irq is a function; 'dev.irq' is none"},
    {STEP("request_irq(dev.irq, done())"), "23:26+6 argument 2 of request_irq is a function; "
					   "'done()' is none = name it without (): done"},
    {STEP("mem2 = kmalloc(64, GFP_KERNAL)"),
     "23:24+10 nothing is named \"GFP_KERNAL\" on this line = did you mean \"GFP_KERNEL\"?"},
    {STEP("struct dsc *d = dma_alloc_coherent(nic, 64, &d_dma, GFP_KERNEL)\n  - "
	  "dma_unmap_single(nic, d_dma, 64, "
	  "DMA_TO_DEVICE)"),
     "23:5+12 there is no struct dsc = did you mean \"desc\"?"},
};

START_TEST(mistake_is_named)
{
	str_add(&text, HEAD);
	str_add(&text, mistakes[_i].steps);
	check_file(str_get(&text), mistakes[_i].want);
}
END_TEST

/* Files of their own: mistakes outside of driver:. */
#define BARE "schema: 1\nid: t\ntitle: T\nplatforms: [x86-64]\n"

static const struct {
	const char *file, *want;
} file_mistakes[] = {
    {"schema: 1\nid: t\ntitle: T\n"
     "platforms:\n  - old: {like: x86-64, kernel: \"6.12\"}\n"
     "devices: {nic: {address_bits: 32}}\ndriver:\n"
     "  - h = dma_map_phys(nic, nic.mmio, 8, DMA_TO_DEVICE, 0)\n"
     "  - g = dma_map_resource(nic, nic.mmio, 8, DMA_TO_DEVICE, DMA_ATTR_MMIO)\n"
     "expect: {all: []}\n",
     "8:9+12 the kernel 6.12 has no dma_map_phys() = a platform with kernel: \"7.1\" / "
     "9:59+13 the kernel 6.12 has no DMA_ATTR_MMIO = a platform with kernel: \"7.1\""},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  f(): msleep(x)\n  g(): frob(1)\n"
	  "driver: [y = 1]\n",
     "7:15+1 nothing is named \"x\" on this line = named so far: y, nic / 8:8+4 there is no call "
     "\"frob\"" SEE_CALLS},
    /* a function that could not be read is not missing, too */
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  irqreturn_t f(): msleep(1)\n"
	  "driver: ['request_irq(nic.irq, f)']\n",
     "7:3+11 a function is written without the type of its result = leave it out"},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  f: msleep(1)\n"
	  "driver: ['request_irq(nic.irq, f)']\n",
     "7:4+1 the parameters are missing = as in 'f():'"},
    {BARE "devices: {nic: {address_bits: 32, program: ['u8 *b = regs[0', 'b[0] = 1']}}\n"
	  "driver: [msleep(1)]\n",
     "5:60+1 expected ']', found the end"},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  f(): device_release_driver(nic)\n"
	  "driver: [f()]\n",
     "7:8+21 device_release_driver() unbinds the driver that this is part of = write it as a step "
     "of driver:"},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  f(): g()\n  g(): f()\n"
	  "driver: [f()]\n",
     "7:3+1 'f' calls itself: recursion is not in the language = write a loop"},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  f(int n):\n    - int a[200]\n"
	  "    - a[0] = n\ndriver: [f(1)]\n",
     "7:3+1 the driver's thread may need 206 values on its stack; it has 192 = declare arrays in "
     "driver:, and write shorter statements"},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  kmalloc(): return 1\n"
	  "driver: [msleep(1)]\n",
     "7:3+7 kmalloc() is there already = take another name"},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  f(): poll(1)\n"
	  "driver: [poll(g()), msleep(f())]\n",
     "8:15+1 there is no call \"g\"" SEE_CALLS " / 8:28+3 'f()' gives no value"},
    {BARE "devices: {nic: {address_bits: 32}}\nfunctions:\n  f(): return poll(1)\n"
	  "driver: [poll(f())]\n",
     "8:15+1 'f' polls: a poll() inside a poll() = write two statements"},
    {BARE "devices:\n  nic:\n    address_bits: 32\n    program:\n"
	  "      - while (1): x = 1\ndriver: [msleep(1)]\n",
     "9:9+9 this loop of a device never waits and never ends = wait_event(), poll() or a DMA "
     "access "
     "lets others act"},
    {BARE "devices:\n  nic:\n    address_bits: 32\n    program:\n"
	  "      - wait_event(go)\ndriver: [go = 1]\n",
     "9:20+2 'go' is the driver's: a device's program does not see it = the driver writes what the "
     "device is to know with writel()"},
    {BARE "header: |\n  #define A B + 1\n  #define C 1\n  #define C 2\n"
	  "devices: {nic: {address_bits: 32}}\ndriver: [msleep(C)]\n",
     "6:13+5 the value of 'A' is not a constant = numbers, params and earlier #defines are / "
     "8:11+1 'C' is a #define already = take another name"},
    {BARE "header: |\n  struct a { struct b x; };\n  struct b { u8 n[0]; };\n"
	  "devices: {nic: {address_bits: 32}}\ndriver: [msleep(1)]\n",
     "6:14+8 there is no struct b / 7:19+1 the size of an array is 0: it is not within 1 to "
     "1048576"},
    {BARE "params: {nic: 1}\ndevices: {nic: {address_bits: 32}}\ndriver: [msleep(1)]\n",
     "5:10+3 'nic' is a device already = take another name"},
    {BARE "devices: {nic: {model: edu}}\ndriver:\n  - writel(EDU_ID, nic.regs + EDU_IDD)\n",
     "7:31+7 nothing is named \"EDU_IDD\" on this line = did you mean \"EDU_ID\"?"},
    {BARE
     "devices: {sg: {model: sgdma}}\ndriver:\n  - writel(1, sg.regs + SGDMA_LEN(16))\n"
     "  - i = 0\n  - writel(1, sg.regs + SGDMA_LEN)\n  - writel(1, sg.regs + SGDMA_LEN(i, 1))\n"
     "  - writel(1, sg.regs + SGDMA_LEN(i))\n",
     "7:35+2 SGDMA_LEN(16): it is an array of 16 registers / "
     "9:25+9 nothing is named \"SGDMA_LEN\" on this line = it is an array: as in SGDMA_LEN(0) / "
     "10:25+15 SGDMA_LEN takes 1 argument; here are 2 = SGDMA_LEN(i)"},
    {BARE "devices: {sg: {model: edu}}\ndriver:\n  - writel(1, sg.regs + SGDMA_LEN(0))\n",
     "7:25+9 SGDMA_LEN() is a register of a model that no device here has = as in 'engine: "
     "{model: sgdma}'"},
};

START_TEST(file_mistake_is_named)
{
	check_file(file_mistakes[_i].file, file_mistakes[_i].want);
}
END_TEST

static const char acts[] =
    "schema: 1\nid: acts\ntitle: x\nplatforms: [x86-64]\n"
    "header: |\n  struct nic_desc { u32 x; };\n"
    "devices:\n  nic: {model: nic}\n  hand: {address_bits: 32}\n  mbox: {model: mailbox}\n"
    "driver:\n"
    "  - nic: complete(3)\n  - nic: receive(\"a\", 2)\n  - nic: misbehave(9)\n"
    "  - hand: receive(\"a\")\n  - receive(\"a\")\n  - nic: assert(receive(\"x\") == 1)\n"
    "  - mbox: x = sent()\n  - NIC_CTRL = 3\n  - nic: x = receive(\"a\")\n"
    "  - mbox: wait_event(complete(1))\n";

/* Each model has acts of its own. */
START_TEST(acts_of_models)
{
	check_file(acts,
		   "6:10+8 struct nic_desc is the model's already = take another name, or use that "
		   "one: explain prints it / "
		   "12:10+8 the model nic of 'nic' has no act complete() = its acts: receive(b), "
		   "sent(), misbehave(v) / "
		   "13:10+15 receive takes 1 argument; here are 2 = receive(b) / "
		   "14:20+1 argument 1 of misbehave is 9: it is not within 1 to 7 / "
		   "15:11+7 receive() is an act of a model; 'hand' has none = as in 'hand: {model: "
		   "nic}' / "
		   "16:5+7 receive() is an act of a device's model: write it under the device's "
		   "name, as in '- nic: ...' / "
		   "17:17+12 receive() has an effect: assert and predict only look / "
		   "18:15+4 the model mailbox of 'mbox' has no act sent() = its acts: complete(v), "
		   "misbehave(v) / "
		   "19:5+8 'NIC_CTRL' is a register of the model nic: it cannot be set = give the "
		   "variable another name / "
		   "20:14+12 'receive(\"a\")' gives no value / "
		   "21:11+10 wait_event() waits: who is led by hand acts at once");
}
END_TEST

static Suite *mistakes_suite(void)
{
	Suite *suite = suite_create("mistakes");
	TCase *tc = tcase_create("mistakes");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, acts_of_models);
	tcase_add_loop_test(tc, mistake_is_named, 0, ARRAY_LEN(mistakes));
	tcase_add_loop_test(tc, file_mistake_is_named, 0, ARRAY_LEN(file_mistakes));
	suite_add_tcase(suite, tc);
	return suite;
}

UNIT_MAIN(mistakes_suite)
