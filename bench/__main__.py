"""``python -m sluicegate.bench``: measures on a Kafka of its own, and writes the results as JSON and as a page."""

import logging
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sluicegate.bench.backlog import LADDER
from sluicegate.bench.cluster import OVERRIDES
from sluicegate.bench.ending import run as run_bench
from sluicegate.bench.machine import all_cores, choose_cores, describe_machine, keep_on
from sluicegate.bench.measuring import Measurement
from sluicegate.bench.plots import write_plots
from sluicegate.bench.processes import PEERS_PYTHON, ContestantError
from sluicegate.bench.report import benchmarks_document
from sluicegate.bench.results import Plan, Results
from sluicegate.deploy.kafka.jars import JarsError
from sluicegate.deploy.kafka.node import KafkaNode, KafkaNodeError, missing_requirements
from sluicegate.models import BundleError, default_bundle_path
from sluicegate.policy import default_policy_path, load_policy

_REPOSITORY = Path(__file__).resolve().parents[1]
_KEPT = _REPOSITORY / ".cache" / "bench"


def bench(
    bundle: Annotated[Path | None, typer.Option(help="The model; the shipped one without.")] = None,
    seed: Annotated[int, typer.Option(help="Of the events and of the order of contestants.")] = 1,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds; one with --quick.")] = 3,
    seconds: Annotated[float, typer.Option(min=1, help="Of work that the backlog of a contestant is chosen for.")] = 5,
    partitions: Annotated[int, typer.Option(min=1, max=64, help="Of every topic.")] = 4,
    batch_max: Annotated[int, typer.Option(min=1, help="Events of a batch at the most, of every contestant.")] = 2_000,
    pinned: Annotated[
        bool, typer.Option("--pinned/--unpinned", help="One core for the contestant, the others for all else.")
    ] = True,
    quick: Annotated[bool, typer.Option("--quick", help="A few minutes: one round of the main contestants.")] = False,
    long: Annotated[bool, typer.Option("--long", help="Watch memory and lag for ten minutes instead of two.")] = False,
    page: Annotated[Path, typer.Option(help="Where the page is written.")] = _REPOSITORY / "docs" / "benchmarks.md",
    results: Annotated[Path | None, typer.Option(help="Write the page of kept results, and measure nothing.")] = None,
) -> None:
    """Measure Sluicegate against its peers, in one run, on a Kafka started for it."""
    if results is not None:
        _write(msgspec.json.decode(results.read_bytes(), type=Results), page)
        return
    plan = Plan(
        seed=seed,
        repeats=1 if quick else repeats,
        quick=quick,
        seconds=min(seconds, 2) if quick else seconds,
        events=LADDER[-3] if quick else LADDER[-1],
        partitions=partitions,
        batch_max=batch_max,
        steady_seconds=15 if quick else 30,
        memory_seconds=600 if long else 30 if quick else 120,
    )
    try:
        found = _measure(bundle.resolve() if bundle else default_bundle_path(), plan, pinned=pinned)
    except (BundleError, ContestantError, JarsError, KafkaNodeError) as fault:
        print(fault, file=sys.stderr)
        raise typer.Exit(1) from fault
    kept = _KEPT / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    kept.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1))
    _write(found, page)


def _measure(bundle: Path, plan: Plan, *, pinned: bool) -> Results:
    # Clients tell of every look at a topic that is not led yet, and then look again.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    missing = missing_requirements()
    if missing is not None:
        raise KafkaNodeError(missing)
    if not PEERS_PYTHON.exists():
        raise ContestantError("the peers' packages are not installed; `make bench` does so")
    machine, cores, everything = describe_machine(), choose_cores(pinned=pinned), all_cores()
    if cores.rest is not None:
        # Before Kafka starts, which thereby shares them, as do the generators of loads.
        os.sched_setaffinity(0, cores.rest)
    with (
        tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as folder,
        KafkaNode(Path(folder), overrides=OVERRIDES) as node,
    ):
        policy = load_policy(default_policy_path())

        def unpin() -> None:
            for pid in (os.getpid(), node.pid):
                if pid is not None:
                    keep_on(pid, everything)

        return Measurement(node.bootstrap, bundle, policy, plan, cores, _KEPT / "bundles", unpin, _say).run(machine)


def _write(results: Results, page: Path) -> None:
    plots = write_plots(results, page.parent / "benchmarks")
    document = benchmarks_document(results, [f"benchmarks/{plot.name}" for plot in plots])
    page.write_text(document, encoding="utf-8")
    print(document)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    run_bench(bench)
