#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the suggestions of `dmalab check --suggest --json` against what they promise.

    suggest_check.py compile LINES OUT.c     each statement as C, in a function with the variables
                                             of its scenario: for a compiler
    suggest_check.py paste LINES DMALAB TMP  each change pasted into the file as text, and run
"""
import json
import os
import re
import subprocess
import sys

import yaml


def suggestions(path):
    lines = [json.loads(line) for line in open(path)]
    return [line for line in lines if line["type"] == "suggestion"]


# ---- what a scenario declares -----------------------------------------------------------------

def statements(node):
    """All texts of a body that may be statements or headers."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for n in node:
            yield from statements(n)
    elif isinstance(node, dict):
        for key, n in node.items():
            if key in ("note", "predict"):
                continue
            yield str(key)
            yield from statements(n)


GIVES = [(r"dma_map_sg", "int"), (r"dma_map_|.*_dma$", "dma_addr_t"),
         (r"k[mz]alloc|v[mz]alloc|devm_kzalloc|dmam?_alloc_coherent|dma_pool_z?alloc|dma_alloc_"
          r"(attrs|wc|noncoherent)|dmam_alloc|page_address|place|on_stack|in_|linear_alias|kmap",
          "u8 *"),
         (r"dmam?_pool_create", "struct dma_pool *"), (r"alloc_pages?|dma_alloc_pages|virt_to_page",
                                                       "struct page *"),
         (r"\(dma_addr_t\)", "dma_addr_t"), (r"read\(|bytes\(", "const void *")]


TYPE = r"(?:const )?(struct \w+|int|bool|u8|u16|u32|u64|size_t|dma_addr_t|phys_addr_t|void|__[lb]e\d+)"


def declarations(doc):
    """Names with their type, as C: from declarations, first assignments and out-arguments."""
    names = {}
    bodies = [doc.get("driver"), doc.get("remove"), doc.get("functions")]
    texts = [t for b in bodies if b for t in statements(b)]
    for key in doc.get("functions") or {}:
        for param in re.findall(TYPE + r"\s+(\**)(\w+)", key):
            names[param[2]] = f"{param[0]} {param[1]}%s"
    for text in texts:
        for part in re.findall(r"&(\w+)\b(?!\s*[\[.>-])", text):
            if re.search(r"dmam?_alloc|dma_pool", text):
                names.setdefault(part, "dma_addr_t %s")
        m = re.match(TYPE + r"\s+(\**)(\w+)((?:\[[^\]]*\])*)\s*(?:=|$)", text)
        if m:
            names[m[3]] = f"{m[1]} {m[2]}%s{m[4]}"
            continue
        m = re.match(r"(?:for \()?(\w+) = (.*)", text)
        if m and names.get(m[1], "u64 %s") == "u64 %s":  # NULL and 0 tell nothing
            kind = next((k for pattern, k in GIVES if re.match(pattern, m[2])), "u64")
            names[m[1]] = kind + " %s"
    return names


def source(n, item, texts):
    doc = yaml.safe_load(open(item["file"]))
    out = [f"/* {item['file']} {item['variant']}: {item['id']} */"]
    header = doc.get("header") or ""
    defines = re.findall(r"^\s*#define\s+(\w+)\s+(.*)$", header, re.M)
    rest = re.sub(r"^\s*#define.*$", "", header, flags=re.M)
    params = dict(doc.get("params") or {})
    body = [f"int test_{n}(void)", "{"]
    for name, value in params.items():
        body.append(f"enum {{ {name} = {value} }};")
    for name, value in defines:
        body.append(f"enum {{ {name} = {value} }};")
    body.append(rest)
    for dev in doc["devices"]:
        body.append(f"struct device {dev};")
    for name, decl in declarations(doc).items():
        body.append((decl % name) + ";")
    for text in texts:
        body.append("{ " + text + ("" if text.endswith(";") else ";") + " }")
    body.append("return 0;\n}")
    return "\n".join(out + body)


def to_compile(lines, out):
    seen, n = set(), 0
    with open(out, "w") as f:
        f.write('#include "suggest_calls.h"\n')
        for s in suggestions(lines):
            texts = [e["text"] for e in s["edits"] + s["fix"]["edits"] if e["text"]]
            if s["fix"]["call"]:
                texts.append(s["fix"]["call"])
            texts = [t for t in dict.fromkeys(texts) if (s["file"], t) not in seen]
            seen.update((s["file"], t) for t in texts)
            if texts:
                f.write(source(n, s, texts) + "\n")
                n += 1
    print(len(seen))


# ---- pasted into the file ----------------------------------------------------------------------

PLAIN = re.compile(r"^(\s*)- ([^{\[\"'#].*)$")


def pasted(lines, edit):
    """The lines with one change; None if the line is not a whole step by itself."""
    i = edit["line"] - 1
    m = PLAIN.match(lines[i])
    if not m or re.match(r"[\w ()!=<>|&]*:( |$)", m[2]) or "to" in edit:
        return None
    text = edit["text"].rstrip(";")
    c_if = re.match(r"(if \(.*\)) (return .*)$", text)
    step = f"{m[1]}- " + (f"{c_if[1]}: {c_if[2]}" if c_if else text)
    if edit["action"] == "drop":
        return lines[:i] + [f"{m[1]}- x__ = 0"] + lines[i + 1:]
    if edit["action"] == "replace":
        return lines[:i] + [step] + lines[i + 1:]
    at = i if edit["action"] == "insert-before" else i + 1
    while at == i and at:  # a note or a question stays with its step
        j = at - 1
        while j and not lines[j].startswith(m[1] + "- ") and lines[j].startswith(m[1] + " "):
            j -= 1
        if not re.match(r"\s*- (note|predict):", lines[j]):
            break
        at = i = j
    return lines[:at] + [step] + lines[at:]


def findings(dmalab, path, item):
    command = [dmalab, "run", "--json", "-p", item["platform"]]
    if item["variant"]:
        command += ["--variant", item["variant"]]
    text = subprocess.run(command + [path], capture_output=True, text=True, timeout=60)
    lines = [json.loads(l) for l in text.stdout.splitlines() if '"type":"finding"' in l]
    if text.returncode not in (0, 1):
        return None, text.stderr
    return [(l["id"], l["line"]) for l in lines], ""


def paste(path, dmalab, tmp):
    seen, tried, bad = set(), 0, 0
    for s in suggestions(path):
        key = (s["file"], s["variant"], s["id"], s["line"])
        if s["result"] != "checked" or len(s["edits"]) != 1 or key in seen:
            continue
        seen.add(key)
        edit = s["edits"][0]
        old = open(s["file"]).read().split("\n")
        new = pasted(old, edit)
        if not new:
            continue
        mine = os.path.join(tmp, "pasted.yaml")
        open(mine, "w").write("\n".join(new))
        found, why = findings(dmalab, mine, s)
        tried += 1
        shift = edit["action"].startswith("insert") and (
            s["line"] > edit["line"] or (s["line"] == edit["line"]
                                         and edit["action"] == "insert-before"))
        if found is None or (s["id"], s["line"] + shift) in found:
            bad += 1
            print(f"FAIL: {s['file']} {s['variant']} on {s['platform']}: {s['id']}, "
                  f"{edit}: {why or 'the finding remains'}")
    print(tried)
    return bad


if __name__ == "__main__":
    if sys.argv[1] == "compile":
        to_compile(sys.argv[2], sys.argv[3])
    else:
        sys.exit(1 if paste(*sys.argv[2:5]) else 0)
