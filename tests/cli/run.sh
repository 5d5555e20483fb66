#!/bin/sh
# SPDX-License-Identifier: MIT
# The narrated run, word for word.
. tests/cli/lib.sh
lessons=scenarios/lessons

for p in arm64-soc x86-64 x86-64-swiotlb-force armv7-pl310; do
  run 0 "$DMALAB" run -p "$p" $lessons/01-rx-packet-read-too-early.yaml
  golden "run-01-$p"
  silent "$err"
done
run 0 "$DMALAB" run --variant fixed $lessons/01-rx-packet-read-too-early.yaml
golden run-01-fixed
run 0 "$DMALAB" run --plain $lessons/01-rx-packet-read-too-early.yaml
golden run-01-plain
for n in 02 03 07 08; do
  run 0 "$DMALAB" run $lessons/$n-*.yaml
  golden "run-$n"
done

# A machine without a cache keeps nothing in one.
run 0 "$DMALAB" run tests/spin/sb.yaml
if grep 'its cache' "$out"; then fail "a platform with cache: none has a cache"; fi
says "$out" "it is in memory"

# What a sync gave back is the CPU's to read: no hand-over is missing where it stores.
run 0 "$DMALAB" run tests/scenarios/store-into-what-came.yaml
says "$out" "buf+00, which it has back to read only"
if grep 'MISSING' "$out"; then fail "a call is said to be missing"; fi

# Nothing is wider than 80 columns but commands to copy and one word that is longer.
for f in tests/golden/cli/run-*; do
  if grep -v 'dmalab tui ' "$f" | awk '
    { gsub(/[\200-\277]/, ""); if (length($0) > 80) { print FILENAME ": " $0; bad = 1 } }
    END { exit !bad }'; then
    fail "$f is wider than 80 columns"
  fi
done

# -q says the title and the last lines, and the same ones.
run 0 "$DMALAB" run $lessons/01-rx-packet-read-too-early.yaml
(head -n 1 "$out"; tail -n 4 "$out") >"$TEST_TMP/ends"
run 0 "$DMALAB" run -q $lessons/01-rx-packet-read-too-early.yaml
cmp "$out" "$TEST_TMP/ends" || fail "-q differs from the ends of the whole"

# Several files, all platforms: in the order given, one blank line between.
run 0 "$DMALAB" run -q --all-platforms --variant fixed \
  $lessons/01-rx-packet-read-too-early.yaml $lessons/02-short-device-write.yaml
golden run-all-platforms
done_
