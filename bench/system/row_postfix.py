"""(c) Postfix, fed by smtp-source: from the first message offered to the last one sent."""
import os
import subprocess
import time

from . import postfix
from .machine import CpuMeter

LABEL = "(c) Postfix from smtp-source"


def missing(scenario, tools):
    return postfix.missing()


def feed(mta, scenario, messages):
    """Offers so many messages; returns the CPU seconds that took."""
    feeder = subprocess.Popen(
        ["/usr/sbin/smtp-source", "-d", "-N", "-s", str(scenario.connections), "-m", str(messages),
         "-l", str(scenario.size), "-f", "bench@sender.test", "-t", "user@sink.test",
         f"127.0.0.1:{mta.port}"])
    _, status, usage = os.wait4(feeder.pid, 0)
    feeder.returncode = os.waitstatus_to_exitcode(status)
    if feeder.returncode != 0:
        raise RuntimeError(f"smtp-source ended with {feeder.returncode}")
    return usage.ru_utime + usage.ru_stime


def run(scenario, receiver, tools):
    messages, first = scenario.messages["c"], 10 * scenario.connections
    with postfix.Postfix(receiver, scenario.connections) as mta:
        feed(mta, scenario, first)  # its processes are up, its connections cached
        mta.wait_sent(first, scenario.time_limit)
        meter = CpuMeter(sender=mta.pid, receiver=receiver.pid)
        start = time.monotonic()
        feeding = feed(mta, scenario, messages)
        offered = time.monotonic() - start
        mta.wait_sent(first + messages, scenario.time_limit)
        seconds = time.monotonic() - start
        cpu = meter.read()
    return {"messages": messages, "seconds": seconds, "seconds_until_offered": offered,
            "cpu_seconds": {**cpu, "feeder": feeding}}
