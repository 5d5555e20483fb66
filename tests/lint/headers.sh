#!/bin/sh
# SPDX-License-Identifier: MIT
# Every header of src/ compiles alone, with no warning: headers.sh [CC].
set -u
cc=${1:-gcc}
bad=0
n=0
for h in $(find src -name '*.h' | sort); do
  n=$((n + 1))
  printf '#include "%s"\n' "${h#src/}" |
    "$cc" -std=gnu11 -Wall -Wextra -Wstrict-prototypes -Wundef -Werror -Isrc -fsyntax-only -x c - || {
    echo "$h: does not compile alone with $cc"
    bad=1
  }
done
if [ $n -eq 0 ]; then
  echo "headers.sh: there is no header below src/"
  exit 1
fi
echo "$n headers"
exit $bad
