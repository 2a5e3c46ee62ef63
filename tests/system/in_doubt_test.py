"""In doubt: end-of-data was sent, the answer will never come (DESIGN 3.1)."""
import email
import time

from harness import PRICE, World, wait_until


def test_doubt_is_reported_and_resent_as_the_same_message():
    with World() as w:
        w.start_redis()
        sink = w.start_sink(out=True)
        w.start_engine(routes=[("*", sink)], engines=("e1",), doubt_delay="10s")
        people = ["lost-content-1@x.example", "drop-content-1@x.example", "fine@x.example"]
        w.submit("doubt", people, events=True)
        job = w.wait_job("doubt", lambda j: j.get("in_doubt") == 2 and j.get("delivered") == 1)
        assert job["reserved_micro_yuan"] == 2 * PRICE
        assert job["charged_micro_yuan"] == PRICE
        w.wait_ended("doubt")
        job = w.check_books("doubt", [sink], people)
        assert job["doubted"] == 2 and job["delivered"] == 3
        copies = [r for r in sink.records() if r["rcpt"] == "lost-content-1@x.example"]
        assert len(copies) == 2 and copies[0]["message_id"] == copies[1]["message_id"]
        assert copies[1]["at_ms"] - copies[0]["at_ms"] >= 9900
        told = wait_until(lambda: len(found := w.events("recipient.outcome", "doubt")) == 5 and found, 20, "all outcomes are told")
        for address in people[:2]:
            doubted, delivered = [event for event in told if event["data"]["address"] == address]
            assert (doubted["data"]["outcome"], delivered["data"]["outcome"]) == ("in_doubt", "delivered"), told
            assert int(delivered["at"]) - int(doubted["at"]) >= 9900, "resent before the delay"
        first, second = [(sink.out / r["file"]).read_bytes() for r in copies]
        assert email.message_from_bytes(first)["Date"] == email.message_from_bytes(second)["Date"]
        assert first == second


def test_policy_hold_keeps_it_apart():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine(routes=[("*", sink)], engines=("e1",), doubt_delay="1s")
        people = ["lost-content@x.example", "fine@x.example"]
        w.submit("hold", people, in_doubt="hold")
        w.wait_ended("hold")
        job = w.check_books("hold", [sink], people)
        assert job["held"] == 1 and job["delivered"] == 1 and job["charged_micro_yuan"] == PRICE
        assert sink.copies()["lost-content@x.example"] == 1


def test_at_most_one_per_connection():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = w.start_engine(routes=[("*", sink)], engines=("e1",), timeouts='content_end = "300s"', lease="8s",
                                doubt_delay="300s", other="connections = 4\nmessages_per_connection = 0\nrates = []")
        w.submit("bound", [f"stall-content+{n}@x.example" for n in range(40)])
        w.wait_job("bound", lambda j: j.get("in_flight", 0) >= 2)
        time.sleep(1)
        in_flight = w.job("bound")["in_flight"]
        assert 2 <= in_flight <= 4
        engine.kill()
        engine.start()
        job = w.wait_job("bound", lambda j: j.get("in_doubt", 0) >= in_flight)
        assert job["in_doubt"] == job["doubted"] == in_flight, job
