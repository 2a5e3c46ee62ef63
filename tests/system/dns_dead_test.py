"""No name server answers: those domains wait and give up in time, others are not held up."""
from harness import World, wait_until


def test_dead_dns_defers_then_expires_and_harms_nobody_else():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = w.start_engine(routes=[("good.example", sink)], engines=("e1",), dns='servers = ["127.0.0.1:9"]',
                                retry=("1s",), expiry="12s")
        dark = [f"user{n}@dark{n % 7}.example" for n in range(60)]
        good = [f"user{n}@good.example" for n in range(40)]
        w.submit("dark", dark)
        w.wait_job("dark", lambda j: j.get("deferred", 0) > 0)
        w.submit("good", good)
        w.wait_ended("good")
        assert w.check_books("good", [sink], good)["delivered"] == 40
        w.wait_ended("dark", 90)
        job = w.check_books("dark", [sink], dark)
        assert w.job("good")["ended_at"] < job["ended_at"], "the others were held up"
        assert job["expired"] == 60 and job["charged_micro_yuan"] == 0
        assert "dns" in w.replies("dark"), w.replies("dark")[:500]
        wait_until(lambda: engine.metric("hongyan_outcomes_total", outcome="deferred") > 0, 20, "it is counted")
