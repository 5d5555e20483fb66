#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Does layers.sh fire? Every forbidden include of every row, and every other rule, is planted in a
# copy of the tree; exactly the planted lines must be reported. What is forbidden is written out
# here a second time, so that a row that grew by mistake is found.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp -R "$here/../../src" "$tmp/src"

fail() {
  echo "layers_test: $1"
  exit 1
}

sh "$here/layers.sh" "$tmp" || fail "the tree itself is not clean"

# plant FILE LINE MESSAGE: the line is the third of a new file
plant() {
  mkdir -p "$tmp/$(dirname "$1")"
  printf '/* planted */\n\n%s\n' "$2" >"$tmp/$1"
  [ -z "$3" ] || echo "$1:3: $3" >>"$tmp/want"
  planted=$((planted + 1))
}
planted=0
: >"$tmp/want"

# row LAYER FORBIDDEN...
rows=0
row() {
  layer=$1
  shift
  rows=$((rows + 1))
  for to; do
    plant "src/$layer/planted_$to.c" "#include \"$to/planted.h\"" \
      "$layer must not include $to/planted.h"
  done
}
row base core hw linux device dmadebug oracle engine explore scenario script report tui cli
row core hw linux device dmadebug oracle engine explore scenario script report tui cli
row hw linux device dmadebug oracle engine explore scenario script report tui cli
row linux device dmadebug oracle engine explore scenario script report tui cli
row device linux dmadebug oracle engine explore scenario script report tui cli
row dmadebug hw linux device oracle engine explore scenario script report tui cli
row oracle linux device dmadebug engine explore scenario script report tui cli
row engine explore scenario script report tui cli
row explore hw linux device dmadebug oracle scenario script report tui cli
row scenario hw linux device dmadebug oracle explore script report tui cli
row script linux dmadebug explore report tui cli
row report hw linux device dmadebug script tui cli
row tui script cli
row cli nosuch

# every folder of src/ has its row here
for d in "$here"/../../src/*/; do
  ls "$tmp/src/$(basename "$d")"/planted_* >/dev/null 2>&1 ||
    fail "src/$(basename "$d") has no row in this test"
done
[ $rows -eq 14 ] || fail "expected 14 rows, planted $rows"

plant src/scenario/p1.c '#include <yaml.h>' 'yaml.h only in scenario/yaml.c'
plant src/cli/p2.c '#include <yaml.h> /* even here */' 'yaml.h only in scenario/yaml.c'
plant src/tui/p3.c '#include <ncurses.h>' 'ncurses.h only in tui/term.c'
plant src/cli/p4.c '  #  include <ncursesw/curses.h>' 'ncursesw/curses.h only in tui/term.c'
plant src/engine/p5.h '#include <lua.h>' 'lua.h only in script/'
plant src/cli/p6.c '#include <lua5.4/lauxlib.h>' 'lua5.4/lauxlib.h only in script/'
plant src/hw/p7.c 'void *p = malloc(4);' 'malloc() only in base/'
plant src/cli/p8.c '	x = calloc (4, 4);' 'calloc() only in base/'
plant src/oracle/p9.c '	x = y ? realloc(x, 4) : 0;' 'realloc() only in base/'
plant src/report/p10.c '	free(x);' 'free() only in base/'
plant src/tui/p11.c '	s = strdup(t);' 'strdup() only in base/'
plant src/explore/p12.c '	n = rand();' 'rand() only in cli/ and tui/term.c'
plant src/engine/p13.c '	n = time(NULL);' 'time() only in cli/ and tui/term.c'
plant src/core/p14.c '#include "planted.h"' 'includes are "folder/file.h", not "planted.h"'
plant src/core/p15.c '#include "../hw/planted.h"' 'includes are "folder/file.h", not "../hw/planted.h"'
plant src/engine/p16.c '#include "hw/planted_int.h"' 'hw/planted_int.h must not leave hw/'
plant src/core/p17.c '#include PLANTED' 'an include must name its file'
plant src/core/p18.def '#include "hw/planted.h"' 'core must not include hw/planted.h'
plant src/core/sub/p19.h '#include "hw/planted.h"' 'core must not include hw/planted.h'

# What must stay silent.
plant src/core/q1.c '#include "base/planted.h" /* not "hw/x.h" */' ''
plant src/core/q2.c '/* malloc(4) is */ // for free(x)' ''
plant src/core/q3.c 'const char *s = "free(x); \" rand()";' ''
plant src/core/q4.c 'mem_free(x); a->free(x); b.free(x); runtime(x);' ''
plant src/hw/q5.c '#include "hw/planted_int.h"' ''
plant src/script/q6.c '#include <lua.h>' ''
plant src/base/q7.c 'void *p = malloc(4);' ''
plant src/cli/q8.c '#include "tui/planted.h"' ''
plant src/engine/q9.c '#include "linux/planted.h"' ''
plant src/tui/q10.c '#include "report/planted.h"' ''
plant src/cli/q11.c '#include "tui/term.h"' ''
plant src/cli/q12.c '#include "scenario/yaml.h"' ''
plant src/scenario/yaml.c '#include <yaml.h>' ''
plant src/tui/term.c '#include <ncurses.h>' ''

# A folder without a row, reported in its first line.
mkdir "$tmp/src/nosuch"
echo 'int planted;' >"$tmp/src/nosuch/p.c"
echo 'src/nosuch/p.c:1: no layer: the table in tests/lint/layers.sh has no row for this folder' \
  >>"$tmp/want"

if sh "$here/layers.sh" "$tmp" >"$tmp/got"; then
  fail "it passed a tree with $planted planted lines"
fi
LC_ALL=C sort "$tmp/want" >"$tmp/want.sorted"
LC_ALL=C sort "$tmp/got" >"$tmp/got.sorted"
diff -u "$tmp/want.sorted" "$tmp/got.sorted" || fail "reported (+) is not what was planted (-)"
echo "all $(wc -l <"$tmp/want") violations reported, nothing else, $planted lines planted"
