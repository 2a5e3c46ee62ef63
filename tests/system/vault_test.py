"""The vault from outside: key files, the public key, sealing, rotation; and that no secret is left anywhere.

What is sealed is made and read here by a second implementation, from mailbox/vault/record.h and docs/queue.md alone."""
import base64
import hashlib
import hmac
import json
import os
import re
import stat
import subprocess

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from harness import HONGYAN, ROOT, World
from terminal import typed

PASSWORD = "Correct-Horse-7-Battery-Staple"
LI = "li@163.example"


# --- the second implementation

def page_code():
    section = (ROOT / "docs/queue.md").read_text().split("## Sealing a secret\n")[1].split("\n## ")[0]
    code = {}
    exec("\n".join(line[4:] for line in section.splitlines() if line.startswith("    ") or not line), code)
    return code


def hkdf(secret, salt, info, size):
    key = hmac.digest(salt or bytes(32), secret, "sha256")
    return hmac.digest(key, info + b"\1", "sha256")[:size]


def listed(*pieces):
    return b"".join(b"%d:%s" % (len(piece), piece) for piece in pieces)


def text(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(word):
    return base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))


class Key:
    """A master key and what follows from it."""

    def __init__(self, raw_bytes):
        self.raw = raw_bytes
        self.text = base64.b64encode(raw_bytes).decode()
        self.id = hkdf(raw_bytes, b"", b"hongyan vault key id", 8).hex()
        seed = hkdf(raw_bytes, b"", b"hongyan vault transport key", 32)
        page = page_code()
        private = page["expand"](b"KEM\0\x20", page["extract"](b"KEM\0\x20", b"", b"dkp_prk", seed), b"sk", b"", 32)
        self.private = X25519PrivateKey.from_private_bytes(private)
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(self.public).digest()).decode().rstrip("=")

    @classmethod
    def of_file(cls, path):
        return cls(base64.b64decode(path.read_text()))

    def write(self, path):
        path.write_text(self.text + "\n")
        path.chmod(0o600)
        return str(path)

    def open_sealed(self, sealed, tenant, address):
        enc, rest = raw(sealed)[:32], raw(sealed)[32:]
        aead, nonce = page_code()["message_keys"](self.private.exchange(X25519PublicKey.from_public_bytes(enc)), enc, self.public)
        return aead.decrypt(nonce, rest, f"{tenant}\0{address}".encode()).decode()

    def _record_keys(self, salt, purpose):
        return (hkdf(self.raw, salt, listed(b"hongyan vault record seal", purpose), 32),
                hkdf(self.raw, salt, listed(b"hongyan vault record mac"), 32))

    def seal_record(self, address, secret, purpose=b"login"):
        salt, nonce = os.urandom(16), os.urandom(12)
        sealing, mac = self._record_keys(salt, purpose)
        head = (b"1", self.id.encode())
        sealed = AESGCM(sealing).encrypt(nonce, secret.encode(), listed(*head, address.encode(), purpose))
        sealed += hmac.digest(mac, listed(*head, salt, nonce, sealed), "sha256")[:16]
        return f"1.{self.id}.{text(salt)}.{text(nonce)}.{text(sealed)}"

    def open_record(self, address, record, purpose=b"login"):
        version, key_id, salt, nonce, sealed = record.split(".")
        assert (version, key_id) == ("1", self.id)
        sealing, _ = self._record_keys(raw(salt), purpose)
        return AESGCM(sealing).decrypt(raw(nonce), raw(sealed)[:-16],
                                       listed(b"1", self.id.encode(), address.encode(), purpose)).decode()


# --- running the program

class Vault:
    """A world with Redis, and everything that any command has printed."""

    def __init__(self, world):
        self.w, self.printed = world, b""
        world.start_redis("always", "--rdbcompression", "no")

    def run(self, *words, code=0, given=None, env=None, redis=True):
        more = ["--redis", f"unix:{self.w.socket}"] if redis else []
        done = subprocess.run([HONGYAN, "vault", *words, *more], capture_output=True, timeout=60,
                              input=given.encode() if given is not None else b"", env={**os.environ, **(env or {})})
        self.printed += done.stdout + done.stderr
        out = (done.stdout + done.stderr).decode()
        assert done.returncode == code, (words, done.returncode, out)
        return out

    def json(self, *words, **more):
        return json.loads(self.run(*words, "--json", **more))

    def keygen(self, name):
        path = self.w.folder / name
        self.run("keygen", "--out", str(path), redis=False)
        return str(path), Key.of_file(path)

    def bind(self, key, address, secret=PASSWORD):
        self.put(address, key.seal_record(address, secret))

    def put(self, address, record):
        self.w.redis.call("HSET", f"hongyan:{{{address}}}:mailbox", "status", "normal", "secret", record)
        self.w.redis.call("ZADD", "hongyan:mailboxes", 1, address)

    def record(self, address):
        return self.w.redis.call("HGET", f"hongyan:{{{address}}}:mailbox", "secret")

    def redis_files(self):
        """All that a thief of the disk gets: the dump and the append-only files."""
        self.w.redis.call("SAVE")
        files = [path for path in (self.w.folder / "redis").rglob("*") if path.is_file()]
        assert any(path.suffix == ".rdb" for path in files) and any(".aof" in path.name for path in files), files
        return b"".join(path.read_bytes() for path in files)


