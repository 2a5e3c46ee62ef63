"""TLS as the configuration asks for it, towards receivers with all kinds of certificates; relays with a password."""
import time

import pytest

from harness import World, wait_until
from patient import PATIENT
from tls_receiver import Certificates, Receiver, has_ipv6

FAST = dict(PATIENT, engines=("e1",), retry=("1s",))
OPEN = "connections = 2\nmessages_per_connection = 1\nrates = []"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


def send(w, domain, count=2, job="tls"):
    w.submit(job, [f"user{n}@{domain}" for n in range(count)])
    w.wait_ended(job, 60)
    return w.job(job)["delivered"]


def refused(w, domain, job="tls"):
    """What the kept reply says of a recipient that could not be sent to."""
    w.submit(job, [f"user@{domain}"])
    tried = w.wait_job(job, lambda j: j.get("attempts", 0) > 0)
    assert tried["delivered"] == tried["bounced"] == 0, tried
    return w.replies(job).lower()


@pytest.mark.parametrize("kind, delivered", [("right", True), ("other name", False), ("expired", False),
                                             ("self-signed", False), ("no TLS", False)])
def test_verified_takes_only_the_right_certificate(certificates, kind, delivered):
    tag = kind.replace(" ", "-")
    certificate = {
        "right": lambda: certificates.leaf(tag, "IP:127.0.0.1"),
        "other name": lambda: certificates.leaf(tag, "DNS:mx.other.example"),
        "expired": lambda: certificates.leaf(tag, "IP:127.0.0.1", end="20210101000000Z"),
        "self-signed": lambda: certificates.leaf(tag, "IP:127.0.0.1", signed=False),
        "no TLS": lambda: None}[kind]()
    with World() as w, Receiver(certificate) as receiver:
        w.start_redis()
        w.start_engine(routes=[("*", receiver)], tls="verified", other=OPEN,
                       smtp=f'ca_file = "{certificates.root}"', **FAST)
        if delivered:
            assert send(w, "x.example") == 2
        else:
            assert "tls" in refused(w, "x.example")
        assert all(secure for _, secure in receiver.accepted)
        assert not [entry for entry in receiver.log if entry[0] == "MAIL" and not entry[1]]


def test_required_takes_any_certificate_but_never_clear_text(certificates):
    with World() as w, Receiver(certificates.leaf("any", "DNS:any.example", signed=False)) as receiver, \
            Receiver(None, host="127.0.4.1") as clear:
        w.start_redis()
        w.start_engine(routes=[("tls.example", receiver), ("clear.example", clear)], tls="required", other=OPEN, **FAST)
        assert send(w, "tls.example", job="a") == 2
        assert "tls-not-offered" in refused(w, "clear.example", job="b")
        assert all(secure for _, secure in receiver.accepted) and clear.accepted == []


def test_opportunistic_prefers_tls_and_takes_clear_text(certificates):
    with World() as w, Receiver(certificates.leaf("opp", "DNS:any.example", signed=False)) as receiver, \
            Receiver(None, host="127.0.4.1") as clear:
        w.start_redis()
        w.start_engine(routes=[("tls.example", receiver), ("clear.example", clear)], tls="opportunistic", other=OPEN,
                       **FAST)
        assert send(w, "tls.example", job="a", count=6) == 6
        assert send(w, "clear.example", job="b") == 2
        assert all(secure for _, secure in receiver.accepted)
        assert receiver.handshakes > 1 and receiver.resumed > 0, (receiver.handshakes, receiver.resumed)


def test_off_never_asks_for_tls(certificates):
    with World() as w, Receiver(certificates.leaf("off", "IP:127.0.0.1")) as receiver:
        w.start_redis()
        w.start_engine(routes=[("*", receiver)], tls="off", other=OPEN, **FAST)
        assert send(w, "x.example") == 2
        assert "STARTTLS" not in [verb for verb, *_ in receiver.log]


