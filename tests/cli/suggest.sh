#!/bin/sh
# SPDX-License-Identifier: MIT
# check --suggest: over all shipped scenarios, how many findings get a change that mends them; that
# each of them is C, with names of its scenario; that pasted into the file it does what it says.
. tests/cli/lib.sh
rx=scenarios/lessons/01-rx-packet-read-too-early.yaml
python=$(sh tests/setup/python.sh yaml) || fail "there is no Python with PyYAML: sh tests/setup/deps.sh check"

# What a user sees: with a search, and without.
run 0 "$DMALAB" check --suggest $rx
says "$out" "        suggest   cpu-stale-read, line 27: checked, proved, "
says "$out" "          before line 27: + dma_sync_single_for_cpu(nic, h, 128, DMA_FROM_DEVICE);"
says "$out" "        suggest   speculative-refill-stale, line 27: checked, proved, "
grep -q '^5 findings: 5 with a suggestion, checked (0 of more than one change); 0 whose$' "$out" || {
  fail "the sum is another"
  tail -2 "$out"
}
run 0 "$DMALAB" check --calm --suggest $rx
says "$out" "        suggest   cpu-stale-read, line 27: checked"
if grep -q 'proved' "$out"; then fail "--calm speaks of a search"; fi
run 0 "$DMALAB" check --suggest --calm -q $rx
if grep -q '^ok' "$out"; then fail "-q tells of runs that are as expected"; fi
run 0 "$DMALAB" check --calm --json $rx
if grep -q '"type":"suggestion"' "$out"; then fail "a suggestion that nobody asked for"; fi
[ "$(grep -c '"type":"check"' "$out")" -eq 8 ] || fail "not a line for each run"

# A file that is not as expected still gets its suggestions, and its status.
sed 's/arm64-soc: {calm: \[cpu-stale-read/arm64-soc: {calm: [torn-store/' $rx >"$TEST_TMP/other.yaml"
run 1 "$DMALAB" check --calm --suggest "$TEST_TMP/other.yaml"
says "$out" "        suggest   cpu-stale-read, line 27: checked"

# One that fails its own check is none: what comes of it is said, and no change is shown.
run 0 "$DMALAB" check --calm --suggest scenarios/diagnoses/unmap-wrong-function.yaml \
  scenarios/lessons/68-who-maps-it.yaml
says "$out" "unmap-wrong-function, line 28: no fix alone does. With"
says "$out" "\"instead of line 28\" double-unmap (line 28) comes."
if grep -q '^          line 28: [-+]' "$out"; then fail "a change that does not do is shown"; fi
# And where no call mends it, that is said in words.
run 0 "$DMALAB" check --calm --suggest scenarios/lessons/02-short-device-write.yaml
says "$out" "takes more than a call."

# A change that turns one wrong direction into another is none: the card reads what it maps, too.
run 0 "$DMALAB" check --calm --suggest scenarios/lessons/14-three-directions.yaml
says "$out" "          line 26: + c = dma_map_single(card, both, 128, DMA_BIDIRECTIONAL);"
if grep -q '+ .*DMA_FROM_DEVICE' "$out"; then fail "wrong in another way, and taken for the old fault"; fi

one_fault() { # NAME, the statements between the buffer's check and its kfree() on stdin
  {
    printf 'schema: 1\nid: %s\ntitle: "%s"\nlevel: 1\nsummary: "One fault."\n' "$1" "$1"
    printf 'platforms: [arm64-soc, x86-64-swiotlb-force]\ndevices:\n  nic: {address_bits: 32}\ndriver:\n'
    printf '  - buf = kmalloc(128, GFP_KERNEL)\n  - if (!buf): return -ENOMEM\n'
    cat
    printf '  - kfree(buf)\n'
  } >"$TEST_TMP/$1.yaml"
}

