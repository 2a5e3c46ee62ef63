"""Hostile receivers fail only themselves (guarantee 7): a counted outcome, bounded memory, other lanes unaffected."""
import hostile
from harness import World
from patient import LIMITS

# Shorter than the silence of a receiver that stalls; long enough for one that has to wait for the processor.
FAST = "\n".join(f'{name} = "5s"' for name in LIMITS)
OPTIONS = dict(engines=("e1",), retry=("1s",), expiry="4s", lease="60s", doubt_delay="1s", timeouts=FAST)
# Whose recipients have the time for another attempt.
HEALTHY = """[channel.healthy]
price = "0.007"
sources = ["s-e1"]
envelope_sender = "bounce@acme.example"
tls = "off"
retry = ["1s"]
retry_expiry = "300s"
in_doubt_delay = "1s"
"""

# What it does; whether its recipients may be in doubt.
KINDS = {
    "stalls at the greeting": ({"greeting": hostile.stall}, False),
    "stalls after EHLO": ({"EHLO": hostile.stall, "HELO": hostile.stall}, False),
    "stalls after MAIL": ({"MAIL": hostile.stall}, False),
    "stalls after the content": ({"CONTENT": hostile.stall}, True),
    "greets with nonsense": ({"greeting": b"\x00\xff hello there \r\n" * 5}, False),
    "answers MAIL with nonsense": ({"MAIL": b"2X0 fine\r\n"}, False),
    "answers RCPT out of range": ({"RCPT": b"999 what\r\n"}, False),
    "endless line at the greeting": ({"greeting": hostile.endless}, False),
    "endless reply to EHLO": ({"EHLO": hostile.endless_lines, "HELO": hostile.endless_lines}, False),
    "closes at the greeting": ({"greeting": hostile.close}, False),
    "closes after EHLO": ({"EHLO": hostile.close, "HELO": hostile.close}, False),
    "closes after MAIL": ({"MAIL": hostile.close}, False),
    "closes after RCPT": ({"RCPT": hostile.close}, False),
    "closes after DATA": ({"DATA": hostile.close}, True),
    "closes after the content": ({"CONTENT": hostile.close}, True),
    "421 at the greeting": ({"greeting": b"421 4.3.2 not today\r\n"}, False),
    "421 to MAIL": ({"MAIL": b"421 4.3.2 not today\r\n"}, False),
    "421 to the content": ({"CONTENT": b"421 4.3.2 not today\r\n"}, False),
    "one byte at a time": ({"EHLO": lambda c: [c.sendall(bytes([b])) for b in b"250 slow but fine\r\n"]}, False),
}


def test_every_kind_ends_counted_while_a_healthy_lane_goes_on():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        servers = {}
        for number, (kind, (answers, _)) in enumerate(KINDS.items()):
            servers[f"h{number}.example"] = hostile.Hostile(lambda c, a=answers: hostile.dialogue(c, a),
                                                           f"127.0.1.{number + 1}")
        servers["noise.example"] = hostile.Hostile(hostile.random_bytes(w.random), "127.0.1.99")
        try:
            routes = list(servers.items())
            engine = w.start_engine("e1", routes=routes + [("*", sink)], extra=HEALTHY, **OPTIONS)
            before = engine.rss_mib()
            jobs = {}
            for domain in servers:
                name = "bad-" + domain.split(".")[0]
                jobs[name] = [f"user{n}@{domain}" for n in range(5)]
                w.submit(name, jobs[name])
            healthy = [f"user{n}@fine.example" for n in range(900)]
            w.submit("healthy", healthy, channel="healthy")
            w.wait_ended("healthy", 120)
            assert w.check_books("healthy", [sink], healthy)["delivered"] == 900
            kinds = list(KINDS) + ["noise"]
            for kind, (name, people) in zip(kinds, jobs.items()):
                w.wait_ended(name, 120)
                job = w.job(name)
                print(f"{kind}: {({k: job[k] for k in ('delivered', 'bounced', 'expired', 'doubted', 'attempts')})}")
                assert job["delivered"] + job["bounced"] + job["expired"] == len(people), (kind, job)
                assert job["charged_micro_yuan"] == job["delivered"] * job["price_micro_yuan"]
                if kind in KINDS and not KINDS[kind][1]:
                    assert job["doubted"] == 0, (kind, job)
                if kind not in ("one byte at a time",):
                    assert job["delivered"] == 0, (kind, job)
            assert servers["h0.example"].connections > 0
            assert engine.rss_mib() < before + 200, (before, engine.rss_mib())
            assert engine.get("/readyz")[0] == 200
        finally:
            for server in servers.values():
                server.stop()


def test_a_route_into_a_forbidden_range_is_refused_at_start():
    with World() as w:
        w.start_redis()
        trap = hostile.Hostile(hostile.always_421)
        try:
            engine = w.engine("e1", routes=[("*", trap.port)], allow='"192.0.2.0/24"', **OPTIONS).start(ready=False)
            assert engine.wait(30) == 78
            assert "127.0.0.1 is refused" in engine.log() and "allow_networks" in engine.log()
            assert trap.connections == 0
        finally:
            trap.stop()


def test_a_dead_provider_ends_its_whole_job():
    """Whoever could not even be tried, for their lane was paused, ends as well."""
    with World() as w:
        w.start_redis()
        trap = hostile.Hostile(hostile.always_421, "127.0.1.7")
        try:
            w.start_engine("e1", routes=[("*", trap)], other="connections = 1\nrates = []", **OPTIONS)
            people = [f"user{n}@dead.example" for n in range(1500)]
            w.submit("dead", people)
            w.wait_ended("dead", 240)
            job = w.check_books("dead", [], people)
            assert job["expired"] == len(people), job
            assert trap.connections < 50, trap.connections
        finally:
            trap.stop()
