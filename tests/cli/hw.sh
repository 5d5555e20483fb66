#!/bin/sh
# SPDX-License-Identifier: MIT
# --hw, --seed and --schedule: hardware as it may be, and the same again.
. tests/cli/lib.sh
lesson=scenarios/lessons/01-rx-packet-read-too-early.yaml

field() { # NAME: of the one result in $out
  sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p" "$out"
}

# again FILE VARIANT OPTION...: the run is as expected, and its token gives the same result.
again() {
  f=$1
  v=$2
  shift 2
  run 0 "$DMALAB" run "$f" --variant "$v" --json=result "$@"
  cp "$out" "$TEST_TMP/first"
  run 0 "$DMALAB" run "$f" --variant "$v" --json=result --schedule "$(field schedule)"
  cmp -s "$out" "$TEST_TMP/first" || fail "$f $v $*: the token gives another run"
}

deviated=0
for f in scenarios/lessons/*.yaml; do
  run 0 "$DMALAB" run "$f" --json=result --hw hostile
  run 0 "$DMALAB" run "$f" --json=result --hw random --seed 3
done
for f in scenarios/lessons/0*.yaml; do
  for v in $(sed -n 's/^variants: *\[\(.*\)\]$/\1/p' "$f" | tr -d ','); do
    again "$f" $v --hw hostile
    again "$f" $v --hw random --seed 7
    [ "$(field schedule)" = v1: ] || deviated=$((deviated + 1))
  done
done
[ $deviated -gt 10 ] || fail "random hardware is calm nearly everywhere"

# What hostile hardware does to a driver that only calm hardware spares.
hostile() { # LESSON ID
  run 0 "$DMALAB" run "$1" --json=result
  if grep -q "\"found\":.*\"$2\"" "$out"; then fail "$1 shows $2 on calm hardware already"; fi
  run 0 "$DMALAB" run "$1" --json=result --hw hostile
  grep -q "\"found\":.*\"$2\"" "$out" || fail "hostile hardware does not find $2 in $1"
}
hostile dirty-line-over-dma-data dma-write-lost-eviction
hostile speculative-refill speculative-refill-stale
hostile valid-before-payload missing-dma-wmb
hostile completion-without-dma-rmb missing-dma-rmb
hostile stop-without-read-back missing-mmio-readback

# The seed is 1 unless it is given, the same seed is the same run, another one is another.
run 0 "$DMALAB" run --json $lesson --hw random
cp "$out" "$TEST_TMP/one"
says "$out" '"hw":"random","seed":1'
run 0 "$DMALAB" run --json $lesson --hw random --seed 1
cmp -s "$out" "$TEST_TMP/one" || fail "--seed 1 is not the default"
run 0 "$DMALAB" run --json=result $lesson --hw random --seed 2
[ "$(field schedule)" != "$(tail -1 "$TEST_TMP/one" | sed 's/.*"schedule":"\([^"]*\)".*/\1/')" ] ||
  fail "another seed gives the same run"
