"""The way of a message as real DNS says it: MX sets, null MX, aliases, dead hosts, IPv6, addresses nobody may reach."""
import pytest

from harness import Engine, World, wait_until
from tls_receiver import Receiver, has_ipv6

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
both MX 10 wide1
both MX 20 wide2
wide1 A 127.0.5.1
wide1 A 127.0.5.2
both MX 30 wide3
wide2 A 127.0.5.3
wide3 A 127.0.5.4
there MX 10 mx1
there MX 20 mx2
back MX 10 mx2
back MX 20 mx1
company MX 10 mx3.mail.tencent.test.
"""


def world(w, first, expiry="60s", **options):
    w.start_redis()
    server = w.start_dns({"zone.test": ZONE, "broken.test": ""})
    # No route: every way comes from DNS. Real receivers listen on 25, these on a port of their own.
    w.start_engine(engines=("e1",), retry=("1s",), expiry=expiry, dns=f'servers = ["{server}"]', smtp=f"port = {first.port}",
                   other="connections = 3\nmessages_per_connection = 0\nrates = []", **options)


def test_ways_as_dns_says():
    with World() as w, Receiver(host="127.0.5.1") as first, Receiver(host="127.0.5.2", port=first.port) as second:
        world(w, first)
        people = {"plain": first, "order": first, "backup": second, "many": first, "alias": first, "direct": first}
        job = [f"user@{name}.zone.test" for name in people] + ["user@\u4f8b\u5b50.zone.test"]
        w.submit("ways", job)
        w.wait_ended("ways")
        assert w.job("ways")["delivered"] == len(job), (w.job("ways"), w.replies("ways"))
        arrived = {to: host for host in (first, second) for to, _ in host.accepted}
        assert len(first.accepted) + len(second.accepted) == len(job)
        for name, host in people.items():
            assert arrived[f"user@{name}.zone.test"] is host, (name, arrived)
        assert arrived["user@xn--fsqu00a.zone.test"] is second


def test_dead_domains_bounce_and_count_broken_ones_wait():
    with World() as w, Receiver(host="127.0.5.1") as first:
        world(w, first, expiry="6s")
        w.submit("dead", [f"user@{name}" for name in ("nullmx.zone.test", "nohost.zone.test", "nobody.zone.test",
                                                      "x.broken.test", "plain.zone.test")])
        w.wait_ended("dead")
        job = w.job("dead")
        assert (job["delivered"], job["bounced"], job["expired"]) == (1, 3, 1), (job, w.replies("dead"))
        # Three invalid addresses and one accepted; a server that fails says nothing about an address.
        assert (job["breaker_n"], job["breaker_bad"]) == (4, 3), job
        assert job["charged_micro_yuan"] == job["price_micro_yuan"]


def test_hosts_in_forbidden_ranges_are_never_connected():
    with World() as w, Receiver(host="127.0.5.1") as first:
        world(w, first, allow='"192.0.2.0/24"')
        w.submit("inside", ["user@inside.zone.test", "user@plain.zone.test"])
        w.wait_ended("inside")
        job = w.job("inside")
        assert job["bounced"] == 2 and job.get("breaker_bad", 0) == 0, job
        assert "forbidden-address" in w.replies("inside"), w.replies("inside")
        assert first.log == []


def test_ipv6_from_a_source_of_that_family():
    if not has_ipv6():
        pytest.skip("this machine has no ::1")
    with World() as w, Receiver(host="::1") as six, Receiver(host="127.0.5.1", port=six.port) as four:
        world(w, six, expiry="3s", allow='"127.0.0.0/8", "::1/128"', sources="::1")
        w.submit("six", ["user@six-only.zone.test", "user@plain.zone.test"])
        w.wait_ended("six")
        # A source is its address: it does not leave by another one to reach the other family.
        assert [to for to, _ in six.accepted] == ["user@six-only.zone.test"] and four.log == []
        assert w.job("six")["delivered"] == 1 and w.job("six")["expired"] == 1, w.job("six")
        assert "no address of the source's family" in w.replies("six")


def test_every_address_of_every_mx_is_asked_before_giving_up_for_now():
    def refuse(_):
        return b"421 4.3.2 not today\r\n"
    with World() as w:
        first = Receiver(host="127.0.5.1", answers={"EHLO": refuse})
        rest = [Receiver(host=f"127.0.5.{n}", port=first.port, answers={"EHLO": refuse}) for n in (2, 3)]
        last = Receiver(host="127.0.5.4", port=first.port)
        with first, rest[0], rest[1], last:
            world(w, first)
            w.submit("wide", ["user@both.zone.test"])
            w.wait_ended("wide")
            job = w.job("wide")
            assert job["delivered"] == 1 and job["attempts"] == 1, (job, w.replies("wide"))
            assert [host.connections for host in (first, *rest)] == [1, 1, 1] and len(last.accepted) == 1


@pytest.mark.parametrize("stage", ["MAIL", "RCPT"])
@pytest.mark.parametrize("answer", [b"", b"421 4.3.2 not today\r\n"], ids=["close", "421"])
def test_a_host_that_gives_up_in_the_envelope_does_not_hide_its_backup(stage, answer):
    """It greets and takes EHLO, then closes: as good as dead."""
    with World() as w, Receiver(host="127.0.5.1", answers={stage: lambda _: answer}) as first, \
            Receiver(host="127.0.5.2", port=first.port) as second:
        world(w, first)
        w.submit("backup", ["user@there.zone.test"])
        w.wait_ended("backup")
        assert w.job("backup")["delivered"] == 1, (w.job("backup"), w.replies("backup"))
        assert w.job("backup")["attempts"] == 1, (w.job("backup"), w.replies("backup"))
        assert len(second.accepted) == 1 and first.connections > 0


def test_the_same_hosts_in_another_order_are_another_way():
    with World() as w, Receiver(host="127.0.5.1") as first, Receiver(host="127.0.5.2", port=first.port) as second:
        world(w, first)
        people = [f"user{n}@{where}.zone.test" for n in range(20) for where in ("there", "back")]
        w.submit("orders", people)
        w.wait_ended("orders")
        assert w.job("orders")["delivered"] == 40, (w.job("orders"), w.replies("orders"))
        assert {to.split("@")[1] for to, _ in first.accepted} == {"there.zone.test"}
        assert {to.split("@")[1] for to, _ in second.accepted} == {"back.zone.test"}


def test_the_provider_is_whose_hosts_they_are():
    """A company's domain whose MX belongs to Tencent is Tencent's: its limits, its name in metrics and in the log."""
    with World() as w, Receiver(host="127.0.5.1") as first:
        w.start_redis()
        server = w.start_dns({"zone.test": ZONE, "tencent.test": "mx3.mail A 127.0.5.1"})
        engine = w.start_engine(engines=("e1",), dns=f'servers = ["{server}"]', smtp=f"port = {first.port}",
                                extra='[provider.house]\nmx = [".mail.tencent.test"]\nmessages_per_connection = 2\n')
        w.submit("named", [f"user{n}@company.zone.test" for n in range(6)])
        w.wait_ended("named")
        assert w.job("named")["delivered"] == 6, w.replies("named")
        assert first.connections >= 3, first.connections
        wait_until(lambda: engine.metric("hongyan_outcomes_total", provider="house", outcome="delivered") == 6, 20, "named")


def test_a_channel_with_sources_of_both_families_reaches_both():
    if not has_ipv6():
        pytest.skip("this machine has no ::1")
    with World() as w, Receiver(host="::1") as six, Receiver(host="127.0.5.1", port=six.port) as four:
        w.start_redis()
        server = w.start_dns({"zone.test": ZONE})
        text = w.config("e1", engines=("e1",), retry=("60s",), dns=f'servers = ["{server}"]', smtp=f"port = {six.port}",
                        allow='"127.0.0.0/8", "::1/128"', routes=[("literal.example", six)],
                        extra='[source.six]\naddress = "::1"\nehlo = "six.acme.example"\nengines = ["e1"]\n')
        Engine(w, "e1", text.replace('sources = ["s-e1"]', 'sources = ["s-e1", "six"]')).start()
        people = [f"user{n}@{where}" for n in range(10) for where in ("six-only.zone.test", "plain.zone.test", "literal.example")]
        w.submit("both", people)
        job = w.wait_job("both", lambda j: j.get("delivered", 0) + j.get("deferred", 0) == len(people))
        assert job["delivered"] == len(people) and job["attempts"] == len(people), (job, w.replies("both"))
        assert len(six.accepted) == 20 and len(four.accepted) == 10
