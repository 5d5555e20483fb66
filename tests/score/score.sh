#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the program can do, in sums, each from runs that are made now; status 1 if one is wrong.
#
#     sh tests/score/score.sh [--fast] [PART...]      diagnoses bugs mutants alarms hostile
#
# diagnoses  every row of the table: its scenario shows it, the near miss does not
# bugs       the real bugs of tests/bugs/table.txt: reproduced, or left out for a reason
# mutants    faults that `dmalab mutate` puts into correct drivers: killed on some platform under some
#            schedule, or proved equivalent on all of them; those of the folders in MUTANTS
# alarms     correct variants on every platform: nothing is found that the file does not name. What a
#            correction cannot do on other machines stands in tests/score/not-portable.txt, with why
#
#            calm, and every schedule with one deviation
# hostile    the same alarms on hardware that does its worst: this takes longest
#
# --fast     alarms alone, of calm hardware: part of `make check`.
#
# DMALAB is the program (build/dmalab), JOBS how many run at a time (2), TEST_TMP an empty folder.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${DMALAB:=build/dmalab}" "${JOBS:=2}"
LC_ALL=C.UTF-8
export LC_ALL DMALAB
table=tests/score/not-portable.txt

# ---- one file, for xargs ------------------------------------------------------------------------
if [ "${1:-}" = --one ]; then # FOLDER OPTIONS FILE: its correct variants, the cells as JSON Lines
  log=$2/$(printf '%s' "$4" | tr / _)
  # shellcheck disable=SC2086 # options are words
  "$DMALAB" matrix --correct --json $3 "$4" >"$log.json" 2>"$log.err" </dev/null
  status=$?
  case $status in
  0 | 1 | 3) ;; # what was expected is judged by the cells
  2) grep -q 'has no correct variant' "$log.err" || cp "$log.err" "$log.failed" ;;
  *) echo "status $status" | cat - "$log.err" >"$log.failed" ;;
  esac
  exit 0
fi

tmp=${TEST_TMP:-}
if [ -z "$tmp" ]; then
  tmp=$(mktemp -d) || exit 1
  trap 'rm -rf "$tmp"' EXIT
fi
wrong=0
fast=
parts=
for word; do
  case $word in
  --fast) fast=1 ;;
  diagnoses | bugs | mutants | alarms | hostile) parts="$parts $word" ;;
  *)
    echo "score.sh: there is no part \"$word\"" >&2
    exit 2
    ;;
  esac
done
if [ -n "$fast" ]; then parts=alarms; fi
: "${parts:=diagnoses bugs mutants alarms hostile}"

say() { # LABEL TEXT
  printf '%-13s %s\n' "$1" "$2"
}

bad() { # TEXT
  echo "  WRONG: $*"
  wrong=1
}

files() { # what is shipped
  find scenarios -name '*.yaml' ! -path 'scenarios/platforms/*' | sort
}

# ---- diagnoses ----------------------------------------------------------------------------------

