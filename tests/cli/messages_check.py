#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds every message of findings against the rule for messages: messages_check.py DMALAB FILE...

Runs each file on all its platforms with all its variants, calm; those that stand for a diagnosis
which the calm run does not show are run on hardware that does its worst, too, or on the schedule
that a search finds. Of each finding:
  - no line of its block is wider than 78 columns;
  - without the chain of causes (which has a heading of its own) and the commands that show more
    (which are as long as the file's name) it has at most ten lines;
  - it names the file and the line;
  - where it is about bytes of a buffer, it names the buffer, and where in it and how many;
  - the call that its fix tells stands in it whole.
Prints how many messages were read, and each that breaks the rule.
"""
import json
import re
import subprocess
import sys

import yaml

WIDTH, LINES = 78, 10


def runs(path):
    doc = yaml.safe_load(open(path))
    for variant in list(doc.get("variants") or [None]):
        for platform in doc["platforms"]:
            name = platform if isinstance(platform, str) else list(platform)[0]
            yield ["-p", name] + (["--variant", variant] if variant else []) + [path]


def output(dmalab, args):
    done = subprocess.run([dmalab, "run"] + args, capture_output=True, text=True, timeout=120)
    if done.returncode not in (0, 1, 3):
        sys.exit(f"FAIL: {' '.join(args)}: {done.stderr}")
    return done.stdout


def blocks(text):
    for block in re.split(r"(?m)^(?=! FINDING \d+  )", text)[1:]:
        yield re.split(r"(?m)^(?=As expected|NOT as expected|No verdict)", block)[0].rstrip()


def parts(block):
    """Lines of the message itself, and of the chain of causes."""
    message, chain, inside = [], [], False
    for line in block.split("\n"):
        if line == "  How it came to this":
            inside = True
        elif inside and not line:
            inside = False
        if inside:
            chain.append(line)
        elif line:
            message.append(line)
    return message, chain


def breaks(path, block, finding):
    """What is wrong with one message."""
    message, chain = parts(block)
    text = " ".join(line.strip() for line in message)
    for line in message + chain:
        if len(line) > WIDTH:
            yield f"{len(line)} columns: {line}"
    own = [l.startswith("  More ") for l in message].index(True) if "  More " in block else len(message)
    if own > LINES:
        yield f"{own} lines"
    if f"{path.split('/')[-1]}:{finding['line']}:{finding['column']}" not in text:
        yield "names no file and line"
    if finding["id"] not in message[0] or finding["severity"] not in message[0]:
        yield "does not begin with what it is"
    where = finding["bytes"]
    if where and not re.match("phys |slot ", where["at"]) and not finding["id"].startswith("assert:"):
        name = re.split(r"\+[0-9a-f]{2,}$|->|\.|\[", where["at"].removeprefix("freed "))[0]
        if not re.search(r"\b" + re.escape(name) + r"\b", text):
            yield f"does not name {name}"
        if where["at"] not in text and not re.search(rf"\b{where['count']}\b", text):
            yield f"does not tell which bytes: {where['at']}, {where['count']}"
    call = finding["fix"]["call"]
    if call and finding["id"] != "kernel-bug" and call not in text:
        yield f"the call is not whole: {call}"


def hold(dmalab, path, args):
    """The messages of one run: how many, their ids; prints what is wrong."""
    found = [json.loads(line) for line in output(dmalab, ["--json"] + args).splitlines()
             if '"type":"finding"' in line]
    said = list(blocks(output(dmalab, args))) if found else []
    bad = 0
    if len(said) != len(found):
        print(f"FAIL: {args}: {len(found)} findings, {len(said)} messages")
        bad += 1
    for block, finding in zip(said, found):
        for what in breaks(path, block, finding):
            print(f"FAIL: dmalab run {' '.join(args)}: {finding['id']}: {what}")
            bad += 1
    return bad, len(said), {f["id"] for f in found}


def witness(dmalab, args, name):
    """The schedule on which a search finds it; None: on none."""
    done = subprocess.run([dmalab, "explore", "--json"] + args, capture_output=True, text=True,
                          timeout=120)
    for line in done.stdout.splitlines():
        finding = json.loads(line)
        if finding["type"] == "finding" and finding["id"] == name:
            return finding["schedule"]
    return None


def main(dmalab, paths):
    listed = subprocess.run([dmalab, "list", "diagnoses", "--json"], capture_output=True, text=True)
    table = [json.loads(line) for line in listed.stdout.splitlines()]
    bad = count = 0
    seen = set()
    for path in paths:
        for args in runs(path):
            b, n, ids = hold(dmalab, path, args)
            bad, count, seen = bad + b, count + n, seen | ids
    for row in table:
        path, _, variant = row["fires"].partition(":")
        if row["id"] in seen or not path:
            continue
        for args in runs(path):
            if variant and variant not in args:
                continue
            b, n, ids = hold(dmalab, path, ["--hw", "hostile"] + args)
            bad, count, seen = bad + b, count + n, seen | ids
            token = None if row["id"] in seen else witness(dmalab, args, row["id"])
            if token:
                b, n, ids = hold(dmalab, path, ["--schedule", token] + args)
                bad, count, seen = bad + b, count + n, seen | ids
    missing = [row["id"] for row in table if row["id"] not in seen]
    print(f"{count} messages, {len(seen)} ids; none of {', '.join(missing) or 'nothing'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
