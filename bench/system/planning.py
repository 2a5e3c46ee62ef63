"""A list becomes chunks in Redis; nothing is sent, for send_at lies far ahead."""
import time

from . import machine
from .hongyan import Hongyan

NAME = "planning"
ABOUT = "a list already in Redis, planned by one engine; nothing is sent"


def run(options):
    count = 100_000 if options.quick else 10_000_000 if options.full else 1_000_000
    # Nothing is sent: there need not be a receiver behind the port.
    with Hongyan(options.tools, "127.0.0.1", machine.free_port(), 20, rewrites=False) as system:
        redis = system.redis
        empty = int(redis.info("memory")["used_memory"])
        job = "planned"
        system.push(job, count)
        listed = int(redis.info("memory")["used_memory"]) - empty
        aof = redis.counters()["aof_bytes"]
        meter = machine.CpuMeter(engine=system.engine_pid, redis=system.redis_pid)
        resting = system.rss_kib()
        submitted = system.submit(job, 4096, send_at="2099-01-01T00:00:00Z")
        samples, until = [], time.monotonic() + 1800
        while True:
            complete, total = redis.call("HMGET", f"hongyan:{{{job}}}:job", "list_complete", "total")
            samples.append((round(redis.now() - submitted, 3), int(total or 0), system.rss_kib()))
            if complete == "1":
                break
            if time.monotonic() > until:
                raise RuntimeError(f"planning is not done: {system.job(job)}")
            time.sleep(0.1)
        seconds, cpu = samples[-1][0], meter.read()
        fields = system.job(job)
        written = redis.counters()["aof_bytes"] - aof
        peak = int(redis.info("memory")["used_memory_peak"])
        held = int(redis.info("memory")["used_memory"]) - empty
        data = sum(redis.call("STRLEN", f"hongyan:{{{job}}}:c:{n}")
                   for n in range(int(fields["chunks"])))
        if int(fields["queued"]) != count:
            raise RuntimeError(f"queued {fields['queued']} of {count}: {fields}")
    return {"recipients": count, "seconds": seconds, "cpu_seconds": cpu, "samples": samples,
            "engine_rss_kib_before": resting, "redis_bytes_listed": listed, "redis_bytes": held,
            "redis_bytes_peak": peak, "compressed_bytes": data, "aof_bytes": written,
            "chunks": int(fields["chunks"])}


def rss_at(samples, share):
    """Of the engine when that share of the recipients was planned, in MiB."""
    wanted = samples[-1][1] * share
    return next(rss for _, total, rss in samples if total >= wanted) / 1024


def table(r):
    n = r["recipients"]
    rate = n / r["seconds"]
    cpu = ", ".join(f"{name} {1e6 * value / n:.2f}" for name, value in r["cpu_seconds"].items())
    beyond = (r["redis_bytes"] - r["compressed_bytes"]) / n
    return "\n".join([
        f"### {NAME}: {ABOUT}", "",
        "| what | measured | wanted |", "|---|---:|---:|",
        f"| recipients | {n:,} in {r['seconds']:.1f} s | |",
        f"| recipients/s | {rate:,.0f} | {verdict(rate, 100_000, '100,000')} |",
        f"| CPU, µs per recipient | {cpu} | |",
        f"| engine RSS before, at 10 %, 50 %, 100 % (MiB) | {r['engine_rss_kib_before'] / 1024:.1f}, "
        + ", ".join(f"{rss_at(r['samples'], share):.1f}" for share in (0.1, 0.5, 1)) + " | flat |",
        f"| Redis bytes per queued recipient | {r['redis_bytes'] / n:.1f} | |",
        f"| of them compressed address and variables | {r['compressed_bytes'] / n:.1f} | |",
        f"| of them beyond that | {beyond:.1f} | "
        + ("at most 64 |" if beyond <= 64 else f"at most 64: missed by {beyond - 64:.1f} |"),
        f"| the list itself, while it waits, per recipient | {r['redis_bytes_listed'] / n:.1f} | |",
        f"| AOF bytes per recipient | {r['aof_bytes'] / n:.1f} | |", ""])


def verdict(value, least, text):
    if value >= least:
        return f"at least {text}: held"
    return f"at least {text}: missed by {100 * (1 - value / least):.0f} %"
