"""Hosts with addresses of their own, and a network between them that fails (guarantees 1-5 over a real cut)."""
import time

import pytest

import hosts
from harness import World, addresses, wait_until
from limits_test import most_in_a_second
from patient import LIMITS

pytestmark = pytest.mark.skipif(bool(hosts.missing()), reason=f"hosts in namespaces: {hosts.missing()}")
CONNECTIONS = 4
RATE, BURST = 40, 5  # of a lane, so of an engine; also what makes a job outlast a cut
# Of a cut, not of a process that gets no turn for some seconds.
LEASE = "10s"
BLOCKS = "\n".join(f'{name} = "10s"' for name in LIMITS)


class Fleet:
    """Two engines, Redis and a receiver, each on a host of its own."""

    def __init__(self, w, **options):
        self.w, self.net = w, hosts.Network(w)
        self.redis, self.far = self.net.host("redis"), self.net.host("far")
        on = {name: self.net.host(name) for name in ("e1", "e2")}
        w.start_redis("always", on=self.redis)
        self.sink = w.start_sink(profile='latency = "20ms"', on=self.far)
        settings = dict(routes=[("*", self.sink)], lease=LEASE, expiry="600s", allow=f'"{hosts.Network.RANGE}"',
                        sources={name: host.address for name, host in on.items()}, timeouts=BLOCKS,
                        redis=f"redis://{self.redis.address}:6379",
                        other=f'connections = {CONNECTIONS}\nmessages_per_connection = 0\nrates = ["{RATE}/s burst {BURST}"]')
        self.on = on
        self.engines = {name: w.start_engine(name, on=host, **(settings | options)) for name, host in on.items()}

    def holds(self, name):
        """Chunks that Redis takes for this engine's."""
        metas = self.w.redis.call("HGETALL", "hongyan:{cut}:chunks")[1::2]
        return [meta for meta in metas if f" {name}.0 " in meta]

    def ready(self, name):
        host, port = self.on[name], self.engines[name].port
        got = host.run("/usr/bin/python3", "-c", "import sys, urllib.request as u, urllib.error as e\n"
                       f"try: print(u.urlopen('http://127.0.0.1:{port}/readyz', timeout=20).status)\n"
                       "except e.HTTPError as x: print(x.code, x.read().decode())\n"
                       "except OSError as x: print('no answer', x)")
        return got.strip()

    def sent_by(self, name):
        return self.engines[name].log().count("outcome=delivered")

    def begin(self, people):
        self.w.submit("cut", people)
        self.w.wait_job("cut", lambda j: j.get("delivered", 0) > 200, 60)
        wait_until(lambda: self.holds("e1") and self.holds("e2"), 30, "both engines have work")

    def account(self, people):
        """Everybody, once; what came twice was in doubt, and that is at most what each connection had out."""
        self.w.wait_ended("cut", 240)
        job = self.w.check_books("cut", [self.sink], people)
        assert job["state"] == "done" and job["delivered"] == len(people), job
        copies = self.sink.copies()
        print("doubted", job["doubted"], "second copies", sum(n - 1 for n in copies.values()))
        # Two lanes; a token may be used up to a second after it was taken (limits_test).
        most = most_in_a_second([record["at_ms"] for record in self.sink.records()])
        assert most <= 2 * (RATE + BURST) + 2 * BURST, most
        return job


def test_an_engine_cut_off_from_everybody_comes_back():
    with World() as w:
        fleet = Fleet(w)
        people = addresses(5000)
        fleet.begin(people)
        fleet.net.cut(fleet.on["e1"])
        # What it held goes to the other, which goes on.
        wait_until(lambda: not fleet.holds("e1"), 60, "its leases end")
        before = w.job("cut")["delivered"]
        w.wait_job("cut", lambda j: j["delivered"] > before + 100, 60, "the other goes on")
        wait_until(lambda: fleet.ready("e1").startswith("503"), 60, "it says that it is not ready")
        wait_until(lambda: fleet.ready("e2") == "200", 30, "the other is ready all the time")
        fleet.net.heal(fleet.on["e1"])
        wait_until(lambda: fleet.ready("e1") == "200", 90, "it is ready again")
        assert w.job("cut")["state"] == "running", "the job was over before the cut was healed: make it longer"
        wait_until(lambda: fleet.holds("e1"), 60, "it works again")
        job = fleet.account(people)
        assert job["doubted"] <= CONNECTIONS, job["doubted"]


def test_an_engine_that_loses_only_redis_sends_nothing_new_and_keeps_what_it_knows():
    with World() as w:
        # Longer than the cut: answers that arrive late take the doubt away before anybody sends again.
        fleet = Fleet(w, doubt_delay="300s")
        people = addresses(5000)
        fleet.begin(people)
        fleet.net.cut(fleet.on["e1"], fleet.redis)
        wait_until(lambda: not fleet.holds("e1"), 60, "its leases end")
        wait_until(lambda: fleet.ready("e1").startswith("503"), 60, "it says that it is not ready")
        sent = fleet.sent_by("e1")
        before = w.job("cut")["delivered"]
        w.wait_job("cut", lambda j: j["delivered"] > before + 100, 60, "the other goes on")
        # It reaches the receiver all the time, and hands nothing over that it could not mark.
        fleet.on["e1"].run("/usr/bin/python3", "-c", "import socket\n"
                           f"socket.create_connection(('{fleet.far.address}', {fleet.sink.port}), 30)")
        assert fleet.sent_by("e1") == sent
        fleet.net.heal(fleet.on["e1"], fleet.redis)
        wait_until(lambda: fleet.ready("e1") == "200", 90, "it is ready again")
        job = fleet.account(people)
        # Its outcomes were kept and settled: nobody is left in doubt, so nobody got two.
        assert job["doubted"] <= CONNECTIONS, job["doubted"]
        assert max(fleet.sink.copies().values()) == 1


def test_an_engine_that_loses_only_redis_for_long_doubles_at_most_what_was_out():
    with World() as w:
        fleet = Fleet(w, doubt_delay="1s")
        people = addresses(2000)
        fleet.begin(people)
        fleet.net.cut(fleet.on["e1"], fleet.redis)
        w.wait_ended("cut", 240)
        before = w.check_books("cut", [fleet.sink], people)
        fleet.net.heal(fleet.on["e1"], fleet.redis)
        wait_until(lambda: fleet.ready("e1") == "200", 90, "it is ready again")
        time.sleep(2)
        job = fleet.account(people)
        assert job["doubted"] <= CONNECTIONS, job["doubted"]
        # Its late answers meet recipients that are delivered: nothing is charged again.
        assert job["charged_micro_yuan"] == before["charged_micro_yuan"]
