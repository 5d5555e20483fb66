#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Proves the two commands of README.md on a bare Debian 12: no compiler, no make, no locale. Needs
# root and debootstrap.
#
#     chroot.sh [-k] [FOLDER]     FOLDER is made (default: a temporary one); -k keeps it
#
# MIRROR, where Debian comes from, is by default this machine's own if it is a Debian or found no
# other way. MOUNTS, "proc devpts" by default, may be less: without devpts there are no terminals,
# and the tests that need one are told as skipped. The tracked files are copied as they are in the work tree.
set -eu
cd "$(dirname "$0")/../.."

keep=
if [ "${1:-}" = -k ]; then
  keep=1
  shift
fi
if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null 2>&1; then
  echo "chroot.sh: this needs root and debootstrap" >&2
  exit 2
fi

root=${1:-$(mktemp -d)}
mkdir -p "$root"
chmod 755 "$root" # apt's own user must be able to enter
if [ -n "$(ls -A "$root")" ]; then
  echo "chroot.sh: $root is not empty" >&2
  exit 2
fi

if [ -z "${MIRROR:-}" ]; then
  MIRROR=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "Debian" { print $1; exit }')
fi
if [ -z "$MIRROR" ]; then
  echo "chroot.sh: no Debian mirror is configured here; set MIRROR" >&2
  exit 2
fi

mounted=
finish() {
  for m in $mounted; do umount "$m"; done
  if [ -n "$keep" ]; then
    echo "kept: $root"
  else
    rm -rf --one-file-system "$root"
  fi
}
trap finish EXIT
trap 'exit 130' INT TERM

echo "== debootstrap --variant=minbase bookworm"
debootstrap --variant=minbase bookworm "$root" "$MIRROR" >"$root.log" 2>&1 || {
  tail -n 20 "$root.log"
  exit 1
}
rm -f "$root.log"

# What this machine needs to reach a mirror: names, proxies, a clock that may be wrong.
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
apt-config dump | grep -E '^Acquire::(Check-|https?::Proxy)' >"$root/etc/apt/apt.conf.d/99host" ||
  true
for m in ${MOUNTS-proc devpts}; do
  case $m in
  proc) at=$root/proc ;;
  devpts) at=$root/dev/pts ;;
  *) echo "chroot.sh: MOUNTS knows proc and devpts only" >&2 && exit 2 ;;
  esac
  mount -t "$m" "$m" "$at"
  mounted="$mounted $at"
done

mkdir "$root/dmalab"
if git rev-parse --git-dir >/dev/null 2>&1; then
  git ls-files -z | xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh |
    tar -cf - --null -T - | tar -xf - -C "$root/dmalab"
else
  tar -cf - --exclude=./build --exclude=./.git . | tar -xf - -C "$root/dmalab"
fi

# The commands are read from the README: what is proved is what it says.
commands() {
  sed -n '/^```sh$/,/^```$/{/^```/d;p}' README.md | sed -n 1,2p
}
case $(commands) in
'apt-get update && apt-get install -y make && make tour
make check') ;;
*)
  echo "chroot.sh: the first two commands of README.md are not the ones expected:" >&2
  commands >&2
  exit 1
  ;;
esac

inside() { # COMMAND: nothing of this machine's environment goes along
  env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    chroot "$root" sh -c "cd /dmalab && $1" </dev/null
}

for missing in gcc cc make git; do
  if inside "command -v $missing" >/dev/null; then
    echo "chroot.sh: the system is not bare, it has $missing" >&2
    exit 1
  fi
done

commands >"$root/commands"
result=0
while read -r command <&3; do
  echo "== $command"
  from=$(date +%s)
  if inside "$command"; then
    status=0
  else
    status=$?
    result=1
  fi
  echo "== exit status $status after $(($(date +%s) - from)) s: $command"
done 3<"$root/commands"

[ $result -eq 0 ] && echo "== both commands succeeded" || echo "== FAILED"
exit $result
