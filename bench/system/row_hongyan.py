"""(b) Hongyan whole: queued, durable, tokens, breaker, ledger, metered, outcome log on."""
import shutil

from . import campaign

LABEL = "(b) Hongyan, fsync everysec"


def missing(scenario, tools):
    if not (tools / "hongyan").exists():
        return f"no {tools / 'hongyan'}"
    return "" if shutil.which("redis-server") else "no redis-server"


def run(scenario, receiver, tools):
    return campaign.row(scenario, receiver, tools, "everysec", scenario.messages["b"])
