#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs what is missing: deps.sh build|check|bench|spin|format.
#
# What is there is found by using it (a header is compiled, a library linked), not by asking the
# package manager, so that a library from elsewhere counts. What is missing is installed with apt:
# the command is shown, and asked for unless YES=1 or the standard input is no terminal. Without
# apt the packages are named. Says nothing and changes nothing if all is there.
set -u

group=${1:-build}
here=$(dirname "$0")
cc=gcc
command -v gcc >/dev/null 2>&1 || cc=cc
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
missing= # Debian's packages
named=   # what they are, for people without apt

need() { # PACKAGE DESCRIPTION
  case " $missing " in
  *" $1 "*) ;;
  *)
    missing="${missing:+$missing }$1"
    named="$named
  $2 (Debian: $1)"
    ;;
  esac
}

need_program() { # PROGRAM PACKAGE DESCRIPTION
  command -v "$1" >/dev/null 2>&1 || need "$2" "$3"
}

need_to_link() { # COMPILER HEADER ARGUMENTS PACKAGE DESCRIPTION
  printf '#include <%s>\nint main(void) { return 0; }\n' "$2" >"$tmp/probe.c"
  # shellcheck disable=SC2086 # arguments are words
  "$1" "$tmp/probe.c" -o "$tmp/probe" $3 >/dev/null 2>&1 || need "$4" "$5"
}

need_python() { # PACKAGES DESCRIPTION MODULE...: one Python has them all
  packages=$1
  named_as=$2
  shift 2
  sh "$here/python.sh" "$@" >/dev/null && return
  for package in $packages; do need "$package" "$named_as"; done
}

probe_build() {
  need_program "$cc" gcc "gcc or another C compiler for C11 with GNU extensions"
  need_to_link "$cc" stdio.h "" libc6-dev "the C library's headers"
  need_program pkg-config pkg-config "pkg-config or pkgconf"
  need_to_link "$cc" ncurses.h "-lncursesw" libncurses-dev "ncurses, wide, with headers"
  need_to_link "$cc" yaml.h "-lyaml" libyaml-dev "libyaml with headers"
  need_to_link "$cc" jansson.h "-ljansson" libjansson-dev "jansson with headers"
  need_to_link "$cc" xxhash.h "-DXXH_INLINE_ALL" libxxhash-dev "xxhash, header"
}

need_check() {
  need_to_link "$cc" check.h "$(pkg-config --libs check 2>/dev/null || echo -lcheck)" check \
    "Check, the unit test framework"
}

probe_check() {
  need_program gcc gcc "gcc"
  need_to_link gcc stdio.h "-fsanitize=address,undefined" gcc "gcc's address and undefined sanitizers"
  need_program clang clang "clang"
  need_to_link clang stdio.h "-fsanitize=fuzzer-no-link,address,undefined" libclang-rt-dev \
    "clang's sanitizer runtimes"
  need_check
  need_program tmux tmux "tmux"
  need_python "python3-yaml python3-jsonschema" "Python 3 with PyYAML and jsonschema" yaml jsonschema
  need_program prove perl "Perl with its prove, an independent reader of TAP"
  need_program jq jq "jq, which reads what --json writes"
  need_program xmllint libxml2-utils "xmllint of libxml2, an independent reader of XML"
}

probe() {
  missing=
  named=
  case $group in
  build) probe_build ;;
  check) probe_build && probe_check ;;
  bench)
    probe_build
    need_program lua5.4 lua5.4 "Lua 5.4, measured against at start-up"
    need_program spin spin "Spin, measured against when searching"
    ;;
  spin)
    probe_build
    need_check
    need_program gcc gcc "gcc, which builds what Spin writes"
    need_program spin spin "Spin, a model checker"
    ;;
  format) need_program clang-format clang-format "clang-format" ;;
  *)
    echo "deps.sh: there is no group \"$group\"" >&2
    exit 2
    ;;
  esac
}

probe
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "These are missing; install them with this system's package manager:$named" >&2
  exit 1
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
  as_root="sudo "
  if ! command -v sudo >/dev/null 2>&1; then
    echo "These are missing, and there is no sudo; as root:" >&2
    echo "  apt-get install -y --no-install-recommends $missing" >&2
    exit 1
  fi
fi

# A list of packages that was never fetched knows none of them.
update=
for p in $missing; do
  apt-cache show "$p" >/dev/null 2>&1 || update=1
done

apt="${as_root}env DEBIAN_FRONTEND=noninteractive apt-get"
echo "Some packages are missing. To install them:"
[ -z "$update" ] || echo "  $apt update"
echo "  $apt install -y --no-install-recommends $missing"
if [ "${YES:-}" != 1 ] && [ -t 0 ]; then
  printf 'Run this now? [Y/n] '
  read -r answer || answer=n
  case $answer in
  '' | [Yy]*) ;;
  *)
    echo "Nothing was installed." >&2
    exit 1
    ;;
  esac
fi

if [ -n "$update" ]; then
  $apt update || exit 1
  known=
  for p in $missing; do # some releases put one package into another
    if apt-cache show "$p" >/dev/null 2>&1; then
      known="$known $p"
    else
      echo "(this release has no package $p)"
    fi
  done
  missing=$known
fi
# shellcheck disable=SC2086 # words
$apt install -y --no-install-recommends $missing || {
  echo "The packages could not be installed. Is the list of packages old? Try: $apt update" >&2
  exit 1
}

hash -r
cc=gcc
command -v gcc >/dev/null 2>&1 || cc=cc
probe
[ -z "$missing" ] || {
  echo "Still missing after the installation:$named" >&2
  exit 1
}
