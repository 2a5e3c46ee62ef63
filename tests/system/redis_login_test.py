"""The user stands in `redis.url`, its password in a file beside it: engines and `config publish` use both."""
import subprocess

from harness import HONGYAN, Engine, World

CONFIG = """[engine]
id = "e1"
[redis]
url = "unix:{socket}?user=engine"
password_file = "redis.txt"
[http]
listen = "127.0.0.1:0"
"""


def test_password_of_the_file_belongs_to_the_user_of_the_url():
    with World() as w:
        w.start_redis("always", "--user", "engine", "on", ">p&ss", "~*", "&*", "+@all")
        (w.folder / "redis.txt").write_text("p&ss\n")
        engine = Engine(w, "e1", CONFIG.format(socket=w.socket)).start()
        assert engine.get("/readyz")[0] == 200
        assert "user=engine" in w.redis.call("CLIENT", "LIST")
        done = subprocess.run([HONGYAN, "config", "publish", str(w.folder / "e1.config")], capture_output=True, text=True)
        assert done.returncode == 0 and "published already" in done.stdout, done.stderr

        (w.folder / "redis.txt").write_text("wrong\n")
        done = subprocess.run([HONGYAN, "config", "publish", str(w.folder / "e1.config")], capture_output=True, text=True)
        assert done.returncode != 0 and "wrong" not in done.stdout + done.stderr.replace("WRONGPASS", ""), done.stderr
