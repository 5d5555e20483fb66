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

# The lessons that it points to have what it says.
says README.md "as in lesson 27"
says README.md "as in lesson 34"
says scenarios/lessons/27-*.yaml "    program:"
says scenarios/lessons/34-*.yaml "request_irq("
done_
