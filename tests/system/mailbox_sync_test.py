"""Mail that comes into bound mailboxes: read over IMAP, told once, nothing in the mailbox changed."""
import collections
import datetime
import hmac
import json
import re
import time

import pytest

from harness import wait_until
from mailbox_test import CODE, LILY, Office
from web_hosts import WebHost

QUICK = "pace_time_scale = 1.0"  # minutes are minutes: what comes within seconds came by IDLE
NO_IDLE = "protocol imap {\n  imap_capability = IMAP4rev1 LITERAL+ UIDPLUS SPECIAL-USE\n}"


def mail(number, subject="Question", more=""):
    return (f"From: Bob <bob@customer.example>\r\nTo: {LILY}\r\nSubject: {subject} {number}\r\nMessage-ID: <m{number}@c.example>\r\n"
            f"Date: Fri, 20 Nov 2026 10:00:00 +0800\r\n{more}\r\nDear Lily, this is question {number}.\r\n")


def box(w, field):
    return w.redis.call("HGET", f"hongyan:{{{LILY}}}:mailbox", field)


def bind_and_wait(w, *more):
    w.bind(LILY, CODE, None, True, *more)
    wait_until(lambda: box(w, "uid_next"), 60, "the first look")


def told(w):
    return [event["subject"] for event in w.events_of("mailbox.message")]


def wait_told(w, subjects, seconds=60):
    wait_until(lambda: set(told(w)) >= set(subjects), seconds, lambda: f"told {told(w)}, not {subjects}")


def test_new_mail_comes_by_idle_and_stays_unread():
    with Office() as w:
        engine = w.start(pace=QUICK)
        w.provider.put(LILY, mail(1), mail(2))
        bind_and_wait(w)
        assert "IDLE" in w.provider.capabilities(LILY)
        w.provider.put(LILY, mail(3, more="In-Reply-To: <l1@corp.example>\r\n"),
                       mail(4, "=?utf-8?b?5oql5Lu3?=", "Auto-Submitted: auto-replied\r\n"))
        wait_told(w, ["Question 3", "报价 4"])
        first, second = w.events_of("mailbox.message")
        assert first["from"] == "bob@customer.example" and first["from_name"] == "Bob" and first["to"] == LILY
        assert first["message_id"] == "m3@c.example" and first["in_reply_to"] == "l1@corp.example"
        assert first["date"] == 1795140000000 and first["received"] > 1_700_000_000_000
        assert first["snippet"] == "Dear Lily, this is question 3." and not first["from_machine"] and second["from_machine"]
        assert [set(flags) - {b"\\Recent"} for flags in w.provider.flags(LILY)] == [set()] * 4
        wait_until(lambda: engine.metric("hongyan_mailbox_messages_total") == 2, 20, "they are counted")
        shown = w.run("mailbox", "inbox", LILY).stdout
        assert "Question 3" in shown and "Bob <bob@customer.example>" in shown and "Question 1" not in shown
        assert shown.index("报价 4") < shown.index("Question 3")
        listed = [json.loads(line) for line in w.run("mailbox", "inbox", "--all", "--limit", "1", "--json").stdout.splitlines()]
        assert listed == [second]
        assert w.run("mailbox", "inbox", "bob@customer.example", ok=False).returncode == 1


def test_a_server_without_idle_is_polled():
    with Office(NO_IDLE) as w:
        w.start()
        assert "IDLE" not in w.provider.capabilities(LILY)
        bind_and_wait(w)
        w.provider.put(LILY, mail(1))
        wait_told(w, ["Question 1"])
        # More than a batch at once.
        w.provider.put(LILY, *[mail(number) for number in range(2, 252)])
        wait_told(w, [f"Question {number}" for number in range(1, 252)], 120)
        assert told(w) == [f"Question {number}" for number in range(1, 252)]
        assert w.events_of("mailbox.renumbered") == []