# All ids that a variant shows on the platforms of its file, calm and on the schedules of a search.
shown() { # FILE:VARIANT
  file=${1%%:*}
  variant=${1#"$file"}
  variant=${variant#:}
  for how in 'run' 'explore --states 20000'; do
    # shellcheck disable=SC2086
    "$DMALAB" $how --json --all-platforms ${variant:+--variant "$variant"} "$file" 2>/dev/null </dev/null
  done | sed -n 's/.*"type":"finding","id":"\([^"]*\)".*/\1/p' | sort -u
}

diagnoses() {
  rows=0 good=0
  "$DMALAB" list diagnoses --json |
    sed 's/.*"id":"\([^"]*\)".*"fires":"\([^"]*\)","near":"\([^"]*\)".*/\1 \2 \3/' >"$tmp/diagnoses"
  while read -r id fires near; do
    rows=$((rows + 1))
    if ! shown "$fires" | grep -qxF "$id"; then
      bad "$id: $fires does not show it"
    elif shown "$near" | grep -qxF "$id"; then
      bad "$id: $near shows it"
    else
      good=$((good + 1))
    fi
  done <"$tmp/diagnoses"
  [ "$rows" -gt 0 ] || bad "there are no diagnoses"
  say diagnoses "$good of $rows fire in their scenario and not in the near miss"
}

# ---- real bugs ----------------------------------------------------------------------------------

bugs() {
  rows=$(grep -c '^B[0-9]' tests/bugs/table.txt)
  mkdir -p "$tmp/bugs"
  DMALAB=$(realpath "$DMALAB") TEST_TMP=$tmp/bugs sh tests/cli/bugs.sh >"$tmp/bugs.log" 2>&1 || {
    sed -n 's/^FAIL: /  WRONG: /p' "$tmp/bugs.log"
    wrong=1
  }
  last=$(tail -n 1 "$tmp/bugs.log")
  done_=${last%% reproduced*}
  left=$(printf '%s' "$last" | sed -n 's/.* \([0-9]*\) left out.*/\1/p')
  case $done_ in
  '' | *[!0-9]*) bad "no sum of the real bugs: $last" ;;
  *)
    [ $((done_ + left)) -eq "$rows" ] || bad "$((rows - done_ - left)) bugs have no scenario"
    [ "$done_" -ge 70 ] || bad "less than 70 bugs are reproduced"
    say bugs "$done_ of $rows reproduced, $left left out"
    ;;
  esac
}

# ---- mutants ------------------------------------------------------------------------------------

mutant_file() { # NUMBER of "$tmp/files", into the folder of mutants
  f=$(sed -n "$1p" "$tmp/files")
  "$DMALAB" mutate --test --json "$f" 2>"$tmp/mutants/$1.err" </dev/null >"$tmp/mutants/$1.json"
}

number() { # KEY FILE...: its sum over the lines of mutants
  key=$1
  shift
  cat "$@" | sed -n "s/.*\"type\":\"mutants\".*\"$key\":\([0-9]*\).*/\1/p" | awk '{ s += $1 } END { print s + 0 }'
}

mutants() {
  mkdir -p "$tmp/mutants"
  # Real bugs have long drivers, whose every schedule takes minutes: MUTANTS='scenarios/bugs'.
  # shellcheck disable=SC2086 # folders are words
  find ${MUTANTS:-scenarios/lessons scenarios/diagnoses} -name '*.yaml' | sort >"$tmp/files"
  n=0
  while read -r _; do
    n=$((n + 1))
    mutant_file "$n" &
    [ $((n % JOBS)) -ne 0 ] || wait
  done <"$tmp/files"
  wait
  set -- "$tmp"/mutants/*.json
  all=$(number mutants "$@") killed=$(number killed "$@") same=$(number equivalent "$@")
  alive=$(number survived "$@")
  share=$(awk -v a="$all" -v b="$((same + alive))" 'BEGIN { printf "%.1f", a ? 100 * b / a : 100 }')
  [ "$all" -gt 0 ] || bad "there are no mutants"
  [ $((killed + same + alive)) -eq "$all" ] || bad "the sums of mutants do not add up"
  if [ "$alive" -ne 0 ]; then
    bad "$alive mutants are neither killed nor proved equivalent"
    cat "$@" | sed -n 's/.*"file":"\([^"]*\)".*"number":\([0-9]*\).*"verdict":"survived".*/    \1 --number \2/p'
  fi
  awk -v s="$share" 'BEGIN { exit !(s <= 5) }' || bad "more than 5 % of the mutants are not killed"
  say mutants "$killed of $all killed, $same proved equivalent, $alive survived ($share % not killed)"
}

# ---- false alarms -------------------------------------------------------------------------------

