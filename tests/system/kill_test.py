"""Engines die by SIGKILL again and again: nobody is lost, nobody is charged twice (guarantees 1-4)."""
import time

from harness import World, addresses, wait_until


def test_twenty_kills_of_two_engines_lose_nobody():
    with World() as w:
        w.start_redis("always")
        sink = w.start_sink(profile='latency = "15ms"\n[addresses]\n"defer-451-4.7.1-1" = 0.02\n')
        people = addresses(6000)
        options = dict(routes=[("*", sink)], lease="2s", retry=("1s",), expiry="300s",
                       other="connections = 3\nmessages_per_connection = 0\nrates = []")
        engines = [w.start_engine("e1", **options), w.start_engine("e2", **options)]
        w.submit("kill", people)
        w.wait_job("kill", lambda j: j.get("delivered", 0) > 50, 60)
        for number in range(20):
            time.sleep(w.random.uniform(0.1, 0.9))
            victim = w.random.choice(engines)
            victim.kill()
            victim.start()
            job = w.job("kill")
            print(number, victim.name, {k: job[k] for k in ("state", "delivered", "in_flight", "in_doubt", "doubted")
                                        if k in job})
        assert w.job("kill")["state"] == "running", "the job was over before the last kill: make it longer"
        w.wait_ended("kill", 120)
        job = w.check_books("kill", [sink], people)
        assert job["state"] == "done"
        assert job["delivered"] == len(people), job
        # Each kill leaves at most one message per open connection in doubt.
        assert job["doubted"] <= 20 * 3, job["doubted"]
        copies = sink.copies()
        print("in doubt", job["doubted"], "extra copies", sum(n - 1 for n in copies.values()))
        billed = wait_until(lambda: engines[0].metric("hongyan_billing_messages_total", tenant="acme") ==
                            len(people), 20, "billing agrees")
        assert billed
        assert engines[0].metric("hongyan_billing_charged_micro_yuan_total") == job["charged_micro_yuan"]
