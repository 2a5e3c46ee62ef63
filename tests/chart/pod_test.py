"""Rendered pods run: with their user, files, environment and stop, on loopback (kubelet.py)."""
import json
import os
import re

import pytest

from chart import HONGYAN, ROOT, render, run, values_file
from kubelet import Node, wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces and mounts of pods need root")

REHEARSAL = """
config:
  smtp: {allow_networks: [127.0.0.0/8]}
  route: [{domain: "*", host: 127.0.0.1, port: 2525}]
"""
CAMPAIGN = """id = "first"
tenant = "acme"
channel = "quality"
subject = "Hello"
text = "Hello"
from = { address = "news@acme.example" }
"""


def opens(node, port):
    return node.run("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}").returncode == 0


def engines_of(container):
    """(id, whether it is ready), as `kubectl exec POD -- hongyan status` tells it."""
    done = container.exec("hongyan", "status", "--json")
    assert done.returncode == 0, done.stderr
    return [(one["id"], one["ready"]) for one in json.loads(done.stdout)["engines"]]


def toml(node):
    return node.objects[("ConfigMap", "hongyan")]["data"]["hongyan.toml"]


def test_trial_from_the_first_job_to_the_drain(tmp_path):
    rehearsal = tmp_path / "rehearsal.yaml"
    rehearsal.write_text(REHEARSAL)
    text = render(values_file("trial"), rehearsal)
    with Node(text, {}, tmp_path, names=["hongyan-redis"]) as node:
        code, log = node.run_job("hongyan-check")
        assert code == 0, log
        redis = node.start("StatefulSet", "hongyan-redis")
        wait_until(lambda: opens(node, 6379), 30, redis.log)
        engine = node.start("StatefulSet", "hongyan").wait_ready()
        assert engine.status()["Uid"].split() == ["65532"] * 4 and engine.status()["NoNewPrivs"] == "1"
        assert int(engine.status()["CapEff"], 16) == 0
        assert "warning" not in engine.probe("readinessProbe")[1]  # Redis is durable
        code, log = node.run_job("hongyan-publish-first")
        assert code == 0 and "published already" in log, log
        assert engines_of(engine) == [("hongyan-0", True)]

        sink = node.spawn(HONGYAN, "sink", "--listen", "127.0.0.1:2525")
        (tmp_path / "campaign.toml").write_text(CAMPAIGN)
        (tmp_path / "list.csv").write_text("to\nli@example.cn\nanna@example.org\n")
        done = node.run(HONGYAN, "submit", tmp_path / "campaign.toml", "--recipients", tmp_path / "list.csv", "--follow")
        assert done.returncode == 0, done.stdout + done.stderr + engine.log()[-2000:]
        assert "delivered" in engine.exec("hongyan", "show", "first").stdout
        assert engine.stop() == 0, engine.log()[-2000:]
        sink.kill()
        assert redis.stop() == 0, redis.log()


@pytest.fixture(scope="module")
def secrets(tmp_path_factory):
    """Secrets of the set `nodes`, and the certificate of its Redis."""
    at = tmp_path_factory.mktemp("secrets")
    for selector, kind in (("r2026", "rsa2048"), ("e2026", "ed25519")):
        run(HONGYAN, "dkim", "keygen", "--domain", "acme.example", "--selector", selector, "--type", kind,
            "--out", at / f"{selector}.pem")
    run(HONGYAN, "vault", "keygen", "--out", at / "vault.key")
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=redis.example.cn",
        "-addext", "subjectAltName=DNS:redis.example.cn", "-keyout", at / "redis.key", "-out", at / "redis.crt")
    read = lambda name: (at / name).read_text()
    return at, {
        "hongyan-dkim": {"acme-r2026.pem": read("r2026.pem"), "acme-e2026.pem": read("e2026.pem")},
        "hongyan-redis": {"password": "redis-password\n", "ca.crt": read("redis.crt")},
        "hongyan-relay": {"password": "p"}, "hongyan-hook": {"secret": "h"}, "hongyan-billing": {"token": "t0ken"},
        "hongyan-vault": {"vault.key": read("vault.key").strip()},
    }


