# SPDX-License-Identifier: MIT
"""Holds files against the JSON Schema, and the schema against the program.

    schema_check.py DMALAB TMP SCHEMA PLATFORM_SCHEMA

Independent of dmalab: files are read by PyYAML, judged by jsonschema. Scalars are resolved by the
core schema of YAML 1.2 as far as the language has it, as editors do; keys are text.
"""
import glob
import json
import os
import re
import subprocess
import sys

import jsonschema
import yaml

DMALAB, TMP, SCENARIO, PLATFORM = sys.argv[1:5]
faults = []


def fault(text):
    faults.append(text)
    print("FAIL: " + text)


def scalar(node):
    if node.style is None:
        if re.fullmatch(r"-?(0|[1-9][0-9]*)", node.value):
            return int(node.value)
        if re.fullmatch(r"0x[0-9a-fA-F]+", node.value):
            return int(node.value, 16)
        if re.fullmatch(r"-?[0-9]+\.[0-9]+", node.value):
            return float(node.value)
        if node.value in ("true", "false"):
            return node.value == "true"
        if node.value in ("", "~", "null"):
            return None
    return node.value


def plain(node):
    if isinstance(node, yaml.MappingNode):
        return {k.value: plain(v) for k, v in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(v) for v in node.value]
    return scalar(node)


def load(text):
    return plain(yaml.compose(text, Loader=yaml.SafeLoader))


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def problems(validator, text):
    """What is wrong, in words; a file that PyYAML cannot read is wrong as well."""
    try:
        data = load(text)
    except yaml.YAMLError as e:
        return ["no YAML: %s" % e]
    return ["%s: %s" % ("/".join(map(str, e.absolute_path)), e.message[:200])
            for e in validator.iter_errors(data)]


def check(text):
    """The program's exit status and messages."""
    path = os.path.join(TMP, "one.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    done = subprocess.run([DMALAB, "check", "-q", path], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=60)
    return done.returncode, done.stderr.decode()


def make_validator(path):
    schema = json.loads(read(path))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema), schema


def check_descriptions(schema, where):
    for name, value in schema.get("properties", {}).items():
        if len(value.get("description", "")) < 8:
            fault("%s: %s has no description" % (where, name))


def check_shipped(scenario, platform):
    files = [f for d in ("scenarios", "tests/scenarios", "tests/spin")
             for f in glob.glob(d + "/**/*.yaml", recursive=True)]
    if len(files) < 20:
        fault("only %d files were found" % len(files))
    for f in sorted(files):
        of = platform if "/platforms/" in f else scenario
        for p in problems(of, read(f)):
            fault("%s: %s" % (f, p))
    return len(files)


BASE = """\
schema: 1
id: base
title: "A base"
level: 1
tags: [a]
params: {N: 4}
platforms: [arm64-soc, {own: {like: x86-64, cache: {ways: N}, params: {N: 8}}}]
variants: {first: {params: {N: 2}}, fixed: {machine: {coherent: true}}}
devices: {nic: {address_bits: 32}}
functions:
  done(): x = 1
driver:
  - buf = kmalloc(64, GFP_KERNEL)
  - if (fixed): wmb()
    else if (N == 3): rmb()
    else: [mb()]
  - for (i = 0; i < 4; i++): {BODY}
  - note: "a note"
  - predict: {ask: "Which?", choices: {one: N == 1, other: else}}
  - y = 1
  - hw: evict(buf, 64)
  - goto out
  - out:
  - kfree(buf)
remove:
  - x = 2
expect: {first: {all: []}, fixed: {all: {calm: [], outcome: ended}}}
""".replace("{BODY}", "mb()")

