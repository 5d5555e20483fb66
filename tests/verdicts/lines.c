/* SPDX-License-Identifier: MIT */
/*
 * The kernel's log of a step against ours: number, order and words. What differs from run to run is
 * compared by its meaning: names of devices, addresses, slots that earlier cases had lost. Pointers
 * are hashed by the kernel and not compared.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verdicts/verdicts.h"

#define HASHED "(____ptrval____)"

static size_t hex_length(const char *s)
{
	size_t n = 0;

	while (isxdigit((unsigned char)s[n]))
		n++;
	return n;
}

/* A pointer as %p prints it: hashed, or 16 digits without a mark. Its length, or 0. */
static size_t pointer_length(const char *s, const char *before)
{
	if (strncmp(s, HASHED, strlen(HASHED)) == 0)
		return strlen(HASHED);
	return hex_length(s) == 16 && (s == before || !isalnum((unsigned char)s[-1])) ? 16 : 0;
}

/* The length of the number at s: 0x and digits, or digits; 0: there is none. One message of the
 * kernel has the 0x twice: the first is then a piece of its own. */
static size_t number_length(const char *s, const char *before, bool *is_hex)
{
	size_t n;

	*is_hex = s[0] == '0' && s[1] == 'x';
	if (*is_hex)
		return s[2] == '0' && s[3] == 'x' ? 2 : 2 + hex_length(s + 2);
	if (s > before && (isalnum((unsigned char)s[-1]) || s[-1] == '.'))
		return 0;
	for (n = 0; isdigit((unsigned char)s[n]); n++)
		;
	return isalpha((unsigned char)s[n]) ? 0 : n;
}

/* A device as the kernel names it: "0000:00:08.0", "name.7" behind a driver, "00:08.0". */
static size_t device_length(const char *s, const char *before)
{
	size_t n = 0;

	if (s > before && isalnum((unsigned char)s[-1]))
		return 0;
	while (isxdigit((unsigned char)s[n]) || s[n] == ':')
		n++;
	if (n >= 5 && memchr(s, ':', n) && s[n] == '.' && isdigit((unsigned char)s[n + 1]))
		return n + 2;
	for (n = 0; isalpha((unsigned char)s[0]) && isalnum((unsigned char)s[n]); n++)
		;
	if (!n || s[n] != '.' || !isdigit((unsigned char)s[n + 1]))
		return 0;
	for (n++; isdigit((unsigned char)s[n]); n++)
		;
	return s[n] == ':' ? n : 0;
}

/* A word and a blank in front of a device's name: the driver's name or, without one, its bus's. */
static size_t driver_length(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_' || s[n] == '-')
		n++;
	return n && s[n] == ' ' ? n + 1 : 0;
}

void line_pattern(const char *line, struct str *out)
{
	const char *s = line + driver_length(line);
	size_t device = device_length(s, s);

	s = device ? s + device : line;
	while (*s) {
		bool is_hex;
		size_t n = device_length(s, line);

		n = n ? n : pointer_length(s, line);
		n = n ? n : number_length(s, line, &is_hex);
		str_addn(out, n ? "#" : s, 1);
		s += n ? n : 1;
	}
}

/* ---- devices ---- */

/* Without the bus's domain, which is not always printed. */
static const char *without_domain(const char *s, size_t *n)
{
	if (*n <= 8 || s[4] != ':')
		return s;
	*n -= 5;
	return s + 5;
}

/* The one of our devices that has this name, or DEVICES. */
static u32 device_named(const struct trial *t, const char *s, size_t n)
{
	for (u32 i = 0; i < DEVICES; i++) {
		char name[64];

		if (t->cfg.hw.dev[i].bus == BUS_PCI)
			snprintf(name, sizeof name, "00:%02x.0", hw_pci_slot(i));
		else
			snprintf(name, sizeof name, "%s.0", t->cfg.hw.dev[i].name);
		if (strlen(name) == n && memcmp(name, s, n) == 0)
			return i;
	}
	return DEVICES;
}

/* Which of our devices it is: the first message about one tells, in a step that is about it. */
static bool same_device(struct trial *t, const struct plan_step *s, const char *theirs, size_t n,
			const char *ours, size_t k)
{
	const char *name = without_domain(theirs, &n), *ours_name = without_domain(ours, &k);
	u32 dev = device_named(t, ours_name, k);

	if (dev == DEVICES || n >= sizeof t->device[0])
		return false;
	for (u32 i = 0; i < DEVICES; i++)
		if (strncmp(t->device[i], name, n) == 0 && !t->device[i][n])
			return i == dev;
	if (t->device[dev][0] || dev != s->dev)
		return false;
	memcpy(t->device[dev], name, n);
	return true;
}

/* ---- one line ---- */

struct both {
	const char *theirs, *ours; /* where they are */
	const char *a, *b;	   /* where they begin */
};

static bool same_number(struct trial *t, const struct plan_step *s, struct both *l, size_t n,
			size_t k, bool is_hex)
{
	u64 x = strtoull(l->theirs, NULL, is_hex ? 16 : 10),
	    y = strtoull(l->ours, NULL, is_hex ? 16 : 10);
	bool slots = strncmp(l->theirs + n, " (slots)", 8) == 0 && l->theirs - l->a >= 5 &&
		     strncmp(l->theirs - 5, "used ", 5) == 0;

	if (is_hex && n <= 2)
		return n == k;
	if (is_hex)
		return n == k && known_same(t, s, x, y);
	if (slots && !t->slots_known)
		t->slots_extra = (s64)(x - y);
	if (slots) {
		t->slots_known = true;
		return (s64)(x - y) == t->slots_extra;
	}
	return x == y;
}

