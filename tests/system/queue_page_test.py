"""docs/queue.md against a live system: every field and key there is stands on the page, and the page names no other."""
import re

from harness import ROOT, World, addresses, wait_until

PAGE = (ROOT / "docs/queue.md").read_text()
SOURCES = "".join(path.read_text() for path in [*(ROOT / "store/functions").glob("*.lua"), ROOT / "store/keys.h",
                                                ROOT / "engine/core/retention.cc"])


def table(heading):
    """Rows of the first table under a heading, as lists of cells."""
    text = PAGE.split(heading, 1)[1].split("\n|---", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in text.splitlines()[1:]]


def named(cell):
    return re.findall(r"`([^`]+)`", cell.replace(r"\|", "|"))


def job_fields():
    names = set()
    for left, right in table("hash: a job"):
        names |= set(named(right if "private" in left else left))
    return names


def pattern(name):
    """`hongyan:{ID}:c:N` as a regular expression: words of capitals stand for something."""
    found = {"PROVIDER": ".+"}  # "a:192.0.2.1" is one without a name
    return re.compile("".join(found.get(word, "[^:|]+") if re.fullmatch("[A-Z]+", word) else re.escape(word)
                              for word in re.split(r"([A-Z]+)", name)) + r"\Z")


def key_patterns():
    found = []
    for row in table("## Streams") + table("## Other keys of a job") + table("## Money") + table("## The whole system"):
        for name in named(row[0]):
            found.append(pattern("hongyan:{ID}" + name if name.startswith(":") else name))
    return found + [pattern("hongyan:{ID}:job")]


def money_fields(key):
    found, here = set(), False
    for left, names, _ in table("## Money"):
        here = key in left if left else here
        found |= {pattern(name) for name in named(names)} if here and not left.startswith("`hongyan:{T}:account:") else set()
    return found


def test_the_page_has_what_redis_has():
    assert {"state", "queued", "charged_micro_yuan", "plan_*", "unpacked"} <= job_fields()
    with World() as w:
        w.start_redis()
        sink = w.start_sink()
        w.start_engine(routes=[("*", sink)], engines=("e1",), prepaid=True, retry=("1s",), channel='rates = ["1000/s"]',
                       other='connections = 5\nrates = ["500/s"]')
        w.redis.call("FCALL", "h1_top_up", 2, "hongyan:{acme}:account", "hongyan:{acme}:account:entries", "r1", 1000 * 7000, "li")
        keys, fields = set(), set()

        def look():
            keys.update(w.redis.call("KEYS", "*"))
            for key in [key for key in keys if key.endswith(":job")]:
                fields.update(w.redis.call("HKEYS", key))
        w.control("pause", "early", reason="wait")
        wait_until(lambda: w.events("control.done", "early"), 20, "it is kept")
        look()
        w.submit("early", addresses(5, "early"))
        w.wait_state("early", "paused")
        look()
        # A list of two items, several domains, a deferral, a bounce, a duplicate and an invalid line.
        people = addresses(700) + ["defer-451-4.7.1-1@x.example", "bounce-550-5.1.1@x.example", "user1@x.example", "no address"]
        w.put(w.document("whole", None, events=True, variants=[{"name": "a"}, {"name": "b"}], max_spend="10.00", priority=3, in_doubt="hold"))
        w.push_list("whole", people[:300], end=False)
        w.wait_job("whole", lambda job: job.get("total", 0) > 0)
        look()
        lines = [f'{{"to":"{to}"}}' for to in people[300:]]
        w.redis.call("RPUSH", "hongyan:{whole}:recipients", "\n".join(['{"block":9}'] + lines))
        w.redis.call("RPUSH", "hongyan:{whole}:recipients", f'{{"end":true,"count":{len(people)}}}')
        wait_until(lambda: look() or w.job("whole").get("ended_at", 0) > 0, 60, "it ends")
        w.put(w.document("refused", ["a@x.example"], tenant="nobody"))
        wait_until(w.dead, 20, "it is refused")
        w.submit("bad", [f"bounce-550-5.1.1+{n}@x.example" for n in range(60)] + addresses(60, "fine"))
        w.wait_state("bad", "tripped")
        w.control("resume", "bad", reason="looked at", budget=5)
        wait_until(lambda: w.events("breaker.reset", "bad"), 20, "it goes on")
        look()

        documented = job_fields()
        starred = tuple(name[:-1] for name in documented if name.endswith("*"))
        plain = {name for name in documented if not name.endswith("*")}
        unknown = {name for name in fields if name not in plain and not name.startswith(starred)}
        assert not unknown, f"not in docs/queue.md: {sorted(unknown)}"
        # What only rare events write.
        rare = {"list_accepted", "tombstone", "sweep_at"}
        assert plain - fields <= rare, f"docs/queue.md promises {sorted(plain - fields - rare)}"

        patterns = key_patterns()
        strange = sorted(key for key in keys if not any(p.match(key) for p in patterns))
        assert not strange, f"not in docs/queue.md: {strange}"
        # Some live too short to be seen: then the functions or keys.h must speak of them.
        for p in patterns:
            if not any(p.match(key) for key in keys):
                word = re.findall(r"[a-z]+", p.pattern)[-1]
                assert re.search(rf"['\":]{word}['\":]", SOURCES), f"docs/queue.md promises {p.pattern}"

        for key in ("hongyan:{T}:account", "hongyan:{T}:ledger"):
            real = key.replace("T", "acme")
            wait_until(lambda: w.redis.call("EXISTS", real), 20, real)
            known = money_fields(key)
            extra = [name for name in w.redis.call("HKEYS", real) if not any(p.match(name) for p in known)]
            assert known and not extra, f"not in docs/queue.md, {key}: {extra}"
        for stream, row in (("hongyan:dead", 1), ("hongyan:events", 1)):
            cells = next(cells for cells in table("## Streams") if stream in cells[0])
            flat = w.redis.call("XRANGE", stream, "-", "+")[0][1]
            assert set(flat[::2]) == {name for name in named(cells[2]) if "." not in name}, (stream, flat[::2])
