#!/bin/sh
# SPDX-License-Identifier: MIT
# The scenario in README.md is whole, as expected on all that it names, and shows what it says.
. tests/cli/lib.sh
mine=$TEST_TMP/mine.yaml
sed -n '/^```yaml$/,/^```$/{/^```/d;p}' README.md | sed -n '/^schema: 1$/,/^ *fixed: /p' >"$mine"
[ "$(wc -l <"$mine")" -gt 10 ] || fail "README.md has no scenario"
run 0 "$DMALAB" check "$mine"
says "$out" "1 file: 4 as expected, 0 not"

# What it says of the way there: expect left out, and another variant and platform.
sed '/^expect:/,$d' "$mine" >"$TEST_TMP/first.yaml"
run 1 "$DMALAB" run "$TEST_TMP/first.yaml"
says "$out" "! FINDING 1  cpu-stale-read"
run 0 "$DMALAB" run -p x86-64 --variant fixed "$TEST_TMP/first.yaml"

# What it shows of explore: the beginning of the one, all of the other. How many steps it takes to
# a finding is not the manual's to say.
for command in "explore speculative-refill" "explore speculative-refill --variant fixed -q"; do
  sed -n "/^\\$ build\/dmalab $command\$/,/^\`\`\`\$/p" README.md | sed '1d;$d' >"$TEST_TMP/shown"
  [ "$(wc -l <"$TEST_TMP/shown")" -ge 3 ] || fail "README.md does not show: $command"
  # shellcheck disable=SC2086
  run 0 "$DMALAB" $command
  head -n "$(wc -l <"$TEST_TMP/shown")" "$out" >"$TEST_TMP/has"
  for f in shown has; do
    sed -i 's/, after [0-9]* steps*$//; s/, after [0-9]* steps*;.*//; s/; perhaps.*//' "$TEST_TMP/$f"
  done
  diff "$TEST_TMP/shown" "$TEST_TMP/has" || fail "$command: README.md (<) is not what it prints (>)"
done

# The lessons that it points to have what it says.
says README.md "as in lesson 27"
says README.md "as in lesson 34"
says scenarios/lessons/27-*.yaml "    program:"
says scenarios/lessons/34-*.yaml "request_irq("
done_
