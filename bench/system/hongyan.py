"""A whole Hongyan for a benchmark: a private redis-server, `hongyan serve`, a campaign on its queue."""
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

BLOCK = 4000  # recipients an RPUSHed item
PHASES = ("turn", "token", "connect", "transact")

CONFIG = """\
[engine]
id = "bench"
workers = 1
[redis]
url = "unix:{folder}/redis.sock"
[smtp]
allow_networks = ["127.0.0.0/8"]
[http]
listen = "127.0.0.1:0"
[log]
outcomes = true
[source.s1]
address = "127.0.0.1"
ehlo = "bench.example"
[channel.quality]
price = "0.007"
sources = ["s1"]
envelope_sender = "bounce@bench.example"
tls = "off"
[tenant.acme]
from_domains = ["acme.example"]
[other_providers]
connections = {connections}
messages_per_connection = 0
rates = []
[[route]]
domain = "*"
host = "{address}"
port = {port}
"""


class Client:
    """As much of a Redis client as a benchmark wants. Errors are exceptions."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.file = self.socket.makefile("rb")

    def call(self, *words):
        out = [b"*%d\r\n" % len(words)]
        for word in words:
            data = word if isinstance(word, bytes) else str(word).encode()
            out += [b"$%d\r\n" % len(data), data, b"\r\n"]
        self.socket.sendall(b"".join(out))
        return self._read()

    def _read(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return [self._read() for _ in range(int(rest))]
        raise RuntimeError(f"Redis went away: {line!r}")

    def fields(self, key):
        flat = self.call("HGETALL", key)
        return dict(zip(flat[::2], flat[1::2]))

    def now(self):
        seconds, micros = self.call("TIME")
        return int(seconds) + int(micros) / 1e6

    def info(self, section):
        pairs = (line.split(":", 1) for line in self.call("INFO", section).splitlines()
                 if ":" in line)
        return dict(pairs)

    def counters(self):
        """What INFO counts: commands from clients, calls inside functions, bytes, AOF size."""
        stats = self.info("stats")
        by_command = {name[8:]: int(re.search(r"calls=(\d+)", value).group(1))
                      for name, value in self.info("commandstats").items()}
        # total_commands_processed counts the calls of functions too.
        return {"calls": sum(by_command.values()), "by_command": by_command,
                "bytes_in": int(stats["total_net_input_bytes"]),
                "bytes_out": int(stats["total_net_output_bytes"]),
                "aof_bytes": int(self.info("persistence")["aof_current_size"])}


class RedisServer:
    def __init__(self, folder, fsync, rewrites=True):
        self.socket = folder / "redis.sock"
        arguments = ["redis-server", "--port", "0", "--unixsocket", str(self.socket), "--dir",
                     str(folder), "--save", "", "--appendonly", "yes", "--appendfsync", fsync]
        if not rewrites:
            arguments += ["--auto-aof-rewrite-percentage", "0"]
        self.process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
        self.pid = self.process.pid
        until = time.monotonic() + 10
        while True:
            try:
                self.client = Client(self.socket)
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Hongyan:
    """Redis and one engine; a context manager with .redis (a Client), .engine_pid, .redis_pid."""

    def __init__(self, tools, address, port, connections, fsync="everysec", rewrites=True):
        self.tools, self.fsync, self.rewrites = tools, fsync, rewrites
        self.settings = {"address": address, "port": port, "connections": connections}
        self.server = self.engine = None

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hongyan-bench-"))
        try:
            self.server = RedisServer(self.folder, self.fsync, self.rewrites)
            self.redis, self.redis_pid = self.server.client, self.server.pid
            config = self.folder / "hongyan.toml"
            config.write_text(CONFIG.format(folder=self.folder, **self.settings))
            self.log = self.folder / "outcomes.log"
            with open(self.log, "wb") as log:
                self.engine = subprocess.Popen([self.tools / "hongyan", "serve", "--config", config],
                                               stdout=subprocess.PIPE, stderr=log, text=True)
            self.engine_pid = self.engine.pid
            ready = re.match(r"ready http=(\d+)", self.engine.stdout.readline())
            if not ready:
                raise RuntimeError(f"the engine did not start: {self.log.read_text()[-2000:]}")
            self.http = int(ready.group(1))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.engine:
            self.engine.send_signal(signal.SIGTERM)
            try:
                self.engine.wait(10)
            except subprocess.TimeoutExpired:
                self.engine.kill()
                self.engine.wait()
            self.engine.stdout.close()
        if self.server:
            self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def push(self, job, count, between=None):
        """RPUSHes numbered blocks and the end; `between` is called after each."""
        key = f"hongyan:{{{job}}}:recipients"
        for first in range(0, count, BLOCK):
            lines = ['{"block":%d}' % (first // BLOCK)]
            lines += ['{"to":"user%d@d%d.example","vars":{"name":"Name%d","city":"Shanghai","code":"%08x"}}'
                      % (i, i % 7, i, i * 2654435761 % 2**32)
                      for i in range(first, min(count, first + BLOCK))]
            self.redis.call("RPUSH", key, "\n".join(lines))
            if between:
                between()
        self.redis.call("RPUSH", key, '{"end":true,"count":%d}' % count)

    def submit(self, job, size, **more):
        """Puts the job on the queue; returns Redis' time of that."""
        document = {"v": 1, "id": job, "tenant": "acme", "channel": "quality",
                    "from": {"address": "news@acme.example", "name": "Acme"},
                    "subject": "Hi {{ name }}", "text": body(size),
                    "recipients": {"key": f"hongyan:{{{job}}}:recipients"}, **more}
        at = self.redis.now()
        self.redis.call("XADD", "hongyan:jobs", "*", "job", json.dumps(document))
        return at

    def job(self, job):
        return self.redis.fields(f"hongyan:{{{job}}}:job")

    def wait_done(self, job, seconds, poll=0.02):
        """(when the first was delivered, how many by then, the job's hash at its end)"""
        until, first, early = time.monotonic() + seconds, None, 0
        while True:
            state, delivered = self.redis.call("HMGET", f"hongyan:{{{job}}}:job", "state", "delivered")
            if first is None and int(delivered or 0) > 0:
                first, early = self.redis.now(), int(delivered)
            if state in ("done", "tripped", "cancelled", "paused", "unfunded"):
                break
            if time.monotonic() > until:
                raise RuntimeError(f"job {job} is not done: {self.job(job)} "
                                   f"{self.log.read_text()[-1000:]}")
            time.sleep(poll)
        fields = self.job(job)
        if fields["state"] != "done":
            raise RuntimeError(f"job {job} ended {fields['state']}: {fields.get('reason')}")
        return first, early, fields

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/metrics", timeout=10) as answer:
            return answer.read().decode()

    def phases(self):
        """{phase: [(upper bound in seconds, cumulative count)]} as the histogram stands now."""
        found = {}
        pattern = re.compile(r'hongyan_delivery_phase_seconds_bucket\{([^}]*)\} (\d+)')
        for labels, count in pattern.findall(self.metrics()):
            named = dict(re.findall(r'(\w+)="([^"]*)"', labels))
            bound = float(named["le"].replace("+Inf", "inf"))
            found.setdefault(named["phase"], []).append((bound, int(count)))
        return found

    def rss_kib(self):
        return memory_kib(self.engine_pid, "VmRSS")

    def peak_rss_kib(self):
        return memory_kib(self.engine_pid, "VmHWM")


