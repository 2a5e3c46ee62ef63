"""Follow-up plans: each contact gets each step once, until he answers, leaves, bounces or the plan ends."""
import collections
import json
import os
import subprocess
import time

from events_test import check
from harness import HONGYAN, World, addresses, wait_until
from inbound_test import FEEDBACK, send
from pages import CHANNEL, PUBLIC, ask, messages, path_in, port_of
from patient import PATIENT

INBOUND = f'[inbound]\nlisten = "127.0.0.1:0"\nhost = "in.acme.example"\naddresses = ["{FEEDBACK}"]\n'


def plan_toml(steps=3, delay="2s", more=""):
    text = f'id = "welcome"\ntenant = "acme"\nreply_to = "li@acme.example"\n{more}\n[from]\naddress = "news@acme.example"\n'
    for step in range(1, steps + 1):
        text += (f'[[steps]]\ndelay = "{"0s" if step == 1 else delay}"\nsubject = "Step {step} for {{{{ name }}}}"\n'
                 f'text = "This is mail {step}."\n')
    return text


class Plans(World):
    def __enter__(self):
        super().__enter__()
        self.start_redis()
        self.sink = self.start_sink(out=True)
        return self

    def start(self, name="e1", **options):
        return self.start_engine(name, routes=[("*", self.sink)], **(PATIENT | options))

    def plan(self, *words, stdin="", code=0):
        env = dict(os.environ, HONGYAN_REDIS=f"unix:{self.socket}")
        done = subprocess.run([HONGYAN, "plan", *words, "--json"], input=stdin, env=env, capture_output=True, text=True, timeout=120)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def create(self, *steps, op="create", code=0, **more):
        (self.folder / "plan.toml").write_text(plan_toml(*steps, **more))
        return self.plan(op, str(self.folder / "plan.toml"), code=code)

    def add(self, people, tz=""):
        lines = "".join(json.dumps({"to": to, "vars": {"name": to.split("@")[0], **({"tz": tz} if tz else {})}}) + "\n"
                        for to in people)
        return self.plan("add", "welcome", "--contacts", "-", stdin=lines)[0]

    def show(self):
        shown = self.plan("show", "welcome")[0]
        assert shown["contacts"] == sum(shown[name] for name in ("waiting", "sending", "done", "stopped")), shown
        assert shown["stopped"] == sum(shown["stopped_for"].values()), shown
        return shown

    def rows(self):
        return {row["contact"]: row for row in self.plan("report", "welcome")}

    def wait_over(self, seconds=120):
        return wait_until(lambda: (s := self.show())["done"] + s["stopped"] == s["contacts"] and s, seconds,
                          lambda: f"the plan is over: {self.show()}")

    def got(self):
        """{recipient: [steps he got, in order]}"""
        found = collections.defaultdict(list)
        for path in self.sink.out.rglob("*.eml"):
            text = path.read_text(errors="replace")
            if "This is mail " not in text:  # still being written
                continue
            to = next(line[4:].strip() for line in text.splitlines() if line.startswith("To: "))
            found[to].append(int(text.split("This is mail ")[1][0]))
        return {to: sorted(steps) for to, steps in found.items()}

    def order(self, op, **fields):
        words = [word for pair in fields.items() for word in pair]
        self.redis.call("XADD", "hongyan:control", "*", "op", op, *words)


def test_everybody_gets_each_step_once():
    with Plans() as w:
        w.start(engines=("e1",))
        w.create()
        assert w.create()[0]["done"] == "same"
        people = addresses(20)
        assert w.add(people)["added"] == 20
        again = w.add(people + ["no address"])
        assert (again["added"], again["known"], again["refused"]) == (0, 20, 1), again
        shown = w.wait_over()
        assert shown["done"] == 20 and shown["steps"] == [
            {"step": n, "sent": 20, "delivered": 20, "failed": 0} for n in (1, 2, 3)], shown
        assert w.got() == {to: [1, 2, 3] for to in people}
        assert "Subject: Step 2 for" in "".join(p.read_text() for p in w.sink.out.rglob("*.eml"))
        steps = w.events("plan.step")
        for event in steps:
            check(event)
        assert {e["data"]["step"] for e in steps} == {1, 2, 3}
        assert sum(e["data"]["contacts"] for e in steps) == 60
        assert [row["plan"] for row in w.plan("list")] == ["welcome"]


