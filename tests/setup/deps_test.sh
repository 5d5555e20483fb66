#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What deps.sh says and runs on machines that lack something: in a PATH with nothing but the basic
# tools and a stand-in for apt-get that notes how it was called and "installs" programs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bin=$tmp/bin
deps="$here/deps.sh"

fail() {
  [ ! -f "$tmp/out" ] || cat "$tmp/out"
  echo "deps_test: $1"
  exit 1
}

stub() { # NAME BODY
  printf '#!/bin/sh\n%s\n' "$2" >"$bin/$1"
  chmod +x "$bin/$1"
}

fresh() { # USER_ID [apt]: a machine without compiler
  rm -rf "$bin" "$tmp/calls" "$tmp/out"
  mkdir "$bin"
  : >"$tmp/calls"
  for t in sh cat env mktemp rm chmod printf script; do
    [ ! -x "$(command -v $t)" ] || ln -s "$(command -v $t)" "$bin/$t"
  done
  stub id "echo $1"
  [ "${2:-}" = apt ] || return 0
  stub apt-cache 'exit 0'
  # every program that is asked for appears; a compiler that accepts everything
  stub apt-get "echo \"apt-get \$* [\$DEBIAN_FRONTEND]\" >>'$tmp/calls'
case \"\$*\" in *gcc*)
  for p in gcc pkg-config clang tmux; do
    printf '#!/bin/sh\nexit 0\n' >'$bin'/\$p
    chmod +x '$bin'/\$p
  done
esac"
  stub sudo "echo \"sudo \$*\" >>'$tmp/calls'; exec \"\$@\""
}

run() { # WANTED_STATUS ARGUMENT...
  want=$1
  shift
  status=0
  PATH=$bin sh "$deps" "$@" >"$tmp/out" 2>&1 </dev/null || status=$?
  [ $status -eq "$want" ] || fail "$*: status $status, wanted $want"
}

says() {
  grep -qF -- "$1" "$tmp/out" || fail "it did not say: $1"
}

called() { # LINE...: exactly these, in this order
  for l; do echo "$l"; done | diff - "$tmp/calls" || fail "it called (>) something else than wanted (<)"
}

all="gcc libc6-dev pkg-config libncurses-dev libyaml-dev libjansson-dev libxxhash-dev"
install="install -y --no-install-recommends"

# root: shown, then run without asking as there is no terminal; then nothing is left to do
fresh 0 apt
run 0 build
says "  env DEBIAN_FRONTEND=noninteractive apt-get $install $all"
called "apt-get $install $all [noninteractive]"
: >"$tmp/calls"
run 0 build
if [ -s "$tmp/out" ] || [ -s "$tmp/calls" ]; then
  fail "a second run says or does something"
fi

fresh 0 apt
run 0 check
called "apt-get $install $all clang libclang-rt-dev check tmux [noninteractive]"

# not root: sudo
fresh 1000 apt
run 0 build
says "  sudo env DEBIAN_FRONTEND=noninteractive apt-get $install $all"
called "sudo env DEBIAN_FRONTEND=noninteractive apt-get $install $all" \
  "apt-get $install $all [noninteractive]"

# not root and no sudo: says what to run
fresh 1000 apt
rm "$bin/sudo"
run 1 build
says "as root:"
says "apt-get $install $all"
called

# not Debian: names what is missing
fresh 0
run 1 build
says "libyaml with headers (Debian: libyaml-dev)"
says "gcc or another C compiler"

# packages that are not known: the list is fetched first, what stays unknown is left out
fresh 0 apt
stub apt-cache 'case $2 in libclang-rt-dev) exit 1 ;; esac'
run 0 check
says "  env DEBIAN_FRONTEND=noninteractive apt-get update"
called "apt-get update [noninteractive]" \
  "apt-get $install $all clang check tmux [noninteractive]"

# apt fails; apt succeeds and something is missing all the same
fresh 0 apt
stub apt-get 'exit 100'
run 1 build
says "The packages could not be installed."
fresh 0 apt
stub apt-get 'exit 0'
run 1 build
says "Still missing after the installation:"

# at a terminal it asks; no means no
fresh 0 apt
at_terminal() { # ANSWER ENV
  status=0
  printf '%s\n' "$1" | PATH=$bin script -qec "env $2 sh '$deps' build" /dev/null \
    >"$tmp/out" 2>&1 || status=$?
}
if ! command -v script >/dev/null 2>&1; then
  fail "script(1) is needed to have a terminal"
fi
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

run 2 nosuch
echo "ok"
