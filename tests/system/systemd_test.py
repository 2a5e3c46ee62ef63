"""The systemd unit: accepted and found well hardened by systemd itself, and true to the program it starts."""
import configparser
import os
import re
import shutil
import signal
import socket
import subprocess

import pytest

from harness import HONGYAN, ROOT, Engine, World

UNIT = ROOT / "packaging/systemd/hongyan.service"
ANALYZE = shutil.which("systemd-analyze")


class Twice(dict):
    """A key that comes again (SystemCallFilter=) adds to the first."""
    def __setitem__(self, key, value):
        if key in self and isinstance(value, list):
            value = self[key] + value
        super().__setitem__(key, value)


@pytest.fixture(scope="module")
def service():
    unit = configparser.RawConfigParser(strict=False, dict_type=Twice)
    unit.optionxform = str
    unit.read(UNIT)
    return unit["Service"]


@pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit_and_finds_it_hardened(tmp_path):
    copy = tmp_path / "hongyan.service"
    copy.write_text(UNIT.read_text().replace("/usr/local/bin/hongyan", HONGYAN))
    done = subprocess.run([ANALYZE, "verify", "--man=no", str(copy)], capture_output=True, text=True, timeout=60)
    said = [line for line in done.stderr.splitlines() if "hongyan.service" in line]
    assert done.returncode == 0 and not said, done.stderr
    judged = subprocess.run([ANALYZE, "security", "--offline=yes", "--threshold=20", str(copy)], capture_output=True, text=True,
                            timeout=60)
    print(judged.stdout.splitlines()[-1:])
    assert judged.returncode == 0, judged.stdout[-2000:] + judged.stderr


def test_its_times_and_exit_codes_are_the_programs(service, tmp_path):
    config = tmp_path / "hongyan.toml"
    config.write_text((ROOT / "configs/hongyan.toml").read_text())
    shown = subprocess.run([HONGYAN, "config", "show", str(config), "--effective"], capture_output=True, text=True, timeout=30).stdout
    drain = re.search(r'^engine.drain_timeout = "(\d+)s"', shown, re.M)
    assert drain, shown[:500]
    assert int(service["TimeoutStopSec"]) > int(drain[1]) + 2
    assert service["RestartPreventExitStatus"].split() == ["64", "78"] and service["Restart"] == "on-failure"
    bad = tmp_path / "bad.toml"
    bad.write_text("[engine]\nwrokers = 2\n")
    words = service["ExecStart"].split()
    assert words[1:3] == ["serve", "--config"]
    assert subprocess.run([HONGYAN, *words[1:3], str(bad)], capture_output=True, timeout=30).returncode == 78


@pytest.mark.parametrize("abstract", [False, True], ids=["a path", "an abstract name"])
def test_it_is_told_when_the_engine_is_ready_and_when_it_stops(service, abstract):
    assert service["Type"] == "notify"
    with World() as w, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        name = f"hongyan-test-{os.getpid()}" if abstract else str(w.folder / "notify")
        manager.bind("\0" + name if abstract else name)
        manager.settimeout(30)
        w.start_redis()
        engine = w.engine("e1", engines=("e1",))
        engine.words = ["env", f"NOTIFY_SOCKET={'@' * abstract}{name}", *engine.words]
        engine.start(ready=False)
        assert manager.recv(100) == b"READY=1"
        engine.port = int(engine.read_line(r"ready http=(\d+)")[1])
        assert engine.get("/readyz")[0] == 200
        engine.send(signal.SIGTERM)
        assert manager.recv(100) == b"STOPPING=1"
        assert engine.wait(30) == 0
    # Nobody listens any more: an engine starts and stops all the same.
    with World() as w:
        w.start_redis()
        engine = w.engine("e1", engines=("e1",))
        engine.words = ["env", f"NOTIFY_SOCKET={name}", *engine.words]
        engine.start().send(signal.SIGTERM)
        assert engine.wait(30) == 0


def test_a_secret_comes_as_a_credential(service):
    """What LoadCredential leaves: a file of mode 0400 in a folder that only the engine may enter."""
    assert service["LoadCredential"] == "secret:/etc/hongyan/secrets"
    manual = (ROOT / "docs/INSTALL.md").read_text()
    assert 'password_file = "/run/credentials/hongyan.service/secret_redis"' in manual
    with World() as w:
        w.start_redis()
        w.redis.call("CONFIG", "SET", "requirepass", "kept-secret")
        folder = w.folder / "credentials"
        folder.mkdir(mode=0o500)
        (folder / "secret_redis").write_text("kept-secret\n")
        (folder / "secret_redis").chmod(0o400)
        text = w.config("e1", engines=("e1",)).replace("[dns]", f'password_file = "{folder}/secret_redis"\n[dns]', 1)
        engine = Engine(w, "e1", text).start()
        assert engine.get("/readyz")[0] == 200 and "kept-secret" not in engine.log()
