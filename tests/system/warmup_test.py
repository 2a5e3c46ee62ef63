"""Sources that warm up: a cap for each day, overflow to warm sources or tomorrow, a stop on bad signs."""
import datetime
import json
import os
import subprocess

from harness import Engine, World, addresses, wait_until
from patient import PATIENT

HONGYAN = os.environ["HONGYAN_BIN"]
UTC = datetime.timezone.utc


def run(w, *arguments):
    done = subprocess.run([HONGYAN, *arguments, "--redis", f"unix:{w.socket}"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout


class Noon:
    """A zone in which it is about noon, so that no midnight falls into the test."""

    def __init__(self):
        now = datetime.datetime.now(UTC)
        ahead = 12 - now.hour
        self.zone = f"Etc/GMT{-ahead:+d}"  # POSIX signs
        self.today = (now + datetime.timedelta(hours=ahead)).date()


def start(w, sink, curve, days_ago=0, more_sources=(), name="e1", engines=("e1",)):
    """The engine; of its sources s-e1 warms up."""
    noon = Noon()
    begun = noon.today - datetime.timedelta(days=days_ago)
    config = w.config(name, engines=engines, routes=[("*", sink)], more_sources=more_sources, **(PATIENT | {"expiry": "20h"}),
                      other=f"connections = 4\nmessages_per_connection = 0\nrates = []\nwarmup = {curve}",
                      extra=f'[billing]\ntimezone = "{noon.zone}"\n')
    config = config.replace('ehlo = "e1.acme.example"\n', f'ehlo = "e1.acme.example"\nwarmup_start = "{begun}"\n')
    return Engine(w, name, config).start()


def sent(engine, source="s-e1", outcome="delivered"):
    return engine.metric("hongyan_outcomes_total", source=source, outcome=outcome)


def test_what_is_beyond_the_days_cap_leaves_by_a_warm_source():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = start(w, sink, [5, 10], more_sources=[("warm", "127.0.0.9")])
        people = addresses(60)
        w.submit("spring", people)
        w.wait_ended("spring")
        w.check_books("spring", [sink], people)
        wait_until(lambda: sent(engine) + sent(engine, "warm") == 60, 20, "the counters are published")
        assert sent(engine) == 5


def test_a_warm_source_of_another_engine_takes_the_rest():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        cold, warm = (start(w, sink, [5], name=name, engines=("e1", "e2")) for name in ("e1", "e2"))
        people = addresses(300)
        w.submit("spring", people)
        w.wait_ended("spring", 200)
        w.check_books("spring", [sink], people)
        wait_until(lambda: sent(cold) + sent(warm, "s-e2") == 300, 20, "the counters are published")
        assert sent(cold) <= 5


def test_without_a_warm_source_it_waits_for_tomorrow():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = start(w, sink, [3, 5, 9], days_ago=1)
        people = addresses(12)
        w.submit("spring", people)
        w.wait_job("spring", lambda j: j.get("delivered", 0) == 5)
        wait_until(lambda: "warm-up day 2: 5 of 5 sent" in run(w, "why", "spring"), 30,
                   lambda: "why tells of the cap: " + run(w, "why", "spring"))
        assert "s-e1 warms up since" in run(w, "status")
        [row] = json.loads(run(w, "status", "--json"))["warmups"]
        assert (row["source"], row["provider"], row["day"], row["cap"], row["sent"]) == ("s-e1", "other", 2, 5, 5)
        # No restart, and no other job, gives it more today.
        engine.kill()
        engine.start()
        w.submit("autumn", addresses(4, "a"))
        w.wait_job("autumn", bool)
        wait_until(lambda: "warm-up day 2: 5 of 5 sent" in run(w, "why", "autumn"), 30,
                   lambda: "why tells of the cap: " + run(w, "why", "autumn"))
        assert w.job("autumn").get("delivered", 0) == 0 and w.job("spring")["delivered"] == 5
        # It is tomorrow: the record is of yesterday.
        key, words = "hongyan:{s-e1}:warmup", w.redis.call("HGET", "hongyan:{s-e1}:warmup", "other").split()
        assert words[1] == "2"
        engine.kill()
        w.redis.call("HSET", key, "other", " ".join([words[0], "1", *words[2:]]))
        engine.start()
        w.submit("winter", addresses(20, "w"))
        w.wait_job("winter", lambda j: j.get("delivered", 0) == 9)
        wait_until(lambda: "warm-up day 3: 9 of 9 sent" in run(w, "why", "winter"), 30, "the third day is spent")
        assert sum(sink.copies().values()) == 5 + 9


def test_bad_signs_stop_the_day():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = start(w, sink, [1000])
        w.submit("old-list", [f"bounce-550-5.1.1+{n}@x.example" for n in range(8)])
        w.wait_ended("old-list")
        wait_until(lambda: engine.events("warm-up-stopped"), 30, "the signs are judged")
        w.submit("good-list", addresses(5))
        w.wait_job("good-list", bool)
        wait_until(lambda: "stopped for today: 100 % of 8 answers were bad addresses" in run(w, "why", "good-list"), 30,
                   lambda: "why tells of the stop: " + run(w, "why", "good-list"))
        assert w.job("good-list").get("delivered", 0) == 0
        assert "stopped for today" in run(w, "status")
