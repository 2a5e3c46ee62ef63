"""What a template makes of each recipient's variables, and who gets which of several templates."""
import csv
import email
import email.policy
import io
import json
import subprocess

from harness import HONGYAN, World, wait_until
from pages import messages


def run(w, *arguments, code=0):
    done = subprocess.run([HONGYAN, *arguments, "--redis", f"unix:{w.socket}"], capture_output=True, text=True, timeout=60)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def start(w, **options):
    w.start_redis()
    sink = w.start_sink(out=True)
    w.start_engine("e1", routes=[("*", sink)], engines=("e1",), **options)
    return sink


def test_each_recipient_has_a_message_of_his_own():
    with World() as w:
        sink = start(w)
        people = [{"to": "li@x.example", "vars": {"name": "李 & Söhne", "points": 1200, "vip": True, "items": [{"t": "茶", "p": 1.5}, {"t": "酒", "p": 2}]}},
                  {"to": "anna@x.example", "vars": {"name": "Anna", "points": 7, "vip": False, "items": []}},
                  {"to": "nobody@x.example", "vars": {"points": 7, "items": []}},
                  {"to": "zero@x.example", "vars": {"name": "Zero", "points": 0, "items": []}}]
        document = w.document("spring", None, subject="{% if vip %}★ {% endif %}{{ name }}, {{ points }}",
                         text="{% for i in items %}{{ forloop.index }}. {{ i.t }} {{ i.p }}\n{% endfor %}{{ 100 | divided_by: points }}",
                         html='<p>{{ name }}</p><img src="cid:logo">',
                         attachments=[{"name": "logo.png", "content_type": "image/png", "cid": "logo", "data": "UE5H"}])
        w.put(document | {"recipients": {"list": people}})
        job = w.wait_ended("spring")
        assert (job["delivered"], job["invalid"]) == (2, 2), job
        mails = messages(sink)
        li, anna = mails["li@x.example"], mails["anna@x.example"]
        assert (li["Subject"], anna["Subject"]) == ("★ 李 & Söhne, 1200", "Anna, 7")
        assert li.get_body(("plain",)).get_content().split() == ["1.", "茶", "1.5", "2.", "酒", "2", "0"]
        assert "<p>李 &amp; Söhne</p>" in li.get_body(("html",)).get_content()
        assert [part["Content-ID"] for part in li.walk() if part.get_content_type() == "image/png"] == ["<logo>"]
        rows = {row["address"]: row for row in csv.DictReader(io.StringIO(run(w, "report", "spring", "--format", "csv")))}
        assert "`name`" in rows["nobody@x.example"]["reply"], rows
        assert "text:" in rows["zero@x.example"]["reply"] and "divided" in rows["zero@x.example"]["reply"], rows


def test_faults_are_told_at_once_with_their_places():
    with World() as w:
        start(w)
        w.submit("bad", ["li@x.example"], subject="{{ a | shout }}", text="one\n  {% if x %}", headers={"X-A": "{{ b"},
                 html='<img src="cid:none">')
        wait_until(w.dead, 20, "it is refused")
        faults = "\n".join(json.loads(run(w, "dead", "list", "--json").splitlines()[0])["faults"])
        for wanted in ("subject:1:", "shout", "text:2:", "headers.X-A:1:", "cid:none"):
            assert wanted in faults, faults


def test_several_templates_have_even_shares():
    with World() as w:
        sink = start(w)
        people = [f"user{n}@{'x' if n % 3 else 'y'}.example" for n in range(300)]
        w.submit("split", people, events=True, variants=[{"name": "long", "subject": "A long subject"}, {"name": "short", "subject": "S", "html": "<p>S</p>"}])
        job = w.wait_ended("split")
        assert job["delivered"] == 300 and job["variants"] == "long,short", job
        got = {to: mail["Subject"] for to, mail in messages(sink).items()}
        assert abs(list(got.values()).count("S") - 150) <= 1, got
        rows = list(csv.DictReader(io.StringIO(run(w, "report", "split", "--format", "csv"))))
        assert all((row["variant"] == "short") == (got[row["address"]] == "S") for row in rows), rows
        shown = json.loads(run(w, "show", "split", "--json"))["variants"]
        assert [v["name"] for v in shown] == ["long", "short"] and sum(v["delivered"] for v in shown) == 300, shown
        assert "variant short" in run(w, "show", "split")


def test_preview_shows_what_one_would_get():
    with World() as w:
        start(w)
        campaign = w.folder / "spring.toml"
        campaign.write_text('tenant = "acme"\nsubject = "{{ name }}!"\nhtml = "<p>Hi {{ name }}</p>"\n[from]\naddress = "news@acme.example"\n'
                            '[[variants]]\nname = "a"\n[[variants]]\nname = "b"\nsubject = "B {{ name | upcase }}"\n')
        (w.folder / "list.csv").write_text("email,name\nanna@x.example,Anna\nli@x.example,李\n")
        told = run(w, "preview", str(campaign), "--recipient", "li@X.example", "--recipients", str(w.folder / "list.csv"), "--out", str(w.folder / "li.eml"))
        assert "李!" in told and "Hi 李" in told, told
        mail = email.message_from_bytes((w.folder / "li.eml").read_bytes(), policy=email.policy.default)
        assert (mail["Subject"], mail["To"].addresses[0].addr_spec) == ("李!", "li@x.example")
        assert "<p>Hi 李</p>" in mail.get_body(("html",)).get_content() and "Hi 李" in mail.get_body(("plain",)).get_content()
        told = run(w, "preview", str(campaign), "--recipient", "a@x.example", "--vars", '{"name":"li"}', "--variant", "b", "--json")
        assert json.loads(told)["subject"] == "B LI", told
        assert "`name`" in run(w, "preview", str(campaign), "--recipient", "a@x.example", code=1)
        assert "no good row" in run(w, "preview", str(campaign), "--recipient", "b@x.example", "--recipients", str(w.folder / "list.csv"), code=1)