def memory_kib(pid, what):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+) kB", text).group(1))


def body(size):
    """A text that becomes quoted-printable and, with its header, about `size` bytes on the wire."""
    opening = "Grüße, {{ name }} of {{ city | default: \"x\" }}: your code is {{ code }}.\r\n"
    line = "a line of the campaign that is the same for everybody, seventy chars\r\n"
    header = 560  # of the message that the engine builds, measured
    return opening + line * max(1, (size - header - len(opening)) // len(line))


def quantile(buckets_before, buckets_after, q):
    """Of what a histogram gained, interpolated inside its bucket as Prometheus does; seconds."""
    before = dict(buckets_before or [])
    gained = [(bound, count - before.get(bound, 0)) for bound, count in buckets_after]
    total = gained[-1][1]
    if total == 0:
        return None
    rank, low, below = q * total, 0.0, 0
    for bound, count in gained:
        if count >= rank:
            if bound == float("inf"):
                return low
            return low + (bound - low) * ((rank - below) / max(1, count - below))
        low, below = bound, count
    return low


def subtract(after, before):
    commands = {name: count - before["by_command"].get(name, 0)
                for name, count in after["by_command"].items()}
    return {**{name: after[name] - before[name] for name in after if name != "by_command"},
            "by_command": {name: count for name, count in commands.items() if count}}
