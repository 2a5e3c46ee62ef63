"""MTA-STS (RFC 8461): a policy is fetched over verified HTTPS, obeyed when it says enforce, and never waited for."""
import pytest

from harness import World, wait_until
from patient import PATIENT
from tls_receiver import Certificates, Receiver
from web_hosts import PolicyHost, policy


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


def test_policies_are_fetched_and_enforced(certificates):
    good = certificates.leaf("good", "DNS:mx.enforce.test,DNS:mx.next.test")
    wrong = certificates.leaf("wrong", "DNS:elsewhere.test")
    names = ("enforce", "badcert", "notlisted", "testing", "next", "moved", "html", "broken")
    web = certificates.leaf("web", ",".join(f"DNS:mta-sts.{name}.test" for name in names))
    policies = {f"mta-sts.{name}.test": policy("enforce", f"mx.{name}.test") for name in names}
    policies["mta-sts.notlisted.test"] = policy("enforce", "*.else.test")
    policies["mta-sts.testing.test"] = policy("testing", "*.else.test")
    policies["mta-sts.moved.test"] = (302, "text/plain", "")
    policies["mta-sts.html.test"] = (200, "text/html", "<html>")
    policies["mta-sts.broken.test"] = (200, "text/plain", "version: STSv1\nmode: enforce\n")
    names += ("liar",)  # its policy host shows a certificate of others
    with World() as w, PolicyHost(web, policies) as web_host, Receiver(good, host="127.0.7.1") as right, \
            Receiver(wrong, host="127.0.7.2", port=right.port) as other:
        zones = {}
        for name in names:
            address = "127.0.7.1" if name in ("enforce", "notlisted") else "127.0.7.2"
            zones[f"{name}.test"] = (f"@ MX 10 mx\nmx A {address}\nmta-sts A 127.0.7.9\n"
                                     '_mta-sts TXT "v=STSv1; id=20261121;"\n')
        zones["next.test"] = zones["next.test"].replace("@ MX 10 mx\n", "@ MX 10 mx.badcert.test.\n@ MX 20 mx\n")
        zones["next.test"] = zones["next.test"].replace("mx A 127.0.7.2", "mx A 127.0.7.1")
        server = w.start_dns(zones)
        w.start_redis()
        engine = w.start_engine(**PATIENT, engines=("e1",), retry=("1s",), tls="off", dns=f'servers = ["{server}"]',
                                smtp=f'port = {right.port}\nca_file = "{certificates.root}"\n[sts]\nport = {web_host.port}',
                                other="connections = 3\nmessages_per_connection = 0\nrates = []")
        # The first message waits for no web server: it goes as the channel says.
        w.submit("first", [f"first@{name}.test" for name in names])
        w.wait_ended("first", 60)
        assert w.job("first")["delivered"] == len(names), (w.job("first"), w.replies("first"))
        failed = [f"{name}.test" for name in ("moved", "html", "broken", "liar")]
        wait_until(lambda: len({host for host, _ in web_host.asked}) == len(names) - 1, 60, lambda: web_host.asked)
        wait_until(lambda: all(any(domain in line for line in engine.events("mta-sts-failed")) for domain in failed), 30,
                   engine.log)
        assert len(engine.events("mta-sts-failed")) == len(failed), engine.log()
        wait_until(lambda: len(engine.events("mta-sts-policy")) == len(names) - len(failed), 30, engine.log)
        assert {path for _, path in web_host.asked} == {"/.well-known/mta-sts.txt"}

        secure = ("enforce", "next")
        clear = ("testing", "moved", "html", "broken", "liar")
        refused = {"badcert": "tls-unverified", "notlisted": "sts-no-host"}
        w.submit("second", [f"second@{name}.test" for name in secure + clear])
        for name in refused:
            w.submit(name, [f"second@{name}.test"], expires_after="20s")
        w.wait_ended("second", 60)
        assert w.job("second")["delivered"] == len(secure + clear), (w.job("second"), w.replies("second"))
        arrived = {to: tls for host in (right, other) for to, tls in host.accepted}
        for name in secure + clear:
            assert arrived[f"second@{name}.test"] == (name in secure), (name, arrived)
        assert ("second@next.test", True) in right.accepted
        for name, reason in refused.items():
            w.wait_ended(name, 60)
            job = w.job(name)
            assert (job["delivered"], job["bounced"], job["expired"]) == (0, 0, 1), (name, job)
            assert reason in w.replies(name), (name, w.replies(name))
        # One fetch each; a failure is not repeated at once.
        assert len(web_host.asked) == len(names) - 1, web_host.asked
