/* SPDX-License-Identifier: MIT */
/* A device model as a data sheet: registers with their bits, descriptors, what it does, its acts.
 */
#include "cli/devices.h"

#include <stdio.h>
#include <string.h>

#include "device/device.h"

enum { REG_INDENT = 8, BIT_INDENT = 10, TEXT_INDENT = 2 };

static void wrap(const struct style *style, u32 indent, const struct str *s, struct str *out)
{
	style_wrap(style, indent, indent, str_get(s), out);
}

static const char *access_text(u32 access)
{
	if (access & REG_CLEAR)
		return "r, 1 clears";
	return (access & REG_READ) && (access & REG_WRITE) ? "rw" : access & REG_READ ? "r" : "w";
}

/* The names for bits of a register, or, with NO_REG, of all else. */
static void constants(const struct device_info *m, u32 reg, u32 indent, const struct style *style,
		      struct str *out)
{
	struct str s = {0};

	for (u32 i = 0; i < m->constants; i++) {
		const struct device_const *c = &m->constant[i];

		if (c->reg != reg)
			continue;
		str_clear(&s);
		str_printf(&s, "0x%llx %s: %s", (unsigned long long)c->value, c->name, c->meaning);
		str_printf(out, "%*s", (int)indent, "");
		wrap(style, indent, &s, out);
	}
	str_free(&s);
}

static void meaning(const struct reg_info *r, const struct style *style, struct str *out)
{
	struct str s = {0};

	str_add(&s, r->meaning);
	if (r->count)
		str_printf(&s, "; i from 0 to %u, each 0x%x behind the one before", r->count - 1,
			   r->stride);
	wrap(style, REG_INDENT, &s, out);
	str_free(&s);
}

static void registers(const struct device_info *m, const struct style *style, struct str *out)
{
	str_add(out, "\noffset  bytes  access       reset     register\n");
	for (u32 i = 0; i < m->regs; i++) {
		const struct reg_info *r = &m->reg[i];
		char reset[24];

		snprintf(reset, sizeof reset, r->reset > 9 ? "0x%llx" : "%llu",
			 (unsigned long long)r->reset);
		str_printf(out, "0x%02x    %-6u %-12s %-9s %s%s: %s\n", r->offset, r->size,
			   access_text(r->access), reset, r->constant, r->count ? "(i)" : "",
			   r->name);
		str_printf(out, "%*s", REG_INDENT, "");
		meaning(r, style, out);
		constants(m, r->offset, BIT_INDENT, style, out);
	}
}

static void list(const char *title, const char *const *lines, u32 n, const struct style *style,
		 struct str *out)
{
	str_printf(out, "\n%s\n", title);
	for (u32 i = 0; i < n; i++) {
		str_printf(out, "%*s", TEXT_INDENT, "");
		style_wrap(style, TEXT_INDENT, TEXT_INDENT, lines[i], out);
	}
}

static void misbehaviour(const struct device_info *m, const struct style *style, struct str *out)
{
	struct str s = {0};

	for (u32 i = 0; device_misbehaviours[i].name; i++) {
		str_clear(&s);
		str_printf(&s, "%s: %s", device_misbehaviours[i].name, m->wrong[i]);
		str_printf(out, "%*s", TEXT_INDENT, "");
		wrap(style, TEXT_INDENT + 2, &s, out);
	}
	str_free(&s);
}

static void acts(const struct device_info *m, const struct style *style, struct str *out)
{
	struct str s = {0};

	str_printf(out, "\nacts, under the name of the device: '- %s: %s'\n", m->name,
		   m->act[0].form);
	for (u32 i = 0; i < m->acts; i++) {
		str_clear(&s);
		str_printf(&s, "%s  %s", m->act[i].form, m->act[i].meaning);
		str_printf(out, "%*s", TEXT_INDENT, "");
		wrap(style, TEXT_INDENT + 2, &s, out);
	}
	str_free(&s);
	str_add(out, "\nmisbehaviour, told by misbehave(), for one occasion\n");
	misbehaviour(m, style, out);
}

bool device_explain(const char *id, const struct style *style, struct str *out)
{
	const struct device_info *m = device_model_find(id);
	u32 n = 0;

	if (!m)
		return false;
	str_printf(out, "%s: a device model, %u address bits%s\n\n", id, m->address_bits,
		   m->has_ring ? "; ring: N says how many descriptors its rings have, 4 without it"
		   : m->has_segments ? "; max_segment: N and boundary: N are 64KiB without them"
				     : "");
	style_wrap(style, 0, 0, m->summary, out);
	registers(m, style, out);
	if (m->layout)
		str_printf(out, "\nin memory\n%s", m->layout);
	for (u32 i = 0; !m->layout && i < m->constants; i++)
		if (m->constant[i].reg == NO_REG) {
			str_add(out, "\nbesides\n");
			break;
		}
	constants(m, NO_REG, TEXT_INDENT, style, out);
	while (m->does[n])
		n++;
	list("what it does", m->does, n, style, out);
	acts(m, style, out);
	return true;
}

static void line(const struct style *style, const struct str *s, struct str *out)
{
	style_wrap(style, 0, 2, str_get(s), out);
}

static void name_of(const struct device_info *m, const char *id, const struct style *style,
		    struct str *out)
{
	struct str s = {0};

	for (u32 i = 0; i < m->regs; i++) {
		const struct reg_info *r = &m->reg[i];

		if (strcmp(r->constant, id) != 0)
			continue;
		str_printf(&s, "%s%s: a register of the model %s at 0x%02x", id,
			   r->count ? "(i)" : "", m->name, r->offset);
		if (r->count)
			str_printf(&s, " + i * 0x%x for i from 0 to %u", r->stride, r->count - 1);
		str_printf(&s, ", %u bytes, %s. %s: %s.", r->size, access_text(r->access), r->name,
			   r->meaning);
		line(style, &s, out);
		constants(m, r->offset, TEXT_INDENT, style, out);
	}
	for (u32 i = 0; i < m->constants; i++) {
		const struct device_const *c = &m->constant[i];

		if (strcmp(c->name, id) != 0)
			continue;
		str_printf(&s, "%s: 0x%llx, a name of the model %s", id,
			   (unsigned long long)c->value, m->name);
		for (u32 k = 0; c->reg != NO_REG && k < m->regs; k++)
			if (m->reg[k].offset == c->reg)
				str_printf(&s, ", in %s", m->reg[k].constant);
		str_printf(&s, ". %s.", c->meaning);
		line(style, &s, out);
	}
	for (u32 i = 0; i < m->acts; i++) {
		if (strcmp(m->act[i].name, id) != 0)
			continue;
		str_printf(&s, "%s: an act of the model %s. %s", m->act[i].form, m->name,
			   m->act[i].meaning);
		line(style, &s, out);
		if (strcmp(m->act[i].args, "w") == 0)
			misbehaviour(m, style, out);
	}
	str_free(&s);
}

bool device_word_explain(const char *id, const struct style *style, struct str *out)
{
	const struct device_info *m;
	u32 was = out->n;

	for (u32 i = 0; (m = device_model_at(i)); i++)
		name_of(m, id, style, out);
	return out->n > was;
}
