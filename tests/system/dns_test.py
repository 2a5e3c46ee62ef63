"""The way of a message as real DNS says it: MX sets, null MX, aliases, dead hosts, IPv6, addresses nobody may reach."""
import socket

import pytest

from harness import World
from tls_receiver import Receiver

ZONE = """
mx1 A 127.0.5.1
mx2 A 127.0.5.2
dead A 127.0.5.9
six AAAA ::1
plain MX 10 mx1
order MX 20 mx2
order MX 10 mx1
backup MX 10 dead
backup MX 20 mx2
many MX 10 several
several A 127.0.5.9
several A 127.0.5.1
alias CNAME plain
direct A 127.0.5.1
xn--fsqu00a MX 10 mx2
nullmx MX 0 .
nohost TXT "no mail here"
six-only MX 10 six
inside MX 10 metadata
metadata A 169.254.169.254
metadata A 10.0.0.7
"""


def world(w, first, **options):
    w.start_redis()
    server = w.start_dns({"zone.test": ZONE, "broken.test": ""})
    # No route: every way comes from DNS. Real receivers listen on 25, these on a port of their own.
    w.start_engine(engines=("e1",), retry=("1s",), expiry="3s", dns=f'servers = ["{server}"]', smtp=f"port = {first.port}",
                   other="connections = 3\nmessages_per_connection = 0\nrates = []", **options)


def test_ways_as_dns_says():
    with World() as w, Receiver(host="127.0.5.1") as first, Receiver(host="127.0.5.2", port=first.port) as second:
        world(w, first)
        people = {"plain": first, "order": first, "backup": second, "many": first, "alias": first, "direct": first}
        job = [f"user@{name}.zone.test" for name in people] + ["user@\u4f8b\u5b50.zone.test"]
        w.submit("ways", job)
        w.wait_ended("ways", 60)
        assert w.job("ways")["delivered"] == len(job), (w.job("ways"), w.replies("ways"))
        arrived = {to: host for host in (first, second) for to, _ in host.accepted}
        assert len(first.accepted) + len(second.accepted) == len(job)
        for name, host in people.items():
            assert arrived[f"user@{name}.zone.test"] is host, (name, arrived)
        assert arrived["user@xn--fsqu00a.zone.test"] is second


def test_dead_domains_bounce_and_count_broken_ones_wait():
    with World() as w, Receiver(host="127.0.5.1") as first:
        world(w, first)
        w.submit("dead", [f"user@{name}" for name in ("nullmx.zone.test", "nohost.zone.test", "nobody.zone.test",
                                                      "x.broken.test", "plain.zone.test")])
        w.wait_ended("dead", 60)
        job = w.job("dead")
        assert (job["delivered"], job["bounced"], job["expired"]) == (1, 3, 1), (job, w.replies("dead"))
        # Three invalid addresses and one accepted; a server that fails says nothing about an address.
        assert (job["breaker_n"], job["breaker_bad"]) == (4, 3), job
        assert job["charged_micro_yuan"] == job["price_micro_yuan"]


def test_hosts_in_forbidden_ranges_are_never_connected():
    with World() as w, Receiver(host="127.0.5.1") as first:
        world(w, first, allow='"192.0.2.0/24"')
        w.submit("inside", ["user@inside.zone.test", "user@plain.zone.test"])
        w.wait_ended("inside", 60)
        job = w.job("inside")
        assert job["bounced"] == 2 and job.get("breaker_bad", 0) == 0, job
        assert "forbidden-address" in w.replies("inside"), w.replies("inside")
        assert first.log == []


def test_ipv6_from_a_source_of_that_family():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no ::1")
    with World() as w, Receiver(host="::1") as six, Receiver(host="127.0.5.1", port=six.port) as four:
        world(w, six, allow='"127.0.0.0/8", "::1/128"', sources="::1")
        w.submit("six", ["user@six-only.zone.test", "user@plain.zone.test"])
        w.wait_ended("six", 60)
        # A source is its address: it does not leave by another one to reach the other family.
        assert [to for to, _ in six.accepted] == ["user@six-only.zone.test"] and four.log == []
        assert w.job("six")["delivered"] == 1 and w.job("six")["expired"] == 1, w.job("six")
        assert "no address of the source's family" in w.replies("six")
