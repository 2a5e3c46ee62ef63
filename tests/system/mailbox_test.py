"""Users' own mailboxes: bound once, kept sealed, one letter at a time, never bulk."""
import json
import os
import signal
import subprocess
import time

import pytest

from events_test import check
from harness import HONGYAN, Engine, World, wait_until
from mail_provider import Provider
from terminal import typed

LILY = "lily@corp.example"
CODE = "abcdEFGH12345678"
PACE = "pace_time_scale = 0.001"  # gaps of minutes become some tenths of a second


class Office(World):
    """A world with a vault, a provider with one user, and an engine."""

    def __init__(self, dovecot=""):
        super().__init__()
        self.dovecot = dovecot

    def __enter__(self):
        super().__enter__()
        self.start_redis()
        self.sink = self.start_sink(out=True)
        self.provider = Provider(self, self.sink.port, {LILY: CODE}, more=self.dovecot)
        self.run("vault", "keygen", "--out", str(self.folder / "vault.key"))
        return self

    def start(self, name="e1", mailbox="", pace=PACE, **options):
        config = self.config(name, smtp=f'ca_file = "{self.provider.ca_file}"',
                             extra=f'[vault]\nkey_file = "{self.folder}/vault.key"\n[mailbox]\nopens = "00:00"\n'
                                   f'closes = "00:00"\n{mailbox}', **options)
        return Engine(self, name, config.replace("[redis]", f"{pace}\n[redis]", 1)).start()

    def run(self, *words, stdin="", ok=True, **more):
        env = dict(os.environ, HONGYAN_REDIS=f"unix:{self.socket}", LC_ALL="C")
        done = subprocess.run([HONGYAN, *words], input=stdin, env=env, capture_output=True, text=True, timeout=300, **more)
        assert not ok or done.returncode == 0, (words, done.stdout, done.stderr)
        return done

    def bind(self, address=LILY, code=CODE, servers=None, ok=True, *more):
        return self.run("mailbox", "bind", address, "--password-stdin", *(servers or self.provider.servers), *more,
                        stdin=code, ok=ok)

    def letter(self, to="bob@customer.example", text="Dear Bob, the goods have left.", ok=True, **more):
        (self.folder / "letter.txt").write_text(text)
        words = ["mailbox", "send", "--from", LILY, "--to", to, "--subject", more.pop("subject", "Your order"), "--text",
                 str(self.folder / "letter.txt"), "--json"]
        for name, value in more.items():
            words += [f"--{name.replace('_', '-')}", value]
        return self.run(*words, ok=ok)

    def state(self, letter, address=LILY):
        return (self.redis.call("HGET", f"hongyan:{{{address}}}:letter:{letter}", "state") or "")

    def wait_state(self, letter, state, seconds=60):
        wait_until(lambda: self.state(letter) == state, seconds, lambda: f"{letter} is {self.state(letter)}, not {state}")

    def events_of(self, kind):
        found = []
        for _, fields in self.redis.call("XRANGE", "hongyan:events", "-", "+"):
            event = dict(zip(fields[::2], fields[1::2]))
            event["data"] = json.loads(event["data"])
            check(event)
            if event["type"] == kind:
                found.append(event["data"])
        return found


def test_a_mailbox_is_bound_and_a_letter_arrives_once():
    with Office() as w:
        engine = w.start()
        done = w.bind()
        assert "imap 127.0.0.1" in done.stdout and "logged in" in done.stdout and "normal" in done.stdout
        listed = w.run("mailbox", "list").stdout
        assert LILY in listed and "normal" in listed and "0 of 50 (day 1)" in listed
        w.redis.call("HSET", f"hongyan:{{{LILY}}}:mailbox", "smtp_strikes", "1")
        answer = json.loads(w.letter(id="l1", in_reply_to="<q1@customer.example>").stdout)
        assert answer["ok"] and answer["letter"] == "l1"
        w.wait_state("l1", "sent")
        assert w.letter(id="l1", in_reply_to="<q1@customer.example>").returncode == 0
        time.sleep(1)
        assert w.sink.copies() == {"bob@customer.example": 1}
        record = w.sink.records()[0]
        assert record["from"] == LILY
        message = next(w.sink.out.iterdir()).read_text()
        assert f"From: {LILY}" in message and "In-Reply-To: <q1@customer.example>" in message
        assert "List-Unsubscribe" not in message and "Feedback-ID" not in message
        kept = wait_until(lambda: w.provider.folder_of(LILY, "Sent"), 30, "a copy lies in Sent")
        assert len(kept) == 1 and "Dear Bob" in kept[0]
        assert [e["outcome"] for e in w.events_of("mailbox.letter")] == ["sent"]
        assert w.redis.call("KEYS", "*:ledger") == []  # free of charge
        wait_until(lambda: engine.metric("hongyan_mailbox_letters_total", outcome="sent") == 1, 20, "it is counted")
        shown = w.run("mailbox", "outbox", LILY).stdout
        assert "l1" in shown and "sent" in shown
        strikes = lambda: w.redis.call("HGET", f"hongyan:{{{LILY}}}:mailbox", "smtp_strikes")
        wait_until(lambda: not strikes(), 60, "who takes our letters forgives")


