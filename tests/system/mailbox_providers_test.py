"""`hongyan mailbox providers`: what people and programs are told of a mailbox, and how a company's own domain is recognised."""
import json
import os
import subprocess

import pytest

from harness import HONGYAN, World

ZONE = """
hosted MX 10 mxbiz1.qq.com.
_imaps._tcp.own SRV 5 0 9993 imap.own
_submissions._tcp.own SRV 5 0 4465 smtp.own
_imaps._tcp.strange SRV 0 0 993 imap.elsewhere.test.
_submission._tcp.strange SRV 0 0 587 smtp.elsewhere.test.
silent TXT "nothing here"
"""


@pytest.fixture(scope="module")
def dns():
    with World() as w:
        yield w.start_dns({"zone.test": ZONE})


def providers(*words, code=0, **environment):
    done = subprocess.run([HONGYAN, "mailbox", "providers", *words], capture_output=True, text=True, timeout=60,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environment})
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def recognised(dns, domain):
    return json.loads(providers(f"li@{domain}", "--dns", dns, "--json"))


def test_all_are_listed_for_people_and_for_programs():
    table = providers().splitlines()
    ones = [json.loads(line) for line in providers("--json").splitlines()]
    assert len(ones) >= 60 and len(table) == len(ones) + 1
    for one in ones:
        assert one["name"]["zh"] and one["make"]["zh"] and one["advice"] and one["sources"], one["id"]
    kinds = {one["secret"]["kind"] for one in ones if one["oauth2"] == "only"}
    assert kinds == {"oauth2"}


def test_one_is_explained_in_the_reader_s_language():
    english = providers("qq")
    for wanted in ("imap.qq.com:993 implicit", "smtp.qq.com:465 implicit", "authorization code, 16 letters",
                   "Settings > Account", "spam", "1. Web mail: https://mail.qq.com"):
        assert wanted in english, (wanted, english)
    chinese = providers("li@qq.com", LC_ALL="zh_CN.UTF-8")
    assert "授权码，16 个字母" in chinese and "依次尝试" in chinese
    assert providers("qq", "--lang", "zh") in chinese


def test_names_that_fit_several_and_none():
    several = providers("enterprise mail")
    assert "netease_ent" in several and "exmail" in several and "gmail" not in several
    assert "no provider is called 'pigeon'" in providers("pigeon", code=1)
    assert json.loads(providers("pigeon", "--json", code=1))["ok"] is False
    providers("a@b@c", code=64)


def test_own_domains_are_recognised_by_srv_then_mx_then_guess(dns):
    hosted = recognised(dns, "hosted.zone.test")
    assert hosted["provider"]["id"] == "exmail"
    assert [c["from"] for c in hosted["candidates"]] == ["mx", "mx"]
    own = recognised(dns, "own.zone.test")
    assert own["provider"] is None and [c["from"] for c in own["candidates"]] == ["srv"]
    assert own["candidates"][0]["imap"] == {"host": "imap.own.zone.test", "port": 9993, "tls": "implicit"}
    assert own["candidates"][0]["smtp"] == {"host": "smtp.own.zone.test", "port": 4465, "tls": "implicit"}
    assert own["candidates"][0]["outside"] is False
    strange = recognised(dns, "strange.zone.test")["candidates"][0]
    assert strange["outside"] is True and strange["smtp"]["tls"] == "starttls"
    assert "make sure" in providers("strange.zone.test", "--dns", dns)
    silent = recognised(dns, "silent.zone.test")
    assert silent["provider"] is None and {c["from"] for c in silent["candidates"]} == {"guess"}


def test_a_name_server_that_is_none_is_told():
    assert "no DNS server" in providers("li@acme.example", "--dns", "nonsense", code=64)
