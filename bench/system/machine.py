"""What the machine is, and what process trees cost on it."""
import os
import pathlib
import platform
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


def describe(root):
    """Everything that a number without it would be worthless."""
    model = ""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    commit = subprocess.run(["git", "-C", str(root), "describe", "--always", "--dirty"],
                            capture_output=True, text=True).stdout.strip()
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(),
            "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
            "load_before": os.getloadavg()[0], "others_busy_before": busy_share(1), "commit": commit}


def free_port(address="127.0.0.1"):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, 0))
        return probe.getsockname()[1]


def _stat(pid):
    """(parent, CPU seconds of the process and of the children it has waited for)"""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), sum(int(f) for f in fields[11:15]) / TICKS


def cpu_of_tree(pid):
    """CPU seconds of a process and all below it, ended ones included once they are waited for."""
    stats = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            found = _stat(int(entry))
            if found:
                stats[int(entry)] = found
    total, todo = 0.0, [pid]
    while todo:
        current = todo.pop()
        if current in stats:
            total += stats[current][1]
            todo += [child for child, (parent, _) in stats.items() if parent == current]
    return total


class CpuMeter:
    """Named process trees, measured between start() and read()."""

    def __init__(self, **pids):
        self.pids = pids
        self.before = {name: cpu_of_tree(pid) for name, pid in pids.items()}

    def read(self):
        return {name: cpu_of_tree(pid) - self.before[name] for name, pid in self.pids.items()}


def _ticks():
    fields = [int(f) for f in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(fields), sum(fields) - fields[3] - fields[4]  # idle and iowait are not busy


def busy_share(seconds=0.5):
    """Share of all cores in use, 0 to 1. Asked while a benchmark rests: what others take from it."""
    total, busy = _ticks()
    time.sleep(seconds)
    total_after, busy_after = _ticks()
    return (busy_after - busy) / max(1, total_after - total)
