"""[tls_rpt]: the reports of yesterday leave by mail, signed, once, whatever the receiver's TLS is like (RFC 8460)."""
import email
import email.policy
import gzip
import json
import time

from dkim_judges import python_dkim
from dkim_test import dkim_config, keygen, mails
from harness import World, wait_until
from patient import PATIENT
from tls_receiver import Certificates, Receiver
from web_hosts import PolicyHost, PostHost, policy

YESTERDAY = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
KEY = "hongyan:tlsrpt:" + YESTERDAY
TURN = KEY + ":sender"
SETTINGS = '[tls_rpt]\norganization = "Acme"\ncontact = "tls@acme.example"\ntenant = "acme"\nchannel = "quality"\nspread = "0s"\n'


def count(w, domain, **kinds):
    for kind, number in kinds.items():
        field = f"{domain}|no-policy-found|ok" if kind == "ok" else f"{domain}|no-policy-found|starttls-not-supported|mx.{domain}|||"
        w.redis.call("HSET", KEY, field, str(number))


def reports(w):
    return sorted(job for job in w.redis.call("ZRANGE", "hongyan:index", "0", "-1") if job.startswith("tlsrpt-"))


def test_reports_leave_by_mail_once():
    with World() as w:
        w.start_redis()
        key = keygen(w, "r2026", "rsa2048")
        count(w, "x.example", ok=7, failed=2)
        count(w, "silent.example", ok=1)
        count(w, "two.example", ok=3)
        zones = {"x.example": '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls%2Bin@x.example?subject=x"', "silent.example": "",
                 "two.example": '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:a@two.example,https://two.example/r,mailto:b@rua.example"'}
        server = w.start_dns(zones)
        sink = w.start_sink(out=True)
        options = dict(routes=[("*", sink)], dns=f'servers = ["{server}"]', channel=dkim_config((key["name"], key["key"])),
                       extra=SETTINGS)
        engines = [w.start_engine(name, **(PATIENT | options)) for name in ("e1", "e2")]
        wait_until(lambda: w.redis.call("GET", TURN) == "!", 60, engines[0].log)
        assert 0 < w.redis.call("TTL", TURN) <= 14 * 86400
        wait_until(lambda: len(sink.records()) == 3, 60, engines[0].log)
        jobs = reports(w)
        assert jobs == [f"tlsrpt-{YESTERDAY}-two.example", f"tlsrpt-{YESTERDAY}-x.example"]
        for job in jobs:
            assert w.wait_ended(job)["state"] == "done"
        assert sink.copies() == {"tls+in@x.example": 1, "a@two.example": 1, "b@rua.example": 1}

        raw, = [m for m in mails(sink.out) if b"tls+in@x.example" in m]
        assert python_dkim([raw], {key["name"]: key["value"]}) == [{"r2026": "pass"}]
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        assert mail["Subject"] == (f"Report Domain: x.example Submitter: acme.example Report-ID: <{YESTERDAY}.x.example@acme.example>")
        assert (mail["From"], mail["TLS-Report-Domain"], mail["TLS-Report-Submitter"], mail["TLS-Required"]) == \
            ("Acme <tls@acme.example>", "x.example", "acme.example", "No")
        assert mail.get_content_type() == "multipart/report" and mail.get_param("report-type") == "tlsrpt"
        assert not {"List-Id", "Feedback-ID", "List-Unsubscribe"} & set(mail.keys())
        words, report = mail.get_payload()
        assert words.get_content_type() == "text/plain" and "x.example" in words.get_content()
        assert report.get_content_type() == "application/tlsrpt+gzip"
        assert report.get_filename().startswith("acme.example!x.example!") and report.get_filename().endswith(".json.gz")
        read = json.loads(gzip.decompress(report.get_payload(decode=True)))
        assert read["policies"][0]["summary"] == {"total-successful-session-count": 7, "total-failure-session-count": 2}

        # Another start, another engine: nothing again. An engine that died halfway: what is missing.
        for engine in engines:
            engine.kill()
        w.redis.call("DEL", TURN)
        w.start_engine("e1", **(PATIENT | options))
        wait_until(lambda: w.redis.call("GET", TURN) == "!", 60, "the day is done again")
        assert reports(w) == jobs and len(sink.records()) == 3 and w.dead() == []


