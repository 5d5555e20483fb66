#!/bin/sh
# SPDX-License-Identifier: MIT
# What a run ends with, and check's own rules.
. tests/cli/lib.sh
lesson=scenarios/lessons/01-rx-packet-read-too-early.yaml

run 3 "$DMALAB" run --limit 5 $lesson
says "$out" "limit reached: accesses of one run (--limit)"
run 3 "$DMALAB" run --json=result --limit 5 $lesson
says "$out" '"verdict":"limit"'

# What does not come, and what comes unasked.
sed 's/\[cpu-stale-read, "assert:the packet"\], some/[hang, "assert:the packet"], some/' $lesson \
  >"$TEST_TMP/other.yaml"
cmp -s $lesson "$TEST_TMP/other.yaml" && fail "the lesson has changed; change this test"
run 1 "$DMALAB" run "$TEST_TMP/other.yaml"
says "$out" "NOT as expected on arm64-soc, broken:"
says "$out" "expected  hang"
says "$out" "found     cpu-stale-read"
run 1 "$DMALAB" run --json=result "$TEST_TMP/other.yaml"
says "$out" '"verdict":"not-as-expected"'
run 1 "$DMALAB" check "$TEST_TMP/other.yaml"
says "$out" "FAIL  $TEST_TMP/other.yaml  broken on arm64-soc"
says "$out" "1 file: 7 as expected, 1 not"
run 0 "$DMALAB" check $lesson
says "$out" "1 file: 8 as expected, 0 not"
run 0 "$DMALAB" check -q $lesson
[ "$(wc -l <"$out")" -eq 1 ] || fail "check -q says more than the totals"
# One unexpected run among many counts.
run 1 "$DMALAB" run -q $lesson "$TEST_TMP/other.yaml" $lesson

# A broken variant that breaks nowhere.
sed '/^expect:/,/^hints:/{/^hints:/!d;}' $lesson |
  sed 's/^variants:.*/&\nexpect: {broken: {all: []}, fixed: {all: []}}/' |
  sed 's/^  - x = read/  - if (fixed): x = read/; /predict:/,/else$/d; /the packet/d' \
    >"$TEST_TMP/empty.yaml"
run 1 "$DMALAB" check "$TEST_TMP/empty.yaml"
says "$out" "broken: expects nothing on all its platforms"

# Without expect: a corruption is not as expected, a clean run is.
sed '/^expect:/,/^hints:/{/^hints:/!d;}' $lesson >"$TEST_TMP/none.yaml"
run 1 "$DMALAB" run "$TEST_TMP/none.yaml"
says "$out" "found     cpu-stale-read"
run 0 "$DMALAB" run --variant fixed "$TEST_TMP/none.yaml"
says "$out" "the file expects nothing, and nothing was found"

# With the oracle off nothing is judged.
run 0 "$DMALAB" run --oracle=off "$TEST_TMP/other.yaml"
says "$out" "Nothing was judged"
done_
