"""An engine sleeps past its lease while another goes on, then wakes: it finds its work taken."""
import signal

from harness import World, addresses, wait_until


def test_frozen_engine_wakes_to_find_its_leases_gone():
    with World() as w:
        w.start_redis()
        sink = w.start_sink(profile='latency = "10ms"')
        people = addresses(5000)
        options = dict(routes=[("*", sink)], lease="8s", expiry="300s",
                       other="connections = 3\nmessages_per_connection = 0\nrates = []")
        engines = [w.start_engine("e1", **options), w.start_engine("e2", **options)]
        w.submit("frozen", people)
        w.wait_job("frozen", lambda j: j.get("delivered", 0) > 100)

        def held_by(engine):
            return [n for n, meta in zip(*[iter(w.redis.call("HGETALL", "hongyan:{frozen}:chunks"))] * 2)
                    if f" {engine.name}.0 " in meta]

        def freeze():
            """Who holds chunks, and still does when it stands still. The other one may come too late to get anything."""
            holders = [engine for engine in engines if held_by(engine)]
            if not holders:
                return None
            engine = w.random.choice(holders)
            engine.send(signal.SIGSTOP)
            held = held_by(engine)
            if not held:
                engine.send(signal.SIGCONT)
            return (engine, held) if held else None
        sleeper, held = wait_until(freeze, 60, "somebody holds chunks")

        def taken_back():
            metas = dict(zip(*[iter(w.redis.call("HGETALL", "hongyan:{frozen}:chunks"))] * 2))
            return all(f" {sleeper.name}.0 " not in metas[n] for n in held)
        wait_until(taken_back, 60, "the chunks of the frozen engine are taken back")
        sleeper.send(signal.SIGCONT)
        w.wait_ended("frozen", 180)
        job = w.check_books("frozen", [sink], people)
        assert job["delivered"] == len(people)
        # Frozen with at most one message out per connection.
        assert job["doubted"] <= 3, job["doubted"]
        print("in doubt", job["doubted"])
        assert all(engine.get("/livez")[0] == 200 for engine in engines)
