/* SPDX-License-Identifier: MIT */
/*
 * Prototypes of the calls that a fix may name, as the kernel has them, so that the compiler says
 * whether a suggested call is C with the right arguments. A device is an object here, as in the
 * language: `nic` is passed, `nic.regs` is its registers.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64, dma_addr_t, phys_addr_t;
typedef unsigned long size_t;
typedef u16 __le16, __be16;
typedef u32 __le32, __be32, gfp_t;
typedef u64 __le64, __be64;
typedef _Bool bool;
#define NULL	  ((void *)0)
#define PAGE_SIZE 4096
#define SZ_4K	  4096
#define __packed
#define __aligned(n)
#define ____cacheline_aligned
#define __dma_from_device_group_begin()
#define __dma_from_device_group_end()
#define READ_ONCE(x)	 (x)
#define WRITE_ONCE(x, v) ((x) = (v))
#define BIT(n)		 (1ull << (n))
#define GENMASK(h, l)	 ((~0ull >> (63 - (h))) & (~0ull << (l)))
#define DMA_BIT_MASK(n)	 ((n) == 64 ? ~0ull : (1ull << (n)) - 1)
enum { GFP_KERNEL, GFP_ATOMIC, GFP_DMA };
enum { ENOMEM = 12, EIO = 5 };
enum dma_data_direction { DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE, DMA_NONE };
enum { DMA_ATTR_SKIP_CPU_SYNC = 32, DMA_ATTR_WEAK_ORDERING = 2 };
struct device {
	u8 *regs;
	int irq;
};
struct page {
	int id;
};
struct scatterlist {
	u32 length, offset;
};
struct sg_table {
	struct scatterlist *sgl;
	u32 nents, orig_nents;
};
struct mbox_msg { /* of the device models */
	__le32 tag;
};
struct nic_desc {
	__le64 addr;
	__le32 len, flags;
};
struct dma_pool;
struct dma_iova_state {
	u64 addr;
};

void *kmalloc(size_t, gfp_t);
void *kzalloc(size_t, gfp_t);
void kfree(const void *);
void __free_page(struct page *);
void *memcpy(void *, const void *, size_t);
void *memset(void *, int, size_t);
const void *read(const void *, size_t); /* the language's: loads as bytes */
dma_addr_t dma_map_single(struct device, void *, size_t, enum dma_data_direction);
dma_addr_t dma_map_page(struct device, struct page *, size_t, size_t, enum dma_data_direction);
dma_addr_t dma_map_single_attrs(struct device, void *, size_t, enum dma_data_direction,
				unsigned long);
void dma_unmap_single(struct device, dma_addr_t, size_t, enum dma_data_direction);
void dma_unmap_page(struct device, dma_addr_t, size_t, enum dma_data_direction);
void dma_unmap_single_attrs(struct device, dma_addr_t, size_t, enum dma_data_direction,
			    unsigned long);
void dma_unmap_phys(struct device, dma_addr_t, size_t, enum dma_data_direction, unsigned long);
int dma_mapping_error(struct device, dma_addr_t);
void dcache_clean_poc(void *p, void *end);
void dcache_inval_poc(void *p, void *end);
void dcache_clean_inval_poc(void *p, void *end);
void dma_sync_single_for_cpu(struct device, dma_addr_t, size_t, enum dma_data_direction);
void dma_sync_single_for_device(struct device, dma_addr_t, size_t, enum dma_data_direction);
void dma_sync_single_range_for_cpu(struct device, dma_addr_t, unsigned long, size_t,
				   enum dma_data_direction);
void dma_sync_single_range_for_device(struct device, dma_addr_t, unsigned long, size_t,
				      enum dma_data_direction);
int dma_map_sg(struct device, struct scatterlist *, int, enum dma_data_direction);
void dma_unmap_sg(struct device, struct scatterlist *, int, enum dma_data_direction);
void dma_unmap_sgtable(struct device, struct sg_table *, enum dma_data_direction, unsigned long);
void dma_sync_sg_for_cpu(struct device, struct scatterlist *, int, enum dma_data_direction);
void dma_sync_sg_for_device(struct device, struct scatterlist *, int, enum dma_data_direction);
void dma_sync_sgtable_for_cpu(struct device, struct sg_table *, enum dma_data_direction);
void dma_sync_sgtable_for_device(struct device, struct sg_table *, enum dma_data_direction);
void *dma_alloc_coherent(struct device, size_t, dma_addr_t *, gfp_t);
void dma_free_coherent(struct device, size_t, void *, dma_addr_t);
struct page *dma_alloc_pages(struct device, size_t, dma_addr_t *, enum dma_data_direction, gfp_t);
void *dma_pool_alloc(struct dma_pool *, gfp_t, dma_addr_t *);
void dma_pool_free(struct dma_pool *, void *, dma_addr_t);
void dma_pool_destroy(struct dma_pool *);
int dma_set_mask(struct device, u64);
int dma_set_coherent_mask(struct device, u64);
int dma_set_mask_and_coherent(struct device, u64);
int dma_iova_sync(struct device, struct dma_iova_state *, size_t, size_t);
void dma_wmb(void);
void dma_rmb(void);
void wmb(void);
void rmb(void);
void mb(void);
void smp_wmb(void);
void smp_rmb(void);
void writel(u32, void *);
void writel_relaxed(u32, void *);
void writeq(u64, void *);
u32 readl(const void *);
u32 lower_32_bits(u64);
u32 upper_32_bits(u64);
__le16 cpu_to_le16(u16);
__le32 cpu_to_le32(u32);
__le64 cpu_to_le64(u64);
__be32 cpu_to_be32(u32);
u16 le16_to_cpu(__le16);
u32 le32_to_cpu(__le32);
u64 le64_to_cpu(__le64);
u32 be32_to_cpu(__be32);
