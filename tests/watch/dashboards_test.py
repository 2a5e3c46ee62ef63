"""The dashboards in the tree are the generated ones, whole, and readable for who sees Hongyan for the first time."""
import json
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "helm/hongyan/dashboards").glob("*.json"))
METRICS = set(re.findall(r"^### `(\w+)", (ROOT / "docs/METRICS.md").read_text(), re.M))


def test_files_are_what_the_tool_writes():
    done = subprocess.run([sys.executable, ROOT / "tools/dashboards.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert len(FILES) == 5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dashboard_can_be_imported_and_explains_itself(path):
    board = json.loads(path.read_text())
    assert re.fullmatch(r"hongyan-[a-z]+", board["uid"]) and board["description"]
    assert board["templating"]["list"][0]["type"] == "datasource"
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    assert board["panels"][0]["type"] == "row" and len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert panels[0]["gridPos"]["y"] == 1 and panels[0]["type"] == "stat"
    covered = set()
    for panel in panels:
        assert panel["description"] and panel["datasource"]["uid"] == "${datasource}", panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not covered & cells, f"{panel['title']} lies over another"
        covered |= cells
        for target in panel["targets"]:
            names = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bhongyan_\w+", target["expr"])}
            assert {n for n in names if n not in METRICS and n.removeprefix("job:") not in METRICS} <= {"hongyan_late_attempts"}, names


def test_units_fit_what_is_asked():
    for path in FILES:
        for panel in json.loads(path.read_text())["panels"]:
            if panel["type"] == "row":
                continue
            asked, unit = " ".join(target["expr"] for target in panel["targets"]), panel["fieldConfig"]["defaults"]["unit"]
            if "_seconds{" in asked or "_seconds_bucket" in asked:
                assert unit == "s" or "start_time" in asked or "cpu_seconds" in asked, panel["title"]
            if "micro_yuan" in asked:
                assert unit in ("currencyCNY", "d") and "1e6" in asked, panel["title"]
            if "ratio" in asked:
                assert unit == "percentunit", panel["title"]
            if "_bytes" in asked:
                assert unit == "bytes", panel["title"]
