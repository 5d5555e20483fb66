#!/bin/sh
# SPDX-License-Identifier: MIT
# dmalab matrix: the table in all its forms, what it says below, what cannot be run, wrong use.
. tests/cli/lib.sh
refill=scenarios/lessons/06-speculative-refill.yaml

columns() { # the longest line of the output
  awk '{ if (length > m) m = length } END { print m + 0 }' "$out"
}

# All platforms of the program, in the order of `list platforms`.
run 0 "$DMALAB" matrix $refill
golden matrix-06
[ "$(grep -v '^  dmalab ' "$out" | awk '{ if (length > m) m = length } END { print m }')" -le 80 ] ||
  fail "wider than 80"
sed -n '4,/^$/p' "$out" | sed '/^$/d; s/ .*//' >"$TEST_TMP/rows"
"$DMALAB" list platforms --names | diff - "$TEST_TMP/rows" || fail "the rows are others"
if LC_ALL=C grep -q '[^ -~]' "$out"; then fail "more than ASCII"; fi
cp "$out" "$TEST_TMP/text"

# What it says of luck has been run: the command shows it.
sed -n 's/^  dmalab run //p' "$TEST_TMP/text" >"$TEST_TMP/commands"
[ -s "$TEST_TMP/commands" ] || fail "no luck ends"
while read -r words; do
  # shellcheck disable=SC2086
  status=0
  "$DMALAB" run $words >"$out" 2>"$err" || status=$?
  [ "$status" -le 1 ] || fail "run $words: status $status"
  says "$out" "speculative-refill-stale  corruption"
done <"$TEST_TMP/commands"

# And so has that of each cell, in JSON.
run 0 "$DMALAB" matrix --json $refill
cp "$out" "$TEST_TMP/json"
sed -n 's/.*"found":"\([a-z-]*\)".*"command":"dmalab run \([^"]*\)".*/\1 \2/p' "$out" >"$TEST_TMP/commands"
[ "$(wc -l <"$TEST_TMP/commands")" -eq 6 ] || fail "luck ends on other than 6 platforms"
while read -r id words; do
  "$DMALAB" run --json $words >"$out" 2>"$err" || true
  grep -q "\"type\":\"finding\",\"id\":\"$id\",\"severity\":\"corruption\"" "$out" ||
    fail "run $words does not corrupt data by $id"
done <"$TEST_TMP/commands"

# The forms.
run 0 "$DMALAB" matrix -p rpi4,x86-64,arm64-soc,mips-24k $refill
golden matrix-06-some
run 0 env CLICOLOR_FORCE=1 "$DMALAB" matrix -p rpi4,x86-64 $refill
sed 's/\x1b\[[0-9;]*m//g' "$out" >"$TEST_TMP/bare"
run 0 "$DMALAB" matrix -p rpi4,x86-64 $refill
diff "$out" "$TEST_TMP/bare" || fail "colour says more than letters"
run 0 "$DMALAB" matrix --plain -p rpi4,x86-64,arm64-soc $refill
golden matrix-06-plain
run 0 "$DMALAB" matrix --json -p rpi4,x86-64,arm64-soc $refill
golden matrix-06-json
run 0 "$DMALAB" matrix --csv -p rpi4,x86-64,arm64-soc $refill
golden matrix-06-csv
run 0 "$DMALAB" matrix --markdown -p rpi4,x86-64,arm64-soc $refill
golden matrix-06-markdown
run 0 "$DMALAB" matrix -o "$TEST_TMP/file" -p rpi4 $refill
silent "$out"
says "$TEST_TMP/file" "rpi4"

# A narrow terminal: names of findings are cut, and stand below in full; then facts are left out.
narrow() { # COLUMNS NAME: at a terminal of so many
  [ "${TEST_PTY:-1}" != 0 ] || return 0
  COLUMNS=$1 NO_COLOR=1 script -qec \
    "$DMALAB matrix -p rpi4,x86-64,mips-24k scenarios/lessons/22-read-and-give-back.yaml 2>/dev/null" \
    /dev/null </dev/null | tr -d '\r' >"$out"
  golden "$2"
  [ "$(columns)" -le "$1" ] || fail "wider than $1"
}
narrow 60 matrix-22-narrow
narrow 40 matrix-22-small
run 0 "$DMALAB" matrix --json -p mips-24k scenarios/lessons/22-read-and-give-back.yaml
says "$out" '"found":["missing-sync-for-device-reuse"'
if grep -q '\.\.' "$out"; then fail "a name is cut in JSON"; fi

# What cannot be run is no mistake; its own platforms stand behind the others.
run 0 "$DMALAB" matrix scenarios/lessons/17-mask-fallback.yaml
golden matrix-17
run 0 "$DMALAB" matrix --of-file scenarios/lessons/17-mask-fallback.yaml
[ "$(grep -c '^x86-64' "$out")" -eq 0 ] || fail "--of-file has other platforms"
says "$out" "small-pc"
run 0 "$DMALAB" matrix --csv -p arm64-soc scenarios/lessons/17-mask-fallback.yaml
says "$out" "mask-fallback,arm64-soc,broken,no,64,direct,not-run,not-run,,,,,line 33: 4096 bytes at"

