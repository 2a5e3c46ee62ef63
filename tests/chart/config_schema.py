#!/usr/bin/env python3
"""Keeps `config` of helm/hongyan/values.schema.json at the keys of docs/CONFIG.md.

    tests/chart/config_schema.py            says which keys differ (1)
    tests/chart/config_schema.py --write    adds those that are missing, takes out those that are gone

What a value must look like is written by hand in the schema and stays; `config check` has the rest.
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "helm/hongyan/values.schema.json"
BY_HAND = ("redis.", "other_providers.", "[[")  # refused by the chart, or told in the page's text
CHART_ONLY = {"source.NAME.pods"}


def documented():
    """{"channel.NAME.price", ...}: the first column of every table of the page."""
    keys = set()
    for line in (ROOT / "docs/CONFIG.md").read_text().splitlines():
        if not line.startswith("| `"):
            continue
        table = None
        for name in re.findall(r"`([^`]+)`", line.split("|")[1]):
            if name.endswith("*"):  # its keys are told in the text
                continue
            if "." in name:
                table = name.rpartition(".")[0]
            keys.add(name if "." in name else f"{table}.{name}" if table else name)
    return {key for key in keys if not key.startswith(BY_HAND)} | CHART_ONLY


def leaves(node, path=""):
    """The schema's keys in the same form; an object that the page does not open is one key."""
    for name, child in node.get("properties", {}).items():
        yield from below(child, f"{path}{name}")
    if isinstance(node.get("additionalProperties"), dict):
        yield from below(node["additionalProperties"], f"{path}NAME")


def below(child, path):
    closed = {f"{path}."} & {key[: len(path) + 1] for key in documented()}
    if closed:
        yield from leaves(child, f"{path}.")
    if path in documented() or not closed:
        yield path


def write(schema, missing, gone):
    for key in sorted(missing):
        node = schema
        *tables, last = key.split(".")
        for table in tables:
            if table == "NAME":
                if not isinstance(node.get("additionalProperties"), dict):
                    node["additionalProperties"] = {"type": "object", "additionalProperties": False}
                node = node["additionalProperties"]
            else:
                node = node.setdefault("properties", {}).setdefault(
                    table, {"type": "object", "additionalProperties": False})
        node.setdefault("properties", {})[last] = {}
    for key in gone:
        node = schema
        *tables, last = key.split(".")
        for table in tables:
            node = node["additionalProperties"] if table == "NAME" else node["properties"][table]
        del node["properties"][last]


def differences():
    known = set(leaves(json.loads(SCHEMA.read_text())["properties"]["config"]))
    known = {key for key in known if "." in key and not key.startswith(BY_HAND)}
    return documented() - known, known - documented()


def main():
    missing, gone = differences()
    if "--write" in sys.argv:
        whole = json.loads(SCHEMA.read_text())
        write(whole["properties"]["config"], missing, gone)
        SCHEMA.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")
        missing, gone = differences()
    for key in sorted(missing):
        print(f"docs/CONFIG.md has {key}, values.schema.json does not: tests/chart/config_schema.py --write")
    for key in sorted(gone):
        print(f"values.schema.json has {key}, docs/CONFIG.md does not")
    return 1 if missing or gone else 0


if __name__ == "__main__":
    sys.exit(main())
