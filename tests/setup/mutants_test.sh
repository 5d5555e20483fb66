#!/bin/sh
# SPDX-License-Identifier: MIT
# What tests/mutants/run.sh says of mutants that are killed, survive, no longer apply, do not build,
# and of a test that fails by itself. And that each mutant of the engine applies to it.
set -eu
run=tests/mutants/run.sh
tmp=$TEST_TMP
mkdir -p "$tmp/from/src" "$tmp/mutants"

# A tree whose program is a file of two lines, and whose tests look for them.
cat >"$tmp/from/src/a.txt" <<'EOF'
one
two
EOF
cat >"$tmp/from/Makefile" <<'EOF'
build/release/unit/%_test: src/a.txt FORCE
	@grep -q . src/a.txt
	@mkdir -p build/release/unit
	@printf '#!/bin/sh\ngrep -qx "$$(echo %s | sed s/_.*//)" src/a.txt\n' $* >$@
	@chmod +x $@
FORCE:
EOF

mutant() { # NAME FROM TO TEST
  printf 'what: %s\nfile: src/a.txt\nkilled-by: %s\n--- from\n%s\n--- to\n%s\n' \
    "$1" "$4" "$2" "$3" >"$tmp/mutants/$1.mut"
}
says() { # STATUS WORDS NAME...
  want=$1 words=$2
  shift 2
  got=0
  MUTANTS=$tmp/mutants sh "$run" "$tmp/from" "$tmp/to" "$@" >"$tmp/out" 2>&1 || got=$?
  if [ "$got" -ne "$want" ] || ! grep -q "$words" "$tmp/out"; then
    echo "run.sh $*: status $got, not $want, or it does not say \"$words\":"
    cat "$tmp/out"
    exit 1
  fi
}

mutant killed two three two
says 0 "killed by two" killed
says 0 "1 mutants, all killed"
cmp -s "$tmp/from/src/a.txt" "$tmp/to/src/a.txt" || { echo "the fault was left in"; exit 1; }
mutant survivor two three one
says 1 "SURVIVES one" survivor
says 1 "not all of them" # the killed one beside it makes it no better
mutant half two three "two one"
says 1 "SURVIVES one" half
mutant moved three four two
says 2 "DOES NOT APPLY to src/a.txt" moved
mutant twice "o" "0" two # a part of a line is no line
says 2 "DOES NOT APPLY" twice
mutant broken "one
two" "" two
says 2 "DOES NOT BUILD: two" broken
mutant unfounded two three four
says 2 "four fails without any fault" unfounded
says 2 "there is no .*nobody.mut" nobody

# A changed tree is copied again: the fault is now there without a mutant.
printf 'one\n' >"$tmp/from/src/a.txt"
says 2 "two fails without any fault" killed

# Those of the engine: the lines to change are there, once.
sh "$run" --apply .
