/* SPDX-License-Identifier: MIT */
/* The configuration of a case as platform and devices of a scenario. */
#include <string.h>

#include "verdicts/options.h"
#include "verdicts/verdicts.h"

#define GIB (1ull << 30)
enum { POOL_MIB = 64 };

/* "6G", "512M": bytes; 0: it is no such text. */
static u64 memory_bytes(const char *s)
{
	u64 n = 0;

	if (!s)
		return 0;
	while (*s >= '0' && *s <= '9')
		n = n * 10 + (u64)(*s++ - '0');
	if (strcmp(s, "G") == 0)
		return n * GIB;
	return strcmp(s, "M") == 0 ? n << 20 : 0;
}

/* Up to 2 GiB lie below 4 GiB, the rest begins there, as the machines of the recordings have it. */
static void memory(struct plan *p, json_t *config)
{
	u64 n = memory_bytes(json_text(config, "memory"));

	if (!n)
		plan_refuse(p, REASON_CONFIG, "memory");
	else if (n <= 2 * GIB)
		plan_raw(p, ", memory: [{base: 0, size: 0x%llx}]", (unsigned long long)n);
	else
		plan_raw(p, ", memory: [{base: 0, size: 2GiB}, {base: 4GiB, size: 0x%llx}]",
			 (unsigned long long)(n - 2 * GIB));
}

static void bounce_pool(struct plan *p, json_t *config)
{
	const char *s = json_text(config, "swiotlb");

	if (!s)
		plan_refuse(p, REASON_FORM, "swiotlb");
	else if (strcmp(s, "none") == 0 || strcmp(s, "noforce") == 0)
		plan_raw(p, ", swiotlb: none");
	else if (strcmp(s, "auto") == 0)
		plan_raw(p, ", swiotlb: {size: %dMiB, when: above-4gib}", POOL_MIB);
	else if (strcmp(s, "force") == 0)
		plan_raw(p, ", swiotlb: {size: %dMiB, when: always, force: true}", POOL_MIB);
	else
		plan_refuse(p, REASON_CONFIG, "swiotlb: %s", s);
}

/* An option that the laboratory does not have is off in it; one about the bounce pool makes no
 * difference where there is none. */
static bool is_off(const char *option, json_t *v, const char *pool)
{
	bool no_pool = pool && (strcmp(pool, "none") == 0 || strcmp(pool, "noforce") == 0);

	return !option_is_known(option) &&
	       (json_is_false(v) || (no_pool && strncmp(option, "SWIOTLB_", 8) == 0));
}

static void kernel_options(struct plan *p, json_t *config)
{
	json_t *o = json_object_get(config, "kernel_options");
	const char *key, *comma = "";
	json_t *v;

	plan_raw(p, ", kernel_options: {");
	json_object_foreach(o, key, v)
	{
		if (is_off(key, v, json_text(config, "swiotlb")))
			continue;
		plan_raw(p, "%s%s: %s", comma, key, json_is_true(v) ? "true" : "false");
		comma = ", ";
	}
	plan_raw(p, "}");
	p->counts_errors = member_bool(o, "DMA_API_DEBUG", false);
}

/* The platform that has the right IOMMU, or none. */
static const char *like(struct plan *p, json_t *config)
{
	static const char *const words[][2] = {{"none", "x86-64"},
					       {"strict", "x86-64-vtd-strict"},
					       {"lazy", "x86-64-vtd"},
					       {"passthrough", "x86-64-vtd-pt"}};
	const char *s = json_text(config, "iommu");

	for (u32 i = 0; s && i < ARRAY_LEN(words); i++)
		if (strcmp(words[i][0], s) == 0)
			return words[i][1];
	plan_refuse(p, s ? REASON_CONFIG : REASON_FORM, "iommu: %s", s ? s : "");
	return "x86-64";
}

/* Whether some step uses the engine of the device with a buffer of its own. */
static bool uses_edu(json_t *json)
{
	size_t i;
	json_t *s;

	json_array_foreach(json_object_get(json, "steps"), i, s)
	{
		const char *act = json_text(s, "act"), *result = json_text(s, "result");

		if ((act && strncmp(act, "edu", 3) == 0) ||
		    (result && strncmp(result, "edu", 3) == 0))
			return true;
	}
	return false;
}

static void devices(struct plan *p, json_t *config)
{
	const char *bus = json_text(config, "bus");
	u64 wires = 64;

	p->has_edu = uses_edu(p->json);
	if (!bus || !member_number(config, "device_wires", &wires)) {
		plan_refuse(p, REASON_FORM, "bus, device_wires");
		return;
	}
	plan_raw(p, "devices:\n");
	for (u32 i = 0; i < DEVICES; i++)
		plan_raw(
		    p, "  dev%s: {%saddress_bits: %llu, bus: %s, mask: 64, coherent_mask: 64%s}\n",
		    i ? "2" : "", p->has_edu ? "model: edu, " : "", (unsigned long long)wires, bus,
		    member_bool(config, "untrusted", false) ? ", untrusted: true" : "");
}

void plan_machine(struct plan *p)
{
	json_t *config = json_object_get(p->json, "config");
	const char *kernel = json_text(config, "kernel");

	if (!json_is_object(config) || !kernel) {
		plan_refuse(p, REASON_FORM, "config");
		return;
	}
	plan_raw(p, "schema: 1\nid: recorded\ntitle: \"a recorded case\"\nplatforms:\n");
	plan_raw(p, "  - machine: {like: %s, kernel: \"%s\", cpus: 1", like(p, config), kernel);
	memory(p, config);
	bounce_pool(p, config);
	kernel_options(p, config);
	plan_raw(p, "}\n");
	devices(p, config);
}
