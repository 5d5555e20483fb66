#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the first python3 of PATH that has all modules named: python.sh MODULE... Fails if none has.
set -f
IFS=:
for dir in $PATH; do
  IFS=' '
  if [ -x "$dir/python3" ]; then
    all=1
    for module; do
      "$dir/python3" -c "import $module" >/dev/null 2>&1 || all=
    done
    [ -z "$all" ] || { printf '%s\n' "$dir/python3" && exit 0; }
  fi
done
exit 1
