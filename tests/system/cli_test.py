"""The commands as an operator types them, against a running engine: what they print, their exit codes, their JSON."""
import json
import os
import re
import subprocess

import pytest

from free_ports import free_port
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
    world.wait_ended("books")
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

    def agree():  # the ledger may be a second behind
        lines = run(world, "bill", "--format", "csv")[0].splitlines()[1:]
        return sum(int(line.split(",")[5]) for line in lines) == world.engine.metric(
            "hongyan_billing_charged_micro_yuan_total", tenant="acme") > 0
    wait_until(agree, 20, "bill and /metrics/billing agree")
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


def test_a_document_whose_fault_has_gone_is_taken_by_retry(world):
    document = json.dumps(world.document("mended", ["mended@x.example"]))
    entry = world.redis.call("XADD", "hongyan:dead", "*", "at", "1", "entry", "1-1", "id", "mended", "digest", "x",
                             "faults", json.dumps(["tenant: unknown"]), "job", document)
    assert json.loads(run(world, "dead", "retry", entry, "--json")[0]) == {"ok": True, "verdict": "accepted"}
    world.wait_ended("mended")
    assert world.sink.copies()["mended@x.example"] == 1
    run(world, "dead", "retry", entry, code=1)
    run(world, "dead", "retry", "not-an-entry", code=64)


@pytest.mark.parametrize("text, words", [
    ("", "empty"), ("to,name\n", "no recipients"), ("name,age\nli,5\n", "no address column"),
    ("to,to\na@x.example,b\n", "twice")])
def test_a_list_that_is_wrong_as_a_whole_queues_nothing(world, text, words):
    _, err = submit(world, "no-list", text, code=1)
    assert words in err and "nothing was sent" in err, err
    assert world.job("no-list") == {} and world.redis.call("XLEN", "hongyan:jobs") == 0


def test_dry_run_shows_the_first_message_and_queues_nothing(world):
    out = json.loads(submit(world, "dry", "to,name\na@x.example,李\nb@,B\n", "--dry-run", "--json")[0])
    assert out == {"ok": True, "dry_run": True, "rows": 2, "refused": 1, "first_to": "a@x.example",
                   "first_subject": "你好 李", "error": ""}
    assert world.job("dry") == {}


