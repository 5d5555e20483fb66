#!/bin/sh
# SPDX-License-Identifier: MIT
# Wrong use: status 2, a message on the standard error, the nearest name, nothing on the output.
. tests/cli/lib.sh
lesson=scenarios/lessons/01-rx-packet-read-too-early.yaml

refused 'there is no command "rum"; did you mean "run"?' rum
refused 'there is no command "zzzzzz"' zzzzzz
refused 'there is no command "dmalab"' help dmalab
refused 'there is no option --platfrom; did you mean --platform?' run --platfrom x $lesson
refused 'there is no option --plat' run --plat x86-64 $lesson
refused 'there is no option -Z' run -Z $lesson
refused '--platform needs a value' run $lesson --platform
refused '-p needs a value' run $lesson -p
refused '--plain takes no value' run --plain=x $lesson
refused 'which scenario?' run
refused 'there is no file and no lesson "rx-packet-read-too-erly"; did you mean "rx-packet-read-too-early"?' \
  run rx-packet-read-too-erly
refused 'no-such-file.yaml' run ./no-such-file.yaml
refused '--json or --json=result' run --json=all $lesson
refused '--oracle=on or --oracle=off' run --oracle=maybe $lesson
refused '"v9:1" is no schedule' run --schedule v9:1 $lesson
refused '--limit wants a number' run --limit many $lesson
refused '--limit wants a number' run --limit 0 $lesson
refused '--set wants NAME=NUMBER' run --set A $lesson
refused '"010" is no number such as 64' run --set A=010 $lesson
refused 'does not fit in 64 bits' run --set A=9223372036854775808 $lesson
refused '"x" is no number' run --set A=x $lesson
refused 'exclude each other' run -p x86-64 --all-platforms $lesson
refused 'x86-65' run -p x86-65 $lesson
refused 'brken' run --variant brken $lesson
refused 'there is no list of "lesson"; did you mean "lessons"?' list lesson
refused 'did you mean "cpu-stale-read"?' explain cpu-stale-raed
refused 'nothing is named "qqqqqqqqqq"' explain qqqqqqqqqq
refused 'one word at a time' explain a b
refused 'one scenario at a time' tui $lesson $lesson

# A mistake in one file means that nothing is run, of the others neither.
sed 's/dma_map_single/dma_map_singel/' $lesson >"$TEST_TMP/bad.yaml"
refused 'dma_map_single' run $lesson "$TEST_TMP/bad.yaml"
refused 'dma_map_single' check $lesson "$TEST_TMP/bad.yaml"
# A hostile name cannot reach the terminal as control characters.
run 2 "$DMALAB" "$(printf 'r\033[2Jun')"
if grep -q "$(printf '\033')" "$err"; then fail "an escape sequence reached the message"; fi

for c in run tui why check list explain schema completion help version; do
  run 0 "$DMALAB" $c --help
  says "$out" "usage: dmalab $c"
  cp "$out" "$TEST_TMP/help"
  run 0 "$DMALAB" help $c
  cmp "$out" "$TEST_TMP/help" || fail "help $c is not $c --help"
done
run 0 "$DMALAB"
cp "$out" "$TEST_TMP/bare"
for h in help --help -h; do
  run 0 "$DMALAB" $h
  cmp "$out" "$TEST_TMP/bare" || fail "dmalab $h is not the help"
done
golden help
run 0 "$DMALAB" run --help
golden help-run
run 0 "$DMALAB" --version
says "$out" "dmalab "
done_
