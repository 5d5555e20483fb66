#!/bin/sh
# SPDX-License-Identifier: MIT
# A search at a terminal: a line tells how far it is and goes again, Ctrl-C ends it with what it has,
# --tui-on-fail ends in the screen at the first finding.
. tests/tui/lib.sh
if [ "${TEST_PTY:-1}" = 0 ]; then
  echo "no pseudo-terminal here"
  exit 77
fi
long="tests/spin/cache.yaml --variant fixed --set N=12 --set K=3 --no-reduction" # minutes

socket=$tmp/socket
tm() {
  tmux -S "$socket" -f /dev/null "$@"
}
trap 'tm kill-server 2>/dev/null || true' EXIT

# await WHAT TEXT: a row of the terminal has the text.
await() {
  i=0
  while [ $i -lt 100 ]; do
    tm capture-pane -p >"$tmp/have"
    if grep -qF -- "$2" "$tmp/have"; then return 0; fi
    sleep 0.1
    i=$((i + 1))
  done
  cat "$tmp/have"
  fail "$1: the terminal does not show: $2"
}

tm new-session -d -x 80 -y 24 "LC_ALL=C.UTF-8 PS1='ready ' sh"
tm set-option -g status off >/dev/null
await "the shell" "ready"

tm send-keys "clear; '$dmalab' explore --tui-on-fail -q speculative-refill; echo status \$?" Enter
await "--tui-on-fail" "5 STALE BYTES READ"
await "--tui-on-fail: the event" "! speculative-refill-stale"
await "--tui-on-fail: its schedule in the title" "on arm64-soc  v1:"
# On its schedule: what the search shows is what the screen shows.
token=$("$dmalab" explore --json=result speculative-refill | sed 's/.*"token":"\([^"]*\)".*/\1/')
"$dmalab" tui speculative-refill --schedule "$token" --at finding --save-screen "$tmp/want"
sed 's/ *$//' "$tmp/have" >"$tmp/have.rows"
sed 's/ *$//' "$tmp/want" | diff - "$tmp/have.rows" || fail "--tui-on-fail: not the screen of $token"
tm send-keys q
await "its status is that of the search" "status 0"
await "the verdict is there still" "As expected:"

tm send-keys "clear; '$dmalab' explore -q --tui-on-fail --variant fixed speculative-refill; echo status \$?" Enter
await "nothing to show" "status 0"
await "nothing to show" "Proved: no schedule"

tm send-keys "clear; '$dmalab' explore $long; echo status \$?" Enter
await "progress" "all schedules: "
grep -Eq 'all schedules: [0-9.]+[kM]? states, [0-9.]+[kM]?/s, depth [0-9]+, 0 found, [0-9]+ MiB' \
  "$tmp/have" || fail "progress: $(cat "$tmp/have")"
tm send-keys C-c
await "Ctrl-C" "No verdict: the search was interrupted."
await "Ctrl-C" "status 3"
if grep -q "all schedules: " "$tmp/have"; then fail "the line of progress is there still"; fi

# No line for those who cannot use one.
for way in --plain --json=result "2>$tmp/messages"; do
  tm send-keys "clear; '$dmalab' explore $long --time 1 $way; echo status \$?" Enter
  sleep 0.7
  tm capture-pane -p >"$tmp/have"
  if grep -q "all schedules: " "$tmp/have"; then fail "$way: progress"; fi
  await "$way" "status 3"
done
[ ! -s "$tmp/messages" ] || fail "progress in a file"
echo ok