def test_a_folder_numbered_anew_is_told_once_and_floods_nobody():
    with Office() as w:
        w.start()
        w.provider.put(LILY, mail(1), mail(2))
        bind_and_wait(w)
        before = box(w, "uid_validity")
        w.provider.end()
        w.provider.number_anew(LILY)
        w.provider.start()
        wait_until(lambda: box(w, "uid_validity") != before, 60, "the new number is known")
        w.provider.put(LILY, mail(3))
        wait_told(w, ["Question 3"])
        assert told(w) == ["Question 3"]
        assert len(w.events_of("mailbox.renumbered")) == 1


def test_a_server_that_was_away_is_found_again():
    with Office() as w:
        engine = w.start()
        bind_and_wait(w)
        w.provider.put(LILY, mail(1))
        wait_told(w, ["Question 1"])
        w.provider.end()
        wait_until(lambda: "inbox-unreachable" in engine.log(), 60, "it is missed")
        assert "normal" in w.run("mailbox", "list").stdout, "that says nothing of the mailbox"
        w.redis.call("HSET", f"hongyan:{{{LILY}}}:mailbox", "imap_strikes", "1")
        w.provider.start()
        w.provider.put(LILY, mail(2))
        wait_told(w, ["Question 2"])
        assert told(w) == ["Question 1", "Question 2"]
        wait_until(lambda: not box(w, "imap_strikes"), 60, "who lets us in forgives")


def test_a_refused_code_ends_reading_until_the_new_one():
    with Office() as w:
        w.start()
        bind_and_wait(w)
        w.provider.set_code(LILY, "anotherCode12345")
        w.provider.end()
        w.provider.start()
        wait_until(lambda: "needs-code" in w.run("mailbox", "list").stdout, 120, "the mailbox needs its code")
        assert len(w.events_of("mailbox.refused")) == 1
        wait_until(lambda: not box(w, "sync_owner"), 60, "the reader has gone")
        refused = len(w.provider.wait_logins("auth failed"))
        time.sleep(3)
        assert len(w.provider.logins("auth failed")) == refused, "it is not tried again"
        w.provider.put(LILY, mail(1))
        w.run("mailbox", "update-password", LILY, "--password-stdin", *w.provider.servers, stdin="anotherCode12345")
        assert not box(w, "imap_strikes"), "a new code begins anew"
        wait_told(w, ["Question 1"])


def test_two_engines_tell_each_message_once_when_one_dies():
    with Office() as w:
        engines = {"e1": w.start("e1"), "e2": w.start("e2")}
        bind_and_wait(w)
        wanted = []
        for number in range(40):
            w.provider.put(LILY, mail(number))
            wanted.append(f"Question {number}")
            if number == 20:
                owner = wait_until(lambda: box(w, "sync_owner"), 60, "one of them reads it")
                engines[owner.split("#")[0]].kill()
        wait_told(w, wanted, 120)
        time.sleep(1)
        assert collections.Counter(told(w)) == collections.Counter(wanted)
        assert told(w) == wanted


def test_reading_is_switched_off_and_on():
    with Office() as w:
        w.start()
        bind_and_wait(w)
        w.run("mailbox", "set", LILY, "--sync", "off", "--sync-interval", "10m", "--label", "Lily Li")
        shown = json.loads(w.run("mailbox", "show", LILY, "--json").stdout)
        assert (shown["sync"], shown["sync_interval_ms"], shown["label"]) == (False, 600000, "Lily Li")
        wait_until(lambda: box(w, "sync_owner") is None, 30, "nobody reads it")
        w.provider.put(LILY, mail(1))
        time.sleep(3)
        assert told(w) == []
        w.run("mailbox", "set", LILY, "--sync", "on")
        wait_told(w, ["Question 1"])
        wrong = w.run("mailbox", "set", LILY, "--sync-interval", "5s", ok=False)
        assert wrong.returncode == 1 and "1m to 24h" in wrong.stdout + wrong.stderr


