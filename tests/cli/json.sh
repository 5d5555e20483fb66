#!/bin/sh
# SPDX-License-Identifier: MIT
# JSON Lines: the same bytes in every build; the events do not depend on the oracle.
. tests/cli/lib.sh
: "${DMALAB_BUILDS:?}"
builds=0

# Whole journals of the first lessons; of the others the result, which has the journal's hash.
for f in scenarios/lessons/0*.yaml; do
  name=$(basename "$f" .yaml)
  for v in $(sed -n 's/^variants: *\[\(.*\)\]$/\1/p' "$f" | tr -d ,); do
    timeout 60 "$DMALAB" run --json --all-platforms --variant "$v" "$f" >"$TEST_TMP/first" || true
    [ -s "$TEST_TMP/first" ] || fail "$name $v: no output"
    for d in $DMALAB_BUILDS; do
      [ "$d" != "$DMALAB" ] || continue
      builds=$((builds + 1))
      timeout 120 "$d" run --json --all-platforms --variant "$v" "$f" >"$TEST_TMP/other" || true
      cmp "$TEST_TMP/first" "$TEST_TMP/other" || fail "$name $v: $d gives other bytes"
    done

    timeout 60 "$DMALAB" run --json --oracle=off --all-platforms --variant "$v" "$f" \
      >"$TEST_TMP/off" || fail "$name $v: --oracle=off: status $?"
    for w in first off; do
      grep '"type":"\(event\|step\)"' "$TEST_TMP/$w" >"$TEST_TMP/$w.events" ||
        fail "$name $v: no events"
      sed -n 's/.*\("events":[0-9]*,"cost":[0-9]*,"journal":"[0-9a-f]*"\).*/\1/p' "$TEST_TMP/$w" \
        >"$TEST_TMP/$w.hash"
    done
    cmp "$TEST_TMP/first.events" "$TEST_TMP/off.events" || fail "$name $v: the oracle acts"
    cmp "$TEST_TMP/first.hash" "$TEST_TMP/off.hash" || fail "$name $v: the hash differs"
    [ -s "$TEST_TMP/off.hash" ] || fail "$name $v: no hash"
    if grep -q '"type":"finding"' "$TEST_TMP/off"; then fail "$name $v: findings without oracle"; fi
  done
done
for f in scenarios/lessons/[1-9]*.yaml; do
  timeout 60 "$DMALAB" run --json=result --all-platforms "$f" >"$TEST_TMP/first" || true
  grep -q '"journal"' "$TEST_TMP/first" || fail "$f: no journal"
  for d in $DMALAB_BUILDS; do
    timeout 120 "$d" run --json=result --all-platforms "$f" >"$TEST_TMP/other" || true
    cmp "$TEST_TMP/first" "$TEST_TMP/other" || fail "$f: $d gives other bytes"
  done
done
[ "$builds" -gt 0 ] || fail "there was only one build to compare"

# What a line looks like, and no address of this process or path of this machine.
run 0 "$DMALAB" run --json scenarios/lessons/01-rx-packet-read-too-early.yaml
golden json-01
run 0 "$DMALAB" run --json=result scenarios/lessons/01-rx-packet-read-too-early.yaml
[ "$(wc -l <"$out")" -eq 1 ] || fail "--json=result is more than a line"
tail -n 1 tests/golden/cli/json-01 | cmp - "$out" || fail "--json=result differs from the last line"
# shellcheck disable=SC2016
if grep -v '^{"schema":"dmalab/1","type":"\(run\|step\|event\|finding\|result\)",.*}$' \
  tests/golden/cli/json-01; then
  fail "a line without schema and type"
fi
# Bytes that nobody wrote: what was got is told, and no value as the right one.
run 0 "$DMALAB" run --json scenarios/lessons/02-short-device-write.yaml
grep '"type":"finding"' "$out" >"$TEST_TMP/leak"
grep -q '"got"' "$TEST_TMP/leak" || fail "the leaked bytes are not told"
if grep -q '"want"' "$TEST_TMP/leak"; then fail "leaked bytes have no right value"; fi
done_