# Findings of cells, as "scenario:variant|platform|id": what costs is no fault, and what a file names
# is expected. Where the port is at fault and the platform says that it is (by its tag, or a kernel
# with old bugs), the rest comes of that: such cells go to a file. Elsewhere it is an alarm.
findings_of() { # DEFECTS FILE...
  defects=$1
  shift
  : >"$defects"
  cat "$@" | awk -v defects="$defects" '
    !/"type":"cell"/ { next }
    function field(key,   t) {
      if (!match($0, "\"" key "\":\"[^\"]*\"")) return ""
      t = substr($0, RSTART, RLENGTH)
      sub(/^[^:]*:"/, "", t); sub(/"$/, "", t)
      return t
    }
    {
      mark = field("mark"); verdict = field("verdict")
      if ((mark != "violation" && mark != "corruption") || verdict == "as-expected") next
      t = $0; sub(/.*"found":\[/, "", t); sub(/\],"expected".*/, "", t)
      if (t ~ /"platform-defect"/ && /"defective":true/) {
        print field("scenario") ":" field("variant") "|" field("platform") >defects
        next
      }
      sub(/^"/, "", t); sub(/"$/, "", t)
      n = split(t, id, /","/)
      for (i = 1; i <= n; i++)
        print field("scenario") ":" field("variant") "|" field("platform") "|" id[i]
    }' | sort -u
}

# Takes away what the table explains; what it used goes to a file.
unexplained() { # USED, findings on the standard input
  awk -F '|' -v used="$1" '
    function trim(s) { gsub(/^ +| +$/, "", s); return s }
    FNR == NR {
      if ($0 ~ /^#/ || $0 == "") next
      n = split(trim($2), p, / +/); m = split($3, id, /;/)
      for (i = 1; i <= n; i++)
        for (k = 1; k <= m; k++)
          row[trim($1) "|" p[i] "|" trim(id[k])] = 1
      next
    }
    { if ($0 in row) print > used; else print }' "$table" -
}

cells() { # a count of cells, by a pattern, of FILE...
  pattern=$1
  shift
  cat "$@" | grep '"type":"cell"' | grep -c -- "$pattern"
}

alarm_pass() { # NAME OPTIONS
  dir=$tmp/$1
  mkdir -p "$dir"
  files | xargs -P "$JOBS" -I '{}' sh tests/score/score.sh --one "$dir" "$2" '{}'
  for f in "$dir"/*.failed; do
    [ ! -f "$f" ] || bad "$(head -n 3 "$f")"
  done
  set -- "$1" "$dir"/*.json
  name=$1
  shift
  findings_of "$dir/defects" "$@" >"$dir/found"
  unexplained "$dir/used" <"$dir/found" >"$dir/alarms"
  touch "$dir/used"
  while IFS='|' read -r who where id; do
    bad "$who on $where: $id"
  done <"$dir/alarms"
  ran=$(($(cells . "$@") - $(cells '"mark":"not-run"' "$@")))
  [ "$ran" -gt 1000 ] || bad "only $ran verdicts"
  say '' "$(wc -l <"$dir/alarms") in $ran verdicts, $name"
  say '' "taken off: $(wc -l <"$dir/used") findings that are true, by $table,"
  say '' "and $(wc -l <"$dir/defects") verdicts on ports with a defect of their own"
}

# A row of the table that nothing needs is one that hides what comes later.
unused() { # FILE...: what was used
  awk -F '|' '!/^#/ && NF { gsub(/^ +| +$/, "", $1); print $1 }' "$table" | sort -u >"$tmp/rows"
  while read -r who; do
    cat "$@" | grep -qF "$who|" || bad "$table has $who, and nothing is found there"
  done <"$tmp/rows"
}

alarms() {
  say alarms "of correct variants on every platform:"
  alarm_pass calm '--luck 0'
  [ -z "$fast" ] || return 0
  alarm_pass searched '--deviations 1 --states 5000'
  unused "$tmp/calm/used" "$tmp/searched/used"
}

hostile() {
  say alarms "of correct variants on every platform:"
  alarm_pass hostile '--luck 0 --hw hostile'
}

for part in $parts; do
  "$part"
done
exit "$wrong"
