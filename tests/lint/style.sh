#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The rules of CONTRIBUTING.md that a script can hold: style.sh [ROOT].
#     - the licence is the first line, then a comment (in a .c that has a header: there)
#     - 800 lines a file, 70 lines a function
#     - 100 columns a line; the rows of a .def and a message of 40 letters or more stay on one line
#     - no typedef of a struct (the address types apart), no space at the end of a line
#     - a header is guarded LAYER_FILE_H
set -eu
LC_ALL=C
export LC_ALL
cd "${1:-.}"
list=$(mktemp)
trap 'rm -f "$list"' EXIT
find src tests -type f \( -name '*.c' -o -name '*.h' -o -name '*.def' \) | sort >"$list"
if [ ! -s "$list" ]; then
  echo "style.sh: there is no source" >&2
  exit 1
fi

xargs awk '
function fault(line, text) {
  print file ":" line ": " text
  bad = 1
}

function finish(    want) {
  if (file == "")
    return
  if (lines > 800)
    fault(801, "a file has at most 800 lines, this one " lines)
  if (file ~ /^src\/.*\.h$/) {
    want = toupper(substr(file, 5))
    gsub(/[^A-Z0-9]/, "_", want)
    if (guard != want)
      fault(1, "the guard of this header is " want ", not \"" guard "\"")
  }
}

# Columns as they are seen: a tab goes to the next multiple of 8, a UTF-8 sequence is one.
function width(s,    i, c, w) {
  for (i = 1; i <= length(s); i++) {
    c = substr(s, i, 1)
    if (c == "\t")
      w += 8 - w % 8
    else if (c < "\200" || c >= "\300")
      w++
  }
  return w
}

function has_header(c,    h, line) {
  h = c
  if (!sub(/\.c$/, ".h", h) || (getline line <h) <= 0)
    return 0
  close(h)
  return 1
}

# mawk knows no {40,}
function long_message(s,    n) {
  while (match(s, /"([^"\\]|\\.)*"/)) {
    n = RLENGTH
    if (n >= 42)
      return 1
    s = substr(s, RSTART + n)
  }
  return 0
}

FNR == 1 {
  finish()
  file = FILENAME
  guard = ""
  start = 0
  if ($0 != "/* SPDX-License-Identifier: MIT */")
    fault(1, "the first line is /* SPDX-License-Identifier: MIT */")
}
FNR == 2 && file ~ /^src\// && $0 !~ /^\/\*/ && !has_header(file) {
  fault(2, "the second line begins the comment that says what this file is")
}
{ lines = FNR }
/[ \t]$/ { fault(FNR, "space at the end of the line") }
length($0) > 50 && file !~ /\.def$/ && !long_message($0) && width($0) > 100 {
  fault(FNR, "more than 100 columns")
}
/^[ \t]*typedef[ \t]+(struct|union)/ && file != "src/core/addr.h" {
  fault(FNR, "a struct has no typedef")
}
guard == "" && /^#ifndef / { guard = $2 }
/^\{/ { start = FNR }
/^\}/ {
  if (start && FNR - start - 1 > 70)
    fault(start, "a function has at most 70 lines, this one " (FNR - start - 1))
  start = 0
}
END {
  finish()
  exit bad
}
' <"$list"
