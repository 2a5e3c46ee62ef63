"""News of a bound mailbox, and trouble with it, reach by mail whom its user names: once, gathered, and never about themselves."""
import collections
import email
import email.policy
import time

import pytest

from harness import Engine, wait_until
from mail_provider import Provider
from mailbox_sync_test import mail
from mailbox_test import CODE, LILY, Office

BOSS = "boss@acme.example"
ANNA = "anna@corp.example"
NOTIFY = '[mailbox.notify]\nfrom = "hongyan@acme.example"\ntenant = "acme"\nchannel = "quality"\nevery = "{every}"\n'


class Notified(Office):
    def start(self, name="e1", every="1m", scale=0.05, extra=""):
        """A minute between mails is `scale` of one."""
        mailbox = '[mailbox]\nopens = "00:00"\ncloses = "00:00"\n' + NOTIFY.format(every=every) + extra
        config = self.config(name, routes=[("*", self.sink)], smtp=f'ca_file = "{self.provider.ca_file}"',
                             extra=f'[vault]\nkey_file = "{self.folder}/vault.key"\n' + mailbox)
        return Engine(self, name, config.replace("[redis]", f"pace_time_scale = {scale}\n[redis]", 1)).start()

    def notices(self, to=BOSS):
        # Those that are recorded are written to their end.
        paths = sorted({self.sink.out / record["file"] for record in self.sink.records()})
        read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
        return [one for one in read if one["To"].addresses[0].addr_spec == to]

    def counted(self):
        """Messages that all notices tell together."""
        return sum(int(one["Subject"].split(": ")[1].split(" ")[0]) for one in self.notices())

    def first_look(self, address=LILY):
        wait_until(lambda: self.redis.call("HGET", f"hongyan:{{{address}}}:mailbox", "uid_next"), 60, "the first look")


def test_a_burst_becomes_few_mails_and_every_message_is_counted_once():
    with Notified() as w:
        w.start("e1")
        w.start("e2")  # both look
        w.bind()
        w.run("mailbox", "set", LILY, "--notify", BOSS)
        assert BOSS in w.run("mailbox", "show", LILY).stdout
        w.first_look()
        began = time.monotonic()
        w.provider.put(LILY, *(mail(number) for number in range(120)), mail(500, "Away", "Auto-Submitted: auto-replied\r\n"))
        wait_until(lambda: w.counted() == 120, 120, lambda: [one["Subject"] for one in w.notices()])
        notices = w.notices()
        # A minute between two of them, as this clock runs: however long the burst took to arrive.
        assert len(notices) <= 3 + (time.monotonic() - began) / 3, [one["Subject"] for one in notices]
        first = notices[0]
        assert first["From"] == "hongyan@acme.example" and first["Auto-Submitted"] == "auto-generated"
        text = first.get_body(("plain",)).get_content()
        assert "Bob <bob@customer.example>: Question 0" in text and "this is question" not in text, text
        time.sleep(4)
        assert len(w.notices()) == len(notices), "nothing is told twice"
        assert collections.Counter(one["Message-ID"] for one in notices).most_common(1)[0][1] == 1
        assert w.dead() == []


def test_a_batch_that_is_handed_over_twice_is_one_mail():
    with Notified() as w:
        w.start()
        w.bind()
        w.run("mailbox", "set", LILY, "--notify", BOSS)
        w.first_look()
        key = f"hongyan:{{{LILY}}}:mailbox"
        # An engine takes the batch and dies. The others would have been told an hour ago, and in an hour it is due for them.
        hour = 3600 * 1000
        w.redis.call("HSET", key, "noticed_at", int(time.time() * 1000) + hour)
        w.provider.put(LILY, mail(1), mail(2))
        wait_until(lambda: len(w.events_of("mailbox.message")) == 2, 60, "both are seen")
        number, count, to, *notes = wait_until(lambda: w.redis.call("FCALL", "h1_notes_take", 1, key, -2 * hour), 60, "it is noted")
        wait_until(w.notices, 60, "another engine hands it over")
        wait_until(lambda: not w.redis.call("HGET", key, "notice"), 60, "and is done with it")
        # An engine hands it over and dies before it is done with it.
        w.redis.call("RPUSH", f"hongyan:{{{LILY}}}:notice", *notes)
        w.redis.call("HSET", key, "notice", number, "notice_count", count, "notice_to", to)
        wait_until(lambda: not w.redis.call("HGET", key, "notice"), 60, "another is done with it")
        wait_until(lambda: w.redis.call("XLEN", "hongyan:jobs") == 0, 60, "its job was looked at")
        wait_until(lambda: w.counted() == 2, 60, "both are told")
        time.sleep(2)
        assert w.counted() == 2 and w.dead() == [], ([one["Subject"] for one in w.notices()], w.dead())


def test_trouble_is_told_though_the_mailbox_is_shut():
    with Notified() as w:
        w.start()
        w.bind()
        w.run("mailbox", "set", LILY, "--notify", BOSS)
        w.first_look()
        w.provider.set_code(LILY, "anotherCode12345")
        w.run("mailbox", "set", LILY, "--sync", "off")
        w.letter(id="l1")
        notice = wait_until(w.notices, 120, "it is told")[0]
        assert notice["Subject"] == f"{LILY}: trouble / 故障"
        text = notice.get_body(("plain",)).get_content()
        assert "needs-code" in text and "anotherCode" not in text and CODE not in text, text


def test_two_mailboxes_that_tell_each_other_do_not_go_round():
    with Notified() as w:
        w.provider = Provider(w, w.sink.port, {LILY: CODE, ANNA: "anotherCode12345"})
        w.start()
        w.bind()
        w.bind(ANNA, "anotherCode12345")
        w.run("mailbox", "set", LILY, "--notify", ANNA)
        w.run("mailbox", "set", ANNA, "--notify", LILY)
        w.first_look(LILY)
        w.first_look(ANNA)
        w.provider.put(LILY, mail(1))
        wait_until(lambda: w.notices(ANNA), 120, "Anna is told")
        raw = (w.sink.out / w.sink.records()[0]["file"]).read_text()
        w.provider.put(ANNA, raw)  # it comes into her mailbox
        wait_until(lambda: [e for e in w.events_of("mailbox.message") if e["mailbox"] == ANNA], 120, "it is seen there")
        time.sleep(20)
        assert w.notices(LILY) == [] and len(w.notices(ANNA)) == 1


def test_whom_nobody_can_tell_is_refused():
    with Notified() as w:
        w.start()
        w.bind()
        own = w.run("mailbox", "set", LILY, "--notify", LILY, ok=False)
        assert own.returncode == 1 and "through itself" in own.stderr
        nobody = w.run("mailbox", "set", LILY, "--notify", "nobody", ok=False)
        assert nobody.returncode == 1 and "`notify`" in nobody.stderr
    with Office() as w:
        w.start()
        w.bind()
        refused = w.run("mailbox", "set", LILY, "--notify", BOSS, ok=False)
        assert refused.returncode == 1 and "[mailbox.notify]" in refused.stderr


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__, "-s", "-p", "no:cacheprovider"]))
