"""For tests that are not about leases, time-outs or expiry: a process that gets no turn for some seconds changes nothing.

    engine = w.start_engine("e1", routes=[("*", sink)], **PATIENT)
    engine = start_with_dns(w, engines=("e1",), dns=f'servers = ["{server}"]')"""
import random
import socket

LIMITS = ("connect", "greeting", "command", "data_start", "content_block", "content_end")
PATIENT = dict(lease="60s", expiry="300s", timeouts="\n".join(f'{name} = "60s"' for name in LIMITS))


def start_with_dns(w, name="e1", **options):
    """An engine that waits for its name server: the harness' 300 ms are for one that is not there."""
    engine = w.engine(name, **(PATIENT | options))
    path = w.folder / f"{name}.config"
    text = path.read_text()
    assert text.count('timeout = "300ms"\n') == 1, text
    path.write_text(text.replace('timeout = "300ms"\n', 'timeout = "5s"\n'))
    return engine.start()


def free_ports(count=1, kind=socket.SOCK_STREAM):
    """Ports of 127.0.0.1 where nobody listens, below those that the kernel hands out: until they are used, and while who
    uses them is away, nobody gets one by chance."""
    found = []
    while len(found) < count:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found
