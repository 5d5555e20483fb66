#!/bin/sh
# SPDX-License-Identifier: MIT
# The drafts, written before there was a program: which of them run, which show what their authors
# guessed, and by which words the others are refused. All of them are in one table, so that none is
# forgotten when another part of the language comes. Calm runs only: how many states a search has
# is not what is held here.
. tests/cli/lib.sh

table=$TEST_TMP/table
for f in tests/data/drafts/*.yaml; do
  status=0
  timeout 120 "$DMALAB" check --calm "$f" >"$out" 2>"$err" </dev/null || status=$?
  printf '%s: ' "$(basename "$f" .yaml)"
  case $status in
  0) echo 'as its author guessed' ;;
  1 | 3)
    echo 'runs'
    sed -e '/^[0-9]* files*:/d' -e "s|^\([A-Za-z]*\)  *$f  |  \1 |" "$out"
    ;;
  2)
    echo 'is refused'
    sed -n 's/^[^ ]*: error: /  /p' "$err" | sort -u
    ;;
  *) fail "$f: exit status $status" ;;
  esac
done >"$table"
golden drafts "$table"
says "$table" 'as its author guessed'
done_