def test_a_provider_says_otherwise_than_its_channel(certificates):
    provider = "".join(f'[provider.{name}]\nmx = ["{name}.invalid"]\ntls = "{mode}"\n'
                       for name, mode in (("strict", "required"), ("open", "off")))
    with World() as w, Receiver(None) as strict, Receiver(certificates.leaf("open", "IP:127.0.0.1"), "127.0.4.1") as clear:
        w.start_redis()
        ways = "".join(f'[[route]]\ndomain = "{name}.example"\nhost = "{to.host}"\nport = {to.port}\nprovider = "{name}"\n'
                       for name, to in (("strict", strict), ("open", clear)))
        w.start_engine(tls="opportunistic", other=OPEN, extra=ways + provider, **FAST)
        assert send(w, "open.example", job="a") == 2
        assert "STARTTLS" not in [verb for verb, *_ in clear.log]
        assert "tls-not-offered" in refused(w, "strict.example", job="b")


def stay_silent(_):
    time.sleep(20)


NONSENSE = b"this is no handshake\r\n" * 20


@pytest.mark.parametrize("spoil, inject", [(lambda sock: sock.sendall(NONSENSE), b""), (lambda sock: None, NONSENSE),
                                           (lambda sock: None, b""), (stay_silent, b"")],
                         ids=["nonsense", "nonsense-with-the-answer", "close", "silence"])
def test_opportunistic_goes_on_in_clear_when_the_handshake_fails_and_required_does_not(certificates, spoil, inject):
    certificate = certificates.leaf(f"spoilt{id(spoil)}-{len(inject)}", "IP:127.0.0.1")
    limits = PATIENT["timeouts"] + '\ntls_handshake = "1s"'
    spoilt = dict(spoil=spoil, inject=inject)
    with World() as w, Receiver(certificate, **spoilt) as lax, Receiver(certificate, "127.0.4.1", **spoilt) as strict:
        w.start_redis()
        ways = (f'[[route]]\ndomain = "strict.example"\nhost = "127.0.4.1"\nport = {strict.port}\nprovider = "strict"\n'
                '[provider.strict]\nmx = ["strict.invalid"]\ntls = "required"\n')
        w.start_engine(routes=[("lax.example", lax)], tls="opportunistic", other=OPEN, extra=ways, **(FAST | {"timeouts": limits}))
        assert send(w, "lax.example", job="a") == 2
        assert "STARTTLS" in [verb for verb, *_ in lax.log] and not any(secure for _, secure in lax.accepted)
        refused(w, "strict.example", job="b")
        assert "MAIL" not in [verb for verb, *_ in strict.log]


def test_what_was_injected_before_the_handshake_is_never_believed(certificates):
    with World() as w, Receiver(certificates.leaf("inj", "IP:127.0.0.1"), inject=b"250 I am fine\r\n") as receiver:
        w.start_redis()
        w.start_engine(routes=[("*", receiver)], tls="required", other=OPEN, **FAST)
        assert "starttls-injection" in refused(w, "x.example")
        assert receiver.accepted == []


def secret(w, text):
    path = w.folder / "password"
    path.write_text(text + "\n")
    return path


RELAY = '''[source.s-e1.relay]
host = "127.0.0.1"
port = {port}
tls = "{tls}"
username = "campaigns"
password_file = "{password}"
'''


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "LOGIN"])
def test_a_relay_takes_everything_after_a_log_in_over_tls(certificates, mechanisms):
    certificate = certificates.leaf("relay-" + mechanisms[:1], "IP:127.0.0.1")
    with World() as w, Receiver(certificate, users={"campaigns": "s3cret"}, mechanisms=mechanisms) as relay:
        w.start_redis()
        w.start_engine(extra=RELAY.format(port=relay.port, tls="verified", password=secret(w, "s3cret")), other=OPEN,
                       smtp=f'ca_file = "{certificates.root}"', **FAST)
        people = ["a@one.example", "b@two.example", "c@three.example"]
        w.submit("relayed", people)
        job = w.wait_ended("relayed")
        assert job["delivered"] == 3, (job, w.replies("relayed"))
        assert sorted(to for to, _ in relay.accepted) == people
        assert {login[:2] for login in relay.logins} == {(mechanisms.split()[0], "campaigns")}
        assert all(secure for *_, secure in relay.logins)


