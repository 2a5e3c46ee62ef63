"""`hongyan hold`: nothing is sent, all else goes on. And what else an operator changes under running engines is
seen by them, and said where he looks first."""
import json
import os
import subprocess
import time

import pytest

from harness import HONGYAN, World, addresses, wait_until


def run(w, *words, code=0):
    done = subprocess.run([HONGYAN, *words], env={"PATH": os.environ["PATH"], "HONGYAN_REDIS": f"unix:{w.socket}"},
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def run_until_noticed(w, *words):
    """A hold stands at once; when an engine has not noticed within its 5 s, asking again waits again."""
    def ask():
        done = subprocess.run([HONGYAN, *words], env={"PATH": os.environ["PATH"], "HONGYAN_REDIS": f"unix:{w.socket}"},
                              capture_output=True, text=True, timeout=60)
        assert done.returncode in (0, 75), (words, done.returncode, done.stdout, done.stderr)
        return done.returncode == 0 and done.stdout + done.stderr
    return wait_until(ask, 30, lambda: f"every engine notices {words}")


@pytest.fixture
def world():
    with World() as w:
        w.start_redis("everysec")
        w.sink = w.start_sink(profile='latency = "20ms"')
        yield w


SLOW = "connections = 2\nmessages_per_connection = 0\nrates = []"


def test_a_hold_stops_all_sending_and_nothing_else(world):
    w = world
    engines = [w.start_engine(name, routes=[("*", w.sink)], other=SLOW) for name in ("e1", "e2")]
    people = addresses(3000)
    assert "sending is not held" in run(w, "hold")
    w.submit("first", people)
    w.wait_job("first", lambda j: j.get("delivered", 0) > 100)
    told = run_until_noticed(w, "hold", "--reason", "looking into it")
    assert "sending is held since" in told and "looking into it" in told
    w.wait_job("first", lambda j: j["in_flight"] == 0 and j["claimed"] == 0, 60, "what is on the wire ends, what is held goes back")
    before = len(w.sink.records())
    # Documents are taken in and planned, operations have their effect.
    w.submit("second", addresses(50, "second"))
    w.wait_job("second", lambda j: j.get("total") == 50 and j["state"] == "running")
    w.submit("third", addresses(20, "third"))
    w.wait_job("third", lambda j: j.get("total") == 20)
    run(w, "cancel", "third", "--reason", "not wanted")
    assert w.wait_ended("third")["cancelled"] == 20
    time.sleep(1.5)
    assert len(w.sink.records()) == before and w.job("second")["delivered"] == 0
    # It is said wherever somebody may look.
    for engine in engines:
        status, text = engine.get("/readyz")
        assert status == 200 and "warning: sending is held" in text and "hongyan hold --release" in text, text
        assert engine.metric("hongyan_held") == 1
    assert "sending is held" in run(w, "status") and "looking into it" in json.loads(run(w, "status", "--json"))["held"]
    assert "sending is held" in run(w, "why", "first")
    # A second one changes nothing: the first reason stands. An engine that starts is held from the beginning.
    assert "looking into it" in run_until_noticed(w, "hold", "--reason", "another")
    engines[0].kill()
    engines[0].start()
    time.sleep(1.5)
    assert len(w.sink.records()) == before
    assert "sending is not held" in run_until_noticed(w, "hold", "--release")
    w.wait_ended("first", 180)
    w.wait_ended("second")
    assert w.check_books("first", [w.sink], people)["delivered"] == 3000
    assert max(w.sink.copies().values()) == 1
    assert engines[1].events("warning held") and engines[1].events("info released")


def test_a_hold_without_engines_and_one_that_nobody_understands(world):
    w = world
    assert "no engine is running" in run(w, "hold", "--reason", "before the start")
    engine = w.start_engine("e1", routes=[("*", w.sink)], engines=("e1",))
    w.submit("held", ["a@x.example"])
    w.wait_job("held", lambda j: j.get("state") == "running")
    time.sleep(1.5)
    assert not w.sink.records()
    run(w, "hold", "--release", "--reason", "both", code=64)
    # By hand, in a hurry, from any client of Redis.
    w.redis.call("SET", "hongyan:hold", "stop it")
    assert "stop it" in run(w, "hold")
    time.sleep(1.5)
    assert not w.sink.records() and engine.get("/readyz")[0] == 200
    w.redis.call("DEL", "hongyan:hold")
    w.wait_ended("held")
    assert len(w.sink.records()) == 1


def test_settings_of_redis_that_change_under_an_engine(world):
    w = world
    engine = w.start_engine("e1", routes=[("*", w.sink)], engines=("e1",))
    assert engine.get("/readyz") == (200, "ready\n")
    w.redis.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    wait_until(lambda: "maxmemory-policy is allkeys-lru" in engine.get("/readyz")[1], 30, "it sees that Redis may drop mail")
    status, text = engine.get("/readyz")
    assert status == 200 and "set it to noeviction" in text, text
    wait_until(lambda: "set it to noeviction" in run(w, "status"), 10, "status says so")
    w.submit("waits", ["a@x.example"])
    w.redis.call("CONFIG", "SET", "maxmemory-policy", "noeviction")
    w.wait_ended("waits")
    w.redis.call("CONFIG", "SET", "appendonly", "no")
    wait_until(lambda: "appendonly is no" in engine.get("/readyz")[1], 30, "it sees that Redis is not durable")
    assert engine.get("/readyz")[0] == 200 and engine.metric("hongyan_redis_durable") == 0
    w.redis.call("CONFIG", "SET", "appendonly", "yes")
    wait_until(lambda: engine.metric("hongyan_redis_durable") == 1, 30, "it is durable again")
    # The functions are loaded again when somebody takes them away.
    w.redis.call("FUNCTION", "DELETE", "hongyan1")
    wait_until(lambda: w.redis.call("FUNCTION", "LIST"), 60, "the engine loads its functions")
    w.submit("again", ["a@x.example"])
    w.wait_ended("again")


def test_a_source_that_no_engine_has_is_named(world):
    w = world
    w.start_engine("e1", routes=[("*", w.sink)], engines=("e1", "e9"))
    warning = "warning: no running engine has source s-e9: start e9, or name a running engine"
    # Ready is said before the first heartbeat.
    wait_until(lambda: warning in (told := run(w, "status")) and "s-e1:" not in told, 20, lambda: run(w, "status"))


def test_a_job_that_waits_for_such_a_source_says_so(world):
    w = world
    w.start_engine("e1", routes=[("*", w.sink)], engines=("e9",))
    w.submit("stuck", ["a@x.example"])
    w.wait_job("stuck", lambda j: j.get("state") == "running")
    why = "no running engine has source s-e9: start e9"
    wait_until(lambda: why in (told := run(w, "why", "stuck")) and "nothing holds it" not in told, 20, lambda: run(w, "why", "stuck"))