def test_key_files():
    with World() as w:
        v = Vault(w)
        path, key = v.keygen("vault.key")
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert "exists and is not overwritten" in v.run("keygen", "--out", path, code=1, redis=False)
        assert Key.of_file(w.folder / "vault.key").raw == key.raw
        shown = v.json("public-key", "--key-file", path)
        assert shown == {"ok": True, "public_key": text(key.public), "key_id": key.id, "fingerprint": key.fingerprint}
        os.chmod(path, 0o640)
        told = v.run("public-key", "--key-file", path, code=78)
        assert "mode 0640" in told and f"chmod 600 {path}" in told, told
        (w.folder / "wrong.key").write_text(PASSWORD)
        os.chmod(w.folder / "wrong.key", 0o600)
        assert "32 bytes in base64" in v.run("public-key", "--key-file", str(w.folder / "wrong.key"), code=78)
        assert "HONGYAN_VAULT_KEY is no key" in v.run("public-key", code=78, env={"HONGYAN_VAULT_KEY": PASSWORD})
        assert PASSWORD.encode() not in v.printed and key.text.encode() not in v.printed


def test_the_public_key_is_published_once_and_not_replaced_by_strangers():
    with World() as w:
        v = Vault(w)
        assert "no public key is published" in v.run("public-key", code=1)
        assert "has no vault yet" in v.run("seal", LI, given=PASSWORD, code=1)
        _, key = v.keygen("a.key")
        v.run("public-key", env={"HONGYAN_VAULT_KEY": key.text})
        assert w.redis.call("HGET", "hongyan:vault", "public_key") == text(key.public)
        shown = v.run("public-key")
        assert text(key.public) in shown and key.fingerprint in shown, shown
        other, _ = v.keygen("b.key")
        told = v.run("public-key", "--key-file", other, code=78)
        assert key.id in told and "previous" in told, told
        assert w.redis.call("HGET", "hongyan:vault", "key_id") == key.id
        assert "two current keys" in v.run("public-key", "--key-file", other, env={"HONGYAN_VAULT_KEY": key.text}, code=78)


def test_a_passphrase_makes_the_same_key_everywhere():
    with World() as w:
        v = Vault(w)
        (w.folder / "words").write_text(PASSWORD + "\n")
        os.chmod(w.folder / "words", 0o600)
        config = w.folder / "vault.toml"
        config.write_text('[engine]\nid = "e1"\n[vault]\npassphrase_file = "words"\n')
        shown = v.json("public-key", "--config", str(config))
        salt = raw(w.redis.call("HGET", "hongyan:vault", "salt"))
        key = Key(hashlib.scrypt(PASSWORD.encode(), salt=salt, n=1 << 17, r=8, p=1, maxmem=1 << 29, dklen=32))
        assert shown["key_id"] == key.id and shown["public_key"] == text(key.public)
        assert v.json("public-key", "--config", str(config)) == shown
        config.write_text('[engine]\nid = "e1"\n[vault]\npassphrase_file = "words"\nkey_file = "words"\n')
        told = v.run("public-key", "--config", str(config), code=78)
        assert "vault.toml:4" in told and "only one key can be current" in told, told
        assert PASSWORD.encode() not in v.printed + v.redis_files()


def test_what_is_sealed_opens_for_its_mailbox_only():
    with World() as w:
        v = Vault(w)
        path, key = v.keygen("vault.key")
        v.run("public-key", "--key-file", path)
        sealed = v.run("seal", "Li@163.EXAMPLE", "--tenant", "acme", given=PASSWORD + "\n").strip()
        assert re.fullmatch(r"[A-Za-z0-9_-]+", sealed)
        assert key.open_sealed(sealed, "acme", LI) == PASSWORD
        for tenant, address in (("other", LI), ("acme", "wang@163.example")):
            try:
                key.open_sealed(sealed, tenant, address)
                raise AssertionError("it opened")
            except Exception as error:
                assert type(error).__name__ == "InvalidTag", error
        offline = v.run("seal", LI, "--public-key", text(key.public), given=PASSWORD, env={"HONGYAN_REDIS": "unix:/nowhere"},
                        redis=False).strip()
        assert key.open_sealed(offline, "", LI) == PASSWORD
        assert "is empty" in v.run("seal", LI, given="\n", code=64)
        assert "too long" in v.run("seal", LI, given="x" * 20000, code=64)
        assert "no-such" in v.run("seal", "no-such", given=PASSWORD, code=64)
        assert "no public key" in v.run("seal", LI, "--public-key", "AAAA", given=PASSWORD, code=64)
        assert PASSWORD.encode() not in v.printed