def test_a_wrong_password_is_tried_once_and_stops_the_lane(certificates):
    with World() as w, Receiver(certificates.leaf("wrong", "IP:127.0.0.1"), users={"campaigns": "s3cret"}) as relay:
        w.start_redis()
        engine = w.start_engine(extra=RELAY.format(port=relay.port, tls="required", password=secret(w, "guess")), engines=("e1",),
                                other=OPEN)
        w.submit("relayed", [f"user{n}@one.example" for n in range(50)])
        wait_until(lambda: w.events("lane.mode"), 20, "the lane is paused")
        told = w.events("lane.mode")[0]["data"]
        assert told["mode"] == "paused" and "535" in told["reply"], told
        job = w.wait_job("relayed", lambda j: j["claimed"] == 0, 30, "everybody waits in Redis")
        assert job["bounced"] == 0 and job["queued"] + job["deferred"] == 50, job
        assert len(relay.logins) <= 2, relay.logins
        assert "guess" not in engine.log()


def test_a_relay_without_tls_never_sees_the_password():
    with World() as w, Receiver(None, users={"campaigns": "s3cret"}) as relay:
        w.start_redis()
        w.start_engine(extra=RELAY.format(port=relay.port, tls="opportunistic", password=secret(w, "s3cret")), other=OPEN, **FAST)
        assert "auth-needs-tls" in refused(w, "one.example")
        assert relay.logins == []


def test_a_provider_never_weakens_what_its_channel_demands():
    provider = '[provider.lax]\nmx = ["lax.example"]\ntls = "opportunistic"\nconnections = 2\n'
    with World() as w, Receiver(None) as clear:
        w.start_redis()
        route = f'[[route]]\ndomain = "*"\nhost = "127.0.0.1"\nport = {clear.port}\nprovider = "lax"\n'
        w.start_engine(extra=provider + route, tls="required", other=OPEN, **FAST)
        assert "tls-not-offered" in refused(w, "x.example")
        assert clear.accepted == []


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_relay_with_tls_from_the_first_byte(certificates, host):
    if host == "::1" and not has_ipv6():
        pytest.skip("this machine has no ::1")
    certificate = certificates.leaf("implicit-v6" if host == "::1" else "implicit-v4", "IP:" + host)
    with World() as w, Receiver(certificate, host=host, users={"campaigns": "s3cret"}, implicit=True) as relay:
        w.start_redis()
        w.start_engine(extra=RELAY.format(port=relay.port, tls="verified", password=secret(w, "s3cret")).replace("127.0.0.1", host)
                       + "implicit_tls = true\n", other=OPEN, smtp=f'ca_file = "{certificates.root}"',
                       allow='"127.0.0.0/8", "::1/128"', sources=host.replace(".1", ".2"), **FAST)
        w.submit("relayed", ["a@one.example", "b@two.example"])
        job = w.wait_ended("relayed")
        assert job["delivered"] == 2, (job, w.replies("relayed"))
        assert {login[:2] for login in relay.logins} == {("PLAIN", "campaigns")}
        assert all(secure for _, secure in relay.accepted) and "STARTTLS" not in [verb for verb, *_ in relay.log]


def test_tls_from_the_first_byte_still_asks_whose_certificate_it_is(certificates):
    certificate = certificates.leaf("implicit-other", "DNS:mx.other.example")
    with World() as w, Receiver(certificate, users={"campaigns": "s3cret"}, implicit=True) as relay:
        w.start_redis()
        w.start_engine(extra=RELAY.format(port=relay.port, tls="verified", password=secret(w, "s3cret")) + "implicit_tls = true\n",
                       other=OPEN, smtp=f'ca_file = "{certificates.root}"', **FAST)
        assert "tls-unverified" in refused(w, "one.example")
        assert relay.logins == [] and relay.log == []


def test_tls_from_the_first_byte_without_a_mode_that_wants_tls_is_a_fault():
    with World() as w:
        w.start_redis()
        engine = w.engine(extra='[source.s-e1.relay]\nhost = "127.0.0.1"\ntls = "opportunistic"\nimplicit_tls = true\n', **FAST)
        assert engine.start(ready=False).wait(30) == 78
        assert "implicit_tls" in engine.log(), engine.log()
