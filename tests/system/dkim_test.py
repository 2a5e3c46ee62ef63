"""DKIM: what leaves is signed by an RSA and an Ed25519 key, and three verifiers that are none of ours agree, after
`hongyan sink`, after Postfix's smtp-sink, and after a real Postfix in between. Keys that are unfit stop the start."""
import email.utils
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

from dkim_judges import mail_dkim, opendkim, python_dkim, selectors, signature_fields, tags
from free_ports import free_port
from harness import HONGYAN, ROOT, Engine, Process, World, wait_until

sys.path.insert(0, str(ROOT / "bench"))
from system import postfix  # noqa: E402

RICH = {
    "subject": "你好 {{ name | default: \"朋友\" }}，" + "春天来了，" * 20,
    "text": "Dear {{ name | default: \"you\" }},\n\n  two  blanks,\ttab \n.dot\nFrom here\n\n\n",
    "html": "<p>你好 {{ name | default: \"you\" }}</p>\n" + "<p>line   of   html</p>\n" * 50,
    "reply_to": "answers@acme.example",
    "headers": {"X-Campaign": "spring"},
    "list_unsubscribe": {"url": "https://u.acme.example/u?t={{ email | default: \"x\" }}", "one_click": True},
    "attachments": [{"name": "价格.txt", "content_type": "text/plain", "data": "aGVsbG8K"}],
}
PLAIN = {"subject": "Hello", "text": "The same words for everybody.\n" * 40}


