# SPDX-License-Identifier: MIT
#
# Sources are found by folder: a new file below src/ or tests/ needs no change here.
# `make help` lists the targets; CONTRIBUTING.md says how the tests are laid out.

MODE	?= release
BUILD	?= build
LAYERS	?= $(notdir $(patsubst %/,%,$(wildcard src/*/)))
ifeq ($(origin CC),default)
CC	:= $(if $(shell command -v gcc 2>/dev/null),gcc,cc)
endif

# ---- what a mode is -------------------------------------------------------------------------

ASAN_UBSAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

mode_release := -O2 -g
mode_debug   := -O1 -g -DDMALAB_DEBUG=1
mode_asan    := -O1 -g -DDMALAB_DEBUG=1 $(ASAN_UBSAN)
mode_ubsan   := -O1 -g -fsanitize=undefined -fno-sanitize-recover=all
mode_cov     := -O0 -g --coverage
mode_tiny    := -O1 -g -DDMALAB_DEBUG=1 -DDMALAB_TINY=1 $(ASAN_UBSAN)
# The mode of `make fuzz`; needs clang.
mode_fuzz    := -O1 -g $(ASAN_UBSAN) -fsanitize=fuzzer-no-link

ifndef mode_$(MODE)
$(error MODE=$(MODE) is not known; use release, debug, asan, ubsan, cov or tiny)
endif

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wpointer-arith -Wwrite-strings -Wundef -Wcast-qual

# $(call pkg,NAME,FALLBACK): the linker's arguments for a library.
pkg	 = $(or $(shell pkg-config --libs $(1) 2>/dev/null),$(2))
inc	:= $(shell pkg-config --cflags-only-I ncursesw yaml-0.1 jansson libxxhash check 2>/dev/null)

ALL_CFLAGS  = -std=gnu11 $(WARNINGS) $(mode_$(MODE)) -Isrc -Itests $(inc) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(filter -fsanitize=% --coverage -fno-sanitize-recover=%,$(mode_$(MODE))) $(LDFLAGS)
LIBS	   := $(call pkg,yaml-0.1,-lyaml) $(call pkg,ncursesw,-lncursesw -ltinfo) \
	      $(call pkg,jansson,-ljansson) -lm
CHECK_LIBS := $(call pkg,check,-lcheck -lsubunit -lrt -lm -pthread)

# ---- where a mode lives ---------------------------------------------------------------------

is_clang := $(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),clang-)
D	 := $(BUILD)/$(is_clang)$(MODE)
PROG	 := $(if $(filter release,$(is_clang)$(MODE)),$(BUILD)/dmalab,$(D)/dmalab)
LIB	 := $(D)/libdmalab.a
MAIN	 := src/cli/main.c

SRCS	 := $(sort $(foreach l,$(LAYERS),$(wildcard src/$(l)/*.c src/$(l)/*/*.c)))
LIB_OBJS := $(patsubst %.c,$(D)/obj/%.o,$(filter-out $(MAIN),$(SRCS)))
MAIN_OBJ := $(MAIN:%.c=$(D)/obj/%.o)

