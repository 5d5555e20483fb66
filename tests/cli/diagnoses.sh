#!/bin/sh
# SPDX-License-Identifier: MIT
# Each diagnosis has a page: every part is there, in 80 columns; the commands on it show the id, and
# do not; the same as JSON.
. tests/cli/lib.sh

# command_of LABEL PAGE: the command behind a label of a page, which may go over lines, without "dmalab".
command_of() {
  awk -v label="$1" '
    index($0, label) == 1 { on = 1; line = substr($0, 12); next }
    on && substr($0, 1, 11) ~ /^ +$/ { line = line " " substr($0, 12); next }
    on { exit }
    END { sub(/^dmalab /, "", line); print line }' "$2"
}

# found COMMAND ARGUMENT...: the ids that it finds.
found() {
  timeout 60 "$DMALAB" "$@" --json 2>/dev/null | jq -r 'select(.type == "finding") | .id, (.also // [])[]'
}

run 0 "$DMALAB" list diagnoses --names
cp "$out" "$TEST_TMP/ids"
while read -r id; do
  run 0 "$DMALAB" explain "$id"
  cp "$out" "$TEST_TMP/page"
  [ "$(wc -L <"$out")" -le 80 ] || fail "explain $id: too wide"
  [ "$(sed -n '3,$s/^\([a-z][a-z -]\{10\}\).*/\1/p' "$out" | tr -s ' \n' ' ')" = \
    "happens how rule fix dma-debug shows order try and not read " ] ||
    fail "explain $id: not all parts, or in another order"
  grep -q '^           [-+] ' "$out" || fail "explain $id: no line to write or to take away"
  try=$(command_of "try" "$TEST_TMP/page")
  near=$(command_of "and not" "$TEST_TMP/page")
  # shellcheck disable=SC2086 # words of a command
  found $try | grep -qx "$id" || fail "$id: 'dmalab $try' does not show it"
  # shellcheck disable=SC2086
  if found $near | grep -qx "$id"; then fail "$id: 'dmalab $near' shows it"; fi
done <"$TEST_TMP/ids"

run 0 "$DMALAB" list diagnoses --json
cp "$out" "$TEST_TMP/json"
[ "$(wc -l <"$out")" -eq "$(wc -l <"$TEST_TMP/ids")" ] || fail "list diagnoses --json: not all"
jq -r .id "$out" | diff - "$TEST_TMP/ids" || fail "list diagnoses --json: other ids"
jq -e -s 'all(.[]; .type == "diagnosis" and all(.effect, .mechanism, .rule, .fix, .edit, .dma_debug,
  .fires, .near; length > 0) and (.places | length) > 0 and (.sources | length) > 1) and
  ([.[].precedence] == [range(1; length + 1)])' "$out" >/dev/null ||
  fail "list diagnoses --json: a part is missing"
run 0 "$DMALAB" explain --json hang
diff "$out" - <<END || fail "explain --json: not the line of the list"
$(grep '"id":"hang"' "$TEST_TMP/json")
END
refused "only diagnoses are told in JSON" explain --json barriers
refused "only bugs and diagnoses are listed in JSON" list --json calls
refused "exclude each other" list --json --names diagnoses
done_