def test_the_prompt_does_not_echo():
    with World() as w:
        v = Vault(w)
        path, key = v.keygen("vault.key")
        v.run("public-key", "--key-file", path)
        seal = [HONGYAN, "vault", "seal", LI, "--redis", f"unix:{w.socket}"]
        shown, code = typed(seal, b"wrong\x15" + PASSWORD.encode() + b"x\x7f\r")
        assert code == 0 and f"authorization code of {LI}: ".encode() in shown, shown
        for piece in (PASSWORD.encode(), PASSWORD[:6].encode(), b"wrong"):
            assert piece not in shown, shown
        assert key.open_sealed(shown.split()[-1].decode(), "", LI) == PASSWORD
        shown, code = typed(seal, PASSWORD.encode() + b"\x03")
        assert code == 64 and PASSWORD[:6].encode() not in shown, shown


def test_rotation():
    with World() as w:
        v = Vault(w)
        old_path, old = v.keygen("old.key")
        new_path, new = v.keygen("new.key")
        v.run("public-key", "--key-file", old_path)
        boxes = [f"box{n}@x.example" for n in range(30)]
        for box in boxes:
            v.bind(old, box, f"{PASSWORD} {box}")
        assert "previous" in v.run("rotate", "--key-file", new_path, code=78)
        keys = ("--key-file", new_path, "--previous-key-file", old_path)
        v.put(boxes[0], v.record(boxes[1]))  # somebody moves a secret
        told = v.json("rotate", *keys, code=1)
        assert (told["resealed"], told["current"]) == (29, 0), told
        assert [(one["address"], one["code"]) for one in told["failed"]] == [(boxes[0], "vault-swapped")], told
        v.bind(old, boxes[0], f"{PASSWORD} {boxes[0]}")
        assert "sealed 1 anew" in v.run("rotate", *keys)
        assert "sealed 0 anew" in v.run("rotate", "--key-file", new_path)
        for box in boxes:
            assert new.open_record(box, v.record(box)) == f"{PASSWORD} {box}"
        assert w.redis.call("HGET", "hongyan:vault", "key_id") == new.id
        assert old.id in v.run("rotate", "--key-file", old_path, "--previous-key-file", new_path, code=0)


def test_a_rotation_that_is_killed_is_repeated():
    with World() as w:
        v = Vault(w)
        old_path, old = v.keygen("old.key")
        new_path, new = v.keygen("new.key")
        boxes = [f"box{n}@x.example" for n in range(400)]
        for box in boxes:
            v.bind(old, box, f"{PASSWORD} {box}")
        words = [HONGYAN, "vault", "rotate", "--key-file", new_path, "--previous-key-file", old_path, "--redis", f"unix:{w.socket}"]
        running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while running.poll() is None and not v.record(boxes[0]).startswith(f"1.{new.id}."):
            pass  # the first of 400: the kill comes while it is among the others
        running.kill()
        v.printed += b"".join(running.communicate())
        print("sealed anew before the kill:", sum(v.record(box).startswith(f"1.{new.id}.") for box in boxes), "of", len(boxes))
        v.run(*words[2:-2])
        for box in boxes:
            assert new.open_record(box, v.record(box)) == f"{PASSWORD} {box}"


def test_no_secret_is_left_anywhere():
    with World() as w:
        v = Vault(w)
        old_path, old = v.keygen("old.key")
        new_path, new = v.keygen("new.key")
        v.run("public-key", "--key-file", old_path)
        for n in range(5):
            v.bind(old, f"box{n}@x.example")
        v.put("broken@x.example", old.seal_record("broken@x.example", PASSWORD)[:-4] + "AAAA")
        waiting = subprocess.Popen([HONGYAN, "vault", "seal", LI, "--redis", f"unix:{w.socket}"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        waiting.stdin.write(PASSWORD.encode())
        waiting.stdin.flush()
        outside = b"".join(open(f"/proc/{waiting.pid}/{name}", "rb").read() for name in ("cmdline", "environ", "comm"))
        out, err = waiting.communicate()
        w.redis.call("HSET", f"hongyan:{{{LI}}}:mailbox", "note", out.decode().strip())
        v.run("rotate", "--key-file", new_path, "--previous-key-file", old_path, code=1)
        everything = {"Redis' files": v.redis_files(), "outputs": v.printed + out + err, "/proc": outside}
        assert b"box0@x.example" in everything["Redis' files"] and new.id.encode() in everything["outputs"]
        forms = {"password": PASSWORD.encode(), "its base64": base64.b64encode(PASSWORD.encode())[:24],
                 "its hex": PASSWORD.encode().hex().encode()}
        for name, key in (("old", old), ("new", new)):
            forms |= {f"{name} key": key.raw, f"{name} key's base64": key.text.encode(),
                      f"{name} key's base64url": text(key.raw).encode(), f"{name} key's hex": key.raw.hex().encode()}
        for where, held in everything.items():
            for what, form in forms.items():
                assert form not in held, f"{what} is in {where}"
