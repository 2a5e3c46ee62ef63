"""Mailboxes that are bound by OAuth2: a refresh token is kept sealed, access tokens in memory only."""
import json
import urllib.parse

import pytest

from harness import wait_until
from mail_provider import Provider, access_token
from mailbox_test import Office
from web_hosts import WebHost

LILY = "lily@gmail.com"
REFRESH = "1//0refresh-of-Lily-3fA9"
SECRET = "client-secret-7Qx2"


class TokenEndpoint(WebHost):
    """What Google and Microsoft have, on loopback: the valid refresh tokens, and all that it was asked."""

    def __init__(self, provider):
        self.refresh = {REFRESH}
        self.codes = {}         # code: (verifier's challenge is not checked here), gives that refresh token
        self.rotate = None      # the refresh token that comes with the next answer
        self.lifetime = 3600
        self.good = True        # its access tokens are
        self.meanwhile = None   # called once, before the next answer
        self.asked, self.given = [], []
        super().__init__(self.serve, (provider.folder / "right.pem", provider.folder / "right.key"))

    def serve(self, _method, _path, _headers, body):
        status, answer = self.answer(dict(urllib.parse.parse_qsl(body.decode())))
        return status, {"Content-Type": "application/json"}, json.dumps(answer)

    def answer(self, asked):
        self.asked.append(asked)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        if asked.get("client_id") != "hongyan-id" or asked.get("client_secret") != SECRET:
            return 401, {"error": "invalid_client"}
        refresh = asked.get("refresh_token")
        if asked["grant_type"] == "authorization_code":
            refresh = self.codes.pop(asked["code"], None)
        if refresh not in self.refresh:
            return 400, {"error": "invalid_grant", "error_description": f"{refresh} has been revoked"}
        token = access_token(LILY, 3600 if self.good else -60)
        self.given.append(token)
        answer = {"token_type": "Bearer", "access_token": token, "expires_in": self.lifetime}
        if asked["grant_type"] == "authorization_code":
            answer["refresh_token"] = refresh
        if self.rotate:
            self.refresh = {self.rotate}
            answer["refresh_token"], self.rotate = self.rotate, None
        return 200, answer


class SignIn(Office):
    def __init__(self, mechanisms="xoauth2 oauthbearer"):
        super().__init__()
        self.mechanisms = mechanisms

    def __enter__(self):
        super().__enter__()
        self.provider.stop()
        self.provider = Provider(self, self.sink.port, {LILY: "unused-password"}, tokens=self.mechanisms)
        self.endpoint = TokenEndpoint(self.provider)
        (self.folder / "client.secret").write_text(SECRET)
        self.engine = self.start(mailbox=f'[oauth2.google]\nclient_id = "hongyan-id"\nclient_secret_file = '
                                         f'"{self.folder}/client.secret"\ntoken_url = "{self.endpoint.url}/token"\n')
        return self

    def sign_in(self, refresh=REFRESH, ok=True):
        return self.bind(LILY, refresh, None, ok, "--oauth2")

    def send(self, name, **more):
        return self.run("mailbox", "send", "--from", LILY, "--to", f"{name}@customer.example", "--subject", "Your order",
                        "--text", "-", "--id", name, stdin=f"Dear {name}, the {name} goods have left.", **more)

    def arrives(self, name):
        self.send(name)
        wait_until(lambda: self.state(name, LILY) == "sent", 90, lambda: f"{name} is {self.state(name, LILY)}")

    def nothing_leaked(self, *secrets):
        self.redis.call("SAVE")
        files = [path for path in self.folder.rglob("*") if path.is_file() and "provider-" not in str(path)
                 and path.name != "client.secret"]
        assert any(path.suffix == ".rdb" for path in files) and any(path.suffix == ".err" for path in files)
        for path in files:
            raw = path.read_bytes()
            for secret in (SECRET, REFRESH, *secrets, *self.endpoint.given):
                assert secret.encode() not in raw, (path, secret)


@pytest.mark.parametrize("mechanisms", ["xoauth2", "oauthbearer"])
def test_a_refresh_token_is_bound_and_a_letter_arrives(mechanisms):
    with SignIn(mechanisms) as w:
        done = w.sign_in()
        assert "imap 127.0.0.1" in done.stdout and "normal" in done.stdout
        w.arrives("bob")
        assert w.sink.copies() == {"bob@customer.example": 1}
        asked = len(w.endpoint.asked)
        w.arrives("ann")
        assert len(w.endpoint.asked) == asked, "the access token is kept while it lasts"
        w.nothing_leaked()


