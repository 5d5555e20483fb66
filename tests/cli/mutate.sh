#!/bin/sh
# SPDX-License-Identifier: MIT
# dmalab mutate: exercises, their answers, lists, the test of the checker, and wrong use.
. tests/cli/lib.sh

# What can be put in, and that all of it shows.
run 0 "$DMALAB" mutate --list rx-packet-read-too-early
golden mutate-list-01
if LC_ALL=C grep -q '[^ -~]' "$out"; then fail "more than ASCII"; fi
[ "$(awk '{ if (length > m) m = length } END { print m }' "$out")" -le 80 ] || fail "wider than 80"
run 0 "$DMALAB" mutate --test rx-packet-read-too-early
golden mutate-test-01
tail -n 1 "$out" | grep -Eq '^[0-9]+ mutants, [0-9]+ killed, [0-9]+ proved equivalent, 0 survived$' ||
  fail "the sums: $(tail -n 1 "$out")"
run 0 "$DMALAB" mutate --test -q rx-packet-read-too-early
if grep -q killed "$out" && [ "$(grep -c killed "$out")" -ne 1 ]; then fail "-q tells of the killed"; fi

# An exercise: a whole scenario, whose fault can be found, and nothing that tells it.
yaml=$TEST_TMP/exercise.yaml
run 0 "$DMALAB" mutate --seed 5 rx-packet-read-too-early -o "$yaml"
silent "$out"
silent "$err"
golden mutate-seed-5 "$yaml"
run 0 "$DMALAB" mutate --seed 5 rx-packet-read-too-early
cmp -s "$out" "$yaml" || fail "the same seed gives another file"
run 0 "$DMALAB" mutate --seed 5 --answer rx-packet-read-too-early
golden mutate-answer-5
for k in expect hints lesson tags source variants predict broken fixed; do
  if grep -q "$k" "$yaml"; then fail "the exercise tells: $k"; fi
done
seeds=0
for f in scenarios/lessons/0[357]*.yaml scenarios/lessons/1[36]*.yaml; do
  for n in 1 2; do
    "$DMALAB" mutate --seed $n "$f" -o "$yaml" 2>"$err" || fail "$f: no exercise $n"
    run 0 "$DMALAB" mutate --seed $n --answer --json "$f"
    platform=$(sed -n 's/.*"platform":"\([^"]*\)".*/\1/p' "$out")
    first=$(sed -n 's/.*"found":\["\([^"]*\)".*/\1/p' "$out")
    line=$(sed -n 's/.*"written-line":\([0-9]*\).*/\1/p' "$out")
    [ -n "$first" ] || first=$(sed -n 's/.*"outcome":"\([^"]*\)".*/\1/p' "$out")
    # What the answer says is what a search of the exercise finds.
    timeout 60 "$DMALAB" explore -p "$platform" "$yaml" >"$TEST_TMP/explored" 2>"$err" || true
    says "$TEST_TMP/explored" "${first#assert:}"
    # The changed line is no line of the source.
    [ "$line" -le "$(wc -l <"$yaml")" ] || fail "$f: line $line is behind the end"
    seeds=$((seeds + 1))
  done
done
[ "$seeds" -eq 10 ] || fail "$seeds exercises, not 10"

# Different seeds give different faults.
for n in 1 2 3 4 5 6 7 8; do
  "$DMALAB" mutate --seed $n --answer --json rx-packet-read-too-early | grep -o '"operator":"[^"]*"'
done | sort -u >"$TEST_TMP/operators"
[ "$(wc -l <"$TEST_TMP/operators")" -ge 4 ] || fail "eight seeds, few faults"

# Of one kind; one by its number; of a variant that is named.
run 0 "$DMALAB" mutate --operator sync-dropped rx-packet-read-too-early
if grep -q dma_sync "$out"; then fail "the sync is there"; fi
run 0 "$DMALAB" mutate --answer --number 2 rx-packet-read-too-early
says "$out" "fault 2 of"
run 0 "$DMALAB" mutate --list --json --variant careful read-and-give-back
says "$out" '"variant":"careful"'
[ "$(grep -c '"type":"mutant"' "$out")" -eq "$(wc -l <"$out")" ] || fail "other lines"

# What remains of variants: params of one, conditions that a platform decides.
run 0 "$DMALAB" mutate --operator unmap-twice --variant both what-the-direction-decides
says "$out" "  this: {params: {DIR: 0}}"
run 0 "$DMALAB" mutate --operator unmap-twice --variant w36 how-wide-a-mask
says "$out" "  this: {params: {WIRES: 36}}"
says "$out" "  - if (HIGH > 0xffffffff): assert(direct == 4,"
if grep -q "w28\|unset" "$out"; then fail "other variants are there"; fi
run 0 "$DMALAB" mutate --list --variant fixed dma-debug-session