def test_nodes_with_tls_acl_keys_and_vault(tmp_path, secrets):
    at, contents = secrets
    # The line of the page, as a file has it.
    acl = re.search(r"ACL SETUSER (engine) reset (.*)", (ROOT / "docs/queue.md").read_text())
    acl = f"{acl[1]} {acl[2]}"
    (tmp_path / "users.acl").write_text("user default off\nuser " + acl.replace(">engine-password", ">redis-password") + "\n")
    with Node(render(values_file("nodes")), contents, tmp_path, names=["redis.example.cn"]) as node:
        redis = node.spawn("redis-server", "--port", "0", "--tls-port", "6380", "--tls-cert-file", at / "redis.crt",
                           "--tls-key-file", at / "redis.key", "--tls-ca-cert-file", at / "redis.crt",
                           "--tls-auth-clients", "no", "--aclfile", tmp_path / "users.acl", "--appendonly", "yes",
                           "--dir", tmp_path, "--save", "")
        wait_until(lambda: opens(node, 6380), 30, lambda: redis.stdout.read())
        engine = node.start("StatefulSet", "hongyan").wait_ready()
        code, log = node.run_job("hongyan-publish")
        assert code == 0, log
        assert engines_of(engine) == [("mail-1.example.cn", True)]
        assert engine.exec("hongyan", "config", "check", "/etc/hongyan/hongyan.toml").stdout.startswith(
            "ok: 1 channels, 3 sources (1 here)")
        assert opens(node, engine.ports["inbound"])
        port = engine.ports["http"]
        assert node.get(port, "/metrics/billing")[0] == 401
        assert node.get(port, "/metrics/billing", [("Authorization", "Bearer t0ken")])[0] == 200
        key = engine.exec("hongyan", "vault", "public-key", "--config", "/etc/hongyan/hongyan.toml")
        assert key.returncode == 0, key.stderr
        assert engine.stop() == 0, engine.log()[-2000:]


@pytest.fixture
def gateway(tmp_path):
    """The set `gateway` beside its Redis; what is asked of Redis by the test goes by `redis`."""
    secrets = {"hongyan-redis": {"password": "secret"}}
    with Node(render(values_file("gateway")), secrets, tmp_path) as node:
        assert node.run("ip", "address", "add", "10.0.0.6/32", "dev", "lo").returncode == 0
        node.run("sysctl", "-q", "-w", "net.ipv4.ip_unprivileged_port_start=1024")
        node.spawn("redis-server", "--bind", "10.0.0.6", "--requirepass", "secret", "--appendonly", "yes",
                   "--dir", tmp_path, "--save", "")

        def redis(*words):
            return node.run("redis-cli", "-h", "10.0.0.6", "-a", "secret", "--no-auth-warning", *words).stdout.strip()
        wait_until(lambda: redis("PING") == "PONG", 30, lambda: "Redis")
        yield node, redis


def test_pages_on_a_low_port_without_a_capability(gateway):
    node, _ = gateway
    refused = node.start("StatefulSet", "hongyan", sysctls=False)
    assert refused.wait(60) == 78 and "public" in refused.log(), refused.log()
    engine = node.start("StatefulSet", "hongyan").wait_ready()
    assert node.get(80, "/nothing")[0] == 404
    assert engine.stop() == 0


def test_another_configuration_takes_nothing_until_it_is_published(gateway):
    node, _ = gateway
    old = node.start("StatefulSet", "hongyan").wait_ready()
    newer = toml(node).replace('price = "0.007"', 'price = "0.008"')
    code, log = node.run_job("hongyan-publish", newer)
    assert code == 0 and "channel.quality.price" in log, log
    wait_until(lambda: old.probe("readinessProbe")[0] == 503, 30, old.log)
    assert "channel.quality.price" in old.probe("readinessProbe")[1]
    assert old.probe("livenessProbe")[0] == 200
    assert old.stop() == 0
    new = node.start("StatefulSet", "hongyan", newer).wait_ready()
    assert new.stop() == 0


def test_a_faulty_configuration_ends_the_job_at_once_with_file_and_line(gateway):
    node, _ = gateway
    code, log = node.run_job("hongyan-publish", toml(node).replace('"0.007"', '"cheap"'))
    assert code == 78 and re.search(r"hongyan.toml:\d+: `channel.quality.price`", log), log


def test_redis_that_evicts_is_refused_and_one_without_its_file_is_told(gateway):
    node, redis = gateway
    redis("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    refused = node.start("StatefulSet", "hongyan")
    assert refused.wait(60) == 78
    assert "noeviction" in refused.log()[-1500:], refused.log()  # the end is what the pod's state shows
    redis("CONFIG", "SET", "maxmemory-policy", "noeviction")
    redis("CONFIG", "SET", "appendonly", "no")
    engine = node.start("StatefulSet", "hongyan").wait_ready()
    assert "appendonly" in engine.probe("readinessProbe")[1]
    assert engine.stop() == 0


def test_redis_away_is_try_later_and_never_not_alive(gateway):
    node, redis = gateway
    engine = node.start("StatefulSet", "hongyan").wait_ready()
    redis("SHUTDOWN", "NOSAVE")
    wait_until(lambda: engine.probe("readinessProbe")[0] == 503, 30, engine.log)
    assert engine.probe("livenessProbe")[0] == 200
    code, log = node.run_job("hongyan-publish")
    assert code == 75 and "10.0.0.6:6379" in log, log
