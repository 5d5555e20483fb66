# SPDX-License-Identifier: MIT
#
# What the tests of the command line share; read with ". tests/cli/lib.sh" in the root.
set -eu
: "${DMALAB:?}" "${TEST_TMP:?}"
failed=0

fail() { # TEXT
  echo "FAIL: $*"
  failed=1
}

# run STATUS COMMAND...: runs it; its output in $out, its messages in $err (files), its status held.
out=$TEST_TMP/out
err=$TEST_TMP/err
run() {
  want=$1
  shift
  status=0
  timeout 60 "$@" >"$out" 2>"$err" </dev/null || status=$?
  if [ "$status" -ne "$want" ]; then
    fail "$*: exit status $status, not $want"
    sed 's/^/    /' "$err" | head -5
  fi
}

# golden NAME [FILE]: holds a file (else $out) against tests/golden/cli/NAME.
golden() {
  file=${2:-$out}
  if [ "${GOLDEN_ACCEPT:-}" = 1 ]; then
    mkdir -p "$(dirname "tests/golden/cli/$1")"
    cp "$file" "tests/golden/cli/$1"
  elif ! diff -u "tests/golden/cli/$1" "$file"; then
    fail "$1 is not as accepted (make golden-accept takes it as it is)"
  fi
}

says() { # FILE TEXT: some line of the file has the text
  grep -qF -- "$2" "$1" || {
    fail "no line says: $2"
    sed 's/^/    /' "$1" | head -8
  }
}

silent() { # FILE
  [ ! -s "$1" ] || {
    fail "should be empty: $1"
    head -5 "$1" | sed 's/^/    /'
  }
}

# refused TEXT ARGUMENT...: wrong use: status 2, the text on the standard error, nothing on the output.
refused() {
  text=$1
  shift
  run 2 "$DMALAB" "$@"
  silent "$out"
  says "$err" "$text"
}

done_() {
  exit "$failed"
}
