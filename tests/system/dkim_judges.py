"""Three verifiers that are none of ours: python3-dkim, opendkim, Mail::DKIM. Each asks the same public keys.

Every judge takes raw messages and gives, per message, {selector: "pass" or what it says instead}."""
import pathlib
import re
import subprocess

import dkim

SELECTORS = re.compile(rb"\bs=([^;\s]+)")

MAIL_DKIM = r"""
use strict;
use Mail::DKIM::Verifier;
use Mail::DKIM::DNS;
use Net::DNS::Resolver;
my $port = shift @ARGV;
Mail::DKIM::DNS::resolver(Net::DNS::Resolver->new(nameservers => ["127.0.0.1"], port => $port));
for my $file (@ARGV) {
  my $verifier = Mail::DKIM::Verifier->new();
  open(my $in, "<:raw", $file) or die $file;
  local $/; my $text = <$in>;
  $verifier->PRINT($text); $verifier->CLOSE;
  print join("\t", map { $_->selector . "=" . $_->result_detail } $verifier->signatures), "\n";
}
"""


def signature_fields(message):
    """Values of the DKIM-Signature fields in the order of the message, unfolded."""
    header = message.split(b"\r\n\r\n", 1)[0] + b"\r\n"
    return [re.sub(rb"\r\n[ \t]+", b" ", value) for value in
            re.findall(rb"(?im)^DKIM-Signature:((?:.*\r\n)(?:[ \t].*\r\n)*)", header)]


def selectors(message):
    return [SELECTORS.search(value)[1].decode() for value in signature_fields(message)]


def tags(message):
    """Per signature, its tags: {"d": ..., "h": ..., ...}, blanks left out."""
    return [dict(tag.strip().split("=", 1) for tag in re.sub(r"\s+", "", value.decode()).strip(";").split(";"))
            for value in signature_fields(message)]


def python_dkim(messages, records):
    """`records`: {"s._domainkey.d": text of the TXT record}."""
    def look_up(name, timeout=5):
        return records[name.decode().rstrip(".")].encode()

    told = []
    for message in messages:
        verdicts = {}
        for at, selector in enumerate(selectors(message)):
            try:
                good = dkim.DKIM(message).verify(idx=at, dnsfunc=look_up)
                verdicts[selector] = "pass" if good else "fail"
            except dkim.DKIMException as wrong:
                verdicts[selector] = str(wrong)
        told.append(verdicts)
    return told


def opendkim(folder, messages, records):
    """Each message with one signature only, for the daemon's test mode reports on the first good one."""
    folder = pathlib.Path(folder)
    (folder / "opendkim.records").write_text("".join(f"{name} {text}\n" for name, text in records.items()))
    (folder / "opendkim.conf").write_text(f"TestDNSData file:{folder}/opendkim.records\nMode v\n"
                                          "Canonicalization relaxed/relaxed\nQueryCache no\nSyslog no\n")
    told = []
    for message in messages:
        verdicts = {}
        names = selectors(message)
        for at, selector in enumerate(names):
            path = folder / "opendkim.eml"
            path.write_bytes(with_signature_only(message, at))
            done = subprocess.run(["/usr/sbin/opendkim", "-x", str(folder / "opendkim.conf"), "-v", "-t", str(path)],
                                  capture_output=True, text=True, timeout=60)
            said = done.stdout + done.stderr
            verdicts[selector] = "pass" if done.returncode == 0 and "verification (s=%s" % selector in said and \
                "succeeded" in said else said
        told.append(verdicts)
    return told


def mail_dkim(folder, messages, dns_port):
    folder = pathlib.Path(folder)
    paths = []
    for number, message in enumerate(messages):
        paths.append(folder / f"mail-dkim-{number}.eml")
        paths[-1].write_bytes(message)
    done = subprocess.run(["/usr/bin/perl", "-e", MAIL_DKIM, "--", str(dns_port), *map(str, paths)],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [dict(one.split("=", 1) for one in line.split("\t") if one) for line in done.stdout.split("\n")[:-1]]


def with_signature_only(message, wanted):
    """The message without its other DKIM-Signature fields."""
    count = -1

    def keep(field):
        nonlocal count
        count += 1
        return field[0] if count == wanted else b""
    header, rest = message.split(b"\r\n\r\n", 1)
    header = re.sub(rb"(?im)^DKIM-Signature:(?:.*\r\n)(?:[ \t].*\r\n)*", keep, header + b"\r\n")
    return header + b"\r\n" + rest
