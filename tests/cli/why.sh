#!/bin/sh
# SPDX-License-Identifier: MIT
# why: the chain of causes of each kind of story, bytes that are fine, and what names no bytes.
. tests/cli/lib.sh
: "${DMALAB_BUILDS:?}"
first=rx-packet-read-too-early

# why NAME ARGUMENT...: an answer, held against the accepted one, no wider than the terminal.
why() {
  name=$1
  shift
  run 0 "$DMALAB" why "$@"
  silent "$err"
  if grep -q '^.\{81,\}' "$out"; then fail "$name: wider than 80 columns"; fi
  if LC_ALL=C grep -q '[^ -~]' "$out"; then fail "$name: beyond ASCII"; fi
  golden "why-$name"
}

# asked MESSAGE FILE OPTION...: the finding of that id, as its event and its bytes, in $event, $bytes.
asked() {
  id=$1
  shift
  "$DMALAB" run --json "$@" | grep "\"type\":\"finding\",\"id\":\"$id\"" | head -1 >"$TEST_TMP/finding" || true
  event=$(sed 's/.*"event":\([0-9]*\),"bytes".*/\1/' "$TEST_TMP/finding")
  bytes=$(sed 's/.*"bytes":{"at":"\([^"]*\)","offset":[0-9]*,"count":\([0-9]*\).*/\1:\2/' "$TEST_TMP/finding")
  [ -n "$event" ] || fail "no finding $id: $*"
}

# The stale byte: every link of the chain, the call that is missing, where the newest bytes are.
asked cpu-stale-read $first
why stale $first "e$event" "$bytes"
says "$out" "MISSING dma_sync_single_for_cpu()"
says "$out" "! stale"
cp "$out" "$TEST_TMP/stale"
run 0 "$DMALAB" why $first "$event" h+0..4 # the same bytes, by their handle; an event without e
cmp "$out" "$TEST_TMP/stale" || fail "h+0..4 is another answer than buf+00:5"
run 0 "$DMALAB" why --plain $first "e$event" "$bytes"
golden why-stale-plain
run 0 "$DMALAB" why -o "$TEST_TMP/file" $first "e$event" "$bytes"
cmp "$TEST_TMP/file" "$TEST_TMP/stale" || fail "-o writes something else"
# Before it is read nothing is missing yet, and nothing is wrong.
run 0 "$DMALAB" why $first "e$((event - 1))" "$bytes"
says "$out" "Nothing is wrong yet."
if grep -q MISSING "$out"; then fail "a call is missing before it has been missed"; fi

# Bytes with which nothing is wrong, or of which there is little to tell.
why fine $first "e$event" buf+40
says "$out" "all three"
run 0 "$DMALAB" why --variant fixed $first e52 buf+0:5
says "$out" 'nothing is wrong. "hello" by nic'
run 0 "$DMALAB" why $first e1 buf
says "$out" "there is no buf yet"
run 0 "$DMALAB" why $first e2 buf
says "$out" "nobody has written them since buf was made, line 13, e2"
run 0 "$DMALAB" why $first e51 h+0
says "$out" "h is no mapping any more"