UNIT_SRCS  := $(sort $(wildcard tests/unit/*_test.c))
UNIT_HELP  := $(sort $(filter-out $(UNIT_SRCS),$(wildcard tests/unit/*.c)))
UNITS	   := $(patsubst tests/unit/%.c,$(D)/unit/%,$(UNIT_SRCS))
FUZZ_SRCS  := $(sort $(wildcard tests/fuzz/*_fuzz.c))
FUZZERS	   := $(patsubst tests/fuzz/%.c,$(D)/fuzz/%,$(FUZZ_SRCS))
BENCH_SRCS := $(sort $(wildcard tests/bench/*.c))
BENCH	   := $(D)/bench
VERDICT_SRCS := $(sort $(wildcard tests/verdicts/*.c))
VERDICTS   := $(D)/verdicts

DOC	:= $(BUILD)/doc
SCHEMAS	:= $(DOC)/scenario.schema.json $(DOC)/platform.schema.json
MADE	:= $(patsubst man/%.in,$(DOC)/%,$(wildcard man/*.in))
DOCS	:= $(SCHEMAS) $(MADE)

obj	= $(patsubst %.c,$(D)/obj/%.o,$(1))
# What every program of the mode is linked with.
MODE_OBJS := $(if $(findstring address,$(mode_$(MODE))),$(call obj,tests/setup/leaks.c))
OBJS	:= $(LIB_OBJS) $(MAIN_OBJ) $(MODE_OBJS) \
	   $(call obj,$(UNIT_SRCS) $(UNIT_HELP) $(FUZZ_SRCS) tests/fuzz/replay.c $(BENCH_SRCS) $(VERDICT_SRCS))

# ---- how it is said -------------------------------------------------------------------------

ifeq ($(V),1)
Q	:=
say	:=
else
Q	:= @
say	 = @printf '  %-5s %s\n' '$(1)' '$@';
endif

JOBS	?= $(or $(shell nproc 2>/dev/null),2)
# A recursive make runs in parallel unless the user's own -j rules already.
PAR	 = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: all lib units fuzzers benches recorded warnings FORCE

all: $(PROG) $(if $(filter release,$(is_clang)$(MODE)),$(DOCS)) ; @:
lib: $(LIB) ; @:
units: $(UNITS) ; @:
fuzzers: $(FUZZERS) ; @:
benches: $(if $(BENCH_SRCS),$(BENCH)) ; @:
recorded: $(VERDICTS) ; @:

# ---- compiling and linking ------------------------------------------------------------------

# A stamp changes only when its text does; what depends on it is then made again.
# $(call stamp,TEXT)
stamp = @mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(1))' | cmp -s - $@ || \
	printf '%s\n' '$(subst ','\'',$(1))' >$@
COMPILER := $(CC) $(shell $(CC) --version 2>/dev/null | head -n 1)

$(D)/flags: FORCE
	$(call stamp,$(COMPILER) | $(ALL_CFLAGS))
$(D)/link: FORCE
	$(call stamp,$(COMPILER) | $(ALL_LDFLAGS) $(LIBS) $(CHECK_LIBS) | $(LIB_OBJS))

# Warnings are kept beside the object, so that `make warnings` sees those of earlier builds too.
$(D)/obj/%.o: %.c $(D)/flags
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $< 2>$(@:.o=.warn); s=$$?; \
		cat $(@:.o=.warn) >&2; exit $$s

$(LIB): $(LIB_OBJS) $(D)/link
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $(LIB_OBJS)

$(PROG): $(MAIN_OBJ) $(MODE_OBJS) $(LIB) $(D)/link
	$(call say,LINK)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LIBS)

$(UNITS): $(D)/unit/%: $(D)/obj/tests/unit/%.o $(call obj,$(UNIT_HELP)) $(MODE_OBJS) $(LIB) \
		$(D)/link
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LIBS) $(CHECK_LIBS)

FUZZ_MAIN := $(if $(filter fuzz,$(MODE)),,$(call obj,tests/fuzz/replay.c))
$(FUZZERS): $(D)/fuzz/%: $(D)/obj/tests/fuzz/%.o $(FUZZ_MAIN) $(MODE_OBJS) $(LIB) $(D)/link
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $(if $(FUZZ_MAIN),,-fsanitize=fuzzer) -o $@ $(filter %.o,$^) \
		$(LIB) $(LIBS)

$(BENCH): $(call obj,$(BENCH_SRCS)) $(MODE_OBJS) $(LIB) $(D)/link
	$(call say,LINK)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LIBS)

$(VERDICTS): $(call obj,$(VERDICT_SRCS)) $(MODE_OBJS) $(LIB) $(D)/link
	$(call say,LINK)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LIBS)

warnings:
	@sh tests/lint/warnings.sh $(OBJS:.o=.warn)

-include $(wildcard $(OBJS:.o=.d))

# What the program says of itself; its platforms are in it.
PLATFORM_FILES := $(wildcard scenarios/platforms/*.yaml)
$(DOC)/%.schema.json: $(PROG) $(PLATFORM_FILES)
	$(call say,DOC)
	$(Q)mkdir -p $(@D)
	$(Q)DMALAB_DATA=. $(PROG) schema $* >$@

# Which tables a page has; those of the bugs are in their files.
tables_of_dmalab-bugs.7 := museum
$(DOC)/dmalab-bugs.7: $(wildcard scenarios/bugs/*)

$(DOC)/%: man/%.in man/tables.awk $(PROG)
	$(call say,DOC)
	$(Q)mkdir -p $(@D)
	$(Q)DMALAB_DATA=. $(PROG) schema $(or $(tables_of_$*),manual) | awk -f man/tables.awk - $< >$@

# ---- tests ----------------------------------------------------------------------------------

# The builds of `make check`, as compiler/mode: unit tests run in UNIT_MODES, shell tests find all
# of the programs in $DMALAB_BUILDS. The proofs of MODE=debug are in asan, too.
CHECK_BUILDS := gcc/release gcc/asan gcc/tiny clang/release
UNIT_MODES   := release asan
run_tests     = MAKE='$(MAKE)' BUILD='$(BUILD)' JOBS='$(JOBS)' UNIT_MODES='$(UNIT_MODES)' \
		CHECK_BUILDS='$(CHECK_BUILDS)' sh tests/run.sh

.PHONY: check check-builds unit lint fuzz spin bench prove soak verdicts mutants golden-accept model-notes

check:
	@sh tests/setup/deps.sh check
	@$(MAKE) --no-print-directory check-builds; built=$$?; \
	$(run_tests) lint warnings unit fuzz cli tui setup scenarios verdicts; ran=$$?; \
	[ $$built -eq 0 ] || echo 'make check: a build failed, see above' >&2; \
	[ $$built -eq 0 ] && [ $$ran -eq 0 ]

check-builds:
	@bad=0; for b in $(CHECK_BUILDS); do \
		$(MAKE) -k $(PAR) --no-print-directory CC=$${b%/*} MODE=$${b#*/} \
			all units fuzzers benches recorded || bad=1; \
	done; exit $$bad

ifdef T
unit: $(D)/unit/$(T:_test=)_test
	$<
else
unit: $(UNITS)
	@UNIT_DIRS='$(D)' $(run_tests) unit
endif

lint:
	@sh tests/setup/deps.sh check
	@$(run_tests) lint

golden-accept:
	@sh tests/setup/deps.sh check
	@$(MAKE) --no-print-directory check-builds
	@GOLDEN_ACCEPT=1 $(run_tests) cli tui

FUZZ_SECONDS ?= 600
fuzz:
	@sh tests/setup/deps.sh check
	@$(MAKE) $(PAR) --no-print-directory CC=clang MODE=fuzz fuzzers
	@sh tests/fuzz/fuzz.sh '$(BUILD)/clang-fuzz' '$(FUZZ_SECONDS)' \
		$(if $(T),$(T:_fuzz=),$(patsubst tests/fuzz/%_fuzz.c,%,$(FUZZ_SRCS)))

# Spin itself, and all masks: some minutes.
SPIN_TABLE := $(BUILD)/logs/spin.txt
# Random scenarios against brute force, RUNS of them, from a seed that is not the same each day.
RUNS ?= 20000
soak:
	@sh tests/setup/deps.sh check
	@$(MAKE) $(PAR) --no-print-directory $(D)/unit/reduction_test
	UNIT_SEED=$(or $(SEED),0x$(shell date +%Y%m%d)000000) REDUCTION_RUNS=$(RUNS) \
		CK_DEFAULT_TIMEOUT=86400 $(D)/unit/reduction_test

# Faults planted in a copy of the tree, which the tests must notice; M='NAME...' for some.
mutants:
	@sh tests/setup/deps.sh check
	@MAKE='$(MAKE)' sh tests/mutants/run.sh . '$(BUILD)/mutants' $(M)

spin:
	@sh tests/setup/deps.sh spin
	@$(MAKE) $(PAR) --no-print-directory MODE=release all $(BUILD)/$(is_clang)release/unit/spin_test
	@mkdir -p $(dir $(SPIN_TABLE))
	@SPIN_ALL=1 CK_DEFAULT_TIMEOUT=600 $(BUILD)/$(is_clang)release/unit/spin_test \
		>$(SPIN_TABLE) || { grep -v '^model' $(SPIN_TABLE); exit 1; }
	@grep -v '^model' $(SPIN_TABLE)
	sh tests/spin/spin.sh $(BUILD)/dmalab $(SPIN_TABLE)

bench:
	@sh tests/setup/deps.sh bench
	@$(MAKE) $(PAR) --no-print-directory MODE=release all benches
	DMALAB=$(BUILD)/dmalab $(BUILD)/$(is_clang)release/bench

# What a real kernel did, case by case: CASES names a file of such recordings.
CASES ?= tests/verdicts/cases.json
verdicts:
	@sh tests/setup/deps.sh build
	@$(MAKE) $(PAR) --no-print-directory MODE=release recorded
	@$(BUILD)/$(is_clang)release/verdicts '$(CASES)' $(CASE)

# Every schedule of every scenario that is shipped: no bound but those of a search itself.
prove:
	@sh tests/setup/deps.sh build
	@$(MAKE) $(PAR) --no-print-directory MODE=release all
	@find scenarios tests/scenarios -name '*.yaml' ! -path 'scenarios/platforms/*' | sort | \
		xargs $(BUILD)/dmalab check --prove

# The sums of it all, from runs that are made now; PART='alarms ...' for some. An hour.
.PHONY: score
score:
	@sh tests/setup/deps.sh build
	@$(MAKE) $(PAR) --no-print-directory MODE=release all
	@DMALAB='$(BUILD)/dmalab' JOBS='$(JOBS)' sh tests/score/score.sh $(PART)

model-notes:
	@grep -rn --include='*.[ch]' 'Model:' src || true

# ---- a fresh machine ------------------------------------------------------------------------

LESSON := scenarios/lessons/01-rx-packet-read-too-early.yaml

.PHONY: tour
tour:
	@sh tests/setup/deps.sh build
	@$(MAKE) $(PAR) --no-print-directory MODE=release all
	@if [ -t 0 ] && [ -t 1 ]; then \
		$(PROG) tui $(LESSON); \
	else \
		$(PROG) run $(LESSON); \
	fi

# ---- installing -----------------------------------------------------------------------------

PREFIX	?= /usr/local
bindir	:= $(DESTDIR)$(PREFIX)/bin
datadir	:= $(DESTDIR)$(PREFIX)/share/dmalab
sharedir := $(DESTDIR)$(PREFIX)/share
mandir	:= $(DESTDIR)$(PREFIX)/share/man
MAN	:= $(sort $(wildcard man/*.[157]) $(MADE))
shells	:= bash=bash-completion/completions/dmalab zsh=zsh/site-functions/_dmalab \
	   fish=fish/vendor_completions.d/dmalab.fish
DATA	:= $(sort $(patsubst ./%,%,$(shell find scenarios -type f 2>/dev/null)))

shell_of = $(firstword $(subst =, ,$(1)))
path_of	 = $(lastword $(subst =, ,$(1)))

.PHONY: install uninstall
install: all $(DOCS)
	install -d $(bindir)
	install -m 755 $(PROG) $(bindir)/dmalab
	$(foreach m,$(MAN),install -D -m 644 $(m) \
		$(mandir)/man$(subst .,,$(suffix $(m)))/$(notdir $(m)) &&) true
	$(foreach f,$(DATA),install -D -m 644 $(f) $(datadir)/$(f) &&) true
	install -m 644 $(SCHEMAS) $(datadir)
	$(foreach s,$(shells),install -d $(dir $(sharedir)/$(call path_of,$(s))) && \
		$(PROG) completion $(call shell_of,$(s)) >$(sharedir)/$(call path_of,$(s)) &&) true

uninstall:
	rm -f $(bindir)/dmalab
	rm -f $(foreach m,$(MAN),$(mandir)/man$(subst .,,$(suffix $(m)))/$(notdir $(m)))
	rm -rf $(datadir)/scenarios
	rm -f $(foreach s,$(shells),$(sharedir)/$(call path_of,$(s)))
	rm -f $(foreach s,$(SCHEMAS),$(datadir)/$(notdir $(s)))
	[ ! -d $(datadir) ] || rmdir $(datadir)

# ---- the rest -------------------------------------------------------------------------------

.PHONY: format clean help
format:
	@sh tests/setup/deps.sh format
	find src tests -name '*.[ch]' -exec clang-format -i {} +

clean:
	rm -rf $(BUILD)

help:
	@cat tests/setup/help.txt