def test_reports_are_posted(tmp_path):
    certificates = Certificates(tmp_path)
    with World() as w, PostHost(certificates.leaf("rua", "DNS:rua.x.example"), "127.0.8.31") as web:
        w.start_redis()
        key = keygen(w, "r2026", "rsa2048")
        for domain in ("x.example", "full.example", "liar.example"):
            count(w, domain, ok=7)
        at = {"x.example": "rua.x.example:{}/v1/tls?a=b", "full.example": "rua.x.example:{}/full", "liar.example": "rua.liar.example:{}/v1"}
        server = w.start_dns({domain: f'rua A 127.0.8.31\n_smtp._tls TXT "v=TLSRPTv1; rua=https://{uri.format(web.port)}"'
                              for domain, uri in at.items()})
        engine = w.start_engine(**PATIENT, engines=("e1",), dns=f'servers = ["{server}"]', channel=dkim_config((key["name"], key["key"])),
                                smtp=f'ca_file = "{certificates.root}"', extra=SETTINGS)
        sent, = wait_until(lambda: engine.events("tls-reports-sent"), 60, engine.log)
        assert w.redis.call("GET", TURN) == "!"
        # Whoever shows a certificate of others gets nothing.
        assert sorted(path for path, _, _ in web.taken) == ["/full", "/v1/tls?a=b"]
        (kind, body), = [(kind, body) for path, kind, body in web.taken if path.startswith("/v1")]
        assert kind == "application/tlsrpt+gzip"
        assert json.loads(gzip.decompress(body))["report-id"] == f"{YESTERDAY}.x.example@acme.example"
        lost = engine.events("tls-report-lost")
        assert len(lost) == 2 and "status 500" in "".join(lost) and "posted=1" in sent, (lost, sent)
        assert reports(w) == []


def test_broken_tls_keeps_no_report_away(tmp_path):
    """The policy demands what the host cannot show: mail waits, the report of that arrives, and is no session itself."""
    certificates = Certificates(tmp_path)
    wrong = certificates.leaf("wrong", "DNS:elsewhere.test")
    web = certificates.leaf("web", "DNS:mta-sts.broken.test")
    with World() as w, PolicyHost(web, {"mta-sts.broken.test": policy("enforce", "mx.broken.test")}, host="127.0.8.9") as web_host, \
            Receiver(wrong, host="127.0.8.21") as receiver:
        w.start_redis()
        key = keygen(w, "r2026", "rsa2048")
        server = w.start_dns({"broken.test": '@ MX 10 mx\nmx A 127.0.8.21\nmta-sts A 127.0.8.9\n_mta-sts TXT "v=STSv1; id=1;"\n'
                                             '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@broken.test,mailto:tls@other.test"',
                              "other.test": "@ MX 10 mx\nmx A 127.0.8.21"})
        count(w, "broken.test", ok=1)
        w.redis.call("SET", TURN, "somebody else")
        engine = w.start_engine(
            **PATIENT, engines=("e1",), retry=("1s",), tls="opportunistic", dns=f'servers = ["{server}"]',
            channel=dkim_config((key["name"], key["key"])), extra=SETTINGS,
            smtp=f'port = {receiver.port}\nca_file = "{certificates.root}"\n[sts]\nport = {web_host.port}')
        w.submit("first", ["a@broken.test"])
        w.wait_ended("first")
        wait_until(lambda: engine.events("mta-sts-policy"), 30, engine.log)
        w.submit("second", ["a@broken.test"], expires_after="10s")
        assert w.wait_ended("second")["delivered"] == 0

        w.redis.call("DEL", TURN)
        job = f"tlsrpt-{YESTERDAY}-broken.test"
        wait_until(lambda: w.job(job), 90, engine.log)
        assert w.wait_ended(job)["delivered"] == 2, engine.log()
        engine.send(15)
        assert engine.wait(60) == 0
        counted = w.redis.call("HGETALL", "hongyan:tlsrpt:" + time.strftime("%Y-%m-%d", time.gmtime()))[::2]
        assert counted and all(field.startswith("broken.test|") for field in counted), counted
