"""Rules, their runbook and the catalogue of metrics belong together; each alert fires when it should and only then."""
import collections
import pathlib
import re
import subprocess

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = sorted((ROOT / "helm/hongyan/rules").glob("*.yaml"))
RUNBOOK = (ROOT / "docs/OPERATIONS.md").read_text()
METRICS = (ROOT / "docs/METRICS.md").read_text()
# As text: to YAML 0x60 is 96, to promtool sixty zeros.
CASES = yaml.load((pathlib.Path(__file__).parent / "cases.yaml").read_text(), yaml.BaseLoader)


def all_rules():
    return [rule for path in RULES for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in all_rules() if "alert" in rule}
RECORDED = {rule["record"]: rule["expr"] for rule in all_rules() if "record" in rule}


def used_metrics(expr):
    """The metrics an expression comes from, through recording rules."""
    found = set()
    for name in re.findall(r"[a-z]+(?::\w+)+", expr):
        found |= used_metrics(RECORDED[name])
    for name in re.findall(r"(?<![:\w])hongyan_\w+", expr):
        found.add(re.sub(r"_(bucket|count|sum)$", "", name))
    return found


def told_metrics():
    """{metric: alerts} as docs/METRICS.md tells them."""
    told = {}
    for head, body in re.findall(r"^### `(\w+)[^\n]*\n(.*?)(?=^##|\Z)", METRICS, re.S | re.M):
        line = re.search(r"^Alert: (.*)$", body, re.M)
        told[head] = set(re.findall(r"Hongyan\w+", line[1])) if line else set()
    return told


def runbook_section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", RUNBOOK, re.S | re.M)[1]


def test_prometheus_reads_the_rules():
    subprocess.run(["promtool", "check", "rules", *RULES], check=True, capture_output=True)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_tells_how_urgent_it_is_what_is_wrong_and_where_to_read_on(name):
    rule = ALERTS[name]
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == f"docs/OPERATIONS.md#{name.lower()}"


def test_each_alert_has_a_runbook_entry_and_each_entry_an_alert():
    titles = re.findall(r"^### (Hongyan\w+)$", runbook_section("Alerts"), re.M)
    assert [title for title, n in collections.Counter(titles).items() if n > 1] == []
    assert set(titles) == set(ALERTS)


def test_links_within_the_runbook_lead_somewhere():
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", RUNBOOK, re.M)}
    assert set(re.findall(r"\]\(#([^)]+)\)", RUNBOOK)) <= anchors


def test_metrics_and_alerts_tell_the_same():
    told = told_metrics()
    assert used_metrics(" ".join(rule["expr"] for rule in all_rules())) <= set(told)
    for name, rule in ALERTS.items():
        says = {metric for metric, alerts in told.items() if name in alerts}
        uses = used_metrics(rule["expr"])
        assert says <= uses, f"{name} does not look at {says - uses}"
        assert says or "up{" in rule["expr"], f"no metric tells of {name}; it looks at {uses}"
    assert set().union(*told.values()) <= set(ALERTS)


def test_expressions_select_by_labels_that_metrics_have():
    labels = {name: set(listed.split(",")) for name, listed in re.findall(r"^### `(\w+)(?:\{([^}]*)\})?`", METRICS, re.M)}
    boards = [path.read_text().replace('\\"', '"') for path in (ROOT / "helm/hongyan/dashboards").glob("*.json")]
    for text in [rule["expr"] for rule in all_rules()] + boards:
        for name, selector in re.findall(r"(?<![:\w])(hongyan_\w+)\{([^}]*)\}", text):
            known = labels[re.sub("_(bucket|count|sum)$", "", name)] | {"job", "instance", "le"}
            assert set(re.findall(r"(\w+)\s*(?:=~|!=|=)", selector)) <= known, (name, selector)


def test_each_alert_is_tried_both_ways():
    assert sorted(case["alert"] for case in CASES) == sorted(ALERTS)
    for case in CASES:
        assert case["fires"] and case["silent"], case["alert"]


def promtool_test(alert, case, fires):
    """A test of promtool's that looks at the series ALERTS, so that texts need not be repeated."""
    def looks(name, expected):
        return {"expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) > bool 0 or vector(0)',
                "eval_time": case["at"], "exp_samples": [{"labels": "{}", "value": int(expected)}]}
    return {"interval": "1m",
            "input_series": [{"series": name if "job=" in name else name.replace("{", '{job="mail",', 1), "values": values}
                             for name, values in case["series"].items()],
            "promql_expr_test": [looks(alert, fires)] + ([looks(case["and_not"], False)] if "and_not" in case else [])}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["alert"])
def test_fires_when_it_should_and_only_then(case, tmp_path):
    # Its own file and the recorded series; the others would be evaluated for nothing.
    files = [path for path in RULES if f"alert: {case['alert']}\n" in path.read_text() or path.stem == "recording"]
    tests = [promtool_test(case["alert"], one, kind == "fires") for kind in ("fires", "silent") for one in case[kind]]
    path = tmp_path / "test.yaml"
    path.write_text(yaml.safe_dump({"rule_files": [str(path) for path in files], "evaluation_interval": "1m",
                                    "tests": tests}))
    done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True)
    assert done.returncode == 0, f"{path.read_text()}\n{done.stdout}{done.stderr}"
