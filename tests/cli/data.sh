#!/bin/sh
# SPDX-License-Identifier: MIT
# The scenarios are found from where the program is, however it was started.
. tests/cli/lib.sh
here=$PWD

found() { # COMMAND...: finds a lesson by its id
  run 0 "$@" run -q rx-packet-read-too-early
  says "$out" "As expected"
}

found "$DMALAB"
mkdir -p "$TEST_TMP/p/bin" "$TEST_TMP/p/share/dmalab"
cp "$DMALAB" "$TEST_TMP/p/bin/dmalab"
cp -R scenarios "$TEST_TMP/p/share/dmalab/"
cd "$TEST_TMP"
found ./p/bin/dmalab
found env PATH="$TEST_TMP/p/bin:$PATH" dmalab
ln -s "$TEST_TMP/p/bin/dmalab" link
found ./link
found env DMALAB_DATA="$here" ./p/bin/dmalab
run 2 env DMALAB_DATA="$TEST_TMP" ./p/bin/dmalab run -q rx-packet-read-too-early
says "$err" "DMALAB_DATA"
run 2 env DMALAB_DATA="$TEST_TMP" ./p/bin/dmalab list platforms
mv p/share p/gone
run 2 ./p/bin/dmalab list lessons
says "$err" "DMALAB_DATA"
done_
