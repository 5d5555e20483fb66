#!/bin/sh
# SPDX-License-Identifier: MIT
# Does tests/run.sh tell a failure? A tree with tests that pass, fail, hang and are missing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/tests/cli" "$tmp/tests/unit" "$tmp/build/release/unit" "$tmp/build/asan/unit"
cp "$here/../run.sh" "$tmp/tests/"
unset BUILD UNIT_DIRS UNIT_MODES CHECK_BUILDS GOLDEN_ACCEPT
# the outer runner's own
unset TEST_TMP TEST_PTY DMALAB DMALAB_BUILDS

run() { # WANTED_STATUS LAST_LINE GROUP...: output in $tmp/out
  want_status=$1
  want_last=$2
  shift 2
  status=0
  TEST_LIMIT=2 sh "$tmp/tests/run.sh" "$@" >"$tmp/out" 2>&1 || status=$?
  if [ $status -ne "$want_status" ] || [ "$(tail -n 1 "$tmp/out")" != "$want_last" ]; then
    cat "$tmp/out"
    echo "run_test: $*: wanted status $want_status and \"$want_last\", got status $status"
    exit 1
  fi
}

has() {
  grep -q "$1" "$tmp/out" || { cat "$tmp/out" && echo "run_test: no line with \"$1\"" && exit 1; }
}

# A test gets a folder of its own, the program's names, no input, no locale of the user's.
cat >"$tmp/tests/cli/good.sh" <<'GOOD'
set -eu
[ -d "$TEST_TMP" ] && [ -z "$(ls "$TEST_TMP")" ]
case $DMALAB in /*/build/dmalab) ;; *) exit 1 ;; esac
[ "$(echo "$DMALAB_BUILDS" | wc -w)" -eq 3 ]
[ "$LC_ALL" = C.UTF-8 ]
[ -z "$(cat)" ]
GOOD
echo 'exit 9' >"$tmp/tests/cli/lib.sh" # shared by tests, not one itself
LC_ALL=C run 0 "1 passed, 0 failed" cli
has 'ok .* cli/good'

echo 'echo said this; exit 7' >"$tmp/tests/cli/bad.sh"
run 1 "1 passed, 1 failed" cli
has 'FAIL .* cli/bad: exit status 7'
has '| said this'
rm "$tmp/tests/cli/bad.sh"

echo 'sleep 30' >"$tmp/tests/cli/hang.sh"
run 1 "1 passed, 1 failed" cli
has 'FAIL .* cli/hang: no end within 2 s'
rm "$tmp/tests/cli/hang.sh"

# 77 means skipped only where there is no terminal to be had, and is said.
echo 'exit 77' >"$tmp/tests/cli/terminal.sh"
mkdir "$tmp/bin"
for result in 0 1; do
  printf '#!/bin/sh\nexit %s\n' $result >"$tmp/bin/script"
  chmod +x "$tmp/bin/script"
  if [ $result -eq 0 ]; then
    PATH=$tmp/bin:$PATH run 1 "1 passed, 1 failed" cli
  else
    PATH=$tmp/bin:$PATH run 0 "1 passed, 0 failed" cli
    has 'skip .* cli/terminal: no pseudo-terminal here'
    has '1 SKIPPED'
  fi
done
rm "$tmp/tests/cli/terminal.sh"

# Nothing to run is not a success: a group without tests, a unit test that was not built.
run 1 "0 passed, 1 failed" tui
has 'there is no test in this group'
run 1 "0 passed, 1 failed" scenarios
: >"$tmp/tests/unit/a_test.c"
printf '#!/bin/sh\nexit 0\n' >"$tmp/build/release/unit/a_test"
chmod +x "$tmp/build/release/unit/a_test"
run 1 "1 passed, 1 failed" unit
has 'ok .* unit/a release'
has 'FAIL .* unit/a asan: exit status 127'
run 2 'run.sh: there is no group of tests named "nosuch"' nosuch
echo "ok"
