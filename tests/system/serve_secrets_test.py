"""`hongyan serve` with a vault: its memory and its environment are nobody's but its own."""
import os
import resource
import signal

import pytest

import harness
from harness import Engine, World
from vault_test import Key


def ends_with_core(engine):
    """Whether the kernel wrote a core dump when it died of a signal that asks for one."""
    os.kill(engine.proc.pid, signal.SIGABRT)
    _, status = os.waitpid(engine.proc.pid, 0)
    engine.proc.returncode = -signal.SIGABRT
    assert os.WIFSIGNALED(status)
    return os.WCOREDUMP(status)


@pytest.fixture
def dumps_in_a_folder(tmp_path, monkeypatch):
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == 0:
        pytest.skip("core dumps are forbidden here")
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    monkeypatch.setattr(harness, "HONGYAN", os.path.abspath(harness.HONGYAN))
    monkeypatch.chdir(tmp_path)
    yield
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def test_an_engine_with_a_vault_leaves_no_core_dump(dumps_in_a_folder, monkeypatch):
    with World() as w:
        w.start_redis()
        plain = Engine(w, "plain", w.config("plain")).start()
        if not ends_with_core(plain):
            pytest.skip("the kernel writes no core dumps here")
        key = w.folder / "vault.key"
        assert os.spawnv(os.P_WAIT, harness.HONGYAN, [harness.HONGYAN, "vault", "keygen", "--out", str(key)]) == 0
        text = Key.of_file(key).text
        by_file = Engine(w, "plain", w.config("plain", extra=f'[vault]\nkey_file = "{key}"\n')).start()
        assert not ends_with_core(by_file)
        monkeypatch.setenv("HONGYAN_VAULT_KEY", text)
        by_environment = Engine(w, "plain", w.config("plain")).start()
        with open(f"/proc/{by_environment.proc.pid}/environ", "rb") as environment:
            shown = environment.read()
        assert b"HONGYAN_VAULT_KEY" in shown and text.encode() not in shown
        assert not ends_with_core(by_environment)


def test_a_bad_key_in_the_environment_is_a_bad_configuration(monkeypatch):
    with World() as w:
        w.start_redis()
        monkeypatch.setenv("HONGYAN_VAULT_KEY", "hunter2hunter2")
        engine = Engine(w, "e1", w.config("e1")).spawn()
        assert engine.wait(30) == 78
        assert "HONGYAN_VAULT_KEY is no key" in engine.log() and "hunter2" not in engine.log()
