"""`hongyan check`: what would go wrong with a campaign, told before it is sent."""
import json
import os
import pathlib
import subprocess

import pytest

from harness import HONGYAN, World

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


def test_for_people_it_says_why_and_what_to_do(world):
    text = check(world, GOOD, LIST.replace("li@x", "info@x"), binary=True)
    assert "warning list-roles" in text and "RFC 2142" in text and "do   Remove role accounts" in text, text
    assert text.splitlines()[-1].startswith("0 errors, 2 warnings, "), text
