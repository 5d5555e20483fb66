# SPDX-License-Identifier: MIT
#
# Puts tables into a page: tables.awk TABLES PAGE. TABLES is what `dmalab schema manual` prints: each
# table behind a line `.\" TABLE name page`. A line `.\" TABLE name` in PAGE is replaced with the
# table. A table that is not there, or that the page it is meant for does not use, is a mistake.
/^\.\\" TABLE / {
  name = $3
  if (FNR == NR) {
    meant[name] = $4
    table[name] = ""
    next
  }
  if (!(name in table)) {
    print "tables.awk: there is no table " name >"/dev/stderr"
    bad = 1
  }
  printf "%s", table[name]
  delete meant[name]
  next
}
FNR == NR { table[name] = table[name] $0 "\n"; next }
{ print }
END {
  page = FILENAME
  sub(/^.*\//, "", page)
  sub(/\.[0-9]\.in$/, "", page)
  for (name in meant)
    if (meant[name] == page) {
      print "tables.awk: the page does not use the table " name >"/dev/stderr"
      bad = 1
    }
  exit bad
}
