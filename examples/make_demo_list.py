#!/usr/bin/env python3
"""Writes examples/demo.csv (10,000 rows) and examples/bad-list.csv (2,000 rows), the same each time.

The demo's receiver takes orders from the local part: bounce-550-5.1.1+N@ is refused for good,
defer-451-4.7.1-1+N@ is deferred once and then accepted.
"""
import csv
import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent
COLUMNS = ["email", "name", "city", "points", "level"]

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超秀霞平刚桂英华玉兰红梅建国志文婷雪"
LATIN = [
    ("Anna", "Schmidt"), ("John", "Miller"), ("María", "García"), ("Zoë", "Dubois"), ("Luca", "Rossi"),
    ("Jürgen", "Weiß"), ("Siobhán", "O'Neill"), ("Nguyễn", "An"), ("Priya", "Sharma"), ("Yusuf", "Demir"),
]
CITIES = ["北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "西安", "Singapore", "San José, CA", '"The Hague"']
LEVELS = ["普通", "银卡", "金卡", "钻石"]
# The receivers by their share of the list; companies share the rest.
PROVIDERS = [("qq-demo.example", 34), ("netease-demo.example", 26), ("google-demo.example", 12),
             ("sina-demo.example", 10), ("acme.example", 8)]
COMPANIES = [f"company-{n:02d}.example" for n in range(1, 21)]
INVALID = ["no-at-sign.example", "two..dots@acme.example", "blank in@acme.example", "user@", "@acme.example",
           "李雷＠acme.example", "user@no_underscores.example", "user@[192.0.2.1]", "", "user@localhost"]


def person(rng):
    if rng.random() < 0.8:
        return rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice([1, 2, 2])))
    return " ".join(rng.choice(LATIN))


def domain(rng):
    at = rng.randrange(100)
    for name, share in PROVIDERS:
        if at < share:
            return name
        at -= share
    return rng.choice(COMPANIES)


def row(rng, address):
    return [address, person(rng), rng.choice(CITIES), rng.randrange(20_000), rng.choice(LEVELS)]


def spread(rng, total, **counts):
    """One kind per row, each as often as asked, in random order."""
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    kinds += ["good"] * (total - len(kinds))
    rng.shuffle(kinds)
    return kinds


def make(path, seed, kinds):
    rng = random.Random(seed)
    good = []
    with open(HERE / path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        out.writerow(COLUMNS)
        for n, kind in enumerate(kinds, 1):
            if kind == "duplicate" and good:
                local, _, where = rng.choice(good).partition("@")
                out.writerow(row(rng, f" {local}@{where.upper()}" if rng.random() < 0.5 else f"{local}@{where}"))
            elif kind == "invalid":
                out.writerow(row(rng, rng.choice(INVALID)))
            elif kind == "bounce":
                out.writerow(row(rng, f"bounce-550-5.1.1+{n}@{domain(rng)}"))
            elif kind == "defer":
                out.writerow(row(rng, f"defer-451-4.7.1-1+{n}@{domain(rng)}"))
            else:
                good.append(f"user{n}@{domain(rng)}")
                out.writerow(row(rng, good[-1]))


if __name__ == "__main__":
    # Few bad ones: with 80 the breaker stopped one healthy demo in about a hundred, by chance.
    make("demo.csv", 20260105, spread(random.Random(1), 10_000, bounce=20, defer=200, invalid=40, duplicate=60))
    make("bad-list.csv", 20260106, spread(random.Random(2), 2_000, bounce=200))
