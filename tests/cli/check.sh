#!/bin/sh
# SPDX-License-Identifier: MIT
# check by search: what a schedule shows and the file does not say, what it says and no schedule
# shows, and how far a search went.
. tests/cli/lib.sh
posted=scenarios/lessons/10-stop-without-read-back.yaml
rx=scenarios/lessons/01-rx-packet-read-too-early.yaml
leak=scenarios/lessons/02-short-device-write.yaml
mine=$TEST_TMP/mine.yaml

# edit FILE SED...: a changed copy, in $mine.
edit() {
  from=$1
  shift
  sed "$@" "$from" >"$mine"
  if cmp -s "$from" "$mine"; then fail "$from has changed; change this test"; fi
}

# A line says what calm and other schedules find, and how far the search went.
run 0 "$DMALAB" check $posted
grep -Eq '^ok    .*  broken on arm64-soc: nothing; some: missing-mmio-readback; complete, [0-9]+ states$' "$out" ||
  fail "what a search found is not told"
grep -Eq '^ok    .*  fixed on arm64-soc: nothing; proved, [0-9]+ states$' "$out" || fail "not told as proved"
run 0 "$DMALAB" check --calm $posted
says "$out" "broken on arm64-soc: nothing"
if grep -Eq 'proved|complete|states' "$out"; then fail "--calm speaks of a search"; fi

# fixed: {all: []}, and a schedule that breaks it: the calm run does not tell.
edit $posted 's/  - if (fixed): readl.*/  - if (0): readl(sensor.regs + CTRL)/'
run 0 "$DMALAB" check --calm "$mine"
run 1 "$DMALAB" check "$mine"
grep -Eq '^FAIL  .*  fixed on arm64-soc: nothing; some: missing-mmio-readback; complete, [0-9]+ states$' "$out" ||
  fail "a schedule breaks it, and that is not told"
says "$out" "        found     missing-mmio-readback, on some schedule, which was not expected"
says "$out" "        see       dmalab explore $mine --variant fixed"
says "$out" "1 file: 4 as expected, 4 not"
run 1 "$DMALAB" check --tap "$mine"
says "$out" "# failure: some schedule shows: missing-mmio-readback"
says "$out" "#   dmalab explore $mine --variant fixed -p x86-64"
says "$out" "not ok 6 - $mine: fixed on arm64-soc"
run 1 "$DMALAB" check -q --junit "$TEST_TMP/x.xml" "$mine"
[ "$(grep -c '^FAIL' "$out")" -eq 4 ] || fail "-q hides what is not as expected"
if grep -q '^ok' "$out"; then fail "-q tells what is as expected"; fi
[ "$(xmllint --nonet --xpath 'count(//failure[@type="not-as-expected" and
  contains(@message, "some schedule shows: missing-mmio-readback")])' "$TEST_TMP/x.xml")" -eq 4 ] ||
  fail "JUnit: not four failures"

# The same id on other schedules than the calm one: a list holds for them, too.
edit $rx 's/{calm: \(\[[^]]*\]\), some: \[speculative-refill-stale\]}/\1/'
run 1 "$DMALAB" check "$mine"
says "$out" "found     speculative-refill-stale, on some schedule, which was not expected"

# What some names and no schedule shows.
edit $posted 's/some: \[missing-mmio-readback\]/some: [missing-mmio-readback, torn-store]/'
run 0 "$DMALAB" check --calm "$mine"
run 1 "$DMALAB" check "$mine"
says "$out" "        expected  torn-store, which no schedule shows"
run 1 "$DMALAB" check --tap "$mine"
says "$out" "# failure: no schedule shows: torn-store"

# A bound. What is expected came: not proved, but as expected.
run 0 "$DMALAB" check --states 5 $leak
says "$out" "fixed on arm64-soc: nothing; searched to 5 states"
says "$out" "broken on arm64-soc: info-leak-partial-write; searched to 5 states"
if grep -Eq 'proved|complete' "$out"; then fail "proved within a bound"; fi
# What did not come so far is not known: no verdict.
run 3 "$DMALAB" check --states 5 $posted
says "$out" "limit $posted  broken on arm64-soc: nothing; searched to 5 states"
says "$out" "        expected  missing-mmio-readback, which did not come so far"
says "$out" "1 file: 4 as expected, 0 not, 4 without a verdict"
run 3 "$DMALAB" check --states 5 --junit - $posted
cp "$out" "$TEST_TMP/x.xml"
[ "$(xmllint --nonet --xpath 'count(//error[@type="limit" and
  contains(@message, "searched to 5 states; did not come: missing-mmio-readback")])' "$TEST_TMP/x.xml")" -eq 4 ] ||
  fail "JUnit: not four errors"
# Of two for one culprit the worse may still come: what was not expected is not yet wrong.
for n in 50 200 500 1000 2000; do
  "$DMALAB" check --states $n tests/scenarios/nic-tx-ring.yaml >"$out" 2>"$err" || true
  if grep -q '^FAIL' "$out"; then fail "a search that is cut at $n states forgets precedence"; fi
done

# The file gives the bound; an option wins.
edit $leak 's/^variants:/search: {states: 5}\n&/'
run 0 "$DMALAB" check "$mine"
says "$out" "fixed on arm64-soc: nothing; searched to 5 states"
run 0 "$DMALAB" check --states 7 "$mine"
says "$out" "fixed on arm64-soc: nothing; searched to 7 states"
run 0 "$DMALAB" check --states 100000 "$mine"
says "$out" "fixed on arm64-soc: nothing; proved, "
edit $posted 's/some: \[missing-mmio-readback\]/some: []/; s/^variants:/search: calm\n&/'
run 1 "$DMALAB" check "$mine" # its broken variant expects nothing
says "$out" "1 file: 8 as expected, 1 not"
if grep -q 'states' "$out"; then fail "search: calm is searched"; fi

# A proof is a proof: of all, whatever the file says, with totals.
run 0 "$DMALAB" check --prove -q $posted $rx
says "$out" "8 proved: no schedule breaks them; 8 complete, with findings as expected; 0 not complete"
edit $posted 's/^variants:/search: {states: 5}\n&/'
run 0 "$DMALAB" check --prove "$mine"
says "$out" "4 proved: no schedule breaks them; 4 complete, with findings as expected; 0 not complete"
if grep -q 'searched to' "$out"; then fail "--prove keeps to the bound of the file"; fi

refused '--states wants a number of states, not "many"' check --states many $rx
refused '--states wants a number of states, not "0"' check --states 0 $rx
refused '--states wants a number of states, not "-5"' check --states=-5 $rx
refused '--calm and --prove exclude each other' check --calm --prove $rx
refused '--calm and --states exclude each other' check --states 5 --calm $rx
refused '--states and --prove exclude each other' check --prove --states 5 $rx
edit $posted 's/^variants:/search: {state: 50}\n&/'
refused 'there is no key "state" here' check "$mine"
says "$err" 'did you mean "states"?'
edit $posted 's/^variants:/search: calm\n&/'
refused "only a search shows what is in some" check "$mine"
done_
