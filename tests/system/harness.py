"""The whole system from outside: a real redis-server, `hongyan serve`, `hongyan sink`, one folder per test.

    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine("e1", routes=[("*", sink)])
        w.submit("a", ["one@x.example"])
        w.wait_ended("a")

Deadlines are generous: they bound a hang, not the speed. Everything that was started is ended by the
kernel when the test's process ends, whatever the reason.
"""
import collections
import ctypes
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from free_ports import free_port
from redis_wire import Redis, RedisError

ROOT = pathlib.Path(__file__).resolve().parents[2]
HONGYAN = os.environ.get("HONGYAN_BIN", str(ROOT / "build/dev/bin/hongyan"))
PRICE = 7000
TIMEOUTS = "\n".join(f'{name} = "20s"' for name in ("connect", "greeting", "command", "data_start", "content_block",
                                                   "content_end"))
WAITING = ("queued", "claimed", "in_flight", "in_doubt", "deferred")
FINAL = ("delivered", "bounced", "suppressed", "invalid", "duplicate", "expired", "cancelled", "held")
LETTERS = {"D": "delivered", "B": "bounced", "S": "suppressed", "I": "invalid", "U": "duplicate",
           "X": "expired", "C": "cancelled", "H": "held", "q": "queued", "w": "queued", "c": "claimed",
           "f": "in_flight", "u": "in_doubt", "d": "deferred"}
_libc = ctypes.CDLL(None)


def _die_with_parent():
    _libc.prctl(1, signal.SIGKILL)


def wait_until(probe, seconds, what):
    """Polls until `probe` gives something true and returns it."""
    end = time.monotonic() + seconds
    while True:
        try:
            got = probe()
        except (OSError, RedisError):
            got = None
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.05)