# A bounced byte, a lost one, one of each side of an order, each with the schedule that shows it.
asked cpu-stale-read rx-under-bounce
why bounced rx-under-bounce "e$event" "$bytes"
says "$out" "nothing has copied the slot back"
# What a map copied into the slot waits in the store buffer: the slot is old, and nobody minds.
map=$("$DMALAB" run --json $first -p x86-64-swiotlb-force | sed -n 's/.*"event":\([0-9]*\),.*"kind":"map",.*/\1/p' | head -1)
why slot-waits $first "e$map" buf+40:20 -p x86-64-swiotlb-force
says "$out" "the bounce slot 00 00"
says "$out" "waits; slot is old"
if grep -q "slot = buffer" "$out"; then fail "a copy that waits is in the slot"; fi
run 0 "$DMALAB" why --json $first "e$map" buf+40:20 -p x86-64-swiotlb-force
says "$out" '"slot":{"value":"0000000000000000000000000000000000000000","is":"old"'
run 0 "$DMALAB" why $first "e$((map - 1))" buf+40:20 -p x86-64-swiotlb-force
says "$out" "about to give them to"
if grep -q "A device is to write" "$out"; then fail "no device has them, and one has"; fi
asked cacheline-share-neighbour field-in-the-buffers-line
why lost field-in-the-buffers-line "e$event" "$bytes"
says "$out" "! lost"
for pair in "missing-dma-wmb valid-before-payload" "missing-dma-rmb completion-without-dma-rmb"; do
  token=$("$DMALAB" explore --json ${pair#* } | sed -n "s/.*\"id\":\"${pair% *}\".*\"schedule\":\"\([^\"]*\)\".*/\1/p" | head -1)
  asked "${pair% *}" "${pair#* }" --schedule "$token"
  run 0 "$DMALAB" why "${pair#* }" --schedule "$token" "e$event" "$bytes"
  # A shorter schedule may be found one day: what is said of it stays.
  sed 's/e[0-9]*  *line/e line/; s/^  + *line/  + line/; s/event [0-9]*/event/; s/ e[0-9]*\([;,.]\)/ e\1/' "$out" >"$TEST_TMP/order"
  golden "why-${pair% *}" "$TEST_TMP/order"
  says "$out" "MISSING $(echo "${pair% *}" | sed 's/missing-//; s/-/_/g')()"
done

# Behind an IOMMU: what was stopped, and what was not.
cat >"$TEST_TMP/iommu.yaml" <<'END'
schema: 1
id: stopped
title: "A write to what may only be read, and one behind the end"
platforms: [x86-64-vtd-strict, arm64-soc]
devices: {nic: {address_bits: 32}}
driver:
  - buf = kzalloc(128, GFP_KERNEL)
  - spare = kmalloc(64, GFP_KERNEL)
  - h = dma_map_single(nic, buf, 128, DMA_TO_DEVICE)
  - if (dma_mapping_error(nic, h)): return -ENOMEM
  - nic: dma_write(h, "hello")
  - dma_unmap_single(nic, h, 128, DMA_TO_DEVICE)
  - nic: dma_write(h + 8, "later")
  - kfree(buf)
  - x = read(spare, 4)
  - kfree(spare)
END
faults=$("$DMALAB" run --json "$TEST_TMP/iommu.yaml" | sed -n 's/.*"event":\([0-9]*\),.*"kind":"iommu-fault".*/\1/p')
# shellcheck disable=SC2086
set -- $faults
[ $# -eq 2 ] || fail "two accesses should be stopped: $faults"
why iommu "$TEST_TMP/iommu.yaml" "e$1" buf+0:16
says "$out" "why does nic not write them?"
run 0 "$DMALAB" why "$TEST_TMP/iommu.yaml" "e$2" h+8:5
says "$out" "nothing is mapped there"
says "$out" "h is no mapping any more"
run 0 "$DMALAB" why "$TEST_TMP/iommu.yaml" "e$(($2 + 6))" buf
says "$out" "buf is freed"
run 0 "$DMALAB" why -p arm64-soc "$TEST_TMP/iommu.yaml" e40 spare
says "$out" "nobody has written"

# Stories: one for all bytes with the same history, a bounded number of them.
run 0 "$DMALAB" why $first e44 buf
[ "$(grep -c 'at event 44' "$out")" -eq 2 ] || fail "e44 of buf are two stories"
run 0 "$DMALAB" why --json $first e44 buf
[ "$(wc -l <"$out")" -eq 2 ] || fail "two stories are two lines of JSON"
run 0 "$DMALAB" why --json $first e45 buf+0:5
golden why-json
if grep -v '^{"schema":"dmalab/1","type":"why",.*}$' "$out"; then fail "a line without schema and type"; fi

# A schedule of something else: the answer is of another run than was asked for, and says so.
run 3 "$DMALAB" why --schedule v1:5-9 $first e45 buf+0
says "$err" "the schedule stops matching: its one answer is 9"
[ -s "$out" ] || fail "no answer where the schedule stops matching"

# What names no bytes, or no event.
refused 'which bytes, and when?' why
refused 'which bytes, and when?' why $first e13
refused 'which bytes, and when?' why $first e13 buf buf
refused 'there is no event 53: this run has events 1 to 52' why $first e53 buf
refused 'there is no event 0: this run has events 1 to 52' why $first e0 buf
refused '"e" is no event' why $first e buf
refused '"-1" is no event' why -- $first -1 buf
refused '"99999999999999999999" is no event' why $first 99999999999999999999 buf
refused 'no memory is named "bfu" at event 13; did you mean "buf"?' why $first e13 bfu
refused 'no memory is named "qqqq" at event 13; named by then: buf' why $first e13 qqqq
refused 'a bounce slot is asked for by the bytes that it stands for' why $first e13 slot:3
refused 'no memory is named "qqqq" at event 1, and none has a name yet' why $first e1 qqqq
refused 'buf has 128 bytes, buf+00 to buf+7f: buf+80 is not among them' why $first e13 buf+80
refused 'buf has 128 bytes, buf+00 to buf+7f: buf+80 is not among them' why $first e13 buf+7c:8
refused 'buf has 128 bytes, buf+00 to buf+7f: buf+ffffffff is not' why $first e13 buf+ffffffff
refused 'd has no part "->lenn"; its fields: len, status, flags' why valid-before-payload e1034 'd->lenn'
for word in '' + : buf+ buf: buf+0:0 buf+zz buf:-1 buf+0:5:5 buf+4..0 buf..zz buf+0x \
  "$(printf 'a%.0s' $(seq 300))" "$(printf 'b\033[2J')" 'buf[' 'buf[9' 'buf[9]' 'buf]' 'buf->' 'buf.' '#' 'buf#' 'buf#9'; do
  run 2 "$DMALAB" why $first e13 "$word"
  silent "$out"
  if grep -q "$(printf '\033')" "$err"; then fail "an escape sequence reached the message"; fi
done
refused '--hw and --schedule exclude each other' why --hw calm --schedule v1: $first e13 buf
refused '"v9:1" is no schedule' why --schedule v9:1 $first e13 buf
refused 'brken' why --variant brken $first e13 buf

# Every event of some runs, in a build that looks where it reads: it never dies, and never is wide.
for d in $DMALAB_BUILDS; do
  case $d in *asan*) asan=$d ;; esac
done
looked=0
for f in $first store-lost-on-the-way-back rx-under-bounce; do
  n=$("$DMALAB" run --json=result "$f" | sed 's/.*"events":\([0-9]*\).*/\1/')
  for k in $(seq 1 3 "$n"); do
    timeout 60 "${asan:-$DMALAB}" why "$f" "e$k" buf >"$out" 2>"$err" || fail "why $f e$k: status $?"
    if grep '^.\{81,\}' "$out"; then fail "why $f e$k: wider than 80 columns"; fi
    looked=$((looked + 1))
  done
done
[ "$looked" -gt 60 ] || fail "only $looked events were looked at"
done_
