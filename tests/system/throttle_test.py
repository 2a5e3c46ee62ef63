"""A limit that no receiver tells is found by its answers and kept (scheduler/pace): an hour of it in a minute.

scheduler's unit test does the same for a day and six kinds of receivers; here the whole engine does it.
"""
import json
import re
import statistics
import subprocess
import time

from harness import HONGYAN, World

LIMIT = 40  # messages/s, hidden
# Provider, and how its limit is told (docs/sink.md).
RECEIVERS = {"netease": "netease", "qq": "tencent", "google": "google", "outlook": "microsoft", "yahoo": "yahoo"}
# Tencent's words cost an hour each, three times until the limit is known; the others are done in a minute or two.
# A machine that stalls costs one more.
SECONDS = 420


def last_ten(sink, now):
    """What it took in each of the last ten seconds: minutes, at this scale."""
    if not sink.records_path.exists():
        return [0] * 10
    # Of the file's end: the whole of it each second would cost the engine its processor.
    with open(sink.records_path, "rb") as records:
        records.seek(max(0, records.seek(0, 2) - 500_000))
        lines = records.read().split(b"\n")[1:-1]
    ages = [int(now - json.loads(line)["at_ms"] / 1000) for line in lines]
    return [ages.count(age) for age in range(1, 11)]


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
            w.submit(name, [f"p{n}@{name}.example" for n in range(LIMIT * SECONDS)])
        kept = {}
        while len(kept) < len(RECEIVERS):
            time.sleep(1)
            now = time.time()
            assert now - began < SECONDS, (kept, {name: last_ten(sink, now) for name, sink in sinks.items()})
            for name, sink in sinks.items():
                # A second holds a message more or less than its share.
                if name not in kept and 0.9 * LIMIT <= statistics.median(last_ten(sink, now)) <= LIMIT + 1:
                    kept[name] = round(now - began)
        print("the limit was kept for ten minutes after so many:", kept)
        for name, sink in sinks.items():
            refused = engine.metric("hongyan_refusals_total", provider=name, group="rate")
            attempts = len(sink.records()) + refused
            print(f"{name}: {refused:.0f} of {attempts:.0f} refused")
            assert 0 < refused <= max(0.01 * attempts, 10), (name, refused, attempts)
            assert w.job(name)["bounced"] == 0 and w.job(name)["suppressed"] == 0
        told = subprocess.run([HONGYAN, "suppress", "list", "--tenant", "acme", "--redis", f"unix:{w.socket}"], capture_output=True,
                              text=True, check=True).stdout
        assert "nobody" in told, told
        # What holds delivery is told in the receiver's words.
        why = subprocess.run([HONGYAN, "why", "qq", "--redis", f"unix:{w.socket}"], capture_output=True, text=True, check=True).stdout
        assert re.search("frequency limited", why), why
