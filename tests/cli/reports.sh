#!/bin/sh
# SPDX-License-Identifier: MIT
# --junit and --tap, read by others: libxml2's xmllint, and prove of Perl's TAP::Harness.
. tests/cli/lib.sh
lesson=scenarios/lessons/01-rx-packet-read-too-early.yaml
xml=$TEST_TMP/report.xml
hostile='a <b>&"c'\'' #SKIP \ é'

# holds N XPATH: the report is XML, and so many nodes are there.
holds() {
  got=$(xmllint --nonet --xpath "count($2)" "$xml") || fail "$xml is no XML"
  [ "$got" -eq "$1" ] || fail "$2: $got, not $1"
}

# counts TESTS FAILURES ERRORS: as attributes, in total and by suite, and as elements.
counts() {
  holds "$1" //testcase
  holds "$2" //failure
  holds "$3" //error
  holds 1 "/testsuites[@tests=$1 and @failures=$2 and @errors=$3 and @skipped=0]"
  holds 0 "//testsuite[@tests!=count(testcase) or @failures!=count(testcase/failure) or
    @errors!=count(testcase/error)]"
  holds 0 "//testcase[count(*)>1]"
}

# proves PASSED ALL [FILE]: what Perl's reader makes of the TAP.
proves() {
  prove -v --exec cat "${3:-$out}" >"$TEST_TMP/prove" 2>&1 || true
  if grep -Eq 'Parse errors|Bad plan|No plan' "$TEST_TMP/prove"; then
    fail "prove does not read it"
    tail -5 "$TEST_TMP/prove"
  fi
  [ "$(grep -c '^ok ' "$TEST_TMP/prove")" -eq "$1" ] || fail "prove: not $1 passed"
  if [ "$1" -eq "$2" ]; then
    says "$TEST_TMP/prove" "Result: PASS"
  else
    says "$TEST_TMP/prove" "Failed $(($2 - $1))/$2 subtests"
  fi
  if grep -q 'skipped' "$TEST_TMP/prove"; then fail "prove takes a test for skipped"; fi
}

# check: one case for each variant and platform, and one more for a broken variant.
run 0 "$DMALAB" check --junit "$xml" $lesson
cp "$out" "$TEST_TMP/text"
counts 9 0 0
holds 1 '/testsuites[@name="dmalab check"]'
holds 1 '//testsuite[@name="rx-packet-read-too-early"]'
holds 9 '//testcase[@classname="scenarios/lessons/01-rx-packet-read-too-early"]'
holds 1 '//testcase[@name="broken on arm64-soc"]'
holds 1 '//testcase[@name="broken shows something"]'
run 0 "$DMALAB" check $lesson
cmp -s "$out" "$TEST_TMP/text" || fail "--junit changes the text"
run 0 "$DMALAB" check --tap $lesson
says "$out" "1..9"
proves 9 9
run 0 "$DMALAB" check --junit - $lesson
cmp -s "$out" "$xml" || fail "--junit - is not the same report"

# All that can be wrong, in files with names that mean something to XML, to TAP and to a terminal.
folder=$TEST_TMP/$hostile
mkdir "$folder"
newline=$(printf 'new\nline\033[2J\177.yaml')
sed 's/\[cpu-stale-read, "assert:the packet"\], some/[hang, "assert:the packet"], some/; s/^id:.*/id: other/' \
  $lesson >"$folder/$newline"
cmp -s $lesson "$folder/$newline" && fail "the lesson has changed; change this test"
sed 's/dma_map_single/dma_map_singel/' $lesson >"$folder/invalid.yaml"
printf 'id: \377<\n' >"$folder/bytes.yaml"
run 1 "$DMALAB" check --junit "$xml" $lesson "$folder/$newline"
counts 18 1 0
holds 1 '//failure[@type="not-as-expected"]'
holds 1 '//failure[contains(@message, "did not come: hang; not expected: cpu-stale-read")]'
holds 1 '//failure[contains(., "How it came to this")]'
holds 1 '//testcase[contains(@file, "new\x0aline\x1b[2J\x7f.yaml")]/failure'
holds 9 '//testcase[contains(@file, "a <b>&") and contains(@file, "#SKIP \ é")]'
run 1 "$DMALAB" check --tap $lesson "$folder/$newline"
proves 17 18
says "$out" "\\#SKIP"

# An invalid file is an error; the others are run all the same, and the status says so.
run 2 "$DMALAB" check --junit "$xml" "$folder/invalid.yaml" $lesson "$folder/bytes.yaml" nothing-there
counts 12 0 3
holds 3 '//error[@type="invalid"]'
holds 1 '//error[contains(@message, "dma_map_singel")]'
holds 1 '//error[contains(@message, "there is no file and no lesson")]'
says "$err" "This file was not run."
says "$out" "1 file: 8 as expected, 0 not; 3 more invalid"
run 2 "$DMALAB" check --tap "$folder/invalid.yaml" $lesson
proves 9 10
says "$out" "# error: "
run 2 "$DMALAB" check "$folder/invalid.yaml" $lesson
silent "$out"
says "$err" "Nothing was run."

# run: a limit is an error and no failure.
run 3 "$DMALAB" run --limit 5 --junit "$xml" $lesson
counts 1 0 1
holds 1 '//error[@type="limit" and contains(@message, "accesses of one run")]'
run 3 "$DMALAB" run --limit 5 --tap $lesson
proves 0 1
says "$out" "# error: limit reached"
# So is a schedule of another file: it says nothing of this one.
run 3 "$DMALAB" run --schedule v1:zz --junit "$xml" $lesson
counts 1 0 1
says "$out" "No verdict: the schedule stops matching: its one answer is for choice point"
run 3 "$DMALAB" run --schedule v1:zz --json=result $lesson
says "$out" '"verdict":"limit"'
run 0 "$DMALAB" run --all-platforms --junit "$xml" --tap $lesson
counts 4 0 0
proves 4 4
run 0 "$DMALAB" run --hw random --seed 3 --junit "$xml" -q $lesson
holds 1 '//testcase[@name="broken on arm64-soc, hardware random, seed 3"]'
run 1 "$DMALAB" run --tap -o "$TEST_TMP/file.tap" "$folder/$newline"
silent "$out"
proves 0 1 "$TEST_TMP/file.tap"
run 2 "$DMALAB" run --junit "$xml" "$folder/invalid.yaml" $lesson
counts 2 0 1
run 0 "$DMALAB" run --junit "$xml" --json $lesson
counts 1 0 0
says "$out" '"type":"result"'

refused 'cannot write' run --junit "$TEST_TMP/no/folder/x.xml" $lesson
refused 'cannot write' check --junit "$TEST_TMP/no/folder/x.xml" $lesson
refused '--tap and --json exclude each other' run --tap --json $lesson
refused '--tap and --quiet exclude each other' run --tap -q $lesson
refused '--tap and --quiet exclude each other' check --tap -q $lesson
refused '--junit needs the oracle' run --junit "$xml" --oracle off $lesson
refused '--tap needs the oracle' run --tap --oracle off $lesson
refused '--junit and --output name the same file' run --junit "$xml" -o "$xml" $lesson
refused '--junit - and --tap exclude each other' run --junit - --tap $lesson
refused 'which scenario?' run --tap
if [ -w /dev/full ]; then
  run 3 "$DMALAB" run -q --junit /dev/full $lesson
  says "$err" "cannot write all of /dev/full"
fi
done_
