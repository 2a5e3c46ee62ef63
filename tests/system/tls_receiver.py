"""A receiver with TLS, and certificates for it: right, self-signed, expired, of another name. For system tests only."""
import base64
import socket
import socketserver
import ssl
import subprocess
import threading


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


class Certificates:
    """A root of ours and leaves below it, in a folder. Names are IP addresses too: routes may lead to literals."""

    def __init__(self, folder):
        self.folder = folder
        self.root = folder / "root.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Test Root", "-keyout",
                str(folder / "root.key"), "-out", str(self.root))

    def leaf(self, name, names, start="20200101000000Z", end="20400101000000Z", signed=True):
        key, request, out, ext = (self.folder / f"{name}.{end}" for end in ("key", "csr", "pem", "ext"))
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(request))
        ext.write_text(f"subjectAltName={names}\n")
        index = self.folder / f"{name}-ca"
        index.mkdir()
        (index / "index.txt").write_text("")
        (index / "serial").write_text("01\n")
        config = index / "ca.cnf"
        config.write_text(f"[ca]\ndefault_ca=d\n[d]\ndatabase={index}/index.txt\nserial={index}/serial\nnew_certs_dir={index}\n"
                          "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
        signer = ["-cert", str(self.root), "-keyfile", str(self.folder / "root.key")] if signed else \
                 ["-selfsign", "-keyfile", str(key)]
        openssl("ca", "-batch", "-config", str(config), *signer, "-in", str(request), "-out", str(out), "-startdate", start,
                "-enddate", end, "-extfile", str(ext), "-notext")
        return out, key


class Receiver:
    """Speaks just enough SMTP with STARTTLS and AUTH. `log` is what was asked, in order; `users` is {name: password}.

    `implicit`: TLS from the first byte. `spoil(socket)` is called in place of the handshake that STARTTLS asked for.
    `answers[verb](socket)` is called before a command is answered; b"" from it: close, bytes: the answer."""

    def __init__(self, certificate=None, host="127.0.0.1", users=None, mechanisms="PLAIN LOGIN", starttls=True,
                 inject=b"", port=0, implicit=False, spoil=None, answers=None):
        self.log, self.accepted, self.logins, self.resumed, self.handshakes = [], [], [], 0, 0
        self.connections, self.lock = 0, threading.Lock()
        self.implicit, self.spoil, self.answers = implicit, spoil, answers or {}
        self.users, self.mechanisms, self.starttls, self.inject = users, mechanisms, starttls, inject
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*map(str, certificate))
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    outer.serve(self.request)
                except (OSError, ValueError):
                    pass

        family = socketserver.ThreadingTCPServer
        family.allow_reuse_address = True
        if ":" in host:
            class family(socketserver.ThreadingTCPServer):  # noqa: N801
                address_family = socket.AF_INET6
        self.server = family((host, port), Handler)
        self.server.daemon_threads = True
        self.host, self.port = self.server.server_address[:2]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def serve(self, sock):
        with self.lock:
            self.connections += 1
        secure, authenticated = self.implicit, False
        if self.implicit:
            sock = self.context.wrap_socket(sock, server_side=True)
        file = sock.makefile("rb")

        def say(*lines):
            sock.sendall("".join(line + "\r\n" for line in lines).encode())
        say("220 test receiver")
        while line := file.readline():
            text = line.decode(errors="replace").strip()
            verb = text.split(" ")[0].upper()
            with self.lock:
                self.log.append((verb, secure, text))
            if verb in self.answers:
                answer = self.answers[verb](sock)
                if answer == b"":
                    return
                if answer:
                    sock.sendall(answer)
                    continue
            if verb in ("EHLO", "HELO"):
                offers = ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"]
                if self.context and self.starttls and not secure:
                    offers.append("STARTTLS")
                if self.users is not None:
                    offers.append("AUTH " + self.mechanisms)
                say("250-test", *["250-" + offer for offer in offers[:-1]], "250 " + offers[-1])
            elif verb == "STARTTLS":
                sock.sendall(b"220 go\r\n" + self.inject)
                if self.spoil:
                    self.spoil(sock)
                    return
                sock = self.context.wrap_socket(sock, server_side=True)
                file, secure = sock.makefile("rb"), True
                with self.lock:
                    self.handshakes += 1
                    self.resumed += sock.session_reused
            elif verb == "AUTH":
                words = text.split(" ")
                if words[1].upper() == "PLAIN":
                    _, user, password = base64.b64decode(words[2]).decode().split("\0")
                else:
                    say("334 " + base64.b64encode(b"Username:").decode())
                    user = base64.b64decode(file.readline()).decode()
                    say("334 " + base64.b64encode(b"Password:").decode())
                    password = base64.b64decode(file.readline()).decode()
                with self.lock:
                    self.logins.append((words[1].upper(), user, secure))
                authenticated = self.users.get(user) == password
                say("235 2.7.0 welcome" if authenticated else "535 5.7.8 wrong user name or password")
            elif verb == "MAIL" and self.users is not None and not authenticated:
                say("530 5.7.0 log in first")
            elif verb == "RCPT":
                recipient = text[text.index("<") + 1:text.index(">")]
                say("250 2.1.5 fine")
            elif verb == "DATA":
                say("354 go")
                while file.readline() not in (b".\r\n", b""):
                    pass
                with self.lock:
                    self.accepted.append((recipient, secure))
                say("250 2.0.0 kept")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 2.0.0 fine")
