"""Receivers that misbehave, a thread each; for system tests only."""
import itertools
import socket
import threading
import time


class Hostile:
    """Listens on a loopback address, its own lane; `behave(connection)` gets each accepted socket."""

    def __init__(self, behave, host="127.0.0.1"):
        self.host = host
        self.listener = socket.create_server((host, 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.behave = behave
        self.connections = 0
        self.stopping = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self.stopping:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.settimeout(30)
        try:
            self.behave(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def stop(self):
        self.stopping = True
        self.listener.close()


def dialogue(connection, answers):
    """A dialogue that gives `answers[verb]` (bytes, or a function of the connection) and else agrees."""
    file = connection.makefile("rb")

    def give(answer):
        if callable(answer):
            return answer(connection)
        connection.sendall(answer)
        return None
    if "greeting" in answers:
        give(answers["greeting"])
    else:
        connection.sendall(b"220 hostile\r\n")
    for line in file:
        verb = line[:4].upper().strip().decode(errors="replace")
        if verb == "DATA":
            if "DATA" in answers:
                give(answers["DATA"])
                continue
            connection.sendall(b"354 go\r\n")
            for row in file:
                if row == b".\r\n":
                    break
            give(answers.get("CONTENT", b"250 2.0.0 kept\r\n"))
        elif verb == "QUIT":
            connection.sendall(b"221 bye\r\n")
            return
        else:
            give(answers.get(verb, b"250 fine\r\n"))


def stall(_):
    time.sleep(25)


def close(connection):
    connection.shutdown(socket.SHUT_RDWR)
    raise OSError("closed on purpose")


def endless(connection):
    block = b"250-" + b"x" * 65536
    for _ in range(2000):
        connection.sendall(block)


def endless_lines(connection):
    for _ in range(20000):
        connection.sendall(b"250-and so on\r\n" * 100)


def always_421(connection):
    connection.sendall(b"421 4.3.2 not today\r\n")


def random_bytes(rng):
    """Noise for the greeting: each connection another."""
    numbers = itertools.count()
    lock = threading.Lock()

    def behave(connection):
        with lock:
            next(numbers)
            noise = rng.randbytes(3000)
        connection.sendall(noise)
        connection.recv(4096)
        connection.sendall(noise)
    return behave
