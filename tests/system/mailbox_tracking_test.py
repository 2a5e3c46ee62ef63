"""Letters from bound mailboxes that ask for it tell that they were opened and which links were followed."""
import email
import email.policy
import json
import re

import pytest

from harness import wait_until
from mailbox_test import LILY, Office
from pages import PUBLIC, ask, port_of
from tracking_test import follow

AT = 'tracking_url = "https://t.corp.example/t"\n'
TO = "https://shop.example/valves?a=1&b=2"
HTML = f'<body><p>Dear {{{{ name }}}}, see <a href="{TO.replace("&", "&amp;")}">the offer</a></p></body>'
PAGE = re.compile(r'"https://t\.corp\.example(/t/[\w-]+)"')


class Tracked(Office):
    def letter_of(self, letter, *flags, to="bob@customer.example", ok=True):
        (self.folder / "letter.html").write_text(HTML)
        return self.run("mailbox", "send", "--from", LILY, "--to", to, "--subject", f"Offer {letter}", "--html",
                        str(self.folder / "letter.html"), "--vars", '{"name":"Bob"}', "--id", letter, "--json", *flags, ok=ok)

    def arrived(self):
        """Raw messages by subject."""
        read = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in self.sink.out.rglob("*.eml")]
        return {message["Subject"]: message for message in read}

    def outbox(self):
        lines = self.run("mailbox", "outbox", LILY, "--json").stdout.splitlines()
        return {row["letter"]: row for row in map(json.loads, lines)}


def html_of(message):
    return message.get_body(("html",)).get_content()


def test_opens_and_clicks_of_letters():
    with Tracked() as w:
        engine = w.start(mailbox=AT + PUBLIC)
        port = port_of(engine)
        w.bind()
        w.letter_of("l1", "--track-opens", "--track-clicks")
        w.letter_of("l2", to="eve@customer.example")
        w.letter_of("l3", "--track-clicks", to="carl@customer.example")
        for letter in ("l1", "l2", "l3"):
            w.wait_state(letter, "sent")
        mails = w.arrived()
        link, point = PAGE.findall(html_of(mails["Offer l1"]))
        assert "shop.example" not in html_of(mails["Offer l1"])
        assert mails["Offer l1"]["From"] == LILY and mails["Offer l1"]["List-Unsubscribe"] is None
        assert TO in mails["Offer l1"].get_body(("plain",)).get_content()
        assert "t.corp.example" not in html_of(mails["Offer l2"]) and "<img" not in html_of(mails["Offer l2"])
        assert len(PAGE.findall(html_of(mails["Offer l3"]))) == 1 and "<img" not in html_of(mails["Offer l3"])
        # Who reads his own copy has not opened the letter.
        kept = wait_until(lambda: len(w.provider.folder_of(LILY, "Sent")) == 3 and w.provider.folder_of(LILY, "Sent"), 30, "copies lie in Sent")
        assert not any("t.corp.example" in one for one in kept)

        status, _, kind, body = follow(port, point)
        assert (status, kind, len(body)) == (200, "image/gif", 43)
        follow(port, point)
        for _ in range(2):
            assert follow(port, link)[:2] == (302, TO)
        assert follow(port, link, "HEAD")[0] == 302
        forged = link[:-2] + ("A" if link[-2] != "A" else "B") + link[-1]
        assert follow(port, forged)[:2] == (404, None)
        assert [e["letter"] for e in wait_until(lambda: w.events_of("mailbox.opened"), 20, "it is told")] == ["l1"]
        clicked = wait_until(lambda: w.events_of("mailbox.clicked"), 20, "it is told")
        assert clicked == [{"mailbox": LILY, "letter": "l1", "to": "bob@customer.example", "link": 0, "url": TO}]
        rows = w.outbox()
        assert rows["l1"]["opened"].startswith("20") and rows["l1"]["clicks"] == 1, rows
        assert (rows["l2"]["opened"], rows["l3"]["opened"], rows["l3"]["clicks"]) == ("", "no", 0), rows
        tracked = lambda **labels: engine.metric("hongyan_mailbox_tracked_total", **labels)
        kinds = (("open", "known"), ("open", "counted"), ("click", "counted"))
        wait_until(lambda: all(tracked(kind=kind, verdict=verdict) == 1 for kind, verdict in kinds), 30, "visits are counted")
        # Of an unbound mailbox nothing is told any more; the link leads on.
        w.run("mailbox", "unbind", LILY)
        third = PAGE.search(html_of(mails["Offer l3"]))[1]
        assert follow(port, third)[:2] == (302, TO)
        assert len(w.events_of("mailbox.clicked")) == 1


def test_an_engine_without_a_vault_counts_as_well():
    with Tracked() as w:
        w.start("e1", mailbox=AT)
        w.bind()
        w.letter_of("l1", "--track-opens")
        w.wait_state("l1", "sent")
        pages = w.start_engine("e2", extra="[mailbox]\nopens = \"00:00\"\ncloses = \"00:00\"\n" + AT + PUBLIC)
        point = PAGE.search(html_of(w.arrived()["Offer l1"]))[1]
        assert follow(port_of(pages), point)[0] == 200
        assert [e["to"] for e in wait_until(lambda: w.events_of("mailbox.opened"), 20, "it is told")] == ["bob@customer.example"]


def test_tracking_without_pages_or_html_is_refused():
    with Tracked() as w:
        w.start()
        w.bind()
        refused = w.letter_of("l1", "--track-opens", ok=False)
        assert refused.returncode == 1 and "mailbox.tracking_url" in refused.stdout
        (w.folder / "letter.txt").write_text("Dear Bob")
        refused = w.run("mailbox", "send", "--from", LILY, "--to", "bob@customer.example", "--subject", "s", "--text",
                        str(w.folder / "letter.txt"), "--track-clicks", ok=False)
        assert refused.returncode == 1 and "needs `html`" in refused.stderr


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__, "-s", "-p", "no:cacheprovider"]))
