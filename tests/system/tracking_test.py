"""Who opened and who clicked is counted once each, and a link leads where its template said or nowhere."""
import csv
import http.client
import io
import json
import re
import subprocess

from harness import HONGYAN, World, wait_until
from pages import CHANNEL, PUBLIC, ask, messages, port_of

TO = "https://shop.example/tea?a=1&b=2"


def start(w):
    w.start_redis()
    sink = w.start_sink(out=True)
    engine = w.start_engine("e1", routes=[("*", sink)], engines=("e1",), channel=CHANNEL, extra=PUBLIC)
    return sink, port_of(engine)


def follow(port, path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.getheader("Location"), answer.getheader("Content-Type"), body


def run(w, *arguments):
    return subprocess.run([HONGYAN, *arguments, "--redis", f"unix:{w.socket}"], capture_output=True, text=True, check=True).stdout


def test_opens_and_clicks():
    with World() as w:
        sink, port = start(w)
        html = (f'<body><a href="{TO.replace("&", "&amp;")}">tea</a> <a href="https://shop.example/wine">wine</a>'
                '<a href="{{ unsubscribe_url }}">no more</a></body>')
        w.submit("spring", ["li@x.example", "anna@x.example", "wang@x.example"], html=html, events=True, tracking={"opens": True, "clicks": True})
        assert w.wait_ended("spring")["delivered"] == 3
        mails = messages(sink)

        def links(to):
            page = mails[to].get_body(("html",)).get_content()
            assert "shop.example" not in page and "https://u.acme.example/u/" in page, page
            return [path for path in re.findall(r'(?:href|src)="https://u\.acme\.example(/u/[\w-]+)"', page)]
        tea, wine, leave, point = links("li@x.example")
        status, location, kind, body = follow(port, point)
        assert (status, kind, len(body)) == (200, "image/gif", 43) and body.startswith(b"GIF89a"), (status, kind, body)
        for _ in range(3):
            assert follow(port, tea)[:2] == (302, TO)
        assert follow(port, wine)[:2] == (302, "https://shop.example/wine")
        assert follow(port, tea, "HEAD")[0] == 302
        assert follow(port, links("anna@x.example")[0])[:2] == (302, TO)
        assert ask(port, "GET", leave)[0] == 200
        # Nobody makes a link of ours lead elsewhere.
        for at in (3, len(tea) // 2, len(tea) - 2):
            forged = tea[:at] + ("A" if tea[at] != "A" else "B") + tea[at + 1:]
            assert follow(port, forged)[:2] == (404, None)

        job = w.job("spring")
        assert (job["opened"], job["clicked"], job["clicks"]) == (2, 2, 3), job
        rows = {row["address"]: row for row in csv.DictReader(io.StringIO(run(w, "report", "spring", "--format", "csv")))}
        assert [(rows[to]["opened"], rows[to]["clicks"]) for to in ("li@x.example", "anna@x.example", "wang@x.example")] == \
            [("yes", "2"), ("yes", "1"), ("no", "0")], rows
        assert "2, 2 clicked (3 links)" in run(w, "show", "spring")
        clicked = wait_until(lambda: len(w.events("recipient.clicked", "spring")) == 3 and w.events("recipient.clicked", "spring"), 20, "they are told")
        assert {(e["data"]["address"], e["data"]["url"]) for e in clicked} >= {("anna@x.example", TO)}, clicked
        assert [e["data"]["row"] for e in w.events("recipient.opened", "spring")] == [1], "who clicks has opened, but no image told it"

        # A link leads on when nothing can be counted.
        w.kill_redis()
        assert follow(port, wine)[:2] == (302, "https://shop.example/wine")


def test_tracking_without_pages_is_refused():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine("e1", routes=[("*", sink)], engines=("e1",))
        w.submit("spring", ["li@x.example"], html="<p>", tracking={"opens": True})
        faults = json.loads(run(w, "dead", "list", "--json").splitlines()[0])["faults"] if wait_until(w.dead, 20, "it is refused") else []
        assert any("unsubscribe_url" in fault for fault in faults), faults
