"""Ports for who must be told one before it listens, or comes back to it."""
import random
import socket

_draw = random.SystemRandom()


def free_port(address="127.0.0.1"):
    """Free for TCP and UDP, and below those the kernel hands out: until it is used, and while who uses it is away, no
    connection of a test beside this one takes it by chance."""
    while True:
        port = _draw.randrange(10_000, 32_000)
        try:
            with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
                tcp.bind((address, port))
                udp.bind((address, port))
                return port
        except OSError:
            pass


def free_ports(count):
    found = set()
    while len(found) < count:
        found.add(free_port())
    return list(found)
