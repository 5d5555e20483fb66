/* SPDX-License-Identifier: MIT */
/*
 * The screen on a real terminal device: a pseudo terminal whose other end is the test. What
 * matters here is what a user would notice: keys arrive, little is sent, and on every way out the
 * terminal is as it was.
 */
#define _GNU_SOURCE
#include "base/bug.h"
#include "base/mem.h"
#include "tui/tui.h"
#include "unit/tui_fixture.h"
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ENTER_SCREEN "\033[?1049h"
#define LEAVE_SCREEN "\033[?1049l"

enum { QUIET_MS = 300, PATIENCE_MS = 60000 };

static int master, slave;
static pid_t child;
static struct str seen; /* all that was sent */
static size_t mark;	/* where read_until() begins to look */
static struct termios before;
static struct tui_opts opts;

static void setup(void)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};

	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(grantpt(master), 0);
	ck_assert_int_eq(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert_int_ge(slave, 0);
	ck_assert_int_eq(ioctl(master, TIOCSWINSZ, &size), 0);
	ck_assert_int_eq(tcgetattr(slave, &before), 0);
	seen = (struct str){0};
	mark = 0;
	opts = (struct tui_opts){0};
	child = 0;
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("NO_COLOR");
	unsetenv("DMALAB_PALETTE");
	unsetenv("ESCDELAY");
}

static void teardown(void)
{
	if (child > 0)
		kill(child, SIGKILL);
	close(slave);
	close(master);
	str_free(&seen);
}

/* The sanitizer's own end for a request that is too large would hide ours. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* A source that hits a bug of ours in the middle of a run, and later one without memory. */
static void buggy_fill(void *self, const struct tui_view *view, struct lesson_model *m)
{
	(void)self;
	BUG_ON(view->position == 2);
	if (view->position == 17)
		mem_free(mem_zalloc(SIZE_MAX / 4, 2));
	fixture_source().ops->fill(NULL, view, m);
}

static _Noreturn void run_screen(bool buggy)
{
	struct tui_source_ops ops = *fixture_source().ops;
	struct tui_source source = {.ops = &ops};
	struct str why = {0};
	u32 position = 0;
	enum tui_end end;

	for (int fd = 0; fd < 3; fd++)
		dup2(slave, fd);
	if (buggy)
		ops.fill = buggy_fill;
	end = tui_run(source, &opts, &position, &why);
	printf("\r\nEND %d at %u: %s", end, position, str_get(&why));
	fflush(stdout);
	_exit(end == TUI_QUIT ? 0 : 1);
}

static void start(bool buggy)
{
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child > 0)
		return;
	close(master); /* else the terminal could never hang up */
	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	run_screen(buggy);
}

/* The end of what was seen, short enough for a message. */
static const char *tail(void)
{
	return seen.n > 400 ? seen.s + seen.n - 400 : str_get(&seen);
}

/*
 * Reads what the screen sends until text is there, behind what was waited for before; with NULL
 * until it is quiet.
 */
static void read_until(const char *text)
{
	struct pollfd p = {.fd = master, .events = POLLIN};
	const char *found = NULL;
	char part[4096];

	while (!text || !(found = strstr(str_get(&seen) + mark, text))) {
		ssize_t n;
		int ready = poll(&p, 1, text ? PATIENCE_MS : QUIET_MS);

		if (!ready && !text)
			return;
		ck_assert_msg(ready > 0, "no \"%s\" in: %s", text, tail());
		n = read(master, part, sizeof part);
		ck_assert_msg(n > 0, "ended without \"%s\": %s", text ? text : "", tail());
		str_addn(&seen, part, (size_t)n);
	}
	mark = (size_t)(found - seen.s) + strlen(text);
}

static void send(const char *keys)
{
	ck_assert_int_eq(write(master, keys, strlen(keys)), (ssize_t)strlen(keys));
}

/* Reads on until the process has ended and all it sent is there; its status. */
static int wait_for_end(void)
{
	struct pollfd p = {.fd = master, .events = POLLIN};
	bool ended = false;
	char part[4096];
	int status = 0;

	for (;;) {
		ssize_t n = 0;

		if (!ended) {
			pid_t pid = waitpid(child, &status, WNOHANG);

			ck_assert_int_ge(pid, 0);
			ended = pid == child;
		}
		if (poll(&p, 1, ended ? 0 : 20) > 0)
			n = read(master, part, sizeof part);
		if (n > 0)
			str_addn(&seen, part, (size_t)n);
		else if (ended)
			break;
	}
	child = 0;
	return status;
}

/* The terminal's settings are as before, and it shows its first screen again. */
static void check_restored(void)
{
	const char *enter = strstr(str_get(&seen), ENTER_SCREEN);
	const char *leave = NULL;
	struct termios after;

	for (const char *p = str_get(&seen); (p = strstr(p, LEAVE_SCREEN)); p++)
		leave = p;
	ck_assert_ptr_nonnull(enter);
	ck_assert_ptr_nonnull(leave);
	ck_assert(leave > enter);
	ck_assert_int_eq(tcgetattr(slave, &after), 0);
	ck_assert_uint_eq(after.c_lflag, before.c_lflag);
	ck_assert_uint_eq(after.c_iflag, before.c_iflag);
	ck_assert_uint_eq(after.c_oflag, before.c_oflag);
}

