#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The layers: a folder of src/ includes only what its row of the table names. Also: which file may
# include the header of a library, and which calls belong to one layer alone.
#
#     layers.sh [ROOT]     looks at ROOT/src (default .), prints file:line: what, fails if any
#
# Comments and strings are not code: a call that is only named there is fine.
set -eu
LC_ALL=C
export LC_ALL
cd "${1:-.}"

find src -type f \( -name '*.c' -o -name '*.h' -o -name '*.def' \) | sort >"${TMPDIR:-/tmp}/layers.$$"
trap 'rm -f "${TMPDIR:-/tmp}/layers.$$"' EXIT
if [ ! -s "${TMPDIR:-/tmp}/layers.$$" ]; then
  echo "layers.sh: there is no source below src/" >&2
  exit 1
fi

xargs awk '
BEGIN {
  row("base",     "")
  row("core",     "base")
  row("hw",       "base core")
  row("linux",    "base core hw")
  row("device",   "base core hw")
  row("dmadebug", "base core")
  row("oracle",   "base core hw")
  row("engine",   "base core hw linux device dmadebug oracle")
  row("explore",  "base core engine")
  row("scenario", "base core engine")
  row("script",   "base core hw device oracle engine scenario")
  row("report",   "base core oracle engine explore scenario")
  row("tui",      "base core hw linux device dmadebug oracle engine explore scenario report")
  row("cli",      "base core hw linux device dmadebug oracle engine explore scenario script report tui")

  # header (without folder), who may include it, how that is said
  library("yaml",            "^src/scenario/yaml\\.c$", "scenario/yaml.c")
  library("n?curses|panel|term|termios", "^src/tui/term\\.c$", "tui/term.c")
  library("lua|lauxlib|lualib|luaconf",  "^src/script/",       "script/")

  calls("malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|vasprintf|" \
        "aligned_alloc|posix_memalign|alloca",
        "^src/base/", "base/")
  calls("time|clock|gettimeofday|clock_gettime|timespec_get|rand|rand_r|srand|random|srandom|" \
        "drand48|lrand48|arc4random|getrandom|getpid|setlocale",
        "^src/(cli/|tui/term\\.c$)", "cli/ and tui/term.c")
}

function row(layer, allowed,    a, i, n) {
  known[layer] = 1
  may[layer, layer] = 1
  n = split(allowed, a, " ")
  for (i = 1; i <= n; i++)
    may[layer, a[i]] = 1
}

function library(names, who, said) {
  lib_re[++libs] = "^(.*/)?(" names ")\\.h$"
  lib_who[libs] = who
  lib_said[libs] = said
}

function calls(names, who, said) {
  call_re[++ncalls] = "(^|[^A-Za-z0-9_.>])(" names ")[ \t]*\\("
  call_who[ncalls] = who
  call_said[ncalls] = said
}

function fault(text) {
  print FILENAME ":" FNR ": " text
  bad = 1
}

# Sets text (without comments) and code (without comments and strings); in_comment lives on.
function strip(s,    i, c, two, quote) {
  text = code = quote = ""
  for (i = 1; i <= length(s); i++) {
    c = substr(s, i, 1)
    two = substr(s, i, 2)
    if (in_comment) {
      if (two == "*/") {
        in_comment = 0
        i++
      }
    } else if (quote != "") {
      text = text c
      if (c == "\\") {
        text = text substr(s, ++i, 1)
      } else if (c == quote) {
        code = code c
        quote = ""
      }
    } else if (two == "/*") {
      in_comment = 1
      text = text " "
      code = code " "
      i++
    } else if (two == "//") {
      break
    } else {
      if (c == "\"" || c == "\047")
        quote = c
      text = text c
      code = code c
    }
  }
}

function check_include(    kind, name, to, own, i) {
  if (!match(text, /[<"][^>"]*[>"]/)) {
    fault("an include must name its file")
    return
  }
  kind = substr(text, RSTART, 1)
  name = substr(text, RSTART + 1, RLENGTH - 2)
  to = name
  sub(/\/.*/, "", to)
  own = kind == "\"" && to in known # scenario/yaml.h is not the library
  for (i = 1; i <= libs && !own; i++)
    if (name ~ lib_re[i] && FILENAME !~ lib_who[i])
      fault(name " only in " lib_said[i])
  if (kind == "<")
    return
  if (name !~ /^[a-z]+\/[A-Za-z0-9_\/]+\.(h|def)$/) {
    fault("includes are \"folder/file.h\", not \"" name "\"")
    return
  }
  if (!((layer, to) in may))
    fault(layer " must not include " name)
  else if (to != layer && name ~ /_int\.h$/)
    fault(name " must not leave " to "/")
}

function check_calls(    i, hit) {
  for (i = 1; i <= ncalls; i++)
    if (FILENAME !~ call_who[i] && match(code, call_re[i])) {
      hit = substr(code, RSTART, RLENGTH)
      sub(/^[^A-Za-z0-9_]/, "", hit)
      sub(/[ \t]*\($/, "", hit)
      fault(hit "() only in " call_said[i])
    }
}

FNR == 1 {
  in_comment = 0
  layer = FILENAME
  sub(/^src\//, "", layer)
  if (!sub(/\/.*/, "", layer))
    layer = ""
  if (!(layer in known))
    fault("no layer: the table in tests/lint/layers.sh has no row for this folder")
}

{
  strip($0)
  if (text ~ /^[ \t]*#[ \t]*include/)
    check_include()
  else
    check_calls()
}

END { exit bad }
' <"${TMPDIR:-/tmp}/layers.$$"
