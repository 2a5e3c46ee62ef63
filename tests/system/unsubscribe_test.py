"""Who does not want mail any more says so with one click, and nothing else counts as a click."""
import re
import signal
import subprocess

from harness import HONGYAN, World, wait_until
from pages import CHANNEL, PUBLIC, ask, messages, path_in, port_of


def start(w):
    w.start_redis()
    sink = w.start_sink(out=True)
    engine = w.start_engine("e1", routes=[("*", sink)], engines=("e1",), channel=CHANNEL, extra=PUBLIC)
    return sink, port_of(engine)


def suppressed(w):
    return subprocess.run([HONGYAN, "suppress", "list", "--tenant", "acme", "--redis", f"unix:{w.socket}"], capture_output=True,
                          text=True, check=True).stdout


def test_one_click_and_nothing_else():
    with World() as w:
        sink, port = start(w)
        w.submit("first", ["li@x.example", "wang@x.example"], text="Hello. No more: {{ unsubscribe_url }}\n")
        assert w.wait_ended("first")["delivered"] == 2
        mails = messages(sink)
        assert mails["li@x.example"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        path = path_in(mails["li@x.example"])
        assert path in mails["li@x.example"].get_content().replace("=\n", "") and path != path_in(mails["wang@x.example"])
        assert "li" not in path.replace("/u/", "").split("@") and "x.example" not in path, "the address is nobody's to read"
        # Machines open links: nothing comes of it.
        for _ in range(3):
            status, page = ask(port, "GET", path)
            assert status == 200 and "<form method=\"post\">" in page, (status, page)
        assert ask(port, "HEAD", path)[0] in (200, 405)
        assert "nobody" in suppressed(w) and w.job("first")["unsubscribed"] == 0
        # Nobody else's link: not one letter of it may be another.
        for at in (3, len(path) // 2, len(path) - 2):
            forged = path[:at] + ("A" if path[at] != "A" else "B") + path[at + 1:]
            assert ask(port, "POST", forged, "List-Unsubscribe=One-Click")[0] == 404
        assert ask(port, "POST", "/u/", "List-Unsubscribe=One-Click")[0] == 404
        assert "nobody" in suppressed(w)
        # The metrics are not seen from outside.
        assert "hongyan_" not in ask(port, "GET", "/metrics")[1]

        status, page = ask(port, "POST", path, "List-Unsubscribe=One-Click")
        assert status == 200 and "no more mail" in page, (status, page)
        assert ask(port, "POST", path, "List-Unsubscribe=One-Click")[0] == 200
        assert "li@x.example" in suppressed(w) and "wang@" not in suppressed(w)
        assert w.job("first")["unsubscribed"] == 1
        told = wait_until(lambda: w.events("recipient.late", "first"), 20, "it is told")
        assert [(e["data"]["kind"], e["data"]["address"], e["data"]["row"]) for e in told] == [("unsubscribe", "li@x.example", 1)], told
        w.submit("second", ["Li@x.example", "wang@x.example"])
        job = w.wait_ended("second")
        assert (job["suppressed"], job["delivered"]) == (1, 1), job


def test_never_a_false_done():
    with World() as w:
        sink, port = start(w)
        w.submit("a", ["li@x.example"])
        w.wait_ended("a")
        path = path_in(messages(sink)["li@x.example"])
        w.redis_process.send(signal.SIGSTOP)
        try:
            status, page = ask(port, "POST", path, "List-Unsubscribe=One-Click")
            assert status == 503 and "try again" in page, (status, page)
        finally:
            w.redis_process.send(signal.SIGCONT)
        assert wait_until(lambda: ask(port, "POST", path, "List-Unsubscribe=One-Click")[0] == 200, 30, "it is stored")
        assert "li@x.example" in suppressed(w)


def test_the_job_need_not_be_there_any_more():
    with World() as w:
        sink, port = start(w)
        w.submit("a", ["li@x.example"])
        w.wait_ended("a")
        path = path_in(messages(sink)["li@x.example"])
        for key in w.redis.call("KEYS", "hongyan:{a}:*"):
            w.redis.call("DEL", key)
        assert ask(port, "POST", path, "List-Unsubscribe=One-Click")[0] == 200
        assert "li@x.example" in suppressed(w)


def test_return_paths_are_each_their_own():
    with World() as w:
        sink, _ = start(w)
        w.submit("a", [f"p{n}@x.example" for n in range(20)])
        w.wait_ended("a")
        senders = {record["from"] for record in sink.records()}
        assert len(senders) == 20, senders
        assert all(re.fullmatch(r"bounce\+b-[\w-]+@acme\.example", sender) for sender in senders), senders
        assert all(len(sender.split("@")[0]) <= 64 for sender in senders)
