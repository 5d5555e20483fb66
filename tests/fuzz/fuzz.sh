#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Fuzzes each target for a time: fuzz.sh BUILD_DIR SECONDS NAME...
#
# New inputs go to BUILD_DIR/corpus/NAME; what they add to the committed corpus is merged into
# tests/fuzz/corpus/NAME at the end, to be looked at and committed. What crashed, hung or leaked is
# left in BUILD_DIR/found/ and makes the run fail.
set -u
build=$1
seconds=$2
shift 2
if [ $# -eq 0 ]; then
  echo "fuzz.sh: there is no tests/fuzz/*_fuzz.c" >&2
  exit 1
fi
mkdir -p "$build/found"
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
bad=0
for name; do
  fuzzer=$build/fuzz/${name}_fuzz
  committed=tests/fuzz/corpus/$name
  mkdir -p "$build/corpus/$name" "$committed"
  dict=
  [ ! -f "tests/fuzz/$name.dict" ] || dict=-dict=tests/fuzz/$name.dict
  log=$build/fuzz/$name.log
  echo "$name: fuzzing for $seconds s, log in $log"
  # shellcheck disable=SC2086 # an empty dict is no argument
  if "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -print_final_stats=1 -artifact_prefix="$build/found/$name-" $dict \
    "$build/corpus/$name" "$committed" >"$log" 2>&1; then
    "$fuzzer" -merge=1 "$committed" "$build/corpus/$name" >>"$log" 2>&1 || bad=1
    grep -E '^stat::(number_of_executed_units|average_exec|peak_rss)' "$log"
    echo "$name: nothing found; $(find "$committed" -type f | wc -l) inputs in $committed"
  else
    bad=1
    tail -n 30 "$log"
    echo "$name: FAILED; the input is in $build/found/"
  fi
done
exit $bad