# The map says one direction, the device and all other calls the other: the map is what is wrong.
one_fault map-direction <<'EOF'
  - memset(buf, 0xaa, 128)
  - h = dma_map_single(nic, buf, 128, DMA_TO_DEVICE)
  - if (dma_mapping_error(nic, h)): return -ENOMEM
  - nic: dma_write(h, "hello")
  - dma_sync_single_for_cpu(nic, h, 128, DMA_FROM_DEVICE)
  - x = read(buf, 5)
  - dma_unmap_single(nic, h, 128, DMA_FROM_DEVICE)
EOF
run 1 "$DMALAB" check --calm --suggest "$TEST_TMP/map-direction.yaml"
says "$out" "suggest   map-wrong-direction, line 13: checked"
says "$out" "          line 13: + h = dma_map_single(nic, buf, 128, DMA_FROM_DEVICE);"
says "$out" "suggest   sync-wrong-direction, line 16: checked; goes with line 13"
if grep -q 'DMA_BIDIRECTIONAL\|changes together' "$out"; then fail "more than the map is changed"; fi
run 1 "$DMALAB" run "$TEST_TMP/map-direction.yaml"
[ "$(grep -c '^ .*  h = dma_map_single(nic, buf, 128, DMA_FROM_DEVICE);' "$out")" -eq 3 ] ||
  fail "the message tells another fix than the map's direction"

# One handle unmapped twice, the other never: one change mends all that comes of it, told once.
one_fault handles <<'EOF'
  - two = kmalloc(128, GFP_KERNEL)
  - if (!two): return -ENOMEM
  - h = dma_map_single(nic, buf, 128, DMA_FROM_DEVICE)
  - if (dma_mapping_error(nic, h)): return -ENOMEM
  - g = dma_map_single(nic, two, 128, DMA_FROM_DEVICE)
  - if (dma_mapping_error(nic, g)): return -ENOMEM
  - nic: dma_write(g, "hello")
  - dma_unmap_single(nic, h, 128, DMA_FROM_DEVICE)
  - dma_unmap_single(nic, h, 128, DMA_FROM_DEVICE)
  - x = read(two, 5)
  - kfree(two)
EOF
run 1 "$DMALAB" check --calm --suggest "$TEST_TMP/handles.yaml"
says "$out" "suggest   double-unmap, line 20: checked"
says "$out" "          line 20: + dma_unmap_single(nic, g, 128, DMA_FROM_DEVICE);"
says "$out" "suggest   free-while-mapped, line 22: checked; goes with line 20"
says "$out" "suggest   mapping-leak, line 16: checked; goes with line 20"
if grep -q '^ *\(before\|behind\) line' "$out"; then fail "a change besides the one that does it all"; fi
run 1 "$DMALAB" check --calm --json --suggest "$TEST_TMP/handles.yaml"
says "$out" '"goes_with":20'

# What only other schedules show is mended on all of them; two barriers are two changes together.
timeout 200 "$DMALAB" check --suggest scenarios/lessons/07-*.yaml scenarios/lessons/08-*.yaml \
  scenarios/lessons/10-*.yaml scenarios/diagnoses/relaxed-doorbell.yaml scenarios/diagnoses/relaxed-status-read.yaml scenarios/diagnoses/irq-before-data.yaml \
  scenarios/diagnoses/two-cpus-flag-before-data.yaml >"$out" 2>"$err" </dev/null || fail "check of orders"
says "$out" "suggest   missing-dma-wmb, line 43: checked, proved, "
says "$out" "suggest   missing-dma-rmb, line 40: checked, proved, "
says "$out" "suggest   relaxed-doorbell, line 28: checked, proved, "
says "$out" "suggest   relaxed-status-read, line 27: checked, proved, "
says "$out" "suggest   missing-mmio-readback, line 35: checked, proved, "
says "$out" "suggest   irq-before-data, line 25: checked, proved, "
says "$out" "suggest   missing-smp-barrier, line 25: 2 changes together, checked,"
says "$out" "          behind line 16: + smp_wmb();"
if grep -q 'no fix alone does\|takes more than' "$out"; then fail "an order that no barrier keeps"; fi

refused "--json and --quiet exclude each other" check --json -q $rx
refused "--json and --tap exclude each other" check --json --tap $rx