def test_an_interrupted_submission_is_simply_repeated(world):
    # Enough bytes for several blocks, few enough people to send to.
    text = "to,name,unused\n" + "".join(f"again{n}@x.example,N,{'x' * 1000}\n" for n in range(3000))
    words = ["submit", str(world.folder / "campaign.toml"), "--recipients", "-", "--id", "again"]
    first = subprocess.Popen([HONGYAN, *words, "--redis", f"unix:{world.socket}"], stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL)
    first.stdin.write(text[:len(text) // 2].encode())
    first.stdin.flush()
    world.wait_job("again", lambda j: j.get("total", 0) > 0)
    first.kill()
    first.wait()
    assert world.job("again")["list_complete"] == 0
    run(world, *words, stdin=text.encode())
    job = world.wait_ended("again")
    assert job["state"] == "done" and job["total"] == job["delivered"] == 3000, job
    copies = [n for to, n in world.sink.copies().items() if to.startswith("again")]
    assert len(copies) == 3000 and set(copies) == {1}
    out, _ = run(world, *words, stdin=text.encode())
    assert "whole list already" in out, out


def test_follow_for_programs(world):
    out, _ = submit(world, "follow", "to,name\nf@x.example,F\nnobody,G\n", "--follow", "--json")
    first, *progress = rows(out)
    assert first == {"ok": True, "job": "follow", "verdict": "accepted", "rows": 2, "refused": 1}
    assert progress[-1]["state"] == "done" and progress[-1]["delivered"] == progress[-1]["invalid"] == 1
    assert progress[-1]["charged_micro_yuan"] == PRICE


def test_who_was_in_doubt_is_listed_and_settled_once(world):
    def settled(job):
        return json.loads(run(world, "doubt", job, "--as", "delivered", "--json")[0])
    (world.folder / "hold.toml").write_text(CAMPAIGN.replace("v = 1", 'v = 1\nin_doubt = "hold"'))
    (world.folder / "list.csv").write_text("to,name\nlost-content+cli@x.example,L\nsure@x.example,S\n")
    run(world, "submit", str(world.folder / "hold.toml"), "--recipients", str(world.folder / "list.csv"), "--id", "held",
        "--follow")
    world.wait_ended("held")
    assert "hongyan doubt held" in run(world, "show", "held")[0]
    listed = rows(run(world, "doubt", "held", "--json")[0])
    assert [(row["row"], row["address"], row["state"]) for row in listed] == [(2, "lost-content+cli@x.example", "held")]
    run(world, "doubt", "held", "--as", "maybe", code=64)
    assert settled("held") == {"ok": True, "as": "delivered", "settled": 1, "refused": []}
    assert settled("held")["settled"] == 0
    job = json.loads(run(world, "show", "held", "--json")[0])
    assert job["delivered"] == 2 and job["held"] == 0 and job["charged_micro_yuan"] == 2 * PRICE
    assert world.ledger("held") == 2
    assert "nobody is in doubt" in run(world, "doubt", "held")[0]


def test_forget_keeps_other_peoples_events(world):
    world.submit("told", ["li@x.example", "wli@x.example"], events=True)
    world.wait_ended("told")
    wait_until(lambda: len(world.events("recipient.outcome", "told")) == 2, 20, "both outcomes are told")
    run(world, "forget", "li@x.example")
    left = [event["data"]["address"] for event in world.events("recipient.outcome", "told")]
    assert left == ["wli@x.example"], left


def test_forget_finds_lists_that_nobody_reads(world):
    def push(job, *people):
        world.redis.call("RPUSH", f"hongyan:{{{job}}}:recipients",
                         "\n".join(['{"block":1}', *(json.dumps({"to": to}) for to in people)]))
    world.put(world.document("cut", None))
    world.wait_job("cut", lambda j: j.get("state"))
    run(world, "cancel", "cut")
    world.wait_ended("cut")
    push("cut", "cut@x.example")
    push("orphan", "cut@x.example", "kept@x.example")
    world.put(world.document("open", None))
    world.wait_job("open", lambda j: j.get("state"))
    _, err = run(world, "forget", "CUT@x.example", code=75)
    assert "orphan: its list has no job yet" in err and "open" not in err, err
    assert world.redis.call("EXISTS", "hongyan:{cut}:recipients") == 0
    run(world, "forget", "stranger@x.example")
    world.redis.call("DEL", "hongyan:{orphan}:recipients")
    run(world, "cancel", "open")


def test_users_as_the_manual_ships_them(world):
    words = [line.split() for line in (ROOT / "docs/queue.md").read_text().splitlines() if "ACL SETUSER" in line]
    for line in words:
        world.redis.call(*line)
    world.redis.call("CONFIG", "SET", "port", str(free_port()))
    port = world.redis.call("CONFIG", "GET", "port")[1]

    def as_user(user, *command, code=0):
        return run(world, *command, code=code, redis=f"redis://{user}:{user}-password@127.0.0.1:{port}")
    (world.folder / "list.csv").write_text("to,name\nacl@x.example,A\n")
    out, _ = as_user("submitter", "submit", str(world.folder / "campaign.toml"), "--recipients",
                     str(world.folder / "list.csv"), "--id", "acl", "--follow")
    assert "1 of 1 delivered" in out
    as_user("submitter", "show", "acl")
    # Why the engine refuses is told to who submitted it, who may not read hongyan:dead.
    (world.folder / "other.toml").write_text(CAMPAIGN.replace("a word", "another word"))
    _, err = as_user("submitter", "submit", str(world.folder / "other.toml"), "--recipients",
                     str(world.folder / "list.csv"), "--id", "acl", code=1)
    assert "in use by a job with other content" in err, err
    entry = world.dead()[-1]["entry"]
    refused = f"hongyan:{{acl}}:refused:{entry}"
    assert world.redis.call("GET", refused) == world.dead()[-1]["faults"]
    assert 0 < world.redis.call("TTL", refused) <= 86400
    for command in (("bill",), ("cancel", "acl"), ("report", "acl"), ("forget", "a@x.example")):
        _, err = as_user("submitter", *command, code=1)
        assert "this Redis user may not" in err, err
    assert "acl" in as_user("reader", "list")[0] and "hidden" in as_user("reader", "status")[0]
    as_user("reader", "bill")
    as_user("reader", "report", "acl", code=1)
    for command in (("report", "acl"), ("status",), ("dead", "list"), ("doubt", "acl"), ("forget", "acl@x.example")):
        as_user("operator", *command)
    _, err = run(world, "list", redis=f"redis://operator:wrong@127.0.0.1:{port}", code=78)
    assert "WRONGPASS" in err and "wrong@" not in err, err


def test_publishing_another_configuration_stops_engines_that_differ(world):
    path = world.folder / "e1.config"
    other = world.folder / "other.config"
    other.write_text(path.read_text().replace('price = "0.007"', 'price = "0.008"'))

    def publish_same():
        same = json.loads(run(world, "config", "publish", str(path), "--json")[0])
        assert same["changed"] == [] and not same["first"], same
        return same["live_engines"] == 1
    wait_until(publish_same, 20, "the engine is live")
    out, _ = run(world, "config", "publish", str(other))
    assert "channel.quality.price" in out and "restart 1 live engine" in out
    why = "differs from the published one in: channel.quality.price"
    wait_until(lambda: "not ready" in (told := run(world, "status")[0]) and why in told, 20, "the engine is not ready")
    (world.folder / "list.csv").write_text("to,name\nanother@x.example,L\n")
    out, _ = run(world, "submit", str(world.folder / "campaign.toml"), "--recipients", str(world.folder / "list.csv"),
                 "--id", "another", code=75)
    assert "not taken it yet" in out
    queued = world.put(world.document("queued", ["queued@x.example"]))
    _, err = run(world, "forget", "queued@x.example", code=75)
    assert queued in err, err
    run(world, "config", "publish", str(path))
    world.wait_ended("queued")
    world.wait_ended("another")
    other.write_text(path.read_text() + "\n[nonsense]\n")
    faults = json.loads(run(world, "config", "publish", str(other), "--json", code=78)[0])["faults"]
    assert "nonsense" in faults[0]["what"]


def test_config_show_masks_and_check_agrees(world):
    path = world.folder / "secret.config"
    path.write_text((world.folder / "e1.config").read_text().replace(f"unix:{world.socket}", "redis://u:hush@127.0.0.1:1"))
    shown = json.loads(run(world, "config", "show", str(path), "--json")[0])
    assert shown["redis.url"] == "redis://u:***@127.0.0.1:1" and shown["channel.quality.price"] == "0.007"
    assert len(run(world, "config", "show", str(path), "--effective")[0].splitlines()) > len(shown)
    digest = json.loads(run(world, "config", "check", str(path), "--json")[0])["fleet_digest"]
    assert digest == json.loads(run(world, "status", "--json")[0])["fleet_digest"]


def test_balances_are_idempotent_by_reference(world):
    run(world, "balance", "top-up", "acme", "10.00", "--ref", "r1")
    run(world, "balance", "top-up", "acme", "10.00", "--ref", "r1")
    shown = rows(run(world, "balance", "show", "--json")[0])
    assert [s for s in shown if s["tenant"] == "acme"][0]["free_micro_yuan"] == 10_000_000, shown
    entries = rows(run(world, "balance", "show", "acme", "--entries", "--json")[0])
    assert [(e["kind"], e["amount_micro_yuan"], e["ref"]) for e in entries] == [("top-up", 10_000_000, "r1")]
    _, err = run(world, "balance", "top-up", "acme", "5", "--ref", "r1", code=1)
    assert "10.00 yuan" in err, err
    _, err = run(world, "balance", "top-up", "acme", "-10.01", "--ref", "r2", code=1)
    assert "only 10.00 yuan" in err, err
    out = json.loads(run(world, "balance", "top-up", "acme", "-10", "--ref", "r2", "--json")[0])
    assert out["applied"] and out["topped_up_micro_yuan"] == 0
    _, err = run(world, "balance", "top-up", "acmee", "5", "--ref", "r3", code=1)
    assert "did you mean 'acme'" in err
    assert world.redis.call("EXISTS", "hongyan:{acmee}:account") == 0


@pytest.mark.parametrize("words, code", [
    ((), 64), (("explode",), 64), (("report",), 64), (("report", "books", "--format", "xml"), 64),
    (("report", "books", "--state", "delivred"), 64), (("show", "no-such-job"), 1), (("cancel", "no-such-job"), 75),
    (("forget", "nobody"), 64), (("bill", "--from", "yesterday"), 64), (("balance", "top-up", "acme", "1.0000001",
                                                                          "--ref", "x"), 64),
    (("shwo", "x"), 64), (("report", "x", "--fromat", "csv"), 64), (("config",), 64), (("list", "--state", "runing"), 64),
    (("list", "-n", "0"), 64), (("resume", "x", "--budget", "-1"), 64), (("doubt", "no-such-job"), 1),
    (("bill", "--from", "2026-12-01", "--to", "2026-11-01"), 64), (("bill", "--tenant", "nobody"), 0),
    (("balance", "top-up", "acme", "0", "--ref", "x"), 64), (("balance", "top-up", "acme", "1"), 64),
    (("balance", "show", "nobody"), 1), (("dead", "retry", "1-1"), 1), (("show", "x", "--redis", "http://x"), 78),
    (("submit", "/nonexistent.toml", "--recipients", "-", "--id", "a b"), 64), (("sink", "--listen", "300.1.1.1:1"), 64),
    (("submit", "/nonexistent.toml", "--recipients", "-"), 1), (("config", "check", "/nonexistent.toml"), 78)])
def test_exit_codes_and_sentences(world, words, code):
    out, err = run(world, *words, code=code)
    assert (out + err).strip(), words


@pytest.mark.parametrize("words", [("show", "x"), ("dead", "list"), ("cancel", "x")])
def test_redis_away_is_75(world, words):
    _, err = run(world, *words, "--redis", f"unix:{world.folder}/nobody.sock", code=75)
    assert "nobody.sock" in err


def test_what_was_meant_is_named(world):
    for words, meant in ((("shwo", "x"), "'show'"), (("config", "chekc"), "'check'"), (("report", "x", "--fromat"), "'--format'"),
                         (("list", "--state", "runing"), "'running'"), (("report", "x", "--state", "delivred"), "'delivered'")):
        assert f"did you mean {meant}?" in run(world, *words, code=64)[1], words
    assert "did you mean 'books'?" in run(world, "show", "book", code=1)[1]


def all_commands(world, *of):
    """{words: flags} of every command, as --help has them."""
    out, _ = run(world, *of, "--help")
    if "Subcommands:" in out:
        names = re.findall(r"^  (\S+)", out.split("Subcommands:\n")[1].split("\n\n")[0], re.M)
        return {words: flags for name in names for words, flags in all_commands(world, *of, name).items()}
    assert "Example:\n  hongyan " in out, of
    options = out.split("Options:\n")[1].split("\n\n")[0]
    return {of: set(re.findall(r"^  (?:-h,)?(--?[a-z-]+)", options, re.M))}


def test_the_manual_has_every_command_and_flag_and_no_others(world):
    manual = (ROOT / "docs/CLI.md").read_text()
    known = all_commands(world)
    assert ("report",) in known and ("balance", "top-up") in known and "--invalid" in known["report",]
    shown = {}  # of the examples: command -> flags
    for line in re.findall(r"^    hongyan (.+)$", manual, re.M):
        words = line.split()
        command = next((words[:n] for n in (2, 1) if tuple(words[:n]) in known), None)
        assert command, f"no such command: {line}"
        flags = {word for word in words if re.fullmatch("--?[a-z][a-z-]*", word)}
        assert flags <= known[tuple(command)], line
        shown.setdefault(tuple(command), set()).update(flags)
    assert set(shown) == set(known), "each command has an example"
    listed = set(re.findall(r"`(--?[a-z][a-z-]*)", manual)).union(*shown.values())
    everything = set().union(*known.values(), ["--version"])
    assert everything - listed == set() and listed - everything == set()


def test_render_answers_every_line():
    lines = [{"template": "你好 {{ n | upcase }}", "data": {"n": "li"}}, {"template": "a\n{% if %}", "data": {}}, {"data": {}}]
    feed = "".join(json.dumps(line) + "\n" for line in lines) + "{nonsense\n\n"
    done = subprocess.run([HONGYAN, "render", "--json"], input=feed, capture_output=True, text=True, timeout=60)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers[0] == {"result": "你好 LI"}
    assert answers[1]["error"].startswith("2:7: a value is needed") and "{% if %}" in answers[1]["error"]
    assert [set(answer) for answer in answers[2:]] == [{"error"}] * 3 and done.returncode == 0


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
