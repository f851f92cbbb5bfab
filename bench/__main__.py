"""``python -m sluicegate.bench``: measures on a Kafka of its own, and writes the results as JSON and as a page."""

import logging
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sluicegate.bench.cluster import OVERRIDES
from sluicegate.bench.measuring import measure
from sluicegate.bench.processes import ContestantError
from sluicegate.bench.report import benchmarks_document
from sluicegate.bench.results import Plan
from sluicegate.deploy.kafka.jars import JarsError
from sluicegate.deploy.kafka.node import KafkaNode, KafkaNodeError, missing_requirements
from sluicegate.models import BundleError, default_bundle_path, load_bundle
from sluicegate.policy import default_policy_path, load_policy

_REPOSITORY = Path(__file__).resolve().parents[1]


def bench(
    bundle: Annotated[Path | None, typer.Option(help="The model; the shipped one without.")] = None,
    seed: Annotated[int, typer.Option(help="Of the events and of the order of contestants.")] = 1,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds, and steady loads.")] = 3,
    events: Annotated[int, typer.Option(min=1_000, help="Events of the backlog.")] = 40_000,
    faust_events: Annotated[int, typer.Option(min=1_000, help="Events after which stock Faust is stopped.")] = 12_000,
    partitions: Annotated[int, typer.Option(min=1, max=64, help="Of every topic.")] = 4,
    batch_max: Annotated[int, typer.Option(min=1, help="Texts of a batch at the most.")] = 500,
    paced_seconds: Annotated[float, typer.Option(min=10, help="Of each steady load for the latency.")] = 60,
    long: Annotated[bool, typer.Option("--long", help="Watch memory for ten minutes instead of two.")] = False,
    page: Annotated[Path, typer.Option(help="Where the page is written.")] = _REPOSITORY / "docs" / "benchmarks.md",
) -> None:
    """Measure Sluicegate against stock Faust and a plain scoring loop, in one run, on a Kafka started for it."""
    chosen = bundle.resolve() if bundle else default_bundle_path()
    plan = Plan(
        seed=seed,
        repeats=repeats,
        events=events,
        faust_events=min(faust_events, events),
        score_events=min(10_000, events),
        partitions=partitions,
        batch_max=batch_max,
        paced_seconds=paced_seconds,
        memory_seconds=600 if long else 120,
    )
    # Clients tell of every look at a topic that is not led yet, and then look again.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        load_bundle(chosen)
        _refuse_without(missing_requirements())
        with (
            tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as folder,
            KafkaNode(Path(folder), overrides=OVERRIDES) as node,
        ):
            results = measure(node.bootstrap, chosen, load_policy(default_policy_path()), plan, _say)
    except (BundleError, ContestantError, JarsError, KafkaNodeError) as fault:
        print(fault, file=sys.stderr)
        raise typer.Exit(1) from fault
    kept = _REPOSITORY / ".cache" / "bench" / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
    document = benchmarks_document(results)
    page.write_text(document, encoding="utf-8")
    print(document)


def _refuse_without(missing: str | None) -> None:
    if missing is not None:
        raise KafkaNodeError(missing)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(bench)
