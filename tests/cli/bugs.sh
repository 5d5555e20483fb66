#!/bin/sh
# SPDX-License-Identifier: MIT
# The real bugs: each row of tests/bugs/table.txt, which was written before its scenario, against
# that scenario. The broken variant shows what the row says on the platform where the bug showed, in
# the calm run or under some schedule; on the platform where it hides nothing is corrupted by it;
# the fixed variant finds nothing anywhere but what tests/bugs/not-blamed.txt says why of. Whether each file keeps its own expectations is held with
# those of all scenarios. BUGS="B001 B002" looks at those alone.
. tests/cli/lib.sh

table=tests/bugs/table.txt
folder=scenarios/bugs
bound=20000 # states of a search here; more are searched where a file is held against itself
least=70
wanted=${BUGS:-}

trim() { # TEXT, without blanks at its ends
  text=${1#"${1%%[! ]*}"}
  printf '%s' "${text%"${text##*[! ]}"}"
}

explore() { # FILE OPTION...: the findings and the result, as JSON Lines in $out
  file=$1
  shift
  timeout 60 "$DMALAB" explore --json --states "$bound" "$@" "$file" >"$out" 2>"$err" </dev/null || :
  grep -q '"type":"result".*"outcomes":\["' "$out" || { # no run has come to its end
    fail "$file: explore $*: no result within $bound states"
    sed 's/^/    /' "$err" | head -5
  }
}

# An assert is no kind of fault: the table says which kind it stands for, the program cannot.
found() { # ID SEVERITY: in $out
  case $1 in
  assert:*) grep -qF "\"id\":\"$1\"," "$out" ;;
  *) grep -qF "\"id\":\"$1\",\"severity\":\"$2\"" "$out" ;;
  esac
}

ended() { # OUTCOME: in $out
  sed -n 's/.*"outcomes":\[\([^]]*\)\].*/\1/p' "$out" | grep -qF "\"$1\""
}

seen() { # what $out has
  sed -n 's/.*"type":"finding","id":"\([^"]*\)","severity":"\([^"]*\)".*/\1 \2,/p' "$out" | sort -u |
    tr '\n' ' '
  sed -n 's/.*"outcomes":\[\([^]]*\)\].*/outcomes \1/p' "$out"
}

of_file() { # ID FILE: what a scenario of a real bug has besides that of any
  for key in source summary lesson level; do
    grep -q "^$key:" "$2" || fail "$1: $2 has no $key"
  done
  grep -Eq '^tags: \[(.*, )?bug[],]' "$2" || fail "$1: $2 has no tag 'bug'"
  grep -Eq '^source: .*[0-9]' "$2" || sed -n '/^source:/{n;p;}' "$2" | grep -q '[0-9]' ||
    fail "$1: the source of $2 says neither commit nor number nor year"
}

own() { # ID FILE PLATFORM: "name: {like: other}" is a platform that the file has like that
  name=${3%%:*}
  case $3 in
  *like:*) ;;
  *) return 0 ;;
  esac
  like=$(printf '%s' "$3" | sed 's/.*like: *\([^ ,}]*\).*/\1/')
  tr '\n' ' ' <"$2" | grep -Eq "[- {]$name: *\{? *like: *$like[ ,}]" ||
    fail "$1: $2 has no platform $name like $like"
}

shows() { # ID FILE FINDING SEVERITY OUTCOME PLATFORM
  explore "$2" --variant broken -p "$6" --deviations 0
  if ! { found "$3" "$4" && ended "$5"; }; then
    explore "$2" --variant broken -p "$6"
    { found "$3" "$4" && ended "$5"; } ||
      fail "$1 on $6: not $3 as $4 with outcome $5, but: $(seen)"
  fi
}

hides() { # ID FILE FINDING PLATFORM
  explore "$2" --variant broken -p "$4"
  if found "$3" corruption; then fail "$1 does not hide on $4: $(seen)"; fi
}

# A map that fails for want of room costs something whatever the driver does: no blame for a fix,
# unless the row is about just that.
clean() { # ID FILE FINDING
  explore "$2" --variant fixed --all-platforms
  sed -n '/"severity":"cost"/d; /"type":"finding"/p' "$out" >"$TEST_TMP/blame"
  sed -n "s/^$1 | \([a-z-]*\) | ..*/\1/p" tests/bugs/not-blamed.txt >"$TEST_TMP/excused"
  while IFS= read -r excused; do # a rule broken, no byte lost: else it is no excuse
    found "$excused" violation || fail "$1: $excused is excused, and the fixed variant does not show it"
    sed "/\"id\":\"$excused\",\"severity\":\"violation\"/d" "$TEST_TMP/blame" >"$TEST_TMP/rest"
    mv "$TEST_TMP/rest" "$TEST_TMP/blame"
  done <"$TEST_TMP/excused"
  grep -F "\"type\":\"finding\",\"id\":\"$3\"" "$out" >>"$TEST_TMP/blame" || :
  [ ! -s "$TEST_TMP/blame" ] || fail "$1: the fixed variant is not clean: $(seen)"
}

reproduced=0
left_out=0
: >"$TEST_TMP/files"
while IFS= read -r line; do
  case $line in
  '' | '#'*) continue ;;
  esac
  [ "$(printf '%s\n' "$line" | tr -cd '|' | wc -c)" -eq 7 ] || fail "not eight columns: $line"
  IFS='|' read -r id class finding severity outcome on off note <<ROW
$line
ROW
  id=$(trim "$id") class=$(trim "$class") finding=$(trim "$finding") severity=$(trim "$severity")
  outcome=$(trim "$outcome") on=$(trim "$on") off=$(trim "$off") note=$(trim "$note")
  case " ${wanted:-$id} " in
  *" $id "*) ;;
  *) continue ;;
  esac
  [ -n "$note" ] && [ -n "$class" ] || fail "$id says not why"
  name=$(printf '%s' "$id" | tr B b)
  file=$(find "$folder" -name "$name-*.yaml")
  if [ "$finding" = - ]; then
    [ "$severity$outcome$on$off" = ---- ] || fail "$id is left out, and says what it shows"
    [ -z "$file" ] || fail "$id is left out, and there is $file"
    case $note in
    'left out: '?????????*) ;;
    *) fail "$id is left out without a reason" ;;
    esac
    left_out=$((left_out + 1))
    continue
  fi
  if [ "$(printf '%s\n' "$file" | grep -c .)" -ne 1 ]; then
    fail "$id: not one scenario $folder/$name-*.yaml"
    continue
  fi
  echo "$file" >>"$TEST_TMP/files"
  before=$failed
  failed=0
  of_file "$id" "$file"
  own "$id" "$file" "$on"
  own "$id" "$file" "$off"
  shows "$id" "$file" "$finding" "$severity" "$outcome" "${on%%:*}"
  [ "$off" = fixed ] || hides "$id" "$file" "$finding" "${off%%:*}"
  clean "$id" "$file" "$finding"
  [ "$failed" -ne 0 ] || reproduced=$((reproduced + 1))
  [ "$before" -eq 0 ] || failed=1
done <"$table"

if [ -z "$wanted" ]; then
  find "$folder" -name '*.yaml' | sort >"$TEST_TMP/all"
  sort "$TEST_TMP/files" | diff - "$TEST_TMP/all" || fail "a scenario of no row"
  sed -n 's/^\(B[0-9]*\) .*/\1/p' "$table" | sort -c -u || fail "the rows are not in the order of the ids"
  [ "$reproduced" -ge "$least" ] || fail "less than $least are reproduced"
fi
echo "$reproduced reproduced, $left_out left out"
done_
