"""Mail that comes back: bounces, complaints and wishes to leave reach the recipient they are about, once."""
import email.message
import json
import re
import smtplib
import subprocess
import sys

import pytest

from free_ports import free_port
from harness import HONGYAN, ROOT, World, addresses, wait_until

sys.path.insert(0, str(ROOT / "bench"))
from system import postfix  # noqa: E402

FEEDBACK = "fbl@acme.example"


def inbound(engine):
    """The port of the engine's listener, since it was started last."""
    return int(wait_until(lambda: re.findall(r"inbound-listens port=(\d+)", engine.log()), 20, "it listens")[-1])


def start(w, more="", channel="verp = true\nunsubscribe_mail = true", **options):
    w.start_redis()
    sink = w.start_sink(out=True)
    engine = w.start_engine("e1", routes=[("*", sink)], engines=("e1",), channel=channel,
                            extra=f'[inbound]\nlisten = "127.0.0.1:0"\nhost = "in.acme.example"\naddresses = ["{FEEDBACK}"]\n{more}', **options)
    return sink, engine


def send(engine, to, content, sender=""):
    """(code, text) of the last reply: to RCPT when that refused, else to the content."""
    with smtplib.SMTP("127.0.0.1", inbound(engine), timeout=60) as client:
        client.ehlo("mx.receiver.example")
        assert client.mail(sender)[0] == 250
        code, text = client.rcpt(to)
        if code == 250:
            code, text = client.data(content)
        return code, text.decode()


def dsn(to, action="failed", status="5.1.1", said="550 5.1.1 <{to}>: Recipient address rejected: User unknown", message_id=""):
    said = said.format(to=to)
    returned = f"\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: news@acme.example\r\nTo: {to}\r\nMessage-ID: {message_id}\r\n" if message_id else ""
    return (f"From: MAILER-DAEMON@mx.receiver.example\r\nTo: whoever@acme.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
            f"Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
            f"--b\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n\r\n<{to}>: {said}\r\n"
            f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.receiver.example\r\n\r\n"
            f"Final-Recipient: rfc822; {to}\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {said}\r\n{returned}\r\n--b--\r\n").encode()


def complaint(to, message_id, mail_from=""):
    return (f"From: fbl@receiver.example\r\nTo: {FEEDBACK}\r\nSubject: FW: spam\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nA complaint.\r\n"
            f"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Receiver/1.0\r\nVersion: 1\r\n{mail_from}\r\n"
            f"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: news@acme.example\r\nTo: {to}\r\nMessage-ID: {message_id}\r\nSubject: Hello\r\n\r\nx\r\n--b--\r\n").encode()


