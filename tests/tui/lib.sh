# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What the tests of the screens share. Run in the root of the checkout.
set -eu
lesson=scenarios/lessons/01-rx-packet-read-too-early.yaml
golden=tests/golden/tui
tmp=${TEST_TMP:?}
dmalab=${DMALAB:?}

fail() {
  echo "FAIL: $*" >&2
  exit 1
}

# screen FILE ARG...: the screen of the lesson's broken variant.
screen() {
  to=$1
  shift
  "$dmalab" tui "$lesson" --variant broken --save-screen "$to" "$@" || fail "dmalab tui $*: status $?"
}

# cells FILE ROW FIRST COUNT: cells of an ASCII screen; row and column from 0.
cells() {
  LC_ALL=C awk -v row="$2" -v first="$3" -v n="$4" \
    'NR == row + 1 { print substr($0, first + 1, n) }' "$1"
}

# expect FILE ROW FIRST TEXT WHAT
expect() {
  got=$(cells "$1" "$2" "$3" ${#4}; echo .)
  got=${got%??}
  [ "$got" = "$4" ] || fail "$5: row $2, column $3 has |$got|, not |$4|, in
$(cat "$1")"
}
