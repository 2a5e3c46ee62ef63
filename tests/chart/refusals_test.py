"""Values that cannot work are refused by helm, in words that say what to change."""
import pytest
import yaml

from chart import template, values_file

# what is wrong: (the set it is laid over, the wrong snippet, what must be said)
WRONG = {
    "misspelt value": ("trial", "replica: 2", "Additional property replica is not allowed"),
    "misspelt key of the configuration": (
        "trial", "config: {engine: {drain_timeot: 30s}}", "config.engine: Additional property drain_timeot is not allowed"),
    "price as a number": (
        "trial", "config: {channel: {quality: {price: 0.007}}}",
        "config.channel.quality.price: Invalid type. Expected: string, given: number"),
    "replicas as text": ("trial", "replicas: two", "replicas: Invalid type. Expected: integer, given: string"),
    "runbook that is no address": (
        "trial", "monitoring: {rules: {runbookBase: wiki/hongyan}}", "monitoring.rules.runbookBase: Does not match pattern"),
    "unknown identity": ("trial", "identity: zone", 'identity must be one of the following: "pod", "node"'),
    "channel without a sender": (
        "trial", "config: {channel: {other: {price: '1', sources: [first]}}}",
        "config.channel.other: envelope_sender is required"),
    "variable without its Secret": (
        "trial", "secretEnv: {TOKEN: {secret: '', key: token}}", "secretEnv.TOKEN.secret: String length must be greater"),
    "eviction for the bundled Redis": (
        "trial", "redis: {bundled: {maxmemoryPolicy: allkeys-lru}}", "Additional property maxmemoryPolicy is not allowed"),
    "bundled Redis without the file": (
        "trial", "redis: {bundled: {appendfsync: 'no'}}", 'appendfsync must be one of the following: "always", "everysec"'),
    "no Redis": (
        "trial", "redis: {bundled: {enabled: false}}",
        "no Redis is given: set redis.url to yours (rediss://HOST:6380), or for a trial redis.bundled.enabled=true"),
    "two Redis": ("trial", "redis: {url: 'redis://r:6379'}", "are both given: choose one of them"),
    "password in the URL": (
        "nodes", "redis: {url: 'rediss://engine:s3cret@r:6380'}",
        "which everybody may read there: set redis.user, and redis.password.secret to the name of a Secret"),
    "user without a password": (
        "nodes", "redis: {password: {secret: ''}}",
        "redis.user is engine, and no password is given: set redis.password.secret to the name of a Secret"),
    "CA without TLS": ("nodes", "redis: {url: 'redis://r:6379'}", "redis.url does not begin with rediss://"),
    "Redis in the configuration": (
        "trial", "config: {redis: {url: 'redis://r'}}", "config.redis is written by the chart: set redis.url"),
    "one id for all": ("trial", "config: {engine: {id: e1}}", "every engine needs its own: leave it out"),
    "own listener for metrics": (
        "trial", "config: {http: {listen: '0.0.0.0:9000'}}", "written by the chart: set http.port instead"),
    "source of a pod that will not exist": (
        "trial", "{replicas: 2, config: {source: {far: {ehlo: f.cn, pods: [3]}}}}",
        "config.source.far.pods has 3, a pod that will not exist (hongyan-0, hongyan-1 will): raise replicas to 4"),
    "source of a pod beyond what is scaled to": (
        "gateway", "config: {source: {far: {ehlo: f.cn, pods: [7]}}}", "raise keda.maxReplicas to 8"),
    "source of an engine that nobody is": (
        "trial", "config: {source: {far: {ehlo: f.cn, engines: [egress-1]}}}",
        "config.source.far.engines has egress-1, and no pod of this release is called that (hongyan-0 are)"),
    "pods and engines": (
        "trial", "config: {source: {far: {ehlo: f.cn, pods: [0], engines: [hongyan-0]}}}", "one of them says whose it is"),
    "pods where nodes are meant": (
        "nodes", "config: {source: {far: {ehlo: f.cn, pods: [0]}}}", "write engines: [NODE] instead"),
    "address that a pod has not": (
        "trial", "config: {source: {first: {address: 192.0.2.10}}}",
        "config.source.first.address is 192.0.2.10, which a pod of the cluster's network does not have"),
    "more nodes than engines": (
        "nodes", "replicas: 1",
        "replicas is 1, and the sources belong to 2 nodes (mail-1.example.cn, mail-2.example.cn): set replicas to 2"),
    "nodes not chosen": ("nodes", "nodeSelector: null", "nodeSelector does not say which nodes"),
    "scaled engines on nodes": (
        "nodes", "keda: {enabled: true, prometheus: 'http://p'}", "identity: node binds each to a node: use one of them"),
    "key file without its Secret": (
        "nodes", "config: {public: {listen: '0.0.0.0:8443', key_file: secrets/page/tls.key}}",
        "config names the file secrets/page/tls.key, and secretFiles has no page: set secretFiles.page to the name"),
    "variable nobody gives": (
        "nodes", "config: {source: {relay: {relay: {password: 'env:OTHER'}}}}",
        "config names the variable OTHER, and secretEnv has none of that name: set secretEnv.OTHER.secret and .key"),
    "cut off while draining": (
        "nodes", "terminationGracePeriodSeconds: 60",
        "engines may drain for 2m: what is on the wire would be cut off and be in doubt; set it to 140 or more"),
    "no length of time": (
        "trial", "config: {engine: {drain_timeout: soon}}", "drain_timeout is soon, which is no length of time: write 30s"),
    "pages nobody reaches": (
        "gateway", "config: {public: {listen: '127.0.0.1:8926'}}", "nobody outside of the pod reaches: write 0.0.0.0:8926"),
    "low port of a node": (
        "nodes", "config: {inbound: {listen: '0.0.0.0:25'}}", "on a node's own network only root may open"),
    "scaling without numbers": ("gateway", "keda: {prometheus: ''}", "keda.prometheus is empty: set it to the URL"),
    "fewest above most": ("gateway", "keda: {minReplicas: 4}", "keda.minReplicas is 4, more than keda.maxReplicas (3)"),
    "channel that may be without a source": (
        "gateway", "config: {channel: {quality: {sources: [bulk-b]}}}",
        "config.channel.quality has no source on the pods that always run (keda.minReplicas 1)"),
}


@pytest.mark.parametrize("what", WRONG)
def test_refused(what, tmp_path):
    base, snippet, said = WRONG[what]
    assert yaml.safe_load(snippet)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(snippet)
    done = template(values_file(base), wrong)
    assert done.returncode != 0, done.stdout[:500]
    assert said in done.stderr, done.stderr
    assert "s3cret" not in done.stderr


def test_release_with_a_name_too_long_for_pods():
    done = template(values_file("trial"), release="newsletters-of-the-northern-region")
    assert done.returncode != 0 and "choose one of up to 32 characters" in done.stderr, done.stderr


def test_all_faults_are_told_at_once(tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("{terminationGracePeriodSeconds: 1, replicas: 5, redis: {user: x, password: {secret: ''}},"
                     " config: {public: {key_file: secrets/page/tls.key}}}")
    said = template(values_file("nodes"), wrong).stderr
    for part in ("terminationGracePeriodSeconds is 1", "secretFiles has no page", "replicas is 5", "redis.user is x"):
        assert part in said, said
