"""hongyan:events: every type that docs/events.schema.json promises, with just the members it promises, numbered."""
import collections
import json
import re
import subprocess

from harness import HONGYAN, ROOT, World, addresses, wait_until
from pages import CHANNEL, PUBLIC, ask, messages, path_in, port_of

SCHEMA = json.loads((ROOT / "docs/events.schema.json").read_text())["$defs"]
KINDS = {"string": str, "integer": int, "number": (int, float), "boolean": bool}


def check(event):
    schema = SCHEMA[event["type"]]
    data = event["data"]
    assert set(schema["required"]) <= set(data) <= set(schema["properties"]), event
    for name, value in data.items():
        wanted = schema["properties"][name]
        if "enum" in wanted:
            assert value in wanted["enum"], event
        else:
            assert isinstance(value, KINDS[wanted["type"]]), (name, event)


def all_events(w):
    found = []
    for _, flat in w.redis.call("XRANGE", "hongyan:events", "-", "+"):
        event = dict(zip(flat[::2], flat[1::2]))
        found.append({**event, "data": json.loads(event["data"])})
    return found


def top_up(w, amount, ref):
    subprocess.run([HONGYAN, "balance", "top-up", "acme", amount, "--ref", ref, "--redis", f"unix:{w.socket}"], check=True,
                   stdout=subprocess.DEVNULL)


def test_every_type_is_told_as_documented():
    with World() as w:
        w.start_redis()
        sink = w.start_sink(out=True)
        engine = w.start_engine(routes=[("*", sink)], engines=("e1",), prepaid=True, retry=("1s",), channel=CHANNEL, extra=PUBLIC,
                                other="connections = 5\nmessages_per_connection = 0\nrates = []")
        # An account for 30 messages, 25 of them at once.
        top_up(w, "0.21", "r1")
        people = addresses(25) + ["defer-451-4.7.1-1@x.example", "bounce-550-5.1.1@x.example"]
        w.submit("told", people, events=True, html='<a href="https://shop.example/tea">tea</a>', tracking={"opens": True, "clicks": True})
        w.wait_ended("told")
        mail = messages(sink)[people[0]]
        assert ask(port_of(engine), "POST", path_in(mail), "List-Unsubscribe=One-Click")[0] == 200
        link, image = re.findall(r'(?:href|src)="https://u\.acme\.example(/u/[\w-]+)"', mail.get_body(("html",)).get_content())
        assert (ask(port_of(engine), "GET", image)[0], ask(port_of(engine), "GET", link)[0]) == (200, 302)
        w.submit("broke", addresses(20, "broke"))
        w.wait_state("broke", "unfunded")
        wait_until(lambda: w.events("balance.low"), 20, "balance.low")
        top_up(w, "100.00", "r2")
        w.wait_ended("broke")
        w.control("pause", "nobody-knows-it")
        w.control("explode", "told")
        w.submit("bad", [f"bounce-550-5.1.1+{n}@x.example" for n in range(60)] + addresses(60, "fine"))
        w.wait_state("bad", "tripped")
        w.control("resume", "bad", reason="looked at", budget=5)
        wait_until(lambda: w.events("breaker.reset", "bad"), 20, "breaker.reset")
        wait_until(lambda: w.events("lane.mode"), 20, "lane.mode")
        w.control("cancel", "bad")
        w.wait_ended("bad")
        # Those of mailboxes and plans have tests of their own.
        wanted = {name for name in SCHEMA if not name.startswith(("mailbox.", "plan."))}
        wait_until(lambda: wanted <= {event["type"] for event in all_events(w)}, 30,
                   lambda: f"not told: {wanted - {event['type'] for event in all_events(w)}}")
        events = all_events(w)
        for event in events:
            check(event)
            assert int(event["at"]) > 1_700_000_000_000
            assert event["tenant"] == "acme" or event["type"] in ("control.done", "control.refused", "lane.mode"), event
        assert {event["type"] for event in events} == wanted
        assert [int(event["seq"]) for event in events] == list(range(1, len(events) + 1))
        # Each outcome once; and only of the job that asked.
        outcomes = [event for event in events if event["type"] == "recipient.outcome"]
        assert {event["job"] for event in outcomes} == {"told"}
        told = collections.Counter(event["data"]["outcome"] for event in outcomes)
        assert told == {"delivered": 26, "deferred": 1, "bounced": 1}, told
        assert sorted(e["data"]["address"] for e in outcomes if e["data"]["outcome"] != "deferred") == sorted(people)
        states = [e["data"]["state"] for e in events if e["type"] == "job.state" and e["job"] == "broke"]
        assert states == ["planning", "running", "unfunded", "running", "done"], states
