#!/bin/sh
# SPDX-License-Identifier: MIT
# Completion: every command and option of the help is offered, names come from the lists, bash does
# it, and zsh and fish can read theirs, where they are.
. tests/cli/lib.sh

run 0 "$DMALAB" completion bash
cp "$out" "$TEST_TMP/dmalab.bash"
cat >"$TEST_TMP/try.bash" <<'END'
. "$1"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_dmalab || exit
printf '%s\n' "${COMPREPLY[@]}"
END
bash -n "$TEST_TMP/dmalab.bash" || fail "bash does not read it"

# offers "WHAT ..." WORD...: these, in any order, are offered for the last of the words.
offers() {
  wanted=$1
  shift
  bash "$TEST_TMP/try.bash" "$TEST_TMP/dmalab.bash" "$DMALAB" "$@" | grep . | LC_ALL=C sort \
    >"$TEST_TMP/got" || true
  printf '%s\n' $wanted | grep . | LC_ALL=C sort | diff - "$TEST_TMP/got" ||
    fail "dmalab $*: wanted (<), offered (>)"
}

commands=$("$DMALAB" help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 8 ] || fail "the commands were not seen"
offers "$(echo $commands) --help --version" ''
offers run ru
for c in $commands; do
  offers "$("$DMALAB" "$c" --help | sed -n 's/^  \(-[a-z], \|    \)\(--[a-z-]*\).*/\2/p')" "$c" --
done
offers "calm hostile random" run --hw ''
offers hostile run --hw = h # as bash splits --hw=h
offers "on off" run x --oracle ''
offers result run --json = ''
offers "$("$DMALAB" list platforms --names)" run -p ''
offers "$("$DMALAB" list platforms --names)" tui --platform ''
offers "default light contrast redgreen blueyellow mono" tui --palette ''
offers "$("$DMALAB" list lessons --names | grep "^rx-")" run rx-
offers "scenarios" run --hw calm scen
offers "scenarios/lessons/01-rx-packet-read-too-early.yaml" check scenarios/lessons/01
offers "README.md" run --junit READ
offers "cpu-stale-read" explain cpu-st
offers "directions" explain direc
offers "dma_map_single dma_map_single_attrs" explain dma_map_si
offers "$(echo $commands)" help ''
offers "bash zsh fish" completion ''
offers "" run --seed ''
offers "" version ''

# A name with a blank stays one word.
mkdir "$TEST_TMP/a folder"
: >"$TEST_TMP/a folder/b c.yaml"
bash "$TEST_TMP/try.bash" "$TEST_TMP/dmalab.bash" "$DMALAB" run "$TEST_TMP/a folder/b" >"$TEST_TMP/got"
echo "$TEST_TMP/a folder/b c.yaml" | diff - "$TEST_TMP/got" || fail "a name with a blank"

# The others hold the same words.
for shell in zsh fish; do
  run 0 "$DMALAB" completion $shell
  cp "$out" "$TEST_TMP/dmalab.$shell"
  for c in $commands; do
    says "$out" "$c"
    for o in $("$DMALAB" "$c" --help | sed -n 's/^  \(-[a-z], \|    \)--\([a-z-]*\).*/\2/p'); do
      grep -Eq -e "(--|-l )$o( |'|=|\[|\))" "$out" || fail "$shell: $c --$o is missing"
    done
  done
  if command -v $shell >/dev/null; then
    $shell -n "$TEST_TMP/dmalab.$shell" || fail "$shell does not read it"
  fi
done
if command -v fish >/dev/null; then
  HOME=$TEST_TMP fish -c "source $TEST_TMP/dmalab.fish
    complete -C 'dmalab run --hw '" | cut -f 1 | tr '\n' ' ' >"$TEST_TMP/got"
  [ "$(cat "$TEST_TMP/got")" = "calm hostile random " ] || fail "fish: $(cat "$TEST_TMP/got")"
fi

run 2 "$DMALAB" completion
says "$err" "for which shell? bash, zsh or fish"
run 2 "$DMALAB" completion tcsh
says "$err" 'bash, zsh or fish, not "tcsh"'
done_