class Process:
    def __init__(self, world, name, words):
        self.name, self.words, self.world = name, words, world
        self.err_path = world.folder / f"{name}.err"
        self.proc = None

    def spawn(self):
        with open(self.err_path, "ab") as err:
            self.proc = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=err, preexec_fn=_die_with_parent)
        self.world.processes.append(self)
        return self

    def read_line(self, pattern, seconds=30):
        os.set_blocking(self.proc.stdout.fileno(), False)
        text = ""

        def look():
            nonlocal text
            text += (self.proc.stdout.read() or b"").decode()
            found = re.search(pattern, text)
            assert found or self.proc.poll() is None, f"{self.name} ended: {self.log()[-2000:]}"
            return found
        return wait_until(look, seconds, lambda: f"{self.name} prints {pattern}: {self.log()[-2000:]}")

    def send(self, sig):
        self.proc.send_signal(sig)

    def kill(self):
        if self.proc and self.proc.poll() is None:
            self.proc.kill()
        if self.proc:
            self.proc.wait()

    def wait(self, seconds):
        return self.proc.wait(seconds)

    def log(self):
        return self.err_path.read_text(errors="replace") if self.err_path.exists() else ""

    def rss_mib(self):
        with open(f"/proc/{self.proc.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024


class Sink(Process):
    def __init__(self, world, name, profile, out, on=None):
        self.records_path = world.folder / f"{name}.ndjson"
        self.host = on.address if on else "127.0.0.1"
        words = [HONGYAN, "sink", "--listen", f"{self.host}:0", "--log", str(self.records_path)]
        if profile:
            path = world.folder / f"{name}.toml"
            path.write_text(profile)
            words += ["--profile", str(path)]
        self.out = world.folder / f"{name}.out" if out else None
        if out:
            words += ["--out", str(self.out)]
        super().__init__(world, name, on.words(words) if on else words)
        self.spawn()
        self.port = int(self.read_line(r"listening on \S+:(\d+)")[1])

    def records(self):
        """What was accepted, in order: at_ms, from, rcpt, message_id, bytes."""
        if not self.records_path.exists():
            return []
        with open(self.records_path) as lines:
            return [json.loads(line) for line in lines if line.endswith("\n")]

    def copies(self):
        return collections.Counter(record["rcpt"] for record in self.records())


class Engine(Process):
    def __init__(self, world, name, config, on=None, program=HONGYAN):
        path = world.folder / f"{name}.config"
        path.write_text(config)
        words = [program, "serve", "--config", str(path)]
        super().__init__(world, name, on.words(words) if on else words)
        self.port = 0

    def start(self, ready=True):
        self.spawn()
        if ready:
            self.port = int(self.read_line(r"ready http=(\d+)")[1])
        return self

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def metric(self, name, **labels):
        """The sum of the samples of this name that have these labels."""
        total = 0
        for line in self.get("/metrics/billing" if "billing" in name else "/metrics")[1].splitlines():
            at = re.match(r"(\w+)(\{.*\})? (\S+)$", line)
            if at and at[1] == name and all(f'{k}="{v}"' in (at[2] or "") for k, v in labels.items()):
                total += float(at[3])
        return total

    def events(self, name):
        return [line for line in self.log().splitlines() if name in line]


class World:
    def __init__(self):
        seed = int(os.environ.get("HONGYAN_SEED") or random.SystemRandom().randrange(1 << 30))
        print(f"seed {seed} (HONGYAN_SEED={seed} repeats it)")
        self.random = random.Random(seed)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hongyan-system-"))
        self.processes = []
        self.redis_process = None
        self.socket = str(self.folder / "redis.sock")
        self.redis = None

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind and os.environ.get("HONGYAN_KEEP"):
            print(f"kept: {self.folder}")
        for process in reversed(self.processes):
            process.kill()
            # A task that an exception ended leaves something undone for ever.
            assert kind or "task-escaped" not in process.log(), process.log()[-2000:]
            if kind:
                print(f"--- {process.name}: {process.log()[-1500:]}")
        if not (kind and os.environ.get("HONGYAN_KEEP")):
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- redis

    def start_redis(self, fsync="always", *extra, on=None):
        """On a host it also listens there, at port 6379."""
        (self.folder / "redis").mkdir(exist_ok=True)
        reached = ["--port", "6379", "--bind", on.address, "--protected-mode", "no"] if on else ["--port", "0"]
        self._redis_words = ["redis-server", *reached, "--unixsocket", self.socket, "--dir",
                             str(self.folder / "redis"), "--appendonly", "yes", "--appendfsync", fsync,
                             "--save", "", "--loglevel", "warning", "--enable-debug-command", "yes", *extra]
        self._redis_words = on.words(self._redis_words) if on else self._redis_words
        self.restart_redis()

    def restart_redis(self):
        self.redis_process = Process(self, "redis", self._redis_words).spawn()
        self.redis = Redis(self.socket)
        wait_until(lambda: self.redis.call("PING") == "PONG", 30, "Redis answers")

    def kill_redis(self):
        self.redis_process.kill()
        self.redis.close()

    # --- engines and receivers

    def start_dns(self, zones):
        """A real name server (knotd) with these zones, {origin: lines}; no lines: SERVFAIL. Its "ip:port"."""
        folder = self.folder / "knot"
        folder.mkdir()
        port = free_port()
        conf = (f"server:\n  rundir: {folder}\n  listen: 127.0.0.1@{port}\n  udp-workers: 1\n  tcp-workers: 1\n"
                f"  background-workers: 1\n  async-start: off\ndatabase:\n  storage: {folder}\n"
                f"template:\n  - id: default\n    storage: {folder}\n    zonefile-load: whole\n"
                "    journal-content: none\n    semantic-checks: off\nzone:\n")
        for origin, lines in zones.items():
            conf += f"  - domain: {origin}\n    file: {origin}.zone\n"
            if lines:
                (folder / f"{origin}.zone").write_text(
                    f"$ORIGIN {origin}.\n$TTL 300\n@ SOA ns hostmaster 1 3600 900 604800 60\n@ NS ns\nns A 127.0.0.1\n"
                    + lines + "\n")
        (folder / "knot.conf").write_text(conf)
        Process(self, "knot", [shutil.which("knotd") or "/usr/sbin/knotd", "-c", str(folder / "knot.conf")]).spawn()

        def answers():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.settimeout(0.2)
                probe.sendto(bytes([0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1]), ("127.0.0.1", port))
                return probe.recv(512)
        wait_until(answers, 30, "knotd answers")
        return f"127.0.0.1:{port}"

    def start_sink(self, name="sink", profile="", out=False, on=None):
        return Sink(self, name, profile, out, on)

    def engine(self, name="e1", on=None, program=HONGYAN, **options):
        return Engine(self, name, self.config(name, **options), on, program)

    def start_engine(self, name="e1", **options):
        return self.engine(name, **options).start()

    def config(self, name, routes=(), engines=("e1", "e2"), lease="10s", retry=("1s", "2s"), expiry="60s",
               doubt_delay="2s", other="connections = 10\nmessages_per_connection = 0\nrates = []", dns="",
               prepaid=False, drain="20s", timeouts="", extra="", allow='"127.0.0.0/8"', price="0.007", channel="",
               smtp="", tls="off", sources=None, more_sources=(), redis=None):
        """Routes: (domain, server or port). Every engine has one source: 127.0.0.2, 127.0.0.3, ... or what
        `sources` says: one address for all, or {engine: address}.

        `extra` follows behind the last table, which is that of the last source when there are no routes.

        Times are longer than a busy machine keeps a process waiting: what a test wants to run out it says."""
        text = f"""
[engine]
id = "{name}"
workers = 1
lease = "{lease}"
drain_timeout = "{drain}"
[redis]
url = "{redis or 'unix:' + self.socket}"
[dns]
timeout = "5s"
{dns or 'servers = ["127.0.0.1:9"]'}
[smtp]
allow_networks = [{allow}]
{smtp}
[smtp.timeouts]
{timeouts or TIMEOUTS}
[http]
listen = "127.0.0.1:0"
[channel.quality]
price = "{price}"
sources = [{", ".join([f'"s-{e}"' for e in engines] + [f'"{name}"' for name, _ in more_sources])}]
envelope_sender = "bounce@acme.example"
tls = "{tls}"
retry = [{", ".join(f'"{r}"' for r in retry)}]
retry_jitter = 0.0
retry_expiry = "{expiry}"
in_doubt_delay = "{doubt_delay}"
{channel}
[tenant.acme]
from_domains = ["acme.example"]
prepaid = {"true" if prepaid else "false"}
[other_providers]
{other}
"""
        for number, engine in enumerate(engines):
            address = f"127.0.0.{number + 2}" if sources is None else sources
            address = sources[engine] if isinstance(sources, dict) else address
            text += (f'[source.s-{engine}]\naddress = "{address}"\nehlo = "{engine}.acme.example"\n'
                     f'engines = ["{engine}"]\n')
        for source, address in more_sources:  # of the first engine
            text += f'[source.{source}]\naddress = "{address}"\nehlo = "{source}.acme.example"\nengines = ["{engines[0]}"]\n'
        for domain, to in routes:
            port = to if isinstance(to, int) else to.port
            host = getattr(to, "host", "127.0.0.1")
            text += f'[[route]]\ndomain = "{domain}"\nhost = "{host}"\nport = {port}\n'
        return text + extra

    # --- jobs

    def document(self, job_id, recipients, **more):
        body = {"v": 1, "id": job_id, "tenant": "acme", "channel": "quality",
                "from": {"address": "news@acme.example"}, "subject": "Hello {{ name | default: \"you\" }}",
                "text": "A message for {{ name | default: \"you\" }}.\r\n"}
        if isinstance(recipients, list):
            body["recipients"] = {"list": [{"to": to} for to in recipients]}
        else:
            body["recipients"] = {"key": f"hongyan:{{{job_id}}}:recipients"}
        body.update(more)
        return body

    def put(self, document):
        """Queues a document (or any text) as it is."""
        text = document if isinstance(document, (str, bytes)) else json.dumps(document)
        return self.redis.call("XADD", "hongyan:jobs", "*", "job", text)

    def submit(self, job_id, recipients, **more):
        """Up to 1,000 recipients go into the document, longer lists through the job's list key."""
        if len(recipients) <= 1000:
            return self.put(self.document(job_id, recipients, **more))
        entry = self.put(self.document(job_id, None, **more))
        self.push_list(job_id, recipients)
        return entry

    def push_list(self, job_id, recipients, end=True, count=None):
        key = f"hongyan:{{{job_id}}}:recipients"
        for number, first in enumerate(range(0, len(recipients), 500)):
            lines = [json.dumps({"block": number})]
            lines += [json.dumps({"to": to}) for to in recipients[first:first + 500]]
            self.redis.call("RPUSH", key, "\n".join(lines) + "\n")
        if end:
            self.redis.call("RPUSH", key,
                            json.dumps({"end": True, "count": len(recipients) if count is None else count}))

    def control(self, op, job_id, **more):
        words = [word for pair in more.items() for word in pair]
        return self.redis.call("XADD", "hongyan:control", "*", "op", op, "job", job_id, "actor", "test", *words)

    def job(self, job_id):
        """The job's hash; numbers as int; {} while there is none."""
        flat = self.redis.call("HGETALL", f"hongyan:{{{job_id}}}:job")
        pairs = dict(zip(flat[::2], flat[1::2]))
        return {k: int(v) if re.fullmatch(r"-?\d+", v) else v for k, v in pairs.items()}

    def wait_job(self, job_id, probe, seconds=60, what="the job gets there"):
        def look():
            job = self.job(job_id)
            return job if job and probe(job) else None
        return wait_until(look, seconds, lambda: f"{what}: {self.job(job_id)}")

    def wait_state(self, job_id, state, seconds=60):
        return self.wait_job(job_id, lambda j: j.get("state") == state, seconds, f"state {state}")

    def wait_ended(self, job_id, seconds=90):
        """Ended and closed: the ledger has every charge."""
        job = self.wait_job(job_id, lambda j: j.get("ended_at", 0) > 0, seconds, "the job ends")
        wait_until(lambda: job_id not in self.redis.call("SMEMBERS", "hongyan:active"), 30, "the job is closed")
        return self.job(job_id) if job else None

    def recipients(self, job_id):
        """[(address, state)] of every planned line."""
        from chunks import unpack
        found = []
        for number in range(self.job(job_id).get("chunks", 0)):
            tag = f"hongyan:{{{job_id}}}"
            states = self.redis.call("GET", f"{tag}:s:{number}")
            addresses = unpack(self.redis.call_bytes("GET", f"{tag}:c:{number}"))
            assert len(states) == len(addresses)
            found += [(address, LETTERS[letter]) for address, letter in zip(addresses, states)]
        return found

    def replies(self, job_id):
        """The kept replies of a job as one text."""
        chunks = self.job(job_id).get("chunks", 0)
        return b"\n".join(self.redis.call_bytes("GET", f"hongyan:{{{job_id}}}:r:{n}") or b""
                          for n in range(chunks)).decode(errors="replace")

    def ledger(self, job_id, tenant="acme"):
        """Messages that the ledger charged for a job."""
        flat = self.redis.call("HGETALL", f"hongyan:{{{tenant}}}:ledger")
        return sum(int(value.split()[0]) for name, value in zip(flat[::2], flat[1::2])
                   if name.startswith("entry|") and name.endswith("|" + job_id))

    def events(self, kind, job_id=None):
        found = []
        for _, flat in self.redis.call("XRANGE", "hongyan:events", "-", "+"):
            event = dict(zip(flat[::2], flat[1::2]))
            if event["type"] == kind and job_id in (None, event["job"]):
                found.append({**event, "data": json.loads(event["data"])})
        return found

    def dead(self):
        return [dict(zip(flat[::2], flat[1::2])) for _, flat in self.redis.call("XRANGE", "hongyan:dead", "-", "+")]

    # --- what must always hold

    def check_books(self, job_id, sinks, addresses):
        """One final state each; charged == delivered == ledger; who is delivered got a message; who got
        more than one was in doubt. Gives the job."""
        job = self.job(job_id)
        told = {name: job.get(name, 0) for name in WAITING + FINAL}
        assert sum(told[name] for name in WAITING) == 0, told
        assert sum(told.values()) == job["total"] == len(addresses), (told, job["total"], len(addresses))
        planned = self.recipients(job_id)
        assert collections.Counter(state for _, state in planned) == {k: v for k, v in told.items() if v}
        assert sorted(address for address, _ in planned) == sorted(addresses)
        copies = sum((sink.copies() for sink in sinks), collections.Counter())
        state_of = {address: state for address, state in planned if state != "duplicate"}
        delivered = {address for address, state in state_of.items() if state == "delivered"}
        apart = {address for address, state in state_of.items() if state == "held"}
        assert not delivered - set(copies), f"delivered, but never received: {sorted(delivered - set(copies))[:5]}"
        stray = {address for address in copies if address in state_of} - delivered - apart
        unknown = [address for address in stray if state_of[address] not in ("expired", "cancelled", "bounced")]
        assert not unknown, unknown[:5]
        assert len(stray) <= job.get("doubted", 0), (sorted(stray)[:5], job.get("doubted", 0))
        extra = sum(n - 1 for address, n in copies.items() if address in state_of)
        assert extra <= job.get("doubted", 0), f"{extra} extra copies, {job['doubted']} in doubt"
        price = job["price_micro_yuan"]
        assert job["charged_micro_yuan"] == job["delivered"] * price
        assert self.ledger(job_id) == job["delivered"], (self.ledger(job_id), job["delivered"])
        assert job.get("reserved_micro_yuan", 0) == told["held"] * price, job.get("reserved_micro_yuan")
        return job


def addresses(count, prefix="user", domain="x.example"):
    return [f"{prefix}{n}@{domain}" for n in range(count)]
