#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs test programs, JOBS at a time, each under a time limit with its output in a log; one line
# per program, at the end "N passed, M failed". What should be there and is not, fails.
#
#     tests/run.sh GROUP...      lint warnings unit fuzz cli tui setup scenarios verdicts
#
# BUILD (build), JOBS (2), MAKE, CHECK_BUILDS, UNIT_MODES (release asan) or UNIT_DIRS and
# GOLDEN_ACCEPT come from the Makefile; TEST_LIMIT replaces every time limit, in seconds. A shell
# test is given, besides these:
#     DMALAB         the program, release build, absolute
#     DMALAB_BUILDS  the program in several builds, absolute: release, asan, clang's release
#     TEST_TMP       an empty folder of its own, kept if it fails
#     TEST_PTY       0 if no pseudo-terminal can be had (a bare chroot); a test that needs one then
#                    ends with status 77 and is told as skipped. Anywhere else 77 is a failure.
set -u

if [ "${1:-}" = --one ]; then
  # --one FOLDER NUMBER: the program that line NUMBER of FOLDER/list names
  dir=$2
  line=$(sed -n "$3p" "$dir/list")
  name=${line%%|*}
  rest=${line#*|}
  limit=${rest%%|*}
  command=${rest#*|}
  file=$(printf '%s' "$name" | tr -c 'A-Za-z0-9._-' _)
  TEST_TMP=$dir/$file.tmp
  export TEST_TMP
  mkdir -p "$TEST_TMP"
  from=$(date +%s)
  timeout -k 5 "$limit" sh -c "$command" </dev/null >"$dir/$file.log" 2>&1
  status=$?
  took=$(($(date +%s) - from))
  # Of the processor: what a test costs does not depend on what else the machine does.
  times >"$dir/$file.times"
  cpu=$(awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, "m"); s += t[1] * 60 + t[2] }
    printf "%d", s }' "$dir/$file.times")
  if [ $status -eq 0 ]; then
    rm -rf "$TEST_TMP"
    printf '  ok    %4ds  %s (CPU %ss)\n' "$took" "$name" "$cpu"
    echo ok >"$dir/$3.result"
    exit 0
  fi
  if [ $status -eq 77 ] && [ "$TEST_PTY" = 0 ]; then
    rm -rf "$TEST_TMP"
    printf '  skip  %4ds  %s: no pseudo-terminal here\n' "$took" "$name"
    echo skip >"$dir/$3.result"
    exit 0
  fi
  why="exit status $status"
  [ $status -ne 124 ] && [ $status -ne 137 ] || why="no end within $limit s"
  printf '  FAIL  %4ds  %s: %s\n%s\n        (all of it: %s)\n' "$took" "$name" "$why" \
    "$(tail -n 25 "$dir/$file.log" | sed 's/^/        | /')" "$dir/$file.log"
  echo fail >"$dir/$3.result"
  exit 0
fi

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 1
build=${BUILD:-build}
case $build in
/*) ;;
*) build=$root/$build ;;
esac
dir=$build/logs
modes=${UNIT_MODES:-release asan}
if [ -z "${UNIT_DIRS:-}" ]; then
  for m in $modes; do UNIT_DIRS="${UNIT_DIRS:-} $build/$m"; done
fi

# Neither the user's locale nor the terminal may matter.
unset NO_COLOR CLICOLOR CLICOLOR_FORCE FORCE_COLOR COLUMNS LINES TMUX
unset MAKEFLAGS MAKELEVEL MFLAGS GNUMAKEFLAGS CC CFLAGS CPPFLAGS LDFLAGS
LC_ALL=C.UTF-8
DMALAB=$build/dmalab
DMALAB_BUILDS="$DMALAB $build/asan/dmalab $build/clang-release/dmalab"
ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
UBSAN_OPTIONS=print_stacktrace=1
TEST_PTY=1
script -qec true /dev/null </dev/null >/dev/null 2>&1 || TEST_PTY=0
export LC_ALL DMALAB DMALAB_BUILDS TEST_PTY ASAN_OPTIONS UBSAN_OPTIONS BUILD JOBS

rm -rf "$dir"
mkdir -p "$dir"
: >"$dir/list"

# The search for leaks at the end of a process needs /proc and the right to trace; where it cannot
# work it would fail every program of the asan build.
no_leaks=
echo 'int main(void) { return 0; }' >"$dir/probe.c"
if gcc -fsanitize=address "$dir/probe.c" -o "$dir/probe" 2>/dev/null; then
  case $(ASAN_OPTIONS=detect_leaks=1 "$dir/probe" 2>&1) in
  *'LeakSanitizer has encountered a fatal error'*)
    no_leaks=1
    ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
    ;;
  esac
fi

add() { # NAME LIMIT COMMAND, run by sh in the root of the checkout
  printf '%s|%s|%s\n' "$1" "${TEST_LIMIT:-$2}" "$3" >>"$dir/list"
}

none() { # GROUP: a group without a test is a mistake, not a success
  add "$1" 5 "echo 'there is no test in this group'; exit 1"
}

add_lint() {
  add "lint/layers" 60 "sh tests/lint/layers.sh"
  add "lint/layers_test" 60 "sh tests/lint/layers_test.sh"
  add "lint/style" 60 "sh tests/lint/style.sh"
  add "lint/style_test" 60 "sh tests/lint/style_test.sh"
  add "lint/headers gcc" 120 "sh tests/lint/headers.sh gcc"
  add "lint/headers clang" 120 "sh tests/lint/headers.sh clang"
}

add_warnings() {
  [ -n "${CHECK_BUILDS:-}" ] || none warnings
  for b in ${CHECK_BUILDS:-}; do
    add "warnings $b" 60 "exec '${MAKE:-make}' --no-print-directory BUILD='${BUILD:-build}' \
CC=${b%/*} MODE=${b#*/} warnings"
  done
}

