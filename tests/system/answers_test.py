"""What receivers say is acted on: by their own words, not by the digit alone (engine/answer, configs/bounces)."""
from harness import World, addresses, wait_until
from tls_receiver import Receiver

OTHER = "connections = 2\nmessages_per_connection = 0\nrates = []"


def provider(name, more=""):
    """Continues the table of the last route; then the receiver's limits as we have them."""
    return (f'provider = "{name}"\n[provider.{name}]\nconnections = 2\nmessages_per_connection = 100\nrates = []\n{more}')


def test_a_frequency_limit_with_a_550_is_no_bounce_and_pauses_the_lane():
    with World() as w:
        w.start_redis()
        sink = w.start_sink(profile='style = "tencent"\n[limits]\nrate = "60/min"\nburst = 20')
        engine = w.start_engine("e1", routes=[("*", sink)], engines=("e1",), other=OTHER, extra=provider("qq"), retry=("300s",),
                                expiry="1h")
        w.submit("limited", addresses(200), events=True)
        job = w.wait_job("limited", lambda j: j["deferred"] > 0 and j["claimed"] == 0 and j["in_flight"] == 0)
        assert job["bounced"] == 0 and job["state"] == "running" and job["delivered"] >= 20, job
        paused = wait_until(lambda: [e for e in w.events("lane.mode") if e["data"]["mode"] == "paused"], 20, "the lane is paused")
        assert "frequency limited" in paused[0]["data"]["reply"], paused
        wait_until(lambda: engine.metric("hongyan_refusals_total", provider="qq", group="rate") >= 1, 20, "it is counted")
        told = wait_until(lambda: [e["data"] for e in w.events("recipient.outcome", "limited") if e["data"]["outcome"] == "deferred"],
                          20, "outcomes are told")
        assert {one["group"] for one in told} == {"rate"}, told


def test_enough_messages_on_a_connection_costs_a_connection_and_no_pace():
    with World() as w:
        w.start_redis()
        sink = w.start_sink(profile='style = "netease"\n[limits]\nmessages_per_connection = 5')
        w.start_engine("e1", routes=[("*", sink)], engines=("e1",), other=OTHER, extra=provider("netease"), retry=("1s",),
                       expiry="1h")
        people = addresses(60)
        w.submit("seven", people)
        w.wait_ended("seven")
        assert w.check_books("seven", [sink], people)["delivered"] == 60
        assert not w.events("lane.mode")


def test_rules_of_ones_own():
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        rules = w.folder / "rules"
        rules.mkdir()
        own = rules / "ours.toml"
        own.write_text('order = 1\nrules = [\n  { name = "a", match = "no such user", kind = "polcy", example = "550 x" },\n]\n')
        options = dict(routes=[("*", sink)], engines=("e1",), other=OTHER)
        engine = w.engine("e1", **options)
        path = w.folder / "e1.config"
        path.write_text(path.read_text().replace("[engine]\n", f'[engine]\nbounce_rules = "{rules}"\n'))
        engine.start(ready=False)
        assert engine.wait(60) == 78
        assert "ours.toml:3: there is no kind 'polcy' (did you mean 'policy'?)" in engine.log(), engine.log()
        own.write_text('order = 1\nrules = [\n  { name = "a", match = "no mailbox of that name here", kind = "policy", example = "550 no mailbox of that name here" },\n]\n')
        engine.start()
        # Bad mailboxes by anybody's rules; here a rule of the receiver's, which is no evidence against the list.
        people = [f"bounce-550-5.1.1+{n}@x.example" for n in range(70)] + addresses(70)
        w.submit("ours", people)
        w.wait_ended("ours")
        job = w.check_books("ours", [sink], people)
        assert (job["state"], job["bounced"], job.get("breaker_bad", 0)) == ("done", 70, 0), job


def test_a_blocked_source_leaves_the_work_to_another():
    def blocked(sock):
        return b"554 5.7.1 Your IP has been blocked\r\n" if sock.getpeername()[0] == "127.0.0.2" else None

    with World() as w, Receiver(host="127.0.5.1", answers={"RCPT": blocked}) as receiver:
        w.start_redis()
        w.start_engine("e1", routes=[("*", receiver)], engines=("e1",), other=OTHER, retry=("1s",), expiry="1h",
                       more_sources=[("s-other", "127.0.0.9")])
        w.submit("two", addresses(30))
        w.wait_ended("two")
        job = w.job("two")
        assert (job["delivered"], job["bounced"]) == (30, 0), job
        # Whom the blocked source was refused for went on at once: no attempt, no wait.
        assert job["attempts"] == 30, job
        paused = wait_until(lambda: [e["data"] for e in w.events("lane.mode") if e["data"]["mode"] == "paused"], 20, "a lane is paused")
        assert [one["source"] for one in paused] == ["s-e1"] and "blocked" in paused[0]["reply"], paused
