"""The producers of examples/ put a job on the queue that is sent."""
import os
import shutil
import subprocess

import pytest

from harness import ROOT, World

PRODUCERS = {"python3": ["python3", "producer.py"], "node": ["node", "producer.js"],
             "go": ["go", "run", "producer.go"], "redis-cli": ["sh", "producer.sh"]}


@pytest.mark.parametrize("runtime", PRODUCERS)
def test_producer(runtime):
    if not shutil.which(runtime):
        pytest.skip(f"no {runtime} here")
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine(routes=[("*", sink)], engines=("e1",))
        environment = dict(os.environ, HONGYAN_REDIS=w.socket, HONGYAN_JOB="hello",
                           GOCACHE=os.environ.get("GOCACHE", str(w.folder / "go")), GOTOOLCHAIN="local")
        done = subprocess.run(PRODUCERS[runtime], cwd=ROOT / "examples/producers", env=environment,
                              capture_output=True, timeout=200, text=True)
        assert done.returncode == 0, done.stderr
        w.wait_ended("hello")
        job = w.check_books("hello", [sink], ["li@acme.example"])
        assert job["delivered"] == 1
