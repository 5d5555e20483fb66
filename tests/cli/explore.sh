#!/bin/sh
# SPDX-License-Identifier: MIT
# explore: what it finds, what it proves, what it says where a bound ends it.
. tests/cli/lib.sh
refill=scenarios/lessons/06-speculative-refill.yaml
spin=tests/spin/cache.yaml

# numbers: $out without how many states there are, which every better reduction changes.
numbers() {
  sed -E 's/[0-9]+ (states?|transitions?)/N \1/g; s/at most [0-9]+ of them/at most N of them/
    s/, after [0-9]+ steps?//; s/; perhaps not the shortest//
    s/at most [0-9.]+e-[0-9]+/at most P/' "$out" >"$TEST_TMP/numbers"
}

# ---- what breaks it ----
run 0 "$DMALAB" explore --plain $refill
numbers
golden explore-06 "$TEST_TMP/numbers"
says "$out" "More: dmalab run $refill --schedule v1:"
# Every command that it prints shows the finding, on the schedule that it names.
sed -n 's/^ *More: dmalab run //p' "$out" | sort -u >"$TEST_TMP/runs"
[ -s "$TEST_TMP/runs" ] || fail "no command to paste"
cp "$out" "$TEST_TMP/explored"
while read -r words; do
  # shellcheck disable=SC2086
  run 0 "$DMALAB" run $words
  says "$out" "speculative-refill-stale"
done <"$TEST_TMP/runs"
sed -n 's/^ *More: dmalab tui //p' "$TEST_TMP/explored" >"$TEST_TMP/tuis"
while read -r words; do
  # shellcheck disable=SC2086
  run 0 "$DMALAB" tui $words --save-screen "$TEST_TMP/screen"
  says "$TEST_TMP/screen" "speculative-refill  broken"
done <"$TEST_TMP/tuis"
# What calm hardware shows needs no schedule; not all platforms show it.
run 0 "$DMALAB" explore --all-platforms short-device-write
says "$out" "Schedule   none is needed: hardware that stays calm shows it"
says "$out" "None shows more than calm hardware does."
says "$out" "4 searches: 4 as expected, 0 not; 0 proved"
if grep -q -e '--schedule' "$out"; then fail "a schedule for what calm hardware shows"; fi

# ---- what does not ----
run 0 "$DMALAB" explore --plain --variant fixed $refill
numbers
golden explore-06-fixed "$TEST_TMP/numbers"
run 0 "$DMALAB" explore -q --variant fixed $refill
[ "$(wc -l <"$out")" -eq 3 ] || fail "-q: $(cat "$out")"
says "$out" "Proved: no schedule of fixed on arm64-soc breaks it."
run 0 "$DMALAB" explore --variant fixed --no-reduction $refill
if grep -q "asked only where" "$out"; then fail "--no-reduction is reduced"; fi
# What the file leaves unjudged is not proved.
run 0 "$DMALAB" explore --variant fixed $spin
says "$out" "the asserts of the file alone (oracle: asserts)"
says "$out" "N=2 K=2 FIX=15"

# ---- not as expected ----
sed '/^expect:/,/^hints:/{/^hints:/!d;}' $refill >"$TEST_TMP/none.yaml"
cmp -s $refill "$TEST_TMP/none.yaml" && fail "the lesson has changed; change this test"
run 1 "$DMALAB" explore "$TEST_TMP/none.yaml"
says "$out" "NOT as expected on arm64-soc, broken:"
says "$out" "speculative-refill-stale      (the file expects nothing)"
run 0 "$DMALAB" explore --variant fixed "$TEST_TMP/none.yaml"
says "$out" "Proved:"
# --set has the search go by other numbers: what the file expects of FIX=0 is not asked of them.
run 0 "$DMALAB" explore $spin --set N=2 --set K=2 --set FIX=15
says "$out" "Proved:"
run 1 "$DMALAB" explore $spin --set N=2 --set K=2 --set FIX=11
says "$out" "assert:descriptor"

# ---- a bound ----
run 3 "$DMALAB" explore $spin --variant fixed --states 100
says "$out" "No verdict: the bound of states was reached. Nothing was found so far."
says "$out" "200 sees more."
if grep -q Proved "$out"; then fail "proved within a bound"; fi
# What is not expected is so whatever else may come.
run 1 "$DMALAB" explore $spin --states 60 --set FIX=8 --variant no_completion
says "$out" "NOT as expected"
says "$out" "not every schedule was seen: the bound of states was reached"

