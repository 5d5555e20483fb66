#!/bin/sh
# SPDX-License-Identifier: MIT
# dmalab-scenario(5) and dmalab-diagnoses(7): their tables are the program's, the example of the first
# runs, and they render.
. tests/cli/lib.sh
page=${BUILD:-build}/doc/dmalab-scenario.5
diagnoses=${BUILD:-build}/doc/dmalab-diagnoses.7

run 0 "$DMALAB" schema manual
cp "$out" "$TEST_TMP/tables"
for p in "$page" "$diagnoses"; do
  awk -f man/tables.awk "$TEST_TMP/tables" "man/${p##*/}.in" >"$TEST_TMP/page" || fail "tables.awk"
  cmp "$TEST_TMP/page" "$p" || fail "the built page is not that of this program"
  ! grep -n '^\.\\" TABLE' "$p" || fail "a table is missing"
done

# A page that forgets a table of its own, or names one that is not there, is a mistake.
less=$TEST_TMP/dmalab-scenario.5.in
grep -v 'TABLE limits' man/dmalab-scenario.5.in >"$less"
run 1 awk -f man/tables.awk "$TEST_TMP/tables" "$less"
says "$err" "does not use the table limits"
sed 's/TABLE limits/TABLE limit/' man/dmalab-scenario.5.in >"$less"
run 1 awk -f man/tables.awk "$TEST_TMP/tables" "$less"
says "$err" "there is no table limit"
less=$TEST_TMP/dmalab-diagnoses.7.in
grep -v 'TABLE decisions' man/dmalab-diagnoses.7.in >"$less"
run 1 awk -f man/tables.awk "$TEST_TMP/tables" "$less"
says "$err" "does not use the table decisions"

# Each diagnosis has its section, and what the oracle decides by is told, row by row.
"$DMALAB" list diagnoses --names | while read -r id; do
  grep -qx "\.Ss $id" "$diagnoses" || echo "$id"
done >"$TEST_TMP/missing"
silent "$TEST_TMP/missing"
[ "$(grep -c '^DECIDE_' src/oracle/decisions.def)" -eq "$(sed -n '/^\.Sh THE DEC/,$p' "$diagnoses" |
  grep -c '^\.It$')" ] || fail "the decision list of the page is not the table's"

# Everything that can be said is in it.
"$DMALAB" list diagnoses --names >"$TEST_TMP/names"
"$DMALAB" list calls | sed 's/(.*//; s/.*[ *]//' >>"$TEST_TMP/names"
sed -n 's/^CONST(\([A-Za-z0-9_]*\),.*/\1/p' src/scenario/constants.def >>"$TEST_TMP/names"
sed -n 's/^[A-Z_]*(\([A-Za-z0-9_]*\), *"*.*/\1/p' src/scenario/fields.def >>"$TEST_TMP/names"
sed -n 's/^BUILTIN(\([A-Za-z0-9_]*\), NONE,.*/\1/p' src/scenario/builtins.def >"$TEST_TMP/later"
sed -n 's/^BUILTIN(\([A-Za-z0-9_]*\),.*/\1/p' src/scenario/builtins.def |
  grep -vxF -f "$TEST_TMP/later" >>"$TEST_TMP/names"
[ "$(wc -l <"$TEST_TMP/names")" -gt 400 ] || fail "names were not found"
tr -c 'A-Za-z0-9_-' '\n' <"$page" | sort -u >"$TEST_TMP/words"
sort -u "$TEST_TMP/names" | comm -23 - "$TEST_TMP/words" >"$TEST_TMP/missing"
silent "$TEST_TMP/missing"

# Its example is as expected, and says what it says elsewhere.
sed -n '/^# yaml-language-server/,/^\.Ed/p' "$page" | sed '$d' >"$TEST_TMP/example.yaml"
run 0 "$DMALAB" check "$TEST_TMP/example.yaml"
says "$out" "1 file: 4 as expected, 0 not"

# No warning of those who render it, as far as they are here.
for m in "$page" "$diagnoses" man/*.[157]; do
  if command -v mandoc >/dev/null; then
    mandoc -Tlint -W warning "$m" || fail "$m: mandoc has something to say"
  fi
  if command -v groff >/dev/null; then
    groff -mandoc -Tutf8 -ww "$m" 2>"$TEST_TMP/said" >"$TEST_TMP/text"
    silent "$TEST_TMP/said"
  fi
done
done_
