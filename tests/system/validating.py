"""A signed zone on knotd and an unbound that validates it by a trust anchor of ours, all on loopback. For system tests only."""
import hashlib
import pathlib
import shutil
import socket
import subprocess

from free_ports import free_port, free_ports
from harness import Process, wait_until


def tool(name):
    return shutil.which(name) or f"/usr/sbin/{name}"


def tlsa(certificate, usage=3, selector=1, matching=1):
    """The data of a TLSA record for a certificate in PEM."""
    words = ["openssl", "x509", "-in", str(certificate), "-outform", "DER"]
    data = subprocess.run(words, check=True, capture_output=True).stdout
    if selector == 1:
        key = subprocess.run(["openssl", "x509", "-in", str(certificate), "-noout", "-pubkey"], check=True, capture_output=True)
        data = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key.stdout, check=True,
                              capture_output=True).stdout
    digest = {0: data, 1: hashlib.sha256(data).digest(), 2: hashlib.sha512(data).digest()}[matching]
    return f"{usage} {selector} {matching} {digest.hex()}"


def answers(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.3)
        probe.sendto(bytes([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1]), ("127.0.0.1", port))
        return probe.recv(512)


def start_validating(w, signed, plain=None, lost=()):
    """Zones {origin: lines}; `lost` are names below which nobody answers. The "ip:port" of the validating resolver."""
    folder = pathlib.Path(w.folder) / "signed"
    folder.mkdir()
    plain = plain or {}
    knot, port = free_ports(2)
    conf = (f"server:\n  rundir: {folder}\n  listen: 127.0.0.1@{knot}\n  udp-workers: 1\n  tcp-workers: 1\n"
            f"  background-workers: 1\n  async-start: off\ndatabase:\n  storage: {folder}\n"
            f"template:\n  - id: default\n    storage: {folder}\n    zonefile-load: whole\n"
            "    zonefile-sync: -1\n    journal-content: none\n    semantic-checks: off\nzone:\n")
    for origin, lines in {**signed, **plain}.items():
        conf += f"  - domain: {origin}\n    file: {origin}.zone\n" + ("    dnssec-signing: on\n" if origin in signed else "")
        (folder / f"{origin}.zone").write_text(
            f"$ORIGIN {origin}.\n$TTL 300\n@ SOA ns hostmaster 1 3600 900 604800 60\n@ NS ns\nns A 127.0.0.1\n{lines}\n")
    (folder / "knot.conf").write_text(conf)
    Process(w, "knot-signed", [tool("knotd"), "-c", str(folder / "knot.conf")]).spawn()
    wait_until(lambda: answers(knot), 30, "knotd answers")

    def anchors():
        text = ""
        for origin in signed:
            text += subprocess.run([tool("keymgr"), "-c", str(folder / "knot.conf"), origin, "ds"], check=True,
                                   capture_output=True, text=True).stdout
        return text
    (folder / "anchors").write_text(wait_until(anchors, 30, "keys of the signed zones"))
    text = (f"server:\n  interface: 127.0.0.1\n  port: {port}\n  username: \"\"\n  chroot: \"\"\n  pidfile: \"\"\n  directory: \"{folder}\"\n"
            f"  use-syslog: no\n  do-daemonize: no\n  num-threads: 1\n  do-not-query-localhost: no\n  do-ip6: no\n"
            f"  trust-anchor-file: \"{folder}/anchors\"\n  val-log-level: 2\n  aggressive-nsec: no\n  harden-below-nxdomain: no\n  local-zone: \"test.\" nodefault\n"
            "remote-control:\n  control-enable: no\n")
    for origin in {**signed, **plain}:
        text += f"stub-zone:\n  name: \"{origin}\"\n  stub-addr: 127.0.0.1@{knot}\n"
    for name in lost:
        text += f"stub-zone:\n  name: \"{name}\"\n  stub-addr: 127.0.0.1@{free_port()}\n"
    (folder / "unbound.conf").write_text(text)
    Process(w, "unbound", [tool("unbound"), "-d", "-c", str(folder / "unbound.conf")]).spawn()
    wait_until(lambda: answers(port), 30, "unbound answers")
    return f"127.0.0.1:{port}"