static bool is_bus(const char *s)
{
	return strncmp(s, "pci ", 4) == 0 || strncmp(s, "platform ", 9) == 0;
}

/*
 * A device, with the word in front of it if there is one: the driver, which has other names here;
 * that there is none any more is said on both sides, by the bus in its place.
 */
static bool devices_differ(struct trial *t, const struct plan_step *s, const char *theirs,
			   const char *ours, size_t *n, size_t *k)
{
	size_t word = device_length(theirs, theirs) ? 0 : driver_length(theirs),
	       our_word = device_length(ours, ours) ? 0 : driver_length(ours);

	*n = device_length(theirs + word, theirs + word);
	if (!*n)
		return false;
	*k = device_length(ours + our_word, ours + our_word);
	if (!*k || !word != !our_word || (word && is_bus(theirs) != is_bus(ours)) ||
	    !same_device(t, s, theirs + word, *n, ours + our_word, *k))
		return true;
	*n += word;
	*k += our_word;
	return false;
}

/* The next piece of both. False: they differ. */
static bool same_piece(struct trial *t, const struct plan_step *s, struct both *l)
{
	bool hex_a, hex_b, inside = l->theirs > l->a && isalnum((unsigned char)l->theirs[-1]);
	size_t n = 0, k = 0;

	if (!inside && devices_differ(t, s, l->theirs, l->ours, &n, &k))
		return false;
	if (n) {
		;
	} else if ((n = pointer_length(l->theirs, l->a))) {
		k = pointer_length(l->ours, l->b);
		if (!k)
			return false;
	} else if ((n = number_length(l->theirs, l->a, &hex_a))) {
		k = number_length(l->ours, l->b, &hex_b);
		if (!k || hex_a != hex_b || !same_number(t, s, l, n, k, hex_a))
			return false;
	} else {
		n = k = 1;
		if (*l->theirs != *l->ours)
			return false;
	}
	l->theirs += n;
	l->ours += k;
	return true;
}

static bool same_line(struct trial *t, const struct plan_step *s, const char *theirs,
		      const char *ours)
{
	struct both l = {theirs, ours, theirs, ours};

	while (*l.theirs && *l.ours)
		if (!same_piece(t, s, &l))
			return false;
	return !*l.theirs && !*l.ours;
}

/* ---- the lines of a step ---- */

/*
 * A line that the kernel prints once in a boot, and which nothing makes it forget: an earlier case
 * of the boot, which need not be in the file, had it. Not so if a later one has it.
 */
static bool was_printed(const struct trial *t, u32 entry, const char *line)
{
	const char *name = json_text(json_object_get(t->plan->json, "config"), "name");
	struct str pattern = {0};
	u64 last = 0;

	if (!name || !klog_is_of_boot(t->e->w, entry))
		return false;
	line_pattern(line, &pattern);
	member_number(json_object_get(t->once->last, name), str_get(&pattern), &last);
	str_free(&pattern);
	return last <= t->once->number;
}

/* One line of ours against the k-th of the kernel's. */
static void compare_line(struct trial *t, const struct plan_step *s, const char *ours, json_t *want,
			 size_t *k)
{
	const char *theirs = json_string_value(json_array_get(want, *k));

	if (theirs && same_line(t, s, theirs, ours)) {
		++*k;
		return;
	}
	trial_differs(t, "log", theirs ? theirs : "nothing", ours);
	*k += theirs != NULL;
}

/* The next line of several, which it ends; NULL: there is none. */
static char *next_line(char **rest)
{
	char *line = *rest, *end = line ? strchr(line, '\n') : NULL;

	if (end)
		*end++ = 0;
	*rest = end;
	return line;
}

/* One of our messages, with the report that goes with it: they come, or are missing, together. */
static void compare_entry(struct trial *t, const struct plan_step *s, u32 entry, json_t *want,
			  size_t *k)
{
	const char *theirs = json_string_value(json_array_get(want, *k));
	struct str text = {0}, probe = {0};
	char *rest, *line;
	bool any = false;

	lx_log_line(&t->e->lx, entry, &text);
	str_add(&probe, str_get(&text));
	for (rest = probe.s; (line = next_line(&rest));)
		any |= theirs && same_line(t, s, theirs, line);
	if (any || !was_printed(t, entry, str_get(&probe)))
		for (rest = text.s; (line = next_line(&rest));)
			compare_line(t, s, line, want, k);
	str_free(&probe);
	str_free(&text);
}

void compare_lines(struct trial *t, const struct plan_step *s)
{
	json_t *want = json_object_get(s->json, "log");
	u32 n = klog_entries(t->e->w);
	size_t k = 0;

	for (u32 i = t->log_entries; i < n; i++)
		compare_entry(t, s, i, want, &k);
	for (; k < json_array_size(want); k++)
		trial_differs(t, "log", json_string_value(json_array_get(want, k)), "nothing");
	t->log_entries = n;
}