# ---- a sample ----
dirty=scenarios/lessons/05-dirty-line-over-dma-data.yaml
run 3 "$DMALAB" explore $dirty --sample few
says "$out" "broken on arm64-soc (not coherent, 64-byte lines), 1000 runs with at most 2"
says "$out" "answers that are not calm's, seeds 1 to 1000"
says "$out" "1 deviation from calm hardware, after"
says "$out" "No verdict: schedules were drawn by chance. All that was found is expected."
says "$out" "2 findings; 1000 of 1000 runs showed something. A finding that no other run"
says "$out" "showed came in 0 runs, such a state in"
says "$out" "points with a choice"
says "$out" "--seed 1001"
for how in random few hostile; do
  run 3 "$DMALAB" explore $dirty --sample $how --runs 8 --seed 3 --json=result
  says "$out" "\"sample\":{\"how\":\"$how\",\"runs\":8,\"seed\":3,"
  says "$out" '"verdict":"limit"'
  says "$out" '"complete":false,"proved":false,"end":"sampled"'
  cp "$out" "$TEST_TMP/first"
  run 3 "$DMALAB" explore $dirty --sample $how --runs 8 --seed 3 --json=result
  cmp -s "$out" "$TEST_TMP/first" || fail "--sample $how: not the same again"
done
run 3 "$DMALAB" explore $dirty --sample random --variant fixed --seed 0 --runs 1
says "$out" "1 run of random hardware, seed"
says "$out" "0 findings; 0 of 1 run showed something."
if grep -q Proved "$out"; then fail "proved by chance"; fi
# What no schedule of the file may show is so by any schedule.
sed "s/, some: .dma-write-lost-eviction, .assert:the length..//" $dirty >"$TEST_TMP/calm.yaml"
run 1 "$DMALAB" explore "$TEST_TMP/calm.yaml" --sample random --runs 100
says "$out" "NOT as expected"
# Its commands show the finding.
run 3 "$DMALAB" explore --plain $dirty --sample random
sed -n 's/^ *More: dmalab run //p' "$out" | sort -u >"$TEST_TMP/drawn"
[ -s "$TEST_TMP/drawn" ] || fail "no command to paste"
while read -r words; do
  # shellcheck disable=SC2086
  run 0 "$DMALAB" run $words
  says "$out" "dma-write-lost-eviction"
done <"$TEST_TMP/drawn"
run 3 "$DMALAB" explore $spin --sample random --variant fixed --runs 1000000000 --time 0.3
says "$out" "No verdict: the time was over"
refused '--sample is random, few or hostile, not "luck"' explore $dirty --sample luck
refused '--runs and --seed are for --sample' explore $dirty --runs 3
refused '--runs and --seed are for --sample' explore $dirty --seed 3
refused '--runs wants a number from 1' explore $dirty --sample few --runs 0
refused '--seed wants a number from 0' explore $dirty --sample few --seed x
refused '--deviations wants a number from 1' explore $dirty --sample few --deviations 0
refused '--deviations is for a search and for --sample few' explore $dirty --sample random --deviations 2
refused '--sample and --exact exclude each other' explore $dirty --sample few --exact
refused '--sample and --states exclude each other' explore $dirty --sample few --states 9

# The calm schedule is always seen first; with more deviations more is found.
run 3 "$DMALAB" explore --deviations 0 $refill
says "$out" "the calm schedule"
run 3 "$DMALAB" explore --deviations 2 --json=result three-directions
says "$out" '"end":"deviations","bound":"the bound of deviations was reached","deviations":2'
says "$out" "speculative-refill-stale"
run 3 "$DMALAB" explore --first --json=result three-directions
says "$out" '"end":"first"'
run 3 "$DMALAB" explore --depth 20 --json=result three-directions
says "$out" '"end":"depth"'
minutes() { # OPTION...: what would take minutes
  run 3 "$DMALAB" explore --no-reduction --variant fixed --set N=12 --set K=3 $spin "$@"
}
minutes --memory 1M
says "$out" "2M sees more."

