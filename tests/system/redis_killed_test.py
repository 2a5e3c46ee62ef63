"""Redis dies by SIGKILL while engines send. With `always` nothing is lost; with `everysec` engines put
back what they remember of the last seconds."""
import time

import pytest

from harness import World, addresses, wait_until


@pytest.mark.parametrize("fsync", ["always", "everysec"])
def test_redis_killed_three_times(fsync):
    with World() as w:
        w.start_redis(fsync)
        sink = w.start_sink(profile='latency = "10ms"')
        people = addresses(3000)
        options = dict(routes=[("*", sink)], lease="5s", expiry="300s",
                       other="connections = 3\nmessages_per_connection = 0\nrates = []")
        engines = [w.start_engine("e1", **options), w.start_engine("e2", **options)]
        w.submit("weather", people)
        w.wait_job("weather", lambda j: j.get("list_complete") == 1 and j.get("delivered", 0) > 100)
        time.sleep(3)  # what was submitted is on disk, whatever the policy
        for _ in range(3):
            time.sleep(w.random.uniform(0.3, 1.2))
            w.kill_redis()
            time.sleep(w.random.uniform(0.1, 1.0))
            assert all(engine.get("/livez")[0] == 200 for engine in engines)
            wait_until(lambda: all(engine.get("/readyz")[0] == 503 for engine in engines), 30, "both notice")
            w.restart_redis()
        w.wait_ended("weather", 240)
        job = w.check_books("weather", [sink], people)
        assert job["delivered"] == len(people)
        assert all(engine.proc.poll() is None for engine in engines)
        print(fsync, "in doubt", job.get("doubted", 0))


def cut_the_log(w, size):
    """What an operating system that dies with Redis takes along: the end of the append-only file."""
    folder = w.folder / "redis" / "appendonlydir"
    log = max(folder.glob("*.incr.aof"), key=lambda path: path.stat().st_mtime)
    length = log.stat().st_size
    with open(log, "r+b") as file:
        file.truncate(max(length - size, length // 2))


def test_acknowledged_writes_that_redis_lost_are_put_back():
    with World() as w:
        w.start_redis("everysec", "--aof-load-truncated", "yes")
        sink = w.start_sink(profile='latency = "10ms"')
        people = addresses(3000)
        options = dict(routes=[("*", sink)], lease="20s", expiry="300s",
                       other="connections = 3\nmessages_per_connection = 0\nrates = []")
        w.start_engine("e1", **options)
        w.start_engine("e2", **options)
        w.submit("lost", people)
        w.wait_job("lost", lambda j: j.get("list_complete") == 1 and j.get("delivered", 0) > 500)
        before = w.job("lost")["delivered"]
        w.kill_redis()
        cut_the_log(w, 40_000)
        # What the next Redis knows before anybody speaks to it.
        w.restart_redis()
        after = w.job("lost")["delivered"]
        print("delivered before", before, "after", after)
        w.wait_ended("lost", 240)
        # Nobody got a second message but who was reported as in doubt; everybody is charged once.
        job = w.check_books("lost", [sink], people)
        assert job["delivered"] == len(people)
