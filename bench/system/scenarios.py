"""What is measured. `messages` per row, for rows differ in speed by orders of magnitude."""
import dataclasses
import typing

from .receivers import HongyanSink, SmtpSink


@dataclasses.dataclass
class Scenario:
    name: str
    about: str
    receiver: typing.Callable  # tools folder -> context manager
    messages: dict             # "a" bare client, "b" Hongyan, "always" it with fsync always, "c" Postfix
    rows: tuple = ("blaster", "hongyan", "hongyan_always", "postfix")
    connections: int = 20
    size: int = 4096
    time_limit: float = 300

    def scaled(self, factor):
        scaled = {row: max(self.connections, int(n * factor)) for row, n in self.messages.items()}
        return dataclasses.replace(self, messages=scaled)


SCENARIOS = [
    Scenario("wire", "4 KB messages, no TLS, 20 connections, to Postfix smtp-sink", SmtpSink,
             {"a": 200_000, "b": 200_000, "always": 20_000, "c": 6_000}),
    Scenario("receivers", "the same client to `hongyan sink`: is the receiver the bottleneck?",
             HongyanSink, {"a": 200_000}, rows=("blaster",)),
    Scenario("latency-50ms", "each reply 50 ms late (`hongyan sink`), 20 connections",
             lambda tools: HongyanSink(tools, latency_ms=50),
             {"a": 3_000, "b": 3_000, "c": 1_200}, rows=("blaster", "hongyan", "postfix")),
]
