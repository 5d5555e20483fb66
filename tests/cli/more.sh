#!/bin/sh
# SPDX-License-Identifier: MIT
# What a finding says under More can be typed: each of those commands works, on every platform.
. tests/cli/lib.sh
for file in scenarios/lessons/*.yaml; do
  status=0
  timeout 60 "$DMALAB" run --all-platforms "$file" >"$TEST_TMP/told" 2>"$err" || status=$?
  [ "$status" -eq 0 ] || fail "$file: exit status $status"
  sed -e ':more' -e '/ \\$/{N;s/ \\\n */ /;b more' -e '}' "$TEST_TMP/told" >"$TEST_TMP/joined"
  sed -n 's/^  \(More  \)\{0,1\} *dmalab \(.* --at finding:[0-9]*\)$/\2/p' "$TEST_TMP/joined" >>"$TEST_TMP/more"
done
[ "$(wc -l <"$TEST_TMP/more")" -ge 40 ] || fail "only $(wc -l <"$TEST_TMP/more") commands were found"
while read -r command; do
  # shellcheck disable=SC2086 # its words
  run 0 "$DMALAB" $command --save-screen "$TEST_TMP/screen"
done <"$TEST_TMP/more"

# Lessons stand by level, as one works through them.
run 0 "$DMALAB" list lessons
cut -c1 "$out" | sort -nc || fail "list lessons is not in the order of levels"
[ "$(cut -c1 "$out" | sort -u | tr -d '\n')" = 12345 ] || fail "a level has no lesson"
done_
