"""`hongyan deliver` by hand, towards receivers of all kinds: what it prints, how it exits, TLS as asked for."""
import os
import subprocess

import pytest

from harness import HONGYAN, World
from tls_receiver import Certificates, Receiver, has_ipv6


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


def deliver(tmp_path, receiver, *words, rcpt="a@x.example", password=None, host=None):
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"Subject: hi\n\n.a line that begins with a dot\n")
    done = subprocess.run([HONGYAN, "deliver", "--host", host or receiver.host, "--port", str(receiver.port), "--from", "me@acme.example",
                           "--rcpt", rcpt, *words, str(mail)], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **({"HONGYAN_PASSWORD": password} if password else {})})
    return done.returncode, done.stdout, done.stderr


def test_a_line_for_each_recipient_and_the_worst_decides_the_exit(tmp_path):
    with World() as w:
        sink = w.start_sink()
        sink.host = "127.0.0.1"
        good, bad, later = "good@x.example", "bounce-550-5.1.1@x.example", "defer-451-4.7.1@x.example"
        for people, code in ((f"{good},two@x.example", 0), (f"{good},{bad}", 1), (f"{good},{later}", 75), (f"{later},{bad}", 1)):
            exit_code, out, _ = deliver(tmp_path, sink, rcpt=people)
            rows = [line.split("\t") for line in out.splitlines()]
            assert exit_code == code and [row[0] for row in rows] == people.split(","), (people, out)
            words = {good: "delivered", "two@x.example": "delivered", bad: "failed", later: "deferred"}
            assert [row[1] for row in rows] == [words[row[0]] for row in rows], out
            assert all(row[2][:3].isdigit() for row in rows), out


@pytest.mark.parametrize("mode, offered, code, secure", [
    ("off", True, 0, False), ("opportunistic", True, 0, True), ("opportunistic", False, 0, False), ("required", True, 0, True),
    ("required", False, 75, None), ("verified", True, 75, None)])
def test_tls_as_asked_for(tmp_path, certificates, mode, offered, code, secure):
    certificate = certificates.leaf(f"{mode}-{offered}", "IP:127.0.0.1") if offered else None
    with Receiver(certificate) as receiver:
        exit_code, out, trace = deliver(tmp_path, receiver, "--tls", mode, "--trace")
        assert exit_code == code, (out, trace)
        assert [was for _, was in receiver.accepted] == ([] if secure is None else [secure]), out
        assert ("C: STARTTLS" in trace) == (offered and mode != "off"), trace
        if mode == "verified":  # our root is none of the system's
            assert "tls-unverified" in out, out
            exit_code, out, trace = deliver(tmp_path, receiver, "--tls", mode, "--ca-file", str(certificates.root), "--trace")
            assert exit_code == 0 and receiver.accepted == [("a@x.example", True)] and "TLSv1" in trace, (out, trace)


def test_the_trace_shows_the_dialogue_but_no_password(tmp_path, certificates):
    with Receiver(certificates.leaf("trace", "IP:127.0.0.1"), users={"me": "s3cret"}) as receiver:
        exit_code, _, trace = deliver(tmp_path, receiver, "--tls", "required", "--user", "me", "--trace", password="s3cret")
        assert exit_code == 0, trace
        wanted = ["S: 220 test receiver", "C: STARTTLS", "C: AUTH PLAIN (masked)", "C: MAIL FROM:<me@acme.example>",
                  "C: RCPT TO:<a@x.example>", "C: .", "S: 250 2.0.0 kept", "C: QUIT"]
        found = [trace.find(line) for line in wanted]
        assert -1 not in found and found == sorted(found), (found, trace)
        assert "s3cret" not in trace and "AG1lAHMzY3JldA==" not in trace
        exit_code, out, _ = deliver(tmp_path, receiver, "--tls", "required", "--user", "me", password="guess")
        assert exit_code == 75 and "535" in out, out
    with Receiver(None, users={"me": "s3cret"}) as clear:
        exit_code, out, _ = deliver(tmp_path, clear, "--tls", "opportunistic", "--user", "me", password="s3cret")
        assert exit_code == 75 and "auth-needs-tls" in out and clear.logins == [], out


def test_tls_from_the_first_byte(tmp_path, certificates):
    with Receiver(certificates.leaf("first", "IP:127.0.0.1"), users={"me": "s3cret"}, implicit=True) as receiver:
        exit_code, out, trace = deliver(tmp_path, receiver, "--tls", "verified", "--ca-file", str(certificates.root), "--implicit-tls",
                                        "--user", "me", "--trace", password="s3cret")
        assert exit_code == 0 and receiver.accepted == [("a@x.example", True)], (out, trace)
        assert "STARTTLS" not in trace
        assert deliver(tmp_path, receiver, "--implicit-tls", "--tls", "off")[0] == 64


def test_ipv6(tmp_path):
    if not has_ipv6():
        pytest.skip("this machine has no ::1")
    with Receiver(host="::1") as receiver:
        exit_code, out, _ = deliver(tmp_path, receiver, "--source", "::1")
        assert exit_code == 0 and len(receiver.accepted) == 1, out
        # Every address of the name: only IPv6 listens on this port.
        exit_code, out, _ = deliver(tmp_path, receiver, host="localhost")
        assert exit_code == 0 and len(receiver.accepted) == 2, out