START_TEST(quit_restores)
{
	struct termios during;

	start(false);
	read_until("e0 of 17");
	ck_assert_int_eq(tcgetattr(slave, &during), 0);
	ck_assert(!(during.c_lflag & (ICANON | ECHO)));
	send("q");
	ck_assert_int_eq(wait_for_end(), 0);
	check_restored();
	ck_assert_ptr_nonnull(strstr(str_get(&seen), "END 0 at 0: "));
	ck_assert_ptr_nonnull(strstr(str_get(&seen), "─"));
}
END_TEST

/* Arrows, page keys and characters arrive; positions are as without a terminal. */
START_TEST(keys_arrive)
{
	start(false);
	read_until("e0 of 17");
	send(".");
	read_until("cpu-stale-read");
	send("\033OD"); /* Left */
	read_until("It does not look in the cache.");
	send("\033[6~"); /* PageDown */
	send("\033OC");	 /* Right */
	send("n:e16\rq");
	ck_assert_int_eq(wait_for_end(), 0);
	ck_assert_ptr_nonnull(strstr(str_get(&seen), "END 0 at 16: "));
}
END_TEST

START_TEST(escape_closes_at_once)
{
	start(false);
	read_until("e0 of 17");
	send("?");
	read_until("word of --keys");
	send("\033");
	read_until(NULL);
	send("nq");
	ck_assert_int_eq(wait_for_end(), 0);
	ck_assert_ptr_nonnull(strstr(str_get(&seen), "END 0 at 1: "));
}
END_TEST

/* One step sends a small part of what the first frame took. */
START_TEST(only_changes_are_sent)
{
	size_t first;

	start(false);
	read_until("q quit"); /* the end of the last row */
	read_until(NULL);
	first = seen.n;
	send("n");
	read_until("line 14");
	read_until(NULL);
	ck_assert_uint_gt(first, 2000);
	ck_assert_uint_gt(seen.n - first, 0);
	ck_assert_uint_lt(seen.n - first, first / 4);
	first = seen.n;
	send("Z"); /* runs nothing, shows nothing */
	read_until(NULL);
	ck_assert_uint_lt(seen.n - first, 40);
	send("q");
	ck_assert_int_eq(wait_for_end(), 0);
}
END_TEST

START_TEST(killed_restores)
{
	static const int how[] = {SIGTERM, SIGHUP, SIGQUIT};

	start(false);
	read_until("e0 of 17");
	kill(child, how[_i]);
	ck_assert_int_eq(WTERMSIG(wait_for_end()), how[_i]);
	check_restored();
}
END_TEST

START_TEST(interrupt_is_quit)
{
	start(false);
	read_until("e0 of 17");
	send("\003");
	ck_assert_int_eq(wait_for_end(), 0);
	check_restored();
	ck_assert_ptr_nonnull(strstr(str_get(&seen), "END 0 at 0: "));
}
END_TEST

START_TEST(bug_restores)
{
	int status;

	start(true);
	read_until("e0 of 17");
	send("nn");
	status = wait_for_end();
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 4);
	check_restored();
	ck_assert_ptr_nonnull(strstr(strstr(str_get(&seen), LEAVE_SCREEN), "internal error at"));
}
END_TEST

START_TEST(out_of_memory_restores)
{
	int status;

	start(true);
	read_until("e0 of 17");
	send("G");
	status = wait_for_end();
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 3);
	check_restored();
	ck_assert_ptr_nonnull(strstr(strstr(str_get(&seen), LEAVE_SCREEN), "out of memory"));
}
END_TEST

START_TEST(resize_follows)
{
	struct winsize size = {.ws_row = 15, .ws_col = 60};

	start(false);
	read_until("e0 of 17");
	send(".");
	read_until("cpu-stale-read");
	ck_assert_int_eq(ioctl(master, TIOCSWINSZ, &size), 0);
	read_until("This window has 60 columns and 15 rows.");
	read_until("line 20, event 13.");
	size = (struct winsize){.ws_row = 30, .ws_col = 100};
	ck_assert_int_eq(ioctl(master, TIOCSWINSZ, &size), 0);
	read_until("e13 of 17");
	send("q");
	ck_assert_int_eq(wait_for_end(), 0);
}
END_TEST

/*
 * What a shell does: it leads the session and its job is a group of its own. Only then can the job
 * be stopped by its terminal. The shell says STOPPED and goes on with the job.
 */
