"""Who must get no mail gets none: when a list is planned, when a chunk is claimed, and while it is in hand."""
import csv
import datetime
import io
import json
import os
import subprocess

from harness import World, addresses, wait_until

HONGYAN = os.environ["HONGYAN_BIN"]


def run(w, *arguments, code=0, given=None):
    done = subprocess.run([HONGYAN, *arguments, "--redis", f"unix:{w.socket}"], capture_output=True, text=True, timeout=60,
                          input=given)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def test_lists_by_hand_and_their_effect_on_planning():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine("e1", routes=[("*", sink)], engines=("e1",))
        people = addresses(20)
        told = run(w, "suppress", "add", people[3].upper(), "@gone.example", "nonsense", "also@", code=64)
        assert "nonsense" in told and "also@" in told and "@example.com" in told, told
        assert run(w, "suppress", "list") == "nobody is suppressed for everybody\n"
        assert "suppressed 2 for everybody" in run(w, "suppress", "add", people[3].upper(), "@gone.example")
        assert "suppressed 1 for acme; 1 suppressed before" in run(w, "suppress", "import", "-", "--tenant", "acme", "--reason",
                                                                   "unsubscribe", given=f"{people[5]}\n\n{people[5]}\n")
        told = run(w, "suppress", "import", "-", "--tenant", "acme", code=1, given=f"email,reason,source\n{people[7]},complaint,old tool\nx,,\n")
        assert "row 3: x" in told and "suppressed 1 for acme" in told, told
        told = run(w, "suppress", "add", people[0], "--tenant", "acmee", code=1)
        assert "did you mean 'acme'?" in told, told
        out = list(csv.DictReader(io.StringIO(run(w, "suppress", "export", "--tenant", "acme"))))
        assert {(row["address"], row["reason"]) for row in out} == {(people[5], "unsubscribe"), (people[7], "complaint")}
        assert [row["source"] for row in out if row["reason"] == "complaint"] == ["old tool"]

        everyone = people + [f"one{n}@gone.example" for n in range(3)] + [people[5]]
        w.submit("planned", everyone)
        job = w.wait_ended("planned")
        assert (job["suppressed"], job["delivered"], job["duplicate"]) == (6, 17, 1), job
        w.check_books("planned", [sink], everyone)
        assert not set(sink.copies()) & {people[3], people[5], people[7]}
        assert f"suppressed for acme: unsubscribe, by " in run(w, "why", people[5])
        traced = json.loads(run(w, "trace", people[5], "--json").splitlines()[0])
        assert traced["state"] == "suppressed" and "unsubscribe, by " in traced["replies"][0]["reply"], traced

        assert "removed 1 for acme; 1 not there" in run(w, "suppress", "remove", people[5], people[6], "--tenant", "acme")
        w.submit("again", people[5:7])
        assert w.wait_ended("again")["delivered"] == 2


def test_a_hard_bounce_is_the_last_one():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine("e1", routes=[("*", sink)], engines=("e1",))
        # The receiver's word about the address, about us, and about now.
        bad = ["bounce-550-5.1.1+a@x.example", "bounce-554-5.7.1+a@x.example", "defer-452-4.2.2+a@x.example"]
        w.submit("first", addresses(5) + bad, expires_after="25s")
        job = w.wait_ended("first")
        assert (job["delivered"], job["bounced"]) == (5, 2), job
        event = wait_until(lambda: w.events("suppression.added", "first"), 20, "it is told")
        assert len(event) == 1 and event[0]["data"]["address"] == bad[0] and event[0]["data"]["reason"] == "bounce", event
        entries = [json.loads(line) for line in run(w, "suppress", "list", "--tenant", "acme", "--json").splitlines()]
        assert [(e["address"], e["reason"], e["source"]) for e in entries] == [(bad[0], "bounce", "job first")]
        w.submit("second", [bad[0].replace("bounce", "Bounce")] + bad[1:2])
        job = w.wait_ended("second")
        assert (job["suppressed"], job["bounced"]) == (1, 1), job


def test_an_entry_reaches_what_is_planned_and_what_is_in_hand():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        options = dict(routes=[("*", sink)], engines=("e1",),
                       other='connections = 1\nmessages_per_connection = 0\nrates = ["1/s burst 1"]')
        w.start_engine("e1", **options)
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=15)
        w.submit("later", addresses(6, "later"), send_at=soon.isoformat())
        wait_until(lambda: w.job("later").get("list_complete") == 1, 20, "it is planned")
        run(w, "suppress", "add", "later1@x.example", "later2@x.example")
        job = w.wait_ended("later")
        assert (job["suppressed"], job["delivered"]) == (2, 4), job
        # In hand for longer than engines go without asking again.
        w.submit("held", addresses(44, domain="y.example"))
        w.wait_job("held", lambda j: j["delivered"] >= 1)
        run(w, "suppress", "add", "@y.example", "--tenant", "acme")
        job = w.wait_ended("held", 90)
        assert job["suppressed"] >= 2 and job["delivered"] + job["suppressed"] == 44, job
        assert len(w.replies("held")) >= 44


def test_the_forgotten_stay_forgotten():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine("e1", routes=[("*", sink)], engines=("e1",))
        run(w, "suppress", "add", "li@x.example", "--tenant", "acme")
        w.submit("one", ["li@x.example", "wang@x.example"])
        assert w.wait_ended("one")["suppressed"] == 1
        run(w, "forget", "Li@x.example")
        assert "li@" not in run(w, "suppress", "list", "--tenant", "acme")
        entries = [json.loads(line) for line in run(w, "suppress", "list", "--json").splitlines()]
        assert len(entries) == 1 and entries[0]["address"].startswith("#") and entries[0]["reason"] == "forgotten", entries
        w.submit("two", ["LI@x.example", "zhao@x.example"])
        job = w.wait_ended("two")
        assert (job["suppressed"], job["delivered"]) == (1, 1), job
        everything = subprocess.run(["redis-cli", "-s", str(w.socket), "--no-raw", "hgetall", "hongyan:suppressed"], capture_output=True, text=True).stdout
        assert "li@" not in everything.lower()
