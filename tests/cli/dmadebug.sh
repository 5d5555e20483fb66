#!/bin/sh
# SPDX-License-Identifier: MIT
# What a run says of dma-debug: what it printed for a finding, what it counted, and why it is silent.
. tests/cli/lib.sh

write() { # NAME PLATFORM STEPS
  cat >"$TEST_TMP/$1.yaml" <<EOF
schema: 1
id: $1
title: "$1"
platforms: [own: {like: x86-64, $2}]
devices: {nic: {address_bits: 32}}
driver:
$3
EOF
}
steps='  - buf = kzalloc(64, GFP_KERNEL)
  - h = dma_map_single(nic, buf, 64, DMA_TO_DEVICE)
  - if (dma_mapping_error(nic, h)): return -ENOMEM
  - dma_unmap_single(nic, h, 32, DMA_TO_DEVICE)
  - dma_unmap_single(nic, h, 64, DMA_TO_DEVICE)'
words() { # each field's text on one line
  tr '\n' ' ' <"$out" | tr -s ' ' >"$TEST_TMP/words"
}

write two 'kernel: "6.12"' "$steps"
run 1 "$DMALAB" run "$TEST_TMP/two.yaml"
words
says "$TEST_TMP/words" 'The kernel logs: DMA-API: nic nic.0: device driver frees DMA memory with different size [device address=0x0000000001000000] [map size=64 bytes] [unmap size=32 bytes]'
says "$TEST_TMP/words" 'dma-debug DMA-API: nic nic.0: device driver frees DMA memory with different size [device address=0x0000000001000000] [map size=64 bytes] [unmap size=32 bytes]'
says "$TEST_TMP/words" 'dma-debug counted, but only the first error of a boot is printed: device driver tries to free DMA memory it has not allocated'
run 1 "$DMALAB" run --json "$TEST_TMP/two.yaml"
says "$out" '"dma_debug":"counted, but only the first error of a boot is printed: device driver tries to free DMA memory it has not allocated"'

write filter 'command_line: dma_debug_driver=another' "$steps"
run 1 "$DMALAB" run "$TEST_TMP/filter.yaml"
words
says "$TEST_TMP/words" 'The kernel logs: DMA-API: enable driver filter for driver [another]'
says "$TEST_TMP/words" 'The kernel logs: DMA-API: preallocated 65536 debug entries'
says "$TEST_TMP/words" 'dma-debug counted, but driver_filter hides it: device driver frees DMA memory with different size'

for how in 'command_line: dma_debug=off' 'kernel_options: {DMA_API_DEBUG: false}'; do
  write without "$how" "$steps"
  run 1 "$DMALAB" run "$TEST_TMP/without.yaml"
  words
  says "$TEST_TMP/words" 'dma-debug off in this kernel; else: device driver frees DMA memory with different size'
  ! grep -q 'nic nic.0' "$TEST_TMP/words" || fail "it logs although it is off"
done

# Where the row of the diagnosis says something, and the run nothing: a leak on a bus that does not ask.
write leak 'kernel: "6.12"' '  - buf = kzalloc(64, GFP_KERNEL)
  - h = dma_map_single(nic, buf, 64, DMA_TO_DEVICE)
  - if (dma_mapping_error(nic, h)): return -ENOMEM'
run 1 "$DMALAB" run "$TEST_TMP/leak.yaml"
words
says "$TEST_TMP/words" 'dma-debug silent in this run; elsewhere: device driver has pending DMA allocations'

write param 'command_line: dma_debug=on' "$steps"
refused 'the kernel parameter "dma_debug=on" counts for nothing here' run "$TEST_TMP/param.yaml"
write param 'command_line: dma_debug_entries=0' "$steps"
refused 'the kernel parameter "dma_debug_entries=0" counts for nothing here' run "$TEST_TMP/param.yaml"
write built 'kernel_options: {DMA_API_DEBUG: false}' '  - assert(cat("dma-api/error_count") == 0)'
refused 'is built without dma-debug' run "$TEST_TMP/built.yaml"
done_
