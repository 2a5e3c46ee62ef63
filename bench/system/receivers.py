"""Who the mail goes to. Each is a context manager with .address, .port and .pid."""
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

from . import machine


def wait_for_port(address, port, seconds=10):
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((address, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


class SmtpSink:
    """Postfix smtp-sink: the receiver of the comparison, which belongs to none of the senders."""
    name = "smtp-sink"

    def __init__(self, _tools):
        self.address, self.port = "127.0.0.1", machine.free_port()

    def __enter__(self):
        user = ["-u", "postfix"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(
            ["/usr/sbin/smtp-sink", *user, f"{self.address}:{self.port}", "1000"],
            stdout=subprocess.DEVNULL)
        self.pid = self.process.pid
        wait_for_port(self.address, self.port)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class HongyanSink:
    """`hongyan sink`, which can answer as late as a far receiver does."""
    name = "hongyan sink"

    def __init__(self, tools, latency_ms=0):
        self.tools, self.latency_ms = tools, latency_ms

    def __enter__(self):
        self.profile = tempfile.NamedTemporaryFile("w", suffix=".toml")
        self.profile.write(f'latency = "{self.latency_ms}ms"\n')
        self.profile.flush()
        self.process = subprocess.Popen(
            [self.tools / "hongyan", "sink", "--listen", "127.0.0.1:0", "--profile",
             self.profile.name], stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        where = self.process.stdout.readline().split()[-1]
        self.address, _, port = where.rpartition(":")
        self.port = int(port)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.process.stdout.close()
        self.profile.close()
