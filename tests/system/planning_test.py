"""A long list is planned as a stream: the engine holds some of it, Redis little more than the list itself."""
from harness import World

RECIPIENTS = 1_000_000
LINES = 5000  # an item


def test_a_million_recipients_in_flat_memory():
    with World() as w:
        w.start_redis("everysec")
        engine = w.start_engine(routes=[("*", 9)], engines=("e1",))
        key = "hongyan:{million}:recipients"
        # Nothing is sent: this is about planning.
        w.put(w.document("million", None, send_at="2099-01-01T00:00:00Z"))
        half = 0
        for first in range(0, RECIPIENTS, LINES):
            lines = [f'{{"to":"u{n}@d{n % 997}.example","vars":{{"name":"N{n}"}}}}' for n in range(first, first + LINES)]
            w.redis.call("RPUSH", key, "\n".join(lines))
            if first == RECIPIENTS // 10:
                half = w.wait_job("million", lambda j: j.get("total", 0) >= first) and engine.rss_mib()
        # The last ten come twice.
        again = "\n".join(f'{{"to":"u{n}@d{n % 997}.example"}}' for n in range(10))
        w.redis.call("RPUSH", key, again, '{"end":true,"count":%d}' % (RECIPIENTS + 10))
        job = w.wait_job("million", lambda j: j.get("list_complete") == 1, 300)
        assert job["total"] == RECIPIENTS + 10 and job["queued"] == RECIPIENTS and job["duplicate"] == 10, job
        grown = engine.rss_mib() - half
        print(f"engine {half:.0f} MiB after a tenth, {grown:.0f} MiB more at the end")
        assert grown < 32, grown
        assert w.redis.call("EXISTS", key) == 0
