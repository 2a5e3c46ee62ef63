"""A real Prometheus scrapes a real engine at work: every query of every dashboard and every rule gives what it should."""
import json
import re
import signal
import subprocess
import time
import urllib.parse
import urllib.request

import pytest
import yaml
from free_ports import free_port
from harness import HONGYAN, ROOT, Process, World, addresses, wait_until
from patient import PATIENT

RULES = sorted((ROOT / "helm/hongyan/rules").glob("*.yaml"))
DASHBOARDS = sorted((ROOT / "helm/hongyan/dashboards").glob("*.json"))
CATALOGUE = set(re.findall(r"^### `(\w+)", (ROOT / "docs/METRICS.md").read_text(), re.M))
# What this engine has nothing of: a listener for mail, bound mailboxes, TLS with receivers.
NOTHING_OF = {"Mail that came back", "Codes of bound mailboxes", "TLS"}
NEVER_SEEN = {"hongyan_inbound_mails_total", "hongyan_late_reports_total", "hongyan_mailbox_code_expires_seconds",
              "hongyan_tls_sessions_total"}


class Prometheus(Process):
    def __init__(self, world, engine):
        self.port = free_port()
        target = {"static_configs": [{"targets": [f"127.0.0.1:{engine.port}"]}]}
        config = world.folder / "prometheus.yml"
        config.write_text(yaml.safe_dump({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(path) for path in RULES],
            "scrape_configs": [
                {"job_name": "mail/hongyan", **target},
                # As the chart's PodMonitors name them.
                {"job_name": "mail/hongyan-billing", "metrics_path": "/metrics/billing", **target}]}))
        super().__init__(world, "prometheus", [
            "prometheus", f"--config.file={config}", f"--storage.tsdb.path={world.folder / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"])
        self.begun = time.time()
        self.spawn()
        wait_until(lambda: self.value('count(up == 1)') == 2, 60, lambda: f"both pages are scraped: {self.log()[-2000:]}")

    def ask(self, path, **fields):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(fields)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refused:
            if refused.code == 503:  # it is still starting
                raise
            raise AssertionError(f"{fields}: {refused.read().decode()}") from refused

    def value(self, expr):
        """The one number of an expression; None when it gives nothing."""
        found = self.ask("query", query=expr)["result"]
        return float(found[0]["value"][1]) if found else None

    def numbers(self, expr):
        """Every number that the expression gave since the beginning."""
        series = self.ask("query_range", query=expr, start=self.begun, end=time.time(), step=1)["result"]
        return [value for one in series for _, value in one["values"] if value != "NaN"]

    def alerts(self):
        """{name: states}, pending ones included; texts must have been written without a fault."""
        found = {}
        for alert in self.ask("alerts")["alerts"]:
            found.setdefault(alert["labels"]["alertname"], set()).add(alert["state"])
            assert "<error" not in json.dumps(alert["annotations"]), alert
        return found


def filled(expr):
    """A panel's query with its variables as a reader would choose them."""
    for name, value in (("$__rate_interval", "10s"), ("$__range", "10m"), ("$job", ".*"), ("$provider", "other"),
                        ("$channel", "quality")):
        expr = expr.replace(name, value)
    assert "$" not in expr, expr
    return expr


def panel_queries():
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", []):
                yield path.stem, panel["title"], filled(target["expr"])