def keygen(w, selector, kind, domain="acme.example"):
    path = w.folder / f"{selector}.pem"
    done = subprocess.run([HONGYAN, "dkim", "keygen", "--domain", domain, "--selector", selector, "--type", kind,
                           "--out", str(path), "--json"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def dkim_config(*keys):
    return "".join(f'[[channel.quality.dkim]]\ndomain = "{name.split("._domainkey.")[1]}"\n'
                   f'selector = "{name.split("._domainkey.")[0]}"\nkey = "{path}"\n' for name, path in keys)


class Signing:
    """A world with two keys of acme.example: paths relative to the configuration, records in a real zone."""

    def __init__(self, w):
        self.w = w
        made = [keygen(w, "r2026", "rsa2048"), keygen(w, "e2026", "ed25519")]
        self.records = {one["name"]: one["value"] for one in made}
        lines = "\n".join(one["zone"] for one in made)
        self.dns_port = int(w.start_dns({"acme.example": lines}).rpartition(":")[2])
        self.channel = dkim_config(*[(one["name"], pathlib.Path(one["key"]).name) for one in made])

    def judge(self, messages):
        for verdicts in python_dkim(messages, self.records):
            assert verdicts == {"r2026": "pass", "e2026": "pass"}
        for verdicts in opendkim(self.w.folder, messages, self.records):
            assert verdicts == {"r2026": "pass", "e2026": "pass"}
        told = mail_dkim(self.w.folder, messages, self.dns_port)
        assert len(told) == len(messages)
        for verdicts in told:
            assert verdicts["r2026"] == "pass", verdicts
            # Debian 12 has a Mail::DKIM from before RFC 8463.
            young = verdicts["e2026"].startswith("invalid (unsupported algorithm")
            assert young or verdicts["e2026"] == "pass", verdicts


def mails(folder):
    return [path.read_bytes() for path in sorted(folder.glob("*.eml"))]


@pytest.fixture(scope="module")
def signing():
    with World() as w:
        w.start_redis()
        w.signing = Signing(w)
        w.sink = w.start_sink(out=True)
        w.engine = w.start_engine(routes=[("*", w.sink)], engines=("e1",), channel=w.signing.channel)
        yield w


def test_three_verifiers_agree_after_the_sink(signing):
    w = signing
    w.submit("rich", [f"r{n}@x.example" for n in range(4)], **RICH)
    w.submit("plain", [f"p{n}@x.example" for n in range(3)], **PLAIN)
    for job in ("rich", "plain"):
        w.wait_ended(job)
    messages = mails(w.sink.out)
    assert len(messages) == 7
    w.signing.judge(messages)
    for message in messages:
        rsa, ed25519 = tags(message)
        assert (rsa["a"], ed25519["a"]) == ("rsa-sha256", "ed25519-sha256")
        assert b"\r\nList-Id: <acme.acme.example>\r\n" in message
        assert rsa["bh"] == ed25519["bh"] and rsa["h"] == ed25519["h"] and "l" not in rsa
        named = [name.lower() for name in rsa["h"].split(":")]
        for name in ("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "feedback-id",
                     "list-id"):
            assert named.count(name) == 2, name
        one_click = b"\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in message
        for name in ("list-unsubscribe", "list-unsubscribe-post", "reply-to"):
            assert named.count(name) == (2 if one_click else 1), name
    assert all(len(line) <= 998 for message in messages for line in message.split(b"\r\n"))
    assert {record["bytes"] for record in w.sink.records()} == {len(message) for message in messages}


def test_what_a_verifier_reads_must_not_be_touched(signing):
    """The judges can say no."""
    w = signing
    w.submit("touched", ["t@x.example"], **PLAIN)
    w.wait_ended("touched")
    [message] = [m for m in mails(w.sink.out) if b"t@x.example" in m]
    for changed in (message.replace(b"everybody", b"somebody", 1), message.replace(b"Subject: Hello", b"Subject: Hi"),
                    b"Subject: Added\r\n" + message):
        assert set(python_dkim([changed], w.signing.records)[0].values()) != {"pass"}
        assert "pass" not in opendkim(w.folder, [changed], w.signing.records)[0].values()
        assert mail_dkim(w.folder, [changed], w.signing.dns_port)[0]["r2026"] != "pass"


def test_a_retry_has_the_same_bytes(signing):
    w = signing
    w.submit("again", ["code-451-times-2.again@x.example"], **PLAIN)
    w.wait_ended("again")
    [message] = [m for m in mails(w.sink.out) if b".again@x.example" in m]
    at = int(tags(message)[0]["t"])
    date = re.search(rb"\r\nDate: (.*)\r\n", message)[1].decode()
    assert email.utils.parsedate_to_datetime(date).timestamp() == at


def test_another_from_domain_is_signed_by_its_nearest_or_the_first():
    with World() as w:
        w.start_redis()
        made = [keygen(w, "own", "ed25519"), keygen(w, "cust", "ed25519", "customer.example")]
        sink = w.start_sink(out=True)
        config = w.config("e1", routes=[("*", sink)], engines=("e1",),
                          channel=dkim_config(*[(one["name"], one["key"]) for one in made]))
        config = config.replace('from_domains = ["acme.example"]',
                                'from_domains = ["acme.example", "news.customer.example", "other.example"]')
        Engine(w, "e1", config).start()
        wanted = {"acme.example": "own", "news.customer.example": "cust", "other.example": "own"}
        for number, domain in enumerate(wanted):
            w.submit(f"j{number}", [f"{number}@x.example"], **{"from": {"address": f"a@{domain}"}})
            w.wait_ended(f"j{number}")
        messages = mails(sink.out)
        for message in messages:
            domain = re.search(rb"\r\nFrom: .*@([^>\r]+)", b"\r\n" + message)[1].decode()
            assert selectors(message) == [wanted[domain]]
        assert len(messages) == 3
        records = {one["name"]: one["value"] for one in made}
        assert [set(v.values()) for v in python_dkim(messages, records)] == [{"pass"}] * 3


def test_a_channel_without_keys_does_not_sign():
    with World() as w:
        w.start_redis()
        sink = w.start_sink(out=True)
        w.start_engine(routes=[("*", sink)], engines=("e1",))
        w.submit("bare", ["b@x.example"])
        w.wait_ended("bare")
        assert [signature_fields(message) for message in mails(sink.out)] == [[]]


def test_three_verifiers_agree_after_smtp_sink():
    with World() as w:
        w.start_redis()
        signing = Signing(w)
        port = free_port()
        out = w.folder / "dump"
        out.mkdir(mode=0o777)
        w.folder.chmod(0o755)
        out.chmod(0o777)
        user = ["-u", "postfix"] if os.geteuid() == 0 else []
        Process(w, "smtp-sink", ["/usr/sbin/smtp-sink", *user, "-d", str(out / "%M."), f"127.0.0.1:{port}",
                                 "100"]).spawn()
        w.start_engine(routes=[("*", port)], engines=("e1",), channel=signing.channel)
        w.submit("rich", [f"s{n}@x.example" for n in range(3)], **RICH)
        w.wait_ended("rich")
        # It may close a file after it has answered. Its own X-... lines stand before the message, and lines end with LF.
        wait_until(lambda: len(kept := [path.read_bytes() for path in out.iterdir()]) >= 3 and
                   all(text.rstrip().endswith(b"--") for text in kept), 20, "all are written to their end")
        messages = [path.read_bytes().replace(b"\n", b"\r\n") for path in out.iterdir()]
        assert len(messages) == 3
        signing.judge(messages)


@pytest.mark.skipif(bool(postfix.missing()), reason=f"Postfix: {postfix.missing()}")
def test_three_verifiers_agree_after_a_real_postfix():
    with World() as w:
        w.start_redis()
        signing = Signing(w)
        sink = w.start_sink(out=True)
        sink.address = "127.0.0.1"
        with postfix.Postfix(sink, 4) as mta:
            w.start_engine(routes=[("*", mta.port)], engines=("e1",), channel=signing.channel)
            w.submit("rich", [f"m{n}@x.example" for n in range(3)], **RICH)
            w.wait_ended("rich")
            mta.wait_sent(3, 60)
        messages = mails(sink.out)
        assert len(messages) == 3 and all(b"Received: from e1.acme.example" in message for message in messages)
        signing.judge(messages)


def openssl_key(path, *options):
    subprocess.run(["openssl", "genpkey", *options, "-out", path], check=True, capture_output=True)


@pytest.mark.parametrize("spoil, words", [
    (lambda path: path.unlink(), "cannot be read: No such file"),
    (lambda path: path.write_text("no key"), "is no PEM text"),
    (lambda path: path.chmod(0o644), "may be read or written by others; chmod 600 closes it"),
    (lambda path: openssl_key(path, "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
     "is of type EC; DKIM knows RSA and Ed25519"),
    (lambda path: openssl_key(path, "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"),
     "is an RSA key of 1024 bits; at least 2048 are needed"),
])
def test_an_unfit_key_stops_the_start(spoil, words):
    with World() as w:
        w.start_redis()
        made = keygen(w, "r2026", "rsa2048")
        spoil(pathlib.Path(made["key"]))
        engine = w.engine(engines=("e1",), channel=dkim_config((made["name"], "r2026.pem")))
        engine.spawn()
        assert engine.wait(60) == 78, engine.log()
        assert "channel.quality.dkim[0].key: r2026.pem " + words in engine.log(), engine.log()
        checked = subprocess.run([HONGYAN, "config", "check", engine.words[-1]], capture_output=True, text=True,
                                 timeout=60)
        assert checked.returncode == 78 and words in checked.stderr, checked


def test_all_unfit_keys_are_told_at_once_and_strangers_are_warned_of():
    with World() as w:
        w.start_redis()
        made = keygen(w, "r2026", "rsa2048", "stranger.example")
        keys = [(made["name"], "r2026.pem"), ("a._domainkey.acme.example", "no.pem"),
                ("b._domainkey.acme.example", "none.pem")]

        def check(keys):
            engine = w.engine(engines=("e1",), channel=dkim_config(*keys))
            return subprocess.run([HONGYAN, "config", "check", engine.words[-1]], capture_output=True, text=True,
                                  timeout=60)
        checked = check(keys)
        assert checked.returncode == 78
        assert [line.split(" cannot")[0] for line in checked.stderr.splitlines()] == [
            "channel.quality.dkim[1].key: no.pem", "channel.quality.dkim[2].key: none.pem"]
        checked = check(keys[:1])
        assert checked.returncode == 0
        warnings = checked.stderr.splitlines()
        assert len(warnings) == 2 and all(line.startswith("warning: channel.quality.") for line in warnings), warnings
        assert "envelope_sender: is of acme.example, with which no DKIM key" in warnings[0]
        assert "no key that aligns with acme.example (tenant.acme)" in warnings[1]


def test_the_private_key_never_enters_redis(signing):
    w = signing
    secret = (w.folder / "e2026.pem").read_text().split("\n")[1].encode()
    assert w.redis.call("HGET", "hongyan:config", "fleet").count('"key":"e2026.pem"') == 1
    for path in (w.folder / "redis").rglob("*"):
        if path.is_file():
            assert secret not in path.read_bytes(), path
