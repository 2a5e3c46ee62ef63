"""A source that names an engine which does not run: whoever looks is told, and what to change."""
import subprocess

from harness import HONGYAN, World, addresses, wait_until


def run(w, *words):
    return subprocess.run([HONGYAN, *words, "--redis", f"unix:{w.socket}"], capture_output=True, text=True, timeout=60,
                          check=True).stdout


def test_a_source_whose_engine_does_not_run():
    sentence = "no running engine has source s-e9: start e9, or name a running engine in `engines` of [source.s-e9]"
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        engine = w.start_engine("e1", routes=[("*", sink)], engines=("e9",))
        people = addresses(20)
        w.submit("waits", people)
        w.wait_state("waits", "running")
        wait_until(lambda: sentence in run(w, "why", "waits"), 30, "why tells of it")
        wait_until(lambda: f"warning: {sentence}" in run(w, "status"), 30, "status tells of it")
        wait_until(lambda: 'hongyan_source_owned{source="s-e9"} 0' in engine.get("/metrics")[1], 30, "the metric says 0")
        assert engine.get("/readyz")[0] == 200  # it is not this engine's fault
        assert w.job("waits")["attempts"] == 0
        w.start_engine("e9", routes=[("*", sink)], engines=("e9",))
        w.wait_ended("waits")
        w.check_books("waits", [sink], people)
        wait_until(lambda: sentence not in run(w, "status"), 30, "it is over")
        wait_until(lambda: 'hongyan_source_owned{source="s-e9"} 1' in engine.get("/metrics")[1], 30, "the metric says 1")
