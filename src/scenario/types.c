/* SPDX-License-Identifier: MIT */
#include "scenario/types.h"

#include <string.h>

#include "base/bug.h"

static const struct {
	u8 kind, width, size;
	bool is_bool;
	enum swap swap;
} basics[] = {
    [TYPE_INT] = {TY_INT, W_S32, 4, false, SWAP_NONE},
    [TYPE_BOOL] = {TY_INT, W_U8, 1, true, SWAP_NONE},
    [TYPE_U8] = {TY_INT, W_U8, 1, false, SWAP_NONE},
    [TYPE_U16] = {TY_INT, W_U16, 2, false, SWAP_NONE},
    [TYPE_U32] = {TY_INT, W_U32, 4, false, SWAP_NONE},
    [TYPE_U64] = {TY_INT, W_U64, 8, false, SWAP_NONE},
    [TYPE_SIZE_T] = {TY_INT, W_U64, 8, false, SWAP_NONE},
    [TYPE_DMA_ADDR_T] = {TY_DMA, 0, 8, false, SWAP_NONE},
    [TYPE_PHYS_ADDR_T] = {TY_PHYS, 0, 8, false, SWAP_NONE},
    [TYPE_VOID] = {TY_VOID, 0, 0, false, SWAP_NONE},
    [TYPE_LE16] = {TY_ENDIAN, W_U16, 2, false, SWAP_LE},
    [TYPE_LE32] = {TY_ENDIAN, W_U32, 4, false, SWAP_LE},
    [TYPE_LE64] = {TY_ENDIAN, W_U64, 8, false, SWAP_LE},
    [TYPE_BE16] = {TY_ENDIAN, W_U16, 2, false, SWAP_BE},
    [TYPE_BE32] = {TY_ENDIAN, W_U32, 4, false, SWAP_BE},
    [TYPE_BE64] = {TY_ENDIAN, W_U64, 8, false, SWAP_BE},
    [TYPE_STRUCT] = {TY_STRUCT, 0, 0, false, SWAP_NONE},
};

static const u8 width_bytes[] = {
    [W_S64] = 8, [W_U8] = 1, [W_U16] = 2, [W_U32] = 4, [W_U64] = 8, [W_S32] = 4,
};

struct type type_of_kind(enum type_kind kind)
{
	return (struct type){.kind = (u8)kind};
}

struct type type_int(enum width width)
{
	return (struct type){.kind = TY_INT, .width = (u8)width};
}

/* The basic type of a value, as a pointer names what it points to. */
static enum type_base base_of(const struct type *t)
{
	u32 b;

	if (t->kind == TY_ENDIAN)
		return (enum type_base)t->base;
	if (t->kind == TY_INT && t->width == W_S64) /* no such type can be written */
		return TYPE_U64;
	for (b = 0; b < TYPE_STRUCT; b++)
		if (basics[b].kind == t->kind && basics[b].width == t->width &&
		    basics[b].is_bool == t->is_bool)
			return (enum type_base)b;
	return TYPE_STRUCT;
}

struct type type_pointer(struct type to)
{
	struct type p = {.kind = TY_PTR, .layout = to.layout, .bus = to.bus};

	if (to.kind == TY_PTR) {
		p.base = to.base;
		p.stars = (u8)(to.stars + 1);
	} else {
		p.base = (u8)base_of(&to);
	}
	return p;
}

struct type type_void_pointer(void)
{
	return (struct type){.kind = TY_PTR, .base = TYPE_VOID};
}

bool type_is_void_pointer(const struct type *t)
{
	return t->kind == TY_PTR && t->base == TYPE_VOID && !t->stars;
}

struct type type_target(const struct type *ptr)
{
	struct type t = {.base = ptr->base, .layout = ptr->layout, .bus = ptr->bus};

	BUG_ON(ptr->kind != TY_PTR);
	if (ptr->stars) {
		t.kind = TY_PTR;
		t.stars = (u8)(ptr->stars - 1);
		return t;
	}
	t.kind = basics[ptr->base].kind;
	t.width = basics[ptr->base].width;
	t.is_bool = basics[ptr->base].is_bool;
	return t;
}

bool type_same_target(const struct type *a, const struct type *b)
{
	return a->base == b->base && a->stars == b->stars && a->layout == b->layout;
}

bool type_equal(const struct type *a, const struct type *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == TY_INT)
		return a->width == b->width && a->is_bool == b->is_bool;
	if (a->kind == TY_ENDIAN)
		return a->base == b->base;
	return a->kind != TY_PTR || (type_same_target(a, b) && a->bus == b->bus);
}

u32 type_size(const struct type *t)
{
	switch ((enum type_kind)t->kind) {
	case TY_INT:
		return width_bytes[t->width];
	case TY_ENDIAN:
		return basics[t->base].size;
	case TY_PTR:
	case TY_DMA:
	case TY_PHYS:
	case TY_PAGE:
		return 8;
	case TY_STRUCT:
		return t->layout ? t->layout->size : 0;
	case TY_SG_LIST: /* of a 64-bit kernel with CONFIG_NEED_SG_DMA_LENGTH */
		return 32;
	case TY_SGT_TABLE:
		return 16;
	default:
		return 0;
	}
}

