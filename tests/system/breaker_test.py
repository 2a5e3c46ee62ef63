"""The breaker bounds the harm of a bad list (DESIGN 3.4, guarantee 6)."""
from harness import World, wait_until

CONNECTIONS = 5
BUDGET = 25  # so few that chance does not bring the 50 answers of which a tenth trip the breaker before it is used up
OTHER = f"connections = {CONNECTIONS}\nmessages_per_connection = 0\nrates = []"


def bad_list(w, count, share):
    people = [f"bounce-550-5.1.1+{n}@x.example" if w.random.random() < share else f"user{n}@x.example"
              for n in range(count)]
    return people


def test_a_bad_list_is_stopped_and_goes_on_with_a_budget():
    with World() as w:
        w.start_redis()
        sink = w.start_sink(profile='latency = "5ms"')
        options = dict(routes=[("*", sink)], other=OTHER)
        engines = [w.start_engine("e1", **options), w.start_engine("e2", **options)]
        people = bad_list(w, 3000, 0.10)
        w.submit("bad", people)
        job = w.wait_state("bad", "tripped")
        job = w.wait_job("bad", lambda j: j["in_flight"] == 0 and j["claimed"] == 0)
        assert "invalid" in job["reason"], job["reason"]
        assert job["sent_after_trip"] <= 2 * CONNECTIONS, job
        assert job["delivered"] + job["bounced"] < 1000, job
        assert job["queued"] + job["deferred"] + job["delivered"] + job["bounced"] == len(people)
        tripped = wait_until(lambda: w.events("breaker.tripped", "bad"), 20, "the event comes")
        assert len(tripped) == 1 and tripped[0]["data"]["n"] >= 50
        assert job["sent_after_trip"] <= tripped[0]["data"]["in_flight"]
        wait_until(lambda: sum(engine.metric("hongyan_breaker_trips_total") for engine in engines) >= 1, 20, "it is counted")

        # Go on, but no further than this many.
        before = job["delivered"] + job["bounced"]
        w.control("resume", "bad", reason="checked", budget=BUDGET)
        w.wait_job("bad", lambda j: j["state"] == "tripped" and "budget" in j["reason"])
        job = w.wait_job("bad", lambda j: j["in_flight"] == 0 and j["claimed"] == 0)
        # The budget counts messages whose content was sent; a refused RCPT needs no mark.
        sent = job["delivered"] + job["bounced"] - before
        assert job["delivered"] <= len(sink.copies()) and sent >= BUDGET, sent
        wait_until(lambda: len(w.events("breaker.reset", "bad")) == 1, 20, "the event comes")
        w.control("cancel", "bad", reason="bought list")
        w.wait_ended("bad")
        w.check_books("bad", [sink], people)


def test_a_short_bad_list_finishes():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine(routes=[("*", sink)], engines=("e1",), other=OTHER)
        people = bad_list(w, 45, 0.4)
        w.submit("short", people)
        w.wait_ended("short")
        job = w.check_books("short", [sink], people)
        assert job["state"] == "done"
        assert job["bounced"] == sum(1 for one in people if one.startswith("bounce"))


def test_a_dead_domain_in_a_healthy_list_does_not_stop_it():
    """Known to be dead at once, with chunks of its own: bounced as found, it would be all the breaker sees."""
    with World() as w:
        w.start_redis("everysec")
        sink = w.start_sink(profile='latency = "5ms"')
        server = w.start_dns({"zone.test": "gone MX 0 .\n"})
        options = dict(routes=[("x.example", sink)], dns=f'servers = ["{server}"]', other=OTHER)
        w.start_engine("e1", **options)
        w.start_engine("e2", **options)
        people = [f"user{n}@gone.zone.test" for n in range(100)] + [f"user{n}@x.example" for n in range(8000)]
        w.submit("healthy", people)
        w.wait_ended("healthy", 240)
        job = w.check_books("healthy", [sink], people)
        assert (job["state"], job["delivered"], job["bounced"]) == ("done", 8000, 100), job
        assert not w.events("breaker.tripped", "healthy")


def test_a_list_of_dead_domains_is_stopped():
    with World() as w:
        w.start_redis("everysec")
        sink = w.start_sink(profile='latency = "5ms"')
        server = w.start_dns({"zone.test": "gone MX 0 .\n"})
        w.start_engine("e1", routes=[("x.example", sink)], dns=f'servers = ["{server}"]', engines=("e1",), other=OTHER)
        people = [f"user{n}@{'gone.zone.test' if n % 5 else 'x.example'}" for n in range(3000)]
        w.submit("dead", people)
        job = w.wait_state("dead", "tripped")
        assert job["bounced"] >= 40, job
