#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Plants a fault in a copy of the tree, builds it, and runs the tests that should notice: they must
# fail, each of them. Without the fault they must pass.
#
#     tests/mutants/run.sh FROM TO [NAME...]
#     tests/mutants/run.sh --apply FROM       only looks whether all of them apply
#
# FROM is the checkout, TO a folder of its own for the copy, which is kept: another run builds only
# what has changed. NAMEs are those of files *.mut beside this script (MUTANTS: another folder);
# without any all of them. A mutant is
#     what: a sentence
#     file: src/...
#     killed-by: TEST...
#     --- from
#     lines that stand exactly once in the file
#     --- to
#     lines to put there
# and a TEST the name of a unit test, or check:FILE for `dmalab check FILE`. Status 1 if a mutant
# survives, 2 if one no longer applies or does not build, or if a test fails without any fault.
set -u

apply=
if [ "$1" = --apply ]; then
  apply=1
  shift
  set -- "$1" /dev/null
fi
from=$(cd "$1" && pwd) || exit 2
to=$2
shift 2
here=${MUTANTS:-$(cd "$(dirname "$0")" && pwd)}
make=${MAKE:-make}
limit=${TEST_LIMIT:-300}
: "${REDUCTION_RUNS:=160}"
export REDUCTION_RUNS
unset MAKEFLAGS MAKELEVEL MFLAGS MODE BUILD

field() { # NAME FILE
  sed -n "s/^$1: *//p; /^--- from/q" "$2"
}

# Copies what has changed, so that make builds only that.
refresh() {
  mkdir -p "$to"
  for part in Makefile src tests scenarios man; do
    [ -e "$from/$part" ] || continue
    (cd "$from" && find "$part" -type f) | while read -r f; do
      cmp -s "$from/$f" "$to/$f" && continue
      mkdir -p "$to/$(dirname "$f")"
      cp "$from/$f" "$to/$f"
    done
    (cd "$to" && find "$part" -type f) | while read -r f; do
      [ -e "$from/$f" ] || rm "$to/$f"
    done
  done
}

# The file with the fault in it, on standard output; status 1 if it does not apply.
mutate() { # MUTANT FILE
  awk -v mutant="$1" '
    BEGIN {
      while ((getline line < mutant) > 0) {
        if (line ~ /^--- (from|to)$/) part = substr(line, 5)
        else if (part != "") text[part] = text[part] line "\n"
      }
    }
    { all = all $0 "\n" }
    END {
      all = "\n" all # so that whole lines are found
      text["from"] = "\n" text["from"]
      text["to"] = "\n" text["to"]
      at = length(text["from"]) < 2 ? 0 : index(all, text["from"])
      rest = substr(all, at + length(text["from"]))
      if (!at || index("\n" rest, text["from"])) exit 1
      printf "%s", substr(substr(all, 1, at - 1) text["to"] rest, 2)
    }' "$2"
}

built() { # TEST: builds what it needs
  case $1 in
  check:*) $make -s -C "$to" all ;;
  *) $make -s -C "$to" "build/release/unit/$1_test" ;;
  esac >"$to/build.log" 2>&1 && return 0
  tail -n 20 "$to/build.log" >&2
  return 1
}

passes() { # TEST
  case $1 in
  check:*) set -- build/dmalab check -q "${1#check:}" ;;
  *) set -- "build/release/unit/$1_test" ;;
  esac
  (cd "$to" && timeout "$limit" "$@" </dev/null >test.log 2>&1)
}

[ $# -gt 0 ] || set -- $(cd "$here" && ls ./*.mut | sed 's|^\./||; s|\.mut$||')
tests=
for name; do
  if [ ! -f "$here/$name.mut" ]; then
    echo "mutants: there is no $here/$name.mut" >&2
    exit 2
  fi
  tests="$tests $(field killed-by "$here/$name.mut")"
done
if [ -n "$apply" ]; then
  for name; do
    file=$(field file "$here/$name.mut")
    mutate "$here/$name.mut" "$from/$file" >/dev/null && continue
    echo "mutants: $name does not apply to $file"
    apply=2
  done
  [ "$apply" = 1 ]
  exit
fi
refresh
for t in $(printf '%s\n' $tests | sort -u); do
  if ! built "$t"; then
    echo "mutants: $t does not build" >&2
    exit 2
  fi
  if ! passes "$t"; then
    tail -n 20 "$to/test.log" >&2
    echo "mutants: $t fails without any fault" >&2
    exit 2
  fi
done

status=0
worse() { # STATUS WORDS...
  [ "$status" -ge "$1" ] || status=$1
  shift
  echo "  $*"
}

for name; do
  mutant=$here/$name.mut
  file=$(field file "$mutant")
  killers=$(field killed-by "$mutant")
  echo "$name: $(field what "$mutant")"
  if [ -z "$killers" ] || ! mutate "$mutant" "$from/$file" >"$to/mutated"; then
    worse 2 "DOES NOT APPLY to $file: the lines to change are not there, or more than once"
    continue
  fi
  cp "$to/mutated" "$to/$file"
  for t in $killers; do
    if ! built "$t"; then
      worse 2 "DOES NOT BUILD: $t"
    elif passes "$t"; then
      worse 1 "SURVIVES $t"
    else
      echo "  killed by $t"
    fi
  done
  cp "$from/$file" "$to/$file"
done
case $status in
0) echo "$# mutants, all killed" ;;
*) echo "$# mutants, not all of them killed as they should be" ;;
esac
exit $status
