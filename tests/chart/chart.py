"""Helm on helm/hongyan: what it renders, and what it says when it refuses."""
import os
import pathlib
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/chart"
CHART = ROOT / "helm/hongyan"
TOOLS = ROOT / "build/tools"
HONGYAN = os.environ.get("HONGYAN_BIN", str(ROOT / "build/dev/bin/hongyan"))
VALUE_SETS = sorted(path.stem for path in (HERE / "values").glob("*.yaml"))


def values_file(name):
    return HERE / f"values/{name}.yaml"


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120, **options)


def template(*files, sets=(), extra=(), chart=CHART, release="hongyan"):
    """`helm template` in the namespace mail: a CompletedProcess."""
    words = [TOOLS / "helm", "template", release, chart, "--namespace", "mail", "--kube-version", "1.31.0"]
    for file in files:
        words += ["--values", file]
    for one in sets:
        words += ["--set", one]
    return run(*words, *extra)


def render(*files, **options):
    done = template(*files, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def objects(text):
    """{("StatefulSet", "hongyan"): the object, ...}"""
    return {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(text) if one}
