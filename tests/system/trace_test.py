"""One recipient's story by one id: `ref` on every line of the log that is about him, in events and in `trace`."""
import json
import os
import subprocess

from harness import HONGYAN, World, addresses, wait_until
from pages import CHANNEL, PUBLIC, ask, messages, path_in, port_of
from patient import PATIENT

OUTCOME = ["at", "level", "event", "job", "ref", "tenant", "channel", "source", "provider", "to", "outcome", "attempt", "host",
           "delays", "reply"]


def trace(w, address):
    done = subprocess.run([HONGYAN, "trace", address, "--json"], env={"PATH": os.environ["PATH"], "HONGYAN_REDIS": f"unix:{w.socket}"},
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_story_of_a_recipient_by_his_ref():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = w.start_engine("e1", routes=[("*", sink)], engines=("e1",), retry=("1s", "1s"), **PATIENT,
                                extra='\n[log]\njson = true\nlevel = "debug"\n')
        late = "defer-451-4.7.1-1@x.example"  # the sink defers him once, then takes it
        people = addresses(300) + [late, "bounce-550-5.1.1@x.example"]
        w.submit("story", people, events=True)
        w.wait_ended("story")
        found = trace(w, late)
        ref = found["ref"]
        job, chunk, index = ref.rsplit("/", 2)
        assert job == "story" and chunk.isdigit() and index.isdigit()
        # It writes outcomes some milliseconds after Redis has them.
        wait_until(lambda: engine.log().count('"event":"outcome"') > len(people), 30, "all outcomes are in the log")
        lines = [json.loads(line) for line in engine.log().splitlines()]
        outcomes = [line for line in lines if line["event"] == "outcome"]
        # Keys that programs may count on, in their order.
        assert all(list(line) == OUTCOME for line in outcomes)
        mine = [line for line in outcomes if line["ref"] == ref]
        assert [line["outcome"] for line in mine] == ["deferred", "delivered"] and {line["to"] for line in mine} == {late}
        assert len({line["ref"] for line in outcomes}) == len(people)
        # His chunk: planned once, claimed for each attempt; no address there.
        about = [line for line in lines if line.get("chunk") == f"story/{chunk}"]
        assert [line["event"] for line in about][:2] == ["chunk-planned", "chunk-claimed"] and len(about) >= 3
        told = [event["data"] for event in w.events("recipient.outcome", "story") if event["data"]["ref"] == ref]
        assert [data["outcome"] for data in told] == ["deferred", "delivered"] and {data["address"] for data in told} == {late}
        # Back by hand: who it is that a line is about.
        states = w.redis.call("GET", f"hongyan:{{story}}:s:{chunk}")
        assert states[int(index)] == "D"
        people_text = subprocess.run([HONGYAN, "trace", late, "--redis", f"unix:{w.socket}"], capture_output=True, text=True, timeout=60).stdout
        assert f"ref={ref}" in people_text


def test_what_comes_back_carries_the_ref():
    with World() as w:
        w.start_redis()
        sink = w.start_sink(out=True)
        engine = w.start_engine("e1", routes=[("*", sink)], engines=("e1",), channel=CHANNEL, extra=PUBLIC)
        w.submit("back", ["li@x.example", "wang@x.example"])
        w.wait_ended("back")
        ref = trace(w, "wang@x.example")["ref"]
        wait_until(lambda: engine.log().count(" outcome job=back ") == 2, 30, "the outcomes are in the log")
        assert ask(port_of(engine), "POST", path_in(messages(sink)["wang@x.example"]), "List-Unsubscribe=One-Click")[0] == 200
        told = wait_until(lambda: w.events("recipient.late", "back"), 20, "it is told")
        assert [event["data"]["ref"] for event in told] == [ref]
        wait_until(lambda: engine.events("late-report"), 30, "it is in the log")
        lines = [line for line in engine.log().splitlines() if f"ref={ref} " in line]
        assert ["outcome" in line for line in lines] == [True, False] and "late-report" in lines[1] and "wang" not in lines[1], lines
