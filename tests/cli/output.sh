#!/bin/sh
# SPDX-License-Identifier: MIT
# Pipes, colour, files: where output goes and what is in it.
. tests/cli/lib.sh
lesson=scenarios/lessons/01-rx-packet-read-too-early.yaml
escape=$(printf '\033')

# A pipe has no attributes, whatever the terminal is called; forced ones are there; NO_COLOR wins.
run 0 env TERM=xterm-256color "$DMALAB" run $lesson
cp "$out" "$TEST_TMP/plain"
if grep -q "$escape" "$out"; then fail "escape sequences on a pipe"; fi
run 0 env CLICOLOR_FORCE=1 "$DMALAB" run scenarios/lessons/03-tx-write-while-mapped.yaml
says "$out" "${escape}[1;7m6f!"
run 0 env CLICOLOR_FORCE=1 "$DMALAB" run $lesson
grep -q "$escape" "$out" || fail "CLICOLOR_FORCE gave no attributes"
sed "s/${escape}\[[0-9;]*m//g" "$out" | cmp - "$TEST_TMP/plain" ||
  fail "attributes change the text"
run 0 env CLICOLOR_FORCE=0 FORCE_COLOR=0 "$DMALAB" run $lesson
cmp "$out" "$TEST_TMP/plain" || fail "CLICOLOR_FORCE=0 gives attributes"
run 0 env CLICOLOR_FORCE=1 NO_COLOR=1 "$DMALAB" run $lesson
cmp "$out" "$TEST_TMP/plain" || fail "NO_COLOR does not win"
run 0 env CLICOLOR_FORCE=1 "$DMALAB" run --plain $lesson
if grep -q "$escape" "$out"; then fail "--plain has attributes"; fi
if LC_ALL=C grep -q '[^ -~]' "$out"; then fail "--plain has characters beyond ASCII"; fi
run 0 env LC_ALL=C "$DMALAB" run $lesson
if LC_ALL=C grep -q '[^ -~]' "$out"; then fail "the C locale got characters beyond ASCII"; fi

# A terminal has them, in its width.
if [ "${TEST_PTY:-1}" = 1 ]; then
  TERM=xterm script -qec "stty cols 60; $DMALAB run $lesson" /dev/null </dev/null |
    tr -d '\r' >"$out"
  grep -q "$escape" "$out" || fail "no attributes on a terminal"
  sed "s/${escape}\[[0-9;]*m//g" "$out" | grep -v 'dmalab tui' |
    awk '{ gsub(/[\200-\277]/, ""); if (length($0) > 74) exit 1 }' ||
    fail "wider than the terminal and its picture"
fi

# -o, and the same bytes there.
run 0 "$DMALAB" run -o "$TEST_TMP/file" $lesson
silent "$out"
cmp "$TEST_TMP/file" "$TEST_TMP/plain" || fail "-o gives other bytes"
run 0 "$DMALAB" run -o - $lesson
cmp "$out" "$TEST_TMP/plain" || fail "-o - is not the standard output"
run 2 "$DMALAB" run -o "$TEST_TMP/no/folder" $lesson
says "$err" "cannot write"
if [ -w /dev/full ]; then
  status=0
  "$DMALAB" run $lesson >/dev/full 2>"$err" || status=$?
  [ "$status" -eq 3 ] || fail "a full disk: exit status $status"
  says "$err" "cannot write all"
fi

# The reader goes away: as shells report SIGPIPE, also if the signal was ignored.
sh -c "$DMALAB run --json $lesson $lesson $lesson $lesson $lesson $lesson; echo \$? >$TEST_TMP/rc" |
  head -c 1 >/dev/null
[ "$(cat "$TEST_TMP/rc")" -eq 141 ] || fail "a closed pipe: $(cat "$TEST_TMP/rc")"

# From the standard input.
status=0
"$DMALAB" run - <$lesson >"$out" 2>"$err" || status=$?
[ "$status" -eq 0 ] || fail "from the standard input: $status"
says "$out" "As expected"
done_