BROKEN = [  # what is replaced, by what
    ("title: \"A base\"\n", ""),
    ("id: base\n", ""),
    ("schema: 1\n", "schema: 2\n"),
    ("schema: 1\n", ""),
    ("level: 1", "level: 6"),
    ("level: 1", "level: 0"),
    ("level: 1", "level: high"),
    ("level: 1", "levle: 1"),
    ("id: base", "id: Base Case"),
    ("id: base", "id: [base]"),
    ("title: \"A base\"", "title: {a: b}"),
    ("title: \"A base\"", "title: \"two\\nlines\""),
    ("tags: [a]", "tags: a"),
    ("tags: [a]", "tags: [[a]]"),
    ("params: {N: 4}", "params: {N: four}"),
    ("params: {N: 4}", "params: {N: \"4\"}"),
    ("params: {N: 4}", "params: {N-1: 4, N: 4}"),
    ("params: {N: 4}", "params: [N]"),
    ("platforms: [arm64-soc,", "platforms: [arm64-sock,"),
    ("{like: x86-64, ", "{"),
    ("like: x86-64", "like: x86-65"),
    ("ways: N", "way: 4"),
    ("ways: N", "ways: [4]"),
    ("ways: N", "ways: 0"),
    ("{like: x86-64,", "{like: x86-64, title: T,"),
    ("cache: {ways: N}", "cache: some"),
    ("coherent: true", "coherent: 1"),
    ("coherent: true", "coherence: true"),
    ("{coherent: true}", "{like: x86-64}"),
    ("fixed: {machine: {coherent: true}}", "fixed: {machines: {}}"),
    ("fixed: {machine: {coherent: true}}", "on-or-off: {}, fixed: {}"),
    ("{address_bits: 32}", "{address_bit: 32}"),
    ("{address_bits: 32}", "{address_bits: 65}"),
    ("{address_bits: 32}", "{address_bits: 8}"),
    ("{address_bits: 32}", "{address_bits: 32, bus: isa}"),
    ("{address_bits: 32}", "{address_bits: 32, beat: 12}"),
    ("{address_bits: 32}", "{address_bits: 32, model: nosuch}"),
    ("{address_bits: 32}", "{address_bits: 32, coherent: maybe not}"),
    ("devices: {nic: {address_bits: 32}}", "devices: {}"),
    ("devices: {nic: {address_bits: 32}}", "devices: [nic]"),
    ("devices: {nic: {address_bits: 32}}\n", ""),
    ("  done(): x = 1", "  done: x = 1"),
    ("  done(): x = 1", "  done(): {x: 1}"),
    ("  - y = 1", "  - {}"),
    ("  - y = 1", "  - []"),
    ("  - y = 1", "  - [y = 1]"),
    ("  - y = 1", "  - 7"),
    ("  - y = 1", "  - note: [y]"),
    ("  - y = 1", "  - nobody here: mb()"),
    ("  - y = 1", "  - hw: mb()\n    lab: mb()"),
    ("  - y = 1", "  - if (N): mb()\n    nic: mb()"),
    ("ask: \"Which?\", ", ""),
    ("ask: \"Which?\"", "asks: \"Which?\""),
    ("choices: {one: N == 1, other: else}", "choices: [one, two]"),
    ("remove:\n  - x = 2", "remove: {a: 2}"),
    ("remove:", "oracle: all\nremove:"),
    ("first: {all: []}", "first: [all]"),
    ("first: {all: []}", "first: {all: none}"),
    ("first: {all: []}", "first: {all: [cpu-stale-reed]}"),
    ("first: {all: []}", "first: {all: [cpu-stale-read/bad]}"),
    ("first: {all: []}", "first: {all: [hang, hang]}"),
    ("first: {all: []}", "first: {all: [\"assert:\"]}"),
    ("calm: [], ", ""),
    ("remove:", "search: all\nremove:"),
    ("remove:", "search: []\nremove:"),
    ("remove:", "search: {states: 0}\nremove:"),
    ("remove:", "search: {deviations: 1001}\nremove:"),
    ("remove:", "search: {state: 5}\nremove:"),
    ("outcome: ended", "outcome: over"),
    ("outcome: ended", "outcomes: ended"),
]


