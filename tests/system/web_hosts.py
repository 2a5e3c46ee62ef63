"""Web servers that tests start: one answer function each, HTTPS when given a certificate."""
import http.server
import ssl
import threading


class WebHost:
    """`answer(method, path, headers, body)` gives (status, headers, body). Use as a context."""

    def __init__(self, answer, certificate=None, host="127.0.0.1"):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, text = answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(text)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            do_POST = do_GET

            def handle(self):
                try:
                    super().handle()
                except OSError:
                    pass  # the client did not like the certificate

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((host, 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*map(str, certificate))
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.url = f"http{'s' if certificate else ''}://{host}:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class PolicyHost(WebHost):
    """Of MTA-STS; `policies` is {host: (status, content type, text)}, `asked` is (host, path)."""

    def __init__(self, certificate, policies, host="127.0.7.9"):
        self.asked, self.policies = [], policies
        super().__init__(self.answer, certificate, host)

    def answer(self, _method, path, headers, _body):
        host = headers["Host"].removesuffix(f":{self.port}")
        self.asked.append((host, path))
        status, kind, text = self.policies[host]
        return status, {"Content-Type": kind, "Location": "https://mta-sts.enforce.test/.well-known/mta-sts.txt"}, text


def policy(mode, mx):
    return 200, "text/plain; charset=utf-8", f"version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: 86400\r\n"


class PostHost(WebHost):
    """Takes reports below /v1: `taken` is (path, content type, body)."""

    def __init__(self, certificate, host):
        self.taken = []
        super().__init__(self.answer, certificate, host)

    def answer(self, _method, path, headers, body):
        self.taken.append((path, headers["Content-Type"], body))
        return 201 if path.startswith("/v1") else 500, {}, ""
