"""A person at a terminal."""
import os
import pty

from harness import wait_until


def typed(words, keys, env=None):
    """Runs the command, waits for its prompt, types: what the terminal showed, and the exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(words[0], words, env or os.environ)
    shown = b""

    def look():
        nonlocal shown
        try:
            shown += os.read(terminal, 4096)
        except OSError:
            return True
        return shown.endswith(b": ")
    wait_until(look, 30, lambda: shown)
    assert keys not in open(f"/proc/{pid}/cmdline", "rb").read()
    os.write(terminal, keys[:-1])
    os.write(terminal, keys[-1:])
    while True:
        try:
            more = os.read(terminal, 4096)
        except OSError:
            more = b""
        if not more:
            break
        shown += more
    return shown, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
