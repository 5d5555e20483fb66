#!/bin/sh
# SPDX-License-Identifier: MIT
# The museum: real bugs by list, by number, by completion and on their page; those that are left out
# are the ones of tests/bugs/table.txt, each with its reason.
. tests/cli/lib.sh
table=tests/bugs/table.txt
page=${BUILD:-build}/doc/dmalab-bugs.7

run 0 "$DMALAB" list bugs
cp "$out" "$TEST_TMP/list"
silent "$err"
run 0 "$DMALAB" list bugs --names
cp "$out" "$TEST_TMP/names"
run 0 "$DMALAB" list bugs --json
cp "$out" "$TEST_TMP/json"
[ "$(wc -l <"$TEST_TMP/names")" -ge 20 ] || fail "bugs were not found"
[ "$(wc -l <"$TEST_TMP/names")" -eq "$(find scenarios/bugs -name '*.yaml' | wc -l)" ] ||
  fail "not every scenario is listed: has one mistakes?"
[ "$(wc -l <"$TEST_TMP/list")" -eq "$(wc -l <"$TEST_TMP/json")" ] || fail "text and JSON differ in length"
if grep -v '^b[0-9]*  *[0-9]\{4\}  [^ ].*$' "$TEST_TMP/list"; then fail "a bug without number, year or title"; fi
if grep '^.\{81,\}' "$TEST_TMP/list"; then fail "the list is wider than a terminal"; fi
grep -v '(left out)' "$TEST_TMP/list" | cut -d ' ' -f 1 >"$TEST_TMP/numbers"
sed 's/-.*//' "$TEST_TMP/names" | diff - "$TEST_TMP/numbers" || fail "the list and the names differ"
if grep -v '^{"schema":"dmalab/1","type":"bug","number":"B[0-9]*","id":\("b[0-9a-z-]*"\|null\),"year":[0-9]\{4\},"title":"..*","source":"..*","reproduced":.*}$' \
  "$TEST_TMP/json"; then
  fail "a line of JSON without number, year, title or source"
fi

# Numbers rise, and each is that of a row which is not left out.
sed -n 's/.*"number":"\(B[0-9]*\)".*/\1/p' "$TEST_TMP/json" | sort -c -u || fail "not in the order of the numbers"
sed -n 's/^b\([0-9]*\)-.*/B\1/p' "$TEST_TMP/names" >"$TEST_TMP/have"
grep '^B[0-9]* |' "$table" | grep -v '^B[0-9]* | - |' | cut -d ' ' -f 1 | sort >"$TEST_TMP/rows"
sort "$TEST_TMP/have" | comm -23 - "$TEST_TMP/rows" >"$TEST_TMP/odd"
silent "$TEST_TMP/odd"
# Those that are left out: here and in the table the same, each with a reason.
sed -n 's/^\(B[0-9]*\) | - |.*/\1/p' "$table" >"$TEST_TMP/left-table"
sed -n 's/.*"number":"\(B[0-9]*\)","id":null,.*"reproduced":false,"reason":"..*/\1/p' "$TEST_TMP/json" |
  diff "$TEST_TMP/left-table" - || fail "left out in the table (<) and in scenarios/bugs/left-out (>)"
[ "$(grep -c '^B' scenarios/bugs/left-out)" -eq "$(wc -l <"$TEST_TMP/left-table")" ] || fail "a line of left-out is not read"

# By their numbers, as by their ids; a slip is told.
id=$(head -1 "$TEST_TMP/names")
run 0 "$DMALAB" run -q "$id"
cp "$out" "$TEST_TMP/by-id"
run 0 "$DMALAB" run -q "${id%%-*}"
cmp "$out" "$TEST_TMP/by-id" || fail "${id%%-*} is not $id"
refused "did you mean \"$id\"?" run "${id}s"
refused 'no lesson "b999"' run b999
gone=$(head -1 "$TEST_TMP/left-table" | tr B b)
[ -z "$gone" ] || refused "is left out: " run "$gone"
# They are no lessons.
run 0 "$DMALAB" list lessons --names
if grep -x "$id" "$out"; then fail "a bug is among the lessons"; fi

# The page has each, with all that is to be said of it, and is that of this program.
run 0 "$DMALAB" schema museum
awk -f man/tables.awk "$out" man/dmalab-bugs.7.in | cmp - "$page" || fail "the built page is not that of these files"
grep -c '^\.Ss B[0-9]*: .* ([0-9]\{4\})$' "$page" >"$TEST_TMP/count"
[ "$(cat "$TEST_TMP/count")" -eq "$(wc -l <"$TEST_TMP/json")" ] || fail "the page has $(cat "$TEST_TMP/count") bugs"
while read -r name; do
  grep -qx "dmalab run $name" "$page" || fail "the page does not have $name"
done <"$TEST_TMP/names"
# A story is a paragraph, not a word.
awk '/^\.Ss B/ { if (n && said < 200) print last; n++; said = 0; last = $0 } !/^\./ && !/^dmalab run/ { said += length($0) }' \
  "$page" >"$TEST_TMP/short"
silent "$TEST_TMP/short"

refused '--json and --names exclude each other' list bugs --json --names
refused 'only bugs and diagnoses are listed in JSON' list lessons --json

# Shells complete them where they complete lessons.
for shell in bash zsh fish; do
  run 0 "$DMALAB" completion $shell
  says "$out" "lessons bugs"
done
# A bug is explained by its number and by its id, one that is left out by its reason; quirks as a list.
for word in b013 b118 b090-lazy-window $(sed -n 's/^B\([0-9]*\) |.*/b\1/p' scenarios/bugs/left-out); do
  run 0 "$DMALAB" explain "$word"
  if grep '^.\{81,\}' "$out"; then fail "explain $word: wider than a terminal"; fi
done
run 0 "$DMALAB" explain b118
says "$out" "Amazon's ENA driver"
says "$out" "dmalab run b118-unmap-copies-once-more"
run 2 "$DMALAB" explain b999
run 0 "$DMALAB" explain quirks
"$DMALAB" list quirks --names | while read -r quirk; do
  grep -q "^$quirk " "$out" || echo "$quirk"
done >"$TEST_TMP/unexplained"
silent "$TEST_TMP/unexplained"
run 0 "$DMALAB" list diagnoses
if grep '^.\{81,\}' "$out"; then fail "list diagnoses: wider than a terminal"; fi
done_
