"""Who has an account is prepaid (CONTRACT 3), though the configuration does not say so."""
import os
import subprocess

from harness import World, addresses

HONGYAN = os.environ["HONGYAN_BIN"]


def top_up(w, amount, ref):
    return subprocess.run([HONGYAN, "balance", "top-up", "acme", amount, "--ref", ref, "--redis", f"unix:{w.socket}"],
                          check=True, capture_output=True, text=True).stdout


def test_the_first_top_up_makes_a_tenant_prepaid():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine(routes=[("*", sink)], engines=("e1",))
        w.submit("before", addresses(20, "before"))
        w.wait_ended("before")
        assert "is prepaid from now on" in top_up(w, "0.07", "r1")
        people = addresses(20)
        w.submit("after", people)
        job = w.wait_state("after", "unfunded")
        assert job["delivered"] <= 10, job
        assert "is prepaid" not in top_up(w, "1", "r2")
        w.wait_ended("after")
        assert w.check_books("after", [sink], people)["delivered"] == 20
