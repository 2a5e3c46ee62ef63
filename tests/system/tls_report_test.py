"""TLS reporting (RFC 8460): what receivers' TLS was like is counted by domain and reported as the RFC has it."""
import gzip
import json
import re
import subprocess
import time

import pytest

from harness import HONGYAN, World, wait_until
from patient import PATIENT
from tls_receiver import Certificates, Receiver
from web_hosts import PolicyHost, policy
from validating import start_validating, tlsa

OTHER = "connections = 3\nmessages_per_connection = 0\nrates = []"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


def today():
    return time.strftime("%Y-%m-%d", time.gmtime())


def tls_report(w, *words, code=0):
    done = subprocess.run([HONGYAN, "tls-report", "--redis", f"unix:{w.socket}", "--day", today(), *words],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout


def reports(w, server):
    lines = tls_report(w, "--json", "--dns", server, "--organization", "Acme", "--contact", "tls@acme.example").splitlines()
    return {line["domain"]: line for line in map(json.loads, lines)}


def policies(report):
    """{policy type: (successes, failures, {result type: count})}"""
    found = {}
    for entry in report["report"]["policies"]:
        summary, kinds = entry["summary"], {}
        for detail in entry.get("failure-details", []):
            kinds[detail["result-type"]] = kinds.get(detail["result-type"], 0) + detail["failed-session-count"]
        assert sum(kinds.values()) == summary["total-failure-session-count"]
        found[entry["policy"]["policy-type"]] = (summary["total-successful-session-count"], sum(kinds.values()), kinds)
    return found


def test_policies_of_receivers_are_reported(certificates):
    right = certificates.leaf("right", "DNS:mx.right.test,DNS:mx.testing-right.test,DNS:mx.testing-else.test")
    wrong = certificates.leaf("wrong", "DNS:elsewhere.test")
    old = certificates.leaf("old", "DNS:mx.expired.test", end="20210101000000Z")
    unsigned = certificates.leaf("unsigned", "DNS:mx.self.test", signed=False)
    at = {"right": "127.0.8.1", "wrong": "127.0.8.2", "expired": "127.0.8.3", "self": "127.0.8.4", "clear": "127.0.8.5",
          "testing": "127.0.8.2", "testing-right": "127.0.8.1", "testing-else": "127.0.8.1", "broken": "127.0.8.1", "liar": "127.0.8.1",
          "notlisted": "127.0.8.1", "open": "127.0.8.2", "open-clear": "127.0.8.5"}
    with_policy = [name for name in at if not name.startswith("open")]
    texts = {f"mta-sts.{name}.test": policy("testing" if name.startswith("testing") else "enforce", f"mx.{name}.test")
             for name in with_policy}
    texts["mta-sts.testing-else.test"] = policy("testing", "*.else.test")
    texts["mta-sts.notlisted.test"] = policy("enforce", "*.else.test")
    texts["mta-sts.broken.test"] = (200, "text/plain", "version: STSv1\nmode: enforce\n")
    web = certificates.leaf("web", ",".join(f"DNS:{host}" for host in texts if "liar" not in host))
    with World() as w, PolicyHost(web, texts, host="127.0.8.9") as web_host, Receiver(right, host="127.0.8.1") as first:
        port = first.port
        with Receiver(wrong, host="127.0.8.2", port=port), Receiver(old, host="127.0.8.3", port=port), \
                Receiver(unsigned, host="127.0.8.4", port=port), Receiver(None, host="127.0.8.5", port=port):
            zones = {}
            for name, address in at.items():
                zones[f"{name}.test"] = f"@ MX 10 mx\nmx A {address}\nmta-sts A 127.0.8.9\n"
                if name in with_policy:
                    zones[f"{name}.test"] += '_mta-sts TXT "v=STSv1; id=1;"\n'
            zones["wrong.test"] += '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@wrong.test,https://wrong.test/tls"\n'
            server = w.start_dns(zones)
            w.start_redis()
            engine = w.start_engine(**PATIENT, engines=("e1",), retry=("1s",), tls="opportunistic",
                                    dns=f'servers = ["{server}"]', other=OTHER,
                                    smtp=f'port = {port}\nca_file = "{certificates.root}"\n[sts]\nport = {web_host.port}')
            w.submit("first", [f"first@{name}.test" for name in at])
            w.wait_ended("first", 60)
            learned = len(with_policy) - 2
            wait_until(lambda: len(engine.events("mta-sts-policy")) == learned and len(engine.events("mta-sts-failed")) == 2, 30,
                       engine.log)
            for name in at:
                w.submit(name, [f"second@{name}.test"], expires_after="15s")
            for name in at:
                w.wait_ended(name, 60)
            # Stopping writes what the last seconds brought.
            wait_until(lambda: engine.metric("hongyan_tls_sessions_total", result="certificate-expired") > 0, 30, "it is counted")
            engine.send(15)
            assert engine.wait(60) == 0
            found = reports(w, server)
            assert set(found) == {f"{name}.test" for name in at}

            # The first message of each waited for no policy: no certificate was asked for.
            enforced = {"right": None, "wrong": "certificate-host-mismatch", "expired": "certificate-expired",
                        "self": "certificate-not-trusted", "clear": "starttls-not-supported", "notlisted": "validation-failure"}
            for name, result in enforced.items():
                seen = policies(found[f"{name}.test"])
                first_ok = (0, 1) if name == "clear" else (1, 0)
                assert seen["no-policy-found"][:2] == first_ok, (name, seen)
                ok, failed, kinds = seen["sts"]
                assert (ok > 0, failed > 0, set(kinds)) == ((True, False, set()) if result is None else (False, True, {result})), \
                    (name, seen)
            assert policies(found["testing.test"])["sts"] == (0, 1, {"certificate-host-mismatch": 1})
            assert policies(found["testing-right.test"])["sts"] == (1, 0, {})
            assert policies(found["testing-else.test"])["sts"] == (0, 1, {"validation-failure": 1})
            # A connection that is still open when the second message comes serves it too.
            for name, result in (("broken", "sts-policy-invalid"), ("liar", "sts-webpki-invalid"), ("open", None)):
                seen = policies(found[f"{name}.test"])
                ok, failed, _ = seen.pop("no-policy-found")
                assert (ok in (1, 2), failed) == (True, 0), (name, ok, failed)
                assert seen == ({"sts": (0, 1, {result: 1})} if result else {}), (name, seen)
            (ok, _, kinds), = policies(found["open-clear.test"]).values()
            assert (ok, set(kinds)) == (0, {"starttls-not-supported"}), (ok, kinds)
            for name in ("testing", "testing-right", "testing-else", "right"):
                assert w.job(name)["delivered"] == 1, (name, w.job(name))

            # The whole of one report.
            report = found["wrong.test"]["report"]
            assert found["wrong.test"]["rua"] == ["mailto:tls@wrong.test", "https://wrong.test/tls"]
            assert found["right.test"]["rua"] == []
            failed = [entry for entry in report["policies"] if entry["policy"]["policy-type"] == "sts"][0]
            assert failed["policy"] == {"policy-type": "sts", "policy-domain": "wrong.test", "mx-host": ["mx.wrong.test"], "policy-string": [
                "version: STSv1", "mode: enforce", "mx: mx.wrong.test", "max_age: 86400"]}
            detail = failed["failure-details"][0]
            assert (detail["sending-mta-ip"], detail["receiving-mx-hostname"], detail["receiving-ip"]) == \
                ("127.0.0.2", "mx.wrong.test", "127.0.8.2"), detail
            assert (report["organization-name"], report["contact-info"]) == ("Acme", "tls@acme.example")
            assert report["date-range"] == {"start-datetime": today() + "T00:00:00Z", "end-datetime": today() + "T23:59:59Z"}

            # The same as files, and for people.
            folder = w.folder / "reports"
            tls_report(w, "--out", str(folder), "--dns", server, "--organization", "Acme", "--contact", "tls@acme.example")
            names = sorted(path.name for path in folder.iterdir())
            assert len(names) == len(at)
            name = [one for one in names if "!wrong.test!" in one][0]
            begin, end = re.fullmatch(r"acme\.example!wrong\.test!(\d+)!(\d+)\.json\.gz", name).groups()
            assert int(end) - int(begin) == 86399 and time.strftime("%Y-%m-%d", time.gmtime(int(begin))) == today()
            assert json.loads(gzip.decompress((folder / name).read_bytes())) == report
            table = tls_report(w, "--domain", "wrong.test", "--dns", server)
            assert "certificate-host-mismatch" in table and "mailto:tls@wrong.test" in table and "right.test" not in table
            assert 0 < w.redis.call("TTL", "hongyan:tlsrpt:" + today()) <= 14 * 86400
            tls_report(w, "--json", code=64)


def test_tlsa_records_are_reported_and_static_routes_are_not(certificates):
    own = certificates.leaf("own", "DNS:elsewhere.example", signed=False)
    other = certificates.leaf("other", "DNS:elsewhere.example", signed=False)
    with World() as w, Receiver(own, host="127.0.8.11") as receiver, Receiver(own) as static:
        lines = ""
        for name, record in (("good", tlsa(own[0])), ("bad", tlsa(other[0]))):
            lines += (f"{name} MX 10 mx.{name}\nmx.{name} A 127.0.8.11\n_{receiver.port}._tcp.mx.{name} TLSA {record}\n")
        server = start_validating(w, {"signed": lines})
        w.start_redis()
        engine = w.start_engine(**PATIENT, engines=("e1",), retry=("1s",), tls="opportunistic", smtp=f"port = {receiver.port}",
                                dns=f'servers = ["{server}"]\ntrust_ad = true', other=OTHER, routes=[("static.example", static)])
        w.submit("all", ["a@good.signed", "a@bad.signed", "a@static.example"], expires_after="15s")
        w.wait_ended("all", 60)
        # Nobody waits for the end of an engine.
        wait_until(lambda: w.redis.call("HLEN", "hongyan:tlsrpt:" + today()), 30, engine.log)
        engine.send(15)
        assert engine.wait(60) == 0
        found = reports(w, server)
        assert set(found) == {"good.signed", "bad.signed"}, found
        assert policies(found["good.signed"]) == {"tlsa": (1, 0, {})}
        ok, failed, kinds = policies(found["bad.signed"])["tlsa"]
        assert (ok, set(kinds)) == (0, {"tlsa-invalid"}) and failed > 0, kinds
        texts = found["good.signed"]["report"]["policies"][0]["policy"]["policy-string"]
        assert texts == [f"_{receiver.port}._tcp.mx.good.signed. IN TLSA " + tlsa(own[0])]
