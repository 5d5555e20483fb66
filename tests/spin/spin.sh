#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Spin itself against the explorer and against the models in C: spin.sh DMALAB MODELS.
#
# For every mask of FIX, with N up to 3: which checks Spin sees fail is what `dmalab explore` finds,
# with the reduction and without it. MODELS is what build/release/unit/spin_test printed with
# SPIN_ALL=1: of each mask states, transitions, violating transitions and the length of the shortest
# failure, which are Spin's. Some minutes: Spin builds a C program for each mask.
set -eu
dmalab=$(realpath "$1")
models=$(realpath "$2")
root=$(pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
bad=0
done_=0

fail() { # TEXT
  echo "FAIL: $*"
  bad=$((bad + 1))
}

# number PHRASE FILE: the number at the beginning of the line that has the phrase.
number() {
  sed -n "s/^ *\([0-9][0-9]*\)[^0-9].*$1.*/\1/p; s/^ *\([0-9][0-9]*\) $1.*/\1/p" "$2" | head -n 1
}

# kinds MODEL FILE: the checks that pan saw fail, by the array that the assertion looks at.
kinds() {
  sed -n 's/^pan:[0-9]*: assertion violated (\(.*\)) (at depth.*/\1/p' "$2" | sort -u |
    case $1 in
    cache) sed 's/.*>>4)==1.*/completion/; s/.*==3.*/descriptor/; s/.*&3)==1.*/payload/' ;;
    sb) sed 's/^(*mem\[dj\].*/payload/; s/^(*mem\[((2\*.*/valid/; s/^(*mem\[(.*/length/' ;;
    esac | sort -u | tr '\n' ' '
}

# spin MODEL N K-OR-ORD FIX: runs it, all failures, then the shortest one.
spin_says() {
  case $1 in
  cache) third=-DK=$3 ;;
  sb) third=-DORD=$3 ;;
  esac
  cd "$dir"
  spin "-DN=$2" "$third" "-DFIX=$4" -a "$root/tests/spin/$1.pml" >/dev/null
  gcc -O1 -w -DSAFETY -DNOREDUCE -o pan pan.c
  gcc -O1 -w -DSAFETY -DBFS -o pan-first pan.c
  ./pan -E -c0 -m20000 -w22 >all
  ./pan-first -E -w22 >first
  cd "$root"
}

# explored MODEL N K-OR-ORD FIX OPTION...: the checks that dmalab finds; "?" if it has not seen all.
explored() {
  case $1 in
  cache) where="--set K=$3" ;;
  sb) where="-p $([ "$3" = 1 ] && echo tso || echo weak)" ;;
  esac
  file=tests/spin/$1.yaml
  sets="--set N=$2 --set FIX=$4"
  shift 4
  # shellcheck disable=SC2086 # arguments are words
  "$dmalab" explore "$file" $sets $where --json=result "$@" >"$dir/json" || true
  grep -q '"complete":true' "$dir/json" || echo '?'
  sed 's/.*"found":\[\([^]]*\)\].*/\1/' "$dir/json" | tr ',' '\n' |
    sed -n 's/^"assert:\(.*\)"$/\1/p' | sort -u | tr '\n' ' '
}

# one MODEL N K-OR-ORD FIX STATES TRANSITIONS VIOLATING SHORTEST
one() {
  at="$1 N=$2 $([ "$1" = cache ] && echo K || echo ORD)=$3 FIX=$4"
  spin_says "$1" "$2" "$3" "$4"
  want=$(kinds "$1" "$dir/all")
  spins="$(number 'states, stored' "$dir/all") $(number 'transitions (=' "$dir/all")"
  errors=$(sed -n 's/.*errors: //p' "$dir/all")
  depth=$(sed -n 's/.*assertion violated.*(at depth \([0-9]*\)).*/\1/p' "$dir/first" | head -n 1)
  # Spin counts one transition into the initial state, and depths from 0.
  [ "$spins" = "$5 $(($6 + 1))" ] && [ "$errors" = "$7" ] ||
    fail "$at: Spin: $spins, $errors errors; the model in C: $5 $(($6 + 1)), $7"
  [ "$((${depth:--1} + 1))" = "$8" ] || fail "$at: Spin's shortest failure: ${depth:-none} + 1, not $8"
  for how in "" --no-reduction; do
    # shellcheck disable=SC2086 # no argument, or one
    got=$(explored "$1" "$2" "$3" "$4" $how)
    [ "$got" = "$want" ] || fail "$at $how: Spin: ${want:-nothing}; dmalab: ${got:-nothing}"
  done
  echo "$at: ${want:-nothing}"
  done_=$((done_ + 1))
}

if ! command -v spin >/dev/null 2>&1; then
  echo "spin.sh: Spin (Debian: spin) is not installed" >&2
  exit 1
fi
grep '^model ' "$models" >"$dir/table"
while read -r _ model n third fix states transitions violating shortest; do
  one "$model" "$n" "$third" "$fix" "$states" "$transitions" "$violating" "$shortest"
done <"$dir/table"
echo "$done_ masks, $bad differences"
[ "$done_" -eq 120 ] && [ "$bad" -eq 0 ]
