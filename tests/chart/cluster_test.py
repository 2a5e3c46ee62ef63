"""What helm can see only in a cluster: Secrets that are missing or have changed, and the volume that is there.

An API server of a few lines stands in for the cluster: Secrets, the ServiceAccount `default`, the bundled Redis.
"""
import base64
import contextlib
import http.server
import json
import threading

from chart import objects, template, values_file

SECRETS = {
    "hongyan-redis": {"password": "p", "ca.crt": "c"}, "hongyan-dkim": {"acme-r2026.pem": "k", "acme-e2026.pem": "k"},
    "hongyan-relay": {"password": "p"}, "hongyan-hook": {"secret": "h"}, "hongyan-vault": {"vault.key": "v"},
    "hongyan-billing": {"token": "t"}, "registry": {},
}
KINDS = {"groupVersion": "v1", "resources": [
    {"name": "secrets", "namespaced": True, "kind": "Secret", "verbs": ["get", "list"]},
    {"name": "serviceaccounts", "namespaced": True, "kind": "ServiceAccount", "verbs": ["get", "list"]}]}


SETS = {"resources": [{"name": "statefulsets", "namespaced": True, "kind": "StatefulSet", "verbs": ["get", "list"]}]}
REDIS = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "hongyan-redis"}, "spec": {
    "volumeClaimTemplates": [{"spec": {"resources": {"requests": {"storage": "10Gi"}}}}]}}


@contextlib.contextmanager
def cluster(secrets):
    class Api(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answer(self.path.partition("?")[0])
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    def answer(path):
        name = path.rpartition("/")[2]
        if path == "/version":
            return 200, {"major": "1", "minor": "31", "gitVersion": "v1.31.0"}
        if path == "/api":
            return 200, {"kind": "APIVersions", "versions": ["v1"]}
        if path == "/apis":
            return 200, {"kind": "APIGroupList", "groups": []}
        if path == "/api/v1":
            return 200, {"kind": "APIResourceList", **KINDS}
        if path == "/apis/apps/v1":
            return 200, {"kind": "APIResourceList", "groupVersion": "apps/v1", **SETS}
        if path == "/apis/apps/v1/namespaces/mail/statefulsets/hongyan-redis":
            return 200, REDIS
        if path == "/api/v1/namespaces/mail/serviceaccounts/default":
            return 200, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
        if path.startswith("/api/v1/namespaces/mail/secrets/") and name in secrets:
            data = {key: base64.b64encode(text.encode()).decode() for key, text in secrets[name].items()}
            return 200, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}
        return 404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield ["--dry-run=server", f"--kube-apiserver=http://127.0.0.1:{server.server_port}", "--kube-token=t",
               "--disable-openapi-validation"]
    finally:
        server.shutdown()
        server.server_close()


def rendered_in(secrets, sets=(), values="nodes", extra=()):
    with cluster(secrets) as flags:
        return template(values_file(values), sets=sets, extra=[*flags, *extra])


def checksum(secrets):
    done = rendered_in(secrets)
    assert done.returncode == 0, done.stderr
    annotations = objects(done.stdout)[("StatefulSet", "hongyan")]["spec"]["template"]["metadata"]["annotations"]
    return annotations["checksum/secrets"]


def test_missing_secrets_and_keys_are_named_with_the_command_that_makes_them():
    without = {name: data for name, data in SECRETS.items() if name not in ("hongyan-vault", "hongyan-dkim")}
    without["hongyan-relay"] = {"pass": "p"}
    done = rendered_in(without)
    assert done.returncode != 0
    assert "the Secret hongyan-dkim does not exist in the namespace mail" in done.stderr, done.stderr
    assert "kubectl -n mail create secret generic hongyan-vault --from-file=vault.key=FILE" in done.stderr
    assert "the Secret hongyan-relay has no key password (it has pass)" in done.stderr


def test_not_looked_at_when_that_is_switched_off():
    assert rendered_in({}, sets=["checkSecrets=false"]).returncode == 0


def test_pods_roll_when_a_secret_changes_and_only_then():
    before = checksum(SECRETS)
    assert checksum(dict(SECRETS)) == before
    assert checksum({**SECRETS, "hongyan-relay": {"password": "another"}}) != before


def test_another_volume_for_the_bundled_redis_is_refused_before_anything_is_published():
    def upgraded(*sets):
        return rendered_in({}, sets, "trial", ["--is-upgrade"])
    assert upgraded().returncode == 0
    assert upgraded("redis.bundled.storage.size=10240Mi").returncode == 0
    for wrong in ("size=20Gi", "className=fast"):
        done = upgraded(f"redis.bundled.storage.{wrong}")
        assert done.returncode != 0
        assert "the volume of hongyan-redis was made with 10Gi, which a StatefulSet cannot change" in done.stderr, done.stderr