run 0 "$DMALAB" run $lesson --hw random --seed 5
says "$out" "hardware random, seed 5"
says "$out" "the same again:"
command=$(sed -n 's/^  \(dmalab run .*\)/\1/p' "$out" | tail -1)
journal=$(sed -n 's/.*, journal //p' "$out")
# shellcheck disable=SC2086 # words of a command line
run 0 "$DMALAB" ${command#dmalab }
[ "$(sed -n 's/.*, journal //p' "$out")" = "$journal" ] || fail "$command: another journal"
run 0 "$DMALAB" run --json $lesson
says "$out" '"hw":"calm","seed":null'
cp "$out" "$TEST_TMP/calm"
run 0 "$DMALAB" run --json $lesson --hw calm
cmp -s "$out" "$TEST_TMP/calm" || fail "--hw calm is not the default"
run 0 "$DMALAB" run --json $lesson --schedule v1:8
says "$out" '"schedule":"v1:8='
says "$out" '"hw":null,"seed":null'

# With the oracle off hardware does the same.
for hw in hostile random; do
  run 0 "$DMALAB" run --json=result stop-without-read-back --hw $hw
  journal=$(field journal)
  run 0 "$DMALAB" run --json=result stop-without-read-back --hw $hw --oracle off
  [ "$(field journal)" = "$journal" ] || fail "$hw: the oracle changes the run"
done

# A long token is no help: the command draws the same answers again, on the screen too.
run 0 "$DMALAB" run scenarios/lessons/24-map-a-page.yaml --hw random --seed 2 --json=result
journal=$(field journal)
token=$(field schedule)
[ ${#token} -gt 200 ] || fail "lesson 24 has a short schedule now: $token"
run 0 "$DMALAB" run scenarios/lessons/24-map-a-page.yaml --schedule "$token" --json=result
[ "$(field journal)" = "$journal" ] || fail "another journal by the long token"
run 0 "$DMALAB" run scenarios/lessons/24-map-a-page.yaml --hw random --seed 2
says "$out" '  dmalab run scenarios/lessons/24-map-a-page.yaml --hw random --seed 2'
run 0 "$DMALAB" tui $lesson --hw random --seed 2 --save-screen "$TEST_TMP/drawn"
run 0 "$DMALAB" run $lesson --hw random --seed 2 --json=result
run 0 "$DMALAB" tui $lesson --schedule "$(field schedule)" --save-screen "$TEST_TMP/told"
diff "$TEST_TMP/drawn" "$TEST_TMP/told" || fail "tui --hw random is another run"
refused '--hw and --schedule exclude each other' tui $lesson --hw calm --schedule v1:8
refused '--seed is for --hw random' tui $lesson --seed 3

# A token on an edited file: a comment is nothing to it; a statement more, and it says where it
# stops matching.
printf '%s\n' 'schema: 1' 'id: t' 'title: T' 'platforms: [arm64-soc]' 'devices:' \
  '  nic: {address_bits: 32}' 'driver:' '  - buf = kmalloc(64, GFP_KERNEL)' \
  '  - h = dma_map_single(nic, buf, 64, DMA_FROM_DEVICE)' '  - nic: dma_write(h, "hello")' \
  '  - x = read(buf, 5)' '  - dma_unmap_single(nic, h, 64, DMA_FROM_DEVICE)' '  - kfree(buf)' \
  'expect:' '  all: {calm: [cpu-touch-device-owned-read, map-error-unchecked], some: [speculative-refill-stale]}' >"$TEST_TMP/t.yaml"
run 0 "$DMALAB" run "$TEST_TMP/t.yaml" --schedule v1:6 --json=result
token=$(field schedule)
case $token in v1:6=?) ;; *) fail "$token is no token with a check" ;; esac
sed 's/^driver:/# a comment\n&/; s/x = read/packet = read/' "$TEST_TMP/t.yaml" >"$TEST_TMP/comment.yaml"
run 0 "$DMALAB" run "$TEST_TMP/comment.yaml" --schedule "$token"
sed 's/^  - h = /  - early = kmalloc(32, GFP_KERNEL)\n&/' "$TEST_TMP/t.yaml" >"$TEST_TMP/edited.yaml"
run 3 "$DMALAB" run "$TEST_TMP/edited.yaml" --schedule "$token"
says "$out" 'No verdict: the schedule stops matching: its one answer would now do something'
says "$out" 'else, at choice point 6'
says "$out" 'edited.yaml:10:'
run 3 "$DMALAB" run "$TEST_TMP/edited.yaml" --schedule "$token" --json=result
says "$out" '"stray":{"why":"other-effect","answer":1,"of":1,"point":6,"line":10}'
run 3 "$DMALAB" run "$TEST_TMP/t.yaml" --schedule v1:6.zz-4 --json=result
says "$out" '"stray":{"why":"ended","answer":2,"of":2,"point":1029,'
run 3 "$DMALAB" run "$TEST_TMP/t.yaml" --schedule v1:6-7 --json=result
says "$out" '"stray":{"why":"fewer-choices","answer":1,"of":1,"point":6,'

# The screen says it before the first event.
run 0 "$DMALAB" tui "$TEST_TMP/edited.yaml" --schedule "$token" --save-screen "$TEST_TMP/screen"
says "$TEST_TMP/screen" "Answer 1 of 1 of the schedule does not fit, at line 10: calm from there."
run 0 "$DMALAB" tui "$TEST_TMP/t.yaml" --schedule v1:6.zz-4 --save-screen "$TEST_TMP/screen"
says "$TEST_TMP/screen" "The run ends before answer 2 of 2 of the schedule"

# What the command line of a run needs to be the same again: variant, platform, params.
sed 's/^driver:/params: {A: 1}\n&/' $lesson >"$TEST_TMP/it is.yaml"
run 0 "$DMALAB" run "$TEST_TMP/it is.yaml" --variant fixed -p armv7-pl310 --set A=2 --hw random -q
says "$out" "dmalab run '$TEST_TMP/it is.yaml' --variant fixed -p armv7-pl310 --set A=2 --schedule v1:"

refused '--hw is calm, hostile or random, not "wild"' run $lesson --hw wild
refused '--hw and --schedule exclude each other' run $lesson --hw calm --schedule v1:8
refused '--seed is for --hw random' run $lesson --seed 3
refused '--seed is for --hw random' run $lesson --hw hostile --seed 3
refused '--seed wants a number from 0' run $lesson --hw random --seed x
refused '--seed wants a number from 0' run $lesson --hw random --seed -1
refused '--seed wants a number from 0' run $lesson --hw random --seed 9223372036854775808
refused '--seed wants a number from 0' run $lesson --hw random --seed ''
refused '--set A comes twice' run $lesson --set A=1 --set A=2
refused 'this file has no param "A"' run $lesson --set A=1
done_