def told(w, *words):
    done = subprocess.run([HONGYAN, *words, "--redis", f"unix:{w.socket}"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def suppressed(w):
    entries = map(json.loads, told(w, "suppress", "list", "--tenant", "acme", "--json").splitlines())
    return {entry["address"]: entry["reason"] for entry in entries}


def delivered(w, sink, job, people):
    """What the sink noted of each, once the job is done."""
    w.submit(job, people)
    assert w.wait_ended(job)["delivered"] == len(people)
    return {record["rcpt"]: record for record in sink.records() if record["rcpt"] in people}


def late(w, job):
    return [(event["data"]["kind"], event["data"]["address"]) for event in w.events("recipient.late", job)]


def test_a_bounce_finds_its_recipient_though_the_job_is_done():
    with World() as w:
        sink, engine = start(w)
        people = addresses(4)
        sent = delivered(w, sink, "one", people)
        path = sent[people[1]]["from"]
        assert re.fullmatch(r"bounce\+b-[a-z2-7]{12}-0-1-[a-z2-7]{6}-[a-z2-7]{8}@acme\.example", path), path
        charged = w.job("one")["charged_micro_yuan"]
        # The report names somebody else, as forwarders do: the tag decides.
        assert send(engine, path, dsn("forwarded@elsewhere.example"))[0] == 250
        job = w.job("one")
        assert (job["late_bounced"], job["delivered"], job["state"], job["charged_micro_yuan"]) == (1, 4, "done", charged), job
        shown = json.loads(told(w, "show", "one", "--json"))
        assert int(shown["late_bounced"]) == 1, shown
        event = wait_until(lambda: w.events("recipient.late", "one"), 20, "it is told")[0]["data"]
        assert (event["kind"], event["address"], event["group"], event["status"]) == ("bounce", people[1], "bad-mailbox", "5.1.1"), event
        assert "User unknown" in event["text"]
        assert suppressed(w) == {people[1]: "bounce"}
        rows = [json.loads(line) for line in told(w, "report", "one", "--json").splitlines()]
        assert {row["address"]: row["late"] for row in rows} == {one: "bounce 5.1.1" if one == people[1] else "" for one in people}
        records = [line.split(",") for line in told(w, "report", "one", "--format", "pmta").splitlines()[1:]]
        assert sorted(record[0] for record in records) == ["d"] * 4 + ["rb"], records
        assert [record[4:7] for record in records if record[0] == "rb"] == [[people[1], "failed", "5.1.1"]]
        assert "came back: bounce 5.1.1" in told(w, "trace", people[1]) and "came back" not in told(w, "trace", people[0])
        # The same again, by another receiver's hand and case folded: known.
        assert send(engine, path.upper(), dsn(people[1]))[0] == 250
        assert w.job("one")["late_bounced"] == 1 and len(late(w, "one")) == 1
        assert engine.metric("hongyan_late_reports_total", kind="bounce", verdict="known") == 1
        # The next job leaves the address out.
        w.submit("two", people)
        job = w.wait_ended("two")
        assert (job["suppressed"], job["delivered"]) == (1, 3), job


def test_what_is_no_bounce_counts_for_nothing():
    with World() as w:
        sink, engine = start(w)
        people = addresses(2)
        path = delivered(w, sink, "one", people)[people[0]]["from"]
        absent = (f"From: {people[0]}\r\nTo: {path}\r\nSubject: Automatic reply: Hello\r\nAuto-Submitted: auto-replied\r\n\r\nI am away until Monday. "
                  "User unknown, mailbox full.\r\n").encode()
        assert send(engine, path, absent, people[0])[0] == 250
        assert send(engine, path, dsn(people[0], "delayed", "4.4.1", "connection timed out"))[0] == 250
        assert send(engine, path, dsn(people[0], "delivered", "2.0.0", "250 ok"))[0] == 250
        # A person learns that nobody reads it.
        person = f"From: {people[0]}\r\nTo: {path}\r\nSubject: Re: Hello\r\n\r\nWhen do you open on Sunday?\r\n".encode()
        code, text = send(engine, path, person, people[0])
        assert code == 550 and "only reports" in text, text
        # A full mailbox is a bounce, but neither evidence against the list nor against the address.
        assert send(engine, path, dsn(people[0], "failed", "5.2.2", "552 5.2.2 Mailbox full"))[0] == 250
        job = w.job("one")
        assert (job["late_bounced"], job["complaints"], job["unsubscribed"]) == (1, 0, 0), job
        assert suppressed(w) == {}
        mails = {kind: engine.metric("hongyan_inbound_mails_total", kind=kind) for kind in ("auto-reply", "delay", "delivered", "not-a-report", "bounce")}
        assert set(mails.values()) == {1}, mails


def test_a_forged_tag_changes_nothing():
    with World() as w:
        sink, engine = start(w)
        people = addresses(3)
        sent = delivered(w, sink, "one", people)
        path, other = sent[people[0]]["from"], sent[people[1]]["from"]
        local, domain = path.split("@")
        forged = [local[:-1] + ("a" if local[-1] != "a" else "c"),                          # another mark
                  re.sub(r"-0-0-", "-0-2-", local),                                          # another recipient's number
                  local.replace("+b-", "+u-"),                                               # another purpose
                  local.rsplit("-", 1)[0] + "-" + other.split("@")[0].rsplit("-", 1)[1]]     # another message's mark
        for one in forged:
            assert send(engine, f"{one}@{domain}", dsn(people[0])) == (550, "5.1.1 no such address here"), one
        known_to_many = sent[people[0]]["message_id"].strip("<>").split("@")[0]
        for one in ("bounce", "postmaster", "bounce+other", known_to_many, "bounce+" + known_to_many):
            assert send(engine, f"{one}@{domain}", dsn(people[0]))[0] == 550, one
        assert engine.metric("hongyan_inbound_refusals_total", reason="forged-tag") == 5
        # To the address of feedback anybody may write: what it says about people is not believed.
        fake = sent[people[0]]["message_id"].replace("m-", "m-a", 1)
        assert send(engine, FEEDBACK, complaint(people[0], fake))[0] == 250
        assert send(engine, FEEDBACK, complaint(people[0], "<1@acme.example>"))[0] == 250
        assert send(engine, FEEDBACK, dsn(people[0]))[0] == 250
        leave = f"From: {people[0]}\r\nTo: {FEEDBACK}\r\nSubject: unsubscribe\r\n\r\n".encode()
        code, text = send(engine, FEEDBACK, leave, people[0])
        assert code == 550 and "link" in text
        assert engine.metric("hongyan_inbound_mails_total", verdict="no-message") == 3
        assert engine.metric("hongyan_inbound_refusals_total", reason="forged-tag") == 6
        job = w.job("one")
        assert (job["late_bounced"], job["complaints"], job["unsubscribed"]) == (0, 0, 0), job
        assert suppressed(w) == {} and late(w, "one") == []


def test_complaints_and_wishes_to_leave():
    with World() as w:
        sink, engine = start(w)
        people = addresses(5)
        sent = delivered(w, sink, "one", people)
        # Only the Message-ID is left of the message; the recipient is hidden.
        assert send(engine, FEEDBACK, complaint("redacted@receiver.example", sent[people[0]]["message_id"]), "fbl@receiver.example")[0] == 250
        # Only its return path.
        assert send(engine, FEEDBACK, complaint("", "", f"Original-Mail-From: <{sent[people[1]]['from']}>\r\n"))[0] == 250
        # A receiver that reports to the return path, twice.
        for _ in range(2):
            assert send(engine, sent[people[0]]["from"], complaint(people[0], "<x@y>"))[0] == 250
        message = email.message_from_bytes(next(path.read_bytes() for path in sink.out.iterdir() if f"To: {people[2]}" in path.read_text()))
        address = re.search(r"<mailto:([^?>]+)\?subject=unsubscribe>", message["List-Unsubscribe"])[1]
        assert re.match(r"bounce\+u-", address), address
        assert send(engine, address, f"From: Li <{people[2]}>\r\nTo: {address}\r\nSubject: unsubscribe\r\n\r\n".encode(), people[2])[0] == 250
        # From another address of the same person, with nothing in it.
        second = address.replace("-0-2-", "-0-3-")
        assert send(engine, second, b"Subject: \r\n\r\n", people[3])[0] == 550
        # An answer to the message itself, where a person might send it.
        reply = f"From: {people[4]}\r\nTo: {FEEDBACK}\r\nSubject: Unsubscribe\r\nIn-Reply-To: {sent[people[4]]['message_id']}\r\n\r\nplease\r\n".encode()
        assert send(engine, FEEDBACK, reply, people[4])[0] == 250
        job = w.job("one")
        assert (job["complaints"], job["unsubscribed"], job["late_bounced"], job["delivered"]) == (2, 2, 0, 5), job
        wait_until(lambda: len(late(w, "one")) == 4, 20, lambda: f"told: {late(w, 'one')}")
        assert suppressed(w) == {people[0]: "complaint", people[1]: "complaint", people[2]: "unsubscribe", people[4]: "unsubscribe"}
        w.submit("two", people)
        assert w.wait_ended("two")["suppressed"] == 4


def test_a_channel_without_return_paths_knows_its_messages_by_their_id():
    with World() as w:
        sink, engine = start(w, channel="")
        people = addresses(2)
        sent = delivered(w, sink, "one", people)
        assert {record["from"] for record in sent.values()} == {"bounce@acme.example"}
        assert send(engine, "bounce@acme.example", dsn(people[0]))[0] == 550  # nobody has said so
        assert send(engine, FEEDBACK, dsn(people[0], message_id=sent[people[0]]["message_id"]))[0] == 250
        assert w.job("one")["late_bounced"] == 1 and suppressed(w) == {people[0]: "bounce"}


def test_late_bounces_trip_the_job_that_still_runs():
    with World() as w:
        sink, engine = start(w, other='connections = 1\nmessages_per_connection = 0\nrates = ["20/s burst 1"]')
        people = addresses(400)
        w.submit("bad", people)
        w.wait_job("bad", lambda j: j["delivered"] >= 60)
        paths = [record["from"] for record in sink.records()[:60]]
        with smtplib.SMTP("127.0.0.1", inbound(engine), timeout=60) as client:
            for path in paths[:12]:
                client.sendmail("", [path], dsn("x@x.example"))
        job = w.wait_job("bad", lambda j: j["state"] == "tripped")
        assert job["late_bounced"] >= 3 and job["delivered"] < 400, job


def test_nothing_is_promised_while_redis_is_away():
    with World() as w:
        sink, engine = start(w)
        people = addresses(2)
        path = delivered(w, sink, "one", people)[people[0]]["from"]
        w.kill_redis()
        code, text = send(engine, path, dsn(people[0]))
        assert code == 451, text
        assert engine.metric("hongyan_inbound_mails_total", verdict="later") == 1
        w.restart_redis()
        # The sender comes again, as senders do.
        wait_until(lambda: send(engine, path, dsn(people[0]))[0] == 250, 60, "it is taken")
        assert w.job("one")["late_bounced"] == 1 and suppressed(w) == {people[0]: "bounce"}


def test_bombs_are_refused_and_counted():
    with World() as w:
        sink, engine = start(w)
        people = addresses(1)
        path = delivered(w, sink, "one", people)[people[0]]["from"]
        nested = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"".join(
            b"--x\r\nContent-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(5000))
        assert send(engine, path, nested)[0] == 554
        assert send(engine, path, b"X-A: b\r\n" * 30000 + b"\r\n")[0] == 554
        # Cut off within its parts, and a large one whose report stands in front: read as far as they go.
        assert send(engine, path, dsn(people[0])[:-120])[0] == 250
        assert w.job("one")["late_bounced"] == 1
        before = engine.rss_mib()
        big = dsn(people[0])[:-8] + b"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n" + b"x" * 76 + b"\r\n" + (b"y" * 76 + b"\r\n") * 250_000 + b"--b--\r\n"
        assert send(engine, path, big)[0] == 250
        assert send(engine, path, (b"y" * 76 + b"\r\n") * 450_000)[0] == 552
        assert engine.rss_mib() - before < 30, (before, engine.rss_mib())
        assert engine.metric("hongyan_inbound_mails_total", kind="unreadable", verdict="refused") == 2
        assert engine.metric("hongyan_inbound_refusals_total", reason="too-large") == 1
        assert engine.get("/readyz")[0] == 200


def test_lmtp_answers_for_each_recipient_and_tls_is_offered():
    with World() as w:
        key, certificate = w.folder / "in.key", w.folder / "in.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
                        "-days", "2", "-subj", "/CN=in.acme.example"], check=True, capture_output=True)
        sink, engine = start(w, f'lmtp = true\ncertificate_file = "{certificate}"\nkey_file = "{key}"')
        people = addresses(2)
        sent = delivered(w, sink, "one", people)
        with smtplib.LMTP("127.0.0.1", inbound(engine)) as client:
            client.starttls()
            client.ehlo("mx.acme.example")
            assert client.sock.version() in ("TLSv1.2", "TLSv1.3")
            client.mail("")
            assert client.rcpt(sent[people[0]]["from"])[0] == 250
            assert client.rcpt("nobody@acme.example")[0] == 550
            assert client.rcpt(FEEDBACK)[0] == 250
            client.putcmd("data")
            assert client.getreply()[0] == 354
            client.send(dsn(people[0]) + b".\r\n")
            assert [client.getreply()[0], client.getreply()[0]] == [250, 250]
        assert w.job("one")["late_bounced"] == 1
        assert engine.metric("hongyan_inbound_mails_total", kind="bounce", verdict="taken") == 1
        assert engine.metric("hongyan_inbound_mails_total", kind="bounce", verdict="no-message") == 1


@pytest.mark.skipif(bool(postfix.missing()), reason=f"Postfix: {postfix.missing()}")
def test_the_reports_of_a_real_postfix_come_home():
    """It accepts everything, cannot hand some of it on, and reports that to the return path."""
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        sink.address = "127.0.0.1"
        port = free_port()
        with postfix.Postfix(sink, 4) as mta:
            with open(mta.folder / "etc/main.cf", "a") as main:
                main.write(f"transport_maps = inline:{{acme.example=smtp:[127.0.0.1]:{port}}}\n")
            subprocess.run(["/usr/sbin/postfix", "-c", mta.folder / "etc", "reload"], check=True, capture_output=True)
            engine = w.start_engine("e1", routes=[("*", mta.port)], engines=("e1",), channel="verp = true", extra=f'[inbound]\nlisten = "127.0.0.1:{port}"\n')
            gone, full = "bounce-550-5.1.1+li@x.example", "bounce-552-5.2.2+wu@x.example"
            w.submit("one", ["one@x.example", gone, full, "two@x.example"])
            assert w.wait_ended("one")["delivered"] == 4
            w.wait_job("one", lambda j: j["late_bounced"] == 2)
            wait_until(lambda: len(late(w, "one")) == 2, 20, "both are told")
        data = {event["data"]["address"]: event["data"] for event in w.events("recipient.late", "one")}
        assert (data[gone]["group"], data[gone]["status"]) == ("bad-mailbox", "5.1.1"), data
        assert (data[full]["group"], data[full]["status"]) == ("full", "5.2.2"), data
        assert suppressed(w) == {gone: "bounce"}
        assert engine.metric("hongyan_inbound_mails_total", kind="bounce", verdict="taken") == 2
