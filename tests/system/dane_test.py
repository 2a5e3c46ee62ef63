"""DANE (RFC 7672): what a signed zone says about the TLS of its hosts is obeyed, whatever the channel asks for."""
import pytest

from harness import World
from tls_receiver import Certificates, Receiver
from validating import start_validating, tlsa


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


def zone(port, hosts):
    """Each name a provider of its own: a lane that is paused must not hold up the others.

    {name: (address, TLSA data or None)}: each name is a domain with the MX mx.NAME."""
    lines = ""
    for name, (address, data) in hosts.items():
        lines += f"{name} MX 10 mx.{name}\nmx.{name} A {address}\n"
        for record in data or ():
            lines += f"_{port}._tcp.mx.{name} TLSA {record}\n"
    return lines


def test_a_signed_zone_decides_about_tls(certificates):
    own = certificates.leaf("own", "DNS:elsewhere.example", end="20210101000000Z", signed=False)
    issued = certificates.leaf("issued", "DNS:mx.anchor.signed")
    issued[0].write_text(issued[0].read_text() + certificates.root.read_text())  # a trust anchor must be in the chain
    misnamed = certificates.leaf("misnamed", "DNS:mx.other.test")
    misnamed[0].write_text(misnamed[0].read_text() + certificates.root.read_text())
    mismatched = tlsa(issued[0])
    with World() as w, Receiver(own, host="127.0.6.1") as first:
        port = first.port
        with Receiver(issued, host="127.0.6.2", port=port) as second, Receiver(misnamed, host="127.0.6.3", port=port) as third, \
                Receiver(None, host="127.0.6.4", port=port) as clear:
            root = tlsa(certificates.root, usage=2, selector=0)
            hosts = {
                "key": ("127.0.6.1", [tlsa(own[0])]),                        # a pinned key: name and dates do not matter
                "full": ("127.0.6.1", [tlsa(own[0], selector=0, matching=2)]),
                "mismatch": ("127.0.6.1", [mismatched]),
                "unusable": ("127.0.6.1", ["1 0 1 " + "00" * 32]),           # encryption, any certificate
                "clear": ("127.0.6.4", [tlsa(own[0])]),
                "unusable-clear": ("127.0.6.4", ["1 0 1 " + "00" * 32]),
                "bare": ("127.0.6.4", None),                                 # nothing published: as the channel says
                "lost": ("127.0.6.4", None),
            }
            lines = zone(port, hosts) + "anchor MX 10 mx.anchor\nmx.anchor A 127.0.6.2\nmisnamed MX 10 mx.misnamed\n" \
                "mx.misnamed A 127.0.6.3\nnext MX 10 mx.mismatch\nnext MX 20 mx.key\n"
            for name in ("anchor", "misnamed"):
                lines += f"_{port}._tcp.mx.{name} TLSA {root}\n"
            server = start_validating(w, {"signed": lines}, {"plain": zone(port, {"open": ("127.0.6.4", [mismatched])})},
                                      lost=["_tcp.mx.lost.signed"])
            w.start_redis()
            w.start_engine(engines=("e1",), retry=("1s",), expiry="20s", tls="off", smtp=f"port = {port}",
                           dns=f'servers = ["{server}"]\ntrust_ad = true',
                           other="connections = 3\nmessages_per_connection = 0\nrates = []")
            good = ["key.signed", "full.signed", "anchor.signed", "unusable.signed", "bare.signed", "next.signed", "open.plain"]
            w.submit("good", [f"user@{name}" for name in good])
            w.wait_ended("good")
            assert w.job("good")["delivered"] == len(good), (w.job("good"), w.replies("good"))
            secure = {to: tls for host in (first, second, third, clear) for to, tls in host.accepted}
            for name in good:
                assert secure[f"user@{name}"] == (name not in ("bare.signed", "open.plain")), (name, secure)
            bad = {"mismatch": "tls-unverified", "misnamed": "tls-unverified", "clear": "tls-not-offered",
                   "unusable-clear": "tls-not-offered", "lost": "tlsa-unresolved"}
            for name, reason in bad.items():
                w.submit(name, [f"user@{name}.signed"])
            for name, reason in bad.items():
                w.wait_ended(name, 120)
                job = w.job(name)
                assert (job["delivered"], job["bounced"], job["expired"]) == (0, 0, 1), (name, job)
                assert reason in w.replies(name), (name, w.replies(name))
            assert not third.accepted
