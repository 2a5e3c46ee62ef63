"""A private Postfix: its own configuration, queue and data in a temporary folder.

Touches nothing in /etc/postfix or /var/spool/postfix and starts no system service. Needs root,
for its processes drop to the user `postfix`.
"""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time

from . import machine
from .receivers import wait_for_port

# Generous to Postfix: no input flow control, no limit below the number of connections wanted, no
# reverse lookups, no local delivery, its connection cache on.
MAIN = """\
compatibility_level = 3.6
config_directory = {folder}/etc
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/maillog
maillog_file_prefixes = {folder}/log
myhostname = bench.postfix.test
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relayhost = [{address}]:{port}
smtpd_peername_lookup = no
smtp_host_lookup = native
disable_dns_lookups = yes
in_flow_delay = 0
default_process_limit = {processes}
smtp_destination_concurrency_limit = {connections}
initial_destination_concurrency = {connections}
smtp_connection_cache_on_demand = yes
smtp_connection_cache_destinations = [{address}]:{port}
"""

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


def missing():
    """Why it cannot run here; empty when it can."""
    if os.geteuid() != 0:
        return "needs root"
    for program in ("postfix", "postconf", "smtp-source"):
        if not shutil.which(program, path="/usr/sbin"):
            return f"no {program}"
    return ""


class Postfix:
    def __init__(self, receiver, connections):
        self.receiver, self.connections = receiver, connections
        self.port = machine.free_port()

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hongyan-postfix-"))
        self.folder.chmod(0o755)
        for name in ("etc", "queue", "data", "log"):
            (self.folder / name).mkdir()
        owner = pwd.getpwnam("postfix")
        os.chown(self.folder / "data", owner.pw_uid, owner.pw_gid)
        (self.folder / "etc/main.cf").write_text(MAIN.format(
            folder=self.folder, address=self.receiver.address, port=self.receiver.port,
            connections=self.connections, processes=max(100, 2 * self.connections)))
        (self.folder / "etc/master.cf").write_text(MASTER.format(port=self.port))
        self.log = self.folder / "log/maillog"
        self.read_to, self.sent_so_far, self.other = 0, 0, 0
        try:
            self._control("start")
            wait_for_port("127.0.0.1", self.port)
            self.pid = int((self.folder / "queue/pid/master.pid").read_text())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._control("stop", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, what, check=True):
        done = subprocess.run(["/usr/sbin/postfix", "-c", self.folder / "etc", what],
                              capture_output=True, text=True)
        if check and done.returncode != 0:
            log = self.log.read_text() if self.log.exists() else ""
            raise RuntimeError(f"postfix {what}: {done.stdout}{done.stderr}{log}")

    def sent(self):
        """Deliveries that its log calls sent."""
        with open(self.log, "rb") as log:
            log.seek(self.read_to)
            text = log.read()
        whole = text[:text.rfind(b"\n") + 1]
        self.read_to += len(whole)
        self.sent_so_far += whole.count(b"status=sent")
        self.other += whole.count(b"status=deferred") + whole.count(b"status=bounced")
        return self.sent_so_far

    def wait_sent(self, count, seconds):
        until = time.monotonic() + seconds
        while self.sent() < count:
            if self.other or time.monotonic() > until:
                raise RuntimeError(f"Postfix sent {self.sent_so_far} of {count}, "
                                   f"failed {self.other}: {self.log.read_text()[-2000:]}")
            time.sleep(0.01)