# Over all that is shipped. The counts may grow; where one falls, a fix has been lost.
timeout 250 "$DMALAB" check --calm --suggest --json scenarios/lessons/*.yaml scenarios/diagnoses/*.yaml \
  tests/scenarios/*.yaml scenarios/bugs/*.yaml >"$TEST_TMP/all" 2>"$err" </dev/null || fail "check of all scenarios"
grep '"type":"suggestion"' "$TEST_TMP/all" >"$TEST_TMP/suggestions" || true

at_least() { # COUNT RESULT [ID]
  n=$(grep -c "\"id\":\"${3:-[^\"]*}\",.*\"result\":\"$2\"" "$TEST_TMP/suggestions") || true
  [ "$n" -ge "$1" ] || fail "${3:-findings}: $n $2, and were $1"
}
at_least 560 checked
while read -r id n; do
  at_least "$n" checked "$id"
done <<'EOF'
cpu-stale-read 30
cpu-touch-device-owned-read 32
cpu-touch-device-owned-write 20
speculative-refill-stale 1
missing-sync-for-cpu 8
missing-sync-for-device-reuse 19
device-stale-read 13
noncoherent-alloc-unsynced 6
missing-iova-sync 6
compiler-may-reorder 25
relaxed-doorbell 1
missing-mmio-readback 5
mapping-leak 32
free-while-mapped 10
map-error-unchecked 15
map-wrong-direction 10
sync-wrong-direction 20
sync-wrong-range 13
unmap-direction-mismatch 11
unmap-size-mismatch 12
coherent-free-mismatch 5
sg-nents-mismatch 14
double-unmap 12
pool-double-free 3
dma-write-lost-unmap-skip 7
mask-not-set 4
mask-truncation 3
pool-use-after-free 8
device-access-after-unmap 12
endianness 8
map-illegal-memory-stack 10
map-illegal-memory-vmalloc 5
dma-addr-is-phys-assumption 4
EOF
# Of what has a fix, few do not pass their own check: those stand for faults that take more, as many
# of the real bugs do.
n=$(grep -c '"result":"fails"' "$TEST_TMP/suggestions") || true
[ "$n" -le 100 ] || fail "$n fixes do not do; were at most 100"

# Every call that is told or suggested compiles, with names that its scenario declares.
n=$("$python" -B tests/cli/suggest_check.py compile "$TEST_TMP/suggestions" "$TEST_TMP/calls.c") || fail "suggest_check.py"
[ "$n" -ge 165 ] || fail "only $n different calls to compile"
gcc -std=gnu11 -fsyntax-only -Werror=int-conversion -Werror=implicit-function-declaration \
  -Itests/cli "$TEST_TMP/calls.c" >"$err" 2>&1 || {
  fail "a suggested call does not compile"
  head -20 "$err"
}
# What is wrong does not: a handle where a pointer belongs, a name that is none, too few arguments.
for wrong in 'kfree(h);' 'dma_unmap_single(nic, handle, 128, DMA_FROM_DEVICE);' 'dma_unmap_single(nic, h, 128);'; do
  sed "s/{ dma_sync_single_for_cpu(nic, h, 128, DMA_FROM_DEVICE); }/{ $wrong }/" "$TEST_TMP/calls.c" >"$TEST_TMP/wrong.c"
  if gcc -std=gnu11 -fsyntax-only -Werror=int-conversion -Itests/cli "$TEST_TMP/wrong.c" 2>/dev/null; then
    fail "compiles: $wrong"
  fi
done

# Pasted into the text of the file, without dmalab's own editing, the finding is gone.
"$python" -B tests/cli/suggest_check.py paste "$TEST_TMP/suggestions" "$DMALAB" "$TEST_TMP" >"$out" || {
  fail "a suggestion, pasted, does not mend"
  grep FAIL "$out" | head -5
}
[ "$(tail -1 "$out")" -ge 110 ] || fail "only $(tail -1 "$out") suggestions were pasted"
done_
