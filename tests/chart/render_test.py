"""The chart renders what is meant: compared with golden files, judged by lint, schemas and hongyan itself.

`./dev chart-test --update` writes the golden files anew.
"""
import os
import re
import shutil

import pytest
import yaml

import config_schema
from chart import CHART, HERE, HONGYAN, ROOT, TOOLS, VALUE_SETS, objects, render, run, values_file

DASHBOARD = '{"title": "t", "panels": [{"legendFormat": "{{channel}}"}]}\n'
RULES = """groups:
  - name: g
    rules:
      - alert: A
        expr: up == 0
        annotations: {summary: "{{ $labels.pod }}", runbook_url: docs/OPERATIONS.md#a}
"""


@pytest.fixture(scope="module", params=VALUE_SETS)
def rendered(request):
    return request.param, render(values_file(request.param))


@pytest.fixture
def bare_chart(tmp_path):
    """The chart without its dashboards and rules, which change for reasons of their own."""
    chart = tmp_path / "hongyan"
    shutil.copytree(CHART, chart, ignore=shutil.ignore_patterns("dashboards", "rules"))
    return chart


@pytest.mark.parametrize("name", VALUE_SETS)
def test_lint_finds_nothing(name):
    done = run(TOOLS / "helm", "lint", CHART, "--strict", "--kube-version", "1.31.0", "--values", values_file(name))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", VALUE_SETS)
def test_rendering_is_the_golden_one(name, bare_chart):
    text = render(values_file(name), chart=bare_chart)
    golden = HERE / f"golden/{name}.yaml"
    if os.environ.get("HONGYAN_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text(), "look at the difference, then ./dev chart-test --update"


def test_every_object_has_the_shape_that_kubernetes_knows(rendered, tmp_path):
    name, text = rendered
    file = tmp_path / f"{name}.yaml"
    file.write_text(text)
    done = run(TOOLS / "kubectl-validate", file, "--version", "1.30", "--local-crds", TOOLS / "crds")
    assert done.returncode == 0 and "OK" in done.stdout, done.stdout + done.stderr


def test_a_wrong_object_would_be_seen(tmp_path):
    broken = render(values_file("gateway")).replace("minReplicaCount:", "minReplicas:").replace("maxUnavailable:", "maxAvailable:")
    file = tmp_path / "broken.yaml"
    file.write_text(broken)
    done = run(TOOLS / "kubectl-validate", file, "--version", "1.30", "--local-crds", TOOLS / "crds")
    assert done.returncode != 0
    assert "minReplicas" in done.stdout + done.stderr and "maxAvailable" in done.stdout + done.stderr


def test_hongyan_accepts_the_configuration(rendered, tmp_path):
    name, text = rendered
    file = tmp_path / "hongyan.toml"
    file.write_text(objects(text)[("ConfigMap", "hongyan")]["data"]["hongyan.toml"])
    env = {**os.environ, "HONGYAN_ENGINE_ID": "hongyan-0", "HONGYAN_BILLING_TOKEN": "t", "RELAY_PASSWORD": "p",
           "HOOK_SECRET": "h"}
    done = run(HONGYAN, "config", "check", file, env=env)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_published_is_what_engines_have(rendered):
    made = objects(rendered[1])
    assert made[("ConfigMap", "hongyan")]["data"] == made[("ConfigMap", "hongyan-publish")]["data"]


def test_what_is_published_before_engines_and_what_beside_them():
    """`helm install --wait` waits for engines that wait for the publishing: it must not come after them."""
    def jobs(name, **options):
        made = objects(render(values_file(name), **options))
        return {job[len("hongyan-"):]: one["metadata"].get("annotations", {}).get("helm.sh/hook")
                for (kind, job), one in made.items() if kind == "Job"}
    assert jobs("nodes") == {"publish": "pre-install,pre-upgrade,pre-rollback"}
    assert jobs("trial") == {"check": "pre-install", "publish": "pre-upgrade,pre-rollback", "publish-first": None}
    assert "publish-first" not in jobs("trial", extra=["--is-upgrade"])


def test_engines_are_spread_by_labels_that_nodes_have():
    def keys(**options):
        made = objects(render(values_file("trial"), **options))[("StatefulSet", "hongyan")]
        return [one["topologyKey"] for one in made["spec"]["template"]["spec"]["topologySpreadConstraints"]]
    assert keys() == ["kubernetes.io/hostname"]  # a node without a zone would not count at all
    zones = "topologySpread.keys={topology.kubernetes.io/zone,kubernetes.io/hostname}"
    assert keys(sets=[zones]) == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]


