"""Sources behind an outbound proxy: a real HAProxy with the file that configs/ shows, on addresses of loopback."""
import json
import os
import pathlib
import socket
import subprocess
import types

import pytest

from free_ports import free_port
from harness import HONGYAN, ROOT, Process, World, addresses, wait_until
from patient import PATIENT
from tls_receiver import Certificates, Receiver, has_ipv6

HAPROXY = "/usr/sbin/haproxy"
FIRST, SECOND, FOREIGN = "127.0.0.41", "127.0.0.42", "127.0.0.43"  # the last is none that the proxy may use
FAST = dict(PATIENT, engines=("e1",), retry=("1s", "2s"))

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="to connect from any address HAProxy must be root")


class Proxy(Process):
    def __init__(self, world, receivers):
        text = (ROOT / "configs/haproxy.cfg").read_text()
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        for there, here in (("10.0.0.5:2526", self.address), ("10.0.0.0/24", "127.0.0.0/8"),
                            ("192.0.2.10 192.0.2.11 2001:db8::10", f"{FIRST} {SECOND} ::1"),
                            ("25 465 587", " ".join(str(port) for port in receivers))):
            assert text.count(there) == 1, there
            text = text.replace(there, here)
        path = world.folder / "haproxy.cfg"
        path.write_text(text)
        super().__init__(world, "haproxy", [HAPROXY, "-db", "-f", str(path)])

    def start(self):
        self.spawn()

        def listens():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0
        wait_until(listens, 30, lambda: f"HAProxy listens: {self.log()}")
        return self


def behind(config, proxy, *sources):
    """The configuration with these addresses' sources behind the proxy."""
    for address in sources:
        assert config.count(f'address = "{address}"\n') == 1
        config = config.replace(f'address = "{address}"\n', f'address = "{address}"\nproxy = "{proxy}"\n')
    return config


def start_engine(w, proxy, *behind_it, **options):
    from harness import Engine
    options = {**FAST, "sources": FIRST, **options}
    return Engine(w, "e1", behind(w.config("e1", **options), proxy, *behind_it)).start()