add_unit() {
  any=
  for f in tests/unit/*_test.c; do
    [ -f "$f" ] || continue
    any=1
    n=$(basename "$f" .c)
    for d in $UNIT_DIRS; do
      add "unit/${n%_test} $(basename "$d")" 300 "exec '$d/unit/$n'"
    done
  done
  [ -n "$any" ] || none unit
  # With limits so small that these reach them.
  case " $UNIT_DIRS " in
  *" $build/asan "*)
    for n in engine journal linux_undo smp state; do
      [ ! -f "tests/unit/${n}_test.c" ] || add "unit/$n tiny" 300 "exec '$build/tiny/unit/${n}_test'"
    done
    ;;
  esac
}

add_fuzz() {
  any=
  for f in tests/fuzz/*_fuzz.c; do
    [ -f "$f" ] || continue
    any=1
    n=$(basename "$f" .c)
    add "fuzz/${n%_fuzz} corpus, asan" 300 \
      "exec '$build/asan/fuzz/$n' 'tests/fuzz/corpus/${n%_fuzz}'"
  done
  [ -n "$any" ] || none fuzz
}

add_shell() { # FOLDER PATTERN
  any=
  for f in tests/$1/$2; do
    [ -f "$f" ] || continue
    case $(basename "$f") in
    lib*.sh) continue ;; # what the tests share
    esac
    any=1
    if [ -x "$f" ]; then
      add "$1/$(basename "$f" .sh)" 300 "exec '$f'"
    else
      add "$1/$(basename "$f" .sh)" 300 "exec sh '$f'"
    fi
  done
  [ -n "$any" ] || none "$1"
}

add_scenarios() {
  find scenarios -name '*.yaml' ! -path 'scenarios/platforms/*' ! -path 'scenarios/diagnoses/*' \
    2>/dev/null | sort >"$dir/yaml"
  [ -s "$dir/yaml" ] || none scenarios
  while read -r f; do
    n=${f#scenarios/}
    # With sanitizers only the calm run: searches cost minutes there, and search_test, which runs
    # with them too, takes the same engine through the first states of each of these files.
    add "check ${n%.yaml}" 60 "exec '$DMALAB' check '$f'"
    add "check ${n%.yaml} asan" 120 "exec '$build/asan/dmalab' check --calm '$f'"
  done <"$dir/yaml"
  # Those of the tests, and of single diagnoses, are small and many: one program for all of them.
  for d in scenarios/diagnoses tests/scenarios; do
    [ -d "$d" ] || continue
    add "check $d" 120 "exec '$DMALAB' check -q $d/*.yaml"
    add "check $d asan" 120 "exec '$build/asan/dmalab' check -q --calm $d/*.yaml"
  done
}

add_verdicts() {
  for b in release asan; do
    add "verdicts $b" 120 "exec '$build/$b/verdicts' tests/verdicts/cases.json"
    add "verdicts/harness $b" 60 "VERDICTS='$build/$b/verdicts' exec sh tests/verdicts/harness_test.sh"
  done
}

for group; do
  case $group in
  lint) add_lint ;;
  warnings) add_warnings ;;
  unit) add_unit ;;
  fuzz) add_fuzz ;;
  cli | tui) add_shell "$group" '*.sh' ;;
  setup) add_shell setup '*_test.sh' ;;
  scenarios) add_scenarios ;;
  verdicts) add_verdicts ;;
  *)
    echo "run.sh: there is no group of tests named \"$group\"" >&2
    exit 2
    ;;
  esac
done

# The sanitizers of older compilers cannot live with more random bits of address than 28.
wrap=
bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)
if [ "$bits" -gt 28 ] && setarch "$(uname -m)" -R true 2>/dev/null; then
  wrap="setarch $(uname -m) -R"
fi

total=$(wc -l <"$dir/list")
# shellcheck disable=SC2086 # wrap is words
awk '{ print NR }' "$dir/list" | $wrap xargs -n 1 -P "${JOBS:-2}" sh tests/run.sh --one "$dir"

passed=$(cat "$dir"/*.result 2>/dev/null | grep -c '^ok$')
skipped=$(cat "$dir"/*.result 2>/dev/null | grep -c '^skip$')
[ -z "$no_leaks" ] || echo "LEAKS WERE NOT LOOKED FOR: no /proc, or no right to trace"
failed=$((total - passed - skipped)) # a program without a result did not pass
[ "$skipped" -eq 0 ] ||
  echo "$skipped SKIPPED: no pseudo-terminal; is devpts mounted at /dev/pts?"
echo "$passed passed, $failed failed"
[ "$total" -gt 0 ] && [ "$failed" -eq 0 ]
