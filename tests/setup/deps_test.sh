#!/bin/sh
# SPDX-License-Identifier: MIT
# What deps.sh says and runs on machines that lack something, without a terminal.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib_deps.sh"
python="python3-yaml python3-jsonschema"

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
called "apt-get $install $all clang libclang-rt-dev check tmux $python perl jq libxml2-utils [noninteractive]"

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
  "apt-get $install $all clang check tmux $python perl jq libxml2-utils [noninteractive]"

# apt fails; apt succeeds and something is missing all the same
fresh 0 apt
stub apt-get 'exit 100'
run 1 build
says "The packages could not be installed."
fresh 0 apt
stub apt-get 'exit 0'
run 1 build
says "Still missing after the installation:"

run 2 nosuch
echo "ok"
