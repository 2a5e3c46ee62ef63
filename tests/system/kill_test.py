"""Engines die by SIGKILL again and again: nobody is lost, nobody is charged twice (guarantees 1-4)."""
import time

from harness import World, addresses, wait_until


def test_twenty_kills_of_two_engines_lose_nobody():
    with World() as w:
        w.start_redis("always")
        sink = w.start_sink(profile='latency = "15ms"\n[addresses]\n"defer-451-4.7.1-1" = 0.02\n')
        options = dict(routes=[("*", sink)], lease="4s", retry=("1s",), expiry="300s",
                       other="connections = 3\nmessages_per_connection = 0\nrates = []")
        engines = [w.start_engine("e1", **options), w.start_engine("e2", **options)]
        jobs = {}  # how long one lasts beside so many starts depends on the machine: as many as are needed

        def begin():
            name = f"kill{len(jobs)}"
            jobs[name] = addresses(6000, f"{name}-")
            w.submit(name, jobs[name])
            w.wait_job(name, lambda j: j.get("delivered", 0) > 50, 120)
            return name
        name = begin()
        for number in range(20):
            if w.job(name)["state"] != "running":
                name = begin()
            time.sleep(w.random.uniform(0.1, 0.9))
            victim = w.random.choice(engines)
            victim.kill()
            victim.start()
            job = w.job(name)
            print(number, victim.name, {k: job[k] for k in ("state", "delivered", "in_flight", "in_doubt", "doubted")
                                        if k in job})
        ended = []
        for name, people in jobs.items():
            w.wait_ended(name, 240)
            job = w.check_books(name, [sink], people)
            assert job["state"] == "done"
            assert job["delivered"] == len(people), job
            ended.append(job)
        # Each kill leaves at most one message per open connection in doubt.
        doubted = sum(job["doubted"] for job in ended)
        assert doubted <= 20 * 3, doubted
        copies = sink.copies()
        print("in doubt", doubted, "extra copies", sum(n - 1 for n in copies.values()))
        billed = wait_until(lambda: engines[0].metric("hongyan_billing_messages_total", tenant="acme") ==
                            sum(map(len, jobs.values())), 20, "billing agrees")
        assert billed
        assert engines[0].metric("hongyan_billing_charged_micro_yuan_total") == sum(job["charged_micro_yuan"] for job in ended)