def run(w, *words, code=0):
    done = subprocess.run([HONGYAN, *words, "--redis", f"unix:{w.socket}"], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, (words, done.stdout, done.stderr)
    return done.stdout


def peers(sink):
    return {record["peer"] for record in sink.records()}


def wait_connects(engine, result, least):
    """Workers hand their counts over once a second."""
    wait_until(lambda: engine.metric("hongyan_smtp_connects_total", result=result) >= least, 20, f"{least} counted as {result}")


def lane_pauses(engine):
    return [line for line in engine.events("lane-mode") if "mode=paused" in line]


def test_two_sources_through_one_proxy():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        proxy = Proxy(w, [sink.port]).start()
        # All of it under STARTTLS: the proxy passes bytes on and sees no more of them.
        engine = start_engine(w, proxy.address, FIRST, SECOND, routes=[("*", sink)], tls="required",
                              more_sources=(("s-b", SECOND),))
        people = addresses(300)
        w.submit("two", people)
        w.wait_ended("two")
        job = w.check_books("two", [sink], people)
        assert job["delivered"] == 300
        assert peers(sink) == {FIRST, SECOND}
        wait_connects(engine, "ready", 2)
        assert engine.metric("hongyan_smtp_connects_total", result="proxy_failed") == 0
        assert "waits for its proxy" not in run(w, "status")


def test_a_proxy_that_is_not_there_yet():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        proxy = Proxy(w, [sink.port])
        engine = start_engine(w, proxy.address, FIRST, routes=[("*", sink)])
        people = addresses(40)
        w.submit("early", people)
        w.wait_job("early", bool)
        because = f"proxy {proxy.address}: Connection refused"
        def why():
            told = run(w, "why", "early")
            return because in told and told
        told = wait_until(why, 60, "why names the proxy")
        assert "paused" in told and "(proxy)" in told, told
        wait_until(lambda: f"source s-e1 waits for its proxy: {because}" in run(w, "status"), 30, "status names it too")
        away = json.loads(run(w, "status", "--json"))["proxies_away"]
        assert away == [{"source": "s-e1", "why": because}], away
        assert any(f"proxy={proxy.address}" in line and because in line for line in engine.events("proxy-away"))
        assert engine.get("/readyz")[0] == 200
        # Our trouble, not the receivers': nothing was tried, no lane was paused.
        assert w.job("early")["attempts"] == 0 and w.replies("early") == "", w.replies("early")
        assert lane_pauses(engine) == []
        wait_connects(engine, "proxy_failed", 1)
        assert engine.metric("hongyan_smtp_connects_total", result="failed") == 0
        proxy.start()
        w.wait_ended("early")
        job = w.check_books("early", [sink], people)
        assert job["delivered"] == job["attempts"] == 40, job
        assert peers(sink) == {FIRST} and engine.events("proxy-back")


def test_a_proxy_killed_in_the_middle():
    with World() as w:
        w.start_redis()
        sink = w.start_sink(profile='latency = "20ms"')
        proxy = Proxy(w, [sink.port]).start()
        engine = start_engine(w, proxy.address, FIRST, SECOND, routes=[("*", sink)], more_sources=(("s-b", SECOND),),
                              other="connections = 6\nmessages_per_connection = 0\nrates = []")
        people = addresses(3000)
        w.submit("killed", people)
        for round_ in range(2):
            w.wait_job("killed", lambda j, n=round_: j.get("delivered", 0) > 200 + 400 * n)
            proxy.kill()
            wait_until(lambda: "waits for its proxy" in run(w, "status"), 60, "status tells of it")
            assert w.job("killed")["state"] == "running"
            proxy.start()
        w.wait_ended("killed", 180)
        job = w.check_books("killed", [sink], people)
        assert job["delivered"] == 3000, job
        assert lane_pauses(engine) == []
        # What was on the wire may be in doubt: one message per connection and kill.
        assert job.get("doubted", 0) <= 2 * 12, job


def test_the_next_source_takes_over():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = start_engine(w, f"127.0.0.1:{free_port()}", FIRST, routes=[("*", sink)], more_sources=(("s-b", SECOND),))
        people = addresses(100)
        w.submit("other", people)
        w.wait_ended("other")
        job = w.check_books("other", [sink], people)
        assert job["delivered"] == job["attempts"] == 100, job
        assert peers(sink) == {SECOND}
        assert engine.events("proxy-away") and lane_pauses(engine) == []


def test_an_address_that_the_proxy_does_not_use():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        proxy = Proxy(w, [sink.port]).start()
        engine = start_engine(w, proxy.address, FOREIGN, routes=[("*", sink)], sources=FOREIGN,
                              other="connections = 2\nmessages_per_connection = 0\nrates = []")
        people = addresses(60)
        w.submit("foreign", people)
        w.wait_job("foreign", bool)
        because = f"through proxy {proxy.address} from {FOREIGN}: "
        wait_until(lambda: because in run(w, "why", "foreign"), 60, "why names the proxy and the address")
        job = w.job("foreign")
        # A few were tried, until it was clear that nobody gets through; the others wait.
        assert job["delivered"] == 0 and job["queued"] + job["claimed"] + job["deferred"] == 60, job
        assert because in w.replies("foreign") and "before any byte came through" in w.replies("foreign")
        assert job["attempts"] < 30, job
        wait_connects(engine, "proxy_silent", 3)
        assert lane_pauses(engine) == [] and sink.records() == []
        assert any(because in line for line in engine.log().splitlines() if "outcome=deferred" in line)


def test_a_receiver_that_is_away_behind_a_proxy_that_works():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        dead = types.SimpleNamespace(host="127.0.5.1", port=free_port())
        proxy = Proxy(w, [sink.port, dead.port]).start()
        engine = start_engine(w, proxy.address, FIRST, routes=[("dead.example", dead), ("*", sink)], expiry="40s",
                              other='connections = 2\nmessages_per_connection = 1\nrates = ["20/s"]')
        well = addresses(200)
        w.submit("well", well)
        w.submit("away", [f"user{n}@dead.example" for n in range(20)])
        w.wait_ended("well")
        # The others get through, so it is the receiver's: its lane is paused, and no source rests for long.
        wait_until(lambda: lane_pauses(engine), 60, lambda: engine.log()[-3000:])
        assert all("provider=a:127.0.5.1" in line for line in lane_pauses(engine))
        assert w.job("well")["delivered"] == w.job("well")["attempts"] == 200, w.job("well")
        w.wait_ended("away", 150)
        assert w.job("away")["expired"] == 20, w.job("away")
        assert f"through proxy {proxy.address} from {FIRST}" in w.replies("away")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


def deliver(w, receiver, proxy, source, *words):
    mail = pathlib.Path(w.folder / "mail.eml")
    mail.write_text("Subject: hi\n\nhello\n")
    done = subprocess.run([HONGYAN, "deliver", "--host", receiver.host, "--port", str(receiver.port), "--source", source,
                           "--proxy", proxy.address, "--from", "me@acme.example", "--rcpt", "a@x.example", *words, str(mail)],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_by_hand_with_tls_of_both_kinds(certificates):
    with World() as w, Receiver(certificates.leaf("starttls", "IP:127.0.0.1")) as starttls, \
            Receiver(certificates.leaf("first", "IP:127.0.0.1"), implicit=True) as first_byte:
        proxy = Proxy(w, [starttls.port, first_byte.port]).start()
        for receiver, words in ((starttls, ()), (first_byte, ("--implicit-tls",))):
            code, out = deliver(w, receiver, proxy, FIRST, "--tls", "verified", "--ca-file", str(certificates.root), *words)
            assert code == 0 and receiver.accepted == [("a@x.example", True)], out
        code, out = deliver(w, starttls, proxy, FOREIGN)
        assert code == 75 and "proxy-silent" in out, out
        proxy.kill()
        code, out = deliver(w, starttls, proxy, FIRST)
        assert code == 75 and f"proxy-unreachable: proxy {proxy.address}: Connection refused" in out, out


def test_ipv6_through_a_proxy_on_ipv4():
    if not has_ipv6():
        pytest.skip("this machine has no ::1")
    with World() as w, Receiver(host="::1") as receiver:
        proxy = Proxy(w, [receiver.port]).start()
        code, out = deliver(w, receiver, proxy, "::1", "--tls", "off")
        assert code == 0 and len(receiver.accepted) == 1, out
        code, out = deliver(w, receiver, proxy, FIRST, "--tls", "off")
        assert code == 75 and "no source address of the receiver's family" in out, out