# Bounds are named, and are no verdict.
run 3 "$DMALAB" mutate --test --states 2 --operator wait-dropped allocate-in-a-handler
says "$out" "the bound of states was reached on "
says "$out" "1 survived"
run 0 "$DMALAB" mutate --test -p x86-64-vtd-strict --operator unmap-early rx-packet-read-too-early
says "$out" "on x86-64-vtd-strict"

# JSON: a line for each, and the sums.
run 0 "$DMALAB" mutate --test --json rx-packet-read-too-early tx-write-while-mapped
[ "$(grep -c '"type":"mutant",' "$out")" -eq "$(($(wc -l <"$out") - 1))" ] || fail "other lines"
tail -n 1 "$out" | grep -q '"type":"mutants","files":2,"mutants":[0-9]*,"killed":[0-9]*,"equivalent":[0-9]*,"survived":0,' ||
  fail "the sums: $(tail -n 1 "$out")"
n=$(sed -n 's/.*"type":"mutants".*"mutants":\([0-9]*\).*/\1/p' "$out")
[ "$n" -eq "$(($(wc -l <"$out") - 1))" ] || fail "$n mutants, and other lines"

# The checker finds nearly all, and what it does not find makes no difference: of a few lessons here,
# of all of them by `make score`.
run 0 "$DMALAB" mutate --test --json scenarios/lessons/0[1257]*.yaml scenarios/lessons/1[1368]*.yaml
tail -n 1 "$out" | sed 's/.*"mutants":\([0-9]*\),"killed":\([0-9]*\),.*"survived":\([0-9]*\),.*/\1 \2 \3/' >"$TEST_TMP/sums"
read -r mutants killed survived <"$TEST_TMP/sums"
[ "$survived" -eq 0 ] || fail "$survived mutants survived"
[ "$mutants" -gt 100 ] && [ $((killed * 100)) -ge $((mutants * 95)) ] ||
  fail "$killed of $mutants mutants are killed"

# Every operator is listed, and has a use.
"$DMALAB" list operators --names >"$TEST_TMP/names"
for f in scenarios/lessons/*.yaml; do
  "$DMALAB" mutate --list --json "$f" 2>/dev/null || true
done | sed -n 's/.*"operator":"\([^"]*\)".*/\1/p' | sort -u >"$TEST_TMP/used"
sort "$TEST_TMP/names" | comm -23 - "$TEST_TMP/used" >"$TEST_TMP/unused"
[ "$(grep -cv '^alignment-dropped$\|^mask-dropped$\|^limit-dropped$' "$TEST_TMP/unused")" -eq 0 ] ||
  fail "no lesson has a use for $(tr '\n' ' ' <"$TEST_TMP/unused")"

# Wrong use, and files that have nothing to be changed.
cat >"$TEST_TMP/empty.yaml" <<'X'
schema: 1
id: empty
title: "Nothing"
platforms: [x86-64]
devices: {nic: {address_bits: 32}}
driver:
  - x = 1
expect: {all: []}
X
refused "no statement of it can be changed" mutate "$TEST_TMP/empty.yaml"
sed 's/  - x = 1/  - x = 1)/' "$TEST_TMP/empty.yaml" >"$TEST_TMP/bad.yaml"
run 2 "$DMALAB" mutate "$TEST_TMP/bad.yaml"
says "$err" "bad.yaml:7:"
sed 's/^expect.*//; s/^driver:/driver: [x = 1]/; /  - x/d' "$TEST_TMP/empty.yaml" >"$TEST_TMP/flow.yaml"
refused "which variant is correct? name it with --variant" mutate "$TEST_TMP/flow.yaml"
echo 'expect: {all: []}' >>"$TEST_TMP/flow.yaml"
refused "lines of their own" mutate "$TEST_TMP/flow.yaml"
refused "there is no file and no lesson" mutate no-such-lesson
refused 'did you mean "sync-dropped"?' mutate --operator sync-droped rx-packet-read-too-early
refused "has no variant" mutate --variant none rx-packet-read-too-early
refused "which variant is correct" mutate when-the-port-is-wrong
refused "there is no mutant 1000" mutate --number 1000 rx-packet-read-too-early
refused "exclude each other" mutate --list --test rx-packet-read-too-early
refused "exclude each other" mutate --seed 1 --number 1 rx-packet-read-too-early
refused "go with --test" mutate -q rx-packet-read-too-early
refused "--json goes with" mutate --json rx-packet-read-too-early
refused "an exercise is of one file" mutate rx-packet-read-too-early tx-write-while-mapped
refused "wants a number" mutate --seed x rx-packet-read-too-early
refused 'there is no platform "x86-65"' mutate --test -p x86-65 rx-packet-read-too-early
done_
