#!/bin/sh
# SPDX-License-Identifier: MIT
# list and explain: everything that is listed has an explanation.
. tests/cli/lib.sh

run 0 "$DMALAB" list
says "$out" "rx-packet-read-too-early"
[ "$(wc -l <"$out")" -ge "$(find scenarios/lessons -name '*.yaml' | wc -l)" ] ||
  fail "not all lessons are listed"
for l in platforms devices diagnoses quirks topics words; do
  run 0 "$DMALAB" list $l
  [ -s "$out" ] || fail "list $l is empty"
  grep -v '^ ' "$out" | cut -d ' ' -f 1 >"$TEST_TMP/$l"
  while read -r id; do
    run 0 "$DMALAB" explain "$id"
    says "$out" "$id"
  done <"$TEST_TMP/$l"
done
for f in scenarios/platforms/*.yaml; do
  grep -qx "$(basename "$f" .yaml)" "$TEST_TMP/platforms" || fail "$f is not listed"
done
run 0 "$DMALAB" list platforms
says "$out" "                      noncoherent weak speculating offset"
for f in scenarios/platforms/*.yaml; do
  run 0 "$DMALAB" explain "$(basename "$f" .yaml)"
  says "$out" "not modelled"
  says "$out" "$(sed -n 's/^title: "\(.*\)"$/\1/p' "$f")"
done
run 0 "$DMALAB" explain x86-64-vtd
says "$out" 'unmap          lazy: a page that the device has used stays open to it'
run 2 "$DMALAB" explain riscv-zikbom
says "$err" 'did you mean "riscv-zicbom"?'
run 0 "$DMALAB" list calls
sed -n 's/^.*[ *]\([a-z_0-9]*\)(.*/\1/p; s/^\([a-z_0-9]*\)(.*/\1/p' "$out" >"$TEST_TMP/calls"
[ "$(wc -l <"$TEST_TMP/calls")" -gt 90 ] || fail "calls are missing"
# A call that runs has words, not only its form.
grep -v 'not yet' "$out" | sed -n 's/^.*[ *]\([a-zA-Z_0-9]*\)(.*/\1/p; s/^\([a-zA-Z_0-9]*\)(.*/\1/p' |
  while read -r id; do
    "$DMALAB" explain "$id" >"$TEST_TMP/one" || echo "$id"
    grep -q '^does' "$TEST_TMP/one" || echo "$id has no words"
  done >"$TEST_TMP/without"
silent "$TEST_TMP/without"

# Names alone, for scripts: the same ones, and each of them is known.
for l in lessons platforms devices diagnoses calls quirks topics words; do
  run 0 "$DMALAB" list $l --names
  [ -s "$out" ] || fail "list $l --names is empty"
  if grep -q '[^A-Za-z0-9_-]' "$out"; then fail "list $l --names: not only names"; fi
  cp "$out" "$TEST_TMP/names"
  case $l in
  lessons) while read -r id; do run 0 "$DMALAB" run -q "$id"; done <"$TEST_TMP/names" ;;
  calls) [ "$(wc -l <"$out")" -eq "$(wc -l <"$TEST_TMP/calls")" ] || fail "list calls --names" ;;
  *) diff "$TEST_TMP/$l" "$TEST_TMP/names" || fail "list $l --names: others" ;;
  esac
done

# The whole tables.
for t in directions barriers cost arch limits hardware schedules decision-list; do
  run 0 "$DMALAB" explain $t
  golden explain-$t
done
# Of the kernel's DMA layer, in words: a screen each, with the files of Linux that it is from.
sed -n 's/^TOPIC("\([a-z-]*\)".*/\1/p' src/cli/topics.def >"$TEST_TMP/told"
[ "$(wc -l <"$TEST_TMP/told")" -ge 9 ] || fail "topics.def: topics are missing"
while read -r t; do
  run 0 "$DMALAB" explain "$t"
  [ "$(wc -l <"$out")" -le 40 ] || fail "explain $t: longer than a screen"
  [ "$(wc -L <"$out")" -le 80 ] || fail "explain $t: too wide"
  grep -q '^kernel  .*\.[ch]' "$out" || fail "explain $t: no file of the kernel"
  says man/dmalab.1 "$t"
done <"$TEST_TMP/told"
run 0 "$DMALAB" explain scatterlists
golden explain-scatterlists
run 0 "$DMALAB" explain attributes
sed -n 's/^CONST(DMA_ATTR_\([A-Z_]*\),.*/\1/p' src/scenario/constants.def | while read -r a; do
  grep -q "^$a\( \|\$\)" "$out" || echo "explain attributes: no $a"
done >"$TEST_TMP/without"
silent "$TEST_TMP/without"
# What dmalab does not do yet is said where it is told of, and nowhere else.
run 0 "$DMALAB" explain dma_iova_link
if grep -q 'not yet' "$out"; then later=1; else later=0; fi
run 0 "$DMALAB" explain iova
[ "$(grep -c 'Not in dmalab yet' "$out")" = $later ] || fail "explain iova: what is there?"

run 0 "$DMALAB" explain calls
[ "$(grep -c '^[^ ].*(.*)$' "$out")" -eq "$(wc -l <"$TEST_TMP/calls")" ] || fail "explain calls: not all"
run 0 "$DMALAB" explain events
[ "$(grep -c '^[a-z-]* (\(hw\|api\))' "$out")" -eq "$(grep -c '^EVENT(' src/core/events.def)" ] ||
  fail "explain events: not all"
run 2 "$DMALAB" explain barrier
says "$err" 'did you mean "barriers"?'

run 0 "$DMALAB" explain
sed -n '/^word/,$p' "$out" | tr -d ',' | tr -s ' \n' '\n' | grep -v '^word$' | grep . |
  while read -r id; do "$DMALAB" explain "$id" >/dev/null || echo "$id"; done >"$TEST_TMP/without"
silent "$TEST_TMP/without"
run 0 "$DMALAB" explain cpu-stale-read
golden explain-cpu-stale-read
run 0 "$DMALAB" explain dma_map_single
golden explain-dma_map_single
run 0 "$DMALAB" explain edu
golden explain-edu
run 0 "$DMALAB" explain nic
golden explain-nic
run 0 "$DMALAB" explain mailbox
golden explain-mailbox
run 0 "$DMALAB" explain sgdma
golden explain-sgdma
run 0 "$DMALAB" explain audio
golden explain-audio
run 0 "$DMALAB" explain SGDMA_LEN
says "$out" "SGDMA_LEN(i): a register of the model sgdma at 0x48 + i * 0xc for i from 0 to"
run 0 "$DMALAB" explain misbehave
golden explain-misbehave
run 0 "$DMALAB" explain NIC_CTRL
says "$out" "0x1 NIC_CTRL_RX: receive into the receive ring"
run 0 "$DMALAB" explain arm64-soc
golden explain-arm64-soc
run 0 "$DMALAB" explain rpi4
golden explain-rpi4
run 0 "$DMALAB" explain xtensa
golden explain-xtensa
run 0 "$DMALAB" explain x86-64-sev
golden explain-x86-64-sev
done_
