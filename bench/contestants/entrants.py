"""Who takes part: each contestant by its module, and the rate that it is expected to have before it was measured."""

from typing import Final, Literal

import msgspec

__all__ = ["ENTRANTS", "MAIN", "WORKLOADS", "Entrant", "Workload", "command_of", "entrant", "entrants_of"]

Workload = Literal["default", "words", "none"]

WORKLOADS: Final[tuple[Workload, ...]] = ("default", "words", "none")


class Entrant(msgspec.Struct, frozen=True):
    """A contestant.

    Attributes
    ----------
    name, title
        In results, and on the page.
    module
        What Python runs.
    expected
        Events a second for each workload, about: the first backlog is chosen by it. What has no rate for a workload
        takes no part in it.
    is_peer
        Whether it needs the peers' packages.
    arguments
        After the workload.
    """

    name: str
    title: str
    module: tuple[str, ...]
    expected: dict[Workload, float]
    is_peer: bool = True
    arguments: tuple[str, ...] = ()


def _peer(name: str, title: str, module: str, default: float, words: float, none: float) -> Entrant:
    path = f"sluicegate.bench.contestants.{module}"
    return Entrant(name, title, (path,), {"default": default, "words": words, "none": none})


ENTRANTS: Final = (
    Entrant(
        "sluicegate",
        "**Sluicegate's worker**",
        ("sluicegate", "worker"),
        {"default": 20_000, "words": 20_000, "none": 30_000},
        is_peer=False,
    ),
    _peer("faust", "stock Faust, one event at a time", "stock_faust", 800, 1_200, 2_500),
    _peer("faust-take", "Faust with `take`", "faust_take", 2_500, 4_000, 5_000),
    _peer("faststream", "FastStream in batches", "faststream_batches", 6_000, 15_000, 25_000),
    _peer("quix", "quix-streams with a batching sink", "quix_sink", 6_000, 12_000, 15_000),
    _peer("bytewax", "bytewax", "bytewax_flow", 6_000, 15_000, 25_000),
    _peer("aiokafka", "a plain aiokafka loop", "aiokafka_loop", 6_000, 15_000, 80_000),
    _peer("confluent", "a plain confluent-kafka loop", "confluent_loop", 6_000, 15_000, 80_000),
    Entrant(
        "confluent-flush",
        "the same, flushing and committing after each batch",
        ("sluicegate.bench.contestants.confluent_loop",),
        {"none": 60_000},
        arguments=("each",),
    ),
    Entrant(
        "scorer",
        "the bare scorer, without Kafka",
        ("sluicegate.bench.contestants.plain_loop",),
        {"default": 60_000, "words": 60_000},
        is_peer=False,
    ),
)

#: Those that a quick run has.
MAIN: Final = ("sluicegate", "faust", "faststream", "confluent", "scorer")

_SILENT: Final = ("sluicegate.bench.contestants.silent_worker",)


def entrant(name: str) -> Entrant:
    """Give a contestant by its name."""
    return next(each for each in ENTRANTS if each.name == name)


def entrants_of(workload: Workload, *, quick: bool) -> list[str]:
    """Give the names of those that take part in a workload."""
    return [each.name for each in ENTRANTS if workload in each.expected and (not quick or each.name in MAIN)]


def command_of(each: Entrant, workload: Workload) -> tuple[str, ...]:
    """Give what Python runs: peers are told the workload, and Sluicegate without a model is another program."""
    if each.is_peer:
        return (*each.module, "none" if workload == "none" else "model", *each.arguments)
    return _SILENT if workload == "none" else each.module
