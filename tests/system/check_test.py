"""`hongyan check`: what would go wrong with a campaign, told before it is sent."""
import datetime
import json
import os
import pathlib
import subprocess

import pytest

from harness import HONGYAN, World
from tls_receiver import Receiver

GOOD = """
tenant = "acme"
subject = "Your points, {{ name }}"
text = "Hello {{ name }}. Unsubscribe: https://acme.example/u/{{ token }}"
[from]
address = "news@acme.example"
[list_unsubscribe]
url = "https://acme.example/u/{{ token }}"
"""
LIST = "email,name,token\nli@x.example,Li,t1\nanna@y.example,Anna,t2\n"


@pytest.fixture(scope="module")
def world():
    with World() as w:
        w.start_redis()
        yield w


def check(w, campaign, people=None, *flags, code=0, config=None, binary=False):
    folder = pathlib.Path(w.folder)
    (folder / "campaign.toml").write_text(campaign)
    words = [HONGYAN, "check", str(folder / "campaign.toml"), *flags]
    if people is not None:
        (folder / "list.csv").write_text(people)
        words += ["--recipients", str(folder / "list.csv")]
    if config is not None:
        (folder / "engine.toml").write_text(config)
        words += ["--config", str(folder / "engine.toml")]
    words += [] if binary else ["--json"]
    environment = {"PATH": os.environ["PATH"], "HONGYAN_REDIS": f"unix:{w.socket}", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(words, env=environment, capture_output=True, timeout=120)
    assert done.returncode == code, (done.returncode, done.stdout.decode(), done.stderr.decode())
    return done.stdout.decode() if binary else json.loads(done.stdout)


def ids(report, *levels):
    return {f["id"] for f in report["findings"] if not levels or f["level"] in levels}


def what(report, rule):
    return next(f["what"] for f in report["findings"] if f["id"] == rule)


def test_a_good_campaign_passes(world):
    report = check(world, GOOD, LIST)
    assert report["ok"] is True and report["errors"] == 0
    # No engine has published a configuration here: that is said, and no reason to fail.
    assert ids(report, "error", "warning") == {"not-checked"}, report
    assert report["cost"] == {"recipients": 2, "price_micro_yuan": 7000, "micro_yuan": 14000}


def test_every_fault_is_told_at_once(world):
    bad = GOOD.replace('"Your points, {{ name }}"', '"RE: BUY NOW!!! {{ nmae }}"').replace(
        "[from]", "html = '<a href=\"www.acme.example\">x</a> <a href=\"https://a b.example/\">y'\nmax_spend = \"0.01\"\n[from]")
    people = LIST + "info@qq.com,I,t3\nbad,x,y\nli@x.example,Li,t1\nabuse@gmial.com,A,t4\n"
    report = check(world, bad, people, code=1)
    assert report["ok"] is False
    assert {"subject-misleading", "subject-shouting", "ad-label", "link-relative", "link-space", "html-unclosed", "variable-unknown",
            "list-invalid", "list-duplicates", "list-roles", "list-complaint-desks", "list-typos",
            "max-spend-short"} <= ids(report), ids(report)
    assert report["list"] == {"rows": 6, "valid": 4, "refused": 1, "duplicates": 1, "roles": 2, "chinese": 1, "rendered": 5}
    assert all(f["why"] and f["todo"] and f["what"] for f in report["findings"])


def test_a_document_that_is_refused_is_still_looked_at(world):
    report = check(world, GOOD.replace('subject = "Your', 'colour = 1\nsubject = "Re: your'), code=1)
    assert {"campaign-fault", "subject-misleading"} <= ids(report, "error"), report
    assert "colour" in what(report, "campaign-fault")


def test_the_law_of_china(world):
    chinese = GOOD.replace("Your points", "您的积分")
    assert "ad-label" in ids(check(world, chinese, code=1))
    assert "ad-label" in ids(check(world, GOOD, None, "--market", "cn", code=1))
    assert "ad-label" not in ids(check(world, GOOD.replace("Your points", "(AD) your points"), None, "--market", "cn"))
    assert "ad-label" not in ids(check(world, chinese, None, "--kind", "transactional"))
    assert "ad-label" in ids(check(world, GOOD, LIST.replace("x.example", "qq.com"), code=1))


def test_rows_that_lack_a_value_and_lists_that_cannot_be_read(world):
    folder = pathlib.Path(world.folder)
    (folder / "people.ndjson").write_text('{"to":"a@x.example","vars":{"name":"A","token":"t"}}\n{"to":"b@x.example"}\n')
    report = check(world, GOOD, None, "--recipients", str(folder / "people.ndjson"))
    assert "1 of the first 2" in what(report, "variable-missing")
    report = check(world, GOOD, None, "--recipients", "/nonexistent.csv", code=1)
    assert "list-unreadable" in ids(report)


def test_each_variant_is_looked_at(world):
    two = GOOD + '[[variants]]\nname = "loud"\nsubject = "RE: Your points"\n[[variants]]\nname = "calm"\ntext = "{{ nmae }}, goodbye"\n'
    report = check(world, two, LIST, code=1)
    assert what(report, "subject-misleading").startswith("variant loud: ")
    assert what(report, "no-visible-unsubscribe").startswith("variant calm: ")
    assert "`nmae` (text): no recipient has it" in what(report, "variable-unknown")
    everywhere = check(world, two.replace("[list_unsubscribe]", "[headers]\nX-Shop = \"{{ shop }}\"\n[list_unsubscribe]"), LIST, code=1)
    assert [f["what"] for f in everywhere["findings"] if "shop" in f["what"]] == ["`shop` (header X-Shop): no recipient has it"]


def test_templates_may_use_liquid(world):
    liquid = GOOD.replace("Hello {{ name }}.", "{% assign greeting = 'Hello' %}{% for one in shop.items limit: 2 %}{{ one | upcase }}{% endfor %}"
                          "{% if vip %}!{% endif %}{{ greeting }} {{ name | capitalize }}.")
    report = check(world, liquid, "email,name,token,shop,vip\nli@x.example,li,t1,s,1\n")
    assert ids(report, "error", "warning") == {"not-checked"}, report
    broken = check(world, liquid.replace("upcase", "uppercase"), LIST, code=1)
    assert "campaign-fault" in ids(broken, "error") and "upcase" in what(broken, "campaign-fault"), broken


def test_for_people_it_says_why_and_what_to_do(world):
    text = check(world, GOOD, LIST.replace("li@x", "info@x"), binary=True)
    assert "warning list-roles" in text and "RFC 2142" in text and "do   Remove role accounts" in text, text
    assert text.splitlines()[-1].startswith("0 errors, 2 warnings, "), text


def test_the_suppressed_share_is_told(world):
    people = "email,name,token\n" + "".join(f"u{n}@x.example,N,t\n" for n in range(30))
    assert "list-suppressed" not in ids(check(world, GOOD, people))

    def suppress(*words):
        subprocess.run([HONGYAN, "suppress", "add", *words, "--redis", f"unix:{world.socket}"], check=True, capture_output=True)
    suppress("u1@x.example", "--reason", "bounce")
    report = check(world, GOOD, people)
    assert what(report, "list-suppressed") == "1 of 30 addresses (3.33 %): 1 bounce", report
    # Another tenant's are not ours.
    suppress("U2@x.example", "--tenant", "acme", "--reason", "unsubscribe")
    suppress("u3@x.example", "--tenant", "other", "--reason", "unsubscribe")
    report = check(world, GOOD, people)
    assert "2 of 30 addresses (6.67 %)" in what(report, "list-suppressed-many"), report
    assert report["suppressed"] == {"asked": 30, "found": 2, "reasons": {"bounce": 1, "unsubscribe": 1}}


CHANNEL = ('[smtp]\nallow_networks = ["127.0.0.0/8"]\n[source.s0]\nehlo = "a.send.acme.example"\n'
           '[channel.quality]\nprice = "0.007"\nsources = ["s0"]\nenvelope_sender = "bounce@send.acme.example"\n%s\n'
           '[tenant.acme]\nfrom_domains = ["acme.example"]\n')


def test_the_channel_offers_one_click(world):
    bare = GOOD.split("[list_unsubscribe]")[0].replace("https://acme.example/u/{{ token }}", "{{ unsubscribe_url }}")
    assert "no-unsubscribe-header" in ids(check(world, bare, None, "--offline", config=CHANNEL % "", code=1))
    mail = check(world, bare, None, "--offline", config=CHANNEL % "unsubscribe_mail = true", code=1)
    assert ids(mail, "error") == {"no-one-click"}
    offered = check(world, bare, LIST, "--offline", config=CHANNEL % 'unsubscribe_url = "https://u.acme.example/u"')
    assert ids(offered, "error", "warning") == set(), offered


# --- what the DNS says

ZONE = """
send MX 10 in
send TXT "v=spf1 ip4:203.0.113.0/30 include:_spf.acme.example. -all"
_spf TXT "v=spf1 ip6:2001:db8::/32 ?all"
@ MX 10 in
@ A 203.0.113.20
in A 127.0.5.1
a.send A 203.0.113.1
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@acme.example"
b.send A 203.0.113.77
"""
REVERSE = """
1 PTR a.send.acme.example.
5 PTR b.send.acme.example.
6 PTR 203-0-113-6.isp.example.
"""
ISP = "203-0-113-6 A 203.0.113.6\n"
LISTS = """
good MX 10 mx1.google.test.
null MX 0 .
"""


def engine_config(dns, sources=("203.0.113.1",), sender="bounce@send.acme.example", more="", smtp="", keys=("r1", "e1")):
    more += "".join(f'[[channel.quality.dkim]]\ndomain = "acme.example"\nselector = "{key}"\nkey = "{key}.pem"\n' for key in keys)
    names = [f"s{n}" for n in range(len(sources))]
    text = (f'[dns]\nservers = ["{dns}"]\ntimeout = "3s"\n[smtp]\nallow_networks = ["127.0.0.0/8"]\n{smtp}\n'
            f'[channel.quality]\nprice = "0.007"\nsources = {json.dumps(names)}\nenvelope_sender = "{sender}"\n'
            '[tenant.acme]\nfrom_domains = ["acme.example", "brand.test"]\n'
            '[provider.google]\nmx = [".google.test"]\nrates = ["60/min burst 1"]\n' + more)
    for name, address in zip(names, sources):
        text += f'[source.{name}]\naddress = "{address}"\nehlo = "{"a" if name == "s0" else "b"}.send.acme.example"\n'
    return text


def keygen(world, selector, kind="rsa2048"):
    """A key in the world's folder; its record."""
    done = subprocess.run([HONGYAN, "dkim", "keygen", "--domain", "acme.example", "--selector", selector, "--type", kind,
                           "--out", f"{world.folder}/{selector}.pem", "--json"], check=True, capture_output=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def dns(world):
    records = [keygen(world, "r1"), keygen(world, "e1", "ed25519"), keygen(world, "differs"), keygen(world, "test")]
    records[2]["zone"] = records[0]["zone"].replace("r1._domainkey", "differs._domainkey")
    records[3]["zone"] = records[3]["zone"].replace("v=DKIM1;", "v=DKIM1; t=y;")
    keygen(world, "missing")
    zone = ZONE + "".join(one["zone"] + "\n" for one in records)
    return world.start_dns({"acme.example": zone, "113.0.203.in-addr.arpa": REVERSE, "isp.example": ISP, "list.test": LISTS,
                            "brand.test": "@ MX 10 in.acme.example.", "broken.test": ""})


PEOPLE = "email,name,token\n" + "".join(f"u{n}@good.list.test,N,t\n" for n in range(601))


def test_a_sender_who_does_everything_right(world, dns):
    report = check(world, GOOD, PEOPLE, config=engine_config(dns))
    assert ids(report, "error", "warning") == set(), report
    assert ids(report) == {"cost", "forecast", "list-receivers"}
    # 601 messages, one at once and then one a second.
    assert report["forecast"]["seconds"] == 600 and report["forecast"]["binds"] == "google", report["forecast"]
    assert "google binds: 601 recipients at 60/min" in what(report, "forecast")
    assert what(report, "list-receivers") == "google 100.0 %"


def test_a_source_that_warms_up_takes_days(world, dns):
    today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date()
    config = engine_config(dns).replace('rates = ["60/min burst 1"]', "warmup = [100, 200, 1000]").replace(
        "[source.s0]", f'[source.s0]\nwarmup_start = "{today}"')
    report = check(world, GOOD, PEOPLE, config=config)
    assert report["forecast"]["binds"] == "google" and report["forecast"]["rate"] == "the caps of warm-up", report
    assert 86400 < report["forecast"]["seconds"] <= 2 * 86400 + 1800, report["forecast"]
    # Two days of the curve are behind it.
    begun = check(world, GOOD, PEOPLE, config=config.replace(str(today), str(today - datetime.timedelta(days=2))))
    assert begun["forecast"]["rate"] != "the caps of warm-up" and begun["forecast"]["seconds"] < 3600, begun["forecast"]


def test_how_far_a_source_has_come_is_read_from_redis(world, dns):
    zone = datetime.timezone(datetime.timedelta(hours=8))
    today = datetime.datetime.now(zone).date()
    start = today - datetime.timedelta(days=9)
    config = engine_config(dns).replace('rates = ["60/min burst 1"]', "warmup = [100, 200, 1000]").replace(
        "[source.s0]", f'[source.s0]\nwarmup_start = "{start}"')

    def days(record):  # midnights that pass
        world.redis.call("HSET", "hongyan:{s0}:warmup", "google", record)
        try:
            finish = check(world, GOOD, PEOPLE, config=config)["forecast"]["finish_ms"]
            # Half an hour for the sending itself, should midnight be near.
            return (datetime.datetime.fromtimestamp(finish / 1000 - 1800, zone).date() - today).days
        finally:
            world.redis.call("DEL", "hongyan:{s0}:warmup")
    # start, date, day, cap, sent, answered, bad, refused, verdict; today is date 10. The calendar alone would say: warm.
    assert days(f"{start} 10 1 100 100 0 0 0 0") in (1, 2)  # today's cap is used up; 200 tomorrow, the rest the day after
    assert days(f"{start} 10 3 1000 0 0 0 0 0") <= 0
    assert days(f"{start} 9 1 100 100 0 0 0 0") <= 0  # went well yesterday: day 2
    assert days(f"{start} 9 1 100 100 0 0 0 1") in (1, 2)  # held at day 1
    assert days("2020-01-01 10 1 100 100 0 0 0 0") <= 0  # of another start


def test_each_wrong_source_is_named(world, dns):
    wrong = engine_config(dns, sources=("203.0.113.1", "203.0.113.5", "203.0.113.6", "203.0.113.7", "10.0.0.1"))
    report = check(world, GOOD, config=wrong, code=1)
    spf = [f["what"] for f in report["findings"] if f["id"] == "spf-not-pass"]
    assert [text.split(" ")[0] for text in spf] == ["s1", "s2", "s3"] and "fail by -all" in spf[0], spf
    assert "s1 (203.0.113.5)" in what(report, "ptr-not-back")
    assert "s2 (203.0.113.6)" in what(report, "ptr-generic")
    assert "s3 (203.0.113.7)" in what(report, "ptr-missing")
    assert "s4" in what(report, "source-hidden")
    assert "another address: 203.0.113.77" in what(report, "ehlo-elsewhere")
    seen = check(world, GOOD, None, "--seen-as", "s0=203.0.113.1", config=engine_config(dns, sources=("10.0.0.1",)))
    assert "source-hidden" not in ids(seen) and seen["errors"] == 0


def test_the_key_that_is_published_is_the_one_that_signs(world, dns):
    def findings(*keys, code=1, **more):
        return check(world, GOOD, config=engine_config(dns, keys=keys, **more), code=code)
    missing = what(findings("missing"), "dkim-missing")
    assert missing.startswith("missing._domainkey.acme.example has no TXT record; it should be v=DKIM1; k=rsa; p="), missing
    assert what(findings("differs"), "dkim-differs").startswith("differs._domainkey.acme.example is the public half of another key")
    assert ids(findings("test", code=0), "error", "warning") == {"dkim-testing"}
    assert ids(findings("e1", code=0), "error", "warning") == {"dkim-ed25519-only"}
    unsigned = findings()
    assert ids(unsigned, "error") == {"dkim-none"} and "dmarc-one-leg" in ids(unsigned), unsigned
    # One good key of two: receivers verify that.
    assert ids(findings("missing", "r1"), "error") == {"dkim-missing"}
    # Neither SPF nor DKIM pass: DMARC fails.
    assert ids(findings("missing", sources=("203.0.113.5",)), "error") >= {"spf-not-pass", "dkim-missing", "dmarc-fails"}
    gone = engine_config(dns).replace("r1.pem", "gone.pem")
    assert "whether the key at r1._domainkey.acme.example is ours: gone.pem" in what(check(world, GOOD, config=gone), "not-checked")


def test_policy_and_return_path(world, dns):
    strange = GOOD.replace("news@acme.example", "news@brand.test")
    report = check(world, strange, config=engine_config(dns), code=1)
    assert {"dmarc-missing", "dmarc-not-aligned"} <= ids(report, "error"), report
    report = check(world, GOOD, config=engine_config(dns, sender="bounce@null.list.test"), code=1)
    assert ids(report, "error") == {"return-path-unreachable", "spf-missing"}, report
    assert "only DKIM aligns with acme.example" in what(report, "dmarc-one-leg")
    assert "null MX" in what(report, "return-path-unreachable")
    nowhere = GOOD.replace("https://acme.example/u", "https://gone.acme.example/u")
    assert "gone.acme.example" in what(check(world, nowhere, config=engine_config(dns), code=1), "unsubscribe-unreachable")


def test_domains_that_take_no_mail(world, dns):
    people = PEOPLE + "".join(f"u{n}@{domain},N,t\n" for n in range(20) for domain in ("null.list.test", "nobody.list.test"))
    report = check(world, GOOD, people, config=engine_config(dns), code=1)
    assert ids(report, "error") == {"list-dead-domains"}
    assert "40 of 641" in what(report, "list-dead-domains") and "nobody.list.test (nxdomain)" in what(report, "list-dead-domains")


def test_what_cannot_be_asked_is_a_finding(world, dns):
    report = check(world, GOOD, PEOPLE, config=engine_config("127.0.0.1:9"))
    assert report["errors"] == 0 and ids(report, "warning") == {"not-checked"}
    said = " ".join(f["what"] for f in report["findings"] if f["id"] == "not-checked")
    for name in ("SPF of send.acme.example", "PTR of s0", "EHLO name", "_dmarc.acme.example", "MX of send.acme.example",
                 "who receives for 601 of 601"):
        assert name in said, (name, said)
    broken = check(world, GOOD, PEOPLE.replace("good.list", "broken"), config=engine_config(dns))
    assert "who receives for 601 of 601" in what(broken, "not-checked")
    offline = check(world, GOOD, PEOPLE, "--offline", config=engine_config("127.0.0.1:9"))
    assert ids(offline, "error", "warning") == set() and "not-asked" in ids(offline)


def test_another_name_server_by_flag(world, dns):
    report = check(world, GOOD, PEOPLE, "--dns", dns, config=engine_config("127.0.0.1:9"))
    assert ids(report, "error", "warning") == set(), report


@pytest.mark.parametrize("flag", ["s0", "=203.0.113.1", "s0=x"])
def test_seen_as_says_what_it_wants(world, flag):
    check(world, GOOD, None, "--seen-as", flag, code=64, binary=True)


def test_the_probe_tries_tls_and_only_when_asked(world, dns):
    with Receiver(host="127.0.5.1") as clear:
        config = engine_config(dns, smtp=f"port = {clear.port}")
        assert "return-path-no-tls" not in ids(check(world, GOOD, config=config))
        assert clear.connections == 0
        report = check(world, GOOD, None, "--probe", config=config)
        assert "in.acme.example (127.0.5.1)" in what(report, "return-path-no-tls"), report
        assert clear.accepted == []
    report = check(world, GOOD, None, "--probe", config=config)
    assert "TLS of in.acme.example" in what(report, "not-checked")
