#!/bin/sh
# SPDX-License-Identifier: MIT
# The part of `make score` that takes seconds: no false alarm of a correct variant on any platform,
# with calm hardware. And that it notices one.
. tests/cli/lib.sh

sh tests/score/score.sh --fast >"$out" 2>"$err" || fail "status $?"
cat "$out"
silent "$err"
says "$out" "0 in "

# A row of the table that is missing is told, and one for other findings does not help.
mkdir -p "$TEST_TMP/copy/tests/score"
cp tests/score/score.sh "$TEST_TMP/copy/tests/score"
grep -v '^unmap-error-handle' tests/score/not-portable.txt >"$TEST_TMP/copy/tests/score/not-portable.txt"
mkdir -p "$TEST_TMP/copy/scenarios/diagnoses" "$TEST_TMP/fresh"
cp scenarios/diagnoses/unmap-error-handle.yaml "$TEST_TMP/copy/scenarios/diagnoses"
status=0
TEST_TMP=$TEST_TMP/fresh DMALAB_DATA=$PWD DMALAB=$(realpath "$DMALAB") \
  sh "$TEST_TMP/copy/tests/score/score.sh" --fast >"$out" 2>&1 || status=$?
[ "$status" -eq 1 ] || fail "a false alarm gives status $status"
says "$out" "WRONG: unmap-error-handle:fixed on rpi4: mapping-too-large"
says "$out" "WRONG: only "
status=0
sh tests/score/score.sh everything >"$out" 2>"$err" || status=$?
[ "$status" -eq 2 ] || fail "a part that there is not gives status $status"
done_
