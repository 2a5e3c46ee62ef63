"""What comes back by mail when the job has long ended still reaches the source and the provider it left by."""
import contextlib
import re
import smtplib
import time

from harness import Engine, World, addresses, wait_until
from inbound_test import FEEDBACK, complaint, delivered, dsn, inbound, send
from warmup_test import Noon, run

INBOUND = f'[inbound]\nlisten = "127.0.0.1:0"\nhost = "in.acme.example"\naddresses = ["{FEEDBACK}"]\n'
OTHER = "connections = 4\nmessages_per_connection = 0\nrates = []"


def start(w, sink, warmup="", provider="qq"):
    """One source, one named receiver; with a curve the source warms up since today."""
    noon = Noon()
    named = f'provider = "{provider}"\n[provider.{provider}]\n{OTHER}\n' if provider else ""
    config = w.config("e1", engines=("e1",), routes=[("*", sink)], channel="verp = true", expiry="20h",
                      other=OTHER + (f"\nwarmup = {warmup}" if warmup else ""),
                      extra=f'{named}{INBOUND}[billing]\ntimezone = "{noon.zone}"\n')
    if warmup:
        config = config.replace('ehlo = "e1.acme.example"\n', f'ehlo = "e1.acme.example"\nwarmup_start = "{noon.today}"\n')
    return Engine(w, "e1", config).start()


@contextlib.contextmanager
def together(w):
    """What comes back meanwhile reaches the engine at once: it does not own the source, and so takes no signs of it.

    A verdict begins the counts anew, so some of them, judged by themselves, would leave too few for another."""
    key = "hongyan:{s-e1}:source"
    w.redis.call("HSET", key, "owner", "nobody", "until", 1 << 52)
    yield
    w.redis.call("HDEL", key, "owner", "until")


def bounce(engine, sent):
    with smtplib.SMTP("127.0.0.1", inbound(engine), timeout=60) as client:
        for person, record in sent:
            client.sendmail("", [record["from"]], dsn(person))


def signs(engine):
    return sum(int(number) for number in re.findall(r"late-signs .*?bad=(\d+)", engine.log()))


def test_bounces_of_a_job_that_is_done_pause_the_lane_also_after_a_restart():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = start(w, sink)
        people = addresses(60)
        sent = list(delivered(w, sink, "one", people).items())
        assert all(re.fullmatch(r"bounce\+b-[a-z2-7]{12}-0-\w+-[a-z2-7]{6}-[a-z2-7]{8}@acme\.example", record["from"])
                   for _, record in sent), sent[0]
        # What it was counted with is kept: the mails may come days later.
        wait_until(lambda: w.redis.call("HGET", "hongyan:{s-e1}:pace:qq", "breaker_n") == "60", 60, "the counts are kept")
        engine.kill()
        engine.start()
        wait_until(lambda: len(engine.events("inbound-listens")) == 2, 20, "it listens again")
        with together(w):
            bounce(engine, sent[:14])
            # A second copy is no second sign.
            bounce(engine, sent[:14])
        paused = wait_until(lambda: [e for e in w.events("lane.mode") if e["data"]["mode"] == "paused"], 30, "the lane is paused")
        assert (paused[0]["data"]["source"], paused[0]["data"]["provider"]) == ("s-e1", "qq"), paused
        assert "of 60 addresses invalid" in paused[0]["data"]["reply"], paused
        wait_until(lambda: w.redis.call("EXISTS", "hongyan:{s-e1}:late") == 0, 20, "all of them are picked up")
        wait_until(lambda: signs(engine) >= 14, 20, "the worker has them")
        time.sleep(0.5)  # for one too many
        assert signs(engine) == 14
        assert w.job("one")["state"] == "done" and w.job("one")["late_bounced"] == 14
        w.submit("two", addresses(5, "b"))
        w.wait_job("two", lambda j: j.get("state") == "running")
        wait_until(lambda: "addresses invalid" in run(w, "why", "two"), 30, lambda: "why tells: " + run(w, "why", "two"))
        assert w.job("two").get("delivered", 0) == 0


def test_bounces_of_a_job_that_is_done_stop_the_day_of_a_warming_source():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = start(w, sink, warmup="[1000]", provider="")
        people = addresses(20)
        sent = list(delivered(w, sink, "one", people).items())
        with together(w):
            bounce(engine, sent[:4])
        wait_until(lambda: engine.events("warm-up-stopped"), 30, "the signs are judged")
        w.submit("two", addresses(5, "b"))
        w.wait_job("two", lambda j: j.get("state") == "running")
        wait_until(lambda: "stopped for today: 20 % of 20 answers were bad addresses" in run(w, "why", "two"), 30,
                   lambda: "why tells of the stop: " + run(w, "why", "two"))
        assert w.job("two").get("delivered", 0) == 0


def test_complaints_stop_the_day_and_forged_ones_do_not():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = start(w, sink, warmup="[1000]")
        people = addresses(20)
        sent = list(delivered(w, sink, "one", people).items())
        paths = [record["from"] for _, record in sent]
        # Another lane's name, or none, in a return path that was somebody's: no such address.
        for forged in (re.sub(r"-[a-z2-7]{6}-([a-z2-7]{8}@)", r"-aaaaaa-\1", paths[0]), re.sub(r"-[a-z2-7]{6}-([a-z2-7]{8}@)", r"-\1", paths[0])):
            assert send(engine, forged, dsn(people[0])) == (550, "5.1.1 no such address here"), forged
        # A report that shows only the Message-ID counts, but does not tell the lane.
        assert send(engine, FEEDBACK, complaint(people[9], sent[9][1]["message_id"]))[0] == 250
        with together(w):
            for path in paths[:3]:
                assert send(engine, FEEDBACK, complaint("", "", f"Original-Mail-From: <{path}>\r\n"))[0] == 250
        wait_until(lambda: engine.events("warm-up-stopped"), 30, "the signs are judged")
        wait_until(lambda: "stopped for today: 3 complaints" in run(w, "status"), 30, lambda: run(w, "status"))
        assert w.job("one")["complaints"] == 4
