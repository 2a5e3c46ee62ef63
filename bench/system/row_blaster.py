"""(a) A bare client with overlapped pipelining: the limit of this wire."""
import json
import subprocess

from .machine import CpuMeter

LABEL = "(a) blaster: the limit of this wire"


def missing(scenario, tools):
    return "" if (tools / "blaster").exists() else f"no {tools / 'blaster'}"


def run(scenario, receiver, tools):
    meter = CpuMeter(receiver=receiver.pid)
    done = subprocess.run(
        [tools / "blaster", "--host", receiver.address, "--port", str(receiver.port),
         "--connections", str(scenario.connections), "--messages", str(scenario.messages["a"]),
         "--size", str(scenario.size)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    result = json.loads(done.stdout)
    return {"messages": result["messages"], "seconds": result["seconds"],
            "cpu_seconds": {"sender": result["cpu_seconds"], **meter.read()}}
