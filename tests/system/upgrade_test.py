"""Engines are replaced one by one while they send: by the next revision of the functions, by the next layout of
their names, and back (docs/OPERATIONS.md, Upgrade). Nobody is lost, nobody gets two."""
import os
import pathlib
import re
import signal
import subprocess

import pytest

from harness import HONGYAN, ROOT, World, addresses, wait_until
from patient import PATIENT

NEXT = os.environ.get("HONGYAN_NEXT", str(ROOT / "build/dev/tests/upgrade/hongyan_next"))
PEOPLE = 20_000
CONNECTIONS = 4
ENGINES = ("e1", "e2")


def next_layout(folder):
    """Today's program, with every name of the library that of the layout that follows."""
    text = pathlib.Path(HONGYAN).read_bytes()
    text, libraries = re.subn(rb"hongyan1", b"hongyan2", text)
    text, functions = re.subn(rb"(?<![A-Za-z0-9_])h1_(?=[a-z])", b"h2_", text)
    assert libraries and functions > 50, (libraries, functions)
    path = folder / "hongyan-layout-2"
    path.write_bytes(text)
    path.chmod(0o755)
    return str(path)


class Rolling:
    """Two engines under load."""

    def __init__(self, w):
        self.w = w
        w.start_redis("everysec", "--slowlog-log-slower-than", "0", "--slowlog-max-len", "3000")
        self.sink = w.start_sink(profile='latency = "20ms"')
        options = dict(PATIENT, routes=[("*", self.sink)], lease="300s", expiry="600s",
                       other=f"connections = {CONNECTIONS}\nmessages_per_connection = 0\nrates = []")
        self.engines = {name: w.start_engine(name, **options) for name in ENGINES}
        self.people = addresses(PEOPLE)
        w.submit("roll", self.people)
        self.goes_on("e1")
        self.goes_on("e2")

    def goes_on(self, name):
        """This engine sends, and well."""
        engine = self.engines[name]
        before = engine.log().count("outcome=delivered")
        wait_until(lambda: engine.log().count("outcome=delivered") > before + 200, 120,
                   lambda: f"{name} sends: {engine.log()[-1000:]}")
        assert self.w.job("roll")["state"] == "running", "the job was over before the last step: make it longer"

    def drain(self, name):
        self.engines[name].send(signal.SIGTERM)
        assert self.engines[name].wait(60) == 0, self.engines[name].log()[-2000:]

    def replace(self, name, program):
        self.drain(name)
        self.engines[name].words[0] = program
        self.engines[name].start()
        self.goes_on(name)

    def libraries(self):
        listed = self.w.redis.call("FUNCTION", "LIST")
        return sorted(dict(zip(one[::2], one[1::2]))["library_name"] for one in listed)

    def revision(self):
        return self.w.redis.call("FCALL", "hongyan1_revision", "0")

    def called(self):
        """First letters of the functions called now, by all; but for the one that tells the revision."""
        self.w.redis.call("SLOWLOG", "RESET")
        wait_until(lambda: self.w.redis.call("SLOWLOG", "LEN") > 2500, 60, "calls")
        calls = [entry[3] for entry in self.w.redis.call("SLOWLOG", "GET", "3000")]
        return {words[1][:3] for words in calls if words[0].upper() == "FCALL" and not words[1].endswith("_revision")}

    def account(self):
        self.w.wait_ended("roll", 400)
        job = self.w.check_books("roll", [self.sink], self.people)
        assert job["state"] == "done" and job["delivered"] == PEOPLE and job.get("doubted", 0) == 0, job
        assert max(self.sink.copies().values()) == 1
        for name, engine in self.engines.items():
            trouble = re.findall(r"^.* (?:error|fatal|panic) .*$", engine.log(), re.M)
            assert not trouble, (name, trouble[:3])


@pytest.fixture
def world():
    with World() as w:
        yield w


@pytest.mark.skipif(not os.path.exists(NEXT), reason="hongyan_next is not built (cmake --build --preset dev)")
def test_the_next_revision_and_back(world):
    roll = Rolling(world)
    today = roll.revision()
    roll.replace("e1", NEXT)
    # The newer text is loaded and the older engine goes on with it.
    assert roll.revision() == today + 1 and roll.libraries() == ["hongyan1"]
    roll.goes_on("e2")
    # Nobody steps back by accident: not even while the newer engine is away for a moment.
    refused = world.engine("e3", engines=("e1", "e2")).spawn()
    assert refused.wait(60) == 78
    assert f"revision {today + 1} of library hongyan1" in refused.log() and "run the newer program" in refused.log()
    roll.replace("e2", NEXT)
    roll.goes_on("e1")
    # Back, by the documented way: no engine runs while the functions are exchanged.
    roll.drain("e1")
    roll.drain("e2")
    assert subprocess.run(["redis-cli", "-s", world.socket, "FUNCTION", "DELETE", "hongyan1"],
                          capture_output=True, text=True).stdout.strip() == "OK"
    for name in ENGINES:
        roll.engines[name].words[0] = HONGYAN
        roll.engines[name].start()
    assert roll.revision() == today
    roll.goes_on("e1")
    roll.goes_on("e2")
    roll.account()


def test_the_next_layout_and_back(world):
    other = next_layout(world.folder)
    roll = Rolling(world)
    assert roll.libraries() == ["hongyan1"] and roll.called() == {"h1_"}
    roll.replace("e1", other)
    # Side by side: each engine calls its own, on the same jobs.
    assert roll.libraries() == ["hongyan1", "hongyan2"]
    assert roll.called() == {"h1_", "h2_"}
    roll.goes_on("e2")
    roll.replace("e2", other)
    assert roll.libraries() == ["hongyan1", "hongyan2"] and roll.called() == {"h2_"}
    # Back: the previous library is still there, so it takes nothing but the program.
    roll.replace("e1", HONGYAN)
    assert roll.called() == {"h1_", "h2_"}
    roll.replace("e2", HONGYAN)
    assert roll.called() == {"h1_"}
    roll.account()
