"""No name server answers: those domains wait and give up in time, others are not held up."""
from harness import World


def test_dead_dns_defers_then_expires_and_harms_nobody_else():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = w.start_engine(routes=[("good.example", sink)], engines=("e1",), dns='servers = ["127.0.0.1:9"]',
                                retry=("1s",), expiry="6s")
        dark = [f"user{n}@dark{n % 7}.example" for n in range(60)]
        good = [f"user{n}@good.example" for n in range(40)]
        w.submit("dark", dark)
        w.wait_job("dark", lambda j: j.get("deferred", 0) > 0)
        w.submit("good", good)
        w.wait_ended("good", 20)
        assert w.check_books("good", [sink], good)["delivered"] == 40
        w.wait_ended("dark", 90)
        job = w.check_books("dark", [sink], dark)
        assert job["expired"] == 60 and job["charged_micro_yuan"] == 0
        assert "dns" in w.replies("dark"), w.replies("dark")[:500]
        assert engine.metric("hongyan_outcomes_total", outcome="deferred") > 0
