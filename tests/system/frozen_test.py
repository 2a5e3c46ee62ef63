"""An engine sleeps past its lease while another goes on, then wakes: it finds its work taken."""
import signal
import time

from harness import World, addresses, wait_until


def test_frozen_engine_wakes_to_find_its_leases_gone():
    with World() as w:
        w.start_redis()
        sink = w.start_sink(profile='latency = "10ms"')
        people = addresses(2500)
        options = dict(routes=[("*", sink)], lease="2s", expiry="300s",
                       other="connections = 3\nmessages_per_connection = 0\nrates = []")
        engines = [w.start_engine("e1", **options), w.start_engine("e2", **options)]
        w.submit("frozen", people)
        w.wait_job("frozen", lambda j: j.get("delivered", 0) > 100)
        # On a busy machine the other one may come too late to get anything.
        sleeper = w.random.choice(wait_until(lambda: [e for e in engines if any(
            f" {e.name}.0 " in meta for meta in w.redis.call("HGETALL", "hongyan:{frozen}:chunks")[1::2])], 10, "somebody holds chunks"))
        sleeper.send(signal.SIGSTOP)
        held = wait_until(lambda: [n for n, meta in zip(*[iter(w.redis.call("HGETALL", "hongyan:{frozen}:chunks"))] * 2)
                                   if f" {sleeper.name}.0 " in meta], 10, "the sleeper holds chunks")
        time.sleep(3)

        def taken_back():
            metas = dict(zip(*[iter(w.redis.call("HGETALL", "hongyan:{frozen}:chunks"))] * 2))
            return all(f" {sleeper.name}.0 " not in metas[n] for n in held)
        wait_until(taken_back, 30, "the chunks of the frozen engine are taken back")
        sleeper.send(signal.SIGCONT)
        w.wait_ended("frozen", 120)
        job = w.check_books("frozen", [sink], people)
        assert job["delivered"] == len(people)
        # Frozen with at most one message out per connection.
        assert job["doubted"] <= 3, job["doubted"]
        print("in doubt", job["doubted"])
        assert all(engine.get("/livez")[0] == 200 for engine in engines)
