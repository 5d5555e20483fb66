#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual has exactly the options and words that the program has.
. tests/cli/lib.sh
man=man/dmalab.1
commands='run tui why explore check matrix cost mutate list explain schema completion help version'

for c in $commands; do
  sed -n "/^\.Ss $c\$/,/^\.S[sh] /p" $man >"$TEST_TMP/section"
  [ -s "$TEST_TMP/section" ] || fail "the manual has no section on $c"
  "$DMALAB" "$c" --help | sed -n 's/^  .*--\([a-z-]*\).*/\1/p' | grep -v '^help$' | sort \
    >"$TEST_TMP/help" || true
  grep '^\.It .*Fl' "$TEST_TMP/section" | grep -o 'Fl -[a-z-]*' | sed 's/^Fl -//' | sort \
    >"$TEST_TMP/manual" || true
  diff "$TEST_TMP/help" "$TEST_TMP/manual" || fail "$c: help (<) and manual (>) differ"
  "$DMALAB" "$c" --help | sed -n 's/^  -\([a-z]\), --\([a-z-]*\).*/\1 \2/p' |
    while read -r letter name; do
      [ "$letter" = h ] ||
        grep -q "^\.It Fl $letter , Fl -$name" "$TEST_TMP/section" || echo "-$letter"
    done >"$TEST_TMP/letters"
  silent "$TEST_TMP/letters"
done
[ "$("$DMALAB" run --help | grep -c -- '--')" -gt 8 ] || fail "run's options were not seen"

"$DMALAB" help | sed -n 's/^  \([a-z]*\) .*  *.*/\1/p' | grep -v '^dmalab$' | sort >"$TEST_TMP/a"
echo "$commands" | tr ' ' '\n' | sort | diff "$TEST_TMP/a" - || fail "commands"

for v in DMALAB_DATA DMALAB_ASCII DMALAB_PALETTE NO_COLOR CLICOLOR_FORCE COLUMNS; do
  grep -q "Ev.* $v" $man || fail "the manual has no $v"
  grep -rqF "\"$v\"" src || fail "nothing reads $v"
done
for t in run step event finding result why bug cell matrix cost mutant mutants; do
  grep -q "^\.It Li $t\$" $man || fail "the manual does not tell the type $t"
done
done_