def start(w):
    w.start_redis("everysec", "--maxmemory", "512mb")
    sink = w.start_sink(profile='latency = "5ms"')
    subprocess.run([HONGYAN, "dkim", "keygen", "--domain", "acme.example", "--selector", "e2026", "--type", "ed25519",
                    "--out", w.folder / "e2026.pem"], check=True, capture_output=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "90", "-subj", "/CN=u.example",
                    "-keyout", w.folder / "u.key", "-out", w.folder / "u.pem"], check=True, capture_output=True)
    # e2, which owns the second source, is never started.
    engine = w.start_engine(
        **PATIENT, routes=[("*", sink)], prepaid=True, other='connections = 5\nmessages_per_connection = 0\nrates = ["40/s burst 5"]',
        channel='[[channel.quality.dkim]]\ndomain = "acme.example"\nselector = "e2026"\nkey = "e2026.pem"\n',
        extra=f'[public]\nlisten = "127.0.0.1:0"\ncertificate_file = "{w.folder}/u.pem"\nkey_file = "{w.folder}/u.key"\n')
    subprocess.run([HONGYAN, "balance", "top-up", "acme", "100", "--ref", "r1", "--redis", f"unix:{w.socket}"], check=True,
                   capture_output=True)
    return engine


def test_every_query_gives_what_it_should_of_an_engine_at_work():
    with World() as w:
        engine = start(w)
        prometheus = Prometheus(w, engine)
        good = addresses(600) + [f"bounce-550-5.1.1+{n}@x.example" for n in range(3)]
        good += [f"defer-451-4.7.1-1+{n}@x.example" for n in range(20)] + [f"lost-content-1+{n}@x.example" for n in range(2)]
        w.submit("good", good)
        # Bad enough for the campaign, not for the lane that both share.
        w.submit("bad", [f"bounce-550-5.1.1+{n}@y.example" if n % 8 == 0 else f"user{n}@y.example" for n in range(400)])
        w.wait_state("bad", "tripped", 120)
        w.wait_ended("good", 180)

        def without_data():
            return [f"{board}: {title}: {expr}" for board, title, expr in panel_queries()
                    if title not in NOTHING_OF and not prometheus.numbers(expr)]
        wait_until(lambda: not without_data(), 60, without_data)
        for _, title, expr in panel_queries():
            if title in NOTHING_OF:
                prometheus.numbers(expr)  # no data, but no error either
        for title in ("Does mail flow?", "Delivered", "Outcomes"):
            assert any(float(n) > 0 for _, name, expr in panel_queries() if name == title for n in prometheus.numbers(expr))

        used = set(re.findall(r"(?<![:\w])hongyan_\w+", " ".join(
            [expr for _, _, expr in panel_queries()] + [path.read_text() for path in RULES])))
        seen = set(prometheus.ask("label/__name__/values"))
        assert {name for name in used if re.sub("_(bucket|count|sum)$", "", name) not in CATALOGUE} == set()
        assert used - seen <= NEVER_SEEN

        rules = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]
        assert len(rules) == sum(len(group["rules"]) for path in RULES for group in yaml.safe_load(path.read_text())["groups"])
        for rule in rules:
            assert rule["health"] == "ok", rule
            prometheus.numbers(rule["query"])
        for rule in rules:
            if rule["type"] == "recording":
                wait_until(lambda: prometheus.numbers(rule["name"]), 30, rule["name"])

        # Besides what is wrong here nothing is even pending: no false alarm of a healthy engine.
        # (For a moment there may be: a machine that is busy lets a scrape be late.)
        def only_what_is_wrong():
            alerts = prometheus.alerts()
            return (alerts.pop("HongyanBreakerTripped", None) == {"firing"} and alerts.pop("HongyanSourceUnowned", None) == {"pending"}
                    and set(alerts) <= {"HongyanInvalidAddressesHigh"})
        wait_until(only_what_is_wrong, 60, prometheus.alerts)
        wait_until(lambda: prometheus.value('hongyan_source_owned{source="s-e1"}') == 1, 30, "s-e1 is owned")
        delivered = w.job("good")["delivered"] + w.job("bad")["delivered"]
        wait_until(lambda: prometheus.value('sum(hongyan_billing_messages_total)') == delivered, 30, f"{delivered} are billed")


