#!/bin/sh
# SPDX-License-Identifier: MIT
# The rule for messages of findings, held over every shipped scenario, platform and variant: 78
# columns, ten lines, file and line, the buffer and its bytes, the call whole.
. tests/cli/lib.sh
python=$(sh tests/setup/python.sh yaml) || fail "there is no Python with PyYAML: sh tests/setup/deps.sh check"

status=0
timeout 280 "$python" -B tests/cli/messages_check.py "$DMALAB" scenarios/lessons/*.yaml scenarios/diagnoses/*.yaml \
  tests/scenarios/*.yaml scenarios/bugs/*.yaml >"$out" 2>"$err" </dev/null || status=$?
if [ "$status" -ne 0 ]; then
  fail "messages that break the rule"
  grep FAIL "$out" "$err" | head -20
fi
says "$out" "none of nothing" # every diagnosis has a message
[ "$(sed -n 's/ messages,.*//p' "$out")" -ge 1000 ] || fail "only $(tail -1 "$out")"

# Why a bug is left out is told as wide, where no run can be.
for verb in run matrix; do
  run 2 "$DMALAB" $verb b055
  says "$err" "dmalab $verb: B055 is left out: "
  [ "$(awk '{ if (length > n) n = length } END { print n }' "$err")" -le 78 ] || fail "$verb b055 is wide"
done

# The rule is not kept by cutting on a wide terminal: what is wider is narrow there, too.
run 0 env COLUMNS=200 "$DMALAB" run scenarios/lessons/01-rx-packet-read-too-early.yaml
sed -n '/^! FINDING 1/,/^! FINDING 2/p' "$out" >"$TEST_TMP/block"
[ "$(awk '{ if (length > n) n = length } END { print n }' "$TEST_TMP/block")" -le 78 ] || fail "wide"
done_
