"""A Redis client of the size a test needs: RESP2 over a Unix socket, one call at a time."""
import socket


class RedisError(Exception):
    pass


class Redis:
    def __init__(self, path, timeout=60):
        self.path, self.timeout, self.socket, self.file = path, timeout, None, None

    def close(self):
        if self.socket:
            self.file.close()
            self.socket.close()
        self.socket = self.file = None

    def call(self, *words):
        return _text(self.call_bytes(*words))

    def call_bytes(self, *words):
        if not self.socket:
            fresh = socket.socket(socket.AF_UNIX)
            fresh.settimeout(self.timeout)
            fresh.connect(self.path)
            self.socket, self.file = fresh, fresh.makefile("rb")
        parts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        try:
            self.socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
            reply = self._read()
        except OSError:
            self.close()
            raise
        if isinstance(reply, RedisError):
            raise reply
        return reply

    def _read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("Redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b"-":
            return RedisError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            if rest == b"-1":
                return None
            return self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self._read() for _ in range(int(rest))]
        raise RedisError(f"not RESP: {line!r}")


def _text(reply):
    if isinstance(reply, bytes):
        return reply.decode(errors="surrogateescape")
    if isinstance(reply, list):
        return [_text(one) for one in reply]
    return reply