def test_a_hold_keeps_letters_as_well():
    with Office() as w:
        w.start()
        w.bind()
        wait_until(lambda: w.run("hold", "--reason", "restored", ok=False).returncode == 0, 60, "every engine knows of it")
        w.letter(id="l1")
        w.letter(id="l2", to="ann@customer.example")
        time.sleep(3)
        assert not w.sink.records() and w.state("l1") == "queued", w.state("l1")
        w.run("hold", "--release", ok=False)  # whether it is seen within 5 s or later
        w.wait_state("l1", "sent")
        w.wait_state("l2", "sent")
        assert w.sink.copies() == {"bob@customer.example": 1, "ann@customer.example": 1}


def test_a_wrong_code_is_tried_once_and_explained():
    with Office() as w:
        w.start()
        done = w.bind(code="wrongwrongwrong1", ok=False)
        assert done.returncode == 1
        assert "not tried: the secret was refused" in done.stdout
        assert "What to do:" in done.stderr
        refusals = w.provider.wait_logins("auth failed")
        assert len(refusals) == 1, refusals
        assert "is bound" in w.run("mailbox", "list").stdout
        assert w.events_of("mailbox.bind-failed")


def test_bad_certificates_are_refused_in_clear_words():
    with Office() as w:
        w.start()
        w.provider.end()
        w.provider.certificate = "other"
        w.provider.start()
        done = w.bind(ok=False)
        assert done.returncode == 1
        assert "certificate" in (done.stdout + done.stderr).lower()
        assert not w.provider.logins(f"user=<{LILY}")


def test_starttls_serves_as_well():
    with Office() as w:
        w.start()
        w.bind(servers=w.provider.starttls)
        w.letter(id="l1")
        w.wait_state("l1", "sent")


def test_a_code_typed_in_a_terminal_is_not_echoed():
    with Office() as w:
        w.start()
        words = [HONGYAN, "mailbox", "bind", LILY, *w.provider.servers, "--redis", f"unix:{w.socket}"]
        shown, code = typed(words, CODE.encode() + b"\r")
        assert code == 0 and b"normal" in shown, shown
        assert CODE[:6].encode() not in shown, shown


def test_bulk_is_refused_with_the_way_to_go():
    with Office() as w:
        w.start(mailbox="alike_people = 3\n")
        w.bind()
        two = w.run("mailbox", "send", "--from", LILY, "--to", "a@x.example", "--to", "b@x.example", "--subject", "s",
                    "--text", "-", stdin="hello", ok=False)
        assert two.returncode == 1 and "quality channel" in two.stderr
        w.put(w.document("bulk", ["a@x.example", "b@x.example"], kind="personal", mailbox=LILY))
        wait_until(lambda: "one person at a time" in str(w.redis.call("XRANGE", "hongyan:dead", "-", "+")), 20,
                   "the queue's bulk is refused")
        text = "Dear {},\nwe make valves and pumps of every size and ship within ten days. Tell us what you need.\nLily\n"
        for number in range(3):
            w.letter(to=f"c{number}@x.example", text=text.format(f"Mr {number}"))
        fourth = w.letter(to="c4@x.example", text=text.format("Ms Four"), ok=False)
        assert fourth.returncode == 1 and "same letter" in fourth.stdout and "quality channel" in fourth.stdout
        assert w.letter(to="c4@x.example", text="Bob, your container stands in Hamburg since Monday morning.").returncode == 0


def test_a_new_code_elsewhere_stops_the_mailbox_until_it_is_given():
    with Office() as w:
        w.start()
        w.bind()
        w.provider.set_code(LILY, "anotherCode12345")
        box = lambda field: w.redis.call("HGET", f"hongyan:{{{LILY}}}:mailbox", field)
        w.letter(id="l1")
        wait_until(lambda: "needs-code" in w.run("mailbox", "list").stdout, 120, "the mailbox needs its code")
        wait_until(lambda: not box("sync_owner") and not box("lease_until"), 60, "nobody reads it or writes from it")
        refused = len(w.provider.wait_logins("auth failed"))
        time.sleep(3)
        assert len(w.provider.logins("auth failed")) == refused, "it is not tried again"
        assert w.state("l1") == "queued"
        w.run("mailbox", "update-password", LILY, "--password-stdin", *w.provider.servers, stdin="anotherCode12345")
        w.wait_state("l1", "sent")
        assert w.sink.copies() == {"bob@customer.example": 1}


def test_unbinding_forgets_the_secret_at_once():
    with Office() as w:
        w.start()
        w.bind()
        w.run("mailbox", "unbind", LILY)
        assert w.redis.call("HGET", f"hongyan:{{{LILY}}}:mailbox", "secret") is None
        refused = w.letter(ok=False)
        assert refused.returncode == 1 and "not bound" in refused.stdout


