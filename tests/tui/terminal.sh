#!/bin/sh
# SPDX-License-Identifier: MIT
# A real terminal: what tmux shows after keys and resizes is the screen of --save-screen at the same
# position, and the terminal is given back as it was.
. tests/tui/lib.sh
if [ "${TEST_PTY:-1}" = 0 ]; then
  echo "no pseudo-terminal here"
  exit 77
fi

socket=$tmp/socket
# The server is our own, by its socket.
tm() {
  tmux -S "$socket" -f /dev/null "$@"
}
trap 'tm kill-server 2>/dev/null || true' EXIT

# shown FILE: what the terminal shows, without the blanks at the ends of its rows.
shown() {
  tm capture-pane -p | sed 's/ *$//' >"$1"
}

# await WHAT ARG...: the terminal shows the screen that these arguments give.
await() {
  what=$1
  shift
  screen "$tmp/want.full" -p arm64-soc "$@"
  sed 's/ *$//' "$tmp/want.full" >"$tmp/want"
  i=0
  while [ $i -lt 100 ]; do
    shown "$tmp/have"
    cmp -s "$tmp/want" "$tmp/have" && return 0
    sleep 0.1
    i=$((i + 1))
  done
  diff -u "$tmp/want" "$tmp/have" || true
  fail "$what"
}

tm new-session -d -x 80 -y 24 "LC_ALL=C.UTF-8 PS1='ready ' sh"
tm set-option -g status off >/dev/null
tm resize-window -x 80 -y 24 2>/dev/null || true
tm send-keys "stty -a >$tmp/before; clear; '$dmalab' tui $lesson -p arm64-soc --variant broken" Enter
await "the start" --at 0
tm send-keys n
await "n" --at 1
tm send-keys n n p
await "n n p" --at 2
tm send-keys N
await "N" --at l15
tm send-keys N
await "N again" --at l16
tm send-keys .
await "the next finding" --at finding
tm send-keys p
await "p" --at finding --keys previous-event
tm resize-window -x 100 -y 30
await "larger" --at finding --keys previous-event --size 100x30
tm send-keys .
await "the next finding, larger" --at finding --size 100x30
tm resize-window -x 70 -y 20
await "too small" --at finding --size 70x20
tm resize-window -x 80 -y 24
await "80x24 again" --at finding
tm send-keys :
tm send-keys 3 Enter
await ":3" --at 3
tm send-keys g
await "g" --at 0
tm send-keys G
await "G" --at end
tm send-keys '?'
await "?" --at end --keys help
tm send-keys q
await "q closes the list" --at end
tm send-keys q
i=0 # what is typed before the shell is back is thrown away
until shown "$tmp/have" && grep -q '^ready' "$tmp/have"; do
  [ $i -lt 100 ] || fail "q does not end it"
  sleep 0.1
  i=$((i + 1))
done
tm send-keys "echo status \$? >$tmp/status; stty -a >$tmp/after" Enter
i=0
while [ ! -s "$tmp/after" ] && [ $i -lt 100 ]; do
  sleep 0.1
  i=$((i + 1))
done
[ "$(cat "$tmp/status")" = "status 0" ] || fail "q: $(cat "$tmp/status")"
cmp "$tmp/before" "$tmp/after" || fail "the terminal is not as it was"
# its own screen is gone, and what was on the terminal before is back
shown "$tmp/have"
! grep -q "three truths" "$tmp/have" || fail "the screen is still there"
echo ok
