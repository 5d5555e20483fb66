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

# A list of which every entry is wrong: the first is printed, the others are one remark; in the ten
# lines of a message there is room for the first alone.
write many 'command_line: dma_debug_entries=65536' '  - buf = kzalloc(256, GFP_KERNEL)
  - struct scatterlist sg[4]
  - sg_init_table(sg, 4)
  - for_each_sg(sg, s, 4, i):
      - sg_set_buf(s, buf + 64 * i, 64)
  - n = dma_map_sg(nic, sg, 4, DMA_TO_DEVICE)
  - if (n == 0): return -ENOMEM
  - dma_unmap_sg(nic, sg, 4, DMA_FROM_DEVICE)'
run 1 "$DMALAB" run "$TEST_TMP/many.yaml" --json
says "$out" 'printed: device driver frees DMA memory with different direction (3 times)'

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

# On one that asks, as the driver leaves when the file is done. The message has two lines; a finding
# shows it as the steps do.
cat >"$TEST_TMP/asked.yaml" <<'E'
schema: 1
id: asked
title: "A leak on PCI"
platforms: [x86-64]
devices: {nic: {address_bits: 32, bus: pci}}
driver:
  - buf = kzalloc(64, GFP_KERNEL)
  - h = dma_map_single(nic, buf, 64, DMA_TO_DEVICE)
  - if (dma_mapping_error(nic, h)): return -ENOMEM
  - local_irq_disable()
  - msleep(1)
  - p = kmalloc(64, GFP_KERNEL)
  - local_irq_enable()
E
run 1 "$DMALAB" run "$TEST_TMP/asked.yaml"
! grep -q 'times in this run' "$out" || fail "what the unbind left is told again at the end"
if grep -q '^One of leaked' "$out"; then fail "a line of the log breaks the report"; fi
words
says "$TEST_TMP/words" 'dma-debug DMA-API: pci 0000:00:01.0: device driver has pending DMA allocations while released from device [count=1] | One of leaked entries details:'
# What takes no flags is not told to be called with others.
says "$TEST_TMP/words" 'Fix Do it before or later: where sleeping is allowed.'
says "$TEST_TMP/words" 'Fix instead of line 12: p = kmalloc(64, GFP_ATOMIC);'

write param 'command_line: dma_debug=on' "$steps"
refused 'the kernel parameter "dma_debug=on" counts for nothing here' run "$TEST_TMP/param.yaml"
write param 'command_line: dma_debug_entries=0' "$steps"
refused 'the kernel parameter "dma_debug_entries=0" counts for nothing here' run "$TEST_TMP/param.yaml"
write built 'kernel_options: {DMA_API_DEBUG: false}' '  - assert(cat("dma-api/error_count") == 0)'
refused 'is built without dma-debug' run "$TEST_TMP/built.yaml"
done_
