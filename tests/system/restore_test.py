"""Back-up, restore, and Redis lost for good, by the very commands of docs/OPERATIONS.md: what is kept, what is not, and
that nobody is written to twice by surprise."""
import json
import os
import re
import shutil
import signal
import subprocess
import time

from harness import HONGYAN, ROOT, World, addresses, wait_until
from patient import PATIENT

MANUAL = (ROOT / "docs/OPERATIONS.md").read_text()
SLOW = "connections = 2\nmessages_per_connection = 0\nrates = []"


class Site:
    """An engine that sends, and an operator who types what the manual says."""

    def __init__(self, w, prepaid=False):
        self.w = w
        self.backup = w.folder / "backup"
        self.backup.mkdir()
        w.start_redis("everysec")
        self.sink = w.start_sink(profile='latency = "10ms"')
        self.engine = w.start_engine("e1", routes=[("*", self.sink)], engines=("e1",), other=SLOW, prepaid=prepaid,
                                     **(PATIENT | {"lease": "15s"}))

    def shell(self, *lines, code=0, **variables):
        """Lines that stand in the manual, run by a shell with these variables."""
        for line in lines:
            assert f"    {line}\n" in MANUAL, f"not in the manual: {line}"
        environment = {"PATH": f"{self.w.folder}:{os.environ['PATH']}", "HONGYAN_REDIS": f"unix:{self.w.socket}",
                       "REDIS": f"-s {self.w.socket}", "BACKUP": str(self.backup), "LC_ALL": "C.UTF-8",
                       "LOG": str(self.engine.err_path), **{k: str(v) for k, v in variables.items()}}
        if not (self.w.folder / "hongyan").exists():
            (self.w.folder / "hongyan").symlink_to(HONGYAN)
        done = subprocess.run(["bash", "-euc", "\n".join(lines)], env=environment, cwd=self.backup, capture_output=True,
                              text=True, timeout=120)
        assert done.returncode == code, (lines, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def back_up(self):
        self.shell('redis-cli $REDIS --rdb $BACKUP/dump.rdb',
                   'hongyan bill --format csv > $BACKUP/bill.csv',
                   'hongyan suppress export --tenant $TENANT > $BACKUP/suppressed-$TENANT.csv',
                   'hongyan balance show --json > $BACKUP/balances.json', TENANT="acme")

    def lose_redis(self):
        self.w.kill_redis()
        shutil.rmtree(self.w.folder / "redis")
        (self.w.folder / "redis").mkdir()

    def restore(self):
        """Redis from the copy: without the append-only file, which is written anew."""
        w = self.w
        shutil.copy(self.backup / "dump.rdb", w.folder / "redis" / "dump.rdb")
        usual = w._redis_words
        w._redis_words = [word if word != "yes" or usual[at - 1] != "--appendonly" else "no"
                          for at, word in enumerate(usual)]
        w.restart_redis()
        w._redis_words = usual

    def durable_again(self):
        self.shell('redis-cli $REDIS CONFIG SET appendonly yes',
                   'until redis-cli $REDIS INFO persistence | grep -q aof_rewrite_in_progress:0; do sleep 1; done')
        # The usual settings from now on, and everything is still there.
        jobs = self.w.redis.call("ZCARD", "hongyan:index")
        self.w.redis_process.send(signal.SIGTERM)
        self.w.redis_process.wait(60)
        self.w.restart_redis()
        assert self.w.redis.call("ZCARD", "hongyan:index") == jobs

    def reached(self, job):
        """Whom the engines' logs say the job has reached, or may have."""
        self.shell("""sed -nE "s/.* outcome job=$JOB .* to=([^ ]+) outcome=(delivered|in_doubt) .*/\\1/p" $LOG | sort -u > reached-$JOB""",
                   JOB=job)
        return (self.backup / f"reached-{job}").read_text().split()


def test_a_backup_taken_while_a_job_runs_is_restored():
    with World() as w:
        site = Site(w)
        early = addresses(30, "early")
        w.submit("early", early)
        w.wait_ended("early")
        w.redis.call("HSET", "hongyan:{acme}:suppressed", "no@x.example", "1 unsubscribe test")
        people = addresses(6000)
        w.submit("spring", people)
        w.wait_job("spring", lambda j: j.get("delivered", 0) > 200)
        site.back_up()
        backed_up, at_copy = w.job("early")["delivered"], w.job("spring")["delivered"]
        # The world goes on: the job, and one that the copy does not know.
        w.submit("later", addresses(40, "later"))
        w.wait_ended("later")
        w.wait_job("spring", lambda j: j["delivered"] > at_copy + 300)
        # Redis' disk is gone. An engine that is told to stop keeps what it knows in its log.
        site.lose_redis()
        wait_until(lambda: site.engine.get("/readyz")[0] == 503, 60, "it is not ready")
        site.engine.send(signal.SIGTERM)
        assert site.engine.wait(90) == 0  # Redis keeps nobody from ending
        site.restore()
        site.shell("hongyan hold --reason 'Redis restored from a backup'")
        site.durable_again()
        site.engine.start()
        sent = len(site.sink.records())
        time.sleep(2)
        assert len(site.sink.records()) == sent, "nothing leaves before somebody has looked"
        wait_until(lambda: "warning: sending is held" in site.engine.get("/readyz")[1], 30, "it says so")
        # What ended before the copy is as it was: its ledger, its bill, and its reports.
        assert w.job("early")["delivered"] == backed_up == w.ledger("early") == 30
        assert w.redis.call("HGET", "hongyan:{acme}:suppressed", "no@x.example")
        bill = (site.backup / "bill.csv").read_text().splitlines()
        assert len(bill) == 2 and int(bill[1].split(",")[4]) >= 30
        # What ran is older than the world: it is ended, and its rest is a new job.
        assert "spring" in site.shell("hongyan list --state running") and w.job("spring")["delivered"] <= at_copy
        site.shell("hongyan cancel $JOB --reason 'ran on after the backup'", JOB="spring")
        w.wait_ended("spring")
        reached = site.reached("spring")
        copies = site.sink.copies()
        assert {one for one in copies if one.startswith("user")} <= set(reached) <= set(people)
        site.shell("hongyan report $JOB --state cancelled --format csv > cancelled-$JOB.csv",
                   "head -1 cancelled-$JOB.csv > rest-$JOB.csv",
                   "tail -n +2 cancelled-$JOB.csv | grep -vwFf reached-$JOB >> rest-$JOB.csv || true", JOB="spring")
        # A job that the copy does not know is not in `list`, but in the log.
        assert not w.job("later")
        known = site.shell("""sed -nE "s/.* outcome job=([^ ]+) .*/\\1/p" $LOG | sort | uniq -c""")
        assert re.search(r"40 later\n", known), known
        site.shell("hongyan hold --release")
        (site.backup / "rest.toml").write_text(
            'id = "spring-rest"\ntenant = "acme"\nchannel = "quality"\nsubject = "Hello"\ntext = "A message.\\n"\n'
            '[from]\naddress = "news@acme.example"\n')
        subprocess.run([HONGYAN, "submit", str(site.backup / "rest.toml"), "--recipients", str(site.backup / "rest-spring.csv"),
                        "--redis", f"unix:{w.socket}"], check=True, capture_output=True, timeout=60)
        w.wait_ended("spring-rest", 300)
        # Everybody has got it, nobody twice; the cancelled job has sent nothing since.
        copies = site.sink.copies()
        missed = [one for one in people if not copies[one]]
        assert len(missed) <= w.job("spring")["in_doubt"] + 2, missed
        assert max(copies.values()) == 1
        assert w.ledger("spring-rest") == w.job("spring-rest")["delivered"]
        print("reached", len(reached), "rest", w.job("spring-rest")["delivered"], "missed", len(missed))


def test_an_engine_that_lives_through_a_restore_holds_and_starts_anew():
    with World() as w:
        site = Site(w)
        people = addresses(6000)
        w.submit("spring", people)
        w.wait_job("spring", lambda j: j.get("delivered", 0) > 100)
        site.back_up()
        # More than a crash of Redis can lose.
        time.sleep(12)
        assert w.job("spring")["state"] == "running", "make the job longer"
        site.lose_redis()
        site.restore()
        # It sees that Redis has gone back, holds everybody, and ends to be started anew.
        assert site.engine.wait(90) == 75
        log = site.engine.log()
        assert "error redis-went-back" in log and "fatal cannot-go-on" in log, log[-2000:]
        hold = json.loads(w.redis.call("GET", "hongyan:hold"))
        assert hold["actor"] == "engine e1" and "Redis came back and is that of" in hold["reason"], hold
        sent = len(site.sink.records())
        site.engine.start()
        time.sleep(2)
        assert len(site.sink.records()) == sent
        wait_until(lambda: "warning: sending is held" in site.engine.get("/readyz")[1], 30, "it says so")
        assert max(site.sink.copies().values()) == 1


def test_redis_lost_without_a_copy():
    with World() as w:
        site = Site(w, prepaid=True)
        site.shell("hongyan balance top-up $TENANT $AMOUNT --ref $REF", TENANT="acme", AMOUNT="50", REF="invoice-1")
        w.redis.call("HSET", "hongyan:{acme}:suppressed", "no@x.example", "1 unsubscribe test")
        people = addresses(6000) + ["no@x.example"]
        w.submit("spring", people)
        w.wait_job("spring", lambda j: j.get("delivered", 0) > 200)
        site.back_up()  # the exports; the copy itself is lost with the disk
        (site.backup / "dump.rdb").unlink()
        old_secret = w.redis.call_bytes("GET", "hongyan:secret")
        site.lose_redis()
        wait_until(lambda: site.engine.get("/readyz")[0] == 503, 60, "it is not ready")
        assert site.engine.proc.poll() is None, "it waits for Redis and keeps what it knows"
        w.restart_redis()
        # An empty one is not taken for the old one.
        assert site.engine.wait(90) == 75
        assert "knows nothing of this engine" in site.engine.log()
        assert w.redis.call("EXISTS", "hongyan:hold") == 1
        site.engine.start()
        assert w.redis.call_bytes("GET", "hongyan:secret") != old_secret
        site.shell("hongyan suppress import $BACKUP/suppressed-$TENANT.csv --tenant $TENANT", TENANT="acme")
        site.shell("hongyan balance top-up $TENANT $AMOUNT --ref $REF", TENANT="acme", AMOUNT="48", REF="opening-2026-11-21")
        reached = site.reached("spring")
        assert set(site.sink.copies()) <= set(reached)
        # The submitters have their lists; what the log says is taken out of them.
        w.submit("spring-rest", [one for one in people if one not in set(reached)])
        w.wait_job("spring-rest", lambda j: j.get("state") == "running")
        assert len(site.sink.records()) <= len(reached)
        site.shell("hongyan hold --release")
        w.wait_ended("spring-rest", 300)
        job = w.job("spring-rest")
        assert job["suppressed"] == 1 and job["delivered"] == len(people) - 1 - len(reached), job
        copies = site.sink.copies()
        assert max(copies.values()) == 1 and not copies["no@x.example"]
        assert w.ledger("spring-rest") == job["delivered"]
