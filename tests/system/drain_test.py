"""SIGTERM: not ready at once, what is on the wire finishes, leases go back, exit 0 (guarantee 9)."""
import signal
import time

from harness import World, addresses, wait_until


def test_drain_hands_over_at_once():
    with World() as w:
        w.start_redis()
        sink = w.start_sink(profile='latency = "100ms"')
        people = addresses(1000)
        # A lease that would hold the job up if it had to run out.
        options = dict(routes=[("*", sink)], lease="300s",
                       other="connections = 5\nmessages_per_connection = 0\nrates = []")
        first = w.start_engine("e1", **options)
        second = w.start_engine("e2", **options)
        w.submit("drain", people)
        w.wait_job("drain", lambda j: j.get("delivered", 0) > 20)
        first.send(signal.SIGTERM)
        assert first.wait(20) == 0, first.log()
        job = w.job("drain")
        metas = w.redis.call("HVALS", "hongyan:{drain}:chunks")
        assert not [meta for meta in metas if " e1.0 " in meta], metas
        assert job.get("doubted", 0) == 0
        second_alone = job["delivered"]
        w.wait_job("drain", lambda j: j["delivered"] > second_alone + 10 or j["delivered"] == len(people))
        w.wait_ended("drain")
        job = w.check_books("drain", [sink], people)
        assert job["delivered"] == len(people) and job.get("doubted", 0) == 0
        assert max(sink.copies().values()) == 1


def test_not_ready_at_once_and_a_second_signal_hurries():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        options = dict(routes=[("*", sink)], drain="300s", engines=("e1",),
                       timeouts='content_end = "300s"')
        engine = w.start_engine("e1", **options)
        w.submit("stuck", ["stall-content@x.example"])
        w.wait_job("stuck", lambda j: j.get("in_flight") == 1)
        assert engine.get("/readyz")[0] == 200
        engine.send(signal.SIGTERM)
        wait_until(lambda: engine.get("/readyz")[0] == 503, 20, "not ready")
        assert engine.get("/livez")[0] == 200
        time.sleep(1)
        assert engine.proc.poll() is None, "it waits for the answer"
        engine.send(signal.SIGTERM)
        assert engine.wait(20) == 0, engine.log()
        # Its answer will never be known, and that is reported. Redis may take it after the engine has gone.
        job = w.wait_job("stuck", lambda j: j["in_doubt"] == 1, 20)
        assert job["doubted"] == 1, job


def test_redis_away_keeps_nobody_from_ending():
    with World() as w:
        w.start_redis()
        sink = w.start_sink(profile='latency = "50ms"')
        engine = w.start_engine("e1", routes=[("*", sink)], engines=("e1",), drain="3s",
                                other="connections = 4\nmessages_per_connection = 0\nrates = []")
        people = addresses(2000)
        w.submit("away", people)
        w.wait_job("away", lambda j: j.get("delivered", 0) > 100)
        w.kill_redis()
        wait_until(lambda: engine.get("/readyz")[0] == 503, 30, "not ready")
        engine.send(signal.SIGTERM)
        assert engine.wait(60) == 0, engine.log()[-2000:]
        assert engine.events("settles-given-up"), "what it knew and Redis did not take is told"
        # What could not be settled is in doubt, no more than each connection had out.
        w.restart_redis()
        engine.start()
        w.wait_ended("away", 180)
        job = w.check_books("away", [sink], people)
        assert job["delivered"] == 2000 and job["doubted"] <= 4, job