def test_a_plain_secret_in_the_queue_is_deleted_and_reported():
    with Office() as w:
        engine = w.start()
        w.redis.call("XADD", "hongyan:control", "*", "op", "mailbox.bind", "mailbox", LILY, "tenant", "acme", "password", CODE,
                     "request", "r1")
        answer = json.loads(wait_until(lambda: w.redis.call("GET", "hongyan:{r1}:answer"), 20, "an answer"))
        assert not answer["ok"] and "in the clear" in answer["refusal"]
        assert w.redis.call("XLEN", "hongyan:control") == 0
        assert CODE not in engine.log()
        assert not w.provider.logins("Login")


def test_no_secret_shows_anywhere_after_a_run():
    with Office() as w:
        engine = w.start()
        w.bind()
        w.letter(id="l1")
        w.wait_state("l1", "sent")
        with open(f"/proc/{engine.proc.pid}/cmdline") as line:
            assert CODE not in line.read()
        w.redis.call("SAVE")
        for path in w.folder.rglob("*"):
            if path.is_file() and path.parent.name != "provider-2" and "provider" not in str(path):
                assert CODE.encode() not in path.read_bytes(), path
        assert CODE not in str(w.redis.call("XRANGE", "hongyan:events", "-", "+"))


def test_a_dead_engine_leaves_no_second_copy():
    with Office() as w:
        # The far end takes its time: a letter is on the wire when the engine dies.
        slow = w.start_sink("slow", profile='latency = "1s"\n')
        w.provider = Provider(w, slow.port, {LILY: CODE})
        first = w.start("e1")
        w.bind()
        for number in range(3):
            w.letter(id=f"l{number}", to=f"c{number}@x.example", text=f"Letter {number} " + "abcdefgh"[number] * 40)
        states = lambda: [w.state(f"l{number}") for number in range(3)]

        def caught():
            if "sending" not in states():
                return False
            first.send(signal.SIGSTOP)
            time.sleep(0.2)  # what it has told Redis is done
            if "sending" in states():
                return True
            first.send(signal.SIGCONT)
            return False
        wait_until(caught, 60, "a letter is marked")
        first.kill()
        w.start("e2")
        wait_until(lambda: set(states()) <= {"sent", "in_doubt"}, 180, states)
        assert states().count("in_doubt") == 1
        assert all(count == 1 for count in slow.copies().values()), slow.copies()
        wait_until(lambda: w.events_of("mailbox.in-doubt"), 30, "it is told")
        assert len(w.events_of("mailbox.in-doubt")) == 1


@pytest.mark.skipif(os.getuid() != 0, reason="the catalogue's ports are below 1024")
def test_the_backup_servers_are_tried_by_themselves():
    """A company at NetEase Enterprise, known by its MX: the recommended pair is dead, the other one lives."""
    zones = {"corp.example": "@ MX 10 qiye163mx01.mxmail.netease.com.",
             "qiye.163.com": "hwhzimap A 127.0.7.1\nhwhzsmtp A 127.0.7.1\nimap A 127.0.7.2\nsmtp A 127.0.7.2"}
    with Office() as w:
        dns = w.start_dns(zones)
        names = ("imap.qiye.163.com", "smtp.qiye.163.com", "hwhzimap.qiye.163.com", "hwhzsmtp.qiye.163.com", "127.0.7.1")
        provider = Provider(w, w.sink.port, {LILY: CODE}, address="127.0.7.2", names=names, ports=(143, 993, 587, 465))
        w.provider = provider
        engine = w.start(dns=f'servers = ["{dns}"]')
        report = json.loads(w.bind(LILY, CODE, ["--json"]).stdout)
        assert report["ok"], report
        tried = [(trial["server"].split(":")[0], trial["result"]) for trial in report["trials"]]
        assert tried == [("hwhzimap.qiye.163.com", "failed"), ("imap.qiye.163.com", "logged-in"),
                         ("smtp.qiye.163.com", "logged-in")]
        assert "imap.qiye.163.com" in w.run("mailbox", "show", LILY).stdout
        # Who reads the mailbox goes to the other pair as well, when the one that was taken dies.
        wait_until(lambda: w.redis.call("HGET", f"hongyan:{{{LILY}}}:mailbox", "uid_next"), 60, "the first look")
        provider.end()
        wait_until(lambda: "inbox-unreachable" in engine.log(), 60, "it is missed")
        provider.address = "127.0.7.1"
        provider.start()
        provider.put(LILY, "From: Wang <wang@customer.example>\nSubject: Still there\n\nHello\n")
        wait_until(lambda: "Still there" in str(w.events_of("mailbox.message")), 120, "it is read at the other address")
        assert "hwhzimap.qiye.163.com" in w.run("mailbox", "show", LILY).stdout
        # A secret that is refused is tried nowhere else. (Who reads the mailbox would log in too.)
        w.run("mailbox", "set", LILY, "--sync", "off")
        wait_until(lambda: not w.redis.call("HGET", f"hongyan:{{{LILY}}}:mailbox", "sync_owner"), 30, "nobody reads it")
        provider.set_code(LILY, "somethingElse123")
        report = json.loads(w.bind(LILY, "wrongwrongwrong1", ["--json"], ok=False).stdout)
        assert [trial["result"] for trial in report["trials"]].count("not-tried") == 1
        assert len(provider.wait_logins("auth failed")) == 1


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__, "-s", "-p", "no:cacheprovider"]))
