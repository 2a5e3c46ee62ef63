"""What is kept long enough goes; what billing exports never goes down."""
import time

from harness import PRICE, World, addresses, wait_until
from patient import PATIENT

SHORT = '[retention]\njobs = "1h"\nledger = "1d"\n'


def test_a_list_without_a_job_expires_and_one_with_a_job_stays():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine(routes=[("*", sink)], engines=("e1",))
        w.push_list("orphan", addresses(10), end=False)
        key = "hongyan:{orphan}:recipients"
        wait_until(lambda: w.redis.call("TTL", key) > 0, 30, "it gets a time")
        first = w.redis.call("EXPIRETIME", key)
        assert 6 * 86400 < w.redis.call("TTL", key) <= 7 * 86400
        time.sleep(3)
        assert w.redis.call("EXPIRETIME", key) == first
        # Its job comes after all.
        w.put(w.document("orphan", None))
        wait_until(lambda: w.redis.call("TTL", key) == -1 or w.job("orphan").get("total") == 10, 30, "it stays")
        w.redis.call("RPUSH", key, '{"end":true,"count":10}')
        w.wait_ended("orphan")
        w.check_books("orphan", [sink], addresses(10))


def test_ended_jobs_leave_a_tombstone_and_old_days_leave_the_ledger():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = w.start_engine(routes=[("*", sink)], engines=("e1",), prepaid=True, extra=SHORT, **PATIENT)
        account = "hongyan:{acme}:account"
        w.redis.call("FCALL", "h1_top_up", 2, account, account + ":entries", "r1", 1000 * PRICE, "li")
        w.submit("old", addresses(300))
        w.wait_ended("old")
        wait_until(lambda: w.redis.call("ZSCORE", "hongyan:ended", "old"), 20, "it is closed")
        w.redis.call("ZADD", "hongyan:ended", 1, "old")  # it ended long ago
        wait_until(lambda: w.job("old").get("tombstone") == 1, 40, "only a tombstone is left")
        assert set(w.job("old")) == {"digest", "tombstone"}

        def money():
            flat = w.redis.call("HGETALL", account)
            return dict(zip(flat[::2], flat[1::2]))
        wait_until(lambda: not [name for name in money() if name.endswith(":old")], 20, "its allotments are forgotten")
        assert int(money()["topped_up"]) - int(money()["lent"]) + int(money().get("returned", 0)) == 700 * PRICE
        left = [key for key in w.redis.call("KEYS", "hongyan:{old}:*") if not key.endswith(":job")]
        assert left == [], left
        wait_until(lambda: "old" not in w.redis.call("ZRANGE", "hongyan:index", 0, -1), 30, "it is in no list")
        # The id cannot be used again, neither with the same content nor with other.
        w.submit("old", addresses(300))
        wait_until(lambda: [d for d in w.dead() if d["id"] == "old"], 20, "it is refused")
        assert len(sink.records()) == 300
        # A day of long ago, of a job that is no more, and one of a job that still reports.
        ledger = "hongyan:{acme}:ledger"
        w.redis.call("HSET", ledger, "entry|2020-01-01|gone", "5 7000 1577836800000 quality", "total|2020-01-01|7000|quality",
                     "5", "seq|gone", "3", "entry|2020-01-02|alive", "2 7000 1577836800000 quality")
        w.redis.call("HSET", "hongyan:{alive}:days", "2020-01-02", "2")
        billed = engine.metric("hongyan_billing_messages_total", tenant="acme")
        wait_until(lambda: not w.redis.call("HEXISTS", ledger, "entry|2020-01-01|gone"), 30, "the day is dropped")
        names = w.redis.call("HKEYS", ledger)
        assert "total|2020-01-01|7000|quality" not in names and "seq|gone" not in names
        assert "entry|2020-01-02|alive" in names and any(name.endswith("|old") for name in names), names
        assert engine.metric("hongyan_billing_messages_total", tenant="acme") == billed == 300