# Time, and a signal: what there is is told, and nothing is proved.
minutes --time 0.2
says "$out" "No verdict: the time was over (--time 0.2)."
minutes --time 0.2 --json=result
says "$out" '"end":"time"'
"$DMALAB" explore --no-reduction --variant fixed --set N=12 --set K=3 $spin $spin >"$out" 2>"$err" &
searching=$!
sleep 1
kill -TERM $searching
status=0
wait $searching || status=$?
[ $status -eq 3 ] || fail "SIGTERM: status $status"
says "$out" "No verdict: the search was interrupted."
says "$err" "interrupted: 1 of 2 searches were not begun"

# ---- JSON ----
run 1 "$DMALAB" explore $spin --set N=3 --set K=2 --set FIX=11 --json=result
cp "$out" "$TEST_TMP/result"
run 1 "$DMALAB" explore $spin --set N=3 --set K=2 --set FIX=11 --json
tail -n 1 "$out" | cmp - "$TEST_TMP/result" || fail "--json=result differs from the last line"
python3 - "$out" "$TEST_TMP/result" <<'END' || fail "the JSON is not as the manual says"
import json, sys
lines = [json.loads(l) for l in open(sys.argv[1])]
assert [l["type"] for l in lines] == ["finding", "result"], lines
finding, r = lines
assert all(l["schema"] == "dmalab/1" for l in lines)
assert finding["id"] == "assert:descriptor" and finding["line"] == 25
assert finding["schedule"] == "v1:" and finding["deviations"] == 0
assert r["params"] == {"N": 3, "K": 2, "FIX": 11}
assert r["complete"] is True and r["end"] == "complete" and r["proved"] is False
assert r["bound"] is None and r["deviations"] is None
assert r["found"] == ["assert:descriptor"] and r["verdict"] == "not-as-expected"
assert r["states"] > 100 and r["transitions"] > r["states"] and 0 < r["collision"] < 1e-6
[s] = r["schedules"]
assert set(s) == {"id", "severity", "line", "token", "deviations", "transitions", "shortest",
                  "places"}, s
assert s["id"] == "assert:descriptor" and s["token"] == "v1:" and s["line"] == 25
END
run 3 "$DMALAB" explore $spin --variant fixed --states 100 --json=result
says "$out" '"verdict":"limit"'
says "$out" '"complete":false,"proved":false,"end":"states","bound":"the bound of states was reached"'
run 0 "$DMALAB" explore $refill --variant fixed --exact --json=result
says "$out" '"proved":true'

# ---- reports ----
run 0 "$DMALAB" explore --tap --all-platforms $refill
says "$out" "ok 1 - $refill: broken on arm64-soc, all schedules"
run 3 "$DMALAB" explore --tap --states 100 --variant fixed $spin
says "$out" "# error: the bound of states was reached"
run 1 "$DMALAB" explore --junit "$TEST_TMP/junit.xml" "$TEST_TMP/none.yaml"
says "$TEST_TMP/junit.xml" 'message="not expected: speculative-refill-stale'
xmllint --noout "$TEST_TMP/junit.xml" || fail "JUnit is no XML"
run 0 "$DMALAB" explore -o "$TEST_TMP/file" -q --variant fixed $refill
silent "$out"
says "$TEST_TMP/file" "Proved:"
silent "$err" # progress is a terminal's

# ---- wrong use ----
refused "--deviations wants a number from 0 to 1000, not \"-1\"" explore --deviations=-1 $refill
refused "--states wants a number" explore --states 0 $refill
refused "--memory wants a size such as 64M or 2G, not \"64\"" explore --memory 64 $refill
refused "--memory wants a size" explore --memory 99999999T $refill
refused "--time wants seconds, such as 10 or 0.5, not \"0\"" explore --time 0 $refill
refused "--shortest=deviations or --shortest=steps" explore --shortest=states $refill
refused "--fingerprint 64 or --fingerprint 128" explore --fingerprint 32 $refill
refused "exclude each other" explore --fingerprint 128 --exact $refill
refused "exclude each other" explore --all-platforms -p arm64-soc $refill
refused "exclude each other" explore --tap -q $refill
refused "--tui-on-fail needs a terminal" explore --tui-on-fail $refill
refused "which scenario?" explore
done_
