#!/bin/sh
# SPDX-License-Identifier: MIT
# The harness itself: what it must notice, what it must not pass over in silence, what it refuses.
set -u
verdicts=${VERDICTS:-build/release/verdicts}
tmp=${TEST_TMP:-$(mktemp -d)}
bad=0

config='"config": {"name": "plain", "kernel": "6.12", "memory": "1G", "bus": "pci", "iommu": "none",
  "swiotlb": "SWIOTLB", "untrusted": false, "device_wires": 64, "kernel_options": {"VMAP_STACK": true, "DMA_API_DEBUG": DEBUG}, "dma_debug": {"all_errors": 1,
  "num_errors": 100000}}'
debug=false

# case SWIOTLB STEPS [MORE]: a file of one case
case_of() {
  printf '[{"id": "one", "title": "t", "outcome": "%s", "errors": 0, %s,\n' "${3:-ended}" \
    "$(printf '%s' "$config" | sed "s/SWIOTLB/$1/; s/DEBUG}/$debug}/")"
  printf ' "buf": {"size": 16384, "page_aligned": true, "physical": "0x20000000"}, "steps": [%s]}]\n' "$2"
}

# says STATUS LAST [PATTERN]: runs the file f; its status, its last line and some line
says() {
  "$verdicts" "$tmp/f" >"$tmp/out" 2>"$tmp/err" </dev/null
  got=$?
  if [ $got -ne "$1" ] || [ "$(tail -n 1 "$tmp/out")" != "$2" ] ||
    { [ -n "${3:-}" ] && ! grep -q -e "$3" "$tmp/out" "$tmp/err"; }; then
    echo "status $got instead of $1, or not: $2 / ${3:-}"
    cat "$tmp/f" "$tmp/out" "$tmp/err"
    bad=1
  fi
}

agree='1 agree, 0 disagree, 0 not expressed, of 1'
differ='0 agree, 1 disagree, 0 not expressed, of 1'
untold='0 agree, 0 disagree, 1 not expressed, of 1'

map() { # DIRECTION RETURNS [MORE]
  printf '{"call": "dma_map_single", "args": ["dev", "buf+64", 64, "%s"], "sets": ["d"],
    "returns": %s%s}' "$1" "$2" "${3:-}"
}
unmap='{"call": "dma_unmap_single", "args": ["dev", "d", 64, "DMA_FROM_DEVICE"]}'
write='{"act": "device_write", "at": "d+32", "bytes": "dd*32"}'

