"""What a job may ask for: when, how long, how much; and what its operator may do to it."""
import datetime
import time

from harness import PRICE, World, addresses, wait_until

SLOW = 'latency = "50ms"'


def later(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def world(w, profile="", **options):
    w.start_redis()
    sink = w.start_sink(profile=profile)
    engine = w.start_engine(routes=[("*", sink)], engines=("e1",), **options)
    return sink, engine


def test_send_at_and_window():
    with World() as w:
        sink, _ = world(w)
        begins = later(15)
        w.submit("later", ["a@x.example"], send_at=begins)
        w.wait_state("later", "scheduled")
        # A window that is shut now, whatever the time: the day before yesterday in UTC, for an hour.
        today = datetime.datetime.now(datetime.timezone.utc)
        day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][(today.weekday() - 2) % 7]
        w.submit("shut", ["b@x.example"],
                 window={"tz": "UTC", "days": [day], "from": "10:00", "to": "11:00"})
        w.submit("open", ["c@x.example"], window={"tz": "Asia/Shanghai", "from": "00:00", "to": "24:00"})
        w.wait_ended("open")
        w.wait_ended("later")
        sent = {r["rcpt"]: r["at_ms"] for r in sink.records()}
        assert set(sent) == {"a@x.example", "c@x.example"}
        assert sent["a@x.example"] >= datetime.datetime.fromisoformat(begins).timestamp() * 1000 > sent["c@x.example"]
        job = w.wait_state("shut", "running")
        assert job["queued"] + job["claimed"] == 1, job


def test_expires_after_ends_the_job():
    with World() as w:
        sink, _ = world(w, retry=("30s",), expiry="1h")
        people = ["fine@x.example"] + [f"defer-451-4.7.1+{n}@x.example" for n in range(10)]
        w.submit("brief", people, expires_after="12s")
        w.wait_ended("brief")
        job = w.check_books("brief", [sink], people)
        assert job["expired"] == 10 and job["delivered"] == 1, job


def test_priority_goes_first():
    with World() as w:
        sink, _ = world(w, profile=SLOW, other="connections = 1\nmessages_per_connection = 0\nrates = []")
        w.submit("low", addresses(600, "low"), priority=0)
        w.wait_job("low", lambda j: j.get("delivered", 0) > 5)
        w.submit("high", addresses(60, "high"), priority=9)
        w.wait_ended("high", 120)
        assert w.job("low")["delivered"] < 500, w.job("low")
        w.control("cancel", "low")
        w.wait_ended("low")


def test_max_spend_pauses():
    with World() as w:
        sink, _ = world(w)
        people = addresses(50)
        w.submit("spend", people, max_spend="0.07")
        job = w.wait_job("spend", lambda j: j["state"] == "paused" and j["in_flight"] == 0 and j["claimed"] == 0)
        assert job["reason"] == "max_spend" and job["charged_micro_yuan"] == 10 * PRICE, job
        w.control("resume", "spend")
        wait_until(lambda: w.events("control.refused", "spend"), 20, "resume is refused")
        assert "max_spend" in w.events("control.refused", "spend")[0]["data"]["answer"]
        w.control("cancel", "spend")
        w.wait_ended("spend")
        job = w.check_books("spend", [sink], people)
        assert job["delivered"] == 10 and job["cancelled"] == 40


def test_pause_resume_cancel():
    with World() as w:
        sink, _ = world(w, profile=SLOW)
        people = addresses(4000)  # far more than go out before it is cancelled
        w.submit("ops", people)
        w.wait_job("ops", lambda j: j.get("delivered", 0) > 10)
        w.control("pause", "ops", reason="lunch")
        job = w.wait_job("ops", lambda j: j["state"] == "paused" and j["claimed"] == 0 and j["in_flight"] == 0)
        assert job["reason"] == "lunch"
        before = job["delivered"]
        time.sleep(1)
        assert w.job("ops")["delivered"] == before == len(sink.records())
        w.control("resume", "ops")
        w.wait_job("ops", lambda j: j["delivered"] > before)
        w.control("cancel", "ops", reason="enough")
        w.wait_ended("ops")
        job = w.check_books("ops", [sink], people)
        assert job["state"] == "cancelled" and job["cancelled"] > 0
        w.control("pause", "ops")
        wait_until(lambda: w.events("control.refused", "ops"), 20, "an ended job cannot be paused")
        w.control("explode", "ops")
        wait_until(lambda: len(w.events("control.refused", "ops")) == 2, 20, "an unknown operation is refused")


def test_submitting_twice_sends_once():
    with World() as w:
        sink, engine = world(w)
        first = w.document("same", ["a@x.example", "a@x.example", "A@x.example", "b@X.EXAMPLE"])
        w.put(first)
        w.wait_ended("same")
        w.put(dict(reversed(first.items())))  # the same after canonicalisation
        w.put({**first, "subject": "Something else"})
        wait_until(w.dead, 20, "other content is refused")
        assert "other content" in w.dead()[0]["faults"] and w.dead()[0]["id"] == "same"
        wait_until(lambda: w.redis.call("XLEN", "hongyan:jobs") == 0, 20, "the queue is empty")
        job = w.job("same")
        assert job["delivered"] == 3 and job["duplicate"] == 1 and job["state"] == "done", job
        assert sorted(r["rcpt"] for r in sink.records()) == ["A@x.example", "a@x.example", "b@x.example"]
