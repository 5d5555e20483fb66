#!/bin/sh
# SPDX-License-Identifier: MIT
# make install and uninstall: every file arrives, the program works from there, nothing stays.
set -eu
cd "$(dirname "$0")/../.."
root=$TEST_TMP/root
to=$root/opt/dmalab
lesson=lessons/01-rx-packet-read-too-early.yaml

fail() {
  echo "install_test: $1"
  exit 1
}

# -o all: the program is built, and other tests are using it
run_make() {
  "${MAKE:-make}" --no-print-directory -o all BUILD="${BUILD:-build}" MODE=release \
    DESTDIR="$root" PREFIX=/opt/dmalab "$1"
}

run_make install
cmp "$DMALAB" "$to/bin/dmalab"
pages=0
for m in man/*.[157] "${BUILD:-build}"/doc/*.[157]; do
  [ -f "$m" ] || continue
  cmp "$m" "$to/share/man/man${m##*.}/$(basename "$m")"
  pages=$((pages + 1))
done
[ $pages -gt 0 ] || fail "there is no manual page"
[ -f "$to/share/man/man5/dmalab-scenario.5" ] || fail "dmalab-scenario(5) is missing"
[ -f "$to/share/man/man7/dmalab-bugs.7" ] || fail "dmalab-bugs(7) is missing"
for s in scenario platform; do
  cmp "${BUILD:-build}/doc/$s.schema.json" "$to/share/dmalab/$s.schema.json"
done
diff -r scenarios "$to/share/dmalab/scenarios"

# What shells complete with, where they look for it.
while read -r shell file; do
  "$DMALAB" completion "$shell" | cmp - "$to/share/$file"
done <<END
bash bash-completion/completions/dmalab
zsh zsh/site-functions/_dmalab
fish fish/vendor_completions.d/dmalab.fish
END

# It finds its data beside itself: from another folder, with the checkout's copy not in reach.
program=$(cd "$to/bin" && pwd)/dmalab
scenarios=$(cd "$to/share/dmalab/scenarios" && pwd)
(cd / && "$program" list lessons) >"$TEST_TMP/list"
grep -q . "$TEST_TMP/list" || fail "the installed program lists no lesson"
"$DMALAB" list lessons | diff - "$TEST_TMP/list"
(cd / && "$program" check "$scenarios/$lesson")

run_make uninstall
left=$(find "$root" ! -type d)
[ -z "$left" ] || fail "left behind: $left"
[ ! -e "$to/share/dmalab" ] || fail "left behind: $to/share/dmalab"
echo "ok, $pages manual pages"
