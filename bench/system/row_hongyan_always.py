"""(b) with `appendfsync always`: nothing is lost even when engine and Redis die together."""
from . import campaign
from .row_hongyan import missing  # noqa: F401  part of what a row offers

LABEL = "(b) Hongyan, fsync always"


def run(scenario, receiver, tools):
    return campaign.row(scenario, receiver, tools, "always", scenario.messages["always"])
