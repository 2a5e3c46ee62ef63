"""A provider of mailboxes on loopback: a real Dovecot with IMAP and submission, TLS at once and STARTTLS, a root of its
own, users with codes. What it submits goes to a relay that the test names (`hongyan sink`)."""
import base64
import grp
import hmac
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
import imaplib

from free_ports import free_ports
from harness import Process, wait_until

CONF = """
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
listen = {address}
protocols = imap submission
hostname = provider.example
ssl = required
ssl_cert = <{dir}/{certificate}.pem
ssl_key = <{dir}/{certificate}.key
auth_failure_delay = 0
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = {dir}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/mail/%u
}}
mail_location = maildir:~/Maildir
{more}
first_valid_uid = 1
first_valid_gid = 0
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
submission_relay_ssl = no
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {submission}
  }}
  inet_listener submissions {{
    port = {submissions}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

# Access tokens: JWT that is checked here, without asking whoever gave it.
TOKENS = """
auth_mechanisms = plain login {mechanisms}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {dir}/oauth2
}}
"""
TOKEN_KEY = b"a key of the tests, long enough for HS256"


def access_token(user, seconds=3600):
    def encode(raw):
        return base64.urlsafe_b64encode(raw).rstrip(b"=")
    now = int(time.time())
    claims = {"sub": user, "iat": now - 7200, "exp": now + seconds, "jti": os.urandom(8).hex()}
    head = encode(b'{"alg":"HS256","typ":"JWT"}') + b"." + encode(json.dumps(claims).encode())
    return (head + b"." + encode(hmac.digest(TOKEN_KEY, head, "sha256"))).decode()


class Provider:
    """users: {name: secret}. Certificates are for the address and `names` (of hosts, or further addresses); that of
    `other` is not good. `ports`: of IMAP, IMAP with TLS at once, submission, submission with TLS at once; any unless they
    are given. `more`: settings of Dovecot. `tokens`: the mechanisms that take access tokens."""

    def __init__(self, world, relay_port, users, certificate="right", address="127.0.0.1", names=(), ports=(), more="", tokens=""):
        self.address, self.names, self.ports = address, names, ports
        self.world, self.users = world, dict(users)
        self.folder = world.folder / f"provider-{len(world.processes)}"
        self.folder.mkdir()
        world.folder.chmod(0o755)  # Dovecot's processes are of several users
        self.folder.chmod(0o755)
        self.relay = relay_port
        self.certificate = certificate
        self.tokens = tokens
        self.ca_file = str(self.folder / "root.pem")
        self._certificates()
        self.process = None
        self.imap = None
        self.more = more
        self.start()

    def _certificates(self):
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem", "-days", "2",
                "-subj", "/CN=Test root")
        right = [f"{'IP' if name[0].isdigit() else 'DNS'}:{name}" for name in (self.address, *self.names)]
        for name, names in (("right", ",".join(right)), ("other", "DNS:elsewhere.example")):
            (self.folder / "ext").write_text(f"subjectAltName={names}\n")
            openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", "req", "-subj", "/CN=x")
            openssl("x509", "-req", "-in", "req", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
                    "-days", "2", "-extfile", "ext", "-out", f"{name}.pem")

    def start(self):
        if self.imap is None:
            self.imap, self.imaps, self.submission, self.submissions = self.ports or free_ports(4)
        user = pwd.getpwnam("dovecot") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        conf = CONF.format(dir=self.folder, address=self.address, certificate=self.certificate, uid=user.pw_uid, gid=user.pw_gid,
                           relay=self.relay, more=self.more, imap=self.imap, imaps=self.imaps, submission=self.submission,
                           submissions=self.submissions)
        if self.tokens:
            conf += TOKENS.format(dir=self.folder, mechanisms=self.tokens)
            (self.folder / "oauth2").write_text("introspection_mode = local\nusername_attribute = sub\n"
                                                f"local_validation_key_dict = fs:posix:prefix={self.folder}/keys/\n")
            keys = self.folder / "keys/default/HS256"
            keys.mkdir(parents=True, exist_ok=True)
            (keys / "default").write_text(base64.b64encode(TOKEN_KEY).decode())
        if os.getuid() != 0:
            conf += (f"default_internal_user = {user.pw_name}\ndefault_login_user = {user.pw_name}\n"
                     f"default_internal_group = {grp.getgrgid(user.pw_gid).gr_name}\n")
        (self.folder / "dovecot.conf").write_text(conf)
        self._write_users()
        mail = self.folder / "mail"
        mail.mkdir(exist_ok=True)
        os.chown(mail, user.pw_uid, user.pw_gid)
        self._spawn()
        for port in (self.imaps, self.submissions):
            wait_until(lambda: self._answers(port), 60, lambda: self.log()[-2000:])

    def _spawn(self):
        self.process = Process(self.world, f"dovecot-{len(self.world.processes)}",
                               [shutil.which("dovecot") or "/usr/sbin/dovecot", "-F", "-c",
                                str(self.folder / "dovecot.conf")]).spawn()

    def _write_users(self):
        (self.folder / "users").write_text("".join(f"{name}:{{PLAIN}}{code}\n" for name, code in self.users.items()))

    def set_code(self, user, code):
        """Only the new one is good from now on."""
        before, self.users[user] = self.users[user], code
        self._write_users()
        users = self.folder / "users"
        # What it has read it keeps, as long as time (in seconds) and size are the same.
        os.utime(users, (users.stat().st_atime, users.stat().st_mtime + 10))
        self.process.send(signal.SIGHUP)
        wait_until(lambda: self._takes(user, code) and not self._takes(user, before), 30, self.log)

    def _takes(self, user, code):
        """Asks Dovecot's authentication; nobody logs in, and the log says nothing of it."""
        return subprocess.run(["doveadm", "-c", str(self.folder / "dovecot.conf"), "auth", "test", user, code],
                              capture_output=True, timeout=60).returncode == 0

    def stop(self):
        self.process.kill()

    def end(self):
        """With its sessions; start() brings it back on the same ports."""
        self.process.send(signal.SIGTERM)
        self.process.wait(30)

    def number_anew(self, user):
        """Another UIDVALIDITY for INBOX. Only while it is down."""
        for path in (self.folder / "mail" / user / "Maildir").glob("dovecot*"):
            path.unlink()
        time.sleep(1.1)  # the number is the time

    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def logins(self, what="Login"):
        return [line for line in self.log().splitlines() if what in line]

    def wait_logins(self, what, count=1):
        """It tells of a log-in when the connection has ended. All there are, once it is so many."""
        return wait_until(lambda: len(self.logins(what)) >= count and self.logins(what), 60, lambda: f"{count} {what}: {self.log()[-2000:]}")

    def _context(self):
        return ssl.create_default_context(cafile=self.ca_file)

    def _answers(self, port):
        if self.process.proc.poll() is not None:
            self._spawn()  # a session of the one before had the ports a moment longer
        context = ssl._create_unverified_context()
        with socket.create_connection((self.address, port), 2) as raw, context.wrap_socket(raw) as secure:
            return secure.recv(64)

    def folder_of(self, user, name):
        """The messages there, whole."""
        client = imaplib.IMAP4_SSL(self.address, self.imaps, ssl_context=self._context())
        try:
            client.login(user, self.users[user])
            client.select(name, readonly=True)
            found = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number, "(BODY.PEEK[])")[1][0][1].decode() for number in found]
        finally:
            client.logout()

    def flags(self, user):
        """Of the messages in INBOX."""
        client = imaplib.IMAP4_SSL(self.address, self.imaps, ssl_context=self._context())
        try:
            client.login(user, self.users[user])
            client.select("INBOX", readonly=True)
            found = client.search(None, "ALL")[1][0].split()
            return [imaplib.ParseFlags(client.fetch(number, "(FLAGS)")[1][0]) for number in found]
        finally:
            client.logout()

    def capabilities(self, user):
        client = imaplib.IMAP4_SSL(self.address, self.imaps, ssl_context=self._context())
        try:
            client.login(user, self.users[user])
            return client.capability()[1][0].decode().split()
        finally:
            client.logout()

    def put(self, user, *messages):
        """New messages in INBOX, unread."""
        client = imaplib.IMAP4_SSL(self.address, self.imaps, ssl_context=self._context())
        try:
            client.login(user, self.users[user])
            for message in messages:
                client.append("INBOX", None, None, message.encode())
        finally:
            client.logout()

    @property
    def servers(self):
        return ["--imap", f"{self.address}:{self.imaps} implicit", "--smtp", f"{self.address}:{self.submissions} implicit"]

    @property
    def starttls(self):
        return ["--imap", f"{self.address}:{self.imap} starttls", "--smtp", f"{self.address}:{self.submission} starttls"]
