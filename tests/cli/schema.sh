#!/bin/sh
# SPDX-License-Identifier: MIT
# The JSON Schema: an independent validator accepts every shipped file and refuses what the program
# refuses; what `make` built is what the program prints.
. tests/cli/lib.sh

python=$(sh tests/setup/python.sh yaml jsonschema) || fail "there is no Python with jsonschema and PyYAML: sh tests/setup/deps.sh check"

run 0 "$DMALAB" schema
cp "$out" "$TEST_TMP/scenario"
run 0 "$DMALAB" schema scenario
cmp "$out" "$TEST_TMP/scenario" || fail "scenario is not the default"
cmp "$out" "${BUILD:-build}/doc/scenario.schema.json" || fail "the built schema is another"
run 0 "$DMALAB" schema platform
cp "$out" "$TEST_TMP/platform"
cmp "$out" "${BUILD:-build}/doc/platform.schema.json" || fail "the built platform schema is another"
run 2 "$DMALAB" schema scenarios
says "$err" 'did you mean "scenario"?'
run 2 "$DMALAB" schema scenario platform

# Without the folder of platforms any name is good.
mkdir "$TEST_TMP/empty"
run 0 env DMALAB_DATA="$TEST_TMP/empty" "$DMALAB" schema
! grep -q '"arm64-soc"' "$out" || fail "a platform that is not there is in the schema"

"$python" -B -W ignore tests/cli/schema_check.py "$DMALAB" "$TEST_TMP" "$TEST_TMP/scenario" \
  "$TEST_TMP/platform" || fail "schema_check.py"
done_
