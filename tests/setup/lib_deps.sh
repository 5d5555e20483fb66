# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# For the tests of deps.sh: a machine that lacks something, that is a PATH with nothing but the
# basic tools and a stand-in for apt-get that notes how it was called and "installs" programs.
# The including test has set `here`, the folder of deps.sh.
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bin=$tmp/bin
deps="$here/deps.sh"

fail() {
  [ ! -f "$tmp/out" ] || cat "$tmp/out"
  echo "${0##*/}: $1"
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
  for t in sh cat env mktemp rm chmod printf script dirname; do
    [ ! -x "$(command -v $t)" ] || ln -s "$(command -v $t)" "$bin/$t"
  done
  stub id "echo $1"
  [ "${2:-}" = apt ] || return 0
  stub apt-cache 'exit 0'
  # every program that is asked for appears; a compiler that accepts everything
  stub apt-get "echo \"apt-get \$* [\$DEBIAN_FRONTEND]\" >>'$tmp/calls'
case \"\$*\" in *gcc*)
  for p in gcc pkg-config clang tmux python3 prove jq xmllint; do
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
