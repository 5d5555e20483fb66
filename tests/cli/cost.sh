#!/bin/sh
# SPDX-License-Identifier: MIT
# dmalab cost: what comes with the program, bars and numbers, JSON, params, and wrong use.
. tests/cli/lib.sh

# The comparisons say what they are for: the cheaper one is the cheaper one.
value() { # SCENARIO PLATFORM VARIANT
  sed -n "s/.*\"scenario\":\"$1\",\"platform\":\"$2\",\"variant\":\"$3\".*\"times\":\([0-9]*\),\"cost\":\([0-9]*\),.*/\2 \1/p" \
    "$TEST_TMP/all" | awk '{ print $1 / $2 }'
}
less() { # SCENARIO PLATFORM VARIANT VARIANT
  [ -n "$(value "$1" "$2" "$3")" ] || fail "no line for $1 $2 $3"
  echo "$(value "$1" "$2" "$3") $(value "$1" "$2" "$4")" | awk '{ exit !($1 < $2) }' ||
    fail "$1 on $2: $3 costs $(value "$1" "$2" "$3"), $4 $(value "$1" "$2" "$4")"
}
run 0 "$DMALAB" cost --json
cp "$out" "$TEST_TMP/all"
for p in arm64-soc armv7-pl310 x86-64; do
  less cost-ring $p coherent mapped
done
less cost-bulk arm64-soc mapped coherent
less cost-bulk armv7-pl310 mapped coherent
less cost-bounce pc-8g honest narrow
less cost-bounce board-8g honest narrow
less cost-barriers linux-7-1 list single
barriers() { # PLATFORM VARIANT: that wait, of four buffers
  sed -n "s/.*\"cost-barriers\",\"platform\":\"$1\",\"variant\":\"$2\".*\"wait\":\([0-9]*\).*/\1/p" "$TEST_TMP/all"
}
[ "$(barriers linux-6-12 list)" -eq 4 ] || fail "6.12 waits for each entry"
[ "$(barriers linux-7-1 list)" -eq 2 ] || fail "7.1 waits once at the map, once at the unmap"
value_of() { # PLATFORM: of a scenario without variants
  sed -n "s/.*\"cost-iommu\",\"platform\":\"$1\".*\"cost\":\([0-9]*\),.*/\1/p" "$TEST_TMP/all"
}
[ "$(value_of x86-64)" -lt "$(value_of x86-64-vtd)" ] || fail "an IOMMU costs nothing"
[ "$(value_of x86-64-vtd)" -lt "$(value_of x86-64-vtd-strict)" ] || fail "strict is not dearer"
grep -q '"found":\[[^]]' "$TEST_TMP/all" && fail "a comparison finds something"
[ "$(grep -c '"type":"cost"' "$TEST_TMP/all")" -eq "$(wc -l <"$TEST_TMP/all")" ] || fail "other lines"

run 0 "$DMALAB" cost cost-ring
golden cost-ring
if LC_ALL=C grep -q '[^ -~]' "$out"; then fail "more than ASCII"; fi
[ "$(awk '{ if (length > m) m = length } END { print m }' "$out")" -le 80 ] || fail "wider than 80"
run 0 "$DMALAB" cost --plain cost-ring
golden cost-ring-plain

# The number of a run is that of its result, with the oracle or without it.
lesson=scenarios/lessons/01-rx-packet-read-too-early.yaml
run 0 "$DMALAB" cost --json --variant fixed -p arm64-soc $lesson
whole=$(sed -n 's/.*"times":1,"cost":\([0-9]*\),.*/\1/p' "$out")
[ -n "$whole" ] || fail "no cost of a lesson"
run 0 "$DMALAB" run --json=result --variant fixed -p arm64-soc $lesson
says "$out" "\"cost\":$whole,"
run 0 "$DMALAB" run --json=result --oracle=off --variant fixed -p arm64-soc $lesson
says "$out" "\"cost\":$whole,"
run 0 "$DMALAB" run --variant fixed -p arm64-soc $lesson
says "$out" " events, cost $whole, journal "
run 0 "$DMALAB" cost --variant broken -p arm64-soc $lesson
says "$out" "! it finds cpu-stale-read"

# One more of a param: the same whatever its value, and linear in what it carries.
run 0 "$DMALAB" cost --json -p arm64-soc --variant mapped cost-bulk
one=$(sed -n 's/.*"per":"ROUNDS","times":1,"cost":\([0-9]*\),.*/\1/p' "$out")
run 0 "$DMALAB" cost --json -p arm64-soc --variant mapped --set ROUNDS=5 cost-bulk
five=$(sed -n 's/.*"per":"ROUNDS","times":5,"cost":\([0-9]*\),.*/\1/p' "$out")
[ -n "$one" ] && [ "$five" -eq $((5 * one)) ] || fail "5 rounds cost $five, one $one"
run 0 "$DMALAB" cost --json --per BYTES -p arm64-soc --variant coherent cost-bulk
says "$out" '"per":"BYTES","times":128,'
run 0 "$DMALAB" cost --whole cost-bulk
says "$out" "Cost units of the whole run"
run 0 "$DMALAB" cost -o "$TEST_TMP/file" cost-bulk
silent "$out"
says "$TEST_TMP/file" "cost-bulk: "

refused 'has no param "BITES"' cost --per BITES cost-bulk
refused 'exclude each other' cost --per BYTES --whole cost-bulk
refused 'exclude each other' cost --json --plain cost-bulk
refused 'ROUNDS is 0: it must be at least 1' cost --set ROUNDS=0 cost-bulk
refused 'did you mean "cost-bulk"?' cost cost-bulx
refused 'x86-65' cost -p x86-65 cost-bulk
done_