static _Noreturn void run_shell(void)
{
	struct termios stopped;
	int status = -1;
	pid_t job;

	close(master);
	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	signal(SIGTTOU, SIG_IGN);
	job = fork();
	if (job == 0) {
		setpgid(0, 0);
		tcsetpgrp(slave, getpid());
		signal(SIGTTOU, SIG_DFL);
		run_screen(false);
	}
	if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status))
		_exit(10);
	if (tcgetattr(slave, &stopped) || stopped.c_lflag != before.c_lflag)
		_exit(11);
	dprintf(slave, "STOPPED");
	kill(-job, SIGCONT);
	if (waitpid(job, &status, 0) != job || !WIFEXITED(status))
		_exit(12);
	_exit(WEXITSTATUS(status));
}

/* The process stops with the terminal given back, and takes it again when it goes on. */
static void check_suspend(const char *keys)
{
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		run_shell();
	read_until("e0 of 17");
	send(keys);
	read_until(LEAVE_SCREEN);
	read_until("STOPPED");
	read_until("e0 of 17"); /* all of it is drawn again */
	send("n");
	read_until("line 14");
	send("q");
	ck_assert_int_eq(wait_for_end(), 0);
	ck_assert_ptr_nonnull(strstr(str_get(&seen), "END 0 at 1: "));
}

START_TEST(suspend_by_key)
{
	check_suspend("\032");
}
END_TEST

START_TEST(suspend_by_name)
{
	check_suspend(":suspend\r");
}
END_TEST

START_TEST(refused)
{
	static const struct {
		const char *term, *palette, *says;
	} how[] = {
	    {"dumb", NULL, "END 3 at 0: TERM is dumb"},
	    {"", NULL, "END 3 at 0: TERM is not set"},
	    {"no-such-terminal", NULL, "END 3 at 0: TERM=no-such-terminal is not known here"},
	    {"xterm", "contrst",
	     "END 3 at 0: there is no palette \"contrst\"; did you mean "
	     "\"contrast\"?"},
	};

	setenv("TERM", how[_i].term, 1);
	opts.palette = how[_i].palette;
	start(false);
	ck_assert_int_eq(WEXITSTATUS(wait_for_end()), 1);
	ck_assert_ptr_nonnull(strstr(str_get(&seen), how[_i].says));
	ck_assert_ptr_null(strstr(str_get(&seen), ENTER_SCREEN));
}
END_TEST

/* ASCII by option and by locale: not one byte above 0x7e is sent. */
START_TEST(ascii)
{
	if (_i == 0)
		setenv("LC_ALL", "C", 1);
	else
		opts.ascii = true;
	opts.keys = "next-finding";
	start(false);
	read_until("e13 of 17");
	send("q");
	ck_assert_int_eq(wait_for_end(), 0);
	for (const char *p = str_get(&seen); *p; p++)
		ck_assert_uint_lt((unsigned char)*p, 0x7f);
	ck_assert_ptr_nonnull(strstr(str_get(&seen), ">CPU READ"));
}
END_TEST

/* Colours by palette: 231 on 124 for stale bytes, or reverse video and no colour at all. */
START_TEST(colours)
{
	static const struct {
		const char *no_color, *env, *option, *has, *has_not;
	} how[] = {
	    {NULL, NULL, NULL, "48;5;124", ";7m"},
	    {"1", NULL, NULL, ";7m", "8;5;"},
	    {"1", NULL, "light", "48;5;88", "48;5;124"},
	    {NULL, "redgreen", NULL, "48;5;227", "48;5;124"},
	    {NULL, "redgreen", "mono", ";7m", "8;5;"},
	};

	if (how[_i].no_color)
		setenv("NO_COLOR", how[_i].no_color, 1);
	if (how[_i].env)
		setenv("DMALAB_PALETTE", how[_i].env, 1);
	opts.palette = how[_i].option;
	opts.keys = "next-finding";
	start(false);
	read_until("q quit");
	send("q");
	ck_assert_int_eq(wait_for_end(), 0);
	ck_assert_msg(strstr(str_get(&seen), how[_i].has) != NULL, "no %s", how[_i].has);
	ck_assert_msg(strstr(str_get(&seen), how[_i].has_not) == NULL, "%s", how[_i].has_not);
}
END_TEST

static Suite *term_suite(void)
{
	Suite *s = suite_create("term");
	TCase *t = tcase_create("pty");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, quit_restores);
	tcase_add_test(t, keys_arrive);
	tcase_add_test(t, escape_closes_at_once);
	tcase_add_test(t, only_changes_are_sent);
	tcase_add_loop_test(t, killed_restores, 0, 3);
	tcase_add_test(t, interrupt_is_quit);
	tcase_add_test(t, bug_restores);
	tcase_add_test(t, out_of_memory_restores);
	tcase_add_test(t, resize_follows);
	tcase_add_test(t, suspend_by_key);
	tcase_add_test(t, suspend_by_name);
	tcase_add_loop_test(t, refused, 0, 4);
	tcase_add_loop_test(t, ascii, 0, 2);
	tcase_add_loop_test(t, colours, 0, 5);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	const char *pty = getenv("TEST_PTY");

	if (pty && !strcmp(pty, "0")) {
		printf("no pseudo terminal can be had here\n");
		return 77;
	}
	setenv("CK_DEFAULT_TIMEOUT", "120", 0);
	return unit_run(term_suite());
}