def test_tokens_that_end_are_refreshed_and_a_rotated_refresh_token_is_kept():
    with SignIn() as w:
        w.endpoint.lifetime = 1
        w.sign_in()
        before = len(w.endpoint.asked)
        w.endpoint.rotate = "1//0second-refresh-token"
        w.arrives("bob")
        assert len(w.endpoint.asked) > before
        w.arrives("ann")
        assert w.run("mailbox", "verify", LILY).returncode == 0
        assert w.endpoint.asked[-1]["refresh_token"] == "1//0second-refresh-token"
        w.nothing_leaked("1//0second-refresh-token")


def test_a_revoked_sign_in_needs_a_new_one():
    with SignIn() as w:
        w.endpoint.lifetime = 1
        w.sign_in()
        w.endpoint.refresh = set()
        w.send("bob")
        wait_until(lambda: "needs-code" in w.run("mailbox", "list").stdout, 120, "the mailbox needs a sign-in")
        refused = w.events_of("mailbox.refused")
        assert refused and refused[-1]["class"] == "token" and "invalid_grant" in refused[-1]["said"]
        assert w.state("bob", LILY) == "queued"
        again = "1//0another-sign-in-5tz"
        w.endpoint.refresh = {again}
        w.sign_in(again)
        wait_until(lambda: w.state("bob", LILY) == "sent", 90, "what waited goes out")
        w.nothing_leaked(again)


def test_a_sign_in_that_is_replaced_while_it_is_used_is_no_trouble():
    with SignIn() as w:
        w.endpoint.lifetime = 1
        w.sign_in()
        w.run("mailbox", "set", LILY, "--sync", "off")
        wait_until(lambda: not w.redis.call("HGET", f"hongyan:{{{LILY}}}:mailbox", "sync_owner"), 60, "nobody reads it")
        again = "1//0another-sign-in-5tz"
        w.endpoint.refresh = {again}
        w.endpoint.meanwhile = lambda: w.sign_in(again)
        w.arrives("bob")
        assert w.endpoint.meanwhile is None and not w.events_of("mailbox.refused")
        assert [asked["refresh_token"] for asked in w.endpoint.asked][-3:] == [REFRESH, again, again]
        w.nothing_leaked(again)


def test_a_refused_access_token_is_replaced_once():
    with SignIn() as w:
        w.sign_in()
        # Who reads it would ask for tokens as well, and a good one that it left would serve for the letter.
        w.run("mailbox", "set", LILY, "--sync", "off")
        wait_until(lambda: not w.redis.call("HGET", f"hongyan:{{{LILY}}}:mailbox", "sync_owner"), 60, "nobody reads it")
        w.engine.kill()
        w.engine.start()
        before = len(w.endpoint.given)
        w.endpoint.good = False
        w.send("bob")
        wait_until(lambda: len(w.endpoint.given) >= before + 2, 60, "another one is asked for")
        w.endpoint.good = True
        wait_until(lambda: w.state("bob", LILY) == "sent" or "needs-code" in w.run("mailbox", "list").stdout, 90, "an end")
        w.nothing_leaked()


def test_a_wrong_refresh_token_is_explained_and_nothing_is_logged_in():
    with SignIn() as w:
        done = w.sign_in("1//0wrong-refresh-token", ok=False)
        assert done.returncode == 1 and "oauth 127.0.0.1" in done.stdout and "What to do:" in done.stderr
        assert "1//0wrong-refresh-token" not in done.stdout + done.stderr
        assert not w.provider.logins(LILY)
        w.nothing_leaked("1//0wrong-refresh-token")


def test_a_person_signs_in_by_url_and_code():
    with SignIn() as w:
        told = json.loads(w.run("mailbox", "oauth2-url", LILY, "--json").stdout)
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(told["url"]).query))
        assert told["url"].startswith("https://accounts.google.com/") and query["access_type"] == "offline"
        assert query["client_id"] == "hongyan-id" and query["code_challenge_method"] == "S256"
        w.endpoint.codes["4/0AX-code"] = REFRESH
        w.run("mailbox", "oauth2-token", LILY, "--code", "4/0AX-code", "--verifier", told["verifier"],
              *w.provider.servers)
        asked = w.endpoint.asked[-1]
        assert asked["grant_type"] == "authorization_code" and asked["code_verifier"] == told["verifier"]
        assert asked["redirect_uri"] == told["redirect"]
        w.arrives("bob")
        w.nothing_leaked("4/0AX-code", told["verifier"])
