"""Bad input through the queue ends in hongyan:dead with a sentence, or in a counted outcome; never in a crash."""
import json

import pytest

from harness import PRICE, World, addresses, wait_until


@pytest.fixture(scope="module")
def world():
    """One healthy world for all refusals: each must leave it healthy."""
    with World() as w:
        w.start_redis("everysec")
        w.sink = w.start_sink()
        w.one = w.start_engine("e1", routes=[("*", w.sink)], engines=("e1",))
        yield w
        w.submit("still-fine", ["last@x.example"])
        w.wait_ended("still-fine")
        assert w.job("still-fine")["delivered"] == 1
        assert w.one.rss_mib() < 600, w.one.rss_mib()


def base(w, **more):
    document = w.document("refused", ["a@x.example"])
    document.update(more)
    return document


REFUSED = {
    "malformed JSON": (lambda w: '{"v":1,"id":"cut', ["JSON"]),
    "not an object": (lambda w: '[1,2]', ["object"]),
    "unknown field": (lambda w: base(w, colour="red"), ["colour"]),
    "unknown tenant": (lambda w: base(w, tenant="nobody"), ["tenant", "nobody"]),
    "foreign From domain": (lambda w: base(w, **{"from": {"address": "x@bank.example"}}), ["bank.example"]),
    "unknown channel": (lambda w: base(w, channel="gold"), ["channel", "gold"]),
    "wrong type": (lambda w: base(w, subject=5), ["subject"]),
    "missing recipients": (lambda w: {k: v for k, v in base(w).items() if k != "recipients"}, ["recipients"]),
    "another job's list": (lambda w: base(w, recipients={"key": "hongyan:{other}:recipients"}), ["key"]),
    "bad id": (lambda w: base(w, id="a b"), ["id"]),
    "broken template": (lambda w: base(w, subject="{{ name"), ["subject"]),
    "line break in a header": (lambda w: base(w, headers={"X-A": "a\r\nBcc: b@x.example"}), ["X-A"]),
    "forbidden header": (lambda w: base(w, headers={"Bcc": "b@x.example"}), ["Bcc"]),
    "invalid UTF-8": (lambda w: json.dumps(base(w)).encode().replace(b"Hello", b"\xff\xfe"), ["UTF-8"]),
    "several faults at once": (lambda w: base(w, tenant="nobody", priority=12, colour="red"),
                               ["nobody", "priority", "colour"]),
    "5 MB document": (lambda w: base(w, text="x" * 5_000_000), ["4 MiB"]),
    "deep nesting": (lambda w: '{"v":' + "[" * 100_000 + "]" * 100_000 + "}", []),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_with_a_sentence(world, kind):
    make, words = REFUSED[kind]
    entry = world.put(make(world))
    found = wait_until(lambda: [d for d in world.dead() if d["entry"] == entry], 30, "it lies in hongyan:dead")[0]
    faults = json.loads(found["faults"])
    print(kind, "->", [fault[:160] for fault in faults])
    assert faults and all(len(fault) > 10 for fault in faults)
    for word in words:
        assert any(word in fault for fault in faults), (word, faults)
    assert len(found["job"]) <= 64 * 1024 and len(found["digest"]) == 64
    assert world.redis.call("EXISTS", "hongyan:{refused}:job") == 0
    wait_until(lambda: entry not in [e[0] for e in world.redis.call("XRANGE", "hongyan:jobs", "-", "+")], 20,
               "it leaves the queue")


def test_entry_without_a_document(world):
    entry = world.redis.call("XADD", "hongyan:jobs", "*", "document", "{}")
    found = wait_until(lambda: [d for d in world.dead() if d["entry"] == entry], 30, "dead")[0]
    assert "job" in found["faults"]


def test_a_value_of_a_hundred_megabytes(world):
    entry = world.put(b'{"v":1,"id":"huge","subject":"' + b"x" * 100_000_000 + b'"}')
    found = wait_until(lambda: [d for d in world.dead() if d["entry"] == entry], 60, "dead")[0]
    assert "4 MiB" in found["faults"] and len(found["job"]) <= 64 * 1024


def test_an_item_of_two_mebibytes_is_no_list(world):
    world.put(world.document("wide", None))
    world.push_list("wide", addresses(3), end=False)
    world.redis.call("RPUSH", "hongyan:{wide}:recipients", '{"to":"big@x.example"}\n' * 100_000)
    world.redis.call("RPUSH", "hongyan:{wide}:recipients", '{"end":true,"count":3}')
    job = world.wait_state("wide", "paused")
    assert job["reason"].startswith("list-incomplete"), job["reason"]
    world.control("cancel", "wide")
    world.wait_ended("wide")


def test_bad_recipients_are_counted_not_fatal(world):
    people = ["fine@x.example", "no-at-sign", "two@@x.example", "x@-bad-.example", "", "a b@x.example",
              "crlf@x.example\r\nBcc: b@x.example", "fine@x.example"]
    world.submit("mixed", people)
    job = world.wait_ended("mixed")
    assert job["delivered"] == 1 and job["duplicate"] == 1 and job["invalid"] == 6, job
    world.put(world.document("rubbish", None))
    world.redis.call("RPUSH", "hongyan:{rubbish}:recipients",
                     b'{"to":"ok@x.example"}\nnot json\n{"to":5}\n{"to":"bad\xff@x.example"}\n')
    world.redis.call("RPUSH", "hongyan:{rubbish}:recipients", '{"end":true,"count":4}')
    job = world.wait_ended("rubbish")
    assert job["delivered"] == 1 and job["invalid"] == 3, job


def test_list_whose_count_does_not_match_waits_for_its_operator(world):
    people = addresses(20, "count")
    world.put(world.document("count", None))
    world.push_list("count", people, count=25)
    job = world.wait_state("count", "paused")
    assert job["reason"].startswith("list-incomplete"), job["reason"]
    world.control("resume", "count", reason="twenty it is")
    world.wait_ended("count")
    assert world.check_books("count", [world.sink], people)["delivered"] == 20


def test_list_that_never_ends_waits_and_can_be_cancelled(world):
    people = addresses(5, "open")
    world.put(world.document("open", None))
    world.push_list("open", people, end=False)
    job = world.wait_job("open", lambda j: j.get("total") == 5)
    assert job["list_complete"] == 0
    # The step that planned them ends by noting when the list was touched.
    wait_until(lambda: world.redis.call("LLEN", "hongyan:{open}:recipients") == 0, 20, "its items are taken off the list")
    # 24 hours without an item, told by the clock of the job.
    world.redis.call("HINCRBY", "hongyan:{open}:job", "list_touched_at", -25 * 3600 * 1000)
    world.redis.call("HINCRBY", "hongyan:{open}:job", "created_at", -25 * 3600 * 1000)
    job = world.wait_state("open", "paused")
    assert job["reason"].startswith("list-incomplete"), job["reason"]
    world.control("cancel", "open")
    world.wait_ended("open")
    world.check_books("open", [world.sink], people)


def test_block_pushed_twice_counts_once(world):
    people = addresses(40, "block")
    world.put(world.document("block", None))
    world.push_list("block", people, end=False)
    world.push_list("block", people)
    world.wait_ended("block")
    assert world.check_books("block", [world.sink], people)["delivered"] == 40


def test_cancel_before_its_job(world):
    world.control("cancel", "early", reason="changed my mind")
    wait_until(lambda: world.events("control.done", "early"), 20, "the operation is kept")
    world.submit("early", addresses(10, "early"))
    world.wait_ended("early")
    # Nobody needs its list any more: no line of it was read.
    job = world.check_books("early", [world.sink], [])
    assert job["state"] == "cancelled" and job["reason"] == "changed my mind"
    assert not [r for r in world.sink.records() if r["rcpt"].startswith("early")]


@pytest.mark.parametrize("fields", [["op", "pause"], ["op", "pause", "job", "a/b"], ["job", "x"], ["x", "y"],
                                    ["op", "resume", "job", "x", "budget", "many"]])
def test_bad_control_is_refused_or_kept(world, fields):
    before = len(world.events("control.refused")) + len(world.events("control.done"))
    world.redis.call("XADD", "hongyan:control", "*", *fields)
    wait_until(lambda: len(world.events("control.refused")) + len(world.events("control.done")) > before, 20,
               "it is answered")
    wait_until(lambda: world.redis.call("XLEN", "hongyan:control") == 0, 20, "it leaves the stream")


def test_poison_entry_is_put_aside():
    with World() as w:
        w.start_redis("everysec")
        sink = w.start_sink()
        # Five engines took it and died of it: their deliveries, by hand.
        w.redis.call("XGROUP", "CREATE", "hongyan:jobs", "hongyan", "0", "MKSTREAM")
        entry = w.submit("poison", ["a@x.example"])
        w.redis.call("XREADGROUP", "GROUP", "hongyan", "dead1", "COUNT", 1, "STREAMS", "hongyan:jobs", ">")
        w.redis.call("XCLAIM", "hongyan:jobs", "hongyan", "dead5", 0, entry, "IDLE", 60_000, "RETRYCOUNT", 5)
        w.start_engine("e1", routes=[("*", sink)], engines=("e1",))
        found = wait_until(w.dead, 60, "it is put aside")[0]
        assert found["entry"] == entry and "five times" in found["faults"]
        wait_until(lambda: w.redis.call("XLEN", "hongyan:jobs") == 0, 20, "it leaves the queue")
        assert w.job("poison") == {}


def test_entry_of_a_dead_consumer_is_taken_over():
    with World() as w:
        w.start_redis("everysec")
        sink = w.start_sink()
        w.redis.call("XGROUP", "CREATE", "hongyan:jobs", "hongyan", "0", "MKSTREAM")
        entry = w.submit("orphan", ["a@x.example"])
        w.redis.call("XREADGROUP", "GROUP", "hongyan", "dead", "COUNT", 1, "STREAMS", "hongyan:jobs", ">")
        w.redis.call("XCLAIM", "hongyan:jobs", "hongyan", "dead", 0, entry, "IDLE", 60_000, "RETRYCOUNT", 2)
        w.start_engine("e1", routes=[("*", sink)], engines=("e1",))
        w.wait_ended("orphan")
        assert w.job("orphan")["delivered"] == 1


def test_no_balance_waits_for_the_top_up():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = w.start_engine("e1", routes=[("*", sink)], engines=("e1",), prepaid=True)
        people = addresses(30)
        w.submit("poor", people)
        w.wait_state("poor", "unfunded")
        account = ("hongyan:{acme}:account", "hongyan:{acme}:account:entries")
        w.redis.call("FCALL", "h1_top_up", 2, *account, "ref-1", 10 * PRICE + 5, "test")
        w.wait_job("poor", lambda j: j["delivered"] == 10 and j["state"] == "unfunded")
        assert len(sink.records()) == 10
        # The same payment again is none.
        w.redis.call("FCALL", "h1_top_up", 2, *account, "ref-1", 10 * PRICE + 5, "test")
        w.redis.call("FCALL", "h1_top_up", 2, *account, "ref-2", 100 * PRICE, "test")
        w.wait_ended("poor")
        assert w.check_books("poor", [sink], people)["delivered"] == 30
        left = dict(zip(*[iter(w.redis.call("HGETALL", account[0]))] * 2))
        balance = int(left["topped_up"]) - int(left["lent"]) + int(left.get("returned", 0))
        assert balance == 80 * PRICE + 5, left
        assert wait_until(lambda: engine.metric("hongyan_billing_balance_micro_yuan", tenant="acme") == balance, 20,
                          "the metric agrees")