u32 type_align(const struct type *t)
{
	if (t->kind == TY_STRUCT)
		return t->layout ? t->layout->align : 1;
	return type_size(t) ? type_size(t) : 1;
}

enum width type_endian_width(const struct type *t)
{
	return (enum width)basics[t->base].width;
}

enum swap type_swap(const struct type *t)
{
	return t->kind == TY_ENDIAN ? basics[t->base].swap : SWAP_NONE;
}

const char *type_describe(const struct type *t)
{
	static const char *const words[] = {
	    [TY_NONE] = "not known",
	    [TY_VOID] = "nothing",
	    [TY_INT] = "an integer",
	    [TY_PTR] = "a pointer",
	    [TY_DMA] = "a dma_addr_t",
	    [TY_PHYS] = "a phys_addr_t",
	    [TY_PAGE] = "a page",
	    [TY_BYTES] = "bytes",
	    [TY_STRUCT] = "a struct",
	    [TY_DEVICE] = "a device",
	    [TY_MMIO] = "the address of a register",
	    [TY_IRQ] = "an interrupt",
	    [TY_SG] = "a pointer to a scatterlist",
	    [TY_SGT] = "the address of an sg_table",
	    [TY_SG_LIST] = "a scatterlist",
	    [TY_SGT_TABLE] = "an sg_table",
	    [TY_POOL] = "a DMA pool",
	    [TY_IOVA] = "the address of a dma_iova_state",
	    [TY_IOVA_STATE] = "a dma_iova_state",
	};
	static const char *const endian[] = {
	    [TYPE_LE16] = "a __le16", [TYPE_LE32] = "a __le32", [TYPE_LE64] = "a __le64",
	    [TYPE_BE16] = "a __be16", [TYPE_BE32] = "a __be32", [TYPE_BE64] = "a __be64",
	};

	return t->kind == TY_ENDIAN ? endian[t->base] : words[t->kind];
}

static const char *plain_name(const struct type *t)
{
	if (t->kind == TY_ENDIAN)
		return ast_type_text((enum type_base)t->base);
	if (t->kind == TY_INT)
		return t->width == W_S64 ? "s64" : ast_type_text(base_of(t));
	return t->kind == TY_DMA	  ? "dma_addr_t"
	       : t->kind == TY_PHYS	  ? "phys_addr_t"
	       : t->kind == TY_PAGE	  ? "struct page *"
	       : t->kind == TY_MMIO	  ? "void __iomem *"
	       : t->kind == TY_VOID	  ? "void"
	       : t->kind == TY_SG	  ? "struct scatterlist *"
	       : t->kind == TY_SGT	  ? "struct sg_table *"
	       : t->kind == TY_SG_LIST	  ? "struct scatterlist"
	       : t->kind == TY_SGT_TABLE  ? "struct sg_table"
	       : t->kind == TY_POOL	  ? "struct dma_pool *"
	       : t->kind == TY_IOVA	  ? "struct dma_iova_state *"
	       : t->kind == TY_IOVA_STATE ? "struct dma_iova_state"
					  : type_describe(t);
}

void type_print(const struct type *t, struct str *out)
{
	u32 i;

	if (t->kind == TY_PTR && t->is_const)
		str_add(out, "const ");
	if (t->kind == TY_STRUCT || (t->kind == TY_PTR && t->base == TYPE_STRUCT))
		str_printf(out, "struct %s", t->layout ? t->layout->name : "?");
	else if (t->kind == TY_PTR)
		str_add(out, ast_type_text((enum type_base)t->base));
	else
		str_add(out, plain_name(t));
	if (t->kind != TY_PTR)
		return;
	str_add(out, " ");
	for (i = 0; i <= t->stars; i++)
		str_add(out, "*");
}

/* ---- layout -----------------------------------------------------------------------------------
 */

const struct layout_field *layout_find(const struct layout *l, const char *name)
{
	u32 i;

	for (i = 0; i < l->fields; i++)
		if (strcmp(l->field[i].name, name) == 0)
			return &l->field[i];
	return NULL;
}

void layout_align(struct layout_builder *b, u32 align)
{
	b->at = align_up(b->at, align);
	if (align > b->l->align)
		b->l->align = align;
}

bool layout_add(struct layout_builder *b, const struct layout_field *f, u32 align)
{
	u64 bytes = (u64)type_size(&f->type) * f->count;
	u32 own = b->packed ? 1 : type_align(&f->type);

	layout_align(b, align > own ? align : own);
	if (b->at + bytes > STRUCT_SIZE_MAX)
		return false;
	b->l->field[b->l->fields] = *f;
	b->l->field[b->l->fields++].offset = (u32)b->at;
	b->at += bytes;
	return true;
}

void layout_end(struct layout_builder *b, u32 align)
{
	if (align > b->l->align)
		b->l->align = align;
	b->l->size = (u32)align_up(b->at, b->l->align);
}
