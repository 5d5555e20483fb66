#!/bin/sh
# SPDX-License-Identifier: MIT
# At a terminal deps.sh asks before it installs; no means no, and YES=1 is not asked.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ "${TEST_PTY:-1}" = 0 ]; then
  echo "no pseudo-terminal here"
  exit 77
fi
. "$here/lib_deps.sh"

at_terminal() { # ANSWER ENV
  status=0
  printf '%s\n' "$1" | PATH=$bin script -qec "env $2 sh '$deps' build" /dev/null \
    >"$tmp/out" 2>&1 || status=$?
}

fresh 0 apt
at_terminal n YES=
[ $status -eq 1 ] || fail "no at the question: status $status"
says "Run this now? [Y/n]"
says "Nothing was installed."
called

at_terminal n YES=1
[ $status -eq 0 ] || fail "YES=1: status $status"
called "apt-get $install $all [noninteractive]"
fresh 0 apt
at_terminal y YES=
[ $status -eq 0 ] || fail "yes at the question: status $status"
says "Run this now? [Y/n]"
called "apt-get $install $all [noninteractive]"
echo "ok"