def test_pods_roll_when_the_configuration_changes_and_only_then():
    def checksums(**options):
        made = objects(render(values_file("trial"), **options))
        return made[("StatefulSet", "hongyan")]["spec"]["template"]["metadata"]["annotations"]
    before = checksums()
    assert checksums(sets=["monitoring.podMonitor.enabled=true"]) == before
    assert checksums(sets=["config.engine.workers=3"])["checksum/config"] != before["checksum/config"]


def test_billing_is_scraped_of_one_pod_and_metrics_of_all(rendered):
    name, text = rendered
    monitors = [one for (kind, _), one in objects(text).items() if kind == "PodMonitor"]
    if name == "trial":
        assert not monitors
        return
    of = {one["spec"]["podMetricsEndpoints"][0]["path"]: one["spec"]["selector"]["matchLabels"] for one in monitors}
    pod = "statefulset.kubernetes.io/pod-name"
    assert sorted(of) == ["/metrics", "/metrics/billing"]
    assert pod not in of["/metrics"] and of["/metrics/billing"][pod] == "hongyan-0"


def test_queries_of_the_scaler_name_metrics_that_exist():
    scaler = objects(render(values_file("gateway")))[("ScaledObject", "hongyan")]
    queries = " ".join(one["metadata"]["query"] for one in scaler["spec"]["triggers"])
    names = set(re.findall(r"hongyan_\w+", queries))
    metrics = (ROOT / "docs/METRICS.md").read_text()
    assert names and all(f"`{one}{{" in metrics for one in names), names


def test_engines_are_not_stopped_before_they_have_drained():
    made = objects(render(values_file("nodes")))[("StatefulSet", "hongyan")]["spec"]["template"]["spec"]
    stop = made["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert made["terminationGracePeriodSeconds"] >= stop + 120 + 10


def test_dashboards_and_rules_travel_unchanged(bare_chart):
    flags = ["monitoring.dashboards.enabled=true", "monitoring.rules.enabled=true"]
    assert objects(render(values_file("trial"), sets=flags, chart=bare_chart)) == \
        objects(render(values_file("trial"), chart=bare_chart))
    for folder, name, text in (("dashboards", "fleet_view.json", DASHBOARD), ("rules", "alerts.yaml", RULES)):
        (bare_chart / folder).mkdir()
        (bare_chart / folder / name).write_text(text)
    made = objects(render(values_file("trial"), sets=flags, chart=bare_chart))
    board = made[("ConfigMap", "hongyan-dashboard-fleet-view")]
    assert board["data"] == {"fleet_view.json": DASHBOARD} and board["metadata"]["labels"]["grafana_dashboard"] == "1"
    rule = made[("PrometheusRule", "hongyan-alerts")]["spec"]["groups"][0]["rules"][0]
    assert rule["annotations"] == {"summary": "{{ $labels.pod }}", "runbook_url": "docs/OPERATIONS.md#a"}
    flags.append("monitoring.rules.runbookBase=https://wiki.acme.example/hongyan")
    rule = objects(render(values_file("trial"), sets=flags, chart=bare_chart))[("PrometheusRule", "hongyan-alerts")]
    assert rule["spec"]["groups"][0]["rules"][0]["annotations"]["runbook_url"] == "https://wiki.acme.example/hongyan#a"


@pytest.mark.parametrize("name, said, unsaid", [
    ("trial", ["1 engine(s), 1 source(s), 1 channel(s)", "FOR TRIALS ONLY", "nothing scrapes"], ["NOTHING CAN LEAVE"]),
    ("nodes", ["exec hongyan-0 -- hongyan status", "with hostNetwork no NetworkPolicy holds"], ["FOR TRIALS", "WARNING"]),
    ("gateway", ["1 to 3 engine(s)", "redis://10.0.0.6:6379 with the user `submitter`"], ["hostNetwork", "WARNING"]),
])
def test_notes_say_what_to_do_next(name, said, unsaid, bare_chart):
    # `helm template` renders no notes: here they are a template like others.
    notes = (bare_chart / "templates/NOTES.txt").read_text()
    (bare_chart / "templates/notes.yaml").write_text(
        '{{ define "notes" }}' + notes + '{{ end }}notes: {{ include "notes" . | toJson }}\n')
    text = render(values_file(name), chart=bare_chart, extra=["--show-only", "templates/notes.yaml"])
    told = yaml.safe_load(text)["notes"]
    assert all(one in told for one in said) and not any(one in told for one in unsaid), told


def test_schema_has_the_keys_of_the_configuration_page():
    assert config_schema.differences() == (set(), set()), "tests/chart/config_schema.py --write"


def test_versions_agree():
    chart = (CHART / "Chart.yaml").read_text()
    version = re.search(r"project\(hongyan VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert f'appVersion: "{version}"' in chart
