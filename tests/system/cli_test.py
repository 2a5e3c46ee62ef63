"""The commands as an operator types them, against a running engine: what they print, their exit codes, their JSON."""
import json
import os
import re
import subprocess

import pytest

from harness import HONGYAN, PRICE, ROOT, World, wait_until

CAMPAIGN = """
v = 1
tenant = "acme"
channel = "quality"
subject = "你好 {{ name }}"
text = "{{ name }}, a word.\\r\\n"
[from]
address = "news@acme.example"
"""


def run(w, *words, code=0, stdin=None, redis=None):
    environment = {"PATH": os.environ["PATH"], "HONGYAN_REDIS": redis or f"unix:{w.socket}", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([HONGYAN, *words], env=environment, input=stdin, capture_output=True, timeout=60)
    out, err = done.stdout.decode(), done.stderr.decode()
    assert done.returncode == code, (words, done.returncode, out, err)
    return out, err


def rows(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def world():
    with World() as w:
        w.start_redis()
        w.sink = w.start_sink()
        w.engine = w.start_engine(routes=[("*", w.sink)], engines=("e1",), other="connections = 5\nrates = []")
        (w.folder / "campaign.toml").write_text(CAMPAIGN)
        yield w


def submit(w, job, text, *flags, code=0, encoding="utf-8", name="list.csv"):
    (w.folder / name).write_bytes(text.encode(encoding))
    return run(w, "submit", str(w.folder / "campaign.toml"), "--recipients", str(w.folder / name), "--id", job, *flags,
               code=code)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_lists_as_spreadsheets_write_them(world, encoding):
    job = "enc-" + encoding
    out, _ = submit(world, job, "姓名,邮箱,name\r\n李,li-%s@x.example,李雷\r\n" % encoding, "--follow", encoding=encoding)
    assert "1 of 1 delivered" in out
    assert f"li-{encoding}@x.example" in world.sink.copies()


def test_ndjson_and_standard_input(world):
    submit(world, "ndjson", '{"to":"n1@x.example","vars":{"name":"N"}}\n', "--follow", name="list.ndjson")
    run(world, "submit", str(world.folder / "campaign.toml"), "--recipients", "-", "--id", "stdin", "--follow",
        stdin=b"to,name\nstdin@x.example,S\n")
    assert {"n1@x.example", "stdin@x.example"} <= set(world.sink.copies())


def test_the_same_again_sends_nothing_and_other_content_is_refused(world):
    submit(world, "twice", "to,name\ntwice@x.example,T\n", "--follow")
    submit(world, "twice", "to,name\ntwice@x.example,T\n", "--follow")
    assert world.sink.copies()["twice@x.example"] == 1
    other = world.folder / "other.toml"
    other.write_text(CAMPAIGN.replace("a word", "another word"))
    _, err = run(world, "submit", str(other), "--recipients", str(world.folder / "list.csv"), "--id", "twice", code=1)
    assert "other content" in err


def test_all_faults_of_a_campaign_at_once(world):
    bad = world.folder / "bad.toml"
    bad.write_text(CAMPAIGN.replace('tenant = "acme"', 'tenant = "nobody"\ncolour = 3') + '\n[window]\ntz = "Mars/Base"\n')
    (world.folder / "list.csv").write_text("to,name\na@x.example,A\n")
    _, err = run(world, "submit", str(bad), "--recipients", str(world.folder / "list.csv"), "--id", "bad", code=1)
    for word in ("nobody", "colour", "Mars/Base"):
        assert word in err, err
    assert world.job("bad") == {}


def test_report_show_list_bill_and_status_agree(world):
    people = ["to,name", "one@x.example,1", "two@x.example,2", "bounce-550-5.1.1@x.example,3", "not an address,4",
              "one@X.example,5", "=cmd@x.example,6"]
    submit(world, "books", "\n".join(people) + "\n", "--follow")
    found = {row["row"]: row for row in rows(run(world, "report", "books", "--json")[0])}
    # As the spreadsheet counts: its header is row 1.
    assert [found[n]["state"] for n in range(2, 8)] == ["delivered", "delivered", "bounced", "invalid", "duplicate",
                                                        "delivered"]
    assert "5.1.1" in found[4]["reply"] and found[2]["cost_micro_yuan"] == PRICE and found[4]["cost_micro_yuan"] == 0
    invalid = rows(run(world, "report", "books", "--invalid", "--json")[0])
    assert [row["row"] for row in invalid] == [5] and invalid[0]["reply"]
    csv = run(world, "report", "books", "--format", "csv")[0]
    assert "'=cmd@x.example" in csv
    table, _ = run(world, "report", "books", "--state", "bounced")
    assert "bounce-550-5.1.1@x.example" in table and "one@x.example" not in table
    shown = json.loads(run(world, "show", "books", "--json")[0])
    assert shown["delivered"] == 3 and shown["state"] == "done"
    assert "books" in run(world, "list")[0]
    assert any(row["id"] == "books" for row in rows(run(world, "list", "--json")[0]))
    entries = run(world, "bill", "--entries", "--format", "csv")[0].splitlines()
    assert any("books" in line for line in entries[1:]), entries
    bill = run(world, "bill", "--format", "csv")[0].splitlines()
    assert bill[0] == "day,tenant,channel,unit_price_micro_yuan,messages,amount_micro_yuan,amount_yuan"
    assert sum(int(line.split(",")[5]) for line in bill[1:]) == world.engine.metric(
        "hongyan_billing_charged_micro_yuan_total", tenant="acme")
    assert "e1" in run(world, "status")[0]
    pmta = run(world, "report", "books", "--format", "pmta")[0].splitlines()
    assert pmta[0].startswith("type,timeLogged") and len(pmta) == 5


def test_pause_resume_cancel_wait_for_their_effect(world):
    submit(world, "ops", "to,name\n" + "".join(f"defer-451-4.7.1+{n}@x.example,x\n" for n in range(5)))
    world.wait_job("ops", lambda j: j.get("deferred") == 5 or j.get("attempts", 0) >= 5)
    run(world, "pause", "ops", "--reason", "lunch")
    assert world.job("ops")["state"] == "paused" and world.job("ops")["reason"] == "lunch"
    run(world, "resume", "ops")
    assert world.job("ops")["state"] == "running"
    run(world, "cancel", "ops", "--reason", "enough")
    assert world.job("ops")["state"] == "cancelled"
    _, err = run(world, "resume", "ops", code=1)
    assert err


def test_forget_erases_an_address_everywhere(world):
    address = "Gone.Person@x.example"
    submit(world, "memory", f"to,name\n{address},Secret Name\nkept@x.example,K\nbounce-550-5.1.1+9@x.example,B\n",
           "--follow")
    world.put(world.document("inline", [address, "stays@x.example"]))
    world.wait_ended("inline")
    later = world.document("later", [address, "stays2@x.example"], send_at="2099-01-01T00:00:00Z")
    world.put(later)
    world.wait_job("later", lambda j: j.get("list_complete") == 1)
    out = json.loads(run(world, "forget", "gone.person@X.EXAMPLE", "--json")[0])
    assert out["ok"] and out["recipients"] == 3 and out["jobs"] == 3, out
    assert "Gone" not in run(world, "report", "memory", "--format", "csv")[0]
    keys = world.redis.call("KEYS", "*")
    for key in keys:
        dumped = world.redis.call_bytes("DUMP", key) or b""
        assert b"one.Person" not in dumped, key
    for job in ("memory", "inline", "later"):
        assert address not in [a for a, _ in world.recipients(job)]
    job = world.job("later")
    assert job["suppressed"] == 1 and job["queued"] == 1, job
    assert world.job("memory")["delivered"] == 2 and world.job("memory")["charged_micro_yuan"] == 2 * PRICE
    assert json.loads(run(world, "forget", "gone.person@x.example", "--json")[0])["recipients"] == 0
    run(world, "cancel", "later")


def test_dead_documents_are_listed_and_retried(world):
    world.put(world.document("late-tenant", ["dead@x.example"], tenant="nobody"))
    dead = wait_until(lambda: [d for d in rows(run(world, "dead", "list", "--json")[0]) if d["job"] == "late-tenant"],
                      20, "it lies in hongyan:dead")
    assert "nobody" in dead[0]["faults"][0]
    assert "late-tenant" in run(world, "dead", "list")[0]
    _, err = run(world, "dead", "retry", dead[0]["id"], code=1)
    assert "nobody" in err


def test_balances_are_idempotent_by_reference(world):
    run(world, "balance", "top-up", "acme", "10.00", "--ref", "r1")
    run(world, "balance", "top-up", "acme", "10.00", "--ref", "r1")
    shown = rows(run(world, "balance", "show", "--json")[0])
    assert [s for s in shown if s["tenant"] == "acme"][0]["free_micro_yuan"] == 10_000_000, shown


@pytest.mark.parametrize("words, code", [
    ((), 64), (("explode",), 64), (("report",), 64), (("report", "books", "--format", "xml"), 64),
    (("report", "books", "--state", "delivred"), 64), (("show", "no-such-job"), 1), (("cancel", "no-such-job"), 75),
    (("forget", "nobody"), 64), (("bill", "--from", "yesterday"), 64), (("balance", "top-up", "acme", "1.0000001",
                                                                          "--ref", "x"), 64),
    (("submit", "/nonexistent.toml", "--recipients", "-"), 1), (("config", "check", "/nonexistent.toml"), 78)])
def test_exit_codes_and_sentences(world, words, code):
    out, err = run(world, *words, code=code)
    assert (out + err).strip(), words


@pytest.mark.parametrize("words", [("show", "x"), ("dead", "list"), ("cancel", "x")])
def test_redis_away_is_75(world, words):
    _, err = run(world, *words, "--redis", f"unix:{world.folder}/nobody.sock", code=75)
    assert "nobody.sock" in err


def subcommands(world, *of):
    out, _ = run(world, *of, "--help")
    if "Subcommands:" not in out:
        return []
    names = re.findall(r"^  (\S+)", out.split("Subcommands:\n")[1].split("\n\n")[0], re.M)
    return [[*of, name] for name in names]


def test_every_command_has_help_and_stands_in_the_manual(world):
    manual = (ROOT / "docs/CLI.md").read_text()
    tops = subcommands(world)
    assert ["report"] in tops and ["sink"] in tops
    for top in tops:
        assert "xample" in run(world, *top, "--help")[0], top
        for command in subcommands(world, *top) or [top]:
            words = " ".join(command)
            assert re.search(rf"`(hongyan )?{re.escape(words)}[ `]", manual), words
            flags = set(re.findall(r"^  (--?[a-z-]+)", run(world, *command, "--help")[0], re.M))
            for flag in flags - {"-h", "--redis", "--json"}:
                assert f"{flag}" in manual, (words, flag)


def test_config_check_tells_all_faults(world):
    bad = world.folder / "engine.toml"
    bad.write_text('[engine]\nid = "a b"\nwrokers = 2\n[redis]\nurl = 5\n')
    _, err = run(world, "config", "check", str(bad), code=78)
    assert "wrokers" in err and "workers" in err and "redis.url" in err and "engine.id" in err, err


def test_deliver_says_what_each_receiver_said(world):
    mail = world.folder / "mail.eml"
    mail.write_text("From: a@acme.example\r\nTo: b@x.example\r\nSubject: hi\r\n\r\nhello\r\n")
    base = ("deliver", "--host", "127.0.0.1", "--port", str(world.sink.port), "--from", "a@acme.example")
    out, _ = run(world, *base, "--rcpt", "good@x.example", str(mail))
    assert out.startswith("good@x.example\tdelivered\t250"), out
    out, _ = run(world, *base, "--rcpt", "good2@x.example,bounce-550-5.1.1@x.example", str(mail), code=1)
    assert [line.split("\t")[1] for line in out.splitlines()] == ["delivered", "failed"]
    run(world, *base, "--rcpt", "defer-451-4.7.1@x.example", str(mail), code=75)
    _, trace = run(world, *base, "--rcpt", "traced@x.example", "--trace", str(mail))
    assert "MAIL FROM:<a@acme.example>" in trace or "MAIL FROM:<a@acme.example>" in _, trace
    nobody = run(world, "deliver", "--host", "127.0.0.1", "--port", "9", "--from", "a@b.example", "--rcpt", "c@d.example",
                 str(mail), code=75)[0]
    assert nobody.startswith("c@d.example\tdeferred\t")
