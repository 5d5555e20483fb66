/* SPDX-License-Identifier: MIT */
/* Where results go, and how text is written there. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/bug.h"
#include "cli/cli.h"

enum { WIDTH = 80, WIDTH_MIN = 40, WIDTH_MAX = 400 };

bool output_open(struct output *o, const char *file)
{
	*o = (struct output){stdout, "standard output"};
	if (!file || strcmp(file, "-") == 0)
		return true;
	o->name = file;
	o->f = fopen(file, "wb");
	if (!o->f)
		fprintf(stderr, "dmalab: cannot write %s: %s\n", file, strerror(errno));
	return o->f != NULL;
}

void output_write(void *out, const char *text, size_t n)
{
	struct output *o = out;

	/* Errors stick to the stream: output_close() tells them. */
	(void)!fwrite(text, 1, n, o->f);
}

int output_close(struct output *o)
{
	bool bad = fflush(o->f) != 0 || ferror(o->f);
	int why = errno;

	if (o->f != stdout)
		bad |= fclose(o->f) != 0;
	if (!bad)
		return EXIT_EXPECTED;
	if (why == EPIPE) { /* the signal was blocked or ignored: as shells report it */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	fprintf(stderr, "dmalab: cannot write all of %s: %s\n", o->name, strerror(why));
	return EXIT_LIMIT;
}

int output_text(const struct str *s)
{
	struct output o;

	BUG_ON(!output_open(&o, NULL));
	output_write(&o, str_get(s), s->n);
	return output_close(&o);
}

static const char *env(const char *name)
{
	const char *v = getenv(name);

	return v && v[0] ? v : NULL;
}

/* "0" is set, and says no. */
static bool forces(const char *name)
{
	const char *v = env(name);

	return v && strcmp(v, "0") != 0;
}

static bool is_utf8(void)
{
	const char *v = env("LC_ALL");

	v = v ? v : env("LC_CTYPE");
	v = v ? v : env("LANG");
	return v &&
	       (strstr(v, "UTF-8") || strstr(v, "utf8") || strstr(v, "UTF8") || strstr(v, "utf-8"));
}

u32 output_columns(int fd)
{
	struct winsize ws = {0};
	const char *v = env("COLUMNS");
	long n = 0;

	if (ioctl(fd, TIOCGWINSZ, &ws) == 0)
		n = ws.ws_col;
	if (v)
		n = strtol(v, NULL, 10);
	if (n < 1)
		n = WIDTH;
	return (u32)(n < WIDTH_MIN ? WIDTH_MIN : n > WIDTH_MAX ? WIDTH_MAX : n);
}

struct style output_style(const struct output *o, bool plain)
{
	bool tty = isatty(fileno(o->f)) == 1;
	const char *term = env("TERM");
	bool dumb = !term || strcmp(term, "dumb") == 0;
	bool force = forces("CLICOLOR_FORCE") || forces("FORCE_COLOR");
	struct style s = {.width = tty ? output_columns(fileno(o->f)) : WIDTH, .plain = plain};

	s.attrs = !plain && !env("NO_COLOR") && (force || (tty && !dumb));
	/* A pipe keeps the shapes unless the locale says that it cannot. */
	s.ascii = plain || env("DMALAB_ASCII") || !is_utf8();
	return s;
}