def test_the_end_of_a_code_is_told_in_time_and_once():
    def in_days(days):
        return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%d")

    with Office() as w:
        engine = w.start()
        bind_and_wait(w, "--expires", in_days(30))
        assert "its code" not in w.run("mailbox", "list").stdout
        for days in (10, 2, 0):
            w.run("mailbox", "set", LILY, "--expires", in_days(days))
            wait_until(lambda: any(event["expires"] == in_days(days) for event in w.events_of("mailbox.expiring")), 60,
                       f"the warning of {days} days")
        assert [event["days"] for event in w.events_of("mailbox.expiring")] == [10, 2, 0]
        assert "its code has ended" in w.run("mailbox", "list").stdout and "its code has ended" in w.run("status").stdout
        assert [one["mailbox"] for one in json.loads(w.run("status", "--json").stdout)["codes_ending"]] == [LILY]
        wait_until(lambda: engine.metric("hongyan_mailbox_code_expires_seconds") < 0, 30, "the gauge")
        assert engine.metric("hongyan_mailbox_code_expires_seconds") > -2 * 86400
        time.sleep(16)
        assert len(w.events_of("mailbox.expiring")) == 3
        w.run("mailbox", "set", LILY, "--expires", "never")
        assert "its code" not in w.run("mailbox", "list").stdout


class Receiver(WebHost):
    """Of notifications; the first `failures` are answered with 503."""

    def __init__(self, failures=0, certificate=None):
        self.failures, self.requests = failures, []
        super().__init__(self.answer, certificate and (f"{certificate}.pem", f"{certificate}.key"))
        self.url += "/new"

    def answer(self, _method, path, headers, body):
        self.requests.append((path, headers["Hongyan-Signature"], body))
        return (503 if len(self.requests) <= self.failures else 204), {}, ""

    def taken(self):
        return [json.loads(body) for _, _, body in self.requests[self.failures:]]


HOOK_SECRET = "a secret of the hook"


def hook(w, receiver):
    path = w.folder / "hook.secret"
    path.write_text(HOOK_SECRET + "\n")
    path.chmod(0o600)
    return f'[mailbox_hook]\nurl = "{receiver.url}"\nsecret_file = "{path}"\nca_file = "{w.provider.ca_file}"\n'


def test_a_receiver_is_told_signed_and_again_when_it_failed():
    with Office() as w:
        receiver = Receiver(failures=2)
        engine = w.start(mailbox=hook(w, receiver))
        bind_and_wait(w)
        w.provider.put(LILY, mail(1), mail(2))
        wait_until(lambda: len(receiver.requests) >= 4, 60, "four requests")
        assert [one["data"]["subject"] for one in receiver.taken()] == ["Question 1", "Question 2"]
        assert [one["data"] for one in receiver.taken()] == w.events_of("mailbox.message")
        assert {one["type"] for one in receiver.taken()} == {"mailbox.message"} and receiver.taken()[0]["tenant"] == "acme"
        assert len({body for _, _, body in receiver.requests[:3]}) == 1, "the first is repeated until it is taken"
        for path, signature, body in receiver.requests:
            at, digest = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", signature).groups()
            assert path == "/new" and abs(time.time() - int(at)) < 300
            assert hmac.compare_digest(digest, hmac.new(HOOK_SECRET.encode(), f"{at}.".encode() + body, "sha256").hexdigest())
        assert HOOK_SECRET not in engine.log()


def test_trouble_is_told_over_tls_and_a_dead_receiver_holds_nothing_up():
    with Office() as w:
        receiver = Receiver(certificate=w.provider.folder / "right")
        w.start(mailbox=hook(w, receiver))
        bind_and_wait(w)
        w.provider.set_code(LILY, "anotherCode12345")
        w.provider.end()
        w.provider.start()
        wait_until(lambda: receiver.requests, 120, "it is told")
        assert [(one["type"], one["data"]["status"]) for one in receiver.taken()] == [("mailbox.refused", "needs-code")]
        receiver.close()
        w.run("mailbox", "update-password", LILY, "--password-stdin", *w.provider.servers, stdin="anotherCode12345")
        w.provider.put(LILY, mail(1))
        wait_told(w, ["Question 1"])
        w.provider.put(LILY, mail(2))
        wait_told(w, ["Question 2"])


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__, "-s", "-p", "no:cacheprovider"]))
