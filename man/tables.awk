# SPDX-License-Identifier: MIT
#
# Puts tables into a page: tables.awk TABLES PAGE. TABLES is what `dmalab schema manual` prints: each
# table behind a line `.\" TABLE name`. A line like that in PAGE is replaced with the table. A table
# that is not there, or is not used, is a mistake.
/^\.\\" TABLE / {
  name = $3
  if (FNR == NR) {
    unused[name] = 1
    next
  }
  if (!(name in table)) {
    print "tables.awk: there is no table " name >"/dev/stderr"
    bad = 1
  }
  printf "%s", table[name]
  delete unused[name]
  next
}
FNR == NR { table[name] = table[name] $0 "\n"; next }
{ print }
END {
  for (name in unused) {
    print "tables.awk: the page does not use the table " name >"/dev/stderr"
    bad = 1
  }
  exit bad
}