def test_redis_that_is_made_weaker_while_engines_run_is_told():
    with World() as w:
        engine = start(w)
        wait_until(lambda: engine.metric("hongyan_redis_durable") == 1, 30, "the engine sees that it is durable")
        w.redis.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        wait_until(lambda: engine.metric("hongyan_redis_durable") == 0, 40, "the engine sees it")
        status, text = engine.get("/readyz")
        assert status == 200 and "set it to noeviction" in text
        w.redis.call("CONFIG", "SET", "maxmemory-policy", "noeviction")
        wait_until(lambda: engine.metric("hongyan_redis_durable") == 1, 40, "the engine sees that it is repaired")


def test_a_dead_redis_makes_the_engine_not_ready_in_metrics_too():
    with World() as w:
        engine = start(w)
        wait_until(lambda: engine.metric("hongyan_ready") == 1, 30, "ready")
        w.kill_redis()
        wait_until(lambda: engine.metric("hongyan_ready") == 0 and engine.metric("hongyan_redis_up") == 0, 30, "not ready")


def test_a_trip_is_counted_once_and_not_by_an_engine_that_starts_later():
    with World() as w:
        engine = start(w)
        assert "hongyan_breaker_trips_total{channel=\"quality\"} 0\n" in engine.get("/metrics")[1]  # so that the first one is an increase
        w.submit("bad", [f"bounce-550-5.1.1+{n}@y.example" if n % 8 == 0 else f"user{n}@y.example" for n in range(400)])
        w.wait_state("bad", "tripped", 120)
        wait_until(lambda: engine.metric("hongyan_breaker_trips_total") == 1, 30, "it counts")
        engine.send(signal.SIGTERM)
        engine.wait(60)
        engine.start()
        wait_until(lambda: engine.metric("hongyan_jobs", state="tripped") == 1, 30, "it knows the job")
        time.sleep(1)  # several rounds
        assert engine.metric("hongyan_breaker_trips_total") == 0


def test_a_hold_names_who_set_it_and_leaves_no_work_due():
    with World() as w:
        engine = start(w)
        w.redis.call("SET", "hongyan:hold", json.dumps({"at": 1, "actor": "engine e9", "reason": "went back"}))
        wait_until(lambda: engine.metric("hongyan_held", by="engine") == 1, 30, "the engine sees the hold")
        assert engine.metric("hongyan_held", by="operator") == 0
        w.submit("later", addresses(300))
        w.wait_job("later", lambda j: j.get("queued") == 300 and j["state"] == "running")
        wait_until(lambda: engine.metric("hongyan_recipients", state="queued") == 300, 30, "the engine sees the job")
        assert engine.metric("hongyan_due_chunks") == 0
        w.redis.call("SET", "hongyan:hold", json.dumps({"at": 1, "actor": "ann@ops", "reason": "wrong price"}))
        wait_until(lambda: engine.metric("hongyan_held", by="operator") == 1, 30, "the engine sees who")
        assert engine.metric("hongyan_held", by="engine") == 0
        w.redis.call("DEL", "hongyan:hold")
        wait_until(lambda: engine.metric("hongyan_held") == 0, 30, "the engine sees that it is over")
        w.wait_ended("later")


RUNBOOK = re.search(r"^## Alerts\n(.*?)^## ", (ROOT / "docs/OPERATIONS.md").read_text(), re.S | re.M)[1]
COMMANDS = sorted(set(re.findall(r"`(hongyan [^`]+)`", RUNBOOK) + re.findall(r"^    (hongyan \S.*?)(?:  .*)?$", RUNBOOK, re.M)))


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_of_the_runbook_exists(command):
    """Its subcommand, its flags and the number of its arguments, by its own --help."""
    words = command.split()[1:]
    path = words[:2] if words[0] in ("balance", "config", "dead", "mailbox") else words[:1]
    told = subprocess.run([HONGYAN, *path, "--help"], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    usage = re.search(r"Usage: (.*)", told.stdout)[1]
    assert usage.startswith(f"hongyan {' '.join(path)} "), usage
    for flag in re.findall(r"(?<=\s)--?[a-z-]+", command):
        assert re.search(rf"(^|[\s,]){flag}\b", told.stdout, re.M), f"{flag} is unknown to {path}"
