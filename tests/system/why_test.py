"""`why`, `top` and `trace`: what holds delivery now, and what happened to an address."""
import json
import os
import subprocess

import pytest
from harness import World, addresses, wait_until
from patient import PATIENT

HONGYAN = os.environ["HONGYAN_BIN"]


def run(w, *arguments, code=0):
    done = subprocess.run([HONGYAN, *arguments, "--redis", f"unix:{w.socket}"], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def test_each_state_has_its_reason():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = w.start_engine("e1", routes=[("*", sink)], engines=("e1",))
        w.submit("later", addresses(3), send_at="2099-01-01T00:00:00Z")
        w.wait_state("later", "scheduled")
        assert "it begins at 2099-01-01" in run(w, "why", "later")
        w.submit("closed", addresses(3, "c"), window={"tz": "UTC", "days": [], "from": "00:00", "to": "00:01"})
        wait_until(lambda: w.dead(), 20, "a window without days is refused")
        w.submit("stopped", addresses(3, "s"), send_at="2099-01-01T00:00:00Z")
        w.wait_state("stopped", "scheduled")
        w.control("pause", "stopped", reason="looked odd")
        w.wait_state("stopped", "paused")
        told = run(w, "why", "stopped")
        assert "paused: looked odd" in told and "hongyan resume stopped" in told
        w.submit("over", addresses(2, "o"))
        w.wait_ended("over")
        assert "it has ended: done" in run(w, "why", "over")
        assert "is no job, and no lane leads" in run(w, "why", "nobody", code=1)
        engine.kill()
        wait_until(lambda: "no engine is ready" in run(w, "why", "later"), 60, "the engine is gone")


def test_outside_its_window():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine("e1", routes=[("*", sink)], engines=("e1",))
        # One minute a week, never the present one.
        day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][(__import__("datetime").datetime.utcnow().weekday() + 3) % 7]
        w.submit("hours", addresses(3), window={"tz": "UTC", "days": [day], "from": "03:00", "to": "03:01"})
        w.wait_state("hours", "running")
        told = run(w, "why", "hours")
        assert "outside its sending hours (UTC)" in told and "03:00:00" in told, told


def test_a_lane_that_is_refused_and_its_recipients():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine("e1", routes=[("*", sink)], engines=("e1",), retry=("300s",), **(PATIENT | {"expiry": "1h"}),
                       other='connections = 2\nmessages_per_connection = 0\nrates = ["100/s"]')
        # Two of them are about the recipient only: a second refusal of ours would pause the lane.
        people = addresses(5) + ["defer-421-4.7.0+1@x.example"] + [f"defer-452-4.2.2+{n}@x.example" for n in range(2)]
        w.submit("held", people)
        job = w.wait_job("held", lambda j: j["deferred"] == 3 and j["delivered"] == 5)
        assert job["state"] == "running"
        told = run(w, "why", "held")
        assert "nobody is due before" in told and "3 deferred" in told, told

        def settled():
            """What lanes have seen is published once a second."""
            lanes = [json.loads(line) for line in run(w, "top", "--json").splitlines()]
            return lanes if lanes and lanes[0]["judged"] >= 5 and lanes[0]["reply"] else None
        lanes = wait_until(settled, 30, lambda: run(w, "top", "--json"))
        assert [lane["source"] for lane in lanes] == ["s-e1"]
        lane = lanes[0]
        assert lane["last_refusal"].startswith(("421 4.7.0", "452 4.2.2")) and lane["reply"].startswith("421 4.7.0") and lane["judged"] == 5 and lane["bad"] == 0, lane
        assert lane["mode"] in ("slow", "paused") and lane["reason"] == "refused", lane
        table = run(w, "top", "--once")
        assert lane["provider"] in table and lane["last_refusal"][:9] in table, table
        assert f"{lane['provider']} through s-e1" in run(w, "why", lane["provider"])

        traced = json.loads(run(w, "trace", "Defer-421-4.7.0+1@x.example", "--json"))
        assert (traced["job"], traced["state"], traced["attempts"], traced["cost_micro_yuan"]) == ("held", "deferred", 1, 0)
        assert traced["due"] > 0 and traced["replies"][0]["reply"].startswith("421 4.7.0"), traced
        assert "deferred, due 20" in run(w, "why", "defer-421-4.7.0+1@x.example")
        text = run(w, "trace", people[0], "--job", "held")
        assert "delivered, ¥0.007" in text and "attempt 1: 250" in text, text
        assert "is in no job" in run(w, "trace", "stranger@x.example", code=1)


def test_the_first_answers_are_waited_for():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine("e1", routes=[("*", sink)], engines=("e1",), retry=("300s",), expiry="1h",
                       other="connections = 5\nmessages_per_connection = 0\nrates = []")
        w.submit("grey", [f"defer-451-4.7.1+{n}@x.example" for n in range(200)])
        w.wait_job("grey", lambda j: j["deferred"] == 50)
        told = run(w, "why", "grey")
        assert "only 0 answers have come" in told and "50 of them are deferred" in told, told