def test_who_answers_leaves_or_bounces_gets_no_more():
    with Plans() as w:
        engine = w.start(engines=("e1",), channel=CHANNEL, extra=PUBLIC + INBOUND)
        w.create(3, "20s")
        people = addresses(7)
        bad = "bounce-550-5.1.1@x.example"
        w.add(people + [bad])
        wait_until(lambda: all(w.got().get(to) == [1] for to in people), 60, "all have step 1")
        # Who writes back must not have to be faster than the second step.
        w.plan("pause", "welcome")
        w.wait_ended(w.events("plan.step")[0]["job"])
        mails = messages(w.sink)
        # Somebody writes to the bound mailbox of the sender; another answers from another address of his.
        events = [("li@corp.example", {"from": f"Somebody <{people[0].upper()}>", "in_reply_to": ""}),
                  ("li@corp.example", {"from": "private@home.example", "in_reply_to": mails[people[1]]["Message-ID"].strip("<>")}),
                  ("li@corp.example", {"from": people[6], "in_reply_to": "", "from_machine": True})]
        for mailbox, fields in events:
            data = {"mailbox": mailbox, "uid": 1, "subject": "Re: Step 1", "message_id": "<1@x>", **fields}
            w.redis.call("FCALL", "h1_publish", 2, "hongyan:events", "hongyan:{hongyan:events}:numbers", 1000000, "", 0,
                         "mailbox.message", int(time.time() * 1000), "acme", json.dumps(data))
        w.order("plan.reply", tenant="acme", contact=people[2])
        assert ask(port_of(engine), "POST", path_in(mails[people[3]]), "List-Unsubscribe=One-Click")[0] == 200
        subprocess.run([HONGYAN, "suppress", "add", people[4], "--tenant", "acme", "--redis", f"unix:{w.socket}"], check=True,
                       stdout=subprocess.DEVNULL)
        # Who answers where only reports are read is told so, but is heard.
        answer = f"From: {people[5]}\r\nSubject: Re: Step 1\r\nIn-Reply-To: {mails[people[5]]['Message-ID']}\r\n\r\nWhat does it cost?\r\n"
        assert send(engine, FEEDBACK, answer.encode(), people[5])[0] == 550
        # Who is suppressed by hand is found when his step is due.
        wait_until(lambda: w.show()["stopped"] == 6, 60, lambda: f"six are stopped: {w.rows()}")
        assert all(w.got()[to] == [1] for to in people), w.got()
        w.plan("resume", "welcome")
        w.wait_over()
        reasons = {to: row["reason"] for to, row in w.rows().items()}
        assert reasons == {people[0]: "reply", people[1]: "reply", people[2]: "reply", people[3]: "unsubscribe",
                           people[4]: "suppression", people[5]: "reply", people[6]: "", bad: "bounce"}, reasons
        got = w.got()
        assert [got[to] for to in people] == [[1]] * 6 + [[1, 2, 3]], got
        stopped = w.events("plan.contact-stopped")
        for event in stopped:
            check(event)
        assert collections.Counter(e["data"]["reason"] for e in stopped) == {"reply": 4, "unsubscribe": 1, "suppression": 1,
                                                                            "bounce": 1}


def test_a_killed_engine_sends_no_step_twice():
    with Plans() as w:
        first = w.start("e1", lease="3s")
        w.create(3, "6s")  # a look that comes late must not find them all written to
        people = addresses(300)
        w.add(people)
        for _ in range(3):
            already = sum(map(len, w.got().values()))
            wait_until(lambda: sum(map(len, w.got().values())) > already + 60, 60, "some mails went out")
            first.kill()
            first = w.start("e1", lease="3s")
        shown = w.wait_over(180)
        assert shown["done"] == 300, shown
        doubted = sum(w.job(key.split("{")[1].split("}")[0]).get("doubted", 0)
                      for key in w.redis.call("KEYS", "hongyan:{welcome-*}:job"))
        copies = w.got()
        assert all(set(steps) == {1, 2, 3} for steps in copies.values()) and len(copies) == 300
        # Beyond the copies that were in doubt, and reported so, nobody has a step twice.
        extra = sum(len(steps) - 3 for steps in copies.values())
        assert extra <= doubted, (extra, doubted)


