#!/usr/bin/env python3
"""Fails when a file includes another module against the arrows in tools/layers.txt."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
allowed = {}
for line in (root / "tools/layers.txt").read_text().splitlines():
    line = line.split("#")[0].strip()
    if line:
        module, _, targets = line.partition(":")
        allowed[module.strip()] = set(targets.split())


def module_of(path):
    """The longest declared module that is a folder prefix of path."""
    best = None
    for name in allowed:
        if path.startswith(name + "/") and (best is None or len(name) > len(best)):
            best = name
    return best


bad = 0
for path in sorted(root.rglob("*")):
    if path.suffix not in (".h", ".cc"):
        continue
    relative = path.relative_to(root).as_posix()
    source = module_of(relative)
    if source is None:
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'#include "([^"]+)"', line)
        if not match:
            continue
        target = module_of(match.group(1))
        if target is None or target == source or "*" in allowed[source] or target in allowed[source]:
            continue
        print(f"{relative}:{number}: {source} may not include {target} ({match.group(1)})")
        bad += 1
sys.exit(1 if bad else 0)
