"""Whole messages signed on all cores, beside what the library does there when it does nothing else."""
import json
import os
import re
import statistics
import subprocess

NAME = "signing"
ABOUT = "4 KB messages, relaxed/relaxed, on all cores, beside `openssl speed rsa2048`"
WANTED = 0.8
ROWS = {"BM_SignRsa": "RSA-2048, one body for all", "BM_SignRsaPersonalBody": "RSA-2048, each body its own",
        "BM_SignEd25519": "Ed25519, one body for all", "BM_SignBoth": "both signatures, one body for all"}


def openssl(cores, seconds):
    """RSA-2048 signatures per second of all cores together."""
    done = subprocess.run(["openssl", "speed", "-seconds", str(seconds), "-multi", str(cores), "-mr", "rsa2048"],
                          capture_output=True, text=True, check=True)
    # "+F2:NUMBER:BITS:SIGNATURES PER SECOND:CHECKS PER SECOND"; the last line is the sum of all.
    return float(re.findall(r"^\+F2:\d+:2048:([0-9.e-]+):", done.stdout, re.M)[-1])


def signer(tools, seconds):
    done = subprocess.run([tools / "dkim_bench", "--benchmark_format=json", f"--benchmark_min_time={seconds}"],
                          capture_output=True, text=True, check=True)
    return {one["name"].split("/")[0]: one["items_per_second"] for one in json.loads(done.stdout)["benchmarks"]}


def run(options):
    cores = os.cpu_count()
    seconds = 1 if options.quick else 5
    rounds = [{"openssl": openssl(cores, seconds), **signer(options.tools, seconds)} for _ in range(options.runs)]
    return {"cores": cores, "rounds": rounds}


def table(r):
    middle = {name: statistics.median(one[name] for one in r["rounds"]) for name in r["rounds"][0]}
    # The ratio of each round: both halves of it met the same weather.
    ratio = statistics.median(one["BM_SignRsa"] / one["openssl"] for one in r["rounds"])
    verdict = "held" if ratio >= WANTED else f"missed by {100 * (1 - ratio / WANTED):.0f} %"
    return "\n".join([
        f"### {NAME}: {ABOUT}", "", f"| on {r['cores']} cores | per second | of openssl |", "|---|---:|---:|",
        f"| `openssl speed rsa2048`, bare signatures | {middle['openssl']:,.0f} | 1.00 |",
        *(f"| {text} | {middle[name]:,.0f} | {middle[name] / middle['openssl']:.2f} |" for name, text in ROWS.items()),
        "", f"* signing / openssl = {ratio:.2f}, wanted at least {WANTED:g}: {verdict}.", ""])