def test_caps_hold_and_pause_edit_resume_stop_work():
    with Plans() as w:
        w.start(engines=("e1",))
        w.create(2, "3s", "cap_per_day = 8\ncompany_cap_per_day = 2")
        company = [f"p{n}@mail{n}.big.example" for n in range(5)]
        personal = [f"q{n}@163.com" for n in range(4)]
        w.plan("pause", "welcome", "--reason", "not yet")
        w.add(company + personal)
        time.sleep(3)
        assert w.got() == {} and w.show()["state"] == "paused"
        w.plan("resume", "welcome")
        # Two of the company, all four of a mailbox provider for everybody; then two second mails: the plan's cap.
        wait_until(lambda: sum(map(len, w.got().values())) >= 8, 60, w.got)
        time.sleep(4)
        got = w.got()
        assert sum(map(len, got.values())) == 8 and sum(to in got for to in company) == 2, got
        assert all(to in got for to in personal)
        assert w.create(2, "3s", "cap_per_day = 9\ncompany_cap_per_day = 2", op="edit")[0]["done"] == "edited"
        wait_until(lambda: sum(map(len, w.got().values())) == 9, 60, "one more is allowed")
        assert w.plan("stop", "welcome")[0]["state"] == "stopped"
        w.plan("resume", "welcome", code=1)
        faults = w.create(1, "3s", "", op="edit", code=1)[0]["faults"]
        assert "stopped for good" in faults[0]


def test_faults_are_told_by_line():
    with Plans() as w:
        w.start(engines=("e1",))
        for written, wrong, where in (("news@acme.example", "news@other.example", "from.address"),
                                      ("This is mail 2.", "{% if %}", "steps[1].text")):
            (w.folder / "bad.toml").write_text(plan_toml(2).replace(written, wrong))
            faults = w.plan("create", str(w.folder / "bad.toml"), code=1)[0]["faults"]
            assert faults and all("bad.toml:" in fault and where in fault for fault in faults), faults
        w.plan("show", "welcome", code=1)


def test_nothing_is_sent_outside_the_window():
    with Plans() as w:
        w.start(engines=("e1",))
        today = time.gmtime().tm_wday
        other = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][(today + 3) % 7]
        w.create(1, "0s", f'window = {{ tz = "UTC", days = ["{other}"], from = "09:00", to = "10:00" }}')
        w.add(addresses(2))
        time.sleep(4)
        assert w.got() == {}
        rows = w.rows()
        assert all(row["state"] == "waiting" and row["next_at"] > time.time() * 1000 + 24 * 3600 * 1000 for row in rows.values())


def test_what_was_never_heard_stops_the_contact():
    with Plans() as w:
        w.start(engines=("e1",))
        w.create(2, "1s")
        wait_until(lambda: w.redis.call("GET", "hongyan:plans:cursor"), 20, "the desk listens")
        deaf = "99999999999999-0"

        def deafened():
            w.redis.call("SET", "hongyan:plans:cursor", deaf)
            time.sleep(4)  # a round that had begun may put its own back
            return w.redis.call("GET", "hongyan:plans:cursor") == deaf
        wait_until(deafened, 60, "it hears no more")
        people = addresses(3)
        w.add(people)
        wait_until(lambda: len(w.got()) == 3, 60, "step 1")
        job = w.events("plan.step")[0]["job"]
        ended = w.wait_ended(job)["ended_at"]
        w.redis.call("HSET", f"hongyan:{{{job}}}:job", "ended_at", ended - 11 * 60 * 1000)
        shown = w.wait_over()
        assert shown["stopped_for"] == {"unknown": 3}, shown
        assert w.got() == {to: [1] for to in people}