# An IOMMU stops the device: that is no luck.
run 0 "$DMALAB" matrix -p x86-64-vtd,x86-64 scenarios/lessons/18-three-address-spaces.yaml
says "$out" "1 stops the device"

# Several files: a table each, then all of them together; CSV has one line of names.
run 0 "$DMALAB" matrix -p x86-64,arm64-soc $refill scenarios/lessons/02-short-device-write.yaml
says "$out" "2 files, 8 verdicts: 0 corruption, 4 violation, 0 cost, 4 correct."
run 0 "$DMALAB" matrix --csv -p x86-64 $refill scenarios/lessons/02-short-device-write.yaml
[ "$(grep -c '^scenario,' "$out")" -eq 1 ] || fail "not one line of names"
[ "$(wc -l <"$out")" -eq 5 ] || fail "not 5 lines"

# Other hardware; a search in the place of a run; no search for luck.
run 0 "$DMALAB" matrix --hw hostile -p arm64-soc $refill
says "$out" "Hardware: hostile"
says "$out" "!  speculative-refill-stale"
run 0 "$DMALAB" matrix --hw hostile --json -p arm64-soc $refill
says "$out" '"schedule":"v1:'
run 0 "$DMALAB" matrix --deviations 1 -p arm64-soc $refill
says "$out" "Hardware: every schedule with at most 1 answers"
says "$out" "!  speculative-refill-stale"
run 0 "$DMALAB" matrix --luck 0 --json -p arm64-soc $refill
says "$out" '"mark":"violation","verdict":"as-expected"'
says "$out" '"luck":null'
run 0 "$DMALAB" matrix --luck 0 -p arm64-soc scenarios/lessons/10-stop-without-read-back.yaml
says "$out" "arm64-soc  no          64  direct  =       ="
run 0 "$DMALAB" matrix -p arm64-soc scenarios/lessons/10-stop-without-read-back.yaml
says "$out" "~  missing-mmio-readback"

# Names that need quotes; a verdict that is not as the file expects; no variants.
cat >"$TEST_TMP/odd.yaml" <<'END'
schema: 1
id: odd
title: "Odd | names, \"quoted\""
platforms: [x86-64, arm64-soc]
devices: {nic: {address_bits: 32}}
driver:
  - buf = kzalloc(64, GFP_KERNEL)
  - kfree(buf)
  - assert(1 == 2, "a comma, a \"quote\" | a bar")
expect:
  x86-64: []
  arm64-soc: ["assert:a comma, a \"quote\" | a bar", cpu-stale-read]
END
run 1 "$DMALAB" matrix --of-file "$TEST_TMP/odd.yaml"
golden matrix-odd
run 1 "$DMALAB" matrix --of-file --csv "$TEST_TMP/odd.yaml"
golden matrix-odd-csv
run 1 "$DMALAB" matrix --of-file --markdown "$TEST_TMP/odd.yaml"
golden matrix-odd-markdown
run 1 "$DMALAB" matrix --of-file --json "$TEST_TMP/odd.yaml"
says "$out" '"missing":["cpu-stale-read"]'
says "$out" '"not-as-expected":2'
says "$out" '"variant":null'

# Variants that are correct: that of this name; or those that expect nothing.
run 0 "$DMALAB" matrix --correct --csv -p x86-64 $refill scenarios/lessons/22-read-and-give-back.yaml
[ "$(sed -n 's/^\([a-z-]*\),x86-64,\([a-z]*\),.*/\1 \2/p' "$out" | tr '\n' ' ')" = \
  "speculative-refill fixed read-and-give-back careful " ] || fail "other variants are correct"
refused 'has no correct variant' matrix --correct "$TEST_TMP/odd.yaml"

# What is expected is said of the file's own numbers.
run 0 "$DMALAB" matrix --of-file --set HIGH=1 scenarios/lessons/17-mask-fallback.yaml
says "$out" "For 2 verdicts the file expects nothing."

refused 'which scenario?' matrix
refused 'there is no platform "x86-65"' matrix -p x86-65 $refill
refused 'did you mean "rpi4"?' matrix -p x86-64,rpi5 $refill
refused 'names x86-64 twice' matrix -p x86-64,x86-64 $refill
refused 'wants names of platforms' matrix -p x86-64, $refill
refused 'this file has no variant "brokn"' matrix --variant brokn $refill
refused 'this file has no param "N"' matrix --set N=1 $refill
refused '--platform and --of-file exclude each other' matrix -p x86-64 --of-file $refill
refused '--json and --csv exclude each other' matrix --csv --json $refill
refused '--plain and --markdown exclude each other' matrix --plain --markdown $refill
refused '--variant and --correct exclude each other' matrix --variant fixed --correct $refill
refused '--hw and --deviations exclude each other' matrix --hw hostile --deviations 1 $refill
refused '--luck and --deviations exclude each other' matrix --luck 1 --deviations 1 $refill
refused '--luck wants a number from 0 to 1000' matrix --luck many $refill
refused '--seed is for --hw random' matrix --seed 3 $refill
done_
