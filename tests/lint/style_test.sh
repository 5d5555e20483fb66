#!/bin/sh
# SPDX-License-Identifier: MIT
# Does style.sh fire? One violation per rule, planted in a small tree; exactly these are reported.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/src/core" "$tmp/tests"
spdx='/* SPDX-License-Identifier: MIT */'
lines() { # N TEXT
  i=0
  while [ $i -lt "$1" ]; do
    printf '%s\n' "$2"
    i=$((i + 1))
  done
}
c() { # FILE: a good beginning, the rest from the standard input
  { printf '%s\n/* a file */\n' "$spdx" && cat; } >"$tmp/$1"
}
want() {
  echo "$1" >>"$tmp/want"
}

printf '#ifndef CORE_GOOD_H\n#define CORE_GOOD_H\nstruct s;\n#endif\n' | c src/core/good.h
{ printf 'int f(void)\n{\n' && lines 70 '	x;' && printf '}\n'; } | c src/core/function_70.c
{ lines 1 "$(printf '\t%092d' 0)" && lines 797 'int y;'; } | c src/core/limit.c
printf '/* %s */\n' "$(lines 90 'é' | tr -d '\n')" | c src/core/wide_letters.c
printf '\tsay("%090d");\n' 0 | c src/core/message.c
printf 'X("%0120d", "b")\n' 0 | c src/core/table.def
printf '%s\n#include "core/good.h"\n' "$spdx" >"$tmp/src/core/good.c"
printf 'typedef struct a b;\n#ifndef CORE_ADDR_H\n#endif\n' | c src/core/addr.h
sh "$here/style.sh" "$tmp" || { echo "style_test: a good tree is reported" && exit 1; }

printf 'int x;\n' >"$tmp/tests/spdx.c"
want 'tests/spdx.c:1: the first line is /* SPDX-License-Identifier: MIT */'
printf '%s\nint x;\n' "$spdx" >"$tmp/src/core/comment.c"
want 'src/core/comment.c:2: the second line begins the comment that says what this file is'
lines 799 'int y;' | c src/core/long.c
want 'src/core/long.c:801: a file has at most 800 lines, this one 801'
lines 1 "$(printf '\t%093d' 0)" | c src/core/wide.c
want 'src/core/wide.c:3: more than 100 columns'
{ printf 'int f(void)\n{\n' && lines 71 '	x;' && printf '}\n'; } | c src/core/function.c
want 'src/core/function.c:4: a function has at most 70 lines, this one 71'
printf 'typedef struct s t;\n' | c src/core/type.c
want 'src/core/type.c:3: a struct has no typedef'
printf '#ifndef WRONG_H\n#endif\n' | c src/core/guard.h
want 'src/core/guard.h:1: the guard of this header is CORE_GUARD_H, not "WRONG_H"'
printf 'int x; \n' | c src/core/space.c
want 'src/core/space.c:3: space at the end of the line'

if sh "$here/style.sh" "$tmp" >"$tmp/got"; then
  echo "style_test: nothing was reported"
  exit 1
fi
sort "$tmp/want" >"$tmp/want.sorted"
sort "$tmp/got" >"$tmp/got.sorted"
diff -u "$tmp/want.sorted" "$tmp/got.sorted"
echo "all $(wc -l <"$tmp/want") violations reported, nothing else"
