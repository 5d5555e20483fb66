#!/bin/sh
# SPDX-License-Identifier: MIT
# dmalab-scenario(5): its tables are the program's, its example runs, and it renders.
. tests/cli/lib.sh
page=${BUILD:-build}/doc/dmalab-scenario.5

run 0 "$DMALAB" schema manual
cp "$out" "$TEST_TMP/tables"
awk -f man/tables.awk "$TEST_TMP/tables" man/dmalab-scenario.5.in >"$TEST_TMP/page" || fail "tables.awk"
cmp "$TEST_TMP/page" "$page" || fail "the built page is not that of this program"
! grep -n '^\.\\" TABLE' "$page" || fail "a table is missing"

# A page that forgets a table, or names one that is not there, is a mistake.
grep -v 'TABLE limits' man/dmalab-scenario.5.in >"$TEST_TMP/less"
run 1 awk -f man/tables.awk "$TEST_TMP/tables" "$TEST_TMP/less"
says "$err" "does not use the table limits"
sed 's/TABLE limits/TABLE limit/' man/dmalab-scenario.5.in >"$TEST_TMP/less"
run 1 awk -f man/tables.awk "$TEST_TMP/tables" "$TEST_TMP/less"
says "$err" "there is no table limit"

# Everything that can be said is in it.
"$DMALAB" list diagnoses | cut -d ' ' -f 1 >"$TEST_TMP/names"
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
for m in "$page" man/*.[157]; do
  if command -v mandoc >/dev/null; then
    mandoc -Tlint -W warning "$m" || fail "$m: mandoc has something to say"
  fi
  if command -v groff >/dev/null; then
    groff -mandoc -Tutf8 -ww "$m" 2>"$TEST_TMP/said" >"$TEST_TMP/text"
    silent "$TEST_TMP/said"
  fi
done
done_
