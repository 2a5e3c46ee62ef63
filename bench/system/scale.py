"""What a campaign costs as it grows: engine memory flat, Redis work per message flat, total linear."""
from . import campaign
from .hongyan import Hongyan
from .receivers import SmtpSink

NAME = "scale"
ABOUT = "one campaign of N recipients from submit to done; engine and Redis new for each N"


def sizes(options):
    if options.quick:
        return [2_000, 20_000]
    return [10_000, 100_000] + ([1_000_000] if options.full else [])


def run(options):
    results = []
    with SmtpSink(options.tools) as receiver:
        for count in sizes(options):
            with Hongyan(options.tools, receiver.address, receiver.port, 20,
                         rewrites=False) as system:
                results.append(campaign.send(system, receiver, count, 4096, 600))
    return results


def table(results):
    lines = [f"### {NAME}: {ABOUT}", "",
             "| recipients | messages/s | engine RSS at the end, peak (MiB) | Redis calls from the engine "
             "| commands inside them | bytes in, out | AOF bytes | AOF MiB in all |",
             "|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for r in results:
        redis, n = r["redis"], r["messages"]
        lines.append(
            f"| {n:,} | {n / r['seconds']:,.0f} | {r['engine_rss_kib'] / 1024:.1f}, "
            f"{r['engine_peak_rss_kib'] / 1024:.1f} | {redis['requests_per_message']:.3f} "
            f"| {redis['commands_per_message']:.2f} | {redis['bytes_in_per_message']:.0f}, "
            f"{redis['bytes_out_per_message']:.0f} | {redis['aof_bytes_per_message']:.0f} "
            f"| {redis['aof_bytes_per_message'] * n / 2**20:.1f} |")
    first, last = results[0], results[-1]
    grew = last["engine_peak_rss_kib"] / first["engine_peak_rss_kib"]
    return "\n".join([*lines, "", "Redis columns are per message. From the smallest to the largest list "
                      f"the engine's peak grew by a factor of {grew:.2f}, the commands per message by "
                      f"{last['redis']['commands_per_message'] / first['redis']['commands_per_message']:.2f}.",
                      ""])
