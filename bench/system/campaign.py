"""One campaign through a whole Hongyan, measured."""
import itertools
import time

from .hongyan import PHASES, Hongyan, quantile, subtract
from .machine import CpuMeter

# What an engine sends; the rest of the statistics are calls made inside these functions.
FUNCTIONS = ("fcall", "fcall_ro")
_numbers = itertools.count(1)


def send(system, receiver, messages, size, time_limit):
    """Pushes a list, puts its job on the queue, waits until it is done."""
    job = f"bench-{next(_numbers)}"
    system.push(job, messages)
    phases, counters = system.phases(), system.redis.counters()
    meter = CpuMeter(engine=system.engine_pid, redis=system.redis_pid, receiver=receiver.pid)
    submitted = system.submit(job, size)
    first, early, fields = system.wait_done(job, time_limit)
    cpu = meter.read()
    used = subtract(system.redis.counters(), counters)
    rss = system.rss_kib()
    time.sleep(1.2)  # histograms are flushed once a second
    ended = int(fields["ended_at"]) / 1000
    after = system.phases()
    delivered = int(fields["delivered"])
    if delivered != messages:
        raise RuntimeError(f"delivered {delivered} of {messages}: {fields}")
    failed = sum(int(fields[name]) for name in ("bounced", "expired", "held", "invalid"))
    return {
        "messages": messages, "seconds": ended - submitted,
        "seconds_first_to_done": ended - first, "delivered_before_first": early,
        "succeeded": delivered, "deferred": int(fields["attempts"]) - delivered - int(fields["bounced"]),
        "failed": failed, "cpu_seconds": cpu, "engine_rss_kib": rss,
        "engine_peak_rss_kib": system.peak_rss_kib(),
        "redis": {"requests_per_message": requests(used) / messages,
                  "commands_per_message": used["calls"] / messages,
                  "bytes_in_per_message": used["bytes_in"] / messages,
                  "bytes_out_per_message": used["bytes_out"] / messages,
                  "aof_bytes_per_message": used["aof_bytes"] / messages,
                  "by_command": used["by_command"]},
        "phases": {name: {"p50": quantile(phases.get(name), after[name], 0.5),
                          "p99": quantile(phases.get(name), after[name], 0.99)}
                   for name in PHASES if name in after},
    }


def requests(used):
    """Function calls: all that crosses the socket but for a few plain commands."""
    return sum(used["by_command"].get(name, 0) for name in FUNCTIONS)


def row(scenario, receiver, tools, fsync, messages):
    """A row of a scenario: one system, warmed up by a small campaign, then the measured one."""
    with Hongyan(tools, receiver.address, receiver.port, scenario.connections, fsync) as system:
        send(system, receiver, max(100, messages // 20), scenario.size, scenario.time_limit)
        result = send(system, receiver, messages, scenario.size, scenario.time_limit)
    rate = (messages - result["delivered_before_first"]) / result["seconds_first_to_done"]
    return {**result, "messages_per_second": rate,
            "messages_per_second_from_submit": messages / result["seconds"]}
