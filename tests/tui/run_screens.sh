#!/bin/sh
# SPDX-License-Identifier: MIT
# Screens of a real run: the first lesson after the map, after the device wrote, and at the stale
# read, in both skins. Apart from the golden files, the marks and walls must be where they belong.
. tests/tui/lib.sh

# ---- against the golden files ----

for platform in arm64-soc x86-64-swiotlb-force; do
  for at in l16 l20 finding; do
    for skin in unicode ascii; do
      name=run-$platform-$at
      option=
      if [ $skin = ascii ]; then
        name=$name-ascii
        option=--ascii
      fi
      # shellcheck disable=SC2086 # no option is no word
      screen "$tmp/$name" -p $platform --at $at $option
      if [ "${GOLDEN_ACCEPT:-}" ]; then
        cp "$tmp/$name" "$golden/$name.screen"
      else
        diff -u "$golden/$name.screen" "$tmp/$name" || fail "$name is another screen"
      fi
    done
  done
done

# ---- what must be true of them ----

blank='   '
for platform in arm64-soc x86-64-swiotlb-force; do
  s=$tmp/run-$platform
  [ "$(wc -l <"$s-finding-ascii")" -eq 24 ] || fail "$platform: not 24 rows"
  LC_ALL=C awk 'length($0) != 80 { exit 1 }' "$s-finding-ascii" || fail "$platform: not 80 columns"

  # after the map: three rows of aa, no mark, no wall
  for row in 4 6 8; do
    expect "$s-l16-ascii" $row 14 "aa aa aa aa aa aa aa aa aa aa aa aa aa aa aa aa " "$platform, map"
  done
  for row in 5 7; do
    expect "$s-l16-ascii" $row 14 "                                                " "$platform, map"
  done

  # the device wrote: five bytes of the CPU are old, nobody has looked
  expect "$s-l20-ascii" 4 14 "aa~aa~aa~aa~aa~aa aa " "$platform, write"
  expect "$s-l20-ascii" 8 14 "68*65*6c*6c*6f*aa aa " "$platform, write"
  expect "$s-l20-ascii" 8 0 ">nic WROTE" "$platform, write"

  # the stale read: the CPU's five bytes, and no other cell of the truths, have the mark
  expect "$s-finding-ascii" 4 0 ">CPU READ" "$platform, read"
  expect "$s-finding-ascii" 4 14 "aa!aa!aa!aa!aa!aa aa aa aa aa aa aa aa aa aa aa " "$platform, read"
  expect "$s-finding-ascii" 8 14 "68*65*6c*6c*6f*aa aa " "$platform, read"
  for row in 5 6 7 8; do
    case $(cells "$s-finding-ascii" $row 14 64) in
    *!*) fail "$platform: a stale mark in row $row" ;;
    esac
  done
  grep -q '^+ .*dma_sync_single_for_cpu.*<- missing' "$s-finding-ascii" ||
    fail "$platform: the missing call is not shown"
  ! grep -q missing "$s-l20-ascii" || fail "$platform: the missing call is shown too early"
  ! cells "$s-l20-ascii" 14 0 64 | grep -q '!' || fail "$platform: the strip tells the finding"
done

# one bug, two walls: in the seam of the cache there, of the bounce slot here
wall='##############'
none='              '
expect "$tmp/run-arm64-soc-finding-ascii" 5 14 "$wall$blank" "the cache's wall"
expect "$tmp/run-arm64-soc-finding-ascii" 7 14 "$none" "no wall under memory"
expect "$tmp/run-arm64-soc-finding-ascii" 6 14 "68*65*6c*6c*6f*" "memory has the new bytes"
expect "$tmp/run-x86-64-swiotlb-force-finding-ascii" 5 14 "$none" "no wall above memory"
expect "$tmp/run-x86-64-swiotlb-force-finding-ascii" 7 14 "$wall$blank" "the slot's wall"
expect "$tmp/run-x86-64-swiotlb-force-finding-ascii" 6 14 "aa~aa~aa~aa~aa~" "memory is behind"

# why and explain lie over the lower rows; the open truths stay, and closing brings all back
for page in why explain; do
  screen "$tmp/$page" -p arm64-soc --at finding --ascii --keys "$page"
  head -n 9 "$tmp/$page" >"$tmp/above"
  head -n 9 "$tmp/run-arm64-soc-finding-ascii" | cmp - "$tmp/above" || fail "$page hides the truths"
  screen "$tmp/closed" -p arm64-soc --at finding --ascii --keys "$page close-text"
  cmp "$tmp/closed" "$tmp/run-arm64-soc-finding-ascii" || fail "$page leaves something behind"
done
grep -q '^| *e[0-9]* l20  *nic wrote "hello"' "$tmp/why" || fail "why does not tell the write"
grep -q '^|  *+ MISSING  *a call' "$tmp/why" || fail "why does not tell the missing call"
grep -q 'dma_sync_single_for_cpu(nic, h, 128' "$tmp/why" || fail "why does not tell the fix"
grep -q '^| rule ' "$tmp/explain" || fail "explain does not tell the rule"
grep -q 'dmalab explain cpu-stale-read' "$tmp/explain" || fail "explain has no command"
screen "$tmp/why" -p arm64-soc --at l20 --ascii --keys why
grep -q 'why: not now: no finding is told here' "$tmp/why" || fail "why answers without a finding"

# the fixed driver finds nothing and shows nothing as missing
"$dmalab" tui "$lesson" --variant fixed -p arm64-soc --ascii --at end --save-screen "$tmp/fixed"
head -n 19 "$tmp/fixed" | LC_ALL=C grep -v 'if (!' | grep '!' && fail "the fixed driver has a finding"
! grep -q missing "$tmp/fixed" || fail "the fixed driver lacks a call"

# ---- every build, every position ----

for build in ${DMALAB_BUILDS:-$dmalab}; do
  "$build" tui "$lesson" --variant broken -p arm64-soc --at finding --save-screen "$tmp/build"
  cmp -s "$tmp/build" "$tmp/run-arm64-soc-finding" || fail "$build draws another screen"
done

# forward and back give the same screens, in reverse
for platform in arm64-soc armv7-pl310 x86-64 x86-64-swiotlb-force; do
  screen "$tmp/first" -p $platform --ascii
  n=$(sed -n '1s,.*event 0/\([0-9]*\) *$,\1,p' "$tmp/first")
  [ "$n" -gt 10 ] || fail "$platform: $n events"
  on=screen
  back="last-event screen"
  for _ in $(seq "$n"); do
    on="$on next-event screen"
    back="$back previous-event screen"
  done
  screen "$tmp/on" -p $platform --ascii --keys "$on"
  screen "$tmp/back" -p $platform --ascii --keys "$back"
  LC_ALL=C awk 'BEGIN { RS = "" } { s[NR] = $0 }
    END { for (i = NR; i > 0; i--) printf "%s%s\n", i < NR ? "\n" : "", s[i] }' \
    "$tmp/back" >"$tmp/turned"
  [ "$(LC_ALL=C grep -c ' event [0-9]*/' "$tmp/on")" -gt "$n" ] || fail "$platform: screens are missing"
  cmp "$tmp/on" "$tmp/turned" || fail "$platform: a step back is another screen"
done
echo ok