# what is right agrees: handle, memory, log
case_of none "$(map DMA_FROM_DEVICE '{"handle": "physical"}'), $write, $unmap,
  {\"note\": \"n\"}, {\"result\": \"memory\", \"at\": \"buf+64\", \"bytes\": \"00*32 dd*32\"}" >"$tmp/f"
says 0 "$agree"
case_of force "$(map DMA_FROM_DEVICE '{"handle": "bounced", "in_page": 2048}'), $write,
  {\"result\": \"slots_used\", \"value\": 4},
  {\"result\": \"memory\", \"at\": \"buf+64\", \"bytes\": \"00*64\"},
  {\"result\": \"bus\", \"at\": \"d+0\", \"bytes\": \"00*32 dd*32\"}, $unmap,
  {\"result\": \"memory\", \"at\": \"buf+64\", \"bytes\": \"00*32 dd*32\"},
  {\"result\": \"slots_used\", \"value\": 3}" >"$tmp/f"
says 0 "$agree"
case_of none '{"call": "dma_set_mask", "args": ["dev", "DMA_BIT_MASK(64)"],
  "returns": {"value": 0, "mask": 18446744073709551615}},
  {"call": "dma_get_mask", "args": ["dev"], "returns": {"value": 18446744073709551615}}' >"$tmp/f"
says 0 "$agree"
case_of none "$(map DMA_NONE '{"outcome": "died"}' ', "log": ["kernel BUG: kernel/dma/mapping.c"]')" \
  died >"$tmp/f"
says 0 "$agree"

# each value that is compared, once wrong
wrong() { # SWIOTLB STEPS PATTERN [OUTCOME]
  case_of "$1" "$2" "${4:-ended}" >"$tmp/f"
  says 1 "$differ" "^differs: one step $3"
}
wrong none "$(map DMA_FROM_DEVICE '{"handle": "bounced", "in_page": 64}')" \
  '0, dma_map_single, handle: kernel bounced, dmalab physical'
wrong none "$(map DMA_FROM_DEVICE '{"handle": "physical", "in_page": 65}')" '0, .*place in the page'
wrong force "$(map DMA_FROM_DEVICE '{"handle": "bounced", "in_page": 1}')" '0, .*place in the page'
wrong none "$(map DMA_FROM_DEVICE '{"handle": "physical", "size": 1}')" '0, .*the file'
wrong none "$(map DMA_FROM_DEVICE '{"handle": "physical"}' ', "log": ["something"]')" \
  '0, .*log: kernel something, dmalab nothing'
wrong none "$(map DMA_FROM_DEVICE '{"outcome": "died"}')" '0, .*outcome: kernel died' died
wrong none "$(map DMA_NONE '{"outcome": "died"}')" '0, .*log: kernel nothing, dmalab kernel BUG' died
wrong none "$(map DMA_NONE '{"handle": "physical"}' ', "log": ["kernel BUG: kernel/dma/mapping.c"]')" \
  '0, .*outcome: kernel went on, dmalab died'
wrong none "$(map DMA_FROM_DEVICE '{"handle": "physical"}'), $write,
  {\"result\": \"memory\", \"at\": \"buf+64\", \"bytes\": \"00*31 dd*33\"}" \
  '2, memory, memory: kernel 00.31 dd.33, dmalab 00.32 dd.32'
wrong force "$(map DMA_TO_DEVICE '{"handle": "bounced"}'),
  {\"result\": \"bus\", \"at\": \"d+0\", \"bytes\": \"01*1\"}" '1, bus, bus'
wrong force "{\"result\": \"slots_used\", \"value\": 0}, $(map DMA_TO_DEVICE '{"handle": "bounced"}'),
  {\"result\": \"slots_used\", \"value\": 2}" '2, slots_used'
wrong none "$(map DMA_TO_DEVICE '{"handle": "physical"}'),
  {\"act\": \"set\", \"name\": \"e\", \"value\": \"d+64\"},
  {\"result\": \"equal\", \"a\": \"e\", \"b\": \"d\", \"value\": 1}" '2, equal'
wrong none "$(map DMA_TO_DEVICE '{"handle": "physical"}'),
  {\"act\": \"set\", \"name\": \"e\", \"value\": \"d+64\"},
  {\"result\": \"difference\", \"a\": \"e\", \"b\": \"d\", \"value\": 63}" '2, difference'
wrong none '{"call": "dma_set_mask", "args": ["dev", "DMA_BIT_MASK(33)"],
  "returns": {"value": 0, "mask": 4294967295}}' '0, dma_set_mask, mask'
wrong none '{"call": "dma_set_mask", "args": ["dev", "DMA_BIT_MASK(33)"], "returns": {"value": -5}}' \
  '0, dma_set_mask, value'
wrong none '{"act": "edu_preset", "bytes": "11*8"},
  {"result": "edu_buffer", "bytes": "11*7 12*1"}' '1, edu_buffer'
overflow='DMA addr 0x0000000020000040+64 overflow (mask fffffff, bus limit 0).'
narrow='{"call": "dma_set_mask", "args": ["dev", "DMA_BIT_MASK(28)"], "returns": {"value": 0}}'
where='WARNING: kernel/dma/direct.h dma_map_page_attrs()'
case_of none "$narrow, $(map DMA_TO_DEVICE '{"handle": "error"}' \
  ", \"log\": [\"edu 0000:00:08.0: $overflow\", \"$where\"]")" >"$tmp/f"
says 0 "$agree"
wrong none "$narrow, $(map DMA_TO_DEVICE '{"handle": "error"}' ", \"log\": [\"$where\",
  \"edu 0000:00:08.0: $overflow\"]")" '1, dma_map_single, log'
wrong none "$narrow, $(map DMA_TO_DEVICE '{"handle": "error"}' ", \"log\": [\"edu 0000:00:08.0: $(
  echo "$overflow" | sed 's/2000/2001/')\", \"$where\"]")" '1, dma_map_single, log'

# once in a boot: missing behind the case that has it, or where no case has it, not in front of it
reject='"log": ["edu 0000:00:08.0: rejecting DMA map of vmalloc memory",
  "WARNING: include/linux/dma-mapping.h"], '
vmalloc='{"call": "dma_map_single", "args": ["dev", "vmalloc_buffer", 64, "DMA_TO_DEVICE"], LOG
  "returns": {"handle": "error"}}'
with=$(printf '%s' "$vmalloc" | sed "s|LOG|$(printf '%s' "$reject" | tr '\n' ' ')|")
without=$(printf '%s' "$vmalloc" | sed 's/LOG//')
both() { # STEPS STEPS: a file of two cases of one boot
  { case_of none "$1" | sed 's/]$/,/'; case_of none "$2" | sed 's/^\[//'; } >"$tmp/f"
}
case_of none "$with" >"$tmp/f"
says 0 "$agree"
case_of none "$without" >"$tmp/f"
says 0 "$agree"
both "$with" "$without"
says 0 '2 agree, 0 disagree, 0 not expressed, of 2'
both "$without" "$with"
says 1 '1 agree, 1 disagree, 0 not expressed, of 2'
case_of none "$narrow, $(map DMA_TO_DEVICE '{"handle": "error"}')" >"$tmp/f"
says 1 "$differ" 'kernel nothing, dmalab dev 0000:00:01.0: DMA addr'

# errors that dma-debug counts, call by call and in the end; also of a driver that dies
debug=true
unchecked='"errors": 1, "log": ["DMA-API: edu 0000:00:08.0: device driver failed to check map error[device address=0x0000000020000040] [size=64 bytes] [mapped as single]"]'
counted() { # ERRORS LOG: an unmap with them, and as many in all
  case_of none "$(map DMA_FROM_DEVICE '{"handle": "physical"}'),
    {\"call\": \"dma_unmap_single\", \"args\": [\"dev\", \"d\", 64, \"DMA_FROM_DEVICE\"], $2}" |
    sed "s/\"errors\": 0, \"config\"/\"errors\": $1, \"config\"/" >"$tmp/f"
}
counted 1 "$unchecked"
says 0 "$agree"
counted 0 "$unchecked"
says 1 "$differ" 'errors in all: kernel 0 .*, dmalab 1'
counted 1 "$(echo "$unchecked" | sed 's/"errors": 1/"errors": 2/')"
says 1 "$differ" 'step 1, dma_unmap_single, errors: kernel 2 .*, dmalab 1'
counted 1 "$(echo "$unchecked" | sed 's/20000040/20000080/')"
says 1 "$differ" 'step 1, dma_unmap_single, log'
counted 1 "$(echo "$unchecked" | sed 's/0000:00:08/0000:00:09/')"
says 0 "$agree"
counted 1 "$(echo "$unchecked" | sed 's/edu/pci/')"
says 1 "$differ" 'step 1, dma_unmap_single, log'
wrong none "$(map DMA_NONE '{"outcome": "died"}' ', "errors": 1,
  "log": ["kernel BUG: kernel/dma/mapping.c"]')" '0, dma_map_single, errors: kernel 1' died
debug=false

# what cannot be told is counted as that, with its step and a code
untold() { # STEPS PATTERN
  case_of none "$1" >"$tmp/f"
  says 1 "$untold" "^not expressed: one step $2"
}
untold '{"call": "dma_no_such_call", "args": []}' '0, call: dma_no_such_call'
untold '{"note": "n"}, {"call": "dma_get_mask", "args": []}' '1, argument'
untold '{"call": "dma_unmap_single", "args": ["dev", "nobody", 64, "DMA_TO_DEVICE"]}' \
  "0, argument: .*'nobody'"
untold '{"act": "explode"}' '0, form: act: explode'
untold '{"result": "smell"}' '0, form: result: smell'
untold '{}' '0, form'
untold '{"call": "dma_map_single", "args": ["dev", "buf+0", {}, "DMA_TO_DEVICE"]}' '0, form'
untold '{"call": "dma_set_mask", "args": ["buf", 1]}' '0, language'
case_of none '{"note": "n"}' | sed 's/"VMAP_STACK": true/"NO_SUCH": false/' >"$tmp/f"
says 0 "$agree"
case_of none '{"note": "n"}' | sed 's/"VMAP_STACK": true/"NO_SUCH": true/' >"$tmp/f"
says 1 "$untold" '^not expressed: one step 0, language: .*NO_SUCH'
case_of sometimes '{"note": "n"}' >"$tmp/f"
says 1 "$untold" '^not expressed: one step 0, config: swiotlb: sometimes'

# a file that is no file of cases
for text in '' '[' '{"id": 1}' '[{"id": "a", "id": "b"}]' '7'; do
  printf '%s' "$text" >"$tmp/f"
  "$verdicts" "$tmp/f" >"$tmp/out" 2>"$tmp/err" </dev/null
  got=$?
  if [ $got -ne 2 ] || [ -s "$tmp/out" ] || ! grep -q "^verdicts: $tmp/f:" "$tmp/err"; then
    echo "status $got instead of 2 for: $text"
    cat "$tmp/out" "$tmp/err"
    bad=1
  fi
done
printf '[]' >"$tmp/f"
says 1 '0 agree, 0 disagree, 0 not expressed, of 0'
printf '[1, null, {}, {"id": "x", "steps": [], "config": []}]' >"$tmp/f"
says 1 '0 agree, 0 disagree, 4 not expressed, of 4'
exit $bad