def check_broken(scenario):
    for p in problems(scenario, BASE):
        fault("the base: " + p)
    status, said = check(BASE)
    if status != 0:
        fault("the program refuses the base:\n" + said)
    for old, new in BROKEN:
        text = BASE.replace(old, new, 1)
        if text == BASE:
            fault("nothing to replace: %r" % old)
        if not problems(scenario, text):
            fault("the schema accepts %r in place of %r" % (new, old))
        status, said = check(text)
        if status != 2 or "one.yaml:" not in said:
            fault("the program accepts %r in place of %r (%d)" % (new, old, status))


# ---- every field: its words, its range, its type ----

ABOUT_VALUE = re.compile(r"is not within|belongs here|power of two|KiB|is a map|has no field|"
                         r"no such model|cannot be a name|is not there yet|a list of")


def with_machine(path, value):
    inner = value
    for key in reversed(path):
        inner = "{%s: %s}" % (key, inner)
    return BASE.replace("{like: x86-64, cache: {ways: N}, params: {N: 8}}",
                        "{like: arm64-soc, " + inner[1:])


def with_device(path, value):
    return BASE.replace("{address_bits: 32}", "{%s: %s}" % (path[0], value) if
                        path[0] == "address_bits" else
                        "{address_bits: 32, %s: %s}" % (path[0], value))


def parts(form):
    """The alternatives of a form, without those by reference."""
    out = []
    for f in form.get("anyOf", [form]):
        out += parts(f) if "anyOf" in f else [f]
    return out


def good_and_bad(form):
    good, bad = [], ["[[1]]", "\"?\""]
    for p in parts(form):
        if "enum" in p:
            words = [json.dumps(w) for w in p["enum"]]
            good += words
            bad += ["nosuch word"]
            if all(isinstance(w, int) for w in p["enum"]):
                bad += [str(max(p["enum"]) * 2), "3"]
        elif p.get("type") == "integer":
            good += [str(p["minimum"])]
            bad += ["-1"] if p["minimum"] == 0 else [str(p["minimum"] - 1)]
            if "maximum" in p:
                good += [str(p["maximum"])]
                bad += [str(p["maximum"] + 1)]
        elif p.get("type") == "boolean":
            good += ["true", "false"]
            bad += ["1", "\"true\""] if len(parts(form)) == 1 else ["1"]
    return good, bad


def hold_field(scenario, make, path, form):
    good, bad = good_and_bad(form)
    for v in good:
        text = make(path, v)
        said = check(text)[1]
        if problems(scenario, text):
            fault("the schema refuses %s: %s" % (".".join(path), v))
        if ABOUT_VALUE.search(said):
            fault("the program refuses %s: %s\n%s" % (".".join(path), v, said))
    for v in bad:
        text = make(path, v)
        if not problems(scenario, text):
            fault("the schema accepts %s: %s" % (".".join(path), v))
        if check(text)[0] != 2:
            fault("the program accepts %s: %s" % (".".join(path), v))
    return len(good) + len(bad)


def check_fields(scenario, schema):
    held = 0

    def walk(definition, make, path):
        nonlocal held
        for name, form in schema["definitions"][definition]["properties"].items():
            maps = [p["$ref"].split("/")[-1]
                    for f in parts(form) for p in f.get("allOf", [f]) if "$ref" in p]
            maps = [m for m in maps if m.isupper()]
            if maps:
                walk(maps[0], make, path + [name])
            held += hold_field(scenario, make, path + [name], form) if good_and_bad(form)[0] else 0

    walk("MACHINE", with_machine, [])
    walk("DEVICE", with_device, [])
    if held < 150:
        fault("only %d values of fields were held" % held)
    return held


def main():
    scenario, schema = make_validator(SCENARIO)
    platform, other = make_validator(PLATFORM)
    check_descriptions(schema, "a scenario")
    check_descriptions(other, "a platform")
    for name, definition in schema["definitions"].items():
        check_descriptions(definition, name)
    shipped = check_shipped(scenario, platform)
    check_broken(scenario)
    held = check_fields(scenario, schema)
    print("%d files, %d broken ones, %d values of fields" % (shipped, len(BROKEN), held))
    sys.exit(bool(faults))


main()
