"""A letter's whole way: a bound mailbox, its provider's submission server, and a real Postfix that delivers into a Maildir."""
import email
import email.policy
import os
import pwd
import smtplib
import sys
import time
import types

import pytest

from harness import ROOT, wait_until
from mail_provider import Provider
from mailbox_test import CODE, LILY, Office

sys.path.insert(0, str(ROOT / "bench"))
from system import postfix  # noqa: E402

BOB = "bob@customer.example"
pytestmark = pytest.mark.skipif(bool(postfix.missing()), reason=f"Postfix: {postfix.missing()}")


class Customers:
    """The customers' mail server: knows its people, refuses others, keeps what came in Maildirs."""

    def __init__(self, *people):
        self.people = people
        self.mta = postfix.Postfix(types.SimpleNamespace(address="127.0.0.1", port=9), 4)  # relays nothing

    def __enter__(self):
        mta = self.mta.__enter__()
        try:
            self.mail = mta.folder / "mail"
            self.mail.mkdir()
            owner = pwd.getpwnam("nobody")
            os.chown(self.mail, owner.pw_uid, owner.pw_gid)
            known = ", ".join(f"{{ {one} = {one}/ }}" for one in self.people)
            with open(mta.folder / "etc/main.cf", "a") as main:
                main.write("virtual_mailbox_domains = customer.example\n"
                           f"virtual_mailbox_base = {self.mail}\nvirtual_mailbox_maps = inline:{{ {known} }}\n"
                           f"virtual_minimum_uid = 1\nvirtual_uid_maps = static:{owner.pw_uid}\nvirtual_gid_maps = static:{owner.pw_gid}\n")
            with open(mta.folder / "etc/master.cf", "a") as master:
                master.write("virtual unix - n n - - virtual\n")
            mta._control("reload")
            wait_until(lambda: self._refuses_strangers(mta.port), 60, "the new settings are in use")
        except BaseException:
            mta.__exit__()
            raise
        self.port = mta.port
        return self

    def __exit__(self, *_):
        self.mta.__exit__()

    @staticmethod
    def _refuses_strangers(port):
        try:
            with smtplib.SMTP("127.0.0.1", port, "probe.example", timeout=30) as probe:
                probe.mail("probe@probe.example")
                return probe.rcpt("stranger@customer.example")[0] == 550
        except smtplib.SMTPException:
            return False

    def mails(self, who):
        found = [path for name in ("new", "cur") for path in (self.mail / who / name).glob("*")]
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in sorted(found)]


def test_letters_arrive_once_as_they_were_written():
    with Customers(BOB, "eve@customer.example") as customers, Office() as w:
        w.provider = Provider(w, customers.port, {LILY: CODE})
        w.start()
        w.bind()
        (w.folder / "offer.pdf").write_bytes(bytes(range(256)) * 40)
        text = "Dear Bob,\n\nthe goods have left.\n.\nFrom here they take ten days.\n"
        send = lambda: w.letter(id="l1", subject="Your order: 你好 Bob", text=text, from_name="Lily 李", in_reply_to="<q1@customer.example>",
                                attach=str(w.folder / "offer.pdf"))
        send()
        w.wait_state("l1", "sent")
        send()
        w.letter(id="l2", to="eve@customer.example", text="Dear Eve, the drawings come on Friday with the samples.")
        w.wait_state("l2", "sent")
        first = wait_until(lambda: customers.mails(BOB), 60, "it arrives")[0]
        wait_until(lambda: customers.mails("eve@customer.example"), 60, "it arrives")
        time.sleep(1)
        assert [len(customers.mails(who)) for who in customers.people] == [1, 1]
        assert first["Return-Path"] == f"<{LILY}>" and first["X-Original-To"] == BOB
        sender, = first["From"].addresses
        assert (sender.addr_spec, sender.display_name) == (LILY, "Lily 李")
        assert [one.addr_spec for one in first["To"].addresses] == [BOB] and first["Cc"] is None and first["Bcc"] is None
        assert first["Subject"] == "Your order: 你好 Bob"
        assert first["In-Reply-To"] == first["References"] == "<q1@customer.example>"
        assert first["Message-ID"].endswith("@corp.example>") and first["Date"].datetime
        # Nothing tells a campaign's machinery.
        assert not {"list-unsubscribe", "list-id", "feedback-id", "precedence", "x-mailer"} & {name.lower() for name in first.keys()}
        assert "hongyan" not in str(first).lower()
        assert first.get_body(("plain",)).get_content().replace("\r\n", "\n") == text
        offer, = first.iter_attachments()
        assert offer.get_filename() == "offer.pdf" and offer.get_content() == bytes(range(256)) * 40
        assert not first.defects


def test_an_unknown_customer_bounces_with_the_words_of_his_server():
    with Customers(BOB) as customers, Office() as w:
        w.provider = Provider(w, customers.port, {LILY: CODE})
        w.start()
        w.bind()
        w.letter(id="l1", to="nobody@customer.example")
        w.wait_state("l1", "bounced")
        event, = wait_until(lambda: w.events_of("mailbox.letter"), 20, "it is told")
        assert event["outcome"] == "bounced" and "User unknown" in event["reply"], event
        wait_until(lambda: "nobody@customer.example" in w.run("suppress", "list", "--tenant", "acme").stdout, 30, "he is suppressed")
        refused = w.letter(id="l2", to="nobody@customer.example", text="Once more: where are you?", ok=False)
        assert refused.returncode == 1 and "gets no mail" in refused.stdout
        w.letter(id="l3", to=BOB, text="Dear Bob, the goods are here at last.")
        w.wait_state("l3", "sent")
        wait_until(lambda: len(customers.mails(BOB)) == 1, 60, "the next letter arrives")


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__, "-s", "-p", "no:cacheprovider"]))
