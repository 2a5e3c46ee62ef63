"""A limit that no receiver tells is found by its answers and kept (scheduler/pace): an hour of it in a minute.

scheduler's unit test does the same for a day and six kinds of receivers; here the whole engine does it.
"""
import re
import statistics
import subprocess
import time

from harness import HONGYAN, World

LIMIT = 40  # messages/s, hidden
# Provider, and how its limit is told (docs/sink.md).
RECEIVERS = {"netease": "netease", "qq": "tencent", "google": "google", "outlook": "microsoft", "yahoo": "yahoo"}
# Tencent's words cost an hour each, three times until the limit is known: to three minutes; then a hold.
SECONDS = 215


def test_hidden_limits_are_found_and_kept():
    with World() as w:
        w.start_redis()
        sinks = {name: w.start_sink(f"sink-{name}", profile=f'style = "{style}"\n[limits]\nrate = "{LIMIT}/s"\nburst = 5')
                 for name, style in RECEIVERS.items()}
        extra = "".join(f'[[route]]\ndomain = "{name}.example"\nhost = "127.0.0.1"\nport = {sink.port}\nprovider = "{name}"\n'
                        f'[provider.{name}]\nconnections = 10\nmessages_per_connection = 500\nrates = []\n'
                        for name, sink in sinks.items())
        engine = w.engine("e1", engines=("e1",), retry=("1s",), expiry="1h", extra=extra)
        path = w.folder / "e1.config"
        path.write_text(path.read_text().replace("[engine]\n", f"[engine]\npace_time_scale = {1 / 60:.6f}\n"))
        engine.start()
        began = time.time()
        for name in RECEIVERS:
            w.submit(name, [f"p{n}@{name}.example" for n in range(2 * LIMIT * SECONDS)])
        time.sleep(SECONDS)
        end = time.time()
        for name, sink in sinks.items():
            modes = [e for e in w.events("lane.mode") if e["data"].get("provider") == name]
            print(name, [(e["data"]["mode"], round(int(e["at"]) / 1000 - began)) for e in modes])
            ages = [int(end - record["at_ms"] / 1000) for record in sink.records()]
            ten = [ages.count(age) for age in range(1, 11)]
            refused = engine.metric("hongyan_refusals_total", provider=name, group="rate")
            attempts = len(ages) + refused
            print(f"{name}: {len(ages)} taken in {end - began:.0f} s, {refused:.0f} refused, last ten minutes {ten}")
            # A second holds a message more or less than its share.
            assert 0.9 * LIMIT <= statistics.median(ten) <= LIMIT + 1, (name, ten)
            assert refused <= 0.01 * attempts, (name, refused, attempts)
            assert w.job(name)["bounced"] == 0 and w.job(name)["suppressed"] == 0
        told = subprocess.run([HONGYAN, "suppress", "list", "--tenant", "acme", "--redis", f"unix:{w.socket}"], capture_output=True,
                              text=True, check=True).stdout
        assert "nobody" in told, told
        # What holds delivery is told in the receiver's words.
        why = subprocess.run([HONGYAN, "why", "qq", "--redis", f"unix:{w.socket}"], capture_output=True, text=True, check=True).stdout
        assert re.search("frequency limited", why), why
