"""Redis is full or slow: planning stops, what is in flight settles, and it goes on by itself (guarantee 8)."""
import time

from harness import World, addresses, wait_until
from patient import PATIENT


def fill(w):
    """32 MiB that are nobody's: beside them the buffers of a few clients are no part of what is used."""
    w.redis.call("SETRANGE", "filler", 32 * 1024 * 1024 - 1, "x")


def used_memory(w):
    return int(dict(line.split(":", 1) for line in w.redis.call("INFO", "memory").splitlines() if ":" in line)["used_memory"])


def reads_no_jobs(w, engine):
    """Its last read ended a while ago, and it is not that it had no turn."""
    def idle():
        clients = [dict(word.partition("=")[::2] for word in line.split()) for line in w.redis.call("CLIENT", "LIST").splitlines()]
        readers = [int(client["idle"]) for client in clients if client["cmd"] in ("xreadgroup", "xautoclaim")]
        return readers and min(readers) >= 2  # seconds; one that waits for a job gives up after half of one
    return idle() and engine.get("/livez")[0] == 200 and idle()


def test_redis_full_stops_planning_and_goes_on():
    with World() as w:
        w.start_redis("everysec", "--maxmemory-policy", "noeviction")
        sink = w.start_sink(profile='latency = "10ms"')
        w.start_engine(routes=[("*", sink)], engines=("e1",), **PATIENT)
        people = addresses(4000)
        w.put(w.document("full", None))
        w.push_list("full", people[:1000], end=False)
        w.wait_job("full", lambda j: j.get("total", 0) == 1000)
        # The rest is on the list already when memory ends.
        w.redis.call("CONFIG", "SET", "maxmemory", "1")
        key = "hongyan:{full}:recipients"
        assert w.redis.call("LLEN", key) == 0
        job = w.wait_job("full", lambda j: j["claimed"] == 0 and j["in_flight"] == 0, 60, "what is on the wire settles, what is held goes back")
        planned = job["total"]
        time.sleep(1.5)
        job = w.job("full")
        assert job["total"] == planned == 1000
        assert job["in_flight"] == 0 and job["doubted"] == 0, job
        assert job["delivered"] == len(sink.copies())
        w.redis.call("CONFIG", "SET", "maxmemory", "0")
        lines = "".join('{"to":"%s"}\n' % one for one in people[1000:])
        w.redis.call("RPUSH", key, lines, '{"end":true,"count":4000}')
        w.wait_ended("full", 120)
        assert w.check_books("full", [sink], people)["delivered"] == 4000


def test_nearly_full_takes_no_new_job():
    with World() as w:
        w.start_redis("everysec", "--maxmemory-policy", "noeviction")
        sink = w.start_sink()
        engine = w.start_engine(routes=[("*", sink)], engines=("e1",))
        fill(w)
        w.redis.call("CONFIG", "SET", "maxmemory", int(used_memory(w) / 0.87))
        wait_until(lambda: engine.events("redis-nearly-full"), 20, "the engine notices")
        wait_until(lambda: reads_no_jobs(w, engine), 30, "a read that had begun before is over")
        w.submit("waits", ["a@x.example"])
        time.sleep(1.5)
        assert w.job("waits") == {}
        w.redis.call("CONFIG", "SET", "maxmemory", "0")
        w.wait_ended("waits")
        assert w.job("waits")["delivered"] == 1


def test_slow_redis_delays_and_loses_nothing():
    with World() as w:
        w.start_redis("everysec")
        sink = w.start_sink(profile='latency = "5ms"')
        options = dict(PATIENT, routes=[("*", sink)], lease="8s")  # four times as long as Redis is away
        engines = [w.start_engine("e1", **options), w.start_engine("e2", **options)]
        people = addresses(3000)
        w.submit("slow", people)
        w.wait_job("slow", lambda j: j.get("delivered", 0) > 100)
        w.redis.call("DEBUG", "SLEEP", "2")
        assert all(engine.get("/livez")[0] == 200 for engine in engines)
        time.sleep(0.5)
        w.redis.call("CLIENT", "PAUSE", "2000")
        time.sleep(2.2)
        w.wait_ended("slow", 120)
        job = w.check_books("slow", [sink], people)
        assert job["delivered"] == 3000 and job["doubted"] == 0, job
        assert max(sink.copies().values()) == 1


def test_almost_full_marks_nobody_and_goes_on():
    with World() as w:
        w.start_redis("everysec", "--maxmemory-policy", "noeviction")
        sink = w.start_sink(profile='latency = "20ms"')
        w.start_engine(routes=[("*", sink)], engines=("e1",), **PATIENT)
        fill(w)
        people = addresses(2500)
        w.submit("brim", people)
        w.wait_job("brim", lambda j: j.get("delivered", 0) > 100)
        # Room for every write: it is the engine that stops.
        w.redis.call("CONFIG", "SET", "maxmemory", int(used_memory(w) / 0.965))
        w.wait_job("brim", lambda j: j["claimed"] == 0 and j["in_flight"] == 0, 60, "what is held goes back")
        before = w.job("brim")["delivered"]
        time.sleep(1.5)
        assert w.job("brim")["delivered"] == before < 2500
        w.redis.call("CONFIG", "SET", "maxmemory", "0")
        w.wait_ended("brim", 120)
        assert w.check_books("brim", [sink], people)["delivered"] == 2500
