"""Reads what message_samples wrote with Python's email package and compares with what was meant."""
import email
import email.policy
import html
import subprocess
import sys

NAMES = ["李", "", '李雷 & "Han"', "a", "ab", "abc", "😀😀"]


def messages(raw):
    while raw:
        length, raw = raw.split(b"\n", 1)
        yield email.message_from_bytes(raw[: int(length)], policy=email.policy.default)
        raw = raw[int(length) :]


def check(found, wanted, what):
    if found != wanted:
        sys.exit(f"{what}: {found!r} is not {wanted!r}")


got = list(messages(subprocess.run([sys.argv[1]], check=True, capture_output=True).stdout))
check(len(got), 2 * len(NAMES), "messages")
for number, mail in enumerate(got):
    name = NAMES[number % len(NAMES)]
    repeat = 1 if number < len(NAMES) else 40
    subject = f"{name}，您好！Spring offers 春季优惠 for you and everybody you know, today"
    check(str(mail["Subject"]), subject, "Subject")
    check(str(mail["X-Note"]), f"to {name}".strip(), "X-Note")
    check(mail["From"].addresses[0].display_name, "鸿雁 快讯", "From")
    check(mail["From"].addresses[0].addr_spec, "news@acme.example", "From")
    check(mail["Date"].datetime.isoformat(), "2026-01-05T08:00:00+08:00", "Date")
    check(str(mail["Message-ID"]), "<1.abc@acme.example>", "Message-ID")
    alternative, attachment = list(mail.iter_parts())
    text, page = [p.get_content() for p in alternative.iter_parts()]
    wanted = f"尊敬的 {name}：\n.鸿雁传书，见字如面。这一段文字足够长，可以换行。\n" * repeat
    check(text.replace("\r\n", "\n"), wanted, "text")
    wanted = f'<p class="a">Dear {html.escape(name)}, </p>\n.dot = é \n' * repeat
    check(page.replace("\r\n", "\n"), wanted, "html")
    check(attachment.get_filename(), "价目表.bin", "filename")
    check(attachment.get_content(), b"\xab" * 1000, "attachment")
    defects = [d for part in mail.walk() for d in part.defects]
    check(defects, [], "defects")
