#!/bin/sh
# SPDX-License-Identifier: MIT
# Fails if the compiler said anything about an object of this build: warnings.sh FILE.warn...
# A file that is missing belongs to an object that was never built, which is a failure as well.
bad=0
for f; do
  if [ ! -f "$f" ]; then
    echo "$f: not built"
    bad=1
  elif [ -s "$f" ]; then
    cat "$f"
    bad=1
  fi
done
exit $bad
